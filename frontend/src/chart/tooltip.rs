//! The tooltip at the pointer: the step, and the value of each line there, the greatest first.

use super::{Line, Stroke, x_text};
use crate::fmt;
use crate::i18n::run as words;
use crate::logic::plot::{XAxis, nearest};
use leptos::prelude::*;

/// Lines in a tooltip at most.
const MAX_LINES: usize = 12;

/// The tooltip. `place` is where the pointer is across the plot, 0 to 1: it is shown on the side with more room.
#[component]
pub fn Tooltip(lines: Memo<Vec<Line>>, axis: Signal<XAxis>, x: f64, place: f64) -> impl IntoView {
    let rows = move || {
        lines.with(|lines| {
            let mut rows: Vec<(f64, &Line)> = lines
                .iter()
                .filter(|line| reaches(line, x))
                .filter_map(|line| Some((nearest(&line.points, x)?.1, line)))
                .collect();
            rows.sort_by(|a, b| b.0.total_cmp(&a.0));
            let more = rows.len().saturating_sub(MAX_LINES);
            let shown = rows
                .into_iter()
                .take(MAX_LINES)
                .map(|(y, line)| {
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
    let side = if place > 0.5 {
        format!("right: calc({:.2}% + 14px)", (1.0 - place) * 100.0)
    } else {
        format!("left: calc({:.2}% + 14px)", place * 100.0)
    };
    view! {
        <div class="tip" style=side aria-hidden="true">
            <div class="tip-head num">{move || x_text(axis.get(), x)}</div>
            {rows}
        </div>
    }
}

/// Whether a line has a value at `x`: between its start and its end, with some tolerance.
fn reaches(line: &Line, x: f64) -> bool {
    let (Some(first), Some(last)) = (line.points.first(), line.points.last()) else {
        return false;
    };
    let slack = (last.0 - first.0) * 0.02 + 1.0;
    (first.0 - slack..=last.0 + slack).contains(&x)
}
