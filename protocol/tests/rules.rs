//! The rule book, one line a case: what is refused, under which key and code; what is accepted, and what it becomes.

use protocol::RunConfig;
use protocol::config::{Method, Packing, PrefLoss, RunSpec, Start, Tuning, ValSize, Warmup, check};

const BASE: &str = "model_name_or_path: m\ndataset: d\noutput_dir: o\n";

fn spec(yaml: &str) -> RunSpec {
    let parsed = RunConfig::parse(&format!("{BASE}{yaml}"));
    assert_eq!(parsed.errors, [], "{yaml}");
    check(&parsed.config).spec.unwrap_or_else(|e| panic!("{yaml}: {e:?}"))
}

fn refused(yaml: &str) -> Vec<(String, String)> {
    let config = RunConfig::parse(&format!("{BASE}{yaml}")).config;
    let errors = check(&config).spec.expect_err(yaml);
    errors.into_iter().map(|e| (e.field, e.code)).collect()
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
        ("stage: pt\nneat_packing: true", "neat_packing", "not_for_stage"),
        ("neftune_noise_alpha: -1", "neftune_noise_alpha", "min"),
        ("stage: rm\nsummary_dropout_prob: 1", "summary_dropout_prob", "range"),
        ("stage: kto\nkto_loss: dpo", "kto_loss", "choice"),
        ("stage: kto\npref_beta: 0", "pref_beta", "above"),
        (
            "stage: kto\nkto_loss: bco\nkto_chosen_weight: 2",
            "kto_chosen_weight",
            "not_for_loss",
        ),
        ("template: nope", "template", "choice"),
        ("lora_rank: 0", "lora_rank", "min"),
        ("lora_dropout: 1.5", "lora_dropout", "range"),
        ("learning_rate: 0", "learning_rate", "above"),
        ("warmup_ratio: 1.1", "warmup_ratio", "range"),
        ("bf16: true\nfp16: true", "fp16", "conflict"),
        ("val_size: 0.1\neval_dataset: e", "val_size", "conflict"),
        ("val_size: 1.5", "val_size", "range"),
        ("eval_strategy: steps", "eval_strategy", "conflict"),
        ("train_on_prompt: true\nmask_history: true", "mask_history", "conflict"),
        ("train_from_scratch: true", "train_from_scratch", "conflict"),
        ("optim: galore", "optim", "choice"),
        ("quantization_bit: 3", "quantization_bit", "choice"),
        (
            "quantization_bit: 4\nfinetuning_type: full",
            "quantization_bit",
            "conflict",
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
    let Method::Preference(p) = spec("stage: dpo\npref_loss: simpo\nkto_chosen_weight: 3").method else {
        panic!()
    };
    assert_eq!(p.loss, PrefLoss::Simpo { beta: 2.0, gamma: 0.5 });
    let Method::Preference(p) =
        spec("stage: dpo\npref_loss: orpo\nref_model: r\nprecompute_ref_log_probs: true").method
    else {
        panic!()
    };
    assert_eq!((p.ref_model, p.precompute_reference), (None, false));
    assert_eq!(
        spec("warmup_steps: 3\nwarmup_ratio: 0.5").optim.warmup,
        Warmup::Steps(3)
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
