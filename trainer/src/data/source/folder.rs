//! The data files of a folder, in the order of their names: all of one type.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use protocol::data::{FileKind, ending, endings};
use protocol::says;

use super::super::error::{DataError, Result};
use super::super::info;

/// Files that other tools write beside data files to describe them.
const DESCRIPTIONS: [&str; 4] = [info::FILE, "dataset_dict.json", "dataset_infos.json", "state.json"];

/// The files of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The file, or the folder.
    pub path: PathBuf,
    /// The files of the folder that are read, if not all.
    pub chosen: Option<Vec<String>>,
}

impl Files {
    /// A file, or all data files of a folder.
    pub fn all(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            chosen: None,
        }
    }

    /// The files of a folder; `None` if it is one file.
    pub(super) fn members(&self) -> Result<Option<Members>> {
        match &self.chosen {
            Some(files) => Ok(Some(Members {
                files: files.clone(),
                others: Vec::new(),
            })),
            None if self.path.is_dir() => members(&self.path).map(Some),
            None => Ok(None),
        }
    }

    /// Their total size.
    pub(in crate::data) fn bytes(&self) -> Result<u64> {
        Ok(self.each()?.iter().map(|(_, meta)| meta.len()).sum())
    }

    /// Each file with its metadata.
    pub(in crate::data) fn each(&self) -> Result<Vec<(PathBuf, Metadata)>> {
        let of = |path: PathBuf| match path.metadata() {
            Ok(meta) if meta.is_file() => Ok((path, meta)),
            Ok(_) => Err(DataError::file(&path, says::no_regular_file())),
            Err(e) => Err(DataError::read(&path, e)),
        };
        match self.members()? {
            None => Ok(vec![of(self.path.clone())?]),
            Some(members) => members.files.iter().map(|name| of(self.path.join(name))).collect(),
        }
    }
}

/// What is in a folder.
pub(super) struct Members {
    /// Names of its data files, in order.
    pub files: Vec<String>,
    /// Names of all else, except hidden files.
    pub others: Vec<String>,
}

/// The data files of a folder.
///
/// # Errors
/// There are none, or some of another type than the others.
fn members(path: &Path) -> Result<Members> {
    let (mut files, mut others, mut folders) = (Vec::new(), Vec::new(), Vec::new());
    let mut first: Option<(FileKind, String)> = None;
    let entries = std::fs::read_dir(path).map_err(|e| DataError::read(path, e))?;
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || DESCRIPTIONS.contains(&name.as_str()) {
            continue;
        }
        // metadata of other tools
        if name.starts_with('_') {
            others.push(match entry.is_dir() {
                true => format!("{name}/"),
                false => name,
            });
            continue;
        }
        if entry.is_dir() {
            folders.push(name);
            continue;
        }
        let lower = name.to_lowercase();
        // a named pipe would block for ever
        let Some(kind) = FileKind::of(ending(&lower).0).filter(|_| entry.is_file()) else {
            others.push(name);
            continue;
        };
        match &first {
            Some((other, before)) if *other != kind => {
                let listed = path.join("dataset_info.json").is_file();
                let why = match listed {
                    true => says::folder_of_listed_files(before, &name, "dataset_info.json"),
                    false => says::folder_of_two_types(before, &name),
                };
                return Err(DataError::file(path, why));
            }
            Some(_) => {}
            None => first = Some((kind, name.clone())),
        }
        files.push(name);
    }
    if files.is_empty() {
        return Err(DataError::file(
            path,
            says::folder_without_data(endings().collect::<Vec<_>>().join(", "), folders.join(", ")),
        ));
    }
    others.extend(folders.into_iter().map(|name| format!("{name}/")));
    Ok(Members { files, others })
}
