//! A chart on the page: title, legend, plot, the tooltip at the pointer, and the table with the same values.

use super::data_table::DataTable;
use super::export::ExportMenu;
use super::legend::Legend;
use super::tooltip::Tooltip;
use super::{ChartGroup, Line, Marks, Scale, draw, smoothed, x_text};
use crate::browser::reveal;
use crate::fmt;
use crate::i18n::{Word, run as words};
use crate::logic::plot::nearest;
use crate::ui::{Icon, IconName};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// A movement of the cursor by keyboard, among the visible steps.
#[derive(Debug, Clone, Copy)]
enum CursorMove {
    By(isize),
    First,
    Last,
}

/// Which chart of a page is open in full width, where the page holds that state.
#[derive(Clone, Copy)]
pub struct FullWidth {
    pub which: Signal<String>,
    /// Opens the chart with this key; with an empty one, closes the open chart.
    pub open: Callback<String>,
}

/// A chart with its title and legend. A click on a name of the legend hides its line; arrows move through the steps.
#[component]
pub fn Chart(
    #[prop(into)] title: Signal<String>,
    lines: Memo<Vec<Line>>,
    group: ChartGroup,
    #[prop(optional)] scale: Scale,
    /// A remark beside the title.
    #[prop(optional, into)]
    note: Signal<String>,
    /// Leaves the legend out, where names and colours are shown elsewhere on the page.
    #[prop(optional)]
    no_legend: bool,
    /// What is drawn beside the lines.
    #[prop(optional)]
    marks: Marks,
    /// The chart's key, and the page's state of which chart is open. Without them the chart holds its own state.
    #[prop(optional)]
    full_width: Option<(String, FullWidth)>,
) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let as_table = RwSignal::new(false);
    let (is_wide, toggle_wide) = full_width_state(full_width);
    let figure = NodeRef::<html::Figure>::new();
    keep_in_sight(figure, is_wide);
    let hidden = RwSignal::new(Vec::<String>::new());
    let shown = Memo::new(move |_| {
        let (mut lines, hidden) = (lines.get(), hidden.get());
        lines.retain(|line| !hidden.contains(&line.name));
        lines
    });
    // computed once for the plot, the tooltip and the table
    let drawn = Memo::new(move |_| {
        let weight = group.smoothing.get();
        shown.with(|lines| smoothed(lines, weight))
    });
    let point_at = StoredValue::new_local(draw::keep_drawn(plot, drawn, group, scale, marks));

    // where the pointer is across this chart, 0 to 1
    let pointer = RwSignal::new(None::<f64>);
    // whether the cursor was last moved by keyboard
    let by_keys = RwSignal::new(false);
    let moved = move |event: ev::PointerEvent| {
        if let Some(node) = plot.get_untracked() {
            let left = f64::from(event.client_x()) - node.get_bounding_client_rect().left();
            pointer.set(Some(left / f64::from(node.client_width().max(1))));
            by_keys.set(false);
        }
    };
    let move_cursor = move |to: CursorMove| {
        let xs = shown.with_untracked(|lines| {
            let longest = lines.iter().max_by_key(|line| line.points.len());
            longest.map(|line| line.points.clone()).unwrap_or_default()
        });
        let window = group.zoom.get_untracked();
        let inside = |x: f64| window.is_none_or(|(from, to)| (from..=to).contains(&x));
        let xs: Vec<f64> = xs.iter().map(|point| point.0).filter(|x| inside(*x)).collect();
        let Some(last) = xs.len().checked_sub(1) else { return };
        let here = group
            .at
            .get_untracked()
            .map(|at| xs.partition_point(|x| *x < at).min(last));
        let place = match (to, here) {
            (CursorMove::First, _) => 0,
            (CursorMove::Last, _) => last,
            (CursorMove::By(by), Some(place)) => place.saturating_add_signed(by).min(last),
            (CursorMove::By(by), None) if by < 0 => last,
            (CursorMove::By(_), None) => 0,
        };
        by_keys.set(true);
        point_at.with_value(|point| point(Some(xs[place])));
    };
    let keys = move |event: ev::KeyboardEvent| {
        let stride = if event.shift_key() { 10 } else { 1 };
        match event.key().as_str() {
            "ArrowRight" => move_cursor(CursorMove::By(stride)),
            "ArrowLeft" => move_cursor(CursorMove::By(-stride)),
            "Home" => move_cursor(CursorMove::First),
            "End" => move_cursor(CursorMove::Last),
            "+" | "=" => zoom_in(group),
            "-" | "0" => group.on_zoom.run(None),
            "Escape" if by_keys.get_untracked() => {
                by_keys.set(false);
                point_at.with_value(|point| point(None));
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let blurred = move |_| {
        if by_keys.get_untracked() {
            by_keys.set(false);
            point_at.with_value(|point| point(None));
        }
    };
    let tooltip = move || {
        let x = group.at.get()?;
        let place = match (by_keys.get(), pointer.get()) {
            (true, _) => 0.0,
            (false, Some(place)) => place,
            (false, None) => return None,
        };
        Some(view! { <Tooltip lines=drawn axis=group.axis x place /> })
    };
    // the values at the cursor, for screen readers
    let announced = move || {
        let x = group.at.get().filter(|_| by_keys.get())?;
        let values = drawn.with(|lines| {
            let value = |line: &Line| {
                let (_, y) = nearest(&line.points, x)?;
                Some(format!("{} {}", line.name, fmt::metric(&line.metric, y)))
            };
            lines.iter().filter_map(value).collect::<Vec<_>>().join(", ")
        });
        Some(format!("{}: {values}", x_text(group.axis.get(), x)))
    };
    let summary = move || {
        let parts = lines.with(|lines| lines.iter().take(8).filter_map(summary_of).collect::<Vec<_>>());
        format!("{}. {} {}", title.get(), parts.join(" "), words::chart_keys())
    };
    let shaded = move || {
        let band = group.band.get()?;
        let here = lines.with(|lines| lines.iter().any(|line| band.metrics.contains(&line.metric)));
        here.then(|| words::shaded(fmt::count(band.steps.from), fmt::count(band.steps.to)))
    };
    let metrics = move || {
        let names = lines.with(|lines| lines.iter().map(|line| line.metric.clone()).collect::<Vec<_>>());
        names.join(" ")
    };
    view! {
        <figure class="chart" class:wide=is_wide data-metrics=metrics node_ref=figure>
            <figcaption class="chart-head">
                <h2>{title}</h2>
                <span class="faint grow clip">{note}</span>
                <span class="chart-tools">
                    <ExportMenu lines title smoothing=group.smoothing />
                    <ToolButton
                        on=as_table
                        press=Callback::new(move |()| as_table.update(|on| *on = !*on))
                        icon=IconName::Columns
                        word=words::as_table
                        name=move || words::as_table_of(title.get())
                    />
                    <ToolButton on=is_wide press=toggle_wide icon=IconName::Expand word=words::full_width name=move || words::full_width_of(title.get()) />
                </span>
            </figcaption>
            {(!no_legend && marks.ends.is_none()).then(|| view! { <Legend lines hidden /> })}
            <div class="plot-frame">
            {marks.ends.map(|ends| view! { <Legend lines hidden ends no_plot=as_table /> })}
            <div
                class="plot-box"
                class:away=as_table
                tabindex="0"
                role="img"
                aria-label=summary
                on:pointermove=moved
                on:pointerleave=move |_| pointer.set(None)
                on:keydown=keys
                on:blur=blurred
            >
                <div class="plot" node_ref=plot></div>
                {tooltip}
            </div>
            </div>
            <span class="sr" aria-live="polite">{announced}</span>
            <span class="sr" aria-live="polite">{shaded}</span>
            <Show when=move || as_table.get()>
                <DataTable lines=drawn axis=group.axis zoom=group.zoom title />
            </Show>
        </figure>
    }
}

/// Whether the chart is in full width, and a callback that toggles it.
fn full_width_state(of_page: Option<(String, FullWidth)>) -> (Signal<bool>, Callback<()>) {
    match of_page {
        None => {
            let wide = RwSignal::new(false);
            (wide.into(), Callback::new(move |()| wide.update(|wide| *wide = !*wide)))
        }
        Some((key, FullWidth { which, open })) => {
            let own = key.clone();
            let wide = Signal::derive(move || which.with(|which| *which == own));
            let widen = move |()| {
                let now = if wide.get_untracked() {
                    String::new()
                } else {
                    key.clone()
                };
                open.run(now);
            };
            (wide, Callback::new(widen))
        }
    }
}

/// Scrolls to a chart that is opened in full width: it may have moved, and is taller than it was.
fn keep_in_sight(figure: NodeRef<html::Figure>, is_wide: Signal<bool>) {
    Effect::new(move |before: Option<bool>| {
        let wide = is_wide.get();
        if before == Some(false) && wide {
            request_animation_frame(move || {
                if let Some(figure) = figure.try_get_untracked().flatten() {
                    reveal(&figure);
                }
            });
        }
        wide
    });
}

/// A toggle button in the head of the chart.
#[component]
fn ToolButton(
    #[prop(into)] on: Signal<bool>,
    press: Callback<()>,
    icon: IconName,
    word: Word,
    name: impl Fn() -> String + Send + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="cell-button"
            title=word
            aria-label=name
            aria-pressed=move || on.get().to_string()
            on:click=move |_| press.run(())
        >
            <Icon name=icon />
        </button>
    }
}

/// A line's first and last value in words.
fn summary_of(line: &Line) -> Option<String> {
    let ((_, first), (_, last)) = (line.points.first()?, line.points.last()?);
    Some(words::chart_line(
        &line.name,
        fmt::metric(&line.metric, *first),
        fmt::metric(&line.metric, *last),
    ))
}

/// Zooms in on half of the visible range, around the cursor. Does nothing without a cursor.
fn zoom_in(group: ChartGroup) {
    let Some(at) = group.at.get_untracked() else { return };
    let half = match group.zoom.get_untracked() {
        Some((from, to)) => (to - from) / 4.0,
        None => at.abs().max(4.0) / 4.0,
    };
    group.on_zoom.run(Some((at - half, at + half)));
}
