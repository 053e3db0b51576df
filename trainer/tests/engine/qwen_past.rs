//! Qwen (1) past the length it was made for, where it computes otherwise outside training: against numbers by hand
//! (`tests/golden/decoders/qwen_past.py`).
use crate::common::folder::Folder;
use crate::common::here;
use crate::common::options;
use crate::common::passes::Passes;
use serde_json::Value;
use trainer::generate::IncrementalDecoder;
use trainer::model::{ForwardOptions, Mode, Model, Pass};
use trainer::plan::{Layout, PairTokens, Plan, SeqTokens};

const TOLERANCE: f64 = 1e-4;

/// The tiny model with a short `seq_length`, and what is known of it.
struct Past {
    model: Model,
    length: usize,
    rows: Vec<Row>,
}

struct Row {
    ids: Vec<u32>,
    known: Value,
}

impl Past {
    fn new(name: &str) -> Self {
        let golden = here().join("../tests/golden/families/qwen1");
        let past: Value = serde_json::from_slice(&std::fs::read(golden.join("past.json")).unwrap()).unwrap();
        let room = Folder::new(name);
        let config = std::fs::read_to_string(golden.join("config.json")).unwrap();
        let mut config: Value = serde_json::from_str(&config).unwrap();
        config["seq_length"] = past["seq_length"].clone();
        std::fs::write(room.0.join("config.json"), config.to_string()).unwrap();
        std::fs::copy(golden.join("model.safetensors"), room.0.join("model.safetensors")).unwrap();
        let rows = past["rows"].as_array().unwrap().iter().map(|row| Row {
            ids: numbers(&row["ids"]).into_iter().map(|id| id as u32).collect(),
            known: row.clone(),
        });
        Self {
            model: Model::load(&room.0, &options()).unwrap(),
            length: past["seq_length"].as_u64().unwrap() as usize,
            rows: rows.collect(),
        }
    }

    /// Of an evaluation.
    fn layout(&self) -> Layout {
        Layout {
            turns_past: self.model.turns_past(),
            ..Layout::default()
        }
    }

    fn evaluated(&mut self, plan: &Plan) -> Vec<f32> {
        let options = ForwardOptions::policy().within(Mode::Inference);
        self.model.forward_over(plan, options).unwrap().logps
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn off(got: &[f32], want: &[f64]) -> f64 {
    assert_eq!(got.len(), want.len());
    let off = got.iter().zip(want).map(|(got, want)| (f64::from(*got) - want).abs());
    off.fold(0.0, f64::max)
}

#[test]
fn rows_are_computed_by_their_own_length_in_evaluations_alone() {
    let mut past = Past::new("qwen-past-rows");
    assert_eq!(
        (past.model.turns_past(), past.model.config().max_positions),
        (Some(past.length), 64)
    );
    let counts = [true; 64];
    let rows: Vec<Vec<u32>> = past.rows.iter().map(|row| row.ids.clone()).collect();
    let all: Vec<(SeqTokens, &[usize])> = rows
        .iter()
        .map(|tokens| {
            let counts = &counts[..tokens.len()];
            (SeqTokens { tokens, counts }, &[][..])
        })
        .collect();
    let trained = Plan::new(Layout::default()).with_packed(&all).unwrap();
    let training = past.model.forward_over(&trained, ForwardOptions::policy()).unwrap();
    // all in one plan, and each alone
    let together = Plan::new(past.layout()).with_packed(&all).unwrap();
    let evaluated = past.evaluated(&together);
    for (index, row) in all.iter().enumerate() {
        let of = together.sequence_rows(index);
        let known = past.rows[index].known.clone();
        let want = numbers(&known["evaluation"]);
        assert!(off(&training.logps[of.clone()], &numbers(&known["training"])) < TOLERANCE);
        assert!(
            off(&evaluated[of.clone()], &want) < TOLERANCE,
            "{}",
            off(&evaluated[of], &want)
        );
        let alone = Plan::new(past.layout()).with_packed(&[*row]).unwrap();
        assert!(off(&past.evaluated(&alone), &want) < TOLERANCE);
    }
    // a plan that does not tell which rows are long
    let refused = past
        .model
        .forward_over(&trained, ForwardOptions::policy().within(Mode::Inference));
    assert!(refused.unwrap_err().to_string().contains("dynamic NTK"));
}

/// A prompt is shared by replies whose rows turn alike, and computed for each of others.
#[test]
fn replies_of_other_lengths_have_the_prompt_each_for_itself() {
    let mut past = Past::new("qwen-past-pairs");
    let row = past.rows[2].ids.clone();
    let (prompt, rest) = row.split_at(6);
    for (chosen, rejected, shared) in [(12, 3, false), (1, 2, true), (4, 9, true), (14, 2, false)] {
        let pair = PairTokens {
            prompt,
            chosen: &rest[..chosen],
            rejected: &rest[rest.len() - rejected..],
        };
        let plan = Plan::new(past.layout()).with_pairs(&[pair]).unwrap();
        let tokens = prompt.len() + chosen - 1 + rejected - 1;
        assert_eq!(plan.tokens.len(), tokens + if shared { 0 } else { prompt.len() });
        let mut want = vec![];
        for reply in [pair.chosen, pair.rejected] {
            let tokens = [prompt, reply].concat();
            let counts: Vec<bool> = (0..tokens.len()).map(|place| place >= prompt.len()).collect();
            let alone = SeqTokens {
                tokens: &tokens,
                counts: &counts,
            };
            let alone = Plan::new(past.layout()).with_packed(&[(alone, &[])]).unwrap();
            want.extend(past.evaluated(&alone).into_iter().map(f64::from));
        }
        assert!(off(&past.evaluated(&plan), &want) < 1e-5, "{chosen} {rejected}");
    }
}

#[test]
fn what_is_written_on_turns_as_its_prompt_did() {
    let mut past = Past::new("qwen-past-written");
    for row in std::mem::take(&mut past.rows) {
        for written in row.known["written"].as_array().unwrap() {
            let prompt = written["prompt"].as_u64().unwrap() as usize;
            let mut decoder = IncrementalDecoder::new(&mut past.model, Pass::Policy, row.ids.len()).unwrap();
            decoder.feed(&row.ids[..prompt]).unwrap();
            let mut got = vec![];
            for &id in &row.ids[prompt..] {
                let logits = decoder.logits().unwrap().to_vec1::<f32>().unwrap();
                let largest = logits.iter().copied().fold(f32::MIN, f32::max);
                let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
                got.push(logits[id as usize] - largest - sum.ln());
                decoder.feed(&[id]).unwrap();
            }
            let want = numbers(&written["logps"]);
            assert!(off(&got, &want) < TOLERANCE, "{prompt}: {}", off(&got, &want));
        }
    }
}
