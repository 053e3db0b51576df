//! The cards of what is no preference loss: several losses at once, the other stages.

use super::MethodCard;
use crate::metric::Words;

pub(super) const MPO: MethodCard = MethodCard {
    title: "MPO",
    needs_reference: true,
    vram_gb: 16,
    stars: 0,
    paper: "2411.10442",
    equation: "0.8·DPO + 0.2·BCO + 1·NLL(c)",
    purpose: Words::new(
        "DPO, BCO and imitation added up; for long reasoning and vision data",
        "DPO・BCO・模倣の和。長い推論や視覚データ向け",
        "DPO、BCO 与模仿之和，适合长推理与视觉数据",
    ),
};

pub(super) const KTO: MethodCard = MethodCard {
    title: "KTO",
    needs_reference: true,
    vram_gb: 16,
    stars: 0,
    paper: "2402.01306",
    equation: "good: 1 − σ( β·(u − KL) ),  bad: 1 − σ( β·(KL − v) )",
    purpose: Words::new(
        "Learns from single replies marked good or bad; pairs are taken apart",
        "良い・悪いの印が付いた単独の応答から学習。ペアは分解して使用",
        "从标注好坏的单条回复学习；偏好对会被拆开",
    ),
};

pub(super) const SFT: MethodCard = MethodCard {
    title: "SFT",
    needs_reference: false,
    vram_gb: 8,
    stars: 0,
    paper: "2109.01652",
    equation: "−log p(reply | prompt), mean per token",
    purpose: Words::new(
        "Teaches replies by example; the stage before preferences",
        "応答例から学習。選好の前段階",
        "从示例学习回复，偏好训练的前一阶段",
    ),
};

pub(super) const PT: MethodCard = MethodCard {
    title: "Pre-training",
    needs_reference: false,
    vram_gb: 8,
    stars: 0,
    paper: "",
    equation: "−log p(text), mean per token",
    purpose: Words::new(
        "Teaches a language or a field from plain text",
        "テキストから言語や分野を学習",
        "从纯文本学习语言或领域知识",
    ),
};

pub(super) const RM: MethodCard = MethodCard {
    title: "Reward model",
    needs_reference: false,
    vram_gb: 8,
    stars: 0,
    paper: "2203.02155",
    equation: "−log σ( score(chosen) − score(rejected) )",
    purpose: Words::new(
        "Learns to score replies from pairs; PPO needs one",
        "ペアから応答の採点を学習。PPO に必要",
        "从偏好对学习给回复打分，供 PPO 使用",
    ),
};

pub(super) const PPO: MethodCard = MethodCard {
    title: "PPO",
    needs_reference: true,
    vram_gb: 24,
    stars: 0,
    paper: "1707.06347",
    equation: "max( −A·ρ, −A·clip(ρ, 0.8, 1.2) ) + 0.1·value loss,  reward − κ·KL",
    purpose: Words::new(
        "Writes replies and learns from a reward model's scores",
        "応答を生成し、報酬モデルの得点から学習",
        "生成回复，并从奖励模型的评分中学习",
    ),
};
