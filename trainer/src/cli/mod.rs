//! The command line of `corral-trainer`.
//!
//! Exit codes: 0 done; 1 the work failed; 2 the command line or the config is wrong. Stopped by SIGHUP, SIGINT or SIGTERM, `train`,
//! with what was done saved, and `check` end with 129, 130 or 143, other work that can be stopped with 1.

mod combine;
mod cuda;
mod evaluate;
mod export;
mod show;

use crate::chat::{self, Talker};
use crate::error::{Error, Result};
use crate::model_args::{Asked, DeviceArgs, ModelArgs};
use crate::ops::cpu::bf16::Body;
use crate::run::{self, Request};
use crate::session::{compute_note, device_note, judge, judge_data};
use crate::weights::Hub;
use crate::{data, files, stop, terminal};
use clap::{Args, Parser, Subcommand};
use evaluate::Evaluate;
use export::{Expand, Export};
use protocol::chat::Sampling;
use protocol::config::{TemplateSource, check, check_placed, file_and_overrides, idle};
use protocol::event::Outcome;
use protocol::inference::{CHAT_KEYS, misfit};
use protocol::said::WHOLE;
use protocol::tell;
use protocol::{FieldError, RunConfig, Said, says};
use serde::Serialize;
use show::{Inspect, Logits, ModelFacts, Preview};
use std::path::Path;
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
    /// Train as a YAML file and the words behind it say
    Train {
        /// A run config with LLaMA-Factory's keys, then key=value or --key value, over what it says; or the latter alone
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        words: Vec<String>,
    },
    /// Judge a config by the rule book and by the files it names, and train nothing
    Check {
        /// As for `train`
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            required_unless_present = "config"
        )]
        words: Vec<String>,
        /// The config itself; the answer is a list of what is wrong with its files, as JSON, and nothing is fetched
        #[arg(long)]
        config: Option<String>,
        /// Say what is wrong and nothing else
        #[arg(long)]
        quiet: bool,
    },
    /// Fold adapters into their model and write a folder that stands alone
    Export(Export),
    /// Make one adapter of several, or one model of several
    Merge(combine::Merge),
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
    ModelInfo(ModelFacts),
    /// NVIDIA's cards and libraries on this machine
    #[command(subcommand)]
    Cuda(cuda::CudaVerb),
    /// Logits after each token of a sequence, the log-probabilities of its tokens, and what a value head says, as JSON
    Logits(Logits),
}

#[derive(Args)]
struct Chat {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Speak the server's protocol on standard input and output
    #[arg(long)]
    stdio: bool,
    /// A system message
    #[arg(long)]
    system: Option<String>,
    /// [default: 0.7]
    #[arg(long, value_parser = |text: &str| drawn_by("temperature", text))]
    temperature: Option<f64>,
    /// [default: 0.9]
    #[arg(long, value_parser = |text: &str| drawn_by("top_p", text))]
    top_p: Option<f64>,
    /// [default: 512]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    max_tokens: Option<u32>,
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// key=value, over what a YAML file says
    overrides: Vec<String>,
}

/// A number that tokens are drawn by.
fn drawn_by(key: &str, text: &str) -> std::result::Result<f64, Said> {
    let number = text.parse().map_err(|_| says::takes(says::a_number(), text))?;
    match misfit(key, number) {
        None => Ok(number),
        Some(must) => Err(says::key_must(key, must, number)),
    }
}

/// Tokens of a conversation that room is looked for; a longer one may need more.
const PROMPT: u64 = 4096;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.verb.listens() {
        stop::listen();
    }
    if let Err(e) = Body::asked() {
        return fail(&e.said(), 2);
    }
    let stopped = cli.verb.stopped();
    let done = match cli.verb {
        Verb::Train { words } => return exit_code(train(&words), stopped),
        Verb::Check {
            words,
            config: None,
            quiet,
        } => return exit_code(check_words(&words, quiet), stopped),
        Verb::Check { config: Some(text), .. } => judge_text(&text),
        Verb::Export(args) => export::export(&args),
        Verb::Merge(args) => combine::merge(&args),
        Verb::Expand(args) => export::expand(&args),
        Verb::Evaluate(args) => evaluate::scores(&args),
        Verb::Chat(args) => talk(&args),
        Verb::Inspect(args) => show::inspect(&args),
        Verb::Preview(args) => show::preview(&args),
        Verb::ModelInfo(args) => show::model_info(&args),
        Verb::Cuda(verb) => return exit_code(cuda::run(&verb), stopped),
        Verb::Logits(args) => show::logits(&args),
    };
    exit_code(done.map(|()| ExitCode::SUCCESS), stopped)
}

impl Verb {
    /// Whether it is asked to stop by a signal; what only reads and tells is ended by one as any program is.
    fn listens(&self) -> bool {
        match self {
            Self::Inspect(_) | Self::Preview(_) | Self::ModelInfo(_) | Self::Logits(_) => false,
            // a Ctrl-C reaches the server too, which lets replies end before it ends its worker
            Self::Chat(chat) => chat.stdio,
            _ => true,
        }
    }

    /// What is told of a stop. Nothing of a run, whose last event tells it, nor of a verdict that is not whole: the exit code is
    /// that of a program which the signal ends.
    fn stopped(&self) -> Option<Said> {
        match self {
            Self::Train { .. } | Self::Check { config: None, .. } => None,
            Self::Export(_) | Self::Merge(_) | Self::Expand(_) | Self::Cuda(_) => Some(says::stopped_unwritten()),
            _ => Some(says::asked_to_stop()),
        }
    }
}

/// The exit code of what was done; `stopped` is what is told of a stop.
fn exit_code(done: Result<ExitCode>, stopped: Option<Said>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(Error::Stopped) => match stopped {
            None => ExitCode::from(stop::exit_code()),
            Some(said) => told(Error::invalid(said)),
        },
        Err(error) => told(error),
    }
}

/// What went wrong, said; and the exit code of it.
fn told(error: Error) -> ExitCode {
    match error {
        // who reads our output has read enough, as `head` does: the exit code of a program that SIGPIPE ends
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(128 + 13),
        error => {
            let said = error.said();
            match std::env::var_os(WHOLE).and_then(|_| serde_json::to_string(&said).ok()) {
                Some(whole) => {
                    tell!("{whole}");
                    ExitCode::FAILURE
                }
                None => fail(&said, 1),
            }
        }
    }
}

fn fail(said: &Said, code: u8) -> ExitCode {
    tell!("{}", says::in_error(said).in_lang(terminal::lang()));
    ExitCode::from(code)
}

/// A config of the command line, with its spec.
fn asked(words: &[String]) -> std::result::Result<Request, ExitCode> {
    let (file, overrides) = file_and_overrides(words);
    let path = Path::new(file.unwrap_or("what the command line says"));
    let text = match file.map(config_text).transpose() {
        Ok(text) => text.unwrap_or_default(),
        Err(e) => return Err(fail(&e.said(), 2)),
    };
    let mut parsed = RunConfig::parse_with_overrides(&text, overrides);
    let home = std::env::var("HOME").ok();
    parsed.errors.extend(parsed.config.expand_home(home.as_deref()));
    // the file's text, so that it is kept with the run
    if let Some(path) = parsed.config.template.as_deref()
        && let TemplateSource::File(path) = TemplateSource::of(path)
    {
        match files::at_home(path)
            .map_err(Error::invalid)
            .and_then(|path| Ok(data::read_template(&path)?))
        {
            Ok(text) => parsed.config.template = Some(text),
            Err(e) => return Err(fail(&e.said(), 2)),
        }
    }
    let checked = check_placed(&parsed.config);
    let mut notices = std::mem::take(&mut parsed.notices);
    notices.extend(checked.notices);
    let run = match checked.spec {
        Ok(run) if parsed.errors.is_empty() => {
            let idle = idle(&parsed.config, &parsed.keys);
            notices.extend(idle.iter().map(|key| says::no_effect_here(*key, says::idle_key())));
            run
        }
        Ok(_) => return Err(refuse(path, &parsed.errors)),
        Err(more) => return Err(refuse(path, &parsed.with_errors_of(more))),
    };
    Ok(Request {
        config: parsed.config,
        run,
        notices,
    })
}

/// What the config of this name holds.
fn config_text(file: &str) -> Result<String> {
    files::config_text(&files::at_home(file).map_err(Error::invalid)?)
}

fn train(words: &[String]) -> Result<ExitCode> {
    let request = match asked(words) {
        Ok(request) => request,
        Err(refused) => return Ok(refused),
    };
    let (directory, config) = (request.run.output_dir.clone(), request.config.clone());
    let ended = run::run(request, terminal::screen());
    if ended.is_ok() {
        terminal::health(Path::new(&directory), &config);
    }
    match ended {
        Ok(Outcome::Completed) => Ok(ExitCode::SUCCESS),
        Ok(Outcome::Failed | Outcome::Untold) => Ok(ExitCode::FAILURE),
        Ok(Outcome::Stopped) => Err(Error::Stopped),
        Err(e) => Ok(fail(&e.said(), 1)),
    }
}

fn check_words(words: &[String], quiet: bool) -> Result<ExitCode> {
    let request = match asked(words) {
        Ok(request) => request,
        Err(refused) => return Ok(refused),
    };
    let spec = &request.run.spec;
    let notes = request
        .notices
        .iter()
        .cloned()
        .chain(device_note(spec))
        .chain(compute_note(spec.device, spec.compute));
    notes.filter(|_| !quiet).for_each(|note| terminal::note(&note));
    let mut found = judge(
        spec,
        Some(Path::new(&request.run.output_dir)),
        &request.config,
        &Hub::of(spec),
    )?;
    judge_data(spec, &mut found)?;
    Ok(match (found.errors.as_slice(), &found.kept_from) {
        ([], None) => ExitCode::SUCCESS,
        ([], Some(error)) => fail(&error.said(), 1),
        (errors, _) => {
            let (file, _) = file_and_overrides(words);
            refuse(Path::new(file.unwrap_or("what the command line says")), errors)
        }
    })
}

/// What stands against a config as the board has it, names already turned into paths.
fn judge_text(text: &str) -> Result<()> {
    let parsed = RunConfig::parse(text);
    // a board says where once the run is made
    let dir = parsed.config.output_dir.as_deref().map(Path::new);
    let errors = match check(&parsed.config).spec {
        Ok(spec) if parsed.errors.is_empty() => {
            let hub = Hub {
                offline: true,
                ..Hub::of(&spec)
            };
            let found = judge(&spec, dir, &parsed.config, &hub)?;
            match found.kept_from {
                Some(error) if found.errors.is_empty() => return Err(error),
                _ => found.errors,
            }
        }
        Ok(_) => parsed.errors,
        Err(errors) => errors,
    };
    print_json(&errors)
}

fn refuse(path: &Path, errors: &[FieldError]) -> ExitCode {
    let lang = terminal::lang();
    let list = errors.iter().map(|error| error.whole().in_lang(lang));
    let said = says::cannot_be_run(path).in_lang(lang);
    let lines: Vec<_> = std::iter::once(said).chain(list).collect();
    fail(&Said::plain(lines.join("\n  ")), 2)
}

fn talk(args: &Chat) -> Result<()> {
    let asked = Asked::read(&args.model, &args.overrides, CHAT_KEYS);
    if args.stdio {
        return chat::serve(|| {
            let (weights, wording) = asked.and_then(|asked| Ok((asked.weights()?, asked.0.wording)))?;
            Talker::load(&weights, &wording, &args.device.engine(&weights, PROMPT)?)
        });
    }
    let asked = asked?;
    let drawing = &asked.0.drawing;
    let sampling = Sampling {
        // a file that takes the likeliest token says so, unless the command line says otherwise
        temperature: args.temperature.or(drawing.temperature).unwrap_or(0.7),
        top_p: args.top_p.or(drawing.top_p).unwrap_or(0.9),
        top_k: drawing
            .top_k
            .filter(|k| *k >= 1)
            .map(|k| u32::try_from(k).unwrap_or(u32::MAX)),
        repetition_penalty: drawing.repetition_penalty.unwrap_or(1.0),
        seed: args.seed,
        ..Sampling::greedy(args.max_tokens.unwrap_or_else(|| {
            let most = drawing.max_tokens.unwrap_or(512);
            u32::try_from(most).unwrap_or(u32::MAX)
        }))
    };
    let weights = asked.weights()?;
    let mut talker = Talker::load(&weights, &asked.0.wording, &args.device.engine(&weights, PROMPT)?)?;
    chat::converse(&mut talker, &sampling, args.system.as_deref())
}

fn print_json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|e| Error::invalid(says::internal_error(e)))?;
    terminal::print(&(text + "\n"))
}
