//! The demo model and data, put into the data directory from inside the binary.

use crate::runs::resolve::DEMO_MODEL;
use crate::state::DataDir;
use protocol::RunConfig;
use protocol::config::names;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::Path;

#[derive(RustEmbed)]
#[folder = "../assets/demo"]
#[include = "model/*"]
#[include = "data/*"]
struct Demo;

/// Says of which files a `demo/` folder was made.
const STAMP: &str = ".stamp";

/// Writes `demo/model` and `demo/data` when missing or of another version; the folder appears whole or not at all.
///
/// # Errors
/// When the disk won't take them.
pub fn extract(data_dir: &DataDir) -> io::Result<()> {
    let target = data_dir.root().join("demo");
    let stamp = stamp();
    if std::fs::read_to_string(target.join(STAMP)).is_ok_and(|have| have == stamp) {
        return Ok(());
    }
    let fresh = data_dir.root().join(format!("demo.new-{}", std::process::id()));
    remove(&fresh)?;
    for name in Demo::iter() {
        let Some(file) = Demo::get(&name) else { continue };
        write(&fresh.join(&*name), &file.data)?;
    }
    write(&fresh.join(STAMP), stamp.as_bytes())?;
    let old = data_dir.root().join(format!("demo.old-{}", std::process::id()));
    remove(&old)?;
    if target.exists() {
        std::fs::rename(&target, &old)?;
    }
    std::fs::rename(&fresh, &target)?;
    remove(&old)
}

/// What a config that names the demo means in files, as `key=value`; the files are put there first. Nothing for a config
/// that names no demo.
///
/// # Errors
/// When the disk won't take them.
pub fn overrides(data_dir: &Path, config: &RunConfig) -> io::Result<Vec<String>> {
    let model = config.model_name_or_path.as_deref() == Some(DEMO_MODEL);
    let datasets: Vec<_> = names(config.dataset.as_deref()).collect();
    let of_demo = !datasets.is_empty() && datasets.iter().all(|name| name.starts_with("demo_"));
    let datasets = config.dataset_dir.is_none() && of_demo;
    if !model && !datasets {
        return Ok(vec![]);
    }
    let data_dir = DataDir::open(data_dir)?;
    extract(&data_dir)?;
    let model = model.then(|| format!("model_name_or_path={}", data_dir.demo_model().display()));
    let datasets = datasets.then(|| format!("dataset_dir={}", data_dir.demo_data().display()));
    Ok(model.into_iter().chain(datasets).collect())
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

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
