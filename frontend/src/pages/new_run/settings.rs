//! The settings of each section, in the order in which they are shown.

mod optimizer;

pub use optimizer::{OPTIMIZER, OPTIMIZER_ADVANCED};

use super::setting::{Choices, Control, Setting};
use crate::i18n::fields as words;
use protocol::config::TOOL_FORMATS;

const fn number(key: &'static str, label: fn() -> &'static str, hint: fn() -> &'static str) -> Setting {
    setting(key, label, hint, Control::Number)
}

const fn text(key: &'static str, label: fn() -> &'static str, hint: fn() -> &'static str) -> Setting {
    setting(key, label, hint, Control::Text)
}

const fn flag(key: &'static str, label: fn() -> &'static str) -> Setting {
    setting(key, label, words::hint_none, Control::Flag)
}

const fn choice(key: &'static str, label: fn() -> &'static str, choices: Choices) -> Setting {
    setting(key, label, words::hint_none, Control::Choice(choices))
}

const fn setting(
    key: &'static str,
    label: fn() -> &'static str,
    hint: fn() -> &'static str,
    control: Control,
) -> Setting {
    Setting {
        key,
        label,
        hint,
        control,
    }
}

const WHEN: Choices = &[
    ("no", words::never),
    ("steps", words::every_steps),
    ("epoch", words::every_epoch),
];

const BITS: Choices = &[
    ("", words::not_quantized),
    ("4", words::four_bit),
    ("8", words::eight_bit),
];

/// What the methods of packing take, of which each takes some.
const ALL_BITS: Choices = &[
    ("", words::not_quantized),
    ("4", words::four_bit),
    ("8", words::eight_bit),
    ("6", words::six_bit),
    ("5", words::five_bit),
    ("3", words::three_bit),
    ("2", words::two_bit),
    ("1", words::one_bit),
];

pub const DATA: &[Setting] = &[
    number("cutoff_len", words::cutoff_len, words::cutoff_len_hint),
    number("val_size", words::val_size, words::val_size_hint),
    number("max_samples", words::max_samples, words::max_samples_hint),
];

pub const DATA_ADVANCED: &[Setting] = &[
    text("eval_dataset", words::eval_dataset, words::eval_dataset_hint),
    flag("streaming", words::streaming),
    number("buffer_size", words::buffer_size, words::buffer_size_hint),
    choice(
        "mix_strategy",
        words::mix_strategy,
        &[
            ("concat", words::mix_concat),
            ("interleave_under", words::mix_under),
            ("interleave_over", words::mix_over),
        ],
    ),
    text(
        "interleave_probs",
        words::interleave_probs,
        words::interleave_probs_hint,
    ),
    text("default_system", words::default_system, words::default_system_hint),
    choice(
        "enable_thinking",
        words::enable_thinking,
        &[
            ("", words::thinking_usual),
            ("true", words::thinking_on),
            ("false", words::thinking_off),
            ("null", words::thinking_kept),
        ],
    ),
    setting(
        "tool_format",
        words::tool_format,
        words::tool_format_hint,
        Control::Name {
            none: words::tool_format_own,
            names: TOOL_FORMATS,
        },
    ),
    flag("disable_shuffling", words::disable_shuffling),
    choice(
        "rope_scaling",
        words::rope_scaling,
        &[
            ("", words::not_scaled),
            ("linear", || "linear"),
            ("dynamic", || "dynamic"),
            ("yarn", || "YaRN"),
            ("llama3", || "Llama 3"),
        ],
    ),
];

pub const METHOD: &[Setting] = &[
    number("pref_beta", words::pref_beta, words::pref_beta_hint),
    number("simpo_gamma", words::simpo_gamma, words::simpo_gamma_hint),
    number("cpo_alpha", words::cpo_alpha, words::cpo_alpha_hint),
    text("loss_weights", words::loss_weights, words::loss_weights_hint),
    number("discopop_tau", words::discopop_tau, words::hint_none),
    choice("kto_loss", words::kto_loss, &[("kto", || "KTO"), ("bco", || "BCO")]),
    number("kto_chosen_weight", words::kto_chosen, words::hint_none),
    number("kto_rejected_weight", words::kto_rejected, words::hint_none),
    number("pref_ftx", words::pref_ftx, words::pref_ftx_hint),
    text("reward_model", words::reward_model, words::reward_model_hint),
    choice(
        "reward_model_type",
        words::reward_model_type,
        &[("lora", words::lora), ("full", words::reward_model_full)],
    ),
    number("ppo_target", words::ppo_target, words::ppo_target_hint),
    number("max_new_tokens", words::max_new_tokens, words::hint_none),
    number("eaft_alpha", words::eaft_alpha, words::eaft_alpha_hint),
    flag("train_on_prompt", words::train_on_prompt),
    flag("mask_history", words::mask_history),
    flag("packing", words::packing),
    flag("neat_packing", words::neat_packing),
];

pub const METHOD_ADVANCED: &[Setting] = &[
    text("pref_loss", words::losses, words::losses_hint),
    number(
        "dpo_label_smoothing",
        words::label_smoothing,
        words::label_smoothing_hint,
    ),
    number("ld_alpha", words::ld_alpha, words::ld_alpha_hint),
    number("rpo_alpha", words::rpo_alpha, words::rpo_alpha_hint),
    number("pref_bco_weight", words::bco_weight, words::bco_weight_hint),
    choice(
        "f_divergence_type",
        words::divergence,
        &[
            ("", words::reverse_kl),
            ("js_divergence", words::js),
            ("alpha_divergence", words::alpha_divergence),
        ],
    ),
    number("f_alpha_divergence_coef", words::divergence_coef, words::hint_none),
    number("moe_aux_loss_coef", words::router_loss, words::router_loss_hint),
    number("neftune_noise_alpha", words::neftune, words::neftune_hint),
    flag("use_dft_loss", words::dft),
    flag("use_eaft_loss", words::eaft),
    number("summary_dropout_prob", words::head_dropout, words::hint_none),
    text("reward_model_adapters", words::reward_adapters, words::hint_none),
    number("ppo_buffer_size", words::ppo_buffer, words::hint_none),
    number("ppo_epochs", words::ppo_epochs, words::hint_none),
    number("init_kl_coef", words::kl_price, words::kl_price_hint),
    flag("adap_kl_ctrl", words::kl_steered),
    flag("ppo_score_norm", words::ppo_score_norm),
    flag("ppo_whiten_rewards", words::ppo_whiten),
    flag("do_sample", words::do_sample),
    number("temperature", words::temperature, words::hint_none),
    number("top_p", words::top_p, words::hint_none),
    number("top_k", words::top_k, words::hint_none),
    number("repetition_penalty", words::repetition_penalty, words::hint_none),
    text("ref_model", words::ref_model, words::ref_model_hint),
    text("ref_model_adapters", words::ref_adapters, words::hint_none),
    choice("ref_model_quantization_bit", words::ref_quantization, BITS),
    number("ref_model_mixup_alpha", words::ref_mixup, words::ref_mixup_hint),
    number("ref_model_sync_steps", words::ref_sync_steps, words::hint_none),
    flag("sync_ref_model", words::sync_ref),
    flag("reference_free", words::reference_free),
    flag("use_weighting", words::weighting),
    flag("precompute_ref_log_probs", words::precompute),
];

pub const ADAPTER: &[Setting] = &[
    choice(
        "finetuning_type",
        words::finetuning_type,
        &[
            ("lora", words::lora),
            ("oft", words::oft),
            ("freeze", words::freeze),
            ("full", words::full),
        ],
    ),
    number(
        "freeze_trainable_layers",
        words::freeze_layers,
        words::freeze_layers_hint,
    ),
    text(
        "freeze_trainable_modules",
        words::freeze_modules,
        words::freeze_modules_hint,
    ),
    text("freeze_extra_modules", words::freeze_extra, words::freeze_extra_hint),
    number("lora_rank", words::lora_rank, words::lora_rank_hint),
    number("lora_alpha", words::lora_alpha, words::lora_alpha_hint),
    number("lora_dropout", words::lora_dropout, words::lora_dropout_hint),
    text("lora_target", words::lora_target, words::lora_target_hint),
    number("oft_block_size", words::oft_block, words::oft_block_hint),
    text("oft_target", words::lora_target, words::lora_target_hint),
    choice("quantization_bit", words::quantization, ALL_BITS),
    choice(
        "quantization_method",
        words::quantization_method,
        &[("bnb", || "bitsandbytes"), ("hqq", || "HQQ"), ("eetq", || "EETQ")],
    ),
    choice(
        "quantization_type",
        words::quantization_type,
        &[("nf4", || "NF4"), ("fp4", || "FP4")],
    ),
    flag("double_quantization", words::double_quantization),
    flag("create_new_adapter", words::new_adapter),
];

pub const ADAPTER_ADVANCED: &[Setting] = &[
    text("adapter_name_or_path", words::adapters_on, words::adapters_on_hint),
    flag("train_from_scratch", words::from_scratch),
    flag("use_llama_pro", words::llama_pro),
    number("oft_rank", words::oft_rank, words::oft_rank_hint),
    flag("use_rslora", words::rslora),
    flag("use_dora", words::dora),
    flag("pissa_init", words::pissa),
    number("pissa_iter", words::pissa_iter, words::pissa_iter_hint),
    flag("pissa_convert", words::pissa_convert),
    choice(
        "init_lora_weights",
        words::lora_start,
        &[("true", words::lora_start_plain), ("loftq", || "LoftQ")],
    ),
    number("loftq_iter", words::loftq_iter, words::hint_none),
    number("loraplus_lr_ratio", words::loraplus, words::loraplus_hint),
    text(
        "additional_target",
        words::additional_target,
        words::additional_target_hint,
    ),
];

pub const BATCH: &[Setting] = &[
    number("num_train_epochs", words::epochs, words::epochs_hint),
    number("per_device_train_batch_size", words::batch, words::batch_hint),
    number(
        "gradient_accumulation_steps",
        words::accumulation,
        words::accumulation_hint,
    ),
    number("seed", words::seed, words::hint_none),
];

pub const BATCH_ADVANCED: &[Setting] = &[
    number("max_steps", words::max_steps, words::max_steps_hint),
    number("per_device_eval_batch_size", words::eval_batch, words::hint_none),
    choice(
        "device",
        words::device,
        &[("", words::device_auto), ("cpu", || "CPU"), ("cuda", || "CUDA")],
    ),
    number(
        "activation_memory",
        words::activation_memory,
        words::activation_memory_hint,
    ),
    flag("bf16", words::compute),
    flag("fp16", words::fp16),
    flag("pure_bf16", words::pure_bf16),
];

pub const CADENCE: &[Setting] = &[
    choice("eval_strategy", words::eval_strategy, WHEN),
    number("eval_steps", words::eval_steps, words::steps_hint),
    choice("save_strategy", words::save_strategy, WHEN),
    number("save_steps", words::save_steps, words::steps_hint),
    number("logging_steps", words::logging_steps, words::steps_hint),
    number("save_total_limit", words::save_limit, words::save_limit_hint),
    setting(
        "report_to",
        words::report_to,
        words::report_to_hint,
        Control::Name {
            none: words::report_to_none,
            names: &["tensorboard", "wandb", "swanlab"],
        },
    ),
];

/// All settings, in the order of the page.
const PAGE: [&[Setting]; 11] = [
    DATA,
    DATA_ADVANCED,
    METHOD,
    METHOD_ADVANCED,
    ADAPTER,
    ADAPTER_ADVANCED,
    OPTIMIZER,
    OPTIMIZER_ADVANCED,
    BATCH,
    BATCH_ADVANCED,
    CADENCE,
];

/// Where on the page the field of `key` stands; what has no field comes last.
pub fn place_of(key: &str) -> usize {
    const FIRST: [&str; 4] = ["run_name", "model_name_or_path", "dataset", "template"];
    let mut all = FIRST
        .into_iter()
        .chain(PAGE.iter().flat_map(|part| part.iter().map(|setting| setting.key)));
    all.position(|known| known == key).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::config::{KEYS, Kind};

    #[test]
    fn every_setting_is_a_key_of_its_kind_and_stands_once() {
        let all: Vec<_> = PAGE.concat();
        for setting in &all {
            let key = KEYS.iter().find(|key| key.name == setting.key);
            let key = key.unwrap_or_else(|| panic!("{} is no key", setting.key));
            let fits = match setting.control {
                Control::Number => matches!(key.kind, Kind::Count | Kind::Number),
                Control::Flag => key.kind == Kind::Flag,
                Control::Text => matches!(key.kind, Kind::Text | Kind::Map),
                Control::Choice(_) => matches!(key.kind, Kind::Text | Kind::Count | Kind::FlagOrNull),
                Control::Name { .. } => key.kind == Kind::Text,
            };
            assert!(fits, "{} is a {:?}", setting.key, key.kind);
            let times = all.iter().filter(|other| other.key == setting.key).count();
            assert_eq!(times, 1, "{}", setting.key);
        }
    }

    #[test]
    fn errors_stand_in_the_order_of_the_page() {
        let order = [
            "model_name_or_path",
            "dataset",
            "cutoff_len",
            "pref_beta",
            "lora_rank",
            "learning_rate",
            "output_dir",
        ];
        let places: Vec<_> = order.iter().map(|key| place_of(key)).collect();
        assert!(places.is_sorted(), "{places:?}");
    }
}
