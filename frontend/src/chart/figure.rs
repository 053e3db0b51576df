//! A chart on the page: title, legend, plot, the tooltip at the pointer, and the table with the same values.

use super::cursor::CursorKeys;
use super::data_table::DataTable;
use super::end_names::EndNames;
use super::export::{ExportMenu, Exported};
use super::legend::Legend;
use super::tooltip::{Tooltip, at_cursor};
use super::{ChartGroup, Line, Marks, Named, Scale, draw, smoothed};
use crate::browser::reveal;
use crate::fmt;
use crate::i18n::{Word, run as words};
use crate::ui::{Icon, IconName};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

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
    /// The table of its values, where it is not a row for each place along the x axis.
    #[prop(optional, into)]
    table: Option<ViewFn>,
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
    let exported = Exported {
        lines,
        title,
        axis: group.axis,
        smoothing: group.smoothing,
        plot,
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
                    <ExportMenu exported />
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
            {marks.ends.map(|ends| match ends.named {
                Named::Lines => view! { <Legend lines hidden ends no_plot=as_table /> }.into_any(),
                Named::Owners => view! {
                    <Show when=move || !as_table.get()><EndNames lines=drawn ends lit=group.lit /></Show>
                }
                .into_any(),
            })}
                <Plot plot shown drawn group scale marks title away=as_table />
            </div>
            <Show when=move || as_table.get()>
                {match &table {
                    Some(table) => table.run(),
                    None => view! { <DataTable lines=drawn axis=group.axis zoom=group.zoom title /> }.into_any(),
                }}
            </Show>
        </figure>
    }
}

/// The plot with the tooltip at the pointer. Arrow keys move its cursor, whose values are announced.
#[component]
fn Plot(
    plot: NodeRef<html::Div>,
    shown: Memo<Vec<Line>>,
    drawn: Memo<Vec<Line>>,
    group: ChartGroup,
    scale: Scale,
    marks: Marks,
    title: Signal<String>,
    away: RwSignal<bool>,
) -> impl IntoView {
    let by_keys = RwSignal::new(false);
    let keys = CursorKeys {
        lines: shown,
        group,
        point_at: StoredValue::new_local(draw::keep_drawn(plot, drawn, group, scale, marks)),
        by_keys,
    };
    // where the pointer is across this chart, 0 to 1
    let pointer = RwSignal::new(None::<f64>);
    let moved = move |event: ev::PointerEvent| {
        if let Some(node) = plot.get_untracked() {
            let left = f64::from(event.client_x()) - node.get_bounding_client_rect().left();
            pointer.set(Some(left / f64::from(node.client_width().max(1))));
            by_keys.set(false);
        }
    };
    let tooltip = move || {
        let x = group.at.get()?;
        let place = match (by_keys.get(), pointer.get()) {
            (true, _) => 0.0,
            (false, Some(place)) => place,
            (false, None) => return None,
        };
        Some(view! { <Tooltip lines=drawn axis=group.axis marks x place /> })
    };
    // the values at the cursor, for screen readers
    let announced = move || {
        let x = group.at.get().filter(|_| by_keys.get())?;
        let values = drawn.with(|lines| {
            let value = |(line, y): (&Line, f64)| format!("{} {}", line.name, fmt::metric(&line.metric, y));
            at_cursor(lines, x)
                .into_iter()
                .map(value)
                .collect::<Vec<_>>()
                .join(", ")
        });
        Some(format!("{}: {values}", marks.x_text(group.axis.get(), x)))
    };
    let summary = move || {
        let parts = shown.with(|lines| lines.iter().take(8).filter_map(summary_of).collect::<Vec<_>>());
        format!("{}. {} {}", title.get(), parts.join(" "), words::chart_keys())
    };
    let shaded = move || {
        let band = group.band.get()?;
        let here = shown.with(|lines| lines.iter().any(|line| band.metrics.contains(&line.metric)));
        here.then(|| words::shaded(fmt::count(band.steps.from), fmt::count(band.steps.to)))
    };
    view! {
        <div
            class="plot-box"
            class:away=away
            tabindex="0"
            role="img"
            aria-label=summary
            on:pointermove=moved
            on:pointerleave=move |_| pointer.set(None)
            on:keydown=move |event| keys.press(&event)
            on:blur=move |_| keys.leave()
        >
            <div class="plot" node_ref=plot></div>
            {tooltip}
        </div>
        <span class="sr" aria-live="polite">{announced}</span>
        <span class="sr" aria-live="polite">{shaded}</span>
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

/// A line's first and last value in words; those of a dot are one.
fn summary_of(line: &Line) -> Option<String> {
    if let [(_, y)] = *line.points {
        return Some(format!("{}: {}.", line.name, fmt::metric(&line.metric, y)));
    }
    let ((_, first), (_, last)) = (line.points.first()?, line.points.last()?);
    Some(words::chart_line(
        &line.name,
        fmt::metric(&line.metric, *first),
        fmt::metric(&line.metric, *last),
    ))
}
