//! GPT-2 and the families modelled on it: layer norms, biases, an MLP of two layers, and their own names of tensors.

use super::family::Family;
use super::keys::{Keys, OtherNames, Parsed};
use super::layout::{Fused, RowOrder};
use super::plain::{Defaults, Plain};
use super::rope::{ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, NetworkNames, QKV, WeightMap};
use super::{
    Activation, AlibiSpec, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, LearnedPositions, PositionSpec, Residual,
};
use crate::says;

pub const FAMILIES: &[Family] = &[
    Family::new("GPT2LMHeadModel", "GPT-2", gpt2, GPT2).keys(GPT2_KEYS),
    Family::new(
        "GPTBigCodeForCausalLM",
        "StarCoder, SantaCoder",
        gpt_bigcode,
        GPT_BIGCODE,
    )
    .keys(GPT2_KEYS),
    Family::new("GPTJForCausalLM", "GPT-J", gptj, GPTJ)
        .keys(GPT2_KEYS)
        .rope_types(&[]),
    Family::new("GPTNeoXForCausalLM", "GPT-NeoX, Pythia", gpt_neox, GPT_NEOX).keys(&[
        ("rope_theta", "rotary_emb_base"),
        ("partial_rotary_factor", "rotary_pct"),
    ]),
    Family::new("BloomForCausalLM", "BLOOM, BLOOMZ", bloom, BLOOM).keys(BLOOM_KEYS),
];

/// GPT-2's names outside attention and MLP.
const TRANSFORMER: WeightMap = WeightMap {
    embedding: "transformer.wte",
    positions: "transformer.wpe",
    blocks: "transformer.h",
    attention_norm: "ln_1",
    mlp_norm: "ln_2",
    final_norm: "transformer.ln_f",
    ..LLAMA
};

const GPT2: WeightMap = WeightMap {
    output: "attn.c_proj",
    dense: NetworkNames {
        up: "mlp.c_fc",
        down: "mlp.c_proj",
        ..LLAMA.dense
    },
    fused: &[Fused {
        module: "attn.c_attn",
        parts: QKV,
        order: RowOrder::Stacked,
    }],
    transposed: true,
    ..TRANSFORMER
};

/// With a single head of keys and values, `ByGroup` is all rows of queries, then those of key and value.
const GPT_BIGCODE: WeightMap = WeightMap {
    fused: &[Fused {
        module: "attn.c_attn",
        parts: QKV,
        order: RowOrder::ByGroup,
    }],
    transposed: false,
    ..GPT2
};

const GPTJ: WeightMap = WeightMap {
    query: "attn.q_proj",
    key: "attn.k_proj",
    value: "attn.v_proj",
    output: "attn.out_proj",
    dense: NetworkNames {
        up: "mlp.fc_in",
        down: "mlp.fc_out",
        ..LLAMA.dense
    },
    ..TRANSFORMER
};

/// Megatron's names of an MLP's layers: `dense_h_to_4h` and `dense_4h_to_h`.
pub const MEGATRON_MLP: NetworkNames = NetworkNames {
    up: "mlp.dense_h_to_4h",
    down: "mlp.dense_4h_to_h",
    ..LLAMA.dense
};

const GPT_NEOX: WeightMap = WeightMap {
    embedding: "gpt_neox.embed_in",
    blocks: "gpt_neox.layers",
    output: "attention.dense",
    dense: MEGATRON_MLP,
    final_norm: "gpt_neox.final_layer_norm",
    head: "embed_out",
    fused: &[Fused {
        module: "attention.query_key_value",
        parts: QKV,
        order: RowOrder::ByGroup,
    }],
    ..LLAMA
};

const BLOOM: WeightMap = WeightMap {
    embedding: "transformer.word_embeddings",
    embedding_norm: "transformer.word_embeddings_layernorm",
    blocks: "transformer.h",
    output: "self_attention.dense",
    dense: MEGATRON_MLP,
    final_norm: "transformer.ln_f",
    fused: &[Fused {
        module: "self_attention.query_key_value",
        parts: QKV,
        order: RowOrder::ByGroup,
    }],
    ..LLAMA
};

const GPT2_KEYS: OtherNames = &[
    ("hidden_size", "n_embd"),
    ("num_hidden_layers", "n_layer"),
    ("num_attention_heads", "n_head"),
    ("max_position_embeddings", "n_positions"),
    ("intermediate_size", "n_inner"),
    ("hidden_act", "activation_function"),
];

const BLOOM_KEYS: OtherNames = &[
    ("hidden_size", "n_embed"),
    ("num_hidden_layers", "n_layer"),
    ("num_attention_heads", "n_head"),
    ("max_position_embeddings", "seq_length"),
];

/// GPT-2's, with an MLP four times as wide as the residual stream.
fn defaults() -> Defaults {
    Defaults {
        mlp_ratio: Some(4),
        ..Defaults::gpt()
    }
}

fn biased(plain: &mut Plain) {
    plain.attention.qkv_bias = true;
    plain.attention.output_bias = true;
    plain.network.bias = true;
}

/// *Language Models are Unsupervised Multitask Learners*.
fn gpt2(keys: &Keys) -> Parsed<DecoderSpec> {
    keys.must_be_off("scale_attn_by_inverse_layer_idx")?;
    keys.must_be_off("add_cross_attention")?;
    let tied = Defaults {
        tied: true,
        ..defaults()
    };
    let mut plain = Plain::with_defaults(keys, tied)?;
    biased(&mut plain);
    plain.attention.position = PositionSpec::None;
    if !keys.flag_or("scale_attn_weights", true) {
        plain.attention.scale = 1.0;
    }
    let decoder = plain.decoder_of(plain.block(None, plain.dense()));
    Ok(with_positions(decoder, keys.size("max_position_embeddings")?, 0))
}

/// Adds a table of `count` learned positions, the first of them in row `offset`.
fn with_positions(decoder: DecoderSpec, count: usize, offset: usize) -> DecoderSpec {
    DecoderSpec {
        embedding: EmbeddingSpec {
            positions: Some(LearnedPositions { count, offset }),
            ..decoder.embedding
        },
        ..decoder
    }
}

/// *StarCoder*, arXiv 2305.06161: GPT-2 with one head of keys and values.
fn gpt_bigcode(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut decoder = gpt2(keys)?;
    if keys.flag_or("multi_query", true) {
        for block in &mut decoder.blocks {
            block.attention.kv_heads = 1;
        }
    }
    Ok(decoder)
}

/// *GPT-J-6B*: attention and MLP run in parallel behind one norm, and the head has a bias.
fn gptj(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::with_defaults(keys, defaults())?;
    plain.network.bias = true;
    let head_dim = plain.attention.head_dim;
    if let PositionSpec::Rotary(rotary) = &mut plain.attention.position {
        let dims = keys.optional_size("rotary_dim")?.unwrap_or(head_dim);
        if dims > head_dim || !dims.is_multiple_of(2) {
            return Err(says::must_be("rotary_dim", dims, says::even()));
        }
        (rotary.dims, rotary.interleaved) = (dims, true);
    }
    let decoder = plain.decoder_of(plain.parallel());
    Ok(DecoderSpec {
        head: HeadSpec {
            bias: true,
            ..decoder.head
        },
        ..decoder
    })
}

/// *GPT-NeoX-20B*, arXiv 2204.06745, and *Pythia*, arXiv 2304.01373.
fn gpt_neox(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        epsilon: "layer_norm_eps",
        rotary: RotaryDefaults {
            fraction: 0.25,
            ..ROTARY_DEFAULTS
        },
        activation: Activation::Gelu,
        ..Defaults::gpt()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag_or("attention_bias", true);
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    plain.network.bias = true;
    let block = plain.block(None, plain.dense());
    Ok(plain.decoder_of(BlockSpec {
        residual: match keys.flag_or("use_parallel_residual", true) {
            true => Residual::Parallel,
            false => Residual::Sequential,
        },
        ..block
    }))
}

/// *BLOOM*, arXiv 2211.05100.
fn bloom(keys: &Keys) -> Parsed<DecoderSpec> {
    keys.must_be_off("apply_residual_connection_post_layernorm")?;
    let tied = Defaults {
        tied: true,
        ..defaults()
    };
    let mut plain = Plain::with_defaults(keys, tied)?;
    biased(&mut plain);
    plain.attention.position = PositionSpec::Alibi(AlibiSpec::Plain);
    let decoder = plain.decoder_of(plain.block(None, plain.dense()));
    Ok(DecoderSpec {
        embedding: EmbeddingSpec {
            norm: Some(plain.norm),
            ..decoder.embedding
        },
        ..decoder
    })
}
