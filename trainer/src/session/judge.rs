//! Checks before a run is queued whether it can start from the files that its config names. It uses training's own
//! readers, and reads no weights.

use super::found::Found;
use super::load::{check_id, scoring_head, tokenizer, with_template};
use super::{attach_trainable, open, reference_and_reward};
use crate::data::{self, Encoder, HeldOut, Intake, Message, Role, Setting};
use crate::error::{Error, Result};
use crate::model::{Adapter, Outline, Trainable};
use crate::ops::attention::card_refuses;
use crate::optim::Optimizer;
use crate::predict::EXPECTED;
use crate::weights::{Hub, Weights};
use crate::{checkpoint, files, info, peft, resumed, samples, stage, stop};
use candle_core::Device;
use protocol::config::{DeviceChoice, Every, Method, ReferenceSpec, Resume, RunSpec, Start, Tuning};
use protocol::{RunConfig, says};
use std::path::Path;

/// All but where the data sets are and what is in them, which is judged apart, by [`judge_data`]; whether the model's words
/// leave rows to train on is judged here. `dir`: where the run writes, if that is known. The one error is that it is asked to stop:
/// what was found until then is no answer.
pub fn judge(spec: &RunSpec, dir: Option<&Path>, config: &RunConfig, hub: &Hub) -> Result<Found> {
    let mut check = RunCheck {
        spec,
        dir,
        config,
        hub,
        found: Found::default(),
    };
    check.all()?;
    Ok(check.found)
}

/// Whether the data sets are there, and in a form that is known. The one error is that it is asked to stop.
pub fn judge_data(spec: &RunSpec, found: &mut Found) -> Result<()> {
    let data = &spec.data;
    let tokens = found.tokens;
    let intake = stage::intake(&spec.method);
    // what a run is scored on may be of another kind than what it learns from
    let held_out = intake.held_out(data).unwrap_or(intake);
    for (field, names, intake, kept) in [
        ("dataset", &data.dataset, intake, tokens.train.is_some()),
        ("eval_dataset", &data.eval_dataset, held_out, tokens.eval),
    ] {
        for name in names.iter().filter(|_| !kept) {
            stop::check()?;
            let entry = data::found(data, intake, name);
            if let Err(error) = entry.and_then(|entry| data::check_comparison(&entry)) {
                found.note(field, error.into());
            }
        }
    }
    if found.errors.is_empty() {
        let held_out = match tokens.train {
            Some(_) if tokens.eval => Ok(HeldOut::Some),
            Some(rows) => Ok(HeldOut::of(data, rows)),
            None => data::held_out_of_rows(data, intake, spec.seed),
        };
        match held_out {
            Ok(HeldOut::Some) => {}
            Ok(HeldOut::All(error)) => found.note("val_size", error.into()),
            Err(error) => found.note("dataset", error.into()),
        }
    }
    stop::check()
}

/// A check in progress.
struct RunCheck<'a> {
    spec: &'a RunSpec,
    dir: Option<&'a Path>,
    config: &'a RunConfig,
    hub: &'a Hub,
    found: Found,
}

/// How the model that is trained reads conversations.
struct ModelWords {
    encoder: Encoder,
    /// The largest token id of a short conversation, where that can be known.
    largest: Option<u32>,
}

impl RunCheck<'_> {
    fn all(&mut self) -> Result<()> {
        let metric = self.metric();
        self.note("metric_for_best_model", metric);
        let resume = self.resume();
        self.note("resume_from_checkpoint", resume);
        if let Some(dir) = self.dir {
            self.note("output_dir", files::check_out_folder(dir));
        }
        stop::check()?;
        let words = self.policy();
        if let Some(words) = &words {
            self.rows(&words.encoder)?;
        }
        stop::check()?;
        let largest = words.and_then(|words| words.largest);
        self.reference(largest);
        stop::check()?;
        self.reward_model();
        stop::check()
    }

    /// Keeps an error under the key to change, and gives the value if there is none.
    fn note<T>(&mut self, field: &str, result: Result<T>) -> Option<T> {
        result.map_err(|e| self.found.note(field, e)).ok()
    }

    /// The model that is trained. Gives its words.
    fn policy(&mut self) -> Option<ModelWords> {
        let spec = self.spec;
        let chain = match &spec.model.start {
            Start::Adapters { chain, .. } => chain.as_slice(),
            _ => &[],
        };
        let from_scratch = spec.model.start == Start::Scratch;
        let model = "model_name_or_path";
        let base = Weights::find(&spec.model.path, &[], self.hub);
        let base = self.note(model, base)?;
        let device = self.device(&base);
        self.note("device", device);
        let outline = outline(&base, from_scratch);
        let mut outline = self.note(model, outline)?;
        let weights = Weights::find(&spec.model.path, chain, self.hub);
        let mut weights = self.note("adapter_name_or_path", weights)?;
        let length = Some(spec.data.cutoff_len as u64);
        let scaled = weights.scale_positions(spec.model.rope, length);
        self.note("rope_scaling", scaled);
        let of_adapters = match chain.is_empty() {
            true => model,
            false => "adapter_name_or_path",
        };
        let fits = self.adapters(&weights, outline.as_mut());
        if self.note(of_adapters, fits).is_some() {
            let of_tuning = match spec.tuning {
                Tuning::Lora(_) | Tuning::Oft(_) if attach_trainable::continued_adapter(spec, &weights).is_some() => {
                    of_adapters
                }
                Tuning::Lora(_) => "lora_rank",
                Tuning::Oft(_) => "oft_target",
                Tuning::Full | Tuning::Freeze(_) => "finetuning_type",
            };
            let tuning = self.tuning(&weights, outline.as_mut());
            self.note(of_tuning, tuning);
        }
        let vocabulary = outline.map_or(u64::MAX, |outline| outline.vocabulary());
        self.words(&weights, vocabulary)
    }

    /// Checks that the card that is asked for can compute the model. Without such a request, the run falls back to the
    /// CPU.
    fn device(&self, base: &Weights) -> Result<()> {
        let DeviceChoice::Cuda(_) = self.spec.device else {
            return Ok(());
        };
        // a config that can't be read is reported with the model
        let Ok(info) = info::read(&base.base) else {
            return Ok(());
        };
        match card_refuses(&info.dims.decoder) {
            None => Ok(()),
            Some(why) => Err(Error::invalid(says::cuda_unavailable(why))),
        }
    }

    /// Checks that the adapters that the run starts from fit the model.
    fn adapters(&self, weights: &Weights, outline: Option<&mut Outline>) -> Result<()> {
        let frozen = attach_trainable::frozen_adapters(self.spec, weights, &peft_outline)?;
        if let Trainable::Continue { adapter, .. } = &attach_trainable::trainable(self.spec, weights, &peft_outline)? {
            attach_trainable::check_synced_reference(self.spec, adapter)?;
        }
        match outline {
            Some(outline) => put_on(outline, &frozen.adapters),
            None => Ok(()),
        }
    }

    /// Checks that the model with its adapters has the parameters that are to train, and that the optimizer takes them.
    fn tuning(&self, weights: &Weights, outline: Option<&mut Outline>) -> Result<()> {
        let Some(outline) = outline else { return Ok(()) };
        let names = outline.trained(&attach_trainable::trainable(self.spec, weights, &peft_outline)?)?;
        Optimizer::check(&self.spec.optim, self.spec.seed, names.iter().map(String::as_str))
    }

    /// Tokenizer and template, and whether the model knows the tokens they make.
    fn words(&mut self, weights: &Weights, vocabulary: u64) -> Option<ModelWords> {
        let (spec, data) = (self.spec, &self.spec.data);
        let plain = spec.method.stage().reads_plain_text();
        let of_model = match weights.adapters.contains(&weights.words().tokenizer) {
            true => "adapter_name_or_path",
            false => "model_name_or_path",
        };
        let wording = weights.worded_anew(&data.wording);
        let tokenizer = self.note(of_model, tokenizer(weights, &wording))?;
        let encoder = with_template(tokenizer, &wording, plain);
        let encoder = self.note("template", encoder)?;
        let largest = largest_id(&encoder).filter(|_| !plain);
        self.note("template", check_id(largest, vocabulary, &encoder));
        // with scaled positions, the context may be longer than the config says
        let info = info::read(&weights.base).ok().filter(|_| weights.rope.is_none());
        let room = info.map_or(usize::MAX, |info| info.context as usize);
        let own = samples::own(spec, &encoder, room);
        self.note("sample_own_prompts", own);
        Some(ModelWords { encoder, largest })
    }

    /// Whether rows are left once they are tokens, of each data set.
    fn rows(&mut self, encoder: &Encoder) -> Result<()> {
        let data = &self.spec.data;
        let intake = stage::intake(&self.spec.method);
        let held_out = intake.held_out(data).unwrap_or(intake);
        let cached = data::cached_tokens(data, intake, self.spec.seed, encoder);
        let cached = self.note("tokenized_path", cached.map_err(Error::from));
        self.found.tokens = cached.unwrap_or_default();
        let marked = data::Marked::named_by(data, intake);
        self.note("pair_marks", marked.map_err(Error::from));
        let tokens = self.found.tokens;
        for (field, names, intake, is_cached) in [
            ("dataset", &data.dataset, intake, tokens.train.is_some()),
            ("eval_dataset", &data.eval_dataset, held_out, tokens.eval),
        ] {
            if !is_cached {
                self.usable(field, names, intake, encoder)?;
            }
        }
        let (field, names) = match data.eval_dataset.is_empty() {
            true => ("dataset", &data.dataset),
            false => ("eval_dataset", &data.eval_dataset),
        };
        // prediction reads the same rows in another way; errors that are there already are not repeated
        if self.spec.predict.is_some() && self.found.errors.iter().all(|error| error.field != field) {
            self.usable(field, names, EXPECTED, encoder)?;
        }
        Ok(())
    }

    /// Whether these data sets have rows to use.
    fn usable(&mut self, field: &str, names: &[String], intake: Intake, encoder: &Encoder) -> Result<()> {
        let usable = data::usable(&self.spec.data, names, intake, encoder, stop::check);
        // a stop is no fault of theirs
        stop::check()?;
        self.note(field, usable.map_err(Error::from));
        Ok(())
    }

    /// Checks the reference model, and that it knows the policy's tokens up to `largest`.
    fn reference(&mut self, largest: Option<u32>) {
        let ReferenceSpec::Model { path, adapters, .. } = self.spec.method.reference() else {
            return;
        };
        let own = path.as_ref().unwrap_or(&self.spec.model.path);
        let (model, of_adapters) = ("ref_model", "ref_model_adapters");
        let looked = || -> std::result::Result<(), Box<(&str, Error)>> {
            let of_model = |e: Error| Box::new((model, e));
            let base = Weights::find(own, &[], self.hub).map_err(of_model)?;
            let mut outline = outline(&base, false).map_err(of_model)?;
            let weights = Weights::find(own, adapters, self.hub).map_err(|e| Box::new((of_adapters, e)))?;
            let field = if adapters.is_empty() { model } else { of_adapters };
            let Some(outline) = &mut outline else { return Ok(()) };
            let on = adapter_outlines(&weights).and_then(|adapters| put_on(outline, &adapters));
            on.map_err(|e| Box::new((field, e)))?;
            let known = outline.vocabulary();
            match largest.filter(|id| u64::from(*id) >= known) {
                None => Ok(()),
                Some(id) => Err(of_model(Error::invalid(says::reference_tokens(known, id)))),
            }
        };
        // if the reference has no model of its own, its errors are reported with the policy's
        if let Err((field, error)) = looked().map_err(|boxed| *boxed)
            && (path.is_some() || field != model)
        {
            self.found.note(field, error);
        }
    }

    /// Checks PPO's reward model.
    fn reward_model(&mut self) {
        let Method::Ppo(ppo) = &self.spec.method else { return };
        let looked = reference_and_reward::reward_model(self.spec, ppo, self.hub).and_then(|weights| {
            if let Some(mut outline) = outline(&weights, false)? {
                put_on(&mut outline, &adapter_outlines(&weights)?)?;
            }
            scoring_head(&weights, &Device::Cpu).map(drop)
        });
        self.note("reward_model", looked);
    }

    /// Checks that evaluations have the metric that the best checkpoint is chosen by.
    fn metric(&self) -> Result<()> {
        let metric = &self.spec.best.metric;
        let metrics = stage::metric_names(&self.spec.method);
        if self.spec.cadence.eval == Every::Never || metrics.contains(metric) {
            return Ok(());
        }
        let names = metrics.into_iter().collect::<Vec<_>>().join(", ");
        Err(Error::invalid(says::no_such_metric(metric, names)))
    }

    /// Checks that the checkpoint to resume from is whole, and of what this config trains.
    fn resume(&self) -> Result<()> {
        if self.spec.resume == Resume::No {
            return Ok(());
        }
        match open::resume_point(self.spec, self.dir)? {
            Some(folder) => {
                checkpoint::check(&folder)?;
                resumed::compare(&folder, self.config).map(drop)
            }
            None => Ok(()),
        }
    }
}

/// A model's parameters by the headers of its files, or by its config alone where weights are `from_scratch`.
fn outline(weights: &Weights, from_scratch: bool) -> Result<Option<Outline>> {
    info::read(&weights.base)?;
    Outline::of(&weights.base, from_scratch)
}

/// The outlines of all adapters of the weights.
fn adapter_outlines(weights: &Weights) -> Result<Vec<Adapter>> {
    weights.adapters.iter().map(|path| peft_outline(path)).collect()
}

fn peft_outline(path: &Path) -> Result<Adapter> {
    Ok(peft::outline(path)?.adapter)
}

fn put_on(outline: &mut Outline, adapters: &[Adapter]) -> Result<()> {
    adapters.iter().try_for_each(|adapter| outline.put_on(adapter))
}

/// The largest token id of a short question and reply in the template. `None` if the template refuses that
/// conversation; it may still take the data's.
fn largest_id(encoder: &Encoder) -> Option<u32> {
    let messages = [(Role::User, "a"), (Role::Assistant, "b")].map(|(role, text)| Message::new(role, text));
    let turns = encoder.turns(&Setting::default(), &messages).ok()?;
    turns
        .into_iter()
        .flat_map(|turn| [turn.prompt, turn.reply].concat())
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::config::{RunConfig, check};

    /// If a data set's file is wrong, its key is the one to change, not `val_size`.
    #[test]
    fn what_is_wrong_with_rows_is_reported_with_the_data_set() {
        let folder = std::env::temp_dir().join(format!("corral-judge-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (labels, held_out, field) in [
            ([1, 0, 1], 2, None),
            ([1, 0, 1], 3, Some("val_size")),
            ([1, 0, -1], 2, Some("dataset")),
        ] {
            let rows = labels.map(|n| format!("{{\"instruction\": \"Q\", \"output\": \"A\", \"kto_tag\": {n}}}\n"));
            std::fs::write(folder.join("d.jsonl"), rows.concat()).unwrap();
            let folder = folder.display();
            let text = format!(
                "stage: kto\nmodel_name_or_path: m\ndataset: d.jsonl\ndataset_dir: {folder}\nval_size: {held_out}\n"
            );
            let spec = check(&RunConfig::parse(&text).config).spec.unwrap();
            let mut found = Found::default();
            judge_data(&spec, &mut found).unwrap();
            let fields: Vec<&str> = found.errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, field.into_iter().collect::<Vec<_>>(), "{labels:?} {held_out}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
