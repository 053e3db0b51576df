//! The keys of a run config, under LLaMA-Factory's names: typed fields, and what becomes of every other key.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The type of a key's value, as written in YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Flag,
    /// A whole number, 0 or more.
    Count,
    Number,
}

/// A key that a run config may have.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
}

trait Field: Sized {
    const KIND: Kind;
    fn read(value: &Value) -> Result<Self, &'static str>;
    fn write(&self) -> Value;
}

impl Field for String {
    const KIND: Kind = Kind::Text;
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::String(s) => Ok(s.trim().to_owned()),
            Value::Number(n) => Ok(n.to_string()),
            Value::Bool(b) => Ok(b.to_string()),
            // LLaMA-Factory takes both `a,b` and a YAML list
            Value::Array(items) => items
                .iter()
                .map(|item| String::read(item))
                .collect::<Result<Vec<_>, _>>()
                .map(|v| v.join(",")),
            _ => Err("a text"),
        }
    }
    fn write(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Flag;
    fn read(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Bool(b) => Ok(*b),
            Value::String(s) if s.eq_ignore_ascii_case("true") => Ok(true),
            Value::String(s) if s.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err("true or false"),
        }
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Field for u64 {
    const KIND: Kind = Kind::Count;
    fn read(value: &Value) -> Result<Self, &'static str> {
        const WHAT: &str = "a whole number, 0 or more";
        let number = f64::read(value).map_err(|_| WHAT)?;
        if number >= 0.0 && number.fract() == 0.0 && number <= 9e15 {
            Ok(number as u64)
        } else {
            Err(WHAT)
        }
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
}

impl Field for f64 {
    const KIND: Kind = Kind::Number;
    fn read(value: &Value) -> Result<Self, &'static str> {
        let number = match value {
            Value::Number(n) => n.as_f64(),
            // YAML 1.1 reads `5e-6` as text, so people's files have numbers as texts
            Value::String(s) => s.trim().parse().ok(),
            _ => None,
        };
        number.filter(|n: &f64| n.is_finite()).ok_or("a number")
    }
    fn write(&self) -> Value {
        serde_json::Number::from_f64(*self).map_or(Value::Null, Value::Number)
    }
}

macro_rules! run_config {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// What the person asked for, as close as can be to what they wrote; a key they left out is `None`.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct RunConfig {
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $name: Option<$type>,)*
        }

        /// Every key of [`RunConfig`], in the order of its files.
        pub const KEYS: &[Key] = &[$(Key { name: stringify!($name), kind: <$type as Field>::KIND },)*];

        impl RunConfig {
            /// The value of a key; `None` for one left out or unknown.
            pub fn get(&self, key: &str) -> Option<Value> {
                match key {
                    $(stringify!($name) => self.$name.as_ref().map(Field::write),)*
                    _ => None,
                }
            }
            /// Sets a key; `Value::Null` takes it out. The error says what the key takes.
            pub fn set(&mut self, key: &str, value: &Value) -> Result<(), String> {
                match key {
                    $(stringify!($name) => {
                        self.$name = match value {
                            Value::Null => None,
                            value => Some(<$type as Field>::read(value).map_err(str::to_owned)?),
                        };
                    })*
                    _ => return Err(format!("`{key}` is not a key of a run config")),
                }
                Ok(())
            }
        }
    };
}

run_config! {
    // model
    /// A local folder or a hub name (`owner/name`).
    model_name_or_path: String,
    /// A revision of a hub model.
    model_revision: String,
    /// Adapters to start from, comma-separated, applied in order; the last one goes on training.
    adapter_name_or_path: String,
    /// Merge the starting adapters and train a fresh one on top.
    create_new_adapter: bool,
    /// Where hub models are kept; default the cache Python's tools use.
    cache_dir: String,
    /// Start from random weights: the folder gives config and tokenizer only.
    train_from_scratch: bool,
    /// "auto", "float32", "bfloat16", "float16".
    infer_dtype: String,

    // method
    /// "pt", "sft" or "dpo".
    stage: String,
    do_train: bool,
    do_eval: bool,
    /// "lora" or "full".
    finetuning_type: String,
    /// "all", or names of linear layers, comma-separated.
    lora_target: String,
    lora_rank: u64,
    lora_alpha: u64,
    lora_dropout: f64,
    /// The preference loss: "sigmoid", "hinge", "ipo", "kto_pair", "orpo", "simpo".
    pref_loss: String,
    pref_beta: f64,
    /// Weight of the supervised loss on the chosen reply, added to the preference loss.
    pref_ftx: f64,
    dpo_label_smoothing: f64,
    /// LD-DPO: weight of the log-probs past the shorter reply's length.
    ld_alpha: f64,
    kto_chosen_weight: f64,
    kto_rejected_weight: f64,
    simpo_gamma: f64,
    /// The reference model; default the model the run starts from.
    ref_model: String,
    /// Compute the reference's log-probs once before training and keep them for later runs.
    precompute_ref_log_probs: bool,

    // data
    /// Names in `dataset_info.json`, or paths of files, comma-separated.
    dataset: String,
    eval_dataset: String,
    dataset_dir: String,
    template: String,
    /// Tokens of an example, at most.
    cutoff_len: u64,
    /// Rows of each data set, at most.
    max_samples: u64,
    /// Held out for evaluation: a share below 1, or a number of rows.
    val_size: f64,
    /// Train on the prompt too.
    train_on_prompt: bool,
    /// Train on the last turn only.
    mask_history: bool,
    /// Pack short examples together (supervised fine-tuning).
    packing: bool,

    // training
    output_dir: String,
    overwrite_output_dir: bool,
    run_name: String,
    per_device_train_batch_size: u64,
    per_device_eval_batch_size: u64,
    gradient_accumulation_steps: u64,
    learning_rate: f64,
    num_train_epochs: f64,
    /// Over `num_train_epochs` when above 0.
    max_steps: f64,
    /// "linear", "cosine", "constant" or "constant_with_warmup".
    lr_scheduler_type: String,
    warmup_ratio: f64,
    warmup_steps: u64,
    /// "adamw_torch" (and its aliases).
    optim: String,
    weight_decay: f64,
    adam_beta1: f64,
    adam_beta2: f64,
    adam_epsilon: f64,
    max_grad_norm: f64,
    seed: u64,
    disable_shuffling: bool,
    bf16: bool,
    fp16: bool,
    logging_steps: u64,
    logging_first_step: bool,
    /// "no", "steps" or "epoch".
    save_strategy: String,
    save_steps: u64,
    save_total_limit: u64,
    /// "no", "steps" or "epoch".
    eval_strategy: String,
    eval_steps: u64,
    /// A checkpoint folder, or `true` for the newest one in `output_dir`.
    resume_from_checkpoint: String,
    /// "cpu" or "cuda"; default the best there is. (Ours.)
    device: String,
    /// Memory for saved activations in MiB; layers past it are recomputed. (Ours.)
    activation_memory: u64,
}

/// Keys that mean something only to Python's tools: accepted, with one line of notice.
pub const PYTHON_ONLY: &[(&str, &str)] = &[
    ("use_unsloth", "Corral's own engine is used"),
    ("use_unsloth_gc", "saving or recomputing is chosen per layer by memory"),
    ("quantization_method", "it has no effect without quantization_bit"),
    (
        "ref_model_quantization_bit",
        "the reference shares the policy's frozen weights",
    ),
    ("overwrite_cache", "tokenized data is not cached on disk"),
    ("preprocessing_num_workers", "tokenizing uses all cores"),
    ("preprocessing_batch_size", "rows are read one by one"),
    ("dataloader_num_workers", "there is no loader process"),
    ("dataloader_pin_memory", "there is no loader process"),
    ("dataloader_prefetch_factor", "there is no loader process"),
    ("dataloader_drop_last", "the last batch is always used"),
    ("remove_unused_columns", "unused columns are never loaded"),
    ("save_safetensors", "checkpoints are always safetensors"),
    ("report_to", "metrics are in the board and in events.jsonl"),
    ("plot_loss", "the board draws the curves"),
    ("logging_dir", "metrics are in output_dir/events.jsonl"),
    ("logging_strategy", "logging goes by logging_steps"),
    ("log_level", "the log is worker.log"),
    ("disable_tqdm", "the progress bar shows on a terminal only"),
    ("flash_attn", "Corral's own attention is used"),
    ("enable_liger_kernel", "Corral's own kernels are used"),
    (
        "gradient_checkpointing",
        "saving or recomputing is chosen per layer by memory",
    ),
    (
        "disable_gradient_checkpointing",
        "saving or recomputing is chosen per layer by memory",
    ),
    (
        "use_reentrant_gc",
        "saving or recomputing is chosen per layer by memory",
    ),
    ("upcast_layernorm", "norms are always computed in f32"),
    ("upcast_lmhead_output", "log-probs are always computed in f32"),
    ("pure_bf16", "see bf16"),
    ("tf32", "see bf16"),
    ("ddp_timeout", "the run uses one device"),
    ("ddp_find_unused_parameters", "the run uses one device"),
    ("ddp_backend", "the run uses one device"),
    ("local_rank", "the run uses one device"),
    ("trust_remote_code", "code of a model is never run"),
    ("use_fast_tokenizer", "tokenizer.json is always used"),
    ("split_special_tokens", "special tokens in a text are kept whole"),
    ("low_cpu_mem_usage", "weights are memory-mapped"),
    ("use_cache", "training needs no key-value cache"),
    ("include_num_input_tokens_seen", "tokens are always counted"),
    ("include_tokens_per_second", "tokens per second are always logged"),
    ("load_best_model_at_end", "checkpoint-best always names the best one"),
    ("metric_for_best_model", "checkpoint-best goes by eval_loss"),
    ("greater_is_better", "checkpoint-best goes by eval_loss"),
    ("prediction_loss_only", "evaluation keeps no logits"),
    ("data_seed", "the order goes by seed"),
    ("torch_compile", "there is no graph compiler"),
    ("full_determinism", "runs are always deterministic"),
    ("use_mps_device", "see device"),
    ("use_cpu", "see device"),
    ("no_cuda", "see device"),
    ("hf_hub_token", "set HF_TOKEN in the environment"),
    ("print_param_status", "see the log"),
    ("optim_target_modules", "it belongs to optimizers that are off"),
    ("push_to_hub", "nothing is ever uploaded"),
    ("tokenized_path", "tokenized data is not cached on disk"),
    ("eval_on_start", "there is always an evaluation before the first step"),
    ("eval_delay", "evaluation goes by eval_steps"),
    ("ignore_pad_token_for_loss", "there is no padding"),
    ("pad_to_multiple_of", "there is no padding"),
    ("neat_packing", "packed examples never see each other"),
    ("buffer_size", "data is not streamed"),
    ("lora_bias", "biases stay frozen"),
];

/// Keys for what is not built yet, with what they need; `false`, `0`, `none` and null are fine.
pub const NOT_BUILT: &[(&str, &str)] = &[
    (
        "quantization_bit",
        "QLoRA is not there yet; take the line out to train on unquantized weights",
    ),
    ("quantization_type", "QLoRA is not there yet"),
    ("double_quantization", "QLoRA is not there yet"),
    (
        "ref_model_adapters",
        "a reference with adapters of its own is not there yet",
    ),
    ("reward_model", "PPO is not there yet"),
    ("reward_model_adapters", "PPO is not there yet"),
    ("reward_model_type", "PPO is not there yet"),
    ("ppo_buffer_size", "PPO is not there yet"),
    ("ppo_epochs", "PPO is not there yet"),
    ("ppo_score_norm", "PPO is not there yet"),
    ("ppo_target", "PPO is not there yet"),
    ("ppo_whiten_rewards", "PPO is not there yet"),
    ("pref_bco_weight", "the BCO term is not there yet"),
    ("use_dora", "DoRA is not there yet"),
    ("use_rslora", "rank-stabilised LoRA is not there yet"),
    ("pissa_init", "PiSSA is not there yet"),
    ("pissa_iter", "PiSSA is not there yet"),
    ("pissa_convert", "PiSSA is not there yet"),
    ("loraplus_lr_ratio", "LoRA+ is not there yet"),
    ("loraplus_lr_embedding", "LoRA+ is not there yet"),
    (
        "additional_target",
        "training further modules beside LoRA is not there yet",
    ),
    ("freeze_trainable_layers", "freeze tuning is not there yet"),
    ("freeze_trainable_modules", "freeze tuning is not there yet"),
    ("freeze_extra_modules", "freeze tuning is not there yet"),
    ("use_llama_pro", "LLaMA Pro is not there yet"),
    ("use_galore", "GaLore is not there yet"),
    ("use_apollo", "APOLLO is not there yet"),
    ("use_badam", "BAdam is not there yet"),
    ("use_adam_mini", "Adam-mini is not there yet"),
    ("use_muon", "Muon is not there yet"),
    ("neftune_noise_alpha", "NEFTune is not there yet"),
    (
        "label_smoothing_factor",
        "label smoothing of the supervised loss is not there yet; for DPO use dpo_label_smoothing",
    ),
    (
        "rope_scaling",
        "scaling RoPE beyond the model's own config is not there yet",
    ),
    ("shift_attn", "shifted sparse attention is not there yet"),
    ("mixture_of_depths", "mixture of depths is not there yet"),
    ("resize_vocab", "resizing the vocabulary is not there yet"),
    ("add_tokens", "adding tokens is not there yet"),
    ("add_special_tokens", "adding tokens is not there yet"),
    ("streaming", "streaming data sets are not there yet"),
    (
        "mix_strategy",
        "interleaving data sets is not there yet; they are concatenated",
    ),
    (
        "interleave_probs",
        "interleaving data sets is not there yet; they are concatenated",
    ),
    ("tool_format", "tool calls are not there yet"),
    (
        "default_system",
        "a default system message is not there yet; put it in the data",
    ),
    ("enable_thinking", "switching the thinking mode is not there yet"),
    ("media_dir", "images, video and audio are not supported"),
    ("deepspeed", "training on several devices is not there yet"),
    ("fsdp", "training on several devices is not there yet"),
    ("fsdp_config", "training on several devices is not there yet"),
    ("predict_with_generate", "generating during evaluation is not there yet"),
    ("do_predict", "prediction is not there yet; see `corral evaluate`"),
    ("use_dft_loss", "the DFT loss is not there yet"),
    ("rpo_alpha", "RPO is not there yet; pref_ftx adds a supervised term"),
    (
        "f_divergence_type",
        "other divergences than reverse KL are not there yet",
    ),
    ("loss_weights", "several losses at once are not there yet"),
    ("sync_ref_model", "TR-DPO is not there yet"),
    ("use_swanlab", "metrics are in the board"),
    ("compute_accuracy", "token accuracy is not there yet"),
    (
        "group_by_length",
        "batching by length is not there yet; there is no padding to save",
    ),
    (
        "lr_scheduler_kwargs",
        "parameters of further schedules are not there yet",
    ),
    ("early_stopping_steps", "early stopping is not there yet"),
];

/// How a key that is not in [`KEYS`] is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    PythonOnly(&'static str),
    NotBuilt(&'static str),
    /// With the nearest key there is, when one is near.
    Unknown(Option<&'static str>),
}

/// Looks up a key that [`RunConfig`] does not have.
pub fn foreign(key: &str) -> Foreign {
    let find = |list: &'static [(&str, &str)]| list.iter().find(|(k, _)| *k == key).map(|(_, why)| *why);
    if let Some(why) = find(PYTHON_ONLY) {
        return Foreign::PythonOnly(why);
    }
    if let Some(why) = find(NOT_BUILT) {
        return Foreign::NotBuilt(why);
    }
    let nearest = KEYS
        .iter()
        .map(|k| (strsim::damerau_levenshtein(key, k.name), k.name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .map(|(_, name)| name);
    Foreign::Unknown(nearest)
}
