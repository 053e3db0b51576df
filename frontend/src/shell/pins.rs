//! The runs that a person pinned to the rail. They are kept in the browser: what one wants at hand is nobody else's business.

use crate::browser;
use leptos::prelude::*;

/// The key of `localStorage`.
const PINNED: &str = "pinned-runs";

/// The ids of the pinned runs, the newest pin last. One whose run is gone is kept, since the run may be taken back from the trash.
#[derive(Clone, Copy)]
pub struct Pins(RwSignal<Vec<String>>);

impl Pins {
    pub fn start() -> Self {
        let kept = browser::stored(PINNED).and_then(|text| serde_json::from_str(&text).ok());
        Self(RwSignal::new(kept.unwrap_or_default()))
    }

    /// The ids; tracked.
    pub fn ids(self) -> Vec<String> {
        self.0.get()
    }

    pub fn has(self, id: &str) -> bool {
        self.0.with(|ids| ids.iter().any(|pinned| pinned == id))
    }

    /// Pins a run, or takes its pin away.
    pub fn toggle(self, id: &str) {
        self.0.update(|ids| crate::logic::view::toggle(ids, id));
        let text = self
            .0
            .with_untracked(|ids| serde_json::to_string(ids).unwrap_or_default());
        browser::store(PINNED, &text);
    }
}
