//! Other programs' logs of a run: TensorBoard's event files, offline runs of W&B and SwanLab.

use crate::worker::{Folder, Run, config, rewind};
use protocol::tensorboard::{What, eval_tag, read, train_tag};
use protocol::trackers::journal::records;
use protocol::wire::{Fields, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What TensorBoard shows of the one file in a folder: values by tag and step, as often as they are there.
fn shown(folder: &Path) -> BTreeMap<(String, i64), Vec<f64>> {
    let mut files = std::fs::read_dir(folder).unwrap().flatten();
    let file = files.next().unwrap();
    assert!(files.next().is_none(), "one file");
    assert!(file.file_name().to_str().unwrap().starts_with("events.out.tfevents."));
    let (events, damage) = read(&std::fs::read(file.path()).unwrap());
    assert_eq!(damage, None);
    let mut shown: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for event in events {
        match event.what {
            What::Scalars(values) => {
                for (tag, value) in values {
                    shown.entry((tag, event.step)).or_default().push(value);
                }
            }
            What::Start => shown.retain(|(_, step), _| *step < event.step),
            What::Other => {}
        }
    }
    shown
}

/// The same by the run's own events.
fn told(run: &Run) -> BTreeMap<(String, i64), Vec<f64>> {
    let mut told: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for event in run.events() {
        let (step, kind) = (event["step"].as_i64().unwrap_or(0), event["type"].as_str().unwrap());
        if let Some(rewind) = rewind(&event) {
            told.retain(|(_, step), _| !rewind.forgets(*step as u64));
        }
        let tag = match kind {
            "step" => train_tag,
            "eval" => eval_tag,
            _ => continue,
        };
        let metrics = event["metrics"].as_object().unwrap();
        let mut all: Vec<_> = metrics.iter().map(|(name, value)| (tag(name), value)).collect();
        if kind == "step" {
            all.push((tag("epoch"), &event["epoch"]));
        }
        for (tag, value) in all {
            let value = f64::from(value.as_f64().unwrap() as f32);
            told.entry((tag, step)).or_default().push(value);
        }
    }
    told
}

#[test]
fn tensorboard_is_shown_what_the_run_tells_and_no_step_twice() {
    let place = Folder::new();
    let run = place.run("run");
    let more = "max_steps: 60\nlogging_steps: 1\nsave_steps: 5\neval_steps: 10\nreport_to: [tensorboard]";
    let yaml = place.write("run.yaml", &config("dpo", more));
    let mut child = run.start(&yaml, &[]);
    run.wait(&mut child, |events| {
        events.iter().any(|e| e["step"] == 23 && e["type"] == "step")
    });
    child.kill().unwrap();
    child.wait().unwrap();
    run.train(&yaml, &["resume_from_checkpoint=true"]);
    assert_eq!(run.of("started").len(), 2);
    let shown = shown(&run.0.join("tensorboard"));
    assert_eq!(shown, told(&run));
    for tag in [
        "train/loss",
        "train/rewards/chosen",
        "train/learning_rate",
        "train/epoch",
    ] {
        assert!((1..=60).all(|step| shown[&(tag.to_owned(), step)].len() == 1), "{tag}");
    }
    for tag in ["eval/loss", "eval/preference/accuracies"] {
        assert!(
            (0..=60)
                .step_by(10)
                .all(|step| shown[&(tag.to_owned(), step)].len() == 1),
            "{tag}"
        );
    }
}

#[test]
fn a_place_that_cannot_be_written_is_a_note_and_the_run_goes_on() {
    let place = Folder::new();
    let run = place.run("run");
    let no_folder = place.write("file", "no folder");
    let more = format!(
        "max_steps: 2\nlogging_steps: 1\nreport_to: all\nlogging_dir: {}",
        no_folder.display()
    );
    run.train(&place.write("run.yaml", &config("dpo", &more)), &[]);
    let notes: Vec<_> = run.of("notice");
    let note = notes
        .iter()
        .find(|note| note["code"] == "tracker_given_up")
        .expect("a note");
    let said = note.to_string();
    assert!(
        said.contains("TensorBoard") && said.contains(no_folder.to_str().unwrap()),
        "{said}"
    );
    assert_eq!(run.events().last().unwrap()["outcome"], "completed");
    assert_eq!(run.of("step").len(), 2);
    run.check_seq();
}

#[test]
fn the_folder_that_is_named_is_taken() {
    let place = Folder::new();
    let run = place.run("run");
    let logs = place.path().join("logs/mine");
    let more = format!(
        "max_steps: 2\nlogging_steps: 1\nreport_to: tensorboard\nlogging_dir: {}",
        logs.display()
    );
    run.train(&place.write("run.yaml", &config("sft", &more)), &[]);
    assert_eq!(shown(&logs), told(&run));
    assert!(!run.0.join("tensorboard").exists());
}

/// The one offline run below a folder, and the records of its log.
fn offline(folder: &Path, ending: &str) -> (PathBuf, Vec<Vec<u8>>) {
    let mut runs = std::fs::read_dir(folder).unwrap().flatten();
    let run = runs.next().unwrap().path();
    assert!(runs.next().is_none(), "one run");
    let mut files = std::fs::read_dir(&run).unwrap().flatten().map(|file| file.path());
    let logs: Vec<_> = files.by_ref().filter(|path| path.is_file()).collect();
    let [log] = &logs[..] else { panic!("{logs:?}") };
    assert_eq!(log.extension().unwrap(), ending);
    (run, records(&std::fs::read(log).unwrap()).expect("whole records"))
}

/// A field of a message, down a path of numbers: the last of those there.
fn at<'a>(message: &'a [u8], path: &[u64]) -> Option<Value<'a>> {
    let (first, rest) = path.split_first()?;
    let found = Fields(message).filter(|(field, _)| field == first).last()?.1;
    match rest {
        [] => Some(found),
        rest => at(found.bytes()?, rest),
    }
}

fn text(message: &[u8], path: &[u64]) -> String {
    at(message, path).and_then(Value::text).unwrap_or_default().to_owned()
}

/// By the program's own numbers of fields: the history's rows are `Record.history`, `HistoryItem.nested_key` and `value_json`.
fn wandb_shows(records: &[Vec<u8>]) -> BTreeMap<(String, i64), Vec<f64>> {
    let mut shown: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for history in records.iter().filter_map(|record| at(record, &[2])) {
        let items: Vec<(String, f64)> = Fields(history.bytes().unwrap())
            .filter(|(field, _)| *field == 1)
            .map(|(_, item)| {
                (
                    text(item.bytes().unwrap(), &[2]),
                    text(item.bytes().unwrap(), &[16]).parse().unwrap(),
                )
            })
            .collect();
        let step = items.iter().find(|(name, _)| name == "train/global_step").unwrap().1 as i64;
        for (name, value) in items {
            if !name.starts_with('_') && name != "train/global_step" {
                shown.entry((name, step)).or_default().push(f64::from(value as f32));
            }
        }
    }
    shown
}

/// `Record.scalar`: key, step, value.number.
fn swanlab_shows(records: &[Vec<u8>]) -> BTreeMap<(String, i64), Vec<f64>> {
    let mut shown: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for record in records.iter().filter(|record| at(record, &[13]).is_some()) {
        let (Some(Value::Fixed64(value)), step) = (at(record, &[13, 5, 1]), at(record, &[13, 2])) else {
            panic!("a scalar without a value")
        };
        let step = match step {
            Some(Value::Varint(step)) => step as i64,
            _ => 0,
        };
        let value = f64::from(f64::from_le_bytes(value) as f32);
        shown.entry((text(record, &[13, 1]), step)).or_default().push(value);
    }
    shown
}

#[test]
fn offline_runs_have_what_the_run_tells_once_and_how_it_ended() {
    let place = Folder::new();
    let run = place.run("run");
    let more = "max_steps: 30\nlogging_steps: 1\nsave_steps: 5\neval_steps: 10\nreport_to: [wandb, swanlab]\nrun_name: mine\nproject: ours";
    let yaml = place.write("run.yaml", &config("dpo", more));
    let mut child = run.start(&yaml, &[]);
    run.wait(&mut child, |events| {
        events.iter().any(|e| e["step"] == 13 && e["type"] == "step")
    });
    child.kill().unwrap();
    child.wait().unwrap();
    run.train(&yaml, &["resume_from_checkpoint=true", "max_steps=32"]);
    assert_eq!(run.of("started").len(), 2);
    let told = told(&run);

    let (folder, wandb) = offline(&run.0.join("wandb"), "wandb");
    assert!(wandb_shows(&wandb) == told, "W&B");
    let started = wandb.iter().find(|record| at(record, &[17]).is_some()).unwrap();
    assert_eq!(
        (text(started, &[17, 3]), text(started, &[17, 8])),
        ("ours".into(), "mine".into())
    );
    assert!(folder.to_str().unwrap().ends_with(&text(started, &[17, 1])) && folder.join("files").is_dir());
    let end = wandb.last().unwrap();
    assert_eq!(at(end, &[18, 1]), Some(Value::Varint(0)));
    assert_eq!(wandb.iter().filter(|record| at(record, &[18]).is_some()).count(), 1);

    let (folder, swanlab) = offline(&run.0.join("swanlog"), "swanlab");
    assert!(swanlab_shows(&swanlab) == told, "SwanLab");
    assert_eq!(text(&swanlab[0], &[10, 4]), "mine");
    assert_eq!(at(swanlab.last().unwrap(), &[11, 1]), Some(Value::Varint(1)));
    let settings = std::fs::read_to_string(folder.join("files/config.yaml")).unwrap();
    assert!(
        settings.contains("\"stage\"") && settings.contains("\"dpo\""),
        "{settings}"
    );

    // and whoever wants them elsewhere is told what to type
    let ready: Vec<_> = run
        .of("notice")
        .into_iter()
        .filter(|note| note["code"] == "tracker_ready")
        .collect();
    let said: Vec<_> = ready.iter().map(|note| note["message"].as_str().unwrap()).collect();
    assert!(
        said.len() == 2 && said[0].contains("wandb sync /") && said[1].contains("swanlab sync /"),
        "{said:?}"
    );
}
