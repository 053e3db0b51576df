//! Output folders of transformers and LLaMA-Factory: `trainer_state.json`, `trainer_log.jsonl`, and the settings that
//! lie beside them.

use super::names::{self, Meaning};
use super::run::ForeignRun;
use super::{ImportError, modified, plain_json, read_rows, read_text};
use protocol::{RunConfig, Said, says};
use serde_json::{Map, Value};
use std::path::Path;

pub const STATE: &str = "trainer_state.json";
pub const LOG: &str = "trainer_log.jsonl";
/// Lines that can't be read and are named.
const MAX_NAMED: usize = 20;
/// What LLaMA-Factory's board keeps of the settings.
const SETTINGS: &str = "training_args.yaml";

/// The run of a `trainer_state.json`, with the times that a `trainer_log.jsonl` beside it knows.
pub fn of_state(name: &str, path: &Path) -> Result<ForeignRun, ImportError> {
    let read = serde_json::from_str(&plain_json(&read_rows(path)?));
    let state: Value = read.map_err(|e| ImportError(says::import_unreadable(path, e)))?;
    let history = state["log_history"]
        .as_array()
        .ok_or_else(|| ImportError(says::import_no_history(path)))?;
    let mut run = ForeignRun::named(name);
    let count = |key: &str| state[key].as_u64().unwrap_or(0);
    // what an early stop leaves: it is unset again where training begins
    let stopped = &state["stateful_callbacks"]["TrainerControl"]["args"]["should_training_stop"];
    run.reached(count("global_step"), count("max_steps"), *stopped == Value::Bool(true));
    for row in history.iter().filter_map(Value::as_object) {
        let step = step_of(row, "step");
        put_row(&mut run, step, 0, row, names::of_log);
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    if let Some(log) = Log::read(&folder.join(LOG)) {
        for (step, time) in times(&log.rows, log.written) {
            run.date(step, time);
        }
    }
    run.config = settings(folder);
    Ok(run)
}

/// The run of a `trainer_log.jsonl`.
pub fn of_log(name: &str, path: &Path) -> Result<ForeignRun, ImportError> {
    // that it can be
    read_rows(path)?;
    let mut run = ForeignRun::named(name);
    let log = Log::read(path).unwrap_or_default();
    let dated = times(&log.rows, log.written);
    for (row, (step, time)) in log.rows.iter().zip(dated) {
        put_row(&mut run, step, time, row, names::of_llama_factory);
    }
    if let Some(last) = log.rows.last() {
        run.reached(step_of(last, "current_steps"), step_of(last, "total_steps"), false);
    }
    run.notices.extend(log.left_out);
    run.config = settings(path.parent().unwrap_or(Path::new("")));
    Ok(run)
}

fn put_row(run: &mut ForeignRun, step: u64, time: i64, row: &Map<String, Value>, meaning: fn(&str) -> Meaning) {
    let evaluation = row.keys().any(|key| matches!(meaning(key), Meaning::Eval(_)));
    for (key, value) in row {
        let Some(number) = number(value) else { continue };
        // of a row of an evaluation too: it says how far training had come
        if meaning(key) != Meaning::Epoch || !evaluation {
            run.put(step, time, meaning(key), number);
        }
    }
}

/// A number, or what Python writes for one that is none.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        // it was one that is none
        Value::Null => Some(f64::NAN),
        _ => None,
    }
}

fn step_of(row: &Map<String, Value>, key: &str) -> u64 {
    row.get(key)
        .and_then(Value::as_f64)
        .map_or(0, |step| step.max(0.0) as u64)
}

/// A `trainer_log.jsonl`.
#[derive(Default)]
struct Log {
    rows: Vec<Map<String, Value>>,
    /// Lines that are no rows.
    left_out: Vec<Said>,
    /// When it was last written.
    written: i64,
}

impl Log {
    /// `None` where there is none.
    fn read(path: &Path) -> Option<Self> {
        let text = read_rows(path).ok()?;
        let mut log = Self {
            written: modified(path),
            ..Self::default()
        };
        for (line, number) in text.split_inclusive('\n').zip(1u64..) {
            match serde_json::from_str(&plain_json(line)) {
                Ok(row) => log.rows.push(row),
                // one that is being written is no row yet
                Err(_) if line.trim().is_empty() || !line.ends_with('\n') => {}
                Err(why) if log.left_out.len() < MAX_NAMED => {
                    log.left_out.push(says::import_bad_line(path, number, why));
                }
                Err(_) => {}
            }
        }
        Some(log)
    }
}

/// Steps with their times: the last row was written when the file was, the others as much earlier as they say. A run that
/// was resumed counts from 0 again.
fn times(rows: &[Map<String, Value>], ended: i64) -> Vec<(u64, i64)> {
    let (mut before, mut now) = (0i64, 0i64);
    let passed: Vec<_> = rows
        .iter()
        .map(|row| {
            let elapsed = row.get("elapsed_time").and_then(Value::as_str).and_then(seconds);
            if let Some(elapsed) = elapsed {
                if elapsed < now {
                    before = before.saturating_add(now);
                }
                now = elapsed;
            }
            before.saturating_add(now)
        })
        .collect();
    let whole = passed.last().copied().unwrap_or(0);
    let dated = rows.iter().zip(passed).map(|(row, passed)| {
        let ago = whole.saturating_sub(passed).saturating_mul(1000);
        (step_of(row, "current_steps"), ended.saturating_sub(ago))
    });
    dated.collect()
}

/// `1 day, 2:03:04`, as Python writes a length of time.
fn seconds(text: &str) -> Option<i64> {
    let (days, clock) = match text.split_once(", ") {
        Some((days, clock)) => (days.split(' ').next()?.parse::<i64>().ok()?, clock),
        None => (0, text),
    };
    let mut parts = clock.split(':');
    let mut part = || parts.next()?.split('.').next()?.parse::<i64>().ok();
    let (hours, minutes, seconds) = (part()?, part()?, part()?);
    days.checked_mul(86_400)?
        .checked_add(hours.checked_mul(3600)?)?
        .checked_add(minutes.checked_mul(60)?)?
        .checked_add(seconds)
}

/// What LLaMA-Factory's board was told to train; nothing where it is not there or can't be read.
fn settings(folder: &Path) -> RunConfig {
    let path = folder.join(SETTINGS);
    let text = path.is_file().then(|| read_text(&path).ok()).flatten();
    text.map_or_else(RunConfig::default, |text| RunConfig::parse(&text).config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_pythons() {
        for (text, expected) in [
            ("0:00:07", Some(7)),
            ("1:02:03", Some(3723)),
            ("1 day, 0:00:01", Some(86_401)),
            ("2 days, 1:00:00.5", Some(176_400)),
            ("soon", None),
            ("9223372036854775807:00:00", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
