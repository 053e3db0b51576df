//! `evaluate`: what a model makes of a data set.

mod outcome;

use super::{drawn_by, print_json};
use crate::data::{self, Dataset, Encoder, Intake};
use crate::error::{Error, Result};
use crate::evaluate::{EvalSet, evaluate};
use crate::files;
use crate::loss::Running;
use crate::model::Model;
use crate::model_args::{DeviceArgs, ModelArgs, WordingArgs};
use crate::ops::Engine;
use crate::pairs::Recording;
use crate::predict::{EXPECTED, Prediction};
use crate::reference::Reference;
use crate::session::{encoder, load_frozen, load_scorer};
use crate::stage::{self, LABELLED, PAIRS, RANKED};
use crate::stop;
use crate::weights::Weights;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use outcome::Outcome;
use protocol::config::{DataSpec, Method, Mixing, Packing, Reward, SamplingSpec, TokenWeights, ValSize};
use protocol::evaluation::{Found, Scored};
use protocol::event::{Phase, TrainEvent};
use protocol::says;
use std::path::PathBuf;
use std::time::Instant;

#[derive(Args)]
pub struct Evaluate {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    wording: WordingArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Names in dataset_info.json, or files
    #[arg(long, required = true, value_delimiter = ',')]
    dataset: Vec<String>,
    #[arg(long, default_value = "data")]
    dataset_dir: String,
    #[arg(long, default_value_t = 2048)]
    cutoff_len: usize,
    #[arg(long)]
    max_samples: Option<usize>,
    /// Rows at a time
    #[arg(long, default_value_t = 8, value_parser = from_one())]
    batch_size: usize,
    /// Write replies too, and compare them with the expected ones: BLEU-4 and ROUGE, as predict_with_generate does
    #[arg(long)]
    predict: bool,
    /// Tokens of a written reply, at most
    #[arg(long, default_value_t = 512, value_parser = from_one(), requires = "predict")]
    max_new_tokens: usize,
    /// 0 takes the likeliest token
    #[arg(long, default_value_t = 0.0, value_parser = |text: &str| drawn_by("temperature", text), requires = "predict")]
    temperature: f64,
    #[arg(long, default_value_t = 0.7, value_parser = |text: &str| drawn_by("top_p", text), requires = "predict")]
    top_p: f64,
    #[arg(long, default_value_t = 42, requires = "predict")]
    seed: u64,
    /// Folder for generated_predictions.jsonl, predict_results.json and the results of single pairs
    #[arg(long, value_parser = files::at_home, required_if_eq("predict", "true"))]
    out: Option<PathBuf>,
    /// JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Tell progress in JSON lines
    #[arg(long, hide = true)]
    progress: bool,
}

fn from_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

impl Evaluate {
    fn engine(&self, weights: &Weights) -> Result<Engine> {
        self.device.engine(weights, (self.batch_size * self.cutoff_len) as u64)
    }

    fn sampling(&self) -> SamplingSpec {
        SamplingSpec {
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: 50,
            repetition_penalty: 1.0,
            max_new_tokens: self.max_new_tokens,
        }
    }

    /// Tells where it is, but not more often than anyone looks; an error where it is asked to stop.
    fn ticker(&self, phase: Phase, total: usize) -> impl FnMut(usize) -> Result<()> {
        let (mut told, progress) = (None::<Instant>, self.progress);
        move |done| {
            let due = told.is_none_or(|told| told.elapsed().as_millis() >= 200);
            if progress && (due || done == total) {
                told = Some(Instant::now());
                print_json(&TrainEvent::Phase {
                    phase,
                    done: done as u64,
                    total: total as u64,
                })?;
            }
            stop::check()
        }
    }
}

pub fn scores(args: &Evaluate) -> Result<()> {
    args.ticker(Phase::Loading, 1)(0)?;
    let weights = args.model.weights()?;
    let wording = weights.worded(&args.wording.over(&args.model)?);
    let encoder = encoder(&weights, &wording, false)?;
    let spec = DataSpec {
        dataset: args.dataset.clone(),
        eval_dataset: vec![],
        dataset_dir: args.dataset_dir.clone(),
        wording,
        cutoff_len: args.cutoff_len,
        max_samples: args.max_samples,
        mixing: Mixing::Concat,
        streaming: None,
        val_size: ValSize::None,
        shuffle: false,
        by_length: false,
        order_seed: None,
        tokenized_path: None,
        pair_marks: None,
    };
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).map_err(Error::io(out))?;
    }
    let Scoring { intake, of: scored } = scoring(&spec, weights.scores()?)?;
    let method = method(scored);
    let rows = Rows::load(&spec, intake, &encoder)?;
    let expected = match (args.predict, scored) {
        (false, _) => None,
        (true, Scored::Rewards | Scored::Texts) => return Err(Error::invalid(says::nothing_to_predict())),
        (true, Scored::Pairs | Scored::Replies) => Some(Rows::load(&spec, EXPECTED, &encoder)?),
    };
    let engine = args.engine(&weights)?;
    let mut model = match scored {
        Scored::Rewards => load_scorer(&weights, &engine)?,
        _ => load_frozen(&weights, &engine)?,
    };
    let mut outcome = score(args, &rows, &method, &mut model, scored)?;
    if outcome.has_pairs() {
        outcome.name_pairs(&rows.rows, &encoder)?;
    }
    if let Some(expected) = expected {
        let written = write(args, &expected, &encoder, &mut model)?;
        outcome.found.metrics.extend(written);
    }
    outcome.keep(args.out.as_deref())?;
    match args.json {
        true => outcome.print_json(),
        false => outcome.print_table(),
    }
}

/// What a data set's rows are scored as.
struct Scoring {
    intake: Intake,
    of: Scored,
}

/// What is made of the rows, by the first kind that all data sets are of.
///
/// # Errors
/// They are of no such kind; the error is what they lack as replies.
fn scoring(spec: &DataSpec, scorer: bool) -> Result<Scoring> {
    if scorer {
        return Ok(Scoring {
            intake: RANKED,
            of: Scored::Rewards,
        });
    }
    let check = |intake| {
        let mut names = spec.dataset.iter();
        names.try_for_each(|name| data::found(spec, intake, name).map(drop))
    };
    if let Some(intake) = [PAIRS, LABELLED].into_iter().find(|intake| check(*intake).is_ok()) {
        return Ok(Scoring {
            intake,
            of: Scored::Pairs,
        });
    }
    let replies = stage::intake(&method(Scored::Replies));
    let texts = stage::intake(&method(Scored::Texts));
    match (check(replies), check(texts)) {
        (Ok(()), _) => Ok(Scoring {
            intake: replies,
            of: Scored::Replies,
        }),
        (Err(_), Ok(())) => Ok(Scoring {
            intake: texts,
            of: Scored::Texts,
        }),
        (Err(why), Err(_)) => Err(why.into()),
    }
}

fn method(scored: Scored) -> Method {
    match scored {
        Scored::Rewards => Method::Reward(Reward { head_dropout: 0.0 }),
        Scored::Texts => Method::Pretrain {
            packing: false,
            noise: 0.0,
        },
        Scored::Replies | Scored::Pairs => Method::Supervised {
            train_on_prompt: false,
            mask_history: false,
            packing: Packing::No,
            noise: 0.0,
            weights: TokenWeights::Even,
            accuracy: false,
        },
    }
}

/// Rows in tokens, and how many there are that can't be used, or were cut.
struct Rows {
    rows: Dataset,
    left_out: u64,
    cut: u64,
}

impl Rows {
    fn load(spec: &DataSpec, intake: Intake, encoder: &Encoder) -> Result<Self> {
        let loaded = data::load_with(spec, intake, 0, encoder, |_, _| stop::check())?;
        Ok(Self {
            rows: loaded.train,
            left_out: loaded.reports.iter().map(|report| report.bad_total).sum(),
            cut: loaded.reports.iter().map(|report| report.cut).sum(),
        })
    }
}

fn score(args: &Evaluate, rows: &Rows, method: &Method, model: &mut Model, scored: Scored) -> Result<Outcome> {
    let held = EvalSet {
        dataset: &rows.rows,
        method,
        batch: args.batch_size,
        running: Running::default(),
        router_loss: None,
    };
    let pairs = match args.out.is_some() && matches!(scored, Scored::Pairs | Scored::Rewards) {
        true => rows.rows.pairs()?.len(),
        false => 0,
    };
    let mut recording = (pairs > 0).then(|| Recording::of_all(pairs));
    let tick = args.ticker(Phase::Evaluating, rows.rows.len());
    let mut metrics = evaluate(&held, model, &mut Reference::None, recording.as_mut(), tick)?;
    if let Some((name, value)) = metrics.iter().find(|(_, value)| !value.is_finite()) {
        return Err(Error::invalid(says::not_finite_score(name, *value)));
    }
    let perplexity = metrics.get("eval_loss").map(|loss| loss.exp());
    if let Some(perplexity) = perplexity.filter(|value| value.is_finite() && scored != Scored::Rewards) {
        metrics.insert("perplexity".into(), perplexity);
    }
    let found = Found {
        rows: rows.rows.len() as u64,
        of: scored,
        left_out: rows.left_out,
        cut: rows.cut,
        metrics,
    };
    Outcome::new(found, recording)
}

/// Writes replies and their file; the scores of likeness, by name.
fn write(args: &Evaluate, rows: &Rows, encoder: &Encoder, model: &mut Model) -> Result<Vec<(String, f64)>> {
    let Some(out) = &args.out else { return Ok(vec![]) };
    let prediction = Prediction {
        rows: &rows.rows,
        encoder,
        sampling: args.sampling(),
        seed: args.seed,
    };
    let tick = args.ticker(Phase::Predicting, rows.rows.len());
    let written = prediction.write(model, out, tick)?;
    written.keep(out, args.batch_size)?;
    let means = written.means.into_iter();
    Ok(means.map(|(name, value)| (format!("predict_{name}"), value)).collect())
}
