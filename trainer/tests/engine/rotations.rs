//! Orthogonal fine-tuning: what a chain of adapters computes frozen, trained and merged is the same, and the base stays.

use crate::common::passes::Passes;
use crate::common::{Naive, here, ids, options, relative_error};
use candle_core::{Device, Tensor};
use std::path::PathBuf;
use trainer::model::{Adapter, ForwardOptions, Model, ModelConfig, Scored, Trainable};
use trainer::peft;
use trainer::plan::{Plan, SeqTokens};

fn folder() -> PathBuf {
    here().join("../tests/golden/models/llama")
}

fn adapter(name: &str) -> Adapter {
    peft::read(&folder().join(name), &Device::Cpu).unwrap().adapter
}

fn model(frozen: &[&str], trained: Trainable) -> Model {
    let mut model = Model::load(&folder(), &options()).unwrap();
    model
        .attach(frozen.iter().map(|name| adapter(name)).collect(), trained)
        .unwrap();
    model
}

fn goes_on(name: &str) -> Trainable {
    Trainable::Continue {
        adapter: adapter(name),
        dropout: 0.0,
    }
}

fn tokens() -> Vec<u32> {
    ids(24, 5, ModelConfig::of_folder(&folder()).unwrap().vocabulary())
}

fn score(model: &mut Model, options: ForwardOptions) -> Scored {
    let tokens = tokens();
    let plan = Plan::sequences(&[SeqTokens {
        tokens: &tokens,
        counts: &[true; 24],
    }])
    .unwrap();
    model.forward_over(&plan, options).unwrap()
}

/// Log-probs of the tokens by a naive pass over the merged weights.
fn merged(model: &Model) -> Tensor {
    let config = ModelConfig::of_folder(&folder()).unwrap();
    let names = model.weight_names().into_iter();
    let naive = Naive {
        config: &config,
        weights: names
            .map(|name| (name.clone(), model.merged_weight(&name).unwrap()))
            .collect(),
        scale: 0.0,
        longest: 0,
    };
    let tokens = tokens();
    let logits = naive.logits(&tokens[..23]).unwrap();
    let logps = candle_core::D::Minus1;
    let normal = logits
        .broadcast_sub(&logits.log_sum_exp(logps).unwrap().unsqueeze(1).unwrap())
        .unwrap();
    let targets = Tensor::new(&tokens[1..], &Device::Cpu).unwrap().unsqueeze(1).unwrap();
    normal.gather(&targets, 1).unwrap().flatten_all().unwrap()
}

#[test]
fn a_chain_computes_the_same_frozen_trained_and_merged() {
    for chain in [
        vec!["oft-adapter"],
        vec!["oft-shared-adapter"],
        vec!["oft-exact-adapter"],
        vec!["tuned-adapter", "oft-adapter"],
        vec![
            "oft-exact-adapter",
            "tuned-adapter",
            "oft-adapter",
            "oft-shared-adapter",
        ],
        vec!["dora-tuned-adapter", "oft-adapter", "tuned-adapter"],
    ] {
        let mut frozen = model(&chain, Trainable::Nothing);
        let want = merged(&frozen);
        let near = |scored: Scored| {
            let got = Tensor::new(scored.logps, &Device::Cpu).unwrap();
            let error = relative_error(&got, &want);
            assert!(error < 1e-5, "{chain:?}: {error}");
        };
        near(score(&mut frozen, ForwardOptions::policy()));
        let (last, first) = chain.split_last().unwrap();
        let mut trained = model(first, goes_on(last));
        near(score(&mut trained, ForwardOptions::policy()));
        // and the reference is what it started from
        near(score(&mut trained, ForwardOptions::reference()));
        assert!(relative_error(&merged(&trained), &want) < 1e-5, "{chain:?}");
    }
}
