//! What is typed: paths below one's home, and what says nothing that could be done.

use crate::worker::{Folder, config, golden, kill, program, said};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Output;

/// Runs in a folder that is the home too.
fn run(home: &Path, args: &[&str]) -> Output {
    let mut command = program(args);
    command.env("HOME", home).current_dir(home).output().expect("it ends")
}

#[test]
fn the_home_is_written_out_wherever_a_path_is_named() {
    let home = Folder::new();
    let home = home.path();
    std::os::unix::fs::symlink(golden().join("models/llama"), home.join("m")).expect("a link");
    std::fs::write(home.join("d.json"), r#"[{"instruction": "a", "output": "b"}]"#).expect("a file");
    std::fs::write(
        home.join("t.yaml"),
        "model_name_or_path: ~/m\nexport_dir: $HOME/by-file\n",
    )
    .expect("a file");
    for args in [
        &["model-info", "~/m"][..],
        &["inspect", "~/d.json"],
        &["inspect", "--dataset", "~/d.json"],
        &["logits", "~/m", "--ids", "1,2"],
        &["logits", "--model", "$HOME/m", "--ids", "1,2"],
        &["export", "~/m", "--out", "~/by-flag"],
        &["export", "~/t.yaml"],
    ] {
        let done = run(home, args);
        assert!(done.status.success(), "{args:?}: {}", said(&done));
    }
    for made in ["by-flag", "by-file"] {
        assert!(home.join(made).join("config.json").is_file(), "{made}");
    }
    assert!(!home.join("~").exists());
    let done = run(home, &["model-info", "~nobody/m"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(said(&done).contains("~nobody/m"), "{}", said(&done));
}

#[test]
fn what_says_nothing_that_could_be_done_is_said_in_a_line() {
    let place = Folder::new();
    let place = place.path();
    for (name, text) in [
        ("empty.yaml", &b""[..]),
        ("list.yaml", b"- a\n"),
        ("bytes.yaml", b"\xff\xfe\x00\x01"),
        (
            "twice.yaml",
            b"seed: 1\nseed: 2\nmodel_name_or_path: m\ndataset: d\noutput_dir: out\n",
        ),
        (
            "names.yaml",
            b"dpo_beta: 1\npref_beta: 2\nmodel_name_or_path: m\ndataset: d\noutput_dir: out\n",
        ),
        ("trains.yaml", b"model_name_or_path: m\noutput_dir: out\n"),
    ] {
        std::fs::write(place.join(name), text).expect("a file");
    }
    std::fs::create_dir(place.join("folder.yaml")).expect("a folder");
    for (args, says, lines) in [
        (&["train", "missing.yaml"][..], "missing.yaml", 1),
        (&["train", "folder.yaml"], "no regular file", 1),
        (&["train", "bytes.yaml"], "not UTF-8", 1),
        (&["train", "list.yaml"], "key: value", 2),
        (&["check", "twice.yaml"], "seed: stands twice", 2),
        (&["check", "names.yaml"], "says the same as", 2),
        (
            &[
                "check",
                "stage=sft",
                "modules_to_save=a",
                "additional_target=b",
                "model_name_or_path=m",
                "dataset=d",
                "output_dir=out",
            ],
            "says the same as modules_to_save",
            2,
        ),
        (&["chat", "missing.yaml"], "there is no file missing.yaml", 1),
        (&["chat", "list.yaml"], "key: value", 1),
        (&["chat", "empty.yaml"], "model_name_or_path", 1),
        (&["chat", "trains.yaml"], "output_dir", 1),
        (&["export", "empty.yaml"], "--out", 1),
        (&["evaluate", "missing.yaml", "--dataset", "d"], "missing.yaml", 1),
    ] {
        let done = run(place, args);
        let said = said(&done);
        // of a run's config 2 says that it can't be run
        let code = if ["train", "check"].contains(&args[0]) { 2 } else { 1 };
        assert_eq!(done.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(says), "{args:?}: {said}");
        assert_eq!(said.trim_end().lines().count(), lines, "{args:?}: {said}");
    }
    assert!(!place.join("out").exists());
}

/// A pipe that nobody writes, named as whatever a person names.
#[test]
fn a_pipe_keeps_nobody_waiting() {
    let place = Folder::new();
    let pipe = place.path().join("q.yaml");
    let data = place.path().join("fifo.jsonl");
    for path in [&pipe, &data] {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.expect("mkfifo").success());
    }
    let base = place.write("base.yaml", &config("dpo", "max_steps: 1"));
    let (base, data) = (base.display().to_string(), format!("dataset={}", data.display()));
    for args in [
        &["train", "q.yaml"][..],
        &["train", "/dev/zero"],
        &["check", "q.yaml"],
        &["chat", "q.yaml"],
        &["export", "q.yaml"],
        &["check", &base, &data, "output_dir=out"],
        &["train", &base, &data, "output_dir=out"],
    ] {
        let done = run(place.path(), args);
        assert!(!done.status.success(), "{args:?}");
        assert!(said(&done).contains("no regular file"), "{args:?}: {}", said(&done));
    }
}

/// The shell and the system say both that a terminal was closed.
#[test]
fn a_closed_terminal_stops_a_run_with_a_checkpoint_and_nohup_has_it_go_on() {
    let place = Folder::new();
    let yaml = place.write("run.yaml", &config("dpo", "max_steps: 400"));
    for (name, handler, code) in [("closed", libc::SIG_DFL, 129), ("nohup", libc::SIG_IGN, 143)] {
        let run = place.run(name);
        let mut command = run.command(&yaml, &[]);
        // SAFETY: signal is async-signal-safe
        unsafe {
            command.pre_exec(move || {
                libc::signal(libc::SIGHUP, handler);
                Ok(())
            });
        }
        let mut child = command
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the program");
        let at =
            |step: u64| move |events: &[serde_json::Value]| events.iter().any(|e| e["step"].as_u64() >= Some(step));
        run.wait(&mut child, at(2));
        for _ in 0..2 {
            kill(&child, libc::SIGHUP);
        }
        if code == 143 {
            let reached = run.of("step").len() as u64;
            run.wait(&mut child, at(reached + 4));
            kill(&child, libc::SIGTERM);
        }
        assert_eq!(child.wait().expect("it ends").code(), Some(code), "{name}");
        let ended = run.finished();
        assert_eq!(ended["outcome"], "stopped", "{ended}");
        let step = ended["step"].as_u64().expect("a step");
        assert!(
            step == 0 || run.checkpoints().contains(&step),
            "{name}: no checkpoint of step {step}"
        );
    }
}

/// What would be said of a run as it starts is said before it does.
#[test]
fn a_check_says_what_a_run_would_say() {
    let place = Folder::new();
    let more = "fp16: true\nreport_to: comet_ml\nlora_rank: 4\nsimpo_gamma: 1\nmax_steps: 1";
    let yaml = place.write("run.yaml", &config("dpo", more));
    let run = place.run("run");
    run.train(&yaml, &[]);
    let notes: Vec<String> = run.of("notice").iter().map(ToString::to_string).collect();
    let other = format!("output_dir={}", place.path().join("other").display());
    let checked = program(&["check"]).arg(&yaml).arg(other).output().expect("the program");
    assert!(checked.status.success(), "{}", said(&checked));
    let said = said(&checked);
    for word in ["fp16", "report_to", "simpo_gamma"] {
        assert!(notes.iter().any(|note| note.contains(word)), "{word}: {notes:?}");
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn products_that_there_are_none_of_are_refused() {
    let refused = program(&["model-info", "models/llama"])
        .env("CORRAL_BF16", "nonsense")
        .output()
        .expect("the program");
    assert_eq!(refused.status.code(), Some(2));
    let said = said(&refused);
    assert!(
        said.contains("CORRAL_BF16") && said.contains("nonsense") && said.contains("portable"),
        "{said}"
    );
    for known in ["", "portable"] {
        let done = program(&["model-info", "models/llama"])
            .env("CORRAL_BF16", known)
            .output()
            .expect("the program");
        assert!(done.status.success(), "{known}");
    }
}
