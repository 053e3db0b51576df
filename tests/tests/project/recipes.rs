//! What is kept as changes to the sources still fits them: the recipes of CONTRIBUTING.md (`make recipes` builds and tests each) and the
//! mutations of the kernels (`make mutants`).

use std::path::PathBuf;
use std::process::Command;
use tests::programs::root;

fn patches() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("tests/recipes")).expect("the recipes");
    let mut all: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    all.sort();
    all
}

/// Files that a patch changes, tests aside.
fn files(patch: &str) -> Vec<&str> {
    let named = patch.lines().filter_map(|line| line.strip_prefix("+++ b/"));
    named
        .filter(|file| !file.contains("/tests/") && !file.ends_with("/tests.rs"))
        .collect()
}

#[test]
fn each_recipe_applies_and_takes_the_files_it_says() {
    let all = patches();
    assert!(all.len() >= 4, "{all:?}");
    for path in all {
        let name = path.file_name().expect("a name").to_string_lossy();
        let patch = std::fs::read_to_string(&path).expect("a text");
        let told = |what: &str| {
            let line = patch.lines().find_map(|line| line.strip_prefix(what));
            line.unwrap_or_else(|| unreachable!("{name} has no line `{what}`"))
        };
        assert!(told("test: ").starts_with("cargo test"), "{name}");
        let files = files(&patch);
        assert_eq!(told("files: "), files.len().to_string(), "{name}: {files:?}");
        let applied = Command::new("git")
            .args(["apply", "--check"])
            .arg(&path)
            .current_dir(root())
            .output()
            .expect("git runs");
        let why = String::from_utf8_lossy(&applied.stderr);
        assert!(applied.status.success(), "{name} no longer applies:\n{why}");
    }
}

#[test]
fn each_mutation_of_a_kernel_has_its_place() {
    let checked = Command::new("python3")
        .args(["tests/mutants.py", "--check"])
        .current_dir(root())
        .output()
        .expect("python3 runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
