//! Search for a model or a data set of a hub: by words of the catalogue, by what it is for, or by its exact name.

use super::hub::{HubSelect, hub_request, use_default_hub};
use super::{ErrorNote, Icon, IconName};
use crate::api;
use crate::fetched::Fetched;
use crate::fmt;
use crate::i18n::{common, models as words};
use leptos::prelude::*;
use protocol::Stage;
use protocol::api::HubRequest;
use protocol::catalogue::{Catalogue, CatalogueModel, CatalogueSet, Line};
use protocol::hub::{Hub, Kind};
use serde_json::{Map, Value};

/// What a person chose, from the catalogue or by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    pub asked: HubRequest,
    /// A suggested name for it on this board.
    pub name: String,
    /// The template that a model needs, where the catalogue knows one.
    pub template: Option<String>,
    /// The keys of a data set's entry in `dataset_info.json`.
    pub entry: Map<String, Value>,
}

/// A line of the catalogue with what is shown beside its name.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    line: Line,
    size: String,
    template: Option<String>,
    entry: Map<String, Value>,
}

impl Row {
    fn of_model(model: &CatalogueModel) -> Self {
        let size = fmt::params((model.params * 1e9) as u64);
        let active = model.active.map(|active| fmt::params((active * 1e9) as u64));
        Self {
            line: model.line(),
            size: match active {
                Some(active) => format!("{size} ({active})"),
                None => size,
            },
            template: model.template.clone(),
            entry: Map::new(),
        }
    }

    fn of_set(set: &CatalogueSet) -> Self {
        Self {
            line: set.line(),
            size: set.rows.map(|rows| words::rows(fmt::count(rows))).unwrap_or_default(),
            template: None,
            entry: set.entry.clone(),
        }
    }

    /// What to request from a hub; `None` where the hub does not have it.
    fn pick(&self, hub: Hub) -> Option<Pick> {
        let text = |key: &str| self.entry.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Pick {
            asked: HubRequest {
                name: self.line.on(hub)?.to_owned(),
                hub: Some(hub),
                kind: self.line.kind,
                revision: None,
                subset: text("subset"),
                split: text("split"),
                folder: text("folder"),
            },
            name: self.line.name.clone(),
            template: self.template.clone(),
            entry: self.entry.clone(),
        })
    }
}

fn rows_of(kind: Kind, all: &Catalogue) -> Vec<Row> {
    match kind {
        Kind::Model => all.models.iter().map(Row::of_model).collect(),
        Kind::Dataset => all.datasets.iter().map(Row::of_set).collect(),
    }
}

/// Results shown at most; a narrower search shows the others.
const MAX_RESULTS: usize = 8;

fn tags(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Model => &["base", "chat", "code", "math", "reasoning"],
        Kind::Dataset => &["dpo", "kto", "sft", "pt", "en", "zh"],
    }
}

/// A tag in the person's language; names of stages and languages stay as they are.
fn tag_label(tag: &str) -> String {
    match tag {
        "base" => words::tag_base().to_owned(),
        "chat" => words::tag_chat().to_owned(),
        "code" => words::tag_programs().to_owned(),
        "math" => words::tag_math().to_owned(),
        "reasoning" => words::tag_reasoning().to_owned(),
        "translation" => words::tag_translation().to_owned(),
        other => match Stage::named(other) {
            Some(stage) => stage.name().to_uppercase(),
            None => other.to_owned(),
        },
    }
}

/// The search field and its results. It asks no hub itself: `on_pick` is called with what is to be requested.
#[component]
pub fn HubSearch(kind: Kind, #[prop(into)] on_pick: Callback<Pick>) -> impl IntoView {
    let (typed, hub) = (RwSignal::new(String::new()), use_default_hub());
    let tag = RwSignal::new(None::<&'static str>);
    let Fetched { answer, refetch } = Fetched::start(api::catalogue);
    let rows = Memo::new(move |_| answer.with(|all| Some(rows_of(kind, all.as_ref()?.as_ref().ok()?))));
    let has_query = move || typed.with(|text| !text.trim().is_empty()) || tag.get().is_some();
    let found = Memo::new(move |_| {
        if !has_query() {
            return vec![];
        }
        let (hub, tag) = (hub.get(), tag.get());
        let fits = |row: &&Row| {
            row.line.on(hub).is_some()
                && tag.is_none_or(|tag| row.line.tags.iter().any(|own| own == tag))
                && typed.with(|text| row.line.fits(text))
        };
        rows.with(|rows| rows.iter().flatten().filter(fits).cloned().collect())
    });
    let by_exact_name = move || typed.with(|text| hub_request(kind, text, hub.get()).filter(|_| text.contains('/')));
    // says that nothing was found: a disabled button alone would not explain it
    let no_results = move || {
        let known = rows.with(Option::is_some);
        let empty = has_query() && by_exact_name().is_none() && found.with(Vec::is_empty);
        match answer.with(Option::is_none) {
            true => empty.then(common::loading),
            false => (empty && known).then(words::nothing_found),
        }
    };
    let failed = move || answer.get().and_then(Result::err).filter(|_| has_query());
    let pick = move |chosen: Pick| {
        typed.set(String::new());
        tag.set(None);
        on_pick.run(chosen);
    };
    let pick_by_name = move || {
        if let Some(asked) = by_exact_name() {
            let name = asked.name.rsplit('/').next().unwrap_or_default().to_owned();
            pick(Pick {
                asked,
                name,
                template: None,
                entry: Map::new(),
            });
        }
    };
    let chips = tags(kind).iter().map(|one| {
        let on = move || tag.get() == Some(*one);
        let toggle = move |_| tag.update(|tag| *tag = if *tag == Some(*one) { None } else { Some(*one) });
        view! {
            <button type="button" class="chip" class:on=on aria-pressed=move || on().to_string() on:click=toggle>
                {move || tag_label(one)}
            </button>
        }
    });
    let listed = move || {
        let rows = found.get().into_iter().take(MAX_RESULTS);
        rows.map(|row| view! { <SearchResult row hub=hub.get() on_pick=pick /> })
            .collect_view()
    };
    let more = move || found.with(|found| found.len().saturating_sub(MAX_RESULTS) as u64);
    view! {
        <div class="hub-search">
            <div class="row hub-form">
                <HubSelect id=format!("hub-{}", kind.plural()) hub />
                <input
                    id=format!("hub-name-{}", kind.plural())
                    class="input mono"
                    type="search"
                    aria-label=words::hub_name
                    placeholder=match kind {
                        Kind::Model => words::hub_placeholder,
                        Kind::Dataset => words::hub_data_placeholder,
                    }
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            event.prevent_default();
                            pick_by_name();
                        }
                    }
                />
                <button type="button" class="btn" disabled=move || by_exact_name().is_none() on:click=move |_| pick_by_name()>
                    <Icon name=IconName::Search />
                    {words::look}
                </button>
                <div class="row wrap hub-tags" role="group" aria-label=words::what_for>{chips.collect_view()}</div>
            </div>
            <p class="faint" aria-live="polite">{no_results}</p>
            {move || failed().map(|error| view! { <ErrorNote error on_retry=move |()| refetch.now() /> })}
            <Show when=move || found.with(|found| !found.is_empty())>
                <ul class="catalogue">{listed}</ul>
                <p class="faint">{move || Some(more()).filter(|more| *more > 0).map(words::more_found)}</p>
            </Show>
        </div>
    }
}

/// A result, as a button that chooses it.
#[component]
fn SearchResult(row: Row, hub: Hub, #[prop(into)] on_pick: Callback<Pick>) -> impl IntoView {
    let tags: Vec<_> = row.line.tags.iter().map(|tag| tag_label(tag)).collect();
    let facts = [
        Some(row.size.clone()).filter(|size| !size.is_empty()),
        Some(tags.join(", ")),
        row.line.licence.clone(),
        row.template.clone().map(words::template_is),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    let pick = row.pick(hub);
    let name = row.line.on(hub).unwrap_or_default().to_owned();
    view! {
        <li>
            <button
                type="button"
                class="catalogue-line"
                on:click=move |_| {
                    if let Some(pick) = pick.clone() {
                        on_pick.run(pick);
                    }
                }
            >
                <span class="mono clip">{name}</span>
                <span class="faint num clip">{facts.join(" · ")}</span>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_asks_for_its_part_on_the_hub_that_has_it() {
        let set: CatalogueSet = serde_json::from_value(serde_json::json!({
            "name": "uf", "for": "dpo", "licence": "mit", "languages": ["en"], "hf": "a/uf",
            "entry": {"split": "train_prefs", "ranking": true}
        }))
        .unwrap();
        let row = Row::of_set(&set);
        assert_eq!(row.pick(Hub::ModelScope), None);
        let pick = row.pick(Hub::HuggingFace).unwrap();
        assert_eq!(pick.asked.id(), "huggingface/datasets/a/uf@::train_prefs:");
        assert_eq!(
            (pick.name.as_str(), pick.entry["ranking"].as_bool()),
            ("uf", Some(true))
        );
    }
}
