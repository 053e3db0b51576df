//! What a loss, its weights and its reference become.

use super::{BASE, preference, spec};
use protocol::RunConfig;
use protocol::config::{Divergence, FourBit, Part, PrefLoss, Quantize, ReferenceSpec, check};
use protocol::method::MethodId;

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
    assert_eq!(preference("").reference, ReferenceSpec::Start { precompute: false });
    assert_eq!(preference("reference_free: true").reference, ReferenceSpec::Nothing);
    let model = ReferenceSpec::Model {
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
        ReferenceSpec::Model { quantize, .. } => quantize,
        other => panic!("{other:?}"),
    };
    let code = FourBit::Nf4;
    assert_eq!(
        packed("ref_model: r\nref_model_quantization_bit: 4\ndouble_quantization: false"),
        Some(Quantize::FourBit { code, double: false })
    );
    assert_eq!(packed("ref_model: r\nquantization_bit: 4"), None);
    let following = ReferenceSpec::Following { mixup: 0.6, steps: 512 };
    assert_eq!(preference("sync_ref_model: true").reference, following);
    let alpha = Divergence::Alpha { coefficient: 0.5 };
    assert_eq!(
        preference("f_divergence_type: alpha_divergence\nf_alpha_divergence_coef: 0.5").divergence,
        alpha
    );
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

#[test]
fn the_routers_loss_is_what_the_model_says_unless_asked_for() {
    assert_eq!(spec("stage: sft").router_loss, None);
    assert_eq!(spec("stage: sft\nmoe_aux_loss_coef: 0").router_loss, None);
    assert_eq!(spec("stage: dpo\nmoe_aux_loss_coef: 0.01").router_loss, Some(0.01));
}
