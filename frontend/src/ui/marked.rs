//! Texts in which keys, commands and names of files stand in backticks, shown as code.

use leptos::prelude::*;

/// A text with what is between backticks as code.
pub fn marked(text: &str) -> impl IntoView + use<> {
    let parts = text.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => part.to_owned().into_any(),
        _ => view! { <code>{part.to_owned()}</code> }.into_any(),
    });
    parts.collect::<Vec<_>>()
}
