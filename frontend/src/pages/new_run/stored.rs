//! The draft as the browser stores it. Each tab has its own; a tab without one starts with the newest of any tab.

use crate::browser;
use crate::i18n::{configs, new_run as words};
use crate::logic::form::Draft;
use serde::{Deserialize, Serialize};

const KEY: &str = "new-run-draft";

/// Where a form's settings came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The settings of a run.
    Again {
        id: String,
        name: String,
        /// What was changed, as `key=value`.
        #[serde(default)]
        changes: Vec<String>,
    },
    /// The next stage of a run.
    Next { id: String, name: String },
    /// A saved config.
    Saved {
        name: String,
        /// What changed in the form, one entry for each key.
        changes: Vec<String>,
        /// What of the config could not be taken, or has no effect.
        unread: Vec<String>,
    },
    /// The run asked for is not there.
    Missing,
    /// The run asked for could not be fetched.
    Failed(String),
}

impl Origin {
    /// Whether it is that run's settings, or with `next` that run's next stage.
    pub fn is(&self, run: &str, next: bool) -> bool {
        match self {
            Self::Again { id, .. } => !next && id == run,
            Self::Next { id, .. } => next && id == run,
            _ => false,
        }
    }

    /// Whether the form was not filled.
    pub fn is_bad(&self) -> bool {
        matches!(self, Self::Missing | Self::Failed(_))
    }

    /// Whether it needs attention.
    pub fn warns(&self) -> bool {
        self.is_bad() || matches!(self, Self::Saved { unread, .. } if !unread.is_empty())
    }

    /// One sentence for people.
    pub fn say(&self) -> String {
        match self {
            Self::Again { name, changes, .. } if changes.is_empty() => words::from_run(name),
            Self::Again { name, changes, .. } => words::from_run_with(name, changes.join(" ")),
            Self::Next { name, .. } => words::next_of(name),
            Self::Saved { name, changes, unread } => said_of(name, changes, unread),
            Self::Missing => words::run_missing().into(),
            Self::Failed(why) => why.clone(),
        }
    }
}

/// The most changes that are named in the sentence.
const MAX_NAMED: usize = 12;

fn said_of(name: &str, changes: &[String], unread: &[String]) -> String {
    let more = changes.len().saturating_sub(MAX_NAMED);
    let more = (more > 0).then(|| configs::and_more(more as u64));
    let written: Vec<String> = changes.iter().take(MAX_NAMED).cloned().chain(more).collect();
    let mut text = match written.is_empty() {
        true => configs::from_saved(name),
        false => configs::from_saved_with(name, written.join(", ")),
    };
    if !unread.is_empty() {
        text.push(' ');
        text.push_str(&configs::not_taken(unread.join("; ")));
    }
    text
}

/// All that is needed to restore the form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredDraft {
    pub draft: Draft,
    #[serde(default)]
    pub origin: Option<Origin>,
    #[serde(default)]
    pub parent: Option<String>,
    /// Lines of further keys that can't be used.
    #[serde(default)]
    pub unread: Option<String>,
}

impl StoredDraft {
    pub fn plain(draft: Draft) -> Self {
        Self {
            draft,
            origin: None,
            parent: None,
            unread: None,
        }
    }
}

/// The draft of this tab; else the newest of any tab.
pub fn read() -> Option<StoredDraft> {
    let read = |text: String| serde_json::from_str::<StoredDraft>(&text).ok();
    let kept = browser::stored_in_tab(KEY)
        .and_then(read)
        .or_else(|| browser::stored(KEY).and_then(read))?;
    let origin = kept.origin.filter(|origin| !origin.is_bad());
    Some(StoredDraft { origin, ..kept })
}

pub fn write(stored: &StoredDraft) {
    let text = serde_json::to_string(stored).unwrap_or_default();
    browser::store_in_tab(KEY, &text);
    browser::store(KEY, &text);
}

/// Forgets the draft, when its run was started or the form is unchanged.
pub fn forget() {
    browser::forget_in_tab(KEY);
    browser::forget(KEY);
}
