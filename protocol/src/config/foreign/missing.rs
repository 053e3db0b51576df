//! Keys that ask for what is not there: a value that would change weights, metrics or files is refused by name.

use super::ForeignKey;
use crate::{Said, says};

/// With the values that ask for nothing; any other is an error that says what is missing.
pub const NOT_BUILT: &[ForeignKey] = &[
    key("galore_layerwise", &["false", "0"], says::galore_all_layers),
    key("apollo_layerwise", &["false", "0"], says::apollo_all_layers),
    key("optim_args", &["false", "0"], says::write_projection_keys),
    key("optim_target_modules", &["false", "0"], says::write_projection_target),
    key("use_adam_mini", &["false", "0"], says::no_adam_mini),
    key("use_muon", &["false", "0"], says::no_muon),
    key("label_smoothing_factor", &["false", "0"], says::no_sft_smoothing),
    key("shift_attn", &["false", "0"], says::no_shift_attention),
    key("mixture_of_depths", &["false", "0"], says::no_mixture_of_depths),
    key("resize_vocab", &["false", "0"], says::no_resizing),
    key("add_tokens", &["false", "0"], says::no_new_tokens),
    key("add_special_tokens", &["false", "0"], says::no_new_tokens),
    key("new_special_tokens_config", &["false", "0"], says::no_new_tokens),
    key("split_special_tokens", &["false", "0"], says::special_kept_whole),
    key("media_dir", &["false", "0"], says::no_media),
    key("freeze_language_model", &["false", "0"], says::no_media),
    key("preserve_thinking", &["false", "0"], says::no_earlier_thinking),
    key("deepspeed", &["false", "0"], says::no_deepspeed),
    key("fsdp", &["false", "0"], says::no_several_devices),
    key("fsdp_config", &["false", "0"], says::no_several_devices),
    key("parallelism_config", &["false", "0"], says::no_several_devices),
    key("use_mca", &["false", "0"], says::no_several_devices),
    key("use_megatron_bridge", &["false", "0"], says::no_several_devices),
    key("use_hyper_parallel", &["false", "0"], says::no_several_devices),
    key("ray_num_workers", &["false", "0", "1"], says::no_several_devices),
    key(
        "tensor_model_parallel_size",
        &["false", "0", "1"],
        says::no_several_devices,
    ),
    key(
        "pipeline_model_parallel_size",
        &["false", "0", "1"],
        says::no_several_devices,
    ),
    key(
        "expert_model_parallel_size",
        &["false", "0", "1"],
        says::no_several_devices,
    ),
    key("context_parallel_size", &["false", "0", "1"], says::no_several_devices),
    key(
        "virtual_pipeline_model_parallel_size",
        &["false", "0", "1"],
        says::no_several_devices,
    ),
    key("kt_weight_path", &["false", "0"], says::no_ktransformers),
    key("kt_expert_checkpoint_path", &["false", "0"], says::no_ktransformers),
    key("kt_use_lora_experts", &["false", "0"], says::no_ktransformers),
    key("fp8", &["false", "0"], says::no_fp8),
    key("use_asft_loss", &["false", "0"], says::no_asft),
    key("enable_torch_profiler", &["false", "0"], says::no_torch),
    key("task", &["false", "0"], says::no_benchmarks),
    key("eval_on_each_dataset", &["false", "0"], says::evaluated_together),
    key("dataloader_drop_last", &["false", "0"], says::last_batch_trained),
    key("ignore_pad_token_for_loss", &["true"], says::no_padding_in_loss),
    key("save_safetensors", &["true"], says::always_safetensors),
    key("lora_bias", &["false", "0"], says::biases_frozen),
    key("push_to_hub", &["false", "0"], says::nothing_uploaded),
    key("auto_find_batch_size", &["false", "0"], says::batch_as_said),
    key("ignore_data_skip", &["false", "0"], says::goes_on_with_next_rows),
    key(
        "accelerator_config",
        &[
            r#"{"dispatch_batches":null,"even_batches":true,"gradient_accumulation_kwargs":null,"non_blocking":false,"split_batches":false,"use_seedable_sampler":true}"#,
        ],
        says::no_accelerate,
    ),
    key("module_dropout", &["false", "0"], says::no_module_dropout),
    key("adafactor", &["false", "0"], says::write_adafactor),
    key("resume_lora_training", &[], says::write_create_new_adapter),
    key("train_sampling_strategy", &[r#""random""#], says::sampling_choices),
    key("adapter_folder", &["false", "0"], says::name_adapter_folder),
    key("length_penalty", &["1"], says::no_beams),
    key("num_beams", &["1"], says::no_beams),
    key("generation_config", &["false", "0"], says::write_sampling_keys),
    key("sortish_sampler", &["false", "0"], says::see_group_by_length),
];

const fn key(name: &'static str, default: &'static [&'static str], why: fn() -> Said) -> ForeignKey {
    ForeignKey { name, default, why }
}
