//! Which functions of the server wait for the disk, and where an `async fn` calls one of them on a thread that answers others.
//!
//! Functions are told apart by name: a plain one by its module too, a method where no other function has its name.

use super::rules::{Fault, code};
use std::collections::{BTreeMap, BTreeSet};

/// What waits for the disk by itself.
const WAITS: &[&str] = &[
    "fs::",
    "libc::statvfs(",
    "File::open(",
    "File::create(",
    "File::options(",
    ".is_file()",
    ".is_dir()",
    ".exists()",
    ".try_exists()",
    ".canonicalize()",
    ".metadata()",
    ".symlink_metadata()",
    ".read_dir()",
];

/// Methods that the standard library has too: a call may be either's.
const COMMON: &[&str] = &[
    "clear", "collect", "end", "find", "get", "keep", "len", "list", "map", "new", "next", "of", "open", "path", "put",
    "read", "remove", "signal", "steps", "take", "write",
];

/// A function as it is written, without what it hands to other threads.
struct Function<'a> {
    file: &'a str,
    name: &'a str,
    /// The type that it is a part of.
    of: Option<&'a str>,
    is_async: bool,
    is_method: bool,
    lines: Vec<(usize, &'a str)>,
    /// All names in them.
    words: BTreeSet<&'a str>,
}

/// The name of a file's module.
fn module(file: &str) -> &str {
    let path = file.strip_suffix("/mod.rs").or_else(|| file.strip_suffix(".rs"));
    path.unwrap_or(file).rsplit('/').next().unwrap_or_default()
}

fn is_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn first_word(text: &str) -> &str {
    text.split(|letter| !is_part(letter)).next().unwrap_or_default()
}

/// The type that the block of this line is about.
fn implemented(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("impl")?;
    let rest = rest.split_once(" for ").map_or(rest, |(_, of)| of);
    let rest = match rest.strip_prefix('<') {
        Some(generic) => generic.split_once('>')?.1,
        None => rest,
    };
    Some(first_word(rest.trim_start())).filter(|name| !name.is_empty())
}

/// Whether it is async, and the name of the function that begins on this line.
fn begun(line: &str) -> Option<(bool, &str)> {
    let mut rest = line.trim_start();
    if let Some(public) = rest.strip_prefix("pub") {
        let public = match public.strip_prefix('(') {
            Some(scope) => scope.split_once(')')?.1,
            None => public,
        };
        rest = public.trim_start();
    }
    let (is_async, rest) = match rest.strip_prefix("async ") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    Some((is_async, first_word(rest.strip_prefix("fn ")?)))
}

/// The functions of a file.
fn functions<'a>(file: &'a str, text: &'a str) -> Vec<Function<'a>> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let (mut all, mut open): (Vec<Function>, Option<(usize, Function)>) = (vec![], None);
    let (mut of, mut closure) = (None, None);
    for (at, line) in code(text).filter(|(_, line)| !line.trim().is_empty()) {
        let here = depth(line);
        if here == 0 {
            of = implemented(line);
        }
        let begins = begun(line).filter(|_| open.as_ref().is_none_or(|(outer, _)| here <= *outer));
        if let Some((is_async, name)) = begins {
            all.extend(open.take().map(|(_, one)| one));
            closure = None;
            let one = Function {
                file,
                name,
                of: of.filter(|_| here > 0),
                is_async,
                is_method: false,
                lines: vec![],
                words: BTreeSet::new(),
            };
            open = Some((here, one));
        }
        let Some((outer, one)) = &mut open else { continue };
        let in_head = begins.is_some() || (one.lines.len() < 4 && line.trim().ends_with("self,"));
        one.is_method |= in_head && line.contains("self");
        if closure.is_some_and(|outer| here <= outer) {
            closure = None;
        }
        let to_thread = line.contains("off_thread(") || line.contains("spawn");
        let hands_over = line.contains("move |") && (one.is_async || to_thread);
        if closure.is_none() && !hands_over {
            one.lines.push((at, line));
            one.words.extend(line.split(|letter| !is_part(letter)));
        }
        if closure.is_none() && hands_over && line.trim_end().ends_with('{') {
            closure = Some(here);
        }
        if here == *outer && line.trim_end().ends_with('}') {
            all.extend(open.take().map(|(_, one)| one));
        }
    }
    all.extend(open.map(|(_, one)| one));
    all
}

fn waits(line: &str) -> bool {
    let line = line.replace("tokio::fs::", "");
    WAITS.iter().any(|name| line.contains(name))
}

/// What a function is called as.
struct Call {
    written: String,
    /// It means this function in its own file, and where `use` brings its name.
    is_short: bool,
}

fn calls(one: &Function, is_only: bool) -> Vec<Call> {
    let call = |written: String, is_short| Call { written, is_short };
    match (one.of, one.is_method) {
        (Some(_), true) if !is_only || COMMON.contains(&one.name) => vec![],
        (Some(_), true) => vec![call(format!(".{}(", one.name), false)],
        (Some(of), false) => vec![
            call(format!("{of}::{}(", one.name), false),
            call(format!("Self::{}(", one.name), true),
        ],
        (None, _) => vec![
            call(format!("{}::{}(", module(one.file), one.name), false),
            call(format!("{}(", one.name), true),
        ],
    }
}

/// Whether a line has the call, and not a longer name, a method or another module's function.
fn has(line: &str, call: &str) -> bool {
    let mut places = line.match_indices(call);
    places.any(|(at, _)| {
        let before = &line[..at];
        let longer = before.ends_with(is_part);
        let other = !call.starts_with('.') && before.ends_with('.');
        let qualified = before.ends_with("::") && !call.contains("::");
        !before.ends_with("fn ") && !other && !qualified && (call.starts_with('.') || !longer)
    })
}

/// Whether a file's `use` lines bring the plain name of this function.
fn brings(text: &str, one: &Function) -> bool {
    let mut uses = text.split("use ").skip(1).filter_map(|rest| rest.split(';').next());
    let names = |text: &str, name: &str| text.split(|letter| !is_part(letter)).any(|word| word == name);
    one.of.is_none() && uses.any(|text| names(text, module(one.file)) && names(text, one.name))
}

/// Calls in an `async fn` of what waits for the disk, itself or by what it calls, by file.
pub fn waiting_calls(files: &[(String, String)]) -> BTreeMap<&str, Vec<(&str, Fault)>> {
    let all: Vec<Function> = files.iter().flat_map(|(file, text)| functions(file, text)).collect();
    let texts = files.iter().map(|(file, text)| (file.as_str(), text.as_str()));
    let texts: BTreeMap<&str, &str> = texts.collect();
    let mut many: BTreeMap<&str, usize> = BTreeMap::new();
    all.iter().for_each(|one| *many.entry(one.name).or_default() += 1);
    // the lines where a function calls another
    let lines = |from: &Function, to: &Function| -> Vec<usize> {
        if !from.words.contains(to.name) {
            return vec![];
        }
        let mut calls = calls(to, many[to.name] == 1);
        if from.file != to.file && !brings(texts[from.file], to) {
            calls.retain(|call| !call.is_short);
        }
        let has = |line: &str| calls.iter().any(|call| has(line, &call.written));
        let found = from.lines.iter().filter(|(_, line)| has(line));
        found.map(|(at, _)| *at).collect()
    };
    let plain: Vec<&Function> = all.iter().filter(|one| !one.is_async).collect();
    let mut waiting: BTreeSet<usize> = BTreeSet::new();
    let directly = |at: &usize| plain[*at].lines.iter().any(|(_, line)| waits(line));
    let mut fresh: Vec<usize> = (0..plain.len()).filter(directly).collect();
    while !fresh.is_empty() {
        waiting.extend(&fresh);
        let reaches = |at: &usize| fresh.iter().any(|to| !lines(plain[*at], plain[*to]).is_empty());
        let others = (0..plain.len()).filter(|at| !waiting.contains(at));
        fresh = others.filter(reaches).collect();
    }
    let mut found: BTreeMap<&str, Vec<(&str, Fault)>> = BTreeMap::new();
    for one in all.iter().filter(|one| one.is_async) {
        let direct = one.lines.iter().filter(|(_, line)| waits(line));
        let mut told: BTreeMap<usize, String> = direct.map(|(at, _)| (*at, "this".to_owned())).collect();
        for to in waiting.iter().map(|at| plain[*at]) {
            let name = format!("{}::{}", module(to.file), to.name);
            told.extend(lines(one, to).into_iter().map(|line| (line, name.clone())));
        }
        for (line, what) in told {
            let rule = format!("{what} waits for the disk, which an `async fn` does not: `off_thread(move || …)`");
            found
                .entry(one.file)
                .or_default()
                .push((one.file, Fault { line, rule }));
        }
    }
    found
}

#[test]
fn a_call_of_what_waits_for_the_disk_is_told_however_far_the_disk_is() {
    let file = |name: &str, text: &str| (format!("server/src/{name}.rs"), text.to_owned());
    let files = [
        file(
            "cause",
            "//! Causes.\npub fn of(at: &Path) -> String {\n    last_words(at)\n}\nfn last_words(at: &Path) -> String {\n    fs::read(at)\n}\n\
             pub fn plain() -> u32 { 1 }\nimpl Cause {\n    fn new() -> Self {\n        of(at)\n    }\n    fn is_there(&self) -> bool {\n        \
             self.at.is_dir()\n    }\n}\n",
        ),
        file(
            "watch",
            "//! Watches.\nuse super::cause::{self, last_words};\nasync fn f() {\n    cause::of(at);\n    cause::plain();\n    last_words(at);\n    \
             given.of(at);\n    off_thread(move || cause::of(at)).await;\n    off_thread(move || {\n        last_words(at)\n    })\n    .await;\n    \
             Cause::new();\n    known.is_there();\n    tokio::fs::read(at).await;\n    at.exists();\n}\nfn g() {\n    cause::of(at);\n}\n",
        ),
    ];
    let found = waiting_calls(&files);
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), ["server/src/watch.rs"]);
    let lines: Vec<usize> = found["server/src/watch.rs"]
        .iter()
        .map(|(_, fault)| fault.line)
        .collect();
    assert_eq!(lines, [4, 6, 13, 14, 16]);
}
