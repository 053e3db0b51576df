//! The page "Evaluate": any model on any data set, the results, and models compared with each other.

mod form;
mod matrix;
mod replies;
mod row;
mod save;

use crate::address::use_address;
use crate::i18n::evaluate as words;
use crate::live::use_live;
use crate::ui::{EmptyState, ErrorNote, PageHead, SaveMenu, Skeleton, sheet_items};
use form::Form;
use leptos::prelude::*;
use leptos::task::spawn_local;
use matrix::WinMatrix;
use protocol::evaluation::{Evaluation, Scored, Standing};
use row::Row;

/// The key of the query for the evaluations that are compared.
const COMPARED: &str = "with";

#[component]
pub fn Evaluate() -> impl IntoView {
    let live = use_live();
    let address = use_address();
    // ids only, so that a row is built once and then follows its evaluation
    let ids = Memo::new(move |_| {
        live.evaluations.with(|all| {
            let mut ids: Vec<_> = all.values().map(|one| (one.created, one.id.clone())).collect();
            ids.sort_unstable_by(|a, b| b.cmp(a));
            ids.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        })
    });
    let compared = Memo::new(move |_| {
        let asked = address.query.with(|query| query.list(COMPARED));
        let has_pairs = |id: &String| live.evaluations.with(|all| all.get(id).is_some_and(has_pairs));
        asked.into_iter().filter(has_pairs).collect::<Vec<_>>()
    });
    let title = Signal::derive(|| words::title().to_owned());
    let sheet = move || {
        live.evaluations
            .with(|all| save::sheet(&all.values().cloned().collect::<Vec<_>>()))
    };
    view! {
        <PageHead title=words::title.into() />
        <div class="page-body">
            <p class="muted">{words::intro}</p>
            <Form />
            <Show
                when=move || !ids.with(Vec::is_empty)
                fallback=move || match live.evaluations_fetched.get() {
                    None => view! { <Skeleton lines=4 /> }.into_any(),
                    Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| spawn_local(live.fetch_evaluations()) /> }.into_any(),
                    Some(Ok(())) => view! {
                        <EmptyState title=Signal::derive(|| words::empty().to_string())>
                            <p>{words::empty_text}</p>
                        </EmptyState>
                    }
                    .into_any(),
                }
            >
                <div class="row">
                    <span class="grow"></span>
                    <SaveMenu name=title items=sheet_items(title, sheet) />
                </div>
                <div class="table-wrap">
                    <table class="table library evaluations" id="evaluations">
                        <thead>
                            <tr>
                                <th></th>
                                <th>{words::model}</th>
                                <th>{words::dataset}</th>
                                <th class="right">{words::rows}</th>
                                <th class="right">{words::loss}</th>
                                <th class="right wide">{words::perplexity}</th>
                                <th class="right">{words::accuracy}</th>
                                <th class="right">{words::margin}</th>
                                <th class="right wide">"BLEU-4"</th>
                                <th class="right wide">"ROUGE-1"</th>
                                <th class="right wide">"ROUGE-2"</th>
                                <th class="right wide">"ROUGE-L"</th>
                                <th class="right wide">{words::took}</th>
                                <th><span class="sr">{words::actions}</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            <For each=move || ids.get() key=String::clone let:id>
                                <Row id compared />
                            </For>
                        </tbody>
                    </table>
                </div>
                <WinMatrix compared />
            </Show>
        </div>
    }
}

/// Whether an evaluation has scores of single pairs, which can be compared.
fn has_pairs(evaluation: &Evaluation) -> bool {
    matches!(&evaluation.standing, Standing::Done { found, .. } if matches!(found.of, Scored::Pairs | Scored::Rewards))
}
