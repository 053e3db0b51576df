//! What the chat page knows: the columns' models, the turns, the settings.

mod columns;
mod open_chat;

use super::history::{self};
use super::stream::{self, AbortControllers};
use crate::address::{Address, use_address};
use crate::api::{self, Answer};
use crate::fetched::{Fetched, Refetch};
use crate::live::use_live;
use crate::logic::chat::{Exchange, Settings};
use crate::logic::saved_chats::{End, SavedChat};
use leptos::prelude::*;
use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation};
use protocol::api::ModelInfo;

/// The state of a reply.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyState {
    /// Nothing has come yet.
    Waiting,
    Going {
        /// Pieces of text that have come so far.
        pieces: u64,
        /// Pieces a second.
        rate: Option<f64>,
    },
    Over(End),
}

impl ReplyState {
    /// Whether more of the reply may come.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Over(_))
    }
}

/// One model's answer to one question.
#[derive(Clone)]
pub struct Reply {
    pub column: usize,
    pub model: String,
    pub text: ArcRwSignal<String>,
    pub state: ArcRwSignal<ReplyState>,
    /// How often it was sampled again; each time with another seed.
    pub redraws: ArcStoredValue<u64>,
}

#[derive(Clone)]
pub struct Turn {
    pub id: u64,
    pub question: String,
    pub replies: Vec<Reply>,
}

#[derive(Clone, Copy)]
pub struct ChatView {
    /// The ids of the models in the columns, one or two.
    pub columns: RwSignal<Vec<String>>,
    pub turns: RwSignal<Vec<Turn>>,
    pub settings: RwSignal<Settings>,
    pub models: RwSignal<Option<Answer<Vec<ModelInfo>>>>,
    pub refetch: Refetch,
    /// Rises with every piece of text, for what depends on all the text.
    pub text_version: RwSignal<u64>,
    pub just_asked: RwSignal<bool>,
    pub notice: RwSignal<Option<String>>,
    /// The text in the composer.
    pub draft: RwSignal<String>,
    /// The turn whose question is being edited. Sending replaces it and all turns after it.
    pub editing: RwSignal<Option<u64>>,
    /// The id of the chat in the history: the time at which it began.
    pub id: RwSignal<i64>,
    pub history: RwSignal<Vec<SavedChat>>,
    pub abort_controllers: AbortControllers,
    /// The id of the newest turn since the page was opened. Turns of different chats have different ids too.
    last_turn_id: StoredValue<u64>,
    address: Address,
    live: crate::live::Live,
}

pub fn use_chat() -> ChatView {
    expect_context::<ChatView>()
}

const SETTINGS: &str = "chat-settings";
/// The key of `sessionStorage` for what is typed and not sent.
const DRAFT: &str = "chat-draft";

impl ChatView {
    pub fn start() -> Self {
        let settings = crate::browser::stored(SETTINGS).and_then(|text| serde_json::from_str(&text).ok());
        let Fetched {
            answer: models,
            refetch,
        } = Fetched::start(api::models);
        let chat = Self {
            columns: RwSignal::default(),
            turns: RwSignal::default(),
            settings: RwSignal::new(settings.unwrap_or_default()),
            models,
            refetch,
            text_version: RwSignal::new(0),
            just_asked: RwSignal::new(false),
            notice: RwSignal::new(None),
            draft: RwSignal::new(crate::browser::stored_in_tab(DRAFT).unwrap_or_default()),
            editing: RwSignal::new(None),
            id: RwSignal::new(crate::browser::now()),
            history: RwSignal::new(history::stored()),
            abort_controllers: AbortControllers::default(),
            last_turn_id: StoredValue::new(0),
            address: use_address(),
            live: use_live(),
        };
        Effect::new(move || match chat.draft.get().as_str() {
            "" => crate::browser::forget_in_tab(DRAFT),
            text => crate::browser::store_in_tab(DRAFT, text),
        });
        chat.live.when_library_changes(refetch);
        chat.take_question_of_address();
        chat.reopen();
        // the address holds the columns; without them the page chooses, by requests that are cancelled with the page
        Effect::new(move || {
            let query = chat.address.query.get();
            let named = super::named(&query);
            let run = query.get("run").map(str::to_owned);
            if let Some(run) = run.filter(|_| named.is_empty()) {
                spawn_local_scoped_with_cancellation(chat.open_run(run));
            } else if !named.is_empty() {
                if chat.columns.get_untracked() != named {
                    chat.columns.set(named);
                }
            } else if let columns = chat.columns.get_untracked()
                && !columns.is_empty()
            {
                // a chat was reopened, or the page is open already and its link was clicked again
                chat.show(columns);
            } else if chat.live.loaded.get() {
                spawn_local_scoped_with_cancellation(chat.choose_default());
            }
        });
        chat.keep_saved();
        Effect::new(move || {
            let text = chat
                .settings
                .with(|settings| serde_json::to_string(settings).unwrap_or_default());
            crate::browser::store(SETTINGS, &text);
        });
        on_cleanup(move || chat.abort_controllers.stop_all());
        chat
    }

    /// Puts a question that the address brings into the composer; sending it is up to the person.
    fn take_question_of_address(self) {
        let text = self
            .address
            .query
            .with_untracked(|query| query.get("text").map(str::to_owned));
        if let Some(text) = text {
            self.draft.set(text);
            self.address.set("text", "");
        }
    }

    /// Whether a reply is still being written.
    pub fn is_busy(self) -> bool {
        self.turns.with(|turns| {
            let last = turns.last().into_iter().flat_map(|turn| &turn.replies);
            last.into_iter().any(|reply| reply.state.with(ReplyState::is_open))
        })
    }

    pub fn ask(self, question: String) {
        let question = question.trim().to_owned();
        let columns = self.columns.get_untracked();
        if question.is_empty() || columns.is_empty() || self.is_busy_untracked() {
            return;
        }
        let reply = |(column, model): (usize, String)| Reply {
            column,
            model,
            text: ArcRwSignal::new(String::new()),
            state: ArcRwSignal::new(ReplyState::Waiting),
            redraws: ArcStoredValue::new(0),
        };
        if let Some(edited) = self.editing.get_untracked() {
            self.turns
                .update(|turns| turns.truncate(turns.iter().position(|turn| turn.id == edited).unwrap_or(turns.len())));
            self.editing.set(None);
        }
        let turn = Turn {
            id: self.next_id(),
            question,
            replies: columns.into_iter().enumerate().map(reply).collect(),
        };
        self.notice.set(None);
        self.just_asked.set(true);
        self.turns.update(|turns| turns.push(turn.clone()));
        for reply in &turn.replies {
            self.write(turn.id, reply.clone());
        }
    }

    fn next_id(self) -> u64 {
        self.last_turn_id.update_value(|id| *id += 1);
        self.last_turn_id.get_value()
    }

    /// Asks again for one reply that failed.
    pub fn retry(self, turn: u64, reply: Reply) {
        reply.text.set(String::new());
        reply.state.set(ReplyState::Waiting);
        self.write(turn, reply);
    }

    /// Samples one reply again, with another seed, so that a temperature above 0 gives another text.
    pub fn redraw(self, turn: u64, reply: Reply) {
        if !self.is_busy_untracked() {
            reply.redraws.update_value(|times| *times += 1);
            self.retry(turn, reply);
        }
    }

    /// Puts a question back into the composer.
    pub fn edit(self, turn: u64, question: &str) {
        self.editing.set(Some(turn));
        self.draft.set(question.to_owned());
        crate::browser::focus("#chat-input");
    }

    fn write(self, turn: u64, reply: Reply) {
        let (question, earlier) = self.turns.with_untracked(|turns| {
            let at = turns.iter().position(|other| other.id == turn).unwrap_or(turns.len());
            let exchange = |turn: &Turn| {
                let own = turn.replies.iter().find(|other| other.column == reply.column);
                Exchange {
                    question: turn.question.clone(),
                    reply: own.map(|reply| reply.text.get_untracked()).unwrap_or_default(),
                }
            };
            let question = turns.get(at).map(|turn| turn.question.clone()).unwrap_or_default();
            (question, turns[..at].iter().map(exchange).collect::<Vec<_>>())
        });
        let mut settings = self.settings.get_untracked();
        settings.seed = settings.seed.wrapping_add(reply.redraws.get_value()) % (1 << 53);
        spawn_local(stream::write(self, turn, reply, settings, earlier, question));
    }

    fn is_busy_untracked(self) -> bool {
        untrack(|| self.is_busy())
    }

    pub fn stop(self) {
        self.abort_controllers.stop_all();
    }
}
