//! A folder of TensorBoard's event files: one run, as TensorBoard takes it.

use super::names;
use super::run::ForeignRun;
use super::{ImportError, read_bytes};
use protocol::says;
use protocol::tensorboard::{IN_NAME, What, read};
use std::path::{Path, PathBuf};

/// Whether a file is called as event files are.
pub fn is_one(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().contains(IN_NAME))
        && path.is_file()
}

/// The run that the files of one folder tell, in the order of their names.
pub fn run(name: &str, files: &[PathBuf]) -> Result<ForeignRun, ImportError> {
    let mut run = ForeignRun::named(name);
    for file in files {
        let (events, damage) = read(&read_bytes(file)?);
        if let Some(damaged) = damage {
            run.notices.push(says::import_damaged(file, damaged.at as u64));
        }
        for event in events {
            let step = event.step.max(0) as u64;
            match event.what {
                What::Scalars(values) => {
                    for (tag, value) in values {
                        run.put(step, millis(event.time), names::of_tag(&tag), value);
                    }
                }
                What::Start => run.forget_from(step),
                What::Other => {}
            }
        }
    }
    Ok(run)
}

fn millis(seconds: f64) -> i64 {
    // a number that is none is 0
    (seconds * 1e3) as i64
}
