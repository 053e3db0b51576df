//! The list of data sets to choose from, and why some can't be chosen.

use super::KEY;
use crate::fetched::heed;
use crate::fmt;
use crate::i18n::{self, new_run as words};
use crate::logic::toggle::toggled;
use crate::pages::data::kind_word;
use crate::pages::new_run::setting::control_id;
use crate::pages::new_run::state::use_form;
use leptos::prelude::*;
use protocol::Stage;
use protocol::config::names;
use protocol::data::{DatasetInfo, Inspection, Misfit};

/// The list of data sets to choose from: those that fit the stage first, the others disabled, with the reason.
#[component]
pub fn Picker(sets: Vec<DatasetInfo>) -> impl IntoView {
    let form = use_form();
    let sets = StoredValue::new(sets);
    let stage = Memo::new(move |_| form.draft.with(|draft| draft.method.stage()));
    let chosen = Memo::new(move |_| form.config.with(|config| config.dataset.clone().unwrap_or_default()));
    // own sets can be trained together, and so can the demo's, if they fit the stage; any other click replaces the choice
    let click = move |name: &str| {
        let stage = stage.get_untracked();
        let demo = |name: &str| {
            sets.with_value(|sets| {
                let set = sets
                    .iter()
                    .find(|set| set.name == name && why_not(set, stage).is_none())?;
                Some(set.demo)
            })
        };
        let list = toggled(&chosen.get_untracked(), name, |known| {
            demo(known).is_some() && demo(known) == demo(name)
        });
        form.put(KEY, &list);
    };
    let sorted = move || {
        let stage = stage.get();
        let mut list = sets.get_value();
        list.sort_by_key(|set| why_not(set, stage).is_some());
        list
    };
    let rows = move || {
        let stage = stage.get();
        let first = sorted()
            .into_iter()
            .find(|set| why_not(set, stage).is_none())
            .map(|set| set.name);
        let list = sorted().into_iter().map(|set| {
            let why = why_not(&set, stage);
            let name = set.name.clone();
            let id = (first.as_ref() == Some(&name)).then(|| control_id(KEY));
            let facts = set.inspection.as_ref().map(|inspection| {
                let bad = (inspection.bad_total > 0).then(|| words::some_bad(fmt::count(inspection.bad_total)));
                let parts = [Some(words::rows(fmt::count(inspection.usable))), bad];
                parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
            });
            let kind = set.inspection.as_ref().map(|inspection| kind_word(inspection.kind));
            let (is, put) = (name.clone(), name.clone());
            let unfit = why.is_some();
            view! {
                <label class="pick-row" class:unfit=unfit>
                    <input
                        type="checkbox"
                        name="dataset"
                        id=id
                        value=name.clone()
                        disabled=unfit
                        prop:checked=move || chosen.with(|list| names(Some(list)).any(|name| name == is))
                        on:change=move |_| click(&put)
                    />
                    <span class="pick-name clip">{name}</span>
                    <span class="faint pick-kind">{match why { Some(why) => why, None => kind.unwrap_or_default().to_owned() }}</span>
                    <span class="faint num pick-rows">{facts}</span>
                </label>
            }
        });
        list.collect_view()
    };
    // names that came with an imported config and are not on this board
    let foreign = move || {
        let known = |name: &str| sets.with_value(|sets| sets.iter().any(|set| set.name == name));
        let list = chosen.get();
        let strangers = names(Some(&list)).filter(|name| !known(name)).map(str::to_owned);
        let row = |name: String| {
            let out = name.clone();
            view! {
                <label class="pick-row">
                    <input type="checkbox" name="dataset" checked=true on:change=move |_| click(&out) />
                    <span class="pick-name clip">{name}</span>
                </label>
            }
        };
        strangers.map(row).collect_view()
    };
    // scrolls the list to a chosen set, and not the page
    let list = NodeRef::<leptos::html::Div>::new();
    Effect::new(move || {
        heed(chosen);
        heed(stage);
        request_animation_frame(move || {
            if let Some(Some(list)) = list.try_get_untracked() {
                show_chosen(&list);
            }
        });
    });
    view! {
        <div class="pick-list" role="group" aria-label=words::choose_data node_ref=list>
            {foreign}
            {rows}
        </div>
    }
}

/// Scrolls a list so that its first checked row is visible.
fn show_chosen(list: &web_sys::HtmlElement) {
    let Ok(Some(input)) = list.query_selector("input:checked") else {
        return;
    };
    let Ok(Some(row)) = input.closest(".pick-row") else {
        return;
    };
    let (frame, row) = (list.get_bounding_client_rect(), row.get_bounding_client_rect());
    let out = if row.top() < frame.top() {
        row.top() - frame.top()
    } else if row.bottom() > frame.bottom() {
        row.bottom() - frame.bottom()
    } else {
        return;
    };
    list.set_scroll_top(list.scroll_top() + out.round() as i32);
}

/// Why a data set can't train this stage.
fn why_not(set: &DatasetInfo, stage: Stage) -> Option<String> {
    match &set.inspection {
        None => Some(
            set.unusable
                .said()
                .map(|error| i18n::said::say(&error))
                .unwrap_or_default(),
        ),
        Some(inspection) if inspection.usable == 0 => Some(words::no_rows().to_owned()),
        Some(inspection) => misfit(inspection, stage),
    }
}

/// Why rows of this kind can't train the stage, in words.
pub fn misfit(inspection: &Inspection, stage: Stage) -> Option<String> {
    let needs = match inspection.misfit(stage)? {
        Misfit::NeedsPairs => words::needs_pairs(),
        Misfit::NeedsLabels => words::needs_labels(),
        Misfit::NeedsReplies => words::needs_replies(),
        Misfit::NeedsText => words::needs_text(),
        Misfit::NeedsPrompts => words::needs_prompts(),
    };
    Some(words::unfit(
        kind_word(inspection.kind),
        stage.name().to_uppercase(),
        needs,
    ))
}
