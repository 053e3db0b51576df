//! The options of uPlot for a look.

use super::axes::{axes, wire_scales};
use super::draw::{Canvas, MountedChart, size};
use super::look::{Look, MANY_LINES};
use super::marks::{self, NAMES_ROOM};
use super::path::DrawInput;
use super::pointer::{wire_band, wire_pointer};
use super::uplot::UPlot;
use super::{Side, Stroke};
use crate::browser::color;
use crate::logic::axis::{ASINH_LINEAR, Spread};
use js_sys::{Array, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

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
    wire_pointer(&options, &mut functions, canvas);
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
        // a single point is a dot, which is drawn as a path where there are too many lines for uPlot's own
        let points = if line.dot {
            json!({ "show": false })
        } else if rings {
            json!({ "show": true, "size": 6, "width": 1.5, "fill": ground, "stroke": ink })
        } else {
            json!({ "show": line.alone, "size": 6, "fill": ink })
        };
        let fill = match (line.dot, line.ranged) {
            (true, _) => Some(ink.clone()),
            (false, true) => Some(color(&format!("color-mix(in srgb, {}, transparent 85%)", line.color))),
            (false, false) => None,
        };
        series.push(json!({ "stroke": ink, "width": width, "scale": scale, "points": points, "fill": fill }));
    }
    if look.reference.is_some() {
        series.push(
            json!({ "stroke": color("var(--text-3)"), "width": 1, "dash": [4, 4], "scale": "y",
            "points": { "show": false } }),
        );
    }
    series
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
