//! What a pass over the model is asked for. It is handed over by value, so that nothing of one pass is left for the next.

/// Which weights a forward pass uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// the model being trained
    Policy,
    /// the model the run starts from, or the copy of the policy that follows it
    Reference,
}

/// What a pass is for: there are models that compute long texts otherwise outside training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Training,
    /// evaluation, chat, the scores of a reward model
    Inference,
}

/// Whether a forward pass is to be followed by [`super::Model::backward`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    Nothing,
    /// Activations are saved: of the policy alone, and only where something trains.
    ForBackward,
}

/// NEFTune's noise: uniform within `alpha / sqrt(tokens * hidden)` of each sequence, by this seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    pub alpha: f64,
    pub seed: u64,
}

/// What a forward pass is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForwardOptions {
    pub weights: Pass,
    pub mode: Mode,
    pub keep: Keep,
    /// Of the masks of a policy pass's dropout; `None` is no dropout. Give each micro-batch its own.
    pub dropout_seed: Option<u64>,
    /// On the embeddings.
    pub noise: Option<Noise>,
    /// Also give `ln sum_v p(v)^2` of every row, at the cost of one more multiplication by the head.
    pub log_collision_probs: bool,
    /// Also give the entropy of every row's likeliest tokens, at the same cost.
    pub top_entropies: bool,
    /// Bytes that saved activations may take: layers that do not fit are recomputed in the backward pass, with the same
    /// bits. `None` is half of the memory that the device has for us.
    pub activation_memory: Option<u64>,
}

impl ForwardOptions {
    /// Scores of the policy, with nothing kept.
    pub const fn policy() -> Self {
        Self {
            weights: Pass::Policy,
            mode: Mode::Training,
            keep: Keep::Nothing,
            dropout_seed: None,
            noise: None,
            log_collision_probs: false,
            top_entropies: false,
            activation_memory: None,
        }
    }

    /// Scores of the reference.
    pub const fn reference() -> Self {
        Self {
            weights: Pass::Reference,
            ..Self::policy()
        }
    }

    /// A pass of the policy that a backward pass follows.
    pub const fn training() -> Self {
        Self {
            keep: Keep::ForBackward,
            ..Self::policy()
        }
    }

    /// The same, in another mode.
    pub const fn within(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    pub(super) fn keeps(&self) -> bool {
        self.keep == Keep::ForBackward
    }
}
