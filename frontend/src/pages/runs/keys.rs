//! The table by the keyboard: moving through its rows, opening and selecting them.

use super::RunsTable;
use super::table::Window;
use crate::browser::{self, transition};
use crate::links;
use crate::logic::fold::sweep_row;
use crate::logic::view::toggle_place;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Listens to the keys, for as long as the table is there.
pub fn move_by_keys(table: RunsTable, window: Window) {
    let at = table.at;
    let navigate = use_navigate();
    let open = move |id: &str| match sweep_row(id) {
        Some(sweep) => navigate(&links::sweep(sweep), NavigateOptions::default()),
        None => {
            let (navigate, page) = (navigate.clone(), links::run(id));
            let name = browser::element(".run-row.current .cell-name a");
            transition(name, ".run-name", move || navigate(&page, NavigateOptions::default()));
        }
    };
    let step = move |by: isize| {
        let here = at.get_untracked();
        let next = table.rows.with_untracked(|ids| {
            let place = here.as_ref().and_then(|here| ids.iter().position(|id| **id == **here));
            let next = place.map_or(0, |place| {
                place.saturating_add_signed(by).min(ids.len().saturating_sub(1))
            });
            ids.get(next).map(|id| (next, id.to_string()))
        });
        if let Some((place, id)) = next {
            at.set(Some(id));
            window.reveal(place);
        }
    };
    let keys = window_event_listener(ev::keydown, move |event| {
        if !browser::may_be_shortcut(&event) {
            return;
        }
        let on_button = document()
            .active_element()
            .is_some_and(|e| matches!(e.tag_name().as_str(), "BUTTON" | "A"));
        match (event.key().as_str(), at.get_untracked()) {
            ("j" | "ArrowDown", _) => step(1),
            ("k" | "ArrowUp", _) => step(-1),
            ("Enter", Some(id)) if !on_button => open(&id),
            ("x", Some(id)) if sweep_row(&id).is_none() => table.edit(|view| toggle_place(&mut view.selected, &id)),
            // the preview first, and what is selected after it
            ("Escape", Some(id)) if table.live.runs.with_untracked(|runs| runs.contains_key(&id)) => at.set(None),
            ("Escape", _) => {
                at.set(None);
                table.edit(|view| view.selected.clear());
            }
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
}
