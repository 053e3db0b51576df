//! The head of a page: where one is, and what can be done.

use crate::i18n::Word;
use leptos::prelude::*;

/// `children` are the page's actions, the primary one last.
#[component]
pub fn PageHead(title: ViewFn, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <header class="page-head">
            <h1>{move || title.run()}</h1>
            <div class="grow"></div>
            {children.map(|children| children())}
        </header>
    }
}

/// The list that one thing belongs to, before its name in the head of its page.
#[component]
pub fn Crumb(href: &'static str, name: Word) -> impl IntoView {
    view! {
        <a class="crumb" href=href>{name}</a>
        <span class="crumb-line" aria-hidden="true">"/"</span>
    }
}
