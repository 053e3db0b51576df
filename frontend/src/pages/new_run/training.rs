//! The section "Training": adapter, optimizer, batch and length, and what is written down how often.

use super::further::Further;
use super::here::sizes;
use super::samples::OwnPrompts;
use super::setting::{Advanced, Settings};
use super::state::{Form, use_form};
use crate::fmt;
use crate::i18n::new_run as words;
use leptos::prelude::*;
use protocol::config::{Group, ValSize, steps_per_epoch, workload};

#[component]
pub fn TrainingSection() -> impl IntoView {
    let form = use_form();
    view! {
        <section class="form-section" id="section-training" aria-labelledby="head-training">
            <h2 id="head-training">{words::training}</h2>
            <h3 class="sub-head">{words::adapter}</h3>
            <Settings groups=&[Group::Adapter] />
            <Advanced groups=&[Group::Adapter] />
            <h3 class="sub-head">{words::optimizer}</h3>
            <Settings groups=&[Group::Optimizer] />
            <Advanced groups=&[Group::Optimizer] />
            <h3 class="sub-head row">
                {words::batch}
                <span class="faint num plan">{move || plan(form)}</span>
            </h3>
            <Settings groups=&[Group::Batch] />
            <Advanced groups=&[Group::Batch] />
            <h3 class="sub-head">{words::cadence}</h3>
            <Settings groups=&[Group::Cadence, Group::Run] />
            <OwnPrompts />
            <Advanced groups=&[Group::Cadence] />
            <Further />
        </section>
    }
}

/// How much there is to do.
pub struct Planned {
    /// Rows of a step.
    pub per_step: u64,
    /// Where the rows are known: how many steps there will be, and how many of them an epoch has.
    pub steps: Option<(u64, u64)>,
}

/// What the config and the chosen data come to.
pub fn planned(form: Form) -> Option<Planned> {
    let config = form.config.get();
    let spec = workload(&config).ok()?;
    let sizes = form.datasets.with(|sets| sizes(sets, config.dataset.as_deref()?));
    let steps = |sizes: Vec<u64>| {
        let most = spec.data.max_samples.unwrap_or(usize::MAX);
        let sizes: Vec<usize> = sizes.iter().map(|rows| most.min(*rows as usize)).collect();
        let rows = spec.data.mixing.rows(&sizes);
        let held_out = match spec.data.val_size {
            ValSize::None => 0,
            ValSize::Share(share) => (rows as f64 * share).ceil() as usize,
            ValSize::Rows(n) => n,
        };
        let left = rows.saturating_sub(held_out);
        (spec.length.steps(left, spec.batch), steps_per_epoch(left, spec.batch))
    };
    Some(Planned {
        per_step: (spec.batch.train * spec.batch.accumulation) as u64,
        steps: sizes.map(steps),
    })
}

/// How many rows a step sees, and how many steps there will be.
fn plan(form: Form) -> Option<String> {
    let Planned { per_step, steps } = planned(form)?;
    let per_step = fmt::count(per_step);
    Some(match steps {
        None => words::plan_rows(per_step),
        Some((steps, _)) => words::plan(per_step, fmt::count(steps)),
    })
}
