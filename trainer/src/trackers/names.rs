//! What a run is called in other programs: by its config, else by those programs' own environment variables; and which of
//! these say what is not done here.

use protocol::config::{SwanLab, Trackers, Wandb};
use protocol::trackers::{Names, PROJECT, TRACKIO};
use protocol::{RunConfig, Said, says};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A program's variables, as far as they say what is done here, or not.
pub(super) struct Variables {
    pub program: &'static str,
    /// Values by which its users turn it off.
    off: &'static [(&'static str, &'static [&'static str])],
    /// What asks for a connection, for files to be uploaded, or for another run to be gone on with.
    online: &'static [&'static str],
}

pub(super) const WANDB: &Variables = &Variables {
    program: "W&B",
    off: &[
        ("WANDB_MODE", &["disabled"]),
        ("WANDB_DISABLED", &["1", "true", "yes", "on"]),
    ],
    online: &["WANDB_LOG_MODEL", "WANDB_WATCH", "WANDB_RESUME", "WANDB_RUN_ID"],
};
pub(super) const SWANLAB: &Variables = &Variables {
    program: "SwanLab",
    off: &[("SWANLAB_MODE", &["disabled"])],
    online: &["SWANLAB_LOG_MODEL", "SWANLAB_RESUME", "SWANLAB_RUN_ID"],
};
/// Letters of a run's id, as both programs have it.
const ID: usize = 8;
/// LLaMA-Factory's.
const SWANLAB_PROJECT: &str = "llamafactory";

/// The variable by which a program is turned off.
pub(super) fn switched_off(of: &Variables) -> Option<&'static str> {
    let is_off = |(name, values): &&(&str, &[&str])| {
        set(name).is_some_and(|value| values.contains(&value.to_ascii_lowercase().as_str()))
    };
    of.off.iter().find(is_off).map(|(name, _)| *name)
}

/// What a person should know before training: of variables that are set and not used, and where trackio's database is.
pub fn notices(trackers: &Trackers, dir: &Path, config: &RunConfig) -> Vec<Said> {
    let asked = [(trackers.wandb.is_some(), WANDB), (trackers.swanlab.is_some(), SWANLAB)];
    let mut all = vec![];
    if trackers.trackio {
        let folder = set("TRACKIO_DIR").map_or_else(|| dir.join(TRACKIO), PathBuf::from);
        let folder = shell(&std::path::absolute(&folder).unwrap_or(folder));
        let project = shell(Path::new(config.project.as_deref().unwrap_or(PROJECT)));
        let command = format!("TRACKIO_DIR={folder} trackio show --project {project}");
        all.push(says::tracker_ready("trackio", command));
    }
    for (_, of) in asked.iter().filter(|(asked, _)| *asked) {
        if let Some(variable) = switched_off(of) {
            all.push(says::tracker_off(of.program, variable));
            continue;
        }
        let mode = of.off.iter().take(1).filter_map(|(name, _)| {
            let value = set(name)?;
            let here = ["offline", "dryrun", "local"].contains(&value.as_str());
            (!here).then(|| format!("{name}={value}"))
        });
        let online = of.online.iter().filter(|name| set(name).is_some_and(|v| v != "false"));
        let unused = mode.chain(online.map(|name| (*name).to_owned()));
        all.extend(unused.map(|variable| says::variable_no_effect(variable, says::trackers_offline())));
    }
    all
}

pub(super) fn wandb(of: &Wandb, dir: &Path, begun: i64) -> Names {
    let tags = set("WANDB_TAGS").unwrap_or_default();
    Names {
        id: id(dir, begun),
        project: set("WANDB_PROJECT")
            .or_else(|| of.project.clone())
            .unwrap_or_else(|| PROJECT.into()),
        name: of
            .name
            .clone()
            .or_else(|| set("WANDB_NAME"))
            .unwrap_or_else(|| called(dir)),
        owner: set("WANDB_ENTITY"),
        group: set("WANDB_RUN_GROUP"),
        job_type: set("WANDB_JOB_TYPE"),
        notes: set("WANDB_NOTES"),
        tags: listed(&tags),
    }
}

/// The folder of offline runs, as wandb lays it out.
pub(super) fn wandb_folder(dir: &Path) -> PathBuf {
    set("WANDB_DIR").map_or_else(|| dir.to_owned(), whole).join("wandb")
}

pub(super) fn swanlab(of: &SwanLab, dir: &Path, begun: i64) -> Names {
    let tags = set("SWANLAB_TAGS").unwrap_or_default();
    let project = || set("SWANLAB_PROJECT").or_else(|| set("SWANLAB_PROJ_NAME"));
    Names {
        id: id(dir, begun),
        project: of
            .project
            .clone()
            .or_else(project)
            .unwrap_or_else(|| SWANLAB_PROJECT.into()),
        name: of
            .name
            .clone()
            .or_else(|| set("SWANLAB_EXP_NAME"))
            .unwrap_or_else(|| called(dir)),
        owner: of.workspace.clone().or_else(|| set("SWANLAB_WORKSPACE")),
        group: set("SWANLAB_GROUP"),
        job_type: set("SWANLAB_JOB_TYPE"),
        notes: set("SWANLAB_DESCRIPTION"),
        tags: listed(&tags),
    }
}

pub(super) fn swanlab_folder(of: &SwanLab, dir: &Path) -> PathBuf {
    let set = || set("SWANLAB_LOG_DIR").or_else(|| set("SWANLAB_SAVE_DIR"));
    let folder = of.folder.clone().or_else(set);
    folder.map_or_else(|| dir.join("swanlog"), whole)
}

/// The same for a run whenever its log is made.
fn id(dir: &Path, begun: i64) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let sum = Sha256::digest(format!("{} {begun}", called(dir)));
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    sum.iter().take(ID).map(letter).collect()
}

/// A path that means the same wherever it is typed.
fn whole(path: String) -> PathBuf {
    std::path::absolute(&path).unwrap_or_else(|_| path.into())
}

fn called(dir: &Path) -> String {
    dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn listed(tags: &str) -> Vec<String> {
    let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    tags.map(str::to_owned).collect()
}

fn set(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// A path as a shell takes it.
pub(super) fn shell(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    match text.chars().all(plain) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
