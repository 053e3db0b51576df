//! What the charts of the comparison are drawn from: their metrics, and the lines of each run on the axis chosen.

use super::state::Compared;
use crate::chart::{Line, Scale, Side, Stroke};
use crate::fmt;
use crate::i18n::said::say;
use crate::i18n::{run as chart_words, said_words as said};
use crate::logic::plot::{XAxis, XScale};
use crate::logic::series::Shown;
use leptos::prelude::*;
use protocol::config::key;
use protocol::metric::{self, CHARTS, Drawn, Measured, Metric, Unit};
use protocol::says;
use std::sync::Arc;

/// A chart of the comparison: one metric of every run.
pub struct Spec {
    pub metric: &'static Metric,
    /// Its lines for a run: the metric's full name, and whether it is of training or held out.
    pub lines: Vec<(String, Stroke)>,
    pub scale: Scale,
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

pub fn title(metric: &Metric) -> String {
    let title = said(&metric.title);
    match metric.measured {
        Measured::HeldOut => say(&says::held_out_metric(title)),
        Measured::Both | Measured::Training => fmt::sentence(title),
    }
}

/// The charts of the page: first the metrics that are on one scale whatever the loss.
pub fn specs() -> Vec<Spec> {
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
pub struct Drawing {
    pub id: String,
    name: Memo<String>,
    /// The curves of each chart.
    curves: Vec<Vec<Curve>>,
}

impl Drawing {
    pub fn of(compared: &Compared, specs: &[Spec], axis: Signal<XAxis>) -> Self {
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
    pub fn lines(&self, chart: usize, color: &str) -> Vec<Line> {
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
                legend: run.clone(),
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

/// A run's x axis.
pub fn x_scale(compared: &Compared, axis: XAxis) -> XScale {
    compared.run.with(|run| {
        let epochs = key::num_train_epochs.of(&run.config);
        XScale {
            axis,
            steps_per_epoch: run.total_steps.map_or(0.0, |total| total as f64 / epochs.max(1e-9)),
            clock: run.clock(),
        }
    })
}
