//! Which lines a picture has, on which axes: the board's charts, and metrics or results against a key.

use super::colors::{colors, of_metric};
use super::svg::{Bottom, Mark, Picture, Stroke};
use super::{Asked, X, curves, groups};
use crate::ApiError;
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::Query;
use crate::files::attachment;
use crate::off_thread::off_thread;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use protocol::api::Curve;
use protocol::metric::{self, CHARTS, Drawn, Metric, Unit, is_held_out};
use protocol::plot::{self, y_axis};
use protocol::{numbers, says};

/// A chart as SVG, drawn from the points that are stored, not from those on a screen.
#[utoipa::path(get, path = "/api/compare/chart.svg", tag = "compare", params(Asked), responses((status = 200, content_type = "image/svg+xml", body = String)))]
pub async fn picture(State(db): State<Db>, Query(asked): Query<Asked>) -> ApiResult<Response> {
    let rows = asked.rows(&db).await?;
    let drawn = draw(&db, &rows, &asked, true).await?;
    let drawn = drawn.ok_or_else(|| ApiError::bad(says::nothing_drawn()))?;
    let headers = [
        (
            header::CONTENT_TYPE,
            "image/svg+xml".parse().map_err(ApiError::internal)?,
        ),
        (
            header::CONTENT_DISPOSITION,
            attachment(&format!("{}.svg", asked.file_name())),
        ),
    ];
    Ok((headers, drawn).into_response())
}

/// What a chart of a metric is called.
fn title(asked: &Asked, metrics: &[String]) -> String {
    if !asked.title.is_empty() {
        return asked.title.clone();
    }
    let first = metrics.first().map(String::as_str).unwrap_or_default();
    match asked.x() {
        X::Step | X::Epoch | X::Time => called(asked, first),
        X::Metric(x) | X::Key(x) => says::metric_over(called(asked, first), called(asked, &x)).in_lang(asked.lang()),
    }
}

/// A metric's words, with what says that it is of held-out rows; anything else as it is.
pub fn called(asked: &Asked, name: &str) -> String {
    let lang = asked.lang();
    match metric::find(name) {
        Some(metric) if metric.name == name && !is_held_out(name) => numbers::sentence(metric.title.in_lang(lang)),
        Some(metric) => says::held_out_metric(metric.title.in_lang(lang)).in_lang(lang),
        None => name.to_owned(),
    }
}

impl Asked {
    /// Of the files that are made of it.
    pub(super) fn file_name(&self) -> String {
        match self.title.as_str() {
            "" => "comparison".to_owned(),
            title => title.replace(['/', '\\'], "-"),
        }
    }
}

/// The picture; nothing where no run has a value.
pub async fn draw(db: &Db, rows: &[RunRow], asked: &Asked, legend: bool) -> ApiResult<Option<String>> {
    let hidden = super::list(&asked.hide);
    let shown: Vec<RunRow> = rows
        .iter()
        .filter(|row| !hidden.contains(&row.summary.id))
        .cloned()
        .collect();
    let metrics = asked.metrics()?;
    let colors = colors(rows, asked)?;
    let color = |of: &str| {
        colors
            .iter()
            .find(|(known, _)| known == of)
            .map(|(_, color)| color.clone())
    };
    let (mut strokes, mut names, mut words) = (vec![], vec![], vec![]);
    if let X::Key(key) = asked.x() {
        let (points, marks) = results(&shown, &key, &metrics);
        words = marks;
        for (row, place) in points {
            let color = color(&shown[row].summary.id).unwrap_or_default();
            names.push((shown[row].summary.name.clone(), color.clone()));
            strokes.push(Stroke {
                color,
                mark: Mark::Dots,
                points: vec![place],
                range: vec![],
            });
        }
    } else {
        for mut curve in curves::drawn(db, &shown, asked).await? {
            smoothed(&mut curve, asked);
            let (color, name) = match legend && rows.len() == 1 && metrics.len() > 1 {
                // of one run the lines are told apart by what they measure, where it is said which is which
                true => (of_metric(&curve.metric), called(asked, &curve.metric)),
                false => (color(&curve.of).unwrap_or_else(|| "#6b6e75".into()), curve.name.clone()),
            };
            let held_out = is_held_out(&curve.metric);
            names.push((name, color.clone()));
            strokes.push(Stroke {
                color,
                mark: if held_out { Mark::Ringed } else { Mark::Line },
                range: curve.range,
                points: curve.points,
            });
        }
    }
    names.dedup();
    if strokes.is_empty() {
        return Ok(None);
    }
    let known = metrics.first().and_then(|name| metric::find(name));
    let chart = known.and_then(|known| CHARTS.iter().find(|chart| known.drawn == Drawn::In(chart.id)));
    let bottom = bottom(asked, &strokes, words);
    let inside = |x: f64| (bottom.from..=bottom.to).contains(&x);
    let ends = strokes.iter().flat_map(|stroke| {
        let ranges = stroke.points.iter().zip(&stroke.range);
        let ranges = ranges.flat_map(|(point, range)| [(point.0, range.0), (point.0, range.1)]);
        stroke.points.iter().copied().chain(ranges)
    });
    let axis = y_axis(
        ends.filter(|point| inside(point.0)).map(|point| point.1),
        plot::Asked {
            fixed: chart.and_then(|chart| chart.range),
            log: !asked.log.is_empty(),
            clip: !asked.clip.is_empty(),
            reference: chart.and_then(|chart| chart.reference),
        },
    );
    let picture = Picture {
        title: title(asked, &metrics),
        bottom,
        axis,
        written: tick,
        metric: metrics.first().cloned().unwrap_or_default(),
        reference: chart.and_then(|chart| chart.reference),
        strokes,
        legend: if legend { names } else { vec![] },
    };
    off_thread(move || Some(picture.draw())).await
}

fn tick(metric: &str, value: f64) -> String {
    match metric::unit(metric) {
        Unit::Share | Unit::Bytes => numbers::metric(metric, value),
        _ => numbers::tick(value),
    }
}

/// How much noise is taken out of a line, as on the board: of what training logs, along steps or time.
fn weight(name: &str, asked: &Asked) -> f64 {
    let noisy = |metric: &Metric| metric.unit != Unit::Rate;
    let over_time = matches!(asked.x(), X::Step | X::Epoch | X::Time);
    let takes = over_time && !is_held_out(name) && metric::find(name).is_none_or(noisy);
    let weight = asked.smooth.filter(|weight| takes && (0.0..1.0).contains(weight));
    weight.unwrap_or(0.0)
}

/// A line and its band as they are drawn.
fn smoothed(curve: &mut Curve, asked: &Asked) {
    let weight = weight(&curve.metric, asked);
    if weight > 0.0 {
        curve.range = plot::smooth_range(&curve.points, &curve.range, weight);
        curve.points = plot::smooth(&curve.points, weight);
    }
}

/// The part of x that is seen.
fn bottom(asked: &Asked, strokes: &[Stroke], words: Vec<(f64, String)>) -> Bottom {
    let title = asked.x().title().to_owned();
    if !words.is_empty() {
        return Bottom {
            title,
            from: -0.5,
            to: words.len() as f64 - 0.5,
            words,
        };
    }
    let xs = strokes
        .iter()
        .flat_map(|stroke| stroke.points.iter().map(|point| point.0));
    let (from, to) = xs.fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), x| {
        (from.min(x), to.max(x))
    });
    let room = match asked.x() {
        X::Key(_) if from == to => from.abs().max(1.0) * 0.1,
        X::Key(_) => (to - from) * 0.05,
        _ => 0.0,
    };
    let (from, to) = asked.zoom().unwrap_or((from - room, to + room));
    Bottom { title, from, to, words }
}

/// A run's place in the list, and its dot.
type Dot = (usize, (f64, f64));

/// Each run's newest value of the metric over its value of a key; the values themselves along the bottom where they are no numbers.
fn results(rows: &[RunRow], key: &str, metrics: &[String]) -> (Vec<Dot>, Vec<(f64, String)>) {
    let Some(name) = metrics.first() else {
        return (vec![], vec![]);
    };
    let of_run = |row: &RunRow| {
        row.summary
            .newest(name)
            .or_else(|| row.summary.result(metric::bare(name)))
    };
    let number = |row: &RunRow| row.summary.known_config().get(key).and_then(|value| value.as_f64());
    let numbers: Option<Vec<f64>> = rows.iter().map(number).collect();
    let (xs, marks) = match numbers {
        Some(numbers) => (numbers, vec![]),
        None => {
            let groups = groups(rows, key);
            let mut xs = vec![0.0; rows.len()];
            for (at, group) in groups.iter().enumerate() {
                group.places.iter().for_each(|place| xs[*place] = at as f64);
            }
            let said = |label: String| if label.is_empty() { "–".to_owned() } else { label };
            let marks = groups.into_iter().enumerate();
            let marks = marks.map(|(at, group)| (at as f64, said(group.label)));
            (xs, marks.collect())
        }
    };
    let dots = rows
        .iter()
        .enumerate()
        .filter_map(|(place, row)| Some((place, (xs[place], of_run(row)?))));
    (dots.collect(), marks)
}
