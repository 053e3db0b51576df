//! Metrics of losses, rewards and log-probs.

use super::USUAL;
use crate::metric::{Better, ChartId, Drawn, Measured, Metric, Tone, Unit, margins};
use crate::wording::metric as words;

pub(super) const SCORES: &[Metric] = &[
    Metric {
        name: "loss",
        title: words::LOSS,
        meaning: words::LOSS_MEANING,
        better: Some(Better::Lower),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::Loss),
        tone: Tone::Series(1),
        compared: true,
        terminal: Some("loss"),
        column: Some("eval_loss"),
        spark: Some(1),
        ..USUAL
    },
    Metric {
        name: "rewards/margins",
        title: words::REWARDS_MARGINS,
        meaning: words::REWARDS_MARGINS_MEANING,
        better: Some(Better::Higher),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::RewardMargin),
        tone: Tone::Series(1),
        compared: true,
        terminal: Some("margin"),
        spark: Some(0),
        ..USUAL
    },
    Metric {
        name: "rewards/accuracies",
        title: words::REWARDS_ACCURACIES,
        label: words::REWARDS_ACCURACIES_LABEL,
        meaning: words::REWARDS_ACCURACIES_MEANING,
        unit: Unit::Share,
        better: Some(Better::Higher),
        drawn: Drawn::In(ChartId::Accuracy),
        tone: Tone::Series(1),
        terminal: Some("accuracy"),
        ..USUAL
    },
    Metric {
        name: "preference/margins",
        title: words::PREFERENCE_MARGINS,
        meaning: words::PREFERENCE_MARGINS_MEANING,
        unit: Unit::Nats,
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        of_margins: Some(margins::mean),
        drawn: Drawn::In(ChartId::PreferenceMargin),
        tone: Tone::Series(3),
        compared: true,
        terminal: Some("preference margin"),
        column: Some("margin"),
        ..USUAL
    },
    Metric {
        name: "preference/accuracies",
        title: words::PREFERENCE_ACCURACIES,
        label: words::PREFERENCE_ACCURACIES_LABEL,
        meaning: words::PREFERENCE_ACCURACIES_MEANING,
        unit: Unit::Share,
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        of_margins: Some(margins::share_above),
        drawn: Drawn::In(ChartId::Accuracy),
        tone: Tone::Series(3),
        compared: true,
        terminal: Some("preference accuracy"),
        column: Some("acc"),
        ..USUAL
    },
    Metric {
        name: "accuracy",
        title: words::ACCURACY,
        label: words::ACCURACY_LABEL,
        meaning: words::ACCURACY_MEANING,
        unit: Unit::Share,
        better: Some(Better::Higher),
        drawn: Drawn::In(ChartId::Accuracy),
        tone: Tone::Series(1),
        ..USUAL
    },
    Metric {
        name: "mean_token_accuracy",
        title: words::MEAN_TOKEN_ACCURACY,
        meaning: words::MEAN_TOKEN_ACCURACY_MEANING,
        unit: Unit::Share,
        better: Some(Better::Higher),
        drawn: Drawn::In(ChartId::TokenAccuracy),
        ..USUAL
    },
    Metric {
        name: "entropy",
        title: words::ENTROPY,
        meaning: words::ENTROPY_MEANING,
        unit: Unit::Nats,
        drawn: Drawn::In(ChartId::Entropy),
        tone: Tone::Series(3),
        ..USUAL
    },
    Metric {
        name: "reward",
        title: words::REWARD,
        meaning: words::REWARD_MEANING,
        better: Some(Better::Higher),
        drawn: Drawn::In(ChartId::Reward),
        tone: Tone::Series(1),
        compared: true,
        ..USUAL
    },
    Metric {
        name: "objective/kl",
        title: words::OBJECTIVE_KL,
        meaning: words::OBJECTIVE_KL_MEANING,
        unit: Unit::Nats,
        drawn: Drawn::In(ChartId::Kl),
        ..USUAL
    },
    Metric {
        name: "tokens/responses_len_mean",
        title: words::TOKENS_RESPONSES_LEN_MEAN,
        meaning: words::TOKENS_RESPONSES_LEN_MEAN_MEANING,
        unit: Unit::Tokens,
        label: words::TOKENS_RESPONSES_LEN_MEAN_LABEL,
        drawn: Drawn::In(ChartId::ReplyLength),
        tone: Tone::Series(3),
        ..USUAL
    },
    Metric {
        name: "rewards/chosen",
        title: words::REWARDS_CHOSEN,
        label: words::REWARDS_CHOSEN_LABEL,
        meaning: words::REWARDS_CHOSEN_MEANING,
        better: Some(Better::Higher),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::Rewards),
        tone: Tone::Chosen,
        ..USUAL
    },
    Metric {
        name: "rewards/rejected",
        title: words::REWARDS_REJECTED,
        label: words::REWARDS_REJECTED_LABEL,
        meaning: words::REWARDS_REJECTED_MEANING,
        better: Some(Better::Lower),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::Rewards),
        tone: Tone::Rejected,
        ..USUAL
    },
    Metric {
        name: "logps/chosen",
        title: words::LOGPS_CHOSEN,
        label: words::LOGPS_CHOSEN_LABEL,
        meaning: words::LOGPS_CHOSEN_MEANING,
        unit: Unit::Nats,
        better: Some(Better::Higher),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::LogProbs),
        tone: Tone::Chosen,
        ..USUAL
    },
    Metric {
        name: "logps/rejected",
        title: words::LOGPS_REJECTED,
        label: words::LOGPS_REJECTED_LABEL,
        meaning: words::LOGPS_REJECTED_MEANING,
        unit: Unit::Nats,
        better: Some(Better::Lower),
        depends_on_loss: true,
        drawn: Drawn::In(ChartId::LogProbs),
        tone: Tone::Rejected,
        ..USUAL
    },
    Metric {
        name: "logits/chosen",
        title: words::LOGITS_CHOSEN,
        label: words::LOGITS_CHOSEN_LABEL,
        meaning: words::LOGITS_CHOSEN_MEANING,
        drawn: Drawn::In(ChartId::Logits),
        tone: Tone::Chosen,
        ..USUAL
    },
    Metric {
        name: "logits/rejected",
        title: words::LOGITS_REJECTED,
        label: words::LOGITS_REJECTED_LABEL,
        meaning: words::LOGITS_REJECTED_MEANING,
        drawn: Drawn::In(ChartId::Logits),
        tone: Tone::Rejected,
        ..USUAL
    },
    Metric {
        name: "count/chosen",
        title: words::COUNT_CHOSEN,
        meaning: words::COUNT_CHOSEN_MEANING,
        unit: Unit::Count,
        drawn: Drawn::Nowhere,
        tone: Tone::Chosen,
        ..USUAL
    },
    Metric {
        name: "count/rejected",
        title: words::COUNT_REJECTED,
        meaning: words::COUNT_REJECTED_MEANING,
        unit: Unit::Count,
        drawn: Drawn::Nowhere,
        tone: Tone::Rejected,
        ..USUAL
    },
    Metric {
        name: "predict_bleu-4",
        title: words::PREDICT_BLEU_4,
        meaning: words::PREDICT_BLEU_4_MEANING,
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        terminal: Some("bleu-4"),
        ..USUAL
    },
    Metric {
        name: "predict_rouge-1",
        title: words::PREDICT_ROUGE_1,
        meaning: words::PREDICT_ROUGE_1_MEANING,
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        terminal: Some("rouge-1"),
        ..USUAL
    },
    Metric {
        name: "predict_rouge-2",
        title: words::PREDICT_ROUGE_2,
        meaning: words::PREDICT_ROUGE_2_MEANING,
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        terminal: Some("rouge-2"),
        ..USUAL
    },
    Metric {
        name: "predict_rouge-l",
        title: words::PREDICT_ROUGE_L,
        meaning: words::PREDICT_ROUGE_L_MEANING,
        better: Some(Better::Higher),
        measured: Measured::HeldOut,
        terminal: Some("rouge-l"),
        ..USUAL
    },
];
