//! Asked to stop, whatever it is doing: what it says, how it ends, and what it leaves.

use crate::worker::{Folder, PROGRAM, config, golden, kill, program, said};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Waits until the program catches the signal; one that has ended does no more.
fn listens(child: &mut Child, signal: i32) {
    let caught = |status: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        Some(u64::from_str_radix(mask.trim(), 16).unwrap() & (1 << (signal - 1)) != 0)
    };
    let path = format!("/proc/{}/status", child.id());
    while child.try_wait().unwrap().is_none() {
        if std::fs::read_to_string(&path).is_ok_and(|status| caught(&status) == Some(true)) {
            return;
        }
        std::thread::yield_now();
    }
}

/// Asks the program to stop as soon as it listens. What is too fast for that, and ends with the code `whole`, is begun anew.
fn stopped_before(whole: i32, mut command: impl FnMut() -> Command, signal: i32) -> Output {
    for _ in 0..50 {
        let mut child = command().spawn().unwrap();
        listens(&mut child, signal);
        kill(&child, signal);
        let output = child.wait_with_output().unwrap();
        if output.status.code() != Some(whole) {
            return output;
        }
    }
    panic!("it was never stopped in time")
}

/// The same of what ends well where nobody stops it.
fn stopped(command: impl FnMut() -> Command, signal: i32) -> Output {
    stopped_before(0, command, signal)
}

/// What is in a folder, hidden files and all.
fn left(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".yaml"))
        .collect()
}

#[test]
fn what_was_to_be_written_is_not_there() {
    let folder = Folder::new();
    let model = "models/llama";
    let [a, b] = ["a", "b"].map(|name| golden().join("combined").join(name).display().to_string());
    let tuned = golden().join("models/llama/tuned-adapter").display().to_string();
    let out = folder.path().join("out");
    let to = format!("--out={}", out.display());
    for args in [
        vec!["export", model, "--adapter", &tuned],
        vec!["export", model, "--adapter", &tuned, "--format=gguf"],
        vec!["expand", model, "--num-expand=1"],
        vec!["merge", &a, &b, "--method=svd"],
    ] {
        let mut once = || {
            let _ = std::fs::remove_dir_all(&out);
            program(&[&args[..], &[&to]].concat())
        };
        for signal in [libc::SIGTERM, libc::SIGINT] {
            let output = stopped(&mut once, signal);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
            assert!(
                said.contains("error: asked to stop; nothing was written"),
                "{args:?}: {said}"
            );
            assert_eq!(left(folder.path()), [""; 0], "{args:?}");
        }
    }
}

#[test]
fn an_evaluation_says_that_it_was_stopped_and_keeps_nothing() {
    let folder = Folder::new();
    let out = folder.path().join("out");
    let to = format!("--out={}", out.display());
    let (model, data) = ("models/llama", "--dataset-dir=data");
    for args in [
        vec!["evaluate", model, data, "--dataset=pairs"],
        vec![
            "evaluate",
            model,
            data,
            "--dataset=instructions",
            "--predict",
            "--max-new-tokens=40",
        ],
    ] {
        let once = || {
            let _ = std::fs::remove_dir_all(&out);
            program(&[&args[..], &["--template=llama2", &to]].concat())
        };
        let output = stopped(once, libc::SIGTERM);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(
            said.contains("error: asked to stop") && !said.contains("nothing"),
            "{args:?}: {said}"
        );
        assert_eq!(left(&out), [""; 0], "{args:?}");
    }
}

#[test]
fn a_check_that_is_stopped_is_no_verdict() {
    let folder = Folder::new();
    // which a check that is whole refuses
    let text = config("dpo", "metric_for_best_model: eval_nothing");
    let yaml = folder.write("run.yaml", &text);
    let yaml = yaml.to_str().unwrap();
    let whole = program(&["check", yaml, "output_dir=x"]).output().unwrap();
    assert_eq!(whole.status.code(), Some(2), "{}", said(&whole));
    for (signal, code) in [(libc::SIGTERM, 143), (libc::SIGINT, 130)] {
        let output = stopped_before(2, || program(&["check", yaml, "output_dir=x"]), signal);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(!said(&output).contains("error"), "{}", said(&output));
    }
    let json = text + "\noutput_dir: x\n";
    let output = stopped(|| program(&["check", "--config", &json]), libc::SIGTERM);
    assert_eq!((output.status.code(), output.stdout), (Some(1), vec![]));
}

#[test]
fn a_run_that_is_stopped_while_its_model_is_fetched_tells_so() {
    let folder = Folder::new();
    let own = folder.path().join("corral-trainer");
    std::fs::hard_link(PROGRAM, &own)
        .or_else(|_| std::fs::copy(PROGRAM, &own).map(drop))
        .unwrap();
    // a download that takes as long as anybody waits
    let fetching = folder.path().join("fetching");
    let script = format!(
        "#!/bin/sh\necho $$ > '{0}.new'\nmv '{0}.new' '{0}'\nexec sleep 600\n",
        fetching.display()
    );
    let corral = folder.write("corral", &script);
    std::fs::set_permissions(&corral, std::fs::Permissions::from_mode(0o755)).unwrap();
    let yaml = folder.write("run.yaml", &config("dpo", "model_name_or_path: someone/something"));
    // the trainer alone is asked, or, as by Ctrl-C, both are
    for (name, signal, code, whole_group) in [("alone", libc::SIGTERM, 143, false), ("both", libc::SIGINT, 130, true)] {
        let run = folder.run(name);
        let out = format!("output_dir={}", run.0.display());
        let mut command = Command::new(&own);
        command.args(["train", yaml.to_str().unwrap(), &out]).process_group(0);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        run.wait(&mut child, |_| fetching.exists());
        let download = std::fs::read_to_string(&fetching).unwrap();
        let asked = child.id() as i32;
        // SAFETY: a signal to a child that was not waited for, or to the group that it leads
        unsafe { libc::kill(if whole_group { -asked } else { asked }, signal) };
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
        assert_eq!(run.finished()["outcome"], "stopped", "{name}");
        assert!(
            !Path::new("/proc").join(download.trim()).exists(),
            "{name}: it is fetched on"
        );
        std::fs::remove_file(&fetching).unwrap();
    }
}

#[test]
fn a_talk_ends_by_a_signal_as_any_program() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        let mut command = program(&["chat", "models/llama", "--template=llama2"]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut line = child.stdin.take().unwrap();
        writeln!(line, "a question?").unwrap();
        // kept open: a reply that nobody reads would end it first
        let mut reply = child.stdout.take().unwrap();
        reply.read_exact(&mut [0]).unwrap();
        kill(&child, signal);
        assert_eq!(child.wait().unwrap().signal(), Some(signal));
    }
}

#[test]
fn a_run_that_is_stopped_before_its_first_step_tells_so() {
    let folder = Folder::new();
    for (name, more) in [
        ("held", ""),
        ("streamed", "streaming: true\nmax_steps: 9\neval_strategy: 'no'"),
        ("reference", "precompute_ref_log_probs: true"),
    ] {
        let yaml = folder.write(&format!("{name}.yaml"), &config("dpo", more));
        let run = folder.run(name);
        let once = || {
            let _ = std::fs::remove_dir_all(&run.0);
            run.command(&yaml, &[])
        };
        let output = stopped(once, libc::SIGTERM);
        assert_eq!(output.status.code(), Some(143), "{name}: {}", said(&output));
        let told = run.finished();
        assert_eq!(
            (&told["outcome"], &told["step"]),
            (&"stopped".into(), &0.into()),
            "{told}"
        );
        assert_eq!(run.checkpoints(), [0; 0], "{name}");
    }
}

#[test]
fn a_stream_that_is_stopped_goes_on_to_the_bit() {
    let folder = Folder::new();
    let more = "streaming: true\nbuffer_size: 5\nmax_steps: 40\nsave_steps: 20\neval_steps: 10";
    let yaml = folder.write("run.yaml", &config("sft", more));
    let straight = folder.run("straight");
    straight.train(&yaml, &[]);
    let other = folder.run("stopped");
    let mut stops = 0;
    for at in [3, 17, 26] {
        let mut child = other.start(&yaml, &["resume_from_checkpoint=true"]);
        other.wait(&mut child, |events| {
            events
                .iter()
                .any(|event| event["type"] == "step" && event["step"].as_u64() >= Some(at))
        });
        kill(&child, libc::SIGTERM);
        if child.wait().unwrap().code() == Some(143) {
            stops += 1;
            let told = other.finished();
            assert_eq!(told["outcome"], "stopped");
            assert!(other.checkpoints().contains(&told["step"].as_u64().unwrap()), "{told}");
        }
    }
    assert!(stops >= 1, "the run ended before it could be stopped");
    other.train(&yaml, &["resume_from_checkpoint=true"]);
    assert_eq!(straight.folded(), other.folded());
    let file = "checkpoint-40/adapter_model.safetensors";
    assert!(straight.bytes(file) == other.bytes(file));
}

#[test]
fn a_prediction_that_is_stopped_leaves_no_file_and_the_training_whole() {
    let folder = Folder::new();
    let more = "max_steps: 2\ndo_predict: true\npredict_with_generate: true\nmax_new_tokens: 150\neval_strategy: 'no'";
    let yaml = folder.write("run.yaml", &config("sft", more));
    for (name, more, steps) in [("after", "do_train=true", vec![2]), ("alone", "do_train=false", vec![])] {
        let run = folder.run(name);
        let mut child = run.command(&yaml, &[more]).stderr(Stdio::null()).spawn().unwrap();
        run.wait(&mut child, |events| {
            events.iter().any(|event| event["phase"] == "predicting")
        });
        kill(&child, libc::SIGTERM);
        assert_eq!(child.wait().unwrap().code(), Some(143), "{name}");
        assert_eq!(run.finished()["outcome"], "stopped", "{name}");
        assert_eq!(run.checkpoints(), steps, "{name}");
        let predictions = left(&run.0).into_iter().filter(|file| file.contains("predict"));
        assert_eq!(predictions.collect::<Vec<_>>(), [""; 0], "{name}");
    }
}
