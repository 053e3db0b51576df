//! The folder of an evaluation: `evaluation.json` with what was asked and how it ended, beside what the trainer wrote.

use crate::ambient::unique;
use crate::state::DataDir;
use crate::whole;
use protocol::evaluation::{Evaluation, FOUND, Found, Standing};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

const ABOUT_FILE: &str = "evaluation.json";
/// In front of the name of a folder that the trainer writes into; it is put in place once all of it is there.
const UNFINISHED_PREFIX: &str = ".evaluating-";

pub fn folder(data: &DataDir, id: &str) -> PathBuf {
    data.evaluations().join(id)
}

/// Makes the folder of a new one.
pub fn make(data: &DataDir, evaluation: &Evaluation) -> io::Result<()> {
    fs::create_dir_all(folder(data, &evaluation.id))?;
    write(data, evaluation)
}

/// Writes the state of an evaluation, unless its folder is gone.
pub fn write(data: &DataDir, evaluation: &Evaluation) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(evaluation)?;
    whole::write(&folder(data, &evaluation.id).join(ABOUT_FILE), &text)
}

/// A new folder for the trainer to write into.
pub fn fresh(data: &DataDir) -> PathBuf {
    data.evaluations().join(format!("{UNFINISHED_PREFIX}{}", unique()))
}

/// Puts what the trainer wrote into the evaluation's folder, and reads what it found.
pub fn publish(data: &DataDir, id: &str, fresh: &Path) -> io::Result<Found> {
    let found = serde_json::from_slice(&fs::read(fresh.join(FOUND))?)?;
    for entry in fs::read_dir(fresh)? {
        let entry = entry?;
        fs::rename(entry.path(), folder(data, id).join(entry.file_name()))?;
    }
    fs::remove_dir(fresh)?;
    Ok(found)
}

/// All evaluations, in no order. One that was running when the last server ended waits again: nothing of it is kept.
pub fn read_all(data: &DataDir) -> Vec<Evaluation> {
    let mut all = vec![];
    for entry in fs::read_dir(data.evaluations()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(UNFINISHED_PREFIX) {
            continue;
        }
        let text = fs::read(entry.path().join(ABOUT_FILE));
        match text.and_then(|text| Ok(serde_json::from_slice::<Evaluation>(&text)?)) {
            Ok(mut evaluation) => {
                if !evaluation.is_over() {
                    evaluation.standing = Standing::Queued;
                }
                // the folder's name is its id, whatever the file says
                evaluation.id = name;
                all.push(evaluation);
            }
            Err(error) => tracing::warn!("{}: {error}", entry.path().display()),
        }
    }
    all
}

/// Removes what a trainer had not finished when the last board ended: none goes on when this one starts.
pub fn sweep(data: &DataDir) {
    for entry in fs::read_dir(data.evaluations()).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED_PREFIX)
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!("{}: {error}", entry.path().display());
        }
    }
}

/// The first lines of a file, whole.
pub fn first_lines(path: &Path, count: usize) -> io::Result<String> {
    let lines = BufReader::new(File::open(path)?).lines().take(count);
    lines.map(|line| line.map(|line| line + "\n")).collect()
}
