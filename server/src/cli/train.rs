//! `corral train`: judges the config, lets a board know of the run, and becomes the trainer.

use super::data_dir::{folder, named};
use super::{Cli, default_data_dir, exec_trainer, import, keep_hub_tokens_only, report, told, words};
use crate::{demo, serve};
use clap::{Args, CommandFactory};
use protocol::config::{at_home, file_and_overrides};
use protocol::{RunConfig, Said, named_file, says};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

#[derive(Args)]
pub(super) struct Train {
    /// Where a board finds the run [default: ~/.local/share/corral]
    #[arg(long, env = "DATA_DIR", value_parser = folder())]
    data_dir: Option<PathBuf>,
    /// A run config with LLaMA-Factory's keys, then key=value or --key value, over what it says; or the latter alone
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    words: Vec<OsString>,
}

/// Becomes `corral-trainer train`, with the demo's names replaced by its folders, and links the run directory for the board.
/// Whatever else is wrong is left for the trainer to say.
pub(super) fn run(args: Train) -> ExitCode {
    let Train { data_dir, mut words } = args;
    if words.iter().any(|word| word == "--help" || word == "-h") {
        return help();
    }
    match data_dir_of(data_dir, &mut words) {
        Ok(data_dir) => train(words, &data_dir),
        Err(error) => {
            told::error(&error);
            ExitCode::from(2)
        }
    }
}

/// What `--help` says where it stands behind other words.
fn help() -> ExitCode {
    let mut cli = Cli::command();
    cli.build();
    let printed = cli.find_subcommand_mut("train").map(clap::Command::print_help);
    match printed {
        Some(Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// The data directory: named among the words of the config, or in front, or by the environment.
fn data_dir_of(in_front: Option<PathBuf>, words: &mut Vec<OsString>) -> Result<PathBuf, Said> {
    const OPTION: &str = "--data-dir";
    let of_option = |word: &OsString| {
        let rest = word.as_bytes().strip_prefix(OPTION.as_bytes())?;
        match rest.split_first() {
            None => Some(None),
            Some((b'=', path)) => Some(Some(OsStr::from_bytes(path).to_owned())),
            Some(_) => None,
        }
    };
    let Some((at, joined)) = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| Some((at, of_option(word)?)))
    else {
        return Ok(in_front.unwrap_or_else(default_data_dir));
    };
    words.remove(at);
    let path = match joined {
        Some(path) => path,
        None if at < words.len() => words.remove(at),
        None => OsString::new(),
    };
    match path.is_empty() {
        true => Err(says::option_takes_folder(OPTION)),
        false => named(path).map_err(|what| says::file(OPTION, what.said())),
    }
}

fn train(mut words: Vec<OsString>, data_dir: &Path) -> ExitCode {
    let Some(config) = train_config(&words) else {
        return exec_trainer("train", words, None);
    };
    match demo::overrides(data_dir, &config) {
        Ok(overrides) => {
            for pair in overrides {
                // in place of what named the demo, or the key would be given twice
                let key = pair.split('=').next().unwrap_or_default();
                words::remove_key(&mut words, key);
                words.push(pair.into());
            }
        }
        Err(error) => {
            told::error(&says::demo_not_put(data_dir, error));
            return ExitCode::FAILURE;
        }
    }
    // what can't be trained is reported before anything is written; training itself reports other errors of the check
    if let Some(code @ (2 | 129 | 130 | 143)) = checked(&words) {
        return ExitCode::from(code as u8);
    }
    link_for_board(&config, data_dir);
    report::begin(&config, data_dir);
    exec_trainer("train", words, Some(data_dir))
}

/// How the check of a config ended. What it has to note training notes too.
fn checked(words: &[OsString]) -> Option<i32> {
    let mut check = Command::new(serve::trainer());
    keep_hub_tokens_only(&mut check, "check");
    check.arg0("corral").args(["check", "--quiet"]).args(words);
    let parent = std::process::id();
    // SAFETY: prctl, getppid and an error of a number touch nothing of the parent's
    unsafe {
        check.pre_exec(move || {
            // it reads on for nobody where this process is ended
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) < 0 {
                return Err(io::Error::last_os_error());
            }
            match libc::getppid() == parent as i32 {
                true => Ok(()),
                false => Err(io::Error::from_raw_os_error(libc::ESRCH)),
            }
        });
    }
    check.status().ok()?.code()
}

/// The config of a `train` command line; `None` where its file can't be read.
fn train_config(args: &[OsString]) -> Option<RunConfig> {
    let words: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let (file, overrides) = file_and_overrides(&words);
    let yaml = match file {
        Some(file) => named_file::config_text(&at_home(file).ok()?).ok()?,
        None => String::new(),
    };
    let mut config = RunConfig::parse_with_overrides(&yaml, overrides).config;
    config.expand_home(std::env::var("HOME").ok().as_deref());
    Some(config)
}

/// Leaves a link to the run directory where a board looks for runs, so that it takes this one up. Training needs no
/// board.
fn link_for_board(config: &RunConfig, data_dir: &Path) -> Option<()> {
    import::link(Path::new(config.output_dir.as_deref()?.trim()), data_dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_directory_may_stand_anywhere_and_is_no_key() {
        for (line, left, named) in [
            ("run.yaml --data-dir /x seed=3", "run.yaml seed=3", Ok("/x")),
            ("run.yaml --data-dir=/x", "run.yaml", Ok("/x")),
            ("run.yaml dataset_dir=/y", "run.yaml dataset_dir=/y", Ok("/z")),
            ("run.yaml --data-dir", "run.yaml", Err(())),
        ] {
            let mut words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let found = data_dir_of(Some("/z".into()), &mut words).map_err(drop);
            assert_eq!(found, named.map(PathBuf::from), "{line}");
            assert_eq!(words, left.split(' ').collect::<Vec<_>>(), "{line}");
        }
        // a folder whose name is no UTF-8
        let mut words = vec!["run.yaml".into(), OsStr::from_bytes(b"--data-dir=/\xff").to_owned()];
        let found = data_dir_of(None, &mut words).unwrap();
        assert_eq!(found.as_os_str().as_bytes(), b"/\xff");
    }
}
