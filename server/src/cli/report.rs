//! `corral report`: tells MLflow's server of a run, while it goes or after it has ended.

use super::{default_data_dir, told};
use crate::report::{self, beside};
use crate::supervisor::local::process::Process;
use clap::Args;
use protocol::config::at_home;
use protocol::{RunConfig, says};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

#[derive(Args)]
pub(super) struct Report {
    /// The run directory; what was told already is not told again
    #[arg(value_parser = at_home)]
    run: PathBuf,
    /// Goes on as long as this process does
    #[arg(long, hide = true)]
    pid: Option<u32>,
    /// Where secrets.env lies [default: ~/.local/share/corral]
    #[arg(long, env = "DATA_DIR", value_parser = at_home)]
    data_dir: Option<PathBuf>,
}

pub(super) fn run(args: &Report) -> ExitCode {
    super::restrict_umask();
    let data_dir = args.data_dir.clone().unwrap_or_else(default_data_dir);
    let worker = args.pid.and_then(Process::of);
    match report::follow(&args.run, &data_dir, worker.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(said) => {
            // beside a run it was said as it came up
            if args.pid.is_none() {
                told::error(&said);
            }
            ExitCode::FAILURE
        }
    }
}

/// Starts what tells other programs' servers of the run: this process becomes the trainer, and keeps its pid.
pub(super) fn begin(config: &RunConfig, data_dir: &Path) {
    let directory = config
        .output_dir
        .as_deref()
        .map(|path| std::path::absolute(path.trim()));
    let Some(Ok(directory)) = directory else { return };
    if let Some(why) = report::hindrance(config, data_dir) {
        told::note(&why);
    }
    if let Err(error) = beside::start(config, &directory, data_dir, std::process::id(), Stdio::inherit()) {
        told::note(&says::not_reported(error));
    }
}
