//! What pointer and drag do on a chart, and the band that is shaded on it.

use super::draw::Canvas;
use super::look::Look;
use super::options::{Functions, get, js, set};
use super::path::{DrawInput, frame};
use super::uplot::UPlot;
use super::{ChartGroup, Line, Side, are_dots};
use crate::browser::color;
use js_sys::{Array, Object};
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::CanvasRenderingContext2d;

/// Width of the narrowest band, in px of the canvas.
const MIN_BAND: f64 = 4.0;
/// How near to a dot the pointer has to be, in px.
const NEAR: f64 = 16.0;

/// Has the pointer move the group's cursor, zoom by dragging, and highlight the dot it is at.
pub fn wire_pointer(options: &JsValue, functions: &mut Functions, canvas: &Canvas) {
    let group = canvas.group;
    let (lines, input) = (canvas.lines, canvas.input.clone());
    let moved = functions.make(move |plot, _| {
        let plot: UPlot = plot.unchecked_into();
        let cursor = plot.cursor();
        let left = get(&cursor, "left").as_f64().unwrap_or(-1.0);
        let index = get(&cursor, "idx");
        let inside = !index.is_null() && !index.is_undefined();
        let x = (left >= 0.0 && inside).then(|| plot.pos_to_val(left, "x"));
        if group.at.try_get_untracked().is_some_and(|at| at != x) {
            group.at.set(x);
        }
        let dots = lines.try_with_untracked(|lines| are_dots(lines)).unwrap_or(false);
        if dots {
            let near = x.and_then(|_| nearest_dot(&plot, lines, &input));
            if group.lit.try_get_untracked().is_some_and(|lit| lit != near) {
                group.lit.set(near);
            }
        }
        JsValue::UNDEFINED
    });
    let selected = functions.make(move |plot, _| {
        let plot: UPlot = plot.unchecked_into();
        let select = plot.select();
        let part = |key: &str| get(&select, key).as_f64().unwrap_or(0.0);
        let (left, width) = (part("left"), part("width"));
        if width >= 6.0 {
            let (from, to) = (plot.pos_to_val(left, "x"), plot.pos_to_val(left + width, "x"));
            plot.set_select(&js(&json!({ "left": 0, "top": 0, "width": 0, "height": 0 })), false);
            group.on_zoom.run(Some((from, to)));
        }
        JsValue::UNDEFINED
    });
    let reset = functions.make(move |_, _| {
        group.on_zoom.run(None);
        JsValue::NULL
    });
    // uPlot passes each of its event handlers through `bind`: ours replaces its double click
    let bound = functions.make(move |_, _| reset.clone());
    let hooks = Object::new();
    set(&hooks, "setCursor", &Array::of1(&moved));
    set(&hooks, "setSelect", &Array::of1(&selected));
    set(options, "hooks", &hooks);
    let binds = Object::new();
    set(&binds, "dblclick", &bound);
    set(&get(options, "cursor"), "bind", &binds);
}

/// What the dot under the pointer belongs to.
fn nearest_dot(plot: &UPlot, lines: Memo<Vec<Line>>, input: &DrawInput) -> Option<String> {
    let (cursor, dots) = (plot.cursor(), window().device_pixel_ratio().max(0.1));
    let frame = frame(plot.as_ref(), input.axis(Side::Left))?;
    let at = |key: &str| get(&cursor, key).as_f64();
    let (x, y) = (frame.left + at("left")? * dots, frame.top + at("top")? * dots);
    let away = |line: &Line| {
        let (across, down) = frame.place(*line.points.first()?);
        Some((across - x).hypot(down - y))
    };
    lines.try_with_untracked(|lines| {
        let all = lines.iter().filter_map(|line| Some((away(line)?, &line.of)));
        let nearest = all.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (nearest.0 <= NEAR * dots).then(|| nearest.1.clone())
    })?
}

/// Shades the band of the group below the lines.
pub fn wire_band(options: &JsValue, functions: &mut Functions, look: &Look, group: ChartGroup) {
    let metrics: Vec<String> = look.lines.iter().map(|line| line.metric.clone()).collect();
    let shade = functions.make(move |plot, _| {
        let band = group.band.try_get_untracked().flatten();
        if let Some(band) = band.filter(|band| band.metrics.iter().any(|metric| metrics.contains(metric))) {
            let plot: UPlot = plot.unchecked_into();
            let of_plot = |key: &str| get(&plot.bbox(), key).as_f64().unwrap_or(0.0);
            let (left, width) = (of_plot("left"), of_plot("width"));
            let place = |x: f64| plot.val_to_canvas(x, "x", true).clamp(left, left + width);
            // a least width, so that a band of one step is visible
            let (from, to) = (place(band.from), place(band.to));
            let (from, wide) = (from.min(left + width - MIN_BAND), (to - from).max(MIN_BAND));
            if let Ok(canvas) = plot.ctx().dyn_into::<CanvasRenderingContext2d>() {
                canvas.save();
                canvas.set_fill_style_str(&color("var(--warn-soft)"));
                canvas.fill_rect(from, of_plot("top"), wide, of_plot("height"));
                canvas.restore();
            }
        }
        JsValue::UNDEFINED
    });
    set(&get(options, "hooks"), "drawClear", &Array::of1(&shade));
}
