//! Both replies of a pair, each token tinted by how much likelier it is at the evaluation shown than under the reference, or, where
//! there is none, than at the first evaluation.

use super::numbers::Numbers;
use super::score::ScoreTokens;
use super::state::use_pairs;
use super::token::{HoveredToken, TokenTooltip, Tokens};
use crate::fmt;
use crate::i18n::{Word, common, pairs as words};
use crate::logic::pairs::tint::{Known, Tint};
use leptos::prelude::*;
use protocol::pairs::{Evaluation, Measure, PairDetail, PairTokens, Reply, ReplyLogps, ReplyToken, TokenReference};
use std::sync::Arc;

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
    let at = pair.at;
    let step = Memo::new(move |_| at.get().step);
    view! {
        <Text pair=pair.clone() kind=Kind::Chosen tokens hovered />
        <Text pair=pair kind=Kind::Rejected tokens hovered />
        <TintLegend pair=number tokens step />
        {move || tokens.get().map(|tokens| view! { <Numbers tokens step /> })}
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
    let step = Memo::new(move |_| at.get().step);
    let tinted = move |tokens: Arc<PairTokens>| {
        let (each, of) = (kind.tokens(&tokens).to_vec(), tokens);
        view! { <Tokens tokens=each of step word=kind.word() class=kind.class() hovered /> }.into_any()
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

/// What the tint means at the evaluation shown, why there is none, or how to have one.
#[component]
fn TintLegend(pair: u64, tokens: KnownTokens, step: Memo<u64>) -> impl IntoView {
    let key = move || match tokens.get() {
        None => view! { <ScoreTokens pair /> }.into_any(),
        Some(tokens) if tokens.first_step == tokens.last_step && tokens.reference == TokenReference::None => {
            view! { <p class="faint">{words::only_step}</p> }.into_any()
        }
        Some(tokens) => {
            let (first, last) = (fmt::count(tokens.first_step), fmt::count(tokens.last_step));
            let known = Known::at(&tokens, step.get());
            let says = move || match known {
                Known::LastWithReference if tokens.reference == TokenReference::Following => {
                    words::tint_following(&last)
                }
                Known::FirstWithReference | Known::LastWithReference => words::tint_reference(fmt::count(step.get())),
                Known::LastWithFirst => words::tint_key(&last, &first),
                Known::First => words::tint_first(&first, &last),
                Known::FirstOfFollowing => words::tint_first_following(&first, &last),
                Known::Between => words::tint_between(fmt::count(step.get()), &first, &last),
            };
            let swatches = (known.is_of_reference() || known == Known::LastWithFirst).then(|| {
                view! {
                    <span class="pairs-token" style=Tint::Up(0.7).css()>{words::likelier}</span>
                    <span class="pairs-token" style=Tint::Down(0.7).css()>{words::less_likely}</span>
                }
            });
            view! { <p class="row wrap faint num"><span>{says}</span>{swatches}</p> }.into_any()
        }
    };
    view! { <div class="pairs-key">{key}</div> }
}
