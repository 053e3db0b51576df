//! Keeps a uPlot on an element in step with its lines: new points at most once a frame, a new chart when theme or
//! lines change.

use super::uplot::UPlot;
use super::{ChartGroup, Line, Side, Stroke};
use crate::app::use_shell;
use crate::browser::token_color;
use crate::fmt;
use crate::logic::plot::{XAxis, align, thin};
use js_sys::{Array, Float64Array, Object, Reflect};
use leptos::html;
use leptos::prelude::*;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, ResizeObserver};

const HEIGHT: u32 = 196;
/// Points of a line on the canvas.
const POINTS: usize = 2000;

/// A chart on the page with all that must live as long.
struct Drawn {
    plot: UPlot,
    look: Look,
    _closures: Vec<Closure<dyn Fn(JsValue, JsValue) -> JsValue>>,
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.plot.destroy();
    }
}

/// What asks for a new chart when it changes; all else is data.
#[derive(Debug, Clone, PartialEq)]
struct Look {
    dark: bool,
    axis: XAxis,
    lines: Vec<(String, &'static str, Stroke, Side, bool, bool)>,
}

impl Look {
    fn of(lines: &[Line], dark: bool, axis: XAxis) -> Self {
        let lines = lines.iter().map(|line| {
            (
                line.name.clone(),
                line.color,
                line.stroke,
                line.side,
                line.raw.is_some(),
                line.points.len() < 2,
            )
        });
        Self {
            dark,
            axis,
            lines: lines.collect(),
        }
    }
}

/// Draws `lines` on the element, and goes on doing so.
pub fn keep_drawn(node: NodeRef<html::Div>, lines: Memo<Vec<Line>>, group: ChartGroup, range: Option<(f64, f64)>) {
    let theme = use_shell().theme;
    let drawn: Rc<RefCell<Option<Drawn>>> = Rc::default();
    let due = Rc::new(Cell::new(false));
    let paint = Rc::new({
        let drawn = drawn.clone();
        move || {
            let Some(element) = node.try_get_untracked().flatten() else {
                return;
            };
            let element: HtmlElement = (*element).clone().unchecked_into();
            lines.with_untracked(|lines| {
                let look = Look::of(lines, theme.dark.get_untracked(), group.axis.get_untracked());
                let zoom = group.zoom.get_untracked();
                let mut drawn = drawn.borrow_mut();
                match &*drawn {
                    Some(old) if old.look == look => old.plot.set_data(&data(lines), zoom.is_none()),
                    _ => {
                        *drawn = None;
                        *drawn = build(&element, lines, look, group, range);
                    }
                }
                if let (Some(drawn), Some((min, max))) = (&*drawn, zoom) {
                    drawn.plot.set_scale("x", &js(&json!({ "min": min, "max": max })));
                }
            });
        }
    });
    Effect::new(move || {
        lines.track();
        group.zoom.track();
        group.axis.track();
        theme.dark.track();
        if node.get().is_none() || due.replace(true) {
            return;
        }
        let (due, paint) = (due.clone(), paint.clone());
        request_animation_frame(move || {
            due.set(false);
            if lines.try_get_untracked().is_some() {
                paint();
            }
        });
    });

    let resized = {
        let drawn = drawn.clone();
        Closure::<dyn FnMut()>::new(move || {
            let element = node.try_get_untracked().flatten();
            if let (Some(element), Some(drawn)) = (element, &*drawn.borrow()) {
                let width = element.client_width().max(80);
                drawn.plot.set_size(&js(&json!({ "width": width, "height": HEIGHT })));
            }
        })
    };
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
    let watching = observer.clone();
    Effect::new(move || {
        if let (Some(element), Some(observer)) = (node.get(), &watching) {
            observer.observe(&element);
        }
    });
    let kept = StoredValue::new_local(Some((drawn, observer, resized)));
    on_cleanup(move || {
        kept.try_update_value(|kept| {
            if let Some((drawn, observer, _resized)) = kept.take() {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drawn.borrow_mut().take();
            }
        });
    });
}

/// uPlot's data: the x values, then a column a line, its faint raw line before it.
fn data(lines: &[Line]) -> JsValue {
    let columns: Vec<Vec<(f64, f64)>> = lines
        .iter()
        .flat_map(|line| line.raw.iter().chain([&line.points]).map(|points| thin(points, POINTS)))
        .collect();
    let views: Vec<&[(f64, f64)]> = columns.iter().map(Vec::as_slice).collect();
    let aligned = align(&views);
    let out = Array::new();
    out.push(&Float64Array::from(aligned.xs.as_slice()));
    for column in &aligned.columns {
        let full: Option<Vec<f64>> = column.iter().copied().collect();
        match full {
            Some(values) => out.push(&Float64Array::from(values.as_slice())),
            None => {
                let values = column
                    .iter()
                    .map(|value| value.map_or(JsValue::NULL, JsValue::from_f64));
                out.push(&values.collect::<Array>())
            }
        };
    }
    out.into()
}

fn build(
    element: &HtmlElement,
    lines: &[Line],
    look: Look,
    group: ChartGroup,
    range: Option<(f64, f64)>,
) -> Option<Drawn> {
    let (text, grid) = (token_color("--text-3"), token_color("--line"));
    let right = lines.iter().any(|line| line.side == Side::Right);
    let mut series = vec![json!({})];
    for line in lines {
        let color = token_color(line.color);
        let scale = if line.side == Side::Right { "right" } else { "y" };
        if line.raw.is_some() {
            let faint = faint(&color);
            series.push(
                json!({ "stroke": faint, "width": 1, "scale": scale, "spanGaps": true, "points": { "show": false } }),
            );
        }
        let alone = line.points.len() < 2;
        series.push(match line.stroke {
            Stroke::Solid => json!({ "stroke": color, "width": 1.5, "scale": scale, "spanGaps": true,
                "points": { "show": alone, "size": 5, "fill": color } }),
            Stroke::Dotted => json!({ "stroke": color, "width": 1.25, "scale": scale, "spanGaps": true, "dash": [2, 3],
                "points": { "show": true, "size": 5, "width": 1, "fill": color } }),
        });
    }
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
        axis(json!({ "size": 48, "space": 34 })),
    ];
    if right {
        axes.push(axis(
            json!({ "size": 48, "space": 34, "side": 1, "scale": "right", "grid": { "show": false } }),
        ));
    }
    let options = js(&json!({
        "width": element.client_width().max(80),
        "height": HEIGHT,
        "padding": [8, if right { 0 } else { 12 }, 0, 0],
        "legend": { "show": false },
        "scales": { "x": { "time": false }, "y": range.map_or(json!({}), |(low, high)| json!({ "range": [low, high] })) },
        "axes": axes,
        "series": series,
        "cursor": {
            "y": false,
            "points": { "size": 6 },
            "drag": { "x": true, "y": false, "setScale": false },
            "sync": { "key": group.key, "scales": ["x", null] },
        },
    }));

    let mut closures: Vec<Closure<dyn Fn(JsValue, JsValue) -> JsValue>> = vec![];
    let mut function = |f: Box<dyn Fn(JsValue, JsValue) -> JsValue>| {
        let closure = Closure::wrap(f);
        let value = closure.as_ref().clone();
        closures.push(closure);
        value
    };
    let x_axis = look.axis;
    let x_values = function(Box::new(move |_, splits| {
        each(&splits, |x| {
            if x_axis == XAxis::Time {
                fmt::clock(x)
            } else {
                fmt::setting(x)
            }
        })
    }));
    let y_values = function(Box::new(|_, splits| each(&splits, fmt::setting)));
    let moved = function(Box::new(move |plot, _| {
        let plot: UPlot = plot.unchecked_into();
        let cursor = plot.cursor();
        let left = Reflect::get(&cursor, &"left".into())
            .ok()
            .and_then(|left| left.as_f64())
            .unwrap_or(-1.0);
        let inside = Reflect::get(&cursor, &"idx".into()).is_ok_and(|index| !index.is_null() && !index.is_undefined());
        let x = (left >= 0.0 && inside).then(|| plot.pos_to_val(left, "x"));
        if group.at.try_get_untracked().is_some_and(|at| at != x) {
            group.at.set(x);
        }
        JsValue::UNDEFINED
    }));
    let selected = function(Box::new(move |plot, _| {
        let plot: UPlot = plot.unchecked_into();
        let select = plot.select();
        let part = |key: &str| {
            Reflect::get(&select, &key.into())
                .ok()
                .and_then(|v| v.as_f64())
                .unwrap_or(0.0)
        };
        let (left, width) = (part("left"), part("width"));
        if width >= 6.0 {
            let (from, to) = (plot.pos_to_val(left, "x"), plot.pos_to_val(left + width, "x"));
            plot.set_select(&js(&json!({ "left": 0, "top": 0, "width": 0, "height": 0 })), false);
            group.on_zoom.run(Some((from, to)));
        }
        JsValue::UNDEFINED
    }));
    let reset = function(Box::new(move |_, _| {
        group.on_zoom.run(None);
        JsValue::NULL
    }));
    // uPlot wraps each event handler of its own: ours takes the place of its double click
    let bound = function(Box::new(move |_, _| reset.clone()));

    let hooks = Object::new();
    set(&hooks, "setCursor", &Array::of1(&moved));
    set(&hooks, "setSelect", &Array::of1(&selected));
    set(&options, "hooks", &hooks);
    let binds = Object::new();
    set(&binds, "dblclick", &bound);
    if let Ok(cursor) = Reflect::get(&options, &"cursor".into()) {
        set(&cursor, "bind", &binds);
    }
    if let Ok(axes) = Reflect::get(&options, &"axes".into()) {
        for (i, axis) in axes.unchecked_into::<Array>().iter().enumerate() {
            set(&axis, "values", if i == 0 { &x_values } else { &y_values });
        }
    }
    let plot = UPlot::new(&options, &data(lines), element).ok()?;
    Some(Drawn {
        plot,
        look,
        _closures: closures,
    })
}

fn each(splits: &JsValue, text: impl Fn(f64) -> String) -> JsValue {
    let splits: &Array = splits.unchecked_ref();
    let texts = splits
        .iter()
        .map(|split| split.as_f64().map_or(JsValue::NULL, |x| text(x).into()));
    texts.collect::<Array>().into()
}

fn set(object: &JsValue, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &key.into(), value);
}

fn js(value: &Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).unwrap_or(JsValue::NULL)
}

/// `rgb(…)` at a quarter of its strength.
fn faint(color: &str) -> String {
    match color.strip_prefix("rgb(").and_then(|rest| rest.strip_suffix(')')) {
        Some(parts) => format!("rgba({parts}, 0.25)"),
        None => color.into(),
    }
}
