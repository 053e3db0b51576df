//! The dialog that lists the keyboard shortcuts, which `?` opens.

use super::nav::{NAV_ITEMS, NavItem};
use crate::app::use_shell;
use crate::i18n::{Word, shell as words};
use crate::ui::Dialog;
use leptos::prelude::*;

/// A shortcut: the keys pressed one after the other, and what they do.
#[derive(Clone)]
struct Shortcut {
    keys: Vec<&'static str>,
    effect: Signal<String>,
}

impl Shortcut {
    fn new(key: &'static str, effect: Word) -> Self {
        Self {
            keys: vec![key],
            effect: Signal::derive(move || effect().to_owned()),
        }
    }

    fn to_page(item: &'static NavItem) -> Self {
        match item.path {
            // the page that is opened most often has a single key
            "/new" => Self::new("n", item.name),
            _ => Self {
                keys: vec!["g", item.key],
                effect: Signal::derive(move || words::keys_go((item.name)())),
            },
        }
    }
}

#[component]
pub fn ShortcutsDialog() -> impl IntoView {
    let shell = use_shell();
    let mut shortcuts = vec![
        Shortcut::new("⌘K", words::keys_palette),
        Shortcut::new("?", words::keys_help),
        Shortcut::new("F1", words::keys_field),
    ];
    shortcuts.extend(NAV_ITEMS.iter().map(Shortcut::to_page));
    shortcuts.extend([
        Shortcut::new("/", words::keys_search),
        Shortcut::new("↑ ↓", words::keys_rows),
        Shortcut::new("j k", words::keys_rows),
        Shortcut::new("Enter", words::keys_open),
        Shortcut::new("x", words::keys_select),
        Shortcut::new("[ ]", words::keys_evaluation),
        Shortcut::new("Esc", words::keys_escape),
    ]);
    let row = move |Shortcut { keys, effect }: Shortcut| {
        let keys = keys
            .iter()
            .enumerate()
            .map(|(i, key)| {
                let key = key.replace('⌘', shell.modifier);
                view! {
                    {(i > 0).then(|| view! { <span class="faint">{words::keys_then}</span> })}
                    <kbd class="kbd">{key}</kbd>
                }
            })
            .collect_view();
        view! {
            <dt>{effect}</dt>
            <dd class="row">{keys}</dd>
        }
    };
    // the licences lie beside the style sheet, in a folder whose name changes with each version
    let licences = document()
        .query_selector("link[rel=stylesheet]")
        .ok()
        .flatten()
        .and_then(|link| link.get_attribute("href"))
        .map(|style| style.replace("board.css", "licences.txt"));
    let licences = StoredValue::new(licences.unwrap_or_default());
    view! {
        <Dialog open=shell.shortcuts_open title=Signal::derive(|| words::keys().to_string()) class="narrow">
            <dl class="key-list">{shortcuts.clone().into_iter().map(row).collect_view()}</dl>
            <p class="after">
                <a href=move || licences.get_value() target="_blank">{words::licences}</a>
            </p>
        </Dialog>
    }
}
