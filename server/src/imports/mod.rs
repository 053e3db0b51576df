//! Runs of other programs, taken in to be looked at and compared: found in files and folders, written as run directories.

pub mod api;
mod csv;
mod files;
pub mod follow;
mod growing;
mod mlflow;
mod names;
mod run;
mod tensorboard;
mod trainer;
mod wandb;

use crate::ambient::Ambient;
use crate::runs::adopt::is_run;
use crate::runs::create::new_id;
use files::{check_weight, plain_json, read_bytes, read_rows, read_text};
use protocol::event::Program;
use protocol::{Said, says};
use run::ForeignRun;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// How deep folders are searched.
const MAX_DEPTH: usize = 6;
/// How many folders are searched, and how many runs are imported at once, at most.
const MAX_FOLDERS: usize = 20_000;
const MAX_RUNS: usize = 500;
/// How the folder of an upload begins, and how a run directory ends that is not whole yet.
const UPLOAD_PREFIX: &str = ".upload-";
const UNFINISHED_SUFFIX: &str = ".import";
/// An unfinished import that was not written to for this long (ms) is abandoned.
const ABANDONED_AFTER: i64 = 3_600_000;

/// Why nothing was taken in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", .0.message)]
pub struct ImportError(pub Said);

impl ImportError {
    /// Whether more is there than is read: what goes on growing stays so.
    fn is_too_much(&self) -> bool {
        matches!(self.0.code.as_str(), "import_many_values" | "import_too_large")
    }
}

/// A place where a run was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FoundRun {
    from: Program,
    /// The file it is told by, or the folder.
    path: PathBuf,
    /// What it is called, where nothing in it says so.
    name: String,
}

/// What is to be taken in.
#[derive(Debug, Clone, Copy)]
pub struct ImportRequest<'a> {
    /// A file or a folder.
    pub path: &'a Path,
    /// What to call the run; of several, what their names begin with.
    pub name: Option<&'a str>,
    /// What is shown as its origin, where that is not its path.
    pub shown: Option<&'a str>,
}

/// What was taken in.
#[derive(Debug, Default)]
pub struct Taken {
    /// Run directories.
    pub runs: Vec<PathBuf>,
    /// What was found and is not among them, and why.
    pub left_out: Vec<Said>,
}

/// Takes in every run of a file or folder: a run directory each, below `runs`. One that can't be read is named and keeps no
/// other out; one is held in memory at a time.
///
/// # Errors
/// Nothing is there, nothing of it can be read, or the disk won't take it; what was written until then stays.
pub fn take_in(asked: &ImportRequest, runs: &Path, ambient: &Ambient) -> Result<Taken, ImportError> {
    let path = asked
        .path
        .canonicalize()
        .map_err(|e| ImportError(says::import_unreadable(asked.path, e)))?;
    let searched = search_nonempty(&path)?;
    let mut taken = Taken {
        runs: vec![],
        left_out: searched.left_out,
    };
    fs::create_dir_all(runs).map_err(|e| ImportError(says::import_not_written(runs, e)))?;
    for place in &searched.found {
        let read = match read(place) {
            Ok(read) => read.into_iter().filter(|run| !run.is_empty()).collect(),
            Err(error) => {
                taken.left_out.push(error.0);
                continue;
            }
        };
        let read: Vec<ForeignRun> = read;
        if read.is_empty() {
            taken.left_out.push(says::import_no_values(&place.path));
        }
        let alone = searched.found.len() == 1 && read.len() == 1;
        for mut run in read {
            run.name = nameable(&match asked.name {
                Some(name) if alone => name.to_owned(),
                Some(name) => format!("{name}-{}", run.name),
                None => run.name,
            });
            let directory = runs.join(new_id(ambient));
            let source = run::Source {
                from: place.from,
                path: asked
                    .shown
                    .map_or_else(|| place.path.display().to_string(), str::to_owned),
                written: modified(&place.path),
            };
            run.write(&directory, &source)
                .map_err(|e| ImportError(says::import_not_written(&directory, e)))?;
            taken.runs.push(directory);
        }
    }
    match taken.left_out.first() {
        Some(why) if taken.runs.is_empty() => Err(ImportError(why.clone())),
        _ => Ok(taken),
    }
}

/// Removes what broken-off imports left half-written: uploads, which are a board's own and of which none goes on when it
/// starts, and directories that nobody has written to for a while (a command's may be going on).
pub fn sweep(runs: &Path, now: i64) {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let quiet = || {
            let files = fs::read_dir(&path)
                .into_iter()
                .flatten()
                .flatten()
                .map(|file| file.path());
            let last = files.chain([path.clone()]).map(|path| modified(&path)).max();
            last.is_some_and(|last| now - last > ABANDONED_AFTER)
        };
        let half = name.starts_with('.') && name.ends_with(UNFINISHED_SUFFIX) && quiet();
        if (half || name.starts_with(UPLOAD_PREFIX))
            && let Err(error) = fs::remove_dir_all(&path)
        {
            tracing::warn!("{}: {error}", path.display());
        }
    }
}

/// A name that a run may have: parts of a path are joined.
fn nameable(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c == '/' || c == '\\' || c.is_control() {
                '-'
            } else {
                c
            }
        })
        .take(60)
        .collect();
    match plain.trim().trim_matches(['.', '-']) {
        "" => "imported".to_owned(),
        name => name.to_owned(),
    }
}

/// The runs that a file or folder holds: one at least.
fn search_nonempty(path: &Path) -> Result<LogSearch, ImportError> {
    let search = search(path)?;
    if search.found.is_empty() {
        let why = search.left_out.into_iter().next();
        return Err(ImportError(why.unwrap_or_else(|| says::import_nothing_there(path))));
    }
    Ok(search)
}

/// The runs that a file or folder holds; none is no error.
fn search(path: &Path) -> Result<LogSearch, ImportError> {
    let name = |of: &Path| of.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if path.is_file() {
        let Some(from) = program_of(path) else {
            return Ok(LogSearch::default());
        };
        let name = match from {
            // such a file is called as all of its kind are
            Program::Wandb => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            _ => path.parent().map(name).unwrap_or_default(),
        };
        let path = path.to_owned();
        return Ok(LogSearch {
            found: vec![FoundRun { from, path, name }],
            ..LogSearch::default()
        });
    }
    let mut search = LogSearch::default();
    search.folder(path, &name(path), MAX_DEPTH);
    if search.searched > MAX_FOLDERS {
        search
            .left_out
            .push(says::import_many_folders(path, MAX_FOLDERS as u64));
    }
    match search.found.len() > MAX_RUNS {
        true => Err(ImportError(says::import_many_runs(path, MAX_RUNS as u64))),
        false => Ok(search),
    }
}

/// Which program wrote this file, by its name.
fn program_of(path: &Path) -> Option<Program> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    match name.as_str() {
        _ if tensorboard::is_one(path) => Some(Program::TensorBoard),
        trainer::STATE => Some(Program::Transformers),
        trainer::LOG => Some(Program::LlamaFactory),
        _ if [".csv", ".json", ".jsonl"].iter().any(|end| name.ends_with(end)) => Some(Program::Wandb),
        _ => None,
    }
}

#[derive(Default)]
struct LogSearch {
    found: Vec<FoundRun>,
    left_out: Vec<Said>,
    /// How many folders were searched.
    searched: usize,
}

impl LogSearch {
    fn folder(&mut self, folder: &Path, name: &str, depth: usize) {
        if self.searched > MAX_FOLDERS || self.found.len() > MAX_RUNS {
            return;
        }
        self.searched += 1;
        // else its TensorBoard files would be imported as the same run once more
        if is_run(folder) {
            return self.left_out.push(says::import_own_run(folder));
        }
        if let Some((from, path)) = run_of(folder) {
            let name = name.to_owned();
            return self.found.push(FoundRun { from, path, name });
        }
        if depth == 0 {
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            // gone, or no folder
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return,
            Err(e) => return self.left_out.push(says::import_unreadable(folder, e)),
        };
        let mut below: Vec<_> = entries.flatten().collect();
        below.sort_by_key(fs::DirEntry::file_name);
        for entry in below {
            let part = entry.file_name().to_string_lossy().into_owned();
            // a link may lead back
            let kind = entry.file_type();
            if kind.as_ref().is_ok_and(fs::FileType::is_dir) && !part.starts_with('.') {
                self.folder(&entry.path(), &format!("{name}/{part}"), depth - 1);
            } else if kind.is_ok_and(|kind| kind.is_file()) && wandb::is_one(&entry.path()) {
                let plain = part.rsplit_once('.').map_or(part.as_str(), |(plain, _)| plain);
                self.found.push(FoundRun {
                    from: Program::Wandb,
                    path: entry.path(),
                    name: plain.to_owned(),
                });
            }
        }
    }
}

/// The run that a folder itself is, by the file that tells most of it.
fn run_of(folder: &Path) -> Option<(Program, PathBuf)> {
    for (file, from) in [
        (trainer::STATE, Program::Transformers),
        (trainer::LOG, Program::LlamaFactory),
    ] {
        if folder.join(file).is_file() {
            return Some((from, folder.join(file)));
        }
    }
    // a run that was not ended has its history in its checkpoints alone
    let of_checkpoint = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let state = entry.path().join(trainer::STATE);
        Some((
            protocol::run_dir::checkpoint_step(&name)?,
            state.is_file().then_some(state)?,
        ))
    };
    let checkpoints = fs::read_dir(folder).ok()?.flatten().filter_map(of_checkpoint);
    if let Some((_, newest)) = checkpoints.max() {
        return Some((Program::Transformers, newest));
    }
    if mlflow::is_one(folder) {
        return Some((Program::Mlflow, folder.to_owned()));
    }
    let events = !event_files(folder).is_empty();
    events.then(|| (Program::TensorBoard, folder.to_owned()))
}

fn event_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| tensorboard::is_one(path))
        .collect();
    files.sort();
    files
}

/// The runs of a place.
///
/// # Errors
/// It can't be read, or holds more than is held in memory.
fn read(place: &FoundRun) -> Result<Vec<ForeignRun>, ImportError> {
    let runs = read_any(place)?;
    check_weight(&place.path, &runs)?;
    Ok(runs)
}

fn read_any(place: &FoundRun) -> Result<Vec<ForeignRun>, ImportError> {
    let FoundRun { from, path, name } = place;
    let one = match from {
        Program::TensorBoard if path.is_dir() => tensorboard::run(name, &event_files(path))?,
        Program::TensorBoard => tensorboard::run(name, std::slice::from_ref(path))?,
        Program::Transformers => trainer::of_state(name, path)?,
        Program::LlamaFactory => trainer::of_log(name, path)?,
        Program::Mlflow => mlflow::run(name, path)?,
        Program::Wandb if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv")) => {
            return wandb::of_csv(name, path);
        }
        Program::Wandb => wandb::of_json(name, path)?,
        // their runs are run directories already
        Program::Python | Program::Merge => return Ok(vec![]),
    };
    Ok(vec![one])
}

/// When a file or folder was last written, in milliseconds since the Unix epoch.
fn modified(path: &Path) -> i64 {
    let time = fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_millis() as i64)
}

#[cfg(test)]
mod tests;
