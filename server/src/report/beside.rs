//! Starting the process that reports a run beside its worker.

use crate::secrets;
use protocol::RunConfig;
use protocol::config::{tells_mlflow, tells_trackio};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The secrets that it needs.
const KEYS: &[&str] = &[
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_TRACKING_PASSWORD",
];

/// Starts `corral report` for the worker that has this pid, where its config asks for it. It has the keys of the
/// environment, goes on when this process ends, and ends by itself. What it has to say lies in the run's directory, and goes
/// where `said` says.
///
/// # Errors
/// When the program can't be started.
pub fn start(
    config: &RunConfig,
    directory: &Path,
    data_dir: &Path,
    pid: u32,
    said: Stdio,
) -> io::Result<Option<Child>> {
    if !tells_mlflow(config) && !tells_trackio(config) {
        return Ok(None);
    }
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("report")
        .arg(directory)
        .args(["--pid", &pid.to_string()])
        .env(protocol::data_dir::VARIABLE, data_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said)
        .process_group(0);
    secrets::remove_all_but(&mut command, KEYS);
    command.spawn().map(Some)
}
