//! What nearly all families have in common: sizes, heads, a norm, an MLP and rotary embedding, under the usual keys.

use super::keys::{Keys, Parsed};
use super::rope::{self, ROTARY_DEFAULTS, RotaryDefaults};
use super::{
    Activation, AttentionSpec, BlockNorms, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, HeadTable, MlpSpec,
    NetworkForm, NetworkSpec, NormSpec, PositionSpec, Residual, Span, inverse_root,
};
use crate::says;

/// What a family has where no key says otherwise.
#[derive(Clone)]
pub struct Defaults {
    /// Width of a head; `None`: the residual stream's width divided by the heads.
    pub head_dim: Option<usize>,
    /// The norm, but for its epsilon.
    pub norm: NormSpec,
    /// The key of the norm's epsilon.
    pub epsilon: &'static str,
    pub rotary: RotaryDefaults,
    pub activation: Activation,
    pub gated: bool,
    /// Width of the MLP's inner layer over that of the residual stream; `None`: a key must give the width.
    pub mlp_ratio: Option<usize>,
    /// Whether the head shares the embedding's weight.
    pub tied: bool,
}

impl Defaults {
    /// Llama's.
    pub fn llama() -> Self {
        Self {
            head_dim: None,
            norm: NormSpec::rms(1e-6),
            epsilon: "rms_norm_eps",
            rotary: ROTARY_DEFAULTS,
            activation: Activation::Silu,
            gated: true,
            mlp_ratio: None,
            tied: false,
        }
    }

    /// GPT-2's: layer norms and an MLP of two layers.
    pub fn gpt() -> Self {
        Self {
            norm: NormSpec::layer(1e-5),
            epsilon: "layer_norm_epsilon",
            activation: Activation::GeluTanh,
            gated: false,
            ..Self::llama()
        }
    }
}

/// The parts of a decoder that these common keys describe: without biases, windows and norms of heads.
pub struct Plain {
    pub hidden: usize,
    pub layers: usize,
    pub attention: AttentionSpec,
    pub norm: NormSpec,
    /// Without biases.
    pub network: NetworkSpec,
    pub vocabulary: usize,
    pub head: HeadTable,
}

impl Plain {
    pub fn read(keys: &Keys) -> Parsed<Self> {
        Self::with_defaults(keys, Defaults::llama())
    }

    pub fn with_defaults(keys: &Keys, defaults: Defaults) -> Parsed<Self> {
        let activation = keys.activation(defaults.activation)?;
        let (hidden, heads) = (keys.size("hidden_size")?, keys.size("num_attention_heads")?);
        let kv_heads = keys.optional_size("num_key_value_heads")?.unwrap_or(heads);
        if !heads.is_multiple_of(kv_heads) {
            return Err(says::heads_do_not_divide(heads, kv_heads));
        }
        let head_dim = keys.optional_size("head_dim")?;
        let head_dim = head_dim.or(defaults.head_dim).unwrap_or(hidden / heads);
        if head_dim < 2 || !head_dim.is_multiple_of(2) {
            return Err(says::must_be("head_dim", head_dim, says::even()));
        }
        let layers = keys.size("num_hidden_layers")?;
        let width = match (keys.optional_size("intermediate_size")?, defaults.mlp_ratio) {
            (None, Some(times)) => times * hidden,
            (Some(width), _) => width,
            (None, None) => keys.size("intermediate_size")?,
        };
        let form = match defaults.gated {
            true => NetworkForm::Gated(activation),
            false => NetworkForm::Plain(activation),
        };
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
                position: PositionSpec::Rotary(rope::rotary(keys, head_dim, defaults.rotary, "full_attention")?),
                clip: None,
                span: Span::All,
                scale: inverse_root(head_dim),
                soft_cap: None,
                sinks: false,
                temperature: None,
                latent: None,
            },
            vocabulary: keys.size("vocab_size")?,
            network: NetworkSpec {
                form,
                width,
                bias: false,
            },
            norm: NormSpec {
                epsilon: keys.number(defaults.epsilon)?.unwrap_or(defaults.norm.epsilon),
                ..defaults.norm
            },
            head: keys.head_table(defaults.tied),
        })
    }

    pub fn dense(&self) -> MlpSpec {
        MlpSpec::Dense(self.network)
    }

    /// A block with this MLP, and norms before attention and before the MLP.
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

    /// A block whose attention and MLP run in parallel behind the same norm.
    pub fn parallel(&self) -> BlockSpec {
        BlockSpec {
            residual: Residual::Parallel,
            norms: BlockNorms {
                before_attention: Some(self.norm.clone()),
                ..BlockNorms::default()
            },
            ..self.block(None, self.dense())
        }
    }

    pub fn decoder(&self, blocks: Vec<BlockSpec>) -> DecoderSpec {
        DecoderSpec {
            hidden: self.hidden,
            embedding: EmbeddingSpec::plain(self.vocabulary, self.hidden),
            blocks,
            norm: Some(self.norm.clone()),
            head: HeadSpec::plain(self.head),
        }
    }

    /// A decoder that repeats this block in every layer.
    pub fn decoder_of(&self, block: BlockSpec) -> DecoderSpec {
        self.decoder(vec![block; self.layers])
    }
}
