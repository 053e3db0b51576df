//! The page of a sweep: its best run, and which key matters.

mod axis;
mod head;
mod heat;
mod importance;
mod parallel;
mod table;

use crate::api;
use crate::fetched::{Fetched, Refetch, heed};
use crate::fmt;
use crate::i18n::{said, sweep as words};
use crate::links;
use crate::live::use_live;
use crate::logic::diff::value_text;
use crate::logic::sheet::Sheet;
use crate::logic::sweep::{Axis, value_on};
use crate::logic::sweep::{longer, within};
use crate::ui::{CodeBlock, EmptyState, ErrorNote, Icon, IconName, PageHead, Skeleton};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use protocol::api::{SweepDetail, SweepRun, SweepState};
use protocol::sweep::point_text;

/// The state of the page; in the context of its parts.
#[derive(Clone, Copy)]
struct Page {
    detail: Memo<Option<SweepDetail>>,
    refetch: Refetch,
    /// The run under the pointer, which is highlighted in chart and table.
    lit: RwSignal<Option<String>>,
    /// The brush of each axis: the range of it whose runs are kept.
    brushes: RwSignal<Vec<Option<(f64, f64)>>>,
    keys: Memo<Vec<String>>,
    axes: Memo<Vec<Axis>>,
}

fn use_page() -> Page {
    expect_context::<Page>()
}

impl Page {
    fn runs(self) -> Vec<SweepRun> {
        self.detail
            .with(|detail| detail.as_ref().map(|detail| detail.runs.clone()).unwrap_or_default())
    }

    /// What the best run is called: there may be a better one while the sweep goes.
    fn best_word(self) -> &'static str {
        let goes = |detail: &SweepDetail| detail.summary.state == SweepState::Going;
        match self.detail.with(|detail| detail.as_ref().is_some_and(goes)) {
            true => words::best(),
            false => words::best_of_all(),
        }
    }

    fn keeps(self, run: &SweepRun) -> bool {
        self.axes.with(|axes| {
            self.keys
                .with(|keys| self.brushes.with(|brushes| within(run, axes, keys, brushes)))
        })
    }
}

#[component]
pub fn Sweep() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    move || view! { <SweepPage id=id.get() /> }
}

#[component]
fn SweepPage(id: String) -> impl IntoView {
    let live = use_live();
    let path = format!("/api/sweeps/{id}");
    let fetched: Fetched<SweepDetail> = Fetched::start(move || {
        let path = path.clone();
        async move { api::get(&path).await }
    });
    // what of the sweep's runs changes the page
    let shape = Memo::new(move |_| {
        live.runs.with(|runs| {
            let of = runs.values().filter_map(|run| {
                run.with(|run| {
                    let sweep = run.sweep.as_ref().filter(|sweep| sweep.id == id)?;
                    Some((sweep.index, run.state, run.evaluated))
                })
            });
            of.collect::<Vec<_>>()
        })
    });
    Effect::new(move |before: Option<()>| {
        heed(shape);
        if before.is_some() {
            fetched.refetch.changed();
        }
    });
    live.when_back(move || fetched.refetch.now());
    // the last answer stays when fetching again fails
    let detail = Memo::new(move |before: Option<&Option<SweepDetail>>| {
        fetched.answer.with(|answer| match answer {
            Some(Ok(detail)) => Some(detail.clone()),
            _ => before.cloned().flatten(),
        })
    });
    let keys = Memo::new(move |_| {
        detail.with(|detail| {
            let parameters = detail.as_ref().map(|detail| detail.summary.sweep.parameters.clone());
            parameters
                .unwrap_or_default()
                .into_iter()
                .map(|parameter| parameter.key)
                .collect::<Vec<_>>()
        })
    });
    let axes = Memo::new(move |_| {
        let detail = detail.get();
        keys.with(|keys| detail.map(|detail| axes_of(&detail, keys)).unwrap_or_default())
    });
    let page = Page {
        detail,
        refetch: fetched.refetch,
        lit: RwSignal::new(None),
        brushes: RwSignal::new(vec![]),
        keys,
        axes,
    };
    provide_context(page);
    Effect::new(move || {
        if let Some(name) = detail.with(|detail| detail.as_ref().map(|detail| detail.summary.name.clone())) {
            document().set_title(&format!("{name} · Corral"));
        }
    });
    let failed = move || {
        fetched
            .answer
            .with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned()))
    };
    view! {
        <Show
            when=move || detail.with(Option::is_some)
            fallback=move || match failed() {
                Some(error) if error.code() == "not_found" => view! {
                    <PageHead title=words::title.into() />
                    <EmptyState title=Signal::derive(move || error.message())>
                        <a class="btn" href="/runs">{crate::i18n::run::back}</a>
                    </EmptyState>
                }
                .into_any(),
                Some(error) => view! { <div class="page-body"><ErrorNote error on_retry=move || fetched.refetch.now() /></div> }.into_any(),
                None => view! { <div class="page-body"><Skeleton lines=8 /></div> }.into_any(),
            }
        >
            <head::Head />
            <div class="page-body sweep-page">
                <Best />
                <parallel::Parallel />
                <div class="sweep-two">
                    <importance::ImportanceTable />
                    <heat::Heat />
                </div>
                <table::Runs />
                <Reference />
                <File />
            </div>
        </Show>
    }
}

/// An axis for each key, and one for the result.
fn axes_of(detail: &SweepDetail, keys: &[String]) -> Vec<Axis> {
    let metric = detail.summary.target.metric.as_str();
    let result = |value: &serde_json::Value| {
        value
            .as_f64()
            .map(|value| fmt::metric(metric, value))
            .unwrap_or_default()
    };
    let axis = |place: usize| {
        let values = detail.runs.iter().filter_map(|run| value_on(run, place, keys));
        let values: Vec<_> = values.collect();
        match keys.get(place) {
            Some(key) => Axis::of(key, &values, |value| value_text(Some(value))),
            None => Axis::of(metric, &values, result),
        }
    };
    (0..=keys.len()).map(axis).collect()
}

/// The runs as a table: their values of the swept keys, and their results.
fn runs_sheet(page: Page) -> Sheet {
    let keys = page.keys.get();
    let Some(detail) = page.detail.get() else {
        return Sheet::default();
    };
    let row = |run: SweepRun| {
        let values = keys.iter().map(|key| run.point.get(key).cloned().unwrap_or_default());
        let result = run
            .values
            .last()
            .map_or(serde_json::Value::Null, |value| (*value).into());
        let head = [run.name.clone().into(), run.id.clone().into(), run.state.name().into()];
        let tail = [result, run.early.into(), run.seconds.into()];
        head.into_iter().chain(values).chain(tail).collect()
    };
    let head = ["run", "id", "state"]
        .into_iter()
        .chain(keys.iter().map(String::as_str));
    let columns: Vec<&str> = head
        .chain([detail.summary.target.metric.as_str(), "stopped_early", "seconds"])
        .collect();
    Sheet::new(&columns, detail.runs.into_iter().map(row).collect::<Vec<_>>())
}

/// The best run in a sentence, and a button to train it longer.
#[component]
fn Best() -> impl IntoView {
    let (page, live) = (use_page(), use_live());
    let why = move || {
        let said = page
            .detail
            .with(|detail| detail.as_ref().map(|detail| detail.summary.said.clone()))?;
        (!said.is_empty()).then(|| view! { <p class="note warn" role="status">{said::say(&said)}</p> })
    };
    let best = move || {
        let detail = page.detail.get()?;
        let run = detail
            .runs
            .iter()
            .find(|run| detail.best.as_ref() == Some(&run.id))?
            .clone();
        let metric = detail.summary.target.metric.clone();
        let value = run
            .values
            .last()
            .map(|value| fmt::metric(&metric, *value))
            .unwrap_or_default();
        let change = live.runs.with(|runs| runs.get(&run.id).map(|run| run.with(longer)));
        let href = change.map(|change| links::train_with(&run.id, &[change]));
        Some(view! {
            <p class="sweep-best" id="sweep-best">
                <Icon name=IconName::Star />
                <span>
                    {page.best_word()} ": " <a href=links::run(&run.id)>{run.name.clone()}</a> " · " {metric} " "
                    <b class="num">{value}</b> " · " {words::best_with(point_text(&run.point))}
                </span>
                <span class="grow"></span>
                {href.map(|href| view! { <a class="btn primary" id="train-longer" href=href>{words::longer}</a> })}
            </p>
        })
    };
    view! {
        {why}
        {move || best().map_or_else(|| view! { <p class="faint">{words::no_best}</p> }.into_any(), IntoAny::into_any)}
    }
}

/// How many runs computed the reference's log-probs and how many read them from the store, where there is a reference.
#[component]
fn Reference() -> impl IntoView {
    let page = use_page();
    move || {
        let reference = page
            .detail
            .with(|detail| detail.as_ref().map(|detail| detail.reference))?;
        (reference.computed + reference.read > 0)
            .then(|| view! { <p class="faint" id="sweep-reference">{words::reference(reference.computed, reference.read)}</p> })
    }
}

#[component]
fn File() -> impl IntoView {
    let page = use_page();
    let yaml = Signal::derive(move || {
        page.detail
            .with(|detail| detail.as_ref().map(|detail| detail.yaml.clone()).unwrap_or_default())
    });
    view! {
        <details class="advanced">
            <summary>{words::file}</summary>
            <CodeBlock text=yaml />
        </details>
    }
}
