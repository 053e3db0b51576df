//! What the chat page knows: the columns' models, the turns, the settings.

mod open_chat;

use super::history::{self};
use super::stream::{self, AbortControllers};
use crate::address::{Address, use_address};
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Fetched, Refetch};
use crate::i18n::chat as words;
use crate::live::use_live;
use crate::logic::chat::{Exchange, Settings};
use crate::logic::saved_chats::{End, SavedChat};
use leptos::prelude::*;
use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation};
use protocol::api::{ModelInfo, RunDetail, RunState};

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
const DEMO: &str = "corral-demo";

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

    /// Shows the base model of a run beside its best checkpoint.
    async fn open_run(self, id: String) {
        match api::run(&id).await {
            Ok(run) => match pair_of(&run) {
                Some(models) => self.show(models),
                None => {
                    let _ = self.notice.try_set(Some(words::run_gone().to_owned()));
                    self.show(vec![DEMO.into()]);
                }
            },
            Err(ApiError::Problem(problem)) if problem.status == 404 => {
                let _ = self.notice.try_set(Some(words::run_gone().to_owned()));
                self.show(vec![DEMO.into()]);
            }
            Err(error) => {
                let _ = self.models.try_set(Some(Err(error)));
            }
        }
    }

    /// Shows the newest completed run beside its base model; else the demo model alone.
    async fn choose_default(self) {
        let newest = self.live.runs.with_untracked(|runs| {
            let rows = runs.values().map(|run| run.get_untracked());
            let good = rows.filter(|run| run.state == RunState::Completed && !run.archived);
            good.max_by_key(|run| run.ended).map(|run| run.id)
        });
        if let Some(id) = newest
            && let Ok(run) = api::run(&id).await
            && let Some(models) = pair_of(&run)
        {
            return self.show(models);
        }
        self.show(vec![DEMO.into()]);
    }

    /// Puts these models into the columns, and into the address.
    fn show(self, models: Vec<String>) {
        self.address.edit(|query| {
            query.set("run", "");
            query.set_list("models", &models);
        });
        let _ = self.columns.try_set(models);
    }

    pub fn choose(self, column: usize, model: String) {
        let mut columns = self.columns.get_untracked();
        if let Some(slot) = columns.get_mut(column) {
            *slot = model;
            self.show(columns);
        }
    }

    pub fn add_column(self) {
        let mut columns = self.columns.get_untracked();
        let models = self.models.get_untracked().and_then(Result::ok).unwrap_or_default();
        let usable = models
            .iter()
            .filter(|model| model.unusable.is_nothing())
            .map(|model| &model.id);
        let other = usable
            .clone()
            .find(|id| !columns.contains(id))
            .or(usable.clone().next());
        columns.push(other.cloned().unwrap_or_else(|| DEMO.into()));
        self.show(columns);
    }

    pub fn drop_column(self) {
        let mut columns = self.columns.get_untracked();
        columns.truncate(1);
        self.show(columns);
    }

    pub fn swap(self) {
        let mut columns = self.columns.get_untracked();
        columns.reverse();
        self.show(columns);
    }

    /// Whether the second model was trained from the first, so that the columns can be called "before" and "after".
    pub fn is_pair(self) -> bool {
        let columns = self.columns.get();
        let [first, second] = columns.as_slice() else {
            return false;
        };
        let run = second.split('/').next().unwrap_or_default();
        self.live.runs.with(|runs| {
            let mut rows = runs.values().map(|run| run.get());
            rows.any(|row| row.name == run && row.config.model_name_or_path.as_deref() == Some(first))
        })
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

/// What a run started from, and its best checkpoint (else its newest).
fn pair_of(run: &RunDetail) -> Option<Vec<String>> {
    let best = run.checkpoints.iter().find(|checkpoint| checkpoint.best);
    let newest = run.checkpoints.iter().max_by_key(|checkpoint| checkpoint.step);
    let tuned = best.or(newest)?;
    let base = run.summary.config.model_name_or_path.clone();
    let tuned = format!("{}/{}", run.summary.name, tuned.name);
    Some(base.into_iter().chain([tuned]).collect())
}
