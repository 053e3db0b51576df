//! MiniCPM3: MiniCPM's multipliers with multi-head latent attention.

use super::family::Family;
use super::keys::{Keys, Parsed};
use super::llama::{Multipliers, multiplied};
use super::plain::{Defaults, Plain};
use super::weight_map::LLAMA;
use super::{AttentionSpec, DecoderSpec, LatentSpec, NormSpec, inverse_root};

/// The rotated part of a head is what the rotary keys describe.
pub const FAMILIES: &[Family] = &[Family::new("MiniCPM3ForCausalLM", "MiniCPM3", minicpm3, LLAMA)
    .template("cpm3")
    .keys(&[("head_dim", "qk_rope_head_dim")])];

/// Latent attention as in DeepSeek-V2, arXiv 2405.04434, but with dimension `i` rotated together with `i + dims / 2`.
fn minicpm3(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        norm: NormSpec::rms(1e-5),
        tied: true,
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let (heads, bias) = (plain.attention.heads, keys.flag("attention_bias"));
    let head_dim = plain.attention.head_dim + keys.size("qk_nope_head_dim")?;
    plain.attention = AttentionSpec {
        kv_heads: heads,
        head_dim,
        value_dim: keys.optional_size("v_head_dim")?.unwrap_or(plain.hidden / heads),
        qkv_bias: bias,
        output_bias: bias,
        scale: inverse_root(head_dim),
        latent: Some(LatentSpec {
            // `null` means none; where the key is absent the class's own default would hold, which we won't guess
            query_rank: match keys.has("q_lora_rank") {
                true => keys.optional_size("q_lora_rank")?,
                false => Some(keys.size("q_lora_rank")?),
            },
            rank: keys.size("kv_lora_rank")?,
            norm: NormSpec::rms(1e-6),
        }),
        ..plain.attention
    };
    let usual = Multipliers {
        embedding: 12.0,
        depth: 1.4,
        base: 256.0,
    };
    plain.network.bias = keys.flag("mlp_bias");
    multiplied(keys, &plain, plain.block(None, plain.dense()), usual)
}
