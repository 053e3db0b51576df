//! One WebSocket for the whole page: the runs' rows kept fresh, and the events of the runs a page follows.
//!
//! It reconnects by itself with growing pauses, and at once when the person or the network comes back; after each connection the list of runs is fetched anew and every
//! followed run is replayed after the last event its follower saw, so that nothing is missed and nothing doubled.

mod errands;
mod nearness;
mod rows;

use crate::api::Answer;
use crate::fetched::Refetch;
use crate::{api, browser};
use futures::channel::mpsc;
use futures::{FutureExt, SinkExt, StreamExt};
use gloo_net::websocket::{Message, futures::WebSocket};
use leptos::prelude::*;
use leptos::task::spawn_local;
use nearness::Nearness;
use protocol::Event;
use protocol::api::{Download, Merge, RunSummary};
use protocol::cuda::CardUse;
use protocol::evaluation::Evaluation;
use protocol::live::{ToBrowser, ToServer};
use protocol::notify::Notify;
use protocol::usage::Usage;
use std::collections::{BTreeMap, HashMap};

/// How fresh the page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    Live,
    CatchingUp,
    Offline,
}

/// What a follower is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Feed {
    Event(Event),
    /// Everything stored so far has been told.
    CaughtUp,
}

struct Follower {
    run: String,
    /// Last event told.
    seen: u64,
    caught_up: bool,
    tell: Box<dyn FnMut(Feed)>,
}

#[derive(Default)]
struct Inner {
    /// To the socket; absent while there is none.
    send: Option<mpsc::UnboundedSender<ToServer>>,
    followers: BTreeMap<u64, Follower>,
    next: u64,
    /// How often the socket told each run's row.
    told: HashMap<String, u64>,
    /// The server's version and start, to notice a new one.
    version: Option<String>,
}

/// The page's live state; in every component's context.
#[derive(Clone, Copy)]
pub struct Live {
    pub connection: RwSignal<Connection>,
    /// Each run by its id. The map changes when runs come and go; a row's own signal when the row does.
    pub runs: RwSignal<BTreeMap<String, ArcRwSignal<RunSummary>>>,
    /// False until the list was fetched once.
    pub loaded: RwSignal<bool>,
    /// Merges heard of since the page opened, by run; `Merge::None` where one was going on and is no more.
    pub merges: RwSignal<HashMap<String, Merge>>,
    /// Hub downloads heard of since the page opened, by id.
    pub downloads: RwSignal<HashMap<String, Download>>,
    /// Evaluations, by id.
    pub evaluations: RwSignal<HashMap<String, Evaluation>>,
    /// How asking for them went: nothing until the first answer, an error until there is a list.
    pub evaluations_asked: RwSignal<Option<Answer<()>>>,
    /// What the machine's cards are doing; empty where there are none.
    pub cards: RwSignal<Vec<CardUse>>,
    /// The newest look at the machine of each run that goes, by its id: one message may tell of several.
    pub usage: RwSignal<HashMap<String, Usage>>,
    /// The webhook, and how its last telling went.
    pub notify: RwSignal<Notify>,
    /// Counts the changes of what there is to train with and on: data sets, checkpoints, whole models.
    library: RwSignal<u64>,
    /// The server is another version than the one this page came from.
    pub outdated: RwSignal<bool>,
    inner: StoredValue<Inner, LocalStorage>,
}

/// The live state from the context.
pub fn use_live() -> Live {
    expect_context::<Live>()
}

impl Live {
    /// Opens the socket, for as long as the page lives.
    pub fn start() -> Self {
        let live = Self {
            connection: RwSignal::new(Connection::CatchingUp),
            runs: RwSignal::default(),
            loaded: RwSignal::new(false),
            merges: RwSignal::default(),
            downloads: RwSignal::default(),
            evaluations: RwSignal::default(),
            evaluations_asked: RwSignal::new(None),
            cards: RwSignal::default(),
            usage: RwSignal::default(),
            notify: RwSignal::default(),
            library: RwSignal::new(0),
            outdated: RwSignal::new(false),
            inner: StoredValue::new_local(Inner::default()),
        };
        spawn_local(live.keep_connected(Nearness::watch()));
        live
    }

    /// Calls `fetch` each time the server is back after it could not be reached, for as long as the owner lives.
    pub fn when_back(&self, fetch: impl Fn() + 'static) {
        let connection = self.connection;
        Effect::new(move |missed: Option<bool>| {
            let offline = connection.get() == Connection::Offline;
            if !offline && missed == Some(true) {
                untrack(&fetch);
            }
            offline
        });
    }

    /// Asks anew when the library may have changed, by whomever, and when the server is back; for as long as the owner
    /// lives.
    pub fn when_library_changes(&self, list: Refetch) {
        // what was asked before the network went may never be answered
        self.when_back(move || list.now());
        let library = self.library;
        Effect::new(move |before: Option<u64>| {
            let now = library.get();
            if before.is_some_and(|before| before != now) {
                list.changed();
            }
            now
        });
    }

    fn library_changed(self) {
        self.library.update(|changes| *changes += 1);
    }

    /// Tells `tell` every event of `run` after `after`, in order, each once, until the current owner is disposed.
    pub fn follow(&self, run: &str, after: u64, tell: impl FnMut(Feed) + 'static) {
        let follower = Follower {
            run: run.into(),
            seen: after,
            caught_up: false,
            tell: Box::new(tell),
        };
        let mut id = 0;
        self.inner.update_value(|inner| {
            id = inner.next;
            inner.next += 1;
            inner.ask(run, after);
            inner.followers.insert(id, follower);
        });
        let (inner, run) = (self.inner, run.to_owned());
        on_cleanup(move || {
            inner.try_update_value(|inner| {
                inner.followers.remove(&id);
                if inner.followers.values().all(|other| other.run != run)
                    && let Some(send) = &inner.send
                {
                    let _ = send.unbounded_send(ToServer::Unfollow { run: run.clone() });
                }
            });
        });
    }

    async fn keep_connected(self, mut told: mpsc::UnboundedReceiver<Nearness>) {
        let mut pause = 250;
        loop {
            if self.converse(&mut told).await {
                pause = 250;
            }
            self.inner.update_value(|inner| inner.send = None);
            self.connection.set(Connection::Offline);
            while told.try_recv().is_ok() {}
            let mut rest = gloo_timers::future::TimeoutFuture::new(pause).fuse();
            pause = (pause * 2).min(5000);
            loop {
                futures::select! {
                    () = rest => break,
                    word = told.next() => if word == Some(Nearness::Back) {
                        pause = 250;
                        break;
                    },
                }
            }
        }
    }

    /// One connection, to its end; true when it got as far as the server's greeting.
    async fn converse(self, told: &mut mpsc::UnboundedReceiver<Nearness>) -> bool {
        let location = window().location();
        let scheme = if location.protocol().is_ok_and(|p| p == "https:") {
            "wss"
        } else {
            "ws"
        };
        let host = location.host().unwrap_or_default();
        let Ok(socket) = WebSocket::open(&format!("{scheme}://{host}/api/live")) else {
            return false;
        };
        let (mut write, read) = socket.split();
        let mut read = read.fuse();
        let (send, mut asked) = mpsc::unbounded();
        let mut greeted = false;
        loop {
            futures::select! {
                message = read.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let Ok(messages) = serde_json::from_str::<Vec<ToBrowser>>(&text) else { continue };
                        for message in messages {
                            if let ToBrowser::Hello { version, .. } = &message {
                                greeted = true;
                                self.greet(version, send.clone()).await;
                            } else {
                                self.hear(message);
                            }
                        }
                    }
                    Some(Ok(Message::Bytes(_))) => {}
                    Some(Err(_)) | None => return greeted,
                },
                // a socket over a network that is gone stays open and silent for minutes
                word = told.next() => if word == Some(Nearness::Gone) {
                    return greeted;
                },
                ask = asked.next().fuse() => {
                    let Some(ask) = ask else { return greeted };
                    let text = serde_json::to_string(&ask).unwrap_or_default();
                    if write.send(Message::Text(text)).await.is_err() {
                        return greeted;
                    }
                }
            }
        }
    }

    async fn greet(self, version: &str, send: mpsc::UnboundedSender<ToServer>) {
        self.connection.set(Connection::CatchingUp);
        self.inner.update_value(|inner| {
            if inner.version.as_deref().is_some_and(|known| known != version) {
                self.outdated.set(true);
            }
            inner.version = Some(version.into());
            inner.send = Some(send);
            let asks: Vec<_> = inner.followers.values().map(|f| (f.run.clone(), f.seen)).collect();
            for follower in inner.followers.values_mut() {
                follower.caught_up = false;
            }
            for (run, seen) in asks {
                inner.ask(&run, seen);
            }
        });
        // rows that came or went while there was no socket
        if let Ok(runs) = api::runs().await {
            let gone: Vec<_> = self.runs.with_untracked(|known| {
                known
                    .keys()
                    .filter(|id| runs.iter().all(|run| run.id != **id))
                    .cloned()
                    .collect()
            });
            for id in gone {
                self.drop_run(&id);
            }
            for run in runs {
                self.put(run);
            }
            self.loaded.set(true);
        }
        self.ask_of_errands().await;
        self.settle();
    }

    fn hear(self, message: ToBrowser) {
        match message {
            ToBrowser::Hello { .. } => {}
            ToBrowser::Run { run } => {
                self.inner
                    .update_value(|inner| *inner.told.entry(run.id.clone()).or_default() += 1);
                self.put(*run);
            }
            ToBrowser::Removed { run } => self.drop_run(&run),
            ToBrowser::Merge { run, merge } => self.hear_of_merge(run, merge),
            ToBrowser::Download { download } => self.hear_of_download(download),
            ToBrowser::Evaluation { evaluation } => self.hear_of_evaluation(*evaluation),
            ToBrowser::EvaluationRemoved { id } => self.drop_evaluation(&id),
            ToBrowser::DataSets => self.library_changed(),
            ToBrowser::Cards { cards } => self.cards.set(cards),
            ToBrowser::Usage { run, usage } => self.usage.update(|looks| drop(looks.insert(run, usage))),
            ToBrowser::Notify { notify } => self.notify.set(notify),
            ToBrowser::Event { run, event } => self.tell(&run, |follower| {
                if event.seq <= follower.seen {
                    return Ok(None);
                }
                if event.seq > follower.seen + 1 {
                    return Err(follower.seen);
                }
                follower.seen = event.seq;
                Ok(Some(Feed::Event(event.clone())))
            }),
            ToBrowser::CaughtUp { run, seq } => {
                self.tell(&run, |follower| {
                    if seq > follower.seen {
                        return Err(follower.seen);
                    }
                    follower.caught_up = true;
                    Ok(Some(Feed::CaughtUp))
                });
                self.settle();
            }
        }
    }

    /// Passes something on to the followers of `run`; an error asks for a replay after that event.
    fn tell(self, run: &str, what: impl Fn(&mut Follower) -> Result<Option<Feed>, u64>) {
        // a follower may follow or write signals, so it must not be called while `inner` is borrowed
        let mut due = vec![];
        self.inner.update_value(|inner| {
            let mut gap: Option<u64> = None;
            let ids: Vec<u64> = inner.followers.keys().copied().collect();
            for id in ids {
                let Some(follower) = inner.followers.get_mut(&id) else {
                    continue;
                };
                if follower.run != run {
                    continue;
                }
                match what(follower) {
                    Ok(Some(feed)) => {
                        let silent: Box<dyn FnMut(Feed)> = Box::new(|_| {});
                        due.push((id, std::mem::replace(&mut follower.tell, silent), feed));
                    }
                    Ok(None) => {}
                    Err(seen) => gap = Some(gap.map_or(seen, |other| other.min(seen))),
                }
            }
            if let Some(after) = gap {
                inner.ask(run, after);
            }
        });
        for (id, mut tell, feed) in due {
            tell(feed);
            self.inner.update_value(|inner| {
                if let Some(follower) = inner.followers.get_mut(&id) {
                    follower.tell = tell;
                }
            });
        }
    }

    /// Live once the list is there and no follower waits for its replay.
    fn settle(self) {
        let ready = self
            .inner
            .with_value(|inner| inner.send.is_some() && inner.followers.values().all(|follower| follower.caught_up));
        if ready && self.connection.get_untracked() == Connection::CatchingUp {
            self.connection.set(Connection::Live);
        }
    }
}

impl Inner {
    fn ask(&self, run: &str, after: u64) {
        if let Some(send) = &self.send {
            let _ = send.unbounded_send(ToServer::Follow { run: run.into(), after });
        }
    }
}

/// A signal that holds the time (ms), renewed every second, for "ago" and stalled runs.
pub fn clock() -> ReadSignal<i64> {
    let (time, set_time) = signal(browser::now());
    let ticking = set_interval_with_handle(move || set_time.set(browser::now()), std::time::Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(handle) = ticking {
            handle.clear();
        }
    });
    time
}
