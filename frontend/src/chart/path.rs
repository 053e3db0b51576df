//! The paths of a chart's lines, traced from each line's own points. By itself uPlot would need a common x axis of all lines.

use super::Side;
use super::uplot::{Path2D, UPlot};
use crate::logic::axis::YAxis;
use crate::logic::trace::{Frame, trace};
use js_sys::{Object, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::{JsCast, JsValue};

/// A line of uPlot's series: its points, and the axis they are measured on.
#[derive(Clone)]
pub struct Traced {
    pub points: Arc<[(f64, f64)]>,
    pub side: Side,
    /// The edges of the band around it.
    pub range: Option<Arc<[(f64, f64)]>>,
    /// Whether it is a single point, drawn as a dot.
    pub dot: bool,
}

/// The newest axes and points, which the functions that uPlot calls look up while they draw.
#[derive(Clone, Default)]
pub struct DrawInput {
    left: Rc<Cell<YAxis>>,
    right: Rc<Cell<YAxis>>,
    /// In the order of uPlot's series.
    traced: Rc<RefCell<Vec<Traced>>>,
}

impl DrawInput {
    pub fn set(&self, left: YAxis, right: YAxis, traced: Vec<Traced>) {
        self.left.set(left);
        self.right.set(right);
        self.traced.replace(traced);
    }

    pub fn axis(&self, side: Side) -> YAxis {
        match side {
            Side::Left => self.left.get(),
            Side::Right => self.right.get(),
        }
    }

    /// The path of the series of this number, in the form that uPlot's `paths` returns.
    pub fn paths(&self, plot: &JsValue, series: usize) -> JsValue {
        let traced = self.traced.borrow();
        // the first of uPlot's series is the x axis
        let line = series.checked_sub(1).and_then(|place| traced.get(place));
        let found = line.and_then(|line| Some((line, frame(plot, self.axis(line.side))?)));
        let path = found.as_ref().and_then(|(line, frame)| path_of(line, frame));
        let Some(path) = path else { return JsValue::NULL };
        let area = found.and_then(|(line, frame)| match line.dot {
            true => path_of(line, &frame),
            false => band_of(line, &frame),
        });
        let answer = Object::new();
        let none = JsValue::NULL;
        for (key, value) in [
            ("stroke", path.unchecked_ref()),
            ("fill", area.as_ref().map_or(&none, |area| area.unchecked_ref())),
            ("clip", &none),
            ("band", &none),
            ("gaps", &none),
            ("flags", &JsValue::from_f64(1.0)),
        ] {
            let _ = Reflect::set(&answer, &key.into(), value);
        }
        answer.into()
    }
}

/// Where the plot is on uPlot's canvas, and the range of x that it shows.
pub fn frame(plot: &JsValue, axis: YAxis) -> Option<Frame> {
    let plot: &UPlot = plot.unchecked_ref();
    let (bbox, scales) = (plot.bbox(), plot.scales());
    let number = |object: &JsValue, key: &str| Reflect::get(object, &key.into()).ok()?.as_f64();
    let x = Reflect::get(&scales, &"x".into()).ok()?;
    Some(Frame {
        left: number(&bbox, "left")?,
        top: number(&bbox, "top")?,
        width: number(&bbox, "width")?,
        height: number(&bbox, "height")?,
        from: number(&x, "min")?,
        to: number(&x, "max")?,
        axis,
    })
}

/// The area of the band around a line.
fn band_of(line: &Traced, frame: &Frame) -> Option<Path2D> {
    let range = line.range.as_ref()?;
    let edge = |edge: fn(&(f64, f64)) -> f64| {
        let points: Vec<_> = line
            .points
            .iter()
            .zip(range.iter())
            .map(|(point, range)| (point.0, edge(range)))
            .collect();
        trace(&points, frame)
    };
    let (high, low) = (edge(|range| range.1), edge(|range| range.0));
    let path = Path2D::new();
    let mut around = high.into_iter().chain(low.into_iter().rev());
    let (x, y) = around.next()?;
    path.move_to(x, y);
    around.for_each(|(x, y)| path.line_to(x, y));
    Some(path)
}

/// The radius of a dot in px.
const DOT: f64 = 4.0;

fn path_of(line: &Traced, frame: &Frame) -> Option<Path2D> {
    let path = Path2D::new();
    let mut traced = trace(&line.points, frame).into_iter();
    let (x, y) = traced.next()?;
    if line.points.len() == 1 {
        // of a zoomed chart the point may be out of view
        let dots = leptos::prelude::window().device_pixel_ratio().max(0.1);
        let shown = line.dot && (frame.left..=frame.left + frame.width).contains(&x);
        return shown.then(|| {
            path.arc(x, y, DOT * dots, 0.0, std::f64::consts::TAU);
            path
        });
    }
    path.move_to(x, y);
    for (x, y) in traced {
        path.line_to(x, y);
    }
    Some(path)
}
