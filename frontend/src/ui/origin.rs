//! The badge of a run that another program trained, or that was merged from others.

use crate::i18n::run as words;
use leptos::prelude::*;
use protocol::event::{Origin, Program};

/// Says in a word where the run comes from; the tooltip names the path it was read from.
#[component]
pub fn OriginBadge(origin: Origin) -> impl IntoView {
    let word = match origin.from {
        Program::Python => words::by_script,
        Program::Merge => words::merged_here,
        _ => words::imported,
    };
    let source = move || match origin.from {
        Program::Python => words::told_by(origin.path.clone()),
        Program::Merge => words::merged_from(origin.path.clone()),
        other => words::imported_from(other.name(), origin.path.clone()),
    };
    view! {
        <span class="badge origin-mark" title=source>
            {word}
        </span>
    }
}
