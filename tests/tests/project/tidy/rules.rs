//! The rules themselves: what is wrong with the text of a file, told by line.

use std::collections::{BTreeMap, BTreeSet};

/// A file has no more lines than this.
pub const LONG: usize = 399;
/// One of the board has no more: most of it is marks of a page, which are read slower than a program.
pub const LONG_PAGE: usize = 300;

/// A component has no more lines than this, from its `fn` to its closing brace.
pub const LONG_COMPONENT: usize = 100;

/// What values on a device are lent as, whatever they are on the inside.
const LENT: &[&str] = &["Buf", "View", "ViewMut", "Operand"];

/// One place that breaks a rule: its line, and what is wrong.
#[derive(Debug, PartialEq)]
pub struct Fault {
    pub line: usize,
    pub rule: String,
}

/// What is wrong with a file whatever is in it: its length, and its first line.
pub fn shape(text: &str, most: usize) -> Vec<Fault> {
    let mut faults = vec![];
    let purpose = text.lines().next().and_then(|line| line.strip_prefix("//! "));
    if purpose.is_none_or(|words| words.trim().is_empty()) {
        let rule = "a file opens with a `//!` line on its purpose".to_owned();
        faults.push(Fault { line: 1, rule });
    }
    let lines = text.lines().count();
    if lines > most {
        let rule = format!("a file has {most} lines at most: cut it by subject");
        faults.push(Fault { line: lines, rule });
    }
    faults
}

/// Components that are too long to be read as one thing, by the line of their `fn`.
pub fn long_components(text: &str) -> Vec<Fault> {
    let lines: Vec<&str> = text.lines().collect();
    let marks = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.trim() == "#[component]");
    let length = |(mark, _): (usize, &&str)| {
        let begin = mark + lines.iter().skip(mark).position(|line| line.contains("fn "))?;
        let indent = lines[begin].len() - lines[begin].trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        let length = 1 + lines.iter().skip(begin).position(|line| *line == end)?;
        Some((begin + 1, length))
    };
    let long = marks.filter_map(length).filter(|(_, length)| *length > LONG_COMPONENT);
    let rule = |length| format!("a component of {length} lines: {LONG_COMPONENT} at most, cut it into parts");
    long.map(|(line, length)| Fault {
        line,
        rule: rule(length),
    })
    .collect()
}

/// The lines of a program without its tests and comments, numbered from 1.
pub fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let program = program
        .split("#[cfg(test)]\npub mod tests {")
        .next()
        .unwrap_or_default();
    let lines = program.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.enumerate().map(|(at, line)| (at + 1, line))
}

/// Devices that are named in a program.
pub fn devices(text: &str) -> Vec<Fault> {
    let named = |line: &str| {
        ["Device::Cpu", "Device::cpu(", "new_cuda", "new_metal", "Engine::cpu("]
            .iter()
            .any(|name| line.contains(name))
    };
    code(text)
        .filter(|(_, line)| named(line))
        .map(|(line, _)| Fault {
            line,
            rule: "only the engine names a device: compute on the one that was handed down".to_owned(),
        })
        .collect()
}

/// Where a program begins work that nobody owns.
pub fn spawns(text: &str) -> Vec<Fault> {
    let begins = |line: &str| {
        ["tokio::spawn", "task::spawn(", "task::{spawn", "JoinSet"]
            .iter()
            .any(|name| line.contains(name))
    };
    code(text)
        .filter(|(_, line)| begins(line))
        .map(|(line, _)| Fault {
            line,
            rule: "work beside requests is begun through `Tasks`: the server ends it, and waits for it".to_owned(),
        })
        .collect()
}

/// Where a program does with a stop what is not handing it up.
pub fn stops(text: &str) -> Vec<Fault> {
    let decides = |line: &str| line.contains("Error::Stopped") || line.contains("stop::check().");
    code(text)
        .filter(|(_, line)| decides(line))
        .map(|(line, _)| Fault {
            line,
            rule: "who is asked to stop says `stop::check()?`, and hands that error up".to_owned(),
        })
        .collect()
}

/// A struct as it is written: its name, and its fields with their lines.
struct Struct<'a> {
    name: &'a str,
    fields: Vec<(usize, &'a str)>,
}

/// The structs with named fields of a program.
fn structs(text: &str) -> Vec<Struct<'_>> {
    let mut found: Vec<Struct> = vec![];
    let mut open = false;
    for (at, line) in code(text) {
        if let Some(name) = opened(line) {
            found.push(Struct { name, fields: vec![] });
            open = true;
        } else if line.starts_with('}') {
            open = false;
        } else if let (true, Some(last)) = (open, found.last_mut()) {
            last.fields.push((at, line.trim()));
        }
    }
    found
}

/// The name of the struct that begins on this line.
fn opened(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("struct ")?;
    let begins = (before.is_empty() || before.starts_with("pub")) && line.ends_with('{');
    begins.then(|| words(rest).next())?
}

/// The names in a piece of a program.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    names.filter(|name| !name.is_empty())
}

/// Names of the structs of a program that are operations.
pub fn operations(text: &str) -> impl Iterator<Item = &str> {
    code(text).filter_map(|(_, line)| {
        let (before, behind) = line.split_once("Operation for ")?;
        before.starts_with("impl").then(|| words(behind).next())?
    })
}

/// Whether a field holds values of the host: a slice or a list.
fn on_host(field: &str) -> bool {
    // lifetimes are in the way: `&'a [u32]`
    let mut plain = String::new();
    let mut parts = field.split('\'');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(
            part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')
                .trim_start(),
        );
    }
    ["&[", "&mut [", "Vec<", "Box<[", "Arc<[", "Rc<[", "Cow<"]
        .iter()
        .any(|held| plain.contains(held))
}

/// Fields on the host of the operations in these files, and of the structs that such a field is made of, by struct.
pub fn host_operands(files: &[(String, String)]) -> BTreeMap<&str, Vec<(&str, Fault)>> {
    let mut all: BTreeMap<&str, Vec<(&str, Struct)>> = BTreeMap::new();
    for (file, text) in files {
        for one in structs(text) {
            all.entry(one.name).or_default().push((file, one));
        }
    }
    let mut waiting: Vec<&str> = files.iter().flat_map(|(_, text)| operations(text)).collect();
    let mut seen: BTreeSet<&str> = LENT.iter().copied().collect();
    let mut found: BTreeMap<&str, Vec<(&str, Fault)>> = BTreeMap::new();
    while let Some(name) = waiting.pop() {
        if !seen.insert(name) {
            continue;
        }
        for (file, one) in all.get(name).into_iter().flatten() {
            for &(line, field) in &one.fields {
                let rule = format!("an operation's operands lie on the device: `{field}` of {name} is on the host");
                match on_host(field) {
                    true => found.entry(name).or_default().push((file, Fault { line, rule })),
                    false => waiting.extend(words(field)),
                }
            }
        }
    }
    found
}

#[test]
fn a_long_file_and_one_without_a_purpose_are_told() {
    let of = |text: &str| {
        shape(text, LONG)
            .into_iter()
            .map(|fault| fault.line)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("//! Adds.\nfn add() {}\n"), [0; 0]);
    assert_eq!(of("fn add() {}\n"), [1]);
    assert_eq!(of("//!\nfn add() {}\n"), [1]);
    assert_eq!(of("// Adds.\n"), [1]);
    assert_eq!(of(""), [1]);
    let lines = |count| format!("//! Adds.\n{}", "\n".repeat(count - 1));
    assert_eq!(of(&lines(LONG)), [0; 0]);
    assert_eq!(of(&lines(LONG + 1)), [LONG + 1]);
}

#[test]
fn a_long_component_is_told_by_the_line_of_its_fn() {
    let page = |lines: usize| {
        let body = "    let x = 1;\n".repeat(lines - 2);
        let first = "//! A page.\n#[component]\n#[expect(dead_code)]\n";
        format!("{first}pub fn Page() -> impl IntoView {{\n{body}}}\n\nfn rest() {{\n{body}{body}}}\n")
    };
    assert_eq!(long_components(&page(LONG_COMPONENT)), []);
    let told = long_components(&page(LONG_COMPONENT + 1));
    assert_eq!(told.iter().map(|fault| fault.line).collect::<Vec<_>>(), [4]);
}

#[test]
fn a_device_is_told_by_its_line() {
    let text = "//! Device::Cpu in words\nfn f() {\n    g(&Device::Cpu); // why\n    // Device::Cpu\n    DeviceChoice::Cpu;\n    Engine::cpu();\n    \
                Device::new_cuda(0)\n}\n#[cfg(test)]\nmod tests {\n    fn t() { g(&Device::Cpu) }\n}\n";
    let lines: Vec<_> = devices(text).into_iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [3, 6, 7]);
}

#[test]
fn work_that_nobody_owns_is_told() {
    let text = "//! Works.\nfn f() {\n    tokio::spawn(g()); // why\n    tasks.spawn(g());\n    tokio::task::spawn_blocking(h);\n    \
                tokio::task::spawn(g());\n    let all = JoinSet::new();\n}\n#[cfg(test)]\nmod tests {\n    fn t() { tokio::spawn(g()) }\n}\n";
    let lines: Vec<_> = spawns(text).into_iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [3, 6, 7]);
}

#[test]
fn who_decides_what_a_stop_comes_to_is_told() {
    let text = "//! Works.\nfn f() -> Result<()> {\n    stop::check()?; // Error::Stopped\n    each(&mut stop::check);\n    \
                if stop::check().is_err() {\n        return Err(Error::Stopped);\n    }\n    stop::check()\n}\n";
    let lines: Vec<_> = stops(text).into_iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [5, 6]);
}

#[test]
fn what_an_operation_holds_on_the_host_is_told_by_its_field() {
    let text = "//! Operations.\n/// Lent.\npub struct Rows<'a> {\n    pub at: &'a [u32],\n}\npub struct Scale<'a> {\n    \
                pub x: ViewMut<'a>,\n    pub factor: f32,\n    pub shape: [usize; 2],\n}\nimpl Operation for Scale<'_> {\n}\n\
                pub(crate) struct Pick<'a> {\n    pub rows: Rows<'a>,\n    pub weights: Option<&'a mut [f32]>,\n    \
                pub groups: &'a [Vec<u32>], // a comment\n}\nimpl<'a> Operation for Pick<'a> {\n}\n\
                struct Other {\n    list: Vec<u32>,\n}\n";
    let files = [("ops/made.rs".to_owned(), text.to_owned())];
    let found = host_operands(&files);
    let lines: Vec<(&str, Vec<usize>)> = found
        .iter()
        .map(|(name, faults)| (*name, faults.iter().map(|(_, fault)| fault.line).collect()))
        .collect();
    assert_eq!(lines, [("Pick", vec![15, 16]), ("Rows", vec![4])]);
    assert_eq!(
        found["Rows"][0].1.rule,
        "an operation's operands lie on the device: `pub at: &'a [u32],` of Rows is on the host"
    );
}
