//! The pages, one module each. Those that a first visit may do without are parts, loaded on demand; pages that share most of their code
//! are in one WebAssembly module.

mod chat;
mod compare;
mod data;
mod evaluate;
mod home;
mod models;
mod new_run;
mod run;
mod runs;
mod sweep;

pub use home::{Home, best_of, need};
pub use run::{Run, sentence};
pub use runs::{Runs, archive, column_title};

use crate::i18n;
use crate::part::{Lazy, part};
use leptos::prelude::*;

#[component]
pub fn NewRun() -> impl IntoView {
    let part = part!(new_run, view! { <new_run::NewRun /> });
    view! { <Lazy part title=i18n::new_run::title /> }
}

#[component]
pub fn Compare() -> impl IntoView {
    let part = part!(compare, view! { <compare::Compare /> });
    view! { <Lazy part title=i18n::compare::title /> }
}

#[component]
pub fn Sweep() -> impl IntoView {
    let part = part!(compare, view! { <sweep::Sweep /> });
    view! { <Lazy part title=i18n::sweep::title /> }
}

#[component]
pub fn Data() -> impl IntoView {
    let part = part!(library, view! { <data::Data /> });
    view! { <Lazy part title=i18n::data::title /> }
}

#[component]
pub fn Models() -> impl IntoView {
    let part = part!(library, view! { <models::Models /> });
    view! { <Lazy part title=i18n::models::title /> }
}

#[component]
pub fn Evaluate() -> impl IntoView {
    let part = part!(library, view! { <evaluate::Evaluate /> });
    view! { <Lazy part title=i18n::evaluate::title /> }
}

#[component]
pub fn Chat() -> impl IntoView {
    let part = part!(library, view! { <chat::Chat /> });
    view! { <Lazy part title=i18n::chat::title /> }
}
