//! The address bar as state: a page's view lives in its query.
//!
//! The address changes before the page that is left is gone, and what that page began may end after it. So an
//! [`Address`] knows whose it is: it shows no other page's query, and writes nothing once another page is open. And a page
//! is shown before the browser's own address is that page's: what is written then waits, or it would take the place of
//! the page before it in the history.

use crate::logic::query::Query;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// Reads and rewrites the query of the page.
#[derive(Clone, Copy)]
pub struct Address {
    pub query: Memo<Query>,
    /// The query that is written as soon as the browser is at the page.
    waiting: StoredValue<Option<Query>>,
    /// Whether the browser's address is the page's yet.
    arrived: Callback<(), bool>,
    change: Callback<Query>,
}

/// The address of the page this component is on.
pub fn use_address() -> Address {
    let location = use_location();
    let navigate = use_navigate();
    let (path, search) = (location.pathname, location.search);
    let own = path.with_untracked(|path| Page::of(path));
    let home = own.clone();
    let change = move |query: Query| {
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
    let arrived = move |()| window().location().pathname().ok() == path.try_get_untracked();
    Address {
        query: Memo::new(query),
        waiting: StoredValue::new(None),
        arrived: Callback::new(arrived),
        change: Callback::new(change),
    }
}

/// The page an address belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Page {
    /// The first part of the path; the bare address is that of the runs.
    section: String,
    /// One thing of the section, not the list of them.
    one: bool,
}

impl Page {
    fn of(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let section = parts.next().unwrap_or("runs").to_owned();
        let one = parts.next().is_some();
        Self { section, one }
    }
}

impl Address {
    /// The value of `key`, or nothing; tracked.
    pub fn get(&self, key: &str) -> String {
        self.query.with(|query| query.get(key).unwrap_or_default().to_owned())
    }

    /// Rewrites the query in place: no entry in the history, no scrolling. Nothing once the page is gone.
    pub fn edit(&self, edit: impl FnOnce(&mut Query)) {
        let waiting = self.waiting.try_get_value().flatten();
        let Some(old) = waiting.clone().or_else(|| self.query.try_get_untracked()) else {
            return;
        };
        let mut query = old.clone();
        edit(&mut query);
        if query == old {
            return;
        }
        if waiting.is_none() && self.arrived.try_run(()) == Some(true) {
            self.change.try_run(query);
            return;
        }
        self.waiting.try_set_value(Some(query));
        if waiting.is_none() {
            self.write_later();
        }
    }

    fn write_later(self) {
        request_animation_frame(move || {
            let Some(Some(query)) = self.waiting.try_get_value() else {
                return;
            };
            if self.arrived.try_run(()) != Some(true) {
                return self.write_later();
            }
            self.waiting.try_set_value(None);
            self.change.try_run(query);
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
        for (path, section, one) in [
            ("/", "runs", false),
            ("", "runs", false),
            ("/runs", "runs", false),
            ("/runs/a1", "runs", true),
            ("/chat", "chat", false),
            ("/data/demo_en", "data", true),
        ] {
            let page = Page::of(path);
            assert_eq!((page.section.as_str(), page.one), (section, one), "{path}");
        }
    }
}
