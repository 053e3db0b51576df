//! The command line of `corral`: `serve` and `api` are ours, the verbs that need the model are the trainer's.

#![expect(
    clippy::disallowed_methods,
    reason = "a command has its process and its time to itself"
)]

mod data_dir;
mod download;
mod health;
mod import;
mod keys;
mod log;
mod pairs;
mod python;
mod report;
mod samples;
mod sweep;
mod told;
mod train;
mod words;

use crate::board::Board;
use crate::chat::request::check_defaults;
use crate::demo;
use crate::error::{ApiError, ApiResult};
use crate::runs::resolve::DEMO_MODEL;
use crate::secrets;
use crate::serve::{self, Options, ServeError};
use crate::state::Served;
use clap::{Args, Parser, Subcommand};
use data_dir::data_dir_of_environment;
pub use data_dir::default_data_dir;
use protocol::config::at_home;
use protocol::hub::Hub;
use protocol::inference::{CHAT_KEYS, Inference};
use protocol::run_dir::REPORTED;
use protocol::{RunConfig, Said, named_file, says};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use words::{names_of_demo, positional};

/// A web board for preference-tuning language models on your own machine.
#[derive(Parser)]
#[command(name = "corral", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Start the board
    #[command(visible_alias = "webui")]
    Serve(ServeArgs),
    /// Fetch a model or a data set from the hub into the cache that Python's tools use
    Download(download::Download),
    /// Serve the OpenAI-style API alone
    Api(ApiArgs),
    /// Train from a YAML file, with key=value or --key value behind it
    Train(train::Train),
    /// Take in runs of other programs: TensorBoard's folders, transformers' and LLaMA-Factory's output folders, W&B's
    /// exported histories, MLflow's mlruns
    Import(import::Import),
    /// Tell MLflow's server of a run, or trackio's database where it has `report_to: trackio`
    Report(report::Report),
    /// What goes wrong in a run, by its curves and its config, and what to try
    Health(health::Health),
    /// Write corral.py into a folder: a script that imports it shows its runs on the board
    PythonClient(python::PythonClient),
    /// Every key of a run config: what it means, what it may be, its default, when it counts
    Keys(keys::Keys),
    /// Held-out pairs of a run, one by one: which are wrong, and which changed sides
    Pairs(pairs::Pairs),
    /// What a run wrote to its sample prompts, before training and since
    Samples(samples::Samples),
    /// Train several times with other values, and tell which setting is best
    Sweep(sweep::Sweep),
    /// Talk to a model in the terminal
    Chat(Passthrough),
    /// Merge an adapter into its model
    Export(Passthrough),
    /// Make one adapter of several, or one model of several
    Merge(Passthrough),
    /// Put blocks between a model's own for LLaMA Pro
    Expand(Passthrough),
    /// Score a model or checkpoint on a data set
    #[command(visible_alias = "eval")]
    Evaluate(Passthrough),
    /// NVIDIA's cards and libraries on this machine: `status` tells of them, `install` fetches cuBLAS
    Cuda(Passthrough),
}

#[derive(Args)]
struct ServeArgs {
    /// Address to listen on; other than loopback, a token is required of every request
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port; when it is busy, the next free one
    #[arg(long, env = "PORT", default_value_t = 7860)]
    port: u16,
    /// Where runs, data and models are kept [default: ~/.local/share/corral]
    #[arg(long, env = "DATA_DIR", value_parser = at_home)]
    data_dir: Option<PathBuf>,
    /// Runs that go at once [default: one for each device]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    slots: Option<u16>,
    /// A further name by which browsers may call this server
    #[arg(long = "allowed-host")]
    allowed_hosts: Vec<String>,
}

#[derive(Args)]
struct ApiArgs {
    /// A YAML file with LLaMA-Factory's keys: its model alone is served; without, all models of the data directory
    config: Option<PathBuf>,
    /// key=value, over what the file says
    overrides: Vec<String>,
    /// Address to listen on; other than loopback, a token is required of every request
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port; when it is busy, the next free one
    #[arg(long, env = "API_PORT", default_value_t = 8000)]
    port: u16,
    /// Where runs and models are kept [default: ~/.local/share/corral]
    #[arg(long, env = "DATA_DIR", value_parser = at_home)]
    data_dir: Option<PathBuf>,
    /// A further name by which browsers may call this server
    #[arg(long = "allowed-host")]
    allowed_hosts: Vec<String>,
}

/// Words that are passed on to the trainer as they are.
#[derive(Args)]
#[command(disable_help_flag = true)]
struct Passthrough {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<OsString>,
}

/// The program, with the board that it serves.
pub fn main(board: Board) -> ExitCode {
    match Cli::parse().verb {
        Verb::Serve(args) => serve(args, board),
        Verb::Api(args) => api(args),
        Verb::Download(args) => ExitCode::from(download::run(&args)),
        Verb::Import(args) => import::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Pairs(args) => pairs::run(&args),
        Verb::Samples(args) => samples::run(&args),
        Verb::Health(args) => health::run(&args),
        Verb::PythonClient(args) => python::run(&args),
        Verb::Keys(args) => keys::run(&args),
        Verb::Sweep(args) => sweep::run(&args),
        Verb::Train(args) => train::run(args),
        Verb::Chat(rest) => with_demo("chat", rest),
        Verb::Export(rest) => with_demo("export", rest),
        Verb::Merge(rest) => exec_trainer("merge", rest.rest, None),
        Verb::Expand(rest) => with_demo("expand", rest),
        Verb::Evaluate(rest) => with_demo("evaluate", rest),
        Verb::Cuda(rest) => exec_trainer("cuda", rest.rest, None),
    }
}

fn serve(args: ServeArgs, board: Board) -> ExitCode {
    let options = Options {
        host: args.host,
        port: args.port,
        data_dir: args.data_dir.unwrap_or_else(default_data_dir),
        slots: args.slots.map(usize::from),
        allowed_hosts: args.allowed_hosts,
        served: None,
        board,
    };
    block_on(serve::serve(options))
}

fn api(args: ApiArgs) -> ExitCode {
    let data_dir = args.data_dir.unwrap_or_else(default_data_dir);
    let served = match args
        .config
        .map(|file| served(&file, &args.overrides, &data_dir))
        .transpose()
    {
        Ok(served) => served,
        Err(error) => {
            told::error(&error);
            return ExitCode::from(2);
        }
    };
    let options = Options {
        host: args.host,
        port: args.port,
        data_dir,
        slots: None,
        allowed_hosts: args.allowed_hosts,
        served,
        board: Board::default(),
    };
    block_on(serve::api(options))
}

/// The model that a file of LLaMA-Factory's for inference names.
fn served(file: &Path, overrides: &[String], data_dir: &Path) -> Result<Served, Said> {
    let file = at_home(&file.to_string_lossy()).map_err(|what| what.said())?;
    let text = named_file::config_text(&file).map_err(|why| says::file(&file, why))?;
    let mut read = Inference::parse(&text, overrides, CHAT_KEYS).map_err(|e| says::file(&file, e))?;
    let home = std::env::var("HOME").ok();
    read.expand_home(home.as_deref()).map_err(|e| says::file(&file, e))?;
    check_defaults(&read.drawing).map_err(|refusal| says::file(&file, refusal.said))?;
    read.notices.iter().for_each(told::note);
    let model = read.text("model_name_or_path").map(str::to_owned);
    let model = model.ok_or_else(|| says::file(&file, says::field_missing("model_name_or_path")))?;
    let adapters = read.list("adapter_name_or_path");
    let demo = demo_overrides(data_dir, &model)?;
    Ok(Served {
        name: adapters.last().unwrap_or(&model).clone(),
        model: demo.unwrap_or(model),
        adapters,
        words: read.worker_args(),
        drawing: read.drawing,
    })
}

/// The demo's folder, where a config names the demo.
fn demo_overrides(data_dir: &Path, model: &str) -> Result<Option<String>, Said> {
    let config = RunConfig {
        model_name_or_path: Some(model.to_owned()),
        ..RunConfig::default()
    };
    let overrides = demo::overrides(data_dir, &config).map_err(|error| says::demo_not_put(data_dir, error))?;
    let folder = |item: &String| item.strip_prefix("model_name_or_path=").map(str::to_owned);
    Ok(overrides.iter().find_map(folder))
}

/// Replaces the demo's name by its folder in the words that name a model.
fn replace_demo_words(args: &mut Passthrough, words: &[String], data_dir: &Path) -> Result<(), Said> {
    for (at, before) in names_of_demo(words) {
        if let (Some(word), Some(folder)) = (args.rest.get_mut(at), demo_overrides(data_dir, DEMO_MODEL)?) {
            *word = format!("{before}{folder}").into();
        }
    }
    Ok(())
}

/// Becomes a verb of the trainer whose words, or whose YAML file, may name the demo.
fn with_demo(verb: &str, mut args: Passthrough) -> ExitCode {
    match replace_demo(&mut args) {
        Ok(()) => exec_trainer(verb, args.rest, None),
        Err(error) => {
            told::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn replace_demo(args: &mut Passthrough) -> Result<(), Said> {
    let data_dir = data_dir_of_environment()?;
    let words: Vec<String> = args.rest.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    replace_demo_words(args, &words, &data_dir)?;
    let Some(at) = positional(&words) else {
        return Ok(());
    };
    let file = words
        .get(at)
        .filter(|word| word.ends_with(".yaml") || word.ends_with(".yml"));
    let text = file.and_then(|file| named_file::config_text(&at_home(file).ok()?).ok());
    let model = text.and_then(|text| {
        let values: serde_json::Value = yaml_serde::from_str(&text).ok()?;
        values["model_name_or_path"].as_str().map(str::to_owned)
    });
    if let Some(model) = model
        && let Some(folder) = demo_overrides(&data_dir, &model)?
    {
        // options may stand behind the file
        args.rest.insert(at + 1, format!("model_name_or_path={folder}").into());
    }
    Ok(())
}

/// What this process and its children write is readable by the person alone. To be called while there is
/// only one thread.
fn restrict_umask() {
    // SAFETY: it sets a number of the process; no other thread is there yet
    unsafe {
        libc::umask(0o077);
    }
}

/// # Errors
/// There is no such run directory.
fn is_there(run: &Path) -> ApiResult<()> {
    match run.is_dir() {
        true => Ok(()),
        false => Err(ApiError::not_found(says::no_run_folder())),
    }
}

/// Runs to the end; an error is one sentence on standard error and exit code 1.
fn block_on(future: impl Future<Output = Result<(), ServeError>>) -> ExitCode {
    restrict_umask();
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("CORRAL_LOG").unwrap_or_else(|_| "warn,server=info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(|| log::Log)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime.map_err(ServeError::from).and_then(|runtime| {
        let result = runtime.block_on(future);
        runtime.shutdown_timeout(std::time::Duration::from_secs(1));
        result
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            told::error(&error.said());
            ExitCode::FAILURE
        }
    }
}

/// Removes all secrets from the environment of a verb of the trainer but the hubs' tokens, which it needs to download a model.
fn keep_hub_tokens_only(command: &mut Command, verb: &str) {
    let tokens: Vec<&str> = Hub::ALL.iter().flat_map(|hub| hub.token_variables()).copied().collect();
    secrets::remove_all_but(command, if verb == "cuda" { &[] } else { &tokens });
}

/// Replaces this process by the trainer (`exec`), which so has its output, exit code and signals. It says of
/// itself what the person typed.
fn exec_trainer(verb: &str, words: Vec<OsString>, data_dir: Option<&Path>) -> ExitCode {
    let trainer = serve::trainer();
    let mut command = Command::new(&trainer);
    keep_hub_tokens_only(&mut command, verb);
    if let Some(data_dir) = data_dir {
        command.env(protocol::data_dir::VARIABLE, data_dir);
    }
    let error = command.arg0("corral").arg(verb).args(words).env(REPORTED, "1").exec();
    told::error(&says::no_trainer(&trainer, error));
    ExitCode::from(127)
}
