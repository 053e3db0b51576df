//! Metrics of the replies that a run writes to its sample prompts.

use super::USUAL;
use crate::metric::{Better, ChartId, Drawn, Metric, Tone, Unit};
use crate::wording::metric as words;

pub(super) const SAMPLES: &[Metric] = &[
    Metric {
        name: "completions/mean_length",
        title: words::COMPLETIONS_MEAN_LENGTH,
        label: words::COMPLETIONS_MEAN_LENGTH_LABEL,
        meaning: words::COMPLETIONS_MEAN_LENGTH_MEANING,
        unit: Unit::Tokens,
        drawn: Drawn::In(ChartId::ReplyLength),
        tone: Tone::Series(1),
        compared: true,
        ..USUAL
    },
    Metric {
        name: "completions/repetition",
        title: words::COMPLETIONS_REPETITION,
        meaning: words::COMPLETIONS_REPETITION_MEANING,
        unit: Unit::Share,
        better: Some(Better::Lower),
        tone: Tone::Series(2),
        compared: true,
        terminal: Some("repetition"),
        ..USUAL
    },
    Metric {
        name: "completions/clipped_ratio",
        title: words::COMPLETIONS_CLIPPED_RATIO,
        meaning: words::COMPLETIONS_CLIPPED_RATIO_MEANING,
        unit: Unit::Share,
        better: Some(Better::Lower),
        drawn: Drawn::Nowhere,
        ..USUAL
    },
];
