//! The open pair: its prompt, both replies, the curve of its margin, and the marks that a person can give it.

use super::reply::{PairAt, Replies};
use super::state::use_pairs;
use crate::api::{self, Answer, ApiError};
use crate::fetched::Refetch;
use crate::fmt;
use crate::i18n::{Word, pairs as words};
use crate::links;
use crate::live::use_live;
use crate::logic::pairs::curve::Curve;
use crate::logic::results::signed;
use crate::ui::{EmptyState, ErrorNote, Icon, IconName, Skeleton, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::method::MethodId;
use protocol::pairs::{Evaluation, Mark, PairDetail};
use std::sync::Arc;

/// The newest pair that was fetched. While another one is being fetched, it is still the one before.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    pair: u32,
    answer: Result<Arc<PairDetail>, ApiError>,
}

#[component]
pub fn Detail() -> impl IntoView {
    let tab = use_pairs();
    let found = RwSignal::new(None::<Found>);
    let ask = move || {
        let pair = tab.current.get_untracked();
        async move {
            let pair = pair?;
            let answer: Answer<PairDetail> = api::pair(&tab.run.id.get_value(), pair).await;
            Some(Found {
                pair,
                answer: answer.map(Arc::new),
            })
        }
    };
    let refetch = Refetch::new(ask, move |new: Option<Found>| {
        // the same again must not be drawn anew: its tokens may just be scored
        if found.with_untracked(|old| !is_same(old.as_ref(), new.as_ref())) {
            found.set(new);
        }
    });
    Effect::new(move || {
        // a new evaluation brings new log-probs of its tokens
        tab.steps.track();
        match tab.current.get() {
            Some(_) => refetch.now(),
            None => {
                refetch.forget();
                found.set(None);
            }
        }
    });
    use_live().when_back(move || refetch.now());
    let shown = move || {
        match (found.get(), tab.current.get()) {
        (_, None) => view! { <EmptyState title=Signal::derive(|| words::pick().to_string()) text=Signal::derive(|| words::pick_text().to_string()) /> }.into_any(),
        (None, Some(_)) => view! { <Skeleton lines=8 /> }.into_any(),
        (Some(Found { answer: Ok(detail), .. }), _) => view! { <Pair detail /> }.into_any(),
        (Some(Found { answer: Err(ApiError::Problem(problem)), .. }), _) if problem.status == 404 => {
            view! { <EmptyState title=Signal::derive(|| words::gone().to_string()) /> }.into_any()
        }
        (Some(Found { answer: Err(error), .. }), _) => view! { <ErrorNote error on_retry=move |()| refetch.now() /> }.into_any(),
    }
    };
    view! {
        <section class="pairs-right" aria-label=words::pair aria-live="off">
            <button type="button" class="btn ghost small pairs-back" on:click=move |_| tab.edit(|view| view.pair = None)>
                <span class="flip"><Icon name=IconName::Right /></span>
                {words::back_to_list}
            </button>
            {shown}
        </section>
    }
}

fn is_same(old: Option<&Found>, new: Option<&Found>) -> bool {
    match old.zip(new) {
        Some((old, new)) => {
            old.pair == new.pair && matches!((&old.answer, &new.answer), (Ok(old), Ok(new)) if old == new)
        }
        None => old.is_none() && new.is_none(),
    }
}

#[component]
fn Pair(detail: Arc<PairDetail>) -> impl IntoView {
    let tab = use_pairs();
    let stored = StoredValue::new(detail.clone());
    let at = Memo::new(move |_| {
        let step = tab.step.get();
        stored.with_value(|detail| {
            let now = detail.evaluations.iter().rev().find(|found| Some(found.step) <= step);
            now.or(detail.evaluations.last()).copied().unwrap_or_default()
        })
    });
    let first = detail.evaluations.first().copied().unwrap_or_default();
    view! {
        <Head pair=detail.pair at first />
        <Actions pair=detail.pair prompt=detail.row.prompt.clone() />
        <MarginCurve evaluations=detail.evaluations.clone() at />
        <section class="pairs-text">
            <h3>{words::prompt} <span class="faint num">{words::tokens(u64::from(detail.prompt_tokens))}</span>
                {detail.fills_cutoff.then(|| view! { <span class="chip warn">{words::cut}</span> })}
            </h3>
            <p class="tokens prompt">{detail.row.prompt.clone()}</p>
        </section>
        <Replies pair=PairAt { detail, at, first } />
    }
}

/// The number of the pair, whether it is right, its margin and the change of that.
#[component]
fn Head(pair: u64, at: Memo<Evaluation>, first: Evaluation) -> impl IntoView {
    let right = move || at.get().margin > 0.0;
    let changed = move || signed(f64::from(at.get().margin - first.margin), fmt::aligned);
    let reward = move || {
        let margin = at.get().reward_margin?;
        Some(
            view! { <span><span class="faint">{words::reward_margin}</span> " " {fmt::aligned(f64::from(margin))}</span> },
        )
    };
    view! {
        <header class="pairs-pair num">
            <h2>{words::number(pair + 1)}</h2>
            <span class="chip" class:label-good=right class:label-bad=move || !right()>
                {move || if right() { words::right() } else { words::still_wrong() }}
            </span>
            <span>
                <span class="faint" title=words::margin_hint>{words::margin}</span>
                " "
                <b>{move || fmt::aligned(f64::from(at.get().margin))}</b>
            </span>
            <span>
                <span class="faint" title=words::change_hint>{words::change}</span>
                " "
                {changed}
            </span>
            {reward}
        </header>
    }
}

/// The actions for a pair: asking its prompt in chat, and marking it.
#[component]
fn Actions(pair: u64, prompt: String) -> impl IntoView {
    let tab = use_pairs();
    let toaster = use_toaster();
    let mark = Memo::new(move |_| tab.marks.with(|marks| marks.get(&pair).copied().unwrap_or_default()));
    let set = move |wanted: Mark| {
        let wanted = if mark.get_untracked() == wanted {
            Mark::None
        } else {
            wanted
        };
        spawn_local(async move {
            match api::mark_pair(&tab.run.id.get_value(), pair as u32, wanted).await {
                Ok(_) => tab.ask.now(),
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let button = move |kind: Mark, name: Word, done: Word, icon: IconName| {
        let on = move || mark.get() == kind;
        view! {
            <button
                type="button"
                class="btn small"
                class:on=on
                aria-pressed=move || on().to_string()
                title=move || on().then(words::unmark_hint)
                on:click=move |_| set(kind)
            >
                <Icon name=icon />
                {move || if on() { done() } else { name() }}
            </button>
        }
    };
    // a reward model scores replies and writes none
    let can_chat = move || tab.run.read(|run| run.checkpoints > 0) && tab.run.method() != Some(MethodId::Rm);
    let prompt = StoredValue::new(prompt);
    let ask = move || {
        let question = tab
            .frame
            .with(|frame| prompt.with_value(|prompt| frame.inside(prompt).to_owned()));
        links::ask(&tab.run.id.get_value(), &question)
    };
    view! {
        <div class="row wrap pairs-actions">
            <Show when=can_chat>
                <a class="btn small" title=words::ask_hint href=ask>
                    <Icon name=IconName::Chat />
                    {words::ask_both}
                </a>
            </Show>
            {button(Mark::Mislabelled, words::mislabelled, words::is_mislabelled, IconName::Swap)}
            {button(Mark::Excluded, words::exclude, words::is_excluded, IconName::Trash)}
        </div>
    }
}

/// The curve of the pair's margin over the evaluations.
#[component]
fn MarginCurve(evaluations: Vec<Evaluation>, at: Memo<Evaluation>) -> impl IntoView {
    let curve = Curve::of(evaluations.iter().map(|at| (at.step as f64, f64::from(at.margin))));
    let margin = |at: Option<&Evaluation>| fmt::aligned(f64::from(at.map_or(0.0, |at| at.margin)));
    let (first, last) = (margin(evaluations.first()), margin(evaluations.last()));
    let here = curve.clone();
    let cursor = move || {
        let at = at.get();
        let place = here.place(at.step as f64, f64::from(at.margin));
        let style = format!("left: {:.2}%; top: {:.2}%", place.0, place.1);
        let class = if at.margin > 0.0 { "right" } else { "wrong" };
        view! { <span class=format!("pairs-here {class}") style=style></span> }
    };
    let rows = evaluations
        .iter()
        .map(|at| view! { <tr><th scope="row">{words::step_at(fmt::count(at.step))}</th><td>{fmt::aligned(f64::from(at.margin))}</td></tr> })
        .collect_view();
    let zero = format!("top: {:.2}%", curve.place(0.0, 0.0).1);
    (evaluations.len() > 1).then(|| {
        view! {
            <figure class="pairs-curve">
                <figcaption class="faint num">
                    <span>{words::curve}</span>
                    <span class="grow"></span>
                    <span>{first.clone()} " → " {last.clone()}</span>
                </figcaption>
                <div class="pairs-curve-box" role="img" aria-label=move || words::curve_says(&first, &last)>
                    <span class="pairs-curve-zero" style=zero></span>
                    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><path d=curve.path() /></svg>
                    {cursor}
                </div>
                <table class="sr"><tbody>{rows}</tbody></table>
            </figure>
        }
    })
}
