//! A chart's data for uPlot: columns on one x axis, in which its cursor finds points.

use super::Line;
use super::look::{Look, MANY_LINES};
use crate::logic::plot::{cut, gather};
use js_sys::{Array, Float64Array};
use wasm_bindgen::JsValue;

/// The most places along the x axis at which the cursor finds points.
const PLACES: usize = 2000;

/// uPlot's data: the x values, then a column for each line, its faint raw line before it, the reference last. uPlot uses them for the
/// cursor only, since lines are drawn from their own points; of many lines only the ends of x are passed.
pub fn data(lines: &[Line], zoom: Option<(f64, f64)>, span: Option<(f64, f64)>, look: &Look) -> JsValue {
    let parts: Vec<&[(f64, f64)]> = lines
        .iter()
        .flat_map(|line| line.raw.iter().chain([&line.points]).map(|points| cut(points, zoom)))
        .collect();
    let out = Array::new();
    if lines.len() > MANY_LINES {
        let ends = parts
            .iter()
            .flat_map(|part| part.first().into_iter().chain(part.last()));
        let ends = ends.map(|point| point.0);
        let ends = ends.chain(
            span.filter(|_| zoom.is_none())
                .into_iter()
                .flat_map(|(from, to)| [from, to]),
        );
        let (from, to) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), x| {
            (from.min(x), to.max(x))
        });
        let xs = if from < to { vec![from, to] } else { vec![from] };
        out.push(&Float64Array::from(xs.as_slice()));
        for _ in 0..parts.len() + usize::from(look.reference.is_some()) {
            out.push(&Array::new());
        }
        return out.into();
    }
    // an additional line that has only the ends
    let ends = span
        .filter(|_| zoom.is_none())
        .map(|(from, to)| [(from, 0.0), (to, 0.0)]);
    let all: Vec<&[(f64, f64)]> = parts
        .iter()
        .copied()
        .chain(ends.iter().map(|ends| ends.as_slice()))
        .collect();
    let aligned = gather(&all, PLACES);
    out.push(&Float64Array::from(aligned.xs.as_slice()));
    for column in aligned.columns.iter().take(parts.len()) {
        out.push(&column_of(column));
    }
    if look.reference.is_some() {
        out.push(&Array::new());
    }
    out.into()
}

fn column_of(column: &[Option<f64>]) -> JsValue {
    let full: Option<Vec<f64>> = column.iter().copied().collect();
    match full {
        Some(values) => Float64Array::from(values.as_slice()).into(),
        // a place that is not set is one that only other lines have: uPlot connects the points around it
        None => {
            let values = Array::new_with_length(column.len() as u32);
            for (place, value) in column.iter().enumerate() {
                if let Some(value) = value {
                    values.set(place as u32, JsValue::from_f64(*value));
                }
            }
            values.into()
        }
    }
}
