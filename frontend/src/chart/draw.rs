//! Keeps a uPlot on an element in step with its lines: new points at most once a frame, a new chart when theme or
//! lines change.

use super::columns::data;
use super::marks::{Marks, ROOMY};
use super::options;
use super::path::{Newest, Traced};
use super::uplot::UPlot;
use super::view::in_view;
use super::{ChartGroup, Line, Scale, Side, Stroke};
use crate::app::use_shell;
use crate::logic::axis::{Asked, Spread, YAxis, y_axis};
use crate::logic::plot::{XAxis, cut};
use js_sys::Reflect;
use leptos::html;
use leptos::prelude::*;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver};

/// Lines that are many: no rings, and no dots under the cursor.
pub const MANY: usize = 10;

/// A chart on the page with all that must live as long.
pub struct Drawn {
    pub plot: UPlot,
    pub look: Look,
    pub _closures: options::Closures,
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.plot.destroy();
    }
}

/// What asks for a new chart when it changes; all else is data.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub dark: bool,
    pub axis: XAxis,
    pub spread: Spread,
    pub reference: Option<f64>,
    /// Names stand at the ends of the lines.
    pub roomy: bool,
    pub lines: Vec<LineLook>,
}

/// How a line of the chart looks.
#[derive(Debug, Clone, PartialEq)]
pub struct LineLook {
    pub metric: String,
    pub color: String,
    pub stroke: Stroke,
    pub side: Side,
    pub smoothed: bool,
    /// With a band about it.
    pub ranged: bool,
    /// One point alone makes no line.
    pub alone: bool,
    /// So many points that rings would hide the line.
    pub crowded: bool,
    pub of: String,
}

impl Look {
    fn of(lines: &[Line], dark: bool, axis: XAxis, spread: Spread, reference: Option<f64>) -> Self {
        let lines = lines.iter().map(|line| LineLook {
            metric: line.metric.clone(),
            color: line.color.clone(),
            stroke: line.stroke,
            side: line.side,
            smoothed: line.raw.is_some(),
            ranged: line.range.is_some(),
            alone: line.points.len() < 2,
            crowded: line.points.len() > 60,
            of: line.of.clone(),
        });
        Self {
            dark,
            axis,
            spread,
            reference: reference.filter(|_| spread != Spread::Log),
            roomy: false,
            lines: lines.collect(),
        }
    }

    /// How strongly each of uPlot's series is drawn while `lit` alone is to be seen well.
    fn strengths(&self, lit: Option<&str>) -> Vec<f64> {
        let of_line = |line: &LineLook| {
            let strength = if lit.is_none_or(|lit| line.of == lit) {
                1.0
            } else {
                0.12
            };
            std::iter::repeat_n(strength, 1 + usize::from(line.smoothed))
        };
        self.lines.iter().flat_map(of_line).collect()
    }
}

/// Puts the cursor on an x, or takes it away.
pub type PointAt = Box<dyn Fn(Option<f64>)>;

/// What is drawn on an element, and with what.
#[derive(Clone)]
pub struct Canvas {
    node: NodeRef<html::Div>,
    pub lines: Memo<Vec<Line>>,
    pub group: ChartGroup,
    scale: Scale,
    pub marks: Marks,
    pub newest: Newest,
    drawn: Rc<RefCell<Option<Drawn>>>,
}

/// Draws `lines` on the element while it is in view, and goes on doing so.
pub fn keep_drawn(
    node: NodeRef<html::Div>,
    lines: Memo<Vec<Line>>,
    group: ChartGroup,
    scale: Scale,
    marks: Marks,
) -> PointAt {
    let theme = use_shell().theme;
    let seen = in_view(node);
    let canvas = Canvas {
        node,
        lines,
        group,
        scale,
        marks,
        newest: Newest::default(),
        drawn: Rc::default(),
    };
    let drawn = canvas.drawn.clone();
    let due = Rc::new(Cell::new(false));
    Effect::new(move || {
        // out of view nothing is followed, not even worked out
        if node.get().is_none() || !seen.get() {
            return;
        }
        lines.track();
        group.zoom.track();
        group.axis.track();
        group.log.track();
        group.clip.track();
        group.band.track();
        group.span.track();
        if let Some(flag) = marks.flag {
            flag.track();
        }
        if let Some(ends) = marks.ends {
            ends.roomy.track();
        }
        let dark = theme.dark.get();
        if due.replace(true) {
            return;
        }
        let (due, canvas) = (due.clone(), canvas.clone());
        request_animation_frame(move || {
            due.set(false);
            if lines.try_get_untracked().is_some() {
                canvas.paint(theme.dark.try_get_untracked().unwrap_or(dark));
            }
        });
    });
    light_up(drawn.clone(), group, seen);
    keep_sized(node, drawn.clone(), group, marks);
    Box::new(move |x: Option<f64>| {
        if let Some(drawn) = &*drawn.borrow() {
            let left = x.map_or(-10.0, |x| drawn.plot.val_to_pos(x, "x"));
            drawn
                .plot
                .set_cursor(&options::js(&json!({ "left": left, "top": 10 })), true, true);
        }
    })
}

impl Canvas {
    fn paint(&self, dark: bool) {
        let Some(element) = self.node.try_get_untracked().flatten() else {
            return;
        };
        let element: HtmlElement = (*element).clone().unchecked_into();
        let (group, scale) = (self.group, self.scale);
        let zoom = group.zoom.get_untracked();
        self.lines.with_untracked(|lines| {
            let asked = Asked {
                fixed: scale.range,
                log: group.log.get_untracked(),
                clip: group.clip.get_untracked(),
                reference: scale.reference,
            };
            let axis = axis_of(lines, Side::Left, zoom, asked);
            let right = Asked {
                reference: None,
                fixed: None,
                ..asked
            };
            let mut look = Look::of(lines, dark, group.axis.get_untracked(), axis.spread, scale.reference);
            look.roomy = self.marks.ends.is_some_and(|ends| ends.roomy.get_untracked());
            let right = axis_of(lines, Side::Right, zoom, right);
            self.newest.set(axis, right, traced(lines, look.reference));
            let data = data(lines, zoom, group.span.get_untracked(), &look);
            let mut drawn = self.drawn.borrow_mut();
            match &*drawn {
                Some(old) if old.look == look => old.plot.set_data(&data, zoom.is_none()),
                _ => {
                    *drawn = None;
                    *drawn = options::build(self, &element, look, &data);
                }
            }
            if let (Some(drawn), Some((min, max))) = (&*drawn, zoom) {
                drawn
                    .plot
                    .set_scale("x", &options::js(&json!({ "min": min, "max": max })));
            }
        });
    }
}

/// Fades all lines but those of what is lit.
fn light_up(drawn: Rc<RefCell<Option<Drawn>>>, group: ChartGroup, seen: RwSignal<bool>) {
    Effect::new(move || {
        if !seen.get() {
            return;
        }
        let lit = group.lit.get();
        if let Some(drawn) = &*drawn.borrow() {
            let series = drawn.plot.series();
            for (number, strength) in drawn.look.strengths(lit.as_deref()).into_iter().enumerate() {
                // the first of uPlot's series is the x axis
                let line = series.get(number as u32 + 1);
                let _ = Reflect::set(&line, &"alpha".into(), &strength.into());
            }
            drawn.plot.redraw(false, false);
        }
    });
}

/// Follows the size of the element, and takes the chart away with it.
fn keep_sized(node: NodeRef<html::Div>, drawn: Rc<RefCell<Option<Drawn>>>, group: ChartGroup, marks: Marks) {
    let resized = {
        let drawn = drawn.clone();
        Closure::<dyn FnMut()>::new(move || {
            let Some(element) = node.try_get_untracked().flatten() else {
                return;
            };
            let (width, height) = size(&element);
            if group.width.try_get_untracked().is_some_and(|widest| widest < width) {
                group.width.set(width);
            }
            let roomy = marks.ends.map(|ends| ends.roomy);
            if let Some(roomy) = roomy.filter(|roomy| roomy.try_get_untracked() == Some(width < ROOMY)) {
                roomy.set(width >= ROOMY);
            }
            if let (Some(drawn), true) = (&*drawn.borrow(), height > 0) {
                drawn
                    .plot
                    .set_size(&options::js(&json!({ "width": width, "height": height })));
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

/// Width and height of the element in px.
pub fn size(element: &HtmlElement) -> (u32, u32) {
    (
        element.client_width().max(80) as u32,
        element.client_height().max(0) as u32,
    )
}

/// The y axis on which the lines of one side are seen.
fn axis_of(lines: &[Line], side: Side, zoom: Option<(f64, f64)>, asked: Asked) -> YAxis {
    let values = lines.iter().filter(|line| line.side == side).flat_map(|line| {
        // what is drawn faintly may leave the plot where the smoothed line says enough
        let faint = line.raw.as_ref().filter(|_| !asked.clip);
        let drawn = [Some(&line.points), faint].into_iter().flatten();
        let drawn = drawn.flat_map(move |points| inside(points, zoom).iter().map(|point| point.1));
        let range = line.range.iter().flat_map(|range| range.iter()).zip(line.points.iter());
        let range = range.filter(move |(_, point)| zoom.is_none_or(|(from, to)| (from..=to).contains(&point.0)));
        drawn.chain(range.flat_map(|((low, high), _)| [*low, *high]))
    });
    y_axis(values, asked)
}

/// The points within the window alone; those just beyond where there are none.
fn inside(line: &[(f64, f64)], zoom: Option<(f64, f64)>) -> &[(f64, f64)] {
    let Some((from, to)) = zoom else { return line };
    let first = line.partition_point(|point| point.0 < from);
    let last = line.partition_point(|point| point.0 <= to);
    if first < last {
        &line[first..last]
    } else {
        cut(line, zoom)
    }
}

/// The lines in the order of uPlot's series: each after its faint one, the reference last.
fn traced(lines: &[Line], reference: Option<f64>) -> Vec<Traced> {
    let mut traced = vec![];
    for line in lines {
        let (side, raw) = (line.side, line.raw.clone());
        let faint = raw.map(|points| Traced {
            points,
            side,
            range: None,
        });
        traced.extend(faint.into_iter().chain([Traced {
            points: line.points.clone(),
            side,
            range: line.range.clone(),
        }]));
    }
    let ends = lines
        .iter()
        .filter_map(|line| Some((line.points.first()?.0, line.points.last()?.0)));
    let ends = ends.reduce(|(from, to), (first, last)| (from.min(first), to.max(last)));
    if let (Some(reference), Some((from, to))) = (reference, ends) {
        traced.push(Traced {
            points: [(from, reference), (to, reference)].into(),
            side: Side::Left,
            range: None,
        });
    }
    traced
}
