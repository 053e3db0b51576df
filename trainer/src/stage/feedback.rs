//! Stage `kto`: replies labelled good or bad, each beside a mismatched one.

use super::preference::made_up;
use super::tokens::{Of, add_entropy};
use super::{Batch, ENTROPY, Evaluation, PairScores, Row, Stage, names, pair_metric_names};
use crate::data::rows;
use crate::data::{self, Example, Examples, Intake, Labelled, RowEncoding, RowKind, RowReport, encode, tokenized};
use crate::error::Result;
use crate::loss::{self, BatchLoss, Labels, Running};
use crate::plan::{LabelledTokens, Layout, Plan};
use protocol::config::Kto;
use std::collections::BTreeSet;

/// Single replies labelled good or bad, of which the cut-off leaves something; pairs are taken apart.
pub const LABELLED: Intake = Intake {
    kept_as: |_| "Feedback".to_owned(),
    ..Intake::rows(
        protocol::Stage::Kto,
        RowKind::Labelled,
        encode_labelled,
        tokenized::labelled,
    )
};

fn encode_labelled(row: &rows::Row, by: RowEncoding) -> data::Result<(Example, RowReport)> {
    let (labelled, row_report) = encode::labelled(by.encoder, row, by.cutoff)?;
    match labelled.reply.is_empty() {
        true => Err(by.no_reply_left()),
        false => Ok((Example::Labelled(labelled), row_report)),
    }
}

impl Row for Labelled {
    const SEQUENCES: usize = 2;

    fn of(examples: &Examples) -> Option<&[Self]> {
        match examples {
            Examples::Labelled(rows) => Some(rows),
            Examples::Pairs(_) | Examples::Ranked(_) | Examples::Sequences(_) | Examples::Prompts(_) => None,
        }
    }

    fn plan(rows: &[Self], layout: Layout) -> Result<Plan> {
        let rows = rows.iter().map(|row| LabelledTokens {
            prompt: &row.prompt,
            reply: &row.reply,
            other_prompt: &row.other_prompt,
            other_reply: &row.other_reply,
        });
        Plan::new(layout).with_labelled(&rows.collect::<Vec<_>>())
    }

    /// Its own reply's.
    fn counted(&self) -> usize {
        self.reply.len()
    }

    /// As pairs, where both replies of one that was taken apart are there.
    fn compare(batch: &Batch<Self>, evaluation: &mut Evaluation) -> Result<()> {
        for (i, row) in batch.rows.iter().enumerate() {
            let Some((chosen, rejected)) = evaluation.apart.add_reply(row, batch.reply(2 * i)) else {
                continue;
            };
            let margin = chosen.average() - rejected.average();
            evaluation.means.add_all(&loss::preferences_of(&[margin]), 1.0);
            if let Some(recording) = &mut evaluation.recording {
                recording.pair(&chosen, &rejected)?;
            }
        }
        Ok(())
    }
}

/// Trains on what was said of single replies.
pub struct Feedback<'a> {
    pub spec: &'a Kto,
}

fn good(batch: &Batch<Labelled>) -> Vec<bool> {
    batch.rows.iter().map(|row| row.good).collect()
}

impl Stage for Feedback<'_> {
    type Row = Labelled;

    fn intake(&self) -> Intake {
        LABELLED
    }

    fn observe(&self, batch: &Batch<Labelled>, running: &mut Running) {
        let labels = Labels {
            rows: &batch.pairs(),
            good: &good(batch),
        };
        labels.observe(self.spec, running);
    }

    fn loss(&self, batch: &Batch<Labelled>, running: &Running) -> BatchLoss {
        let labels = Labels {
            rows: &batch.pairs(),
            good: &good(batch),
        };
        let mut found = labels.loss(self.spec, running);
        // the mismatched reply is no part of it
        add_entropy(batch, Of::Taught, &mut found);
        found
    }

    fn pairs(&self) -> PairScores {
        PairScores {
            beta: Some(self.spec.beta),
            ..PairScores::default()
        }
    }

    fn metric_names(&self) -> BTreeSet<String> {
        let row = made_up();
        let labels = Labels {
            rows: &[row, row],
            good: &[true, false],
        };
        let found = labels.loss(self.spec, &Running::default());
        let mut all = names(&found, &[ENTROPY, "rewards/margins"]);
        all.extend(pair_metric_names());
        all
    }
}
