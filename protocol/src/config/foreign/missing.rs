//! Keys that ask for what is not there: a value that would change weights, metrics or files is refused by name.

use super::ForeignKey;

/// With the values that ask for nothing; any other is an error that says what is missing.
pub const NOT_BUILT: &[ForeignKey] = &[
    key(
        "galore_layerwise",
        &["false", "0"],
        "GaLore goes over all layers at once; gradients are accumulated",
    ),
    key(
        "apollo_layerwise",
        &["false", "0"],
        "APOLLO goes over all layers at once; gradients are accumulated",
    ),
    key(
        "optim_args",
        &["false", "0"],
        "write galore_rank, galore_update_interval, apollo_rank … as keys of their own",
    ),
    key(
        "optim_target_modules",
        &["false", "0"],
        "write galore_target or apollo_target",
    ),
    key("use_adam_mini", &["false", "0"], "Adam-mini is not there yet"),
    key("use_muon", &["false", "0"], "Muon is not there yet"),
    key(
        "label_smoothing_factor",
        &["false", "0"],
        "label smoothing of the supervised loss is not there yet; for DPO use dpo_label_smoothing",
    ),
    key(
        "rope_scaling",
        &["false", "0"],
        "scaling RoPE beyond the model's own config is not there yet",
    ),
    key(
        "shift_attn",
        &["false", "0"],
        "shifted sparse attention is not there yet",
    ),
    key(
        "mixture_of_depths",
        &["false", "0"],
        "mixture of depths is not there yet",
    ),
    key(
        "resize_vocab",
        &["false", "0"],
        "resizing the vocabulary is not there yet",
    ),
    key("add_tokens", &["false", "0"], "adding tokens is not there yet"),
    key("add_special_tokens", &["false", "0"], "adding tokens is not there yet"),
    key(
        "new_special_tokens_config",
        &["false", "0"],
        "adding tokens is not there yet",
    ),
    key(
        "split_special_tokens",
        &["false", "0"],
        "special tokens in a text are kept whole",
    ),
    key("streaming", &["false", "0"], "streaming data sets are not there yet"),
    key(
        "mix_strategy",
        &["false", "0", r#""concat""#],
        "interleaving data sets is not there yet; they are concatenated",
    ),
    key(
        "interleave_probs",
        &["false", "0"],
        "interleaving data sets is not there yet; they are concatenated",
    ),
    key(
        "media_dir",
        &["false", "0"],
        "images, video and audio are not supported",
    ),
    key(
        "freeze_language_model",
        &["false", "0"],
        "images, video and audio are not supported",
    ),
    key(
        "preserve_thinking",
        &["false", "0"],
        "the reasoning of earlier turns is always left out",
    ),
    key(
        "deepspeed",
        &["false", "0"],
        "training on several devices is not there yet",
    ),
    key("fsdp", &["false", "0"], "training on several devices is not there yet"),
    key(
        "fsdp_config",
        &["false", "0"],
        "training on several devices is not there yet",
    ),
    key(
        "parallelism_config",
        &["false", "0"],
        "training on several devices is not there yet",
    ),
    key(
        "use_mca",
        &["false", "0"],
        "training on several devices is not there yet",
    ),
    key(
        "use_megatron_bridge",
        &["false", "0"],
        "training on several devices is not there yet",
    ),
    key(
        "use_hyper_parallel",
        &["false", "0"],
        "training on several devices is not there yet",
    ),
    key(
        "ray_num_workers",
        &["false", "0", "1"],
        "training on several devices is not there yet",
    ),
    key(
        "tensor_model_parallel_size",
        &["false", "0", "1"],
        "training on several devices is not there yet",
    ),
    key(
        "pipeline_model_parallel_size",
        &["false", "0", "1"],
        "training on several devices is not there yet",
    ),
    key(
        "expert_model_parallel_size",
        &["false", "0", "1"],
        "training on several devices is not there yet",
    ),
    key(
        "context_parallel_size",
        &["false", "0", "1"],
        "training on several devices is not there yet",
    ),
    key(
        "virtual_pipeline_model_parallel_size",
        &["false", "0", "1"],
        "training on several devices is not there yet",
    ),
    key(
        "kt_weight_path",
        &["false", "0"],
        "KTransformers' weights and adapters are not read",
    ),
    key(
        "kt_expert_checkpoint_path",
        &["false", "0"],
        "KTransformers' weights and adapters are not read",
    ),
    key(
        "kt_use_lora_experts",
        &["false", "0"],
        "KTransformers' weights and adapters are not read",
    ),
    key("fp8", &["false", "0"], "computing in fp8 is not there yet"),
    key(
        "predict_with_generate",
        &["false", "0"],
        "generating during evaluation is not there yet",
    ),
    key(
        "do_predict",
        &["false", "0"],
        "prediction is not there yet; see `corral evaluate`",
    ),
    key(
        "use_asft_loss",
        &["false", "0"],
        "the ASFT loss is not there yet; its part without the divergence from the base model is use_dft_loss",
    ),
    key("use_swanlab", &["false", "0"], "metrics are in the board"),
    key("enable_torch_profiler", &["false", "0"], "there is no torch to profile"),
    key(
        "task",
        &["false", "0"],
        "multiple-choice benchmarks are not there; `corral evaluate` scores a data set",
    ),
    key(
        "eval_on_each_dataset",
        &["false", "0"],
        "data sets are evaluated together; evaluate them apart with `corral evaluate`",
    ),
    key(
        "dataloader_drop_last",
        &["false", "0"],
        "the last, smaller batch of an epoch is always trained on",
    ),
    key(
        "ignore_pad_token_for_loss",
        &["true"],
        "there is no padding to count in the loss",
    ),
    key("save_safetensors", &["true"], "checkpoints are always safetensors"),
    key("lora_bias", &["false", "0"], "biases stay frozen"),
    key("push_to_hub", &["false", "0"], "nothing is ever uploaded"),
    key(
        "auto_find_batch_size",
        &["false", "0"],
        "the batch size is what you say; memory is met by recomputing",
    ),
    key(
        "ignore_data_skip",
        &["false", "0"],
        "a resumed run goes on with the rows that come next",
    ),
    key(
        "accelerator_config",
        &[
            r#"{"dispatch_batches":null,"even_batches":true,"gradient_accumulation_kwargs":null,"non_blocking":false,"split_batches":false,"use_seedable_sampler":true}"#,
        ],
        "there is no Accelerate to configure",
    ),
    key("adafactor", &["false", "0"], "write optim: adafactor"),
    key("resume_lora_training", &[], "write create_new_adapter"),
    key(
        "train_sampling_strategy",
        &[r#""random""#],
        "there are \"random\", \"sequential\" and \"group_by_length\"",
    ),
    key(
        "adapter_folder",
        &["false", "0"],
        "name the folder itself in adapter_name_or_path",
    ),
    key(
        "length_penalty",
        &["1"],
        "replies are drawn one token after the other, without beams",
    ),
    key(
        "num_beams",
        &["1"],
        "replies are drawn one token after the other, without beams",
    ),
    key(
        "generation_config",
        &["false", "0"],
        "write temperature, top_p, top_k … as keys of their own",
    ),
    key("sortish_sampler", &["false", "0"], "see group_by_length"),
];

const fn key(name: &'static str, default: &'static [&'static str], why: &'static str) -> ForeignKey {
    ForeignKey { name, default, why }
}
