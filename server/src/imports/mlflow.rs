//! MLflow's file store: `mlruns/EXPERIMENT/RUN` with `meta.yaml`, and `metrics`, `params` and `tags`, a file each.

use super::names;
use super::run::{End, ForeignRun};
use super::{ImportError, read_text};
use protocol::event::{Outcome, Program};
use protocol::{RunConfig, Said, says};
use std::path::{Path, PathBuf};

const META: &str = "meta.yaml";
const METRICS: &str = "metrics";
/// Folders of metrics in one another: a name with slashes.
const DEPTH: usize = 8;
/// Metrics of one run.
const MOST: usize = 10_000;

/// Whether a folder is a run of the store, and not one that was deleted there.
pub fn is_one(folder: &Path) -> bool {
    let deleted = |meta: String| meta.lines().any(|line| line.trim() == "lifecycle_stage: deleted");
    folder.join(METRICS).is_dir() && read_text(&folder.join(META)).is_ok_and(|meta| !deleted(meta))
}

/// The run of such a folder.
pub fn run(name: &str, folder: &Path) -> Result<ForeignRun, ImportError> {
    let called = read_text(&folder.join("tags/mlflow.runName")).ok();
    let mut run = ForeignRun::named(
        called
            .as_deref()
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .unwrap_or(name),
    );
    let mut files = vec![];
    files_below(&folder.join(METRICS), String::new(), DEPTH, &mut files);
    for (metric, path) in files {
        for (line, number) in read_text(&path)?.lines().zip(1u64..) {
            let Some((time, value, step)) = point(line) else {
                return Err(ImportError(says::import_not_a_point(&path, number)));
            };
            run.put(step, time, names::of_tag(&metric), value);
        }
    }
    run.config = params(&folder.join("params"));
    run.end = end(&read_text(&folder.join(META))?);
    Ok(run)
}

/// What the store says of the run's end: a number of MLflow's `RunStatus`, in older files its name.
fn end(meta: &str) -> Option<End> {
    let status = meta.lines().find_map(|line| line.strip_prefix("status:"))?.trim();
    let (outcome, word) = match status.trim_matches(['\'', '"']) {
        "3" | "FINISHED" => (Outcome::Completed, "FINISHED"),
        "4" | "FAILED" => (Outcome::Failed, "FAILED"),
        "5" | "KILLED" => (Outcome::Stopped, "KILLED"),
        "1" | "RUNNING" => (Outcome::Untold, "RUNNING"),
        "2" | "SCHEDULED" => (Outcome::Untold, "SCHEDULED"),
        _ => return None,
    };
    let said = match outcome {
        Outcome::Completed => Said::default(),
        _ => says::import_status(Program::Mlflow.name(), word),
    };
    Some(End { outcome, said })
}

/// `1700000000000 0.25 3`: milliseconds, the value, the step (0 in older files, which leave it out).
fn point(line: &str) -> Option<(i64, f64, u64)> {
    let mut words = line.split_ascii_whitespace();
    let (time, value) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let step = words.next().map_or(Some(0), |step| step.parse::<i64>().ok())?;
    Some((time, value, step.max(0) as u64))
}

fn files_below(folder: &Path, before: String, depth: usize, found: &mut Vec<(String, PathBuf)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_file() && found.len() < MOST => found.push((name, entry.path())),
            Ok(kind) if kind.is_dir() && depth > 0 => files_below(&entry.path(), name + "/", depth - 1, found),
            _ => {}
        }
    }
}

/// What transformers' callback noted of the training arguments, as far as a config of ours has the same keys.
fn params(folder: &Path) -> RunConfig {
    let mut config = RunConfig::default();
    for key in protocol::config::KEYS {
        let text = read_text(&folder.join(key.name)).ok();
        let value = text
            .as_deref()
            .map(str::trim)
            .filter(|value| !value.is_empty() && *value != "None");
        if let Some(value) = value {
            // one that says something else than ours is not known
            let _ = config.set(key.name, &value.into());
        }
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_as_its_store_says() {
        let outcome = |meta: &str| end(meta).map(|end| end.outcome);
        for (status, expected) in [
            ("3", Outcome::Completed),
            ("4", Outcome::Failed),
            ("'KILLED'", Outcome::Stopped),
            ("1", Outcome::Untold),
        ] {
            assert_eq!(outcome(&format!("run_id: a\nstatus: {status}\n")), Some(expected));
        }
        assert_eq!(outcome("run_id: a\n"), None);
    }

    #[test]
    fn points_are_read_with_and_without_a_step() {
        assert_eq!(point("1700 0.5 3"), Some((1700, 0.5, 3)));
        assert_eq!(point("1700 0.5"), Some((1700, 0.5, 0)));
        assert!(point("1700 nan 2").is_some_and(|(_, value, _)| value.is_nan()));
        for bad in ["", "1700", "x 0.5 1", "1 2 3.5"] {
            assert_eq!(point(bad), None, "{bad}");
        }
    }
}
