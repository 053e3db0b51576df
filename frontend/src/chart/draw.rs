//! Keeps a uPlot chart on an element up to date with its lines: new points at most once a frame, a new chart when the theme or the look of
//! the lines changes.

use super::columns::data;
use super::fit::{axis_of, traced};
use super::look::Look;
use super::marks::Marks;
use super::options;
use super::path::DrawInput;
use super::uplot::UPlot;
use super::view::in_view;
use super::{ChartGroup, Line, Scale, Side};
use crate::app::use_shell;
use crate::browser::width::on_resize;
use crate::logic::axis::Asked;
use js_sys::Reflect;
use leptos::html;
use leptos::prelude::*;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

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
        if let Some(bottom) = marks.bottom {
            bottom.track();
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
            look.has_room = self
                .marks
                .ends
                .is_some_and(|ends| ends.has_room.get_untracked() && !ends.named.carriers(lines).is_empty());
            look.bottom = self.marks.bottom.and_then(|bottom| bottom.try_get_untracked());
            let right = axis_of(lines, Side::Right, zoom, right);
            self.input.set(axis, right, traced(lines, &look));
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
    let sized = mounted.clone();
    on_resize(node, move || {
        let Some(element) = node.try_get_untracked().flatten() else {
            return;
        };
        let (width, height) = size(&element);
        if group.width.try_get_untracked().is_some_and(|widest| widest < width) {
            group.width.set(width);
        }
        if let Some(ends) = marks.ends {
            let has_room = width >= ends.named.least_width();
            if ends.has_room.try_get_untracked() == Some(!has_room) {
                ends.has_room.set(has_room);
            }
        }
        if let (Some(chart), true) = (&*sized.borrow(), height > 0) {
            chart
                .plot
                .set_size(&options::js(&json!({ "width": width, "height": height })));
        }
    });
    let kept = StoredValue::new_local(mounted);
    on_cleanup(move || {
        kept.try_with_value(|mounted| mounted.borrow_mut().take());
    });
}

/// Width and height of the element in px.
pub fn size(element: &HtmlElement) -> (u32, u32) {
    (
        element.client_width().max(80) as u32,
        element.client_height().max(0) as u32,
    )
}
