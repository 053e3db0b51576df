//! What is accepted, and what it becomes.

use super::{BASE, preference, refused, spec};
use protocol::RunConfig;
use protocol::config::{
    Adam, BlockOrder, Blocks, Every, LoraInit, Method, Optimizer, Packing, Part, PrefLoss, ReferenceSpec, Schedule,
    Start, States, TrainedLayers, Tuning, ValSize, Warmup, check,
};

#[test]
fn defaults_are_llama_factorys() {
    let spec = spec("");
    assert!(matches!(spec.method, Method::Supervised { .. }));
    assert!(matches!(&spec.tuning, Tuning::Lora(l) if l.rank == 8 && l.alpha == 16.0 && l.target.is_empty()));
    assert_eq!((spec.batch.train, spec.batch.accumulation), (8, 1));
    assert_eq!((spec.optim.learning_rate, spec.plain.max_grad_norm), (5e-5, 1.0));
    assert_eq!(
        (spec.data.cutoff_len, spec.seed, spec.data.val_size),
        (2048, 42, ValSize::None)
    );
}

#[test]
fn trackers_are_told_as_transformers_names_them() {
    let folder = |more: &str| spec(more).trackers.tensorboard.map(|of| of.folder);
    for nobody in ["", "report_to: none", "report_to: [wandb]", "logging_dir: logs"] {
        assert_eq!(folder(nobody), None, "{nobody}");
    }
    for asked in [
        "report_to: tensorboard",
        "report_to: [wandb, tensorboard]",
        "report_to: all",
    ] {
        assert_eq!(folder(asked), Some(None), "{asked}");
    }
    let named = "report_to: tensorboard\nlogging_dir: logs";
    assert_eq!(folder(named), Some(Some("logs".into())));
    // those there are none of are named, each
    let notes = RunConfig::parse("report_to: [neptune, tensorboard, comet_ml]").notices;
    let said: Vec<_> = notes.iter().map(|note| note.message.as_str()).collect();
    assert!(
        said.len() == 2 && said[0].contains("neptune") && said[1].contains("comet_ml"),
        "{said:?}"
    );
}

#[test]
fn names_in_other_programs_are_llama_factorys_keys() {
    let asked = spec("report_to: wandb\nrun_name: mine\nproject: ours").trackers;
    let wandb = asked.wandb.unwrap();
    assert_eq!(
        (wandb.project.as_deref(), wandb.name.as_deref()),
        (Some("ours"), Some("mine"))
    );
    assert_eq!(asked.swanlab, None);
    let asked = spec("use_swanlab: true\nrun_name: mine\nswanlab_workspace: we\nswanlab_logdir: logs").trackers;
    let swanlab = asked.swanlab.unwrap();
    assert_eq!(
        (swanlab.name.as_deref(), swanlab.workspace.as_deref()),
        (Some("mine"), Some("we"))
    );
    assert_eq!((swanlab.project, swanlab.folder.as_deref()), (None, Some("logs")));
    let all = spec("report_to: all").trackers;
    assert!(all.wandb.is_some() && all.swanlab.is_some() && all.tensorboard.is_some() && !all.mlflow);
    // a key that is not used is named, and is not kept
    let parsed = RunConfig::parse("report_to: swanlab\nswanlab_api_key: secret\ntrackio_space_id: me/space");
    let said: Vec<_> = parsed.notices.iter().map(|note| note.message.as_str()).collect();
    assert!(
        said.len() == 2 && said[0].contains("swanlab_api_key") && said[1].contains("trackio_space_id"),
        "{said:?}"
    );
    assert!(!parsed.config.to_yaml().contains("secret") && said.iter().all(|s| !s.contains("secret")));
}

#[test]
fn alternatives_carry_only_their_own_knobs() {
    let simpo = preference("pref_loss: simpo\nkto_chosen_weight: 3");
    let loss = PrefLoss::Simpo { gamma: 0.5 };
    assert_eq!((simpo.beta, simpo.parts), (2.0, vec![Part { loss, weight: 1.0 }]));
    let orpo = preference("pref_loss: orpo\nref_model: r\nprecompute_ref_log_probs: true");
    assert_eq!(orpo.reference, ReferenceSpec::Nothing);
    let warmup = Warmup::Steps(3);
    assert_eq!(
        spec("warmup_steps: 3\nwarmup_ratio: 0.5").optim.schedule,
        Schedule::Linear { warmup }
    );
    assert_eq!(spec("val_size: 20").data.val_size, ValSize::Rows(20));
    let chain = |fresh| Start::Adapters {
        chain: vec!["a".into(), "b".into()],
        fresh,
    };
    assert_eq!(spec("adapter_name_or_path: a, b").model.start, chain(false));
    assert_eq!(
        spec("adapter_name_or_path: a,b\ncreate_new_adapter: true").model.start,
        chain(true)
    );
}

#[test]
fn weights_are_packed_as_asked() {
    use protocol::config::{FourBit, Quantize};
    let four = |code, double| Some(Quantize::FourBit { code, double });
    for (yaml, quantize) in [
        ("", None),
        ("quantization_bit: 0\nquantization_method: gptq", None),
        ("quantization_type: fp4", None),
        (
            "quantization_bit: 4\nquantization_method: bnb",
            four(FourBit::Nf4, true),
        ),
        (
            "quantization_bit: 4\nquantization_type: fp4\ndouble_quantization: false",
            four(FourBit::Fp4, false),
        ),
        ("quantization_bit: 8", Some(Quantize::EightBit)),
        (
            "quantization_bit: 3\nquantization_method: hqq",
            Some(Quantize::Hqq { bits: 3 }),
        ),
        ("quantization_bit: 8\nquantization_method: eetq", Some(Quantize::Eetq)),
    ] {
        assert_eq!(spec(yaml).model.quantize, quantize, "{yaml}");
    }
}

#[test]
fn an_optimizer_and_a_schedule_carry_only_their_own_knobs() {
    let adam = Adam {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
    };
    let states = States::Blockwise8;
    let optim = |yaml: &str| spec(yaml).optim;
    assert_eq!(
        optim("optim: paged_adamw_8bit").optimizer,
        Optimizer::AdamW { adam, states }
    );
    assert_eq!(
        optim("optim: adafactor\nadam_beta1: 0.5\ngalore_rank: 3").optimizer,
        Optimizer::Adafactor
    );
    assert_eq!(optim("optim: sgd\nadam_epsilon: 0.5").optimizer, Optimizer::Sgd);
    let blocks = Blocks {
        order: BlockOrder::Fixed,
        start: Some(1),
        interval: Some(50),
    };
    let badam = "finetuning_type: full\nuse_badam: true\nbadam_switch_mode: fixed\nbadam_start_block: 1";
    assert_eq!(optim(badam).optimizer, Optimizer::Badam { adam, blocks });
    let full = "finetuning_type: full\n";
    assert_eq!(
        optim(&format!("{full}optim: galore_adamw")),
        optim(&format!("{full}use_galore: true"))
    );
    assert_eq!(
        optim("lr_scheduler_type: constant\nwarmup_steps: 3\nlr_scheduler_kwargs: {power: 2}").schedule,
        Schedule::Constant
    );
    let text = r#"lr_scheduler_kwargs: '{"num_cycles": 2}'"#;
    let map = "lr_scheduler_kwargs: {num_cycles: 2}";
    for kwargs in [text, map] {
        let cosine = optim(&format!("lr_scheduler_type: cosine\n{kwargs}")).schedule;
        let warmup = Warmup::Ratio(0.0);
        assert_eq!(cosine, Schedule::Cosine { warmup, cycles: 2.0 });
    }
}

#[test]
fn freeze_and_the_variants_of_lora_are_read_as_llama_factory_reads_them() {
    let freeze = |yaml: &str| match spec(&format!("finetuning_type: freeze\n{yaml}")).tuning {
        Tuning::Freeze(part) => part,
        other => panic!("{other:?}"),
    };
    assert_eq!(freeze("").layers, TrainedLayers::Last(2));
    assert_eq!(freeze("freeze_trainable_layers: 3").layers, TrainedLayers::Last(3));
    assert_eq!(freeze("freeze_trainable_layers: -3").layers, TrainedLayers::First(3));
    let pro = freeze("freeze_trainable_layers: 4\nuse_llama_pro: true");
    assert_eq!(pro.layers, TrainedLayers::Expanded(4));
    let part = freeze("freeze_trainable_modules: mlp, self_attn\nfreeze_extra_modules: lm_head");
    assert_eq!((part.modules.len(), part.extra), (2, vec!["lm_head".to_owned()]));
    assert!(freeze("freeze_trainable_modules: all").modules.is_empty());

    let lora = |yaml: &str| match spec(yaml).tuning {
        Tuning::Lora(lora) => lora,
        other => panic!("{other:?}"),
    };
    let plain = lora("");
    assert!(!plain.dora && !plain.rank_stabilized && plain.init == LoraInit::Zero && plain.b_rate == 1.0);
    let pissa = |iterations, convert| LoraInit::Pissa { iterations, convert };
    assert_eq!(lora("pissa_init: true").init, pissa(Some(16), false));
    assert_eq!(
        lora("pissa_init: true\npissa_iter: -1\npissa_convert: true").init,
        pissa(None, true)
    );
    let loftq = "init_lora_weights: loftq\nquantization_bit: 4";
    assert_eq!(lora(loftq).init, LoraInit::Loftq { iterations: 1 });
    let five = LoraInit::Loftq { iterations: 5 };
    assert_eq!(lora(&format!("{loftq}\nloftq_iter: 5")).init, five);
    assert_eq!(lora("init_lora_weights: true").init, LoraInit::Zero);
    let full = lora("use_dora: true\nuse_rslora: true\nloraplus_lr_ratio: 16\nadditional_target: embed_tokens,lm_head");
    assert!(full.dora && full.rank_stabilized && full.b_rate == 16.0);
    assert_eq!(full.additional, ["embed_tokens", "lm_head"]);
    assert_eq!(
        lora("use_llama_pro: true\nfreeze_trainable_layers: 8").expanded,
        Some(8)
    );
    // whole weights train over adapters: those are merged first
    assert!(matches!(
        spec("finetuning_type: full\nadapter_name_or_path: a,b").model.start,
        Start::Adapters { .. }
    ));
}

#[test]
fn a_share_of_the_steps_and_what_goes_by_evaluations() {
    let cadence = spec("save_steps: 0.1\nlogging_steps: 0.5\neval_strategy: steps\nval_size: 0.1").cadence;
    assert_eq!(
        (cadence.save, cadence.log, cadence.eval),
        (Every::Share(0.1), Every::Share(0.5), Every::Share(0.5))
    );
    let of = cadence.of(25);
    assert_eq!((of.save, of.log), (Every::Steps(3), Every::Steps(13)));
    for (yaml, field, code) in [
        ("save_steps: 1.5", "save_steps", "type"),
        ("logging_steps: 0", "logging_steps", "min"),
        ("eval_steps: -1", "eval_steps", "min"),
        ("warmup_steps: 2.5", "warmup_steps", "type"),
        ("load_best_model_at_end: true", "load_best_model_at_end", "needs"),
        ("early_stopping_steps: 3", "early_stopping_steps", "needs"),
        (
            "group_by_length: true\ndisable_shuffling: true",
            "group_by_length",
            "conflict",
        ),
    ] {
        assert_eq!(refused(yaml), [(field.to_owned(), code.to_owned())], "{yaml}");
    }
    let best = |yaml: &str| spec(&format!("eval_strategy: steps\nval_size: 0.1\n{yaml}")).best;
    assert_eq!((best("").metric.as_str(), best("").greater), ("eval_loss", false));
    let accuracy = best("metric_for_best_model: rewards/accuracies");
    assert_eq!(
        (accuracy.metric.as_str(), accuracy.greater),
        ("eval_rewards/accuracies", true)
    );
    assert!(accuracy.better(0.6, 0.5) && !best("greater_is_better: false").better(0.6, 0.5));
}

#[test]
fn packing_goes_by_stage() {
    let packed = |yaml: &str| match spec(yaml).method {
        Method::Supervised { packing, .. } => packing,
        other => panic!("{other:?}"),
    };
    assert_eq!(packed(""), Packing::No);
    assert_eq!(packed("packing: true"), Packing::Plain);
    assert_eq!(packed("neat_packing: true"), Packing::Neat);
    let blocks = |yaml: &str| matches!(spec(yaml).method, Method::Pretrain { packing: true, .. });
    assert!(blocks("stage: pt") && !blocks("stage: pt\npacking: false"));
}

/// A learning rate that is most likely a slip of the hand is taken, and said.
#[test]
fn a_rate_far_above_the_usual_is_said() {
    for (rate, said) in [("1e-6", false), ("0.1", false), ("0.5", true), ("1e6", true)] {
        let yaml = format!("{BASE}stage: dpo\nlearning_rate: {rate}\n");
        let check = check(&RunConfig::parse(&yaml).config);
        assert!(check.spec.is_ok(), "{rate}");
        let found = check.notices.iter().any(|notice| notice.code == "high_rate");
        assert_eq!(found, said, "{rate}: {:?}", check.notices);
    }
}

#[test]
fn layers_named_for_lora_are_told_to_mean_nothing_to_rotations() {
    let layers = |yaml: &str| check(&RunConfig::parse(&format!("{BASE}finetuning_type: oft\n{yaml}")).config).notices;
    assert_eq!(layers("lora_target: all\noft_target: q_proj"), []);
    assert!(layers("lora_target: q_proj")[0].message.contains("oft_target"));
}
