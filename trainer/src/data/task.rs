//! What a stage makes of the rows of a data set, and which rows it can use.

use protocol::config::{DataSpec, Method, Packing};
use protocol::data::DataKind;
use protocol::{Said, Stage, says};

use super::detect;
use super::info::Entry;

/// Which tokens of a conversation count in the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossMask {
    /// Every reply.
    Replies,
    /// The last one (`mask_history`).
    LastReply,
    /// Prompts too (`train_on_prompt`).
    Everything,
}

/// What a stage makes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Pretrain {
        packing: bool,
    },
    Supervised {
        mask: LossMask,
        packing: Packing,
    },
    Preference,
    /// Pairs for a reward model.
    Ranking,
    /// Single replies labelled good or bad; pairs are taken apart.
    Feedback,
    /// What PPO writes replies to.
    Prompts,
    /// Prompts with the replies that are expected: what predictions are compared with.
    Prediction,
}

impl From<&Method> for Task {
    fn from(method: &Method) -> Self {
        match *method {
            Method::Pretrain { packing, .. } => Self::Pretrain { packing },
            Method::Supervised {
                train_on_prompt,
                mask_history,
                packing,
                ..
            } => Self::Supervised {
                mask: match (train_on_prompt, mask_history) {
                    (true, _) => LossMask::Everything,
                    (false, true) => LossMask::LastReply,
                    (false, false) => LossMask::Replies,
                },
                packing,
            },
            Method::Preference(_) => Self::Preference,
            Method::Kto(_) => Self::Feedback,
            Method::Reward(_) => Self::Ranking,
            Method::Ppo(_) => Self::Prompts,
        }
    }
}

impl Task {
    /// Tokens of a row, at most. LLaMA-Factory leaves one free in rows that are packed.
    pub(super) fn cutoff(self, spec: &DataSpec) -> usize {
        match self {
            Self::Supervised { packing, .. } if packing != Packing::No => spec.cutoff_len - 1,
            _ => spec.cutoff_len,
        }
    }

    pub(super) fn stage(self) -> Stage {
        match self {
            Self::Pretrain { .. } => Stage::Pretrain,
            Self::Supervised { .. } | Self::Prediction => Stage::Supervised,
            Self::Preference => Stage::Preference,
            Self::Ranking => Stage::Reward,
            Self::Feedback => Stage::Kto,
            Self::Prompts => Stage::Ppo,
        }
    }

    /// What the rows of a data set have to be for it; `None`: no reply is needed.
    pub(super) fn needs(self, entry: &Entry) -> Option<DataKind> {
        match self {
            Self::Pretrain { .. } => Some(DataKind::Text),
            Self::Prompts => Some(DataKind::Prompts).filter(|kind| detect::kind(&entry.layout) == *kind),
            _ => Some(detect::kind(&entry.layout)),
        }
    }

    /// Why rows of `kind` can't be used, or nothing.
    pub(super) fn refuses(self, kind: DataKind) -> Option<Said> {
        if self == Self::Prediction && kind == DataKind::Preference {
            // the chosen reply is expected
            return None;
        }
        let stage = self.stage();
        let misfit = stage.misfit(kind);
        misfit.map(|_| says::wrong_kind(kind.said(), stage.name()))
    }
}
