//! Stage `dpo`: pairs of a chosen and a rejected reply, by the losses of `loss/`.

use super::tokens::{Of, add_accuracy, add_entropy};
use super::{Batch, ENTROPY, Evaluation, PairScores, Row, Stage, TOKEN_ACCURACY, names, pair_metric_names};
use crate::data::rows;
use crate::data::{self, Example, Examples, Intake, Pair, RowEncoding, RowKind, RowReport, encode, tokenized};
use crate::error::Result;
use crate::loss::{self, BatchLoss, RefLogps, Running, ScoredPair, Side};
use crate::model::ForwardOptions;
use crate::plan::{Layout, PairTokens, Plan};
use protocol::config::Preference;
use std::collections::BTreeSet;

/// Pairs, of which the cut-off leaves something of both replies.
pub const PAIRS: Intake = Intake {
    kept_as: |_| "Preference".to_owned(),
    ..Intake::rows(
        protocol::Stage::Preference,
        RowKind::Pairs,
        encode_pair,
        tokenized::pair,
    )
};

fn encode_pair(row: &rows::Row, by: RowEncoding) -> data::Result<(Example, RowReport)> {
    let (pair, row_report) = encode::pair(by.encoder, row, by.cutoff)?;
    match pair.chosen.is_empty() || pair.rejected.is_empty() {
        true => Err(by.no_reply_left()),
        false => Ok((Example::Pair(pair), row_report)),
    }
}

impl Row for Pair {
    const SEQUENCES: usize = 2;

    fn of(examples: &Examples) -> Option<&[Self]> {
        match examples {
            Examples::Pairs(rows) => Some(rows),
            Examples::Ranked(_) | Examples::Labelled(_) | Examples::Sequences(_) | Examples::Prompts(_) => None,
        }
    }

    fn plan(rows: &[Self], layout: Layout) -> Result<Plan> {
        let pairs = rows.iter().map(|pair| PairTokens {
            prompt: &pair.prompt,
            chosen: &pair.chosen,
            rejected: &pair.rejected,
        });
        Plan::new(layout).with_pairs(&pairs.collect::<Vec<_>>())
    }

    /// The chosen reply's.
    fn counted(&self) -> usize {
        self.chosen.len()
    }

    fn compare(batch: &Batch<Self>, evaluation: &mut Evaluation) -> Result<()> {
        let pairs = batch.pairs();
        evaluation
            .means
            .add_all(&loss::preferences(&pairs), batch.rows.len() as f64);
        let Some(recording) = &mut evaluation.recording else {
            return Ok(());
        };
        (0..batch.rows.len()).try_for_each(|row| recording.pair(&batch.reply(2 * row), &batch.reply(2 * row + 1)))
    }
}

/// Trains replies to be preferred.
pub struct Preferred<'a> {
    pub spec: &'a Preference,
}

impl Stage for Preferred<'_> {
    type Row = Pair;

    fn intake(&self) -> Intake {
        PAIRS
    }

    fn scoring(&self) -> ForwardOptions {
        ForwardOptions {
            log_collision_probs: self.spec.weighting,
            ..ForwardOptions::policy()
        }
    }

    fn observe(&self, batch: &Batch<Pair>, running: &mut Running) {
        loss::observe(self.spec, &batch.pairs(), running);
    }

    fn loss(&self, batch: &Batch<Pair>, running: &Running) -> BatchLoss {
        let mut found = loss::preference(self.spec, &batch.pairs(), running);
        add_accuracy(batch, &mut found);
        add_entropy(batch, Of::All, &mut found);
        found
    }

    fn pairs(&self) -> PairScores {
        let weights: f64 = self.spec.parts.iter().map(|part| part.weight).sum();
        // rewards of sums alone are beta times what is kept
        let of_sums = !self.spec.averages() && self.spec.ld_alpha.is_none();
        PairScores {
            beta: of_sums.then_some(self.spec.beta * weights),
            ..PairScores::default()
        }
    }

    fn metric_names(&self) -> BTreeSet<String> {
        let pair = made_up();
        let found = loss::preference(self.spec, &[pair, pair], &Running::default());
        let mut all = names(&found, &[TOKEN_ACCURACY, ENTROPY]);
        all.extend(pair_metric_names());
        all
    }
}

/// A pair that a loss can be read off.
pub(super) fn made_up() -> ScoredPair<'static> {
    let side = |logps| Side {
        logps,
        mean_logits: &[0.0],
        log_collision_probs: &[-1.0],
    };
    ScoredPair {
        chosen: side(&[-1.0]),
        rejected: side(&[-2.0]),
        reference: Some(RefLogps {
            chosen: -1.0,
            rejected: -2.0,
        }),
    }
}
