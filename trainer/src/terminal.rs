//! A run as a person at a terminal sees it: a progress bar with the metrics, or plain lines where no one looks on.

use crate::error::{Error, Result};
use crate::events::Watch;
use indicatif::{ProgressBar, ProgressStyle};
use protocol::data::DataNote;
use protocol::event::{DataReport, Event, Metrics, Outcome, Phase, Started, TrainEvent};
use protocol::health::Vitals;
use protocol::metric::{Metric, Unit, eval_name, metrics};
use protocol::tell;
use protocol::{Lang, RunConfig, Said, run_dir, says};
use std::fs::File;
use std::io::{BufReader, IsTerminal, Write};
use std::path::Path;

/// What shows a run: a bar on a terminal, lines in a log.
pub fn screen() -> Box<dyn Watch> {
    match std::io::stderr().is_terminal() {
        true => Box::new(Bar(ProgressBar::hidden())),
        false => Box::new(Lines { total: 0 }),
    }
}

struct Lines {
    total: u64,
}

impl Watch for Lines {
    fn event(&mut self, event: &Event) {
        if let TrainEvent::Started(started) = &event.body {
            self.total = started.total_steps;
        }
        if let Some(line) = line(&event.body, self.total) {
            // a run goes on when who read along has gone
            let _ = print(&format!("{line}\n"));
        }
    }
}

/// What goes wrong in the run of this directory, a line each where a person reads along, and what to try.
pub fn health(directory: &Path, config: &RunConfig) {
    let Ok(file) = File::open(directory.join(run_dir::EVENTS)) else {
        return;
    };
    // of half a run nothing is said
    let Ok(vitals) = Vitals::read(BufReader::new(file)) else {
        return;
    };
    let found = protocol::health::judge(&vitals, &config.completed());
    for finding in &found.findings {
        let line = says::in_note(finding.whole()).in_lang(lang());
        match std::io::stderr().is_terminal() {
            true => tell!("{line}"),
            false => drop(print(&format!("{line}\n"))),
        }
    }
}

/// Tells the person at the terminal what is good to know.
pub fn note(said: &Said) {
    tell!("{}", says::in_note(said).in_lang(lang()));
}

/// Writes to standard output at once; that nobody reads on is an error, not a panic.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Error::io("standard output"))
}

struct Bar(ProgressBar);

impl Watch for Bar {
    fn event(&mut self, event: &Event) {
        match &event.body {
            TrainEvent::Started(started) => {
                let bar = ProgressBar::new(started.total_steps);
                let style =
                    ProgressStyle::with_template("{bar:30} {pos}/{len} [{elapsed_precise}<{eta_precise}] {msg}");
                if let Ok(style) = style {
                    bar.set_style(style);
                }
                bar.println(self::started(started));
                bar.set_position(started.resumed_from);
                bar.reset_eta();
                self.0 = bar;
            }
            TrainEvent::Step { step, metrics, .. } => {
                self.0.set_position(*step);
                self.0.set_message(brief(metrics));
            }
            TrainEvent::Finished { .. } => {
                self.0.finish_and_clear();
                self.say(&event.body);
            }
            TrainEvent::Phase { .. } => {}
            other => self.say(other),
        }
    }
}

impl Bar {
    fn say(&self, event: &TrainEvent) {
        let Some(line) = line(event, self.0.length().unwrap_or(0)) else {
            return;
        };
        match self.0.is_hidden() {
            true => tell!("{line}"),
            false => self.0.println(line),
        }
    }
}

/// The language of the person at the terminal; English where a program or a file reads what is said.
pub fn lang() -> Lang {
    Lang::of_reader(&std::io::stderr())
}

fn line(event: &TrainEvent, total: u64) -> Option<String> {
    Some(match event {
        TrainEvent::Origin(origin) => format!("{}: {}", origin.from.name(), origin.path),
        TrainEvent::Started(s) => started(s),
        TrainEvent::Phase { phase, done, total } => match phase {
            Phase::Training => return None,
            _ => format!("{} {done}/{total}", name(*phase)),
        },
        TrainEvent::Notice(said) => says::in_note(said).in_lang(lang()),
        TrainEvent::Data(report) => data(report),
        TrainEvent::Step { step, epoch, metrics } => {
            format!("step {step}/{total} (epoch {epoch:.2}): {}", brief(metrics))
        }
        TrainEvent::Eval { step, metrics, .. } => format!("evaluation at step {step}: {}", brief(metrics)),
        TrainEvent::Checkpoint { path, best, .. } => match best {
            true => format!("saved {path} (the best so far)"),
            false => format!("saved {path}"),
        },
        TrainEvent::Finished {
            outcome, step, said, ..
        } => match outcome {
            Outcome::Completed => format!("completed after {step} steps"),
            Outcome::Stopped => format!("stopped after {step} steps; resume_from_checkpoint=true goes on"),
            // no worker ends so
            Outcome::Untold => format!("ended after {step} steps"),
            Outcome::Failed => says::run_failed(said).in_lang(lang()),
        },
    })
}

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Loading => "loading",
        Phase::Tokenizing => "tokenizing",
        Phase::Reference => "reference log-probs",
        Phase::Training => "training",
        Phase::Evaluating => "evaluating",
        Phase::Sampling => "answering sample prompts",
        Phase::Predicting => "writing replies",
        Phase::Saving => "saving",
        Phase::Merging => "merging",
    }
}

fn started(s: &Started) -> String {
    let resumed = match s.resumed_from {
        0 => String::new(),
        step => format!(", going on after step {step}"),
    };
    let rows = match s.train_rows {
        0 => "streamed".to_owned(),
        rows => rows.to_string(),
    };
    format!(
        "{} steps over {rows} rows ({} held out), {} of {} parameters trained, {} on {} with {} threads{resumed}",
        s.total_steps, s.eval_rows, s.trainable_params, s.all_params, s.compute, s.device, s.threads
    )
}

fn data(report: &DataReport) -> String {
    let cut = if report.cut > 0 {
        report.cut.to_string()
    } else {
        String::new()
    };
    let mut lines = vec![says::rows_usable(&report.dataset, report.usable, report.rows, cut)];
    let bad = report.bad_rows.iter().take(5);
    lines.extend(bad.map(|bad| says::at_row(bad.row, bad.said())));
    if report.bad_total > 5 {
        lines.push(says::more_rows(report.bad_total - 5));
    }
    lines.extend(report.found.iter().map(DataNote::said));
    lines.extend(report.notes.iter().map(Said::plain));
    let lines: Vec<_> = lines.iter().map(|said| said.in_lang(lang())).collect();
    lines.join("\n  ")
}

/// The metrics that have a place on a line.
fn brief(told: &Metrics) -> String {
    let one = |metric: &Metric, name: &str, before: &str| {
        let (word, value) = (metric.terminal?, told.get(name)?.get());
        Some(match metric.unit {
            Unit::Rate => format!("{before}{word} {value:.2e}"),
            Unit::TokensPerSecond => format!("{before}{word} {value:.0}"),
            _ => format!("{before}{word} {value:.4}"),
        })
    };
    let shown = metrics().flat_map(|metric| {
        let held_out = eval_name(metric.name);
        let training = (held_out != metric.name).then(|| one(metric, metric.name, ""));
        let before = if training.is_some() { "eval " } else { "" };
        [training.flatten(), one(metric, &held_out, before)]
    });
    shown.flatten().collect::<Vec<_>>().join("  ")
}
