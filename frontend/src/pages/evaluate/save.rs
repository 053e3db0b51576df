//! The evaluations as a file: a row for each, with all of its scores.

use crate::logic::sheet::Sheet;
use protocol::evaluation::{Evaluation, Standing};
use serde_json::Value;
use std::collections::BTreeSet;

/// The evaluations that are done, the newest first.
pub fn sheet(all: &[Evaluation]) -> Sheet {
    let done = all.iter().filter_map(|one| match &one.standing {
        Standing::Done { found, seconds } => Some((one, found, *seconds)),
        _ => None,
    });
    let mut done: Vec<_> = done.collect();
    done.sort_by(|a, b| (b.0.created, &b.0.id).cmp(&(a.0.created, &a.0.id)));
    let metrics: BTreeSet<&str> = done
        .iter()
        .flat_map(|(_, found, _)| found.metrics.keys().map(String::as_str))
        .collect();
    let columns: Vec<&str> = ["id", "model", "dataset", "rows", "left_out", "cut", "seconds"]
        .into_iter()
        .chain(metrics.iter().copied())
        .collect();
    let rows = done.iter().map(|(one, found, seconds)| {
        let scores = metrics
            .iter()
            .map(|name| found.metrics.get(*name).map_or(Value::Null, |score| (*score).into()));
        let head: [Value; 7] = [
            one.id.clone().into(),
            one.asked.model.clone().into(),
            one.asked.dataset.clone().into(),
            found.rows.into(),
            found.left_out.into(),
            found.cut.into(),
            (*seconds).into(),
        ];
        head.into_iter().chain(scores).collect::<Vec<_>>()
    });
    Sheet::new(&columns, rows.collect::<Vec<_>>())
}
