//! `dataset_info.json`: the files of a data set, and the layout of their rows.

mod hub;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::error::{DataError, Result};
use super::layout::{Formatting, Layout};
use super::source::{Files, Watch};
use crate::files;
use protocol::named_file::{self, Unread};
use protocol::register::{self, Register};
use protocol::{Said, Stage, says};

/// The file that lists a folder's data sets.
pub const FILE: &str = "dataset_info.json";

/// A data set: its name, its file and how the file is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub files: Files,
    pub layout: Layout,
    /// The entry names its columns itself, so that each of them must be in some row.
    pub names_columns: bool,
    /// Keys of the entry that are not used.
    pub unused: Vec<String>,
}

/// Reads `dataset_info.json` of `dir`; it is empty if there is none.
pub fn read_info(dir: &Path) -> Result<Register> {
    let path = dir.join(FILE);
    let bytes = match named_file::read_config(&path) {
        Ok(bytes) => bytes,
        Err(Unread::Io(e)) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Register::default()),
        Err(why) => return Err(DataError::unread(&path, why)),
    };
    let text = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(&bytes);
    register::read(text).map_err(|e| {
        let why = match e.is_data() {
            true => says::not_an_object_of_datasets(),
            false => says::file_not_json(e, ""),
        };
        DataError::file(&path, why)
    })
}

/// Finds the data set called `name`: an entry of `dataset_info.json` in `dir`, else a file, whose layout is recognised.
pub fn find(name: &str, dir: &Path) -> Result<Entry> {
    find_watched(name, dir, &Watch::none())
}

/// As [`find`], where somebody waits: to recognise a layout takes all rows.
pub(super) fn find_watched(name: &str, dir: &Path, watch: &Watch) -> Result<Entry> {
    let dir = &at_home(&dir.to_string_lossy(), "dataset_dir")?;
    let Register { entries, duplicates } = read_info(dir)?;
    if let Some(entry) = entries.get(name) {
        if let Some(duplicate) = duplicates.iter().find(|duplicate| duplicate.entry == name) {
            return Err(DataError::file(&dir.join(FILE), duplicate.said()));
        }
        return Entry::read(name, entry, dir, watch);
    }
    let path = at_home(name, "dataset")?;
    if let Some(entry) = of_other_folder(name, &path, watch)? {
        return Ok(entry);
    }
    let candidates = [path.clone(), dir.join(path)];
    if let Some(path) = candidates.into_iter().find(|p| p.exists()) {
        let files = Files::all(path);
        return Ok(Entry {
            name: name.to_owned(),
            layout: super::detect::detect(&files, watch)?.layout,
            files,
            names_columns: false,
            unused: Vec::new(),
        });
    }
    let near = nearest(name, entries.keys().map(String::as_str));
    let listed = dir.join(FILE);
    Err(DataError::UnknownDataset(match listed.exists() {
        true => says::dataset_unlisted(name, listed.as_path(), near.unwrap_or_default()),
        false => says::no_dataset_list(name, listed.as_path()),
    }))
}

/// A data set before any of its rows is read.
pub(super) struct Located {
    /// Its entry; null if it is named by its path.
    pub entry: Value,
    pub files: Files,
}

/// Where the rows of `name` are. Errors in an entry are left to [`find`].
pub(super) fn locate(name: &str, dir: &Path) -> Result<Located> {
    let dir = &at_home(&dir.to_string_lossy(), "dataset_dir")?;
    let path = at_home(name, "dataset")?;
    let of = |folder: &Path, name: &str| -> Result<Option<Located>> {
        let Some(entry) = read_info(folder)?.entries.remove(name) else {
            return Ok(None);
        };
        let files = match entry.as_object() {
            Some(object) => Entry::files(name, object, folder)?,
            None => Files::all(folder),
        };
        Ok(Some(Located { entry, files }))
    };
    let beside = path.parent().zip(path.file_name().and_then(|inner| inner.to_str()));
    let found = match (of(dir, name)?, beside) {
        (None, Some((folder, inner))) if path.is_absolute() && folder.join(FILE).is_file() => of(folder, inner)?,
        (found, _) => found,
    };
    Ok(found.unwrap_or_else(|| Located {
        entry: Value::Null,
        files: Files::all(match path.exists() {
            true => path,
            false => dir.join(path),
        }),
    }))
}

/// The data set `FOLDER/NAME` of another folder's register: so sets of several registers go into one run.
fn of_other_folder(name: &str, path: &Path, watch: &Watch) -> Result<Option<Entry>> {
    let (Some(folder), Some(inner)) = (path.parent(), path.file_name().and_then(|inner| inner.to_str())) else {
        return Ok(None);
    };
    if !path.is_absolute() || !folder.join(FILE).is_file() {
        return Ok(None);
    }
    let Register { entries, duplicates } = read_info(folder)?;
    match entries.get(inner) {
        None => Ok(None),
        Some(_) if let Some(duplicate) = duplicates.iter().find(|duplicate| duplicate.entry == inner) => {
            Err(DataError::file(&folder.join(FILE), duplicate.said()))
        }
        Some(entry) => Entry::read(name, entry, folder, watch).map(Some),
    }
}

/// A path with the home in its place. What can't be written out is told with the key that it stands under.
fn at_home(path: &str, key: &str) -> Result<PathBuf> {
    files::at_home(path).map_err(|what| DataError::UnknownDataset(says::under_key(key, what)))
}

impl Entry {
    /// As a stage takes it: supervised training does without labels that may be classes.
    pub fn for_stage(mut self, stage: Stage) -> Self {
        if stage == Stage::Supervised {
            self.layout.leave_label();
        }
        self
    }

    /// The files that an entry means.
    fn files(name: &str, entry: &Map<String, Value>, dir: &Path) -> Result<Files> {
        let fail = |problem: Said| DataError::dataset(name, problem);
        let Some(file) = entry.get("file_name") else {
            return hub::files(entry, dir).map_err(fail);
        };
        let file = file.as_str().ok_or_else(|| fail(says::entry_text("file_name")))?;
        let path = dir.join(at_home(file, "file_name")?);
        if !path.exists() {
            return Err(fail(says::no_such_file(&path)));
        }
        other_rows(entry).map_err(fail)?;
        Ok(Files::all(path))
    }

    fn read(name: &str, value: &Value, dir: &Path, watch: &Watch) -> Result<Self> {
        let fail = |problem: Said| DataError::dataset(name, problem);
        let entry = value.as_object().ok_or_else(|| fail(says::entry_no_object(FILE)))?;
        let files = Self::files(name, entry, dir)?;
        if let Some((key, meant)) = misspelt(entry) {
            return Err(fail(says::entry_near(FILE, key, meant)));
        }
        let mut layout = Layout::read(entry).map_err(fail)?;
        // An entry that says nothing of its rows means LLaMA-Factory's names; where rows have other ones, they speak
        // for themselves.
        let silent = ["formatting", "ranking", "columns", "tags", "comparison"]
            .iter()
            .all(|key| entry.get(*key).is_none_or(Value::is_null));
        if silent
            && let Ok(found) = super::detect::detect(&files, watch)
            && !layout.is_told_by(&found.layout)
        {
            layout = Layout {
                num_samples: layout.num_samples,
                ..found.layout
            };
        }
        Ok(Self {
            name: name.to_owned(),
            files,
            names_columns: entry.get("columns").is_some_and(Value::is_object),
            unused: unused(entry, &layout),
            layout,
        })
    }
}

/// Keys of an entry that are used.
const KEYS: [&str; 8] = [
    "file_name",
    "formatting",
    "ranking",
    "columns",
    "tags",
    "comparison",
    "num_samples",
    SPLIT,
];
const SPLIT: &str = "split";
/// Places of rows that are not on this machine; LLaMA-Factory takes them before a file.
const ELSEWHERE: [&str; 5] = [
    "hf_hub_url",
    "ms_hub_url",
    "om_hub_url",
    "script_url",
    "cloud_file_name",
];
/// Which of several files of a data set that is elsewhere.
const PARTS: [&str; 2] = ["subset", "folder"];
/// Other tools' names for the number of sampled rows.
const COUNTS: [&str; 2] = ["max_samples", "limit"];

/// Refuses what asks for other rows than those of the file.
fn other_rows(entry: &Map<String, Value>) -> std::result::Result<(), Said> {
    let filled = |key: &str| entry.get(key).filter(|value| !value.is_null() && **value != "");
    match filled(SPLIT) {
        None => {}
        Some(Value::String(split)) if split == "train" => {}
        Some(Value::String(split)) => return Err(says::entry_split(split)),
        Some(_) => return Err(says::entry_text(SPLIT)),
    }
    let beside = ELSEWHERE.iter().chain(&PARTS).find(|key| filled(key).is_some());
    match beside {
        Some(key) => Err(says::entry_beside_file(FILE, *key)),
        None => Ok(()),
    }
}

/// Keys of an entry that have no meaning here: notes, or mistaken settings.
fn unused(entry: &Map<String, Value>, layout: &Layout) -> Vec<String> {
    let speaks = |key: &str| match key {
        // messages have names inside, which rows of texts don't
        "tags" => layout.ranking || layout.formatting == Formatting::Sharegpt,
        _ => KEYS.contains(&key) || ELSEWHERE.contains(&key) || PARTS.contains(&key),
    };
    let filled = entry.iter().filter(|(_, value)| !value.is_null());
    filled
        .map(|(key, _)| key.clone())
        .filter(|key| !speaks(key.as_str()))
        .collect()
}

/// A key that is nearly one of an entry's, or another tool's name for it, and the one that is meant.
fn misspelt(entry: &Map<String, Value>) -> Option<(&str, &'static str)> {
    let known: Vec<&'static str> = KEYS.into_iter().chain(ELSEWHERE).chain(PARTS).collect();
    let written = entry.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key);
    written.filter(|key| !known.contains(&key.as_str())).find_map(|key| {
        let near = |known: &&&str| distance(key, known) <= 2;
        let meant = match COUNTS.contains(&key.as_str()) {
            true => "num_samples",
            false => known.iter().find(near)?,
        };
        (!entry.contains_key(meant)).then_some((key.as_str(), meant))
    })
}

/// The name most like `name`, if one is like it.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|n| (distance(name, n), n))
        .min()
        .filter(|(d, _)| *d <= name.chars().count() / 3 + 1)
        .map(|(_, n)| n)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replace = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
