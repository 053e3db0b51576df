//! `inspect`, `preview`, `model-info`, `logits`: what is in files, as JSON for other programs.

use super::print_json;
use crate::data::{self, LossMask, Shown};
use crate::error::{Error, Result};
use crate::generate::IncrementalDecoder;
use crate::model::{ForwardOptions, Mode, Pass};
use crate::model_args::{DeviceArgs, ModelArgs, WordingArgs};
use crate::plan::{DevicePlan, Layout, Plan, SeqTokens};
use crate::session::{encoder, load_frozen, load_scorer};
use crate::{files, folder, info, stage};
use clap::Args;
use protocol::{Stage, says};
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
pub struct Inspect {
    /// A data file
    #[arg(required_unless_present = "dataset", value_parser = files::at_home)]
    file: Option<PathBuf>,
    /// A name in dataset_info.json instead
    #[arg(long, conflicts_with = "file")]
    dataset: Option<String>,
    #[arg(long, default_value = "data")]
    dataset_dir: PathBuf,
}

#[derive(Args)]
pub struct Preview {
    /// A name in dataset_info.json, or a file
    #[arg(long)]
    dataset: String,
    #[arg(long, default_value = "data")]
    dataset_dir: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    wording: WordingArgs,
    #[arg(long, default_value_t = 2048)]
    cutoff_len: usize,
    #[arg(long, default_value_t = 0)]
    offset: u64,
    #[arg(long, default_value_t = 20)]
    limit: u64,
    /// The stage it is for, as in a config; left out: what the data set is for
    #[arg(long, value_parser = stage)]
    stage: Option<Stage>,
    /// The last reply alone counts
    #[arg(long)]
    mask_history: bool,
    /// Prompts count too
    #[arg(long)]
    train_on_prompt: bool,
}

#[derive(Args)]
pub struct ModelFacts {
    /// A model's folder or GGUF file, or an adapter's folder
    #[arg(required = true, value_parser = files::at_home)]
    folders: Vec<PathBuf>,
    /// One list with all of them, in which what is wrong with one is said
    #[arg(long)]
    each: bool,
}

#[derive(Args)]
pub struct Logits {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Token ids, comma-separated
    #[arg(long, required = true, value_delimiter = ',')]
    ids: Vec<u32>,
}

pub fn inspect(args: &Inspect) -> Result<()> {
    let entry = match (&args.file, &args.dataset) {
        (Some(file), _) => data::info::find(&file.to_string_lossy(), &args.dataset_dir)?,
        (None, Some(name)) => data::info::find(name, &args.dataset_dir)?,
        (None, None) => return Err(Error::invalid(says::name_file_or_dataset())),
    };
    print_json(&data::inspect(&entry)?)
}

/// A stage by its name.
fn stage(name: &str) -> std::result::Result<Stage, String> {
    let names = || Stage::ALL.map(Stage::name).join(", ");
    Stage::named(name).ok_or_else(|| says::not_one_of(name, names()).to_string())
}

pub fn preview(args: &Preview) -> Result<()> {
    let mut entry = data::info::find(&args.dataset, &args.dataset_dir)?;
    if let Some(stage) = args.stage {
        entry = entry.for_stage(stage);
    }
    let plain = args.stage == Some(Stage::Pretrain);
    let weights = args.model.weights()?;
    let wording = weights.worded_anew(&args.wording.over(&args.model)?);
    let encoder = encoder(&weights, &wording, plain)?;
    let mask = match (args.mask_history, args.train_on_prompt) {
        (true, _) => LossMask::LastReply,
        (false, true) => LossMask::Everything,
        (false, false) => LossMask::Replies,
    };
    let shown = Shown {
        offset: args.offset,
        rows: args.limit,
        cutoff_len: args.cutoff_len,
        intake: stage::learning(data::detect::kind(&entry.layout), mask),
    };
    print_json(&data::preview(&entry, &encoder, shown)?)
}

/// One model: its facts, or an error. `each`: a list with all of them, with what is wrong in each.
pub fn model_info(args: &ModelFacts) -> Result<()> {
    let read = |folder: &PathBuf| info::describe(&folder::resolve(folder));
    if args.each {
        return print_json(&args.folders.iter().map(read).collect::<Vec<_>>());
    }
    for folder in &args.folders {
        let info = read(folder);
        match (info.unusable.said(), &info.dims) {
            (Some(error), None) => return Err(Error::invalid(error)),
            _ => print_json(&info)?,
        }
    }
    Ok(())
}

/// The logits come from the decoder that chats, the log-probabilities and a value head's values from the pass that trains.
pub fn logits(args: &Logits) -> Result<()> {
    let weights = args.model.weights()?;
    let engine = args.device.engine(&weights, args.ids.len() as u64)?;
    let mut model = match weights.value_head() {
        None => load_frozen(&weights, &engine)?,
        Some(_) => load_scorer(&weights, &engine)?,
    };
    let counts = vec![true; args.ids.len()];
    let layout = Layout {
        turns_past: model.turns_past(),
        ..Layout::default()
    };
    let row = SeqTokens {
        tokens: &args.ids,
        counts: &counts,
    };
    let plan = DevicePlan::new(model.engine(), Plan::new(layout).with_packed(&[(row, &[])])?)?;
    let scored = model.forward(&plan, ForwardOptions::policy().within(Mode::Inference))?;
    let mut decoder = IncrementalDecoder::new(&mut model, Pass::Policy, args.ids.len())?;
    let mut rows = Vec::with_capacity(args.ids.len());
    for id in &args.ids {
        decoder.feed(&[*id])?;
        rows.push(decoder.logits()?.flatten_all()?.to_vec1::<f32>()?);
    }
    print_json(&json!({"logits": rows, "logps": scored.logps, "values": scored.values}))
}
