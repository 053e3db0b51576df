//! The page "Data": the list of data sets, one of them in detail, and the dialog that adds one.

mod add;
mod adding;
mod detail;
mod list;
mod register;
mod rows;
mod source;

pub use rows::{Rows, Wanted};

use crate::address::use_address;
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Fetched, Refetch};
use crate::i18n::data as words;
use crate::live::use_live;
use crate::ui::{Breadcrumb, EmptyState, ErrorNote, Icon, IconName, PageHead, Skeleton, use_row_keys};
use add::Add;
use detail::Detail;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use list::List;
use protocol::data::{DataKind, DatasetInfo};

/// The label of a kind of rows: what they can train.
pub fn kind_word(kind: DataKind) -> &'static str {
    match kind {
        DataKind::Preference => words::preference(),
        DataKind::Instruction => words::instruction(),
        DataKind::Text => words::text(),
        DataKind::Unpaired => words::unpaired(),
        DataKind::Prompts => words::prompts(),
    }
}

/// The data sets, shared by the page's parts.
#[derive(Clone, Copy)]
struct Library {
    sets: RwSignal<Option<Answer<Vec<DatasetInfo>>>>,
    refetch: Refetch,
    /// Whether the dialog that adds a data set is open.
    adding: RwSignal<bool>,
    /// Whether a set is being deleted here: its page stays until it is left.
    deleting: RwSignal<bool>,
}

impl Library {
    /// Puts in a set that was just added, which a list fetched before lacks.
    fn put(self, set: DatasetInfo) {
        self.sets.update(|sets| {
            if let Some(Ok(sets)) = sets {
                sets.retain(|other| other.name != set.name);
                sets.insert(0, set);
            }
        });
        self.refetch.now();
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
    let Fetched { answer: sets, refetch } = Fetched::start(api::datasets);
    let library = Library {
        sets,
        refetch,
        adding: RwSignal::new(!address.query.with_untracked(|query| query.get("add").is_none())),
        deleting: RwSignal::new(false),
    };
    provide_context(library);
    use_live().when_library_changes(refetch);
    use_row_keys("#datasets .library-name a");
    let one = Memo::new(move |_| {
        let name = name.get()?;
        let found = library.sets.with(|sets| {
            let sets = sets.as_ref()?.as_ref().ok()?;
            Some(sets.iter().find(|set| set.name == name).cloned())
        })?;
        Some(found.ok_or(name))
    });
    // a change of another set, or of the runs that use this one, does not rebuild the page
    let page = Memo::new(move |old: Option<&Page>| match one.get() {
        Some(Err(name)) if library.deleting.get() => old.cloned().unwrap_or(Page::Gone(name)),
        Some(Ok(set)) => Page::One(DatasetInfo { used_by: vec![], ..set }),
        Some(Err(name)) => Page::Gone(name),
        None => library.sets.with(|sets| match sets {
            None => Page::Loading,
            Some(Err(error)) => Page::Failed(error.clone()),
            Some(Ok(sets)) if sets.is_empty() => Page::Empty,
            Some(Ok(_)) => Page::List,
        }),
    });
    let used_by = Memo::new(move |_| {
        one.with(|one| match one {
            Some(Ok(set)) => set.used_by.clone(),
            _ => vec![],
        })
    });
    let body = move || match page.get() {
        Page::Loading => view! { <Frame><Skeleton lines=8 /></Frame> }.into_any(),
        Page::Failed(error) => view! { <Frame><ErrorNote error on_retry=move |()| refetch.now() /></Frame> }.into_any(),
        Page::One(set) => view! { <Detail set used_by /> }.into_any(),
        Page::Gone(name) => view! {
            <header class="page-head">
                <Breadcrumb href="/data" name=words::title />
                <h1 class="clip">{name.clone()}</h1>
            </header>
            <EmptyState title=Signal::derive(move || words::gone(&name))>
                <a class="btn" href="/data">{words::all}</a>
            </EmptyState>
        }
        .into_any(),
        Page::Empty => view! {
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
        Page::List => view! { <Frame><List /></Frame> }.into_any(),
    };
    view! {
        {body}
        <Add />
    }
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq)]
enum Page {
    Loading,
    Failed(ApiError),
    Empty,
    List,
    One(DatasetInfo),
    /// There is no set with this name.
    Gone(String),
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
