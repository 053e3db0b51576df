//! Telling a webhook that a run has ended: an address that the owner typed, kept where only they can read it.
//!
//! Nobody waits for it: a run has ended before it is told of, and what stands in the way is said on the board.

mod address;
mod post;

use crate::db::RunRow;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::state::now;
use crate::{ApiError, AppState};
use address::Address;
use axum::extract::State;
use post::Poster;
use protocol::api::RunState;
use protocol::live::ToBrowser;
use protocol::metric::is_held_out;
use protocol::notify::{Delivery, Ended, Happened, Message, Notify, SetWebhook};
use protocol::{Said, says};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Semaphore;

/// An end that is older is no news: of a run that was taken up from its folder, or imported.
const NEWS: i64 = 10 * 60 * 1000;
/// Pauses before another try.
const PAUSES: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(20)];
/// Ends that wait to be told, at most.
const WAITING: usize = 100;

/// What is known of past tellings, and whose turn it is.
pub struct Notices {
    last: Mutex<Option<Delivery>>,
    /// One at a time: a slow receiver is not hurried.
    turn: Semaphore,
    /// How many may wait for their turn.
    places: Semaphore,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            last: Mutex::default(),
            turn: Semaphore::new(1),
            places: Semaphore::new(WAITING),
        }
    }
}

impl Notices {
    fn last(&self) -> Option<Delivery> {
        self.last.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

/// The webhook's host, and how the last telling went.
#[utoipa::path(get, path = "/api/notify", tag = "system", responses((status = 200, body = Notify)))]
pub async fn settings(State(app): State<AppState>) -> ApiResult<Json<Notify>> {
    told(&app).map(Json)
}

fn told(app: &AppState) -> ApiResult<Notify> {
    let address = Address::read(app.data_dir.root()).map_err(unreadable)?;
    Ok(Notify {
        host: address.map(|address| address.host().to_owned()),
        last: app.notices.last(),
    })
}

fn unreadable(error: std::io::Error) -> ApiError {
    ApiError::Unavailable {
        code: "webhook_unreadable",
        detail: format!("webhook.json in the data directory can't be used: {error}"),
    }
    .with_args([error.to_string()])
}

/// Sets the webhook, or takes it away.
#[utoipa::path(put, path = "/api/notify", tag = "system", request_body = SetWebhook, responses((status = 200, body = Notify)))]
pub async fn set(State(app): State<AppState>, Json(asked): Json<SetWebhook>) -> ApiResult<Json<Notify>> {
    let address = asked.webhook.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let address = address.map(Address::parse).transpose()?;
    Address::write(app.data_dir.root(), address.as_ref())?;
    *app.notices.last.lock().unwrap_or_else(|e| e.into_inner()) = None;
    let notify = told(&app)?;
    app.bus.say(ToBrowser::Notify { notify: notify.clone() });
    Ok(Json(notify))
}

/// Posts a test to the webhook, once, and says how that went.
#[utoipa::path(post, path = "/api/notify/test", tag = "system", responses((status = 200, body = Notify)))]
pub async fn test(State(app): State<AppState>) -> ApiResult<Json<Notify>> {
    let Some(address) = Address::read(app.data_dir.root()).map_err(unreadable)? else {
        return Err(ApiError::conflict(
            "no_webhook",
            "there is no webhook to test: set its address first",
        ));
    };
    let text = "Corral can reach this webhook.".to_owned();
    let message = Message {
        event: Happened::Test,
        content: text.clone(),
        text,
        run: None,
    };
    deliver(&app, address, message, &[]).await;
    told(&app).map(Json)
}

/// Tells of a run's end, where there is a webhook and the end is news. Returns at once.
pub async fn of_end(app: &AppState, run: &str) {
    let address = match Address::read(app.data_dir.root()) {
        Ok(Some(address)) => address,
        Ok(None) => return,
        Err(error) => return tracing::error!("webhook.json: {error}"),
    };
    let Ok(Some(row)) = app.db.run(run).await else { return };
    let news = row.summary.ended.is_some_and(|ended| now() - ended < NEWS);
    let Some(message) = message(&row).filter(|_| news && row.summary.origin.is_none()) else {
        return;
    };
    let app = app.clone();
    tokio::spawn(async move {
        let Ok(_place) = app.notices.places.try_acquire() else {
            tracing::error!(
                "run {}: too many ends wait for the webhook; this one is not told",
                row.summary.id
            );
            return;
        };
        deliver(&app, address, message, &PAUSES).await;
    });
}

/// What is said of a run that is over.
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
    let held_out = run.latest.iter().filter(|(name, _)| is_held_out(name));
    Some(Message {
        event,
        content: text.clone(),
        text,
        run: Some(Ended {
            id: run.id.clone(),
            name: run.name.clone(),
            state: run.state,
            step: run.step,
            total_steps: run.total_steps,
            seconds: run.seconds,
            message: run.message.clone(),
            held_out: held_out.map(|(name, value)| (name.clone(), *value)).collect(),
        }),
    })
}

/// Posts, again after each pause where that may help, and keeps how it went for the board to say.
async fn deliver(app: &AppState, address: Address, message: Message, pauses: &[Duration]) {
    let Ok(_turn) = app.notices.turn.acquire().await else {
        return;
    };
    let run = message.run.as_ref().map(|run| run.id.clone());
    let mut tries = 0;
    let failed = loop {
        let (poster, body) = (Poster::new(&address), message.clone());
        let posted = tokio::task::spawn_blocking(move || poster.post(&body)).await;
        let failure = match posted {
            Ok(Ok(())) => break None,
            Ok(Err(failure)) => failure,
            Err(error) => post::Failure::lasting(error),
        };
        match pauses.get(tries).filter(|_| failure.passing) {
            Some(pause) => tokio::time::sleep(*pause).await,
            None => break Some(failure.why),
        }
        tries += 1;
    };
    if let Some(why) = &failed {
        tracing::warn!("the webhook at {} was not told: {why}", address.host());
    }
    let delivery = Delivery {
        time: now(),
        run,
        failed: failed.map(|why| said(&address, why)),
    };
    *app.notices.last.lock().unwrap_or_else(|e| e.into_inner()) = Some(delivery);
    if let Ok(notify) = told(app) {
        app.bus.say(ToBrowser::Notify { notify });
    }
}

fn said(address: &Address, why: String) -> Said {
    says::webhook_failed(address.host(), why)
}
