//! The rule book: from what was asked to what will be done, with every error at once.

mod cadence;
mod data;
mod knobs;
mod limits;
mod method;
mod notes;
mod optim;
mod preference;
mod quantization;
mod reference;
mod samples;
mod schedule;
mod stages;
mod templates;
mod trackers;
mod tuning;
mod values;

pub use notes::{Note, Notes};
pub(super) use preference::{EXO_SMOOTHING, is_simpo, losses, smooths_as_exo};
pub use templates::{NoTemplate, TEMPLATES, TOOL_FORMATS, TemplateSource, WITHOUT_END, no_template};

pub(super) use trackers::{BUILT as BUILT_TRACKERS, NOT_BUILT as TRACKERS_NOT_BUILT};
pub use trackers::{not_built, tells_mlflow, tells_trackio};

use super::keys::{NO_ROPE_SCALING, Plain, key};
use super::spec::*;
use super::{FieldError, RunConfig};
use crate::decoder::RopeType;
use crate::{Said, Stage, says};
use values::text;

/// The outcome of checking a config: a spec, or all that is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Check<Spec = RunSpec> {
    pub spec: Result<Spec, Vec<FieldError>>,
    /// Things that are fine but that the person should know.
    pub notices: Vec<Said>,
}

/// Checks `config` against the same rules in the browser, the API and the command line. Defaults are
/// LLaMA-Factory's (and transformers' where it takes theirs). Only what the config says is checked here: files,
/// weights and data are met by whoever opens them. Where a run writes is no matter of it: see [`check_placed`].
pub fn check(config: &RunConfig) -> Check {
    judge(config, |rules| rules.spec())
}

/// The same for who trains: `config` must say where to.
pub fn check_placed(config: &RunConfig) -> Check<PlacedRun> {
    judge(config, |rules| rules.placed())
}

fn judge<Spec>(config: &RunConfig, rule: impl FnOnce(&mut Rules) -> Spec) -> Check<Spec> {
    let mut rules = Rules::of(config);
    let spec = rule(&mut rules);
    let errors = std::mem::take(&mut rules.errors);
    Check {
        spec: if errors.is_empty() { Ok(spec) } else { Err(errors) },
        notices: rules.notices,
    }
}

/// How conversations become text under `config`.
///
/// # Errors
/// The first key that names what there is not.
pub fn wording(config: &RunConfig) -> Result<Wording, FieldError> {
    alone(config, |rules| rules.wording())
}

/// What weights are packed to while they are loaded, whatever is done with them then.
///
/// # Errors
/// The first key that names what there is not.
pub fn packed(config: &RunConfig) -> Result<Option<Quantize>, FieldError> {
    alone(config, |rules| rules.packing(key::quantization_bit))
}

/// How rotary positions are to be scaled.
///
/// # Errors
/// A way that there is not.
pub fn rope(config: &RunConfig) -> Result<Option<RopeType>, FieldError> {
    alone(config, |rules| rules.rope())
}

/// What says how many steps a run takes.
pub struct Workload {
    pub data: DataSpec,
    pub batch: BatchSpec,
    pub length: Length,
}

/// How much there is to do under `config`.
///
/// # Errors
/// The first key about it that is wrong.
pub fn workload(config: &RunConfig) -> Result<Workload, FieldError> {
    alone(config, |rules| Workload {
        data: rules.data(),
        batch: rules.batch(),
        length: rules.length(),
    })
}

/// What says how much is written to prompts on a run's way.
pub struct Sampling {
    /// `None`: no prompts are answered.
    pub samples: Option<Samples>,
    pub cadence: Cadence,
}

/// Which prompts are answered under `config`, and when.
///
/// # Errors
/// The first key about it that is wrong.
pub fn sampling(config: &RunConfig) -> Result<Sampling, FieldError> {
    alone(config, |rules| {
        let (method, data) = (rules.method(), rules.data());
        Sampling {
            samples: rules.samples(&method, &data),
            cadence: rules.cadence(),
        }
    })
}

fn alone<T>(config: &RunConfig, rule: impl FnOnce(&mut Rules) -> T) -> Result<T, FieldError> {
    let mut rules = Rules::of(config);
    let found = rule(&mut rules);
    match rules.errors.into_iter().next() {
        None => Ok(found),
        Some(error) => Err(error),
    }
}

/// The rule book, open at a config.
pub(super) struct Rules<'a> {
    c: &'a RunConfig,
    errors: Vec<FieldError>,
    notices: Vec<Said>,
    /// What is known of each key that was read.
    notes: Notes,
}

impl<'a> Rules<'a> {
    fn of(config: &'a RunConfig) -> Self {
        Self {
            c: config,
            errors: vec![],
            notices: vec![],
            notes: Notes::default(),
        }
    }
}

impl Rules<'_> {
    fn placed(&mut self) -> PlacedRun {
        PlacedRun {
            spec: self.spec(),
            output_dir: self.required(key::output_dir),
            overwrite_output_dir: self.flag(key::overwrite_output_dir),
        }
    }

    fn spec(&mut self) -> RunSpec {
        let c = self.c;
        self.limits();
        let tuning = self.tuning();
        let method = self.method();
        let model = self.model(&tuning);
        let trains = self.trains();
        let predict = self.predict();
        self.idle(&["do_train"]);
        if !trains && predict.is_none() {
            self.error("do_train", "conflict", says::nothing_to_do());
        }
        if !method.stage().drops_out() && c.lora_dropout.is_some_and(|d| d > 0.0) {
            self.explain("lora_dropout", says::lora_dropout_off());
        }
        let cadence = self.cadence();
        let data = self.data();
        RunSpec {
            name: self.text(key::run_name),
            model,
            samples: self.samples(&method, &data),
            data,
            optim: self.optim(&tuning),
            batch: self.batch(),
            length: self.length(),
            best: self.best(&cadence),
            cadence,
            predict,
            plain: Plain::of(self),
            trackers: self.trackers(),
            resume: match self.text(key::resume_from_checkpoint).as_deref() {
                None | Some("false" | "False" | "none" | "null") => Resume::No,
                Some("true" | "True") => Resume::Newest,
                Some(path) => Resume::From(path.to_owned()),
            },
            seed: self.plain(key::seed),
            device: self.device(),
            compute: self.compute(),
            activation_memory: self.optional(key::activation_memory).map(|mib| mib << 20),
            router_loss: self.router_loss(&method),
            method,
            tuning,
        }
    }

    fn batch(&mut self) -> BatchSpec {
        BatchSpec {
            train: self.count(key::per_device_train_batch_size),
            eval: self.count(key::per_device_eval_batch_size),
            accumulation: self.count(key::gradient_accumulation_steps),
        }
    }

    fn device(&mut self) -> DeviceChoice {
        let value = self.plain(key::device);
        DeviceChoice::parse(&value).unwrap_or_else(|| {
            let names = "auto, cpu, cuda, cuda:0";
            let error = FieldError::new("device", "choice", says::not_one_of(value, names));
            self.errors.push(error.with_args([names.to_owned()]));
            DeviceChoice::Best
        })
    }

    /// 0 is LLaMA-Factory's "not set".
    fn router_loss(&mut self, method: &Method) -> Option<f64> {
        let weight = self.number(key::moe_aux_loss_coef);
        let scores = method.stage().has_value_head();
        if scores {
            self.idle(&["moe_aux_loss_coef"]);
        }
        if weight == 0.0 {
            return None;
        }
        if scores {
            let of_words = Stage::ALL.into_iter().filter(|stage| !stage.has_value_head());
            let names: Vec<_> = of_words.map(Stage::name).collect();
            self.belongs("moe_aux_loss_coef", "not_for_stage", &names, says::router_loss_stage());
        }
        Some(weight)
    }

    fn model(&mut self, tuning: &Tuning) -> ModelSpec {
        let c = self.c;
        let chain = self.list(key::adapter_name_or_path);
        let scratch = self.flag(key::train_from_scratch);
        if *tuning != Tuning::Full {
            self.idle(&["train_from_scratch"]);
        }
        if scratch && !chain.is_empty() {
            self.excludes(
                "adapter_name_or_path",
                "train_from_scratch",
                says::adapter_needs_weights(),
            );
        }
        if scratch && *tuning != Tuning::Full {
            self.needs(
                "train_from_scratch",
                "finetuning_type: full",
                says::scratch_needs_full(),
            );
        }
        if text(&c.infer_dtype).is_some_and(|kind| kind != "auto") {
            self.explain("infer_dtype", says::no_effect_infer_dtype());
        }
        let start = match (scratch, chain.is_empty()) {
            (true, _) => Start::Scratch,
            (_, true) => Start::Pretrained,
            _ => Start::Adapters {
                chain,
                fresh: self.flag(key::create_new_adapter),
            },
        };
        ModelSpec {
            path: self.required(key::model_name_or_path),
            revision: self.text(key::model_revision),
            cache_dir: self.text(key::cache_dir),
            start,
            quantize: self.quantize(tuning),
            rope: self.rope(),
        }
    }

    fn rope(&mut self) -> Option<RopeType> {
        let asked = self.text(key::rope_scaling)?;
        if NO_ROPE_SCALING.contains(&asked.as_str()) {
            return None;
        }
        let known = RopeType::named(&asked);
        if known.is_none() {
            let names = RopeType::names(RopeType::ALL);
            let error = FieldError::new("rope_scaling", "choice", says::not_one_of(asked, names.as_str()));
            self.errors.push(error.with_args([names]));
        }
        known
    }

    fn compute(&mut self) -> Compute {
        let (bf16, fp16) = (self.flag(key::bf16), self.flag(key::fp16));
        let pure = self.flag(key::pure_bf16);
        if fp16 && pure {
            self.excludes("fp16", "pure_bf16", says::exclude_each_other("pure_bf16", "fp16"));
        } else if fp16 && bf16 {
            self.excludes("fp16", "bf16", says::exclude_each_other("bf16", "fp16"));
        }
        match (pure, bf16, fp16) {
            (true, ..) => Compute::PureBf16,
            (_, true, _) => Compute::Bf16,
            (.., true) => Compute::F16,
            _ => Compute::F32,
        }
    }
}
