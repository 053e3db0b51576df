//! The cards of what is no preference loss: several losses at once, the other stages.

use super::MethodCard;
use crate::wording::method as words;

pub(super) const MPO: MethodCard = MethodCard {
    title: "MPO",
    needs_reference: true,
    vram_gb: 16,
    stars: 0,
    paper: "2411.10442",
    equation: "0.8·DPO + 0.2·BCO + 1·NLL(c)",
    purpose: words::MPO,
};

pub(super) const KTO: MethodCard = MethodCard {
    title: "KTO",
    needs_reference: true,
    vram_gb: 16,
    stars: 0,
    paper: "2402.01306",
    equation: "good: 1 − σ( β·(u − KL) ),  bad: 1 − σ( β·(KL − v) )",
    purpose: words::KTO,
};

pub(super) const SFT: MethodCard = MethodCard {
    title: "SFT",
    needs_reference: false,
    vram_gb: 8,
    stars: 0,
    paper: "2109.01652",
    equation: "−log p(reply | prompt), mean per token",
    purpose: words::SFT,
};

pub(super) const PT: MethodCard = MethodCard {
    title: "Pre-training",
    needs_reference: false,
    vram_gb: 8,
    stars: 0,
    paper: "",
    equation: "−log p(text), mean per token",
    purpose: words::PT,
};

pub(super) const RM: MethodCard = MethodCard {
    title: "Reward model",
    needs_reference: false,
    vram_gb: 8,
    stars: 0,
    paper: "2203.02155",
    equation: "−log σ( score(chosen) − score(rejected) )",
    purpose: words::RM,
};

pub(super) const PPO: MethodCard = MethodCard {
    title: "PPO",
    needs_reference: true,
    vram_gb: 24,
    stars: 0,
    paper: "1707.06347",
    equation: "max( −A·ρ, −A·clip(ρ, 0.8, 1.2) ) + 0.1·value loss,  reward − κ·KL",
    purpose: words::PPO,
};
