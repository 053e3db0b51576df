//! The section "Training": adapter, optimizer, batch and length, and how often what is logged and saved.

use super::further::Further;
use super::lookup::sizes;
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

/// How many steps there will be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps {
    pub total: u64,
    pub per_epoch: u64,
}

/// How much there is to train.
pub struct Planned {
    /// Rows of a step.
    pub rows_per_step: u64,
    /// `None` while the number of rows is unknown.
    pub steps: Option<Steps>,
}

/// How much there is to train by the config and the chosen data.
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
        Steps {
            total: spec.length.steps(left, spec.batch),
            per_epoch: steps_per_epoch(left, spec.batch),
        }
    };
    Some(Planned {
        rows_per_step: (spec.batch.train * spec.batch.accumulation) as u64,
        steps: sizes.map(steps),
    })
}

/// The plan in words: how many rows a step has, and how many steps there will be.
fn plan(form: Form) -> Option<String> {
    let Planned { rows_per_step, steps } = planned(form)?;
    let rows = fmt::count(rows_per_step);
    Some(match steps {
        None => words::plan_rows(rows),
        Some(steps) => words::plan(rows, fmt::count(steps.total)),
    })
}
