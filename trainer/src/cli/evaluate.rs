//! `evaluate`: what a model makes of a data set.

use super::print_json;
use crate::asked::{DeviceArgs, ModelArgs, WordingArgs};
use crate::data::{self, Dataset, Encoder, Task};
use crate::error::{Error, Result};
use crate::evaluate::{EvalSet, evaluate};
use crate::loss::Running;
use crate::model::Model;
use crate::ops::Engine;
use crate::reference::Reference;
use crate::session::{encoder, load_frozen, load_scorer};
use crate::weights::Weights;
use crate::{stop, terminal};
use clap::Args;
use protocol::config::{DataSpec, Method, Mixing, Packing, Reward, TokenWeights, ValSize};
use protocol::says;
use serde_json::json;
use std::ops::ControlFlow;

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
    #[arg(long, default_value_t = 8)]
    batch_size: usize,
    /// JSON instead of a table
    #[arg(long)]
    json: bool,
}

impl Evaluate {
    fn engine(&self, weights: &Weights) -> Result<Engine> {
        self.device
            .engine(weights, (self.batch_size.max(1) * self.cutoff_len) as u64)
    }
}

pub fn scores(args: &Evaluate) -> Result<()> {
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
    };
    let method = Method::Supervised {
        train_on_prompt: false,
        mask_history: false,
        packing: Packing::No,
        noise: 0.0,
        weights: TokenWeights::Even,
        accuracy: false,
    };
    if weights.scores()? {
        return reward_scores(args, &weights, &loaded(&spec, Task::Ranking, &encoder)?);
    }
    let replies = Task::from(&method);
    let holds = |task: &Task| {
        let mut names = args.dataset.iter();
        names.all(|name| data::found(&spec, *task, name).is_ok())
    };
    let task = [Task::Preference, Task::Feedback].into_iter().find(holds);
    let rows = loaded(&spec, task.unwrap_or(replies), &encoder)?;
    let mut model = load_frozen(&weights, &args.engine(&weights)?)?;
    let kind = match rows.is_pairs() {
        true => "pairs (eval_loss: cross entropy of the chosen reply)",
        false => "rows (eval_loss: cross entropy of the replies)",
    };
    say_scores(args, &rows, &method, &mut model, kind)
}

/// The rows, unless it is asked to stop before they are tokens.
fn loaded(spec: &DataSpec, task: Task, encoder: &Encoder) -> Result<Dataset> {
    let loaded = data::load_with(spec, task, 0, encoder, |_, _| match stop::asked() {
        Some(_) => ControlFlow::Break(()),
        None => ControlFlow::Continue(()),
    })?;
    let loaded = loaded.ok_or_else(|| Error::invalid(says::asked_to_stop()))?;
    Ok(loaded.train)
}

/// Loss and accuracy of a reward model.
fn reward_scores(args: &Evaluate, weights: &Weights, pairs: &Dataset) -> Result<()> {
    let method = Method::Reward(Reward { head_dropout: 0.0 });
    let mut model = load_scorer(weights, &args.engine(weights)?)?;
    let kind = "pairs (eval_loss: that of the scores)";
    say_scores(args, pairs, &method, &mut model, kind)
}

fn say_scores(args: &Evaluate, dataset: &Dataset, method: &Method, model: &mut Model, kind: &str) -> Result<()> {
    let held = EvalSet {
        dataset,
        method,
        batch: args.batch_size.max(1),
        running: Running::default(),
        router_loss: None,
    };
    let found = evaluate(&held, model, &mut Reference::None, None, |_| {
        Ok(match stop::asked() {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        })
    })?;
    let scores = found.ok_or_else(|| Error::invalid(says::asked_to_stop()))?;
    if let Some((name, value)) = scores.iter().find(|(_, value)| !value.is_finite()) {
        return Err(Error::invalid(says::not_finite_score(name, *value)));
    }
    if args.json {
        return print_json(&json!({"rows": dataset.len(), "metrics": scores}));
    }
    let mut table = format!("{:24}{:>12} {kind}\n", "rows", dataset.len());
    for (name, value) in &scores {
        table += &format!("{name:24}{value:>12.6}\n");
    }
    terminal::print(&table)
}
