//! The draft as the browser keeps it. Each tab has its own; a tab that has none yet begins with the newest.

use crate::browser;
use crate::i18n::{configs, new_run as words};
use crate::logic::form::Draft;
use serde::{Deserialize, Serialize};

const KEY: &str = "new-run-draft";

/// Where a form's settings came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The settings of that run.
    Again {
        id: String,
        name: String,
        /// What was set otherwise, as `key=value`.
        #[serde(default)]
        changes: Vec<String>,
    },
    /// A next stage, from that run's result.
    Next { id: String, name: String },
    /// A configuration that was kept under this name.
    Saved {
        name: String,
        /// What became other in the form, a key each.
        changes: Vec<String>,
        /// What of it could not be taken, or has no effect.
        unread: Vec<String>,
    },
    /// The run asked for is not there.
    Missing,
    /// The run asked for could not be fetched.
    Failed(String),
}

impl Origin {
    /// Whether it is that run's settings, or its next stage.
    pub fn is(&self, run: &str, next: bool) -> bool {
        match self {
            Self::Again { id, .. } => !next && id == run,
            Self::Next { id, .. } => next && id == run,
            _ => false,
        }
    }

    /// Nothing came of it.
    pub fn is_bad(&self) -> bool {
        matches!(self, Self::Missing | Self::Failed(_))
    }

    /// Something of it is to be looked at.
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

/// Changes that are written out; more is no sentence.
const WRITTEN: usize = 12;

fn said_of(name: &str, changes: &[String], unread: &[String]) -> String {
    let more = changes.len().saturating_sub(WRITTEN);
    let more = (more > 0).then(|| configs::and_more(more as u64));
    let written: Vec<String> = changes.iter().take(WRITTEN).cloned().chain(more).collect();
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

/// All that a form is made of again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    pub draft: Draft,
    #[serde(default)]
    pub origin: Option<Origin>,
    #[serde(default)]
    pub parent: Option<String>,
    /// Lines of further keys that can't be used as they were typed.
    #[serde(default)]
    pub unread: Option<String>,
}

impl Stored {
    pub fn plain(draft: Draft) -> Self {
        Self {
            draft,
            origin: None,
            parent: None,
            unread: None,
        }
    }
}

/// This tab's draft; else the newest of any tab.
pub fn read() -> Option<Stored> {
    let read = |text: String| serde_json::from_str::<Stored>(&text).ok();
    let kept = browser::stored_in_tab(KEY)
        .and_then(read)
        .or_else(|| browser::stored(KEY).and_then(read))?;
    let origin = kept.origin.filter(|origin| !origin.is_bad());
    Some(Stored { origin, ..kept })
}

pub fn write(stored: &Stored) {
    let text = serde_json::to_string(stored).unwrap_or_default();
    browser::store_in_tab(KEY, &text);
    browser::store(KEY, &text);
}

/// Forgets the draft: its run has started, or the form is as new.
pub fn forget() {
    browser::forget_in_tab(KEY);
    browser::forget(KEY);
}
