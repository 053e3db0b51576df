//! The keys of a run config, under LLaMA-Factory's names: typed fields, and what becomes of every other key.

use super::Thinking;
use super::field::{Field, Json};
use crate::{Said, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The type of a key's value, as written in YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Flag,
    /// True, false, or null, which is a third value and written as the text `null` where null takes a key out.
    FlagOrNull,
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
            pub fn set(&mut self, key: &str, value: &Value) -> Result<(), Said> {
                match key {
                    $(stringify!($name) => {
                        self.$name = match value {
                            Value::Null => None,
                            value => Some(<$type as Field>::read(value).map_err(|takes| takes())?),
                        };
                    })*
                    _ => return Err(says::not_a_key(key)),
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
    /// "auto": weights stay in the type they are stored in.
    infer_dtype: String,
    /// 4 or 8 (HQQ: 8, 6, 5, 4, 3, 2 or 1; EETQ: 8): pack the frozen weights to that many bits while loading; no effect on folders
    /// that are quantized already.
    quantization_bit: u64,
    /// "bnb", "hqq" or "eetq".
    quantization_method: String,
    /// The 4-bit code: "nf4" or "fp4".
    quantization_type: String,
    /// Quantize the scales of 4-bit blocks too.
    double_quantization: bool,
    /// "linear", "dynamic", "yarn" or "llama3": scale rotary positions so that texts of `cutoff_len` tokens have a place.
    rope_scaling: String,

    // method
    /// "pt", "sft", "rm", "dpo", "kto" or "ppo".
    stage: String,
    do_train: bool,
    do_eval: bool,
    /// "lora", "oft", "freeze" or "full".
    finetuning_type: String,
    /// "all", PEFT's "all-linear", or names of linear layers, comma-separated.
    lora_target: String,
    lora_rank: u64,
    lora_alpha: u64,
    lora_dropout: f64,
    /// Rank-stabilised LoRA: the factor is alpha / sqrt(rank).
    use_rslora: bool,
    /// DoRA: lengths and directions train apart.
    use_dora: bool,
    /// Start from the principal singular vectors of the weights.
    pissa_init: bool,
    /// Iterations of PiSSA's randomised decomposition; -1 is exact.
    pissa_iter: f64,
    /// Write PiSSA adapters as plain LoRA of twice the rank.
    pissa_convert: bool,
    /// "true", or "loftq": quantize the weights so that the new adapter makes up for it; PEFT's name.
    init_lora_weights: String,
    /// Rounds of LoftQ, each a quantization and a decomposition; PEFT's name.
    loftq_iter: u64,
    /// LoRA+: the learning rate of B over that of A.
    loraplus_lr_ratio: f64,
    /// OFT: inputs that are turned together; the number of blocks follows.
    oft_block_size: u64,
    /// OFT: blocks of each layer's inputs, in place of `oft_block_size`.
    oft_rank: u64,
    /// OFT: "all", or names of linear layers, comma-separated.
    oft_target: String,
    /// Modules that train whole beside the adapter, comma-separated: "embed_tokens,lm_head".
    additional_target: String,
    /// Blocks that train: the last n; the first n when negative; with `use_llama_pro` how many were added.
    freeze_trainable_layers: f64,
    /// "all", or parts of a block, comma-separated: "self_attn,mlp".
    freeze_trainable_modules: String,
    /// Modules outside the blocks that train too: "embed_tokens,norm,lm_head".
    freeze_extra_modules: String,
    /// LLaMA Pro: train only the blocks that `corral-trainer expand` added.
    use_llama_pro: bool,
    /// The preference loss: "sigmoid", "hinge", "ipo", "kto_pair", "orpo", "simpo", "cpo", "robust", "exo_pair",
    /// "nca_pair", "bco_pair", "sppo_hard", "aot", "aot_pair", "apo_zero", "apo_down", "discopop"; or several,
    /// comma-separated, with "sft" among them.
    pref_loss: String,
    /// Weights of the losses in `pref_loss`, comma-separated; default 1 each.
    loss_weights: String,
    pref_beta: f64,
    /// Weight of the supervised loss on the chosen reply, added to the preference loss.
    pref_ftx: f64,
    /// Weight of the BCO term beside the loss: `(L + w L_bco) / (1 + w)`.
    pref_bco_weight: f64,
    /// RPO: weight of the supervised loss, a mean over the chosen tokens of a micro-batch.
    rpo_alpha: f64,
    /// CPO, CPO-SimPO: weight of the same supervised loss.
    cpo_alpha: f64,
    /// Share of pairs thought mislabelled.
    dpo_label_smoothing: f64,
    /// LD-DPO: weight of the log-probs past the shorter reply's length.
    ld_alpha: f64,
    /// The loss of stage "kto": "kto" or "bco".
    kto_loss: String,
    kto_chosen_weight: f64,
    kto_rejected_weight: f64,
    simpo_gamma: f64,
    /// DFT: each token of stage "sft" weighs as much as the model's own probability of it.
    use_dft_loss: bool,
    /// EAFT: each token of stage "sft" weighs by how undecided the model is there.
    use_eaft_loss: bool,
    /// EAFT: the power of that weight; 0 leaves all tokens alike.
    eaft_alpha: f64,
    /// Dropout before the value head of a reward model in training; TRL's name.
    summary_dropout_prob: f64,
    /// DiscoPOP: temperature of the blend.
    discopop_tau: f64,
    /// WPO: pairs weigh as much as the policy would write them.
    use_weighting: bool,
    /// "reverse_kl", "js_divergence" or "alpha_divergence".
    f_divergence_type: String,
    f_alpha_divergence_coef: f64,
    /// Leave the reference out of the loss.
    reference_free: bool,
    /// The reference model; default the model the run starts from.
    ref_model: String,
    /// Adapters on the reference model, comma-separated.
    ref_model_adapters: String,
    /// 4 or 8: pack the reference model to that many bits while loading.
    ref_model_quantization_bit: u64,
    /// TR-DPO: the reference follows the policy.
    sync_ref_model: bool,
    /// TR-DPO: the policy's share when the reference is brought up to date.
    ref_model_mixup_alpha: f64,
    /// TR-DPO: steps between two updates of the reference.
    ref_model_sync_steps: u64,
    /// Compute the reference's log-probs once before training and keep them for later runs.
    precompute_ref_log_probs: bool,
    /// PPO: the reward model, an adapter or a folder.
    reward_model: String,
    /// Adapters on a "full" reward model, comma-separated.
    reward_model_adapters: String,
    /// "lora" or "full".
    reward_model_type: String,
    /// 4 or 8: pack the reward model to that many bits while loading.
    reward_model_quantization_bit: u64,
    /// Optimizer batches of replies written at a time.
    ppo_buffer_size: u64,
    /// Passes over them.
    ppo_epochs: u64,
    /// Scores by the mean and deviation of all so far.
    ppo_score_norm: bool,
    /// The divergence from the reference that its price is steered to.
    ppo_target: f64,
    ppo_whiten_rewards: bool,
    /// The price of leaving the reference, at first; TRL's name.
    init_kl_coef: f64,
    /// Steer that price; TRL's name.
    adap_kl_ctrl: bool,
    /// Draw replies; else the likeliest token is taken.
    do_sample: bool,
    temperature: f64,
    top_p: f64,
    top_k: u64,
    repetition_penalty: f64,
    max_new_tokens: u64,

    // data
    /// Names in `dataset_info.json`, or paths of files, comma-separated.
    dataset: String,
    eval_dataset: String,
    dataset_dir: String,
    /// LLaMA-Factory's name, a file that ends in `.jinja`, or a template in Jinja itself; without it the model's own.
    template: String,
    /// How tools and their calls are written, in place of the template's own way: "default", "gemma4", "glm4", "glm4_moe",
    /// "lfm2", "ling", "llama3", "minimax1", "minimax2", "mistral", "qwen", "qwen3_5", "seed_oss".
    tool_format: String,
    /// The system message of rows that bring none.
    default_system: String,
    /// Whether a reply may open with its reasoning, where the template knows both ways; null: as the data has it; default
    /// true.
    #[serde(deserialize_with = "Thinking::said")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    enable_thinking: Thinking,
    /// Tokens of an example, at most.
    cutoff_len: u64,
    /// A folder for the tokens of the data: those that are there are trained on, else they are made and kept there. Without it,
    /// those of large files are kept in the cache.
    tokenized_path: String,
    /// Rows of each data set, at most.
    max_samples: u64,
    /// Train on rows while they are read, each from a buffer of those read last; no file is read to its end before. Needs
    /// `max_steps`.
    streaming: bool,
    /// Rows that are shuffled at a time where they are streamed; default 16384.
    buffer_size: u64,
    /// How several data sets become one: "concat", or "interleave_under" and "interleave_over", which take rows in turn until the
    /// first, or each of them, has ended.
    mix_strategy: String,
    /// How likely a row is from each of the data sets where they are interleaved, comma-separated; left out: in turn.
    interleave_probs: String,
    /// Held out for evaluation: a share below 1, or a number of rows.
    val_size: f64,
    /// Train on the prompt too.
    train_on_prompt: bool,
    /// Train on the last turn only.
    mask_history: bool,
    /// Pack short examples into one row: default off in stage "sft", where later ones see earlier ones, on in "pt".
    packing: bool,
    /// Pack short examples of stage "sft" into one row in which they don't see each other.
    neat_packing: bool,
    /// Weight of the router's auxiliary loss (mixture of experts), in stages "pt", "sft", "dpo" and "kto"; default what the
    /// model's `output_router_logits` says.
    moe_aux_loss_coef: f64,
    /// NEFTune: noise on the embeddings while training, in stages "sft" and "pt".
    neftune_noise_alpha: f64,

    // training
    output_dir: String,
    overwrite_output_dir: bool,
    run_name: String,
    /// Other programs' logs to write: "none", "tensorboard", "wandb", "swanlab", "trackio", "mlflow", "all"
    /// (TensorBoard, W&B and SwanLab), or several, comma-separated.
    report_to: String,
    /// Where TensorBoard's files go; default `tensorboard` in `output_dir`.
    logging_dir: String,
    /// The project that W&B and trackio file the run under; for W&B `WANDB_PROJECT` goes before it. Default "huggingface",
    /// as transformers has it.
    project: String,
    /// SwanLab's log too, whatever `report_to` names.
    use_swanlab: bool,
    /// Default "llamafactory".
    swanlab_project: String,
    /// Default `run_name`.
    swanlab_run_name: String,
    swanlab_workspace: String,
    /// Where SwanLab's logs go; default `swanlog` in `output_dir`.
    swanlab_logdir: String,
    per_device_train_batch_size: u64,
    per_device_eval_batch_size: u64,
    gradient_accumulation_steps: u64,
    learning_rate: f64,
    num_train_epochs: f64,
    /// Over `num_train_epochs` when above 0.
    max_steps: f64,
    /// transformers' names: "linear", "cosine", "constant_with_warmup", "reduce_lr_on_plateau" …
    lr_scheduler_type: String,
    /// What the schedule alone has, by transformers' names: a map, or a text of JSON.
    lr_scheduler_kwargs: Json,
    warmup_ratio: f64,
    /// Below 1 a share of the steps.
    warmup_steps: f64,
    /// transformers' names: "adamw_torch", "adamw_8bit", "adafactor", "lion_32bit", "sgd", "galore_adamw", "apollo_adamw" …
    optim: String,
    weight_decay: f64,
    adam_beta1: f64,
    adam_beta2: f64,
    adam_epsilon: f64,
    max_grad_norm: f64,
    /// GaLore: AdamW on gradients projected to few dimensions.
    use_galore: bool,
    /// "all", or parts of names of linear layers, comma-separated.
    galore_target: String,
    galore_rank: u64,
    /// Steps between two projections.
    galore_update_interval: u64,
    galore_scale: f64,
    /// "std", "reverse_std", "right", "left" or "full".
    galore_proj_type: String,
    /// APOLLO: gradients scaled by what AdamW would do in few dimensions.
    use_apollo: bool,
    apollo_target: String,
    apollo_rank: u64,
    apollo_update_interval: u64,
    apollo_scale: f64,
    /// "random" or "svd".
    apollo_proj: String,
    /// "std", "right" or "left".
    apollo_proj_type: String,
    /// "channel" or "tensor".
    apollo_scale_type: String,
    apollo_scale_front: bool,
    /// BAdam: AdamW on one decoder block at a time.
    use_badam: bool,
    /// "layer".
    badam_mode: String,
    badam_start_block: u64,
    /// "ascending", "descending", "random" or "fixed".
    badam_switch_mode: String,
    /// Steps of a block's turn; -1: the first one's never ends.
    badam_switch_interval: f64,
    seed: u64,
    /// Seed of the order of rows; default `seed`.
    data_seed: u64,
    disable_shuffling: bool,
    /// Rows of like length share a step: the order is random in large, by length in small.
    group_by_length: bool,
    bf16: bool,
    fp16: bool,
    /// As `bf16`, and what trains is bf16 too: parameters with their gradients and the optimizer's states.
    pure_bf16: bool,
    /// "steps", "epoch" or "no"; the last step is always logged.
    logging_strategy: String,
    /// Below 1 a share of the steps.
    logging_steps: f64,
    logging_first_step: bool,
    /// "no", "steps" or "epoch".
    save_strategy: String,
    /// Below 1 a share of the steps.
    save_steps: f64,
    save_total_limit: u64,
    /// Checkpoints without what training goes on from: smaller, and never resumed.
    save_only_model: bool,
    /// "no", "steps" or "epoch".
    eval_strategy: String,
    /// Below 1 a share of the steps.
    eval_steps: f64,
    /// Steps (or epochs, where evaluation goes by epochs) before the first evaluation.
    eval_delay: f64,
    /// The metric that the best checkpoint is told by, with or without `eval_`; default "eval_loss".
    metric_for_best_model: String,
    /// Whether more of that metric is better; default: unless its name ends in "loss".
    greater_is_better: bool,
    /// The best checkpoint is what the run gives, not the last.
    load_best_model_at_end: bool,
    /// Evaluations in a row without a better one after which training ends.
    early_stopping_steps: u64,
    /// Share of the reply's tokens that the model would have chosen, in evaluations of stage "sft".
    compute_accuracy: bool,
    /// Log the tokens trained on so far.
    include_num_input_tokens_seen: bool,
    /// A checkpoint folder, or `true` for the newest one in `output_dir`.
    resume_from_checkpoint: String,
    /// "auto" (the best there is, the default), "cpu", "cuda", or "cuda:1" for a certain card. (Ours.)
    device: String,
    /// Memory for saved activations in MiB; layers past it are recomputed. (Ours.)
    activation_memory: u64,
}
