//! The menu that saves a chart or a table: as pictures, and as files of its values.

use super::{Icon, IconName, Menu, MenuItem};
use crate::browser::{self, pictures};
use crate::i18n::run as words;
use crate::logic::sheet::Sheet;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// An item of the menu.
#[derive(Clone, Copy)]
pub struct SaveItem {
    word: &'static str,
    save: Callback<()>,
}

impl SaveItem {
    pub fn new(word: &'static str, save: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            word,
            save: Callback::new(move |()| save()),
        }
    }
}

/// Saves a table as CSV, or as JSON.
pub fn save_sheet(sheet: &Sheet, name: &str, ending: &str) {
    match ending {
        "json" => browser::save_text(&format!("{name}.json"), "application/json", &sheet.json()),
        _ => browser::save_text(&format!("{name}.csv"), "text/csv", &sheet.csv()),
    }
}

/// A table's items: CSV and JSON.
pub fn sheet_items(name: Signal<String>, sheet: impl Fn() -> Sheet + Clone + Send + Sync + 'static) -> Vec<SaveItem> {
    let item = |word: &'static str, ending: &'static str| {
        let sheet = sheet.clone();
        SaveItem::new(word, move || {
            save_sheet(&untrack(&sheet), &name.get_untracked(), ending)
        })
    };
    vec![item("CSV", "csv"), item("JSON", "json")]
}

/// The items of an SVG: itself, and a PNG of it.
pub fn svg_items(
    name: Signal<String>,
    svg: impl Fn() -> Option<String> + Clone + Send + Sync + 'static,
) -> Vec<SaveItem> {
    let drawn = svg.clone();
    let png = move || {
        if let Some(svg) = untrack(&drawn) {
            let name = format!("{}.png", name.get_untracked());
            spawn_local(async move { pictures::save_svg_as_png(&svg, &name).await });
        }
    };
    let itself = move || {
        if let Some(svg) = untrack(&svg) {
            pictures::save_svg(&svg, &format!("{}.svg", name.get_untracked()));
        }
    };
    vec![SaveItem::new("PNG", png), SaveItem::new("SVG", itself)]
}

/// The menu. `name` is what the chart or table is called.
#[component]
pub fn SaveMenu(#[prop(into)] name: Signal<String>, items: Vec<SaveItem>) -> impl IntoView {
    view! {
        <SaveMenuOf name>
            <SaveItems items=items.clone() />
        </SaveMenuOf>
    }
}

/// The items, in a menu.
#[component]
pub fn SaveItems(items: Vec<SaveItem>) -> impl IntoView {
    let item = |SaveItem { word, save }: SaveItem| view! { <MenuItem on_pick=save>{word}</MenuItem> };
    items.into_iter().map(item).collect_view()
}

/// The menu with items that may be loaded when it opens.
#[component]
pub fn SaveMenuOf(name: Signal<String>, children: ChildrenFn) -> impl IntoView {
    view! {
        <Menu
            trigger=ViewFn::from(|| view! { <Icon name=IconName::Download /> })
            label=Signal::derive(move || words::save_chart(name.get()))
            class="cell-button"
            align_end=true
        >
            {children()}
        </Menu>
    }
}
