//! The options of uPlot for a look: series, scales, axes, and what pointer and drag do.

use super::draw::{Canvas, Look, MANY_LINES, MountedChart, size};
use super::marks::{self, NAMES_ROOM};
use super::path::DrawInput;
use super::uplot::UPlot;
use super::{ChartGroup, Side, Stroke};
use crate::browser::color;
use crate::fmt;
use crate::logic::axis::{ASINH_LINEAR, Spread, YAxis};
use crate::logic::plot::XAxis;
use js_sys::{Array, Object, Reflect};
use leptos::prelude::*;
use protocol::metric::{self, Unit};
use serde_json::{Value, json};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlElement};

/// Width of the narrowest band, in px of the canvas.
const MIN_BAND: f64 = 4.0;

/// A function that uPlot calls.
type Function = dyn Fn(JsValue, JsValue) -> JsValue;
/// Closures that must live as long as the chart that calls them.
pub type Closures = Vec<Closure<Function>>;

/// Makes functions for uPlot and keeps them alive.
#[derive(Default)]
pub struct Functions(Closures);

impl Functions {
    /// Makes a function that uPlot calls with at most two arguments.
    pub fn make(&mut self, f: impl Fn(JsValue, JsValue) -> JsValue + 'static) -> JsValue {
        let closure = Closure::wrap(Box::new(f) as Box<Function>);
        let value = closure.as_ref().clone();
        self.0.push(closure);
        value
    }
}

/// A new chart on the element.
pub fn build(canvas: &Canvas, element: &HtmlElement, look: Look, data: &JsValue) -> Option<MountedChart> {
    let (group, input) = (canvas.group, &canvas.input);
    let right = look.lines.iter().any(|line| line.side == Side::Right);
    let (width, height) = size(element);
    let spread = match look.spread {
        Spread::Even => json!({}),
        Spread::Log => json!({ "distr": 3, "log": 10 }),
        Spread::Asinh => json!({ "distr": 4, "log": 10, "asinh": ASINH_LINEAR }),
    };
    let room = match (look.has_room, right) {
        (true, _) => NAMES_ROOM,
        (false, true) => 0,
        (false, false) => 18,
    };
    let options = js(&json!({
        "width": width,
        "height": height.max(60),
        "padding": [8, room, 0, 0],
        "legend": { "show": false },
        "scales": { "x": { "time": false }, "y": spread, "right": {} },
        "axes": axes(right),
        "series": series(&look),
        "cursor": {
            "y": false,
            "points": { "size": 7, "width": 2, "show": look.lines.len() <= MANY_LINES },
            "drag": { "x": true, "y": false, "setScale": false },
            "sync": { "key": group.key, "scales": ["x", null] },
        },
    }));
    let mut functions = Functions::default();
    wire_paths(&options, &mut functions, input);
    wire_scales(&options, &mut functions, &look, input);
    wire_pointer(&options, &mut functions, group);
    wire_band(&options, &mut functions, &look, group);
    let hooks = get(&options, "hooks");
    marks::wire(&hooks, &mut functions, canvas.marks, canvas.lines, input);
    let plot = UPlot::new(&options, data, element).ok()?;
    Some(MountedChart {
        plot,
        look,
        _closures: functions.0,
    })
}

fn series(look: &Look) -> Vec<Value> {
    let ground = color("var(--bg)");
    // a line of one pixel is drawn several times as fast, and many of them are told apart better
    let width = if look.lines.len() > MANY_LINES { 1.0 } else { 1.5 };
    let mut series = vec![json!({})];
    for line in &look.lines {
        let ink = color(&line.color);
        let scale = if line.side == Side::Right { "right" } else { "y" };
        if line.smoothed {
            let faint = color(&format!("color-mix(in srgb, {}, transparent 75%)", line.color));
            series.push(json!({ "stroke": faint, "width": 1, "scale": scale, "points": { "show": false } }));
        }
        let rings = line.stroke == Stroke::Ringed && !line.crowded && look.lines.len() <= MANY_LINES;
        let points = if rings {
            json!({ "show": true, "size": 6, "width": 1.5, "fill": ground, "stroke": ink })
        } else {
            json!({ "show": line.alone, "size": 6, "fill": ink })
        };
        let band = line
            .ranged
            .then(|| color(&format!("color-mix(in srgb, {}, transparent 85%)", line.color)));
        series.push(json!({ "stroke": ink, "width": width, "scale": scale, "points": points, "fill": band }));
    }
    if look.reference.is_some() {
        series.push(
            json!({ "stroke": color("var(--text-3)"), "width": 1, "dash": [4, 4], "scale": "y",
            "points": { "show": false } }),
        );
    }
    series
}

fn axes(right: bool) -> Vec<Value> {
    let (text, grid) = (color("var(--text-3)"), color("var(--line)"));
    let axis = |extra: Value| {
        let mut axis = json!({ "stroke": text, "font": "11px system-ui, sans-serif", "gap": 6,
            "grid": { "stroke": grid, "width": 1 }, "ticks": { "show": false } });
        if let (Some(axis), Value::Object(extra)) = (axis.as_object_mut(), extra) {
            axis.extend(extra);
        }
        axis
    };
    let mut axes = vec![
        axis(json!({ "size": 26, "grid": { "show": false }, "space": 64 })),
        axis(json!({ "space": 34 })),
    ];
    if right {
        axes.push(axis(
            json!({ "space": 34, "side": 1, "scale": "right", "grid": { "show": false } }),
        ));
    }
    axes
}

/// Has each line drawn from its own points.
fn wire_paths(options: &JsValue, functions: &mut Functions, input: &DrawInput) {
    let input = input.clone();
    let paths = functions.make(move |plot, series| {
        let series = series.as_f64().unwrap_or_default() as usize;
        input.paths(&plot, series)
    });
    for line in get(options, "series").unchecked_into::<Array>().iter().skip(1) {
        set(&line, "paths", &paths);
    }
}

/// Sets the ends, the ticks and the width of the axes.
fn wire_scales(options: &JsValue, functions: &mut Functions, look: &Look, input: &DrawInput) {
    for (scale, side) in [("y", Side::Left), ("right", Side::Right)] {
        let input = input.clone();
        let range = functions.make(move |_, _| {
            let YAxis { low, high, .. } = input.axis(side);
            Array::of2(&low.into(), &high.into()).into()
        });
        if let Ok(scale) = Reflect::get(&get(options, "scales"), &scale.into()) {
            set(&scale, "range", &range);
        }
    }
    let x_axis = look.axis;
    let x_values = functions.make(move |_, splits| {
        labels(&splits, |x| match x_axis {
            XAxis::Time => fmt::clock(x),
            XAxis::Step | XAxis::Epoch | XAxis::Value => fmt::tick(x),
        })
    });
    let unit_of = |side| {
        let of_side = look.lines.iter().filter(|line| line.side == side);
        let mut units = of_side.map(|line| metric::unit(&line.metric));
        let first = units.next()?;
        units.all(|unit| unit == first).then_some(first)
    };
    let even = look.spread == Spread::Even;
    let mut y_values = |side| {
        let unit = unit_of(side);
        functions.make(move |_, splits| {
            labels(&splits, |y| match (unit, even) {
                (Some(Unit::Share), _) => fmt::percent(y),
                (Some(Unit::Bytes), _) => fmt::bytes(y.max(0.0) as u64),
                (_, true) => fmt::tick(y),
                // the ticks of a logarithmic axis are no round numbers
                (_, false) => fmt::number(y),
            })
        })
    };
    let values = [x_values, y_values(Side::Left), y_values(Side::Right)];
    // as wide as the longest label, so that none is cut
    let room = functions.make(|_, values| {
        let texts = values.dyn_ref::<Array>().map(Array::to_vec).unwrap_or_default();
        let longest = texts
            .iter()
            .filter_map(JsValue::as_string)
            .map(|text| text.chars().count())
            .max();
        JsValue::from_f64(16.0 + 6.6 * longest.unwrap_or(3).max(2) as f64)
    });
    for (place, axis) in get(options, "axes").unchecked_into::<Array>().iter().enumerate() {
        set(&axis, "values", &values[place.min(2)]);
        if place > 0 {
            set(&axis, "size", &room);
        } else if x_axis == XAxis::Step {
            set(&axis, "incrs", &whole_steps());
        }
    }
}

/// The distances between ticks of an axis on which only whole numbers have a meaning.
fn whole_steps() -> JsValue {
    let decades = (0..10).flat_map(|power| [1.0, 2.0, 5.0].map(|mantissa| mantissa * 10f64.powi(power)));
    decades.map(JsValue::from_f64).collect::<Array>().into()
}

fn wire_pointer(options: &JsValue, functions: &mut Functions, group: ChartGroup) {
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

/// Shades the band of the group below the lines.
fn wire_band(options: &JsValue, functions: &mut Functions, look: &Look, group: ChartGroup) {
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

/// The labels of ticks.
fn labels(splits: &JsValue, text: impl Fn(f64) -> String) -> JsValue {
    let splits: &Array = splits.unchecked_ref();
    let texts = splits
        .iter()
        .map(|split| split.as_f64().map_or(JsValue::NULL, |x| text(x).into()));
    texts.collect::<Array>().into()
}

pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

pub fn set(object: &JsValue, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &key.into(), value);
}

/// The same value in JavaScript.
pub fn js(value: &Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).unwrap_or(JsValue::NULL)
}
