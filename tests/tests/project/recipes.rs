//! What is kept as changes to the sources still fits them: the recipes of CONTRIBUTING.md (`make recipes` builds and tests each) and the
//! mutations of the kernels (`make mutants`).

use std::path::PathBuf;
use std::process::Command;
use tests::programs::root;

fn patches() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("tests/recipes")).expect("the recipes");
    let paths = folder.map(|entry| entry.expect("an entry").path());
    let mut all: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "patch"))
        .collect();
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
        let (words, files): (Vec<_>, Vec<_>) = files(&patch)
            .into_iter()
            .partition(|file| file.starts_with("assets/words/"));
        let plural = if files.len() == 1 { "" } else { "s" };
        let of_words = match words.len() {
            0 => String::new(),
            count => format!(" and {count} of words"),
        };
        let takes = format!("{} file{plural}{of_words}", files.len());
        assert_eq!(told("takes: "), takes, "{name}: {files:?}");
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
fn a_language_is_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = folder.path().join("assets/words");
    std::fs::create_dir_all(&words).expect("a folder");
    std::fs::copy(root().join("assets/words/en.ftl"), words.join("en.ftl")).expect("English");
    let made = Command::new("python3")
        .arg(root().join("tests/recipes/language.py"))
        .arg(folder.path())
        .output()
        .expect("python3 runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let book = words::load(&words).expect("it agrees with English");
    let tags: Vec<&str> = book.languages.iter().map(|language| language.tag.as_str()).collect();
    assert_eq!(tags, ["en", "qps"]);
    assert!(book.languages[1].lacks.is_empty());
    assert!(words::languages(&book).contains("Self::Qps => \"qps\""));
    let board = words::board(&book);
    assert!(board.contains("Lang::Qps => \"Ŕûñš\","), "the board says it");
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
