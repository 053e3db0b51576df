//! What is told of the replies that a run writes to its sample prompts.

use super::USUAL;
use crate::metric::{Better, ChartId, Drawn, Metric, Tone, Unit, Words};

pub(super) const SAMPLES: &[Metric] = &[
    Metric {
        name: "completions/mean_length",
        title: Words::new("tokens of a sample", "サンプルのトークン数", "样例的 token 数"),
        label: Words::new("samples", "サンプル", "样例"),
        meaning: Words::new(
            "Mean length of the replies to the sample prompts",
            "サンプル用プロンプトへの応答の平均の長さ",
            "对样例提示的回复的平均长度",
        ),
        unit: Unit::Tokens,
        drawn: Drawn::In(ChartId::ReplyLength),
        tone: Tone::Series(1),
        compared: true,
        ..USUAL
    },
    Metric {
        name: "completions/repetition",
        title: Words::new("repetition in samples", "サンプルの繰り返し", "样例中的重复"),
        meaning: Words::new(
            "Share of the samples' runs of four tokens that they had before",
            "サンプルのうち、すでに出た 4 トークンの並びが繰り返される割合",
            "样例中重复出现的四 token 片段所占比例",
        ),
        unit: Unit::Share,
        better: Some(Better::Lower),
        tone: Tone::Series(2),
        compared: true,
        terminal: Some("repetition"),
        ..USUAL
    },
    Metric {
        name: "completions/clipped_ratio",
        title: Words::new("samples cut off", "途中で切れたサンプル", "被截断的样例"),
        meaning: Words::new(
            "Share of the replies to the sample prompts that ran out of room",
            "サンプル用プロンプトへの応答のうち、長さの上限で切れたものの割合",
            "对样例提示的回复中因长度上限被截断的比例",
        ),
        unit: Unit::Share,
        better: Some(Better::Lower),
        drawn: Drawn::Nowhere,
        ..USUAL
    },
];
