//! Other programs' logs of a run: TensorBoard's event files.

use crate::worker::{Folder, Run, config};
use protocol::tensorboard::{What, eval_tag, read, train_tag};
use std::collections::BTreeMap;

/// What TensorBoard shows of the one file in a folder: values by tag and step, as often as they are there.
fn shown(folder: &std::path::Path) -> BTreeMap<(String, i64), Vec<f64>> {
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
        let tag = match kind {
            "step" => train_tag,
            "eval" => eval_tag,
            "started" => {
                let from = event["resumed_from"].as_i64().unwrap();
                told.retain(|(_, step), _| from > 0 && *step <= from);
                continue;
            }
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
