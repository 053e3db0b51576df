//! Families after GPT-2: layer norms, biases, a network of two layers, and names of their own.

use super::family::Family;
use super::keys::{Keys, OtherNames, Parsed};
use super::layout::{Fused, RowOrder};
use super::plain::{Assumed, Plain};
use super::rope::{TURNING, Turning};
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

/// What is before and behind the numbers of GPT-2's blocks, and its norms.
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

/// With one head of keys and values, rows by group are all of queries, then those two.
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

/// `dense_h_to_4h` and `dense_4h_to_h`, as Megatron names a network.
pub const FOUR_TIMES: NetworkNames = NetworkNames {
    up: "mlp.dense_h_to_4h",
    down: "mlp.dense_4h_to_h",
    ..LLAMA.dense
};

const GPT_NEOX: WeightMap = WeightMap {
    embedding: "gpt_neox.embed_in",
    blocks: "gpt_neox.layers",
    output: "attention.dense",
    dense: FOUR_TIMES,
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
    dense: FOUR_TIMES,
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

/// A block of four times the stream's width with a bias on every layer.
fn assumed() -> Assumed {
    Assumed {
        widening: Some(4),
        ..Assumed::gpt()
    }
}

fn biased(plain: &mut Plain) {
    plain.attention.qkv_bias = true;
    plain.attention.output_bias = true;
    plain.network.bias = true;
}

/// *Language Models are Unsupervised Multitask Learners*.
fn gpt2(keys: &Keys) -> Parsed<DecoderSpec> {
    keys.is_off("scale_attn_by_inverse_layer_idx")?;
    keys.is_off("add_cross_attention")?;
    let tied = Assumed {
        tied: true,
        ..assumed()
    };
    let mut plain = Plain::assuming(keys, tied)?;
    biased(&mut plain);
    plain.attention.position = PositionSpec::None;
    if !keys.flag_or("scale_attn_weights", true) {
        plain.attention.scale = 1.0;
    }
    let decoder = plain.decoder_of(plain.block(None, plain.dense()));
    Ok(with_positions(decoder, keys.size("max_position_embeddings")?, 0))
}

/// With a table of so many learned positions behind `offset` other rows.
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

/// *GPT-J-6B*: attention and network read one norm, and the head has a bias.
fn gptj(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::assuming(keys, assumed())?;
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
    let assumed = Assumed {
        epsilon: "layer_norm_eps",
        turning: Turning { part: 0.25, ..TURNING },
        activation: Activation::Gelu,
        ..Assumed::gpt()
    };
    let mut plain = Plain::assuming(keys, assumed)?;
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
    keys.is_off("apply_residual_connection_post_layernorm")?;
    let tied = Assumed {
        tied: true,
        ..assumed()
    };
    let mut plain = Plain::assuming(keys, tied)?;
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
