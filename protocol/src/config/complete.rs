//! Every default filled in: what `config.yaml` of a run directory says.

use super::{Notes, RunConfig};

impl RunConfig {
    /// This config with each default that applies to its stage and method written out: those that the rule book takes.
    pub fn completed(&self) -> Self {
        let mut whole = self.clone();
        for (key, default) in Notes::of(self).defaults() {
            // a default is of its key's kind: a test sets each
            let set = whole.set(key, default);
            debug_assert!(set.is_ok(), "{key}: {default}");
        }
        whole
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
