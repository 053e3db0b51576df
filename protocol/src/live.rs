//! Messages of the WebSocket at `/api/live`: each page has one, which replays events after a `seq` and then sends new ones.

use crate::api::{Download, Merge, RunFields};
use crate::cuda::CardUse;
use crate::evaluation::Evaluation;
use crate::event::Event;
use crate::notify::Notify;
use crate::usage::Usage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// From the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToServer {
    /// All events of a run after `after`, then each new one.
    Follow {
        run: String,
        after: u64,
    },
    Unfollow {
        run: String,
    },
    /// The whole row of a run anew.
    Row {
        run: String,
    },
}

/// To the browser, as a list of one or more in each WebSocket message. `Event` and `CaughtUp` come only for followed runs, all
/// others without asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToBrowser {
    /// The first message: the server's version and start time, so that a page notices a restart or an upgrade. Sent again where
    /// the page reads too slowly and missed messages: it must then reload what it shows and follow its runs again.
    Hello {
        version: String,
        started: i64,
        /// The command line that starts this server.
        command: String,
    },
    Event {
        run: String,
        event: Event,
    },
    /// All stored events have been sent.
    CaughtUp {
        run: String,
        seq: u64,
    },
    /// The whole row of a run: the first that is said of it after each `Hello`, and what a page asked for.
    Run {
        run: RunFields,
    },
    /// The fields of a run's row that changed since this socket was told of it last; see [`RunFields::change`].
    RunChanged {
        run: String,
        changed: Map<String, Value>,
    },
    Removed {
        run: String,
    },
    Merge {
        run: String,
        merge: Merge,
    },
    Download {
        download: Download,
    },
    /// An evaluation was requested, made progress or ended.
    Evaluation {
        evaluation: Box<Evaluation>,
    },
    /// An evaluation was removed.
    EvaluationRemoved {
        id: String,
    },
    /// A data set was added or removed.
    DataSets,
    /// Usage of a running run's machine, every few seconds.
    Usage {
        run: String,
        usage: Usage,
    },
    /// The result of the last webhook delivery.
    Notify {
        notify: Notify,
    },
    /// What the machine's cards are doing, every few seconds where there are any.
    Cards {
        cards: Vec<CardUse>,
    },
}
