//! A chart on the page: title, legend, plot, the tip at the pointer, and the table that says the same.

use super::export::Files;
use super::legend::Legend;
use super::tip::Tip;
use super::twin::Twin;
use super::{ChartGroup, Line, Marks, Scale, draw, smoothed, x_text};
use crate::fmt;
use crate::i18n::{Word, run as words};
use crate::logic::plot::nearest;
use crate::ui::{Icon, IconName};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// Where a key moves the cursor among the steps in sight.
#[derive(Debug, Clone, Copy)]
enum Go {
    By(isize),
    First,
    Last,
}

/// Which chart of a page is open in full width, where the page keeps that.
#[derive(Clone, Copy)]
pub struct Opened {
    pub which: Signal<String>,
    /// Opens the chart of this key; with an empty one, none.
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
    /// Names and colours stand elsewhere on the page.
    #[prop(optional)]
    no_legend: bool,
    /// What is drawn beside the lines.
    #[prop(optional)]
    marks: Marks,
    /// Its key, and who keeps which chart is open; without, the chart keeps it itself.
    #[prop(optional)]
    opened: Option<(String, Opened)>,
) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let as_table = RwSignal::new(false);
    let (wide, widen) = opening(opened);
    let hidden = RwSignal::new(Vec::<String>::new());
    let shown = Memo::new(move |_| {
        let (mut lines, hidden) = (lines.get(), hidden.get());
        lines.retain(|line| !hidden.contains(&line.name));
        lines
    });
    // worked out once for all that asks: the plot in view, the tip, the table
    let drawn = Memo::new(move |_| {
        let weight = group.smoothing.get();
        shown.with(|lines| smoothed(lines, weight))
    });
    let point_at = StoredValue::new_local(draw::keep_drawn(plot, drawn, group, scale, marks));

    // where the pointer is over this very chart, from the plot's left edge; keys have none
    let pointer = RwSignal::new(None::<f64>);
    let by_keys = RwSignal::new(false);
    let moved = move |event: ev::PointerEvent| {
        if let Some(node) = plot.get_untracked() {
            let left = f64::from(event.client_x()) - node.get_bounding_client_rect().left();
            pointer.set(Some(left / f64::from(node.client_width().max(1))));
            by_keys.set(false);
        }
    };
    let step = move |go: Go| {
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
        let place = match (go, here) {
            (Go::First, _) => 0,
            (Go::Last, _) => last,
            (Go::By(by), Some(place)) => place.saturating_add_signed(by).min(last),
            (Go::By(by), None) if by < 0 => last,
            (Go::By(_), None) => 0,
        };
        by_keys.set(true);
        point_at.with_value(|point| point(Some(xs[place])));
    };
    let keys = move |event: ev::KeyboardEvent| {
        let stride = if event.shift_key() { 10 } else { 1 };
        match event.key().as_str() {
            "ArrowRight" => step(Go::By(stride)),
            "ArrowLeft" => step(Go::By(-stride)),
            "Home" => step(Go::First),
            "End" => step(Go::Last),
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
    let left = move |_| {
        if by_keys.get_untracked() {
            by_keys.set(false);
            point_at.with_value(|point| point(None));
        }
    };
    let tip = move || {
        let x = group.at.get()?;
        let place = match (by_keys.get(), pointer.get()) {
            (true, _) => 0.0,
            (false, Some(place)) => place,
            (false, None) => return None,
        };
        Some(view! { <Tip lines=drawn axis=group.axis x place /> })
    };
    let spoken = move || {
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
        <figure class="chart" class:wide=wide data-metrics=metrics>
            <figcaption class="chart-head">
                <h2>{title}</h2>
                <span class="faint grow clip">{note}</span>
                <span class="chart-tools">
                    <Files lines title smoothing=group.smoothing />
                    <Tool
                        on=as_table
                        press=Callback::new(move |()| as_table.update(|on| *on = !*on))
                        icon=IconName::Columns
                        word=words::as_table
                        name=move || words::as_table_of(title.get())
                    />
                    <Tool on=wide press=widen icon=IconName::Expand word=words::full_width name=move || words::full_width_of(title.get()) />
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
                on:blur=left
            >
                <div class="plot" node_ref=plot></div>
                {tip}
            </div>
            </div>
            <span class="sr" aria-live="polite">{spoken}</span>
            <span class="sr" aria-live="polite">{shaded}</span>
            <Show when=move || as_table.get()>
                <Twin lines=drawn axis=group.axis zoom=group.zoom title />
            </Show>
        </figure>
    }
}

/// Whether the chart is in full width, and what turns that.
fn opening(opened: Option<(String, Opened)>) -> (Signal<bool>, Callback<()>) {
    match opened {
        None => {
            let wide = RwSignal::new(false);
            (wide.into(), Callback::new(move |()| wide.update(|wide| *wide = !*wide)))
        }
        Some((key, Opened { which, open })) => {
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

/// One of the chart's own switches.
#[component]
fn Tool(
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

/// Where a line begins and where it has come to, in words.
fn summary_of(line: &Line) -> Option<String> {
    let ((_, first), (_, last)) = (line.points.first()?, line.points.last()?);
    Some(words::chart_line(
        &line.name,
        fmt::metric(&line.metric, *first),
        fmt::metric(&line.metric, *last),
    ))
}

/// Looks at the middle half of what is seen, around the cursor where there is one.
fn zoom_in(group: ChartGroup) {
    let Some(at) = group.at.get_untracked() else { return };
    let half = match group.zoom.get_untracked() {
        Some((from, to)) => (to - from) / 4.0,
        None => at.abs().max(4.0) / 4.0,
    };
    group.on_zoom.run(Some((at - half, at + half)));
}
