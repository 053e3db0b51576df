//! `corral python-client`: the module that Python's scripts tell their runs by, of this very version.

use super::told;
use crate::whole;
use clap::Args;
use protocol::config::at_home;
use protocol::says;
use std::path::PathBuf;
use std::process::ExitCode;

/// One file without dependencies: it is carried by the program, so that the two always fit.
const CLIENT: &str = include_str!("../../../assets/python/corral.py");

#[derive(Args)]
pub(super) struct PythonClient {
    /// Where `import corral` will find it: beside a script, or in a folder of PYTHONPATH
    #[arg(value_parser = at_home)]
    folder: PathBuf,
}

pub(super) fn run(args: &PythonClient) -> ExitCode {
    let path = args.folder.join("corral.py");
    // an older one of ours says so in its first line
    let theirs = std::fs::read_to_string(&path).is_ok_and(|text| text.lines().next() != CLIENT.lines().next());
    if theirs {
        told::error(&says::client_is_theirs(&path));
        return ExitCode::FAILURE;
    }
    match whole::write(&path, CLIENT.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            told::error(&says::file(&path, error));
            ExitCode::FAILURE
        }
    }
}
