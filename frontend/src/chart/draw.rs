//! Keeps a uPlot chart on an element up to date with its lines: new points at most once a frame, a new chart when the theme or the look of
//! the lines changes.

use super::columns::data;
use super::marks::{MIN_WIDTH_FOR_NAMES, Marks};
use super::options;
use super::path::{DrawInput, Traced};
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

/// With more lines than this, they have no rings and no dots under the cursor.
pub const MANY_LINES: usize = 10;

/// A mounted chart, with all that must live as long as it.
pub struct MountedChart {
    pub plot: UPlot,
    pub look: Look,
    pub _closures: options::Closures,
}

impl Drop for MountedChart {
    fn drop(&mut self) {
        self.plot.destroy();
    }
}

/// What requires a new chart when it changes; all else is data.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub dark: bool,
    pub axis: XAxis,
    pub spread: Spread,
    pub reference: Option<f64>,
    /// Whether there is room for names at the ends of the lines.
    pub has_room: bool,
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
    /// Whether it has a band around it.
    pub ranged: bool,
    /// Whether it has a single point, which is drawn as a dot.
    pub alone: bool,
    /// Whether it has so many points that rings would hide the line.
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
            has_room: false,
            lines: lines.collect(),
        }
    }

    /// The opacity of each of uPlot's series while `lit` is highlighted.
    fn opacities(&self, lit: Option<&str>) -> Vec<f64> {
        let of_line = |line: &LineLook| {
            let opacity = if lit.is_none_or(|lit| line.of == lit) {
                1.0
            } else {
                0.12
            };
            std::iter::repeat_n(opacity, 1 + usize::from(line.smoothed))
        };
        self.lines.iter().flat_map(of_line).collect()
    }
}

/// Moves the cursor to an x; `None` hides it.
pub type PointAt = Box<dyn Fn(Option<f64>)>;

/// An element, what is drawn on it, and the chart on it.
#[derive(Clone)]
pub struct Canvas {
    node: NodeRef<html::Div>,
    pub lines: Memo<Vec<Line>>,
    pub group: ChartGroup,
    scale: Scale,
    pub marks: Marks,
    pub input: DrawInput,
    mounted: Rc<RefCell<Option<MountedChart>>>,
}

/// Draws `lines` on the element, and again whenever they change while it is in view.
pub fn keep_drawn(
    node: NodeRef<html::Div>,
    lines: Memo<Vec<Line>>,
    group: ChartGroup,
    scale: Scale,
    marks: Marks,
) -> PointAt {
    let theme = use_shell().theme;
    let visible = in_view(node);
    let canvas = Canvas {
        node,
        lines,
        group,
        scale,
        marks,
        input: DrawInput::default(),
        mounted: Rc::default(),
    };
    let mounted = canvas.mounted.clone();
    let due = Rc::new(Cell::new(false));
    Effect::new(move || {
        // out of view nothing is tracked, so that it is not even computed
        if node.get().is_none() || !visible.get() {
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
            ends.has_room.track();
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
    keep_highlighted(mounted.clone(), group, visible);
    keep_sized(node, mounted.clone(), group, marks);
    Box::new(move |x: Option<f64>| {
        if let Some(chart) = &*mounted.borrow() {
            let left = x.map_or(-10.0, |x| chart.plot.val_to_pos(x, "x"));
            chart
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
            look.has_room = self.marks.ends.is_some_and(|ends| ends.has_room.get_untracked());
            let right = axis_of(lines, Side::Right, zoom, right);
            self.input.set(axis, right, traced(lines, look.reference));
            let data = data(lines, zoom, group.span.get_untracked(), &look);
            let mut mounted = self.mounted.borrow_mut();
            match &*mounted {
                Some(old) if old.look == look => old.plot.set_data(&data, zoom.is_none()),
                _ => {
                    // the old chart is destroyed before the new one is built
                    *mounted = None;
                    *mounted = options::build(self, &element, look, &data);
                }
            }
            if let (Some(chart), Some((min, max))) = (&*mounted, zoom) {
                chart
                    .plot
                    .set_scale("x", &options::js(&json!({ "min": min, "max": max })));
            }
        });
    }
}

/// Fades all lines but those that are highlighted.
fn keep_highlighted(mounted: Rc<RefCell<Option<MountedChart>>>, group: ChartGroup, visible: RwSignal<bool>) {
    Effect::new(move || {
        if !visible.get() {
            return;
        }
        let lit = group.lit.get();
        if let Some(chart) = &*mounted.borrow() {
            let series = chart.plot.series();
            for (number, opacity) in chart.look.opacities(lit.as_deref()).into_iter().enumerate() {
                // the first of uPlot's series is the x axis
                let line = series.get(number as u32 + 1);
                let _ = Reflect::set(&line, &"alpha".into(), &opacity.into());
            }
            chart.plot.redraw(false, false);
        }
    });
}

/// Keeps the chart as large as the element, and destroys it with the component.
fn keep_sized(node: NodeRef<html::Div>, mounted: Rc<RefCell<Option<MountedChart>>>, group: ChartGroup, marks: Marks) {
    let resized = {
        let mounted = mounted.clone();
        Closure::<dyn FnMut()>::new(move || {
            let Some(element) = node.try_get_untracked().flatten() else {
                return;
            };
            let (width, height) = size(&element);
            if group.width.try_get_untracked().is_some_and(|widest| widest < width) {
                group.width.set(width);
            }
            let has_room = marks.ends.map(|ends| ends.has_room);
            if let Some(has_room) =
                has_room.filter(|has_room| has_room.try_get_untracked() == Some(width < MIN_WIDTH_FOR_NAMES))
            {
                has_room.set(width >= MIN_WIDTH_FOR_NAMES);
            }
            if let (Some(chart), true) = (&*mounted.borrow(), height > 0) {
                chart
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
    let kept = StoredValue::new_local(Some((mounted, observer, resized)));
    on_cleanup(move || {
        kept.try_update_value(|kept| {
            if let Some((mounted, observer, _resized)) = kept.take() {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                mounted.borrow_mut().take();
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

/// The y axis for the lines of one side.
fn axis_of(lines: &[Line], side: Side, zoom: Option<(f64, f64)>, asked: Asked) -> YAxis {
    let values = lines.iter().filter(|line| line.side == side).flat_map(|line| {
        // with clipping, the faint raw line may leave the plot: the smoothed line counts
        let faint = line.raw.as_ref().filter(|_| !asked.clip);
        let drawn = [Some(&line.points), faint].into_iter().flatten();
        let drawn = drawn.flat_map(move |points| inside(points, zoom).iter().map(|point| point.1));
        let range = line.range.iter().flat_map(|range| range.iter()).zip(line.points.iter());
        let range = range.filter(move |(_, point)| zoom.is_none_or(|(from, to)| (from..=to).contains(&point.0)));
        drawn.chain(range.flat_map(|((low, high), _)| [*low, *high]))
    });
    y_axis(values, asked)
}

/// The points within the window; where there are none, those just beyond it.
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

/// The lines in the order of uPlot's series: each after its faint raw line, the reference last.
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
