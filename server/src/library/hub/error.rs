//! What can go wrong with a hub, as a person is told it.

use protocol::hub::Hub;
use protocol::{Said, says};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug)]
pub enum HubError {
    Name(String),
    NotFound {
        model: String,
        endpoint: String,
        variable: &'static str,
    },
    Refused {
        model: String,
        endpoint: String,
        variable: &'static str,
    },
    NoRevision {
        model: String,
        endpoint: String,
        revision: String,
    },
    PickleOnly(String),
    DataSet {
        name: String,
        why: Said,
    },
    NotAModel(String),
    /// `planned`: only its size was asked for.
    Offline {
        model: String,
        planned: bool,
    },
    NoRoom {
        name: String,
        need: u64,
        free: u64,
        folder: PathBuf,
    },
    TooMany {
        name: String,
        endpoint: String,
        most: usize,
    },
    /// `again`: another try may go better, after this long.
    Broken {
        file: String,
        reason: Said,
        again: Option<Duration>,
    },
    /// What trying again would not change.
    Wrong {
        file: String,
        reason: Said,
    },
    Io(std::io::Error),
}

impl std::error::Error for HubError {}

impl std::fmt::Display for HubError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.said().fmt(f)
    }
}

impl From<std::io::Error> for HubError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// The variable that a person sets a hub's token by.
pub(super) fn variable(hub: Hub) -> &'static str {
    hub.token_variables().first().copied().unwrap_or_default()
}

/// A text of a hub with control characters escaped, so that it can be printed on a terminal.
pub fn printable(text: &str) -> String {
    let odd = |letter: char| match letter.is_control() {
        true => letter.escape_debug().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(odd).collect()
}

/// What a library says of a question that did not go through.
pub(super) fn asking_failed(error: impl std::fmt::Display) -> Said {
    says::asking_failed(printable(&error.to_string()))
}

impl HubError {
    /// A download that is over; what arrived stays.
    pub(super) fn broken(file: &str, reason: Said) -> Self {
        Self::Broken {
            file: printable(file),
            reason,
            again: None,
        }
    }

    /// What may be tried again at once.
    pub(super) fn again(file: &str, reason: Said) -> Self {
        Self::after(file, reason, Duration::ZERO)
    }

    /// What may be tried again after `wait`.
    pub(super) fn after(file: &str, reason: Said, wait: Duration) -> Self {
        Self::Broken {
            file: printable(file),
            reason,
            again: Some(wait),
        }
    }

    pub(super) fn wrong(file: &str, reason: Said) -> Self {
        Self::Wrong {
            file: printable(file),
            reason,
        }
    }

    pub(super) fn unsummed(file: &str) -> Self {
        Self::wrong(file, says::no_usable_sum())
    }

    /// The error with its code.
    pub fn said(&self) -> Said {
        match self {
            Self::Name(name) => says::hub_name(name),
            Self::NotFound {
                model,
                endpoint,
                variable,
            } => says::hub_not_found(model, endpoint, variable),
            Self::Refused {
                model,
                endpoint,
                variable,
            } => says::hub_refused(model, endpoint, variable),
            Self::NoRevision {
                model,
                endpoint,
                revision,
            } => says::hub_no_revision(model, endpoint, revision),
            Self::PickleOnly(model) => says::hub_pickle_only(model),
            Self::NotAModel(model) => says::hub_not_a_model(model),
            Self::DataSet { name, why } => says::in_dataset(name, why.clone()),
            Self::Offline { model, planned: false } => says::hub_offline(model),
            Self::Offline { model, planned: true } => says::hub_offline_plan(model),
            Self::NoRoom {
                name,
                need,
                free,
                folder,
            } => says::hub_no_room(name, need.div_ceil(1 << 20), folder, free >> 20),
            Self::TooMany { name, endpoint, most } => says::hub_too_many(name, endpoint, most),
            Self::Broken { file, reason, .. } => says::hub_broken(file, reason),
            Self::Wrong { file, reason } => says::hub_wrong(file, reason),
            Self::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => says::disk_full(says::hub_io(error)),
            Self::Io(error) => says::hub_io(error),
        }
    }
}
