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
