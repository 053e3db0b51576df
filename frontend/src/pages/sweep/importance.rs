//! The importance of the swept keys, by rank correlation and by permutation, with the number of runs it is based on.

use super::use_page;
use crate::fmt;
use crate::i18n::sweep as words;
use crate::logic::sheet::Sheet;
use crate::ui::{SaveMenu, sheet_items};
use leptos::prelude::*;
use protocol::sweep::{Importance, MIN_RUNS};
use serde_json::Value;

#[component]
pub fn ImportanceTable() -> impl IntoView {
    let page = use_page();
    let bar = |one: Importance| {
        let correlation = one.correlation;
        let share = format!("width:{:.1}%", one.permutation * 100.0);
        let side = correlation.map(|r| {
            let (left, width) = (50.0 + r.min(0.0) * 50.0, r.abs() * 50.0);
            format!("left:{left:.1}%;width:{width:.1}%")
        });
        view! {
            <tr>
                <th scope="row"><code>{one.key}</code></th>
                <td class="right num">{correlation.map_or_else(|| "–".to_owned(), |r| format!("{r:+.2}").replace('-', "−"))}</td>
                <td class="sweep-bar two-sided">{side.map(|style| view! { <i style=style></i> })}</td>
                <td class="right num">{fmt::percent(one.permutation)}</td>
                <td class="sweep-bar"><i style=share></i></td>
            </tr>
        }
    };
    let body = move || {
        let detail = page.detail.get()?;
        let by = match detail.compared_at {
            Some(at) => words::by_runs_at(detail.measured, at),
            None => words::by_runs(detail.measured),
        };
        Some(match detail.importance.is_empty() {
            true => view! { <p class="faint">{words::too_few(MIN_RUNS, detail.measured)}</p> }.into_any(),
            false => view! {
                <table class="sweep-matters">
                    <thead>
                        <tr>
                            <td></td>
                            <th scope="colgroup" colspan="2">{words::correlation}</th>
                            <th scope="colgroup" colspan="2">{words::permutation}</th>
                        </tr>
                    </thead>
                    <tbody>{detail.importance.into_iter().map(bar).collect_view()}</tbody>
                </table>
                <p class="faint">{by}</p>
            }
            .into_any(),
        })
    };
    let title = Signal::derive(|| words::importance().to_owned());
    let sheet = move || {
        let all = page
            .detail
            .with(|detail| detail.as_ref().map(|detail| detail.importance.clone()));
        let row = |one: Importance| {
            let correlation = one.correlation.map_or(Value::Null, Value::from);
            vec![one.key.into(), correlation, one.permutation.into()]
        };
        let rows = all.unwrap_or_default().into_iter().map(row);
        Sheet::new(&["key", "rank_correlation", "permutation"], rows.collect::<Vec<_>>())
    };
    view! {
        <section class="sweep-part" id="sweep-importance" aria-labelledby="head-importance">
            <div class="row">
                <h2 id="head-importance">{words::importance}</h2>
                <span class="grow"></span>
                <SaveMenu name=title items=sheet_items(title, sheet) />
            </div>
            {body}
        </section>
    }
}
