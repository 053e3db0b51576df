//! The checkpoints of a run, with their evaluations.

use super::export::MergedDownload;
use super::state::use_run;
use crate::api;
use crate::browser;
use crate::fmt;
use crate::i18n::run as words;
use crate::links;
use crate::logic::query::encode;
use crate::trash::DeleteModel;
use crate::ui::{EmptyState, Icon, IconName};
use leptos::prelude::*;
use protocol::api::Checkpoint;
use protocol::metric::held_out;

#[component]
pub fn Checkpoints() -> impl IntoView {
    let run = use_run();
    let all = Memo::new(move |_| {
        let mut all = run
            .detail
            .with(|detail| detail.as_ref().map(|d| d.checkpoints.clone()).unwrap_or_default());
        all.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.step));
        all
    });
    let lora = Memo::new(move |_| run.read(|run| run.config.finetuning_type.as_deref() != Some("full")));
    let row = move |checkpoint: Checkpoint| {
        let metric = |name: &str| {
            let value = held_out(&checkpoint.eval, name);
            value.map_or_else(|| "–".to_owned(), |value| fmt::metric(name, value))
        };
        let model = format!("{}/{}", run.read(|run| run.name.clone()), checkpoint.name);
        let base = run.read(|run| run.config.model_name_or_path.clone());
        let chat = links::chat(&base.into_iter().chain([model.clone()]).collect::<Vec<_>>());
        let adapter = format!(
            "{}&checkpoint={}",
            api::archive_path(&run.id.get_value(), "adapter"),
            encode(&checkpoint.name)
        );
        let written = browser::local_time(checkpoint.created);
        view! {
            <tr>
                <td class="mono checkpoint-name">
                    <span class="row">
                        {checkpoint.name.clone()}
                        {checkpoint.best.then(|| view! { <span class="chip ok" title=words::best_hint><Icon name=IconName::Star />{words::best}</span> })}
                    </span>
                </td>
                <td class="right">{fmt::count(checkpoint.step)}</td>
                <td class="right">{metric("loss")}</td>
                <td class="right">{metric("preference/accuracies")}</td>
                <td class="right wide">{metric("preference/margins")}</td>
                <td class="right wide">{fmt::bytes(checkpoint.bytes)}</td>
                <td class="right wide"><time title=written>{fmt::ago(checkpoint.created, run.now.get_untracked())}</time></td>
                <td>
                    <span class="row checkpoint-actions">
                        <a class="btn small" href=chat>
                            <Icon name=IconName::Chat />
                            {words::chat_with}
                        </a>
                        <MergedDownload checkpoint=checkpoint.name.clone() />
                        <Show when=move || lora.get()>
                            <a class="btn small" href=adapter.clone() download="">
                                <Icon name=IconName::Download />
                                {words::download_adapter}
                            </a>
                        </Show>
                        <DeleteModel id=model bytes=checkpoint.bytes after=run.reload />
                    </span>
                </td>
            </tr>
        }
    };
    view! {
        <Show
            when=move || all.with(|all| !all.is_empty())
            fallback=|| {
                view! {
                    <EmptyState
                        title=Signal::derive(|| words::no_checkpoints().to_string())
                        text=Signal::derive(|| words::no_checkpoints_text().to_string())
                    />
                }
            }
        >
            <div class="scroll-x" tabindex="0" role="region" aria-label=words::tab_checkpoints>
                <table class="table checkpoints">
                    <thead>
                        <tr>
                            <th scope="col">{words::checkpoint}</th>
                            <th scope="col" class="right">{words::x_step}</th>
                            <th scope="col" class="right">"eval loss"</th>
                            <th scope="col" class="right">"preference acc"</th>
                            <th scope="col" class="right wide">"preference margin"</th>
                            <th scope="col" class="right wide">{words::size}</th>
                            <th scope="col" class="right wide">{words::written}</th>
                            <th><span class="sr">{words::actions}</span></th>
                        </tr>
                    </thead>
                    <tbody>{move || all.get().into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </Show>
    }
}
