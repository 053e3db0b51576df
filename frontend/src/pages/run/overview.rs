//! The overview: what came out, the charts, the facts.

use super::facts::Facts;
use super::health::Strip;
use super::hero::{self, Hero};
use super::outcome::Outcome;
use super::state::{RunView, use_run};
use crate::address::use_address;
use crate::api;
use crate::chart::{Chart, ChartBar, ChartBarState, ChartGroup, Line, Opened, Scale, Side, Stroke, closer, tone_color};
use crate::fmt;
use crate::i18n::{run as words, said_words as said};
use crate::logic::machine::along;
use crate::logic::plot::{XScale, steps_within};
use crate::logic::series::{Fine, SeriesSet, Shown};
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use protocol::metric::{self, CHARTS, ChartId, Drawn, Group, Metric, Tone, Unit, metrics};
use protocol::usage::Usage;

/// A metric's lines: while training, and on the held-out rows.
struct Lines<'a> {
    name: &'a str,
    /// Its word in the legend; nothing where the chart has only one.
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

/// How the run is drawn.
#[derive(Clone, Copy)]
pub(super) struct Drawing<'a> {
    series: Shown<'a>,
    scale: XScale,
    usage: &'a [Usage],
}

impl Drawing<'_> {
    pub(super) fn chart(self, id: ChartId, reference: bool) -> Vec<Line> {
        metrics()
            .filter(|metric| metric.drawn == Drawn::In(id))
            // without a reference both accuracies are the same
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

    /// A metric's line on the x axis: the run's own, or the machine's.
    fn line(self, name: &str) -> Vec<(f64, f64)> {
        match name.starts_with(metric::MACHINE) {
            true => along(self.usage, name, self.series.whole.longest(), &self.scale),
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

/// Metrics of the run that have a chart of their own, those known by name first.
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

/// What a metric's own chart is called: by its words, and by its key, which other programs know.
fn own_title(name: &str) -> String {
    match metric::find(name) {
        Some(metric) => format!("{} ({name})", fmt::sentence(said(&metric.title))),
        None => name.to_owned(),
    }
}

/// The charts' data: the whole run, and what is looked at closely.
#[derive(Clone, Copy)]
pub(super) struct Look {
    bar: ChartBarState,
    fine: RwSignal<Option<Fine>>,
}

impl Look {
    /// Draws with what is known; tracked.
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
                        scale,
                        usage,
                    })
                })
            })
        })
    }
}

impl Look {
    /// The page's charts, and what of the run is fetched in more points while it is looked at closely.
    fn start(run: RunView, bar: ChartBarState, group: ChartGroup) -> Self {
        let look = Self {
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
        // the machine's figures, and evaluations, stand under the steps they were taken at
        Effect::new(move || {
            let scale = run.scale(bar.axis.get());
            let ends = run.series.with(|series| {
                let points = series.longest();
                Some((scale.x(points.first()?), scale.x(points.last()?)))
            });
            group.span.set(ends.filter(|(from, to)| from < to));
        });
        closer::keep_fine(run.id.get_value(), stretch, thinned, move |fine| look.fine.set(fine));
        look
    }
}

#[component]
pub fn Overview() -> impl IntoView {
    let run = use_run();
    let bar = ChartBarState::from_address();
    let group = bar.group("run");
    let look = Look::start(run, bar, group);
    let empty = Memo::new(move |_| run.series.with(SeriesSet::is_empty));
    let csv = move || api::run_path(&run.id.get_value(), "/series.csv");
    view! {
        <Outcome />
        <Strip group />
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
                <Charts look group />
            </div>
            <Facts />
        </div>
    }
}

/// The chart that tells the run, and the others small, each of which opens; the address keeps which is.
#[component]
fn Charts(look: Look, group: ChartGroup) -> impl IntoView {
    let run = use_run();
    let address = use_address();
    let reference = Memo::new(move |_| run.method().is_none_or(|method| method.card().needs_reference));
    let opened = Opened {
        which: Memo::new(move |_| address.get("chart")).into(),
        open: Callback::new(move |key: String| address.set("chart", &key)),
    };
    let hero = Memo::new(move |_| run.series.with(hero::of));
    let charts = move |of_method: bool| {
        let chart = move |spec: &'static metric::Chart| {
            let drawn = Memo::new(move |_| look.draw(run, |drawing| drawing.chart(spec.id, reference.get())));
            let any = Memo::new(move |_| hero.get() != Some(spec.id) && drawn.with(|lines| !lines.is_empty()));
            view! {
                <Show when=move || any.get()>
                    <Chart
                        title=Signal::derive(move || said(&spec.title).to_owned())
                        lines=drawn
                        group
                        scale=Scale::of(spec)
                        opened=(format!("{:?}", spec.id), opened)
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
        let drawn = Memo::new(move |_| look.draw(run, |drawing| drawing.alone(&name)));
        view! {
            <Chart
                title=Signal::derive(move || own_title(&title))
                lines=drawn
                group
                scale=Scale::default()
                opened=(key, opened)
            />
        }
    };
    view! {
        {move || hero.get().map(|id| view! { <Hero id look group reference /> })}
        <div class="charts multiples">
            {charts(true)}
            <For each=move || own.get() key=String::clone children=own_chart />
            {charts(false)}
        </div>
    }
}
