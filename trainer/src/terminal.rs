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
                bar.println(self::started(started).in_lang(lang()));
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
    let said = match event {
        TrainEvent::Origin(origin) => return Some(format!("{}: {}", origin.from.name(), origin.path)),
        TrainEvent::Started(s) => started(s),
        TrainEvent::Phase { phase, done, total } => says::phase_done(name(*phase)?, done, total),
        TrainEvent::Notice(said) => says::in_note(said),
        TrainEvent::Data(report) => return Some(data(report)),
        TrainEvent::Step { step, epoch, metrics } => {
            says::step_done(step, total, format!("{epoch:.2}"), brief(metrics))
        }
        TrainEvent::Eval { step, metrics, .. } => says::evaluation_at(step, brief(metrics)),
        TrainEvent::Checkpoint { path, best, .. } => match best {
            true => says::saved_best(path),
            false => says::saved_at(path),
        },
        TrainEvent::Finished {
            outcome, step, said, ..
        } => match outcome {
            Outcome::Completed => says::completed_after(step),
            Outcome::Stopped => says::stopped_after(step),
            // no worker ends so
            Outcome::Untold => says::ended_after(step),
            Outcome::Failed => says::run_failed(said),
        },
    };
    Some(said.in_lang(lang()))
}

/// What a phase is called; the training itself is told by its steps.
fn name(phase: Phase) -> Option<Said> {
    Some(match phase {
        Phase::Loading => says::phase_loading(),
        Phase::Tokenizing => says::phase_tokenizing(),
        Phase::Reference => says::phase_reference(),
        Phase::Training => return None,
        Phase::Evaluating => says::phase_evaluating(),
        Phase::Sampling => says::phase_sampling(),
        Phase::Predicting => says::phase_predicting(),
        Phase::Saving => says::phase_saving(),
        Phase::Merging => says::phase_merging(),
    })
}

fn started(s: &Started) -> Said {
    // nothing where there is no number to tell
    let told = |count: u64| if count == 0 { String::new() } else { count.to_string() };
    let engine = says::training_by(s.trainable_params, s.all_params, &s.compute, &s.device, s.threads);
    says::training_begins(
        s.total_steps,
        told(s.train_rows),
        s.eval_rows,
        engine,
        told(s.resumed_from),
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
