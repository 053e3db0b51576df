//! The head of a page: title left, search and actions right.

use super::{Icon, IconName};
use crate::app::use_shell;
use crate::i18n::{common, shell};
use leptos::prelude::*;

/// `children` are the page's actions, the primary one last.
#[component]
pub fn PageHead(title: ViewFn, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let frame = use_shell();
    view! {
        <header class="page-head">
            <h1>{move || title.run()}</h1>
            <div class="grow"></div>
            <button type="button" class="btn search-button" aria-label=shell::palette on:click=move |_| frame.palette.set(true)>
                <Icon name=IconName::Search />
                <span class="wide">{common::search}</span>
                <kbd class="kbd wide">{frame.modifier}"K"</kbd>
            </button>
            {children.map(|children| children())}
        </header>
    }
}
