//! Families with Llama's names, more or less, and other norms: Phi, StarCoder2, StableLM, Nemotron, OLMo, Cohere.

use super::family::Family;
use super::keys::{Keys, Parsed};
use super::layout::HeadNorms;
use super::plain::{Defaults, Plain};
use super::rope::{self, ByLayer, ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, NetworkNames, WeightMap};
use super::{
    Activation, AttentionSpec, BlockNorms, BlockSpec, DecoderSpec, HeadSpec, NormKind, NormSpec, NormWeight,
    NormedOver, PositionSpec, QkNorm, Span,
};

pub const FAMILIES: &[Family] = &[
    Family::new("PhiForCausalLM", "Phi-1.5, Phi-2", phi, PHI),
    Family::new("Starcoder2ForCausalLM", "StarCoder2", starcoder2, STARCODER2),
    Family::new("StableLmForCausalLM", "StableLM", stablelm, STABLELM),
    Family::new("NemotronForCausalLM", "Nemotron, Minitron", nemotron, LLAMA),
    Family::new("OlmoForCausalLM", "OLMo", olmo, LLAMA),
    Family::new("Olmo2ForCausalLM", "OLMo 2", olmo2, OLMO2),
    Family::new("Olmo3ForCausalLM", "OLMo 3", olmo3, OLMO2),
    Family::new("CohereForCausalLM", "Command R, R+", cohere, COHERE).template("cohere"),
    Family::new("Cohere2ForCausalLM", "Command R7B", cohere2, COHERE).template("cohere"),
];

const PHI: WeightMap = WeightMap {
    output: "self_attn.dense",
    query_norm: "self_attn.q_layernorm",
    key_norm: "self_attn.k_layernorm",
    dense: NetworkNames {
        up: "mlp.fc1",
        down: "mlp.fc2",
        ..LLAMA.dense
    },
    final_norm: "model.final_layernorm",
    ..LLAMA
};

const STARCODER2: WeightMap = WeightMap {
    dense: NetworkNames {
        up: "mlp.c_fc",
        down: "mlp.c_proj",
        ..LLAMA.dense
    },
    ..LLAMA
};

const STABLELM: WeightMap = WeightMap {
    query_norm: "self_attn.q_layernorm.norms",
    key_norm: "self_attn.k_layernorm.norms",
    head_norms: HeadNorms::Numbered,
    ..LLAMA
};

const COHERE: WeightMap = WeightMap {
    head_norms: HeadNorms::Rows,
    ..LLAMA
};

/// Norms after attention and MLP, and none before them.
pub const OLMO2: WeightMap = WeightMap {
    after_attention_norm: "post_attention_layernorm",
    after_mlp_norm: "post_feedforward_layernorm",
    ..LLAMA
};

/// Layer norms, and rotary embedding over a fraction of each head.
fn layer_norms(fraction: f64) -> Defaults {
    Defaults {
        norm: NormSpec::layer(1e-5),
        epsilon: "layer_norm_eps",
        rotary: RotaryDefaults {
            fraction,
            ..ROTARY_DEFAULTS
        },
        ..Defaults::llama()
    }
}

/// A norm of queries and keys before they are rotated.
fn of_heads(norm: NormSpec, over: NormedOver) -> QkNorm {
    QkNorm {
        norm,
        over,
        after_rotary: false,
    }
}

/// *Textbooks Are All You Need II*, arXiv 2309.05463.
fn phi(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        activation: Activation::GeluTanh,
        gated: false,
        ..layer_norms(0.5)
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    plain.attention = AttentionSpec {
        qkv_bias: true,
        output_bias: true,
        qk_norm: keys
            .flag("qk_layernorm")
            .then(|| of_heads(plain.norm.clone(), NormedOver::OneHead)),
        ..plain.attention
    };
    plain.network.bias = true;
    let decoder = plain.decoder_of(plain.parallel());
    Ok(DecoderSpec {
        head: HeadSpec {
            bias: true,
            ..decoder.head
        },
        ..decoder
    })
}

/// *StarCoder 2*, arXiv 2402.19173.
fn starcoder2(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        epsilon: "norm_epsilon",
        activation: Activation::GeluTanh,
        gated: false,
        tied: true,
        ..layer_norms(1.0)
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag_or("use_bias", true);
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    plain.network.bias = bias;
    let windows = keys.windows(plain.layers, 0)?.into_iter();
    let blocks = windows.map(|window| plain.block(window, plain.dense()));
    Ok(plain.decoder(blocks.collect()))
}

/// *Stable LM 2*, arXiv 2402.17834.
fn stablelm(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::with_defaults(keys, layer_norms(0.25))?;
    let without_bias = NormSpec {
        bias: false,
        ..plain.norm.clone()
    };
    plain.attention = AttentionSpec {
        qkv_bias: keys.flag("use_qkv_bias"),
        qk_norm: keys
            .flag("qk_layernorm")
            .then(|| of_heads(without_bias, NormedOver::EachHead)),
        ..plain.attention
    };
    Ok(plain.decoder_of(match keys.flag("use_parallel_residual") {
        true => plain.parallel(),
        false => plain.block(None, plain.dense()),
    }))
}

/// *Nemotron-4*, arXiv 2402.16819: norms that scale by 1 + weight, and a squared ReLU.
fn nemotron(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        norm: NormSpec {
            weight: NormWeight::OnePlus,
            ..NormSpec::layer(1e-5)
        },
        epsilon: "norm_eps",
        activation: Activation::ReluSquared,
        gated: false,
        ..layer_norms(0.5)
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    plain.network.bias = keys.flag("mlp_bias");
    Ok(plain.decoder_of(plain.block(None, plain.dense())))
}

/// *OLMo*, arXiv 2402.00838: layer norms without weight or bias.
fn olmo(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::read(keys)?;
    plain.norm = NormSpec {
        kind: NormKind::Layer,
        epsilon: 1e-5,
        weight: NormWeight::None,
        bias: false,
    };
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    plain.attention.clip = keys.number("clip_qkv")?;
    Ok(plain.decoder_of(plain.block(None, plain.dense())))
}

/// *2 OLMo 2 Furious*, arXiv 2501.00656.
fn olmo2(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = olmo2_plain(keys)?;
    Ok(plain.decoder_of(olmo2_block(&plain)))
}

fn olmo2_plain(keys: &Keys) -> Parsed<Plain> {
    let defaults = Defaults {
        norm: NormSpec::rms(1e-5),
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    plain.attention = AttentionSpec {
        qkv_bias: bias,
        output_bias: bias,
        qk_norm: Some(of_heads(plain.norm.clone(), NormedOver::Width)),
        ..plain.attention
    };
    Ok(plain)
}

fn olmo2_block(plain: &Plain) -> BlockSpec {
    BlockSpec {
        norms: BlockNorms {
            after_attention: Some(plain.norm.clone()),
            after_mlp: Some(plain.norm.clone()),
            ..BlockNorms::default()
        },
        ..plain.block(None, plain.dense())
    }
}

/// Three layers with a window, then one without; only the latter's frequencies are scaled.
fn olmo3(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = olmo2_plain(keys)?;
    let rotary = RotaryDefaults {
        theta: 500_000.0,
        ..ROTARY_DEFAULTS
    };
    let defaults = ByLayer {
        windowed: rotary,
        full: rotary,
    };
    let rotary = rope::by_layers(keys, plain.attention.head_dim, defaults)?;
    let windows = keys
        .windows_every(plain.layers, "sliding_window_pattern", 4)?
        .into_iter();
    let block = |window: Option<usize>| {
        let block = olmo2_block(&plain);
        BlockSpec {
            attention: AttentionSpec {
                span: Span::windowed(window),
                position: PositionSpec::Rotary(match window {
                    Some(_) => rotary.windowed.clone(),
                    None => rotary.full.clone(),
                }),
                ..block.attention
            },
            ..block
        }
    };
    Ok(plain.decoder(windows.map(block).collect()))
}

/// Command R: attention and MLP run in parallel behind one norm without bias, and logits are scaled.
fn cohere(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = cohere_plain(keys)?;
    let over = |norm: &NormSpec| of_heads(norm.clone(), NormedOver::EachHead);
    let mut block = plain.parallel();
    block.attention.qk_norm = keys.flag("use_qk_norm").then(|| over(&plain.norm));
    cohere_head(keys, plain.decoder_of(block))
}

fn cohere_plain(keys: &Keys) -> Parsed<Plain> {
    let defaults = Defaults {
        norm: NormSpec {
            bias: false,
            ..NormSpec::layer(1e-5)
        },
        rotary: RotaryDefaults {
            interleaved: true,
            ..ROTARY_DEFAULTS
        },
        tied: true,
        ..layer_norms(1.0)
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    Ok(plain)
}

fn cohere_head(keys: &Keys, decoder: DecoderSpec) -> Parsed<DecoderSpec> {
    Ok(DecoderSpec {
        head: HeadSpec {
            scale: keys.number("logit_scale")?.unwrap_or(0.0625),
            ..decoder.head
        },
        ..decoder
    })
}

/// Command R7B: layers with a window have rotary embedding; the others see the whole text and have no positions.
fn cohere2(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = cohere_plain(keys)?;
    let windows = keys
        .windows_every(plain.layers, "sliding_window_pattern", 4)?
        .into_iter();
    let block = |window: Option<usize>| {
        let mut block = plain.parallel();
        block.attention.span = Span::windowed(window);
        if window.is_none() {
            block.attention.position = PositionSpec::None;
        }
        block
    };
    cohere_head(keys, plain.decoder(windows.map(block).collect()))
}
