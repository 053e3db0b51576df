# What transformers renders from chat templates that use what models' templates use, for Corral's own rendering to match.
"""python chat_templates.py   writes chat_templates.json (venv: requirements-transformers.txt)"""

import json
from pathlib import Path

from transformers import AutoTokenizer

HERE = Path(__file__).parent
TEMPLATES = {
    "lines": """{# Tags on lines of their own leave no lines behind. #}
{{ bos_token }}
{% for message in messages %}
    {% if loop.first and message['role'] == 'system' %}
[S]{{ message['content'] | trim }}
    {%- elif message.role == 'user' %}

[U {{ loop.index }}/{{ loop.length }}] {{ message.content }}
    {% else %}
{{ '[A] ' ~ message.content ~ eos_token }}
    {% endif %}
{% endfor %}
{% if add_generation_prompt %}
[A]
{%- endif %}
""",
    "inside": """{%- if messages[0]['role'] == 'system' %}{% set first = messages[0]['content'] %}{% set rest = messages[1:] %}
{%- else %}{% set first = none %}{% set rest = messages %}{% endif -%}
{%- for m in rest -%}
{%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) -%}
{{ raise_exception('turns must alternate, turn ' + loop.index|string + ' does not') }}
{%- endif -%}
{%- set text = (first + '\\n\\n' if loop.index0 == 0 and first is not none else '') + m['content'].strip() -%}
{{ ('<q>' + text + '</q>') if m['role'] == 'user' else (' ' + text + ' ' + eos_token) }}
{%- endfor -%}""",
    "tools": """{%- set ns = namespace(last=-1, names=[]) -%}
{%- for m in messages[::-1] -%}{%- if m.role == 'user' and ns.last < 0 -%}{%- set ns.last = messages|length - 1 - loop.index0 -%}{%- endif -%}{%- endfor -%}
{%- if tools -%}{%- for t in tools -%}{%- set ns.names = ns.names + [t.function.name] -%}{%- endfor -%}
tools: {{ ns.names | join(', ') }} {{ tools | tojson }}
{{ tools[0] | tojson(indent=4) }}
{% for key, value in tools[0].function.items() if key != 'name' %}{{ key }}={{ value if value is string else value | tojson }};{% endfor %}
{%- endif -%}
{%- set asked = messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list -%}
({{ asked | length }}, {{ ns.last }}, {{ asked[-1] | upper }})
{%- for m in messages -%}
{%- if m.tool_calls is defined and m.tool_calls -%}
{%- for c in m.tool_calls -%}<call>{{ c.function.name }} {{ c.function.arguments | tojson }}</call>{%- endfor -%}
{%- elif m.role == 'tool' -%}<answer>{{ m.content if m.content is string else m.content | tojson }}</answer>
{%- else -%}<{{ m.role }}>{{ m['content'] }}</{{ m.role[0] }}>
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}<assistant>{%- endif -%}""",
    "thoughts": """{%- macro block(role, text) -%}<|im_start|>{{ role }}{{ '\\n' }}{{ text }}<|im_end|>{{ '\\n' }}{%- endmacro -%}
{%- for m in messages -%}
{%- set content = m.content -%}
{%- if m.role == 'assistant' -%}
{%- set thought = '' -%}
{%- if '</think>' in content -%}
{%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') -%}
{%- set content = content.split('</think>')[-1].lstrip('\\n') -%}
{%- endif -%}
{%- if loop.last and (thought or not content.startswith('\\n')) -%}{%- set content = '<think>\\n' + thought.strip() + '\\n</think>\\n\\n' + content -%}{%- endif -%}
{%- endif -%}
{{- block(m.role, content.replace('mill', 'MILL')) -}}
{%- endfor -%}
{%- if add_generation_prompt is defined and add_generation_prompt -%}
{{- '<|im_start|>assistant\\n' -}}
{%- if enable_thinking is defined and enable_thinking is false -%}{{- '<think>\\n\\n</think>\\n\\n' -}}{%- endif -%}
{%- endif -%}""",
    "control": """{%- set note = "one\\
 \\"two\\" \\u00e9\\t" -%}
{{- note -}}
{%- for m in messages -%}
{%- if m.role == 'system' -%}{%- continue -%}{%- endif -%}
{%- if loop.index > 4 -%}{%- break -%}{%- endif -%}
{%- if m.role == 'assistant' -%}{% generation %}{{ m.content | trim }}{{ eos_token }}{% endgeneration %}
{%- else -%}{{ '[' ~ (m.content | length) ~ ']' }}{{ m.content | replace('\\n', ' ') | lower if m.content is string }}{{ ' once' if loop.first else ' again' }}:
{%- endif -%}
{%- endfor -%}""",
}
# Python's methods, operators and writing of values, and Jinja's filters with their arguments, one a line.
PYTHON = [
    "{{ s.rsplit(' ', 1) }}",
    "{{ s.split() }}",
    "{{ s.split(' ', 1) }}",
    "{{ s.split(None, 1) }}",
    "{{ s.rsplit(None, 1) }}",
    "{{ s.split(sep='o', maxsplit=1) }}",
    "{{ s.partition(' ') }}",
    "{{ s.rpartition('o') }}",
    "{{ s.center(40, '*') }}",
    "{{ 'abc'.center(6) ~ '|' ~ 'ab'.center(5) ~ '|' }}",
    "{{ s.zfill(30) ~ '-5'.zfill(4) }}",
    "{{ s.ljust(30,'.') ~ s.rjust(30) }}",
    "{{ s.find('o'), s.rfind('o'), s.index('W'), s.count('o'), s.find('zz') }}",
    "{{ s.startswith('Hell') , s.endswith(('baz','x')), s.startswith('World', 6) }}",
    "{{ s.removeprefix('Hello '), s.removesuffix('baz') }}",
    "{{ s.replace('o','0',1), s.replace('o','0') }}",
    "{{ s.isalpha(), 'abc'.isalpha(), '12'.isdigit(), 'a1'.isalnum(), ' '.isspace(), 'Aa'.istitle(), 'x'.isidentifier(), 'é'.isascii() }}",
    "{{ 'a,b;c'.replace(',', ';').split(';') }}",
    "{{ 'a\\nb\\r\\nc\\x0bd'.splitlines() }}",
    "{{ 'a\\nb'.splitlines(True), 'a\\n'.splitlines(keepends=True) }}",
    "{{ '-'.join(['a','b']) }}",
    "{{ '{} {}'.format('a', 2) }}",
    "{{ '{0:>5}|{1:<5}|{2:^5}|{3:05d}|{4:.2f}|{5:,}'.format('a','b','c',42,3.14159,1234567) }}",
    "{{ '{name!r:>8}'.format(name='x') }}",
    "{{ '{a[b]}'.format(a={'b': 3}) }}",
    "{{ '%s is %d years, %.2f %5s|%-5s|%05d %x %%' % ('a', 3, 2.5, 'x', 'y', 42, 255) }}",
    "{{ '%(a)s-%(b)03d' % {'a': 1, 'b': 2} }}",
    "{{ '%s' % 'x' }}",
    "{{ '%s' % [1,2] }}",
    "{{ '%g %g %e' % (0.0001, 1e10, 12345.678) }}",
    "{{ '%r' % 'it\\'s' }}",
    "{{ l.index(1), l.count(3), l.copy() }}",
    "{{ d.get('a'), d.get('zz'), d.get('zz', 5), d.keys()|list, d.values()|list }}",
    "{{ d['items'] }}",
    "{{ d|length, l|length, s|length }}",
    "{{ d|dictsort, d|dictsort(reverse=true), d|dictsort(by='value')|list if false else 1 }}",
    "{{ l|sort, l|sort(reverse=true), ['b','A','c']|sort, ['b','A','c']|sort(case_sensitive=true) }}",
    "{{ messages|map(attribute='role')|list, messages|map(attribute='role')|join(', ') }}",
    "{{ messages|selectattr('role','equalto','user')|list|length, messages|selectattr('tool_calls','defined')|list|length }}",
    "{{ messages|rejectattr('role','in',['user','system'])|map(attribute='content')|list }}",
    "{{ messages|groupby('role')|map(attribute='0')|list }}",
    "{{ l|select('odd')|list, l|reject('greaterthan', 1)|list, [0,1,'',none]|select|list }}",
    "{{ l|sum, l|max, l|min, l|first, l|last, []|first }}",
    "{{ l|batch(2)|list, l|batch(2,'x')|list, l|slice(2)|list, l|slice(2,'x')|list }}",
    "{{ ['a','A','b']|unique|list }}",
    "{{ l|reverse|list, s|reverse }}",
    "{{ s|truncate(11), s|truncate(11,true), s|truncate(11,false,'!',0), s|truncate(100) }}",
    "{{ s|truncate(12, leeway=0) }}",
    "{{ s|wordcount, 'a_b c-d'|wordcount }}",
    "{{ s|urlencode, {'a b':'c&d/'}|urlencode, 'é/x?'|urlencode }}",
    "{{ s|replace('o','0',1), s|replace('o','0',count=1), s|replace('o', '0') }}",
    "{{ s|title, 'foo-bar (baz) [qux]'|title }}",
    "{{ s|wordwrap(8), 'aaaaaaaaaaaa bb'|wordwrap(5), 'aaaaaaaaaaaa bb'|wordwrap(5,false) }}",
    "{{ 'a\\nb\\n\\nc'|indent, 'a\\nb\\n\\nc'|indent(2,true), 'a\\nb\\n\\nc'|indent(2,blank=true), 'a\\nb'|indent('> ') }}",
    "{{ s|center(40) ~ '|' }}",
    "{{ '<a href=\"x\">b &amp; c</a>'|striptags }}",
    "{{ '<&>\"\\''|e }}",
    "{{ '%s-%s'|format('a', 1), '%(x)s'|format(x=2) }}",
    "{{ '42'|int, '4.7'|int, 'x'|int, 'x'|int(-1), '0x1f'|int(base=16), '11'|int(base=2), none|int }}",
    "{{ '4.5'|float, 'x'|float, 'x'|float(1.5) }}",
    "{{ 2.5|round, 3.5|round, 2.567|round(2), 2.567|round(1,'ceil'), 2.567|round(1,'floor'), 42|round, 2.675|round(2) }}",
    "{{ 1000000|filesizeformat, 1|filesizeformat, 500|filesizeformat, 1048576|filesizeformat(true) }}",
    "{{ -5|abs, 5.5|abs }}",
    "{{ d|items|list }}",
    "{{ x|default('y'), ''|default('y'), ''|default('y', true), none|d('z'), x|d }}",
    "{{ tools|tojson }}",
    "{{ tools|tojson(indent=2) }}",
    "{{ tools|tojson(separators=(',',':'), sort_keys=true) }}",
    "{{ tools|tojson(ensure_ascii=true) }}",
    "{{ d|tojson(sort_keys=true), none|tojson, true|tojson, 1.0|tojson, 1e20|tojson, 1e-7|tojson, \"a\\\"\\\\\\n\\u2028\"|tojson }}",
    "{{ {1:2,'a':none}|tojson }}",
    "{{ {true:1, none:2, 1.5:3}|tojson }}",
    "{{ []|tojson(indent=2), {}|tojson(indent=2) }}",
    "{{ 'a' 'b' ~ 'c' }}",
    "{{ '\\u00e9\\x41\\n\\t\\\\ \\d \\101' }}",
    "{{ 1 + 2 * 3 ** 2 - 4 // 3 % 2, 7 / 2, -7 // 2, -7 % 3, 2 ** -1, 2 ** 3 ** 2 }}",
    "{{ -2 ** 2 }}",
    "{{ 7.5 // 2, -7.5 % 2 }}",
    "{{ 'ab' * 3, [1] * 2, 3 * 'x' }}",
    "{{ [1] + [2], (1,) + (2,) }}",
    "{{ 1 < 2 < 3, 1 < 3 < 2, 1 == 1.0, 'a' < 'b', [1,2] < [1,3], true == 1 }}",
    "{{ 'a' in 'abc', 1 in l, 'b' in d, 1 not in l, 'x' in x }}",
    "{{ not 1, not '', 1 and 2, 0 or 'x', '' and 1, none or false }}",
    "{{ 1 if t else 2, 1 if e, (1 if e) is defined }}",
    "{{ s[0], s[-1], s[1:3], s[::-1], l[0], l[-1], l[::2], l[5], s[50] }}",
    "{{ l[5] is defined, d.zz is defined, d['zz'] is undefined }}",
    "{{ l[1:][0], l[:-1], l[-2:], s[:5][::-1] }}",
    "{{ x == y, x == none }}",
    "{{ x|length, x|list, x ~ 'a' }}",
    "{{ none ~ true ~ 1.0 ~ l ~ d ~ 'é' }}",
    "{{ [none, true, 1.0, 'a', \"it's\", 'a\"b', 'q\\'\"', '\\n\\\\é\\u2028\\x00']  }}",
    "{{ (1,), (1,2), (), {}, {'a': (1,)} }}",
    "{{ 1e16, 1e15, 123456789012345680.0, 1e-5, 0.0001, 1e22, 0.1, 1.0, 100.0, -0.0, 1.5e300 }}",
    "{{ 1_000, 0x1F, 0b11, 0o17, 1.5e3, 1e3 }}",
    "{{ range(3)|list, range(1,4)|list, range(5,0,-2)|list }}",
    "{{ dict(a=1, b=2), dict({'x': 1}, y=2) }}",
    "{{ namespace(a=1).a }}",
    "{{ cycler('a','b').next() }}",
    "{{ joiner('|')() ~ 'x' }}",
    "{{ 1 is odd, 2 is even, 6 is divisibleby 3, 6 is divisibleby(4) }}",
    "{{ none is none, x is none, 1 is number, 1.5 is float, 1 is integer, true is integer, true is boolean, 'a' is string, l is sequence, d is mapping, d is sequence, s is iterable, 1 is iterable }}",
    "{{ 1 is sameas 1, true is true, false is false, 1 is true, 'x' is in ['x'], 3 is gt 2, 3 is eq(3), 'a' is lower, 'A' is upper }}",
    "{{ 'upper' is filter, 'nope' is filter, 'odd' is test }}",
    "{{ 1 is not odd, not 1 is odd }}",
    "{{ x is defined and x.y }}",
    "{{ l is not string and l }}",
    "{{ s.foo, s.foo is defined }}",
    "{{ messages[0].role, messages[-1]['content'], messages[1:]|length }}",
    "{{ messages[0].keys()|list }}",
    "{{ 'a'|upper|lower|length }}",
    "{{ [1,2,3]|map('string')|join, ['a','b']|map('upper')|list, ['1']|map('int')|list, [{'a':1},{}]|map(attribute='a', default=9)|list }}",
    "{{ ['  a ']|map('trim')|list }}",
    "{{ messages|map(attribute='content')|map('length')|list }}",
    "{{ messages|last }}",
    "{{ (messages|last).content }}",
    "{{ 'x' if 'a' in d and d.a is number else 'y' }}",
    "{{ l|join('-'), l|join, messages|join(',', attribute='role') }}",
    "{{ \"a\" ~ (\"b\" if true else \"c\") ~ \"d\" }}",
    "{{ \"%d\" % 3.7, \"%i\" % 2, \"%c\" % 65, \"%5.1f|\" % 2.25, \"%+d\" % 3, \"% d\" % 3, \"%#x\" % 255, \"%o\" % 8 }}",
    "{{ \"{:,.2f} {:>10} {:+d} {:%} {:x} {:b} {!s}\".format(1234.5, 'r', 5, 0.25, 255, 5, none) }}",
    "{{ \"{{}} {}\".format(1) }}",
    "{{ s.expandtabs(), 'a\\tb'.expandtabs(4) }}",
    "{{ \"x\".join(\"abc\"), \"abc\"|list, \"abc\"|join(\"-\") }}",
    "{{ s.strip('Hz'), '  x '.strip(), 'xxaxx'.lstrip('x'), 'abc'.rstrip('bc'), '\\u3000x\\u00a0'.strip() }}",
    "{{ s|trim('Hz'), '  x '|trim }}",
    "{{ d == {'a':2,'b':1,'items':'x'}, [1,2]==[1,2], (1,2)==[1,2] }}",
    "{{ s|string is string, 5|string ~ 5 }}",
    "{{ true + 1, true|int, true|string }}",
    "{{ not x, x is undefined }}",
    "{{ n.bit_length(), f.is_integer() }}",
    "{{ s|pprint }}",
    "{{ s | upper if t else s }}",
    "{{ -n, +n, -f, - -n, not not n }}",
    "{{ [3,1,2]|sort|first, [[2,'b'],[1,'a']]|sort, [{'a':2},{'a':1}]|sort(attribute='a')|map(attribute='a')|list }}",
    "{{ {'x':{'y':[5]}}.x.y.0 }}",
    "{{ l.0, l.2 }}",
    "{{ 'tojson' is filter }}",
]
TEMPLATES["python"] = '''{%- set s = 'Hello World foo-bar  baz' -%}{%- set n = 7 -%}{%- set f = 2.5 -%}{%- set l = [3, 1, 2] -%}{%- set d = {'b': 1, 'a': 2, 'items': 'x'} -%}{%- set e = '' -%}{%- set t = true -%}\n''' + "\n".join(PYTHON)
TOOL = {"type": "function", "function": {"name": "add", "description": "a <sum> & 'more'", "parameters": {
    "type": "object", "properties": {"z": {"type": "number"}, "a": {"type": "string", "enum": ["é", "東"]}}, "required": []}}}
CALL = {"name": "add", "arguments": {"z": 1.5, "a": None, "list": [1, {"x": True}]}}
CONVERSATIONS = [
    dict(messages=[("user", "Hi"), ("assistant", "Hello!")]),
    dict(system="  Be brief.\n", messages=[("user", " What?\n"), ("assistant", "A\n\nB ")]),
    dict(messages=[("user", "a <b> & 'c' mill"), ("assistant", "one"), ("user", "東京？🦙"), ("assistant", "<think>\nhm mill\n</think>\n\nは\"い")]),
    dict(system="S", messages=[("user", "x"), ("assistant", "<think>a</think>one"), ("user", "y"), ("assistant", "\n two \n"),
                               ("user", "z"), ("assistant", "")]),
    # As in data files: JSON in a text, so that the order of keys is part of it.
    dict(tools=json.dumps([TOOL, TOOL]), messages=[("user", "1+1?"), ("call", json.dumps(CALL)), ("tool", '{"r": 2}'), ("assistant", "Two.")]),
]


def messages_of(conversation):
    out = [dict(role="system", content=conversation["system"])] if "system" in conversation else []
    for role, content in conversation["messages"]:
        if role == "call":
            out.append(dict(role="assistant", content="", tool_calls=[dict(type="function", function=json.loads(content))]))
        else:
            out.append(dict(role=role, content=content))
    return out


def main():
    tok = AutoTokenizer.from_pretrained(HERE / "models/llama")
    rendered = {}
    for name, source in TEMPLATES.items():
        rendered[name] = []
        for conversation in CONVERSATIONS:
            tools = json.loads(conversation["tools"]) if "tools" in conversation else None
            messages = messages_of(conversation)
            row = {}
            for key, shown, lead in [("prompt", messages[:-1], True), ("full", messages, False)]:
                try:
                    row[key] = tok.apply_chat_template(shown, tools=tools, chat_template=source,
                                                       add_generation_prompt=lead, tokenize=False)
                except Exception as error:  # what the template raises is part of what must agree
                    row[key] = dict(error=str(error))
            rendered[name].append(row)
    out = dict(templates=TEMPLATES, conversations=CONVERSATIONS, rendered=rendered)
    (HERE / "chat_templates.json").write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
