//! What can go wrong with a hub, as a person is told it.

use protocol::hub::Hub;
use protocol::{Said, says};
use std::path::PathBuf;
use std::time::Duration;

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
    /// `planned`: only its size was asked for.
    #[error("{}", self.said())]
    Offline { model: String, planned: bool },
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
    /// `again`: another try may go better, after this long.
    #[error("{}", self.said())]
    Broken {
        file: String,
        reason: Said,
        again: Option<Duration>,
    },
    /// What trying again would not change.
    #[error("{}", self.said())]
    Wrong { file: String, reason: Said },
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// The variable that a person sets a hub's token by.
pub(super) fn variable(hub: Hub) -> &'static str {
    hub.tokens().first().copied().unwrap_or_default()
}

/// A text of a hub, fit for a terminal.
pub fn shown(text: &str) -> String {
    let odd = |letter: char| match letter.is_control() {
        true => letter.escape_debug().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(odd).collect()
}

/// What a library says of a question that did not go through.
pub(super) fn told(error: impl std::fmt::Display) -> Said {
    says::asking_failed(shown(&error.to_string()))
}

impl HubError {
    /// What is over, though what arrived stays.
    pub(super) fn broken(file: &str, reason: Said) -> Self {
        Self::Broken {
            file: shown(file),
            reason,
            again: None,
        }
    }

    /// What may go better at once.
    pub(super) fn again(file: &str, reason: Said) -> Self {
        Self::after(file, reason, Duration::ZERO)
    }

    /// What may go better after a while.
    pub(super) fn after(file: &str, reason: Said, wait: Duration) -> Self {
        Self::Broken {
            file: shown(file),
            reason,
            again: Some(wait),
        }
    }

    pub(super) fn wrong(file: &str, reason: Said) -> Self {
        Self::Wrong {
            file: shown(file),
            reason,
        }
    }

    pub(super) fn unsummed(file: &str) -> Self {
        Self::wrong(file, says::no_usable_sum())
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
            Self::Offline { model, planned: false } => return says::hub_offline(model.as_str()),
            Self::Offline { model, planned: true } => return says::hub_offline_plan(model.as_str()),
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
            Self::Broken { file, reason, .. } => return says::hub_broken(file.as_str(), reason.clone()),
            Self::Wrong { file, reason } => return says::hub_wrong(file.as_str(), reason.clone()),
            Self::Io(error) => {
                let full = error.kind() == std::io::ErrorKind::StorageFull;
                let said = Said::new(if full { "disk_full" } else { "hub_io" }, self.to_string());
                return said.with_args([error.to_string()]);
            }
        };
        Said::new(code, self.to_string()).with_args(args)
    }
}
