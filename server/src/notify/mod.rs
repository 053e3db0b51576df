//! Telling a webhook that a run or a sweep has ended: an address that the owner typed, kept where only they can read it.
//!
//! Nobody waits for it: a run has ended before it is told of, and what stands in the way is said on the board.

mod address;
mod post;

use crate::ApiError;
use crate::ambient::Ambient;
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::Json;
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::state::DataDir;
use crate::sweeps;
use crate::work::Tasks;
use address::Address;
use axum::extract::State;
use post::Poster;
use protocol::api::{RunState, SweepState};
use protocol::live::ToBrowser;
use protocol::metric::is_held_out;
use protocol::notify::{Delivery, Ended, EndedSweep, Happened, Message, Notify, SetWebhook};
use protocol::sweep::point_text;
use protocol::{Said, says};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Milliseconds for which an end is news; older ones are of runs that were adopted from their folder, or imported.
const NEWS_FOR: i64 = 10 * 60 * 1000;
/// Pauses before each further try.
const RETRY_PAUSES: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(20)];
/// How many ends may wait to be delivered.
const MAX_WAITING: usize = 100;

/// The way to the webhook. Cheap to clone.
#[derive(Clone)]
pub struct Notices {
    pub tasks: Tasks,
    pub ambient: Ambient,
    pub db: Db,
    pub bus: Bus,
    pub data_dir: DataDir,
    pub turns: Arc<Turns>,
}

/// Past deliveries, and the order of those to come.
pub struct Turns {
    past: Mutex<Past>,
    /// One delivery at a time, however slow the receiver is.
    turn: Semaphore,
    /// One test at a time; it does not wait behind the ends.
    test: Semaphore,
    /// Bounds how many wait for their turn.
    places: Semaphore,
}

#[derive(Default)]
struct Past {
    last: Option<Delivery>,
    /// How often the webhook was set: a delivery that began before is for another address.
    set: u64,
    /// Sweeps that were told of, and how many of their runs were over then: two runs that end at once end a sweep once.
    sweeps: HashMap<String, u64>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            past: Mutex::default(),
            turn: Semaphore::new(1),
            test: Semaphore::new(1),
            places: Semaphore::new(MAX_WAITING),
        }
    }
}

impl Turns {
    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Notices {
    /// Tells of a run's end, where there is a webhook and the end is news. Returns at once.
    pub async fn run_ended(&self, run: &str) {
        let Ok(Some(row)) = self.db.run(run).await else { return };
        let is_news = row
            .summary
            .ended
            .is_some_and(|ended| self.ambient.now() - ended < NEWS_FOR);
        if !is_news || row.summary.origin.is_some() {
            return;
        }
        let message = match &row.summary.sweep {
            Some(of) => self.of_sweep(&of.id).await,
            None => message(&row),
        };
        let Some(message) = message else { return };
        let notices = self.clone();
        self.tasks.spawn(async move {
            let Ok(_place) = notices.turns.places.try_acquire() else {
                tracing::error!(
                    "run {}: too many ends wait for the webhook; this one is not told",
                    row.summary.id
                );
                return;
            };
            notices.deliver(&notices.turns.turn, message, &RETRY_PAUSES).await;
        });
    }

    /// The message about a sweep, once: when no run of it is left to end.
    async fn of_sweep(&self, id: &str) -> Option<Message> {
        let sweep = sweeps::ended(&self.db, id).await;
        let sweep = sweep
            .inspect_err(|error| tracing::error!("sweep {id}: {error}"))
            .ok()??;
        let best = match sweep.best() {
            Some(best) => self.db.run(&best.id).await.ok()?,
            None => None,
        };
        let over = sweep.summary.ended;
        let before = self.turns.past().sweeps.insert(id.to_owned(), over);
        (before != Some(over)).then(|| sweep_message(&sweep, best.as_ref()))
    }

    /// Posts in its turn to the webhook that is set by then, again after each pause where that may help, and keeps how it went for the
    /// board to say. Where the webhook is set anew meanwhile, what was begun is dropped.
    async fn deliver(&self, turn: &Semaphore, message: Message, pauses: &[Duration]) {
        let Ok(_turn) = turn.acquire().await else {
            return;
        };
        let set = self.turns.past().set;
        let address = match self.address().await {
            Ok(Some(address)) => address,
            Ok(None) => return,
            Err(error) => return tracing::error!("webhook.json: {error}"),
        };
        let run = message.run.as_ref().map(|run| run.id.clone());
        let mut tries = 0;
        let failed = loop {
            let (poster, body) = (Poster::new(&address), message.clone());
            let posted = tokio::task::spawn_blocking(move || poster.post(&body)).await;
            let failure = match posted {
                Ok(Ok(())) => break None,
                Ok(Err(failure)) => failure,
                Err(error) => post::Failure::permanent(error),
            };
            match pauses.get(tries).filter(|_| failure.is_transient) {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => break Some(failure.why),
            }
            if self.turns.past().set != set {
                return;
            }
            tries += 1;
        };
        if let Some(why) = &failed {
            tracing::warn!("the webhook at {} was not told: {why}", address.host());
        }
        let delivery = Delivery {
            time: self.ambient.now(),
            run,
            failed: failed.map(|why| failure_text(&address, why)),
        };
        {
            let mut past = self.turns.past();
            if past.set != set {
                return;
            }
            past.last = Some(delivery);
        }
        if let Ok(notify) = self.status().await {
            self.bus.say(ToBrowser::Notify { notify });
        }
    }

    async fn status(&self) -> ApiResult<Notify> {
        let address = self.address().await.map_err(unreadable)?;
        Ok(Notify {
            host: address.map(|address| address.host().to_owned()),
            last: self.turns.past().last.clone(),
        })
    }

    async fn address(&self) -> io::Result<Option<Address>> {
        let root = self.data_dir.root().to_owned();
        let read = off_thread(move || Address::read(&root)).await;
        read.map_err(|error| io::Error::other(error.to_string()))?
    }
}

/// The webhook's host, and how the last telling went.
#[utoipa::path(get, path = "/api/notify", tag = "system", responses((status = 200, body = Notify)))]
pub async fn settings(State(notices): State<Notices>) -> ApiResult<Json<Notify>> {
    notices.status().await.map(Json)
}

fn unreadable(error: io::Error) -> ApiError {
    ApiError::unavailable(says::webhook_unreadable(error))
}

/// Sets the webhook, or takes it away.
#[utoipa::path(put, path = "/api/notify", tag = "system", request_body = SetWebhook, responses((status = 200, body = Notify)))]
pub async fn set(State(notices): State<Notices>, Json(asked): Json<SetWebhook>) -> ApiResult<Json<Notify>> {
    let address = asked.webhook.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let address = address.map(Address::parse).transpose()?;
    let root = notices.data_dir.root().to_owned();
    off_thread(move || Address::write(&root, address.as_ref())).await??;
    {
        let mut past = notices.turns.past();
        past.last = None;
        past.set += 1;
    }
    let notify = notices.status().await?;
    notices.bus.say(ToBrowser::Notify { notify: notify.clone() });
    Ok(Json(notify))
}

/// Posts a test to the webhook, once, and says how that went.
#[utoipa::path(post, path = "/api/notify/test", tag = "system", responses((status = 200, body = Notify)))]
pub async fn test(State(notices): State<Notices>) -> ApiResult<Json<Notify>> {
    if notices.address().await.map_err(unreadable)?.is_none() {
        return Err(ApiError::conflict(says::no_webhook()));
    }
    let text = "Corral can reach this webhook.".to_owned();
    let message = Message {
        event: Happened::Test,
        content: text.clone(),
        text,
        run: None,
        sweep: None,
    };
    notices.deliver(&notices.turns.test, message, &[]).await;
    notices.status().await.map(Json)
}

/// The message about a run that has ended.
fn message(row: &RunRow) -> Option<Message> {
    let run = &row.summary;
    let (event, ended) = match run.state {
        RunState::Completed => (Happened::RunCompleted, "completed"),
        RunState::Stopped => (Happened::RunStopped, "stopped"),
        RunState::Failed => (Happened::RunFailed, "failed"),
        _ => return None,
    };
    let total = run.total_steps.map(|total| format!(" of {total}")).unwrap_or_default();
    let why = match run.message.is_empty() {
        true => String::new(),
        false => format!(": {}", run.message),
    };
    let text = format!("{} {ended} at step {}{total}{why}", run.name, run.step);
    Some(Message {
        event,
        content: text.clone(),
        text,
        run: Some(facts(row)),
        sweep: None,
    })
}

/// The message about a sweep that has ended.
fn sweep_message(sweep: &sweeps::SweepRuns, best: Option<&RunRow>) -> Message {
    let count = |state| sweep.runs.iter().filter(|run| run.state == state).count() as u64;
    let summary = &sweep.summary;
    let ended = EndedSweep {
        id: summary.id.clone(),
        name: summary.name.clone(),
        runs: summary.runs,
        completed: count(RunState::Completed),
        failed: count(RunState::Failed),
    };
    let how = match summary.state {
        SweepState::Stopped => "stopped",
        _ => "done",
    };
    let failed = match ended.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let best_is = sweep.best().map_or_else(String::new, |run| {
        let value = run
            .values
            .last()
            .map(|value| format!(": {} {value:.4}", summary.target.metric));
        let (name, point) = (&run.name, point_text(&run.point));
        format!("; best is {name} with {point}{}", value.unwrap_or_default())
    });
    let text = format!(
        "{} {how}: {} of {} runs completed{failed}{best_is}",
        ended.name, ended.completed, ended.runs
    );
    Message {
        event: Happened::SweepEnded,
        content: text.clone(),
        text,
        run: best.map(facts),
        sweep: Some(ended),
    }
}

fn facts(row: &RunRow) -> Ended {
    let run = &row.summary;
    let held_out = run.latest.iter().filter(|(name, _)| is_held_out(name));
    Ended {
        id: run.id.clone(),
        name: run.name.clone(),
        state: run.state,
        step: run.step,
        total_steps: run.total_steps,
        seconds: run.seconds,
        message: run.message.clone(),
        held_out: held_out.map(|(name, value)| (name.clone(), *value)).collect(),
    }
}

fn failure_text(address: &Address, why: String) -> Said {
    says::webhook_failed(address.host(), why)
}
