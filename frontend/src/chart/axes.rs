//! The axes of uPlot for a look: their ends, their ticks and what these say.

use super::Side;
use super::look::Look;
use super::options::{Functions, get, set};
use super::path::DrawInput;
use super::uplot::UPlot;
use crate::browser::color;
use crate::fmt;
use crate::logic::axis::{Spread, YAxis};
use crate::logic::plot::XAxis;
use crate::logic::scatter::Bottom;
use js_sys::{Array, Reflect};
use protocol::metric::{self, Unit};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};

pub fn axes(right: bool) -> Vec<Value> {
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

/// Sets the ends, the ticks and the width of the axes.
pub fn wire_scales(options: &JsValue, functions: &mut Functions, look: &Look, input: &DrawInput) {
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
    let bottom = look.bottom.clone();
    let x_values = functions.make(move |_, splits| {
        labels(&splits, |x| match (&bottom, x_axis) {
            (Some(bottom), _) if *bottom != Bottom::Numbers => bottom.text(x),
            (_, XAxis::Time) => fmt::clock(x),
            (_, XAxis::Step | XAxis::Epoch | XAxis::Value) => fmt::tick(x),
        })
    });
    let bottom = look.bottom.clone().filter(|bottom| *bottom != Bottom::Numbers);
    let x_splits = bottom.map(|bottom| {
        functions.make(move |plot, _| {
            let marks = ends_of_x(&plot).and_then(|(from, to)| bottom.marks(from, to));
            marks
                .unwrap_or_default()
                .into_iter()
                .map(JsValue::from_f64)
                .collect::<Array>()
                .into()
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
        } else if let Some(splits) = &x_splits {
            set(&axis, "splits", splits);
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

/// The part of the x axis that is shown.
fn ends_of_x(plot: &JsValue) -> Option<(f64, f64)> {
    let x = get(&plot.unchecked_ref::<UPlot>().scales(), "x");
    Some((get(&x, "min").as_f64()?, get(&x, "max").as_f64()?))
}

/// The labels of ticks.
fn labels(splits: &JsValue, text: impl Fn(f64) -> String) -> JsValue {
    let splits: &Array = splits.unchecked_ref();
    let texts = splits
        .iter()
        .map(|split| split.as_f64().map_or(JsValue::NULL, |x| text(x).into()));
    texts.collect::<Array>().into()
}
