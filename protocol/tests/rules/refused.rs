//! What is refused, under which key and code.

use super::{BASE, refused};
use protocol::config::{check, check_placed};
use protocol::{FieldError, RunConfig};

#[test]
fn each_rule_names_its_key() {
    for (yaml, field, code) in [
        (
            "stage: dpo\npref_loss: hinge\ndpo_label_smoothing: 0.1",
            "dpo_label_smoothing",
            "not_for_loss",
        ),
        ("stage: dpo\ndpo_label_smoothing: 0.5", "dpo_label_smoothing", "range"),
        (
            "stage: dpo\npref_loss: simpo\nld_alpha: 0.5",
            "ld_alpha",
            "not_for_loss",
        ),
        ("stage: dpo\npref_loss: dpo", "pref_loss", "choice"),
        ("stage: dpo\npref_beta: 0", "pref_beta", "above"),
        ("stage: dpo\npref_beta: -1", "pref_beta", "above"),
        ("stage: ppo", "reward_model", "required"),
        (
            "stage: ppo\nreward_model: r\nreward_model_type: api",
            "reward_model_type",
            "not_built",
        ),
        (
            "stage: ppo\nreward_model: r\nreward_model_adapters: a",
            "reward_model_adapters",
            "conflict",
        ),
        ("stage: ppo\nreward_model: r\nppo_epochs: 0", "ppo_epochs", "min"),
        ("stage: ppo\nreward_model: r\ntop_p: 0", "top_p", "range"),
        (
            "stage: dpo\nneftune_noise_alpha: 5",
            "neftune_noise_alpha",
            "not_for_stage",
        ),
        (
            "finetuning_type: oft\noft_rank: 4\noft_block_size: 8",
            "oft_rank",
            "conflict",
        ),
        (
            "stage: dpo\nfinetuning_type: oft\nsync_ref_model: true",
            "sync_ref_model",
            "conflict",
        ),
        ("finetuning_type: oft\noft_block_size: 1", "oft_block_size", "min"),
        ("finetuning_type: oft\noft_target: lm_head", "oft_target", "needs"),
        ("finetuning_type: oft\nuse_dora: true", "use_dora", "needs"),
        ("stage: pt\nuse_dft_loss: true", "use_dft_loss", "not_for_stage"),
        ("stage: dpo\nuse_eaft_loss: true", "use_eaft_loss", "not_for_stage"),
        ("use_dft_loss: true\nuse_eaft_loss: true", "use_eaft_loss", "conflict"),
        ("use_eaft_loss: true\neaft_alpha: -1", "eaft_alpha", "min"),
        ("stage: pt\nneat_packing: true", "neat_packing", "not_for_stage"),
        ("neftune_noise_alpha: -1", "neftune_noise_alpha", "min"),
        (
            "stage: rm\nmoe_aux_loss_coef: 0.001",
            "moe_aux_loss_coef",
            "not_for_stage",
        ),
        ("moe_aux_loss_coef: -1", "moe_aux_loss_coef", "min"),
        ("stage: rm\nsummary_dropout_prob: 1", "summary_dropout_prob", "range"),
        ("stage: kto\nkto_loss: dpo", "kto_loss", "choice"),
        ("stage: kto\npref_beta: 0", "pref_beta", "above"),
        (
            "stage: kto\nkto_loss: bco\nkto_chosen_weight: 2",
            "kto_chosen_weight",
            "not_for_loss",
        ),
        ("template: nope", "template", "choice"),
        ("tool_format: xml", "tool_format", "choice"),
        ("report_to: tensorbord", "report_to", "choice"),
        ("lora_rank: 0", "lora_rank", "min"),
        ("lora_dropout: 1.5", "lora_dropout", "range"),
        ("learning_rate: 0", "learning_rate", "above"),
        ("warmup_ratio: 1.1", "warmup_ratio", "range"),
        ("bf16: true\nfp16: true", "fp16", "conflict"),
        ("pure_bf16: true\nfp16: true", "fp16", "conflict"),
        ("val_size: 0.1\neval_dataset: e", "val_size", "conflict"),
        ("val_size: 1.5", "val_size", "range"),
        ("eval_strategy: steps", "eval_strategy", "needs"),
        ("train_on_prompt: true\nmask_history: true", "mask_history", "conflict"),
        ("train_on_prompt: true\ntemplate: solar", "train_on_prompt", "conflict"),
        ("train_from_scratch: true", "train_from_scratch", "needs"),
        ("optim: galore", "optim", "choice"),
        ("quantization_bit: 3", "quantization_bit", "choice"),
        (
            "quantization_bit: 7\nquantization_method: hqq",
            "quantization_bit",
            "choice",
        ),
        (
            "quantization_bit: 4\nquantization_method: eetq",
            "quantization_bit",
            "choice",
        ),
        (
            "init_lora_weights: loftq\nquantization_bit: 4\nquantization_method: hqq",
            "init_lora_weights",
            "needs",
        ),
        (
            "quantization_bit: 4\nfinetuning_type: full",
            "quantization_bit",
            "needs",
        ),
        (
            "quantization_bit: 4\nquantization_method: gptq",
            "quantization_method",
            "choice",
        ),
        (
            "quantization_bit: 4\nquantization_type: int4",
            "quantization_type",
            "choice",
        ),
        ("init_lora_weights: gaussian", "init_lora_weights", "choice"),
        ("init_lora_weights: loftq", "init_lora_weights", "needs"),
        (
            "init_lora_weights: loftq\nquantization_bit: 8",
            "init_lora_weights",
            "needs",
        ),
        (
            "init_lora_weights: loftq\nquantization_bit: 4\npissa_init: true",
            "init_lora_weights",
            "conflict",
        ),
        (
            "init_lora_weights: loftq\nquantization_bit: 4\ncreate_new_adapter: true\nadapter_name_or_path: a",
            "init_lora_weights",
            "conflict",
        ),
        (
            "init_lora_weights: loftq\nfinetuning_type: full",
            "init_lora_weights",
            "needs",
        ),
        (
            "init_lora_weights: loftq\nquantization_bit: 4\nloftq_iter: 0",
            "loftq_iter",
            "min",
        ),
        ("lora_target: q_proj,embed_tokens", "lora_target", "needs"),
        ("lora_target: embed_tokens", "lora_target", "needs"),
        (
            "stage: dpo\nref_model: r\nref_model_quantization_bit: 3",
            "ref_model_quantization_bit",
            "choice",
        ),
        (
            "stage: dpo\nuse_dora: true\nsync_ref_model: true",
            "sync_ref_model",
            "conflict",
        ),
        ("use_galore: true", "use_galore", "needs"),
        ("optim: apollo_adamw", "optim", "needs"),
        (
            "finetuning_type: full\nuse_badam: true\nuse_galore: true",
            "use_badam",
            "conflict",
        ),
        ("finetuning_type: full\nuse_galore: true\noptim: sgd", "optim", "needs"),
        (
            "finetuning_type: full\nuse_badam: true\nbadam_mode: ratio",
            "badam_mode",
            "choice",
        ),
        (
            "finetuning_type: full\nuse_badam: true\nbadam_switch_interval: 0",
            "badam_switch_interval",
            "type",
        ),
        (
            "finetuning_type: full\nuse_apollo: true\napollo_proj_type: full",
            "apollo_proj_type",
            "choice",
        ),
        ("lr_scheduler_kwargs: {power: 2}", "lr_scheduler_kwargs", "knobs"),
        (
            "lr_scheduler_type: polynomial\nlr_scheduler_kwargs: {lr_end: 1}",
            "lr_scheduler_kwargs",
            "knobs",
        ),
        ("lr_scheduler_type: cosine_with_min_lr", "lr_scheduler_kwargs", "knobs"),
        (
            "lr_scheduler_type: cosine\nlr_scheduler_kwargs: {num_cycles: x}",
            "lr_scheduler_kwargs",
            "knobs",
        ),
        (
            "lr_scheduler_type: cosine\nlr_scheduler_kwargs: nothing",
            "lr_scheduler_kwargs",
            "knobs",
        ),
        ("lr_scheduler_type: reduce_lr_on_plateau", "lr_scheduler_type", "needs"),
        ("finetuning_type: full\nuse_llama_pro: true", "use_llama_pro", "needs"),
        ("finetuning_type: freeze\nuse_dora: true", "use_dora", "needs"),
        (
            "finetuning_type: freeze\nfreeze_trainable_layers: 0",
            "freeze_trainable_layers",
            "needs",
        ),
        (
            "finetuning_type: freeze\nfreeze_trainable_layers: 1.5",
            "freeze_trainable_layers",
            "type",
        ),
        (
            "use_llama_pro: true\nfreeze_trainable_layers: -2",
            "freeze_trainable_layers",
            "min",
        ),
        ("pissa_convert: true", "pissa_convert", "needs"),
        ("pissa_init: true\npissa_iter: -2", "pissa_iter", "type"),
        (
            "pissa_init: true\npissa_convert: true\nuse_dora: true",
            "pissa_convert",
            "conflict",
        ),
        ("loraplus_lr_ratio: 0", "loraplus_lr_ratio", "above"),
        ("max_steps: 1.5", "max_steps", "type"),
    ] {
        assert_eq!(refused(yaml), [(field.to_owned(), code.to_owned())], "{yaml}");
    }
}

#[test]
fn each_option_belongs_to_its_losses() {
    for (yaml, field, code) in [
        ("pref_loss: cpo\nld_alpha: 0.5", "ld_alpha", "not_for_loss"),
        (
            "pref_loss: kto_pair\nuse_weighting: true",
            "use_weighting",
            "not_for_loss",
        ),
        ("pref_loss: aot\nuse_weighting: true", "use_weighting", "not_for_loss"),
        (
            "pref_loss: apo_zero\ndpo_label_smoothing: 0.1",
            "dpo_label_smoothing",
            "not_for_loss",
        ),
        (
            "pref_loss: robust\ndpo_label_smoothing: 0.5",
            "dpo_label_smoothing",
            "range",
        ),
        ("pref_loss: sft", "pref_loss", "choice"),
        ("pref_loss: sigmoid,hing", "pref_loss", "choice"),
        ("pref_loss: sigmoid,sigmoid", "pref_loss", "conflict"),
        ("pref_loss: sigmoid,ipo", "pref_loss", "conflict"),
        (
            "pref_loss: sigmoid,bco_pair\nloss_weights: 1",
            "loss_weights",
            "conflict",
        ),
        ("pref_loss: sigmoid,bco_pair\nloss_weights: 1,x", "loss_weights", "type"),
        (
            "pref_loss: sigmoid,bco_pair\nloss_weights: 0,0",
            "loss_weights",
            "range",
        ),
        ("pref_loss: hinge\ncpo_alpha: 1", "cpo_alpha", "not_for_loss"),
        ("pref_loss: ipo\npref_bco_weight: 1", "pref_bco_weight", "not_for_loss"),
        (
            "pref_loss: kto_pair\npref_bco_weight: 1",
            "pref_bco_weight",
            "not_for_loss",
        ),
        (
            "pref_loss: nca_pair\nf_divergence_type: js_divergence",
            "f_divergence_type",
            "not_for_loss",
        ),
        ("f_divergence_type: kl", "f_divergence_type", "choice"),
        (
            "f_divergence_type: alpha_divergence\nf_alpha_divergence_coef: 0",
            "f_alpha_divergence_coef",
            "above",
        ),
        (
            "pref_loss: sppo_hard\nreference_free: true",
            "reference_free",
            "not_for_loss",
        ),
        ("sync_ref_model: true\nref_model: r", "sync_ref_model", "conflict"),
        (
            "sync_ref_model: true\nprecompute_ref_log_probs: true",
            "precompute_ref_log_probs",
            "conflict",
        ),
        ("ref_model_mixup_alpha: 2", "ref_model_mixup_alpha", "range"),
        ("ref_model_sync_steps: 0", "ref_model_sync_steps", "min"),
    ] {
        let wrong = refused(&format!("stage: dpo\n{yaml}"));
        assert_eq!(wrong, [(field.to_owned(), code.to_owned())], "{yaml}");
    }
}

#[test]
fn an_empty_config_lacks_three_things_and_says_all_three() {
    let empty = RunConfig::default();
    let fields = |errors: Vec<FieldError>| {
        let mut fields: Vec<_> = errors.into_iter().map(|error| error.field).collect();
        fields.sort_unstable();
        fields
    };
    let needed = ["dataset", "model_name_or_path", "output_dir"];
    assert_eq!(fields(check_placed(&empty).spec.unwrap_err()), needed);
    // where it writes is a matter of who trains alone
    assert_eq!(fields(check(&empty).spec.unwrap_err()), needed[..2]);
}

#[test]
fn a_run_is_the_same_wherever_it_writes() {
    let there = RunConfig::parse("model_name_or_path: m\ndataset: d\noutput_dir: o\noverwrite_output_dir: true").config;
    let nowhere = RunConfig {
        output_dir: None,
        overwrite_output_dir: None,
        ..there.clone()
    };
    let placed = check_placed(&there).spec.unwrap();
    assert_eq!(Ok(&placed.spec), check(&nowhere).spec.as_ref());
    assert_eq!((placed.output_dir.as_str(), placed.overwrite_output_dir), ("o", true));
}

#[test]
fn numbers_that_are_too_large_are_refused_where_the_worker_would() {
    for (yaml, field) in [
        ("num_train_epochs: 1e300", "num_train_epochs"),
        ("learning_rate: 1e99", "learning_rate"),
        ("per_device_train_batch_size: 100000", "per_device_train_batch_size"),
        ("val_size: 1e99", "val_size"),
        ("lora_rank: 100000", "lora_rank"),
        ("cutoff_len: 1000000000", "cutoff_len"),
        ("save_steps: 1e15", "save_steps"),
        ("stage: dpo\npref_beta: 1e39", "pref_beta"),
    ] {
        assert_eq!(refused(yaml), [(field.to_owned(), "max".to_owned())], "{yaml}");
    }
    // a browser sends numbers, not a file: the same reader meets them
    let config = |seed, warmup_steps| RunConfig {
        seed: Some(seed),
        warmup_steps: Some(warmup_steps),
        ..RunConfig::parse(BASE).config
    };
    assert!(check(&config(9_000_000_000_000_000, 1e12)).spec.is_ok());
    let errors = check(&config(9_007_199_254_740_992, 9_007_199_254_740_992.0))
        .spec
        .unwrap_err();
    let said: Vec<_> = errors.iter().map(|e| (e.field.as_str(), e.code.as_str())).collect();
    assert_eq!(said, [("warmup_steps", "max"), ("seed", "type")]);
}
