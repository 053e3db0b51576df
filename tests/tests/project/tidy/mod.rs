//! How the sources are kept: short files that say what they are for, devices named by the engine alone, operations whose
//! operands all lie on the device, and a server that waits for no disk where others wait for it.
//!
//! What breaks a rule with a reason stands in a list of this file. A list holds exactly what there is, so that it shrinks with
//! every place that is mended and never grows unseen.

mod disk;
mod rules;

use disk::waiting_calls;
use rules::{Fault, LONG, LONG_PAGE, code, devices, host_operands, long_components, operations, shape, spawns, stops};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tests::programs::root;

/// Places outside the engine that name a device, and how many there are: where a verb or a model without a session makes its
/// engine, and where candle reads, writes and converts tensors on the host, whatever device a run computes on.
const DEVICES: &[(&str, usize)] = &[
    ("trainer/src/fuzz.rs", 2),
    ("trainer/src/model/adapter_init.rs", 2),
    ("trainer/src/model/loftq.rs", 2),
    ("trainer/src/model/mod.rs", 1),
    ("trainer/src/model/outline.rs", 1),
    ("trainer/src/optim/apollo.rs", 1),
    ("trainer/src/session/judge.rs", 1),
    ("trainer/src/svd.rs", 7),
    ("trainer/src/tensors.rs", 1),
];

/// Each Rust file below these folders, by its path in the repository.
fn sources(rooms: &[&str]) -> Vec<(String, String)> {
    let mut found = vec![];
    for room in rooms {
        walk(&root().join(room), &mut found);
    }
    found.sort();
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).expect("below the root").display().to_string();
        (name, std::fs::read_to_string(&path).expect("a source"))
    };
    found.into_iter().map(named).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true if path.ends_with("node_modules") || path.ends_with("target") => {}
            true => walk(&path, found),
            false if path.extension().is_some_and(|end| end == "rs") => found.push(path),
            false => {}
        }
    }
}

/// Whether a file holds tests alone.
fn of_tests(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/")
}

/// What the lists of this file and the sources disagree in: places that no list allows, and allowances without a place.
fn against(allowed: &[(&str, usize)], found: BTreeMap<&str, Vec<(&str, Fault)>>) -> Vec<String> {
    let allowed: BTreeMap<&str, usize> = allowed.iter().copied().collect();
    let mut told = vec![];
    for (name, faults) in &found {
        let many = allowed.get(name).copied().unwrap_or_default();
        if faults.len() > many {
            let line = |(file, fault): &(&str, Fault)| format!("{file}:{}: {}", fault.line, fault.rule);
            told.extend(faults.iter().map(line));
        }
    }
    for (name, many) in allowed {
        let left = found.get(name).map_or(0, Vec::len);
        if left < many {
            told.push(format!(
                "{name}: {left} places are left, {many} are allowed: shorten the list in {}",
                file!()
            ));
        }
    }
    told
}

/// Faults of single files, by file.
fn by_file(files: &[(String, String)], rule: impl Fn(&str) -> Vec<Fault>) -> BTreeMap<&str, Vec<(&str, Fault)>> {
    let mut found: BTreeMap<&str, Vec<(&str, Fault)>> = BTreeMap::new();
    for (name, text) in files {
        let faults = rule(text).into_iter().map(|fault| (name.as_str(), fault));
        faults.for_each(|fault| found.entry(name).or_default().push(fault));
    }
    found
}

fn assert_none(told: &[String]) {
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let files = sources(&["protocol", "trainer", "server", "frontend", "tests", "fuzz"]);
    assert!(files.len() > 500, "only {} files were found", files.len());
    let (pages, others): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|(name, _)| name.starts_with("frontend/src/"));
    assert!(pages.len() > 200, "only {} files of the board were found", pages.len());
    assert_none(&against(&[], by_file(&pages, |text| shape(text, LONG_PAGE))));
    assert_none(&against(&[], by_file(&others, |text| shape(text, LONG))));
}

#[test]
fn a_component_is_read_at_a_glance() {
    let files = sources(&["frontend/src"]);
    let count = files.iter().flat_map(|(_, text)| text.matches("#[component]")).count();
    assert!(count > 200, "only {count} components were found");
    assert_none(&against(&[], by_file(&files, long_components)));
}

#[test]
fn the_engine_alone_names_devices() {
    let files = sources(&["trainer/src"]);
    let (engine, others): (Vec<_>, Vec<_>) = files
        .into_iter()
        .filter(|(name, _)| !of_tests(name))
        .partition(|(name, _)| name.starts_with("trainer/src/ops/"));
    assert!(engine.len() > 10 && others.len() > 100);
    assert_none(&against(DEVICES, by_file(&others, devices)));
}

#[test]
fn operands_lie_on_the_device() {
    let mut files = sources(&["trainer/src/ops"]);
    files.retain(|(name, _)| !name.starts_with("trainer/src/ops/cpu/")); // bodies, which work on the host
    let count = files.iter().flat_map(|(_, text)| operations(text)).count();
    assert!(count > 30, "only {count} operations were found");
    assert_none(&against(&[], host_operands(&files)));
}

#[test]
fn the_server_waits_for_the_disk_on_threads_of_its_own() {
    let mut files = sources(&["server/src"]);
    // a command has its process to itself, and so have tests
    files.retain(|(name, _)| {
        !of_tests(name) && !name.starts_with("server/src/cli") && !name.ends_with("/in_process.rs")
    });
    assert!(files.len() > 100);
    assert_none(&against(&[], waiting_calls(&files)));
}

#[test]
fn work_beside_requests_has_one_owner() {
    let mut files = sources(&["server/src"]);
    // tests begin what they like, and it ends with them
    files.retain(|(name, _)| !of_tests(name) && !name.ends_with("/in_process.rs"));
    assert!(files.len() > 100);
    assert_none(&against(&[], by_file(&files, spawns)));
}

/// What makes the server, starts it, and leads requests to its parts: these alone know the whole.
const WHOLE: &[&str] = &[
    "server/src/app.rs",
    "server/src/in_process.rs",
    "server/src/routes.rs",
    "server/src/serve.rs",
    "server/src/serve/here.rs",
];

#[test]
fn rooms_of_the_server_know_only_what_they_need() {
    let mut files = sources(&["server/src"]);
    files.retain(|(name, _)| !WHOLE.contains(&name.as_str()));
    assert!(files.len() > 150);
    let knows = |text: &str| -> Vec<Fault> {
        let whole = |line: &str| line.contains("AppState") || line.contains("crate::app") || line.contains("&App");
        let lines = text.lines().enumerate().filter(|(_, line)| whole(line));
        let rule = || "this room takes its parts, `State<Db>` or an argument, not the whole server".to_owned();
        lines
            .map(|(at, _)| Fault {
                line: at + 1,
                rule: rule(),
            })
            .collect()
    };
    assert_none(&against(&[], by_file(&files, knows)));
}

#[test]
fn the_server_has_the_rules_of_the_workspace_and_its_own() {
    let rules = |path: &str| {
        let text = std::fs::read_to_string(root().join(path)).expect("rules for clippy");
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let (all, server) = (rules("clippy.toml"), rules("server/clippy.toml"));
    let lacks: Vec<_> = all.iter().filter(|line| !server.contains(line)).collect();
    assert!(all.len() > 8 && lacks.is_empty(), "server/clippy.toml lacks {lacks:?}");
}

/// Rooms of the server that the database knows: who gives it the time, and what it is asked to choose cards by.
const BELOW_THE_DATABASE: &[&str] = &["ambient", "cards", "db"];

#[test]
fn the_database_knows_no_room_that_works_on_it() {
    let mut files = sources(&["server/src/db"]);
    files.retain(|(name, _)| !of_tests(name));
    assert!(files.len() > 10);
    let knows = |text: &str| -> Vec<Fault> {
        let room = |line: &str| {
            let mut named = line.split("crate::").skip(1);
            named.any(|rest| !BELOW_THE_DATABASE.iter().any(|room| rest.starts_with(room)))
        };
        let lines = code(text).filter(|(_, line)| room(line));
        let rule = "what the database keeps is its own: other rooms come to it";
        lines
            .map(|(line, _)| Fault {
                line,
                rule: rule.to_owned(),
            })
            .collect()
    };
    assert_none(&against(&[], by_file(&files, knows)));
}

/// Where the trainer decides what being asked to stop comes to: who asks makes the error, a run keeps what was done, its last event
/// tells it, and the program ends as each verb does. Everywhere else it goes up by `?`.
const STOPS: &[(&str, usize)] = &[
    ("trainer/src/cli/mod.rs", 2),
    ("trainer/src/run.rs", 1),
    ("trainer/src/stop.rs", 1),
    ("trainer/src/train.rs", 2),
];

#[test]
fn being_asked_to_stop_goes_up_as_one_error() {
    let mut files = sources(&["trainer/src"]);
    files.retain(|(name, _)| !of_tests(name));
    assert!(files.len() > 100);
    assert_none(&against(STOPS, by_file(&files, stops)));
}

#[test]
fn a_list_holds_what_there_is_and_no_more() {
    let place = |line| {
        (
            "a.rs",
            Fault {
                line,
                rule: "why".to_owned(),
            },
        )
    };
    let found = || BTreeMap::from([("a.rs", vec![place(3), place(7)])]);
    assert_eq!(against(&[("a.rs", 2)], found()), Vec::<String>::new());
    assert_eq!(against(&[("a.rs", 1)], found()), ["a.rs:3: why", "a.rs:7: why"]);
    assert_eq!(against(&[], found()), ["a.rs:3: why", "a.rs:7: why"]);
    let told = against(&[("a.rs", 3), ("b.rs", 1)], found());
    assert!(
        told.len() == 2 && told[0].starts_with("a.rs: 2 places") && told[1].starts_with("b.rs: 0 places"),
        "{told:?}"
    );
}
