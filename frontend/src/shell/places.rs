//! The pages that the rail leads to, each declared once: rail, palette, list of keys, shortcuts and the tab's title read it.

use crate::i18n::{Word, shell as words};
use crate::ui::IconName;

/// A page with a place in the rail.
#[derive(Clone, Copy)]
pub struct Place {
    pub path: &'static str,
    pub icon: IconName,
    pub name: Word,
    /// Typed after `g`.
    pub key: &'static str,
    /// First segments of further addresses that belong to it.
    holds: &'static [&'static str],
}

impl Place {
    const fn new(path: &'static str, icon: IconName, name: Word, key: &'static str) -> Self {
        Self {
            path,
            icon,
            name,
            key,
            holds: &[],
        }
    }

    /// Whether an address stands below it in the rail.
    pub fn is_at(&self, path: &str) -> bool {
        let segment = path.split('/').nth(1).unwrap_or_default();
        Some(segment) == self.path.strip_prefix('/') || self.holds.contains(&segment)
    }
}

/// In the rail's order.
pub const PLACES: [Place; 7] = [
    Place::new("/", IconName::Home, words::home, "h"),
    Place {
        holds: &["sweeps", "compare"],
        ..Place::new("/runs", IconName::Runs, words::runs, "r")
    },
    Place::new("/new", IconName::Plus, words::new_run, "n"),
    Place::new("/data", IconName::Data, words::data, "d"),
    Place::new("/models", IconName::Models, words::models, "m"),
    Place::new("/evaluate", IconName::Gauge, words::evaluate, "e"),
    Place::new("/chat", IconName::Chat, words::chat, "c"),
];

/// The place that an address belongs to.
pub fn place_of(path: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.is_at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_at_one_place_and_no_key_leads_to_two() {
        for (path, at) in [
            ("/", "/"),
            ("/runs/abc", "/runs"),
            ("/sweeps/x", "/runs"),
            ("/new", "/new"),
        ] {
            assert_eq!(place_of(path).map(|place| place.path), Some(at), "{path}");
        }
        assert!(place_of("/newer").is_none());
        let keys: std::collections::BTreeSet<_> = PLACES.iter().map(|place| place.key).collect();
        assert_eq!(keys.len(), PLACES.len());
    }
}
