//! The real `corral-trainer` on the tiny models and data of `tests/golden`, and what its run directories say.

use protocol::event::Event;
use protocol::fold::Rewind;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_corral-trainer");

pub fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/golden")
        .canonicalize()
        .unwrap()
}

/// A folder that goes when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("corral-worker-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// A run directory in it; all runs of a folder share a cache.
    pub fn run(&self, name: &str) -> Run {
        Run(self.0.join(name))
    }
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What is taken back by the worker that begins with this event.
pub fn rewind(event: &Value) -> Option<Rewind> {
    let event: Event = serde_json::from_value(event.clone()).unwrap();
    Rewind::of(&event.body)
}

/// The program, from the folder whose paths the configs name.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(args)
        .current_dir(golden())
        .env("RAYON_NUM_THREADS", "2")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

pub struct Run(pub PathBuf);

impl Run {
    pub fn command(&self, yaml: &Path, more: &[&str]) -> Command {
        let out = format!("output_dir={}", self.0.display());
        let mut args = vec!["train", yaml.to_str().unwrap(), &out];
        args.extend(more);
        let mut command = program(&args);
        command.env("CORRAL_CACHE", self.0.with_file_name("cache"));
        command
    }

    /// Trains to the end.
    pub fn train(&self, yaml: &Path, more: &[&str]) {
        let output = self.command(yaml, more).output().unwrap();
        assert!(output.status.success(), "{}: {}", output.status, said(&output));
    }

    pub fn start(&self, yaml: &Path, more: &[&str]) -> Child {
        self.command(yaml, more).stdout(Stdio::null()).spawn().unwrap()
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub fn events(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.0.join("events.jsonl")).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn of(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|e| e["type"] == kind).collect()
    }

    /// Waits until `ready` holds of the events. A worker that ends before is fine: the caller sees it.
    pub fn wait(&self, child: &mut Child, ready: impl Fn(&[Value]) -> bool) {
        let start = Instant::now();
        while !ready(&self.events()) && child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < Duration::from_secs(120), "nothing happened in 120 s");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// What a reader keeps, by the rule of `protocol::fold`, without times, speed and memory.
    pub fn folded(&self) -> Vec<String> {
        let mut kept: Vec<(u64, String)> = vec![];
        for mut event in self.events() {
            if let Some(rewind) = rewind(&event) {
                kept.retain(|(step, _)| !rewind.forgets(*step));
            }
            match event["type"].as_str().unwrap() {
                "step" | "eval" => {
                    let step = event["step"].as_u64().unwrap();
                    let map = event.as_object_mut().unwrap();
                    map.remove("seq");
                    map.remove("time");
                    let metrics = map["metrics"].as_object_mut().unwrap();
                    metrics.remove("tokens_per_second");
                    metrics.remove("memory");
                    kept.push((step, event.to_string()));
                }
                _ => {}
            }
        }
        kept.into_iter().map(|(_, text)| text).collect()
    }

    /// `seq` rises by one from 1.
    pub fn check_seq(&self) {
        for (i, event) in self.events().iter().enumerate() {
            assert_eq!(event["seq"], i as u64 + 1, "{event}");
        }
    }

    pub fn checkpoints(&self) -> Vec<u64> {
        let mut steps: Vec<u64> = std::fs::read_dir(&self.0)
            .unwrap()
            .filter_map(|e| {
                e.unwrap()
                    .file_name()
                    .to_str()?
                    .strip_prefix("checkpoint-")?
                    .parse()
                    .ok()
            })
            .collect();
        steps.sort();
        steps
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let path = self.0.join(name);
        std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    pub fn finished(&self) -> Value {
        self.of("finished").pop().expect("the run has ended")
    }
}

pub fn kill(child: &Child, signal: i32) {
    // SAFETY: a signal to a child that was not waited for, so its pid is still its own.
    unsafe { libc::kill(child.id() as i32, signal) };
}

/// A config on the tiny Llama, as a person writes one; a key of `more` wins.
pub fn config(stage: &str, more: &str) -> String {
    let golden = golden().display().to_string();
    let dataset = if stage == "dpo" { "pairs" } else { "instructions" };
    let base = format!(
        "model_name_or_path: {golden}/models/llama
dataset_dir: {golden}/data
dataset: {dataset}
eval_dataset: {dataset}_eval
stage: {stage}
template: llama2
finetuning_type: lora
lora_rank: 4
cutoff_len: 96
per_device_train_batch_size: 2
gradient_accumulation_steps: 2
learning_rate: 2e-3
logging_steps: 1
eval_strategy: steps
eval_steps: 4"
    );
    let key = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
    let mut lines: Vec<&str> = vec![];
    for line in base.lines().chain(more.lines()) {
        lines.retain(|earlier| key(earlier) != key(line));
        lines.push(line);
    }
    lines.join("\n")
}
