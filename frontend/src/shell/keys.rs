//! The list of keys, under `?`.

use super::places::{PLACES, Place};
use crate::app::use_shell;
use crate::i18n::{Word, shell as words};
use crate::ui::Dialog;
use leptos::prelude::*;

/// Keys typed one after the other, and what they do.
#[derive(Clone)]
struct Row {
    keys: Vec<&'static str>,
    does: Signal<String>,
}

impl Row {
    fn new(key: &'static str, does: Word) -> Self {
        Self {
            keys: vec![key],
            does: Signal::derive(move || does().to_owned()),
        }
    }

    fn leads_to(place: &'static Place) -> Self {
        match place.path {
            // what is done most often is one key
            "/new" => Self::new("n", place.name),
            _ => Self {
                keys: vec!["g", place.key],
                does: Signal::derive(move || words::keys_go((place.name)())),
            },
        }
    }
}

#[component]
pub fn Keys() -> impl IntoView {
    let shell = use_shell();
    let mut rows = vec![
        Row::new("⌘K", words::keys_palette),
        Row::new("?", words::keys_help),
        Row::new("F1", words::keys_field),
    ];
    rows.extend(PLACES.iter().map(Row::leads_to));
    rows.extend([
        Row::new("/", words::keys_search),
        Row::new("↑ ↓", words::keys_rows),
        Row::new("j k", words::keys_rows),
        Row::new("Enter", words::keys_open),
        Row::new("x", words::keys_select),
        Row::new("[ ]", words::keys_evaluation),
        Row::new("Esc", words::keys_escape),
    ]);
    let view_row = move |Row { keys, does }: Row| {
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
            <dt>{does}</dt>
            <dd class="row">{keys}</dd>
        }
    };
    // beside the style sheet, whose folder has another name with each version
    let licences = document()
        .query_selector("link[rel=stylesheet]")
        .ok()
        .flatten()
        .and_then(|link| link.get_attribute("href"))
        .map(|style| style.replace("board.css", "licences.txt"));
    let licences = StoredValue::new(licences.unwrap_or_default());
    view! {
        <Dialog open=shell.keys title=Signal::derive(|| words::keys().to_string()) class="narrow">
            <dl class="key-list">{rows.clone().into_iter().map(view_row).collect_view()}</dl>
            <p class="after">
                <a href=move || licences.get_value() target="_blank">{words::licences}</a>
            </p>
        </Dialog>
    }
}
