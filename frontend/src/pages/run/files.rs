//! Downloads: archives, single files with checksums, and the code that loads them elsewhere.

use super::export::{ExportAs, MergedDownload};
use super::state::use_run;
use crate::api;
use crate::fetched::heed;
use crate::fmt;
use crate::i18n::{Word, run as words};
use crate::ui::{CodeBlock, ErrorNote, Icon, IconName, Skeleton};
use leptos::prelude::*;
use protocol::api::RunFile;

#[component]
pub fn Files() -> impl IntoView {
    let run = use_run();
    let checksums = RwSignal::new(false);
    let lora = Memo::new(move |_| run.read(|run| run.config.finetuning_type.as_deref() != Some("full")));
    let name = Memo::new(move |_| run.read(|run| run.name.clone()));
    // the list is fetched again when a checkpoint was written or the run ended
    let version = Memo::new(move |_| {
        (
            run.detail.with(|d| d.as_ref().map_or(0, |d| d.checkpoints.len())),
            run.state().is_over(),
        )
    });
    let files = LocalResource::new(move || {
        heed(version);
        let checksums = checksums.get();
        let id = run.id.get_value();
        async move { api::files(&id, checksums).await }
    });
    let what = |title: Word, hint: Word| {
        view! {
            <div class="grow">
                <h2>{title}</h2>
                <p class="muted">{hint}</p>
            </div>
        }
    };
    let link = move |what: &'static str| {
        view! {
            <a class="btn" href=move || api::archive_path(&run.id.get_value(), what) download="">
                <Icon name=IconName::Download />
                {words::archives}
            </a>
        }
    };
    let transformers = Signal::derive(move || transformers_lines(&name.get()));
    // the resolved config has the model's path, where the requested one may have a name that only Corral knows
    let base = Memo::new(move |_| {
        run.detail.with(|detail| {
            let yaml = detail.as_ref().map_or("", |detail| detail.config_yaml.as_str());
            let path = yaml.lines().find_map(|line| line.strip_prefix("model_name_or_path:"));
            path.unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned()
        })
    });
    let peft = Signal::derive(move || peft_lines(&base.get(), &name.get()));
    view! {
        <div class="stack files-tab">
            <section class="archives">
                <Show when=move || run.state().is_over() && run.read(|run| run.checkpoints > 0)>
                    <div class="archive">
                        {what(words::merged_what, words::merged_hint)}
                        <div class="row wrap"><MergedDownload /></div>
                    </div>
                    <div class="archive">{what(words::export_what, words::export_form_hint)} <ExportAs /></div>
                    <Show when=move || lora.get()>
                        <div class="archive">{what(words::download_adapter, words::adapter_hint)} {link("adapter")}</div>
                    </Show>
                </Show>
                <div class="archive">{what(words::download_config, words::config_files_hint)} {link("config")}</div>
            </section>
            <h2>{words::load_transformers}</h2>
            <CodeBlock text=transformers />
            <Show when=move || lora.get()>
                <h2>{words::load_peft}</h2>
                <CodeBlock text=peft />
            </Show>
            <div class="row">
                <h2 class="grow">{words::all_files}</h2>
                <Show when=move || !checksums.get()>
                    <button type="button" class="btn small" on:click=move |_| checksums.set(true)>{words::checksums}</button>
                </Show>
            </div>
            {move || match files.get() {
                None => view! { <Skeleton lines=4 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| files.refetch() /> }.into_any(),
                Some(Ok(files)) if files.is_empty() => view! { <p class="muted">{words::files_none}</p> }.into_any(),
                Some(Ok(files)) => view! { <FileTable files id=run.id.get_value() /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn FileTable(files: Vec<RunFile>, id: String) -> impl IntoView {
    let row = move |file: RunFile| {
        let parts: Vec<_> = file.path.split('/').map(crate::logic::query::encode).collect();
        let href = api::run_path(&id, &format!("/files/{}", parts.join("/")));
        let sum = file.sha256.clone().unwrap_or_default();
        view! {
            <tr>
                <td class="mono">
                    <a href=href download="">{file.path.clone()}</a>
                </td>
                <td class="right">{fmt::bytes(file.bytes)}</td>
                <td class="mono faint clip checksum" title=sum.clone()>{sum.clone()}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=words::all_files>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{words::file}</th>
                        <th scope="col" class="right">{words::size}</th>
                        <th scope="col">{words::checksum}</th>
                    </tr>
                </thead>
                <tbody>{files.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn transformers_lines(name: &str) -> String {
    format!(
        r#"from transformers import AutoModelForCausalLM, AutoTokenizer

path = "{name}-merged"  # the folder unpacked
tokenizer = AutoTokenizer.from_pretrained(path)
model = AutoModelForCausalLM.from_pretrained(path)"#
    )
}

fn peft_lines(base: &str, name: &str) -> String {
    format!(
        r#"from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("{base}")
model = PeftModel.from_pretrained(base, "{name}-adapter")  # the folder unpacked"#
    )
}
