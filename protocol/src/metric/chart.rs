//! The charts of a run: what each is called, in which order they stand, how its axis is fixed.

use super::{Group, Words};

/// A chart of the run page. What is drawn in it, each metric says itself.
#[derive(Debug, Clone, Copy)]
pub struct Chart {
    pub id: ChartId,
    pub title: Words,
    pub group: Group,
    /// The ends of its axis, where they are not the data's.
    pub range: Option<(f64, f64)>,
    /// A value worth a line across: chance, or nothing gained.
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

/// The colour of a line, by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Chosen,
    Rejected,
    /// One of the eight colours that stand beside each other, from 1.
    Series(u8),
}

/// Fitted to the values.
const fn free(id: ChartId, group: Group, title: Words) -> Chart {
    Chart {
        id,
        title,
        group,
        range: None,
        reference: None,
    }
}

/// How much of something of the machine is in use.
const fn share(id: ChartId, title: Words) -> Chart {
    Chart {
        range: Some((0.0, 1.0)),
        ..free(id, Group::Machine, title)
    }
}

/// A difference: above the line across, something was gained.
const fn difference(id: ChartId, title: Words) -> Chart {
    Chart {
        reference: Some(0.0),
        ..free(id, Group::Method, title)
    }
}

/// In the order of the page.
pub const CHARTS: &[Chart] = &[
    free(ChartId::Reward, Group::Method, Words::term("Reward")),
    free(
        ChartId::Kl,
        Group::Method,
        Words::new("KL to the reference", "参照モデルとの KL", "与参考模型的 KL"),
    ),
    free(
        ChartId::ReplyLength,
        Group::Method,
        Words::new("Tokens of a reply", "応答のトークン数", "回复的 token 数"),
    ),
    difference(ChartId::RewardMargin, Words::term("Reward margin")),
    Chart {
        // a share of pairs: half of them is what chance gives
        range: Some((0.0, 1.0)),
        reference: Some(0.5),
        ..free(ChartId::Accuracy, Group::Method, Words::term("Accuracy"))
    },
    free(ChartId::Loss, Group::Method, Words::term("Loss")),
    free(ChartId::Rewards, Group::Method, Words::term("Rewards")),
    free(ChartId::LogProbs, Group::Method, Words::term("Log-probs")),
    free(ChartId::Logits, Group::Method, Words::new("Logits", "Logit", "Logits")),
    difference(
        ChartId::PreferenceMargin,
        Words::new(
            "Preference margin per token",
            "Preference margin（トークンあたり）",
            "Preference margin（每 token）",
        ),
    ),
    free(
        ChartId::TokenAccuracy,
        Group::Method,
        Words::new("Token accuracy", "トークンの正解率", "Token 准确率"),
    ),
    free(
        ChartId::Entropy,
        Group::Method,
        Words::new("Entropy per token", "エントロピー（トークンあたり）", "熵（每 token）"),
    ),
    free(
        ChartId::RateAndNorm,
        Group::Optimization,
        Words::new(
            "Learning rate and gradient norm",
            "Learning rate と gradient norm",
            "Learning rate 与 gradient norm",
        ),
    ),
    free(
        ChartId::Speed,
        Group::Machine,
        Words::new("Tokens per second", "Tokens/s", "Tokens/s"),
    ),
    share(ChartId::Processor, Words::new("Processor", "プロセッサー", "处理器")),
    free(ChartId::Memory, Group::Machine, Words::new("Memory", "メモリ", "内存")),
    free(
        ChartId::DiskWritten,
        Group::Machine,
        Words::new(
            "Written to disk per second",
            "ディスクへの書き込み（毎秒）",
            "每秒写入磁盘",
        ),
    ),
    free(
        ChartId::DiskFree,
        Group::Machine,
        Words::new("Free disk", "ディスクの空き", "磁盘可用空间"),
    ),
    share(ChartId::Card, Words::new("Card", "カード", "显卡")),
    free(
        ChartId::CardMemory,
        Group::Machine,
        Words::new("Memory of the card", "カードのメモリ", "显存"),
    ),
    free(ChartId::Power, Group::Machine, Words::new("Power", "消費電力", "功率")),
];
