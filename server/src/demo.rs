//! The demo model and data, put into the data directory from inside the binary.

use crate::ambient::Ambient;
use crate::runs::resolve::DEMO_MODEL;
use crate::state::DataDir;
use protocol::RunConfig;
use protocol::config::{at_home, names};
use rust_embed::RustEmbed;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

#[derive(RustEmbed)]
#[folder = "../assets/demo"]
#[include = "model/*"]
#[include = "data/*"]
struct Demo;

/// Has the hash of the files that a `demo/` folder was made of.
const STAMP: &str = ".stamp";

/// Writes `demo/model` and `demo/data` when missing or of another version; the folder appears whole or not at all.
///
/// # Errors
/// When the disk won't take them.
pub fn extract(data_dir: &DataDir) -> io::Result<()> {
    let target = data_dir.root().join("demo");
    let stamp = stamp();
    sweep(data_dir.root(), Ambient::default().time());
    if std::fs::read_to_string(target.join(STAMP)).is_ok_and(|have| have == stamp) {
        return Ok(());
    }
    let half = |kind: &str| data_dir.root().join(format!("{kind}{}", std::process::id()));
    let (fresh, old) = (half(NEW), half(OLD));
    let done = put(&fresh, &old, &target, &stamp);
    if done.is_err() {
        // on a full disk each try would leave more of it
        let _ = remove_folder(&fresh);
    }
    done
}

/// In front of the number of the process that writes a demo, or takes the one before out of the way.
const NEW: &str = "demo.new-";
const OLD: &str = "demo.old-";

fn put(fresh: &Path, old: &Path, target: &Path, stamp: &str) -> io::Result<()> {
    remove_folder(fresh)?;
    for name in Demo::iter() {
        let Some(file) = Demo::get(&name) else { continue };
        write(&fresh.join(&*name), &file.data)?;
    }
    write(&fresh.join(STAMP), stamp.as_bytes())?;
    remove_folder(old)?;
    if target.exists() {
        std::fs::rename(target, old)?;
    }
    std::fs::rename(fresh, target)?;
    remove_folder(old)
}

/// What is younger is not swept: another container has process numbers of its own, and may be at it.
const LEFT: Duration = Duration::from_secs(3600);

/// Takes away what processes left that are no more.
fn sweep(root: &Path, now: SystemTime) {
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix(NEW).or_else(|| name.strip_prefix(OLD));
        let Some(pid) = number.and_then(|number| number.parse::<u32>().ok()) else {
            continue;
        };
        let written = entry.metadata().and_then(|meta| meta.modified());
        let age = written.ok().and_then(|written| now.duration_since(written).ok());
        if age.is_some_and(|age| age > LEFT) && !Path::new(&format!("/proc/{pid}")).exists() {
            // tried again the next time
            let _ = remove_folder(&entry.path());
        }
    }
}

/// What a config that names the demo means in files, as `key=value`; the files are put there first. Nothing for a config
/// that names no demo.
///
/// # Errors
/// When the disk won't take them.
pub fn overrides(data_dir: &Path, config: &RunConfig) -> io::Result<Vec<String>> {
    let model = config.model_name_or_path.as_deref() == Some(DEMO_MODEL);
    let lists = [("dataset", &config.dataset), ("eval_dataset", &config.eval_dataset)];
    let folder = config.dataset_dir.as_deref().filter(|folder| !folder.is_empty());
    let own = OwnDatasets::of(folder.unwrap_or("data"));
    let all = || lists.iter().flat_map(|(_, list)| names(list.as_deref()));
    let of_demo = |name: &str| name.starts_with("demo_") && !own.has(name);
    if !model && !all().any(of_demo) {
        return Ok(vec![]);
    }
    let data_dir = DataDir::open(data_dir)?;
    extract(&data_dir)?;
    let model = model.then(|| format!("model_name_or_path={}", data_dir.demo_model().display()));
    let demo = data_dir.demo_data();
    let datasets = match folder.is_none() && all().all(of_demo) {
        _ if !all().any(of_demo) => vec![],
        true => vec![format!("dataset_dir={}", demo.display())],
        // beside the person's own, each is named with the folder it is in, as the board does
        false => {
            let with_folder = |name: &str| match of_demo(name) {
                true => demo.join(name).display().to_string(),
                false => name.to_owned(),
            };
            let has_some = lists.iter().filter(|(_, list)| names(list.as_deref()).any(of_demo));
            has_some
                .map(|(key, list)| {
                    let list: Vec<_> = names(list.as_deref()).map(with_folder).collect();
                    format!("{key}={}", list.join(","))
                })
                .collect()
        }
    };
    Ok(model.into_iter().chain(datasets).collect())
}

/// The data sets of a person's own folder.
struct OwnDatasets {
    folder: PathBuf,
    listed: Map<String, Value>,
}

impl OwnDatasets {
    fn of(folder: &str) -> Self {
        let folder = at_home(folder).unwrap_or_else(|_| folder.into());
        // one that can't be read is reported where it is used
        let listed = std::fs::read(folder.join("dataset_info.json")).unwrap_or_default();
        let listed = serde_json::from_slice(&listed).unwrap_or_default();
        Self { folder, listed }
    }

    fn has(&self, name: &str) -> bool {
        self.listed.contains_key(name) || Path::new(name).exists() || self.folder.join(name).exists()
    }
}

/// Whether this binary carries the demo at all.
pub fn is_embedded() -> bool {
    Demo::iter().next().is_some()
}

fn stamp() -> String {
    let mut sha = Sha256::new();
    for name in Demo::iter() {
        sha.update(name.as_bytes());
        if let Some(file) = Demo::get(&name) {
            sha.update(file.metadata.sha256_hash());
        }
    }
    sha.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_processes_that_are_gone_are_swept_and_a_failed_one_leaves_none() {
        let root = std::env::temp_dir().join(format!("corral-demo-halves-{}", std::process::id()));
        let data_dir = DataDir::open(&root).unwrap();
        let half = |of: &str, number: u32| root.join(format!("{of}{number}"));
        // the first two are above every number that a process has
        let (gone, fresh, lives) = (half(NEW, u32::MAX), half(NEW, u32::MAX - 1), half(NEW, 1));
        for half in [&gone, &fresh, &lives] {
            std::fs::create_dir(half).unwrap();
        }
        let long_ago = Ambient::default().time() - 2 * LEFT;
        for half in [&gone, &lives] {
            std::fs::File::open(half).unwrap().set_modified(long_ago).unwrap();
        }
        let own = half(NEW, std::process::id());
        // a file is no folder that could be cleared away
        let blocker = half(OLD, std::process::id());
        std::fs::write(&blocker, "").unwrap();
        assert!(extract(&data_dir).is_err() && !own.exists() && !root.join("demo").exists());
        std::fs::remove_file(&blocker).unwrap();
        extract(&data_dir).unwrap();
        let left = [&gone, &fresh, &lives, &own].map(|half| half.exists());
        assert_eq!(left, [false, true, true, false]);
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn own_and_demo_sets_go_together() {
        let folder = std::env::temp_dir().join(format!("corral-demo-{}", std::process::id()));
        let own = folder.join("own");
        std::fs::create_dir_all(&own).unwrap();
        let root = folder.canonicalize().unwrap().join("board");
        let demo = root.join("demo/data").display().to_string();
        std::fs::write(
            own.join("dataset_info.json"),
            r#"{"demo_mine": {"file_name": "a.json"}}"#,
        )
        .unwrap();
        for (dataset, eval_dataset, dataset_dir, expected) in [
            ("demo_en,demo_sft", None, None, vec![format!("dataset_dir={demo}")]),
            (
                "my.json,demo_en",
                None,
                None,
                vec![format!("dataset=my.json,{demo}/demo_en")],
            ),
            (
                "my.json",
                Some("demo_en"),
                None,
                vec![format!("eval_dataset={demo}/demo_en")],
            ),
            (
                "demo_mine,demo_en",
                None,
                Some(&own),
                vec![format!("dataset=demo_mine,{demo}/demo_en")],
            ),
            ("demo_mine", None, Some(&own), vec![]),
        ] {
            let config = RunConfig {
                dataset: Some(dataset.into()),
                eval_dataset: eval_dataset.map(str::to_owned),
                dataset_dir: dataset_dir.map(|own| own.display().to_string()),
                ..RunConfig::default()
            };
            assert_eq!(overrides(&root, &config).unwrap(), expected, "{dataset}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
