//! Google's Gemma: norms that scale by 1 + weight, a head width of its own, and a scaled embedding.

use super::family::Family;
use super::keys::{Keys, Parsed};
use super::plain::{Defaults, Plain};
use super::rope::{self, ByLayer, ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, WeightMap};
use super::{
    Activation, AttentionSpec, BlockNorms, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, NetworkForm, NormSpec,
    NormWeight, NormedOver, PositionSpec, QkNorm, Span,
};

pub const FAMILIES: &[Family] = &[
    Family::new("GemmaForCausalLM", "Gemma, CodeGemma", gemma, LLAMA).template("gemma"),
    Family::new("Gemma2ForCausalLM", "Gemma 2", gemma2, GEMMA2).template("gemma2"),
    Family::new("Gemma3ForCausalLM", "Gemma 3 (text)", gemma3, GEMMA2).template("gemma2"),
];

const GEMMA2: WeightMap = WeightMap {
    after_attention_norm: "post_attention_layernorm",
    mlp_norm: "pre_feedforward_layernorm",
    after_mlp_norm: "post_feedforward_layernorm",
    ..LLAMA
};

/// What all generations share. The first checkpoints say `gelu` in their config, but mean the tanh approximation.
fn plain(keys: &Keys, rotary: RotaryDefaults) -> Parsed<Plain> {
    let defaults = Defaults {
        head_dim: Some(256),
        norm: NormSpec {
            weight: NormWeight::OnePlus,
            ..NormSpec::rms(1e-6)
        },
        rotary,
        activation: Activation::GeluTanh,
        tied: true,
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    if plain.network.form == NetworkForm::Gated(Activation::Gelu) {
        plain.network.form = NetworkForm::Gated(Activation::GeluTanh);
    }
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    Ok(plain)
}

fn scaled(plain: &Plain, blocks: Vec<BlockSpec>) -> DecoderSpec {
    let decoder = plain.decoder(blocks);
    DecoderSpec {
        embedding: EmbeddingSpec {
            scale: (plain.hidden as f64).sqrt(),
            ..decoder.embedding
        },
        ..decoder
    }
}

/// *Gemma*, arXiv 2403.08295.
fn gemma(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = plain(keys, ROTARY_DEFAULTS)?;
    let block = plain.block(None, plain.dense());
    Ok(scaled(&plain, vec![block; plain.layers]))
}

/// A block of the later generations: norms before and after attention and MLP, and a key for the scale of scores.
fn sandwich(keys: &Keys, plain: &Plain, window: Option<usize>) -> Parsed<BlockSpec> {
    let block = plain.block(window, plain.dense());
    Ok(BlockSpec {
        norms: BlockNorms {
            after_attention: Some(plain.norm.clone()),
            after_mlp: Some(plain.norm.clone()),
            ..block.norms
        },
        attention: AttentionSpec {
            scale: keys.number("query_pre_attn_scalar")?.unwrap_or(256.0).powf(-0.5),
            soft_cap: keys.number("attn_logit_softcapping")?,
            ..block.attention
        },
        ..block
    })
}

fn capped(keys: &Keys, decoder: DecoderSpec) -> Parsed<DecoderSpec> {
    Ok(DecoderSpec {
        head: HeadSpec {
            soft_cap: keys.number("final_logit_softcapping")?,
            ..decoder.head
        },
        ..decoder
    })
}

/// *Gemma 2*, arXiv 2408.00118: every other layer has a window, the first among them.
fn gemma2(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = plain(keys, ROTARY_DEFAULTS)?;
    let windows = keys
        .windows_every(plain.layers, "sliding_window_pattern", 2)?
        .into_iter();
    let blocks = windows.map(|window| sandwich(keys, &plain, window));
    capped(keys, scaled(&plain, blocks.collect::<Parsed<_>>()?))
}

/// *Gemma 3*, arXiv 2503.19786: five layers with a window and frequencies of their own, then one without.
fn gemma3(keys: &Keys) -> Parsed<DecoderSpec> {
    keys.must_be_off("use_bidirectional_attention")?;
    let global = RotaryDefaults {
        theta: 1e6,
        ..ROTARY_DEFAULTS
    };
    let mut plain = plain(keys, global)?;
    plain.attention.qk_norm = Some(QkNorm {
        norm: plain.norm.clone(),
        over: NormedOver::OneHead,
        after_rotary: false,
    });
    let local = RotaryDefaults {
        theta: keys.number("rope_local_base_freq")?.unwrap_or(10000.0),
        ..ROTARY_DEFAULTS
    };
    let rotary = rope::by_layers(
        keys,
        plain.attention.head_dim,
        ByLayer {
            windowed: local,
            full: global,
        },
    )?;
    let windows = keys
        .windows_every(plain.layers, "sliding_window_pattern", 6)?
        .into_iter();
    let block = |window: Option<usize>| {
        let mut block = sandwich(keys, &plain, window)?;
        block.attention.span = Span::windowed(window);
        block.attention.position = PositionSpec::Rotary(match window {
            Some(_) => rotary.windowed.clone(),
            None => rotary.full.clone(),
        });
        Ok(block)
    };
    capped(keys, scaled(&plain, windows.map(block).collect::<Parsed<_>>()?))
}
