//! The win matrix: for each two evaluations of pairs, the share of pairs in which the one is ahead of the other.

use crate::api;
use crate::fetched::Refetch;
use crate::fmt;
use crate::i18n::evaluate as words;
use crate::live::use_live;
use crate::logic::sheet::Sheet;
use crate::ui::{ErrorNote, SaveMenu, sheet_items};
use leptos::prelude::*;
use protocol::evaluation::{Matrix, MatrixCell};
use serde_json::Value;

#[component]
pub fn WinMatrix(compared: Memo<Vec<String>>) -> impl IntoView {
    let live = use_live();
    let answer = RwSignal::new(None::<api::Answer<Matrix>>);
    let refetch = Refetch::new(
        move || {
            let ids = compared.get_untracked();
            async move { api::evaluation_matrix(&ids).await }
        },
        move |new| drop(answer.try_set(Some(new))),
    );
    Effect::new(move || match compared.with(Vec::len) {
        0 | 1 => {
            refetch.forget();
            answer.set(None);
        }
        _ => refetch.now(),
    });
    let name = move |id: &String| {
        live.evaluations.with(|all| {
            let asked = all.get(id).map(|one| &one.asked);
            asked.map_or_else(String::new, |asked| format!("{} · {}", asked.model, asked.dataset))
        })
    };
    let title = Signal::derive(|| words::matrix().to_owned());
    // a row for each two evaluations
    let sheet = move || {
        let Some(Ok(matrix)) = answer.get() else {
            return Sheet::default();
        };
        let names: Vec<String> = matrix.ids.iter().map(name).collect();
        let of_row = |(at, cells): (usize, &Vec<MatrixCell>)| {
            let others = cells.iter().enumerate().filter(|(column, _)| *column != at);
            let pair = |(column, cell): (usize, &MatrixCell)| -> Vec<Value> {
                let counts = [cell.pairs, cell.larger, cell.right_alone, cell.right_both].map(Value::from);
                let two = [at, column].map(|place| Value::from(names[place].as_str()));
                two.into_iter().chain(counts).collect()
            };
            others.map(pair).collect::<Vec<_>>()
        };
        let rows: Vec<_> = matrix.cells.iter().enumerate().flat_map(of_row).collect();
        Sheet::new(
            &["evaluation", "against", "pairs", "ahead", "right_alone", "right_both"],
            rows,
        )
    };
    let table = move |matrix: Matrix| {
        let names: Vec<_> = matrix.ids.iter().map(name).collect();
        let heads = names
            .iter()
            .map(|name| view! { <th scope="col" class="right">{name.clone()}</th> })
            .collect_view();
        let rows = names
            .into_iter()
            .zip(matrix.cells)
            .enumerate()
            .map(|(at, (name, cells))| {
                let cells = cells
                    .into_iter()
                    .enumerate()
                    .map(|(column, cell)| win(cell, at == column))
                    .collect_view();
                view! { <tr><th scope="row">{name}</th>{cells}</tr> }
            })
            .collect_view();
        view! {
            <div class="table-wrap">
                <table class="table" id="win-matrix">
                    <thead><tr><th></th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    };
    view! {
        <section class="stack after">
            <div class="row">
                <h2>{words::matrix}</h2>
                <span class="grow"></span>
                <Show when=move || answer.with(|answer| matches!(answer, Some(Ok(_))))>
                    <SaveMenu name=title items=sheet_items(title, sheet) />
                </Show>
            </div>
            <p class="muted">{words::matrix_text}</p>
            {move || answer.get().map(|answer| match answer {
                Ok(matrix) => table(matrix).into_any(),
                Err(error) => view! { <ErrorNote error on_retry=move |()| refetch.now() /> }.into_any(),
            })}
        </section>
    }
}

/// A cell: the share of wins, tinted by it; a dash on the diagonal.
fn win(cell: MatrixCell, itself: bool) -> impl IntoView {
    if itself {
        return view! { <td class="right faint">"–"</td> }.into_any();
    }
    if cell.pairs == 0 {
        return view! { <td class="right faint">{words::no_common}</td> }.into_any();
    }
    let share = cell.larger as f64 / cell.pairs as f64;
    let told = words::cell(cell.pairs, cell.right_alone, cell.right_both);
    view! {
        <td class="right num win-cell" style=format!("--share: {share:.3}") title=told>
            {fmt::percent(share)}
        </td>
    }
    .into_any()
}
