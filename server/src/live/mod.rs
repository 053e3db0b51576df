//! The WebSocket at `/api/live`. Events and rows always come out of the database; the bus only says that there is something new:
//! a row as it was when it was announced may be older than what a client was sent already.
//!
//! So a client gets each event once and in order however slowly it reads, costs a page of memory for each run it follows at most, and
//! nothing it does (or fails to do) reaches a worker or another client. All that is new goes out in one message, ten times a
//! second at most, to all pages at the same moments, so that it is read and written out once for all of them.

#![expect(clippy::disallowed_methods, reason = "rounds of pages go by the timers of tokio")]

mod events;
mod list;
mod rows;
mod slot;

use crate::ApiError;
use crate::accept::ConnectionHandle;
use crate::db::Db;
use crate::state::ServerStart;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use events::{EventCache, EventsAfter, Unsent};
use list::List;
use protocol::live::{ToBrowser, ToServer};
use protocol::says;
use rows::{Reading, RowCache};
use slot::SocketSlot;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

/// How many notices a client may lag behind before it is greeted anew and loads everything again.
const LAG: usize = 512;
/// Time between two messages to a client.
const SEND_INTERVAL: Duration = Duration::from_millis(100);
/// Runs that one page can follow.
const MAX_FOLLOWED: usize = 64;
/// Runs of which a socket knows how far it was told their rows; with more it is told them whole again.
const MAX_TOLD: usize = 1024;
/// Messages that may wait to be sent to a page while it asks for more: then it is sent what waits before it is listened to again.
const MAX_UNSENT: usize = 4096;
/// Sockets open at once.
const MAX_SOCKETS: usize = 256;
/// How long to wait after the database could not be read.
const RETRY_AFTER: Duration = Duration::from_millis(200);
/// Bytes of the largest message of a client.
const MAX_MESSAGE: usize = 64 << 10;

/// The number of a change. What was read has the number of the last change before it was: it knows of all up to that one.
type Change = u64;

/// The event bus: what happens, for whoever listens. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    notices: broadcast::Sender<Notice>,
    sockets: Arc<AtomicUsize>,
    /// Changes announced so far, of rows and of events.
    changes: Arc<AtomicU64>,
    events: Arc<EventCache>,
    rows: Arc<RowCache>,
    began: Instant,
}

#[derive(Debug, Clone)]
enum Notice {
    /// The run has new events in the database; with the number of that change.
    Events(Arc<str>, Change),
    /// The run's row changed; with the number of that change.
    Row(Arc<str>, Change),
    Say(Arc<ToBrowser>),
}

impl Default for Bus {
    fn default() -> Self {
        Self {
            notices: broadcast::Sender::new(LAG),
            sockets: Arc::default(),
            changes: Arc::default(),
            events: Arc::default(),
            rows: Arc::default(),
            began: Instant::now(),
        }
    }
}

impl Bus {
    /// A message to every page.
    pub fn say(&self, message: ToBrowser) {
        // a row that was read before is not told any more
        if let ToBrowser::Removed { .. } = message {
            self.change();
        }
        // no listeners is fine
        let _ = self.notices.send(Notice::Say(Arc::new(message)));
    }
    /// Whether a page is open.
    pub fn is_watched(&self) -> bool {
        self.sockets.load(Ordering::SeqCst) > 0
    }
    /// The run has new events in the database.
    pub fn events(&self, run: &str) {
        let _ = self.notices.send(Notice::Events(run.into(), self.change()));
    }
    /// The run's row changed.
    pub fn row(&self, run: &str) {
        let _ = self.notices.send(Notice::Row(run.into(), self.change()));
    }

    /// Counts a change that is in the database.
    fn change(&self) -> Change {
        self.changes.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn changes(&self) -> Change {
        self.changes.load(Ordering::SeqCst)
    }

    /// The next moment at which all pages are sent what is new.
    fn next_round(&self) -> Instant {
        let rounds = self.began.elapsed().as_millis() / SEND_INTERVAL.as_millis() + 1;
        self.began + SEND_INTERVAL.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
    }
}

/// Replay after a `seq`, then live: `ToServer` in, lists of `ToBrowser` out, as JSON texts.
#[utoipa::path(get, path = "/api/live", tag = "live", responses((status = 101, description = "WebSocket")))]
pub async fn connect(
    State(db): State<Db>,
    State(bus): State<Bus>,
    State(started): State<ServerStart>,
    connection: Option<Extension<ConnectionHandle>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let open = bus.sockets.clone();
    if open.fetch_add(1, Ordering::SeqCst) >= MAX_SOCKETS {
        open.fetch_sub(1, Ordering::SeqCst);
        return Err(ApiError::unavailable(says::too_many_sockets()));
    }
    let slot = SocketSlot(open);
    // subscribed before the first message, so that nothing is lost between the page's request and the live part
    let notices = bus.notices.subscribe();
    let upgrade = upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    if let Some(Extension(connection)) = &connection {
        connection.mark_websocket();
    }
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _counted = connection;
        let client = Client {
            db,
            bus,
            started,
            socket,
            followed: HashMap::new(),
            changed: BTreeMap::new(),
            told: HashMap::new(),
            said: vec![],
        };
        // an error here is a page that went away
        let _ = client.serve(notices).await;
        drop(slot);
    }))
}

struct Client {
    db: Db,
    bus: Bus,
    started: ServerStart,
    socket: WebSocket,
    followed: HashMap<String, Followed>,
    /// Runs whose rows changed since they were sent, and the last change of each.
    changed: BTreeMap<Arc<str>, Change>,
    /// The reading that the page was told of each run's row since the last hello: that one whole, or what makes it of one told before.
    told: HashMap<Arc<str>, Reading>,
    /// Other messages that are to be sent.
    said: Vec<Arc<ToBrowser>>,
}

#[derive(Default)]
struct Followed {
    key: i64,
    /// The last event sent.
    sent: u64,
    /// There may be more in the database.
    more: bool,
    /// The last change that announced more.
    change: Change,
    /// A page or more behind: it is read on without a pause.
    behind: bool,
    caught_up: bool,
}

impl Client {
    async fn serve(mut self, mut notices: broadcast::Receiver<Notice>) -> Result<(), axum::Error> {
        self.send_hello().await?;
        let mut ping = tokio::time::interval(Duration::from_secs(20));
        let mut round = self.bus.next_round();
        loop {
            let behind = self.followed.values().any(|f| f.more && f.behind);
            let due = !self.changed.is_empty() || !self.said.is_empty() || self.followed.values().any(|f| f.more);
            tokio::select! {
                biased;
                message = self.socket.recv(), if self.changed.len() + self.said.len() < MAX_UNSENT => match message {
                    Some(Ok(Message::Text(text))) => self.handle_message(&text).await?,
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error),
                },
                notice = notices.recv() => match notice {
                    Ok(Notice::Events(run, change)) => {
                        if let Some(followed) = self.followed.get_mut(&*run) {
                            (followed.more, followed.change) = (true, change);
                        }
                    }
                    Ok(Notice::Row(run, change)) => drop(self.changed.insert(run, change)),
                    Ok(Notice::Say(message)) => {
                        // a removed run has no row any more; one that comes back is told whole
                        if let ToBrowser::Removed { run } = &*message {
                            self.changed.remove(run.as_str());
                            self.told.remove(run.as_str());
                        }
                        self.said.push(message);
                    }
                    // too slow for the bus: what was missed is asked for as after a new connection
                    Err(RecvError::Lagged(_)) => self.send_hello().await?,
                    Err(RecvError::Closed) => return Ok(()),
                },
                _ = ping.tick() => self.socket.send(Message::Ping(Default::default())).await?,
                () = tokio::time::sleep_until(round), if due => {
                    self.send_news().await?;
                    round = self.bus.next_round();
                }
                () = std::future::ready(()), if behind => self.replay().await?,
            }
        }
    }

    async fn handle_message(&mut self, text: &str) -> Result<(), axum::Error> {
        match serde_json::from_str(text) {
            Ok(ToServer::Follow { run, after }) => {
                if !has_room(&self.followed, &run) {
                    tracing::warn!("a page asked to follow more than {MAX_FOLLOWED} runs");
                    return Ok(());
                }
                match self.db.run(&run).await {
                    Ok(Some(row)) => {
                        let followed = Followed {
                            key: row.key,
                            sent: after,
                            more: true,
                            change: 0,
                            behind: true,
                            caught_up: false,
                        };
                        self.followed.insert(run, followed);
                    }
                    Ok(None) => self.said.push(Arc::new(ToBrowser::Removed { run })),
                    Err(error) => tracing::error!("run {run}: {error}"),
                }
            }
            Ok(ToServer::Unfollow { run }) => {
                self.followed.remove(&run);
            }
            Ok(ToServer::Row { run }) => {
                let run: Arc<str> = run.into();
                self.told.remove(&run);
                self.changed.insert(run, self.bus.changes());
            }
            Err(error) => tracing::debug!("not understood: {error}"),
        }
        Ok(())
    }

    /// Sends all that is new in one message: the bus's messages, changed rows, and a page of events of each followed run.
    async fn send_news(&mut self) -> Result<(), axum::Error> {
        let mut list = List::default();
        for message in std::mem::take(&mut self.said) {
            list.put(&message);
        }
        let (bus, mut failed) = (&self.bus, false);
        match bus
            .rows
            .news(&self.db, &self.changed, &self.told, || bus.changes())
            .await
        {
            Ok(rows) => {
                self.changed.clear();
                if self.told.len() > MAX_TOLD {
                    self.told.clear();
                }
                for row in rows {
                    row.text.iter().for_each(|text| list.put_text(text));
                    self.told.insert(row.run, row.reading);
                }
            }
            // they stay to be sent
            Err(error) => {
                tracing::error!("the runs can't be read: {error}");
                failed = true;
            }
        }
        for (run, followed) in self.followed.iter_mut().filter(|(_, f)| f.more && !f.behind) {
            let asked = EventsAfter {
                key: followed.key,
                after: followed.sent,
                change: followed.change,
            };
            match bus.events.after(&self.db, run, asked, || bus.changes()).await {
                Ok(unsent) => followed.put(run, unsent, &mut list),
                Err(error) => {
                    tracing::error!("run {run}: {error}");
                    failed = true;
                }
            }
        }
        list.send(&mut self.socket).await?;
        if failed {
            tokio::time::sleep(RETRY_AFTER).await;
        }
        Ok(())
    }

    /// Sends a page of each run that is a page or more behind, each in a message of its own.
    async fn replay(&mut self) -> Result<(), axum::Error> {
        let mut failed = false;
        for (run, followed) in self.followed.iter_mut().filter(|(_, f)| f.more && f.behind) {
            match events::replay(&self.db, run, followed.key, followed.sent).await {
                Ok(unsent) => {
                    let mut list = List::default();
                    followed.put(run, unsent, &mut list);
                    list.send(&mut self.socket).await?;
                }
                Err(error) => {
                    tracing::error!("run {run}: {error}");
                    failed = true;
                }
            }
        }
        if failed {
            tokio::time::sleep(RETRY_AFTER).await;
        }
        Ok(())
    }

    /// Greets the page, which loads everything it shows: of rows told before nothing is taken for known.
    async fn send_hello(&mut self) -> Result<(), axum::Error> {
        self.told.clear();
        self.changed.clear();
        let (version, started) = (env!("CARGO_PKG_VERSION").to_owned(), self.started.at);
        let command = self.started.command.to_string();
        let mut list = List::default();
        list.put(&ToBrowser::Hello {
            version,
            started,
            command,
        });
        list.send(&mut self.socket).await
    }
}

impl Followed {
    /// Puts the events that were not sent yet into the message, and `CaughtUp` once there are no more.
    fn put(&mut self, run: &str, unsent: Option<Unsent>, list: &mut List) {
        self.more = unsent.as_ref().is_some_and(Unsent::more);
        self.behind = self.more;
        if let Some(unsent) = unsent {
            self.sent = unsent.last();
            list.put_text(unsent.text());
        }
        if !self.more && !self.caught_up {
            self.caught_up = true;
            let (run, seq) = (run.to_owned(), self.sent);
            list.put(&ToBrowser::CaughtUp { run, seq });
        }
    }
}

/// Whether a page may follow `run` too; one that it follows already is followed anew.
fn has_room(followed: &HashMap<String, Followed>, run: &str) -> bool {
    followed.contains_key(run) || followed.len() < MAX_FOLLOWED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_at_its_limit_follows_its_own_runs_anew() {
        let mut all: HashMap<_, _> = (1..MAX_FOLLOWED)
            .map(|n| (n.to_string(), Followed::default()))
            .collect();
        assert!(has_room(&all, "new"));
        all.insert("last".into(), Followed::default());
        assert!(has_room(&all, "1") && has_room(&all, "last") && !has_room(&all, "new"));
    }
}
