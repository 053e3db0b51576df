//! Overlaid charts: one colour a run, training solid, held-out rows dotted.

use super::use_comparison;
use crate::chart::{Chart, ChartBar, ChartBarState, Line, Side, Stroke};
use crate::i18n::{Word, compare as words, run as chart_words};
use crate::logic::plot::{XScale, smooth};
use crate::logic::table::loss_name;
use leptos::prelude::*;
use std::sync::Arc;

struct Spec {
    title: Word,
    /// The metric, and whether it is drawn solid (training) or dotted (held out).
    metrics: &'static [(&'static str, Stroke)],
    range: Option<(f64, f64)>,
    /// On one scale whatever the loss.
    comparable: bool,
}

const SPECS: &[Spec] = &[
    Spec {
        title: words::held_out_margin,
        metrics: &[("preference/margins", Stroke::Dotted)],
        range: None,
        comparable: true,
    },
    Spec {
        title: words::held_out_accuracy,
        metrics: &[("preference/accuracies", Stroke::Dotted)],
        range: Some((0.0, 1.0)),
        comparable: true,
    },
    Spec {
        title: chart_words::loss,
        metrics: &[("loss", Stroke::Solid), ("eval_loss", Stroke::Dotted)],
        range: None,
        comparable: false,
    },
    Spec {
        title: chart_words::margin,
        metrics: &[
            ("rewards/margins", Stroke::Solid),
            ("eval_rewards/margins", Stroke::Dotted),
        ],
        range: None,
        comparable: false,
    },
    Spec {
        title: chart_words::grad_norm,
        metrics: &[("grad_norm", Stroke::Solid)],
        range: None,
        comparable: false,
    },
    Spec {
        title: chart_words::learning_rate,
        metrics: &[("learning_rate", Stroke::Solid)],
        range: None,
        comparable: true,
    },
];

#[component]
pub fn Charts() -> impl IntoView {
    let comparison = use_comparison();
    let bar = ChartBarState::from_address();
    let group = bar.group("compare");
    let mixed = Memo::new(move |_| {
        let losses: Vec<_> = comparison.summaries().iter().map(loss_name).collect();
        losses.windows(2).any(|pair| pair[0] != pair[1])
    });
    let lines = move |spec: &Spec| {
        let (axis, smoothing) = (bar.axis.get(), bar.smoothing.get());
        let mut lines = vec![];
        let runs = comparison.runs.get_value();
        for compared in &runs {
            let (name, scale) = compared.run.with(|run| {
                let epochs = run.config.num_train_epochs.unwrap_or(3.0);
                let scale = XScale {
                    axis,
                    steps_per_epoch: run.total_steps.map_or(0.0, |total| total as f64 / epochs.max(1e-9)),
                    origin: run.started.unwrap_or_default(),
                };
                (run.name.clone(), scale)
            });
            compared.series.with(|series| {
                for (metric, stroke) in spec.metrics {
                    let points = series.get(metric);
                    if points.is_empty() {
                        continue;
                    }
                    let line = scale.line(points);
                    let (points, raw) = match stroke {
                        Stroke::Solid if smoothing > 0.0 && *metric != "learning_rate" => {
                            (smooth(&line, smoothing), Some(Arc::new(line)))
                        }
                        _ => (line, None),
                    };
                    let alone = spec.metrics.len() == 1 || *stroke == Stroke::Solid;
                    lines.push(Line {
                        name: name.clone(),
                        legend: if alone { name.clone() } else { String::new() },
                        metric: (*metric).into(),
                        color: compared.color,
                        stroke: *stroke,
                        side: Side::Left,
                        points: Arc::new(points),
                        raw,
                    });
                }
            });
        }
        lines
    };
    let charts = SPECS
        .iter()
        .map(|spec| {
            let drawn = Memo::new(move |_| lines(spec));
            let any = Memo::new(move |_| drawn.with(|lines| !lines.is_empty()));
            let note = Signal::derive(move || {
                if mixed.get() && !spec.comparable { words::not_comparable().to_owned() } else { String::new() }
            });
            view! {
                <Show when=move || any.get()>
                    <Chart title=Signal::derive(move || (spec.title)().to_string()) lines=drawn group range=spec.range note />
                </Show>
            }
        })
        .collect_view();
    view! {
        <div class="chart-bar">
            <ChartBar bar />
        </div>
        <div class="charts">{charts}</div>
    }
}
