//! The charts of the comparison: one colour for each run, training as a line, held-out rows with rings.

use super::state::{Compared, Group, use_comparison};
use crate::api;
use crate::chart::closer::Gathered;
use crate::chart::{Chart, ChartBar, ChartBarState, ChartGroup, Line, Scale, Side, Source, Stroke, closer};
use crate::fetched::{Refetch, heed};
use crate::fmt;
use crate::i18n::said::say;
use crate::i18n::{compare as words, run as chart_words, said_words as said};
use crate::logic::plot::{XAxis, XScale, steps_within};
use crate::logic::query::Query;
use crate::logic::series::{Fine, Shown};
use leptos::prelude::*;
use protocol::api::Curve as MeanCurve;
use protocol::metric::{self, CHARTS, Drawn, Measured, Metric, Unit};
use protocol::says;
use std::sync::Arc;
use std::time::Duration;

/// A chart of the comparison: one metric of every run.
struct Spec {
    metric: &'static Metric,
    /// Its lines for a run: the metric's full name, and whether it is of training or held out.
    lines: Vec<(String, Stroke)>,
    scale: Scale,
}

impl Spec {
    fn of(metric: &'static Metric) -> Self {
        let solid = (metric.name.to_owned(), Stroke::Solid);
        let ringed = (metric::eval_name(metric.name), Stroke::Ringed);
        let chart = CHARTS.iter().find(|chart| metric.drawn == Drawn::In(chart.id));
        Self {
            metric,
            lines: match metric.measured {
                Measured::Both => vec![solid, ringed],
                Measured::Training => vec![solid],
                Measured::HeldOut => vec![ringed],
            },
            scale: chart.map(Scale::of).unwrap_or_default(),
        }
    }
}

fn title(metric: &Metric) -> String {
    let title = said(&metric.title);
    match metric.measured {
        Measured::HeldOut => say(&says::held_out_metric(title)),
        Measured::Both | Measured::Training => fmt::sentence(title),
    }
}

/// The charts of the page: first the metrics that are on one scale whatever the loss.
fn specs() -> Vec<Spec> {
    metric::compared().into_iter().map(Spec::of).collect()
}

/// The full names of all metrics that are drawn.
pub fn names() -> Vec<String> {
    let lines = specs().into_iter().flat_map(|spec| spec.lines);
    lines.map(|(name, _)| name).collect()
}

/// The points of one metric of one run, on the axis chosen: worked out when they or the axis change, and for nothing else.
#[derive(Clone, Copy)]
struct Curve {
    metric: &'static Metric,
    stroke: Stroke,
    points: Memo<Arc<[(f64, f64)]>>,
}

/// The curves of a run.
struct Drawing {
    id: String,
    name: Memo<String>,
    /// The curves of each chart.
    curves: Vec<Vec<Curve>>,
}

impl Drawing {
    fn of(compared: &Compared, specs: &[Spec], axis: Signal<XAxis>) -> Self {
        let run = compared.clone();
        let scale = Memo::new(move |_| x_scale(&run, axis.get()));
        let curve = |metric: &'static Metric, (name, stroke): &(String, Stroke)| {
            let (compared, name) = (compared.clone(), name.clone());
            let points = move || {
                let scale = scale.get();
                compared.series.with(|whole| {
                    compared.fine.with(|fine| {
                        let fine = fine.as_ref();
                        scale.line(&Shown { whole, fine }.get(&name))
                    })
                })
            };
            Curve {
                metric,
                stroke: *stroke,
                points: Memo::new(move |_| points().into()),
            }
        };
        let run = compared.run.clone();
        Self {
            id: compared.id.clone(),
            name: Memo::new(move |_| run.with(|run| run.name.clone())),
            curves: specs
                .iter()
                .map(|spec| spec.lines.iter().map(|line| curve(spec.metric, line)).collect())
                .collect(),
        }
    }

    /// The lines of one chart.
    fn lines(&self, chart: usize, color: &str) -> Vec<Line> {
        let curves = &self.curves[chart];
        let run = self.name.get();
        let line = |curve: &Curve| {
            let points = curve.points.get();
            if points.is_empty() {
                return None;
            }
            let name = match (curves.len(), curve.stroke) {
                (1, _) | (_, Stroke::Solid) => run.clone(),
                (_, Stroke::Ringed) => format!("{run}, {}", chart_words::eval()),
            };
            Some(Line {
                legend: name.clone(),
                name,
                metric: curve.metric.name.into(),
                color: color.into(),
                stroke: curve.stroke,
                side: Side::Left,
                points,
                noisy: curve.stroke == Stroke::Solid && curve.metric.unit != Unit::Rate,
                raw: None,
                range: None,
                of: self.id.clone(),
            })
        };
        curves.iter().filter_map(line).collect()
    }
}

/// From one answer to the next question while runs go on: all runs are read for it.
const MEANS_REST: Duration = Duration::from_secs(3);

/// The means of groups of runs, asked for again when a run has gone on.
fn means() -> RwSignal<Vec<MeanCurve>> {
    let comparison = use_comparison();
    let (curves, names) = (RwSignal::new(vec![]), names());
    let asked = Memo::new(move |_| {
        let mut query = comparison.address.query.get();
        query.set_list("y", &names);
        query.set_list("runs", &comparison.shown_ids());
        query.only(&["runs", "x", "y", "group"])
    });
    let ask = Refetch::new(
        move || api::curves(asked.get_untracked()),
        move |answer| {
            // after a failure, the means of an earlier choice must not stay
            curves.set(answer.map(|found| found.curves).unwrap_or_default());
        },
    )
    .resting(MEANS_REST);
    let wanted = |asked: &Query| asked.get("group").is_some() && asked.get("runs").is_some();
    // another choice is fetched at once, without the cooldown that a run's next steps wait for
    Effect::new(move || match asked.with(wanted) {
        true => ask.now(),
        false => {
            ask.forget();
            curves.set(vec![]);
        }
    });
    Effect::new(move |before: Option<()>| {
        heed(comparison.steps);
        if before.is_some() && asked.with_untracked(wanted) {
            ask.changed();
        }
    });
    curves
}

/// The lines of a chart of means.
fn mean_lines(curves: &[MeanCurve], spec: &Spec, groups: &[Group]) -> Vec<Line> {
    let of_line = |(name, stroke): &(String, Stroke)| {
        let (name, stroke) = (name.clone(), *stroke);
        curves
            .iter()
            .filter(move |curve| curve.metric == name)
            .map(move |curve| Line {
                name: match stroke {
                    Stroke::Ringed if spec.lines.len() > 1 => format!("{}, {}", curve.name, chart_words::eval()),
                    _ => curve.name.clone(),
                },
                legend: curve.name.clone(),
                metric: spec.metric.name.into(),
                color: groups
                    .iter()
                    .find(|group| group.value == curve.of)
                    .map(|group| group.color.clone())
                    .unwrap_or_default(),
                stroke,
                side: Side::Left,
                points: curve.points.clone().into(),
                noisy: stroke == Stroke::Solid && spec.metric.unit != Unit::Rate,
                raw: None,
                range: Some(curve.range.clone().into()),
                of: curve.of.clone(),
            })
    };
    spec.lines.iter().flat_map(of_line).collect()
}

/// A run's x axis.
fn x_scale(compared: &Compared, axis: XAxis) -> XScale {
    compared.run.with(|run| {
        let epochs = run.config.num_train_epochs.unwrap_or(3.0);
        XScale {
            axis,
            steps_per_epoch: run.total_steps.map_or(0.0, |total| total as f64 / epochs.max(1e-9)),
            clock: run.clock(),
        }
    })
}

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
    provide_context(Source(Signal::derive(move || comparison.query())));
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
    let charts = drawn_as
        .into_iter()
        .enumerate()
        .map(|(chart, (metric, scale))| {
            let drawn = Memo::new(move |_| lines(chart));
            let any = Memo::new(move |_| drawn.with(|lines| !lines.is_empty()));
            let note = Signal::derive(move || {
                if mixed.get() && metric.depends_on_loss {
                    words::not_comparable().to_owned()
                } else {
                    String::new()
                }
            });
            view! {
                <Show when=move || any.get()>
                    <Chart
                        title=Signal::derive(move || title(metric))
                        lines=drawn
                        group
                        scale
                        note
                        no_legend=true
                    />
                </Show>
            }
        })
        .collect_view();
    view! {
        <div class="chart-bar">
            <ChartBar bar />
        </div>
        <div class="charts hero four">{charts}</div>
    }
}
