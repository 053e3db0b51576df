//! The tooltip at the pointer: the step, and the value of each line there, the greatest first.

use super::{Line, Marks, Stroke, are_dots};
use crate::fmt;
use crate::i18n::run as words;
use crate::logic::plot::{XAxis, nearest};
use leptos::prelude::*;

/// Lines in a tooltip at most.
const MAX_LINES: usize = 12;

/// The tooltip. `place` is where the pointer is across the plot, 0 to 1: it is shown on the side with more room.
#[component]
pub fn Tooltip(lines: Memo<Vec<Line>>, axis: Signal<XAxis>, marks: Marks, x: f64, place: f64) -> impl IntoView {
    let rows = move || {
        lines.with(|lines| {
            let mut rows = at_cursor(lines, x);
            rows.sort_by(|a, b| b.1.total_cmp(&a.1));
            let more = rows.len().saturating_sub(MAX_LINES);
            let shown = rows
                .into_iter()
                .take(MAX_LINES)
                .map(|(line, y)| {
                    view! {
                        <div class="tip-row">
                            <span class="swatch" class:ringed=line.stroke == Stroke::Ringed style:color=line.color.clone()></span>
                            <span class="clip grow">{line.name.clone()}</span>
                            <span class="num">{fmt::metric(&line.metric, y)}</span>
                        </div>
                    }
                })
                .collect_view();
            let rest = (more > 0).then(|| view! { <div class="tip-row faint">{words::more_lines(more)}</div> });
            (shown, rest)
        })
    };
    // among dots, the place of the nearest
    let place_of = move || lines.with(|lines| nearest_x(lines, x).unwrap_or(x));
    let side = if place > 0.5 {
        format!("right: calc({:.2}% + 14px)", (1.0 - place) * 100.0)
    } else {
        format!("left: calc({:.2}% + 14px)", place * 100.0)
    };
    view! {
        <div class="tip" style=side aria-hidden="true">
            <div class="tip-head num">{move || marks.x_text(axis.get(), place_of())}</div>
            {rows}
        </div>
    }
}

/// The x of the dot nearest to `x`; `None` where there are lines.
fn nearest_x(lines: &[Line], x: f64) -> Option<f64> {
    let xs = lines.iter().filter_map(|line| Some(line.points.first()?.0));
    let nearest = xs.min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()));
    nearest.filter(|_| are_dots(lines))
}

/// The lines that have a value at `x`, with it; of dots, those at the place nearest to it.
pub fn at_cursor(lines: &[Line], x: f64) -> Vec<(&Line, f64)> {
    let dots = nearest_x(lines, x);
    let has = |line: &&Line| match dots {
        Some(place) => line.points.iter().all(|point| point.0 == place),
        None => reaches(line, x),
    };
    let shown = lines.iter().filter(has);
    shown
        .filter_map(|line| Some((line, nearest(&line.points, x)?.1)))
        .collect()
}

/// Whether a line has a value at `x`: between its start and its end, with some tolerance.
fn reaches(line: &Line, x: f64) -> bool {
    let (Some(first), Some(last)) = (line.points.first(), line.points.last()) else {
        return false;
    };
    let slack = (last.0 - first.0) * 0.02 + 1.0;
    (first.0 - slack..=last.0 + slack).contains(&x)
}
