//! Stage `rm`: a value head learns to score the chosen reply of a pair above the rejected one.

use super::{Batch, Evaluation, Row, Stage, names};
use crate::data::{Examples, Ranked};
use crate::error::Result;
use crate::loss::{self, BatchLoss, Running};
use crate::plan::{Layout, Plan};
use std::collections::BTreeSet;

impl Row for Ranked {
    const SEQUENCES: usize = 2;

    fn of(examples: &Examples) -> Option<&[Self]> {
        match examples {
            Examples::Ranked(rows) => Some(rows),
            Examples::Pairs(_) | Examples::Labelled(_) | Examples::Sequences(_) | Examples::Prompts(_) => None,
        }
    }

    fn plan(rows: &[Self], layout: Layout) -> Result<Plan> {
        let rows = rows
            .iter()
            .map(|Self { pair }| (&pair.prompt[..], vec![&pair.chosen[..], &pair.rejected[..]]));
        Plan::new(layout).with_scores(&rows.collect::<Vec<_>>())
    }

    /// The chosen reply's.
    fn counted(&self) -> usize {
        self.pair.chosen.len()
    }

    fn compare(batch: &Batch<Self>, evaluation: &mut Evaluation) -> Result<()> {
        if let Some(recording) = &mut evaluation.recording {
            recording.rewards(&batch.scored.values);
        }
        Ok(())
    }
}

/// Trains the scores of a value head.
pub struct Reward;

impl Stage for Reward {
    type Row = Ranked;

    fn loss(&self, batch: &Batch<Ranked>, _running: &Running) -> BatchLoss {
        loss::reward::loss(&batch.scored.values)
    }

    fn told(&self) -> BTreeSet<String> {
        names(&loss::reward::loss(&[1.0, 0.0]), &[])
    }
}
