//! Rows that are trained on while they are read: LLaMA-Factory's, in its order (`tests/golden/mixing.py`).

use std::sync::Arc;

use protocol::config::{BatchSpec, Until};
use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct Case {
    sizes: Vec<usize>,
    seed: u64,
    buffer_size: usize,
    mix_strategy: Option<String>,
    interleave_probs: Option<Vec<f64>>,
    val_size: Option<usize>,
    /// Rows of one pass over the data after the other.
    passes: Vec<Vec<String>>,
    eval: Vec<String>,
}

impl Case {
    /// Writes its data sets.
    fn streamed(&self, folder: &Folder, encoder: &Arc<Encoder>) -> Streamed {
        let mut info = serde_json::Map::new();
        for (set, size) in self.sizes.iter().enumerate() {
            let rows: String = (0..*size)
                .map(|row| format!("{{\"text\": \"{set}:{row}\"}}\n"))
                .collect();
            folder.write(&format!("s{set}.jsonl"), rows);
            let entry = serde_json::json!({"file_name": format!("s{set}.jsonl"), "columns": {"prompt": "text"}});
            info.insert(format!("s{set}"), entry);
        }
        folder.write("dataset_info.json", serde_json::Value::Object(info).to_string());
        let names: Vec<String> = (0..self.sizes.len()).map(|set| format!("s{set}")).collect();
        let until = match self.mix_strategy.as_deref() {
            Some("interleave_under") => Some(Until::OneEnds),
            Some("interleave_over") => Some(Until::AllEnd),
            _ => None,
        };
        Streamed {
            spec: DataSpec {
                mixing: until.map_or(Mixing::Concat, |until| Mixing::Interleave {
                    until,
                    probabilities: self.interleave_probs.clone(),
                }),
                val_size: self.val_size.map_or(ValSize::None, ValSize::Rows),
                ..folder.spec(&names.join(","))
            },
            buffer: self.buffer_size,
            intake: crate::stage::texts(false),
            seed: self.seed,
            encoder: encoder.clone(),
        }
    }
}

fn cases() -> Vec<Case> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/streaming.json");
    serde_json::from_slice(&std::fs::read(golden).expect("cases")).expect("cases")
}

fn opened(streamed: Streamed, from: Option<&Position>) -> Result<Opened> {
    Stream::open(streamed, from, &mut |_, _| Ok(()))
}

fn texts(encoder: &Encoder, rows: &Examples) -> Vec<String> {
    let Examples::Sequences(rows) = rows else {
        panic!("other rows")
    };
    let text = |row: &Sequence| encoder.tokenizer().decode(&row.tokens).expect("text");
    rows.iter().map(|row| text(row).trim().to_owned()).collect()
}

const BATCH: BatchSpec = BatchSpec {
    train: 2,
    eval: 1,
    accumulation: 2,
};

/// The rows of the next step.
fn step(stream: &mut Stream, encoder: &Encoder) -> Vec<String> {
    let step = stream.step(BATCH, &mut || Ok(())).expect("rows");
    step.micro_batches
        .iter()
        .flat_map(|rows| texts(encoder, rows))
        .collect()
}

/// As many rows as `pass` has.
fn next(stream: &mut Stream, encoder: &Encoder, pass: &[String]) -> Vec<String> {
    let mut rows = vec![];
    while rows.len() < pass.len() {
        let step = step(stream, encoder);
        let left = pass.len() - rows.len();
        assert_eq!(step.len(), left.min(4), "a step is smaller only where a pass ends");
        rows.extend(step);
    }
    rows
}

#[test]
fn rows_that_are_streamed_are_llama_factorys() {
    let encoder = Arc::new(encoder("chatml"));
    for case in cases() {
        let folder = Folder::new();
        let Opened { mut stream, held_out } = opened(case.streamed(&folder, &encoder), None).expect("opens");
        let held_out = held_out.read_all().expect("rows");
        assert_eq!(texts(&encoder, &held_out), case.eval, "{case:?}");
        for (pass, rows) in case.passes.iter().enumerate() {
            // LLaMA-Factory's later passes train on rows that it holds out
            let rows = if case.val_size.is_some() { &case.passes[0] } else { rows };
            assert_eq!(next(&mut stream, &encoder, rows), *rows, "pass {pass} of {case:?}");
        }
    }
}
