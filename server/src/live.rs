//! The WebSocket at `/api/live`. Events and rows always come out of the database; the bus only says that there is something new:
//! what a row was when it was announced may be older than what was told already.
//!
//! So a client gets each event once and in order however slowly it reads, costs a page of memory at most, and
//! nothing it does (or fails to do) reaches a worker or another client.

use crate::accept::Seat;
use crate::db::{Db, RunRow};
use crate::{ApiError, AppState};
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use protocol::live::{ToBrowser, ToServer};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};

/// Messages a client may lag behind before it is told all rows anew.
const LAG: usize = 512;
/// Events sent between two looks at what the client says.
const PAGE: u32 = 500;
/// Rows read one by one; more are picked out of all.
const SINGLY: usize = 8;
/// Runs one page can follow.
const FOLLOWED: usize = 64;
/// Sockets at once.
const SOCKETS: usize = 256;
/// After it the database is asked again where it gave no answer.
const AGAIN: Duration = Duration::from_millis(200);
/// Largest message of a client.
const MESSAGE: usize = 64 << 10;

/// What happens, for whoever listens.
#[derive(Clone)]
pub struct Bus {
    notices: broadcast::Sender<Notice>,
    sockets: Arc<AtomicUsize>,
}

#[derive(Debug, Clone)]
enum Notice {
    /// The run has new events in the database.
    Events(Arc<str>),
    /// The run's row changed.
    Row(Arc<str>),
    Say(Arc<ToBrowser>),
}

impl Default for Bus {
    fn default() -> Self {
        Self {
            notices: broadcast::Sender::new(LAG),
            sockets: Arc::default(),
        }
    }
}

impl Bus {
    /// A message to every page.
    pub fn say(&self, message: ToBrowser) {
        // no listeners is fine
        let _ = self.notices.send(Notice::Say(Arc::new(message)));
    }
    /// Whether a page is open.
    pub fn is_watched(&self) -> bool {
        self.sockets.load(Ordering::SeqCst) > 0
    }
    /// The run has new events in the database.
    pub fn events(&self, run: &str) {
        let _ = self.notices.send(Notice::Events(run.into()));
    }
    /// The run's row changed.
    pub fn row(&self, run: &str) {
        let _ = self.notices.send(Notice::Row(run.into()));
    }
}

/// Replay after a `seq`, then live: `ToServer` in, `ToBrowser` out, as JSON texts.
#[utoipa::path(get, path = "/api/live", tag = "live", responses((status = 101, description = "WebSocket")))]
pub async fn connect(
    State(app): State<AppState>,
    seat: Option<Extension<Seat>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let open = app.bus.sockets.clone();
    if open.fetch_add(1, Ordering::SeqCst) >= SOCKETS {
        open.fetch_sub(1, Ordering::SeqCst);
        let detail = "too many pages are open: close some".to_owned();
        return Err(ApiError::Unavailable {
            code: "too_many_sockets",
            detail,
        });
    }
    let ended = Ended(open);
    // subscribed before the first word, so that nothing falls between the page's request and the live part
    let notices = app.bus.notices.subscribe();
    let upgrade = upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE);
    if let Some(Extension(seat)) = &seat {
        seat.is_socket();
    }
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _counted = seat;
        let client = Client {
            app,
            socket,
            followed: HashMap::new(),
            changed: BTreeSet::new(),
        };
        // an error here is a page that went away
        let _ = client.serve(notices).await;
        drop(ended);
    }))
}

/// Gives the socket's place back, also when the upgrade never completes.
struct Ended(Arc<AtomicUsize>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Client {
    app: AppState,
    socket: WebSocket,
    followed: HashMap<String, Followed>,
    /// Runs whose rows changed since they were sent.
    changed: BTreeSet<Arc<str>>,
}

struct Followed {
    key: i64,
    /// The last event sent.
    sent: u64,
    /// There may be more in the database.
    more: bool,
    caught_up: bool,
}

impl Client {
    async fn serve(mut self, mut notices: broadcast::Receiver<Notice>) -> Result<(), axum::Error> {
        self.greet().await?;
        let mut ping = tokio::time::interval(Duration::from_secs(20));
        loop {
            let feeding = self.followed.values().any(|f| f.more);
            tokio::select! {
                biased;
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(&text).await?,
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error),
                },
                notice = notices.recv() => match notice {
                    Ok(Notice::Events(run)) => {
                        if let Some(followed) = self.followed.get_mut(&*run) {
                            followed.more = true;
                        }
                    }
                    Ok(Notice::Row(run)) => drop(self.changed.insert(run)),
                    Ok(Notice::Say(message)) => self.send(&message).await?,
                    // too slow for the bus: what was missed is asked for as after a new connection
                    Err(RecvError::Lagged(_)) => self.greet().await?,
                    Err(RecvError::Closed) => return Ok(()),
                },
                // all that the bus holds was heard: however often a row changed, it is sent once
                () = std::future::ready(()), if !self.changed.is_empty() => self.tell_rows().await?,
                _ = ping.tick() => self.socket.send(Message::Ping(Default::default())).await?,
                () = std::future::ready(()), if feeding => self.feed().await?,
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), axum::Error> {
        match serde_json::from_str(text) {
            Ok(ToServer::Follow { run, after }) => {
                if !has_room(&self.followed, &run) {
                    tracing::warn!("a page asked to follow more than {FOLLOWED} runs");
                    return Ok(());
                }
                match self.app.db.run(&run).await {
                    Ok(Some(row)) => {
                        let followed = Followed {
                            key: row.key,
                            sent: after,
                            more: true,
                            caught_up: false,
                        };
                        self.followed.insert(run, followed);
                    }
                    Ok(None) => self.send(&ToBrowser::Removed { run }).await?,
                    Err(error) => tracing::error!("run {run}: {error}"),
                }
            }
            Ok(ToServer::Unfollow { run }) => {
                self.followed.remove(&run);
            }
            Err(error) => tracing::debug!("not understood: {error}"),
        }
        Ok(())
    }

    /// Sends one page of each followed run that has more.
    async fn feed(&mut self) -> Result<(), axum::Error> {
        let runs: Vec<String> = self
            .followed
            .iter()
            .filter(|(_, f)| f.more)
            .map(|(run, _)| run.clone())
            .collect();
        for run in runs {
            let Some(followed) = self.followed.get_mut(&run) else {
                continue;
            };
            let page = match self.app.db.events_after(followed.key, followed.sent, PAGE).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!("run {run}: {error}");
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
            };
            followed.more = page.len() == PAGE as usize;
            if let Some((seq, _)) = page.last() {
                followed.sent = *seq;
            }
            let caught_up = !followed.more && !followed.caught_up;
            followed.caught_up |= caught_up;
            let seq = followed.sent;
            let name = serde_json::Value::from(run.as_str());
            for (_, body) in page {
                // the line as the worker wrote it, around which the envelope is put
                let text = format!(r#"{{"type":"event","run":{name},"event":{body}}}"#);
                self.socket.send(Message::Text(text.into())).await?;
            }
            if caught_up {
                self.send(&ToBrowser::CaughtUp { run, seq }).await?;
            }
        }
        Ok(())
    }

    async fn greet(&mut self) -> Result<(), axum::Error> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let started = self.app.started;
        self.send(&ToBrowser::Hello { version, started }).await
    }

    /// Sends the rows that changed, as they are now; those that can't be read stay to be sent.
    async fn tell_rows(&mut self) -> Result<(), axum::Error> {
        let rows = match take_rows(&self.app.db, &mut self.changed).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!("the runs can't be read: {error}");
                tokio::time::sleep(AGAIN).await;
                return Ok(());
            }
        };
        for row in rows {
            let run = Box::new(row.summary);
            self.send(&ToBrowser::Run { run }).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: &ToBrowser) -> Result<(), axum::Error> {
        let text = serde_json::to_string(message).map_err(axum::Error::new)?;
        self.socket.send(Message::Text(text.into())).await
    }
}

/// Whether a page can follow `run`; one that it follows already is followed anew.
fn has_room(followed: &HashMap<String, Followed>, run: &str) -> bool {
    followed.contains_key(run) || followed.len() < FOLLOWED
}

/// The rows of the runs that changed, which are forgotten once they are read.
async fn take_rows(db: &Db, changed: &mut BTreeSet<Arc<str>>) -> Result<Vec<RunRow>, sqlx::Error> {
    let rows = rows(db, changed).await?;
    changed.clear();
    Ok(rows)
}

/// The rows of some runs, as they are now.
async fn rows(db: &Db, runs: &BTreeSet<Arc<str>>) -> Result<Vec<RunRow>, sqlx::Error> {
    if runs.len() > SINGLY {
        let all = db.runs().await?;
        let changed = |row: &RunRow| runs.contains(row.summary.id.as_str());
        return Ok(all.into_iter().filter(changed).collect());
    }
    let mut rows = vec![];
    for run in runs {
        rows.extend(db.run(run).await?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_at_its_limit_follows_its_own_runs_anew() {
        let followed = || Followed {
            key: 1,
            sent: 0,
            more: false,
            caught_up: true,
        };
        let mut all: HashMap<_, _> = (1..FOLLOWED).map(|n| (n.to_string(), followed())).collect();
        assert!(has_room(&all, "new"));
        all.insert("last".into(), followed());
        assert!(has_room(&all, "1") && has_room(&all, "last"));
        assert!(!has_room(&all, "new"));
    }

    #[tokio::test]
    async fn changes_that_can_not_be_read_are_kept() {
        let dir = std::env::temp_dir().join(format!("corral-live-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let db = Db::open(&dir.join("corral.db")).await.unwrap();
        let ids = |many: usize| (0..many).map(|n| n.to_string().into()).collect::<BTreeSet<Arc<str>>>();
        for many in [1, SINGLY + 1] {
            let mut changed = ids(many);
            assert!(take_rows(&db, &mut changed).await.unwrap().is_empty());
            assert!(changed.is_empty());
        }
        db.close().await;
        for many in [1, SINGLY + 1] {
            let mut changed = ids(many);
            assert!(take_rows(&db, &mut changed).await.is_err());
            assert_eq!(changed, ids(many));
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
