//! The preference losses, each declared once: its name, its knobs, what it needs, what is recommended for it, what its card says.
//! The arithmetic is the trainer's, in `trainer/src/loss`. First choice first: in this order they are shown.

use super::loss::{Loss, USUAL, losses};
use crate::metric::Words;
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
        purpose: Words::new(
            "Best first choice: strong results without a reference model",
            "最初の選択に最適。参照モデルなしで高い効果",
            "首选：无需参考模型，效果出色",
        ),
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
        purpose: Words::new(
            "Imitates and prefers in one pass, straight from a base model",
            "模倣と選好を同時に学習。ベースモデルから直接",
            "模仿与偏好一步完成，可直接用于基座模型",
        ),
    }
    /// DPO (arXiv 2305.18290); smoothing > 0 is cDPO.
    Sigmoid { label_smoothing: smoothing } = {
        name: "sigmoid",
        f_divergence: true,
        reference_free: true,
        title: "DPO",
        paper: "2305.18290",
        equation: "−log σ( β·[(c − c₀) − (r − r₀)] )",
        purpose: Words::new(
            "The classic: stays near the model it starts from",
            "定番。元のモデルから離れすぎない",
            "经典方法：不会偏离起始模型太远",
        ),
    }
    /// Hinge on the DPO margin (2309.06657, 2305.10425).
    Hinge = {
        name: "hinge",
        f_divergence: true,
        reference_free: true,
        title: "Hinge",
        paper: "2309.06657",
        equation: "max(0, 1 − β·[(c − c₀) − (r − r₀)])",
        purpose: Words::new(
            "Stops pushing once a pair is clearly apart",
            "差が十分開いたペアはそれ以上押さない",
            "差距足够后不再继续拉大",
        ),
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
        purpose: Words::new(
            "For few or noisy pairs: aims at a margin, not at infinity",
            "少量・ノイズの多いペア向け。有限のマージンを狙う",
            "适合数据少或噪声多：目标是有限的间隔",
        ),
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
        purpose: Words::new(
            "Weighs gains and losses as people do; robust to uneven pairs",
            "人の損得感覚で重み付け。偏ったペアに強い",
            "按人的得失感加权，对不均衡的偏好对稳健",
        ),
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
        purpose: Words::new(
            "Imitates and prefers without a reference model; for chosen replies worth copying",
            "参照モデルなしで模倣と選好を同時に学習。手本にしたい chosen 向け",
            "无需参考模型，边模仿边学偏好；适合值得照搬的 chosen",
        ),
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
        purpose: Words::new(
            "For pairs of which a known share is labelled the wrong way round",
            "一定割合のラベルが逆だと分かっているペア向け",
            "适合已知有一定比例标签颠倒的偏好对",
        ),
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
        purpose: Words::new(
            "Aims at the exact optimum: a margin to reach, not one to widen for ever",
            "厳密な最適解を狙う。差を広げ続けず、目標で止まる",
            "追求精确最优：达到目标间隔即止，不会无限拉大",
        ),
    }
    /// NCA (2402.05369).
    NcaPair = {
        name: "nca_pair",
        beta: 0.01,
        title: "NCA",
        paper: "2402.05369",
        equation: "−log σ(βu) − ½·log σ(−βu) − ½·log σ(−βv)",
        purpose: Words::new(
            "Keeps the chosen reply likely while the rejected one falls",
            "rejected を下げつつ chosen の確率を保つ",
            "压低 rejected 的同时保持 chosen 的概率",
        ),
    }
    /// BCO (2404.04656) on pairs.
    BcoPair = {
        name: "bco_pair",
        own_baseline: true,
        title: "BCO",
        paper: "2404.04656",
        equation: "−log σ(βu − δ) − log σ(δ − βv)",
        purpose: Words::new(
            "Tells good replies from bad against a running mean; for uneven data",
            "移動平均を基準に良し悪しを判別。偏ったデータ向け",
            "以滑动平均为基准区分好坏，适合不均衡的数据",
        ),
    }
    /// SPPO (2405.00675) with hard labels.
    SppoHard = {
        name: "sppo_hard",
        beta: 0.001,
        title: "SPPO",
        paper: "2405.00675",
        equation: "( u − 1/(2β) )² + ( v + 1/(2β) )²",
        purpose: Words::new(
            "Pulls both replies to fixed targets; made for rounds of self-play",
            "両方の応答を固定の目標へ。自己対戦の反復向け",
            "把两种回复拉向固定目标，为多轮自我博弈设计",
        ),
    }
    /// AOT (2406.05882) for paired data: on margins.
    Aot { label_smoothing: smoothing } = {
        name: "aot",
        coupled: true,
        batch: (4, 4),
        title: "AOT",
        paper: "2406.05882",
        equation: "−log σ( β·[sort(c − r) − sort(c₀ − r₀)] )",
        purpose: Words::new(
            "For paired data: the margins of a batch, as a distribution; needs batches of several pairs",
            "ペアデータ向け。バッチ内のマージンを分布として比較。1 バッチに複数ペアが必要",
            "适合成对数据：把一批的间隔作为分布比较，每批需多个偏好对",
        ),
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
        purpose: Words::new(
            "For unpaired data: chosen above rejected at every quantile; needs batches of several pairs",
            "ペアでないデータ向け。全分位で chosen を上に。1 バッチに複数ペアが必要",
            "适合非成对数据：在每个分位上让 chosen 高于 rejected，每批需多个偏好对",
        ),
    }
    /// APO-zero (2408.06266).
    ApoZero = {
        name: "apo_zero",
        reference_free: true,
        title: "APO-zero",
        paper: "2408.06266",
        equation: "1 − σ(βu) + σ(βv)",
        purpose: Words::new(
            "For chosen replies better than what the model writes",
            "chosen がモデルの出力より良い場合に",
            "适合 chosen 优于模型自身输出的数据",
        ),
    }
    /// APO-down (2408.06266).
    ApoDown = {
        name: "apo_down",
        reference_free: true,
        title: "APO-down",
        paper: "2408.06266",
        equation: "σ(βu) + 1 − σ( β·(u − v) )",
        purpose: Words::new(
            "For chosen replies worse than what the model writes",
            "chosen がモデルの出力より劣る場合に",
            "适合 chosen 不如模型自身输出的数据",
        ),
    }
    /// DiscoPOP (2406.08414).
    Discopop { tau: discopop_tau } = {
        name: "discopop",
        beta: 0.05,
        sets: |c| c.discopop_tau = Some(0.05),
        title: "DiscoPOP",
        paper: "2406.08414",
        equation: "(1 − m)·(−log σ(βz)) + m·exp(−βz),  m = σ(βz/τ)",
        purpose: Words::new(
            "A blend of losses found by a language model; for trying out",
            "言語モデルが発見した損失の混合。実験向け",
            "由语言模型发现的混合损失，适合尝试",
        ),
    }
}
