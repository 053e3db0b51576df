//! The rule book, one line a case: what is refused, under which key and code; what is accepted, and what it becomes.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests ends the test that called it"
)]

use protocol::RunConfig;
use protocol::config::{
    Adam, Against, BlockOrder, Blocks, Divergence, Every, FourBit, LoraInit, Method, Optimizer, Packing, Part,
    PrefLoss, Preference, Quantize, RunSpec, Schedule, Start, States, TrainedLayers, Tuning, ValSize, Warmup, check,
};
use protocol::method::MethodId;

const BASE: &str = "model_name_or_path: m\ndataset: d\noutput_dir: o\n";

fn spec(yaml: &str) -> RunSpec {
    let parsed = RunConfig::parse(&format!("{BASE}{yaml}"));
    assert_eq!(parsed.errors, [], "{yaml}");
    check(&parsed.config).spec.unwrap_or_else(|e| panic!("{yaml}: {e:?}"))
}

fn preference(yaml: &str) -> Preference {
    match spec(&format!("stage: dpo\n{yaml}")).method {
        Method::Preference(preference) => preference,
        other => panic!("{other:?}"),
    }
}

fn refused(yaml: &str) -> Vec<(String, String)> {
    let config = RunConfig::parse(&format!("{BASE}{yaml}")).config;
    let errors = check(&config).spec.expect_err(yaml);
    let translated = ["needs", "not_for_loss", "not_for_stage", "not_built"];
    for error in &errors {
        // the board says these in other languages with no more than what stands here
        assert!(
            !translated.contains(&&*error.code) || !error.args.is_empty(),
            "{error:?}"
        );
    }
    errors.into_iter().map(|e| (e.field, e.code)).collect()
}

#[test]
fn the_routers_loss_is_what_the_model_says_unless_asked_for() {
    assert_eq!(spec("stage: sft").router_loss, None);
    assert_eq!(spec("stage: sft\nmoe_aux_loss_coef: 0").router_loss, None);
    assert_eq!(spec("stage: dpo\nmoe_aux_loss_coef: 0.01").router_loss, Some(0.01));
}

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
        ("lora_rank: 0", "lora_rank", "min"),
        ("lora_dropout: 1.5", "lora_dropout", "range"),
        ("learning_rate: 0", "learning_rate", "above"),
        ("warmup_ratio: 1.1", "warmup_ratio", "range"),
        ("bf16: true\nfp16: true", "fp16", "conflict"),
        ("val_size: 0.1\neval_dataset: e", "val_size", "conflict"),
        ("val_size: 1.5", "val_size", "range"),
        ("eval_strategy: steps", "eval_strategy", "needs"),
        ("train_on_prompt: true\nmask_history: true", "mask_history", "conflict"),
        ("train_on_prompt: true\ntemplate: solar", "train_on_prompt", "conflict"),
        ("train_from_scratch: true", "train_from_scratch", "needs"),
        ("optim: galore", "optim", "choice"),
        ("quantization_bit: 3", "quantization_bit", "choice"),
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
        ("lora_target: lm_head", "lora_target", "needs"),
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
    let errors = check(&RunConfig::default()).spec.unwrap_err();
    let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(fields.len(), 3, "{fields:?}");
    for key in ["model_name_or_path", "dataset", "output_dir"] {
        assert!(fields.contains(&key), "{key}");
    }
}

#[test]
fn defaults_are_llama_factorys() {
    let spec = spec("");
    assert!(matches!(spec.method, Method::Supervised { .. }));
    assert!(matches!(&spec.tuning, Tuning::Lora(l) if l.rank == 8 && l.alpha == 16.0 && l.target.is_empty()));
    assert_eq!((spec.batch.train, spec.batch.accumulation), (8, 1));
    assert_eq!((spec.optim.learning_rate, spec.optim.max_grad_norm), (5e-5, 1.0));
    assert_eq!(
        (spec.data.cutoff_len, spec.seed, spec.data.val_size),
        (2048, 42, ValSize::None)
    );
}

#[test]
fn alternatives_carry_only_their_own_knobs() {
    let simpo = preference("pref_loss: simpo\nkto_chosen_weight: 3");
    let loss = PrefLoss::Simpo { gamma: 0.5 };
    assert_eq!((simpo.beta, simpo.parts), (2.0, vec![Part { loss, weight: 1.0 }]));
    let orpo = preference("pref_loss: orpo\nref_model: r\nprecompute_ref_log_probs: true");
    assert_eq!(orpo.reference, Against::Nothing);
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
    ] {
        assert_eq!(spec(yaml).model.quantize, quantize, "{yaml}");
    }
}

#[test]
fn losses_add_up_with_their_weights() {
    let part = |loss, weight| Part { loss, weight };
    let sigmoid = PrefLoss::Sigmoid { label_smoothing: 0.0 };
    // MPO: the supervised term is no loss of pairs
    let mpo = preference("pref_loss: [sigmoid, bco_pair, sft]\nloss_weights: [0.8, 0.2, 1.0]");
    assert_eq!(mpo.parts, [part(sigmoid, 0.8), part(PrefLoss::BcoPair, 0.2)]);
    assert_eq!((mpo.nll, mpo.keeps_mean()), (1.0, true));
    // (L + w L_bco) / (1 + w)
    let bco = preference("pref_bco_weight: 3");
    assert_eq!(bco.parts, [part(sigmoid, 0.25), part(PrefLoss::BcoPair, 0.75)]);
    assert_eq!(preference("pref_loss: cpo").nll, 1.0);
    assert_eq!(preference("pref_loss: simpo\ncpo_alpha: 0.5").nll, 0.5);
    assert_eq!(preference("rpo_alpha: 0.2").nll, 0.2);
    let exo = PrefLoss::ExoPair { label_smoothing: 1e-3 };
    assert_eq!(preference("pref_loss: exo_pair").parts, [part(exo, 1.0)]);
}

#[test]
fn there_is_one_reference_at_most() {
    assert_eq!(preference("").reference, Against::Start { precompute: false });
    assert_eq!(preference("reference_free: true").reference, Against::Nothing);
    let model = Against::Model {
        path: None,
        adapters: vec!["a".into(), "b".into()],
        quantize: None,
        precompute: true,
    };
    assert_eq!(
        preference("ref_model_adapters: a,b\nprecompute_ref_log_probs: true").reference,
        model
    );
    let packed = |yaml: &str| match preference(yaml).reference {
        Against::Model { quantize, .. } => quantize,
        other => panic!("{other:?}"),
    };
    let code = FourBit::Nf4;
    assert_eq!(
        packed("ref_model: r\nref_model_quantization_bit: 4\ndouble_quantization: false"),
        Some(Quantize::FourBit { code, double: false })
    );
    assert_eq!(packed("ref_model: r\nquantization_bit: 4"), None);
    let following = Against::Following { mixup: 0.6, steps: 512 };
    assert_eq!(preference("sync_ref_model: true").reference, following);
    let alpha = Divergence::Alpha { coefficient: 0.5 };
    assert_eq!(
        preference("f_divergence_type: alpha_divergence\nf_alpha_divergence_coef: 0.5").divergence,
        alpha
    );
}

#[test]
fn layers_named_for_lora_are_told_to_mean_nothing_to_rotations() {
    let layers = |yaml: &str| check(&RunConfig::parse(&format!("{BASE}finetuning_type: oft\n{yaml}")).config).notices;
    assert_eq!(layers("lora_target: all\noft_target: q_proj"), []);
    assert!(layers("lora_target: q_proj")[0].message.contains("oft_target"));
}

#[test]
fn sorting_one_pair_is_worth_a_notice() {
    let notices = |batch: u64| {
        let yaml = format!("{BASE}stage: dpo\npref_loss: aot\nper_device_train_batch_size: {batch}");
        check(&RunConfig::parse(&yaml).config).notices
    };
    assert!(notices(1)[0].message.contains("nothing to sort"));
    assert!(notices(2).is_empty());
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
fn a_newer_name_of_a_loss_is_the_loss() {
    let pairs = |loss: &str| preference(&format!("pref_loss: {loss}"));
    assert_eq!(pairs("aot_unpaired"), pairs("aot_pair"));
    assert_ne!(pairs("aot"), pairs("aot_pair"));
    for (loss, title) in [
        ("aot", "AOT"),
        ("aot_pair", "AOT (unpaired)"),
        ("aot_unpaired", "AOT (unpaired)"),
    ] {
        let config = RunConfig::parse(&format!("pref_loss: {loss}")).config;
        assert_eq!(MethodId::of(&config).map(|id| id.card().title), Some(title));
    }
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
