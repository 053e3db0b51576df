//! The head of a page: its breadcrumb, its title, its actions.

use crate::i18n::Word;
use leptos::prelude::*;

/// The title of a page. `children` are its actions, the primary one last.
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

/// The link back to the list that an item belongs to, before its name in the head of its page.
#[component]
pub fn Breadcrumb(href: &'static str, name: Word) -> impl IntoView {
    view! {
        <a class="crumb" href=href>{name}</a>
        <span class="crumb-line" aria-hidden="true">"/"</span>
    }
}
