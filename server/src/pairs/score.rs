//! Log-probs of the tokens of a pair that its run kept none of: the models of before and after training are loaded for it, and the
//! reference where that is another one.

use super::folder::Folder;
use super::number;
use super::tokens::reply_tokens;
use crate::ApiError;
use crate::chat::pool::{self, Pool};
use crate::chat::worker::Piece;
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use crate::runs::resolve::{self, Found};
use crate::runs::{find, moved};
use axum::extract::{Path, State};
use protocol::RunConfig;
use protocol::chat::{PairLogps, PairText};
use protocol::config::{Quantize, ReferenceSpec, check, names};
use protocol::inference::as_in_training;
use protocol::pairs::{Evaluation, Measure, PairTokens, ReplyLogps, TokenLogps, TokenReference};
use protocol::{run_dir, says};

/// How far, in nats, the log-prob of a reply of so many tokens may be from the evaluation's: it may be computed on another device, in
/// numbers of another width, whose errors add up as random ones do.
fn rounding(tokens: usize) -> f64 {
    0.1 + 0.1 * (tokens as f64).sqrt()
}

/// Tokens of a pair, kept or to be scored.
enum Tokens {
    Kept(PairTokens),
    Wanted(Box<Wanted>),
}

/// A pair whose tokens are scored by two models, and under the reference.
struct Wanted {
    pair: PairText,
    before: Scorer,
    after: Scorer,
    reference: WantedReference,
}

/// Where log-probs under the reference come from.
enum WantedReference {
    /// There is none, or it followed the policy and its weights are not kept.
    Nowhere,
    /// From the model before training, which is the reference. `Some`: what it gave the replies in an evaluation.
    Before(Option<Evaluated>),
    /// From a model of its own.
    Own(Box<Scorer>),
}

/// A model as it was after so many updates.
struct Scorer {
    base: String,
    adapters: Vec<String>,
    /// How the run loaded it, as a chat worker takes it.
    args: Vec<String>,
    step: u64,
    /// What the evaluation of then gave the replies, where there was one.
    evaluated: Option<Evaluated>,
}

/// What an evaluation gave the replies of a pair.
#[derive(Clone, Copy)]
struct Evaluated {
    /// Updates before it.
    step: u64,
    logps: ReplyLogps,
    under: Under,
}

/// Which model gave log-probs.
#[derive(Clone, Copy)]
enum Under {
    Policy,
    Reference,
}

/// The tokens of a pair, also where the run did not keep their log-probs: then the model is loaded as it was before training and
/// as the run's result has it, and the reference where it is another model, one after the other, which may take long. Where the
/// request is given up, a worker that nobody listens to is ended after a while.
#[utoipa::path(post, path = "/api/runs/{id}/pairs/{pair}/tokens", tag = "pairs", params(("id" = String, Path), ("pair" = u64, Path)), responses((status = 200, body = PairTokens)))]
pub async fn tokens(
    State(db): State<Db>,
    State(pool): State<Pool>,
    Path((id, pair)): Path<(String, String)>,
) -> ApiResult<Json<PairTokens>> {
    let run = find(&db, &id).await?;
    let wanted = match off_thread(move || found(&run, &pair)).await?? {
        Tokens::Kept(tokens) => return Ok(Json(tokens)),
        Tokens::Wanted(wanted) => *wanted,
    };
    let Wanted {
        pair, before, after, ..
    } = wanted;
    let (first_step, last_step) = (before.step, after.step);
    let first = Box::pin(before.score(&pool, &pair)).await?;
    let reference = match wanted.reference {
        WantedReference::Nowhere => None,
        WantedReference::Before(evaluated) => {
            agrees(&first, evaluated)?;
            Some(first.clone())
        }
        WantedReference::Own(model) => Some(Box::pin(model.score(&pool, &pair)).await?),
    };
    let last = Box::pin(after.score(&pool, &pair)).await?;
    let tokens = |of: fn(&PairLogps) -> &Vec<f32>| -> Vec<TokenLogps> {
        let reference = reference.as_ref().map(of);
        let both = of(&first).iter().zip(of(&last)).enumerate();
        let one = |(at, (&first, &last))| TokenLogps {
            first,
            last,
            reference: reference.and_then(|logps| logps.get(at).copied()),
        };
        both.map(one).collect()
    };
    Ok(Json(PairTokens {
        first_step,
        last_step,
        reference: match reference {
            Some(_) => TokenReference::Fixed,
            None => TokenReference::None,
        },
        chosen: reply_tokens(&pair.row.chosen, &tokens(|logps| &logps.chosen)),
        rejected: reply_tokens(&pair.row.rejected, &tokens(|logps| &logps.rejected)),
    }))
}

/// # Errors
/// There is no such pair, or nothing that could score it (yet).
fn found(run: &RunRow, pair: &str) -> ApiResult<Tokens> {
    let folder = Folder::open(&run.directory)?;
    let pair = number(pair)?;
    let head = folder.head(pair)?;
    let detail = folder.detail(pair, &head)?;
    if let Some(tokens) = detail.tokens {
        return Ok(Tokens::Kept(tokens));
    }
    if folder.about.measure == Measure::Rewards {
        return Err(ApiError::conflict(says::reward_without_tokens()));
    }
    if !run.summary.state.is_over() {
        return Err(ApiError::conflict(says::pair_while_training()));
    }
    let none = || ApiError::conflict(says::run_without_checkpoint());
    let name = resolve::default_checkpoint(run).ok_or_else(none)?;
    let step = run_dir::checkpoint_step(&name).ok_or_else(none)?;
    let config = moved::config(&run.directory).unwrap_or_default();
    if config.train_from_scratch == Some(true) {
        return Err(ApiError::conflict(says::pair_of_random_weights()));
    }
    // a start that the run computed of its data is kept nowhere
    let computed = [
        ("rope_scaling", config.rope_scaling.is_some()),
        (
            "init_lora_weights",
            config.init_lora_weights.as_deref() == Some("loftq"),
        ),
    ];
    if let Some((key, _)) = computed.into_iter().find(|(_, is_set)| *is_set) {
        return Err(ApiError::conflict(says::pair_start_not_kept(key)));
    }
    let (base, adapters) = match resolve::checkpoint(run, Some(&name)).map_err(ApiError::conflict)? {
        Found::Folder(path) | Found::Full { path, .. } => (path.display().to_string(), vec![]),
        Found::Adapter { base, chain, .. } => (base, chain),
    };
    let start = config
        .model_name_or_path
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let start = start.ok_or_else(|| ApiError::conflict(says::run_without_base(&run.summary.name)))?;
    let under = names(config.adapter_name_or_path.as_deref())
        .map(str::to_owned)
        .collect();
    let evaluated = |evaluation: &Evaluation| Evaluated {
        step: evaluation.step,
        logps: evaluation.policy,
        under: Under::Policy,
    };
    let scorer = |base: String, adapters, step| Scorer {
        base,
        adapters,
        args: as_in_training(&config),
        step,
        evaluated: detail.evaluations.iter().find(|of| of.step == step).map(evaluated),
    };
    Ok(Tokens::Wanted(Box::new(Wanted {
        before: scorer(start.to_owned(), under, 0),
        after: scorer(base, adapters, step),
        reference: reference(&config, start, detail.evaluations.last()),
        pair: PairText {
            row: detail.row,
            hash: head.hash,
        },
    })))
}

/// Where the log-probs under the run's reference come from. `start`: what its config calls the model.
fn reference(config: &RunConfig, start: &str, evaluation: Option<&Evaluation>) -> WantedReference {
    let evaluated = evaluation.and_then(|evaluation| {
        Some(Evaluated {
            step: evaluation.step,
            logps: evaluation.reference?,
            under: Under::Reference,
        })
    });
    let spec = check(config).spec;
    match spec.as_ref().map(|spec| spec.method.reference()) {
        Err(_) | Ok(ReferenceSpec::Nothing | ReferenceSpec::Following { .. }) => WantedReference::Nowhere,
        Ok(ReferenceSpec::Start { .. }) => WantedReference::Before(evaluated),
        Ok(ReferenceSpec::Model {
            path,
            adapters,
            quantize,
            ..
        }) => {
            // the run's own model is packed as the run packs it, if nothing is said
            let packs_as_run = path.is_none() && quantize.is_none();
            let config = match packs_as_run {
                true => config.clone(),
                false => RunConfig {
                    quantization_bit: quantize.map(Quantize::bits),
                    ..config.clone()
                },
            };
            WantedReference::Own(Box::new(Scorer {
                base: path.as_deref().unwrap_or(start).to_owned(),
                adapters: adapters.clone(),
                args: as_in_training(&config),
                step: evaluation.map_or(0, |evaluation| evaluation.step),
                evaluated,
            }))
        }
    }
}

impl Scorer {
    /// # Errors
    /// The model can't be loaded, the pair's tokens are not found again, or its numbers are none that the run's evaluation had.
    async fn score(self, pool: &Pool, pair: &PairText) -> ApiResult<PairLogps> {
        let model = pool.model_of_run(&self.base, &self.adapters, self.args).await?;
        let worker = pool.loading(model).await?;
        pool::wait_until_loaded(&worker).await?;
        let logps = match worker.score(pair.clone()).next().await {
            Some(Piece::Scored(logps)) => logps,
            Some(Piece::Error(said)) => return Err(ApiError::conflict(said)),
            Some(Piece::Delta(_) | Piece::Done { .. }) | None => {
                return Err(ApiError::unavailable(says::worker_ended()));
            }
        };
        agrees(&logps, self.evaluated)?;
        Ok(logps)
    }
}

/// # Errors
/// The log-probs are none that the run's evaluation had.
fn agrees(logps: &PairLogps, evaluated: Option<Evaluated>) -> ApiResult<()> {
    let Some(evaluated) = evaluated else {
        return Ok(());
    };
    let (step, of) = (evaluated.step, evaluated.logps);
    for (logps, kept) in [(&logps.chosen, of.chosen), (&logps.rejected, of.rejected)] {
        let sum: f64 = logps.iter().map(|&logp| f64::from(logp)).sum();
        let apart = (sum - f64::from(kept)).abs();
        // not a number is no agreement
        if apart.is_nan() || apart > rounding(logps.len()) {
            let [sum, kept] = [sum, f64::from(kept)].map(|logp| format!("{logp:.2}"));
            return Err(ApiError::conflict(match evaluated.under {
                Under::Policy => says::pair_scored_otherwise(step, sum, kept),
                Under::Reference => says::pair_reference_otherwise(step, sum, kept),
            }));
        }
    }
    Ok(())
}
