//! Rotations in GGUF's keys, and the tables of factors that stand beside them as tensors.
//!
//! Source: llama.cpp, `conversion/base.py`, `conversion/llama.py`, `conversion/phi.py`, `src/llama-context.cpp`.
use super::keys::Keys;
use super::writer::Value;
use crate::quant::gguf_config::Llama3;
use protocol::decoder::{AttentionSpec, RotaryScaling, RotarySpec, inverse_root};

/// Numbers of keys are f32.
const NEAR: f64 = 1e-6;

pub fn keys(keys: &mut Keys, rotary: &RotarySpec, attention: &AttentionSpec, context: usize) {
    keys.size("rope.dimension_count", rotary.dims);
    keys.number("rope.freq_base", rotary.theta);
    let kind = |keys: &mut Keys, name: &str| keys.put("rope.scaling.type", Value::Text(name.to_owned()));
    match &rotary.scaling {
        // what is a table is said by its tensor; the file can't say that a base grows
        RotaryScaling::None
        | RotaryScaling::Llama3 { .. }
        | RotaryScaling::Dynamic { .. }
        | RotaryScaling::Doubled { .. } => {}
        RotaryScaling::Linear { factor } => {
            kind(keys, "linear");
            keys.number("rope.scaling.factor", *factor);
        }
        RotaryScaling::Yarn {
            factor,
            original,
            fast,
            slow,
            ..
        } => {
            kind(keys, "yarn");
            keys.number("rope.scaling.factor", *factor);
            keys.size("rope.scaling.original_context_length", *original as usize);
            keys.number("rope.scaling.yarn_beta_fast", *fast);
            keys.number("rope.scaling.yarn_beta_slow", *slow);
            let growth = factor.ln();
            // of scores: the square of `0.1 weight ln factor + 1`, beside the usual scale
            let beside = (attention.scale / inverse_root(attention.head_dim)).sqrt();
            if attention.latent.is_some() && growth > 0.0 && (beside - 1.0).abs() > NEAR {
                let weight = ((beside - 1.0) / growth * 1e7).round() / 1e7;
                keys.number("rope.scaling.yarn_log_multiplier", weight);
            } else if (rotary.magnitude - (0.1 * growth + 1.0)).abs() > NEAR {
                keys.number("rope.scaling.yarn_attn_factor", rotary.magnitude);
            }
        }
        RotaryScaling::LongRope { original, short, .. } => {
            if *original != context {
                keys.size("rope.scaling.original_context_length", *original);
            }
            let magnitude = rotary.magnitude * short.magnitude;
            if (magnitude - 1.0).abs() > NEAR {
                keys.number("rope.scaling.attn_factor", magnitude);
            }
        }
    }
}

/// Tensors of factors that frequencies are divided by, each `[dims / 2]`.
pub fn tables(rotary: &RotarySpec) -> Vec<(&'static str, Vec<f32>)> {
    let narrow = |table: &[f64]| table.iter().map(|factor| *factor as f32).collect();
    match &rotary.scaling {
        RotaryScaling::Llama3 {
            factor,
            low,
            high,
            original,
        } => {
            let scaling = Llama3 {
                factor: *factor,
                low: *low,
                high: *high,
                original: *original,
            };
            let table: Vec<f64> = scaling.factors(rotary.theta, rotary.dims).collect();
            vec![("rope_freqs.weight", narrow(&table))]
        }
        RotaryScaling::LongRope { short, long, .. } => vec![
            ("rope_factors_long.weight", narrow(&long.divisors)),
            ("rope_factors_short.weight", narrow(&short.divisors)),
        ],
        RotaryScaling::None
        | RotaryScaling::Linear { .. }
        | RotaryScaling::Dynamic { .. }
        | RotaryScaling::Doubled { .. }
        | RotaryScaling::Yarn { .. } => vec![],
    }
}
