//! `corral health`: what goes wrong in a run, by its curves and its config, and what to try.

use super::data_dir::data_dir_of_environment;
use super::told;
use crate::runs::{board_file::BoardFile, config_text};
use crate::supervisor::launcher::Found;
use crate::supervisor::local;
use clap::Args;
use protocol::config::at_home;
use protocol::health::{self, Finding, Severity, Vitals};
use protocol::{Lang, RunConfig, Said, run_dir, says};
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Args)]
pub(super) struct Health {
    /// A run directory, or the name of a run of the board
    run: String,
    /// As the API has it
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Health) -> ExitCode {
    match report(args) {
        Ok(text) => match io::stdout().lock().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(error) => {
            told::error(&error);
            ExitCode::from(2)
        }
    }
}

fn report(args: &Health) -> Result<String, Said> {
    let directory = directory(&args.run)?;
    let config = config_text(&directory)
        .map(|text| RunConfig::parse(&text).config)
        .unwrap_or_default();
    let path = directory.join(run_dir::EVENTS);
    let file = File::open(&path).map_err(|error| says::file(&path, error))?;
    let vitals = Vitals::read(BufReader::new(file)).map_err(|error| says::file(&path, error))?;
    // the defaults of another program's run are not ours
    let config = if vitals.ours { config.completed() } else { config };
    let mut health = health::judge(&vitals, &config);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis() as i64);
    if vitals.end.is_none() && matches!(local::find(&directory, None, SystemTime::now()), Found::Alive(_)) {
        health.checks += 1;
        if let Some(stalled) = health::stalled(now, vitals.heard, vitals.seconds_per_step()) {
            health.add(stalled);
        }
    }
    if args.json {
        let text = serde_json::to_string_pretty(&health).map_err(says::internal_error)?;
        return Ok(text + "\n");
    }
    let lang = Lang::of_reader(&io::stdout());
    let lines = health.findings.iter().map(|finding| line(finding, lang));
    let lines: Vec<_> = match health.findings.is_empty() {
        true => vec![says::health_well(health.checks).in_lang(lang)],
        false => lines.collect(),
    };
    Ok(lines.join("\n") + "\n")
}

/// A finding as a terminal has it.
fn line(finding: &Finding, lang: Lang) -> String {
    let mark = match finding.severity {
        Severity::Bad => "!!",
        Severity::Warning => "! ",
        Severity::Note => "- ",
    };
    format!("{mark} {}", finding.whole().in_lang(lang))
}

/// The run directory of that path, or of the board's run of that name or id.
fn directory(run: &str) -> Result<PathBuf, Said> {
    let path = at_home(run).map_err(|what| what.said())?;
    if path.is_dir() {
        return Ok(path);
    }
    let runs = data_dir_of_environment()?.join("runs");
    let of_name = |directory: &Path| BoardFile::read(directory).is_some_and(|kept| kept.name == run || kept.id == run);
    let all = std::fs::read_dir(&runs)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    all.into_iter()
        .find(|directory| of_name(directory))
        .ok_or_else(|| says::no_run_or_folder(run, &runs))
}
