//! Llama, and the families that differ from it only in biases, windows, norms of heads or multipliers.

use super::family::Family;
use super::keys::{Keys, Parsed};
use super::plain::{Defaults, Plain};
use super::rope::{ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, PHI3};
use super::{
    AttentionSpec, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, MlpSpec, NetworkSpec, NormSpec, NormedOver, QkNorm,
    RopeType,
};
use serde_json::Value;

pub const FAMILIES: &[Family] = &[
    Family::new(
        "LlamaForCausalLM",
        "Llama 1, 2, 3, 3.1, 3.2; Yi; DeepSeek LLM, Coder and distils of R1",
        llama,
        LLAMA,
    ),
    Family::new("MistralForCausalLM", "Mistral, Ministral as published", mistral, LLAMA).template("mistral"),
    Family::new("Qwen2ForCausalLM", "Qwen 1.5, 2, 2.5; QwQ; distils of R1", qwen2, LLAMA).template("qwen"),
    Family::new("Qwen3ForCausalLM", "Qwen 3", qwen3, LLAMA).template("qwen3"),
    Family::new("Phi3ForCausalLM", "Phi-3, 3.5, 4, 4-mini", phi3, PHI3)
        .template("phi")
        .rope_types(&[]),
    Family::new("MinistralForCausalLM", "Ministral", mistral, LLAMA).template("ministral"),
    Family::new("XverseForCausalLM", "XVERSE", llama, LLAMA)
        .template("xverse")
        .rope_types(&[]),
    Family::new("InternLM3ForCausalLM", "InternLM3", internlm3, LLAMA).template("intern2"),
    Family::new("SeedOssForCausalLM", "Seed-OSS", seed_oss, LLAMA).template("seed_oss"),
    Family::new("GraniteForCausalLM", "Granite 3", granite, LLAMA).template("granite3"),
    Family::new("MiniCPMForCausalLM", "MiniCPM", minicpm, LLAMA)
        .template("cpm")
        .rope_types(&[RopeType::Linear, RopeType::Dynamic]),
    Family::new("Ernie4_5ForCausalLM", "ERNIE 4.5", ernie, LLAMA).template("ernie_nothink"),
];

pub fn llama(keys: &Keys) -> Parsed<DecoderSpec> {
    let bias = keys.flag("attention_bias");
    biased(&Plain::read(keys)?, bias, bias, keys.flag("mlp_bias"))
}

/// Llama's blocks with biases on q, k and v, on the output projection, and on the MLP.
fn biased(plain: &Plain, qkv_bias: bool, output_bias: bool, mlp_bias: bool) -> Parsed<DecoderSpec> {
    Ok(plain.decoder_of(with_biases(plain, qkv_bias, output_bias, mlp_bias)))
}

fn with_biases(plain: &Plain, qkv_bias: bool, output_bias: bool, mlp_bias: bool) -> BlockSpec {
    let network = NetworkSpec {
        bias: mlp_bias,
        ..plain.network
    };
    BlockSpec {
        attention: AttentionSpec {
            qkv_bias,
            output_bias,
            ..plain.attention.clone()
        },
        ..plain.block(None, MlpSpec::Dense(network))
    }
}

/// Llama with a sliding window in every layer, or in those that `layer_types` names.
pub fn mistral(keys: &Keys) -> Parsed<DecoderSpec> {
    windowed(keys, &Plain::read(keys)?)
}

fn windowed(keys: &Keys, plain: &Plain) -> Parsed<DecoderSpec> {
    let windows = keys.windows(plain.layers, 0)?.into_iter();
    let blocks = windows.map(|window| plain.block(window, plain.dense()));
    Ok(plain.decoder(blocks.collect()))
}

/// Mistral's decoder under other names of tensors.
fn phi3(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        norm: NormSpec::rms(1e-5),
        ..Defaults::llama()
    };
    windowed(keys, &Plain::with_defaults(keys, defaults)?)
}

pub fn qwen2(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::read(keys)?;
    plain.attention.qkv_bias = qwen2_bias(keys);
    let windows = qwen_windows(keys, plain.layers)?.into_iter();
    let blocks = windows.map(|window| plain.block(window, plain.dense()));
    Ok(plain.decoder(blocks.collect()))
}

pub fn qwen3(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = qwen3_plain(keys)?;
    let windows = qwen_windows(keys, plain.layers)?.into_iter();
    let blocks = windows.map(|window| plain.block(window, plain.dense()));
    Ok(plain.decoder(blocks.collect()))
}

/// Heads 128 wide where no key says otherwise, each query and key head normalised.
pub fn qwen3_plain(keys: &Keys) -> Parsed<Plain> {
    let defaults = Defaults {
        head_dim: Some(128),
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    plain.attention = AttentionSpec {
        qkv_bias: bias,
        output_bias: bias,
        qk_norm: Some(QkNorm {
            norm: plain.norm.clone(),
            over: NormedOver::OneHead,
            after_rotary: false,
        }),
        ..plain.attention
    };
    Ok(plain)
}

/// Whether q, k and v have a bias: they have, unless the config says otherwise.
pub fn qwen2_bias(keys: &Keys) -> bool {
    keys.flag_or("qkv_bias", true)
}

/// Qwen's sliding windows: only where `use_sliding_window` says so, and then in the upper layers.
pub fn qwen_windows(keys: &Keys, layers: usize) -> Parsed<Vec<Option<usize>>> {
    match keys.flag("use_sliding_window") {
        false => Ok(vec![None; layers]),
        true => {
            let first = keys.get("max_window_layers").and_then(Value::as_u64);
            keys.windows(layers, first.unwrap_or(28))
        }
    }
}

/// Two switches for biases; transformers 5 writes them under Llama's names.
fn internlm3(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        head_dim: Some(128),
        norm: NormSpec::rms(1e-5),
        ..Defaults::llama()
    };
    let qkv = keys.flag("qkv_bias") || keys.flag("attention_bias");
    let other = keys.flag("bias") || keys.flag("mlp_bias");
    biased(&Plain::with_defaults(keys, defaults)?, qkv, other, other)
}

fn seed_oss(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        head_dim: Some(128),
        ..Defaults::llama()
    };
    biased(
        &Plain::with_defaults(keys, defaults)?,
        keys.flag_or("attention_bias", true),
        keys.flag("attention_out_bias"),
        keys.flag("mlp_bias"),
    )
}

/// Multipliers on embedding, branches, scores and logits: *Granite 3.0*, after muP, arXiv 2203.03466.
fn granite(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = Plain::read(keys)?;
    let bias = keys.flag("attention_bias");
    let block = granite_block(keys, with_biases(&plain, bias, bias, keys.flag("mlp_bias")))?;
    granite_stream(keys, plain.decoder_of(block))
}

/// Granite's multipliers within a block.
pub fn granite_block(keys: &Keys, block: BlockSpec) -> Parsed<BlockSpec> {
    Ok(BlockSpec {
        attention: AttentionSpec {
            scale: keys.number("attention_multiplier")?.unwrap_or(1.0),
            ..block.attention
        },
        branch_scale: keys.number("residual_multiplier")?.unwrap_or(1.0),
        ..block
    })
}

/// Granite's multipliers of embedding and head.
pub fn granite_stream(keys: &Keys, decoder: DecoderSpec) -> Parsed<DecoderSpec> {
    Ok(DecoderSpec {
        embedding: EmbeddingSpec {
            scale: keys.number("embedding_multiplier")?.unwrap_or(1.0),
            ..decoder.embedding
        },
        head: HeadSpec {
            scale: 1.0 / keys.number("logits_scaling")?.unwrap_or(1.0),
            ..decoder.head
        },
        ..decoder
    })
}

/// Multipliers as well, some of them scaled by depth and width: *MiniCPM*, arXiv 2404.06395.
fn minicpm(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        tied: true,
        ..Defaults::llama()
    };
    let plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    let usual = Multipliers {
        embedding: 1.0,
        depth: 1.0,
        base: 1.0,
    };
    multiplied(keys, &plain, with_biases(&plain, bias, bias, false), usual)
}

/// MiniCPM's multipliers where no key says otherwise.
pub struct Multipliers {
    /// Multiplies the embedding's output.
    pub embedding: f64,
    /// Multiplies each branch, after division by the square root of the number of blocks.
    pub depth: f64,
    /// Multiplies logits, after division by the width of the residual stream.
    pub base: f64,
}

/// A decoder of such blocks with MiniCPM's multipliers.
pub fn multiplied(keys: &Keys, plain: &Plain, block: BlockSpec, usual: Multipliers) -> Parsed<DecoderSpec> {
    let depth = keys.number("scale_depth")?.unwrap_or(usual.depth);
    let decoder = plain.decoder_of(BlockSpec {
        branch_scale: depth / (plain.layers as f64).sqrt(),
        ..block
    });
    Ok(DecoderSpec {
        embedding: EmbeddingSpec {
            scale: keys.number("scale_emb")?.unwrap_or(usual.embedding),
            ..decoder.embedding
        },
        head: HeadSpec {
            scale: keys.number("dim_model_base")?.unwrap_or(usual.base) / plain.hidden as f64,
            ..decoder.head
        },
        ..decoder
    })
}

/// Rotary embedding over pairs of neighbouring dimensions, and one switch for all biases.
fn ernie(keys: &Keys) -> Parsed<DecoderSpec> {
    let bias = keys.flag("use_bias");
    biased(&ernie_plain(keys)?, bias, bias, bias)
}

pub fn ernie_plain(keys: &Keys) -> Parsed<Plain> {
    let defaults = Defaults {
        norm: NormSpec::rms(1e-5),
        rotary: RotaryDefaults {
            theta: 500_000.0,
            interleaved: true,
            ..ROTARY_DEFAULTS
        },
        tied: true,
        ..Defaults::llama()
    };
    Plain::with_defaults(keys, defaults)
}

#[cfg(test)]
mod tests {
    use super::super::{DecoderSpec, ModelSpec, Parsed, PositionSpec, RotaryScaling, Span};
    use super::*;

    fn parse(extra: &str) -> Parsed<DecoderSpec> {
        let text = format!(
            r#"{{"vocab_size": 8, "hidden_size": 16, "intermediate_size": 8, "num_hidden_layers": 2,
            "num_attention_heads": 4, {extra}}}"#
        );
        let config = serde_json::from_str(&text).unwrap();
        ModelSpec::parse(&config).map(|model| model.decoder)
    }

    #[test]
    fn what_is_not_supported_is_named_with_what_is() {
        for (extra, said) in [
            (
                r#""architectures": ["BertForCausalLM"]"#,
                "BertForCausalLM; supported: LlamaForCausalLM, Mistral",
            ),
            (r#""model_type": "llama""#, "no architecture"),
            (
                r#""architectures": ["LlamaForCausalLM"], "rope_scaling": {"rope_type": "mrope"}"#,
                "default, linear, dynamic, yarn, longrope, llama3",
            ),
            (
                r#""architectures": ["LlamaForCausalLM"], "hidden_act": "tanh""#,
                "`hidden_act` is `tanh`; supported: silu",
            ),
            (
                r#""architectures": ["LlamaForCausalLM"], "num_key_value_heads": 3"#,
                "3 key-value heads",
            ),
            (
                r#""architectures": ["LlamaForCausalLM"], "head_dim": -1"#,
                "whole number",
            ),
        ] {
            let error = parse(extra).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn windows_follow_the_family() {
        let spans = |extra| -> Vec<_> {
            let blocks = parse(extra).unwrap().blocks.into_iter();
            blocks.map(|block| block.attention.span).collect()
        };
        let mistral = r#""architectures": ["MistralForCausalLM"], "sliding_window": 5"#;
        assert_eq!(spans(mistral), [Span::Window(5); 2]);
        let off = r#""architectures": ["Qwen2ForCausalLM"], "sliding_window": 5, "use_sliding_window": false"#;
        assert_eq!(spans(off), [Span::All; 2]);
        let none = r#""architectures": ["Qwen2ForCausalLM"], "sliding_window": 0, "use_sliding_window": true"#;
        assert_eq!(spans(none), [Span::All; 2]);
        let upper = r#""architectures": ["Qwen2ForCausalLM"], "sliding_window": 5, "use_sliding_window": true, "max_window_layers": 1"#;
        assert_eq!(spans(upper), [Span::All, Span::Window(5)]);
    }

    #[test]
    fn biases_norms_and_rotations_follow_the_family() {
        let first = |extra| parse(extra).unwrap().blocks.swap_remove(0).attention;
        let qwen2 = first(r#""architectures": ["Qwen2ForCausalLM"]"#);
        assert!(qwen2.qkv_bias && !qwen2.output_bias && qwen2.qk_norm.is_none());
        let qwen3 = first(r#""architectures": ["Qwen3ForCausalLM"], "rms_norm_eps": 1e-5"#);
        let per_head = QkNorm {
            norm: NormSpec::rms(1e-5),
            over: NormedOver::OneHead,
            after_rotary: false,
        };
        assert!(!qwen3.qkv_bias && qwen3.qk_norm == Some(per_head));
        assert_eq!((qwen2.head_dim, qwen3.head_dim, qwen3.value_dim), (4, 128, 128));
        let narrow = first(r#""architectures": ["Qwen3ForCausalLM"], "head_dim": 6"#);
        assert_eq!((narrow.head_dim, narrow.query_width()), (6, 24));
        let linear = r#""architectures": ["LlamaForCausalLM"], "attention_bias": true, "head_dim": 6,
            "rope_parameters": {"rope_theta": 500.0, "rope_type": "linear", "factor": 4.0}"#;
        let llama = first(linear);
        assert!(llama.qkv_bias && llama.output_bias);
        let PositionSpec::Rotary(rotary) = llama.position else {
            panic!("Llama turns")
        };
        assert_eq!((rotary.dims, rotary.theta), (6, 500.0));
        assert_eq!(rotary.scaling, RotaryScaling::Linear { factor: 4.0 });
    }

    #[test]
    fn a_decoder_is_read_back_as_it_was_sent() {
        let some = r#""architectures": ["Qwen2ForCausalLM"], "sliding_window": 5, "use_sliding_window": true, "max_window_layers": 1"#;
        let sent = parse(some).unwrap();
        let text = serde_json::to_string(&sent).unwrap();
        assert_eq!(serde_json::from_str::<DecoderSpec>(&text).unwrap(), sent);
        let deep = text.replace(r#""count":1"#, r#""count":4000"#);
        assert!(
            serde_json::from_str::<DecoderSpec>(&deep)
                .unwrap_err()
                .to_string()
                .contains("8000")
        );
    }
}
