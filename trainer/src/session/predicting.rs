//! `do_predict`: generates replies to the held-out prompts, after training or with a model as it is.

use super::{Session, TOLD_EVERY, check_id, compute_note, encoder, finite, load_frozen};
use crate::data::{self, Dataset, Encoder, Loaded};
use crate::error::{Error, Result};
use crate::events::{EventLog, Progress};
use crate::model::Model;
use crate::ops::Engine;
use crate::predict::{EXPECTED, Prediction};
use crate::stop;
use crate::weights::{Hub, Weights};
use crate::{info, peft};
use protocol::config::{DeviceChoice, PlacedRun, Predict, RunSpec, Start};
use protocol::event::{Phase, TrainEvent};
use protocol::{memory, says};
use std::path::Path;

impl Session<'_> {
    /// The rows to predict after training, where it is asked for: found before it, so that what stands against them costs
    /// no training.
    pub(super) fn open_predictions(&mut self) -> Result<()> {
        if self.spec.predict.is_none() {
            return Ok(());
        }
        let loaded = rows(&self.spec, &self.encoder, self.events)?;
        // a row that only one of the two can use parts all others anew: some would be rows that were trained on
        let [kept, taken] = [self.eval.len(), loaded.eval.len()];
        let alike = kept == taken && self.feed.rows() == Some(loaded.train.len() as u64);
        if self.spec.data.eval_dataset.is_empty() && !alike {
            return Err(Error::invalid(says::predicts_other_rows()));
        }
        self.to_predict = Some(loaded.eval);
        Ok(())
    }

    /// Predicts with what was trained, where it is asked for.
    pub fn predict(&mut self) -> Result<()> {
        let (Some(predict), Some(rows)) = (self.spec.predict, self.to_predict.take()) else {
            return Ok(());
        };
        let step = self.state.step;
        let writer = Writer {
            spec: &self.spec,
            dir: &self.dir,
            predict: &predict,
            encoder: &self.encoder,
            step,
            epoch: self.feed.epochs(step),
        };
        writer.write(&mut self.model, &rows, self.events)
    }
}

/// Predicts with a model as it is, and trains nothing.
pub fn predict_alone(run: &PlacedRun, predict: &Predict, events: &mut EventLog, hub: &Hub) -> Result<()> {
    let spec = &run.spec;
    let chain = match &spec.model.start {
        Start::Adapters { chain, .. } => chain.as_slice(),
        _ => &[],
    };
    events.phase(Phase::Loading, 0, 1)?;
    let mut weights = Weights::find(&spec.model.path, chain, hub)?;
    if weights.loftq.is_none() {
        weights.quantize = spec.model.quantize;
    }
    weights.scale_positions(spec.model.rope, Some(spec.data.cutoff_len as u64))?;
    let dims = info::read(&weights.base)?.dims;
    let tokens = spec.data.cutoff_len + predict.sampling.max_new_tokens;
    let need = memory::to_read(&dims, weights.quantize, tokens as u64);
    let (reading, note) = Engine::reading(spec.device, need, &dims.decoder)?;
    let device = match reading.device().is_card() {
        true => spec.device,
        false => DeviceChoice::Cpu,
    };
    // on the same device, in the data type that is asked for
    let engine = Engine::on(device, spec.compute)?;
    let notes = [note, compute_note(device, spec.compute)];
    for note in weights.notes.iter().cloned().chain(notes.into_iter().flatten()) {
        events.notice(note)?;
    }
    let encoder = encoder(&weights, &weights.worded(&spec.data.wording), false)?;
    let Loaded { eval: rows, .. } = rows(spec, &encoder, events)?;
    let known = dims.decoder.embedding.vocabulary as u64;
    let known = peft::vocabulary(&weights.adapters)?.unwrap_or(known);
    check_id(rows.largest_id(), known, &encoder)?;
    let mut model = load_frozen(&weights, &engine)?;
    let writer = Writer {
        spec,
        dir: Path::new(&run.output_dir),
        predict,
        encoder: &encoder,
        step: 0,
        epoch: 0.0,
    };
    writer.write(&mut model, &rows, events)
}

/// The held-out prompts with their expected replies.
fn rows(spec: &RunSpec, encoder: &Encoder, events: &mut EventLog) -> Result<Loaded> {
    events.phase(Phase::Tokenizing, 0, 1)?;
    let go_on = |_, _| stop::check();
    let mut loaded = match spec.data.eval_dataset.is_empty() {
        true => data::load_with(&spec.data, EXPECTED, spec.seed, encoder, go_on)?,
        false => data::load_eval(&spec.data, EXPECTED, spec.seed, encoder, go_on)?,
    };
    for notice in std::mem::take(&mut loaded.notices) {
        events.notice(notice)?;
    }
    // a run that trained has emitted them already
    for report in std::mem::take(&mut loaded.reports)
        .into_iter()
        .filter(|_| spec.predict.is_some_and(|p| p.alone))
    {
        events.emit(TrainEvent::Data(report))?;
    }
    Ok(loaded)
}

struct Writer<'a> {
    spec: &'a RunSpec,
    /// The run directory.
    dir: &'a Path,
    predict: &'a Predict,
    encoder: &'a Encoder,
    step: u64,
    epoch: f64,
}

impl Writer<'_> {
    /// Writes the files and the scores' event.
    fn write(&self, model: &mut Model, rows: &Dataset, events: &mut EventLog) -> Result<()> {
        let prediction = Prediction {
            rows,
            encoder: self.encoder,
            sampling: self.predict.sampling,
            seed: self.spec.seed,
        };
        let total = rows.len() as u64;
        events.phase(Phase::Predicting, 0, total)?;
        let mut progress = Progress::every(TOLD_EVERY, Phase::Predicting);
        let predicted = prediction.write(model, self.dir, |done| progress.at(events, done as u64, total))?;
        predicted.keep(self.dir, self.spec.batch.eval)?;
        let means = predicted.means.iter();
        let values = means.map(|(name, value)| (format!("predict_{name}"), *value));
        events.emit(TrainEvent::Eval {
            step: self.step,
            epoch: self.epoch,
            metrics: finite(values, self.step)?,
        })
    }
}
