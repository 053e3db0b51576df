//! The navigation items: the pages that the rail leads to. Each is declared once, for the rail, the palette, the keyboard shortcuts and
//! the title of the browser's tab.

use crate::i18n::{Word, shell as words};
use crate::ui::IconName;

/// A page that the rail leads to.
#[derive(Clone, Copy)]
pub struct NavItem {
    pub path: &'static str,
    pub icon: IconName,
    pub name: Word,
    /// The key that goes to it after `g`.
    pub key: &'static str,
    /// First segments of further paths for which this item is the current one.
    also_under: &'static [&'static str],
}

impl NavItem {
    const fn new(path: &'static str, icon: IconName, name: Word, key: &'static str) -> Self {
        Self {
            path,
            icon,
            name,
            key,
            also_under: &[],
        }
    }

    /// Whether it is the current item of the rail on a page with this path.
    pub fn is_current(&self, path: &str) -> bool {
        let segment = path.split('/').nth(1).unwrap_or_default();
        Some(segment) == self.path.strip_prefix('/') || self.also_under.contains(&segment)
    }
}

/// In the rail's order.
pub const NAV_ITEMS: [NavItem; 7] = [
    NavItem::new("/", IconName::Home, words::home, "h"),
    NavItem {
        also_under: &["sweeps", "compare"],
        ..NavItem::new("/runs", IconName::Runs, words::runs, "r")
    },
    NavItem::new("/new", IconName::Plus, words::new_run, "n"),
    NavItem::new("/data", IconName::Data, words::data, "d"),
    NavItem::new("/models", IconName::Models, words::models, "m"),
    NavItem::new("/evaluate", IconName::Gauge, words::evaluate, "e"),
    NavItem::new("/chat", IconName::Chat, words::chat, "c"),
];

/// The item that is current on a page with this path.
pub fn nav_item_of(path: &str) -> Option<&'static NavItem> {
    NAV_ITEMS.iter().find(|item| item.is_current(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_current_item_and_a_key_leads_to_one() {
        for (path, item) in [
            ("/", "/"),
            ("/runs/abc", "/runs"),
            ("/sweeps/x", "/runs"),
            ("/new", "/new"),
        ] {
            assert_eq!(nav_item_of(path).map(|found| found.path), Some(item), "{path}");
        }
        assert!(nav_item_of("/newer").is_none());
        let keys: std::collections::BTreeSet<_> = NAV_ITEMS.iter().map(|item| item.key).collect();
        assert_eq!(keys.len(), NAV_ITEMS.len());
    }
}
