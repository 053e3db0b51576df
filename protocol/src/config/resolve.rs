//! The rule book: from what was asked to what will be done, with every error at once.

use super::spec::*;
use super::{FieldError, RunConfig};

/// The outcome of checking a config: a spec, or all that is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub spec: Result<RunSpec, Vec<FieldError>>,
    /// Things that are fine but that the person should know.
    pub notices: Vec<String>,
}

/// Templates by LLaMA-Factory's names.
pub const TEMPLATES: &[&str] = &[
    "alpaca", "chatml", "default", "llama2", "llama3", "mistral", "qwen", "qwen3", "vicuna", "zephyr",
];

/// Checks `config` against the same rules in the browser, the API and the command line. Defaults are
/// LLaMA-Factory's (and transformers' where it takes theirs). Only what the config says is checked here: files,
/// weights and data are met by whoever opens them.
pub fn check(config: &RunConfig) -> Check {
    let mut r = Rules {
        c: config,
        errors: vec![],
        notices: vec![],
    };
    let spec = r.spec();
    let errors = std::mem::take(&mut r.errors);
    Check {
        spec: if errors.is_empty() { Ok(spec) } else { Err(errors) },
        notices: r.notices,
    }
}

struct Rules<'a> {
    c: &'a RunConfig,
    errors: Vec<FieldError>,
    notices: Vec<String>,
}

impl Rules<'_> {
    fn spec(&mut self) -> RunSpec {
        let c = self.c;
        let tuning = self.tuning();
        let method = self.method();
        let model = self.model(&tuning);
        let preference = matches!(method, Method::Preference(_));
        if c.do_train == Some(false) && c.do_eval != Some(true) {
            self.error(
                "do_train",
                "conflict",
                "do_train: false leaves nothing to do; `corral evaluate` evaluates",
            );
        }
        if preference && c.lora_dropout.is_some_and(|d| d > 0.0) {
            self.notices
                .push("lora_dropout is off in preference training, as in LLaMA-Factory and TRL".into());
        }
        let cadence = self.cadence();
        RunSpec {
            name: text(&c.run_name),
            model,
            data: self.data(),
            optim: self.optim(),
            batch: BatchSpec {
                train: self.count("per_device_train_batch_size", c.per_device_train_batch_size, 8, 1),
                eval: self.count("per_device_eval_batch_size", c.per_device_eval_batch_size, 8, 1),
                accumulation: self.count("gradient_accumulation_steps", c.gradient_accumulation_steps, 1, 1),
            },
            length: self.length(),
            cadence,
            output_dir: self.required("output_dir", &c.output_dir),
            overwrite_output_dir: c.overwrite_output_dir.unwrap_or(false),
            resume: match text(&c.resume_from_checkpoint).as_deref() {
                None | Some("false" | "False" | "none" | "null") => Resume::No,
                Some("true" | "True") => Resume::Newest,
                Some(path) => Resume::From(path.to_owned()),
            },
            seed: c.seed.unwrap_or(42),
            device: self.choice(
                "device",
                &c.device,
                "auto",
                &[
                    ("auto", DeviceChoice::Best),
                    ("cpu", DeviceChoice::Cpu),
                    ("cuda", DeviceChoice::Cuda),
                ],
            ),
            compute: self.compute(),
            activation_memory: c.activation_memory.map(|mib| mib << 20),
            method,
            tuning,
        }
    }

    fn model(&mut self, tuning: &Tuning) -> ModelSpec {
        let c = self.c;
        let chain = list(&c.adapter_name_or_path);
        let scratch = c.train_from_scratch.unwrap_or(false);
        if scratch && !chain.is_empty() {
            self.error(
                "adapter_name_or_path",
                "conflict",
                "an adapter needs the weights it was trained on: not with train_from_scratch",
            );
        }
        if scratch && matches!(tuning, Tuning::Lora(_)) {
            self.error(
                "train_from_scratch",
                "conflict",
                "random weights need finetuning_type: full",
            );
        }
        if matches!(tuning, Tuning::Full) && !chain.is_empty() {
            self.error(
                "adapter_name_or_path",
                "conflict",
                "full training starts from a whole model: merge the adapter first (`corral export`)",
            );
        }
        let fresh = c.create_new_adapter.unwrap_or(false);
        let start = match (scratch, chain.is_empty()) {
            (true, _) => Start::Scratch,
            (_, true) => Start::Pretrained,
            _ => Start::Adapters { chain, fresh },
        };
        ModelSpec {
            path: self.required("model_name_or_path", &c.model_name_or_path),
            revision: text(&c.model_revision),
            cache_dir: text(&c.cache_dir),
            start,
        }
    }

    fn tuning(&mut self) -> Tuning {
        let c = self.c;
        let lora = self.choice(
            "finetuning_type",
            &c.finetuning_type,
            "lora",
            &[("lora", true), ("full", false)],
        );
        let rank = self.count("lora_rank", c.lora_rank, 8, 1);
        let dropout = self.within("lora_dropout", c.lora_dropout, 0.0, 0.0, 0.99);
        let alpha = self.count("lora_alpha", c.lora_alpha, 2 * rank, 1) as f64;
        let target = list(&c.lora_target);
        if !lora {
            return Tuning::Full;
        }
        let target = if target.iter().any(|t| t == "all") {
            vec![]
        } else {
            target
        };
        Tuning::Lora(LoraSpec {
            rank,
            alpha,
            dropout,
            target,
        })
    }

    fn method(&mut self) -> Method {
        let c = self.c;
        let stage = self.choice(
            "stage",
            &c.stage,
            "sft",
            &[("pt", 0), ("sft", 1), ("dpo", 2), ("kto", 3), ("rm", 4), ("ppo", 5)],
        );
        let supervised = Method::Supervised {
            train_on_prompt: c.train_on_prompt.unwrap_or(false),
            mask_history: c.mask_history.unwrap_or(false),
            packing: c.packing.unwrap_or(false),
        };
        if c.train_on_prompt == Some(true) && c.mask_history == Some(true) {
            self.error(
                "mask_history",
                "conflict",
                "mask_history and train_on_prompt exclude each other",
            );
        }
        match stage {
            0 => Method::Pretrain,
            1 => supervised,
            2 => Method::Preference(self.preference()),
            _ => {
                let message = match text(&c.stage).as_deref() {
                    Some("kto") => "unpaired KTO is not there yet; with pairs, use stage: dpo with pref_loss: kto_pair",
                    Some("rm") => "reward modelling is not there yet",
                    _ => "PPO is not there yet",
                };
                self.error("stage", "not_built", message);
                supervised
            }
        }
    }

    fn preference(&mut self) -> Preference {
        let c = self.c;
        const LOSSES: &[(&str, usize)] = &[
            ("sigmoid", 0),
            ("hinge", 1),
            ("ipo", 2),
            ("kto_pair", 3),
            ("orpo", 4),
            ("simpo", 5),
        ];
        let which = self.choice("pref_loss", &c.pref_loss, "sigmoid", LOSSES);
        let name = LOSSES[which].0;
        let beta = self.above("pref_beta", c.pref_beta, if name == "simpo" { 2.0 } else { 0.1 });
        let label_smoothing = self.within("dpo_label_smoothing", c.dpo_label_smoothing, 0.0, 0.0, 0.5);
        if label_smoothing > 0.0 && name != "sigmoid" {
            self.error(
                "dpo_label_smoothing",
                "not_for_loss",
                format!("label smoothing has no meaning for {name}; it belongs to sigmoid"),
            );
        } else if label_smoothing >= 0.5 {
            self.error(
                "dpo_label_smoothing",
                "range",
                "must be below 0.5: at 0.5 both replies count alike",
            );
        }
        let ld_alpha = c.ld_alpha.map(|_| self.within("ld_alpha", c.ld_alpha, 1.0, 0.0, 1.0));
        if ld_alpha.is_some() && matches!(name, "orpo" | "simpo" | "ipo") {
            self.error(
                "ld_alpha",
                "not_for_loss",
                format!("LD-DPO splits summed log-probs; {name} averages them per token"),
            );
        }
        let loss = match name {
            "hinge" => PrefLoss::Hinge { beta, ld_alpha },
            "ipo" => PrefLoss::Ipo { beta, ld_alpha },
            "kto_pair" => PrefLoss::KtoPair {
                beta,
                chosen_weight: self.at_least("kto_chosen_weight", c.kto_chosen_weight, 1.0, 0.0),
                rejected_weight: self.at_least("kto_rejected_weight", c.kto_rejected_weight, 1.0, 0.0),
                ld_alpha,
            },
            "orpo" => PrefLoss::Orpo { beta },
            "simpo" => {
                let gamma = self.at_least("simpo_gamma", c.simpo_gamma, 0.5, 0.0);
                PrefLoss::Simpo { beta, gamma }
            }
            _ => PrefLoss::Sigmoid {
                beta,
                label_smoothing,
                ld_alpha,
            },
        };
        let ref_model = text(&c.ref_model);
        let precompute = c.precompute_ref_log_probs.unwrap_or(false);
        if !loss.needs_reference() {
            if ref_model.is_some() {
                self.notices
                    .push(format!("ref_model has no effect: {name} needs no reference"));
            }
            if precompute {
                self.notices.push(format!(
                    "precompute_ref_log_probs has no effect: {name} needs no reference"
                ));
            }
        }
        Preference {
            ftx: self.at_least("pref_ftx", c.pref_ftx, 0.0, 0.0),
            ref_model: ref_model.filter(|_| loss.needs_reference()),
            precompute_reference: precompute && loss.needs_reference(),
            loss,
        }
    }

    fn data(&mut self) -> DataSpec {
        let c = self.c;
        let dataset = list(&c.dataset);
        if dataset.is_empty() {
            self.error("dataset", "required", "name a data set of dataset_info.json, or a file");
        }
        let template = text(&c.template);
        if let Some(name) = template.as_deref()
            && !TEMPLATES.contains(&name)
        {
            self.error(
                "template",
                "choice",
                format!(
                    "`{name}` is not one of {}; leave it out to use the model's own",
                    TEMPLATES.join(", ")
                ),
            );
        }
        let val = self.at_least("val_size", c.val_size, 0.0, 0.0);
        let eval_dataset = list(&c.eval_dataset);
        if val > 0.0 && !eval_dataset.is_empty() {
            self.error("val_size", "conflict", "val_size and eval_dataset exclude each other");
        }
        if val > 1.0 && val.fract() != 0.0 {
            self.error(
                "val_size",
                "range",
                "below 1 it is a share; above, a whole number of rows",
            );
        }
        let wants_eval = !matches!(text(&c.eval_strategy).as_deref(), None | Some("no")) || c.do_eval == Some(true);
        if wants_eval && val == 0.0 && eval_dataset.is_empty() {
            self.error(
                "eval_strategy",
                "conflict",
                "evaluation needs rows: set val_size or eval_dataset",
            );
        }
        let max_samples = c.max_samples.map(|_| self.count("max_samples", c.max_samples, 1, 1));
        DataSpec {
            dataset,
            eval_dataset,
            dataset_dir: text(&c.dataset_dir).unwrap_or_else(|| "data".into()),
            template,
            cutoff_len: self.count("cutoff_len", c.cutoff_len, 2048, 8),
            max_samples,
            val_size: match val {
                v if v <= 0.0 => ValSize::None,
                v if v < 1.0 => ValSize::Share(v),
                v => ValSize::Rows(v as usize),
            },
            shuffle: !c.disable_shuffling.unwrap_or(false),
        }
    }

    fn optim(&mut self) -> OptimSpec {
        let c = self.c;
        const ADAMW: &[(&str, ())] = &[
            ("adamw_torch", ()),
            ("adamw_torch_fused", ()),
            ("adamw_hf", ()),
            ("adamw", ()),
        ];
        self.choice("optim", &c.optim, "adamw_torch", ADAMW);
        let ratio = self.within("warmup_ratio", c.warmup_ratio, 0.0, 0.0, 1.0);
        OptimSpec {
            learning_rate: self.above("learning_rate", c.learning_rate, 5e-5),
            weight_decay: self.at_least("weight_decay", c.weight_decay, 0.0, 0.0),
            beta1: self.within("adam_beta1", c.adam_beta1, 0.9, 0.0, 0.999_999),
            beta2: self.within("adam_beta2", c.adam_beta2, 0.999, 0.0, 0.999_999_9),
            epsilon: self.above("adam_epsilon", c.adam_epsilon, 1e-8),
            max_grad_norm: self.at_least("max_grad_norm", c.max_grad_norm, 1.0, 0.0),
            schedule: self.choice(
                "lr_scheduler_type",
                &c.lr_scheduler_type,
                "linear",
                &[
                    ("linear", Schedule::Linear),
                    ("cosine", Schedule::Cosine),
                    ("constant", Schedule::Constant),
                    ("constant_with_warmup", Schedule::ConstantWithWarmup),
                ],
            ),
            warmup: match c.warmup_steps {
                Some(n) if n > 0 => Warmup::Steps(n),
                _ => Warmup::Ratio(ratio),
            },
        }
    }

    fn length(&mut self) -> Length {
        let c = self.c;
        match c.max_steps {
            Some(n) if n > 0.0 && n.fract() == 0.0 => Length::Steps(n as u64),
            Some(n) if n > 0.0 => {
                self.error("max_steps", "type", "takes a whole number");
                Length::Steps(1)
            }
            // -1 is transformers' "not set"
            _ => Length::Epochs(self.above("num_train_epochs", c.num_train_epochs, 3.0)),
        }
    }

    fn cadence(&mut self) -> Cadence {
        let c = self.c;
        const WHEN: &[(&str, u8)] = &[("no", 0), ("steps", 1), ("epoch", 2)];
        let logging_steps = self.count("logging_steps", c.logging_steps, 500, 1) as u64;
        let save_steps = self.count("save_steps", c.save_steps, 500, 1) as u64;
        let eval_steps = self.count("eval_steps", c.eval_steps, logging_steps as usize, 1) as u64;
        let every = |when, steps| match when {
            0 => Every::Never,
            1 => Every::Steps(steps),
            _ => Every::Epoch,
        };
        let limit = c
            .save_total_limit
            .map(|_| self.count("save_total_limit", c.save_total_limit, 1, 1));
        Cadence {
            logging_steps,
            log_first: c.logging_first_step.unwrap_or(false),
            eval: every(self.choice("eval_strategy", &c.eval_strategy, "no", WHEN), eval_steps),
            save: every(
                self.choice("save_strategy", &c.save_strategy, "steps", WHEN),
                save_steps,
            ),
            save_total_limit: limit,
        }
    }

    fn compute(&mut self) -> Compute {
        match (self.c.bf16.unwrap_or(false), self.c.fp16.unwrap_or(false)) {
            (true, true) => {
                self.error("fp16", "conflict", "bf16 and fp16 exclude each other");
                Compute::Bf16
            }
            (true, _) => Compute::Bf16,
            (_, true) => Compute::F16,
            _ => Compute::F32,
        }
    }

    fn error(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, code, message));
    }

    fn required(&mut self, field: &str, value: &Option<String>) -> String {
        text(value).unwrap_or_else(|| {
            self.error(field, "required", "must be set");
            String::new()
        })
    }

    fn choice<T: Copy>(&mut self, field: &str, value: &Option<String>, default: &str, choices: &[(&str, T)]) -> T {
        let value = text(value).unwrap_or_else(|| default.to_owned());
        if let Some((_, t)) = choices.iter().find(|(name, _)| *name == value) {
            return *t;
        }
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let message = format!("`{value}` is not one of {}", names.join(", "));
        self.errors
            .push(FieldError::new(field, "choice", message).with_args([names.join(", ")]));
        choices[0].1
    }

    fn count(&mut self, field: &str, value: Option<u64>, default: usize, least: u64) -> usize {
        match value {
            Some(n) if n < least => {
                self.bound(field, "min", format!("must be at least {least}"), &least.to_string());
                default
            }
            Some(n) if n > 1 << 40 => {
                self.bound(field, "max", "is too large".into(), &(1u64 << 40).to_string());
                default
            }
            Some(n) => n as usize,
            None => default,
        }
    }

    fn at_least(&mut self, field: &str, value: Option<f64>, default: f64, least: f64) -> f64 {
        let value = value.unwrap_or(default);
        if !value.is_finite() || value < least {
            self.bound(field, "min", format!("must be at least {least}"), &least.to_string());
        }
        value
    }

    fn above(&mut self, field: &str, value: Option<f64>, default: f64) -> f64 {
        let value = value.unwrap_or(default);
        if !value.is_finite() || value <= 0.0 {
            self.bound(field, "above", "must be above 0".into(), "0");
        }
        value
    }

    fn within(&mut self, field: &str, value: Option<f64>, default: f64, least: f64, most: f64) -> f64 {
        let value = value.unwrap_or(default);
        if !(least..=most).contains(&value) {
            let message = format!("must lie between {least} and {most}");
            self.errors
                .push(FieldError::new(field, "range", message).with_args([least.to_string(), most.to_string()]));
        }
        value
    }

    fn bound(&mut self, field: &str, code: &str, message: String, arg: &str) {
        self.errors
            .push(FieldError::new(field, code, message).with_args([arg.to_owned()]));
    }
}

/// A text that says something.
fn text(value: &Option<String>) -> Option<String> {
    value
        .as_deref()
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
}

/// A comma-separated list.
fn list(value: &Option<String>) -> Vec<String> {
    let value = value.as_deref().unwrap_or_default();
    value
        .split(',')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect()
}
