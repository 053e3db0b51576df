//! The names that texts of the table may be, each with what it means.

use super::Choices;
use crate::Stage;
use crate::config::resolve::{BUILT_TRACKERS, TEMPLATES, TOOL_FORMATS, TRACKERS_NOT_BUILT};
use crate::config::spec::{Basis, BlockOrder, FourBit, Scaling, Side, States, Until};
use crate::decoder::RopeType;
use crate::method::LOSSES;

/// The supervised term, which stands in lists of losses only.
pub(in crate::config) const SUPERVISED: &str = "sft";
/// No scaling, as LlamaBoard and YAML say it.
pub(in crate::config) const NO_ROPE_SCALING: &[&str] = &["none", "false"];

/// The values of a key that is one of several names.
pub trait OneOf {
    type Means: Copy + 'static;
    /// Never empty, but for keys that take other texts too.
    const NAMES: &'static [(&'static str, Self::Means)];

    /// Whether a text is one of the names, or need be none.
    fn is_known(text: &str) -> bool {
        Self::NAMES.is_empty() || Self::NAMES.iter().any(|(name, _)| *name == text)
    }
}

/// Any text.
impl OneOf for () {
    type Means = ();
    const NAMES: &'static [(&'static str, ())] = &[];
}

pub(super) fn names<C: OneOf>() -> Choices {
    Choices::of(C::NAMES.iter().map(|(name, _)| *name))
}

/// `Type = Meaning { "name": value, … }`
macro_rules! one_of {
    ($($type:ty = $means:ty { $($name:literal: $value:expr),* $(,)? })*) => {
        $(impl OneOf for $type {
            type Means = $means;
            const NAMES: &'static [(&'static str, $means)] = &[$(($name, $value)),*];
        })*
    };
}

#[derive(Clone, Copy)]
pub enum TuningKind {
    Lora,
    Oft,
    Full,
    Freeze,
}

#[derive(Clone, Copy, PartialEq)]
pub enum OptimizerName {
    AdamW(States),
    Adafactor,
    Lion(States),
    Sgd,
    Galore,
    Apollo,
}

#[derive(Clone, Copy, PartialEq)]
pub enum ScheduleName {
    Linear,
    Cosine,
    Restarts,
    Polynomial,
    Constant,
    ConstantWithWarmup,
    InverseSqrt,
    Plateau,
    MinLr,
    WarmupMinLr,
    StableDecay,
}

/// When something is done on a run's way.
#[derive(Debug, Clone, Copy)]
pub enum When {
    Never,
    Steps,
    Epoch,
}

/// Whose way of packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packer {
    Bitsandbytes,
    Hqq,
    Eetq,
}

#[derive(Clone, Copy, PartialEq)]
pub enum KtoLossName {
    Kto,
    Bco,
}

#[derive(Clone, Copy, PartialEq)]
pub enum RewardModelType {
    Adapter,
    Model,
    Api,
}

#[derive(Clone, Copy, PartialEq)]
pub enum DivergenceName {
    ReverseKl,
    JensenShannon,
    Alpha,
}

/// How the matrices of an adapter start.
#[derive(Clone, Copy, PartialEq)]
pub enum LoraStart {
    Zero,
    Loftq,
}

/// Sides by GaLore's names.
pub struct GaloreSide;
/// Sides by APOLLO's names.
pub struct ApolloSide;
/// How several data sets become one; `None`: one after the other.
pub struct MixStrategy;
/// What BAdam takes in turn: there is one thing only.
pub struct Taken;

one_of! {
    TuningKind = Self {
        "lora": Self::Lora,
        "oft": Self::Oft,
        "full": Self::Full,
        "freeze": Self::Freeze,
    }
    OptimizerName = Self {
        "adamw_torch": Self::AdamW(States::F32),
        "adamw_torch_fused": Self::AdamW(States::F32),
        "adamw_hf": Self::AdamW(States::F32),
        "adamw": Self::AdamW(States::F32),
        "adamw_8bit": Self::AdamW(States::Blockwise8),
        "adamw_bnb_8bit": Self::AdamW(States::Blockwise8),
        "paged_adamw_8bit": Self::AdamW(States::Blockwise8),
        "paged_adamw_32bit": Self::AdamW(States::F32),
        "adafactor": Self::Adafactor,
        "lion_32bit": Self::Lion(States::F32),
        "lion_8bit": Self::Lion(States::Blockwise8),
        "paged_lion_32bit": Self::Lion(States::F32),
        "paged_lion_8bit": Self::Lion(States::Blockwise8),
        "sgd": Self::Sgd,
        "galore_adamw": Self::Galore,
        "apollo_adamw": Self::Apollo,
    }
    ScheduleName = Self {
        "linear": Self::Linear,
        "cosine": Self::Cosine,
        "cosine_with_restarts": Self::Restarts,
        "polynomial": Self::Polynomial,
        "constant": Self::Constant,
        "constant_with_warmup": Self::ConstantWithWarmup,
        "inverse_sqrt": Self::InverseSqrt,
        "reduce_lr_on_plateau": Self::Plateau,
        "cosine_with_min_lr": Self::MinLr,
        "cosine_warmup_with_min_lr": Self::WarmupMinLr,
        "warmup_stable_decay": Self::StableDecay,
    }
    When = Self {
        "no": Self::Never,
        "steps": Self::Steps,
        "epoch": Self::Epoch,
    }
    // gptq and awq need data to quantize with; their folders load as they are
    Packer = Self {
        "bnb": Self::Bitsandbytes,
        "bitsandbytes": Self::Bitsandbytes,
        "hqq": Self::Hqq,
        "eetq": Self::Eetq,
    }
    FourBit = Self {
        "nf4": Self::Nf4,
        "fp4": Self::Fp4,
    }
    KtoLossName = Self {
        "kto": Self::Kto,
        "bco": Self::Bco,
    }
    RewardModelType = Self {
        "lora": Self::Adapter,
        "oft": Self::Adapter,
        "full": Self::Model,
        "api": Self::Api,
    }
    DivergenceName = Self {
        "reverse_kl": Self::ReverseKl,
        "js_divergence": Self::JensenShannon,
        "alpha_divergence": Self::Alpha,
    }
    LoraStart = Self {
        "true": Self::Zero,
        "loftq": Self::Loftq,
    }
    GaloreSide = Side {
        "std": Side::Shorter,
        "right": Side::Right,
        "left": Side::Left,
        "reverse_std": Side::Longer,
        "full": Side::Both,
    }
    ApolloSide = Side {
        "std": Side::Shorter,
        "right": Side::Right,
        "left": Side::Left,
    }
    Basis = Self {
        "random": Self::Random,
        "svd": Self::Svd,
    }
    Scaling = Self {
        "channel": Self::Channel,
        "tensor": Self::Tensor,
    }
    BlockOrder = Self {
        "ascending": Self::Ascending,
        "descending": Self::Descending,
        "random": Self::Random,
        "fixed": Self::Fixed,
    }
    Taken = () {
        "layer": (),
    }
    MixStrategy = Option<Until> {
        "concat": None,
        "interleave_under": Some(Until::OneEnds),
        "interleave_over": Some(Until::AllEnd),
    }
}

impl OneOf for Stage {
    type Means = Self;
    const NAMES: &'static [(&'static str, Self)] = &{
        let mut names = [("", Self::Pretrain); Self::ALL.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = (Self::ALL[at].name(), Self::ALL[at]);
            at += 1;
        }
        names
    };
}

pub(super) fn losses() -> Choices {
    let names = LOSSES.iter().map(|loss| loss.name).chain([SUPERVISED]);
    let also = LOSSES.iter().flat_map(|loss| loss.also).copied();
    Choices {
        also: also.collect::<Vec<_>>().into(),
        ..Choices::of(names)
    }
}

/// There is no server that scores, which is refused by a sentence of its own.
pub(super) fn reward_models() -> Choices {
    let built = RewardModelType::NAMES.iter();
    let built = built.filter(|(_, kind)| *kind != RewardModelType::Api);
    Choices::of(built.map(|(name, _)| *name))
}

/// What the packers take together.
pub(super) fn bits() -> Choices {
    bits_of(&["4", "8", "6", "5", "3", "2", "1"])
}

pub(in crate::config) fn bits_of(bits: &'static [&'static str]) -> Choices {
    Choices {
        names: bits.into(),
        // LLaMA-Factory's "not set"
        also: (&["0"]).into(),
        ..Choices::default()
    }
}

pub(super) fn templates() -> Choices {
    Choices {
        names: TEMPLATES.into(),
        patterns: &["[.]jinja$", "[{][{%]"],
        ..Choices::default()
    }
}

pub(super) fn tool_formats() -> Choices {
    Choices::of(TOOL_FORMATS.iter().copied())
}

pub(super) fn rope_scalings() -> Choices {
    Choices {
        also: NO_ROPE_SCALING.into(),
        ..Choices::of(RopeType::ALL.iter().map(|kind| kind.name()))
    }
}

pub(super) fn devices() -> Choices {
    Choices {
        names: (&["auto", "cpu", "cuda"]).into(),
        patterns: &["^cuda:[0-9]+$"],
        ..Choices::default()
    }
}

pub(super) fn trackers() -> Choices {
    Choices {
        names: BUILT_TRACKERS.into(),
        also: TRACKERS_NOT_BUILT.into(),
        ..Choices::default()
    }
}
