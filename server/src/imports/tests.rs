//! Files that the other programs wrote themselves (`tests/golden/trackers`), read back: every value they logged.

use super::*;
use crate::ambient::unique;
use protocol::event::{Event, Origin, Outcome, TrainEvent};
use protocol::run_dir;
use std::collections::BTreeMap;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/golden/trackers")
        .join(name)
}

/// A folder that goes when the test ends.
struct Runs(PathBuf);

impl Runs {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("corral-imports-{}", unique()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A run directory as a reader has it: steps with their metrics, evaluations apart.
#[derive(Debug, Default)]
struct Seen {
    name: String,
    origin: Option<Origin>,
    values: BTreeMap<(u64, String), f64>,
    epochs: BTreeMap<u64, f64>,
    times: Vec<i64>,
    notes: Vec<String>,
    end: Option<(Outcome, String)>,
    config: protocol::RunConfig,
}

fn seen(directory: &Path) -> Seen {
    let text = fs::read_to_string(directory.join(run_dir::EVENTS)).unwrap();
    let mut seen = Seen {
        config: protocol::RunConfig::parse(&fs::read_to_string(directory.join(run_dir::CONFIG)).unwrap()).config,
        ..Seen::default()
    };
    seen.name = seen.config.run_name.clone().unwrap();
    for line in text.lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        seen.times.push(event.time);
        match event.body {
            TrainEvent::Origin(origin) => seen.origin = Some(origin),
            TrainEvent::Notice(said) => seen.notes.push(said.code),
            TrainEvent::Step { step, epoch, metrics } | TrainEvent::Eval { step, epoch, metrics } => {
                seen.epochs.insert(step, epoch);
                for (name, value) in metrics {
                    let twice = seen.values.insert((step, name.clone()), value.get());
                    assert_eq!(twice, None, "{name} of {step}");
                }
            }
            TrainEvent::Finished { outcome, said, .. } => seen.end = Some((outcome, said.code)),
            other => panic!("{other:?}"),
        }
    }
    seen
}

fn take(path: &Path, name: Option<&str>, runs: &Runs) -> Result<Taken, ImportError> {
    let shown = None;
    take_in(&ImportRequest { path, name, shown }, &runs.0, &Ambient::default())
}

fn import(name: &str) -> Vec<Seen> {
    let runs = Runs::new();
    let taken = take(&golden(name), None, &runs).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(taken.left_out, [], "{name}");
    taken.runs.iter().map(|directory| seen(directory)).collect()
}

fn import_one(name: &str) -> Seen {
    let mut all = import(name);
    assert_eq!(all.len(), 1, "{name}");
    all.remove(0)
}

/// What the Trainer itself kept, but for what its loggers are not told of.
fn logged() -> BTreeMap<(u64, String), f64> {
    let rows: Vec<BTreeMap<String, f64>> =
        serde_json::from_str(&fs::read_to_string(golden("values.json")).unwrap()).unwrap();
    let row = |row: BTreeMap<String, f64>| {
        let step = row["step"] as u64;
        let values = row
            .into_iter()
            .filter(|(name, _)| !["step", "epoch"].contains(&name.as_str()));
        values
            .map(move |(name, value)| ((step, name), value))
            .collect::<Vec<_>>()
    };
    rows.into_iter().flat_map(row).collect()
}

fn rounded(values: &BTreeMap<(u64, String), f64>) -> BTreeMap<(u64, String), f32> {
    values.iter().map(|(key, value)| (key.clone(), *value as f32)).collect()
}

#[test]
fn three_loggers_of_one_run_give_the_same_values() {
    for (name, from) in [
        ("transformers", Program::Transformers),
        ("tensorboard", Program::TensorBoard),
        ("mlruns", Program::Mlflow),
    ] {
        let seen = import_one(name);
        assert_eq!(rounded(&seen.values), rounded(&logged()), "{name}");
        assert_eq!(seen.origin.as_ref().map(|origin| origin.from), Some(from));
        assert_eq!(seen.epochs[&12] as f32, 2.4, "{name}");
        assert!(
            seen.times.is_sorted() && seen.times[0] > 1_700_000_000_000,
            "{name}: {:?}",
            seen.times
        );
        assert_eq!(seen.notes, [""; 0]);
    }
}

#[test]
fn llama_factorys_log_is_read_under_our_names() {
    let seen = import_one("llama_factory/trainer_log.jsonl");
    let known = ["loss", "learning_rate", "eval_loss"];
    let expected: BTreeMap<_, _> = logged()
        .into_iter()
        .filter(|((_, name), _)| known.contains(&name.as_str()))
        .collect();
    assert_eq!(rounded(&seen.values), rounded(&expected));
    assert_eq!(
        (seen.name.as_str(), seen.origin.unwrap().from),
        ("llama_factory", Program::LlamaFactory)
    );
}

#[test]
fn what_a_run_told_twice_is_there_once_and_what_is_no_number_is_counted() {
    let seen = import_one("resumed");
    let losses: Vec<_> = seen
        .values
        .into_iter()
        .map(|((step, _), value)| (step, value))
        .collect();
    assert_eq!(losses, [(1, 1.0), (2, 2.0), (3, 30.0), (4, 40.0), (5, 50.0)]);
    assert_eq!(seen.notes, ["import_no_numbers"]);
    let tensors = import_one("tensors");
    let values: Vec<_> = tensors.values.into_iter().collect();
    assert_eq!(
        values,
        [((1, "rollout/kl".into()), 0.5), ((2, "rollout/kl".into()), 1.0)]
    );
}

#[test]
fn mlflows_params_are_settings_where_we_have_the_same() {
    let seen = import_one("mlruns");
    assert_eq!(seen.name, "tiny line");
    assert_eq!((seen.config.learning_rate, seen.config.seed), (Some(0.05), Some(42)));
    assert_eq!(seen.config.neftune_noise_alpha, None);
}

#[test]
fn wandbs_exports_are_one_run_or_one_for_each_column() {
    for name in ["wandb.csv", "wandb.jsonl"] {
        let seen = import_one(name);
        assert_eq!(seen.values.len(), 9, "{name}: {:?}", seen.values);
        assert_eq!(seen.values[&(12, "loss".into())], 0.25);
        assert_eq!(seen.values[&(12, "eval_loss".into())], 0.125);
        assert_eq!(seen.times[0], 1_700_000_000_500);
    }
    let chart = import("wandb_chart.csv");
    let named: Vec<_> = chart.iter().map(|run| (run.name.as_str(), run.values.len())).collect();
    assert_eq!(named, [("first, long", 2), ("second", 1)]);
}

#[test]
fn all_runs_below_a_folder_are_found_and_named_by_where_they_lie() {
    let runs = Runs::new();
    let taken = take(&golden(""), Some("all"), &runs).unwrap();
    assert_eq!(taken.left_out, []);
    let mut names: Vec<_> = taken.runs.iter().map(|directory| seen(directory).name).collect();
    names.sort();
    let expected = ["llama_factory", "resumed", "tensorboard", "tensors", "transformers"];
    let mut expected: Vec<_> = expected.map(|name| format!("all-trackers-{name}")).into();
    for of_wandb in ["tiny line", "wandb", "wandb", "first, long", "second"] {
        expected.push(format!("all-{of_wandb}"));
    }
    expected.sort();
    assert_eq!(names, expected);
    // nothing hidden is left
    let left = fs::read_dir(&runs.0).unwrap().flatten();
    assert_eq!(
        left.filter(|entry| entry.file_name().to_string_lossy().starts_with('.'))
            .count(),
        0
    );
}

#[test]
fn what_cannot_be_taken_in_is_said() {
    let runs = Runs::new();
    let folder = Runs::new();
    let code = |path: &Path| take(path, None, &runs).unwrap_err().0.code;
    assert_eq!(code(&folder.0), "import_nothing_there");
    assert_eq!(code(&folder.0.join("gone")), "import_unreadable");
    for (name, text, expected) in [
        ("trainer_state.json", "{", "import_unreadable"),
        ("trainer_state.json", "{}", "import_no_history"),
        (
            "trainer_state.json",
            r#"{"log_history": [{"step": 1, "epoch": 1}]}"#,
            "import_no_values",
        ),
        ("trainer_log.jsonl", "", "import_no_values"),
        ("x.csv", "a,b\n1,2\n", "import_nothing_there"),
        ("x.csv", "Step,loss\nx,2\n", "import_not_a_step"),
        ("x.json", "[1]", "import_unreadable"),
        ("x.txt", "", "import_nothing_there"),
        ("events.out.tfevents.1.x", "no event file", "import_no_values"),
    ] {
        let path = folder.0.join(name);
        fs::write(&path, text).unwrap();
        assert_eq!(code(&path), expected, "{name} {text}");
    }
    assert_eq!(fs::read_dir(&runs.0).unwrap().count(), 0);
    // NaN, as Python writes it, is no number and no damage
    let path = folder.0.join("trainer_state.json");
    fs::write(&path, r#"{"log_history": [{"step": 1, "loss": NaN, "lr": 0.5}]}"#).unwrap();
    let taken = take(&path, None, &runs).unwrap();
    assert_eq!(seen(&taken.runs[0]).notes, ["import_no_numbers"]);
}

#[test]
fn what_is_left_out_of_a_run_that_grows_is_said_as_it_comes() {
    let (runs, folder) = (Runs::new(), Runs::new());
    let path = folder.0.join("trainer_log.jsonl");
    let row = |step: u64, loss: &str| {
        format!("{{\"current_steps\": {step}, \"total_steps\": 9, \"lr\": 1, \"loss\": {loss}}}\n")
    };
    let of = |text: &str| {
        fs::write(&path, text).unwrap();
        trainer::of_log("theirs", &path).unwrap()
    };
    let source = run::Source {
        from: Program::LlamaFactory,
        path: "theirs".into(),
        written: 1,
    };
    let directory = runs.0.join("grows");
    let mut text = row(1, "NaN");
    let mut growing = growing::Growing::begin(&of(&text), &directory, source).unwrap();
    assert_eq!(seen(&directory).notes, ["import_no_numbers"]);
    text += "no row\n";
    for step in 2..5 {
        text += &row(step, "NaN");
        growing.add(&of(&text), 2).unwrap();
    }
    // a count that goes on growing is told when it is known
    assert_eq!(seen(&directory).notes, ["import_no_numbers", "import_bad_line"]);
    growing.end().unwrap();
    let seen = seen(&directory);
    assert_eq!(
        seen.notes,
        ["import_no_numbers", "import_bad_line", "import_no_numbers"]
    );
    let events = fs::read_to_string(directory.join(run_dir::EVENTS)).unwrap();
    assert!(events.contains("4 values left out"), "{events}");
}

#[test]
fn a_run_ends_as_its_files_say_and_untold_where_they_do_not() {
    for (name, outcome, code) in [
        ("transformers", Outcome::Completed, ""),
        ("mlruns", Outcome::Completed, ""),
        ("tensorboard", Outcome::Untold, "import_end_untold"),
        ("wandb.csv", Outcome::Untold, "import_end_untold"),
    ] {
        assert_eq!(import_one(name).end, Some((outcome, code.to_owned())), "{name}");
    }
    let (runs, folder) = (Runs::new(), Runs::new());
    let path = folder.0.join("trainer_state.json");
    let row = r#""log_history": [{"step": 10, "loss": 1}]"#;
    let early = r#""stateful_callbacks": {"TrainerControl": {"args": {"should_training_stop": true}}}"#;
    for (more, outcome, code) in [
        ("", Outcome::Untold, "import_ends_at"),
        (early, Outcome::Stopped, "import_ended_early"),
    ] {
        let comma = if more.is_empty() { "" } else { "," };
        let text = format!(r#"{{"global_step": 12, "max_steps": 30, {row}{comma}{more}}}"#);
        fs::write(&path, text).unwrap();
        let seen = seen(&take(&path, None, &runs).unwrap().runs[0]);
        assert_eq!(seen.end, Some((outcome, code.to_owned())));
        assert_eq!(seen.origin.unwrap().total_steps, Some(30));
    }
}

#[test]
fn a_broken_file_is_named_and_keeps_no_other_out() {
    let (runs, folder) = (Runs::new(), Runs::new());
    for (name, file, text) in [
        ("broken", "trainer_state.json", "{"),
        (
            "good",
            "trainer_log.jsonl",
            "{\"current_steps\": 1, \"total_steps\": 1, \"loss\": 2}\nno row\n",
        ),
        ("own", run_dir::CONFIG, "run_name: own\n"),
    ] {
        fs::create_dir_all(folder.0.join(name)).unwrap();
        fs::write(folder.0.join(name).join(file), text).unwrap();
    }
    fs::write(folder.0.join("own").join(run_dir::EVENTS), "").unwrap();
    let taken = take(&folder.0, None, &runs).unwrap();
    let codes: Vec<_> = taken.left_out.iter().map(|said| said.code.as_str()).collect();
    assert_eq!(codes, ["import_own_run", "import_unreadable"]);
    assert!(taken.left_out[1].contains("broken/trainer_state.json"));
    let good = seen(&taken.runs[0]);
    assert_eq!((taken.runs.len(), good.notes), (1, vec!["import_bad_line".to_owned()]));
}

#[test]
fn wandbs_rows_without_a_step_are_of_the_step_before_and_columns_of_one_name_of_several_runs() {
    let (runs, folder) = (Runs::new(), Runs::new());
    let history = folder.0.join("history.jsonl");
    let rows = [
        "{\"_step\": 0, \"train/global_step\": 5, \"train/loss\": 1}",
        "{\"_step\": 1, \"mine\": 2}",
    ];
    fs::write(&history, rows.join("\n")).unwrap();
    fs::write(folder.0.join("data.csv"), "step,text\n1,2\n").unwrap();
    let chart = "\"Step\",\"a - train/loss\",\"a - train/loss\"\n1,0.5,0.75\n";
    fs::write(folder.0.join("chart.csv"), chart).unwrap();
    let taken = take(&folder.0, None, &runs).unwrap();
    let all: Vec<_> = taken.runs.iter().map(|run| seen(run)).collect();
    let losses: Vec<_> = all
        .iter()
        .map(|run| (run.name.as_str(), run.values.values().next().copied()))
        .collect();
    assert_eq!(losses, [("a", Some(0.5)), ("a", Some(0.75)), ("history", Some(1.0))]);
    assert_eq!(all[2].values[&(5, "mine".into())], 2.0);
    assert_eq!(all[2].notes, ["import_no_step"]);
}

#[test]
fn no_broken_file_is_worth_a_panic() {
    let runs = Runs::new();
    let folder = Runs::new();
    for name in [
        "transformers/trainer_state.json",
        "wandb.csv",
        "wandb.jsonl",
        "llama_factory/trainer_log.jsonl",
    ] {
        let whole = fs::read(golden(name)).unwrap();
        let path = folder.0.join(Path::new(name).file_name().unwrap());
        for at in (0..whole.len()).step_by(37) {
            let mut broken = whole.clone();
            broken[at] ^= 0x15;
            fs::write(&path, &broken).unwrap();
            let _ = take(&path, None, &runs);
            fs::write(&path, &whole[..at]).unwrap();
            let _ = take(&path, None, &runs);
        }
    }
}

#[test]
fn what_python_writes_is_read() {
    let text = r#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" Infinity", "d": "é\\"}"#;
    let expected = r#"{"a": null, "b": [null, null], "c": "NaN \" Infinity", "d": "é\\"}"#;
    assert_eq!(plain_json(text), expected);
    serde_json::from_str::<serde_json::Value>(&plain_json(text)).unwrap();
}

#[test]
fn any_folder_gives_a_name() {
    assert_eq!(nameable("saves/llama/lora"), "saves-llama-lora");
    assert_eq!(nameable("../.."), "imported");
    assert!(protocol::naming::is_run_name(&nameable(&"x/é\n".repeat(99))));
}
