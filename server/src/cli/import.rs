//! `corral import`: runs of other programs, written where a board looks for runs.

use super::{default_data_dir, told};
use crate::ambient::Ambient;
use crate::imports;
use crate::imports::follow::{Follow, POLL_INTERVAL};
use crate::runs::adopt::is_run;
use crate::serve::Signals;
use clap::Args;
use protocol::config::at_home;
use protocol::says;
use protocol::tell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct Import {
    /// A file or a folder; every run below it is taken in
    #[arg(value_parser = at_home)]
    path: PathBuf,
    /// What to call the run; of several, what their names begin with
    #[arg(long)]
    name: Option<String>,
    /// Go on taking in what the runs add, and runs that come later, until all have ended or Ctrl-C
    #[arg(long)]
    follow: bool,
    /// Where runs are kept [default: ~/.local/share/corral]
    #[arg(long, env = "DATA_DIR", value_parser = at_home)]
    data_dir: Option<PathBuf>,
}

/// Writes run directories where a board looks for them; none need be there.
pub(super) fn run(args: &Import) -> ExitCode {
    super::restrict_umask();
    let data_dir = args.data_dir.clone().unwrap_or_else(default_data_dir);
    if is_run(&args.path) {
        if args.follow {
            told::note(&says::import_own_followed(&args.path));
        }
        return match link(&args.path, &data_dir) {
            Some(()) => ExitCode::SUCCESS,
            None => {
                told::error(&says::not_linked(&args.path, &data_dir));
                ExitCode::FAILURE
            }
        };
    }
    let asked = imports::ImportRequest {
        path: &args.path,
        name: args.name.as_deref(),
        shown: None,
    };
    if args.follow {
        return follow(&asked, &data_dir.join("runs"));
    }
    match imports::take_in(&asked, &data_dir.join("runs"), &Ambient::default()) {
        Ok(taken) => {
            taken.runs.iter().for_each(|run| tell!("{}", run.display()));
            taken.left_out.iter().for_each(|why| told::note(&says::left_out(why)));
            ExitCode::SUCCESS
        }
        Err(error) => {
            told::error(&error.0);
            ExitCode::FAILURE
        }
    }
}

/// Takes runs in as they go.
fn follow(asked: &imports::ImportRequest, runs: &Path) -> ExitCode {
    let done = Follow::new(asked, runs, Ambient::default()).and_then(|mut follow| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| imports::ImportError(says::import_not_written(runs, e)))?;
        let looked = runtime.block_on(follow_until_over(&mut follow));
        // whatever stood in the way, no run is left as if somebody told it
        follow.end().and(looked)
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            told::error(&error.0);
            ExitCode::FAILURE
        }
    }
}

async fn follow_until_over(follow: &mut Follow) -> Result<(), imports::ImportError> {
    // before the first look, which may take a while
    let mut signals = Signals::listen();
    let mut told_to_wait = false;
    loop {
        let news = follow.poll()?;
        news.begun
            .iter()
            .for_each(|run| tell!("{}", told::err(&says::import_follows(run))));
        news.ended
            .iter()
            .for_each(|run| tell!("{}", told::err(&says::import_ended(run))));
        news.troubles.iter().for_each(told::note);
        if follow.is_over() {
            return Ok(());
        }
        if follow.is_empty() && !told_to_wait {
            told_to_wait = true;
            told::note(&says::import_not_yet(follow.path()));
        }
        tokio::select! {
            () = signals.next() => return Ok(()),
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
}

/// Leaves a link to a run directory below `runs/`, unless it lies there or one is there.
pub(super) fn link(directory: &Path, data_dir: &Path) -> Option<()> {
    let directory = std::path::absolute(directory).ok()?;
    let runs = data_dir.join("runs");
    std::fs::create_dir_all(&runs).ok()?;
    let runs = runs.canonicalize().ok()?;
    if directory.starts_with(&runs) {
        return None;
    }
    let name = directory.file_name()?.to_string_lossy().into_owned();
    let links = std::iter::once(name.clone()).chain((2..1000).map(|n| format!("{name}-{n}")));
    for link in links.map(|link| runs.join(link)) {
        match std::fs::read_link(&link) {
            Ok(target) if target == directory => return Some(()),
            // a link to a directory that is gone makes room
            Ok(_) if !link.exists() => std::fs::remove_file(&link).ok()?,
            _ if link.exists() => continue,
            _ => {}
        }
        return std::os::unix::fs::symlink(&directory, &link).ok();
    }
    None
}
