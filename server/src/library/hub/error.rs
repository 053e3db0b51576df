//! What can go wrong with a hub, as a person is told it.

use super::fetch::TRIES;
use protocol::hub::Hub;
use protocol::{Said, says};
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error("`{0}` is not a hub name: it takes the form owner/name")]
    Name(String),
    #[error("{model} is not on {endpoint}, or it is private: check the name, or set {variable}")]
    NotFound {
        model: String,
        endpoint: String,
        variable: &'static str,
    },
    #[error("{endpoint} refuses access to {model}: accept its terms on its page and set {variable}")]
    Refused {
        model: String,
        endpoint: String,
        variable: &'static str,
    },
    #[error("{model} on {endpoint} has no revision {revision}: name a branch, a tag or a commit that it has")]
    NoRevision {
        model: String,
        endpoint: String,
        revision: String,
    },
    #[error("{0} has no safetensors weights; pickle files (pytorch_model.bin) can run code and are never loaded")]
    PickleOnly(String),
    #[error("{name}: {why}")]
    DataSet { name: String, why: Said },
    #[error("{0} has no config.json or no tokenizer, so it is not a model Corral can use")]
    NotAModel(String),
    #[error("{model} is not in the cache, and HF_HUB_OFFLINE is set")]
    Offline { model: String },
    #[error(
        "{name} takes {} MiB more, and {} has {} MiB free: make room, or choose another disk by HF_HUB_CACHE or MODELSCOPE_CACHE",
        .need.div_ceil(1 << 20), .folder.display(), .free >> 20
    )]
    NoRoom {
        name: String,
        need: u64,
        free: u64,
        folder: PathBuf,
    },
    #[error("{name} has more files on {endpoint} than can be listed ({most})")]
    TooMany {
        name: String,
        endpoint: String,
        most: usize,
    },
    #[error("the download of {file} failed after {TRIES} tries: {reason}. What arrived is kept; try again to go on")]
    Broken { file: String, reason: String },
    /// What trying again would not change.
    #[error(
        "what the hub sends of {file} is not used: {reason}. Nothing of it is kept; ask its owner, or try another hub or revision"
    )]
    Wrong { file: String, reason: String },
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// The variable that a person sets a hub's token by.
pub(super) fn variable(hub: Hub) -> &'static str {
    hub.tokens().first().copied().unwrap_or_default()
}

impl HubError {
    pub(super) fn broken(file: &str, reason: impl std::fmt::Display) -> Self {
        Self::Broken {
            file: file.into(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn wrong(file: &str, reason: impl std::fmt::Display) -> Self {
        Self::Wrong {
            file: file.into(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn unsummed(file: &str) -> Self {
        Self::wrong(file, "the hub's list has no usable SHA-256 of it")
    }

    /// The error with its code.
    pub fn said(&self) -> Said {
        let text = |text: &str| text.to_owned();
        let (code, args) = match self {
            Self::Name(name) => ("hub_name", vec![text(name)]),
            Self::NotFound {
                model,
                endpoint,
                variable,
            } => ("hub_not_found", vec![text(model), text(endpoint), text(variable)]),
            Self::Refused {
                model,
                endpoint,
                variable,
            } => ("hub_refused", vec![text(model), text(endpoint), text(variable)]),
            Self::NoRevision {
                model,
                endpoint,
                revision,
            } => ("hub_no_revision", vec![text(model), text(endpoint), text(revision)]),
            Self::PickleOnly(model) => ("hub_pickle_only", vec![text(model)]),
            Self::NotAModel(model) => ("hub_not_a_model", vec![text(model)]),
            Self::DataSet { name, why } => return says::in_dataset(name, why.clone()),
            Self::Offline { model } => ("hub_offline", vec![text(model)]),
            Self::NoRoom {
                name,
                need,
                free,
                folder,
            } => (
                "hub_no_room",
                vec![
                    text(name),
                    need.div_ceil(1 << 20).to_string(),
                    folder.display().to_string(),
                    (free >> 20).to_string(),
                ],
            ),
            Self::TooMany { name, endpoint, most } => {
                ("hub_too_many", vec![text(name), text(endpoint), most.to_string()])
            }
            Self::Broken { file, reason } => ("hub_broken", vec![text(file), text(reason)]),
            Self::Wrong { file, reason } => ("hub_wrong", vec![text(file), text(reason)]),
            Self::Io(error) => {
                let full = error.kind() == std::io::ErrorKind::StorageFull;
                let said = Said::new(if full { "disk_full" } else { "hub_io" }, self.to_string());
                return said.with_args([error.to_string()]);
            }
        };
        Said::new(code, self.to_string()).with_args(args)
    }
}
