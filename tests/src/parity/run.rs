//! A golden run's config through the real program, on the processor or a card, and what it logged.

use super::{Curve, Row, golden};
use crate::programs::program;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A finished run of ours.
pub struct Ours {
    pub curve: Curve,
    pub(super) dir: tempfile::TempDir,
}

/// What a run trains on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Processor,
    /// the emulated card below Cargo's test runner, a real one without
    Card,
}

impl On {
    /// The processor, or with `CORRAL_TEST_DEVICE=cuda` the card.
    pub fn asked() -> Self {
        match std::env::var("CORRAL_TEST_DEVICE").as_deref() {
            Ok("cuda") => Self::Card,
            _ => Self::Processor,
        }
    }
}

/// Trains as the config says into `out` below `dir`, with that program.
///
/// # Errors
/// What the program said when it ended without success.
pub fn train(trainer: &Path, config: &Map<String, Value>, dir: &Path) -> Result<PathBuf, String> {
    train_on(On::Processor, trainer, config, dir)
}

/// As [`train`], on this device.
///
/// # Errors
/// What the program said when it ended without success.
pub fn train_on(on: On, trainer: &Path, config: &Map<String, Value>, dir: &Path) -> Result<PathBuf, String> {
    let file = dir.join("case.yaml");
    std::fs::write(&file, Value::Object(config.clone()).to_string()).unwrap();
    let out = dir.join("out");
    let mut command = Command::new(trainer);
    command
        .arg("train")
        .arg(&file)
        .arg(format!("output_dir={}", out.display()));
    match on {
        On::Processor => command.arg("device=cpu"),
        On::Card => command.arg("device=cuda").env("CUDA_EMULATOR", "1"),
    };
    let done = command
        .current_dir(golden())
        .env("RAYON_NUM_THREADS", "2")
        // what every processor computes
        .env("CORRAL_BF16", "portable")
        .env("CORRAL_CACHE", dir.join("cache"))
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", trainer.display()));
    let words = String::from_utf8_lossy(&done.stderr);
    let ended = || format!("{}\n{}", done.status, words.trim_end());
    done.status.success().then_some(out).ok_or_else(ended)
}

/// Trains as the case says, with the real program, and reads `events.jsonl`.
pub fn run(name: &str, config: &Map<String, Value>) -> Ours {
    run_on(On::asked(), config).unwrap_or_else(|words| panic!("{name}: {words}"))
}

/// As [`run`], on this device.
///
/// # Errors
/// What the program said when it ended without success.
pub fn run_on(on: On, config: &Map<String, Value>) -> Result<Ours, String> {
    let dir = tempfile::tempdir().unwrap();
    let out = train_on(on, &program("corral-trainer"), config, dir.path())?;
    let mut curve = Curve::default();
    let events = std::fs::read_to_string(out.join("events.jsonl")).unwrap();
    for line in events.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let rows = match event["type"].as_str().unwrap() {
            "step" => &mut curve.train,
            "eval" => &mut curve.eval,
            _ => continue,
        };
        let mut row: Row = serde_json::from_value(event["metrics"].clone()).unwrap();
        row.insert("step".into(), event["step"].as_f64().unwrap());
        rows.push(row);
    }
    Ok(Ours { curve, dir })
}

impl Ours {
    /// The text of a file of its run directory.
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join("out").join(name)).unwrap()
    }

    /// The device that the run says it trained on.
    pub fn device(&self) -> String {
        let events = std::fs::read_to_string(self.dir.path().join("out").join("events.jsonl")).unwrap();
        let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut told = events.filter_map(|event| Some(event["device"].as_str()?.to_owned()));
        told.next().unwrap_or_default()
    }
}
