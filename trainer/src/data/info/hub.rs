//! Data sets of a hub, as far as they are on this machine: in the cache that Python's tools keep, where `corral download
//! --dataset` puts them too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use protocol::data::Part;
use protocol::hub::is_name;
use protocol::{Said, says};
use serde_json::{Map, Value};

use super::super::source::Files;
use super::{ELSEWHERE, FILE, SPLIT};
use crate::folder::snapshot;

const HUGGING_FACE: &str = "hf_hub_url";
const MODELSCOPE: &str = "ms_hub_url";
const SCRIPT: &str = "script_url";
/// Which of both hubs LLaMA-Factory asks where an entry names both.
const CHOICE: &str = "USE_MODELSCOPE_HUB";
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
    let modelscope = std::env::var(CHOICE).is_ok_and(|set| ["1", "true"].contains(&set.to_lowercase().as_str()));
    let prefers_other = modelscope && text(MODELSCOPE)?.is_some();
    if let Some(name) = text(HUGGING_FACE)?.filter(|_| !prefers_other) {
        let part = Part {
            subset: text("subset")?,
            split: text(SPLIT)?,
            folder: text("folder")?,
        };
        return cached(&name, &part);
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

fn cached(name: &str, part: &Part) -> Result<Files, Said> {
    // names without an owner are the oldest
    if !is_name(name) && !is_name(&format!("owner/{name}")) {
        return Err(says::no_hub_name(HUGGING_FACE, name));
    }
    let root = cache(&|name| std::env::var_os(name)).join(format!("datasets--{}", name.replace('/', "--")));
    let folder = snapshot(&root).ok_or_else(|| says::entry_on_hub(HUGGING_FACE, name))?;
    let mut names = Vec::new();
    walk(&folder, "", 0, &mut names);
    let card = std::fs::metadata(folder.join(Part::CARD))
        .ok()
        .filter(|meta| meta.len() <= Part::LARGEST_CARD);
    let card = card
        .and_then(|_| std::fs::read_to_string(folder.join(Part::CARD)).ok())
        .unwrap_or_default();
    let chosen = part.files(&Part::card(&card), names.iter().map(String::as_str))?;
    if let Some(missing) = missing_shard(&chosen) {
        return Err(says::entry_lacks_shard(HUGGING_FACE, name, missing));
    }
    Ok(Files {
        chosen: Some(chosen.into_iter().map(str::to_owned).collect()),
        path: folder,
    })
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

/// Where Python's tools keep what they fetch.
fn cache(env: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    let var = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || {
        let cache = var("XDG_CACHE_HOME").unwrap_or_else(|| var("HOME").unwrap_or_default().join(".cache"));
        var("HF_HOME").unwrap_or_else(|| cache.join("huggingface"))
    };
    var("HF_HUB_CACHE").unwrap_or_else(|| home().join("hub"))
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

    #[test]
    fn the_cache_is_where_pythons_tools_have_it() {
        for (set, place) in [
            (&[("HOME", "/h")][..], "/h/.cache/huggingface/hub"),
            (&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")], "/c/huggingface/hub"),
            (&[("HOME", "/h"), ("HF_HOME", "/f"), ("XDG_CACHE_HOME", "/c")], "/f/hub"),
            (&[("HF_HOME", "/f"), ("HF_HUB_CACHE", "/x")], "/x"),
        ] {
            let env = |name: &str| {
                set.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| OsString::from(value))
            };
            assert_eq!(cache(&env), Path::new(place));
        }
    }
}
