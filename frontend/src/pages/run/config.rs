//! The config as YAML, with marks on the lines that differ from the method's recommended values.

use super::state::use_run;
use crate::i18n::run as words;
use crate::logic::diff::{YamlLine, mark_lines};
use crate::ui::{CodeBlock, CopyButton};
use leptos::prelude::*;
use protocol::api::RunSummary;
use protocol::method::Scale;

#[component]
pub fn Config() -> impl IntoView {
    let run = use_run();
    let yaml = Memo::new(move |_| {
        run.detail
            .with(|detail| detail.as_ref().map(|d| d.config_yaml.clone()).unwrap_or_default())
    });
    let command = Memo::new(move |_| {
        run.detail
            .with(|detail| detail.as_ref().map(|d| d.command.clone()).unwrap_or_default())
    });
    let lines = move || {
        let started = run
            .detail
            .with(|detail| detail.as_ref().and_then(|d| d.started.clone()));
        let scale = Scale {
            rows: started
                .as_ref()
                .map(|s| s.train_rows + s.eval_rows)
                .filter(|rows| *rows > 0),
            params: started.as_ref().map(|s| s.all_params),
        };
        let recommended = run.method().map(|method| method.recommended(scale).completed());
        mark_lines(&yaml.get(), &run.read(RunSummary::known_config), recommended.as_ref())
    };
    let line = |line: YamlLine| {
        let hint = line
            .recommended
            .as_ref()
            .map(|value| format!("{}\n{}", words::differs(), words::recommended(value)));
        view! {
            <span class="yaml-line" class:differs=line.recommended.is_some() title=hint>
                {line.text}
                "\n"
            </span>
        }
    };
    view! {
        <div class="stack config-tab">
            <div class="row">
                <h2>{words::config_yaml}</h2>
                <span class="faint">{words::config_hint}</span>
            </div>
            <div class="code">
                <pre tabindex="0">{move || lines().into_iter().map(line).collect_view()}</pre>
                <CopyButton text=yaml />
            </div>
            <Show when=move || !run.is_foreign()>
                <p class="faint row">
                    <span class="differs-mark"></span>
                    {words::differs}
                </p>
                <h2>{words::command}</h2>
                <CodeBlock text=command />
            </Show>
        </div>
    }
}
