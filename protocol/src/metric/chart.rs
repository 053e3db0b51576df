//! The charts of the run page: their titles, order and axes.

use super::{Group, Words};
use crate::wording::chart as words;

/// A chart of the run page. Each metric says in which chart it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Chart {
    pub id: ChartId,
    pub title: Words,
    pub group: Group,
    /// The fixed ends of its axis, the lower first; `None`: fitted to the data.
    pub range: Option<(f64, f64)>,
    /// A value to mark with a line across: chance, or no gain.
    pub reference: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartId {
    Reward,
    Kl,
    ReplyLength,
    RewardMargin,
    Accuracy,
    Loss,
    Rewards,
    LogProbs,
    Logits,
    PreferenceMargin,
    TokenAccuracy,
    Entropy,
    RateAndNorm,
    Speed,
    Processor,
    Memory,
    DiskWritten,
    DiskFree,
    Card,
    CardMemory,
    Power,
}

/// The colour of a line, by its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Chosen,
    Rejected,
    /// One of the eight colours for series, from 1.
    Series(u8),
}

/// A chart with its axis fitted to the values.
const fn free(id: ChartId, group: Group, title: Words) -> Chart {
    Chart {
        id,
        title,
        group,
        range: None,
        reference: None,
    }
}

/// A chart of how much of something of the machine is in use.
const fn share(id: ChartId, title: Words) -> Chart {
    Chart {
        range: Some((0.0, 1.0)),
        ..free(id, Group::Machine, title)
    }
}

/// A chart of a difference: values above the line at 0 are a gain.
const fn difference(id: ChartId, title: Words) -> Chart {
    Chart {
        reference: Some(0.0),
        ..free(id, Group::Method, title)
    }
}

/// All charts, in the order of the page.
pub const CHARTS: &[Chart] = &[
    free(ChartId::Reward, Group::Method, words::REWARD),
    free(ChartId::Kl, Group::Method, words::KL),
    free(ChartId::ReplyLength, Group::Method, words::REPLY_LENGTH),
    difference(ChartId::RewardMargin, words::REWARD_MARGIN),
    Chart {
        // a share of pairs, and half of them are right by chance
        range: Some((0.0, 1.0)),
        reference: Some(0.5),
        ..free(ChartId::Accuracy, Group::Method, words::ACCURACY)
    },
    free(ChartId::Loss, Group::Method, words::LOSS),
    free(ChartId::Rewards, Group::Method, words::REWARDS),
    free(ChartId::LogProbs, Group::Method, words::LOG_PROBS),
    free(ChartId::Logits, Group::Method, words::LOGITS),
    difference(ChartId::PreferenceMargin, words::PREFERENCE_MARGIN),
    free(ChartId::TokenAccuracy, Group::Method, words::TOKEN_ACCURACY),
    free(ChartId::Entropy, Group::Method, words::ENTROPY),
    free(ChartId::RateAndNorm, Group::Optimization, words::RATE_AND_NORM),
    free(ChartId::Speed, Group::Machine, words::SPEED),
    share(ChartId::Processor, words::PROCESSOR),
    free(ChartId::Memory, Group::Machine, words::MEMORY),
    free(ChartId::DiskWritten, Group::Machine, words::DISK_WRITTEN),
    free(ChartId::DiskFree, Group::Machine, words::DISK_FREE),
    share(ChartId::Card, words::CARD),
    free(ChartId::CardMemory, Group::Machine, words::CARD_MEMORY),
    free(ChartId::Power, Group::Machine, words::POWER),
];
