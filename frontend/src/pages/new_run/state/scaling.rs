//! The context of the chosen model under `rope_scaling`.

use super::Form;
use leptos::prelude::*;
use protocol::config::rope;
use protocol::decoder::{RopeRange, RopeScaling, RopeType};
use protocol::{Said, says};

impl Form {
    /// The notice of what `rope_scaling` does to the chosen model.
    pub(super) fn scaled(self) -> Option<Said> {
        let (range, kind, cutoff) = self.scaling_asked()?;
        if let Err(refusal) = range.takes(kind, self.model()?.dims?.family) {
            return Some(refusal);
        }
        Some(match range.over(kind, Some(cutoff)) {
            None => says::rope_reaches(cutoff, range.reach),
            Some(it) => says::rope_scaled(kind.name(), it.factor, it.original, it.reach()),
        })
    }

    fn scaling_asked(self) -> Option<(RopeRange, RopeType, u64)> {
        let (asked, cutoff) = self.whole.with(|config| (rope(config).ok(), config.cutoff_len));
        Some((self.model()?.rope?, asked??, cutoff?))
    }

    /// The context of the chosen model in tokens, with its positions scaled as asked for.
    pub fn context(self) -> Option<u64> {
        let own = self.model().map(|model| model.context).filter(|context| *context > 0);
        let scaled = self
            .scaling_asked()
            .filter(|(range, kind, _)| range.types.contains(kind));
        let scaled = scaled.and_then(|(range, kind, cutoff)| range.over(kind, Some(cutoff)));
        scaled.map(RopeScaling::reach).or(own)
    }
}
