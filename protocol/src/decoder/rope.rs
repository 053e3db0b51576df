//! Reads the rotary embedding of a `config.json`: transformers 4 writes `rope_theta` and `rope_scaling`, version 5
//! `rope_parameters`, which has an entry for each kind of layer where a decoder has several.

use super::keys::{Keys, Parsed, positive};
use super::{RotaryFactors, RotaryScaling, RotarySpec};
use crate::says;
use serde_json::{Map, Value};

/// A family's rotary embedding where no key says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct RotaryDefaults {
    pub theta: f64,
    /// The share of a head's dimensions that are rotated: transformers' `partial_rotary_factor`.
    pub fraction: f64,
    pub interleaved: bool,
}

/// Llama's: whole heads, dimension `i` paired with `i + dims / 2`.
pub const ROTARY_DEFAULTS: RotaryDefaults = RotaryDefaults {
    theta: 10000.0,
    fraction: 1.0,
    interleaved: false,
};

/// The rotary embedding of heads with `head_dim` dimensions. `layers` is the kind of layers, by the name of its entry in
/// `rope_parameters`.
///
/// # Errors
/// A key that is wrong or missing, or a kind of scaling that is not supported.
pub fn rotary(keys: &Keys, head_dim: usize, rotary: RotaryDefaults, layers: &str) -> Parsed<RotarySpec> {
    let empty = Map::new();
    let said = ["rope_parameters", "rope_scaling"]
        .iter()
        .find_map(|key| Some((*key, keys.get(key)?)));
    let object = match said {
        None => &empty,
        Some((_, Value::Object(map))) => match map.get(layers) {
            Some(Value::Object(own)) => own,
            _ => map,
        },
        Some((key, other)) => return Err(says::must_be(key, other, says::an_object())),
    };
    let read = Scaling {
        keys,
        key: said.map_or("rope_scaling", |(key, _)| key),
        object,
    };
    let either = |key: &'static str| match object.get(key).filter(|value| !value.is_null()) {
        Some(value) => positive(value, key).map(Some),
        None => keys.number(key),
    };
    let theta = either("rope_theta")?.unwrap_or(rotary.theta);
    let fraction = either("partial_rotary_factor")?.unwrap_or(rotary.fraction);
    if fraction > 1.0 {
        return Err(says::must_be("partial_rotary_factor", fraction, says::at_most_one()));
    }
    let dims = (fraction * head_dim as f64) as usize;
    if dims < 2 || !dims.is_multiple_of(2) {
        return Err(says::must_be("head_dim", dims, says::even()));
    }
    let plain = RotarySpec {
        interleaved: rotary.interleaved,
        ..RotarySpec::plain(dims, theta)
    };
    read.spec(plain)
}

/// One value for layers with a sliding window and one for those that see the whole text.
pub struct ByLayer<T> {
    pub windowed: T,
    pub full: T,
}

/// The rotary embeddings of both kinds of layers. Where there is one entry for all, those with a window are not scaled.
pub fn by_layers(keys: &Keys, head_dim: usize, defaults: ByLayer<RotaryDefaults>) -> Parsed<ByLayer<RotarySpec>> {
    const WINDOWED: &str = "sliding_attention";
    let entries = keys.get("rope_parameters").and_then(Value::as_object);
    let own = entries.is_some_and(|entries| entries.get(WINDOWED).is_some_and(Value::is_object));
    let full = rotary(keys, head_dim, defaults.full, "full_attention")?;
    let windowed = match own {
        true => rotary(keys, head_dim, defaults.windowed, WINDOWED)?,
        false => RotarySpec::plain(head_dim, defaults.windowed.theta),
    };
    Ok(ByLayer { windowed, full })
}

/// The object that says how frequencies are scaled.
struct Scaling<'a> {
    keys: &'a Keys<'a>,
    /// The key it was found under, for messages.
    key: &'static str,
    object: &'a Map<String, Value>,
}

impl Scaling<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn optional(&self, name: &str) -> Parsed<Option<f64>> {
        self.get(name).map(|value| positive(value, name)).transpose()
    }

    fn number(&self, name: &str) -> Parsed<f64> {
        self.optional(name)?.ok_or_else(|| says::key_lacks(self.key, name))
    }

    /// A number of positions, from the object or else from the keys around it.
    fn positions(&self, name: &str) -> Parsed<Option<f64>> {
        match self.optional(name)? {
            Some(count) => Ok(Some(count)),
            None => self.keys.number(name),
        }
    }

    fn spec(&self, plain: RotarySpec) -> Parsed<RotarySpec> {
        let kind = ["rope_type", "type"]
            .iter()
            .find_map(|key| self.object.get(*key)?.as_str());
        let (scaling, magnitude) = match kind {
            None | Some("default") => (RotaryScaling::None, 1.0),
            Some("linear") => {
                let factor = self.number("factor")?;
                (RotaryScaling::Linear { factor }, 1.0)
            }
            Some("llama3") => {
                let scaling = RotaryScaling::Llama3 {
                    factor: self.number("factor")?,
                    low: self.number("low_freq_factor")?,
                    high: self.number("high_freq_factor")?,
                    original: self.number("original_max_position_embeddings")?,
                };
                (scaling, 1.0)
            }
            // HunYuan's `alpha`: a larger base, whatever the length
            Some("dynamic") if self.get("alpha").is_some() => {
                let dims = plain.dims as f64;
                let theta = plain.theta * self.number("alpha")?.powf(dims / (dims - 2.0));
                return Ok(RotarySpec { theta, ..plain });
            }
            Some("dynamic") => {
                let scaling = RotaryScaling::Dynamic {
                    factor: self.number("factor")?,
                    original: self.keys.size("max_position_embeddings")?,
                };
                (scaling, 1.0)
            }
            Some("yarn") => self.yarn()?,
            Some("longrope" | "su") => (self.longrope(plain.dims)?, 1.0),
            Some(other) => {
                return Err(says::rope_scaling(
                    other,
                    "default, linear, dynamic, yarn, longrope, llama3",
                ));
            }
        };
        Ok(RotarySpec {
            scaling,
            magnitude,
            ..plain
        })
    }

    fn yarn(&self) -> Parsed<(RotaryScaling, f64)> {
        let factor = self.number("factor")?;
        let original = self.positions("original_max_position_embeddings")?;
        let original = original.map_or_else(|| self.keys.size("max_position_embeddings").map(|n| n as f64), Ok)?;
        // *YaRN*, section 3.4
        let grown = |weight: f64| match factor > 1.0 {
            true => 0.1 * weight * factor.ln() + 1.0,
            false => 1.0,
        };
        // 0 means "not set", as in transformers
        let weight = |name| match self.get(name).is_some_and(|value| value.as_f64() == Some(0.0)) {
            true => Ok(None),
            false => self.optional(name),
        };
        let magnitude = match (
            self.optional("attention_factor")?,
            weight("mscale")?,
            weight("mscale_all_dim")?,
        ) {
            (Some(given), ..) => given,
            (None, Some(one), Some(all)) => grown(one) / grown(all),
            _ => grown(1.0),
        };
        let scaling = RotaryScaling::Yarn {
            factor,
            original,
            fast: self.optional("beta_fast")?.unwrap_or(32.0),
            slow: self.optional("beta_slow")?.unwrap_or(1.0),
            truncate: self.get("truncate").is_none_or(|value| value == true),
        };
        Ok((scaling, magnitude))
    }

    fn longrope(&self, dims: usize) -> Parsed<RotaryScaling> {
        let most = self.keys.size("max_position_embeddings")?;
        let original = self.positions("original_max_position_embeddings")?;
        let original = original.map_or(most, |original| original as usize);
        let grown = most as f64 / original.max(1) as f64;
        let usual = match grown > 1.0 {
            true => (1.0 + grown.ln() / (original as f64).ln()).sqrt(),
            false => 1.0,
        };
        let usual = self.optional("attention_factor")?.unwrap_or(usual);
        let set = |factors: &'static str, magnitude: &str| {
            let list = self.get(factors).ok_or_else(|| says::key_lacks(self.key, factors))?;
            let divisors = list.as_array().filter(|list| list.len() == dims / 2);
            let divisors = divisors.ok_or_else(|| says::must_be(factors, list, says::numbers_of(dims / 2)))?;
            Ok(RotaryFactors {
                divisors: divisors.iter().map(|n| positive(n, factors)).collect::<Parsed<_>>()?,
                magnitude: self.optional(magnitude)?.unwrap_or(usual),
            })
        };
        Ok(RotaryScaling::LongRope {
            original,
            short: set("short_factor", "short_mscale")?,
            long: set("long_factor", "long_mscale")?,
        })
    }
}
