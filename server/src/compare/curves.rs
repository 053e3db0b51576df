//! Curves of several runs over steps, epochs, time or another metric, and the means of groups of runs with their range.

use super::{Asked, X, groups, points_each};
use crate::ApiError;
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use axum::extract::State;
use protocol::api::{Curve, Curves};
use protocol::config::key;
use protocol::says;
use protocol::worked::Clock;

/// Points of a curve, at most; of a group's mean, a quarter.
const POINTS: u64 = 1600;

/// Points of each of so many runs: more of them are drawn on the same width.
fn points_drawn(runs: usize, metrics: usize) -> u64 {
    points_each((16_000 / runs.max(1) as u64).clamp(320, POINTS), runs, metrics)
}

/// Metrics of several runs over what is asked for, or the means of their groups with the range of the runs. Where a curve has too many points for a screen, a run's
/// is the least and greatest of each stretch, a group's the mean of it.
#[utoipa::path(get, path = "/api/compare/curves", tag = "compare", params(Asked), responses((status = 200, body = Curves)))]
pub async fn curves(State(db): State<Db>, Query(asked): Query<Asked>) -> ApiResult<Json<Curves>> {
    let rows = asked.rows(&db).await?;
    let mut curves = drawn(&db, &rows, &asked).await?;
    if let Some((from, to)) = asked.zoom() {
        curves.iter_mut().for_each(|curve| cut(curve, from, to));
        curves.retain(|curve| !curve.points.is_empty());
    }
    Ok(Json(Curves { curves }))
}

/// Leaves what lies between two values of x.
fn cut(curve: &mut Curve, from: f64, to: f64) {
    let inside: Vec<bool> = curve
        .points
        .iter()
        .map(|point| (from..=to).contains(&point.0))
        .collect();
    // a run has no range
    let mut kept = inside.iter();
    curve.range.retain(|_| kept.next().copied().unwrap_or(false));
    let mut kept = inside.iter();
    curve.points.retain(|_| kept.next().copied().unwrap_or(false));
}

/// The steps that are read for a part of the x axis: as many again before it, so that what is smoothed there has what went before. Only
/// steps say which part of the stored points is meant.
fn steps_read(x: &X, zoom: Option<(f64, f64)>) -> (u64, u64) {
    match (x, zoom) {
        (X::Step, Some((from, to))) => (
            (from - (to - from)).max(0.0).floor() as u64,
            (to.max(0.0).ceil() as u64).min(i64::MAX as u64),
        ),
        _ => (0, i64::MAX as u64),
    }
}

/// The curves of a chart: of each run and metric, or of each group and metric.
pub async fn drawn(db: &Db, rows: &[RunRow], asked: &Asked) -> ApiResult<Vec<Curve>> {
    let (names, x) = (asked.metrics()?, asked.x());
    match (asked.group()?, &x) {
        // over a metric or a key there is nothing that the runs of a group have in common to take a mean at
        (Some(key), X::Step | X::Epoch | X::Time) => means(db, rows, &names, asked, key).await,
        _ => single(db, rows, &names, asked).await,
    }
}

async fn single(db: &Db, rows: &[RunRow], names: &[String], asked: &Asked) -> ApiResult<Vec<Curve>> {
    let (x, zoom) = (&asked.x(), asked.zoom());
    let (from, to) = steps_read(x, zoom);
    // half of a closer look lies before it
    let points = points_drawn(rows.len(), names.len()) * if from > 0 { 2 } else { 1 };
    let mut curves = vec![];
    for row in rows {
        let curve = |metric: &str, points| Curve {
            of: row.summary.id.clone(),
            name: row.summary.name.clone(),
            metric: metric.to_owned(),
            points,
            range: vec![],
        };
        match x {
            X::Metric(over) => {
                for name in names {
                    curves.push(curve(name, db.against(row.key, name, over, points).await?));
                }
            }
            X::Key(_) => {
                return Err(ApiError::bad(says::bad_axis()));
            }
            X::Step | X::Epoch | X::Time => {
                let scale = Scale::of(row, x);
                let (_, series) = db.series(row.key, Some(names), from, to, points).await?;
                for name in names {
                    let of_name = series.iter().find(|series| series.metric == *name);
                    let points = of_name.into_iter().flat_map(|series| &series.points);
                    let points = points.map(|(step, time, value)| (scale.x(*step as f64, *time as f64), *value));
                    curves.push(curve(name, points.collect()));
                }
            }
        }
    }
    curves.retain(|curve| !curve.points.is_empty());
    Ok(curves)
}

async fn means(db: &Db, rows: &[RunRow], names: &[String], asked: &Asked, key: &str) -> ApiResult<Vec<Curve>> {
    let x = &asked.x();
    let (from, to) = steps_read(x, asked.zoom());
    let count = points_each(POINTS / 4, rows.len(), names.len());
    let mut of_runs = vec![];
    for row in rows {
        let scale = Scale::of(row, x);
        let means = db.means(row.key, names, from..=to, count).await?;
        let of = |name: &String| -> Vec<(f64, f64)> {
            let of_name = means.iter().filter(|means| means.metric == *name);
            let means = of_name.flat_map(|means| &means.means);
            means.map(|mean| (scale.x(mean.step, mean.time), mean.value)).collect()
        };
        of_runs.push(names.iter().map(of).collect::<Vec<_>>());
    }
    let mut curves = vec![];
    for group in groups(rows, key) {
        for (metric, name) in names.iter().enumerate() {
            let places = group.places.iter();
            let lines: Vec<&[(f64, f64)]> = places.map(|place| of_runs[*place][metric].as_slice()).collect();
            let (points, range) = together(&lines);
            if !points.is_empty() {
                curves.push(Curve {
                    of: group.value.clone(),
                    name: format!("{key}: {}", if group.label.is_empty() { "–" } else { &group.label }),
                    metric: name.clone(),
                    points,
                    range,
                });
            }
        }
    }
    Ok(curves)
}

/// A run's x axis.
struct Scale {
    factor: f64,
    clock: Option<Clock>,
}

impl Scale {
    fn of(row: &RunRow, x: &X) -> Self {
        let run = &row.summary;
        let epochs = key::num_train_epochs.of(&run.config);
        let total = run.total_steps.filter(|total| *total > 0);
        Self {
            factor: match (x, total) {
                (X::Epoch, Some(total)) => epochs / total as f64,
                _ => 1.0,
            },
            clock: (*x == X::Time).then(|| run.clock()),
        }
    }

    fn x(&self, step: f64, time: f64) -> f64 {
        match &self.clock {
            Some(clock) => clock.seconds(time as i64),
            None => step * self.factor,
        }
    }
}

/// A mean line, and the least and the greatest at each of its points.
type Together = (Vec<(f64, f64)>, Vec<(f64, f64)>);

/// The mean of several lines wherever one of them has a point, with their range there. Between its points a line is taken as straight; before
/// its first and after its last it counts for nothing.
fn together(lines: &[&[(f64, f64)]]) -> Together {
    let mut xs: Vec<f64> = lines.iter().flat_map(|line| line.iter().map(|point| point.0)).collect();
    xs.sort_by(f64::total_cmp);
    xs.dedup();
    // as many places as the longest line has, or the cost of fifty lines would be that of their product
    let longest = lines.iter().map(|line| line.len()).max().unwrap_or(0).max(2);
    let every = xs.len().div_ceil(2 * longest).max(1);
    let last = xs.len().saturating_sub(1);
    let kept = xs
        .iter()
        .enumerate()
        .filter(|(place, _)| place % every == 0 || *place == last);
    let at = |x: f64| {
        let values: Vec<f64> = lines.iter().filter_map(|line| value_at(line, x)).collect();
        let ends = |(low, high): (f64, f64), value: &f64| (low.min(*value), high.max(*value));
        let range = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        (!values.is_empty()).then(|| ((x, values.iter().sum::<f64>() / values.len() as f64), range))
    };
    kept.filter_map(|(_, x)| at(*x)).unzip()
}

fn value_at(line: &[(f64, f64)], x: f64) -> Option<f64> {
    let next = line.partition_point(|point| point.0 < x);
    let (right_x, right) = *line.get(next)?;
    if right_x == x {
        return Some(right);
    }
    let (left_x, left) = *line.get(next.checked_sub(1)?)?;
    Some(left + (right - left) * (x - left_x) / (right_x - left_x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_many_lines_have_fewer_points_each() {
        assert_eq!(
            (points_drawn(1, 2), points_drawn(50, 3), points_drawn(1000, 2)),
            (1600, 320, 320)
        );
        assert_eq!((points_drawn(1000, 100), points_each(2000, 100, 100)), (20, 200));
    }

    #[test]
    fn the_mean_of_a_group_is_of_the_runs_that_are_there() {
        let a = [(0.0, 1.0), (10.0, 3.0)];
        let b = [(0.0, 3.0), (5.0, 6.0)];
        let (points, range) = together(&[&a, &b]);
        // at 5 the first is halfway between 1 and 3; at 10 it is alone
        assert_eq!(points, [(0.0, 2.0), (5.0, 4.0), (10.0, 3.0)]);
        assert_eq!(range, [(1.0, 3.0), (2.0, 6.0), (3.0, 3.0)]);
        assert_eq!(together(&[]), (vec![], vec![]));
    }
}
