//! Metrics of the optimizer and of speed.

use super::USUAL;
use crate::metric::{Better, ChartId, Drawn, Group, Measured, Metric, Tone, Unit};
use crate::wording::metric as words;

pub(super) const TRAINING: &[Metric] = &[
    Metric {
        name: "grad_norm",
        title: words::GRAD_NORM,
        label: words::GRAD_NORM_LABEL,
        meaning: words::GRAD_NORM_MEANING,
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
        title: words::LEARNING_RATE,
        label: words::LEARNING_RATE_LABEL,
        meaning: words::LEARNING_RATE_MEANING,
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
        title: words::LOSS_SCALE,
        meaning: words::LOSS_SCALE_MEANING,
        group: Group::Optimization,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "skipped_updates",
        title: words::SKIPPED_UPDATES,
        meaning: words::SKIPPED_UPDATES_MEANING,
        unit: Unit::Count,
        group: Group::Optimization,
        better: Some(Better::Lower),
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "tokens_per_second",
        title: words::TOKENS_PER_SECOND,
        meaning: words::TOKENS_PER_SECOND_MEANING,
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
        title: words::NUM_INPUT_TOKENS_SEEN,
        meaning: words::NUM_INPUT_TOKENS_SEEN_MEANING,
        unit: Unit::Tokens,
        group: Group::Machine,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "num_tokens",
        title: words::NUM_TOKENS,
        meaning: words::NUM_TOKENS_MEANING,
        unit: Unit::Tokens,
        group: Group::Machine,
        measured: Measured::Training,
        drawn: Drawn::Nowhere,
        ..USUAL
    },
    Metric {
        name: "memory",
        title: words::MEMORY,
        meaning: words::MEMORY_MEANING,
        unit: Unit::Bytes,
        group: Group::Machine,
        better: Some(Better::Lower),
        measured: Measured::Training,
        drawn: Drawn::Nowhere,
        ..USUAL
    },
];
