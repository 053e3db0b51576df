//! Stages, a file each: which rows of data sets it takes and what it makes of one, the loss of a scored batch, and what its evaluations
//! tell. [`of`] and [`evaluating`] are the places that know which stage a method is; a stage is never given another one's rows.

mod batch;
mod feedback;
pub mod ppo;
mod preference;
mod pretrain;
mod reward;
mod supervised;
mod tokens;

pub use batch::{Batch, Evaluation, ScoredBatch};
pub use feedback::LABELLED;
pub use preference::PAIRS;
pub use pretrain::texts;
pub use reward::RANKED;
pub use supervised::conversations;
pub use tokens::{ENTROPY, TOKEN_ACCURACY};

use crate::data::{Examples, Intake, Labelled, LossMask, Pair, Sequence};
use crate::error::{Error, Result};
use crate::loss::{self, BatchLoss, Running};
use crate::model::ForwardOptions;
use crate::plan::{Layout, Plan};
use feedback::Feedback;
use preference::Preferred;
use pretrain::Pretrain;
use protocol::config::{Method, Packing, Ppo, ReferenceSpec};
use protocol::data::DataKind;
use protocol::metric::eval_name;
use protocol::pairs::{About, Measure};
use reward::Reward;
use std::collections::BTreeSet;
use supervised::Supervised;

/// A row in tokens, as batches are made of it.
pub trait Row: Sized {
    /// How many sequences of a plan a row is; the first is what cross entropy teaches.
    const SEQUENCES: usize;

    /// The rows of a micro-batch; `None`: they are of another kind.
    fn of(examples: &Examples) -> Option<&[Self]>;

    fn plan(rows: &[Self], layout: Layout) -> Result<Plan>;

    /// Tokens whose log-prob counts in cross entropy.
    fn counted(&self) -> usize;

    /// What evaluations tell of such rows, by whatever stage they are scored.
    fn compare(batch: &Batch<Self>, evaluation: &mut Evaluation) -> Result<()>;
}

/// What is kept of each held-out pair.
pub struct PairScores {
    pub measure: Measure,
    /// A reward is this times what is kept, beside a reference.
    pub beta: Option<f64>,
}

impl Default for PairScores {
    fn default() -> Self {
        Self {
            measure: Measure::LogProbs,
            beta: None,
        }
    }
}

/// What a stage does: from the rows of data sets to the loss of a micro-batch.
pub trait Stage {
    type Row: Row;

    /// Which rows it takes, and what it makes of one: [`Self::Row`]s.
    fn intake(&self) -> Intake;

    /// A pass of the policy that gives what the loss is made of.
    fn scoring(&self) -> ForwardOptions {
        ForwardOptions::policy()
    }

    /// What a micro-batch's loss counts for in the loss of a step of so many.
    fn share(&self, micro_batches: usize) -> f64 {
        1.0 / micro_batches as f64
    }

    /// Takes a batch that is trained on into the running mean, before its loss.
    fn observe(&self, _batch: &Batch<Self::Row>, _running: &mut Running) {}

    fn loss(&self, batch: &Batch<Self::Row>, running: &Running) -> BatchLoss;

    /// Tells an evaluation of a batch what it tells beside its loss.
    fn evaluate(&self, batch: &Batch<Self::Row>, evaluation: &mut Evaluation) -> Result<()> {
        Self::Row::compare(batch, evaluation)
    }

    /// What is kept of the pairs it is scored on.
    fn pairs(&self) -> PairScores {
        PairScores::default()
    }

    /// Names of all that evaluations can tell. Which of them there are may depend on the rows and on the model.
    fn metric_names(&self) -> BTreeSet<String>;
}

/// A stage of any rows: those it is given are its own, or there is an error.
pub trait AnyStage {
    fn intake(&self) -> Intake;
    fn scoring(&self) -> ForwardOptions;
    fn share(&self, micro_batches: usize) -> f64;
    fn observe(&self, batch: &ScoredBatch, running: &mut Running) -> Result<()>;
    fn loss(&self, batch: &ScoredBatch, running: &Running) -> Result<BatchLoss>;
    fn evaluate(&self, batch: &ScoredBatch, evaluation: &mut Evaluation) -> Result<()>;
    fn pairs(&self) -> PairScores;
    fn metric_names(&self) -> BTreeSet<String>;
}

impl<S: Stage> AnyStage for S {
    fn intake(&self) -> Intake {
        Stage::intake(self)
    }

    fn scoring(&self) -> ForwardOptions {
        Stage::scoring(self)
    }

    fn share(&self, micro_batches: usize) -> f64 {
        Stage::share(self, micro_batches)
    }

    fn observe(&self, batch: &ScoredBatch, running: &mut Running) -> Result<()> {
        Stage::observe(self, &batch.of_rows()?, running);
        Ok(())
    }

    fn loss(&self, batch: &ScoredBatch, running: &Running) -> Result<BatchLoss> {
        Ok(Stage::loss(self, &batch.of_rows()?, running))
    }

    fn evaluate(&self, batch: &ScoredBatch, evaluation: &mut Evaluation) -> Result<()> {
        Stage::evaluate(self, &batch.of_rows()?, evaluation)
    }

    fn pairs(&self) -> PairScores {
        Stage::pairs(self)
    }

    fn metric_names(&self) -> BTreeSet<String> {
        Stage::metric_names(self)
    }
}

/// How a method trains.
pub enum Training<'a> {
    /// On rows as they are.
    OnRows(Box<dyn AnyStage + 'a>),
    /// On replies that are written to them first; [`ppo::step`].
    OnReplies(&'a Ppo),
}

/// What a method trains by.
pub fn of(method: &Method) -> Training<'_> {
    Training::OnRows(match method {
        &Method::Pretrain { packing, .. } => Box::new(Pretrain { packing }),
        &Method::Supervised {
            train_on_prompt,
            mask_history,
            packing,
            weights,
            accuracy,
            noise: _,
        } => {
            let mask = match (train_on_prompt, mask_history) {
                (true, _) => LossMask::Everything,
                (false, true) => LossMask::LastReply,
                (false, false) => LossMask::Replies,
            };
            let intake = conversations(mask, packing);
            Box::new(Supervised::<Sequence>::new(intake, weights, accuracy))
        }
        Method::Preference(spec) => Box::new(Preferred { spec }),
        Method::Kto(spec) => Box::new(Feedback { spec }),
        Method::Reward(_) => Box::new(Reward),
        Method::Ppo(spec) => return Training::OnReplies(spec),
    })
}

/// What a method takes of data sets.
pub fn intake(method: &Method) -> Intake {
    match of(method) {
        Training::OnRows(stage) => stage.intake(),
        Training::OnReplies(_) => ppo::PROMPTS,
    }
}

/// What learns from rows of this kind as they are, by which they are shown.
pub fn learning(kind: DataKind, mask: LossMask) -> Intake {
    match kind {
        DataKind::Preference => PAIRS,
        DataKind::Instruction => conversations(mask, Packing::No),
        DataKind::Text => texts(false),
        DataKind::Unpaired => LABELLED,
        DataKind::Prompts => ppo::PROMPTS,
    }
}

/// What a method's held-out pairs say of themselves before they are counted; `None`: it keeps none.
pub fn about_pairs(method: &Method) -> Option<About> {
    let PairScores { measure, beta } = match of(method) {
        Training::OnRows(stage) => stage.pairs(),
        Training::OnReplies(_) => return None,
    };
    let reference = *method.reference() != ReferenceSpec::Nothing;
    Some(About {
        measure,
        reference,
        reference_follows: matches!(method.reference(), ReferenceSpec::Following { .. }),
        beta: beta.filter(|_| reference),
        ..About::default()
    })
}

/// What held-out rows are scored by: supervised training by pairs and labelled replies too, whose chosen side it counts with.
///
/// # Errors
/// The method scores replies that it writes.
pub fn evaluating<'a>(method: &'a Method, examples: &Examples) -> Result<Box<dyn AnyStage + 'a>> {
    if let &Method::Supervised { weights, accuracy, .. } = method {
        match examples {
            Examples::Pairs(_) => return Ok(Box::new(Supervised::<Pair>::new(PAIRS, weights, accuracy))),
            Examples::Labelled(_) => return Ok(Box::new(Supervised::<Labelled>::new(LABELLED, weights, accuracy))),
            Examples::Sequences(_) | Examples::Ranked(_) | Examples::Prompts(_) => {}
        }
    }
    match of(method) {
        Training::OnRows(stage) => Ok(stage),
        Training::OnReplies(_) => Err(Error::internal("stage ppo scores the replies that it writes")),
    }
}

/// A pass of the policy that gives what a method's loss is made of.
pub fn scoring(method: &Method) -> ForwardOptions {
    match of(method) {
        Training::OnRows(stage) => stage.scoring(),
        Training::OnReplies(_) => ForwardOptions::policy(),
    }
}

/// Names of all that evaluations of a method can tell.
pub fn metric_names(method: &Method) -> BTreeSet<String> {
    match of(method) {
        Training::OnRows(stage) => stage.metric_names(),
        Training::OnReplies(_) => ppo::METRICS.map(str::to_owned).into(),
    }
}

/// Names of what evaluations tell of a loss like this one, and of these beside it.
fn names(found: &BatchLoss, beside: &[&str]) -> BTreeSet<String> {
    let of_tokens = found.weighted.iter().map(|mean| mean.name);
    let own = found.values.keys().copied().chain(of_tokens);
    let own = own.chain(["loss", "aux_loss"]).chain(beside.iter().copied());
    own.map(eval_name).collect()
}

/// Names of what evaluations tell of pairs.
fn pair_metric_names() -> impl Iterator<Item = String> {
    loss::preferences_of(&[]).into_keys().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scored;
    use protocol::RunConfig;
    use protocol::config::check;

    fn method(stage: &str) -> Method {
        let config = format!("model_name_or_path: m\nstage: {stage}\ndataset: d\noutput_dir: o\nreward_model: r\n");
        let spec = check(&RunConfig::parse(&config).config).spec;
        spec.expect("a config").method
    }

    fn takes(stage: &dyn AnyStage, examples: &Examples) -> bool {
        let (plan, scored) = (Plan::new(Layout::default()), Scored::default());
        let batch = ScoredBatch {
            examples,
            plan: &plan,
            scored: &scored,
            reference: None,
            tokens: 1,
        };
        stage.observe(&batch, &mut Running::default()).is_ok()
    }

    #[test]
    fn a_stage_takes_its_own_rows_and_no_others() {
        let kinds = [
            ("pairs", Examples::Pairs(vec![])),
            ("ranked", Examples::Ranked(vec![])),
            ("labelled", Examples::Labelled(vec![])),
            ("sequences", Examples::Sequences(vec![])),
            ("prompts", Examples::Prompts(vec![])),
        ];
        for (stage, trains, scores) in [
            ("pt", &["sequences"][..], &["sequences"][..]),
            ("sft", &["sequences"], &["pairs", "labelled", "sequences"]),
            ("dpo", &["pairs"], &["pairs"]),
            ("kto", &["labelled"], &["labelled"]),
            ("rm", &["ranked"], &["ranked"]),
            ("ppo", &[], &[]),
        ] {
            let method = method(stage);
            assert_eq!(intake(&method).stage.name(), stage);
            for (name, examples) in &kinds {
                let trained = match of(&method) {
                    Training::OnRows(stage) => takes(&*stage, examples),
                    Training::OnReplies(_) => false,
                };
                assert_eq!(trained, trains.contains(name), "{stage} trains on {name}");
                let scored = evaluating(&method, examples).is_ok_and(|stage| takes(&*stage, examples));
                assert_eq!(scored, scores.contains(name), "{stage} is scored on {name}");
            }
        }
    }
}
