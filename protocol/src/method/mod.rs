//! The methods a person chooses from.

mod cards;
mod loss;
mod losses;
mod recommended;

pub use loss::{Loss, LossKnobs};
pub use losses::{LOSSES, MethodId, PrefLoss};
pub use recommended::Scale;

use crate::Stage;
use crate::config::{RunConfig, key};
use crate::metric::Words;
use cards::{OTHERS, Other};

/// Facts of a method's card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodCard {
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
    /// When to take it.
    pub purpose: Words,
}

impl MethodId {
    /// What the method says of itself, where it is one preference loss.
    pub fn loss(self) -> Option<&'static Loss> {
        LOSSES.iter().find(|loss| loss.id == self)
    }

    /// What it says of itself, where it is none.
    fn other(self) -> Option<&'static Other> {
        OTHERS.iter().find(|other| other.id == self)
    }

    pub fn card(self) -> MethodCard {
        match self.other() {
            Some(other) => other.card,
            None => self.loss().unwrap_or(&LOSSES[0]).card(),
        }
    }

    pub fn stage(self) -> Stage {
        self.other().map_or(Stage::Preference, |other| other.stage)
    }

    /// Its value of `pref_loss`, in the stage that has one.
    pub fn pref_loss(self) -> Option<&'static str> {
        match self.other() {
            Some(other) => other.pref_loss,
            None => self.loss().map(|loss| loss.name),
        }
    }

    /// The name of its preset in `configs/`.
    pub fn preset(self) -> &'static str {
        match self.other() {
            Some(other) => other.preset,
            None => self.loss().unwrap_or(&LOSSES[0]).name,
        }
    }

    /// The method a config is for; `None` for a stage or loss that has no card.
    pub fn of(config: &RunConfig) -> Option<Self> {
        let stage = Stage::of(config)?;
        let loss = key::pref_loss.of(config);
        let loss = Loss::named(&loss).map_or(loss.as_str(), |known| known.name);
        let of_loss = |id: &Self| id.pref_loss().is_none_or(|own| own == loss);
        Self::ALL.iter().copied().find(|id| id.stage() == stage && of_loss(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_is_declared_once() {
        for &id in MethodId::ALL {
            assert_ne!(id.loss().is_some(), id.other().is_some(), "{id:?}");
        }
    }

    #[test]
    fn each_method_is_recognised_in_its_own_recommendation() {
        for &id in MethodId::ALL {
            let config = id.recommended(Scale {
                rows: None,
                params: None,
            });
            assert_eq!(MethodId::of(&config), Some(id));
        }
    }

    #[test]
    fn the_reference_is_needed_where_the_loss_says_so() {
        for &id in MethodId::ALL {
            let mut config = id.recommended(Scale {
                rows: None,
                params: None,
            });
            config.model_name_or_path = Some("m".into());
            config.dataset = Some("d".into());
            config.output_dir = Some("o".into());
            config.reward_model = Some("r".into());
            let spec = crate::config::check(&config).spec.unwrap();
            let needs = spec.method.reference().needed();
            assert_eq!(needs, id.card().needs_reference, "{id:?}");
        }
    }

    #[test]
    fn the_presets_are_the_recommendations() {
        for &id in MethodId::ALL {
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
