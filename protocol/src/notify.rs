//! Telling people that a run or a sweep has ended: the webhook's settings, and what is posted to it.

use crate::Said;
use crate::api::RunState;
use crate::event::Metrics;
use serde::{Deserialize, Serialize};

/// `GET /api/notify`. The address itself is told to nobody: it may have a secret in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notify {
    /// The host of the webhook; nothing while there is none.
    pub host: Option<String>,
    /// How the last telling went, since the server started.
    pub last: Option<Delivery>,
}

/// How one telling went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    pub time: i64,
    /// The run it was about, of a sweep its best; nothing for a test.
    pub run: Option<String>,
    /// Why it did not get there; nothing where it did.
    pub failed: Option<Said>,
}

/// `PUT /api/notify`: `null` takes the webhook away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetWebhook {
    pub webhook: Option<String>,
}

/// What is posted to the webhook, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    pub event: Happened,
    /// A sentence, for chats: Slack and Mattermost show `text`, Discord `content`.
    pub text: String,
    pub content: String,
    /// Of a sweep its best run. Nothing in a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Ended>,
    /// The sweep that ended: its runs are not told of one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<EndedSweep>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    RunCompleted,
    RunStopped,
    RunFailed,
    SweepEnded,
    Test,
}

/// The sweep that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedSweep {
    pub id: String,
    pub name: String,
    /// Runs that it was to make, and how many of them completed and failed.
    pub runs: u64,
    pub completed: u64,
    pub failed: u64,
}

/// The run that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ended {
    pub id: String,
    pub name: String,
    pub state: RunState,
    pub step: u64,
    pub total_steps: Option<u64>,
    /// Time training.
    pub seconds: f64,
    /// Why it failed.
    pub message: String,
    /// What was measured on the held-out rows last.
    pub held_out: Metrics,
}
