//! LLaMA-Factory's `rope_scaling`: scales rotary positions past the length a model was trained at, by writing the scaling
//! into the model's config before the model is built.

use super::family::{Family, ModelSpec, family};
use super::keys::{Keys, Parsed};
use super::{PositionSpec, RotaryScaling};
use crate::says;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A way to scale, by transformers' `rope_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RopeType {
    Linear,
    Dynamic,
    Yarn,
    Llama3,
}

impl RopeType {
    pub const ALL: &'static [Self] = &[Self::Linear, Self::Dynamic, Self::Yarn, Self::Llama3];

    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Dynamic => "dynamic",
            Self::Yarn => "yarn",
            Self::Llama3 => "llama3",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The names of several, comma-separated, for messages.
    pub fn names(kinds: &[Self]) -> String {
        kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
    }

    fn is(self, scaling: &RotaryScaling) -> bool {
        matches!(
            (self, scaling),
            (Self::Linear, RotaryScaling::Linear { .. })
                | (Self::Dynamic, RotaryScaling::Dynamic { .. })
                | (Self::Yarn, RotaryScaling::Yarn { .. })
                | (Self::Llama3, RotaryScaling::Llama3 { .. })
        )
    }
}

/// Scaling of the rotary positions of a model that was trained at `original` tokens, to `factor` times as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RopeScaling {
    pub rope_type: RopeType,
    pub factor: u64,
    #[serde(rename = "original_max_position_embeddings")]
    pub original: u64,
}

/// How far a config's rotary positions reach, and how they can be scaled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RopeRange {
    /// Tokens that they reached when the model was first trained.
    pub original: u64,
    /// Tokens that they reach by the config, which may scale them already.
    pub reach: u64,
    pub types: Vec<RopeType>,
}

impl RopeRange {
    /// The scaling for texts of `length` tokens. `None`: they fit as it is, or would not fit better.
    pub fn over(&self, rope_type: RopeType, length: Option<u64>) -> Option<RopeScaling> {
        let scaled = RopeScaling::over(rope_type, self.original, length)?;
        (length.is_none_or(|length| length > self.reach) && scaled.reach() > self.reach).then_some(scaled)
    }

    /// Checks that a model of this family can be scaled in this way.
    ///
    /// # Errors
    /// It can't; the message names the ways there are.
    pub fn takes(&self, rope_type: RopeType, family: &Family) -> Parsed<()> {
        if self.types.contains(&rope_type) {
            return Ok(());
        }
        let (family, name) = (family.architecture, rope_type.name());
        Err(match self.types.is_empty() {
            true => says::rope_not_scalable(family),
            false => says::rope_scaled_otherwise(family, name, RopeType::names(&self.types)),
        })
    }
}

/// Length in tokens that a model is taken to be made for where its config does not say; the default of most of transformers'
/// classes.
pub const USUAL_CONTEXT: usize = 2048;

/// `max_position_embeddings`, by its usual name.
const REACH: &str = "max_position_embeddings";

impl RopeScaling {
    /// The factor where the length of texts is not known: chat and export.
    const WITHOUT_LENGTH: u64 = 2;

    /// The scaling for texts of `length` tokens. `None`: they fit as it is.
    fn over(rope_type: RopeType, original: u64, length: Option<u64>) -> Option<Self> {
        let factor = match length {
            None => Self::WITHOUT_LENGTH,
            Some(length) if length <= original => return None,
            Some(length) => length.div_ceil(original.max(1)),
        };
        Some(Self {
            rope_type,
            factor,
            original,
        })
    }

    /// Tokens that the scaled positions reach.
    pub fn reach(self) -> u64 {
        self.original.saturating_mul(self.factor)
    }

    /// The value of `rope_scaling` in a `config.json`.
    pub fn entry(self) -> Value {
        let mut entry = json!({"rope_type": self.rope_type.name(), "factor": self.factor as f64});
        if self.rope_type != RopeType::Linear {
            entry["original_max_position_embeddings"] = json!(self.original);
        }
        if self.rope_type == RopeType::Llama3 {
            (entry["low_freq_factor"], entry["high_freq_factor"]) = (json!(1.0), json!(4.0));
        }
        entry
    }

    /// The model's `config.json` with this scaling written into it, under the keys that it has already.
    ///
    /// # Errors
    /// The family is not supported, its positions are not rotary, or its modelling code does not scale them in this way.
    pub fn in_config(self, config: &Map<String, Value>) -> Parsed<Map<String, Value>> {
        let family = family(&Keys::new(config))?;
        range(config)?.takes(self.rope_type, family)?;
        Ok(self.written(config))
    }

    fn written(self, config: &Map<String, Value>) -> Map<String, Value> {
        let mut scaled = config.clone();
        let key = key(config).unwrap_or("rope_scaling");
        let all = scaled.entry(key).or_insert(Value::Null);
        // where there are several kinds of layers: those that see the whole text
        let place = match all.get(WHOLE).is_some_and(Value::is_object) {
            true => &mut all[WHOLE],
            false => all,
        };
        let mut entry = self.entry();
        for kept in ["rope_theta", "partial_rotary_factor"] {
            if let Some(value) = place.get(kept) {
                entry[kept] = value.clone();
            }
        }
        *place = entry;
        let reach = match family(&Keys::new(config)) {
            Ok(family) => family.key(REACH, config).to_owned(),
            Err(_) => REACH.to_owned(),
        };
        scaled.insert(reach, json!(self.reach()));
        scaled
    }
}

/// The entry for layers that see the whole text, where each kind of layer has one.
const WHOLE: &str = "full_attention";

/// The key under which a config describes its rotary positions.
fn key(config: &Map<String, Value>) -> Option<&'static str> {
    let said = |key: &&str| config.get(*key).is_some_and(Value::is_object);
    ["rope_parameters", "rope_scaling"].into_iter().find(said)
}

/// How far the rotary positions of a `config.json` reach, and how they can be scaled.
///
/// # Errors
/// The config can't be read, or is of no supported family.
pub fn range(config: &Map<String, Value>) -> Parsed<RopeRange> {
    let keys = Keys::new(config);
    let family = family(&keys)?;
    let original = original(config)?;
    let works = |rope_type: &&RopeType| {
        let tried = RopeScaling {
            rope_type: **rope_type,
            factor: RopeScaling::WITHOUT_LENGTH,
            original,
        };
        let scaled = ModelSpec::parse(&tried.written(config));
        scaled.is_ok_and(|scaled| {
            scaled
                .decoder
                .blocks
                .iter()
                .any(|block| match &block.attention.position {
                    PositionSpec::Rotary(rotary) => rope_type.is(&rotary.scaling),
                    PositionSpec::None | PositionSpec::Alibi(_) => false,
                })
        })
    };
    Ok(RopeRange {
        original,
        reach: ModelSpec::parse(config)?.context.unwrap_or(USUAL_CONTEXT) as u64,
        types: family.rope_types.iter().filter(works).copied().collect(),
    })
}

/// Tokens that rotary positions reached when the model was first trained: `original_max_position_embeddings` where the config
/// has a scaling, else its own context length.
fn original(config: &Map<String, Value>) -> Parsed<u64> {
    let said = key(config).and_then(|key| config.get(key));
    let said = said.map(|all| all.get(WHOLE).filter(|inner| inner.is_object()).unwrap_or(all));
    let original = said.and_then(|entry| entry.get("original_max_position_embeddings")?.as_u64());
    if let Some(original) = original.filter(|n| *n > 0) {
        return Ok(original);
    }
    Ok(ModelSpec::parse(config)?.context.unwrap_or(USUAL_CONTEXT) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &str) -> Map<String, Value> {
        let text = format!(
            r#"{{"vocab_size": 8, "hidden_size": 16, "intermediate_size": 8, "num_hidden_layers": 2, "head_dim": 4,
            "num_attention_heads": 4, "max_position_embeddings": 64, {more}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_factor_is_the_next_whole_one() {
        let over =
            |length| RopeScaling::over(RopeType::Yarn, 64, length).map(|scaling| (scaling.factor, scaling.reach()));
        assert_eq!(over(Some(64)), None);
        assert_eq!(over(Some(65)), Some((2, 128)));
        assert_eq!(over(Some(192)), Some((3, 192)));
        assert_eq!(over(None), Some((2, 128)));
    }

    #[test]
    fn configs_of_both_versions_say_it_in_their_own_keys() {
        let older = config(r#""architectures": ["LlamaForCausalLM"], "rope_theta": 500.0, "rope_scaling": null"#);
        let told = RopeScaling::over(RopeType::Llama3, range(&older).unwrap().original, Some(100)).unwrap();
        let told = told.in_config(&older).unwrap();
        let entry = json!({"rope_type": "llama3", "factor": 2.0, "original_max_position_embeddings": 64,
            "low_freq_factor": 1.0, "high_freq_factor": 4.0});
        assert_eq!(
            (&told["rope_scaling"], &told["max_position_embeddings"]),
            (&entry, &json!(128))
        );
        assert_eq!(told["rope_theta"], 500.0);
        // what is scaled already is scaled from its origin anew
        let again = range(&told).unwrap();
        assert_eq!((again.original, again.reach), (64, 128));
        assert_eq!(again.over(RopeType::Yarn, Some(100)), None, "it reaches so far already");
        assert_eq!(again.over(RopeType::Yarn, None), None);
        assert_eq!(again.over(RopeType::Yarn, Some(129)).unwrap().reach(), 192);
        let newer = config(
            r#""architectures": ["LlamaForCausalLM"], "rope_parameters": {"rope_type": "default", "rope_theta": 500.0}"#,
        );
        let told = RopeScaling::over(RopeType::Linear, 64, Some(256))
            .unwrap()
            .in_config(&newer)
            .unwrap();
        let entry = json!({"rope_type": "linear", "factor": 4.0, "rope_theta": 500.0});
        assert_eq!(
            (&told["rope_parameters"], &told["max_position_embeddings"]),
            (&entry, &json!(256))
        );
        assert!(!told.contains_key("rope_scaling"));
        let several = config(
            r#""architectures": ["Gemma3ForCausalLM"], "sliding_window": 8, "sliding_window_pattern": 2, "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": 10.0},
            "full_attention": {"rope_type": "default", "rope_theta": 1000.0}}"#,
        );
        let told = RopeScaling::over(RopeType::Yarn, 64, Some(128))
            .unwrap()
            .in_config(&several)
            .unwrap();
        assert_eq!(told["rope_parameters"]["sliding_attention"]["rope_type"], "default");
        assert_eq!(told["rope_parameters"]["full_attention"]["rope_type"], "yarn");
        assert_eq!(told["rope_parameters"]["full_attention"]["rope_theta"], 1000.0);
    }

    #[test]
    fn what_cannot_be_scaled_is_named() {
        let two = |rope_type| RopeScaling::over(rope_type, 64, None).unwrap();
        for architecture in [
            "BloomForCausalLM",
            "GPT2LMHeadModel",
            "GPTJForCausalLM",
            "Phi3ForCausalLM",
        ] {
            let config = config(&format!(
                r#""architectures": ["{architecture}"], "num_key_value_heads": 4, "n_positions": 64, "rotary_dim": 4"#
            ));
            assert_eq!(range(&config).unwrap().types, [], "{architecture}");
            let refused = two(RopeType::Yarn).in_config(&config).unwrap_err();
            assert!(refused.contains(architecture), "{refused}");
        }
        let published = config(r#""architectures": ["InternLM2ForCausalLM"], "bias": false"#);
        assert!(two(RopeType::Dynamic).in_config(&published).is_ok());
        let refused = two(RopeType::Yarn).in_config(&published).unwrap_err();
        assert!(refused.contains("linear, dynamic"), "{refused}");
    }
}
