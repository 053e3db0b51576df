//! The tokens of a reply, each with its tint; pointer and arrow keys tell the probability of one.

use crate::fmt;
use crate::i18n::{Word, pairs as words};
use crate::logic::pairs::tint::{Known, Tint, probability};
use crate::logic::results::signed;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use protocol::pairs::{PairTokens, ReplyToken};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The token that is pointed at, and where its tooltip is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct HoveredToken {
    place: usize,
    token: ReplyToken,
    first_step: u64,
    last_step: u64,
    known: Known,
    x: f64,
    y: f64,
}

impl HoveredToken {
    /// Its probabilities in words: at the evaluation shown and at the first one, or at both that are known.
    fn says(&self) -> String {
        let (before, after) = (probability(self.token.first), probability(self.token.last));
        match self.known {
            Known::First => words::token_is(before),
            Known::Last => words::token_was(before, after),
            Known::Between => {
                let (first, last) = (fmt::count(self.first_step), fmt::count(self.last_step));
                words::token_between(before, first, after, last)
            }
        }
    }

    fn text(&self) -> String {
        self.token.text.replace('\n', "⏎").replace(' ', "␣")
    }
}

/// `of` says at which evaluations the log-probs of `tokens` were kept; `step` is the evaluation shown, `word` names the reply.
#[component]
pub fn Tokens(
    tokens: Vec<ReplyToken>,
    of: Arc<PairTokens>,
    step: Memo<u64>,
    word: Word,
    class: &'static str,
    hovered: RwSignal<Option<HoveredToken>>,
) -> impl IntoView {
    let (first_step, last_step) = (of.first_step, of.last_step);
    let known = Memo::new(move |_| Known::at(&of, step.get()));
    let node = NodeRef::<html::P>::new();
    // the token that the arrow keys have come to
    let cursor = RwSignal::new(None::<usize>);
    let drawn = tokens
        .iter()
        .enumerate()
        // a token without text has the last bytes of a character that several tokens make up
        .filter(|(_, token)| !token.text.is_empty())
        .map(|(place, token)| {
            let (token, text) = (token.clone(), token.text.replace('\n', "⏎\n"));
            let style = move || known.get().tint(&token).css();
            let at = move || cursor.get() == Some(place);
            view! { <span class="pairs-token" class:at=at data-place=place.to_string() style=style>{text}</span> }
        })
        .collect_view();
    let tokens = StoredValue::new(tokens);
    let sums = move || {
        let known = known.get();
        let count = |up: bool| {
            let of_side = |token: &&ReplyToken| match known.tint(token) {
                Tint::Up(_) => up,
                Tint::Down(_) => !up,
                Tint::None => false,
            };
            tokens.with_value(|tokens| tokens.iter().filter(of_side).count()) as u64
        };
        let likelier = words::likelier_tokens(count(true));
        (known == Known::Last).then(|| words::moved_tokens(likelier, words::less_likely_tokens(count(false))))
    };
    let of_element = move |element: &HtmlElement| {
        let place: usize = element.get_attribute("data-place")?.parse().ok()?;
        let token = tokens.try_with_value(|tokens| tokens.get(place).cloned()).flatten()?;
        let at = element.get_bounding_client_rect();
        Some(HoveredToken {
            place,
            token,
            first_step,
            last_step,
            known: known.get_untracked(),
            x: at.left() + at.width() / 2.0,
            y: at.top(),
        })
    };
    let point = move |event: ev::PointerEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let found = target.as_ref().and_then(of_element);
        if hovered.with_untracked(|hovered| *hovered != found) {
            hovered.set(found);
        }
    };
    let leave = move || {
        cursor.set(None);
        hovered.set(None);
    };
    let go = move |to: Option<usize>| {
        let element = to.and_then(|place| {
            let found = node
                .get_untracked()?
                .query_selector(&format!("[data-place=\"{place}\"]"));
            found.ok().flatten()?.dyn_into::<HtmlElement>().ok()
        });
        if let Some(element) = element {
            crate::browser::reveal(&element);
            cursor.set(to);
            hovered.set(of_element(&element));
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let here = cursor.get_untracked();
        let to = tokens.with_value(|tokens| {
            let mut shown = (0..tokens.len()).filter(|place| !tokens[*place].text.is_empty());
            match (event.key().as_str(), here) {
                ("ArrowRight", Some(here)) => shown.find(|place| *place > here).or(Some(here)),
                ("ArrowLeft", Some(here)) => shown.rfind(|place| *place < here).or(Some(here)),
                ("ArrowRight" | "Home", _) => shown.next(),
                ("ArrowLeft" | "End", _) => shown.next_back(),
                _ => None,
            }
        });
        if event.key() == "Escape" && here.is_some() {
            leave();
        } else if to.is_some() {
            go(to);
        } else {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let announced = move || {
        let at = cursor.get()?;
        hovered.with(|hovered| {
            let token = hovered.as_ref().filter(|token| token.place == at)?;
            Some(format!("{}: {}", token.text(), token.says()))
        })
    };
    view! {
        <p
            class=format!("tokens {class}")
            node_ref=node
            tabindex="0"
            role="group"
            aria-label=move || words::token_keys(word())
            on:pointerover=point
            on:pointerdown=point
            on:pointerleave=move |_| hovered.set(None)
            on:keydown=keys
            on:blur=move |_| leave()
        >
            {drawn}
        </p>
        <p class="sr">{sums}</p>
        <span class="sr" aria-live="polite">{announced}</span>
    }
}

/// The tooltip of a token: its probability before and after.
#[component]
pub fn TokenTooltip(hovered: HoveredToken) -> impl IntoView {
    let width = window()
        .inner_width()
        .ok()
        .and_then(|width| width.as_f64())
        .unwrap_or(1e4);
    let style = format!(
        "left: {:.0}px; top: {:.0}px",
        hovered.x.clamp(110.0, (width - 110.0).max(110.0)),
        hovered.y
    );
    let moved = f64::from(hovered.token.last - hovered.token.first);
    let way = (hovered.known == Known::Last).then(|| words::log_prob_went(signed(moved, fmt::aligned)));
    view! {
        <div class="tip pairs-tip num" style=style aria-hidden="true">
            <b class="mono">{hovered.text()}</b>
            <div>{hovered.says()}</div>
            {way.map(|way| view! { <div class="faint">{way}</div> })}
        </div>
    }
}
