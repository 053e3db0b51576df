//! The page "Chat": one or two models side by side, the same question, the same seed.

mod composer;
mod history;
mod settings;
mod state;
mod stream;
mod turn;

use crate::api::ApiError;
use crate::i18n::chat as words;
use crate::logic::query::Query;
use crate::pages::models::ModelSelect;
use crate::ui::{EmptyState, ErrorNote, Icon, IconName, PageHead, Skeleton};
use composer::Composer;
use history::{Export, History};
use leptos::prelude::*;
use settings::SettingsForm;
use state::{ChatView, use_chat};
use turn::TurnRow;

#[component]
pub fn Chat() -> impl IntoView {
    let chat = ChatView::start();
    provide_context(chat);
    let has_turns = move || chat.turns.with(|turns| !turns.is_empty());
    // a memo, so that another model in the list does not rebuild the chat
    let page_state = Memo::new(move |_| {
        chat.models.with(|models| match models {
            None => PageState::Loading,
            Some(Err(error)) => PageState::Failed(error.clone()),
            Some(Ok(models)) if models.iter().all(|model| !model.unusable.is_nothing()) => PageState::NoModels,
            Some(Ok(_)) => PageState::Ready,
        })
    });
    view! {
        <div class="chat">
            <PageHead title=words::title.into()>
                <History />
                <Export />
                <button
                    type="button"
                    class="btn"
                    id="new-talk"
                    aria-label=words::new_talk
                    disabled=move || !has_turns()
                    on:click=move |_| chat.new_chat()
                >
                    <Icon name=IconName::Plus />
                    <span class="wide">{words::new_talk}</span>
                </button>
            </PageHead>
            {move || match page_state.get() {
                PageState::Loading => view! { <div class="page-body"><Skeleton lines=4 /></div> }.into_any(),
                PageState::Failed(error) => {
                    view! { <div class="page-body"><ErrorNote error on_retry=move |()| chat.refetch.now() /></div> }.into_any()
                }
                PageState::NoModels => {
                    view! {
                        <EmptyState title=Signal::derive(|| words::no_models().to_string())>
                            <a class="btn" href="/models">{words::see_models}</a>
                        </EmptyState>
                    }
                        .into_any()
                }
                PageState::Ready => view! { <Conversation /> }.into_any(),
            }}
        </div>
    }
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq)]
enum PageState {
    Loading,
    Failed(ApiError),
    /// There is no model that could answer.
    NoModels,
    Ready,
}

#[component]
fn Conversation() -> impl IntoView {
    let chat = use_chat();
    let two = move || chat.columns.with(Vec::len) > 1;
    let scroll_area = NodeRef::<leptos::html::Div>::new();
    // new text scrolls to the end, unless the person has scrolled up to read
    Effect::new(move || {
        chat.text_version.track();
        request_animation_frame(move || {
            // the page may be gone by then
            if let Some(Some(area)) = scroll_area.try_get_untracked() {
                let below = area.scroll_height() - area.scroll_top() - area.client_height();
                if below < 160 || chat.just_asked.try_get_untracked() == Some(true) {
                    area.set_scroll_top(area.scroll_height());
                    chat.just_asked.set(false);
                }
            }
        });
    });
    view! {
        <div class="chat-columns" class:two=two>
            <ColumnHead column=0 />
            <Show
                when=two
                fallback=move || {
                    view! {
                        <button type="button" class="btn ghost chat-add" on:click=move |_| chat.add_column()>
                            <Icon name=IconName::Plus />
                            {words::right}
                        </button>
                    }
                }
            >
                <ColumnHead column=1 />
            </Show>
        </div>
        <div class="chat-room" node_ref=scroll_area role="log" aria-label=words::conversation aria-live="polite">
            {move || chat.notice.get().map(|error| view! { <div class="note warn chat-notice"><Icon name=IconName::Warning /><p>{error}</p></div> })}
            <Show when=move || chat.turns.with(Vec::is_empty)>
                <Welcome />
            </Show>
            <For each=move || chat.turns.get() key=|turn| turn.id let:turn>
                <TurnRow turn />
            </For>
        </div>
        <div class="chat-foot">
            <Composer />
            <SettingsForm />
        </div>
    }
}

/// The head of a column: which model answers in it.
#[component]
fn ColumnHead(column: usize) -> impl IntoView {
    let chat = use_chat();
    let value = Signal::derive(move || {
        chat.columns
            .with(|columns| columns.get(column).cloned().unwrap_or_default())
    });
    let label = Signal::derive(move || {
        let word = if column == 0 { words::left } else { words::right };
        word().to_string()
    });
    let models = Signal::derive(move || chat.models.get().and_then(Result::ok).unwrap_or_default());
    let role = move || {
        let role = if chat.is_pair() { Some(column) } else { None };
        role.map(|column| if column == 0 { words::before() } else { words::after() })
    };
    view! {
        <div class="chat-head" data-column=column.to_string()>
            <span class="chat-swatch" aria-hidden="true"></span>
            <ModelSelect id=format!("chat-model-{column}") label models value on_change=move |id: String| chat.choose(column, id) only_usable=true />
            {move || role().map(|word| view! { <span class="badge">{word}</span> })}
            <span class="grow"></span>
            <Show when=move || column == 1>
                <button type="button" class="btn ghost icon small" title=words::swap aria-label=words::swap on:click=move |_| chat.swap()>
                    <Icon name=IconName::Swap />
                </button>
                <button
                    type="button"
                    class="btn ghost icon small"
                    title=words::one_column
                    aria-label=words::one_column
                    on:click=move |_| chat.drop_column()
                >
                    <Icon name=IconName::Close />
                </button>
            </Show>
        </div>
    }
}

/// What is shown before the first question: examples to ask.
#[component]
fn Welcome() -> impl IntoView {
    let chat = use_chat();
    let two = move || chat.columns.with(Vec::len) > 1;
    let examples: [fn() -> &'static str; 4] = [
        words::example_capital,
        words::example_use,
        words::example_legs,
        words::example_colour,
    ];
    let buttons = examples
        .into_iter()
        .map(|example| {
            view! {
                <button type="button" class="chip chat-example" on:click=move |_| chat.ask(example().to_owned())>{example}</button>
            }
        })
        .collect_view();
    view! {
        <div class="chat-welcome">
            <h2>{move || if two() { words::empty() } else { words::empty_one() }}</h2>
            <p class="muted">{move || two().then(words::same_dice)}</p>
            <div class="row wrap center">{buttons}</div>
        </div>
    }
}

/// The models the address names.
fn named(query: &Query) -> Vec<String> {
    let mut models = query.list("models");
    models.truncate(2);
    models
}
