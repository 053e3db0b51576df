//! Data sets of hubs, as far as they are on this machine: in the caches that Python's tools keep, where `corral download
//! --dataset` puts them too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use protocol::data::Part;
use protocol::hub::{Hub, HubName, Kind, Listing, snapshot};
use protocol::{Said, says};
use serde_json::{Map, Value};

use super::super::source::Files;
use super::{ELSEWHERE, FILE, SPLIT};

const SCRIPT: &str = "script_url";
/// Folders within folders that are looked through, and files that are listed.
const DEPTH: usize = 8;
const MOST: usize = 100_000;

/// The files of an entry that names no file of its own.
pub(super) fn files(entry: &Map<String, Value>, dir: &Path) -> Result<Files, Said> {
    let text = |key: &str| match entry.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(_) => Err(says::entry_text(key)),
    };
    // of an entry that names both hubs LLaMA-Factory asks the one that the environment chooses
    let usual = Hub::usual(&env);
    let others = Hub::ALL.into_iter().filter(|hub| *hub != usual);
    for hub in std::iter::once(usual).chain(others) {
        if let Some(name) = text(hub.entry_key())? {
            let part = Part {
                subset: text("subset")?,
                split: text(SPLIT)?,
                folder: text("folder")?,
            };
            return cached(hub, &name, &part);
        }
    }
    if let Some(script) = text(SCRIPT)? {
        return Err(says::entry_script(SCRIPT, script));
    }
    for key in ELSEWHERE {
        if let Some(place) = text(key)? {
            return Err(says::entry_elsewhere(key, place, dir));
        }
    }
    Err(says::entry_no_file(FILE))
}

fn env(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn cached(hub: Hub, name: &str, part: &Part) -> Result<Files, Said> {
    let key = hub.entry_key();
    let plain = HubName::of(Kind::Dataset, name).is_some_and(|named| named.name == name);
    if !plain {
        return Err(says::no_hub_name(key, name));
    }
    let folder = place(hub, name).ok_or_else(|| says::entry_on_hub(key, name, command(hub, name, part)))?;
    let mut names = Vec::new();
    walk(&folder, "", 0, &mut names);
    let card = std::fs::metadata(folder.join(Part::CARD))
        .ok()
        .filter(|meta| meta.len() <= Part::LARGEST_CARD);
    let card = card
        .and_then(|_| std::fs::read_to_string(folder.join(Part::CARD)).ok())
        .unwrap_or_default();
    // a list says what belongs to it, also of what is not here
    let listing = listing(&folder);
    let known: Vec<&str> = match &listing {
        Some(listing) => listing.files.keys().map(String::as_str).collect(),
        None => names.iter().map(String::as_str).collect(),
    };
    let chosen = part.files(&Part::card(&card), known.into_iter())?;
    let missing: Vec<String> = match &listing {
        Some(listing) => {
            let length = |file: &str| std::fs::metadata(folder.join(file)).ok().map(|meta| meta.len());
            let missing = listing.missing(&chosen, length).into_iter();
            missing.map(str::to_owned).collect()
        }
        None => missing_shard(&chosen).into_iter().collect(),
    };
    if let Some((first, more)) = missing.split_first() {
        let more = match more.len() {
            0 => String::new(),
            count => count.to_string(),
        };
        return Err(says::entry_lacks_files(
            key,
            name,
            first.as_str(),
            more,
            command(hub, name, part),
        ));
    }
    Ok(Files {
        chosen: Some(chosen.into_iter().map(str::to_owned).collect()),
        path: folder,
    })
}

/// What fetches a data set, or the rest of it.
fn command(hub: Hub, name: &str, part: &Part) -> String {
    let of_hub = match hub {
        Hub::HuggingFace => "",
        Hub::ModelScope => "--hub=modelscope ",
    };
    let mut command = format!("corral download --dataset {of_hub}{name}");
    for (option, value) in [
        ("subset", &part.subset),
        ("split", &part.split),
        ("folder", &part.folder),
    ] {
        if let Some(value) = value {
            let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
            let value = match plain {
                true => value.clone(),
                false => format!("'{}'", value.replace('\'', r"'\''")),
            };
            command.push_str(&format!(" --{option}={value}"));
        }
    }
    command
}

/// What the hub lists of the files in a folder, where a download wrote it down.
fn listing(folder: &Path) -> Option<Listing> {
    let path = Listing::place(folder)?;
    let meta = std::fs::metadata(&path).ok()?;
    let small = meta.is_file() && meta.len() <= Listing::MAX_BYTES;
    Listing::parse(&std::fs::read(path).ok().filter(|_| small)?)
}

/// The folder of a data set's files, where there is one.
fn place(hub: Hub, name: &str) -> Option<PathBuf> {
    let cache = hub.cache(&env);
    match hub {
        Hub::HuggingFace => snapshot(&cache.join(hub.repository(Kind::Dataset, name))),
        Hub::ModelScope => {
            let folders = Hub::modelscope_folders(Kind::Dataset, name, None).into_iter();
            folders.map(|folder| cache.join(folder)).find(|folder| folder.is_dir())
        }
    }
}

/// The first shard that is not among these files: of `train-00000-of-00003.parquet` there are three.
fn missing_shard(files: &[&str]) -> Option<String> {
    files.iter().find_map(|file| {
        let (before, after) = file.split_once("-of-")?;
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (count, ending) = after.split_at_checked(digits)?;
        let start = before.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        let (stem, number) = before.split_at_checked(start)?;
        let all = count.parse::<usize>().ok().filter(|all| *all <= MOST)?;
        let width = number.len();
        let shards = (0..all).map(|n| format!("{stem}{n:0width$}-of-{count}{ending}"));
        shards.into_iter().find(|shard| !files.contains(&shard.as_str()))
    })
}

/// Names of all files below a folder, with the folders they lie in; links lead to files.
fn walk(folder: &Path, before: &str, depth: usize, names: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        let path = entry.path();
        if path.is_dir() && depth < DEPTH {
            walk(&path, &format!("{name}/"), depth + 1, names);
        } else if path.is_file() && names.len() < MOST {
            names.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_that_was_not_fetched_is_missed() {
        let whole = [
            "d/train-00000-of-00002.parquet",
            "d/train-00001-of-00002.parquet",
            "other.json",
        ];
        assert_eq!(missing_shard(&whole), None);
        let missing = missing_shard(&whole[1..]);
        assert_eq!(missing.as_deref(), Some("d/train-00000-of-00002.parquet"));
    }
}
