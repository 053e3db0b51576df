//! Replies written to prompts and compared with the expected ones, in LLaMA-Factory's files: `generated_predictions.jsonl`, a line
//! of `prompt`, `predict` and `label` a row, and `predict_results.json`.

use crate::batch::mix;
use crate::data::rows;
use crate::data::{
    self, Dataset, Encoder, Example, Examples, Intake, RowEncoding, RowKind, RowReport, Sequence, encode, tokenized,
};
use crate::error::{Error, Result};
use crate::generate::{SamplingOptions, generate};
use crate::model::{Model, Pass};
use crate::similarity::{Judge, Tally};
use crate::{files, stop};
use protocol::config::SamplingSpec;
use protocol::data::DataKind;
use protocol::{Stage, run_dir};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

/// The scores, and those beside what else was measured, as transformers names the files.
pub const RESULTS: &str = "predict_results.json";
pub const ALL_RESULTS: &str = "all_results.json";

/// Prompts with the replies that are expected to them, of pairs the chosen ones: what predictions are compared with.
pub const EXPECTED: Intake = Intake {
    also: &[DataKind::Preference],
    kept_as: |_| "Prediction".to_owned(),
    ..Intake::rows(
        Stage::Supervised,
        RowKind::Sequences,
        encode_expected,
        tokenized::conversations,
    )
};

fn encode_expected(row: &rows::Row, by: RowEncoding) -> data::Result<(Example, RowReport)> {
    let (sequence, row_report) = encode::expected(by.encoder, row, by.cutoff)?;
    match sequence.counts.last() {
        Some(true) => Ok((Example::Sequence(sequence), row_report)),
        Some(false) | None => Err(by.no_reply_left()),
    }
}

/// Prompts with their expected replies ([`EXPECTED`]), and how replies to them are written.
pub struct Prediction<'a> {
    pub rows: &'a Dataset,
    pub encoder: &'a Encoder,
    pub sampling: SamplingSpec,
    /// Each row draws by a seed of its own that comes of it.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// `bleu-4`, `rouge-1`, `rouge-2`, `rouge-l`: means over the rows, in percent.
    pub means: Vec<(&'static str, f64)>,
    pub rows: usize,
    pub seconds: f64,
}

impl Prediction<'_> {
    /// Writes `generated_predictions.jsonl` into `dir`, whole or not at all. `tick` is told how many rows are done; an error it
    /// gives ends it.
    ///
    /// # Errors
    /// A prompt is longer than the model's context, or the file can't be written; it is asked to stop, or the error of `tick`.
    pub fn write(&self, model: &mut Model, dir: &Path, tick: impl FnMut(usize) -> Result<()>) -> Result<Predicted> {
        let started = Instant::now();
        let path = dir.join(run_dir::PREDICTIONS);
        let growing = files::hidden(&path, "tmp")?;
        let file = File::create(&growing).map_err(Error::io(&path))?;
        let tally = self.fill(model, file, &path, tick).inspect_err(|_| {
            let _ = std::fs::remove_file(&growing);
        })?;
        std::fs::rename(&growing, &path).map_err(Error::io(&path))?;
        Ok(Predicted {
            means: tally.means(),
            rows: self.rows.len(),
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    /// Writes the lines to `file`, and to the disk itself; errors name it `path`.
    fn fill(
        &self,
        model: &mut Model,
        file: File,
        path: &Path,
        mut tick: impl FnMut(usize) -> Result<()>,
    ) -> Result<Tally> {
        let (judge, mut tally) = (Judge::new(), Tally::default());
        let mut out = BufWriter::new(file);
        for row in 0..self.rows.len() {
            let Examples::Sequences(sequences) = self.rows.read(&[row])? else {
                return Err(Error::internal("rows to predict are no sequences"));
            };
            for sequence in &sequences {
                let line = self.reply(model, sequence, row)?;
                out.write_all(line.text()?.as_bytes()).map_err(Error::io(path))?;
                tally.add(judge.compare(&line.predict, &line.label));
            }
            tick(row + 1)?;
        }
        let file = out.into_inner().map_err(|e| Error::io(path)(e.into_error()))?;
        file.sync_all().map_err(Error::io(path))?;
        Ok(tally)
    }

    fn reply(&self, model: &mut Model, sequence: &Sequence, row: usize) -> Result<Line> {
        let begins = sequence.counts.iter().take_while(|counts| !**counts).count();
        let (prompt, label) = sequence.tokens.split_at(begins);
        let sampling = self.sampling;
        let options = SamplingOptions {
            temperature: sampling.temperature,
            top_p: Some(sampling.top_p),
            top_k: Some(sampling.top_k),
            repetition_penalty: sampling.repetition_penalty as f32,
            seed: mix(self.seed, row as u64),
            max_new_tokens: sampling.max_new_tokens,
            stop: self.encoder.stop_ids(),
            ..SamplingOptions::default()
        };
        let mut tokens = vec![];
        generate(model, Pass::Policy, prompt, &options, |token| {
            tokens.push(token);
            stop::check()?;
            Ok(ControlFlow::Continue(()))
        })?;
        let tokenizer = self.encoder.tokenizer();
        Ok(Line {
            prompt: tokenizer.decode_all(prompt)?,
            predict: tokenizer.decode(&tokens)?,
            label: tokenizer.decode(label)?,
        })
    }
}

/// A line of `generated_predictions.jsonl`.
struct Line {
    prompt: String,
    predict: String,
    label: String,
}

impl Line {
    /// As Python's `json.dumps(…, ensure_ascii=False)` writes it.
    fn text(&self) -> Result<String> {
        let quoted = |text: &str| serde_json::to_string(text).map_err(|e| Error::internal(e.to_string()));
        Ok(format!(
            "{{\"prompt\": {}, \"predict\": {}, \"label\": {}}}\n",
            quoted(&self.prompt)?,
            quoted(&self.predict)?,
            quoted(&self.label)?
        ))
    }
}

impl Predicted {
    /// Writes `predict_results.json`, and the same into `all_results.json` beside what stands there.
    ///
    /// # Errors
    /// The files can't be written.
    pub fn keep(&self, dir: &Path, batch: usize) -> Result<()> {
        let rounded = |value: f64, digits: i32| {
            let scale = 10f64.powi(digits);
            (value * scale).round() / scale
        };
        let per_second = |count: usize| rounded(count as f64 / self.seconds.max(1e-9), 3);
        let mut results: Map<String, Value> = self
            .means
            .iter()
            .map(|(name, value)| (format!("predict_{name}"), json!(value)))
            .collect();
        results.insert("predict_runtime".into(), json!(rounded(self.seconds, 4)));
        results.insert("predict_samples_per_second".into(), json!(per_second(self.rows)));
        let steps = self.rows.div_ceil(batch.max(1));
        results.insert("predict_steps_per_second".into(), json!(per_second(steps)));
        write_sorted(&dir.join(RESULTS), &results)?;
        let path = dir.join(ALL_RESULTS);
        let before = std::fs::read(&path)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok());
        let mut all: Map<String, Value> = before.unwrap_or_default();
        all.extend(results);
        write_sorted(&path, &all)
    }
}

/// By name, four blanks deep, as transformers writes its results.
fn write_sorted(path: &Path, results: &Map<String, Value>) -> Result<()> {
    let sorted: std::collections::BTreeMap<_, _> = results.iter().collect();
    let mut text = vec![];
    let indented = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut text, indented);
    serde::Serialize::serialize(&sorted, &mut writer).map_err(|e| Error::internal(e.to_string()))?;
    files::write_atomic(path, &text)
}
