//! What `corral sweep` writes on a terminal.

use crate::cli::told;
use protocol::api::{RunState, SweepDetail, SweepPlan, SweepRun, Trashed};
use protocol::sweep::{MIN_RUNS, written};
use protocol::{Said, says};

/// A length of time as people say it.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// `27 runs · 11016 steps in all · about 2 min each, 54 min in all (by the speed of demo-simpo-1)`.
pub(super) fn cost(plan: &SweepPlan) -> String {
    let runs = plan.runs.max(1);
    let mut said = vec![says::sweep_runs(plan.runs)];
    said.extend(plan.total_steps.map(says::sweep_steps));
    said.push(match &plan.estimate {
        Some(known) => {
            let rough = if known.rough { "roughly" } else { "" };
            let each = time(known.seconds / runs as f64);
            // steps that were made to measure it have no name
            says::sweep_takes(rough, each, time(known.seconds), &known.from)
        }
        None => says::sweep_time_unknown(),
    });
    if plan.disk > 0 {
        let (disk, free) = (plan.disk as f64 / 1e9, plan.free as f64 / 1e9);
        said.push(says::sweep_disk(format!("{disk:.2}"), format!("{free:.0}")));
    }
    let mut parts: Vec<_> = said.iter().map(told::out).collect();
    if let Some(target) = &plan.target {
        parts.push(format!("{} {}", target.goal.name(), target.metric));
    }
    parts.join(" · ")
}

/// What a deletion leaves to be said.
pub(super) fn deleted(gone: &Trashed) -> String {
    let (mb, days) = (
        gone.bytes as f64 / 1e6,
        (gone.until - gone.deleted) / (24 * 3600 * 1000),
    );
    told::out(&says::sweep_in_trash(&gone.name, days, format!("{mb:.1}")))
}

fn value(run: &SweepRun) -> String {
    run.values
        .last()
        .map_or_else(|| "–".into(), |value| format!("{value:.4}"))
}

fn state(run: &SweepRun) -> String {
    let said = match run.state {
        _ if run.early => says::run_is_stopped_early(),
        RunState::Completed => says::run_is_completed(),
        RunState::Failed => says::run_is_failed(),
        RunState::Stopped => says::run_is_stopped(),
        RunState::Queued => says::run_is_queued(),
        RunState::Starting => says::run_is_starting(),
        RunState::Running => says::run_is_running(),
        RunState::Stopping => says::run_is_stopping(),
        RunState::Untold => says::run_is_untold(),
        RunState::Unknown => says::run_is_unknown(),
    };
    told::out(&said)
}

/// A line for a run that has ended.
pub(super) fn ended(detail: &SweepDetail, run: &SweepRun, count: usize) -> String {
    let point = protocol::sweep::point_text(&run.point);
    let (all, metric) = (detail.summary.runs, &detail.summary.target.metric);
    format!(
        "{count}/{all}  {}  {point}  {metric} {}  {}",
        run.name,
        value(run),
        state(run)
    )
}

/// All runs from the best on, then what matters.
pub(super) fn table(detail: &SweepDetail) -> String {
    let summary = &detail.summary;
    let keys: Vec<&str> = summary
        .sweep
        .parameters
        .iter()
        .map(|parameter| parameter.key.as_str())
        .collect();
    let mut runs: Vec<&SweepRun> = detail.runs.iter().collect();
    let cost = |run: &SweepRun| {
        run.values
            .last()
            .map_or(f64::INFINITY, |value| summary.target.goal.cost(*value))
    };
    // those that went to their end first: the others were measured earlier
    runs.sort_by(|a, b| {
        let whole = |run: &SweepRun| run.state != RunState::Completed;
        whole(a).cmp(&whole(b)).then(cost(a).total_cmp(&cost(b)))
    });
    let metric = summary.target.metric.as_str();
    let title = |said: Said| told::out(&said);
    let head = [String::new(), title(says::column_run())]
        .into_iter()
        .chain(keys.iter().map(|key| (*key).to_owned()))
        .chain([metric.to_owned(), title(says::column_state())]);
    let mut rows: Vec<Vec<String>> = vec![head.collect()];
    for run in runs {
        let mark = if detail.best.as_deref() == Some(&run.id) {
            "*"
        } else {
            ""
        };
        let own = keys
            .iter()
            .map(|key| run.point.get(*key).map(written).unwrap_or_default());
        let ends = [value(run), state(run)];
        rows.push(
            [mark.to_owned(), run.name.clone()]
                .into_iter()
                .chain(own)
                .chain(ends)
                .collect(),
        );
    }
    let width = |column: usize| {
        rows.iter()
            .map(|row| row.get(column).map_or(0, |cell| told::columns(cell)))
            .max()
    };
    let widths: Vec<usize> = (0..keys.len() + 4).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| told::to_left(cell, *width));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text: Vec<String> = rows.iter().map(line).collect();
    text.push(String::new());
    text.push(title(match detail.importance.is_empty() {
        true => says::sweep_matters_from(MIN_RUNS, detail.measured),
        false => says::sweep_matters(detail.measured),
    }));
    for one in &detail.importance {
        let correlation = one.correlation.map_or_else(|| "–".into(), |r| format!("{r:+.2}"));
        let (key, share) = (told::to_left(&one.key, 24), 100.0 * one.permutation);
        let said = says::sweep_key_matters(key, format!("{correlation:>5}"), format!("{share:>3.0}"));
        text.push(format!("  {}", title(said)));
    }
    if detail.reference.computed + detail.reference.read > 0 {
        let reference = &detail.reference;
        text.push(title(says::sweep_reference(reference.computed, reference.read)));
    }
    text.join("\n")
}
