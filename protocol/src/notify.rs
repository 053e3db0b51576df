//! The webhook that is called when a run or a sweep has ended: its settings, and what is posted to it.

use crate::Said;
use crate::api::RunState;
use crate::event::Metrics;
use serde::{Deserialize, Serialize};

/// `GET /api/notify`. The URL itself is never sent, since it may contain a secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notify {
    /// The host of the webhook; `None`: there is no webhook.
    pub host: Option<String>,
    /// The last delivery since the server started.
    pub last: Option<Delivery>,
}

/// The result of one delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    pub time: i64,
    /// The run it was about, or the best run of a sweep; `None` for a test.
    pub run: Option<String>,
    /// Why it failed; `None`: it was delivered.
    pub failed: Option<Said>,
}

/// `PUT /api/notify`: `null` removes the webhook.
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
    /// The run that ended, or the best run of a sweep; `None` in a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Ended>,
    /// The sweep that ended. There are no messages for its single runs.
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
    /// Seconds of training.
    pub seconds: f64,
    /// Why it failed.
    pub message: String,
    /// The newest evaluation metrics.
    pub held_out: Metrics,
}
