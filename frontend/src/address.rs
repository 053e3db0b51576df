//! The address bar as state: a page keeps its view in the query string.
//!
//! The router changes the address before the page that is left is disposed, and a request of that page may answer later still. So
//! an [`Address`] knows which page it belongs to: it shows no other page's query, and writes nothing once another page is open.
//! And a page is mounted before the browser's own address is that page's: a write waits until then, or it would replace the
//! entry of the page before it in the history.

use crate::logic::query::Query;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// Reads and rewrites the query string of a page.
#[derive(Clone, Copy)]
pub struct Address {
    pub query: Memo<Query>,
    /// A query that is written as soon as the browser's address is the page's.
    pending: StoredValue<Option<Query>>,
    /// Whether the browser's address is the page's yet.
    has_arrived: Callback<(), bool>,
    replace: Callback<Query>,
}

/// The address of the page this component is on.
pub fn use_address() -> Address {
    let location = use_location();
    let navigate = use_navigate();
    let (path, search) = (location.pathname, location.search);
    let own = path.with_untracked(|path| Page::of(path));
    let home = own.clone();
    let replace = move |query: Query| {
        if path.with_untracked(|path| Page::of(path)) != home {
            return;
        }
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&format!("{}{query}", path.get_untracked()), options);
    };
    let query = move |last: Option<&Query>| {
        if path.with(|path| Page::of(path)) == own {
            search.with(|search| Query::parse(search))
        } else {
            last.cloned().unwrap_or_default()
        }
    };
    let has_arrived = move |()| window().location().pathname().ok() == path.try_get_untracked();
    Address {
        query: Memo::new(query),
        pending: StoredValue::new(None),
        has_arrived: Callback::new(has_arrived),
        replace: Callback::new(replace),
    }
}

/// The page an address belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Page {
    /// The first segment of the path; an empty path counts as that of the runs.
    section: String,
    /// Whether it is the page of one item of the section, not of their list.
    is_item: bool,
}

impl Page {
    fn of(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let section = parts.next().unwrap_or("runs").to_owned();
        let is_item = parts.next().is_some();
        Self { section, is_item }
    }
}

impl Address {
    /// The value of `key`, or an empty text; tracked.
    pub fn get(&self, key: &str) -> String {
        self.query.with(|query| query.get(key).unwrap_or_default().to_owned())
    }

    /// Rewrites the query in place, without an entry in the history and without scrolling. Does nothing once the page is gone.
    pub fn edit(&self, edit: impl FnOnce(&mut Query)) {
        let pending = self.pending.try_get_value().flatten();
        let Some(old) = pending.clone().or_else(|| self.query.try_get_untracked()) else {
            return;
        };
        let mut query = old.clone();
        edit(&mut query);
        if query == old {
            return;
        }
        if pending.is_none() && self.has_arrived.try_run(()) == Some(true) {
            self.replace.try_run(query);
            return;
        }
        self.pending.try_set_value(Some(query));
        if pending.is_none() {
            self.write_on_arrival();
        }
    }

    /// Looks once a frame whether the browser has arrived, and writes the pending query then.
    fn write_on_arrival(self) {
        request_animation_frame(move || {
            let Some(Some(query)) = self.pending.try_get_value() else {
                return;
            };
            if self.has_arrived.try_run(()) != Some(true) {
                return self.write_on_arrival();
            }
            self.pending.try_set_value(None);
            self.replace.try_run(query);
        });
    }

    pub fn set(&self, key: &str, value: &str) {
        self.edit(|query| query.set(key, value));
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn an_address_belongs_to_one_page() {
        for (path, section, is_item) in [
            ("/", "runs", false),
            ("", "runs", false),
            ("/runs", "runs", false),
            ("/runs/a1", "runs", true),
            ("/chat", "chat", false),
            ("/data/demo_en", "data", true),
        ] {
            let page = Page::of(path);
            assert_eq!((page.section.as_str(), page.is_item), (section, is_item), "{path}");
        }
    }
}
