//! Metrics that single methods report of their parts.

use super::USUAL;
use crate::metric::{Better, Measured, Metric, Unit};
use crate::wording::metric as words;

pub(super) const PARTS: &[Metric] = &[
    Metric {
        name: "objective/kl_coef",
        title: words::OBJECTIVE_KL_COEF,
        meaning: words::OBJECTIVE_KL_COEF_MEANING,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "objective/entropy",
        title: words::OBJECTIVE_ENTROPY,
        meaning: words::OBJECTIVE_ENTROPY_MEANING,
        unit: Unit::Nats,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "kl",
        title: words::KL,
        meaning: words::KL_MEANING,
        unit: Unit::Nats,
        ..USUAL
    },
    Metric {
        name: "delta",
        title: words::DELTA,
        meaning: words::DELTA_MEANING,
        ..USUAL
    },
    Metric {
        name: "sft_loss",
        title: words::SFT_LOSS,
        meaning: words::SFT_LOSS_MEANING,
        unit: Unit::Nats,
        better: Some(Better::Lower),
        ..USUAL
    },
    Metric {
        name: "odds_ratio_loss",
        title: words::ODDS_RATIO_LOSS,
        meaning: words::ODDS_RATIO_LOSS_MEANING,
        better: Some(Better::Lower),
        ..USUAL
    },
    Metric {
        name: "nll_loss",
        title: words::NLL_LOSS,
        meaning: words::NLL_LOSS_MEANING,
        unit: Unit::Nats,
        better: Some(Better::Lower),
        ..USUAL
    },
    Metric {
        name: "token_weights",
        title: words::TOKEN_WEIGHTS,
        meaning: words::TOKEN_WEIGHTS_MEANING,
        ..USUAL
    },
    Metric {
        name: "policy_weights",
        title: words::POLICY_WEIGHTS,
        meaning: words::POLICY_WEIGHTS_MEANING,
        ..USUAL
    },
    Metric {
        name: "aux_loss",
        title: words::AUX_LOSS,
        meaning: words::AUX_LOSS_MEANING,
        better: Some(Better::Lower),
        ..USUAL
    },
    Metric {
        name: "ppo/loss/policy",
        title: words::PPO_LOSS_POLICY,
        meaning: words::PPO_LOSS_POLICY_MEANING,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/loss/value",
        title: words::PPO_LOSS_VALUE,
        meaning: words::PPO_LOSS_VALUE_MEANING,
        better: Some(Better::Lower),
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/policy/clipfrac",
        title: words::PPO_POLICY_CLIPFRAC,
        meaning: words::PPO_POLICY_CLIPFRAC_MEANING,
        unit: Unit::Share,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/policy/approxkl",
        title: words::PPO_POLICY_APPROXKL,
        meaning: words::PPO_POLICY_APPROXKL_MEANING,
        unit: Unit::Nats,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/val/clipfrac",
        title: words::PPO_VAL_CLIPFRAC,
        meaning: words::PPO_VAL_CLIPFRAC_MEANING,
        unit: Unit::Share,
        measured: Measured::Training,
        ..USUAL
    },
    Metric {
        name: "ppo/returns/mean",
        title: words::PPO_RETURNS_MEAN,
        meaning: words::PPO_RETURNS_MEAN_MEANING,
        better: Some(Better::Higher),
        measured: Measured::Training,
        ..USUAL
    },
];
