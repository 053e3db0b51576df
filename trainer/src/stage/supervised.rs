//! Stage `sft`: cross entropy over the replies of conversations; held-out pairs and labelled replies count with the chosen one.

use super::preference::PAIRS;
use super::tokens::{Of, add_accuracy, add_entropy};
use super::{Batch, ENTROPY, Evaluation, Row, Stage, TOKEN_ACCURACY, names, pair_metric_names};
use crate::data::rows::{self, Replies};
use crate::data::{
    self, DataError, Example, Examples, Intake, LossMask, RowEncoding, RowForm, RowKind, RowReport, Sequence, encode,
    tokenized,
};
use crate::error::Result;
use crate::loss::{self, BatchLoss, Running, Tokens};
use crate::model::{ForwardOptions, Scored};
use crate::plan::{Layout, Plan, SeqTokens};
use protocol::config::{Packing, TokenWeights};
use protocol::metric::eval_name;
use protocol::says;
use std::collections::BTreeSet;
use std::marker::PhantomData;

/// Conversations with a reply to learn, cut-off and `mask` allowing; packed where that is asked for.
pub const fn conversations(mask: LossMask, packing: Packing) -> Intake {
    Intake {
        mask,
        form: match packing {
            Packing::No => RowForm::Rows,
            Packing::Plain => RowForm::Packed { joined: true },
            Packing::Neat => RowForm::Packed { joined: false },
        },
        held_out_pairs: Some(&PAIRS),
        kept_as: |intake| {
            let packing = match intake.form {
                RowForm::Packed { joined: true } => Packing::Plain,
                RowForm::Packed { joined: false } => Packing::Neat,
                RowForm::Rows | RowForm::Cut | RowForm::Blocks => Packing::No,
            };
            format!("Supervised {{ mask: {:?}, packing: {packing:?} }}", intake.mask)
        },
        ..Intake::rows(
            protocol::Stage::Supervised,
            RowKind::Sequences,
            encode_conversation,
            tokenized::conversations,
        )
    }
}

fn encode_conversation(row: &rows::Row, by: RowEncoding) -> data::Result<(Example, RowReport)> {
    let (sequence, row_report) = encode::conversation(by.encoder, row, by.mask, by.cutoff)?;
    if sequence.counted() == 0 {
        return Err(match &row.replies {
            Replies::One(last) if !last.learned => DataError::row(says::counted_not_learned()),
            _ => by.no_reply_left(),
        });
    }
    Ok((Example::Sequence(sequence), row_report))
}

impl Row for Sequence {
    const SEQUENCES: usize = 1;

    fn of(examples: &Examples) -> Option<&[Self]> {
        match examples {
            Examples::Sequences(rows) => Some(rows),
            Examples::Pairs(_) | Examples::Ranked(_) | Examples::Labelled(_) | Examples::Prompts(_) => None,
        }
    }

    fn plan(rows: &[Self], layout: Layout) -> Result<Plan> {
        let runs: Vec<_> = rows.iter().flat_map(|row| row.examples()).collect();
        let sequences = runs.iter().map(|run| {
            let (tokens, counts) = (run.tokens, run.counts);
            (SeqTokens { tokens, counts }, run.lengths)
        });
        let mut plan = Plan::new(layout).with_packed(&sequences.collect::<Vec<_>>())?;
        for (sequence, run) in runs.iter().enumerate() {
            for end in &run.ends {
                // rows are the tokens that count, but for the first, which is predicted by nothing
                let before = (1..end.at).filter(|&t| run.counts[t]).count();
                plan.retarget(sequence, before, end.token);
            }
        }
        Ok(plan)
    }

    fn counted(&self) -> usize {
        Self::counted(self)
    }

    /// They are no pairs.
    fn compare(_batch: &Batch<Self>, _evaluation: &mut Evaluation) -> Result<()> {
        Ok(())
    }
}

/// On rows of whatever kind has a reply to learn.
pub struct Supervised<R> {
    intake: Intake,
    weights: TokenWeights,
    /// Evaluations tell the share of tokens that the model would have chosen.
    accuracy: bool,
    rows: PhantomData<R>,
}

impl<R> Supervised<R> {
    pub fn new(intake: Intake, weights: TokenWeights, accuracy: bool) -> Self {
        Self {
            intake,
            weights,
            accuracy,
            rows: PhantomData,
        }
    }
}

impl<R: Row> Stage for Supervised<R> {
    type Row = R;

    fn intake(&self) -> Intake {
        self.intake
    }

    fn scoring(&self) -> ForwardOptions {
        ForwardOptions {
            top_entropies: matches!(self.weights, TokenWeights::Entropy { .. }),
            ..ForwardOptions::policy()
        }
    }

    fn share(&self, _micro_batches: usize) -> f64 {
        WHOLE
    }

    fn loss(&self, batch: &Batch<R>, _running: &Running) -> BatchLoss {
        cross_entropy(self.weights, batch)
    }

    fn evaluate(&self, batch: &Batch<R>, evaluation: &mut Evaluation) -> Result<()> {
        if self.accuracy {
            for share in hits(batch.plan, batch.scored) {
                evaluation.means.add(&eval_name("accuracy"), share, 1.0);
            }
        }
        R::compare(batch, evaluation)
    }

    fn metric_names(&self) -> BTreeSet<String> {
        let mut all = token_metric_names();
        all.extend(self.accuracy.then(|| eval_name("accuracy")));
        all.extend(pair_metric_names());
        all
    }
}

/// Cross entropy is divided by the tokens of the whole step already.
pub(super) const WHOLE: f64 = 1.0;

/// Of the sequences that a batch teaches, over as many tokens as the batch's step has.
pub(super) fn cross_entropy<R: Row>(weights: TokenWeights, batch: &Batch<R>) -> BatchLoss {
    let taught = (0..batch.plan.sequence_count()).step_by(R::SEQUENCES);
    let rows = taught.map(|sequence| batch.plan.sequence_rows(sequence));
    let of = |all: &[f32]| -> Vec<f32> {
        let rows = rows.clone().filter_map(|rows| all.get(rows));
        rows.flatten().copied().collect()
    };
    let tokens = Tokens {
        logps: &of(&batch.scored.logps),
        entropies: &of(&batch.scored.top_entropies),
    };
    let mut found = loss::supervised(weights, tokens, batch.tokens);
    add_accuracy(batch, &mut found);
    add_entropy(batch, Of::Taught, &mut found);
    found
}

/// Names of what an evaluation by cross entropy tells.
pub(super) fn token_metric_names() -> BTreeSet<String> {
    let one = Tokens {
        logps: &[-1.0],
        entropies: &[],
    };
    names(
        &loss::supervised(TokenWeights::Even, one, 1),
        &[TOKEN_ACCURACY, ENTROPY],
    )
}

/// Of each sequence, the share of its counted tokens that are the likeliest.
fn hits(plan: &Plan, scored: &Scored) -> Vec<f64> {
    let of = |sequence| {
        let rows = plan.sequence_rows(sequence);
        let hits = rows.clone().filter(|&row| scored.is_likeliest(row)).count();
        (!rows.is_empty()).then(|| hits as f64 / rows.len() as f64)
    };
    (0..plan.sequence_count()).filter_map(of).collect()
}
