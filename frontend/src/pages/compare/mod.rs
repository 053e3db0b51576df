//! The compare page: runs over one another, what differs in their configs, and what came out.

mod charts;
mod tables;

use crate::address::{Address, use_address};
use crate::api;
use crate::i18n::compare as words;
use crate::links;
use crate::live::{Feed, use_live};
use crate::logic::series::SeriesSet;
use crate::logic::view::{run_color, toggle_place};
use crate::ui::{EmptyState, Icon, IconName, PageHead, Skeleton, StateDot};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::RunSummary;

/// A run being compared.
#[derive(Clone)]
struct Compared {
    run: ArcRwSignal<RunSummary>,
    series: ArcRwSignal<SeriesSet>,
    color: &'static str,
}

/// The compared runs; in the context of the page's parts.
#[derive(Clone, Copy)]
struct Comparison {
    runs: StoredValue<Vec<Compared>>,
    /// Place of the pinned baseline.
    pinned: Memo<Option<usize>>,
    address: Address,
}

fn use_comparison() -> Comparison {
    expect_context::<Comparison>()
}

impl Comparison {
    /// Copies of all rows; tracked.
    fn summaries(&self) -> Vec<RunSummary> {
        self.runs
            .with_value(|runs| runs.iter().map(|compared| compared.run.get()).collect())
    }
    fn colors(&self) -> Vec<&'static str> {
        self.runs
            .with_value(|runs| runs.iter().map(|compared| compared.color).collect())
    }
}

#[component]
pub fn Compare() -> impl IntoView {
    let (live, address) = (use_live(), use_address());
    let ids = Memo::new(move |_| address.query.with(|query| query.list("runs")));
    let found = Memo::new(move |_| {
        let ids = ids.get();
        live.runs
            .with(|runs| // a run's colour goes by its place, vacant places counted
            ids.into_iter().enumerate().filter(|(_, id)| runs.contains_key(id)).collect::<Vec<_>>())
    });
    view! {
        <PageHead title=words::title.into()>
            <a class="btn" href="/runs">{words::back}</a>
        </PageHead>
        {move || {
            let found = found.get();
            match (live.loaded.get(), found.is_empty()) {
                (false, _) => view! { <div class="page-body"><Skeleton lines=8 /></div> }.into_any(),
                (true, true) => {
                    view! {
                        <EmptyState
                            title=Signal::derive(|| words::none_title().to_string())
                            text=Signal::derive(|| words::none_text().to_string())
                        >
                            <a class="btn" href="/runs">{words::back}</a>
                        </EmptyState>
                    }
                        .into_any()
                }
                (true, false) => view! { <Side ids=found /> }.into_any(),
            }
        }}
    }
}

/// The page for one choice of runs.
#[component]
fn Side(ids: Vec<(usize, String)>) -> impl IntoView {
    let (live, address) = (use_live(), use_address());
    let mut runs = vec![];
    for (place, id) in &ids {
        let Some(run) = live.runs.with_untracked(|runs| runs.get(id).cloned()) else {
            continue;
        };
        let series = ArcRwSignal::new(SeriesSet::default());
        load(id.clone(), series.clone());
        runs.push(Compared {
            run,
            series,
            color: run_color(*place),
        });
    }
    let pinned = Memo::new(move |_| {
        let pin = address.get("pin");
        ids.iter().position(|(_, id)| *id == pin)
    });
    let runs = StoredValue::new(runs);
    provide_context(Comparison { runs, pinned, address });
    view! {
        <div class="page-body">
            <Names />
            <charts::Charts />
            <tables::Differences />
            <tables::Results />
        </div>
    }
}

/// Fetches a run's series and follows it on.
fn load(id: String, series: ArcRwSignal<SeriesSet>) {
    let (live, owner) = (use_live(), Owner::current());
    spawn_local(async move {
        let Ok(page) = api::series(&id).await else { return };
        let set = SeriesSet::from_page(page);
        let seq = set.seq;
        series.set(set);
        let Some(owner) = owner else { return };
        owner.with(|| {
            live.follow(&id, seq, move |feed| {
                if let Feed::Event(event) = feed {
                    series.maybe_update(|series| series.fold(&event));
                }
            });
        });
    });
}

/// The runs with their colours: pinned, taken out.
#[component]
fn Names() -> impl IntoView {
    let comparison = use_comparison();
    let address = comparison.address;
    let name = move |(place, compared): (usize, Compared)| {
        let row = compared.run.clone();
        let id = row.with_untracked(|run| run.id.clone());
        let (state, name) = {
            let row = row.clone();
            (
                Signal::derive(move || row.with(|run| run.state)),
                Signal::derive(move || compared.run.with(|run| run.name.clone())),
            )
        };
        let on = move || comparison.pinned.get() == Some(place);
        let (pin, gone) = (id.clone(), id.clone());
        view! {
            <li class="compared">
                <span class="swatch" style:color=format!("var({})", compared.color)></span>
                <a class="clip" href=links::run(&id) title=name>{name}</a>
                <StateDot state />
                <button
                    type="button"
                    class="btn ghost icon small"
                    class:pinned=on
                    aria-pressed=move || on().to_string()
                    title=move || if on() { words::unpin().to_owned() } else { words::pin(name.get()) }
                    aria-label=move || words::pin(name.get())
                    on:click=move |_| address.set("pin", if on() { "" } else { &pin })
                >
                    <Icon name=IconName::Pin />
                </button>
                <button
                    type="button"
                    class="btn ghost icon small"
                    aria-label=move || words::remove(name.get())
                    title=move || words::remove(name.get())
                    on:click=move |_| {
                        address
                            .edit(|query| {
                                let mut ids = query.list("runs");
                                toggle_place(&mut ids, &gone);
                                query.set_list("runs", &ids);
                            })
                    }
                >
                    <Icon name=IconName::Close />
                </button>
            </li>
        }
    };
    let names = comparison
        .runs
        .with_value(|runs| runs.iter().cloned().enumerate().map(name).collect_view());
    view! { <ul class="compared-list">{names}</ul> }
}
