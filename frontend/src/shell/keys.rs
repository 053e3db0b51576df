//! The list of keys, under `?`.

use crate::app::use_shell;
use crate::i18n::{Word, shell as words};
use crate::ui::Dialog;
use leptos::prelude::*;

/// Keys typed one after the other, and what they do.
type Row = (&'static [&'static str], Word);

#[component]
pub fn Keys() -> impl IntoView {
    let shell = use_shell();
    let rows: [Row; 17] = [
        (&["⌘K"], words::keys_palette),
        (&["?"], words::keys_help),
        (&["F1"], words::keys_field),
        (&["g", "h"], words::keys_go_home),
        (&["g", "r"], words::keys_go_runs),
        (&["n"], words::keys_go_new),
        (&["g", "d"], words::keys_go_data),
        (&["g", "m"], words::keys_go_models),
        (&["g", "e"], words::keys_go_evaluate),
        (&["g", "c"], words::keys_go_chat),
        (&["/"], words::keys_search),
        (&["↑ ↓"], words::keys_rows),
        (&["j k"], words::keys_rows),
        (&["Enter"], words::keys_open),
        (&["x"], words::keys_select),
        (&["[ ]"], words::keys_evaluation),
        (&["Esc"], words::keys_escape),
    ];
    let view_row = move |(keys, what): Row| {
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
            <dt>{what}</dt>
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
            <dl class="key-list">{rows.into_iter().map(view_row).collect_view()}</dl>
            <p class="after">
                <a href=move || licences.get_value() target="_blank">{words::licences}</a>
            </p>
        </Dialog>
    }
}
