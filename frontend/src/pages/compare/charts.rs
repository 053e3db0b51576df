//! Overlaid charts: one colour a run, training as a line, held-out rows with rings.

use super::state::{Compared, use_comparison};
use crate::chart::{Chart, ChartBar, Line, Scale, Side, Stroke, closer};
use crate::i18n::{Word, compare as words, run as chart_words};
use crate::logic::plot::{XScale, smooth, steps_within};
use crate::logic::series::Shown;
use crate::logic::table::loss_name;
use crate::logic::view::COLORS;
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

/// One metric of one run as a line.
struct Drawing<'a> {
    compared: &'a Compared,
    color: &'a str,
    smoothing: f64,
    /// Too many lines to draw each twice.
    many: bool,
}

impl Drawing<'_> {
    fn line(&self, scale: XScale, name: &str, (metric, stroke): (&str, Stroke), alone: bool) -> Option<Line> {
        let points = self.compared.series.with(|whole| {
            self.compared.fine.with(|fine| {
                let fine = fine.as_ref();
                scale.line(&Shown { whole, fine }.get(metric))
            })
        });
        if points.is_empty() {
            return None;
        }
        let smoothed = stroke == Stroke::Solid && self.smoothing > 0.0 && metric != "learning_rate";
        let (points, raw) = match smoothed {
            true => {
                let line = smooth(&points, self.smoothing);
                (line, (!self.many).then(|| Arc::new(points)))
            }
            false => (points, None),
        };
        let name = match (alone, stroke) {
            (true, _) | (false, Stroke::Solid) => name.to_owned(),
            (false, Stroke::Ringed) => format!("{name}, {}", chart_words::eval()),
        };
        Some(Line {
            legend: name.clone(),
            name,
            metric: metric.into(),
            color: self.color.into(),
            stroke,
            side: Side::Left,
            points: Arc::new(points),
            raw,
            of: self.compared.id.clone(),
        })
    }
}

/// A run's x axis.
fn x_scale(compared: &Compared, axis: crate::logic::plot::XAxis) -> XScale {
    compared.run.with(|run| {
        let epochs = run.config.num_train_epochs.unwrap_or(3.0);
        XScale {
            axis,
            steps_per_epoch: run.total_steps.map_or(0.0, |total| total as f64 / epochs.max(1e-9)),
            origin: run.started.unwrap_or_default(),
        }
    })
}

#[component]
pub fn Charts(runs: Vec<Compared>) -> impl IntoView {
    let comparison = use_comparison();
    let (bar, group) = (comparison.bar, comparison.group);
    let points = closer::points_each(runs.len());
    for compared in &runs {
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
        closer::keep_fine(compared.id.clone(), stretch, thinned, move |found| fine.set(found));
    }
    let mixed = Memo::new(move |_| {
        comparison.summaries.with(|runs| {
            let losses: Vec<_> = runs.iter().map(loss_name).collect();
            losses.windows(2).any(|pair| pair[0] != pair[1])
        })
    });
    let runs = StoredValue::new(runs);
    let lines = move |spec: &Spec| {
        let (axis, smoothing) = (bar.axis.get(), bar.smoothing.get());
        let (hidden, colors) = (comparison.hidden.get(), comparison.colors.get());
        runs.with_value(|runs| {
            let shown = runs
                .iter()
                .zip(&colors)
                .filter(|(compared, _)| !hidden.contains(&compared.id));
            let lines = shown.flat_map(|(compared, color)| {
                let drawing = Drawing {
                    compared,
                    color,
                    smoothing,
                    many: runs.len() > COLORS,
                };
                let scale = x_scale(compared, axis);
                let name = compared.run.with(|run| run.name.clone());
                let alone = spec.metrics.len() == 1;
                let lines = spec
                    .metrics
                    .iter()
                    .filter_map(|metric| drawing.line(scale, &name, *metric, alone));
                lines.collect::<Vec<_>>()
            });
            lines.collect::<Vec<_>>()
        })
    };
    let charts = SPECS
        .iter()
        .map(|spec| {
            let drawn = Memo::new(move |_| lines(spec));
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
