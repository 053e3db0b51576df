//! One WebSocket for the whole page: it keeps the rows of all runs fresh, and streams the events of the runs that a page follows.
//!
//! It reconnects by itself with growing delays, and at once when the person or the network comes back. After each connection the
//! list of runs is fetched anew, and every followed run is replayed after the last event that its follower has, so that no event
//! is missed and none comes twice.

mod jobs;
mod reachability;
mod rows;
mod socket;

use crate::api::Answer;
use crate::browser;
use crate::fetched::Refetch;
use futures::channel::mpsc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Event;
use protocol::api::{Download, Merge, RunFields, RunSummary};
use protocol::cuda::CardUse;
use protocol::evaluation::Evaluation;
use protocol::live::{ToBrowser, ToServer};
use protocol::notify::Notify;
use protocol::usage::Usage;
use reachability::Reachability;
use std::collections::{BTreeMap, HashMap};

/// The state of the connection to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    Live,
    /// Connected, while what happened meanwhile is still being fetched.
    CatchingUp,
    Offline,
}

/// What a follower receives.
#[derive(Debug, Clone, PartialEq)]
pub enum Feed {
    Event(Event),
    /// Every event stored so far has been delivered.
    CaughtUp,
}

/// A subscription to the events of a run.
struct Follower {
    run: String,
    /// The last event delivered.
    seen: u64,
    is_caught_up: bool,
    deliver: Box<dyn FnMut(Feed)>,
}

#[derive(Default)]
struct Inner {
    /// The way to the socket; `None` while there is none.
    send: Option<mpsc::UnboundedSender<ToServer>>,
    followers: BTreeMap<u64, Follower>,
    /// The id of the next follower.
    next_id: u64,
    /// How many rows of each run came over the socket.
    rows_received: HashMap<String, u64>,
    /// Each run's row as this socket told it last: what it tells next are changes of that one.
    told: HashMap<String, RunFields>,
    /// The server's version and start, to notice a new one.
    version: Option<String>,
}

/// The live state of the page; in the context of every component.
#[derive(Clone, Copy)]
pub struct Live {
    pub connection: RwSignal<Connection>,
    /// The rows of all runs by id. The map notifies when runs come and go, a row's own signal when the row changes.
    pub runs: RwSignal<BTreeMap<String, ArcRwSignal<RunSummary>>>,
    /// Whether the list of runs was fetched once.
    pub loaded: RwSignal<bool>,
    /// Merges since the page opened, by run; `Merge::None` where one was going on and is no more.
    pub merges: RwSignal<HashMap<String, Merge>>,
    /// Hub downloads since the page opened, by id.
    pub downloads: RwSignal<HashMap<String, Download>>,
    /// Evaluations, by id.
    pub evaluations: RwSignal<HashMap<String, Evaluation>>,
    /// How fetching the evaluations went: `None` until the first answer, an error until there is a list.
    pub evaluations_fetched: RwSignal<Option<Answer<()>>>,
    /// The use of the machine's graphics cards; empty where there are none.
    pub cards: RwSignal<Vec<CardUse>>,
    /// The newest sample of the machine's use for each live run, by id: one message may bring several.
    pub usage: RwSignal<HashMap<String, Usage>>,
    /// The webhook, and how its last delivery went.
    pub notify: RwSignal<Notify>,
    /// Counts the changes of the library: data sets, checkpoints, whole models.
    library: RwSignal<u64>,
    /// The command line that starts the server; empty before it has said so.
    pub command: RwSignal<String>,
    /// Whether the server runs another version than the one this page came from.
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
            evaluations_fetched: RwSignal::new(None),
            cards: RwSignal::default(),
            usage: RwSignal::default(),
            notify: RwSignal::default(),
            library: RwSignal::new(0),
            command: RwSignal::default(),
            outdated: RwSignal::new(false),
            inner: StoredValue::new_local(Inner::default()),
        };
        spawn_local(live.keep_connected(Reachability::watch()));
        live
    }

    /// Calls `fetch` each time the server is back after it could not be reached, for as long as the owner lives.
    pub fn when_back(&self, fetch: impl Fn() + 'static) {
        let connection = self.connection;
        Effect::new(move |was_offline: Option<bool>| {
            let offline = connection.get() == Connection::Offline;
            if !offline && was_offline == Some(true) {
                untrack(&fetch);
            }
            offline
        });
    }

    /// Refetches `list` when the library may have changed, and when the server is back, for as long as the owner lives.
    pub fn when_library_changes(&self, list: Refetch) {
        // a request that was sent before the network went away may never be answered
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

    /// Calls `deliver` with every event of `run` after `after`, in order, each once, until the current owner is disposed.
    pub fn follow(&self, run: &str, after: u64, deliver: impl FnMut(Feed) + 'static) {
        let follower = Follower {
            run: run.into(),
            seen: after,
            is_caught_up: false,
            deliver: Box::new(deliver),
        };
        let mut id = 0;
        self.inner.update_value(|inner| {
            id = inner.next_id;
            inner.next_id += 1;
            inner.request_events(run, after);
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

    fn on_message(self, message: ToBrowser) {
        match message {
            ToBrowser::Hello { .. } => {}
            ToBrowser::Run { run } => self.on_row(run),
            ToBrowser::RunChanged { run, changed } => self.on_row_changed(&run, changed),
            ToBrowser::Removed { run } => self.drop_run(&run),
            ToBrowser::Merge { run, merge } => self.put_merge(run, merge),
            ToBrowser::Download { download } => self.put_download(download),
            ToBrowser::Evaluation { evaluation } => self.put_evaluation(*evaluation),
            ToBrowser::EvaluationRemoved { id } => self.drop_evaluation(&id),
            ToBrowser::DataSets => self.library_changed(),
            ToBrowser::Cards { cards } => self.cards.set(cards),
            ToBrowser::Usage { run, usage } => self.usage.update(|all| drop(all.insert(run, usage))),
            ToBrowser::Notify { notify } => self.notify.set(notify),
            ToBrowser::Event { run, event } => self.dispatch(&run, |follower| {
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
                self.dispatch(&run, |follower| {
                    if seq > follower.seen {
                        return Err(follower.seen);
                    }
                    follower.is_caught_up = true;
                    Ok(Some(Feed::CaughtUp))
                });
                self.mark_live_if_caught_up();
            }
        }
    }

    /// Delivers to the followers of `run` what `feed_for` gives each. Its error is the last event that a follower has where events are
    /// missing: they are requested again after that one.
    fn dispatch(self, run: &str, feed_for: impl Fn(&mut Follower) -> Result<Option<Feed>, u64>) {
        // a follower may itself follow a run or write signals, so it must not be called while `inner` is borrowed
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
                match feed_for(follower) {
                    Ok(Some(feed)) => {
                        let nothing: Box<dyn FnMut(Feed)> = Box::new(|_| {});
                        due.push((id, std::mem::replace(&mut follower.deliver, nothing), feed));
                    }
                    Ok(None) => {}
                    Err(seen) => gap = Some(gap.map_or(seen, |other| other.min(seen))),
                }
            }
            if let Some(after) = gap {
                inner.request_events(run, after);
            }
        });
        for (id, mut deliver, feed) in due {
            deliver(feed);
            self.inner.update_value(|inner| {
                if let Some(follower) = inner.followers.get_mut(&id) {
                    follower.deliver = deliver;
                }
            });
        }
    }

    /// The connection is live once the lists are fetched and no follower waits for its replay.
    fn mark_live_if_caught_up(self) {
        let caught_up = self
            .inner
            .with_value(|inner| inner.send.is_some() && inner.followers.values().all(|follower| follower.is_caught_up));
        if caught_up && self.connection.get_untracked() == Connection::CatchingUp {
            self.connection.set(Connection::Live);
        }
    }
}

impl Inner {
    fn request_events(&self, run: &str, after: u64) {
        if let Some(send) = &self.send {
            let _ = send.unbounded_send(ToServer::Follow { run: run.into(), after });
        }
    }
}

/// The current time (ms), renewed every second, for texts such as "2 min ago" and for stalled runs.
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
