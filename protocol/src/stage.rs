//! The stages of training, by LLaMA-Factory's names: a row each of what has to be known of one before it trains.

use crate::RunConfig;
use crate::data::{DataKind, Misfit};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A value of `stage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Stage {
    /// Next tokens of plain text.
    #[serde(rename = "pt")]
    Pretrain,
    /// Replies, given their prompts; what a config is that names no stage.
    #[default]
    #[serde(rename = "sft")]
    Supervised,
    /// Pairs of replies, by any of the losses of `pref_loss`.
    #[serde(rename = "dpo")]
    Preference,
    /// Replies labelled good or bad.
    #[serde(rename = "kto")]
    Kto,
    /// A model that scores replies.
    #[serde(rename = "rm")]
    Reward,
    /// Replies of the model's own, by the scores of a reward model.
    #[serde(rename = "ppo")]
    Ppo,
}

/// What is known of a stage.
struct Facts {
    name: &'static str,
    /// Kinds of rows that can train it.
    takes: &'static [DataKind],
    /// What rows of another kind lack.
    lacks: Misfit,
    /// Held-out metric, on one scale whatever is tuned where there is such a one.
    judged_by: &'static str,
    /// Rows are written out by a template; else they are plain text.
    template: bool,
    /// Dropout on adapters is on while it trains. TRL and LLaMA-Factory have it off where replies are compared.
    dropout: bool,
    /// The model has a value head beside the one for tokens.
    value_head: bool,
}

impl Stage {
    pub const ALL: [Self; 6] = [
        Self::Pretrain,
        Self::Supervised,
        Self::Preference,
        Self::Kto,
        Self::Reward,
        Self::Ppo,
    ];

    const fn facts(self) -> Facts {
        use DataKind::*;
        match self {
            Self::Pretrain => Facts {
                name: "pt",
                takes: &[Text, Instruction, Prompts],
                lacks: Misfit::NeedsText,
                judged_by: "eval_loss",
                template: false,
                dropout: true,
                value_head: false,
            },
            Self::Supervised => Facts {
                name: "sft",
                takes: &[Instruction],
                lacks: Misfit::NeedsReplies,
                judged_by: "eval_loss",
                template: true,
                dropout: true,
                value_head: false,
            },
            Self::Preference => Facts {
                name: "dpo",
                takes: &[Preference],
                lacks: Misfit::NeedsPairs,
                judged_by: "preference/accuracies",
                template: true,
                dropout: false,
                value_head: false,
            },
            Self::Kto => Facts {
                name: "kto",
                takes: &[Preference, Unpaired],
                lacks: Misfit::NeedsLabels,
                judged_by: "eval_loss",
                template: true,
                dropout: false,
                value_head: false,
            },
            Self::Reward => Facts {
                name: "rm",
                takes: &[Preference],
                lacks: Misfit::NeedsPairs,
                judged_by: "eval_accuracy",
                template: true,
                dropout: true,
                value_head: true,
            },
            Self::Ppo => Facts {
                name: "ppo",
                takes: &[Preference, Instruction, Unpaired, Prompts],
                lacks: Misfit::NeedsPrompts,
                judged_by: "eval_reward",
                template: true,
                dropout: false,
                value_head: true,
            },
        }
    }

    /// LLaMA-Factory's name, as configs have it.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// The stage of a config; `None`: it names one that there is not.
    pub fn of(config: &RunConfig) -> Option<Self> {
        match config.stage.as_deref().map(str::trim) {
            None | Some("") => Some(Self::default()),
            Some(name) => Self::named(name),
        }
    }

    /// Why rows of this kind can't train it; `None`: they can. The one place that knows.
    pub fn misfit(self, rows: DataKind) -> Option<Misfit> {
        let Facts { takes, lacks, .. } = self.facts();
        (!takes.contains(&rows)).then_some(lacks)
    }

    /// Whether rows of this kind can train it.
    pub fn takes(self, rows: DataKind) -> bool {
        self.misfit(rows).is_none()
    }

    /// Whether it learns from the two replies of a pair, together or taken apart.
    pub fn learns_pairs(self) -> bool {
        self.takes(DataKind::Preference) && self != Self::Ppo
    }

    /// The stage whose kind of rows a run is scored on: pairs may score supervised training too, where all held-out sets
    /// hold them.
    pub fn scored_as(self, mut held_out: impl Iterator<Item = DataKind>) -> Self {
        match self == Self::Supervised && held_out.all(|kind| kind == DataKind::Preference) {
            true => Self::Preference,
            false => self,
        }
    }

    /// Whether its rows are plain text, which no template writes.
    pub const fn reads_plain_text(self) -> bool {
        !self.facts().template
    }

    /// Whether dropout on adapters is on while it trains.
    pub const fn drops_out(self) -> bool {
        self.facts().dropout
    }

    /// Whether the model has a value head.
    pub const fn has_value_head(self) -> bool {
        self.facts().value_head
    }

    /// The held-out metric that runs of it are compared by.
    pub const fn judged_by(self) -> &'static str {
        self.facts().judged_by
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric;

    #[test]
    fn a_stage_has_one_name_everywhere() {
        for stage in Stage::ALL {
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.name());
            assert_eq!(Stage::named(stage.name()), Some(stage));
            let config = RunConfig {
                stage: Some(format!(" {stage} ")),
                ..RunConfig::default()
            };
            assert_eq!(Stage::of(&config), Some(stage));
        }
        assert_eq!(Stage::of(&RunConfig::default()), Some(Stage::Supervised));
        assert_eq!(Stage::named("dop"), None);
    }

    #[test]
    fn each_stage_says_what_it_needs() {
        use DataKind::{Instruction, Preference, Prompts, Text, Unpaired};
        for (stage, takes, lacks) in [
            (Stage::Pretrain, &[Instruction, Text, Prompts][..], Misfit::NeedsText),
            (Stage::Supervised, &[Instruction], Misfit::NeedsReplies),
            (Stage::Preference, &[Preference], Misfit::NeedsPairs),
            (Stage::Kto, &[Preference, Unpaired], Misfit::NeedsLabels),
            (Stage::Reward, &[Preference], Misfit::NeedsPairs),
            (
                Stage::Ppo,
                &[Preference, Instruction, Unpaired, Prompts],
                Misfit::NeedsPrompts,
            ),
        ] {
            for kind in [Preference, Instruction, Text, Unpaired, Prompts] {
                let wanted = (!takes.contains(&kind)).then_some(lacks);
                assert_eq!(stage.misfit(kind), wanted, "{stage} {kind:?}");
            }
        }
    }

    #[test]
    fn each_stage_says_how_it_trains() {
        let those = |is: fn(Stage) -> bool| Stage::ALL.into_iter().filter(|stage| is(*stage)).collect::<Vec<_>>();
        assert_eq!(those(Stage::reads_plain_text), [Stage::Pretrain]);
        assert_eq!(
            those(Stage::drops_out),
            [Stage::Pretrain, Stage::Supervised, Stage::Reward]
        );
        assert_eq!(those(Stage::has_value_head), [Stage::Reward, Stage::Ppo]);
        assert_eq!(
            those(Stage::learns_pairs),
            [Stage::Preference, Stage::Kto, Stage::Reward]
        );
    }

    #[test]
    fn what_a_stage_is_judged_by_is_a_metric() {
        for stage in Stage::ALL {
            assert!(metric::find(stage.judged_by()).is_some(), "{stage}");
        }
    }

    #[test]
    fn pairs_score_supervised_training_and_no_other() {
        let pairs = || [DataKind::Preference; 2].into_iter();
        assert_eq!(Stage::Supervised.scored_as(pairs()), Stage::Preference);
        let mixed = [DataKind::Preference, DataKind::Instruction];
        assert_eq!(Stage::Supervised.scored_as(mixed.into_iter()), Stage::Supervised);
        assert!(Stage::Kto.learns_pairs() && !Stage::Supervised.learns_pairs() && !Stage::Ppo.learns_pairs());
        for stage in Stage::ALL {
            assert!(
                stage == Stage::Supervised || stage.scored_as(pairs()) == stage,
                "{stage}"
            );
        }
    }
}
