//! Stage `rm`: a value head learns to score the chosen reply of a pair above the rejected one.

use super::preference::PAIRS;
use super::{Batch, Evaluation, PairScores, Row, Stage, names};
use crate::data::{Examples, Intake, Ranked, RowKind};
use crate::error::Result;
use crate::loss::{self, BatchLoss, Running};
use crate::plan::{Layout, Plan};
use protocol::pairs::Measure;
use std::collections::BTreeSet;

/// Pairs, as stage `dpo` takes them.
pub const RANKED: Intake = Intake {
    stage: protocol::Stage::Reward,
    makes: RowKind::Ranked,
    kept_as: |_| "Ranking".to_owned(),
    ..PAIRS
};

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

    fn intake(&self) -> Intake {
        RANKED
    }

    fn loss(&self, batch: &Batch<Ranked>, _running: &Running) -> BatchLoss {
        loss::reward::loss(&batch.scored.values)
    }

    fn pairs(&self) -> PairScores {
        PairScores {
            measure: Measure::Rewards,
            ..PairScores::default()
        }
    }

    fn metric_names(&self) -> BTreeSet<String> {
        names(&loss::reward::loss(&[1.0, 0.0]), &[])
    }
}
