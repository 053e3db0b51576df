//! Which held-out pairs two runs get right or wrong: a two-by-two matrix, and the pairs of each of its fields.

use super::matrix_list::Listed;
use super::state::{Comparison as Compared, use_comparison};
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Refetch, heed};
use crate::fmt;
use crate::i18n::{Word, pairs as words};
use crate::live::use_live;
use crate::ui::{ErrorNote, Icon, IconName, Select, Skeleton};
use leptos::prelude::*;
use protocol::api::RunSummary;
use protocol::metric::held_out;
use protocol::pairs::{Cell, Comparison};
use std::sync::Arc;

/// A field of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    BothRight,
    OnlyFirst,
    OnlySecond,
    BothWrong,
}

impl Field {
    const ALL: [Self; 4] = [Self::BothRight, Self::OnlyFirst, Self::OnlySecond, Self::BothWrong];

    /// Its name in the address.
    fn key(self) -> &'static str {
        match self {
            Self::BothRight => "both-right",
            Self::OnlyFirst => "only-first",
            Self::OnlySecond => "only-second",
            Self::BothWrong => "both-wrong",
        }
    }

    fn of(self, comparison: &Comparison) -> &Cell {
        match self {
            Self::BothRight => &comparison.both_right,
            Self::OnlyFirst => &comparison.only_a_right,
            Self::OnlySecond => &comparison.only_b_right,
            Self::BothWrong => &comparison.both_wrong,
        }
    }

    fn word(self, runs: &Two) -> String {
        match self {
            Self::BothRight => words::both_right().into(),
            Self::OnlyFirst => words::only_right(&runs.a.name),
            Self::OnlySecond => words::only_right(&runs.b.name),
            Self::BothWrong => words::both_wrong().into(),
        }
    }
}

/// A run that has pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Of {
    pub id: String,
    pub name: String,
    pub color: String,
}

/// The two runs that are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Two {
    pub a: Of,
    pub b: Of,
}

/// Whether a run has scores of held-out pairs.
fn has_pairs(run: &RunSummary) -> bool {
    let measured = |name| held_out(&run.latest, name).is_some();
    run.origin.is_none() && (measured("preference/accuracies") || run.tells_pairs_apart())
}

/// The compared runs that have pairs.
fn candidates(compared: Compared) -> Vec<Of> {
    let colors = compared.colors.get();
    compared.summaries.with(|runs| {
        let of = |(run, color): (&RunSummary, &String)| Of {
            id: run.id.clone(),
            name: run.name.clone(),
            color: color.clone(),
        };
        let with_pairs = runs.iter().zip(&colors).filter(|(run, _)| has_pairs(run));
        with_pairs.map(of).collect()
    })
}

#[component]
pub fn Pairs() -> impl IntoView {
    let compared = use_comparison();
    let candidates = Memo::new(move |_| candidates(compared));
    let two = Memo::new(move |_| {
        let (asked, pinned) = (
            compared.address.query.with(|query| query.list("pairs")),
            compared.address.get("pin"),
        );
        candidates.with(|all| {
            let named = |id: Option<&String>| all.iter().find(|of| Some(&of.id) == id);
            let a = named(asked.first()).or(named(Some(&pinned))).or(all.first())?;
            let other = || all.iter().find(|of| of.id != a.id);
            let b = named(asked.get(1)).filter(|of| of.id != a.id).or_else(other)?;
            Some(Two {
                a: a.clone(),
                b: b.clone(),
            })
        })
    });
    view! {
        <Show when=move || two.with(Option::is_some)>
            {move || two.get().map(|two| view! { <Section two candidates /> })}
        </Show>
    }
}

#[component]
fn Section(two: Two, candidates: Memo<Vec<Of>>) -> impl IntoView {
    let compared = use_comparison();
    let answer = RwSignal::new(None::<Answer<Arc<Comparison>>>);
    let refetch = {
        let (a, b) = (two.a.id.clone(), two.b.id.clone());
        let ask = move || {
            let (a, b) = (a.clone(), b.clone());
            async move { api::compare_pairs(&a, &b).await }
        };
        Refetch::new(ask, move |found: Answer<Comparison>| {
            answer.set(Some(found.map(Arc::new)))
        })
    };
    // with each evaluation of a live run, the comparison is fetched again
    let evaluated = Memo::new(move |_| {
        let runs = |runs: &Vec<RunSummary>| runs.iter().map(|run| run.evaluated).collect::<Vec<_>>();
        compared.summaries.with(runs)
    });
    Effect::new(move |before: Option<()>| {
        heed(evaluated);
        match before {
            None => refetch.now(),
            Some(()) => refetch.changed(),
        }
    });
    use_live().when_back(move || refetch.now());
    let shown = {
        let two = two.clone();
        move || match answer.get() {
            None => view! { <Skeleton lines=3 /> }.into_any(),
            Some(Ok(found)) => view! { <Matrix found two=two.clone() /> }.into_any(),
            // held-out rows that differ, or none: a fact, not a failure
            Some(Err(ApiError::Problem(problem))) if problem.status < 500 => {
                let said = ApiError::Problem(problem);
                view! { <p class="note"><Icon name=IconName::Info /><span>{move || said.message()}</span></p> }
                    .into_any()
            }
            Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| refetch.now() /> }.into_any(),
        }
    };
    view! {
        <section class="compare-section" aria-label=words::title>
            <div class="row wrap pairs-two">
                <h2>{words::title}</h2>
                <Choices two candidates />
                <span class="faint">{words::compare_text}</span>
            </div>
            {shown}
        </section>
    }
}

/// The selects of the two runs, where there are more than two.
#[component]
fn Choices(two: Two, candidates: Memo<Vec<Of>>) -> impl IntoView {
    let address = use_comparison().address;
    let (a, b) = (StoredValue::new(two.a.id), StoredValue::new(two.b.id));
    let options = Signal::derive(move || {
        let option = |of: &Of| (of.id.clone(), of.name.clone());
        candidates.with(|all| all.iter().map(option).collect::<Vec<_>>())
    });
    let choose = move |first: String, second: String| {
        address.edit(|query| {
            query.set_list("pairs", &[first, second]);
            query.set("field", "");
        });
    };
    // choosing the other run swaps the two
    let first = move |id: String| {
        choose(
            id.clone(),
            if id == b.get_value() {
                a.get_value()
            } else {
                b.get_value()
            },
        )
    };
    let second = move |id: String| {
        choose(
            if id == a.get_value() {
                b.get_value()
            } else {
                a.get_value()
            },
            id,
        )
    };
    view! {
        <Show when=move || { candidates.with(Vec::len) > 2 }>
            <Select options value=Signal::derive(move || a.get_value()) on_change=first label=Signal::derive(|| words::first_run().to_string()) />
            <span class="faint">{words::against}</span>
            <Select options value=Signal::derive(move || b.get_value()) on_change=second label=Signal::derive(|| words::second_run().to_string()) />
        </Show>
    }
}

#[component]
fn Matrix(found: Arc<Comparison>, two: Two) -> impl IntoView {
    let address = use_comparison().address;
    let all: u64 = Field::ALL.iter().map(|field| field.of(&found).count).sum();
    let chosen = Memo::new(move |_| {
        let key = address.get("field");
        Field::ALL.into_iter().find(|field| field.key() == key)
    });
    let field = |field: Field| {
        let count = field.of(&found).count;
        let share = fmt::percent(count as f64 / all.max(1) as f64);
        let (word, on) = (field.word(&two), move || chosen.get() == Some(field));
        let choose = move |_| {
            address.set(
                "field",
                if chosen.get_untracked() == Some(field) {
                    ""
                } else {
                    field.key()
                },
            )
        };
        view! {
            <td>
                <button type="button" class=format!("pairs-field {}", field.key()) class:on=on aria-pressed=move || on().to_string() disabled=count == 0 on:click=choose>
                    <b class="num">{fmt::count(count)}</b>
                    <span class="faint num">{share}</span>
                    <span class="pairs-field-word clip">{word}</span>
                </button>
            </td>
        }
    };
    let head = |of: &Of, word: Word| {
        let (name, style) = (of.name.clone(), format!("background: {}", of.color));
        view! {
            <span class="pairs-field-head">
                <i style=style></i>
                <span class="clip" title=name.clone()>{name.clone()}</span>
                <span class="faint">{word}</span>
            </span>
        }
    };
    let rows = [
        (words::right as Word, Field::BothRight, Field::OnlyFirst),
        (words::still_wrong, Field::OnlySecond, Field::BothWrong),
    ];
    let rows = rows
        .into_iter()
        .map(|(word, left, right)| view! { <tr><th scope="row">{head(&two.a, word)}</th>{field(left)}{field(right)}</tr> })
        .collect_view();
    let heads = [words::right as Word, words::still_wrong];
    let heads = heads
        .map(|word| view! { <th scope="col">{head(&two.b, word)}</th> })
        .collect_view();
    let listed = {
        let (found, two) = (found.clone(), two.clone());
        move || {
            let field = chosen.get()?;
            let (cell, two) = (field.of(&found).clone(), two.clone());
            let title = field.word(&two);
            Some(view! { <Listed cell step_a=found.step_a step_b=found.step_b two title /> })
        }
    };
    view! {
        <div class="pairs-matrix-box">
            <table class="pairs-matrix">
                <thead><tr><td></td>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {listed}
        </div>
    }
}
