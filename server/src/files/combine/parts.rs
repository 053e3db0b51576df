//! What is merged: the folders that checkpoints are asked for by, and what is known of how they were made.

use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::off_thread::off_thread;
use crate::runs::resolve::{Found, Resolver};
use crate::runs::{find, moved};
use crate::small_file;
use axum::http::StatusCode;
use protocol::api::Combine;
use protocol::{RunConfig, Said, says};
use std::path::{Path, PathBuf};

/// Bytes of the longest config of an adapter.
const MAX_BYTES: u64 = 1 << 20;

/// One checkpoint that is merged.
pub(super) struct Part {
    /// The name it was asked for by.
    pub(super) name: String,
    pub(super) folder: PathBuf,
    is_adapter: bool,
}

/// What is merged.
pub(super) struct Parts {
    pub(super) folders: Vec<Part>,
    /// The config of the first one's run.
    config: RunConfig,
    /// The model that all were trained from, where that is known.
    pub(super) base: Option<String>,
    /// The adapters that the first one was trained on top of.
    under: Vec<String>,
}

impl Parts {
    pub(super) async fn find(db: &Db, resolver: &Resolver, asked: &Combine) -> ApiResult<Self> {
        let mut parts = Self {
            folders: vec![],
            config: RunConfig::default(),
            base: None,
            under: vec![],
        };
        // of adapters, which are changes to one model; whether whole models go together is for the trainer to say
        let mut adapters_base: Option<String> = None;
        for name in &asked.from {
            let found = resolver.model(name).await?;
            let (folder, of_run, adapters, under) =
                match found.map_err(|said| ApiError::refused(StatusCode::NOT_FOUND, said))? {
                    Found::Folder(path) => {
                        let folder = path.clone();
                        (path, None, off_thread(move || base_of_folder(&folder)).await?, vec![])
                    }
                    Found::Full { path, run } => (path, Some(run), None, vec![]),
                    Found::Adapter { base, mut chain, run } => {
                        let own = chain.pop().unwrap_or_default();
                        (PathBuf::from(own), Some(run), Some(base), chain)
                    }
                };
            let config = match of_run {
                Some(run) => {
                    let directory = find(db, &run).await?.directory;
                    off_thread(move || moved::config(&directory)).await?.unwrap_or_default()
                }
                None => RunConfig::default(),
            };
            if let (Some(theirs), Some(ours)) = (&adapters, &adapters_base)
                && theirs != ours
            {
                let said = says::file(name.clone(), says::combine_other_base(theirs.clone(), ours.clone()));
                return Err(ApiError::bad(said));
            }
            let base = adapters.clone().or_else(|| config.model_name_or_path.clone());
            adapters_base = adapters_base.or(adapters);
            if parts.folders.is_empty() {
                (parts.config, parts.under) = (config, under);
            }
            parts.base = parts.base.or(base);
            let looked = folder.clone();
            parts.folders.push(Part {
                name: name.clone(),
                folder,
                is_adapter: off_thread(move || is_adapter(&looked)).await?,
            });
        }
        Ok(parts)
    }

    /// The same sentence with the names of the parts in place of their folders.
    pub(super) fn by_name(&self, said: Said) -> Said {
        said.map_text(&|text| {
            let named = |text: String, part: &&Part| text.replace(&part.folder.display().to_string(), &part.name);
            // one path may be the beginning of another
            let mut longest_first: Vec<_> = self.folders.iter().collect();
            longest_first.sort_by_key(|part| std::cmp::Reverse(part.folder.as_os_str().len()));
            longest_first.iter().fold(text, named)
        })
    }

    pub(super) fn are_adapters(&self) -> bool {
        self.folders.iter().all(|part| part.is_adapter)
    }

    /// The config of the merged run: what the first part's config says about the model.
    pub(super) fn config(&self) -> RunConfig {
        let first = &self.config;
        let under = Some(self.under.join(",")).filter(|list| !list.is_empty());
        RunConfig {
            model_name_or_path: self.base.clone(),
            template: first.template.clone(),
            finetuning_type: first.finetuning_type.clone(),
            create_new_adapter: under.is_some().then_some(true),
            adapter_name_or_path: under,
            ..RunConfig::default()
        }
    }
}

/// Whether a folder is an adapter's, as the trainer tells.
fn is_adapter(folder: &Path) -> bool {
    folder.join("adapter_config.json").is_file() && !folder.join("config.json").is_file()
}

/// The model that an adapter's folder says it was trained from.
fn base_of_folder(folder: &Path) -> Option<String> {
    let config =
        is_adapter(folder).then(|| small_file::read(&folder.join("adapter_config.json"), MAX_BYTES).ok())??;
    let config: serde_json::Value = serde_json::from_slice(&config).ok()?;
    config["base_model_name_or_path"].as_str().map(str::to_owned)
}
