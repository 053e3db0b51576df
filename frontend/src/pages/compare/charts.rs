//! Overlaid charts: one colour a run, training as a line, held-out rows with rings.

use super::state::{Compared, use_comparison};
use crate::chart::closer::Gathered;
use crate::chart::{Chart, ChartBar, ChartBarState, ChartGroup, Line, Scale, Side, Stroke, closer};
use crate::i18n::{Word, compare as words, run as chart_words};
use crate::logic::plot::{XAxis, XScale, steps_within};
use crate::logic::series::{Fine, Shown};
use crate::logic::table::loss_name;
use leptos::prelude::*;
use std::sync::Arc;

struct Spec {
    title: Word,
    /// The metric, and whether it is of training or held out.
    metrics: &'static [(&'static str, Stroke)],
    scale: Scale,
    /// On one scale whatever the loss.
    comparable: bool,
}

const FREE: Scale = Scale {
    range: None,
    reference: None,
};
const DIFFERENCE: Scale = Scale {
    range: None,
    reference: Some(0.0),
};

const SPECS: &[Spec] = &[
    Spec {
        title: words::held_out_margin,
        metrics: &[("preference/margins", Stroke::Ringed)],
        scale: DIFFERENCE,
        comparable: true,
    },
    Spec {
        title: words::held_out_accuracy,
        metrics: &[("preference/accuracies", Stroke::Ringed)],
        scale: Scale {
            range: Some((0.0, 1.0)),
            reference: Some(0.5),
        },
        comparable: true,
    },
    Spec {
        title: chart_words::loss,
        metrics: &[("loss", Stroke::Solid), ("eval_loss", Stroke::Ringed)],
        scale: FREE,
        comparable: false,
    },
    Spec {
        title: chart_words::margin,
        metrics: &[
            ("rewards/margins", Stroke::Solid),
            ("eval_rewards/margins", Stroke::Ringed),
        ],
        scale: DIFFERENCE,
        comparable: false,
    },
    Spec {
        title: chart_words::reward,
        metrics: &[("reward", Stroke::Solid), ("eval_reward", Stroke::Ringed)],
        scale: FREE,
        comparable: true,
    },
    Spec {
        title: chart_words::grad_norm,
        metrics: &[("grad_norm", Stroke::Solid)],
        scale: FREE,
        comparable: false,
    },
    Spec {
        title: chart_words::learning_rate,
        metrics: &[("learning_rate", Stroke::Solid)],
        scale: FREE,
        comparable: true,
    },
];

/// The points of one metric of one run, on the axis chosen: worked out when they or the axis change, and for nothing else.
#[derive(Clone, Copy)]
struct Curve {
    metric: &'static str,
    stroke: Stroke,
    points: Memo<Arc<[(f64, f64)]>>,
}

/// A run as the charts have it.
struct Drawing {
    id: String,
    name: Memo<String>,
    /// Those of each chart.
    curves: Vec<Vec<Curve>>,
}

impl Drawing {
    fn of(compared: &Compared, axis: Signal<XAxis>) -> Self {
        let run = compared.clone();
        let scale = Memo::new(move |_| x_scale(&run, axis.get()));
        let curve = |&(metric, stroke): &(&'static str, Stroke)| {
            let compared = compared.clone();
            let points = move || {
                let scale = scale.get();
                compared.series.with(|whole| {
                    compared.fine.with(|fine| {
                        let fine = fine.as_ref();
                        scale.line(&Shown { whole, fine }.get(metric))
                    })
                })
            };
            Curve {
                metric,
                stroke,
                points: Memo::new(move |_| points().into()),
            }
        };
        let run = compared.run.clone();
        Self {
            id: compared.id.clone(),
            name: Memo::new(move |_| run.with(|run| run.name.clone())),
            curves: SPECS
                .iter()
                .map(|spec| spec.metrics.iter().map(curve).collect())
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
                metric: curve.metric.into(),
                color: color.into(),
                stroke: curve.stroke,
                side: Side::Left,
                points,
                noisy: curve.stroke == Stroke::Solid && curve.metric != "learning_rate",
                raw: None,
                of: self.id.clone(),
            })
        };
        curves.iter().filter_map(line).collect()
    }
}

/// A run's x axis.
fn x_scale(compared: &Compared, axis: XAxis) -> XScale {
    compared.run.with(|run| {
        let epochs = run.config.num_train_epochs.unwrap_or(3.0);
        XScale {
            axis,
            steps_per_epoch: run.total_steps.map_or(0.0, |total| total as f64 / epochs.max(1e-9)),
            origin: run.started.unwrap_or_default(),
        }
    })
}

/// Keeps the finer points of each run in step with what is looked at.
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
            // nothing to forget is nothing to draw anew
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
            let losses: Vec<_> = runs.iter().map(loss_name).collect();
            losses.windows(2).any(|pair| pair[0] != pair[1])
        })
    });
    let drawings: Vec<_> = runs.iter().map(|compared| Drawing::of(compared, bar.axis)).collect();
    let drawings = StoredValue::new(drawings);
    let lines = move |chart: usize| {
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
    let charts = SPECS
        .iter()
        .enumerate()
        .map(|(chart, spec)| {
            let drawn = Memo::new(move |_| lines(chart));
            let any = Memo::new(move |_| drawn.with(|lines| !lines.is_empty()));
            let note = Signal::derive(move || {
                if mixed.get() && !spec.comparable {
                    words::not_comparable().to_owned()
                } else {
                    String::new()
                }
            });
            view! {
                <Show when=move || any.get()>
                    <Chart
                        title=Signal::derive(move || (spec.title)().to_string())
                        lines=drawn
                        group
                        scale=spec.scale
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
