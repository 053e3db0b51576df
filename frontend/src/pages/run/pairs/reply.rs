//! Both replies of a pair, each token tinted by how much likelier training made it.

use super::score::ScoreTokens;
use super::state::use_pairs;
use crate::fmt;
use crate::i18n::{Word, common, pairs as words};
use crate::logic::pairs::tint::{Tint, probability, tint};
use crate::logic::results::signed;
use leptos::ev;
use leptos::prelude::*;
use protocol::pairs::{Evaluation, Measure, PairDetail, PairTokens, Reply, ReplyLogps, ReplyToken};
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// A pair, the evaluation that is shown, and the first one, which it is compared with.
#[derive(Clone)]
pub struct PairAt {
    pub detail: Arc<PairDetail>,
    pub at: Memo<Evaluation>,
    pub first: Evaluation,
}

/// Which of the two replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chosen,
    Rejected,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::Rejected => "rejected",
        }
    }

    fn word(self) -> Word {
        match self {
            Self::Chosen => common::chosen,
            Self::Rejected => common::rejected,
        }
    }

    fn logp(self, of: ReplyLogps) -> f64 {
        f64::from(match self {
            Self::Chosen => of.chosen,
            Self::Rejected => of.rejected,
        })
    }

    fn reply(self, detail: &PairDetail) -> &Reply {
        match self {
            Self::Chosen => &detail.row.chosen,
            Self::Rejected => &detail.row.rejected,
        }
    }

    fn tokens(self, tokens: &PairTokens) -> &[ReplyToken] {
        match self {
            Self::Chosen => &tokens.chosen,
            Self::Rejected => &tokens.rejected,
        }
    }
}

/// The token under the pointer, and where its tooltip is shown.
#[derive(Debug, Clone, PartialEq)]
struct HoveredToken {
    token: ReplyToken,
    /// Whether there are two evaluations to compare.
    moved: bool,
    x: f64,
    y: f64,
}

#[component]
pub fn Replies(pair: PairAt) -> impl IntoView {
    let hovered = RwSignal::new(None::<HoveredToken>);
    let tooltip = move || hovered.get().map(|hovered| view! { <TokenTooltip hovered /> });
    let (number, kept) = (pair.detail.pair, pair.detail.tokens.clone().map(Arc::new));
    let tab = use_pairs();
    let tokens = Memo::new(move |_| {
        kept.clone()
            .or_else(|| tab.scored_tokens.with(|scored| scored.get(&number).cloned()))
    });
    view! {
        <Text pair=pair.clone() kind=Kind::Chosen tokens hovered />
        <Text pair=pair kind=Kind::Rejected tokens hovered />
        <TintLegend pair=number tokens />
        {tooltip}
    }
}

/// Tokens with their log-probs, where they are known.
type KnownTokens = Memo<Option<Arc<PairTokens>>>;

#[component]
fn Text(pair: PairAt, kind: Kind, tokens: KnownTokens, hovered: RwSignal<Option<HoveredToken>>) -> impl IntoView {
    let PairAt { detail, at, first } = pair;
    let text = kind.reply(&detail).text.clone();
    let count = kind.reply(&detail).tokens.len();
    let tab = use_pairs();
    let of_rewards = tab.overview.with_untracked(|answer| {
        let overview = answer.as_ref().and_then(|answer| answer.as_ref().ok());
        overview.is_some_and(|overview| overview.about.measure == Measure::Rewards)
    });
    // log-probs as a mean per token, from which the margin is computed; a reward as it is
    let each = move |of: ReplyLogps| match of_rewards {
        true => fmt::aligned(kind.logp(of)),
        false => fmt::aligned(kind.logp(of) / count.max(1) as f64),
    };
    let went = move || {
        let now = at.get();
        let (before, after) = (each(first.policy), each(now.policy));
        match (of_rewards, now.step == first.step) {
            (true, _) => words::reward_went(before, after),
            (false, true) => words::per_token_now(after),
            (false, false) => words::per_token(before, after),
        }
    };
    let tinted = move |tokens: Arc<PairTokens>| {
        let moved = tokens.last_step != tokens.first_step;
        view! { <Tokens tokens=kind.tokens(&tokens).to_vec() moved kind hovered /> }.into_any()
    };
    let plain = move || view! { <p class=format!("tokens {}", kind.class())>{text.clone()}</p> }.into_any();
    let body = move || tokens.get().map_or_else(&plain, tinted);
    view! {
        <section class="pairs-text">
            <h3 class=kind.class()>
                {kind.word()}
                <span class="faint num">{words::tokens(count as u64)}</span>
                <span class="faint num">{went}</span>
            </h3>
            {body}
        </section>
    }
}

#[component]
fn Tokens(tokens: Vec<ReplyToken>, moved: bool, kind: Kind, hovered: RwSignal<Option<HoveredToken>>) -> impl IntoView {
    let drawn = tokens
        .iter()
        .enumerate()
        // a token without text has the last bytes of a character that several tokens make up
        .filter(|(_, token)| !token.text.is_empty())
        .map(|(place, token)| {
            let style = tint(token.last - token.first).css();
            view! { <span class="pairs-token" data-place=place.to_string() style=style>{token.text.replace('\n', "⏎\n")}</span> }
        })
        .collect_view();
    let sums = {
        let count = |up: bool| {
            let tints = tokens.iter().map(|token| tint(token.last - token.first));
            tints
                .filter(|tint| matches!((tint, up), (Tint::Up(_), true) | (Tint::Down(_), false)))
                .count() as u64
        };
        let (up, down) = (count(true), count(false));
        move || words::moved_tokens(words::likelier_tokens(up), words::less_likely_tokens(down))
    };
    let tokens = StoredValue::new(tokens);
    let point = move |event: ev::PointerEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
        let found = target.and_then(|target| {
            let place: usize = target.get_attribute("data-place")?.parse().ok()?;
            let token = tokens.try_with_value(|tokens| tokens.get(place).cloned()).flatten()?;
            let at = target.get_bounding_client_rect();
            Some(HoveredToken {
                token,
                moved,
                x: at.left() + at.width() / 2.0,
                y: at.top(),
            })
        });
        if hovered.with_untracked(|hovered| *hovered != found) {
            hovered.set(found);
        }
    };
    view! {
        <p
            class=format!("tokens {}", kind.class())
            on:pointerover=point
            on:pointerdown=point
            on:pointerleave=move |_| hovered.set(None)
        >
            {drawn}
        </p>
        <p class="sr">{sums}</p>
    }
}

/// The tooltip of a token: its probability before and after.
#[component]
fn TokenTooltip(hovered: HoveredToken) -> impl IntoView {
    let HoveredToken { token, moved, x, y } = hovered;
    let width = window()
        .inner_width()
        .ok()
        .and_then(|width| width.as_f64())
        .unwrap_or(1e4);
    let style = format!(
        "left: {:.0}px; top: {y:.0}px",
        x.clamp(110.0, (width - 110.0).max(110.0))
    );
    let (before, after) = (probability(token.first), probability(token.last));
    let said = match moved {
        true => words::token_was(before, after),
        false => words::token_is(after),
    };
    let way = moved.then(|| words::log_prob_went(signed(f64::from(token.last - token.first), fmt::aligned)));
    view! {
        <div class="tip pairs-tip num" style=style aria-hidden="true">
            <b class="mono">{token.text.replace('\n', "⏎").replace(' ', "␣")}</b>
            <div>{said}</div>
            {way.map(|way| view! { <div class="faint">{way}</div> })}
        </div>
    }
}

/// The legend of the tints, or why there are none and how to have them.
#[component]
fn TintLegend(pair: u64, tokens: KnownTokens) -> impl IntoView {
    let key = move || match tokens.get() {
        None => view! { <ScoreTokens pair /> }.into_any(),
        Some(tokens) if tokens.first_step == tokens.last_step => {
            view! { <p class="faint">{words::only_step}</p> }.into_any()
        }
        Some(tokens) => {
            let (first, last) = (fmt::count(tokens.first_step), fmt::count(tokens.last_step));
            view! {
                <p class="row wrap faint num">
                    <span>{move || words::tint_key(&first, &last)}</span>
                    <span class="pairs-token" style=Tint::Up(0.7).css()>{words::likelier}</span>
                    <span class="pairs-token" style=Tint::Down(0.7).css()>{words::less_likely}</span>
                </p>
            }
            .into_any()
        }
    };
    view! { <div class="pairs-key">{key}</div> }
}
