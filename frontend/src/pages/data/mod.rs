//! The page "Data": the list of data sets, one of them in detail, and adding one's own.

mod add;
mod bring;
mod detail;
mod list;
mod rows;

pub use rows::{Rows, Wanted};

use crate::address::use_address;
use crate::api::{self, Answer};
use crate::fmt;
use crate::i18n::data as words;
use crate::live::use_live;
use crate::ui::{Crumb, EmptyState, ErrorNote, Icon, IconName, PageHead, Skeleton, use_row_keys};
use add::Add;
use detail::Detail;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;
use list::List;
use protocol::data::{DataKind, DataNote, DatasetInfo};

/// What is good to know of a data set's rows, in words.
pub fn note_words(note: &DataNote) -> String {
    match note {
        DataNote::UnusedColumns { columns } => words::unused_columns(columns.join(", ")),
        DataNote::UnusedKeys { column, keys } => words::unused_keys(keys.join(", "), column),
        DataNote::OtherPrompt { column, rows } => words::other_prompt(column, fmt::count(*rows)),
        DataNote::MarkedPrompts { rows } => words::marked_prompts(fmt::count(*rows)),
        DataNote::SameReplies { rows } => words::same_replies(fmt::count(*rows)),
        DataNote::EmptyReplies { rows } => words::empty_replies(fmt::count(*rows)),
        DataNote::ThoughtsLeftOut { rows } => words::thoughts_left_out(fmt::count(*rows)),
        DataNote::ToolsLeftOut { rows } => words::tools_left_out(fmt::count(*rows)),
        DataNote::SystemLeftOut { rows } => words::system_left_out(fmt::count(*rows)),
        DataNote::BlockInReply { rows } => words::block_in_reply(fmt::count(*rows)),
        DataNote::OneLabel { good: true } => words::all_good().to_owned(),
        DataNote::OneLabel { good: false } => words::all_bad().to_owned(),
    }
}

/// The word for what rows can train.
pub fn kind_word(kind: DataKind) -> &'static str {
    match kind {
        DataKind::Preference => words::preference(),
        DataKind::Instruction => words::instruction(),
        DataKind::Text => words::text(),
        DataKind::Unpaired => words::unpaired(),
    }
}

/// The data sets, shared by the page's parts.
#[derive(Clone, Copy)]
struct Library {
    sets: RwSignal<Option<Answer<Vec<DatasetInfo>>>>,
    adding: RwSignal<bool>,
}

impl Library {
    fn fetch(self) {
        spawn_local(async move {
            let answer = api::datasets().await;
            let _ = self.sets.try_set(Some(answer));
        });
    }

    fn put(self, set: DatasetInfo) {
        self.sets.update(|sets| {
            if let Some(Ok(sets)) = sets {
                sets.retain(|other| other.name != set.name);
                sets.insert(0, set);
            }
        });
    }
}

fn use_library() -> Library {
    expect_context::<Library>()
}

#[component]
pub fn Data() -> impl IntoView {
    let params = use_params_map();
    let address = use_address();
    let name = Memo::new(move |_| params.with(|params| params.get("name")));
    let library = Library {
        sets: RwSignal::new(None),
        adding: RwSignal::new(!address.query.with_untracked(|query| query.get("add").is_none())),
    };
    provide_context(library);
    library.fetch();
    use_live().when_back(move || library.fetch());
    use_row_keys("#datasets .library-name a");
    let body = move || match (library.sets.get(), name.get()) {
        (None, _) => view! { <Frame><Skeleton lines=8 /></Frame> }.into_any(),
        (Some(Err(error)), _) => {
            view! { <Frame><ErrorNote error on_retry=move |()| library.fetch() /></Frame> }.into_any()
        }
        (Some(Ok(sets)), Some(name)) => match sets.into_iter().find(|set| set.name == name) {
            Some(set) => view! { <Detail set /> }.into_any(),
            None => view! {
                <header class="page-head">
                    <Crumb href="/data" name=words::title />
                    <h1 class="clip">{name.clone()}</h1>
                </header>
                <EmptyState title=Signal::derive(move || words::gone(&name))>
                    <a class="btn" href="/data">{words::all}</a>
                </EmptyState>
            }
            .into_any(),
        },
        (Some(Ok(sets)), None) if sets.is_empty() => view! {
            <Frame>
                <EmptyState
                    title=Signal::derive(|| words::empty().to_string())
                    text=Signal::derive(|| words::empty_text().to_string())
                >
                    <AddButton />
                </EmptyState>
            </Frame>
        }
        .into_any(),
        (Some(Ok(sets)), None) => view! { <Frame><List sets /></Frame> }.into_any(),
    };
    view! {
        {body}
        <Add />
    }
}

/// The list's head around what the page shows.
#[component]
fn Frame(children: Children) -> impl IntoView {
    view! {
        <PageHead title=words::title.into()>
            <AddButton />
        </PageHead>
        <div class="page-body">{children()}</div>
    }
}

#[component]
fn AddButton() -> impl IntoView {
    let library = use_library();
    view! {
        <button type="button" class="btn primary" on:click=move |_| library.adding.set(true)>
            <Icon name=IconName::Plus />
            {words::add}
        </button>
    }
}
