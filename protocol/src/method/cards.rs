//! What is no single preference loss: several losses at once, the other stages. Each is declared once.

use super::{MethodCard, MethodId};
use crate::Stage;
use crate::wording::method as words;

/// A method, and what a config of it says.
pub(super) struct Other {
    pub id: MethodId,
    pub stage: Stage,
    /// Its value of `pref_loss`, in the stage that has one.
    pub pref_loss: Option<&'static str>,
    /// The name of its preset in `configs/`.
    pub preset: &'static str,
    pub card: MethodCard,
}

pub(super) const OTHERS: &[Other] = &[
    Other {
        id: MethodId::Mpo,
        stage: Stage::Preference,
        pref_loss: Some("sigmoid,bco_pair,sft"),
        preset: "mpo",
        card: MethodCard {
            title: "MPO",
            needs_reference: true,
            vram_gb: 16,
            stars: 0,
            paper: "2411.10442",
            equation: "0.8·DPO + 0.2·BCO + 1·NLL(c)",
            purpose: words::MPO,
        },
    },
    Other {
        id: MethodId::Kto,
        stage: Stage::Kto,
        pref_loss: None,
        preset: "kto",
        card: MethodCard {
            title: "KTO",
            needs_reference: true,
            vram_gb: 16,
            stars: 0,
            paper: "2402.01306",
            equation: "good: 1 − σ( β·(u − KL) ),  bad: 1 − σ( β·(KL − v) )",
            purpose: words::KTO,
        },
    },
    Other {
        id: MethodId::Sft,
        stage: Stage::Supervised,
        pref_loss: None,
        preset: "sft",
        card: MethodCard {
            title: "SFT",
            needs_reference: false,
            vram_gb: 8,
            stars: 0,
            paper: "2109.01652",
            equation: "−log p(reply | prompt), mean per token",
            purpose: words::SFT,
        },
    },
    Other {
        id: MethodId::Pt,
        stage: Stage::Pretrain,
        pref_loss: None,
        preset: "pt",
        card: MethodCard {
            title: "Pre-training",
            needs_reference: false,
            vram_gb: 8,
            stars: 0,
            paper: "",
            equation: "−log p(text), mean per token",
            purpose: words::PT,
        },
    },
    Other {
        id: MethodId::Rm,
        stage: Stage::Reward,
        pref_loss: None,
        preset: "rm",
        card: MethodCard {
            title: "Reward model",
            needs_reference: false,
            vram_gb: 8,
            stars: 0,
            paper: "2203.02155",
            equation: "−log σ( score(chosen) − score(rejected) )",
            purpose: words::RM,
        },
    },
    Other {
        id: MethodId::Ppo,
        stage: Stage::Ppo,
        pref_loss: None,
        preset: "ppo",
        card: MethodCard {
            title: "PPO",
            needs_reference: true,
            vram_gb: 24,
            stars: 0,
            paper: "1707.06347",
            equation: "max( −A·ρ, −A·clip(ρ, 0.8, 1.2) ) + 0.1·value loss,  reward − κ·KL",
            purpose: words::PPO,
        },
    },
];
