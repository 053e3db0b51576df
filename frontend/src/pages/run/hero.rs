//! The main chart, which tells most of a run at a glance: how far chosen and rejected replies have come apart, else the reward or the loss.

use super::overview::ChartView;
use super::state::{RunView, use_run};
use crate::chart::{Chart, ChartGroup, Ends, Flag, Line, Marks, Scale, Stroke};
use crate::fmt;
use crate::i18n::{run as words, said_words as said};
use crate::logic::plot::XAxis;
use crate::logic::series::SeriesSet;
use leptos::prelude::*;
use protocol::config::BestRule;
use protocol::method::MethodId;
use protocol::metric::{CHARTS, ChartId, eval_name};

/// The chart that tells most of a run with these series; `None` where no known chart has any of them.
pub fn of(series: &SeriesSet) -> Option<ChartId> {
    let any = |name: &str| !series.get(name).is_empty() || !series.get(&eval_name(name)).is_empty();
    if any("rewards/chosen") && any("rewards/rejected") {
        Some(ChartId::Rewards)
    } else if any("reward") {
        Some(ChartId::Reward)
    } else {
        any("loss").then_some(ChartId::Loss)
    }
}

#[component]
pub fn Hero(id: ChartId, view: ChartView, group: ChartGroup, reference: Memo<bool>) -> impl IntoView {
    let run = use_run();
    let spec = CHARTS.iter().find(|spec| spec.id == id);
    let parting = id == ChartId::Rewards;
    let drawn = Memo::new(move |_| view.draw(run, |drawing| drawing.chart(id, reference.get())));
    let title = move || match (parting, spec) {
        (true, _) => words::parting().to_owned(),
        (false, spec) => spec.map_or("", |spec| said(&spec.title)).to_owned(),
    };
    let note = move || {
        let margin = parting.then(|| newest_margin(run)).flatten();
        let what = parting.then(|| what_parts(run, reference.get())).flatten();
        let margin = margin.map(|margin| words::margin_now(fmt::metric("rewards/margins", margin)));
        what.map(str::to_owned)
            .into_iter()
            .chain(margin)
            .collect::<Vec<_>>()
            .join(" · ")
    };
    let flag = Memo::new(move |_| {
        let best = best(run)?;
        let x = drawn.with(|lines| nearest_ring(lines, x_of(run, group.axis.get(), best.step)?))?;
        let word = match best.kept {
            true => words::flag_kept(best.step),
            false => words::flag_best(best.step),
        };
        Some(Flag { x, word })
    });
    let scale = Scale {
        // with a reference both lines start at 0, and above it replies are likelier than before
        reference: (parting && reference.get_untracked()).then_some(0.0),
        ..spec.map(Scale::of).unwrap_or_default()
    };
    let marks = Marks {
        parting,
        flag: Some(flag),
        ends: Some(Ends::default()),
        ..Marks::default()
    };
    view! {
        <div class="hero-chart">
            <Chart title=Signal::derive(title) note=Signal::derive(note) lines=drawn group scale marks />
        </div>
    }
}

/// What the two lines show, in words.
fn what_parts(run: RunView, reference: bool) -> Option<&'static str> {
    match run.method()? {
        MethodId::Rm => Some(words::parting_scores()),
        _ if reference => Some(words::parting_reference()),
        _ => Some(words::parting_alone()),
    }
}

fn newest_margin(run: RunView) -> Option<f64> {
    run.series.with(|series| {
        let last = |name: &str| series.get(name).last().map(|point| point.2);
        last(&eval_name("rewards/margins")).or_else(|| last("rewards/margins"))
    })
}

/// The best evaluation of a run.
struct Best {
    step: u64,
    /// Whether there is a checkpoint of it.
    kept: bool,
}

/// The best checkpoint; while there is none, the best evaluation after the first step by the metric that the config names.
fn best(run: RunView) -> Option<Best> {
    let kept = run.detail.with(|detail| {
        let checkpoints = &detail.as_ref()?.checkpoints;
        checkpoints
            .iter()
            .find(|checkpoint| checkpoint.best)
            .map(|best| best.step)
    });
    if let Some(step) = kept {
        return Some(Best { step, kept: true });
    }
    let rule = run.summary.with(|run| Some(BestRule::of(&run.as_ref()?.config)))?;
    run.series.with(|series| {
        let values = series.get(&rule.metric).iter().filter(|point| point.0 > 0);
        // of two equally good ones the earlier, as the trainer does
        let best = values.reduce(|best, next| if rule.better(next.2, best.2) { next } else { best })?;
        Some(Best {
            step: best.0,
            kept: false,
        })
    })
}

/// The place of a step on the x axis.
fn x_of(run: RunView, axis: XAxis, step: u64) -> Option<f64> {
    let scale = run.scale(axis);
    run.series.with(|series| {
        let evaluated = series.get("eval_loss").iter().find(|point| point.0 == step);
        let logged = || {
            let points = series.longest();
            let after = points.partition_point(|point| point.0 < step);
            points.get(after).or(points.last())
        };
        evaluated.or_else(logged).map(|point| scale.x(point))
    })
}

/// The held-out point nearest to `x`, where there is one near enough; else `x` itself.
fn nearest_ring(lines: &[Line], x: f64) -> Option<f64> {
    let rings = lines.iter().filter(|line| line.stroke == Stroke::Ringed);
    let near = rings.flat_map(|line| line.points.iter()).map(|point| point.0);
    let near = near.min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()));
    Some(near.filter(|ring| (ring - x).abs() <= 1.0).unwrap_or(x))
}
