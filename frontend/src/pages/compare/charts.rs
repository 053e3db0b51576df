//! The charts of the comparison: one colour for each run, training as a line, held-out rows with rings.

use super::drawing::{Drawing, specs, title, x_scale};
use super::means::{mean_lines, means};
use super::state::{Compared, Comparison, use_comparison};
use crate::chart::closer::Gathered;
use crate::chart::{Chart, ChartBar, ChartBarState, ChartGroup, Ends, Line, Marks, Scale, Source, closer};
use crate::i18n::compare as words;
use crate::logic::plot::steps_within;
use crate::logic::series::Fine;
use leptos::prelude::*;
use protocol::metric::Metric;

/// Fetches the finer points of each run when another stretch is visible.
fn look_closer(runs: &[Compared], bar: ChartBarState, group: ChartGroup) {
    let points = closer::points_each(runs.len());
    let gathered = Gathered::default();
    for compared in runs {
        let zoomed = compared.clone();
        let series = compared.series.clone();
        let loaded = Memo::new(move |_| series.with(|series| !series.is_empty()));
        let stretch = closer::stretch(group, points, move |zoom| {
            loaded.with(|_| ());
            let scale = x_scale(&zoomed, bar.axis.get());
            zoomed
                .series
                .with_untracked(|series| steps_within(series.longest(), &scale, zoom))
        });
        let fine = compared.fine.clone();
        let series = compared.series.clone();
        let thinned = Memo::new(move |_| series.with(|series| closer::is_thinned(series, points)));
        let gathered = gathered.clone();
        let tell = move |found: Option<Fine>| {
            // without finer points before or now, there is nothing to redraw
            if found.is_some() || fine.with_untracked(Option::is_some) {
                let fine = fine.clone();
                gathered.later(move || fine.set(found));
            }
        };
        closer::keep_fine(compared.id.clone(), stretch, thinned, tell);
    }
}

#[component]
pub fn Charts(runs: Vec<Compared>) -> impl IntoView {
    let comparison = use_comparison();
    let (bar, group) = (comparison.bar, comparison.group);
    look_closer(&runs, bar, group);
    let mixed = Memo::new(move |_| {
        comparison.summaries.with(|runs| {
            let losses: Vec<_> = runs.iter().map(|run| run.loss_name().to_owned()).collect();
            losses.windows(2).any(|pair| pair[0] != pair[1])
        })
    });
    let specs = specs();
    let drawings: Vec<_> = runs
        .iter()
        .map(|compared| Drawing::of(compared, &specs, bar.axis))
        .collect();
    let drawings = StoredValue::new(drawings);
    let means = means();
    let specs = StoredValue::new(specs);
    provide_context(Source::of(Signal::derive(move || comparison.query())));
    let lines = move |chart: usize| {
        if let Some(groups) = Some(comparison.groups.get()).filter(|groups| !groups.is_empty()) {
            return specs.with_value(|specs| means.with(|curves| mean_lines(curves, &specs[chart], &groups)));
        }
        let (hidden, colors) = (comparison.hidden.get(), comparison.colors.get());
        drawings.with_value(|drawings| {
            let shown = drawings
                .iter()
                .zip(&colors)
                .filter(|(run, _)| !hidden.contains(&run.id));
            shown
                .flat_map(|(run, color)| run.lines(chart, color))
                .collect::<Vec<_>>()
        })
    };
    let drawn_as = specs.with_value(|specs| specs.iter().map(|spec| (spec.metric, spec.scale)).collect::<Vec<_>>());
    let charts = drawn_as.into_iter().enumerate();
    let charts = charts
        .map(|(chart, (metric, scale))| {
            let drawn = Memo::new(move |_| lines(chart));
            view! { <OneChart comparison metric scale drawn mixed /> }
        })
        .collect_view();
    view! {
        <div class="chart-bar">
            <ChartBar bar />
        </div>
        <div class="charts hero four">{charts}</div>
    }
}

/// The chart of a metric, where any run has it.
#[component]
fn OneChart(
    comparison: Comparison,
    metric: &'static Metric,
    scale: Scale,
    drawn: Memo<Vec<Line>>,
    /// Whether the runs have different losses.
    mixed: Memo<bool>,
) -> impl IntoView {
    let any = Memo::new(move |_| drawn.with(|lines| !lines.is_empty()));
    let note = Signal::derive(move || match mixed.get() && metric.depends_on_loss {
        true => words::not_comparable().to_owned(),
        false => String::new(),
    });
    view! {
        <Show when=move || any.get()>
            <Chart
                title=Signal::derive(move || title(metric))
                lines=drawn
                group=comparison.group
                scale
                note
                no_legend=true
                marks=Marks { ends: Some(Ends::of_owners()), ..Marks::default() }
            />
        </Show>
    }
}
