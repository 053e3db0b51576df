//! Expressions and bounds by hand; what Jinja2 itself renders is recorded in `chat_templates.json`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::*;

fn render(source: &str) -> Result<String, String> {
    let read = Template::new(source).map_err(|fault| format!("{}: {}", fault.line, fault.message))?;
    let value = json::parse(r#"{"b": [1, 2.5, null, "x"], "a": {"é": true}}"#).expect("JSON");
    let day = "2026-11-26T13:05:09".parse().expect("a day");
    read.render(vec![("value", value), ("none_given", Value::None)], day)
        .map_err(|fault| format!("{}: {}", fault.line, fault.message))
}

/// How long this thread has computed.
fn computed() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is there to be filled
    let told = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(told, 0);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).expect("below a second"),
    )
}

#[test]
fn what_a_hostile_template_asks_for_has_bounds() {
    let started = computed();
    let sums = format!("{{{{ 1{} }}}}", " + 1".repeat(20_000));
    assert_eq!(render(&sums).as_deref(), Ok("20001"));
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(20_000), ")".repeat(20_000));
    let nots = format!("{{{{ {} 1 }}}}", "not ".repeat(20_000));
    let ifs = "{% if 1 %}".repeat(20_000);
    for (source, why) in [
        (
            "{% set ns = namespace(x='ab') %}{% for i in range(90) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            "too much text",
        ),
        (
            "{% set ns = namespace(x=[1]) %}{% for i in range(90) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            "too much text",
        ),
        (
            "{% set ns = namespace(x='ab') %}{% for i in range(90) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            "too much text",
        ),
        (
            "{% set ns = namespace(x='ab') %}{% for i in range(90) %}{% set ns.x = ns.x.replace('a', 'aaaa') %}{% endfor %}",
            "too much text",
        ),
        (
            "{% set ns = namespace(x='ab') %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}",
            "too much text",
        ),
        ("{{ 'x' * 10000000000000 }}", "too much text"),
        ("{{ [1] * 10000000000000 }}", "too much text"),
        ("{{ 'a\nb' | indent(100000000000) }}", "too much text"),
        ("{{ [[1]] | tojson(indent=100000000000) }}", "too much text"),
        ("{{ 'x'.center(100000000000) }}", "too much text"),
        ("{{ '%100000000d' % 1 }}", "too wide"),
        ("{{ '{:100000000}'.format(1) }}", "too wide"),
        (
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
            "too m",
        ),
        ("{{ range(1000000) }}", "Range too big"),
        ("{{ 10 ** 1000 }}", "too large"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nests too deeply"),
        (
            "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
            "nests too deeply",
        ),
        (
            "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}",
            "nest too deeply",
        ),
        (&deep, "nests too deeply"),
        (&nots, "nests too deeply"),
        (&ifs, "nests too deeply"),
    ] {
        let error = render(source).expect_err(source);
        assert!(error.contains(why), "{source:.80}: {error}");
    }
    // what others do on this machine takes none of it
    assert!(computed() - started < Duration::from_secs(60));
}

#[test]
fn a_rendering_is_broken_off() {
    let cancel = Arc::new(AtomicBool::new(true));
    let template = Template::new("{% for a in range(9999) %}{{ a }}{% endfor %}").expect("template");
    let fault = cancelled_by(&cancel, || template.render(Vec::new(), Moment::UNRECORDED)).expect_err("broken off");
    assert!(fault.message.contains("broken off"), "{}", fault.message);
    assert!(template.render(Vec::new(), Moment::UNRECORDED).is_ok());
}

#[test]
fn broken_templates_are_errors_with_their_line() {
    for source in [
        "{%",
        "{{",
        "{#",
        "{%}",
        "{{}}",
        "{% %}",
        "{%-",
        "{% raw %}",
        "{% if %}",
        "{% if x %}",
        "{% endif %}",
        "{% for x %}",
        "{% set %}",
        "{% set x = %}",
        "{{ 'a }}",
        "{{ a. }}",
        "{{ a[ }}",
        "{{ a[] }}",
        "{{ a( }}",
        "{{ (a }}",
        "{{ a | }}",
        "{{ a is }}",
        "{% macro %}",
        "{% do x %}",
        "{{ a b }}",
        "{{ [1 }}",
        "{{ {1 }}",
        "{{ 1e }}",
        "{{ 0x }}",
        "{{ ? }}",
        "{% include 'x' %}",
        "{{ '\\x1' }}",
        "{% break %}",
        "{% for true in x %}{% endfor %}",
        "{{ a ] }}",
        "{% é",
        "{{ '\\u12é' }}",
        "{{ '\\N{x}' }}{%",
        "{% set x",
        "{% call x %}{% endcall %}",
        "{{ 1 if }}",
    ] {
        let error = render(source).expect_err(source);
        assert!(!error.starts_with("0:"), "{source}: {error}");
    }
    let error = render("one\n{{ 1 }}\n{{ missing.attribute }}").expect_err("undefined");
    assert_eq!(error, "3: 'missing' is undefined");
}

#[test]
fn templates_are_told_the_day() {
    assert_eq!(
        render("{{ strftime_now('%d %b %Y') }}, {{ strftime_now('%A %-H:%M') }}").as_deref(),
        Ok("26 Nov 2026, Thursday 13:05")
    );
}

#[test]
fn bytes_of_texts_are_refused_by_name() {
    let error = render("{{ 'é'.encode('utf-8') | length }}").expect_err("bytes");
    assert!(
        error.contains("str.encode()") && error.contains("set `template`"),
        "{error}"
    );
    assert!(render("{{ 'x'.encode is defined }}").is_ok());
}
