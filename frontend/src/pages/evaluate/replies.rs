//! The first replies that a model wrote, beside the expected ones.

use crate::api;
use crate::fetched::Fetched;
use crate::i18n::evaluate as words;
use crate::ui::{ErrorNote, Icon, IconName, Skeleton};
use leptos::prelude::*;

/// Replies shown at most; the file has all of them.
const SHOWN: usize = 20;

#[component]
pub fn Replies(id: String, rows: Signal<u64>) -> impl IntoView {
    let file = api::predictions_path(&id, None);
    let Fetched { answer, refetch } = Fetched::start(move || {
        let id = id.clone();
        async move { api::predictions(&id, SHOWN).await }
    });
    view! {
        <div class="row">
            <a class="btn small" href=file download="generated_predictions.jsonl">
                <Icon name=IconName::Download />
                {words::download}
            </a>
            <span class="muted">
                {move || {
                    let shown = answer.with(|answer| match answer {
                        Some(Ok(lines)) => lines.len() as u64,
                        _ => 0,
                    });
                    (shown < rows.get()).then(|| words::first_of(shown, rows.get()))
                }}
            </span>
        </div>
        {move || match answer.get() {
            None => view! { <Skeleton lines=4 /> }.into_any(),
            Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| refetch.now() /> }.into_any(),
            Some(Ok(lines)) => {
                let rows = lines
                    .into_iter()
                    .map(|line| {
                        view! {
                            <tr>
                                <td class="faint">{line.prompt}</td>
                                <td>{line.predict}</td>
                                <td>{line.label}</td>
                            </tr>
                        }
                    })
                    .collect_view();
                view! {
                    <table class="table evaluate-replies">
                        <thead>
                            <tr>
                                <th>{words::prompt}</th>
                                <th>{words::written}</th>
                                <th>{words::expected}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                }
                    .into_any()
            }
        }}
    }
}
