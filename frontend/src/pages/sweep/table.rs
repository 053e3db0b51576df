//! The table of a sweep's runs, the best first, without those that a brush excludes.

use super::{runs_sheet, use_page};
use crate::fmt;
use crate::i18n::sweep as words;
use crate::links;
use crate::logic::diff::value_text;
use crate::ui::{Icon, IconName, SaveMenu, StateDot, sheet_items};
use leptos::prelude::*;
use protocol::api::{RunState, SweepRun};

#[component]
pub fn Runs() -> impl IntoView {
    let page = use_page();
    let rows = move || {
        let Some(detail) = page.detail.get() else { return vec![] };
        let goal = detail.summary.target.goal;
        let mut runs: Vec<SweepRun> = detail.runs.into_iter().filter(|run| page.keeps(run)).collect();
        let order = |run: &SweepRun| {
            let whole = u8::from(run.state != RunState::Completed);
            (
                whole,
                run.values.last().map_or(f64::INFINITY, |value| goal.cost(*value)),
            )
        };
        runs.sort_by(|a, b| order(a).0.cmp(&order(b).0).then(order(a).1.total_cmp(&order(b).1)));
        runs
    };
    let metric = move || {
        page.detail.with(|detail| {
            detail
                .as_ref()
                .map(|detail| detail.summary.target.metric.clone())
                .unwrap_or_default()
        })
    };
    let best = move |id: &str| {
        page.detail
            .with(|detail| detail.as_ref().is_some_and(|detail| detail.best.as_deref() == Some(id)))
    };
    let row = move |run: SweepRun| {
        let (lit, state) = (run.id.clone(), run.state);
        let id = StoredValue::new(run.id.clone());
        let light = move || page.lit.set(Some(id.get_value()));
        let values = page.keys.get().into_iter().map(|key| {
            let value = value_text(run.point.get(&key));
            view! { <td class="right num">{value}</td> }
        });
        let value = run.values.last().map(|value| fmt::metric(&metric(), *value));
        view! {
            <tr
                class:lit=move || page.lit.with(|now| now.as_deref() == Some(lit.as_str()))
                on:pointerenter=move |_| light()
                on:pointerleave=move |_| page.lit.set(None)
                on:focusin=move |_| light()
                on:focusout=move |_| page.lit.set(None)
            >
                <td>{best(&run.id).then(|| view! { <span role="img" aria-label=move || page.best_word() title=move || page.best_word()><Icon name=IconName::Star /></span> })}</td>
                <td><span class="row"><StateDot state=Signal::derive(move || state) /><a href=links::run(&run.id)>{run.name.clone()}</a></span></td>
                {values.collect_view()}
                <td class="right num">{value}</td>
                <td class="faint">{move || run.early.then(words::stopped_early)}</td>
                <td class="right num">{(run.seconds > 0.0).then(|| fmt::clock(run.seconds))}</td>
            </tr>
        }
    };
    let title = Signal::derive(|| words::table().to_owned());
    let head = move || {
        page.keys
            .get()
            .into_iter()
            .map(|key| view! { <th scope="col" class="right">{key}</th> })
            .collect_view()
    };
    view! {
        <section class="sweep-part" aria-labelledby="head-runs">
            <div class="row">
                <h2 id="head-runs">{words::table} " " <span class="faint num">{move || rows().len()}</span></h2>
                <span class="grow"></span>
                <SaveMenu name=title items=sheet_items(title, move || runs_sheet(page)) />
            </div>
            <div class="scroll-x" tabindex="0" role="group" aria-labelledby="head-runs">
                <table class="sweep-table" id="sweep-runs">
                    <thead>
                        <tr>
                            <td></td>
                            <th scope="col">{crate::i18n::runs::col_name}</th>
                            {head}
                            <th scope="col" class="right">{metric}</th>
                            <td></td>
                            <th scope="col" class="right">{crate::i18n::runs::col_time}</th>
                        </tr>
                    </thead>
                    <tbody>{move || rows().into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}
