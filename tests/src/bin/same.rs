//! Two trainers on every golden run: `same BASE` trains each with that program and with the one beside this one, in one
//! folder each after the other, and compares events and checkpoints to the bit.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of this repository alone, whose faults end it"
)]

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tests::parity::{group, groups, train};
use tests::programs::program;

/// Where one run of both stands.
enum Verdict {
    Same,
    /// What differs first.
    Differs(String),
    /// Why the base can't train it: there is nothing to compare with.
    New(String),
}

fn main() -> ExitCode {
    let Some(base) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: same BASE (another build of corral-trainer)");
        return ExitCode::from(2);
    };
    let tree = program("corral-trainer");
    let cases: Vec<(String, Map<String, Value>)> = groups()
        .iter()
        .flat_map(|name| {
            let cases = group(name).cases.into_iter();
            cases.map(move |(case, found)| (format!("{name}/{case}"), found.config))
        })
        .collect();
    let (mut differ, mut new) = (0, 0);
    for (name, config) in &cases {
        match compared(&base, &tree, config) {
            Verdict::Same => {}
            Verdict::Differs(what) => {
                differ += 1;
                println!("{name}: {what}");
            }
            Verdict::New(why) => {
                new += 1;
                println!("{name}: the base can't train it: {why}");
            }
        }
    }
    println!(
        "same: {} runs, {differ} differ, {new} that the base can't train",
        cases.len()
    );
    ExitCode::from(u8::from(differ > 0))
}

/// Both programs write at one path, one after the other, since some files tell it.
fn compared(base: &Path, tree: &Path, config: &Map<String, Value>) -> Verdict {
    let dir = tempfile::tempdir().unwrap_or_else(|error| panic!("a temporary folder: {error}"));
    let written = |trainer: &Path| {
        let out = train(trainer, config, dir.path())?;
        let found = files(&out);
        std::fs::remove_dir_all(&out).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
        std::fs::remove_dir_all(dir.path().join("cache")).ok();
        Ok::<_, String>(found)
    };
    let before = match written(base) {
        Ok(files) => files,
        Err(words) => return Verdict::New(words),
    };
    let after = match written(tree) {
        Ok(files) => files,
        Err(words) => return Verdict::Differs(words),
    };
    let names = before.keys().chain(after.keys());
    match names.into_iter().find(|name| before.get(*name) != after.get(*name)) {
        None => Verdict::Same,
        Some(name) => Verdict::Differs(difference(name, before.get(name), after.get(name))),
    }
}

/// What a run left, by its path there: checkpoints byte by byte, events without what the clock and the machine say.
fn files(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::from([("events.jsonl".to_owned(), events(&out.join("events.jsonl")))]);
    for folder in read_dir(out).filter(|path| path.is_dir() && !path.is_symlink()) {
        for file in read_dir(&folder).filter(|path| path.is_file()) {
            let name = file.strip_prefix(out).unwrap_or(&file).display().to_string();
            let mut bytes = read(&file);
            if file.ends_with("corral.json") {
                bytes = without(&bytes, &["moment"]);
            }
            found.insert(name, bytes);
        }
    }
    found
}

/// The events that tell what was computed. How far loading is, and notes in words, may change without a number doing so.
fn events(path: &Path) -> Vec<u8> {
    let text = String::from_utf8(read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let told = text.lines().filter(|line| {
        !["notice", "phase"]
            .iter()
            .any(|kind| line.contains(&format!("\"type\":\"{kind}\"")))
    });
    // the last is read of the model, and no number that was computed
    let aside = ["seq", "time", "memory", "tokens_per_second", "context"];
    told.flat_map(|line| {
        let mut line = without(line.as_bytes(), &aside);
        line.push(b'\n');
        line
    })
    .collect()
}

/// JSON without those keys, here and in its metrics. Numbers stay as they are written.
fn without(json: &[u8], keys: &[&str]) -> Vec<u8> {
    type Object<'a> = BTreeMap<String, &'a serde_json::value::RawValue>;
    let parse = |json| -> Object { serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}")) };
    let text = std::str::from_utf8(json).unwrap_or_else(|error| panic!("{error}"));
    let mut object = parse(text);
    let metrics = object.remove("metrics").map(|raw| parse(raw.get()));
    object.retain(|key, _| !keys.contains(&key.as_str()));
    let mut kept = format!("{object:?}");
    if let Some(mut metrics) = metrics {
        metrics.retain(|key, _| !keys.contains(&key.as_str()));
        kept.push_str(&format!("{metrics:?}"));
    }
    kept.into_bytes()
}

/// What is told of a file that differs: for events the first line that does.
fn difference(name: &str, before: Option<&Vec<u8>>, after: Option<&Vec<u8>>) -> String {
    let (Some(before), Some(after)) = (before, after) else {
        return format!(
            "{name} is only of {}",
            if before.is_some() { "the base" } else { "this tree" }
        );
    };
    if name != "events.jsonl" {
        let at = before.iter().zip(after).position(|(a, b)| a != b);
        return format!(
            "{name} differs at byte {} ({} and {} bytes)",
            at.unwrap_or(before.len().min(after.len())),
            before.len(),
            after.len()
        );
    }
    let lines = |bytes: &[u8]| -> Vec<String> { String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect() };
    let (before, after) = (lines(before), lines(after));
    let at = before.iter().zip(&after).position(|(a, b)| a != b);
    let at = at.unwrap_or(before.len().min(after.len()));
    let line = |lines: &[String]| lines.get(at).map_or("(none)", String::as_str).to_owned();
    format!("events differ:\n  base: {}\n  tree: {}", line(&before), line(&after))
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_dir(path: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries.flatten().map(|entry| entry.path())
}
