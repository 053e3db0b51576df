//! `corral sweep`: several runs of one config with other values, by the board that works on the data directory, or by one that
//! starts for as long as the sweep goes.

mod board;
mod words;

use super::data_dir::data_dir_of_environment;
use crate::serve::{self, Options, ServeError};
use board::{Board, here, running};
use clap::Args;
use protocol::api::{NewSweep, RunState, SweepDetail, SweepPlan, SweepState, SweepSummary, Trashed};
use protocol::config::at_home;
use protocol::sweep::{self, SweepFile};
use protocol::{Lang, RunConfig, named_file, says};
use std::collections::HashSet;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_millis(500);

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
    /// Where the board has its runs [default: DATA_DIR, else ~/.local/share/corral]
    #[arg(long, value_parser = at_home)]
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
        (file, ..) => of_file(file.as_deref().unwrap_or(Path::new("")), args),
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(errors) => {
            for error in errors {
                tell!("error: {error}");
            }
            return ExitCode::from(2);
        }
    };
    match by_a_board(asked, args.data_dir.clone()) {
        Ok(code) => code,
        Err(error) => {
            tell!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The language of a terminal's person; a program reads English.
fn lang() -> Lang {
    match io::stdout().is_terminal() {
        true => Lang::of_terminal(|name| std::env::var(name).ok()),
        false => Lang::En,
    }
}

/// What the file asks for, or all that is wrong with it, a sentence each.
fn of_file(file: &Path, args: &Sweep) -> Result<Asked, Vec<String>> {
    let path = at_home(&file.to_string_lossy()).map_err(|what| vec![what.to_string()])?;
    let name = path.display();
    let text = named_file::config_text(&path).map_err(|why| vec![format!("{name}: {why}")])?;
    let SweepFile {
        mut config,
        sweep,
        name: called,
        mut errors,
        notices,
    } = sweep::read(&text, &args.overrides);
    errors.extend(config.expand_home(std::env::var("HOME").ok().as_deref()));
    if !errors.is_empty() {
        return Err(errors
            .iter()
            .map(|e| format!("{name}: {}", e.whole().in_lang(lang())))
            .collect());
    }
    for notice in notices {
        tell!("note: {}", notice.in_lang(lang()));
    }
    if let Some(folder) = config.output_dir.take() {
        tell!("note: {}", says::output_dir_unused(folder).in_lang(lang()));
    }
    from_here(&mut config);
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

/// Names that are files or folders seen from here, as whole paths: the board stands elsewhere.
fn from_here(config: &mut RunConfig) {
    let whole = |name: &str| {
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
        if let Some(path) = name.as_deref().and_then(whole) {
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
            .map(|name| whole(name.trim()).unwrap_or_else(|| name.trim().to_owned()));
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
        own.then(|| whole(name)).flatten()
    };
    for names in [&mut config.dataset, &mut config.eval_dataset].into_iter().flatten() {
        let each = names
            .split(',')
            .map(|name| file(name.trim()).unwrap_or_else(|| name.trim().to_owned()));
        *names = each.collect::<Vec<_>>().join(",");
    }
    if register.is_file() {
        config.dataset_dir = whole(&folder).or(Some(folder));
    }
}

/// Asks the board that works on the data directory; where there is none, one is started until the sweep is over.
fn by_a_board(asked: Asked, data_dir: Option<PathBuf>) -> Result<ExitCode, String> {
    let data_dir = match data_dir {
        Some(data_dir) => data_dir,
        None => data_dir_of_environment().map_err(|said| said.message)?,
    };
    let folder = serve::open_data_dir(&data_dir).map_err(|error| error.to_string())?;
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
    };
    // what starts nothing needs nobody who goes on with it
    if matches!(asked, Asked::Make { dry_run: true, .. } | Asked::Delete(_)) {
        super::write_for_the_person_alone();
        return drive(&here(&options, folder)?, &asked);
    }
    let mut ended = Ok(ExitCode::FAILURE);
    let whole = super::block_on(async {
        let driving = tokio::task::spawn_blocking(move || drive(&board::started(&folder)?, &asked));
        tokio::select! {
            served = serve::serve(options) => served,
            driven = driving => {
                ended = driven.map_err(|error| ServeError::Io(io::Error::other(error)))?;
                Ok(())
            }
        }
    });
    // a signal ended it: what the server has to say of that it has said
    if whole != ExitCode::SUCCESS {
        return Ok(whole);
    }
    ended
}

fn drive(board: &Board, asked: &Asked) -> Result<ExitCode, String> {
    match asked {
        Asked::Make { new, dry_run } => make(board, new, *dry_run),
        Asked::Resume(name) => {
            let sweep = find(board, name)?;
            let sweep: SweepSummary = board.post(&format!("sweeps/{}/resume", sweep.id), &())?;
            watch(board, &sweep)
        }
        Asked::Delete(name) => {
            let sweep = find(board, name)?;
            let gone: Trashed = board.delete(&format!("sweeps/{}", sweep.id))?;
            say(&words::deleted(&gone));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The sweep of that name or id; of several of one name the newest.
fn find(board: &Board, name: &str) -> Result<SweepSummary, String> {
    let all: Vec<SweepSummary> = board.get("sweeps")?;
    let found = all.into_iter().find(|sweep| sweep.id == name || sweep.name == name);
    found.ok_or_else(|| says::no_such_sweep(name).in_lang(lang()))
}

/// From what it costs to the table at the end.
fn make(board: &Board, new: &NewSweep, dry_run: bool) -> Result<ExitCode, String> {
    let plan: SweepPlan = board.post("sweeps/plan", new)?;
    if !plan.errors.is_empty() {
        for error in &plan.errors {
            tell!("error: {}", error.whole().in_lang(lang()));
        }
        return Ok(ExitCode::from(2));
    }
    for notice in &plan.notices {
        tell!("note: {}", notice.in_lang(lang()));
    }
    say(&words::cost(&plan));
    if dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    watch(board, &board.post("sweeps", new)?)
}

/// Tells of its runs as they end, until all are over.
fn watch(board: &Board, made: &SweepSummary) -> Result<ExitCode, String> {
    say(&format!("{}: {}/sweeps/{}", made.name, board.url, made.id));
    let mut told = HashSet::new();
    loop {
        let detail: SweepDetail = board.get(&format!("sweeps/{}", made.id))?;
        for run in &detail.runs {
            if run.state.is_over() && told.insert(run.id.clone()) {
                say(&words::ended(&detail, run, told.len()));
            }
        }
        if detail.summary.state != SweepState::Going {
            say("");
            say(&words::table(&detail));
            if !detail.summary.said.is_empty() {
                tell!("error: {}", detail.summary.said.in_lang(lang()));
            }
            let done = detail.runs.iter().any(|run| run.state == RunState::Completed);
            return Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        std::thread::sleep(LOOK);
    }
}

/// A line on the terminal; that nobody reads it any more is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
