//! The page "Compare": the charts of several runs overlaid, the differences of their configs, and their results.

mod charts;
mod columns;
mod combine;
mod drawing;
mod groups;
mod keep;
mod load;
mod matrix;
mod matrix_list;
mod means;
mod own;
mod samples;
mod scatter;
mod state;
mod table;

use crate::address::use_address;
use crate::i18n::compare as words;
use crate::live::use_live;
use crate::ui::{EmptyState, PageHead, Skeleton};
use leptos::prelude::*;
use load::Loading;
use state::Comparison;

#[component]
pub fn Compare() -> impl IntoView {
    let (live, address) = (use_live(), use_address());
    let ids = Memo::new(move |_| address.query.with(|query| query.list("runs")));
    // which runs, the address tells before the server has: their curves come while the rows do
    let asked: Vec<_> = ids.with_untracked(|ids| ids.iter().filter(|id| *id != "-").cloned().collect());
    let ahead = StoredValue::new_local(Some(Loading::of(&asked)));
    let found = Memo::new(move |_| {
        let ids = ids.get();
        live.runs
            .with(|runs| // a run's colour goes by its place, vacant places counted
            ids.into_iter().enumerate().filter(|(_, id)| runs.contains_key(id)).collect::<Vec<_>>())
    });
    view! {
        <PageHead title=words::title.into()>
            <Show when=move || live.loaded.get() && found.with(|found| !found.is_empty())>
                <keep::Views />
                <keep::TakeAlong />
                <combine::CombineButton runs=Signal::derive(move || ids.get()) />
            </Show>
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
                (true, false) => view! { <Side ids=found ahead /> }.into_any(),
            }
        }}
    }
}

/// The page for one choice of runs.
#[component]
fn Side(ids: Vec<(usize, String)>, ahead: StoredValue<Option<Loading>, LocalStorage>) -> impl IntoView {
    let ahead = ahead.try_update_value(Option::take).flatten();
    let (comparison, runs) = Comparison::of(ids, ahead);
    provide_context(comparison);
    view! {
        <div class="page-body compared-page">
            // the table is the legend of the charts: it stays in sight while they scroll
            <div class="compare-view">
                <table::Results />
                <div class="compare-charts">
                    <charts::Charts runs />
                    <own::OwnCharts />
                </div>
            </div>
            <matrix::Pairs />
            <samples::Samples />
        </div>
    }
}
