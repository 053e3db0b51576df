//! The tab "Overview": the outcome, the charts, the facts.

use super::facts::Facts;
use super::health::HealthStrip;
use super::hero::{self, Hero};
use super::outcome::Outcome;
use super::state::{RunView, use_run};
use crate::address::use_address;
use crate::api;
use crate::chart::{
    Chart, ChartBar, ChartBarState, ChartGroup, FullWidth, Line, Scale, Side, Stroke, closer, tone_color,
};
use crate::fmt;
use crate::i18n::{run as words, said_words as said};
use crate::logic::machine::along;
use crate::logic::plot::{XScale, steps_within};
use crate::logic::series::{Fine, SeriesSet, Shown};
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use protocol::metric::{self, CHARTS, ChartId, Drawn, Group, Metric, Tone, Unit, metrics};
use protocol::usage::Usage;

/// How a metric is drawn: as a line of training, and as one of the held-out rows.
struct Lines<'a> {
    name: &'a str,
    /// Its label in the legend; empty where it is the only metric of the chart.
    label: &'static str,
    tone: Tone,
    side: Side,
    noisy: bool,
}

impl<'a> Lines<'a> {
    fn known(metric: &'a Metric) -> Self {
        Self {
            name: metric.name,
            label: said(&metric.label),
            tone: metric.tone,
            side: if metric.right_axis { Side::Right } else { Side::Left },
            noisy: metric.unit != Unit::Rate,
        }
    }

    fn unknown(name: &'a str) -> Self {
        Self {
            name,
            label: "",
            tone: Tone::Series(4),
            side: Side::Left,
            noisy: true,
        }
    }
}

/// The data that the charts are drawn from.
#[derive(Clone, Copy)]
pub(super) struct Drawing<'a> {
    series: Shown<'a>,
    scale: &'a XScale,
    usage: &'a [Usage],
}

impl Drawing<'_> {
    pub(super) fn chart(self, id: ChartId, reference: bool) -> Vec<Line> {
        metrics()
            .filter(|metric| metric.drawn == Drawn::In(id))
            // without a reference this is the same as `preference/accuracies`
            .filter(|metric| reference || metric.name != "rewards/accuracies")
            .flat_map(|metric| self.lines(Lines::known(metric)))
            .collect()
    }

    fn alone(self, name: &str) -> Vec<Line> {
        self.lines(match metric::find(name) {
            Some(metric) => Lines::known(metric),
            None => Lines::unknown(name),
        })
    }

    /// The points of a metric on the x axis; a metric of the run, or of the machine.
    fn line(self, name: &str) -> Vec<(f64, f64)> {
        match name.starts_with(metric::MACHINE) {
            true => along(self.usage, name, self.series.whole.longest(), self.scale),
            false => self.scale.line(&self.series.get(name)),
        }
    }

    fn lines(self, of: Lines) -> Vec<Line> {
        let held_out = metric::eval_name(of.name);
        let trained = held_out != of.name && !self.series.get(of.name).is_empty();
        let line = |(name, stroke): (&str, Stroke)| {
            let points = self.line(name);
            if points.is_empty() {
                return None;
            }
            let word = match stroke {
                Stroke::Solid => words::train(),
                Stroke::Ringed => words::eval(),
            };
            let name = match (of.label, stroke) {
                ("", _) => word.to_owned(),
                (label, Stroke::Solid) => label.to_owned(),
                (label, Stroke::Ringed) => format!("{label}, {word}"),
            };
            let again = trained && !of.label.is_empty() && stroke == Stroke::Ringed;
            Some(Line {
                legend: if again { word.to_owned() } else { name.clone() },
                name,
                metric: of.name.into(),
                color: tone_color(of.tone),
                stroke,
                side: of.side,
                points: points.into(),
                noisy: stroke == Stroke::Solid && of.noisy,
                raw: None,
                range: None,
                of: String::new(),
            })
        };
        let training = (held_out != of.name).then_some((of.name, Stroke::Solid));
        let both = training.into_iter().chain([(held_out.as_str(), Stroke::Ringed)]);
        both.filter_map(line).collect()
    }
}

/// The metrics of the run that have a chart of their own, the known ones first.
fn alone(series: &SeriesSet) -> Vec<String> {
    let place = |name: &str| metrics().position(|metric| metric.name == name).unwrap_or(usize::MAX);
    let mut names: Vec<_> = series
        .names()
        .map(metric::bare)
        .filter(|name| metric::find(name).is_none_or(|metric| metric.drawn == Drawn::Alone))
        .map(str::to_owned)
        .collect();
    names.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
    names.dedup();
    names
}

/// The title of a metric's own chart: its label, and its key, under which other programs know it.
fn own_title(name: &str) -> String {
    match metric::find(name) {
        Some(metric) => format!("{} ({name})", fmt::sentence(said(&metric.title))),
        None => name.to_owned(),
    }
}

/// The view of the charts: the state of their toolbar, and the finer points of the visible stretch.
#[derive(Clone, Copy)]
pub(super) struct ChartView {
    bar: ChartBarState,
    fine: RwSignal<Option<Fine>>,
}

impl ChartView {
    /// Draws lines from the run's data; tracked.
    pub(super) fn draw(self, run: RunView, draw: impl FnOnce(Drawing) -> Vec<Line>) -> Vec<Line> {
        let scale = run.scale(self.bar.axis.get());
        run.series.with(|whole| {
            self.fine.with(|fine| {
                run.usage.with(|usage| {
                    draw(Drawing {
                        series: Shown {
                            whole,
                            fine: fine.as_ref(),
                        },
                        scale: &scale,
                        usage,
                    })
                })
            })
        })
    }

    /// Starts fetching finer points when a stretch is zoomed in on, and keeps the ends of the x axis up to date.
    fn start(run: RunView, bar: ChartBarState, group: ChartGroup) -> Self {
        let view = Self {
            bar,
            fine: RwSignal::new(None),
        };
        let stretch = closer::stretch(group, closer::USUAL_POINTS, move |zoom| {
            let scale = run.scale(bar.axis.get());
            run.series
                .with_untracked(|series| steps_within(series.longest(), &scale, zoom))
        });
        let thinned = Memo::new(move |_| {
            run.series
                .with(|series| closer::is_thinned(series, closer::USUAL_POINTS))
        });
        // all charts have the x axis of the run, so that the machine's figures and evaluations are below the steps they belong to
        Effect::new(move || {
            let scale = run.scale(bar.axis.get());
            let ends = run.series.with(|series| {
                let points = series.longest();
                Some((scale.x(points.first()?), scale.x(points.last()?)))
            });
            group.span.set(ends.filter(|(from, to)| from < to));
        });
        closer::keep_fine(run.id.get_value(), stretch, thinned, move |fine| view.fine.set(fine));
        view
    }
}

#[component]
pub fn Overview() -> impl IntoView {
    let run = use_run();
    let bar = ChartBarState::from_address();
    let group = bar.group("run");
    let view = ChartView::start(run, bar, group);
    let empty = Memo::new(move |_| run.series.with(SeriesSet::is_empty));
    let csv = move || api::run_path(&run.id.get_value(), "/series.csv");
    view! {
        <Outcome />
        <HealthStrip group />
        <div class="overview">
            <div class="overview-main">
                <Show
                    when=move || !empty.get()
                    fallback=move || view! { <p class="muted no-points">{move || if run.state().is_over() { words::no_points_ever() } else { words::no_points() }}</p> }
                >
                    <div class="chart-bar">
                        <ChartBar bar />
                        <div class="grow"></div>
                        <a class="btn ghost small" title=words::export_hint href=csv download="">
                            <Icon name=IconName::Download />
                            {words::export_csv}
                        </a>
                    </div>
                </Show>
                <Charts view group />
            </div>
            <Facts />
        </div>
    }
}

/// The main chart and the small ones, each of which can be opened; the address holds which one is.
#[component]
fn Charts(view: ChartView, group: ChartGroup) -> impl IntoView {
    let run = use_run();
    let address = use_address();
    let reference = Memo::new(move |_| run.method().is_none_or(|method| method.card().needs_reference));
    let full_width = FullWidth {
        which: Memo::new(move |_| address.get("chart")).into(),
        open: Callback::new(move |key: String| address.set("chart", &key)),
    };
    let hero = Memo::new(move |_| run.series.with(hero::of));
    let charts = move |of_method: bool| {
        let chart = move |spec: &'static metric::Chart| {
            let drawn = Memo::new(move |_| view.draw(run, |drawing| drawing.chart(spec.id, reference.get())));
            let any = Memo::new(move |_| hero.get() != Some(spec.id) && drawn.with(|lines| !lines.is_empty()));
            view! {
                <Show when=move || any.get()>
                    <Chart
                        title=Signal::derive(move || said(&spec.title).to_owned())
                        lines=drawn
                        group
                        scale=Scale::of(spec)
                        full_width=(format!("{:?}", spec.id), full_width)
                    />
                </Show>
            }
        };
        let shown = CHARTS.iter().filter(|spec| (spec.group == Group::Method) == of_method);
        shown.map(chart).collect_view()
    };
    let own = Memo::new(move |_| run.series.with(alone));
    let own_chart = move |name: String| {
        let (title, key) = (name.clone(), name.clone());
        let drawn = Memo::new(move |_| view.draw(run, |drawing| drawing.alone(&name)));
        view! {
            <Chart
                title=Signal::derive(move || own_title(&title))
                lines=drawn
                group
                scale=Scale::default()
                full_width=(key, full_width)
            />
        }
    };
    view! {
        {move || hero.get().map(|id| view! { <Hero id view group reference /> })}
        <div class="charts multiples">
            {charts(true)}
            <For each=move || own.get() key=String::clone children=own_chart />
            {charts(false)}
        </div>
    }
}
