//! What is drawn beside the lines: the shaded area between chosen and rejected, a flag at a step, and the places for names of lines.

use super::options::{Functions, get, set};
use super::path::{DrawInput, frame};
use super::uplot::UPlot;
use super::{Line, Side, Stroke, x_text};
use crate::browser::color;
use crate::logic::plot::{XAxis, cut};
use crate::logic::scatter::Bottom;
use crate::logic::trace::{Frame, trace};
use crate::logic::view::COLORS;
use js_sys::Array;
use leptos::prelude::*;
use protocol::metric::{Tone, bare, find};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::CanvasRenderingContext2d;

/// The width for names at the ends of lines, in px.
pub const NAMES_ROOM: u32 = 136;

/// What a chart has beside its lines.
#[derive(Clone, Copy, Default)]
pub struct Marks {
    /// Shades the area between the chosen and the rejected line.
    pub parting: bool,
    pub flag: Option<Memo<Option<Flag>>>,
    /// Places the names of lines where they end, where there is room.
    pub ends: Option<Ends>,
    /// The x axis, where it has the values of a key.
    pub bottom: Option<Memo<Bottom>>,
}

impl Marks {
    /// An x value in words. Tracked.
    pub fn x_text(self, axis: XAxis, x: f64) -> String {
        match self.bottom {
            Some(bottom) => bottom.with(|bottom| bottom.text(x)),
            None => x_text(axis, x),
        }
    }
}

/// A marked place on the x axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Flag {
    pub x: f64,
    pub word: String,
}

/// What has its name where its line ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Named {
    /// Each line; the names are the legend.
    #[default]
    Lines,
    /// Each run or group once, however many lines it has, where there are few of them; the legend is elsewhere on the page.
    Owners,
}

impl Named {
    /// The narrowest plot that has names at its end, in px.
    pub fn least_width(self) -> u32 {
        match self {
            Self::Lines => 620,
            Self::Owners => 460,
        }
    }

    /// The height of a name in px: that of a button is large enough for a finger to touch.
    fn height(self) -> f64 {
        match self {
            Self::Lines => 24.0,
            Self::Owners => 15.0,
        }
    }

    /// The lines that carry a name; none where there are too many.
    pub fn carriers(self, lines: &[Line]) -> Vec<&Line> {
        if self == Self::Lines {
            return lines.iter().collect();
        }
        let mut first: Vec<&Line> = vec![];
        for line in lines {
            if first.iter().all(|known| known.of != line.of) {
                first.push(line);
            }
        }
        if first.len() > COLORS { vec![] } else { first }
    }
}

/// Where the lines end; whoever draws them updates it.
#[derive(Clone, Copy, Default)]
pub struct Ends {
    pub named: Named,
    /// Whether the plot is wide enough.
    pub has_room: RwSignal<bool>,
    /// The name of each line, and the distance of its end from the top of the element, in px.
    pub places: RwSignal<Vec<(String, f64)>>,
}

impl Ends {
    pub fn of_owners() -> Self {
        Self {
            named: Named::Owners,
            ..Self::default()
        }
    }

    /// The place of a line's name; `None` while the legend is above the plot. Tracked.
    pub fn place(self, name: &str) -> Option<f64> {
        let known = |places: &Vec<(String, f64)>| places.iter().find(|place| place.0 == name).map(|place| place.1);
        self.has_room.get().then(|| self.places.with(known)).flatten()
    }
}

/// Adds hooks by which uPlot draws the marks, below the lines and above them.
pub fn wire(hooks: &JsValue, functions: &mut Functions, marks: Marks, lines: Memo<Vec<Line>>, input: &DrawInput) {
    if marks.parting {
        let input = input.clone();
        let shade = functions.make(move |plot, _| {
            if let Some(frame) = frame(&plot, input.axis(Side::Left)) {
                lines.try_with_untracked(|lines| shade_parting(&plot, lines, &frame));
            }
            JsValue::UNDEFINED
        });
        get(hooks, "drawClear").unchecked_into::<Array>().push(&shade);
    }
    let input = input.clone();
    let over = functions.make(move |plot, _| {
        let Some(frame) = frame(&plot, input.axis(Side::Left)) else {
            return JsValue::UNDEFINED;
        };
        if let Some(flag) = marks.flag.and_then(|flag| flag.try_get_untracked()).flatten() {
            draw_flag(&plot, &flag, &frame);
        }
        if let Some(ends) = marks.ends {
            let places = lines
                .try_with_untracked(|lines| ends_of(ends.named.carriers(lines), ends.named.height(), &frame))
                .unwrap_or_default();
            if ends.places.try_with_untracked(|old| *old != places) == Some(true) {
                ends.places.set(places);
            }
        }
        JsValue::UNDEFINED
    });
    set(hooks, "draw", &Array::of1(&over));
}

fn canvas(plot: &JsValue) -> Option<CanvasRenderingContext2d> {
    plot.unchecked_ref::<UPlot>().ctx().dyn_into().ok()
}

/// The lines of chosen and rejected replies between which the area is shaded: those of training, or the held-out ones where training does
/// not have both. An area between lines that were measured on different rows would mean nothing.
fn edges(lines: &[Line]) -> Option<(&Line, &Line)> {
    let of = |stroke: Stroke, tone: Tone| {
        let toned = |line: &&Line| find(bare(&line.metric)).is_some_and(|metric| metric.tone == tone);
        lines.iter().filter(toned).find(|line| line.stroke == stroke)
    };
    let both = |stroke| of(stroke, Tone::Chosen).zip(of(stroke, Tone::Rejected));
    both(Stroke::Solid).or_else(|| both(Stroke::Ringed))
}

/// Shades the area between the lines: in the colour of chosen where chosen is above rejected, else in that of rejected.
fn shade_parting(plot: &JsValue, lines: &[Line], frame: &Frame) {
    let Some((chosen, rejected)) = edges(lines) else { return };
    let Some(canvas) = canvas(plot) else { return };
    for (upper, lower, ground) in [
        (chosen, rejected, "var(--chosen-soft)"),
        (rejected, chosen, "var(--rejected-soft)"),
    ] {
        canvas.save();
        if outline(&canvas, &lower.points, frame, frame.top) {
            canvas.clip();
        }
        if outline(&canvas, &upper.points, frame, frame.top + frame.height) {
            canvas.set_fill_style_str(&color(ground));
            canvas.fill();
        }
        canvas.restore();
    }
}

/// Traces the area between a line and the edge of the plot at `edge`. Returns whether the line has points.
fn outline(canvas: &CanvasRenderingContext2d, points: &[(f64, f64)], frame: &Frame, edge: f64) -> bool {
    let traced = trace(points, frame);
    let (Some(first), Some(last)) = (traced.first(), traced.last()) else {
        return false;
    };
    canvas.begin_path();
    canvas.move_to(first.0, edge);
    for (x, y) in &traced {
        canvas.line_to(*x, *y);
    }
    canvas.line_to(last.0, edge);
    canvas.close_path();
    true
}

/// Draws a line from top to bottom, and its word on the side with more room.
fn draw_flag(plot: &JsValue, flag: &Flag, frame: &Frame) {
    let Some(canvas) = canvas(plot) else { return };
    let (right, bottom) = (frame.left + frame.width, frame.top + frame.height);
    let x = frame.place((flag.x, frame.axis.low)).0;
    if !(frame.left..=right).contains(&x) {
        return;
    }
    let dots = pixel_ratio();
    let ink = color("var(--text-2)");
    canvas.save();
    canvas.set_stroke_style_str(&ink);
    canvas.set_line_width(dots);
    let _ = canvas.set_line_dash(
        &[2.0 * dots, 3.0 * dots]
            .map(JsValue::from_f64)
            .iter()
            .collect::<Array>(),
    );
    canvas.begin_path();
    canvas.move_to(x, frame.top);
    canvas.line_to(x, bottom);
    canvas.stroke();
    canvas.set_fill_style_str(&ink);
    canvas.set_font(&format!("{}px system-ui, sans-serif", 11.0 * dots));
    canvas.set_text_baseline("bottom");
    let left_of_it = x - frame.left > frame.width / 2.0;
    canvas.set_text_align(if left_of_it { "right" } else { "left" });
    let aside = if left_of_it { -6.0 } else { 6.0 } * dots;
    let (across, down) = (x + aside, bottom - 4.0 * dots);
    // legible where a curve runs through it
    let _ = canvas.set_line_dash(&Array::new());
    canvas.set_stroke_style_str(&color("var(--bg)"));
    canvas.set_line_width(4.0 * dots);
    // with corners, the letters' edges would have spikes
    canvas.set_line_join("round");
    let _ = canvas.stroke_text(&flag.word, across, down);
    let _ = canvas.fill_text(&flag.word, across, down);
    canvas.restore();
}

/// Pixels of the canvas for each pixel of the page.
fn pixel_ratio() -> f64 {
    window().device_pixel_ratio().max(0.1)
}

fn ends_of(lines: Vec<&Line>, height: f64, frame: &Frame) -> Vec<(String, f64)> {
    let end = |line: &Line| {
        let last = cut(&line.points, Some((frame.from, frame.to))).last()?;
        let below = frame.place(*last).1.clamp(frame.top, frame.top + frame.height);
        Some((line.name.clone(), below / pixel_ratio()))
    };
    let mut ends: Vec<_> = lines.into_iter().filter_map(end).collect();
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    let places: Vec<f64> = ends.iter().map(|end| end.1).collect();
    let bottom = (frame.top + frame.height) / pixel_ratio();
    for (end, place) in ends.iter_mut().zip(spread_out(&places, height, bottom)) {
        end.1 = place;
    }
    ends
}

/// Ascending places, moved so that each is at least `gap` below the one before, and none below `bottom` where they fit.
fn spread_out(places: &[f64], gap: f64, bottom: f64) -> Vec<f64> {
    let mut spread = places.to_vec();
    for i in 1..spread.len() {
        spread[i] = spread[i].max(spread[i - 1] + gap);
    }
    let mut lowest = bottom;
    for place in spread.iter_mut().rev() {
        *place = place.min(lowest);
        lowest = *place - gap;
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_lines_that_end_together_do_not_overlap() {
        assert_eq!(spread_out(&[10.0, 50.0], 18.0, 100.0), [10.0, 50.0]);
        assert_eq!(spread_out(&[10.0, 12.0, 13.0], 18.0, 100.0), [10.0, 28.0, 46.0]);
        assert_eq!(spread_out(&[90.0, 99.0, 100.0], 18.0, 100.0), [64.0, 82.0, 100.0]);
        assert!(spread_out(&[], 18.0, 100.0).is_empty());
    }
}
