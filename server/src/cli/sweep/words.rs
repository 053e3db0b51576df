//! What `corral sweep` writes on a terminal.

use protocol::api::{RunState, SweepDetail, SweepPlan, SweepRun, Trashed};
use protocol::sweep::{MIN_RUNS, written};

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
    let mut parts = vec![format!("{} runs", plan.runs)];
    if let Some(steps) = plan.total_steps {
        parts.push(format!("{steps} steps in all"));
    }
    parts.push(match &plan.estimate {
        Some(known) => format!(
            "{} {} each, {} in all (by the speed of {}{})",
            if known.rough { "roughly" } else { "about" },
            time(known.seconds / runs as f64),
            time(known.seconds),
            known.from,
            // steps that were made to measure it have no name
            if known.from.is_empty() {
                "a few steps of one"
            } else {
                ""
            }
        ),
        None => "how long is not known: no run like these has been made here".into(),
    });
    if plan.disk > 0 {
        let (disk, free) = (plan.disk as f64 / 1e9, plan.free as f64 / 1e9);
        parts.push(format!("{disk:.2} GB of checkpoints, {free:.0} GB are free"));
    }
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
    let name = &gone.name;
    format!(
        "{name} is in the trash for {days} days with its {mb:.1} MB: the page Models takes it back or empties the trash"
    )
}

fn value(run: &SweepRun) -> String {
    run.values
        .last()
        .map_or_else(|| "–".into(), |value| format!("{value:.4}"))
}

fn state(run: &SweepRun) -> &'static str {
    match (run.early, run.state) {
        (true, _) => "stopped early",
        (_, RunState::Completed) => "completed",
        (_, RunState::Failed) => "failed",
        (_, RunState::Stopped) => "stopped",
        (_, other) => other.name(),
    }
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
    let head = ["", "run"]
        .into_iter()
        .chain(keys.iter().copied())
        .chain([metric, "state"]);
    let mut rows: Vec<Vec<String>> = vec![head.map(str::to_owned).collect()];
    for run in runs {
        let mark = if detail.best.as_deref() == Some(&run.id) {
            "*"
        } else {
            ""
        };
        let own = keys
            .iter()
            .map(|key| run.point.get(*key).map(written).unwrap_or_default());
        let ends = [value(run), state(run).to_owned()];
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
            .map(|row| row.get(column).map_or(0, |cell| cell.chars().count()))
            .max()
    };
    let widths: Vec<usize> = (0..keys.len() + 4).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text: Vec<String> = rows.iter().map(line).collect();
    text.push(String::new());
    text.push(match detail.importance.is_empty() {
        true => format!(
            "which key matters is said from {MIN_RUNS} runs with a result on; so far there are {}",
            detail.measured
        ),
        false => format!("which key matters, by {} runs:", detail.measured),
    });
    for one in &detail.importance {
        let correlation = one.correlation.map_or_else(|| "–".into(), |r| format!("{r:+.2}"));
        let share = 100.0 * one.permutation;
        text.push(format!(
            "  {:<24} rank correlation {correlation:>5}   permutation {share:>3.0} %",
            one.key
        ));
    }
    if detail.reference.computed + detail.reference.read > 0 {
        text.push(format!(
            "the reference's log-probs: computed by {}, read by {}",
            detail.reference.computed, detail.reference.read
        ));
    }
    text.join("\n")
}
