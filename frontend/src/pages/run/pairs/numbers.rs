//! The log-probs behind the tints of both replies as tables, which are made when they are opened.

use super::state::use_pairs;
use crate::fmt;
use crate::i18n::{Word, common, pairs as words, run as run_words};
use crate::logic::pairs::tint::Known;
use crate::logic::results::signed;
use leptos::prelude::*;
use protocol::pairs::{PairTokens, ReplyToken, TokenReference};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;

/// `step` is the evaluation shown.
#[component]
pub fn Numbers(tokens: Arc<PairTokens>, step: Memo<u64>) -> impl IntoView {
    // the next pair's are open too
    let open = use_pairs().numbers_open;
    let toggle = move |event: web_sys::Event| {
        let details = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlDetailsElement>().ok());
        let now = details.is_some_and(|details| details.open());
        // the next pair's tables tell that they are open too: drawn once is enough
        if open.get_untracked() != now {
            open.set(now);
        }
    };
    let tables = move || {
        let known = Known::at(&tokens, step.get());
        open.get().then(|| {
            view! {
                <Table of=tokens.clone() known word=common::chosen pick=|of| &of.chosen />
                <Table of=tokens.clone() known word=common::rejected pick=|of| &of.rejected />
            }
        })
    };
    view! {
        <details class="advanced pairs-numbers" prop:open=move || open.get() on:toggle=toggle>
            <summary>{run_words::as_table}</summary>
            {tables}
        </details>
    }
}

/// The tokens of one reply.
#[component]
fn Table(of: Arc<PairTokens>, known: Known, word: Word, pick: fn(&PairTokens) -> &Vec<ReplyToken>) -> impl IntoView {
    let alone = of.first_step == of.last_step;
    let has_reference = of.reference != TokenReference::None;
    let number = |logp: f32| fmt::aligned(f64::from(logp));
    let row = |token: &ReplyToken| {
        let apart = known.change(token);
        let apart = apart.map(|change| signed(f64::from(change.to - change.from), fmt::aligned));
        view! {
            <tr>
                <th scope="row" class="mono">{token.text.replace('\n', "⏎").replace(' ', "␣")}</th>
                <td class="right">{number(token.first)}</td>
                {(!alone).then(|| view! { <td class="right">{number(token.last)}</td> })}
                {has_reference.then(|| view! { <td class="right">{token.reference.map(number)}</td> })}
                <td class="right">{apart}</td>
            </tr>
        }
    };
    let rows = pick(&of).iter().map(row).collect_view();
    let (first, last) = (fmt::count(of.first_step), fmt::count(of.last_step));
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=move || run_words::as_table_of(word())>
            <table class="table num">
                <thead>
                    <tr>
                        <th scope="col">{word}</th>
                        <th scope="col" class="right">{move || words::step_at(&first)}</th>
                        {(!alone).then(|| view! { <th scope="col" class="right">{move || words::step_at(&last)}</th> })}
                        {has_reference.then(|| view! { <th scope="col" class="right">{words::reference}</th> })}
                        <th scope="col" class="right">{words::difference}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
