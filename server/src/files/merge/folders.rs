//! The folders that merges and exports make in a run's directory: each appears whole or not at all.

use crate::ambient::unique;
use crate::{small_file, whole};
use protocol::api::{ExportForm, Merge};
use protocol::run_dir;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Bytes of the longest file that says what a folder was made of.
const MAX_BYTES: u64 = 1 << 20;

/// In `merged/`: which checkpoint it was made of. A part of the folder, so that neither is ever another's.
const MADE_OF: &str = ".made_of.json";
/// In front of the name of a merge that is not done. Each has a name of its own: what a merge whose server is gone still
/// writes is nobody's.
const UNFINISHED_PREFIX: &str = ".merging-";

/// What a folder was made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeOf {
    pub checkpoint: String,
    /// Which of the checkpoints that ever had this name: `checkpoints::identity`.
    #[serde(default)]
    pub identity: String,
    #[serde(default, skip_serializing_if = "ExportForm::is_usual")]
    pub form: ExportForm,
}

impl MadeOf {
    /// Where in the run's directory it lies.
    pub fn folder(&self) -> &'static str {
        match self.form.is_usual() {
            true => run_dir::MERGED,
            false => run_dir::EXPORTED,
        }
    }
}

/// A folder that nobody else writes to.
pub fn fresh(root: &Path) -> PathBuf {
    root.join(format!("{UNFINISHED_PREFIX}{}", unique()))
}

/// Puts the finished folder in place, with the name of its checkpoint inside.
pub fn publish(root: &Path, fresh: &Path, made_of: &MadeOf) -> std::io::Result<Merge> {
    let made = serde_json::to_vec(made_of)?;
    whole::write(&fresh.join(MADE_OF), &made)?;
    let folder = made_of.folder();
    let merged = root.join(folder);
    match std::fs::symlink_metadata(&merged) {
        Ok(meta) if meta.is_dir() => {
            // out of the way in one step: nobody loads half of it
            let old = root.join(format!("{UNFINISHED_PREFIX}old-{}", unique()));
            replace(&merged, fresh, &old)?;
            // the new one is there: what is left of the old is swept with the next merge
            if let Err(error) = std::fs::remove_dir_all(&old) {
                tracing::warn!("{}: {error}", old.display());
            }
        }
        Ok(_) => {
            std::fs::remove_file(&merged)?;
            std::fs::rename(fresh, &merged)?;
        }
        Err(_) => std::fs::rename(fresh, &merged)?,
    }
    Ok(state_on_disk(root, folder))
}

/// Puts `fresh` in the place of `merged`, which goes to `old`; where that can't be done, all stays as it was.
fn replace(merged: &Path, fresh: &Path, old: &Path) -> std::io::Result<()> {
    std::fs::rename(merged, old)?;
    std::fs::rename(fresh, merged).inspect_err(|_| {
        if let Err(error) = std::fs::rename(old, merged) {
            tracing::warn!("{}: {error}", old.display());
        }
    })
}

/// Removes what merges left that were cut off.
pub fn sweep(root: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(root)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // the export's own name for what it has not finished is that of its target, with a dot and an ending
        if name
            .trim_start_matches('.')
            .starts_with(UNFINISHED_PREFIX.trim_start_matches('.'))
        {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The finished folder is renamed into place, so what is there is whole.
pub fn state_on_disk(root: &Path, folder: &str) -> Merge {
    let merged = root.join(folder);
    match crate::files::walk(&merged, &merged) {
        Ok(files) => {
            let bytes = files
                .iter()
                .filter_map(|f| merged.join(f).metadata().ok())
                .map(|m| m.len())
                .sum();
            let made = on_disk(root, folder).unwrap_or_default();
            Merge::Done {
                bytes,
                checkpoint: made.checkpoint,
                form: made.form,
            }
        }
        Err(_) => Merge::None,
    }
}

/// What a folder was made of.
pub fn on_disk(root: &Path, folder: &str) -> Option<MadeOf> {
    let path = root.join(folder).join(MADE_OF);
    serde_json::from_slice(&small_file::read(&path, MAX_BYTES).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_merged_stays_where_the_new_one_can_not_come() {
        let root = std::env::temp_dir().join(format!("corral-merge-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let [merged, fresh, old] = ["merged", ".merging-1", ".merging-old-1"].map(|name| root.join(name));
        std::fs::create_dir(&merged).unwrap();
        std::fs::write(merged.join("a"), "1").unwrap();
        assert!(replace(&merged, &fresh, &old).is_err());
        assert_eq!(std::fs::read_to_string(merged.join("a")).unwrap(), "1");
        std::fs::create_dir(&fresh).unwrap();
        std::fs::write(fresh.join("a"), "2").unwrap();
        replace(&merged, &fresh, &old).unwrap();
        assert_eq!(std::fs::read_to_string(merged.join("a")).unwrap(), "2");
        sweep(&root).unwrap();
        assert!(merged.exists() && !old.exists());
        std::fs::remove_dir_all(&root).unwrap();
    }
}
