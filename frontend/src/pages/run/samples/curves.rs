//! Two small curves over the steps: how long the replies are, and how much they repeat themselves.

use super::state::use_samples;
use crate::fmt;
use crate::i18n::{Word, samples as words};
use crate::logic::pairs::curve::Curve;
use leptos::prelude::*;
use protocol::samples::Answered;

/// One of the curves.
#[derive(Clone, Copy)]
struct Measure {
    name: Word,
    of: fn(&Answered) -> f64,
    text: fn(f64) -> String,
}

const MEASURES: [Measure; 2] = [
    Measure {
        name: words::mean_length,
        of: |at| at.summary.mean_length,
        text: |value| words::tokens(value.round().max(0.0) as u64),
    },
    Measure {
        name: words::repetition,
        of: |at| at.summary.repetition,
        text: fmt::percent,
    },
];

#[component]
pub fn Curves() -> impl IntoView {
    let tab = use_samples();
    let several = Memo::new(move |_| tab.answered.with(|all| all.len() > 1));
    view! {
        <Show when=move || several.get()>
            <div class="samples-curves">{MEASURES.map(|measure| view! { <Figure measure /> }).into_iter().collect_view()}</div>
        </Show>
    }
}

#[component]
fn Figure(measure: Measure) -> impl IntoView {
    let tab = use_samples();
    let Measure { name, of, text } = measure;
    let curve = Memo::new(move |_| {
        tab.answered
            .with(|all| Curve::of(all.iter().map(|at| (at.step as f64, of(at)))))
    });
    let at = move |place: usize| tab.answered.with(|all| all.get(place).map_or(0.0, of));
    let here = move || {
        let place = tab.place.get();
        let step = tab.answered.with(|all| all.get(place).map_or(0, |at| at.step));
        let (x, y) = curve.with(|curve| curve.place(step as f64, at(place)));
        format!("left: {x:.2}%; top: {y:.2}%")
    };
    let last = move || tab.answered.with(|all| all.len().saturating_sub(1));
    let says = move || words::curve_says(name(), text(at(0)), text(at(last())));
    let rows = move || {
        let row = |at: &Answered| view! { <tr><th scope="row">{words::step_at(fmt::count(at.step))}</th><td>{text(of(at))}</td></tr> };
        tab.answered.with(|all| all.iter().map(row).collect_view())
    };
    view! {
        <figure class="pairs-curve samples-curve">
            <figcaption class="faint num">
                <span>{name}</span>
                <span class="grow"></span>
                <span>{move || text(at(0))} " → " <b>{move || text(at(tab.place.get()))}</b></span>
            </figcaption>
            <div class="pairs-curve-box" role="img" aria-label=says>
                <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                    <path d=move || curve.with(Curve::path) />
                </svg>
                <span class="pairs-here" style=here></span>
            </div>
            <table class="sr"><tbody>{rows}</tbody></table>
        </figure>
    }
}
