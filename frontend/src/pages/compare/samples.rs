//! What the compared runs write to the same prompts: a row for each prompt, a column for each run.

use super::state::use_comparison;
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Refetch, heed};
use crate::fmt;
use crate::i18n::samples as words;
use crate::links;
use crate::live::use_live;
use crate::logic::pairs::frame::Frame;
use crate::logic::samples::words::differences;
use crate::pages::run::samples::Pieces;
use crate::ui::{ErrorNote, Icon, IconName, Skeleton};
use leptos::prelude::*;
use protocol::api::RunSummary;
use protocol::samples::{Cell, Prompt};
use std::collections::HashMap;
use std::sync::Arc;

/// Runs side by side at most.
const MOST_RUNS: usize = 8;
/// Prompts shown at first.
const FIRST: usize = 6;

/// A run with the newest replies to its prompts.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    id: String,
    step: u64,
    prompts: Vec<Prompt>,
    cells: Vec<Cell>,
}

/// A prompt with each run's reply to it, by the columns.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    prompt: Prompt,
    /// Its place among the prompts of the column.
    places: Vec<Option<usize>>,
}

/// Whether a run writes samples while it trains, and has been evaluated.
fn writes(run: &RunSummary) -> bool {
    let config = &run.config;
    let asked = config.sample_prompts.is_some_and(|count| count > 0) || config.sample_own_prompts.is_some();
    run.origin.is_none() && asked && run.evaluated.is_some()
}

/// Prompts that at least two of the runs answer, in the order of the first of them.
fn lines(columns: &[Column]) -> Vec<Line> {
    let by_hash: Vec<HashMap<&str, usize>> = columns
        .iter()
        .map(|of| {
            (0..)
                .zip(&of.prompts)
                .map(|(place, prompt)| (prompt.hash.as_str(), place))
                .collect()
        })
        .collect();
    let mut all: Vec<Line> = vec![];
    for prompt in columns.iter().flat_map(|of| &of.prompts) {
        let places: Vec<_> = by_hash.iter().map(|of| of.get(prompt.hash.as_str()).copied()).collect();
        let shared = places.iter().flatten().count() > 1;
        if shared && all.iter().all(|line| line.prompt.hash != prompt.hash) {
            all.push(Line {
                prompt: prompt.clone(),
                places,
            });
        }
    }
    all
}

async fn column(id: String) -> Answer<Option<Column>> {
    let overview = api::samples(&id).await?;
    let Some(last) = overview.steps.len().checked_sub(1) else {
        return Ok(None);
    };
    let cells = api::sample_cells(&id, last..last + 1).await?;
    Ok(cells.columns.into_iter().next().map(|newest| Column {
        id,
        step: newest.step,
        prompts: overview.about.prompts,
        cells: newest.cells,
    }))
}

#[component]
pub fn Samples() -> impl IntoView {
    let compared = use_comparison();
    let writing = Memo::new(move |_| {
        let ids = |runs: &Vec<RunSummary>| {
            let ids = runs.iter().filter(|run| writes(run)).map(|run| run.id.clone());
            ids.take(MOST_RUNS).collect::<Vec<_>>()
        };
        compared.summaries.with(ids)
    });
    view! {
        <Show when=move || { writing.with(Vec::len) > 1 }>
            <Section writing />
        </Show>
    }
}

#[component]
fn Section(writing: Memo<Vec<String>>) -> impl IntoView {
    let compared = use_comparison();
    let answer = RwSignal::new(None::<Answer<Arc<[Column]>>>);
    let ask = move || {
        let all = writing.get_untracked().into_iter().map(column);
        async move {
            let found: Answer<Vec<_>> = futures::future::join_all(all).await.into_iter().collect();
            found.map(|found| found.into_iter().flatten().collect::<Arc<[Column]>>())
        }
    };
    let refetch = Refetch::new(ask, move |new: Answer<Arc<[Column]>>| {
        let new = Some(new);
        if answer.with_untracked(|known| *known != new) {
            answer.set(new);
        }
    });
    let evaluated = Memo::new(move |_| {
        let runs = |runs: &Vec<RunSummary>| runs.iter().map(|run| run.evaluated).collect::<Vec<_>>();
        compared.summaries.with(runs)
    });
    Effect::new(move |before: Option<()>| {
        heed(evaluated);
        heed(writing);
        match before {
            None => refetch.now(),
            Some(()) => refetch.changed(),
        }
    });
    use_live().when_back(move || refetch.now());
    let left_out = move || {
        let count = compared
            .summaries
            .with(|runs| runs.iter().filter(|run| writes(run)).count());
        let more = count.checked_sub(MOST_RUNS).filter(|more| *more > 0)?;
        Some(view! { <p class="faint">{words::more_runs(more as u64)}</p> })
    };
    let shown = move || match answer.get() {
        None => view! { <Skeleton lines=4 /> }.into_any(),
        Some(Ok(columns)) => view! { <Table columns /> }.into_any(),
        Some(Err(ApiError::Problem(problem))) if problem.status == 404 => ().into_any(),
        Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| refetch.now() /> }.into_any(),
    };
    view! {
        <section class="compare-section" aria-label=words::compare_title>
            <div class="row wrap">
                <h2>{words::compare_title}</h2>
                <span class="faint">{words::compare_text}</span>
            </div>
            {shown}
            {left_out}
        </section>
    }
}

#[component]
fn Table(columns: Arc<[Column]>) -> impl IntoView {
    let compared = use_comparison();
    let all = lines(&columns);
    if all.is_empty() {
        return view! { <p class="faint">{words::compare_none}</p> }.into_any();
    }
    let shown = RwSignal::new(FIRST);
    let count = all.len();
    let prompts: Vec<&str> = all
        .iter()
        .filter(|line| !line.prompt.own)
        .map(|line| line.prompt.text.as_str())
        .collect();
    let frame = Frame::of(&prompts);
    let head = |of: &Column| {
        let id = StoredValue::new(of.id.clone());
        let name = move || id.with_value(|id| compared.name_of(id));
        let color = move || id.with_value(|id| compared.color_of(id));
        let (step, link) = (of.step, format!("{}?tab=samples", links::run(&of.id)));
        view! {
            <th scope="col">
                <i style:background=color></i>
                <a href=link>{name}</a>
                " "
                <span class="faint num">{move || words::step_at(fmt::count(step))}</span>
            </th>
        }
    };
    let heads = columns.iter().map(head).collect_view();
    let rows = move || {
        let row = |line: &Line| {
            let question = match line.prompt.messages.last() {
                Some(last) => last.content.clone(),
                None => frame.inside(&line.prompt.text).to_owned(),
            };
            let replies = columns.iter().zip(&line.places);
            let replies: Vec<Option<&Cell>> = replies.map(|(of, place)| of.cells.get((*place)?)).collect();
            let first = replies.iter().flatten().next().map(|cell| cell.text.clone());
            let cells = replies
                .into_iter()
                .map(|cell| reply(cell, first.as_deref()))
                .collect_view();
            view! { <Row question whole=line.prompt.text.clone()>{cells}</Row> }
        };
        all.iter().take(shown.get()).map(row).collect_view()
    };
    let more = move || count.saturating_sub(shown.get());
    view! {
        <div class="samples-compared">
            <table>
                <thead><tr><th scope="col">{words::prompt}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Show when=move || { more() > 0 }>
            <button type="button" class="btn ghost small" on:click=move |_| shown.set(usize::MAX)>{move || words::more_prompts(more() as u64)}</button>
        </Show>
    }
    .into_any()
}

/// A prompt with its replies, of each the first lines until the row is unfolded.
#[component]
fn Row(question: String, whole: String, children: Children) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <tr class:open=open>
            <th scope="row">
                <button
                    type="button"
                    class="samples-fold"
                    title=whole
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    <Icon name=IconName::Right />
                    <span class="samples-clamp">{question}</span>
                </button>
            </th>
            {children()}
        </tr>
    }
}

/// A run's reply, with marks on the words that the first run's reply does not have.
fn reply(cell: Option<&Cell>, first: Option<&str>) -> impl IntoView + use<> {
    let Some(cell) = cell else {
        return view! { <td class="faint">{words::not_asked}</td> }.into_any();
    };
    let [_, pieces] = differences(first.unwrap_or_default(), &cell.text);
    let (tokens, cut) = (u64::from(cell.tokens), cell.cut.then_some("…"));
    view! {
        <td>
            <div class="samples-clamp">
                <Pieces pieces class="added" />
                {cut}
            </div>
            <span class="faint num">{move || words::tokens(tokens)}</span>
        </td>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_prompts_that_two_runs_answer_are_lines() {
        let of = |id: &str, hashes: &[&str]| Column {
            id: id.into(),
            step: 0,
            prompts: hashes
                .iter()
                .map(|hash| Prompt {
                    hash: (*hash).into(),
                    ..Prompt::default()
                })
                .collect(),
            cells: vec![],
        };
        let all = lines(&[of("a", &["x", "y", "z"]), of("b", &["z", "w", "x"]), of("c", &["w"])]);
        let found: Vec<_> = all
            .iter()
            .map(|line| (line.prompt.hash.as_str(), line.places.clone()))
            .collect();
        assert_eq!(
            found,
            [
                ("x", vec![Some(0), Some(2), None]),
                ("z", vec![Some(2), Some(0), None]),
                ("w", vec![None, Some(1), Some(0)])
            ]
        );
    }
}
