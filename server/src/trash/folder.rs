//! The trash: a folder of the data directory in which each deleted thing has one of its own, with where it lay. A part on another
//! disk, to which nothing is moved at once, waits beside its place under a hidden name.

use crate::ApiError;
use crate::ambient::Ambient;
use crate::error::ApiResult;
use crate::path::is_plain_name;
use crate::runs::create::new_id;
use crate::runs::was::Was;
use crate::state::DataDir;
use crate::whole;
use protocol::api::{TrashKind, Trashed};
use protocol::says;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What has been in the trash for more days than this is deleted for good.
pub const DAYS: u64 = 7;
const DAY: i64 = 24 * 3600 * 1000;
/// Beside the parts of a thing, which lie here as `0`, `1` … if they lay on this disk.
const ABOUT_FILE: &str = "about.json";
/// How the runs among them were: a file of its own, since it is long, and since a version that can't read it must still read the rest.
const RUNS_FILE: &str = "runs.json";
/// What the name of a thing begins with that is no longer in the trash but still on the disk.
const DELETED_PREFIX: &str = ".gone-";
/// What the name of a part begins with that waits beside its place.
const BESIDE_PREFIX: &str = ".trash-";

/// `about.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    #[serde(flatten)]
    pub shown: Trashed,
    /// Where its parts lay, from the data directory.
    pub parts: Vec<PathBuf>,
    /// Folders of its that stay where they are, outside the data directory.
    #[serde(default)]
    pub stay: Vec<PathBuf>,
}

/// What was taken back.
pub struct Restored {
    pub about: About,
    /// How the runs among it were, as far as that can be read.
    pub runs: Vec<Was>,
}

/// What is to be deleted.
pub struct Deletion {
    pub kind: TrashKind,
    pub name: String,
    /// Files and folders of the data directory.
    pub parts: Vec<PathBuf>,
    /// Folders that are only forgotten.
    pub stay: Vec<PathBuf>,
    /// How the runs among them are.
    pub runs: Vec<Was>,
}

impl About {
    /// Whether its parts are places in the data directory, as they were written.
    fn is_whole(&self) -> bool {
        let plain = |part: &PathBuf| part.components().all(|part| matches!(part, Component::Normal(_)));
        self.parts.iter().all(plain)
    }

    /// Where each part lay, with where it may be now: here or beside its place.
    fn places<'a>(&'a self, data: &'a DataDir, folder: &'a Path) -> impl Iterator<Item = Part> + 'a {
        self.parts.iter().enumerate().map(move |(n, part)| {
            let lay = data.root().join(part);
            Part {
                here: folder.join(n.to_string()),
                mark: folder.join(format!("{n}.elsewhere")),
                beside: lay.with_file_name(format!("{BESIDE_PREFIX}{}-{n}", self.shown.id)),
                lay,
            }
        })
    }
}

/// A file or folder of a thing in the trash.
struct Part {
    /// Where it lay.
    lay: PathBuf,
    /// Where it is now, if it lay on the disk of the trash,
    here: PathBuf,
    /// and if it did not.
    beside: PathBuf,
    /// A file that says so, since the disk may be away later.
    mark: PathBuf,
}

impl Part {
    /// Where it is now; `None` where it was not there when the thing was deleted.
    fn now(&self) -> Option<&Path> {
        let places = [&self.here, &self.beside];
        places.into_iter().find(|place| is_there(place)).map(PathBuf::as_path)
    }

    fn put(&self) -> io::Result<()> {
        match move_if_there(&self.lay, &self.here) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                fs::write(&self.mark, "")?;
                move_if_there(&self.lay, &self.beside)
            }
            other => other,
        }
    }

    /// Whether the disk that it waits on is away for now.
    fn is_out_of_reach(&self) -> bool {
        is_there(&self.mark) && !is_there(&self.beside) && !is_there(&self.lay)
    }
}

/// Whether something has this name, a link to nothing too.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether things can be moved into the trash: they lie in the data directory.
///
/// # Errors
/// The first that can't be.
pub fn check_movable(data: &DataDir, parts: &[PathBuf]) -> ApiResult<()> {
    for part in parts {
        let said = part.display().to_string();
        if part == data.root() || !part.starts_with(data.root()) {
            return Err(ApiError::conflict(says::trash_outside(said)));
        }
    }
    Ok(())
}

/// Moves things into the trash, all of them or none. A part that is not there is left out.
///
/// # Errors
/// What [`check_movable`] says, or the disk: then what could not be moved back either can be taken back later.
pub fn put(data: &DataDir, doomed: Deletion, ambient: &Ambient) -> ApiResult<Trashed> {
    let Deletion {
        kind,
        name,
        parts,
        stay,
        runs,
    } = doomed;
    check_movable(data, &parts)?;
    let (id, deleted) = (new_id(ambient), ambient.now());
    let folder = data.trash().join(&id);
    let inside = |part: &PathBuf| part.strip_prefix(data.root()).map(Path::to_path_buf).ok();
    let about = About {
        shown: Trashed {
            id,
            kind,
            name,
            bytes: parts.iter().map(|part| bytes_of(part)).sum(),
            deleted,
            until: deleted + DAYS as i64 * DAY,
        },
        parts: parts.iter().filter_map(inside).collect(),
        stay,
    };
    fs::create_dir_all(data.trash())?;
    fs::create_dir(&folder)?;
    let mut done = match runs.as_slice() {
        [] => Ok(()),
        runs => write(&folder.join(RUNS_FILE), runs),
    };
    // before anything is moved: without it what lies here would be nobody's
    done = done.and_then(|()| write(&folder.join(ABOUT_FILE), &about));
    for part in about.places(data, &folder) {
        done = done.and_then(|()| part.put());
    }
    if let Err(error) = done {
        let mut stays = false;
        for part in about.places(data, &folder) {
            let back = part.now().is_none_or(|now| move_if_there(now, &part.lay).is_ok());
            stays |= !back || part.now().is_some();
        }
        match stays {
            // all that says where it belongs
            true => tracing::error!("{}: {error}; what lies there can be taken back", folder.display()),
            false => remove(data, &folder),
        }
        return Err(error.into());
    }
    Ok(about.shown)
}

fn write(path: &Path, what: &(impl Serialize + ?Sized)) -> io::Result<()> {
    whole::write(path, &serde_json::to_vec_pretty(what).map_err(io::Error::other)?)
}

/// Renames `from` to `to`; nothing where `from` is not there.
fn move_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_there(from) => Ok(()),
        other => other,
    }
}

/// All that is in the trash, the newest first.
pub fn list(data: &DataDir) -> Vec<Trashed> {
    let mut all: Vec<Trashed> = folders(data).filter_map(|folder| Some(read(&folder)?.shown)).collect();
    all.sort_by(|a, b| b.deleted.cmp(&a.deleted).then(b.id.cmp(&a.id)));
    all
}

fn folders(data: &DataDir) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(data.trash()).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir())
}

fn read(folder: &Path) -> Option<About> {
    let about: About = serde_json::from_slice(&fs::read(folder.join(ABOUT_FILE)).ok()?).ok()?;
    // the folder's name is what it is found by
    (Some(about.shown.id.as_str()) == folder.file_name()?.to_str()).then_some(about)
}

/// When a folder's time in the trash is over; `None` for a half-deleted one. Where `about.json` can't be read (another version may have
/// written it), the time is counted from when it was written.
fn until(folder: &Path) -> Option<i64> {
    read(folder).map(|about| about.shown.until).or_else(|| {
        let name = folder.file_name()?.to_str()?;
        let put = match fs::metadata(folder.join(ABOUT_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            // a disk that can't be read now is no reason to delete
            Err(error) => {
                tracing::warn!("{}: {error}", folder.display());
                return Some(i64::MAX);
            }
            Ok(meta) => meta.modified().ok()?,
        };
        let since = put.duration_since(UNIX_EPOCH).ok()?.as_millis();
        let until = i64::try_from(since)
            .unwrap_or(i64::MAX)
            .saturating_add(DAYS as i64 * DAY);
        (!name.starts_with(DELETED_PREFIX)).then_some(until)
    })
}

/// How the runs in a folder were. One that can't be read, since another version wrote it, is left out: its directory is adopted as it is.
fn runs(folder: &Path) -> Vec<Was> {
    /// `about.json`, which had them before they were a file.
    #[derive(Deserialize)]
    struct Within {
        #[serde(default)]
        runs: Vec<Box<RawValue>>,
    }
    let path = folder.join(RUNS_FILE);
    let all = match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text),
        Err(_) => {
            let text = fs::read(folder.join(ABOUT_FILE)).unwrap_or_default();
            serde_json::from_slice(&text).map(|Within { runs }| runs)
        }
    };
    let said = |error: &serde_json::Error| tracing::warn!("{}: {error}", path.display());
    let all: Vec<Box<RawValue>> = all.inspect_err(said).unwrap_or_default();
    let each = all.iter().map(|run| serde_json::from_str(run.get()));
    each.filter_map(|run| run.inspect_err(said).ok()).collect()
}

/// What lies in the trash under this id.
///
/// # Errors
/// There is no such thing.
pub fn about(data: &DataDir, id: &str) -> ApiResult<About> {
    Ok(find(data, id)?.1)
}

fn find(data: &DataDir, id: &str) -> ApiResult<(PathBuf, About)> {
    let none = || ApiError::not_found(says::no_such_trash(id.escape_debug().to_string()));
    if !is_plain_name(id) {
        return Err(none());
    }
    let folder = data.trash().join(id);
    let about = read(&folder).ok_or_else(none)?;
    Ok((folder, about))
}

/// Moves a thing back to where it lay, all of it or nothing.
///
/// # Errors
/// There is no such thing, or its place is taken or gone.
pub fn restore(data: &DataDir, id: &str) -> ApiResult<Restored> {
    let (folder, about) = find(data, id)?;
    let runs = runs(&folder);
    let mut moves = vec![];
    if !about.is_whole() {
        return Err(ApiError::internal(format!("{} is damaged", folder.display())));
    }
    for part in about.places(data, &folder) {
        let from = part.now().map(Path::to_path_buf);
        let parent = part.lay.parent().unwrap_or(&part.lay);
        if part.is_out_of_reach() || (from.is_some() && !parent.is_dir()) {
            return Err(ApiError::conflict(says::trash_place_gone(parent.display().to_string())));
        }
        let Some(from) = from else { continue };
        let to = part.lay;
        if is_there(&to) {
            return Err(ApiError::conflict(says::trash_place_taken(to.display().to_string())));
        }
        moves.push((from, to));
    }
    for (n, (from, to)) in moves.iter().enumerate() {
        if let Err(error) = fs::rename(from, to) {
            for (from, to) in moves.iter().take(n) {
                let _ = fs::rename(to, from);
            }
            return Err(error.into());
        }
    }
    remove(data, &folder);
    Ok(Restored { about, runs })
}

/// Takes a thing out of the trash for good; the folder given back is then to be [`remove`]d.
///
/// # Errors
/// There is no such thing, or the disk says no.
pub fn delete(data: &DataDir, id: &str) -> ApiResult<PathBuf> {
    let (folder, _) = find(data, id)?;
    Ok(move_aside(&folder)?)
}

/// Takes out for good what has lain here long enough, or all of it, and what a deletion that was cut off has left; the
/// folders given back are then to be [`remove`]d.
pub fn empty(data: &DataDir, before: i64) -> Vec<PathBuf> {
    let over = |folder: &PathBuf| until(folder).is_none_or(|until| until <= before);
    let move_aside = |folder: PathBuf| {
        let gone = move_aside(&folder);
        gone.inspect_err(|error| tracing::warn!("{}: {error}", folder.display()))
            .ok()
    };
    folders(data).filter(over).filter_map(move_aside).collect()
}

/// Renames a thing out of the trash's sight at once, however long deleting its files takes.
fn move_aside(folder: &Path) -> io::Result<PathBuf> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.starts_with(DELETED_PREFIX) {
        return Ok(folder.to_owned());
    }
    let gone = folder.with_file_name(format!("{DELETED_PREFIX}{name}"));
    fs::rename(folder, &gone)?;
    Ok(gone)
}

/// Deletes a thing's folder: first what waits elsewhere, which `about.json` alone tells of, then that, so that half of a thing is
/// never restored.
pub fn remove(data: &DataDir, folder: &Path) {
    let text = fs::read(folder.join(ABOUT_FILE)).unwrap_or_default();
    let about = serde_json::from_slice::<About>(&text).ok();
    if let Some(about) = about.filter(About::is_whole) {
        if about.places(data, folder).any(|part| part.is_out_of_reach()) {
            // tried again once its disk is back
            return tracing::warn!("{}: a part of it can't be reached", folder.display());
        }
        let away = about.places(data, folder).map(|part| part.beside);
        for path in away.filter(|path| is_there(path)) {
            let removed = match path.is_dir() && !path.is_symlink() {
                true => fs::remove_dir_all(&path),
                false => fs::remove_file(&path),
            };
            if let Err(error) = removed {
                // tried again with the next look
                return tracing::warn!("{}: {error}", path.display());
            }
        }
    }
    let _ = fs::remove_file(folder.join(ABOUT_FILE));
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => tracing::warn!("{}: {error}", folder.display()),
        _ => {}
    }
}

/// Bytes of the files below a path, links not followed.
pub fn bytes_of(path: &Path) -> u64 {
    let Ok(meta) = fs::symlink_metadata(path) else { return 0 };
    if !meta.is_dir() {
        return if meta.is_file() { meta.len() } else { 0 };
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| bytes_of(&entry.path())).sum()
}

#[cfg(test)]
mod tests;
