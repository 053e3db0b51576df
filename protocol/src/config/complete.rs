//! Every default filled in: what `config.yaml` of a run directory says.

use super::RunConfig;

macro_rules! fill {
    ($c:ident, { $($name:ident: $value:expr,)* }) => {{ $($c.$name.get_or_insert_with(|| $value.into());)* }};
}

impl RunConfig {
    /// This config with each default that applies to its stage and method written out.
    pub fn completed(&self) -> Self {
        let mut c = self.clone();
        fill!(c, {
            stage: "sft",
            do_train: true,
            finetuning_type: "lora",
            dataset_dir: "data",
            cutoff_len: 2048u64,
            val_size: 0.0,
            per_device_train_batch_size: 8u64,
            per_device_eval_batch_size: 8u64,
            gradient_accumulation_steps: 1u64,
            learning_rate: 5e-5,
            lr_scheduler_type: "linear",
            optim: "adamw_torch",
            weight_decay: 0.0,
            max_grad_norm: 1.0,
            seed: 42u64,
            disable_shuffling: false,
            logging_strategy: "steps",
            logging_steps: 500.0,
            save_strategy: "steps",
            save_steps: 500.0,
            eval_strategy: "no",
        });
        let optim = c.optim.clone().unwrap_or_default();
        if !["adafactor", "sgd"].contains(&optim.as_str()) {
            fill!(c, { adam_beta1: 0.9, adam_beta2: 0.999, });
        }
        if optim.contains("adamw") {
            fill!(c, { adam_epsilon: 1e-8, });
        }
        if c.use_galore == Some(true) || optim == "galore_adamw" {
            fill!(c, {
                galore_target: "all", galore_rank: 16u64, galore_update_interval: 200u64, galore_scale: 2.0,
                galore_proj_type: "std",
            });
        }
        if c.use_apollo == Some(true) || optim == "apollo_adamw" {
            fill!(c, {
                apollo_target: "all", apollo_rank: 16u64, apollo_update_interval: 200u64, apollo_scale: 32.0,
                apollo_proj: "random", apollo_proj_type: "std", apollo_scale_type: "channel",
                apollo_scale_front: false,
            });
        }
        if c.use_badam == Some(true) {
            fill!(c, { badam_switch_mode: "ascending", badam_switch_interval: 50.0, });
        }
        if c.finetuning_type.as_deref() == Some("lora") {
            fill!(c, { lora_target: "all", lora_rank: 8u64, lora_dropout: 0.0, });
            let rank = c.lora_rank.unwrap_or(8);
            c.lora_alpha.get_or_insert(2 * rank);
            if c.pissa_init == Some(true) {
                fill!(c, { pissa_iter: 16.0, pissa_convert: false, });
            }
            if c.init_lora_weights.as_deref() == Some("loftq") {
                fill!(c, { loftq_iter: 1u64, });
            }
        }
        if c.finetuning_type.as_deref() == Some("oft") {
            let size = if c.oft_rank.is_some_and(|n| n > 0) { 0u64 } else { 32 };
            fill!(c, { oft_block_size: size, oft_rank: 0u64, oft_target: "all", });
        }
        if c.finetuning_type.as_deref() == Some("freeze") {
            fill!(c, { freeze_trainable_layers: 2.0, freeze_trainable_modules: "all", });
        }
        let others = matches!(c.quantization_method.as_deref(), Some("hqq" | "eetq"));
        match c.quantization_bit {
            Some(4) if !others => {
                fill!(c, { quantization_method: "bnb", quantization_type: "nf4", double_quantization: true, })
            }
            Some(n) if n > 0 => fill!(c, { quantization_method: "bnb", }),
            _ => {}
        }
        if c.max_steps.is_none_or(|n| n <= 0.0) {
            c.num_train_epochs.get_or_insert(3.0);
        }
        if c.streaming == Some(true) && c.disable_shuffling != Some(true) {
            fill!(c, { buffer_size: 16384u64, });
        }
        if c.warmup_steps.is_none_or(|n| n == 0.0) {
            c.warmup_ratio.get_or_insert(0.0);
        }
        if c.eval_strategy.as_deref() == Some("steps") {
            let logging = c.logging_steps.unwrap_or(500.0);
            c.eval_steps.get_or_insert(logging);
        }
        if c.eval_strategy.as_deref() != Some("no") {
            fill!(c, { metric_for_best_model: "eval_loss", });
            let metric = c.metric_for_best_model.clone().unwrap_or_default();
            c.greater_is_better.get_or_insert(!metric.ends_with("loss"));
        }
        match c.stage.as_deref() {
            Some("pt") => fill!(c, { packing: true, }),
            Some("sft") => fill!(c, { packing: false, }),
            _ => {}
        }
        if c.stage.as_deref() == Some("sft") && c.use_eaft_loss == Some(true) {
            fill!(c, { eaft_alpha: 1.0, });
        }
        if c.stage.as_deref() == Some("dpo") {
            fill!(c, { pref_loss: "sigmoid", pref_ftx: 0.0, });
            match c.pref_loss.as_deref() {
                Some("simpo") => fill!(c, { pref_beta: 2.0, simpo_gamma: 0.5, cpo_alpha: 0.0, }),
                Some("kto_pair") => fill!(c, { pref_beta: 0.1, kto_chosen_weight: 1.0, kto_rejected_weight: 1.0, }),
                Some("sigmoid" | "robust" | "aot" | "aot_pair" | "aot_unpaired") => {
                    fill!(c, { pref_beta: 0.1, dpo_label_smoothing: 0.0, })
                }
                Some("exo_pair") => fill!(c, { pref_beta: 0.1, dpo_label_smoothing: 1e-3, }),
                Some("cpo") => fill!(c, { pref_beta: 0.1, dpo_label_smoothing: 0.0, cpo_alpha: 1.0, }),
                Some("discopop") => fill!(c, { pref_beta: 0.1, discopop_tau: 0.05, }),
                _ => fill!(c, { pref_beta: 0.1, }),
            }
            if c.sync_ref_model == Some(true) {
                fill!(c, { ref_model_mixup_alpha: 0.6, ref_model_sync_steps: 512u64, });
            }
        }
        if c.stage.as_deref() == Some("kto") {
            fill!(c, { kto_loss: "kto", pref_beta: 0.1, pref_ftx: 0.0, });
            if c.kto_loss.as_deref() == Some("kto") {
                fill!(c, { kto_chosen_weight: 1.0, kto_rejected_weight: 1.0, });
            }
        }
        if c.stage.as_deref() == Some("ppo") {
            fill!(c, {
                reward_model_type: "lora",
                ppo_buffer_size: 1u64,
                ppo_epochs: 4u64,
                ppo_score_norm: false,
                ppo_whiten_rewards: false,
                init_kl_coef: 0.2,
                adap_kl_ctrl: true,
                ppo_target: 6.0,
                do_sample: true,
                temperature: 0.95,
                top_p: 0.7,
                top_k: 50u64,
                repetition_penalty: 1.0,
                max_new_tokens: 1024u64,
            });
        }
        if c.stage.as_deref() == Some("rm") {
            fill!(c, { summary_dropout_prob: 0.1, });
        }
        c
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn completing_changes_nothing_of_what_will_be_done() {
        for text in [
            "stage: dpo\npref_loss: simpo",
            "stage: dpo\nlora_rank: 32",
            "stage: dpo\nquantization_bit: 4",
            "quantization_bit: 8",
            "stage: kto\nkto_chosen_weight: 2",
            "stage: kto\nkto_loss: bco",
            "stage: rm",
            "finetuning_type: oft",
            "finetuning_type: oft\noft_rank: 8",
            "finetuning_type: oft\noft_block_size: 16",
            "use_eaft_loss: true",
            "use_dft_loss: true",
            "stage: ppo\nreward_model: r\nppo_epochs: 2",
            "stage: ppo\nreward_model: r\nreward_model_type: full\ndo_sample: false\nadap_kl_ctrl: false",
            "stage: dpo\npref_loss: exo_pair\nsync_ref_model: true",
            "stage: dpo\npref_loss: cpo",
            "stage: dpo\npref_loss: sigmoid,bco_pair,sft\nloss_weights: 0.8,0.2,1",
            "stage: sft\nfinetuning_type: full\nmax_steps: 7",
            "finetuning_type: full\nuse_galore: true\ngalore_rank: 4",
            "finetuning_type: full\noptim: apollo_adamw",
            "finetuning_type: full\nuse_badam: true\nbadam_switch_mode: fixed",
            "optim: adafactor\nlr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr_rate: 0.1}",
            "optim: lion_8bit\nlr_scheduler_type: polynomial",
            "finetuning_type: freeze\nfreeze_extra_modules: norm",
            "pissa_init: true\nuse_rslora: true\nadditional_target: lm_head",
            "init_lora_weights: loftq\nquantization_bit: 4",
            "stage: dpo\nref_model: r\nref_model_quantization_bit: 8",
            "stage: pt\neval_strategy: steps\nval_size: 0.1\nwarmup_steps: 3",
        ] {
            let text = format!("{text}\nmodel_name_or_path: m\ndataset: d\noutput_dir: o\n");
            let config = RunConfig::parse(&text).config;
            let spec = check(&config).spec.unwrap();
            assert_eq!(check(&config.completed()).spec.unwrap(), spec);
        }
    }
}
