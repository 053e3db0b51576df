//! The preference losses, each declared once: its name, its knobs, what it needs, what is recommended for it, what its card says.
//! The arithmetic is the trainer's, in `trainer/src/loss`. First choice first: in this order they are shown.

use super::loss::{Loss, USUAL, losses};
use crate::wording::method as words;
use serde::{Deserialize, Serialize};

losses! {
    /// SimPO (2405.14734).
    Simpo { gamma: simpo_gamma } = {
        name: "simpo",
        needs_reference: false,
        averages: true,
        batch: (2, 8),
        beta: 2.0,
        sets: |c| c.simpo_gamma = Some(0.5),
        title: "SimPO",
        stars: 2,
        paper: "2405.14734",
        equation: "−log σ( β·(c̄ − r̄) − γ )",
        purpose: words::SIMPO,
    }
    /// ORPO (2403.07691).
    Orpo = {
        name: "orpo",
        needs_reference: false,
        averages: true,
        batch: (2, 8),
        title: "ORPO",
        stars: 1,
        paper: "2403.07691",
        equation: "−c̄ − β·log σ( log odds(c̄) − log odds(r̄) )",
        purpose: words::ORPO,
    }
    /// DPO (arXiv 2305.18290); smoothing > 0 is cDPO.
    Sigmoid { label_smoothing: smoothing } = {
        name: "sigmoid",
        f_divergence: true,
        reference_free: true,
        title: "DPO",
        paper: "2305.18290",
        equation: "−log σ( β·[(c − c₀) − (r − r₀)] )",
        purpose: words::SIGMOID,
    }
    /// Hinge on the DPO margin (2309.06657, 2305.10425).
    Hinge = {
        name: "hinge",
        f_divergence: true,
        reference_free: true,
        title: "Hinge",
        paper: "2309.06657",
        equation: "max(0, 1 − β·[(c − c₀) − (r − r₀)])",
        purpose: words::HINGE,
    }
    /// IPO (2310.12036).
    Ipo = {
        name: "ipo",
        f_divergence: true,
        averages: true,
        reference_free: true,
        title: "IPO",
        paper: "2310.12036",
        equation: "( (c̄ − c̄₀) − (r̄ − r̄₀) − 1/(2β) )²",
        purpose: words::IPO,
    }
    /// KTO on pairs (2402.01306), TRL 0.8.6's form.
    KtoPair { chosen_weight: kto_chosen_weight, rejected_weight: kto_rejected_weight } = {
        name: "kto_pair",
        coupled: true,
        own_baseline: true,
        sets: |c| {
            c.kto_chosen_weight = Some(1.0);
            c.kto_rejected_weight = Some(1.0);
        },
        title: "KTO (pairs)",
        paper: "2402.01306",
        equation: "1 − σ( β·(u − KL_r) ),  1 − σ( β·(KL_c − v) )",
        purpose: words::KTO_PAIR,
    }
    /// CPO (2401.08417).
    Cpo { label_smoothing: smoothing } = {
        name: "cpo",
        needs_reference: false,
        batch: (2, 8),
        sets: |c| c.cpo_alpha = Some(1.0),
        title: "CPO",
        paper: "2401.08417",
        equation: "−log σ( β·(c − r) ) + α·NLL(c)",
        purpose: words::CPO,
    }
    /// Robust DPO (2403.00409).
    Robust { label_smoothing: smoothing } = {
        name: "robust",
        f_divergence: true,
        reference_free: true,
        sets: |c| c.dpo_label_smoothing = Some(0.1),
        title: "Robust DPO",
        paper: "2403.00409",
        equation: "[ −(1 − ε)·log σ(βz) + ε·log σ(−βz) ] / (1 − 2ε)",
        purpose: words::ROBUST,
    }
    /// EXO (2402.00856).
    ExoPair { label_smoothing: smoothing_above_zero } = {
        name: "exo_pair",
        f_divergence: true,
        reference_free: true,
        sets: |c| c.dpo_label_smoothing = Some(1e-3),
        title: "EXO",
        paper: "2402.00856",
        equation: "σ(βz)·log[σ(βz)/(1 − ε)] + σ(−βz)·log[σ(−βz)/ε]",
        purpose: words::EXO_PAIR,
    }
    /// NCA (2402.05369).
    NcaPair = {
        name: "nca_pair",
        beta: 0.01,
        title: "NCA",
        paper: "2402.05369",
        equation: "−log σ(βu) − ½·log σ(−βu) − ½·log σ(−βv)",
        purpose: words::NCA_PAIR,
    }
    /// BCO (2404.04656) on pairs.
    BcoPair = {
        name: "bco_pair",
        own_baseline: true,
        title: "BCO",
        paper: "2404.04656",
        equation: "−log σ(βu − δ) − log σ(δ − βv)",
        purpose: words::BCO_PAIR,
    }
    /// SPPO (2405.00675) with hard labels.
    SppoHard = {
        name: "sppo_hard",
        beta: 0.001,
        title: "SPPO",
        paper: "2405.00675",
        equation: "( u − 1/(2β) )² + ( v + 1/(2β) )²",
        purpose: words::SPPO_HARD,
    }
    /// AOT (2406.05882) for paired data: on margins.
    Aot { label_smoothing: smoothing } = {
        name: "aot",
        coupled: true,
        batch: (4, 4),
        title: "AOT",
        paper: "2406.05882",
        equation: "−log σ( β·[sort(c − r) − sort(c₀ − r₀)] )",
        purpose: words::AOT,
    }
    /// AOT (2406.05882) for unpaired data: chosen and rejected replies each by themselves.
    AotPair { label_smoothing: smoothing } = {
        name: "aot_pair",
        also: &["aot_unpaired"],
        coupled: true,
        batch: (4, 4),
        title: "AOT (unpaired)",
        paper: "2406.05882",
        equation: "−log σ( β·[sort(u) − sort(v)] )",
        purpose: words::AOT_PAIR,
    }
    /// APO-zero (2408.06266).
    ApoZero = {
        name: "apo_zero",
        reference_free: true,
        title: "APO-zero",
        paper: "2408.06266",
        equation: "1 − σ(βu) + σ(βv)",
        purpose: words::APO_ZERO,
    }
    /// APO-down (2408.06266).
    ApoDown = {
        name: "apo_down",
        reference_free: true,
        title: "APO-down",
        paper: "2408.06266",
        equation: "σ(βu) + 1 − σ( β·(u − v) )",
        purpose: words::APO_DOWN,
    }
    /// DiscoPOP (2406.08414).
    Discopop { tau: discopop_tau } = {
        name: "discopop",
        beta: 0.05,
        sets: |c| c.discopop_tau = Some(0.05),
        title: "DiscoPOP",
        paper: "2406.08414",
        equation: "(1 − m)·(−log σ(βz)) + m·exp(−βz),  m = σ(βz/τ)",
        purpose: words::DISCOPOP,
    }
}
