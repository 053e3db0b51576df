//! The WebSocket at `/api/live`: one per page, replay after a `seq`, then live.

use crate::api::{Download, Merge, RunSummary};
use crate::cuda::CardUse;
use crate::evaluation::Evaluation;
use crate::event::Event;
use crate::notify::Notify;
use crate::usage::Usage;
use serde::{Deserialize, Serialize};

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
}

/// To the browser, several in one message: a list. `Run`, `Removed`, `Merge`, `Download`, `Evaluation`, `EvaluationRemoved`, `DataSets`, `Usage`, `Notify` and `Cards` come unasked; events only for followed runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToBrowser {
    /// First of all: the server's start, so that a page notices a restart or a new version. Again where the page read too slowly to
    /// be told everything: what it shows and follows is to be asked for anew.
    Hello {
        version: String,
        started: i64,
    },
    Event {
        run: String,
        event: Event,
    },
    /// All events stored so far were sent.
    CaughtUp {
        run: String,
        seq: u64,
    },
    /// A run was made or its row changed.
    Run {
        run: Box<RunSummary>,
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
    /// An evaluation was asked for, goes on or ended.
    Evaluation {
        evaluation: Box<Evaluation>,
    },
    /// One was taken away.
    EvaluationRemoved {
        id: String,
    },
    /// A data set was added or taken out.
    DataSets,
    /// A look at the machine of a run that goes; unasked, every few seconds.
    Usage {
        run: String,
        usage: Usage,
    },
    /// How the webhook's last telling went.
    Notify {
        notify: Notify,
    },
    /// What the machine's cards are doing; again and again, where there are any.
    Cards {
        cards: Vec<CardUse>,
    },
}
