//! Attention of every kind, several kinds to a model: whole-model gradients, full and of adapters.

use super::{check, config, options};
use crate::common::ids;
use crate::common::passes::Passes;
use protocol::decoder::{
    AlibiSpec, AttentionSpec, LatentSpec, NormSpec, NormWeight, NormedOver, PositionSpec, QkNorm, RotaryFactors,
    RotaryScaling, RotarySpec, Span, Temperature,
};
use trainer::generate::IncrementalDecoder;
use trainer::model::{ForwardOptions, LoraConfig, Model, ModelConfig, Pass, Targets, Trainable};
use trainer::plan::{Plan, SeqTokens};

/// Three blocks, each with attention of its own.
fn mixed(change: [&dyn Fn(&mut AttentionSpec); 3]) -> ModelConfig {
    let mut config = config("LlamaForCausalLM", "");
    for (block, change) in config.decoder.blocks.iter_mut().zip(change) {
        change(&mut block.attention);
    }
    config
}

fn qk_norm(weight: NormWeight, over: NormedOver, after_rotary: bool) -> Option<QkNorm> {
    Some(QkNorm {
        norm: NormSpec {
            weight,
            ..NormSpec::rms(1e-5)
        },
        over,
        after_rotary,
    })
}

fn rotary(dims: usize, interleaved: bool, scaling: RotaryScaling) -> PositionSpec {
    PositionSpec::Rotary(RotarySpec {
        interleaved,
        scaling,
        magnitude: 1.1,
        ..RotarySpec::plain(dims, 500.0)
    })
}

fn check_both(config: &ModelConfig) {
    check_decoding(config);
    check(config, Trainable::Full { keep_reference: true });
    let lora = LoraConfig {
        rank: 4,
        alpha: 8.0,
        targets: Targets::All,
        seed: 1,
        ..LoraConfig::default()
    };
    check(config, Trainable::NewAdapter(lora));
}

/// A reply that is read token by token, and in parts, against passes over the whole of it.
fn check_decoding(config: &ModelConfig) {
    let mut model = Model::random(config.clone(), 3, &options()).unwrap();
    let tokens = ids(91, 5, config.vocabulary());
    for seen in [3, 30, 90] {
        let counts: Vec<bool> = (0..=seen).map(|t| t == seen).collect();
        let whole = SeqTokens {
            tokens: &tokens[..=seen],
            counts: &counts,
        };
        let plan = Plan::sequences(&[whole]).unwrap();
        let want = model.forward_over(&plan, ForwardOptions::policy()).unwrap().logps[0];
        for part in [1, 7, seen] {
            let mut decoder = IncrementalDecoder::new(&mut model, Pass::Policy, tokens.len()).unwrap();
            for part in tokens[..seen].chunks(part) {
                decoder.feed(part).unwrap();
            }
            let logits = decoder.logits().unwrap().to_vec1::<f32>().unwrap();
            let sum: f64 = logits.iter().map(|x| f64::from(*x).exp()).sum();
            let got = f64::from(logits[tokens[seen] as usize]) - sum.ln();
            assert!(
                (got - f64::from(want)).abs() < 1e-4,
                "{seen} in parts of {part}: {got}, {want}"
            );
        }
    }
}

/// Frequencies that hang together with the batch's longest row too, which has 160 tokens.
#[test]
fn rotary_kinds() {
    let yarn = RotaryScaling::Yarn {
        factor: 4.0,
        original: 40.0,
        fast: 8.0,
        slow: 1.0,
        truncate: true,
    };
    let dynamic = RotaryScaling::Dynamic {
        factor: 2.0,
        original: 92,
    };
    let factors = |divisor: f64| RotaryFactors {
        divisors: vec![divisor; 4],
        magnitude: divisor,
    };
    let long = RotaryScaling::LongRope {
        original: 40,
        short: factors(0.9),
        long: factors(1.3),
    };
    check_both(&mixed([
        &|spec| spec.position = rotary(10, true, yarn.clone()),
        &|spec| spec.position = rotary(6, false, dynamic.clone()),
        &|spec| spec.position = rotary(8, true, long.clone()),
    ]));
}

#[test]
fn scores_of_every_form() {
    let alibi = |spec: &mut AttentionSpec, alibi, soft_cap| {
        spec.position = PositionSpec::Alibi(alibi);
        spec.soft_cap = soft_cap;
        spec.scale = 0.4;
    };
    check_both(&mixed([
        &|spec| {
            alibi(spec, AlibiSpec::Plain, Some(1.5));
            spec.span = Span::Window(33);
        },
        &|spec| alibi(spec, AlibiSpec::Rounded, None),
        &|spec| {
            spec.span = Span::Chunk(30);
            spec.soft_cap = Some(2.0);
            spec.sinks = true;
        },
    ]));
}

/// Cohere's and Phi's norms of heads, Gemma's, and HunYuan's behind the rotation.
#[test]
fn norms_of_heads() {
    let layer = |weight, bias, over, after_rotary| {
        Some(QkNorm {
            norm: NormSpec {
                weight,
                bias,
                ..NormSpec::layer(1e-5)
            },
            over,
            after_rotary,
        })
    };
    check_both(&mixed([
        &|spec| spec.qk_norm = layer(NormWeight::Plain, false, NormedOver::EachHead, false),
        &|spec| spec.qk_norm = layer(NormWeight::Plain, true, NormedOver::OneHead, false),
        &|spec| spec.qk_norm = qk_norm(NormWeight::OnePlus, NormedOver::OneHead, true),
    ]));
}

/// OLMoE's, OLMo's and Llama 4's.
#[test]
fn norms_clips_and_temperatures() {
    check_both(&mixed([
        &|spec| {
            spec.qk_norm = qk_norm(NormWeight::Plain, NormedOver::Width, false);
            spec.clip = Some(1.2);
        },
        &|spec| {
            spec.clip = Some(0.5);
            spec.position = PositionSpec::None;
            spec.temperature = Some(Temperature::Stepped { scale: 0.3, step: 16.0 });
        },
        &|spec| {
            spec.qk_norm = qk_norm(NormWeight::None, NormedOver::OneHead, true);
            spec.span = Span::Chunk(50);
            spec.temperature = Some(Temperature::Stepped { scale: 0.2, step: 7.0 });
        },
    ]));
}

/// DeepSeek-V2's with and without a query's latent, beside a block that has none.
#[test]
fn latents() {
    let latent = |query_rank| {
        move |spec: &mut AttentionSpec| {
            spec.kv_heads = spec.heads;
            spec.value_dim = 9;
            spec.position = rotary(4, true, RotaryScaling::None);
            spec.latent = Some(LatentSpec {
                query_rank,
                rank: 12,
                norm: NormSpec::rms(1e-6),
            });
        }
    };
    check_both(&mixed([&latent(Some(14)), &|_| {}, &latent(None)]));
    check_both(&mixed([&|_| {}, &latent(None), &latent(Some(14))]));
}
