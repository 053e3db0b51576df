//! Families that come with their own modelling code: transformers has no class for them.

use super::family::Family;
use super::keys::{Keys, OtherNames, Parsed};
use super::layout::{Fused, RowOrder};
use super::plain::{Defaults, Plain};
use super::rope::RotaryDefaults;
use super::weight_map::{LLAMA, NetworkNames, QKV, WeightMap, stacked_gate_up};
use super::{
    AlibiSpec, AttentionSpec, DecoderSpec, HeadSpec, HeadTable, NetworkSpec, PositionSpec, RopeType, RotaryScaling,
    Temperature,
};
use crate::says;

pub const FAMILIES: &[Family] = &[
    Family::new("QWenLMHeadModel", "Qwen (1)", qwen, QWEN)
        .template("qwen")
        .keys(&[
            ("head_dim", "kv_channels"),
            ("rms_norm_eps", "layer_norm_epsilon"),
            ("rope_theta", "rotary_emb_base"),
            ("partial_rotary_factor", "rotary_pct"),
        ])
        .bound("seq_length")
        .rope_types(&[]),
    Family::new("BaiChuanForCausalLM", "Baichuan 7B", baichuan, BAICHUAN)
        .template("baichuan")
        .rope_types(&[]),
    Family::new(
        "BaichuanForCausalLM",
        "Baichuan 13B, Baichuan2 7B and 13B",
        baichuan,
        BAICHUAN,
    )
    .template("baichuan2")
    .keys(&[("max_position_embeddings", "model_max_length")])
    .rope_types(&[]),
    Family::new(
        "ChatGLMModel",
        "ChatGLM2, ChatGLM3, GLM-4 as published",
        chatglm,
        CHATGLM,
    )
    .keys(CHATGLM_KEYS)
    .rope_types(&[]),
    Family::new("InternLM2ForCausalLM", "InternLM2, InternLM2.5", internlm2, INTERNLM2)
        .template("intern2")
        .rope_types(&[RopeType::Linear, RopeType::Dynamic]),
];

const QWEN: WeightMap = WeightMap {
    embedding: "transformer.wte",
    blocks: "transformer.h",
    attention_norm: "ln_1",
    mlp_norm: "ln_2",
    output: "attn.c_proj",
    dense: NetworkNames {
        gate: "mlp.w2",
        up: "mlp.w1",
        down: "mlp.c_proj",
    },
    final_norm: "transformer.ln_f",
    fused: &[Fused {
        module: "attn.c_attn",
        parts: QKV,
        order: RowOrder::Stacked,
    }],
    ..LLAMA
};

const BAICHUAN: WeightMap = WeightMap {
    fused: &[Fused {
        module: "self_attn.W_pack",
        parts: QKV,
        order: RowOrder::Stacked,
    }],
    ..LLAMA
};

const CHATGLM: WeightMap = WeightMap {
    embedding: "transformer.embedding.word_embeddings",
    blocks: "transformer.encoder.layers",
    output: "self_attention.dense",
    dense: NetworkNames {
        down: "mlp.dense_4h_to_h",
        ..LLAMA.dense
    },
    final_norm: "transformer.encoder.final_layernorm",
    head: "transformer.output_layer",
    fused: &[
        Fused {
            module: "self_attention.query_key_value",
            parts: QKV,
            order: RowOrder::Stacked,
        },
        stacked_gate_up("mlp.dense_h_to_4h"),
    ],
    ..LLAMA
};

const INTERNLM2: WeightMap = WeightMap {
    embedding: "model.tok_embeddings",
    attention_norm: "attention_norm",
    mlp_norm: "ffn_norm",
    output: "attention.wo",
    dense: NetworkNames {
        gate: "feed_forward.w1",
        up: "feed_forward.w3",
        down: "feed_forward.w2",
    },
    head: "output",
    fused: &[Fused {
        module: "attention.wqkv",
        parts: QKV,
        order: RowOrder::ByGroup,
    }],
    ..LLAMA
};

const CHATGLM_KEYS: OtherNames = &[
    ("num_hidden_layers", "num_layers"),
    ("vocab_size", "padded_vocab_size"),
    ("intermediate_size", "ffn_hidden_size"),
    ("head_dim", "kv_channels"),
    ("max_position_embeddings", "seq_length"),
    ("rms_norm_eps", "layernorm_epsilon"),
];

/// *Qwen Technical Report*, arXiv 2309.16609. Its code changes rotations and queries past `seq_length`, but only outside
/// training.
fn qwen(keys: &Keys) -> Parsed<DecoderSpec> {
    if !keys.flag_or("no_bias", true) {
        return Err(says::unsupported("no_bias", false, "true"));
    }
    let mut plain = Plain::read(keys)?;
    plain.attention.qkv_bias = true;
    // `intermediate_size` counts gate and up together
    plain.network.width /= 2;
    if let Some(original) = keys.optional_size("seq_length")? {
        if keys.flag_or("use_dynamic_ntk", true)
            && let PositionSpec::Rotary(rotary) = &mut plain.attention.position
        {
            rotary.scaling = RotaryScaling::Doubled { original };
        }
        if keys.flag_or("use_logn_attn", true) {
            plain.attention.temperature = Some(Temperature::LogLength { length: original });
        }
    }
    Ok(plain.decoder_of(plain.block(None, plain.dense())))
}

/// *Baichuan 2*, arXiv 2309.10305. The 13B models have ALiBi, and `model_max_length` in place of the others'
/// `max_position_embeddings`; models of the second generation normalise the rows of the head's weight.
fn baichuan(keys: &Keys) -> Parsed<DecoderSpec> {
    const SECOND_VOCABULARY: usize = 125_696;
    let mut plain = Plain::read(keys)?;
    if !keys.has("max_position_embeddings") {
        plain.attention.position = PositionSpec::Alibi(AlibiSpec::Plain);
    }
    let decoder = plain.decoder_of(plain.block(None, plain.dense()));
    Ok(DecoderSpec {
        head: HeadSpec {
            normalized: plain.vocabulary == SECOND_VOCABULARY || keys.has("z_loss_weight"),
            ..decoder.head
        },
        ..decoder
    })
}

/// ChatGLM2, ChatGLM3 and GLM-4 as they were published: arXiv 2406.12793.
fn chatglm(keys: &Keys) -> Parsed<DecoderSpec> {
    keys.must_be_off("apply_residual_connection_post_layernorm")?;
    for key in ["rmsnorm", "post_layer_norm"] {
        if !keys.flag_or(key, true) {
            return Err(says::unsupported(key, false, "true"));
        }
    }
    let ratio = keys.number("rope_ratio")?.unwrap_or(1.0);
    let defaults = Defaults {
        rotary: RotaryDefaults {
            theta: 10000.0 * ratio,
            fraction: 0.5,
            interleaved: true,
        },
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    if keys.flag("multi_query_attention") {
        let groups = keys.size("multi_query_group_num")?;
        if !plain.attention.heads.is_multiple_of(groups) {
            return Err(says::heads_do_not_divide(plain.attention.heads, groups));
        }
        plain.attention.kv_heads = groups;
    }
    let bias = keys.flag("add_bias_linear");
    plain.attention = AttentionSpec {
        qkv_bias: bias || keys.flag("add_qkv_bias"),
        output_bias: bias,
        ..plain.attention
    };
    plain.network = NetworkSpec { bias, ..plain.network };
    plain.head = HeadTable::Own;
    Ok(plain.decoder_of(plain.block(None, plain.dense())))
}

/// *InternLM2*, arXiv 2403.17297.
fn internlm2(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::read(keys)?;
    let bias = keys.flag("bias");
    plain.attention.qkv_bias = bias;
    plain.attention.output_bias = bias;
    Ok(plain.decoder_of(plain.block(None, plain.dense())))
}

#[cfg(test)]
mod tests {
    use crate::decoder::ModelSpec;

    #[test]
    fn texts_of_qwen_reach_past_the_length_it_was_made_for_where_its_code_does() {
        let parsed = |more: &str| {
            let config = CONFIG.replace("MORE", more);
            ModelSpec::parse(&serde_json::from_str(&config).unwrap()).unwrap()
        };
        let plain = parsed(r#", "use_dynamic_ntk": false, "use_logn_attn": false"#);
        assert_eq!((plain.context, plain.decoder.otherwise_past()), (Some(8192), None));
        for more in ["", r#", "use_dynamic_ntk": false"#, r#", "use_logn_attn": false"#] {
            let model = parsed(more);
            assert_eq!(
                (model.context, model.decoder.otherwise_past()),
                (Some(32768), Some(8192))
            );
        }
    }

    const CONFIG: &str = r#"{"architectures": ["QWenLMHeadModel"], "hidden_size": 32, "intermediate_size": 48, "kv_channels": 8,
            "num_attention_heads": 4, "num_hidden_layers": 1, "vocab_size": 8, "layer_norm_epsilon": 1e-6,
            "max_position_embeddings": 32768, "seq_length": 8192MORE}"#;
}
