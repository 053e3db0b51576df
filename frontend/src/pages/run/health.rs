//! The health of a run: one line where all is well, else a line for each finding, with what to try.

use super::state::use_run;
use crate::chart::{Band, ChartGroup, drawn_with, scroll_to};
use crate::i18n::run as words;
use crate::i18n::said;
use crate::links;
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use protocol::Said;
use protocol::health::{Finding, Severity, Steps};

/// The strip under the verdict. A finding can be shown as a shaded band on the charts of `group`.
#[component]
pub fn HealthStrip(group: ChartGroup) -> impl IntoView {
    let run = use_run();
    let health = Memo::new(move |_| run.health().filter(|health| health.checks > 0));
    // on another axis the band would be elsewhere
    Effect::new(move || {
        group.axis.track();
        group.band.set(None);
    });
    let findings = Memo::new(move |_| health.with(|health| health.as_ref().map_or(vec![], |h| h.findings.clone())));
    let checks = move || health.with(|health| health.as_ref().map_or(0, |health| u64::from(health.checks)));
    let well = move || {
        view! {
            <p class="row faint health-well">
                <Icon name=IconName::Check />
                {move || words::health_well(checks())}
            </p>
        }
    };
    // the key leaves the sentence out: one that counts seconds changes, and must not rebuild the buttons
    let key = |finding: &Finding| {
        let said = Said::default();
        format!(
            "{:?}",
            Finding {
                said,
                ..finding.clone()
            }
        )
    };
    view! {
        <Show when=move || health.with(Option::is_some)>
            <section class="health" aria-label=words::health>
                <Show when=move || !findings.with(Vec::is_empty) fallback=well>
                    <ul class="health-list">
                        <For
                            each=move || findings.get()
                            key=key
                            children=move |finding| view! { <Line finding findings group /> }
                        />
                    </ul>
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn Line(finding: Finding, findings: Memo<Vec<Finding>>, group: ChartGroup) -> impl IntoView {
    let run = use_run();
    let (class, icon) = match finding.severity {
        Severity::Bad => ("health-line bad", IconName::Warning),
        Severity::Warning => ("health-line warn", IconName::Warning),
        Severity::Note => ("health-line", IconName::Info),
    };
    let Finding {
        rule,
        said: first,
        steps,
        metric,
        changes,
        checkpoint,
        ..
    } = finding;
    let text = move || {
        findings.with(|findings| {
            let now = findings.iter().find(|finding| finding.rule == rule);
            said::say(now.map_or(&first, |finding| &finding.said))
        })
    };
    let text = StoredValue::new(text);
    let text = move || text.with_value(|text| text());
    let show = steps.zip(metric).map(|(steps, metric)| {
        let said = Signal::derive(text);
        view! { <ShowSteps steps metric said group /> }
    });
    let again = (!changes.is_empty() && !run.is_foreign()).then(|| {
        let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
        let words = changes.join(" ");
        view! {
            <a class="btn small" href=links::train_with(&run.id.get_value(), &changes)>
                <Icon name=IconName::Edit />
                {move || words::health_try(&words)}
            </a>
        }
    });
    let better = checkpoint.map(|checkpoint| view! { <UseCheckpoint checkpoint /> });
    view! {
        <li class=class>
            <Icon name=icon />
            <p>{text}</p>
            <span class="row wrap health-actions">{show} {again} {better}</span>
        </li>
    }
}

/// A button that shades these steps in the chart of a metric, and scrolls to it; a second press takes that back.
#[component]
fn ShowSteps(steps: Steps, metric: String, said: Signal<String>, group: ChartGroup) -> impl IntoView {
    let run = use_run();
    let Steps { from, to } = steps;
    let metrics = drawn_with(&metric);
    let point = move |_| {
        let shaded = |band: &Option<Band>| {
            band.as_ref()
                .is_some_and(|band| band.steps == Steps { from, to } && band.metrics == metrics)
        };
        if group.band.with_untracked(shaded) {
            group.band.set(None);
            return;
        }
        let scale = run.scale(group.axis.get_untracked());
        // where x is the time, it is that of the nearest logged step
        let x = |step: u64| {
            run.series.with_untracked(|series| {
                let points = series.longest();
                let at = points
                    .partition_point(|point| point.0 < step)
                    .min(points.len().saturating_sub(1));
                points
                    .get(at)
                    .map_or(step as f64, |point| scale.x(&(step, point.1, 0.0)))
            })
        };
        group.band.set(Some(Band {
            from: x(from),
            to: x(to),
            steps: Steps { from, to },
            metrics: metrics.clone(),
        }));
        scroll_to(&metrics);
    };
    view! {
        <button type="button" class="btn small" aria-label=move || words::health_show_of(said.get()) on:click=point>
            {words::health_show}
        </button>
    }
}

/// A link that chats with a checkpoint beside the base model.
#[component]
fn UseCheckpoint(checkpoint: String) -> impl IntoView {
    let run = use_run();
    let (name, kept) = (checkpoint.clone(), checkpoint.clone());
    // the checkpoint may have been deleted to make room for newer ones
    let exists = move || {
        run.detail.with(|detail| {
            detail
                .as_ref()
                .is_some_and(|detail| detail.checkpoints.iter().any(|c| c.name == kept))
        })
    };
    let chat = move || {
        run.read(|run| {
            let base = run.config.model_name_or_path.clone();
            let tuned = format!("{}/{name}", run.name);
            links::chat(&base.into_iter().chain([tuned]).collect::<Vec<_>>())
        })
    };
    let chat = StoredValue::new(chat);
    let word = StoredValue::new(checkpoint);
    view! {
        <Show when=exists>
            <a class="btn small" href=move || chat.with_value(|chat| chat())>
                <Icon name=IconName::Chat />
                {move || words::health_use(word.get_value())}
            </a>
        </Show>
    }
}
