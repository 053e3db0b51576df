//! The overview: what came out, the charts, the facts.

use super::facts::Facts;
use super::outcome::Outcome;
use super::state::{RunView, use_run};
use crate::api;
use crate::chart::{Chart, ChartBar, ChartBarState, Line, Scale, Side, Stroke, closer};
use crate::i18n::{Word, run as words};
use crate::logic::plot::{XScale, steps_within};
use crate::logic::series::{Fine, SeriesSet, Shown, is_held_out};
use crate::ui::{Icon, IconName};
use leptos::prelude::*;

/// A line of an overview chart: a metric while training, and the same on the held-out rows.
struct Metric<'a> {
    name: &'a str,
    /// Its word in the legend; nothing where the chart has only one.
    label: &'static str,
    color: &'static str,
    side: Side,
}

const fn metric<'a>(name: &'a str, label: &'static str, color: &'static str) -> Metric<'a> {
    Metric {
        name,
        label,
        color,
        side: Side::Left,
    }
}

/// A chart of the overview.
struct Spec {
    title: Word,
    metrics: &'static [Metric<'static>],
    scale: Scale,
}

/// Fitted to the values.
const FREE: Scale = Scale {
    range: None,
    reference: None,
};
/// A difference: above the line across, something was gained.
const DIFFERENCE: Scale = Scale {
    range: None,
    reference: Some(0.0),
};
/// A share of pairs: half of them is what chance gives.
const SHARE: Scale = Scale {
    range: Some((0.0, 1.0)),
    reference: Some(0.5),
};

/// What the method itself is about, first.
const SPECS: &[Spec] = &[
    Spec {
        title: words::reward,
        metrics: &[metric("reward", "", "--run-1")],
        scale: FREE,
    },
    Spec {
        title: words::kl,
        metrics: &[metric("objective/kl", "", "--run-4"), metric("kl", "", "--run-4")],
        scale: FREE,
    },
    Spec {
        title: words::reply_length,
        metrics: &[metric("tokens/responses_len_mean", "", "--run-3")],
        scale: FREE,
    },
    Spec {
        title: words::margin,
        metrics: &[metric("rewards/margins", "", "--run-1")],
        scale: DIFFERENCE,
    },
    Spec {
        title: words::accuracy,
        metrics: &[
            metric("rewards/accuracies", "rewards", "--run-1"),
            metric("preference/accuracies", "preference", "--run-3"),
            metric("accuracy", "scores", "--run-1"),
        ],
        scale: SHARE,
    },
    Spec {
        title: words::loss,
        metrics: &[metric("loss", "", "--run-1")],
        scale: FREE,
    },
    Spec {
        title: words::rewards,
        metrics: &[
            metric("rewards/chosen", "chosen", "--chosen"),
            metric("rewards/rejected", "rejected", "--rejected"),
        ],
        scale: FREE,
    },
    Spec {
        title: words::logps,
        metrics: &[
            metric("logps/chosen", "chosen", "--chosen"),
            metric("logps/rejected", "rejected", "--rejected"),
        ],
        scale: FREE,
    },
    Spec {
        title: words::logits,
        metrics: &[
            metric("logits/chosen", "chosen", "--chosen"),
            metric("logits/rejected", "rejected", "--rejected"),
        ],
        scale: FREE,
    },
    Spec {
        title: words::preference_margin,
        metrics: &[metric("preference/margins", "", "--run-3")],
        scale: DIFFERENCE,
    },
];

/// How the training goes as such, last.
const LAST: &[Spec] = &[
    Spec {
        title: words::rate_and_norm,
        metrics: &[
            metric("learning_rate", "learning rate", "--run-1"),
            Metric {
                name: "grad_norm",
                label: "grad norm",
                color: "--run-2",
                side: Side::Right,
            },
        ],
        scale: FREE,
    },
    Spec {
        title: words::speed,
        metrics: &[metric("tokens_per_second", "", "--run-8")],
        scale: FREE,
    },
];

/// What is logged beside the charts above: it has a chart of its own, named by its key, in whatever method logs it.
const NO_CHART: &[&str] = &["memory", "rewards/accuracies", "count/chosen", "count/rejected"];

/// How the run is drawn.
#[derive(Clone, Copy)]
struct Drawing<'a> {
    series: Shown<'a>,
    scale: XScale,
}

impl Drawing<'_> {
    fn spec(self, spec: &Spec, reference: bool) -> Vec<Line> {
        // without a reference both accuracies are the same
        let shown = |metric: &&Metric| reference || metric.name != "rewards/accuracies";
        spec.metrics
            .iter()
            .filter(shown)
            .flat_map(|metric| self.metric(metric))
            .collect()
    }

    /// The metric while training, and on the held-out rows.
    fn metric(self, metric: &Metric) -> Vec<Line> {
        let held_out = format!("eval_{}", metric.name);
        let trained = !is_held_out(metric.name) && !self.series.get(metric.name).is_empty();
        let line = |(name, stroke): (&str, Stroke)| {
            let points = self.series.get(name);
            if points.is_empty() {
                return None;
            }
            let stroke = if is_held_out(name) { Stroke::Ringed } else { stroke };
            let word = match stroke {
                Stroke::Solid => words::train(),
                Stroke::Ringed => words::eval(),
            };
            let name = match (metric.label, stroke) {
                ("", _) => word.to_owned(),
                (label, Stroke::Solid) => label.to_owned(),
                (label, Stroke::Ringed) => format!("{label}, {word}"),
            };
            let again = trained && !metric.label.is_empty() && stroke == Stroke::Ringed;
            Some(Line {
                legend: if again { word.to_owned() } else { name.clone() },
                name,
                metric: metric.name.into(),
                color: format!("var({})", metric.color),
                stroke,
                side: metric.side,
                points: self.scale.line(&points).into(),
                noisy: stroke == Stroke::Solid && metric.name != "learning_rate",
                raw: None,
                of: String::new(),
            })
        };
        let both = [(metric.name, Stroke::Solid), (held_out.as_str(), Stroke::Ringed)];
        both.into_iter().filter_map(line).collect()
    }
}

/// Metrics of the run that no chart above shows, in order.
fn further(series: &SeriesSet) -> Vec<String> {
    let shown = |name: &str| {
        let specs = SPECS.iter().chain(LAST);
        specs.flat_map(|spec| spec.metrics).any(|metric| metric.name == name)
    };
    let bare = series.names().map(|name| name.strip_prefix("eval_").unwrap_or(name));
    let mut names: Vec<_> = bare
        .filter(|name| !shown(name) && !NO_CHART.contains(name))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The charts' data: the whole run, and what is looked at closely.
#[derive(Clone, Copy)]
struct Look {
    bar: ChartBarState,
    fine: RwSignal<Option<Fine>>,
}

impl Look {
    /// Draws with what is known; tracked.
    fn draw(self, run: RunView, draw: impl FnOnce(Drawing) -> Vec<Line>) -> Vec<Line> {
        let scale = run.scale(self.bar.axis.get());
        run.series.with(|whole| {
            self.fine.with(|fine| {
                let fine = fine.as_ref();
                draw(Drawing {
                    series: Shown { whole, fine },
                    scale,
                })
            })
        })
    }
}

#[component]
pub fn Overview() -> impl IntoView {
    let run = use_run();
    let bar = ChartBarState::from_address();
    let group = bar.group("run");
    let look = Look {
        bar,
        fine: RwSignal::new(None),
    };
    let id = run.id.get_value();
    let stretch = closer::stretch(group, closer::USUAL_POINTS, move |zoom| {
        let scale = run.scale(bar.axis.get());
        run.series
            .with_untracked(|series| steps_within(series.longest(), &scale, zoom))
    });
    let thinned = Memo::new(move |_| {
        run.series
            .with(|series| closer::is_thinned(series, closer::USUAL_POINTS))
    });
    closer::keep_fine(id, stretch, thinned, move |fine| look.fine.set(fine));
    let reference = Memo::new(move |_| run.method().is_none_or(|method| method.card().needs_reference));
    let charts = move |specs: &'static [Spec]| {
        let chart = move |spec: &'static Spec| {
            let drawn = Memo::new(move |_| look.draw(run, |drawing| drawing.spec(spec, reference.get())));
            let any = Memo::new(move |_| drawn.with(|lines| !lines.is_empty()));
            view! {
                <Show when=move || any.get()>
                    <Chart title=Signal::derive(move || (spec.title)().to_string()) lines=drawn group scale=spec.scale />
                </Show>
            }
        };
        specs.iter().map(chart).collect_view()
    };
    let own = Memo::new(move |_| run.series.with(further));
    let own_chart = move |name: String| {
        let title = name.clone();
        let drawn = Memo::new(move |_| look.draw(run, |drawing| drawing.metric(&metric(&name, "", "--run-4"))));
        view! { <Chart title=Signal::derive(move || title.clone()) lines=drawn group scale=FREE /> }
    };
    let empty = Memo::new(move |_| run.series.with(SeriesSet::is_empty));
    let csv = move || api::run_path(&run.id.get_value(), "/series.csv");
    view! {
        <Outcome />
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
                <div class="charts hero">
                    {charts(SPECS)}
                    <For each=move || own.get() key=String::clone children=own_chart />
                    {charts(LAST)}
                </div>
            </div>
            <Facts />
        </div>
    }
}
