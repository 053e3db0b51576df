//! Reads keys of a `config.json`, with errors that name the key.

use super::{Activation, HeadTable};
use crate::{Said, says};
use serde_json::{Map, Value};

pub type Parsed<T> = Result<T, Said>;

/// The largest sizes that are read: far above any model's, and small enough that no product of them overflows.
const MAX_SIZES: &[(&str, u64)] = &[
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

/// Keys that a family has under another name: the usual name, then the family's own.
pub type OtherNames = &'static [(&'static str, &'static str)];

/// The object of a `config.json`, read under the usual names of keys.
pub struct Keys<'a> {
    config: &'a Map<String, Value>,
    other_names: OtherNames,
}

impl<'a> Keys<'a> {
    pub fn new(config: &'a Map<String, Value>) -> Self {
        Self {
            config,
            other_names: &[],
        }
    }

    /// The same object, read with a family's own names of keys.
    pub fn named(&self, other_names: OtherNames) -> Self {
        Self { other_names, ..*self }
    }

    /// The name that this object has for a key.
    pub fn own_name<'n>(&self, key: &'n str) -> &'n str {
        let mut others = self.other_names.iter();
        match others.find(|(usual, _)| *usual == key && !self.config.contains_key(key)) {
            Some((_, own)) => own,
            None => key,
        }
    }

    /// Refuses sizes above [`MAX_SIZES`].
    pub fn check_sizes(&self) -> Parsed<()> {
        let size = |key: &str| self.get(key).and_then(Value::as_u64);
        let past = |(key, largest): &(&'static str, u64)| Some((*key, size(key).filter(|size| size > largest)?));
        match MAX_SIZES.iter().find_map(past) {
            Some((key, size)) => Err(says::more_than_any_model(key, size)),
            None => Ok(()),
        }
    }

    /// The value of a key; `null` counts as absent.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.config.get(self.own_name(key)).filter(|value| !value.is_null())
    }

    /// Whether the object has a key of exactly this name, even if it is `null`.
    pub fn has(&self, key: &str) -> bool {
        self.config.contains_key(key)
    }

    pub fn size(&self, key: &str) -> Parsed<usize> {
        self.optional_size(key)?
            .ok_or_else(|| says::key_is_missing(self.own_name(key)))
    }

    pub fn optional_size(&self, key: &str) -> Parsed<Option<usize>> {
        const MAX: u64 = 1 << 24;
        self.get(key)
            .map(|v| match v.as_u64() {
                Some(n @ 1..=MAX) => Ok(n as usize),
                _ => Err(says::must_be(self.own_name(key), v, says::from_one_to(MAX))),
            })
            .transpose()
    }

    pub fn number(&self, key: &str) -> Parsed<Option<f64>> {
        self.get(key).map(|v| positive(v, self.own_name(key))).transpose()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.flag_or(key, false)
    }

    pub fn flag_or(&self, key: &str, otherwise: bool) -> bool {
        self.get(key).map_or(otherwise, |value| value == true)
    }

    /// Refuses a switch that is on, where no published model of the family has it on.
    pub fn must_be_off(&self, key: &'static str) -> Parsed<()> {
        match self.get(key) {
            None | Some(Value::Bool(false)) => Ok(()),
            Some(other) => Err(says::unsupported(self.own_name(key), other, "false")),
        }
    }

    /// Whether the head shares the embedding's weight; `otherwise` where no key says so.
    pub fn head_table(&self, otherwise: bool) -> HeadTable {
        match self.flag_or("tie_word_embeddings", otherwise) {
            true => HeadTable::Tied,
            false => HeadTable::Own,
        }
    }

    /// The activation function, by transformers' name.
    pub fn activation(&self, otherwise: Activation) -> Parsed<Activation> {
        const KNOWN: &str = "silu, gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, relu2";
        let mut found = otherwise;
        for key in ["hidden_act", "hidden_activation"] {
            let Some(value) = self.get(key) else { continue };
            found = match value.as_str() {
                Some("silu" | "swish") => Activation::Silu,
                Some("gelu" | "gelu_python") => Activation::Gelu,
                Some("gelu_new" | "gelu_pytorch_tanh" | "gelu_fast") => Activation::GeluTanh,
                Some("relu") => Activation::Relu,
                Some("relu2") => Activation::ReluSquared,
                other => {
                    let said = other.map_or_else(|| "no text".to_owned(), |name| format!("`{name}`"));
                    return Err(says::unsupported(self.own_name(key), said, KNOWN));
                }
            };
        }
        Ok(found)
    }

    /// The sliding window of each layer, in positions: by `layer_types`, or else in all layers but every `every`th, a number
    /// that the key `pattern` overrides.
    pub fn windows_every(&self, layers: usize, pattern: &str, every: usize) -> Parsed<Vec<Option<usize>>> {
        let mut windows = self.windows(layers, 0)?;
        if self.get("layer_types").is_none() {
            let every = self.optional_size(pattern)?.unwrap_or(every);
            for window in windows.iter_mut().skip(every - 1).step_by(every) {
                *window = None;
            }
        }
        Ok(windows)
    }

    /// The sliding window of each layer, in positions: by `layer_types`, or else in layer `first` and all after it.
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

pub(super) fn positive(value: &Value, key: &str) -> Parsed<f64> {
    match value.as_f64() {
        Some(n) if n > 0.0 && n.is_finite() => Ok(n),
        _ => Err(says::must_be(key, value, says::above_nothing())),
    }
}
