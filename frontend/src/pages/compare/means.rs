//! The means of groups of runs, with the range of the runs around them.

use super::drawing::{Spec, names};
use super::state::{Group, use_comparison};
use crate::api;
use crate::chart::{Line, Side, Stroke};
use crate::fetched::{Refetch, heed};
use crate::i18n::run as chart_words;
use crate::logic::query::Query;
use leptos::prelude::*;
use protocol::api::Curve as MeanCurve;
use protocol::metric::Unit;
use std::time::Duration;

/// From one answer to the next question while runs go on: all runs are read for it.
const MEANS_REST: Duration = Duration::from_secs(3);

/// The means of groups of runs, asked for again when a run has gone on.
pub fn means() -> RwSignal<Vec<MeanCurve>> {
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
pub fn mean_lines(curves: &[MeanCurve], spec: &Spec, groups: &[Group]) -> Vec<Line> {
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
