//! Blocks, norms, networks, embeddings and heads of every form, several to a model: whole-model gradients, full and of
//! adapters.

use super::{check, config};
use protocol::config::{FreezeSpec, TrainedLayers};
use protocol::decoder::{
    Activation, BlockNorms, DecoderSpec, HeadTable, LearnedPositions, MlpSpec, NetworkForm, NormKind, NormSpec,
    NormWeight, NormedOver, QkNorm, Residual,
};
use trainer::model::{LoraConfig, ModelConfig, Targets, Trainable};

fn described(change: impl Fn(&mut DecoderSpec)) -> ModelConfig {
    let mut config = config("LlamaForCausalLM", "");
    change(&mut config.decoder);
    config
}

fn networks(decoder: &mut DecoderSpec, form: NetworkForm, bias: bool) {
    for block in &mut decoder.blocks {
        if let MlpSpec::Dense(network) = &mut block.mlp {
            (network.form, network.bias) = (form, bias);
        }
    }
}

fn lora() -> LoraConfig {
    LoraConfig {
        rank: 4,
        alpha: 8.0,
        targets: Targets::All,
        seed: 1,
        ..LoraConfig::default()
    }
}

/// Whole, by an adapter on all linear layers, by one with modules beside it, and one block with what stands outside.
fn check_all(config: &ModelConfig, beside: &[&str], outside: &[&str]) {
    let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    check(config, Trainable::Full { keep_reference: true });
    check(config, Trainable::NewAdapter(lora()));
    let some = LoraConfig {
        targets: Targets::Named(names(&["q_proj", "down_proj"])),
        additional: names(beside),
        dora: true,
        ..lora()
    };
    check(config, Trainable::NewAdapter(some));
    let part = FreezeSpec {
        layers: TrainedLayers::Last(1),
        modules: vec![],
        extra: names(outside),
    };
    let keep_reference = true;
    check(config, Trainable::Freeze { part, keep_reference });
}

/// Gemma 2's: norms before and behind both branches, `1 + weight`, GeGLU, a scaled embedding and capped logits.
#[test]
fn norms_around_branches() {
    let config = described(|decoder| {
        let norm = NormSpec {
            weight: NormWeight::OnePlus,
            ..NormSpec::rms(1e-5)
        };
        for block in &mut decoder.blocks {
            block.norms = BlockNorms {
                after_attention: Some(norm.clone()),
                after_mlp: Some(norm.clone()),
                ..BlockNorms::before(&norm)
            };
        }
        decoder.norm = Some(norm);
        decoder.embedding.scale = 40f64.sqrt();
        decoder.head.table = HeadTable::Tied;
        decoder.head.soft_cap = Some(1.5);
        networks(decoder, NetworkForm::Gated(Activation::GeluTanh), false);
    });
    check_all(&config, &["after_mlp_norm", "norm"], &["embed_tokens"]);
}

/// Phi's, GPT-NeoX's and Cohere's: both branches read the block's input, by one norm or by two; biases, and a scaled head.
#[test]
fn branches_side_by_side() {
    let config = described(|decoder| {
        let norm = NormSpec::layer(1e-5);
        let without_bias = NormSpec {
            bias: false,
            ..norm.clone()
        };
        for (block, norms) in decoder.blocks.iter_mut().zip([
            BlockNorms::before(&norm),
            BlockNorms {
                before_mlp: None,
                ..BlockNorms::before(&without_bias)
            },
            BlockNorms {
                before_mlp: None,
                ..BlockNorms::before(&norm)
            },
        ]) {
            block.residual = Residual::Parallel;
            block.norms = norms;
            block.attention.qkv_bias = true;
            block.attention.output_bias = true;
            block.attention.qk_norm = Some(QkNorm {
                norm: without_bias.clone(),
                over: NormedOver::EachHead,
                after_rotary: false,
            });
        }
        decoder.norm = Some(norm);
        decoder.head.bias = true;
        decoder.head.scale = 0.25;
        networks(decoder, NetworkForm::Plain(Activation::GeluTanh), true);
    });
    check_all(&config, &["input_layernorm", "lm_head"], &["lm_head", "norm"]);
}

/// OPT-350m's: norms of the sums, learned positions from the third row on, tables of another width, and no last norm.
#[test]
fn norms_of_sums() {
    let config = described(|decoder| {
        let norm = NormSpec::layer(1e-5);
        for block in &mut decoder.blocks {
            block.residual = Residual::PostNorm;
            block.norms = BlockNorms {
                after_attention: Some(norm.clone()),
                after_mlp: Some(norm.clone()),
                ..BlockNorms::default()
            };
        }
        decoder.norm = None;
        decoder.embedding.width = 24;
        decoder.embedding.positions = Some(LearnedPositions { count: 200, offset: 2 });
        decoder.head.table = HeadTable::Tied;
        networks(decoder, NetworkForm::Plain(Activation::Relu), true);
    });
    check_all(&config, &["embed_positions", "after_attention_norm"], &["project_out"]);
}

/// Granite's multipliers on OLMo2's blocks, whose branches read the stream as it is; BLOOM's norm behind the embedding and its
/// GELU, by the error function; Baichuan2's rows of length 1, which scale and bias follow.
#[test]
fn multipliers_and_rows_of_length_one() {
    let config = described(|decoder| {
        let norm = NormSpec::rms(1e-5);
        for block in &mut decoder.blocks {
            block.norms = BlockNorms {
                after_attention: Some(norm.clone()),
                after_mlp: Some(norm.clone()),
                ..BlockNorms::default()
            };
            block.branch_scale = 0.4;
        }
        decoder.blocks[1].norms = BlockNorms::before(&norm);
        decoder.embedding.scale = 3.0;
        decoder.embedding.norm = Some(NormSpec::layer(1e-5));
        decoder.head.normalized = true;
        decoder.head.bias = true;
        decoder.head.scale = 6.0;
        decoder.head.soft_cap = Some(9.0);
        networks(decoder, NetworkForm::Plain(Activation::Gelu), false);
    });
    check_all(&config, &["embed_norm", "lm_head"], &["embed_norm"]);
}

/// Nemotron's and OLMo's: layer norms of `1 + weight` and of no numbers at all, squared ReLU, two ways of gating.
#[test]
fn layer_norms_of_each_kind() {
    let config = described(|decoder| {
        let norm = NormSpec {
            weight: NormWeight::OnePlus,
            ..NormSpec::layer(1e-5)
        };
        let bare = NormSpec {
            kind: NormKind::Layer,
            epsilon: 1e-5,
            weight: NormWeight::None,
            bias: false,
        };
        decoder.blocks[0].norms = BlockNorms::before(&norm);
        decoder.blocks[1].norms = BlockNorms::before(&bare);
        decoder.norm = Some(bare);
        networks(decoder, NetworkForm::Plain(Activation::ReluSquared), false);
        let gated = [Activation::Relu, Activation::Gelu];
        for (block, activation) in decoder.blocks[1..].iter_mut().zip(gated) {
            if let MlpSpec::Dense(network) = &mut block.mlp {
                network.form = NetworkForm::Gated(activation);
            }
        }
    });
    check_all(&config, &["lm_head"], &["embed_tokens"]);
}
