//! The methods a person chooses from.

mod cards;
mod recommended;

pub use cards::METHODS;
pub use recommended::Scale;

use crate::config::RunConfig;
use serde::{Deserialize, Serialize};

/// A card of the form: a stage, or a preference loss of `stage: dpo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MethodId {
    Sigmoid,
    Hinge,
    Ipo,
    KtoPair,
    Orpo,
    Simpo,
    Cpo,
    Robust,
    ExoPair,
    NcaPair,
    BcoPair,
    SppoHard,
    Aot,
    AotPair,
    ApoZero,
    ApoDown,
    Discopop,
    Mpo,
    Kto,
    Sft,
    Pt,
    Rm,
    Ppo,
}

/// Facts of a method card; the words are the board's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodCard {
    pub id: MethodId,
    /// The field's name for it.
    pub title: &'static str,
    pub needs_reference: bool,
    /// GPU memory class for an 8B model with LoRA, in GB.
    pub vram_gb: u32,
    /// 0: none, 1: recommended, 2: first choice.
    pub stars: u8,
    /// arXiv number.
    pub paper: &'static str,
    /// LaTeX-free equation, one line.
    pub equation: &'static str,
}

impl MethodId {
    pub const ALL: [Self; 23] = [
        Self::Simpo,
        Self::Orpo,
        Self::Sigmoid,
        Self::Hinge,
        Self::Ipo,
        Self::KtoPair,
        Self::Cpo,
        Self::Robust,
        Self::ExoPair,
        Self::NcaPair,
        Self::BcoPair,
        Self::SppoHard,
        Self::Aot,
        Self::AotPair,
        Self::ApoZero,
        Self::ApoDown,
        Self::Discopop,
        Self::Mpo,
        Self::Kto,
        Self::Sft,
        Self::Pt,
        Self::Rm,
        Self::Ppo,
    ];

    pub fn card(self) -> &'static MethodCard {
        // METHODS has a card for each id (tested)
        METHODS.iter().find(|card| card.id == self).unwrap_or(&METHODS[0])
    }

    /// `stage` and, for preference losses, `pref_loss`.
    pub fn keys(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Sigmoid => ("dpo", Some("sigmoid")),
            Self::Hinge => ("dpo", Some("hinge")),
            Self::Ipo => ("dpo", Some("ipo")),
            Self::KtoPair => ("dpo", Some("kto_pair")),
            Self::Orpo => ("dpo", Some("orpo")),
            Self::Simpo => ("dpo", Some("simpo")),
            Self::Cpo => ("dpo", Some("cpo")),
            Self::Robust => ("dpo", Some("robust")),
            Self::ExoPair => ("dpo", Some("exo_pair")),
            Self::NcaPair => ("dpo", Some("nca_pair")),
            Self::BcoPair => ("dpo", Some("bco_pair")),
            Self::SppoHard => ("dpo", Some("sppo_hard")),
            Self::Aot => ("dpo", Some("aot")),
            Self::AotPair => ("dpo", Some("aot_pair")),
            Self::ApoZero => ("dpo", Some("apo_zero")),
            Self::ApoDown => ("dpo", Some("apo_down")),
            Self::Discopop => ("dpo", Some("discopop")),
            Self::Mpo => ("dpo", Some("sigmoid,bco_pair,sft")),
            Self::Sft => ("sft", None),
            Self::Pt => ("pt", None),
            Self::Kto => ("kto", None),
            Self::Rm => ("rm", None),
            Self::Ppo => ("ppo", None),
        }
    }

    /// The name of its preset in `configs/`.
    pub fn preset(self) -> &'static str {
        let (stage, loss) = self.keys();
        match self {
            Self::Mpo => "mpo",
            _ => loss.unwrap_or(stage),
        }
    }

    /// The method a config is for; `None` for a stage or loss that has no card.
    pub fn of(config: &RunConfig) -> Option<Self> {
        let stage = config.stage.as_deref().unwrap_or("sft");
        let loss = match config.pref_loss.as_deref().unwrap_or("sigmoid") {
            // TRL's newer name
            "aot_unpaired" => "aot_pair",
            loss => loss,
        };
        Self::ALL.into_iter().find(|id| {
            let (s, l) = id.keys();
            s == stage && l.is_none_or(|l| l == loss)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_has_one_card_and_is_recognised_in_its_own_recommendation() {
        assert_eq!(METHODS.len(), MethodId::ALL.len());
        for id in MethodId::ALL {
            assert_eq!(id.card().id, id);
            let config = id.recommended(Scale {
                rows: None,
                params: None,
            });
            assert_eq!(MethodId::of(&config), Some(id));
        }
    }

    #[test]
    fn the_reference_is_needed_where_the_loss_says_so() {
        for id in MethodId::ALL {
            let mut config = id.recommended(Scale {
                rows: None,
                params: None,
            });
            config.model_name_or_path = Some("m".into());
            config.dataset = Some("d".into());
            config.output_dir = Some("o".into());
            config.reward_model = Some("r".into());
            let spec = crate::config::check(&config).spec.unwrap();
            let needs = spec.method.against().needed();
            assert_eq!(needs, id.card().needs_reference, "{id:?}");
        }
    }

    #[test]
    fn the_presets_are_the_recommendations() {
        for id in MethodId::ALL {
            let path = format!("{}/../configs/{}.yaml", env!("CARGO_MANIFEST_DIR"), id.preset());
            let preset = RunConfig::parse(&std::fs::read_to_string(&path).unwrap());
            assert_eq!((preset.errors, preset.notices), (vec![], vec![]), "{path}");
            let mut want = id.recommended(Scale {
                rows: None,
                params: None,
            });
            want.model_name_or_path = preset.config.model_name_or_path.clone();
            want.dataset = preset.config.dataset.clone();
            want.output_dir = preset.config.output_dir.clone();
            want.reward_model = preset.config.reward_model.clone();
            assert_eq!(preset.config, want, "{path}");
        }
    }
}
