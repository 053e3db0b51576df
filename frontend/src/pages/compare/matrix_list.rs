//! The list of the pairs in one field of the matrix, with their margins in both runs.

use super::matrix::{Of, Two};
use crate::api::{self, Answer, ApiError};
use crate::fetched::Refetch;
use crate::fmt;
use crate::i18n::pairs as words;
use crate::links;
use crate::pages::run::pairs::window::{Lines, ROW, Window, keep_lines};
use leptos::prelude::*;
use protocol::pairs::{Cell, PairScores};

/// A pair of the field: its number and its margin in each of the runs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Both {
    a: u32,
    b: u32,
    margins: Option<Margins>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Margins {
    a: f32,
    b: f32,
}

/// The scores of both runs at the evaluations that are compared.
#[derive(Debug, Clone, Default)]
struct Scores {
    a: PairScores,
    b: PairScores,
}

#[component]
pub fn Listed(cell: Cell, step_a: u64, step_b: u64, two: Two, title: String) -> impl IntoView {
    let (ids, scores) = (StoredValue::new(cell), RwSignal::new(None::<Scores>));
    let ask = {
        let (a, b) = (two.a.id.clone(), two.b.id.clone());
        move || {
            let (a, b) = (a.clone(), b.clone());
            async move { futures::join!(api::pair_scores(&a, step_a), api::pair_scores(&b, step_b)) }
        }
    };
    let failed = RwSignal::new(None::<ApiError>);
    Refetch::new(
        ask,
        move |answers: (Answer<PairScores>, Answer<PairScores>)| match answers {
            (Ok(a), Ok(b)) => scores.set(Some(Scores { a, b })),
            (Err(error), _) | (_, Err(error)) => failed.set(Some(error)),
        },
    )
    .now();
    // the greatest difference between the two runs first
    let pairs = Memo::new(move |_| {
        let margin = |scores: &PairScores, pair: u64| scores.pairs.get(pair as usize).map(|pair| pair.margin);
        let mut pairs: Vec<Both> = scores.with(|scores| {
            let of = |(a, b): (&u64, &u64)| Both {
                a: *a as u32,
                b: *b as u32,
                margins: scores.as_ref().and_then(|scores| {
                    Some(Margins {
                        a: margin(&scores.a, *a)?,
                        b: margin(&scores.b, *b)?,
                    })
                }),
            };
            ids.with_value(|ids| ids.a.iter().zip(&ids.b).map(of).collect())
        });
        let apart = |both: &Both| both.margins.map_or(0.0, |margins| (margins.a - margins.b).abs());
        pairs.sort_by(|one, other| apart(other).total_cmp(&apart(one)));
        pairs
    });
    let window = Window::of_list();
    let (first, seen) = (window.first, window.seen);
    let in_sight = Memo::new(move |_| {
        let (from, seen) = (first.get(), seen.get());
        pairs.with(|pairs| pairs.iter().skip(from).take(seen).copied().collect::<Vec<_>>())
    });
    let numbers = Memo::new(move |_| in_sight.with(|pairs| pairs.iter().map(|both| both.a).collect::<Vec<_>>()));
    let lines = keep_lines(StoredValue::new(two.a.id.clone()), numbers, RwSignal::default());
    let all = move || pairs.with(Vec::len);
    let above = move || format!("height: {}px", first.get().min(all()) * ROW);
    let below = move || format!("height: {}px", all().saturating_sub(first.get() + seen.get()) * ROW);
    let row = {
        let two = two.clone();
        move |both: Both| view! { <Row both lines two=two.clone() /> }
    };
    let head = |of: &Of| {
        let name = of.name.clone();
        view! { <span role="columnheader" class="right clip" title=words::margin_in(&name)>{name.clone()}</span> }
    };
    let label = title.clone();
    view! {
        <div class="pairs-list pairs-both" role="table" aria-label=label aria-rowcount=move || all().to_string()>
            <div class="pairs-row pairs-head" role="row">
                <span role="columnheader" class="clip"><b>{title}</b> " · " <span class="num">{move || words::pairs_in(all() as u64)}</span></span>
                {head(&two.a)}
                {head(&two.b)}
            </div>
            {move || failed.get().map(|error| view! { <p class="bad-text" role="alert">{error.message()}</p> })}
            <div class="pairs-rows" role="rowgroup" node_ref=window.node on:scroll=move |_| window.measure() tabindex="0">
                <div style=above></div>
                <For each=move || in_sight.get() key=|both| (both.a, both.margins.is_some()) children=row />
                <div style=below></div>
            </div>
        </div>
    }
}

#[component]
fn Row(both: Both, lines: Lines, two: Two) -> impl IntoView {
    let line = move || {
        lines
            .with(|lines| lines.get(&both.a).cloned())
            .unwrap_or_else(|| "…".into())
    };
    let margin = |of: &Of, pair: u32, margin: Option<f32>| {
        let text = margin.map_or_else(|| "–".into(), |margin| fmt::aligned(f64::from(margin)));
        let class = match margin {
            Some(margin) if margin > 0.0 => "right num pairs-side",
            Some(_) => "right num pairs-side wrong",
            None => "right num pairs-side faint",
        };
        view! { <span role="cell" class=class><a href=links::pair(&of.id, pair) title=words::open_in(&of.name)>{text}</a></span> }
    };
    view! {
        <div class="pairs-row" role="row">
            <span role="cell" class="pairs-prompt"><a class="link clip" href=links::pair(&two.a.id, both.a)>{line}</a></span>
            {margin(&two.a, both.a, both.margins.map(|margins| margins.a))}
            {margin(&two.b, both.b, both.margins.map(|margins| margins.b))}
        </div>
    }
}
