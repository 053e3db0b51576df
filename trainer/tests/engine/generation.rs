//! Decoding with a cache against logits transformers computed, and what sampling promises.
use crate::common::families::folders;
use crate::common::{here, options};
use candle_core::Device;
use protocol::decoder::{PositionSpec, RotaryScaling};
use std::ops::ControlFlow;
use std::path::Path;
use trainer::generate::{FinishReason, IncrementalDecoder, SamplingOptions, generate};
use trainer::model::{Model, ModelConfig, Pass, read_all};

fn load(folder: &Path) -> Model {
    Model::load(folder, &options()).unwrap()
}

fn sequence(folder: &Path, index: usize) -> Vec<u32> {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ids = json["sequences"][index].as_array().unwrap();
    ids.iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

/// Whether rotary frequencies are other ones in longer texts: a whole pass has those of its length for all of its tokens.
fn follows_the_length(folder: &Path) -> bool {
    let config = ModelConfig::of_folder(folder).unwrap();
    config
        .decoder
        .blocks
        .iter()
        .any(|block| match &block.attention.position {
            PositionSpec::Rotary(rotary) => {
                matches!(
                    rotary.scaling,
                    RotaryScaling::Dynamic { .. } | RotaryScaling::LongRope { .. }
                )
            }
            _ => false,
        })
}

#[test]
fn logits_of_every_family_one_token_at_a_time_and_in_parts() {
    for folder in folders().into_iter().filter(|folder| !follows_the_length(folder)) {
        let golden = read_all(&folder.join("logits.safetensors"), &Device::Cpu).unwrap();
        for (index, name) in ["full.chosen", "full.rejected"].into_iter().enumerate() {
            let tokens = sequence(&folder, index);
            let want = golden[name].to_vec2::<f32>().unwrap();
            for part in [1, 2, 7, tokens.len()] {
                let mut model = load(&folder);
                let mut decoder = IncrementalDecoder::new(&mut model, Pass::Policy, tokens.len()).unwrap();
                let mut at = 0;
                for part in tokens.chunks(part) {
                    decoder.feed(part).unwrap();
                    at += part.len();
                    let got = decoder.logits().unwrap().to_vec1::<f32>().unwrap();
                    let size = want[at - 1].iter().fold(0f32, |m, x| m.max(x.abs()));
                    for (got, want) in got.iter().zip(&want[at - 1]) {
                        assert!(
                            (got - want).abs() <= 1e-4 * size,
                            "{} {name} token {at}: {got}, {want}",
                            folder.display()
                        );
                    }
                }
            }
        }
    }
}

/// The likeliest tokens behind a prompt, each as a pass over all before it has it.
#[test]
fn replies_of_every_family_are_those_of_whole_passes() {
    for folder in folders() {
        let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
        let Some(reply) = expected["reply"].as_array() else {
            continue;
        };
        let want: Vec<u32> = reply.iter().map(|id| id.as_u64().unwrap() as u32).collect();
        let options = SamplingOptions {
            max_new_tokens: want.len(),
            temperature: 0.0,
            ..SamplingOptions::default()
        };
        let prompt = &sequence(&folder, 0)[..expected["prompt_tokens"].as_u64().unwrap() as usize];
        let mut said = vec![];
        generate(&mut load(&folder), Pass::Policy, prompt, &options, |token| {
            said.push(token);
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        // some folders have no more positions
        let room = load(&folder).config().max_positions - prompt.len();
        assert_eq!(said, want[..room.min(want.len())], "{}", folder.display());
    }
}

fn answer(options: &SamplingOptions) -> (Vec<u32>, FinishReason) {
    let folder = &here().join("../tests/golden/families/llama-mha");
    let mut said = Vec::new();
    let reason = generate(
        &mut load(folder),
        Pass::Policy,
        &sequence(folder, 0),
        options,
        |token| {
            said.push(token);
            Ok(ControlFlow::Continue(()))
        },
    );
    (said, reason.unwrap())
}

#[test]
fn greedy_takes_the_most_probable_token_each_time() {
    let options = SamplingOptions {
        max_new_tokens: 12,
        ..Default::default()
    };
    let (said, reason) = answer(&options);
    assert_eq!((said.len(), reason), (12, FinishReason::Length));
    let folder = &here().join("../tests/golden/families/llama-mha");
    let mut model = load(folder);
    let mut tokens = sequence(folder, 0);
    for token in said {
        let mut decoder = IncrementalDecoder::new(&mut model, Pass::Policy, tokens.len()).unwrap();
        decoder.feed(&tokens).unwrap();
        let best = decoder.logits().unwrap().argmax(0).unwrap().to_scalar::<u32>().unwrap();
        assert_eq!(token, best);
        tokens.push(token);
    }
}

#[test]
fn a_seed_repeats_and_another_differs() {
    let draw = |seed| {
        let options = SamplingOptions {
            temperature: 1.5,
            top_p: Some(0.95),
            seed,
            max_new_tokens: 24,
            ..Default::default()
        };
        answer(&options).0
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn stop_tokens_end_the_answer_and_are_not_in_it() {
    let all = answer(&SamplingOptions {
        max_new_tokens: 8,
        ..Default::default()
    })
    .0;
    let options = SamplingOptions {
        max_new_tokens: 8,
        stop: vec![all[3]],
        ..Default::default()
    };
    let first = all.iter().position(|t| *t == all[3]).unwrap();
    assert_eq!(answer(&options), (all[..first].to_vec(), FinishReason::Stop));
}

#[test]
fn the_callback_can_stop_and_a_prompt_that_does_not_fit_is_an_error() {
    let folder = &here().join("../tests/golden/families/llama-mha");
    let mut model = load(folder);
    let mut count = 0;
    let reason = generate(&mut model, Pass::Policy, &[1, 2], &SamplingOptions::default(), |_| {
        count += 1;
        Ok(match count {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    });
    assert_eq!((reason.unwrap(), count), (FinishReason::Cancelled, 3));
    for prompt in [vec![], vec![1; 64], vec![48]] {
        let error = generate(&mut model, Pass::Policy, &prompt, &SamplingOptions::default(), |_| {
            Ok(ControlFlow::Continue(()))
        });
        assert!(error.is_err(), "{} tokens", prompt.len());
    }
}
