//! How the optimizer and the machine do.

use super::USUAL;
use crate::metric::{Better, ChartId, Drawn, Group, Measured, Metric, Tone, Unit, Words};

pub(super) const TRAINING: &[Metric] = &[
    Metric {
        name: "grad_norm",
        title: Words::term("gradient norm"),
        label: Words::term("grad norm"),
        meaning: Words::new(
            "Length of the gradient before clipping",
            "クリップ前の勾配の長さ",
            "裁剪前的梯度长度",
        ),
        group: Group::Optimization,
        depends_on_loss: true,
        measured: Measured::Training,
        drawn: Drawn::In(ChartId::RateAndNorm),
        right_axis: true,
        tone: Tone::Series(2),
        compared: true,
        terminal: Some("grad norm"),
        ..USUAL
    },
    Metric {
        name: "learning_rate",
        title: Words::term("learning rate"),
        label: Words::term("learning rate"),
        meaning: Words::new("The step's learning rate", "そのステップの学習率", "该步的学习率"),
        unit: Unit::Rate,
        group: Group::Optimization,
        measured: Measured::Training,
        drawn: Drawn::In(ChartId::RateAndNorm),
        tone: Tone::Series(1),
        compared: true,
        terminal: Some("lr"),
        ..USUAL
    },
    Metric {
        name: "loss_scale",
        title: Words::new("loss scale", "loss のスケール", "loss 缩放"),
        meaning: Words::new(
            "Factor by which f16 gradients are kept from vanishing",
            "f16 の勾配が消えないための倍率",
            "防止 f16 梯度消失的倍数",
        ),
        group: Group::Optimization,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "skipped_updates",
        title: Words::new("skipped updates", "飛ばした更新", "跳过的更新"),
        meaning: Words::new(
            "Updates left out since their f16 gradients overflowed",
            "f16 の勾配が溢れて飛ばした更新の数",
            "因 f16 梯度溢出而跳过的更新数",
        ),
        unit: Unit::Count,
        group: Group::Optimization,
        better: Some(Better::Lower),
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "tokens_per_second",
        title: Words::new("tokens per second", "tokens/s", "tokens/s"),
        meaning: Words::new(
            "Tokens trained on in a second",
            "1 秒間に学習したトークン数",
            "每秒训练的 token 数",
        ),
        unit: Unit::TokensPerSecond,
        group: Group::Machine,
        better: Some(Better::Higher),
        measured: Measured::Training,
        drawn: Drawn::In(ChartId::Speed),
        tone: Tone::Series(8),
        terminal: Some("tokens/s"),
        ..USUAL
    },
    Metric {
        name: "num_input_tokens_seen",
        title: Words::new("tokens seen", "学習したトークン数", "已训练 token 数"),
        meaning: Words::new(
            "Tokens trained on so far",
            "これまでに学習したトークン数",
            "迄今训练的 token 数",
        ),
        unit: Unit::Tokens,
        group: Group::Machine,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "num_tokens",
        title: Words::new("tokens read", "読んだトークン数", "已读 token 数"),
        meaning: Words::new(
            "Tokens of all rows read so far, prompts included",
            "これまでに読んだ全行のトークン数（プロンプトを含む）",
            "迄今读取的全部行的 token 数（含提示）",
        ),
        unit: Unit::Tokens,
        group: Group::Machine,
        measured: Measured::Training,
        drawn: Drawn::Nowhere,
        ..USUAL
    },
    Metric {
        name: "memory",
        title: Words::new("peak memory", "最大メモリ", "内存峰值"),
        meaning: Words::new(
            "Most memory in use so far, of the worker or its card",
            "ワーカー（またはカード）の使用メモリの最大値",
            "工作进程（或显卡）迄今的内存峰值",
        ),
        unit: Unit::Bytes,
        group: Group::Machine,
        better: Some(Better::Lower),
        measured: Measured::Training,
        drawn: Drawn::Nowhere,
        ..USUAL
    },
];
