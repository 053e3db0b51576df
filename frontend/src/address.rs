//! The address bar as state: a page's view lives in its query.

use crate::logic::query::Query;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// Reads and rewrites the query of the page.
#[derive(Clone, Copy)]
pub struct Address {
    pub query: Memo<Query>,
    change: Callback<Query>,
}

/// The address of the page this component is on.
pub fn use_address() -> Address {
    let location = use_location();
    let navigate = use_navigate();
    let (path, search) = (location.pathname, location.search);
    let change = move |query: Query| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&format!("{}{query}", path.get_untracked()), options);
    };
    Address {
        query: Memo::new(move |_| search.with(|search| Query::parse(search))),
        change: Callback::new(change),
    }
}

impl Address {
    /// The value of `key`, or nothing; tracked.
    pub fn get(&self, key: &str) -> String {
        self.query.with(|query| query.get(key).unwrap_or_default().to_owned())
    }

    /// Rewrites the query in place: no entry in the history, no scrolling.
    pub fn edit(&self, edit: impl FnOnce(&mut Query)) {
        let old = self.query.get_untracked();
        let mut query = old.clone();
        edit(&mut query);
        if query != old {
            self.change.run(query);
        }
    }

    pub fn set(&self, key: &str, value: &str) {
        self.edit(|query| query.set(key, value));
    }
}
