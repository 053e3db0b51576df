//! Llama, and the families that differ from it in biases, windows and norms of heads.

use super::keys::{Keys, Parsed};
use super::{
    AttentionSpec, BlockNorms, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, HeadTable, MlpSpec, NetworkForm,
    NetworkSpec, NormSpec, NormedOver, PositionSpec, QkNorm, Residual, RotarySpec, Span, inverse_root,
};
use crate::says;
use serde_json::Value;

pub fn llama(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = Plain::read(keys)?;
    let bias = keys.flag("attention_bias");
    let block = BlockSpec {
        attention: AttentionSpec {
            qkv_bias: bias,
            output_bias: bias,
            ..plain.attention.clone()
        },
        ..plain.block(
            None,
            MlpSpec::Dense(NetworkSpec {
                bias: keys.flag("mlp_bias"),
                ..plain.network()
            }),
        )
    };
    Ok(plain.decoder(keys, vec![block; plain.layers]))
}

/// Mistral, and Phi-3, whose checkpoints alone are others.
pub fn mistral(keys: &Keys) -> Parsed<DecoderSpec> {
    let plain = Plain::read(keys)?;
    let block = |window| plain.block(window, MlpSpec::Dense(plain.network()));
    let windows = keys.windows(plain.layers, 0)?;
    Ok(plain.decoder(keys, windows.into_iter().map(block).collect()))
}

pub fn qwen2(keys: &Keys) -> Parsed<DecoderSpec> {
    let mut plain = Plain::read(keys)?;
    plain.attention.qkv_bias = qwen2_bias(keys);
    let block = |window| plain.block(window, MlpSpec::Dense(plain.network()));
    let windows = qwen_windows(keys, plain.layers)?;
    Ok(plain.decoder(keys, windows.into_iter().map(block).collect()))
}

pub fn qwen3(keys: &Keys) -> Parsed<DecoderSpec> {
    // as transformers' `Qwen3Config` has it
    let mut plain = Plain::with_head_dim(keys, Some(128))?;
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
    let block = |window| plain.block(window, MlpSpec::Dense(plain.network()));
    let windows = qwen_windows(keys, plain.layers)?;
    Ok(plain.decoder(keys, windows.into_iter().map(block).collect()))
}

/// On q, k and v, where the configuration does not say otherwise.
pub fn qwen2_bias(keys: &Keys) -> bool {
    keys.get("qkv_bias").is_none_or(|value| value == true)
}

/// Only where `use_sliding_window` says so, and then in the upper layers.
pub fn qwen_windows(keys: &Keys, layers: usize) -> Parsed<Vec<Option<usize>>> {
    match keys.flag("use_sliding_window") {
        false => Ok(vec![None; layers]),
        true => {
            let first = keys.get("max_window_layers").and_then(Value::as_u64);
            keys.windows(layers, first.unwrap_or(28))
        }
    }
}

/// What the keys that all of these families have say: a block without biases, windows and norms of heads.
pub struct Plain {
    pub hidden: usize,
    pub layers: usize,
    pub attention: AttentionSpec,
    pub norm: NormSpec,
    form: NetworkForm,
    width: usize,
    vocabulary: usize,
}

impl Plain {
    pub fn read(keys: &Keys) -> Parsed<Self> {
        Self::with_head_dim(keys, None)
    }

    /// `otherwise` is how wide a head is where no key says it; without, all heads together are as wide as the residual stream.
    pub fn with_head_dim(keys: &Keys, otherwise: Option<usize>) -> Parsed<Self> {
        let activation = keys.activation()?;
        if let Some(factor) = keys.get("partial_rotary_factor").and_then(Value::as_f64)
            && factor != 1.0
        {
            return Err(says::unsupported("partial_rotary_factor", factor, "1"));
        }
        let (hidden, heads) = (keys.size("hidden_size")?, keys.size("num_attention_heads")?);
        let kv_heads = keys.optional_size("num_key_value_heads")?.unwrap_or(heads);
        if !heads.is_multiple_of(kv_heads) {
            return Err(says::heads_do_not_divide(heads, kv_heads));
        }
        let head_dim = keys.optional_size("head_dim")?;
        let head_dim = head_dim.or(otherwise).unwrap_or(hidden / heads);
        if head_dim < 2 || !head_dim.is_multiple_of(2) {
            return Err(says::must_be("head_dim", head_dim, says::even()));
        }
        let layers = keys.size("num_hidden_layers")?;
        let (theta, scaling) = keys.rotary()?;
        Ok(Self {
            hidden,
            layers,
            attention: AttentionSpec {
                heads,
                kv_heads,
                head_dim,
                value_dim: head_dim,
                qkv_bias: false,
                output_bias: false,
                qk_norm: None,
                position: PositionSpec::Rotary(RotarySpec {
                    scaling,
                    ..RotarySpec::plain(head_dim, theta)
                }),
                clip: None,
                span: Span::All,
                scale: inverse_root(head_dim),
                soft_cap: None,
                sinks: false,
                temperature: None,
                latent: None,
            },
            vocabulary: keys.size("vocab_size")?,
            form: NetworkForm::Gated(activation),
            width: keys.size("intermediate_size")?,
            norm: NormSpec::rms(keys.number("rms_norm_eps")?.unwrap_or(1e-6)),
        })
    }

    /// A feed-forward network without biases.
    pub fn network(&self) -> NetworkSpec {
        NetworkSpec {
            form: self.form,
            width: self.width,
            bias: false,
        }
    }

    pub fn block(&self, window: Option<usize>, mlp: MlpSpec) -> BlockSpec {
        BlockSpec {
            residual: Residual::Sequential,
            norms: BlockNorms::before(&self.norm),
            attention: AttentionSpec {
                span: Span::windowed(window),
                ..self.attention.clone()
            },
            mlp,
            branch_scale: 1.0,
        }
    }

    pub fn decoder(&self, keys: &Keys, blocks: Vec<BlockSpec>) -> DecoderSpec {
        DecoderSpec {
            hidden: self.hidden,
            embedding: EmbeddingSpec::plain(self.vocabulary, self.hidden),
            blocks,
            norm: Some(self.norm.clone()),
            head: HeadSpec::plain(match keys.flag("tie_word_embeddings") {
                true => HeadTable::Tied,
                false => HeadTable::Own,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DecoderSpec, ModelSpec, Parsed, RotaryScaling};
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
                r#""architectures": ["PhiForCausalLM"]"#,
                "PhiForCausalLM; supported: LlamaForCausalLM, Mistral",
            ),
            (r#""model_type": "llama""#, "no architecture"),
            (
                r#""architectures": ["LlamaForCausalLM"], "rope_scaling": {"rope_type": "yarn"}"#,
                "default, linear, llama3",
            ),
            (
                r#""architectures": ["LlamaForCausalLM"], "hidden_act": "gelu""#,
                "`hidden_act` is `gelu`; supported: silu",
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
