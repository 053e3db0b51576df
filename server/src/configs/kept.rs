//! The files of `configs/`.

use crate::ApiError;
use crate::error::ApiResult;
use crate::path::is_plain_name;
use crate::small_file;
use crate::state::DataDir;
use crate::whole::write as write_whole;
use protocol::api::SavedConfig;
use protocol::config::Parsed;
use protocol::{FieldError, RunConfig, says};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The longest config, in KiB.
const MAX_KIB: u64 = 64;
/// How many configs are kept.
const MAX_FILES: usize = 500;
/// What a file may end in; the first is what is written.
const ENDINGS: [&str; 2] = ["yaml", "yml"];

/// All of them, the newest first; one that can't be read says why.
pub fn all(data: &DataDir) -> Vec<SavedConfig> {
    let mut all: Vec<SavedConfig> = names(data).filter_map(|name| saved_config(data, &name).ok()).collect();
    all.sort_by(|a, b| b.changed.cmp(&a.changed).then_with(|| a.name.cmp(&b.name)));
    all
}

fn names(data: &DataDir) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(data.configs()).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.is_file()
                && ENDINGS
                    .iter()
                    .any(|ending| path.extension().is_some_and(|e| e == *ending))
        })
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| is_plain_name(name))
        .collect();
    names.sort();
    names.dedup();
    names.into_iter().take(MAX_FILES)
}

fn saved_config(data: &DataDir, name: &str) -> ApiResult<SavedConfig> {
    let written = fs::metadata(find(data, name)?)?.modified()?;
    let mut parsed = Parsed::default();
    match read(data, name) {
        Ok(text) => parsed = RunConfig::parse(&text),
        Err(error) => parsed.errors.push(FieldError::new("", "syntax", error.said())),
    }
    let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(SavedConfig {
        name: name.to_owned(),
        changed: since.as_millis() as i64,
        parsed,
    })
}

/// The path of the config of this name.
///
/// # Errors
/// There is none.
pub fn find(data: &DataDir, name: &str) -> ApiResult<PathBuf> {
    let mut paths = ENDINGS.iter().map(|ending| path_of(data, name, ending));
    let found = paths.find(|path| is_plain_name(name) && path.is_file());
    found.ok_or_else(|| ApiError::not_found(says::no_such_config(name.escape_debug().to_string())))
}

fn path_of(data: &DataDir, name: &str, ending: &str) -> PathBuf {
    data.configs().join(format!("{name}.{ending}"))
}

/// The text of a config.
///
/// # Errors
/// There is none of this name, or it is too long or no text.
pub fn read(data: &DataDir, name: &str) -> ApiResult<String> {
    let path = find(data, name)?;
    if fs::metadata(&path)?.len() > MAX_KIB << 10 {
        return Err(too_long(name));
    }
    String::from_utf8(small_file::read(&path, MAX_KIB << 10)?)
        .map_err(|_| ApiError::bad(says::bad_config_file(says::config_no_text(name))))
}

fn too_long(name: &str) -> ApiError {
    ApiError::bad(says::config_too_long(name, MAX_KIB))
}

/// The text with an output folder, which a command line needs and the board does not.
pub fn with_output_dir(text: String, config: &RunConfig, name: &str) -> String {
    if config.output_dir.is_none() {
        let folder = RunConfig {
            output_dir: Some(format!("saves/{name}")),
            ..RunConfig::default()
        };
        let before = if text.ends_with('\n') { "" } else { "\n" };
        let line = format!("{text}{before}{}", folder.to_yaml());
        // JSON takes no line of YAML behind it
        let fits = RunConfig::parse(&line).config.output_dir == folder.output_dir;
        return match fits {
            true => line,
            false => RunConfig {
                output_dir: folder.output_dir,
                ..config.clone()
            }
            .to_yaml(),
        };
    }
    text
}

/// Writes a config.
///
/// # Errors
/// The name is taken, there are too many, it is too long, or the disk says no.
pub fn write(data: &DataDir, name: &str, text: &str, replace: bool) -> ApiResult<SavedConfig> {
    if text.len() as u64 > MAX_KIB << 10 {
        return Err(too_long(name));
    }
    let existing = find(data, name).ok();
    if existing.is_some() && !replace {
        return Err(name_taken(name));
    }
    if existing.is_none() && names(data).count() >= MAX_FILES {
        return Err(ApiError::conflict(says::config_too_many(MAX_FILES as u64)));
    }
    fs::create_dir_all(data.configs())?;
    let path = existing.unwrap_or_else(|| path_of(data, name, ENDINGS[0]));
    write_whole(&path, text.as_bytes())?;
    saved_config(data, name)
}

fn name_taken(name: &str) -> ApiError {
    ApiError::conflict(says::config_taken(name))
}

/// Gives a config another name.
///
/// # Errors
/// There is none, or the new name is taken.
pub fn rename(data: &DataDir, name: &str, to: &str) -> ApiResult<SavedConfig> {
    let path = find(data, name)?;
    if name != to {
        if find(data, to).is_ok() {
            return Err(name_taken(to));
        }
        let ending = path.extension().map(Path::new).unwrap_or(Path::new(ENDINGS[0]));
        fs::rename(&path, path_of(data, to, &ending.to_string_lossy()))?;
    }
    saved_config(data, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_people_are_listed_and_what_is_wrong_with_them_is_said() {
        let root = std::env::temp_dir().join(format!("corral-configs-{}", std::process::id()));
        let data = DataDir::open(&root).unwrap();
        assert!(all(&data).is_empty());
        let config = RunConfig {
            pref_beta: Some(2.0),
            ..RunConfig::default()
        };
        write(
            &data,
            "mine",
            &with_output_dir(config.to_yaml(), &config, "mine"),
            false,
        )
        .unwrap();
        assert_eq!(read(&data, "mine").unwrap(), "pref_beta: 2\noutput_dir: saves/mine\n");
        assert_eq!(
            with_output_dir(
                "{\"seed\": 1}".into(),
                &RunConfig {
                    seed: Some(1),
                    ..RunConfig::default()
                },
                "j"
            ),
            "seed: 1\noutput_dir: saves/j\n"
        );
        fs::write(data.configs().join("theirs.yml"), "pref_bta: 1\n").unwrap();
        fs::write(data.configs().join("no.txt"), "x").unwrap();
        fs::write(data.configs().join("long.yaml"), "#".repeat(70 << 10)).unwrap();
        let listed = all(&data);
        let wrong = |name: &str| listed.iter().find(|c| c.name == name).unwrap().parsed.errors.len();
        assert_eq!(listed.len(), 3, "{listed:?}");
        assert_eq!([wrong("mine"), wrong("theirs"), wrong("long")], [0, 1, 1]);
        // a name is one file's, and stays so
        assert!(write(&data, "theirs", "seed: 1\n", false).is_err());
        assert!(rename(&data, "mine", "theirs").is_err());
        rename(&data, "theirs", "ours").unwrap();
        assert!(data.configs().join("ours.yml").is_file() && read(&data, "theirs").is_err());
        for bad in ["../corral", "", ".x"] {
            assert!(find(&data, bad).is_err());
        }
        fs::remove_dir_all(root).unwrap();
    }
}
