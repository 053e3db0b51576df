//! `corral sweep`: several runs of one config with other values, by the board that works on the data directory, or by one that
//! starts for as long as the sweep goes.

mod board;
mod words;

use super::default_data_dir;
use super::told;
use crate::serve::{self, Options, ServeError};
use board::{Board, here, running};
use clap::Args;
use protocol::api::{NewSweep, RunState, SweepDetail, SweepPlan, SweepState, SweepSummary, Trashed};
use protocol::config::at_home;
use protocol::sweep::{self, SweepFile};
use protocol::{RunConfig, Said, named_file, says};
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Time between two requests for how far the sweep is.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Args)]
pub(super) struct Sweep {
    /// A run config with a block `sweep:`: method, parameters, metric, run_cap, early_terminate
    #[arg(required_unless_present_any = ["resume", "delete"])]
    file: Option<PathBuf>,
    /// key=value, over what the file says of all runs
    overrides: Vec<String>,
    /// Say what it comes to, and start nothing
    #[arg(long)]
    dry_run: bool,
    /// Go on with a sweep that was stopped, by its name or id
    #[arg(long, value_name = "NAME", conflicts_with_all = ["file", "dry_run", "delete"])]
    resume: Option<String>,
    /// Move a sweep with all of its runs into the trash, by its name or id
    #[arg(long, value_name = "NAME", conflicts_with_all = ["file", "dry_run"])]
    delete: Option<String>,
    /// Where the board has its runs [default: ~/.local/share/corral]
    #[arg(long, env = "DATA_DIR", value_parser = at_home)]
    data_dir: Option<PathBuf>,
}

/// What a board is asked to do.
enum Asked {
    Make { new: Box<NewSweep>, dry_run: bool },
    Resume(String),
    Delete(String),
}

pub(super) fn run(args: &Sweep) -> ExitCode {
    let asked = match (&args.file, &args.resume, &args.delete) {
        (_, Some(name), _) => Ok(Asked::Resume(name.clone())),
        (_, _, Some(name)) => Ok(Asked::Delete(name.clone())),
        (file, ..) => new_sweep(file.as_deref().unwrap_or(Path::new("")), args),
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(errors) => {
            errors.iter().for_each(told::error);
            return ExitCode::from(2);
        }
    };
    match ask_board(asked, args.data_dir.clone().unwrap_or_else(default_data_dir)) {
        Ok(code) => code,
        Err(error) => {
            told::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The sweep that the file asks for, or all that is wrong with it, a sentence each.
fn new_sweep(file: &Path, args: &Sweep) -> Result<Asked, Vec<Said>> {
    let path = at_home(&file.to_string_lossy()).map_err(|what| vec![what.said()])?;
    let text = named_file::config_text(&path).map_err(|why| vec![says::file(&path, why)])?;
    let SweepFile {
        mut config,
        sweep,
        name: called,
        mut errors,
        notices,
    } = sweep::read(&text, &args.overrides);
    errors.extend(config.expand_home(std::env::var("HOME").ok().as_deref()));
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| says::file(&path, error.whole())).collect());
    }
    notices.iter().for_each(told::note);
    if let Some(folder) = config.output_dir.take() {
        told::note(&says::output_dir_unused(folder));
    }
    make_paths_absolute(&mut config);
    Ok(Asked::Make {
        new: Box::new(NewSweep {
            config,
            sweep,
            name: called,
            tags: vec![],
        }),
        dry_run: args.dry_run,
    })
}

/// Makes relative paths absolute: the board has another working directory.
fn make_paths_absolute(config: &mut RunConfig) {
    let absolute = |name: &str| {
        let path = Path::new(name);
        let there = path.exists() && !path.is_absolute();
        there
            .then(|| path.canonicalize().ok())
            .flatten()
            .map(|path| path.display().to_string())
    };
    for name in [
        &mut config.model_name_or_path,
        &mut config.ref_model,
        &mut config.reward_model,
        &mut config.pair_marks,
    ] {
        if let Some(path) = name.as_deref().and_then(absolute) {
            *name = Some(path);
        }
    }
    let lists = [
        &mut config.adapter_name_or_path,
        &mut config.ref_model_adapters,
        &mut config.reward_model_adapters,
    ];
    for names in lists.into_iter().flatten() {
        let each = names
            .split(',')
            .map(|name| absolute(name.trim()).unwrap_or_else(|| name.trim().to_owned()));
        *names = each.collect::<Vec<_>>().join(",");
    }
    let folder = config.dataset_dir.clone().unwrap_or_else(|| "data".into());
    let register = Path::new(&folder).join("dataset_info.json");
    let listed = std::fs::read(&register).ok();
    let listed = listed
        .and_then(|text| protocol::register::read(&text).ok())
        .unwrap_or_default();
    // a name of a data set may be that of a folder here too, and a registered one comes before a file
    let file = |name: &str| {
        let own = !listed.entries.contains_key(name) && Path::new(name).is_file();
        own.then(|| absolute(name)).flatten()
    };
    for names in [&mut config.dataset, &mut config.eval_dataset].into_iter().flatten() {
        let each = names
            .split(',')
            .map(|name| file(name.trim()).unwrap_or_else(|| name.trim().to_owned()));
        *names = each.collect::<Vec<_>>().join(",");
    }
    if register.is_file() {
        config.dataset_dir = absolute(&folder).or(Some(folder));
    }
}

/// Asks the board that works on the data directory; where there is none, one is started until the sweep is over.
fn ask_board(asked: Asked, data_dir: PathBuf) -> Result<ExitCode, Said> {
    let folder = serve::open_data_dir(&data_dir).map_err(|error| error.said())?;
    if let Some(board) = running(&folder)? {
        return drive(&board, &asked);
    }
    let options = Options {
        host: "127.0.0.1".into(),
        port: 7860,
        data_dir,
        slots: None,
        allowed_hosts: vec![],
        served: None,
        board: Default::default(),
    };
    // what starts nothing needs nobody who goes on with it
    if matches!(asked, Asked::Make { dry_run: true, .. } | Asked::Delete(_)) {
        super::restrict_umask();
        return drive(&here(&options, folder)?, &asked);
    }
    let mut ended = Ok(ExitCode::FAILURE);
    let exit = super::block_on(async {
        let driving = tokio::task::spawn_blocking(move || drive(&board::started(&folder)?, &asked));
        tokio::select! {
            served = serve::serve(options) => served,
            driven = driving => {
                ended = driven.map_err(|error| ServeError::Io(io::Error::other(error)))?;
                Ok(())
            }
        }
    });
    // a signal ended the server, which has printed so itself
    if exit != ExitCode::SUCCESS {
        return Ok(exit);
    }
    ended
}

fn drive(board: &Board, asked: &Asked) -> Result<ExitCode, Said> {
    match asked {
        Asked::Make { new, dry_run } => make(board, new, *dry_run),
        Asked::Resume(name) => {
            let sweep = find(board, name)?;
            let sweep: SweepSummary = board.post(&format!("sweeps/{}/resume", sweep.id), &())?;
            watch(board, &sweep)
        }
        Asked::Delete(name) => {
            board.adopt()?;
            let sweep = find(board, name)?;
            board.settle(&sweep.id)?;
            let gone: Trashed = board.delete(&format!("sweeps/{}", sweep.id))?;
            print_line(&words::deleted(&gone));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The sweep of that name or id; of several of one name the newest.
fn find(board: &Board, name: &str) -> Result<SweepSummary, Said> {
    let all: Vec<SweepSummary> = board.get("sweeps")?;
    let found = all.into_iter().find(|sweep| sweep.id == name || sweep.name == name);
    found.ok_or_else(|| says::no_such_sweep(name))
}

/// From what it costs to the table at the end.
fn make(board: &Board, new: &NewSweep, dry_run: bool) -> Result<ExitCode, Said> {
    let plan: SweepPlan = board.post("sweeps/plan", new)?;
    if !plan.errors.is_empty() {
        for error in &plan.errors {
            told::error(&error.whole());
        }
        return Ok(ExitCode::from(2));
    }
    plan.notices.iter().for_each(told::note);
    print_line(&words::cost(&plan));
    if dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    watch(board, &board.post("sweeps", new)?)
}

/// Prints each run of the sweep as it ends, until all are over.
fn watch(board: &Board, made: &SweepSummary) -> Result<ExitCode, Said> {
    print_line(&format!("{}: {}/sweeps/{}", made.name, board.url, made.id));
    let mut reported = HashSet::new();
    loop {
        let detail: SweepDetail = board.get(&format!("sweeps/{}", made.id))?;
        for run in &detail.runs {
            if run.state.is_over() && reported.insert(run.id.clone()) {
                print_line(&words::ended(&detail, run, reported.len()));
            }
        }
        if detail.summary.state != SweepState::Going {
            print_line("");
            print_line(&words::table(&detail));
            if !detail.summary.said.is_empty() {
                told::error(&detail.summary.said);
            }
            let done = detail.runs.iter().any(|run| run.state == RunState::Completed);
            return Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// A line on the terminal; that nobody reads it any more is no reason to stop.
fn print_line(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
