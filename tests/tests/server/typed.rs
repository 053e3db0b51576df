//! What is typed behind `corral`, and what it says to that.

use std::path::Path;
use std::process::{Command, Output};

use tests::programs::program;

fn corral(place: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(program("corral"));
    command.args(args).current_dir(place);
    command.env("DATA_DIR", place.join("data"));
    command.output().expect("it ends")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn help_and_errors_name_what_was_typed() {
    let place = tempfile::tempdir().expect("a folder");
    let place = place.path();
    std::fs::write(place.join("base.yaml"), "stage: sft\n").expect("a file");
    for (args, code, says) in [
        (&["train", "--help"][..], 0, "Usage: corral train"),
        (&["train", "base.yaml", "--help"], 0, "--data-dir"),
        (&["train"], 2, "Usage: corral train"),
        (&["sweep", "--help"], 0, "--data-dir"),
        (&["export", "--help"], 0, "Usage: corral export"),
        (&["expand"], 2, "Usage: corral expand"),
        (&["train", "base.yaml", "--output_dir"], 2, "output_dir: takes a value"),
    ] {
        let done = corral(place, args);
        let said = said(&done);
        assert_eq!(done.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(says), "{args:?}: {said}");
        assert!(!said.contains("corral-trainer"), "{args:?}: {said}");
        assert!(said.matches("Usage:").count() <= 1, "{args:?}: {said}");
    }
    assert!(!place.join("true").exists());
}

#[test]
fn what_no_reply_can_be_drawn_by_is_refused() {
    let place = tempfile::tempdir().expect("a folder");
    for args in [
        &[
            "evaluate",
            "m",
            "--dataset=d",
            "--out=o",
            "--predict",
            "--temperature=-1",
        ][..],
        &[
            "evaluate",
            "m",
            "--dataset=d",
            "--out=o",
            "--predict",
            "--temperature=nan",
        ],
        &["evaluate", "m", "--dataset=d", "--out=o", "--predict", "--top-p=7"],
        &[
            "evaluate",
            "m",
            "--dataset=d",
            "--out=o",
            "--predict",
            "--max-new-tokens=0",
        ],
        &["evaluate", "m", "--dataset=d", "--batch-size=0"],
        // nothing is written without --predict
        &["evaluate", "m", "--dataset=d", "--temperature=1"],
        &["chat", "m", "--temperature=1e30"],
        &["chat", "m", "--top-p=nan"],
        &["chat", "m", "--max-tokens=0"],
    ] {
        let done = corral(place.path(), args);
        assert_eq!(done.status.code(), Some(2), "{args:?}: {}", said(&done));
    }
}

#[test]
fn a_pipe_or_a_device_is_no_config() {
    let place = tempfile::tempdir().expect("a folder");
    let made = Command::new("mkfifo").arg(place.path().join("q.yaml")).status();
    assert!(made.expect("mkfifo").success());
    for args in [
        &["train", "q.yaml"][..],
        &["train", "/dev/zero"],
        &["export", "q.yaml"],
        &["chat", "q.yaml"],
        &["api", "q.yaml"],
        &["sweep", "q.yaml"],
    ] {
        let done = corral(place.path(), args);
        assert!(!done.status.success(), "{args:?}");
        assert!(said(&done).contains("no regular file"), "{args:?}: {}", said(&done));
    }
}
