//! What the chat page knows: the columns' models, the turns, the settings.

mod talks;

use super::history::{self};
use super::stream::{self, Stoppers};
use crate::address::{Address, use_address};
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Fetched, Refetch};
use crate::i18n::chat as words;
use crate::live::use_live;
use crate::logic::kept::KeptTalk;
use crate::logic::talk::Settings;
use leptos::prelude::*;
use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation};
use protocol::api::{ModelInfo, RunDetail, RunState};

/// How a reply stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Nothing has come yet.
    Waiting,
    /// Pieces so far, and the rate at which they come.
    Going {
        pieces: u64,
        rate: Option<f64>,
    },
    Done {
        tokens: Option<u64>,
        seconds: Option<f64>,
        cut: bool,
    },
    Stopped,
    Failed(String),
}

impl Standing {
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Waiting | Self::Going { .. })
    }
}

/// One model's answer to one question.
#[derive(Clone)]
pub struct Reply {
    pub column: usize,
    pub model: String,
    pub text: ArcRwSignal<String>,
    pub standing: ArcRwSignal<Standing>,
    /// How often it was asked for again: each time is another draw.
    pub again: ArcStoredValue<u64>,
}

#[derive(Clone)]
pub struct Turn {
    pub id: u64,
    pub question: String,
    pub replies: Vec<Reply>,
}

#[derive(Clone, Copy)]
pub struct ChatView {
    /// Ids of the models in the columns, one or two.
    pub columns: RwSignal<Vec<String>>,
    pub turns: RwSignal<Vec<Turn>>,
    pub settings: RwSignal<Settings>,
    pub models: RwSignal<Option<Answer<Vec<ModelInfo>>>>,
    pub refetch: Refetch,
    /// Rises with every piece of text, for what must follow it.
    pub beat: RwSignal<u64>,
    pub just_asked: RwSignal<bool>,
    pub notice: RwSignal<Option<String>>,
    /// What stands in the composer.
    pub draft: RwSignal<String>,
    /// The turn whose question is being edited: sending replaces it and all that follows.
    pub editing: RwSignal<Option<u64>>,
    /// The talk's name in the history: when it began.
    pub talk: RwSignal<i64>,
    pub history: RwSignal<Vec<KeptTalk>>,
    pub stoppers: Stoppers,
    /// Turns made since the page was opened: none has the id of another, of whatever talk.
    made: StoredValue<u64>,
    address: Address,
    live: crate::live::Live,
}

pub fn use_chat() -> ChatView {
    expect_context::<ChatView>()
}

const SETTINGS: &str = "chat-settings";
/// What is typed and not sent, in this tab.
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
            beat: RwSignal::new(0),
            just_asked: RwSignal::new(false),
            notice: RwSignal::new(None),
            draft: RwSignal::new(crate::browser::stored_in_tab(DRAFT).unwrap_or_default()),
            editing: RwSignal::new(None),
            talk: RwSignal::new(crate::browser::now()),
            history: RwSignal::new(history::stored()),
            stoppers: Stoppers::default(),
            made: StoredValue::new(0),
            address: use_address(),
            live: use_live(),
        };
        Effect::new(move || match chat.draft.get().as_str() {
            "" => crate::browser::forget_in_tab(DRAFT),
            text => crate::browser::store_in_tab(DRAFT, text),
        });
        chat.live.when_library_changes(refetch);
        chat.take_brought();
        chat.go_on();
        // the address holds the columns; without them the page chooses; what it asks for ends with the page
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
                // a talk that was taken up, or the bare address of the page that is open
                chat.show(columns);
            } else if chat.live.loaded.get() {
                spawn_local_scoped_with_cancellation(chat.choose_for_person());
            }
        });
        chat.keep();
        Effect::new(move || {
            let text = chat
                .settings
                .with(|settings| serde_json::to_string(settings).unwrap_or_default());
            crate::browser::store(SETTINGS, &text);
        });
        on_cleanup(move || chat.stoppers.stop_all());
        chat
    }

    /// Puts the question that another page brought into the composer: it is the person who sends it.
    fn take_brought(self) {
        let text = self
            .address
            .query
            .with_untracked(|query| query.get("text").map(str::to_owned));
        if let Some(text) = text {
            self.draft.set(text);
            self.address.set("text", "");
        }
    }

    /// Base against the best checkpoint of a run.
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

    /// The newest run that ended well, against what it started from; else the demo alone.
    async fn choose_for_person(self) {
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

    /// Whether the second model was trained from the first: "before" and "after" are then true.
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
    pub fn busy(self) -> bool {
        self.turns.with(|turns| {
            let last = turns.last().into_iter().flat_map(|turn| &turn.replies);
            last.into_iter().any(|reply| reply.standing.with(Standing::is_open))
        })
    }

    pub fn ask(self, question: String) {
        let question = question.trim().to_owned();
        let columns = self.columns.get_untracked();
        if question.is_empty() || columns.is_empty() || self.busy_untracked() {
            return;
        }
        let reply = |(column, model): (usize, String)| Reply {
            column,
            model,
            text: ArcRwSignal::new(String::new()),
            standing: ArcRwSignal::new(Standing::Waiting),
            again: ArcStoredValue::new(0),
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
        self.made.update_value(|made| *made += 1);
        self.made.get_value()
    }

    /// Asks again for one reply that failed.
    pub fn retry(self, turn: u64, reply: Reply) {
        reply.text.set(String::new());
        reply.standing.set(Standing::Waiting);
        self.write(turn, reply);
    }

    /// Draws one reply anew: another seed, so that a temperature above 0 gives another text.
    pub fn draw_again(self, turn: u64, reply: Reply) {
        if !self.busy_untracked() {
            reply.again.update_value(|times| *times += 1);
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
            let said = |turn: &Turn| {
                let mine = turn.replies.iter().find(|other| other.column == reply.column);
                (
                    turn.question.clone(),
                    mine.map(|r| r.text.get_untracked()).unwrap_or_default(),
                )
            };
            let question = turns.get(at).map(|turn| turn.question.clone()).unwrap_or_default();
            (question, turns[..at].iter().map(said).collect::<Vec<_>>())
        });
        let mut settings = self.settings.get_untracked();
        settings.seed = settings.seed.wrapping_add(reply.again.get_value()) % (1 << 53);
        spawn_local(stream::write(self, turn, reply, settings, earlier, question));
    }

    fn busy_untracked(self) -> bool {
        untrack(|| self.busy())
    }

    pub fn stop(self) {
        self.stoppers.stop_all();
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
