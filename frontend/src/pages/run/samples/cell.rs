//! The parts of a reply's cell: warning chips, a bar for its length, its text with a word diff.

use crate::fmt;
use crate::i18n::samples as words;
use crate::logic::samples::words::Piece;
use leptos::prelude::*;
use protocol::chat::Finish;
use protocol::samples::{Cell, Reply};

/// The share of repeated text from which a reply has a warning.
const REPEATS: f32 = 0.2;

/// What is odd about a reply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Oddities {
    cut_off: bool,
    repeated: f32,
    empty: bool,
    refusal: bool,
}

impl From<&Cell> for Oddities {
    fn from(cell: &Cell) -> Self {
        Self {
            cut_off: cell.finish == Finish::Length,
            repeated: cell.repeated,
            empty: cell.empty,
            refusal: cell.refusal,
        }
    }
}

impl From<&Reply> for Oddities {
    fn from(reply: &Reply) -> Self {
        Self::from(&Cell::of(reply))
    }
}

#[component]
pub fn Flags(of: Oddities) -> impl IntoView {
    view! {
        {of.empty.then(|| view! { <span class="chip warn">{words::empty}</span> })}
        {of.refusal.then(|| view! { <span class="chip warn" title=words::refuses_hint>{words::refuses}</span> })}
        {(of.repeated >= REPEATS)
            .then(|| {
                let share = fmt::percent(f64::from(of.repeated));
                view! { <span class="chip warn" title=words::repeats_hint>{move || words::repeats(&share)}</span> }
            })}
        {of.cut_off.then(|| view! { <span class="chip" title=words::cut_off_hint>{words::cut_off}</span> })}
    }
}

/// A bar that shows the length of a reply as a share of the most tokens, `room`.
#[component]
pub fn Length(tokens: u32, room: u32) -> impl IntoView {
    let width = format!("width: {:.1}%", f64::from(tokens) / f64::from(room.max(1)) * 100.0);
    view! {
        <span class="samples-length" title=move || words::tokens(u64::from(tokens))>
            <i style=width></i>
        </span>
    }
}

/// A text with marks on the words that another text does not have.
#[component]
pub fn Pieces(pieces: Vec<Piece>, class: &'static str) -> impl IntoView {
    let piece = |Piece { text, shared }: Piece| match shared {
        true => view! { <span>{text}</span> }.into_any(),
        false => view! { <mark class=class>{text}</mark> }.into_any(),
    };
    pieces.into_iter().map(piece).collect_view()
}
