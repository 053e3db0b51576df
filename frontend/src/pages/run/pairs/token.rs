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
    /// Its probabilities in words: those that the tint compares, or those that are known.
    fn says(&self) -> String {
        let (before, after) = (probability(self.token.first), probability(self.token.last));
        match (self.known, self.known.change(&self.token)) {
            (Known::First | Known::FirstOfFollowing, _) => words::token_is(before),
            (_, Some(change)) if self.known.is_of_reference() => {
                words::token_under(probability(change.to), probability(change.from))
            }
            (_, Some(_)) => words::token_was(before, after),
            (_, None) => {
                let (first, last) = (fmt::count(self.first_step), fmt::count(self.last_step));
                words::token_between(before, first, after, last)
            }
        }
    }

    fn text(&self) -> String {
        self.token.text.replace('\n', "⏎").replace(' ', "␣")
    }
}

/// The tokens as pointer and keys reach them.
#[derive(Clone, Copy)]
struct Reach {
    node: NodeRef<html::P>,
    tokens: StoredValue<Vec<ReplyToken>>,
    known: Memo<Known>,
    first_step: u64,
    last_step: u64,
    /// The token that the arrow keys have come to.
    cursor: RwSignal<Option<usize>>,
    hovered: RwSignal<Option<HoveredToken>>,
}

impl Reach {
    fn of_element(self, element: &HtmlElement) -> Option<HoveredToken> {
        let place: usize = element.get_attribute("data-place")?.parse().ok()?;
        let of_place = |tokens: &Vec<ReplyToken>| tokens.get(place).cloned();
        let token = self.tokens.try_with_value(of_place).flatten()?;
        let at = element.get_bounding_client_rect();
        Some(HoveredToken {
            place,
            token,
            first_step: self.first_step,
            last_step: self.last_step,
            known: self.known.get_untracked(),
            x: at.left() + at.width() / 2.0,
            y: at.top(),
        })
    }

    fn point(self, event: &ev::PointerEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let found = target.as_ref().and_then(|element| self.of_element(element));
        if self.hovered.with_untracked(|hovered| *hovered != found) {
            self.hovered.set(found);
        }
    }

    fn leave(self) {
        self.cursor.set(None);
        self.hovered.set(None);
    }

    fn go(self, place: usize) {
        let selector = format!("[data-place=\"{place}\"]");
        let node = self.node.get_untracked();
        let found = node.and_then(|node| node.query_selector(&selector).ok().flatten());
        if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            crate::browser::reveal(&element);
            self.cursor.set(Some(place));
            self.hovered.set(self.of_element(&element));
        }
    }

    fn press(self, event: &ev::KeyboardEvent) {
        let here = self.cursor.get_untracked();
        let to = self.tokens.with_value(|tokens| {
            let mut shown = (0..tokens.len()).filter(|place| !tokens[*place].text.is_empty());
            match (event.key().as_str(), here) {
                ("ArrowRight", Some(here)) => shown.find(|place| *place > here).or(Some(here)),
                ("ArrowLeft", Some(here)) => shown.rfind(|place| *place < here).or(Some(here)),
                ("ArrowRight" | "Home", _) => shown.next(),
                ("ArrowLeft" | "End", _) => shown.next_back(),
                _ => None,
            }
        });
        match to {
            Some(place) => self.go(place),
            None if event.key() == "Escape" && here.is_some() => self.leave(),
            None => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }

    /// The token under the keys' cursor in words.
    fn announced(self) -> Option<String> {
        let at = self.cursor.get()?;
        self.hovered.with(|hovered| {
            let token = hovered.as_ref().filter(|token| token.place == at)?;
            Some(format!("{}: {}", token.text(), token.says()))
        })
    }

    /// How many tokens are likelier and less likely, where that is what the tint shows.
    fn sums(self) -> Option<String> {
        let known = self.known.get();
        let count = |up: bool| {
            let of_side = |token: &&ReplyToken| match known.tint(token) {
                Tint::Up(_) => up,
                Tint::Down(_) => !up,
                Tint::None => false,
            };
            self.tokens.with_value(|tokens| tokens.iter().filter(of_side).count()) as u64
        };
        let (up, down) = (
            words::likelier_tokens(count(true)),
            words::less_likely_tokens(count(false)),
        );
        match known {
            Known::FirstWithReference | Known::LastWithReference => Some(words::tokens_apart(up, down)),
            Known::LastWithFirst => Some(words::moved_tokens(up, down)),
            Known::First | Known::FirstOfFollowing | Known::Between => None,
        }
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
    let reach = Reach {
        node: NodeRef::new(),
        tokens: StoredValue::new(tokens),
        known: Memo::new(move |_| Known::at(&of, step.get())),
        first_step,
        last_step,
        cursor: RwSignal::new(None),
        hovered,
    };
    let drawn = reach.tokens.with_value(|tokens| {
        let one = |(place, token): (usize, &ReplyToken)| {
            let (token, text) = (token.clone(), token.text.replace('\n', "⏎\n"));
            let style = move || reach.known.get().tint(&token).css();
            let at = move || reach.cursor.get() == Some(place);
            view! { <span class="pairs-token" class:at=at data-place=place.to_string() style=style>{text}</span> }
        };
        // a token without text has the last bytes of a character that several tokens make up
        let shown = tokens.iter().enumerate().filter(|(_, token)| !token.text.is_empty());
        shown.map(one).collect_view()
    });
    view! {
        <p
            class=format!("tokens {class}")
            node_ref=reach.node
            tabindex="0"
            role="group"
            aria-label=move || words::token_keys(word())
            on:pointerover=move |event| reach.point(&event)
            on:pointerdown=move |event| reach.point(&event)
            on:pointerleave=move |_| hovered.set(None)
            on:keydown=move |event| reach.press(&event)
            on:blur=move |_| reach.leave()
        >
            {drawn}
        </p>
        <p class="sr">{move || reach.sums()}</p>
        <span class="sr" aria-live="polite">{move || reach.announced()}</span>
    }
}

/// The tooltip of a token: its probabilities, and how far apart they are.
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
    let change = hovered.known.change(&hovered.token);
    let way = change.map(|change| words::log_prob_went(signed(f64::from(change.to - change.from), fmt::aligned)));
    view! {
        <div class="tip pairs-tip num" style=style aria-hidden="true">
            <b class="mono">{hovered.text()}</b>
            <div>{hovered.says()}</div>
            {way.map(|way| view! { <div class="faint">{way}</div> })}
        </div>
    }
}
