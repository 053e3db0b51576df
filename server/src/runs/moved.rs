//! Run directories that moved: with their data directory, into a copy, onto another machine.
//!
//! A run's config names folders by their whole path. What it calls `output_dir` tells where the directory stood when
//! that was written; what stood beside it is looked for beside it now.

use super::config_text;
use protocol::RunConfig;
use std::path::{Path, PathBuf};

/// The config of a run directory, with the folders it names where they are now; `None` when it can't be read.
pub fn config(directory: &Path) -> Option<RunConfig> {
    let mut config = RunConfig::parse(&config_text(directory)?).config;
    for (key, value) in changes(&config, directory) {
        // keys of the config itself, with the text they take
        let _ = config.set(key, &value.into());
    }
    Some(config)
}

/// What the worker of a run directory must be told over its config: to write there, and where folders moved to.
pub fn overrides(directory: &Path) -> Vec<(&'static str, String)> {
    let config = config_text(directory).map(|text| RunConfig::parse(&text).config);
    let mut all = vec![("output_dir", directory.display().to_string())];
    all.extend(config.iter().flat_map(|config| changes(config, directory)));
    all
}

fn changes(config: &RunConfig, directory: &Path) -> Vec<(&'static str, String)> {
    let Some((before, now)) = config
        .output_dir
        .as_deref()
        .and_then(|was| roots(Path::new(was), directory))
    else {
        return vec![];
    };
    let moved = |list: &str| -> String {
        let parts = list.split(',').map(|part| {
            let path = Path::new(part.trim());
            match path.strip_prefix(&before).map(|rest| now.join(rest)) {
                Ok(place) if !path.exists() && place.exists() => place.display().to_string(),
                _ => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join(",")
    };
    let named = [
        ("model_name_or_path", &config.model_name_or_path),
        ("adapter_name_or_path", &config.adapter_name_or_path),
        ("ref_model", &config.ref_model),
        ("ref_model_adapters", &config.ref_model_adapters),
        ("reward_model", &config.reward_model),
        ("dataset_dir", &config.dataset_dir),
        ("pair_marks", &config.pair_marks),
    ];
    let changed = named.into_iter().filter_map(|(key, value)| {
        let value = value.as_deref()?;
        let moved = moved(value);
        (moved != value).then_some((key, moved))
    });
    changed.collect()
}

/// Where the two paths part, seen from their ends: the folder that held everything, and the one that does now.
fn roots(was: &Path, is: &Path) -> Option<(PathBuf, PathBuf)> {
    let (mut was, mut is) = (was, is);
    let mut same = false;
    while was.file_name().is_some() && was.file_name() == is.file_name() {
        (was, is) = (was.parent()?, is.parent()?);
        same = true;
    }
    (same && was != is).then(|| (was.to_path_buf(), is.to_path_buf()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_directory_finds_what_moved_with_it() {
        let root = std::env::temp_dir().join(format!("corral-moved-{}", std::process::id()));
        let run = root.join("runs/a");
        for folder in ["runs/a", "runs/b/checkpoint-2", "demo/model", "demo/data"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        let yaml = "output_dir: /nowhere/old/runs/a\nmodel_name_or_path: /nowhere/old/demo/model\n\
                    adapter_name_or_path: /nowhere/old/runs/b/checkpoint-2,/nowhere/else\n\
                    dataset_dir: /nowhere/old/demo/data\nref_model: owner/name\n";
        std::fs::write(run.join("config.yaml"), yaml).unwrap();
        let place = |path: &str| root.join(path).display().to_string();
        let found = config(&run).unwrap();
        assert_eq!(found.model_name_or_path, Some(place("demo/model")));
        assert_eq!(
            found.adapter_name_or_path,
            Some(format!("{},/nowhere/else", place("runs/b/checkpoint-2")))
        );
        assert_eq!(found.dataset_dir, Some(place("demo/data")));
        assert_eq!(found.ref_model.as_deref(), Some("owner/name"));
        let told = overrides(&run);
        assert_eq!(told[0], ("output_dir", run.display().to_string()));
        assert_eq!(told.len(), 4);
        // a copy beside the original shares what the original names, and writes into itself
        let copy = root.join("runs/copy");
        std::fs::create_dir_all(&copy).unwrap();
        std::fs::write(copy.join("config.yaml"), yaml).unwrap();
        assert_eq!(overrides(&copy), [("output_dir", copy.display().to_string())]);
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn where_two_paths_part() {
        let roots = |a: &str, b: &str| {
            roots(Path::new(a), Path::new(b)).map(|(a, b)| (a.display().to_string(), b.display().to_string()))
        };
        assert_eq!(
            roots("/old/runs/a", "/new/runs/a"),
            Some(("/old".into(), "/new".into()))
        );
        assert_eq!(roots("/data/runs/a", "/data/runs/copy"), None);
        assert_eq!(roots("/data/runs/a", "/data/runs/a"), None);
    }
}
