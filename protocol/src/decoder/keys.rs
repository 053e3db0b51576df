//! The keys of a `config.json`, read with messages that name them.

use super::{Activation, RotaryScaling};
use crate::{Said, says};
use serde_json::{Map, Value};

pub type Parsed<T> = Result<T, Said>;

/// Sizes that a config may name, each far above any model's, and small enough that no product of them overflows.
const LARGEST: &[(&str, u64)] = &[
    ("num_hidden_layers", 1 << 12),
    ("num_attention_heads", 1 << 12),
    ("num_key_value_heads", 1 << 12),
    ("head_dim", 1 << 12),
    ("hidden_size", 1 << 17),
    ("intermediate_size", 1 << 18),
    ("moe_intermediate_size", 1 << 18),
    ("shared_expert_intermediate_size", 1 << 18),
    ("num_experts", 1 << 12),
    ("num_local_experts", 1 << 12),
    ("num_experts_per_tok", 1 << 12),
    ("vocab_size", 1 << 24),
];

/// An object whose keys are asked for by name.
pub struct Keys<'a>(&'a Map<String, Value>);

impl<'a> Keys<'a> {
    pub fn new(config: &'a Map<String, Value>) -> Self {
        Self(config)
    }

    /// Whether all sizes are those of a model.
    pub fn bounded(&self) -> Parsed<()> {
        let size = |key: &str| self.get(key).and_then(Value::as_u64);
        let past = |(key, largest): &(&'static str, u64)| Some((*key, size(key).filter(|size| size > largest)?));
        match LARGEST.iter().find_map(past) {
            Some((key, size)) => Err(says::more_than_any_model(key, size)),
            None => Ok(()),
        }
    }

    /// What a key says; `null` says nothing.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    pub fn size(&self, key: &str) -> Parsed<usize> {
        self.optional_size(key)?.ok_or_else(|| says::key_is_missing(key))
    }

    pub fn optional_size(&self, key: &str) -> Parsed<Option<usize>> {
        const MOST: u64 = 1 << 24;
        self.get(key)
            .map(|v| match v.as_u64() {
                Some(n @ 1..=MOST) => Ok(n as usize),
                _ => Err(says::must_be(key, v, says::from_one_to(MOST))),
            })
            .transpose()
    }

    pub fn number(&self, key: &str) -> Parsed<Option<f64>> {
        self.get(key).map(|v| positive(v, key)).transpose()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(true))
    }

    /// What a network's inner numbers go through.
    pub fn activation(&self) -> Parsed<Activation> {
        for key in ["hidden_act", "hidden_activation"] {
            match self.get(key).map(|v| v.as_str()) {
                None | Some(Some("silu" | "swish")) => {}
                Some(other) => {
                    let said = other.map_or_else(|| "no text".to_owned(), |name| format!("`{name}`"));
                    return Err(says::unsupported(key, said, "silu"));
                }
            }
        }
        Ok(Activation::Silu)
    }

    /// The base of rotary frequencies and how they are scaled. transformers 4 writes `rope_theta` and `rope_scaling`,
    /// version 5 `rope_parameters`.
    pub fn rotary(&self) -> Parsed<(f64, RotaryScaling)> {
        let key = if self.get("rope_parameters").is_some() {
            "rope_parameters"
        } else {
            "rope_scaling"
        };
        let empty = Map::new();
        let scaling = match self.get(key) {
            None => &empty,
            Some(Value::Object(map)) => map,
            Some(other) => return Err(says::must_be(key, other, says::an_object())),
        };
        if let Some(factor) = scaling.get("partial_rotary_factor").and_then(Value::as_f64)
            && factor != 1.0
        {
            return Err(says::unsupported("partial_rotary_factor", factor, "1"));
        }
        let number = |name: &str| {
            let value = scaling.get(name).ok_or_else(|| says::key_lacks(key, name))?;
            positive(value, name)
        };
        let theta = match scaling.get("rope_theta") {
            Some(value) => positive(value, "rope_theta")?,
            None => self.number("rope_theta")?.unwrap_or(10000.0),
        };
        let kind = ["rope_type", "type"].iter().find_map(|k| scaling.get(*k)?.as_str());
        let scaling = match kind {
            None | Some("default") => RotaryScaling::None,
            Some("linear") => RotaryScaling::Linear {
                factor: number("factor")?,
            },
            Some("llama3") => RotaryScaling::Llama3 {
                factor: number("factor")?,
                low: number("low_freq_factor")?,
                high: number("high_freq_factor")?,
                original: number("original_max_position_embeddings")?,
            },
            Some(other) => return Err(says::rope_scaling(other, "default, linear, llama3")),
        };
        Ok((theta, scaling))
    }

    /// The sliding window of each layer: in those that `layer_types` names, else from layer `first` on.
    pub fn windows(&self, layers: usize, first: u64) -> Parsed<Vec<Option<usize>>> {
        // transformers 5 writes 0 where there is none
        let window = match self.get("sliding_window").and_then(Value::as_u64) {
            Some(0) => None,
            _ => self.optional_size("sliding_window")?,
        };
        let Some(window) = window else {
            return Ok(vec![None; layers]);
        };
        let Some(types) = self.get("layer_types").and_then(Value::as_array) else {
            return Ok((0..layers as u64).map(|i| (i >= first).then_some(window)).collect());
        };
        if types.len() != layers {
            return Err(says::layer_types_of(types.len(), layers));
        }
        let of_type = |layer: &Value| match layer.as_str() {
            Some("full_attention") => Ok(None),
            Some("sliding_attention") => Ok(Some(window)),
            _ => Err(says::layer_type(layer, "full_attention, sliding_attention")),
        };
        types.iter().map(of_type).collect()
    }
}

fn positive(value: &Value, key: &str) -> Parsed<f64> {
    match value.as_f64() {
        Some(n) if n > 0.0 && n.is_finite() => Ok(n),
        _ => Err(says::must_be(key, value, says::above_nothing())),
    }
}
