//! The command line of `corral-trainer`.
//!
//! Exit codes: 0 done; 1 the work failed; 2 the command line or the config is wrong; 130 or 143 stopped by SIGINT or
//! SIGTERM, with what was done saved.

use crate::asked::{Asked, ModelArgs};
use crate::chat::{self, Talker};
use crate::data::{self, Examples, LossMask, Shown, Task};
use crate::error::{Error, Result};
use crate::evaluate::{Held, evaluate};
use crate::generate::Decoder;
use crate::loss::Running;
use crate::merge::Shape;
use crate::model::{Keep, Model, Pass};
use crate::plan::{Plan, SeqTokens};
use crate::reference::Reference;
use crate::run::{self, Request};
use crate::session::{encoder, load_frozen, load_scorer};
use crate::weights::Weights;
use crate::{info, merge, stop, terminal};
use candle_core::Device;
use clap::{Args, Parser, Subcommand};
use protocol::chat::Sampling;
use protocol::config::{DataSpec, Method, Packing, Reward, ValSize, check};
use protocol::event::{Outcome, Phase, TrainEvent};
use protocol::{FieldError, RunConfig};
use serde::Serialize;
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The trainer of Corral: preference tuning of language models.
#[derive(Parser)]
#[command(name = "corral-trainer", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Train as a YAML file says, with key=value overrides behind it
    Train {
        /// A run config with LLaMA-Factory's keys
        config: PathBuf,
        /// key=value, over what the file says
        overrides: Vec<String>,
    },
    /// Fold adapters into their model and write a folder that stands alone
    Export(Export),
    /// Put blocks between a model's own that change nothing until `use_llama_pro` trains them
    Expand(Expand),
    /// Loss and preference scores of a model on a data set
    #[command(alias = "eval")]
    Evaluate(Evaluate),
    /// Talk to a model
    Chat(Chat),
    /// What a data set is, as JSON
    Inspect(Inspect),
    /// Rows of a data set as the model sees them, as JSON
    Preview(Preview),
    /// Facts of a model folder, as JSON
    ModelInfo { folder: PathBuf },
    /// Logits after each token of a sequence, and the log-probabilities of its tokens, as JSON
    Logits(Logits),
}

#[derive(Args)]
struct Export {
    #[command(flatten)]
    model: ModelArgs,
    /// Folder to write
    #[arg(long)]
    out: Option<PathBuf>,
    /// Size of a weight file at most, in GB
    #[arg(long, default_value_t = 5.0)]
    size: f64,
    /// Tell progress in JSON lines
    #[arg(long)]
    json: bool,
    /// key=value, over what a YAML file says
    overrides: Vec<String>,
}

#[derive(Args)]
struct Expand {
    #[command(flatten)]
    model: ModelArgs,
    /// Folder to write
    #[arg(long)]
    out: PathBuf,
    /// Blocks to add; a number that divides that of the model's own
    #[arg(long)]
    num_expand: usize,
    /// Size of a weight file at most, in GB
    #[arg(long, default_value_t = 5.0)]
    size: f64,
}

#[derive(Args)]
struct Evaluate {
    #[command(flatten)]
    model: ModelArgs,
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

#[derive(Args)]
struct Chat {
    #[command(flatten)]
    model: ModelArgs,
    /// Speak the server's protocol on standard input and output
    #[arg(long)]
    stdio: bool,
    /// A system message
    #[arg(long)]
    system: Option<String>,
    #[arg(long, default_value_t = 0.7)]
    temperature: f64,
    #[arg(long, default_value_t = 0.9)]
    top_p: f64,
    #[arg(long, default_value_t = 512)]
    max_tokens: u32,
    #[arg(long, default_value_t = 42)]
    seed: u64,
}

#[derive(Args)]
struct Inspect {
    /// A data file
    #[arg(required_unless_present = "dataset")]
    file: Option<PathBuf>,
    /// A name in dataset_info.json instead
    #[arg(long, conflicts_with = "file")]
    dataset: Option<String>,
    #[arg(long, default_value = "data")]
    dataset_dir: PathBuf,
}

#[derive(Args)]
struct Preview {
    /// A name in dataset_info.json, or a file
    #[arg(long)]
    dataset: String,
    #[arg(long, default_value = "data")]
    dataset_dir: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
    #[arg(long, default_value_t = 2048)]
    cutoff_len: usize,
    #[arg(long, default_value_t = 0)]
    offset: u64,
    #[arg(long, default_value_t = 20)]
    limit: u64,
    /// The stage it is for: "pt", "sft" or "dpo"
    #[arg(long)]
    stage: Option<String>,
}

#[derive(Args)]
struct Logits {
    #[command(flatten)]
    model: ModelArgs,
    /// Token ids, comma-separated
    #[arg(long, required = true, value_delimiter = ',')]
    ids: Vec<u32>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    stop::listen();
    let done = match cli.verb {
        Verb::Train { config, overrides } => return train(&config, &overrides),
        Verb::Export(args) => export(&args),
        Verb::Expand(args) => expand(&args),
        Verb::Evaluate(args) => scores(&args),
        Verb::Chat(args) => talk(&args),
        Verb::Inspect(args) => inspect(&args),
        Verb::Preview(args) => preview(&args),
        Verb::ModelInfo { folder } => model_info(&folder),
        Verb::Logits(args) => logits(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => fail(&e.to_string(), 1),
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(code)
}

fn train(path: &Path, overrides: &[String]) -> ExitCode {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) => return fail(&format!("{}: {e}", path.display()), 2),
    };
    let parsed = RunConfig::parse_with_overrides(&text, overrides);
    let checked = check(&parsed.config);
    let mut errors = parsed.errors;
    let mut notices = parsed.notices;
    notices.extend(checked.notices);
    let spec = match checked.spec {
        Ok(spec) if errors.is_empty() => spec,
        Ok(_) => return refuse(path, &errors),
        Err(more) => {
            // a key that could not be read is not also missing
            let fresh: Vec<_> = more
                .into_iter()
                .filter(|e| errors.iter().all(|o| o.field != e.field))
                .collect();
            errors.extend(fresh);
            return refuse(path, &errors);
        }
    };
    let request = Request {
        config: parsed.config,
        spec,
        notices,
    };
    match run::run(request, terminal::screen()) {
        Ok(Outcome::Completed) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Ok(Outcome::Stopped) => ExitCode::from(128 + stop::asked().unwrap_or(libc::SIGTERM) as u8),
        Err(e) => fail(&e.to_string(), 1),
    }
}

fn refuse(path: &Path, errors: &[FieldError]) -> ExitCode {
    let list: Vec<_> = errors
        .iter()
        .map(|e| match e.field.is_empty() {
            true => e.message.clone(),
            false => e.to_string(),
        })
        .collect();
    fail(&format!("{} can't be run:\n  {}", path.display(), list.join("\n  ")), 2)
}

fn export(args: &Export) -> Result<()> {
    let asked = Asked::read(&args.model, &args.overrides)?;
    let (out, size) = export_target(args, &asked)?;
    let (weights, template) = (asked.weights()?, asked.text("template"));
    let mut told = std::time::Instant::now();
    let bytes = (size * 1e9) as u64;
    let shape = Shape {
        shard_bytes: bytes.max(1),
        expand: None,
    };
    let note = merge::merge(&weights, template.as_deref(), shape, &out, |done, total| {
        let due = done == total || told.elapsed().as_millis() >= 200;
        if args.json && due {
            told = std::time::Instant::now();
            print_json(&TrainEvent::Phase {
                phase: Phase::Merging,
                done,
                total,
            })?;
        }
        Ok(())
    })?;
    if let Some(note) = note {
        eprintln!("{note}");
    }
    if !args.json {
        println!("{}", out.display());
    }
    Ok(())
}

fn expand(args: &Expand) -> Result<()> {
    let shape = Shape {
        shard_bytes: ((args.size * 1e9) as u64).max(1),
        expand: Some(args.num_expand),
    };
    let template = args.model.template.as_deref();
    let note = merge::merge(&args.model.weights()?, template, shape, &args.out, |_, _| Ok(()))?;
    if let Some(note) = note {
        eprintln!("{note}");
    }
    println!(
        "{0}\nto train the new blocks:\n  model_name_or_path: {0}\n  finetuning_type: freeze\n  use_llama_pro: true\n  \
         freeze_trainable_layers: {1}",
        args.out.display(),
        args.num_expand
    );
    Ok(())
}

/// Keys of LLaMA-Factory's export config.
const EXPORT_KEYS: &[&str] = &[
    "model_name_or_path",
    "adapter_name_or_path",
    "template",
    "export_dir",
    "export_size",
    "export_device",
    "export_legacy_format",
    "finetuning_type",
    "trust_remote_code",
    "stage",
];

/// Folder to write, and gigabytes of a weight file.
fn export_target(args: &Export, asked: &Asked) -> Result<(PathBuf, f64)> {
    asked.check(EXPORT_KEYS)?;
    if asked.0.get("export_legacy_format").and_then(Value::as_bool) == Some(true) {
        return Err(Error::invalid(
            "export_legacy_format writes pickle files, which Corral does not; set it to false",
        ));
    }
    let out = args.out.clone().or_else(|| asked.text("export_dir").map(PathBuf::from));
    let out = out.ok_or_else(|| Error::invalid("--out (or export_dir) names the folder to write"))?;
    let size = asked.0.get("export_size").and_then(Value::as_f64).unwrap_or(args.size);
    match size > 0.0 {
        true => Ok((out, size)),
        false => Err(Error::invalid("--size (or export_size) must be above 0")),
    }
}

fn scores(args: &Evaluate) -> Result<()> {
    let weights = args.model.weights()?;
    let encoder = encoder(&weights, args.model.template.as_deref(), false)?;
    let spec = DataSpec {
        dataset: args.dataset.clone(),
        eval_dataset: vec![],
        dataset_dir: args.dataset_dir.clone(),
        template: args.model.template.clone(),
        cutoff_len: args.cutoff_len,
        max_samples: args.max_samples,
        val_size: ValSize::None,
        shuffle: false,
    };
    let method = Method::Supervised {
        train_on_prompt: false,
        mask_history: false,
        packing: Packing::No,
        noise: 0.0,
    };
    if weights.scores()? {
        return reward_scores(args, &weights, &data::load(&spec, Task::Ranking, 0, &encoder)?.train);
    }
    let loaded = data::load(&spec, Task::Preference, 0, &encoder)
        .or_else(|_| data::load(&spec, Task::Feedback, 0, &encoder))
        .or_else(|_| data::load(&spec, Task::from(&method), 0, &encoder))?;
    let mut model = load_frozen(&weights, &Device::Cpu)?;
    let kind = match loaded.train {
        Examples::Pairs(_) => "pairs (eval_loss: cross entropy of the chosen reply)",
        _ => "rows (eval_loss: cross entropy of the replies)",
    };
    say_scores(args, &loaded.train, &method, &mut model, kind)
}

/// Loss and accuracy of a reward model.
fn reward_scores(args: &Evaluate, weights: &Weights, pairs: &Examples) -> Result<()> {
    let method = Method::Reward(Reward { head_dropout: 0.0 });
    let mut model = load_scorer(weights, &Device::Cpu)?;
    let kind = "pairs (eval_loss: that of the scores)";
    say_scores(args, pairs, &method, &mut model, kind)
}

fn say_scores(args: &Evaluate, examples: &Examples, method: &Method, model: &mut Model, kind: &str) -> Result<()> {
    let held = Held {
        examples,
        method,
        batch: args.batch_size.max(1),
        running: Running::default(),
    };
    let found = evaluate(&held, model, &mut Reference::None, |_| {
        Ok(match stop::asked() {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        })
    })?;
    let scores = found.ok_or_else(|| Error::invalid("asked to stop"))?;
    if args.json {
        return print_json(&json!({"rows": examples.len(), "metrics": scores}));
    }
    println!("{:24}{:>12} {kind}", "rows", examples.len());
    scores
        .iter()
        .for_each(|(name, value)| println!("{name:24}{value:>12.6}"));
    Ok(())
}

fn talk(args: &Chat) -> Result<()> {
    let load = || Talker::load(&args.model.weights()?, args.model.template.as_deref());
    if args.stdio {
        return chat::serve(load);
    }
    let sampling = Sampling {
        temperature: args.temperature,
        top_p: args.top_p,
        max_tokens: args.max_tokens,
        seed: args.seed,
        stop: vec![],
    };
    chat::converse(&mut load()?, &sampling, args.system.as_deref())
}

fn inspect(args: &Inspect) -> Result<()> {
    let entry = match (&args.file, &args.dataset) {
        (Some(file), _) => data::info::find(&file.to_string_lossy(), &args.dataset_dir)?,
        (None, Some(name)) => data::info::find(name, &args.dataset_dir)?,
        (None, None) => return Err(Error::invalid("name a file or a data set")),
    };
    print_json(&data::inspect(&entry)?)
}

fn preview(args: &Preview) -> Result<()> {
    let entry = data::info::find(&args.dataset, &args.dataset_dir)?;
    let plain = args.stage.as_deref() == Some("pt");
    let encoder = encoder(&args.model.weights()?, args.model.template.as_deref(), plain)?;
    let shown = Shown {
        offset: args.offset,
        rows: args.limit,
        cutoff_len: args.cutoff_len,
        mask: LossMask::Replies,
    };
    print_json(&data::preview(&entry, &encoder, shown)?)
}

fn model_info(folder: &Path) -> Result<()> {
    let info = info::read(folder)?;
    let template = data::Tokenizer::from_dir(folder)?.chat_template().is_some();
    print_json(&protocol::api::ModelInfo {
        id: folder.display().to_string(),
        origin: protocol::api::ModelOrigin::Folder,
        path: folder.display().to_string(),
        family: info.family,
        params: info.params,
        dtype: info.dtype,
        bytes: info.bytes,
        context: info.context,
        has_chat_template: template,
        dims: Some(info.dims),
        run: None,
        base: None,
        used_by: vec![],
        error: None,
    })
}

/// The logits come from the decoder that chats, the log-probabilities from the pass that trains.
fn logits(args: &Logits) -> Result<()> {
    let mut model = load_frozen(&args.model.weights()?, &Device::Cpu)?;
    let counts = vec![true; args.ids.len()];
    let plan = Plan::sequences(&[SeqTokens {
        tokens: &args.ids,
        counts: &counts,
    }])?;
    let scored = model.forward(&plan, Pass::Policy, Keep::Nothing)?;
    let mut decoder = Decoder::new(&mut model, Pass::Policy, args.ids.len())?;
    let mut rows = Vec::with_capacity(args.ids.len());
    for id in &args.ids {
        decoder.feed(&[*id])?;
        rows.push(decoder.logits()?.flatten_all()?.to_vec1::<f32>()?);
    }
    print_json(&json!({"logits": rows, "logps": scored.logps}))
}

fn print_json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|e| Error::invalid(e.to_string()))?;
    println!("{text}");
    Ok(())
}
