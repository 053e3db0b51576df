//! The mark of a run that another program trained.

use crate::i18n::run as words;
use leptos::prelude::*;
use protocol::event::{Origin, Program};

/// Says whose run it is, in a word; where it was read from is said on a closer look.
#[component]
pub fn OriginMark(origin: Origin) -> impl IntoView {
    let told = origin.from == Program::Python;
    let word = if told { words::by_script } else { words::imported };
    let more = move || match told {
        true => words::told_by(origin.path.clone()),
        false => words::imported_from(origin.from.name(), origin.path.clone()),
    };
    view! {
        <span class="badge origin-mark" title=more>
            {word}
        </span>
    }
}
