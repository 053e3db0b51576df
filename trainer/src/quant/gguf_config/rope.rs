//! What the metadata says of rotations, in transformers' words.
//!
//! llama.cpp divides frequencies by tables of factors (`rope_freqs`, `rope_factors_long`, `rope_factors_short`) and scales them
//! by a type and its numbers. Llama 3.1's scaling is such a table alone: where it is the one of known numbers these are said,
//! else the table itself, as LongRoPE whose two tables are one. Source: `conversion/base.py`, `llama-context.cpp`.
use super::metadata::Metadata;
use crate::quant::Parsed;
use protocol::decoder::Family;
use protocol::says;
use serde_json::{Map, Value, json};
use std::f64::consts::TAU;

/// Factors are f32 numbers that other arithmetic made.
const NEAR: f64 = 1e-5;

/// The numbers of Llama 3.1 and those after it, but for the factor.
const LOW: f64 = 1.0;
const HIGH: f64 = 4.0;
const ORIGINAL: f64 = 8192.0;

/// Base, part of a head and scaling.
pub fn rope(meta: &Metadata, family: &Family, config: &mut Map<String, Value>) -> Parsed<()> {
    let own = |key: &'static str| family.key(key, &Map::new()).to_owned();
    let theta = meta.number("rope.freq_base")?.unwrap_or(10000.0);
    config.insert(own("rope_theta"), json!(theta));
    let width = meta.size("attention.key_length_mla")?.map_or_else(|| meta.head(), Ok)?;
    let turned = meta.size("rope.dimension_count")?;
    let latent = meta.get("attention.kv_lora_rank").is_some();
    if let (Some(dims), false) = (turned, latent) {
        config.insert(own("partial_rotary_factor"), json!(dims as f64 / width as f64));
    }
    if let Some(scaling) = scaling(meta, theta, turned.unwrap_or(width) as usize)? {
        config.insert("rope_scaling".into(), scaling);
    }
    Ok(())
}

/// `rope_scaling`, where there is any.
fn scaling(meta: &Metadata, theta: f64, dims: usize) -> Parsed<Option<Value>> {
    let original = meta.number("rope.scaling.original_context_length")?;
    let kind = meta.get("rope.scaling.type");
    let factor = match meta.number("rope.scaling.factor")? {
        Some(factor) => Some(factor),
        None => meta.number("rope.scale_linear")?,
    };
    let grown = factor.is_some_and(|factor| factor != 0.0 && factor != 1.0);
    if let Some(table) = meta.floats("rope_freqs.weight")? {
        return match kind.as_ref().and_then(Value::as_str) {
            None | Some("none") if !grown => Ok(Some(of_table(meta, &table, theta, dims)?)),
            _ => Err(says::rope_table()),
        };
    }
    let tables = ["rope_factors_short.weight", "rope_factors_long.weight"].map(|name| meta.floats(name));
    if let [short, long] = tables
        && let (Some(short), Some(long)) = (short?, long?)
    {
        let mut scaling = json!({
            "rope_type": "longrope", "short_factor": short, "long_factor": long,
            "original_max_position_embeddings": original.map_or_else(|| meta.need_number("context_length"), Ok)? as u64,
        });
        scaling["attention_factor"] = json!(meta.number("rope.scaling.attn_factor")?.unwrap_or(1.0));
        return Ok(Some(scaling));
    }
    match kind.as_ref().and_then(Value::as_str) {
        Some("none") => Ok(None),
        // where there is a factor and no type, llama.cpp takes it for this one
        None | Some("linear") if grown => Ok(Some(json!({"rope_type": "linear", "factor": factor}))),
        None | Some("linear") => Ok(None),
        Some("yarn") => yarn(meta, factor, original).map(Some),
        Some(other) => Err(says::gguf_rope_scaling(
            other,
            "none, linear, yarn, longrope with its tables",
        )),
    }
}

fn yarn(meta: &Metadata, factor: Option<f64>, original: Option<f64>) -> Parsed<Value> {
    let factor = factor.ok_or_else(|| says::no_metadata(meta.key("rope.scaling.factor")))?;
    let original = original.map_or_else(|| meta.need_number("context_length"), Ok)?;
    let mut scaling = Map::new();
    let mut put = |key: &str, value: Value| scaling.insert(key.into(), value);
    put("rope_type", json!("yarn"));
    put("factor", json!(factor));
    put("original_max_position_embeddings", json!(original as u64));
    for (key, own) in [
        ("rope.scaling.yarn_beta_fast", "beta_fast"),
        ("rope.scaling.yarn_beta_slow", "beta_slow"),
        ("rope.scaling.yarn_attn_factor", "attention_factor"),
    ] {
        if let Some(number) = meta.number(key)? {
            put(own, json!(number));
        }
    }
    // DeepSeek's, which is of both kinds of growth
    if let Some(weight) = meta.number("rope.scaling.yarn_log_multiplier")? {
        // a tenth of it is stored in f32
        let weight = (weight * 1e7).round() / 1e6;
        put("mscale", json!(weight));
        put("mscale_all_dim", json!(weight));
    }
    // its original does not round the bounds of the mixture
    if meta.architecture() == "gpt-oss" {
        put("truncate", json!(false));
    }
    Ok(Value::Object(scaling))
}

/// Numbers of Llama 3.1's scaling.
#[derive(Debug, Clone, Copy)]
pub struct Llama3 {
    pub factor: f64,
    pub low: f64,
    pub high: f64,
    pub original: f64,
}

impl Llama3 {
    /// What the frequencies of so many dimensions are divided by.
    pub fn factors(self, theta: f64, dims: usize) -> impl Iterator<Item = f64> {
        (0..dims / 2).map(move |i| {
            let wave = TAU * theta.powf(2.0 * i as f64 / dims as f64);
            let turns = self.original / wave;
            if turns > self.high {
                1.0
            } else if turns < self.low {
                self.factor
            } else {
                let mixed = (turns - self.low) / (self.high - self.low);
                1.0 / ((1.0 - mixed) / self.factor + mixed)
            }
        })
    }
}

/// As it was published.
fn llama3(factor: f64) -> Llama3 {
    Llama3 {
        factor,
        low: LOW,
        high: HIGH,
        original: ORIGINAL,
    }
}

fn of_table(meta: &Metadata, table: &[f64], theta: f64, dims: usize) -> Parsed<Value> {
    let factor = table.iter().copied().fold(0.0, f64::max);
    let near = |(a, b): (f64, &f64)| (a - b).abs() <= NEAR * b.abs();
    if table.len() == dims / 2 && llama3(factor).factors(theta, dims).zip(table).all(near) {
        return Ok(json!({
            "rope_type": "llama3", "factor": factor, "low_freq_factor": LOW, "high_freq_factor": HIGH,
            "original_max_position_embeddings": ORIGINAL as u64,
        }));
    }
    Ok(json!({
        "rope_type": "longrope", "short_factor": table, "long_factor": table, "attention_factor": 1.0,
        "original_max_position_embeddings": meta.need_size("context_length")?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_llama_3_1_has_its_first_last_and_mixed_factors() {
        // worked by hand: base 500000 over 128 dimensions, factor 8; the wave of frequency 29 is 2 pi 500000^(29/64) = 2401.738,
        // of which 8192 has 3.410863, so 1 / ((1 - 0.803621) / 8 + 0.803621)
        let factors: Vec<f64> = llama3(8.0).factors(500_000.0, 128).collect();
        assert_eq!((factors.len(), factors[0], factors[63]), (64, 1.0, 8.0));
        let mixed = factors[29];
        assert!((mixed - 1.207484).abs() < 1e-5, "{mixed}");
        assert!(factors.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
