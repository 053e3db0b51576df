//! The context of the chosen model under `rope_scaling`.

use super::Form;
use leptos::prelude::*;
use protocol::config::rope;
use protocol::decoder::{RopeRange, RopeScaling, RopeType};
use protocol::{Said, says};

/// What a config asks for, of a model that has a range.
struct Asked {
    range: RopeRange,
    kind: RopeType,
    cutoff: u64,
}

impl Form {
    /// The notice of what `rope_scaling` does to the chosen model.
    pub(super) fn scaled(self) -> Option<Said> {
        let Asked { range, kind, cutoff } = self.asked()?;
        if let Err(refusal) = range.takes(kind, self.model()?.dims?.family) {
            return Some(refusal);
        }
        Some(match range.over(kind, Some(cutoff)) {
            None => says::rope_reaches(cutoff, range.reach),
            Some(it) => says::rope_scaled(kind.name(), it.factor, it.original, it.reach()),
        })
    }

    fn asked(self) -> Option<Asked> {
        let (kind, cutoff) = self.whole.with(|config| (rope(config).ok(), config.cutoff_len));
        Some(Asked {
            range: self.model()?.rope?,
            kind: kind??,
            cutoff: cutoff?,
        })
    }

    /// The context of the chosen model in tokens, with its positions scaled as asked for.
    pub fn context(self) -> Option<u64> {
        let own = self.model().map(|model| model.context).filter(|context| *context > 0);
        let scaled = self.asked().filter(|asked| asked.range.types.contains(&asked.kind));
        let scaled = scaled.and_then(|asked| asked.range.over(asked.kind, Some(asked.cutoff)));
        scaled.map(RopeScaling::reach).or(own)
    }
}
