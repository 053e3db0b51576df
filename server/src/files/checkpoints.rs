//! The checkpoints of a run directory: which there are, and which are whole.

use crate::path::DataPath;
use crate::small_file;
use protocol::{Said, run_dir, says};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Bytes of the longest `state.json` of a checkpoint.
const MAX_STATE: u64 = 64 << 20;

/// Bytes of the longest header of a weight file that is read.
const MAX_HEADER: u64 = 100 << 20;

/// Steps of the checkpoints, in order.
pub fn steps(run: &Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(run) else { return vec![] };
    let mut steps: Vec<u64> = entries
        .flatten()
        .filter_map(|e| run_dir::checkpoint_step(e.file_name().to_str()?))
        .collect();
    steps.sort_unstable();
    steps
}

/// The folder name of the newest one.
pub fn newest(run: &Path) -> Option<String> {
    steps(run).pop().map(run_dir::checkpoint)
}

/// The checkpoint a person means when they name none: the best by evaluation loss, else the newest.
pub fn default(run: &Path) -> Option<PathBuf> {
    let name = best(run).or_else(|| newest(run))?;
    Some(named(run, &name)?.to_path_buf())
}

/// The folder name of the best one by evaluation loss. A link that leads out of the run directory is none.
pub fn best(run: &Path) -> Option<String> {
    let path = DataPath::new(run, run_dir::BEST).ok().filter(|path| path.is_dir())?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    run_dir::checkpoint_step(&name).map(|_| name)
}

/// The folder of a checkpoint by its name.
pub fn named(run: &Path, name: &str) -> Option<DataPath> {
    run_dir::checkpoint_step(name)
        .and_then(|_| DataPath::new(run, name).ok())
        .filter(|path| path.is_dir())
}

/// A fingerprint of the sizes and times of a checkpoint's files: it differs from that of any other that ever had this name.
pub fn identity(folder: &Path) -> io::Result<String> {
    let mut files = vec![];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        let modified = meta.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        files.push(format!(
            "{} {} {}",
            entry.file_name().to_string_lossy(),
            meta.len(),
            modified.as_nanos()
        ));
    }
    files.sort();
    let digest = Sha256::digest(files.join("\n"));
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The state of the newest checkpoint, as a resume finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newest {
    Whole,
    /// It is damaged, with the newest whole one before it, if there is any.
    Damaged {
        name: String,
        why: Said,
        before: Option<String>,
    },
    /// It holds the model alone (`save_only_model`): nothing can go on from it, with the newest one before it that
    /// something can.
    ModelOnly {
        name: String,
        before: Option<String>,
    },
    /// There is none: a resume starts from the beginning.
    None,
}

/// Looks at the newest checkpoint, and where it is damaged at those before it.
pub fn judge(run: &Path) -> Newest {
    let Some(name) = newest(run) else { return Newest::None };
    let folder = run.join(&name);
    if is_model_only(&folder) {
        let before = whole_before(run, &name);
        return Newest::ModelOnly { name, before };
    }
    match damage(&folder) {
        None => Newest::Whole,
        Some(why) => Newest::Damaged {
            before: whole_before(run, &name),
            name,
            why,
        },
    }
}

/// The newest checkpoint before this one that something can go on from.
pub fn whole_before(run: &Path, name: &str) -> Option<String> {
    let step = run_dir::checkpoint_step(name)?;
    let before = steps(run).into_iter().rev().filter(|other| *other < step);
    let goes_on = |name: &String| !is_model_only(&run.join(name)) && damage(&run.join(name)).is_none();
    before.map(run_dir::checkpoint).find(goes_on)
}

/// Whether a checkpoint was made with `save_only_model`: weights, and neither of the two files of the training state.
pub fn is_model_only(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).exists();
    let weights = [
        "adapter_model.safetensors",
        "model.safetensors",
        "model.safetensors.index.json",
    ];
    !has("state.json") && !has("optimizer.safetensors") && weights.iter().any(|name| has(name))
}

/// Why a run can't be resumed from a checkpoint; `None` where nothing is seen to be wrong with it.
pub fn damage(folder: &Path) -> Option<Said> {
    let state = small_file::read(&folder.join("state.json"), MAX_STATE).map_err(|e| e.to_string());
    match state.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).map_err(|e| e.to_string())) {
        Ok(state) if state.get("step").is_some_and(serde_json::Value::is_u64) => {}
        Ok(_) => return Some(says::file("state.json", says::step_unsaid())),
        Err(why) => return Some(says::file("state.json", why)),
    }
    let files = match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|e| e.path()),
        Err(error) => return Some(says::file(folder, error)),
    };
    let mut weights: Vec<PathBuf> = files
        .filter(|p| p.extension().is_some_and(|e| e == "safetensors"))
        .collect();
    weights.sort();
    if !weights.iter().any(|p| p.ends_with("optimizer.safetensors")) {
        return Some(says::file("optimizer.safetensors", says::part_missing()));
    }
    weights.into_iter().find_map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match is_whole(&path) {
            Ok(true) => None,
            Ok(false) => Some(says::file(name, says::part_cut_off())),
            Err(error) => Some(says::file(name, error)),
        }
    })
}

/// Whether a safetensors file is as long as its own header says.
fn is_whole(path: &Path) -> io::Result<bool> {
    let mut file = fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut size = [0; 8];
    file.read_exact(&mut size)?;
    let header = u64::from_le_bytes(size);
    if header > MAX_HEADER || header + 8 > length {
        return Ok(false);
    }
    let mut text = vec![0; header as usize];
    file.read_exact(&mut text)?;
    let tensors: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&text)?;
    let ends = tensors.values().filter_map(|t| t["data_offsets"][1].as_u64());
    Ok(8 + header + ends.max().unwrap_or(0) == length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(path: &Path) {
        let header = br#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        bytes.extend([0; 8]);
        fs::write(path, bytes).unwrap();
    }

    fn checkpoint(run: &Path, step: u64) -> PathBuf {
        let folder = run.join(run_dir::checkpoint(step));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("state.json"), format!("{{\"version\":1,\"step\":{step}}}")).unwrap();
        weights(&folder.join("optimizer.safetensors"));
        weights(&folder.join("adapter_model.safetensors"));
        folder
    }

    #[test]
    fn a_damaged_newest_one_is_seen_and_the_one_before_it_is_found() {
        let run = std::env::temp_dir().join(format!("corral-checkpoints-{}", std::process::id()));
        fs::create_dir_all(&run).unwrap();
        assert_eq!(judge(&run), Newest::None);
        for step in [5, 10, 100] {
            checkpoint(&run, step);
        }
        assert_eq!(
            (judge(&run), newest(&run).as_deref()),
            (Newest::Whole, Some("checkpoint-100"))
        );
        let last = run.join("checkpoint-100");
        for (file, bytes) in [
            ("adapter_model.safetensors", &b"12345678"[..]),
            ("adapter_model.safetensors", b""),
            ("optimizer.safetensors", &[0; 70]),
            ("state.json", b"{"),
            ("state.json", b"{}"),
        ] {
            fs::write(last.join(file), bytes).unwrap();
            let Newest::Damaged { name, why, before } = judge(&run) else {
                panic!("{file}")
            };
            assert!(why.message.starts_with(file), "{why}");
            assert_eq!(
                (name.as_str(), before.as_deref()),
                ("checkpoint-100", Some("checkpoint-10"))
            );
            checkpoint(&run, 100);
        }
        fs::remove_file(last.join("optimizer.safetensors")).unwrap();
        fs::write(run.join("checkpoint-10/state.json"), "").unwrap();
        assert!(matches!(judge(&run), Newest::Damaged { before: Some(b), .. } if b == "checkpoint-5"));
        // one that never had them is no damaged one
        fs::remove_file(last.join("state.json")).unwrap();
        let before = Some("checkpoint-5".to_owned());
        let name = "checkpoint-100".to_owned();
        assert_eq!(judge(&run), Newest::ModelOnly { name, before });
        fs::remove_dir_all(run).unwrap();
    }

    #[test]
    fn a_checkpoint_made_anew_is_another_one() {
        let run = std::env::temp_dir().join(format!("corral-identity-{}", std::process::id()));
        let folder = checkpoint(&run, 5);
        let first = identity(&folder).unwrap();
        assert_eq!(identity(&folder).unwrap(), first);
        fs::remove_dir_all(&folder).unwrap();
        checkpoint(&run, 5);
        assert_ne!(identity(&folder).unwrap(), first);
        fs::remove_dir_all(run).unwrap();
    }
}
