//! The form as a file, and the command that does the same in a terminal.

use super::state::use_form;
use crate::i18n::new_run as words;
use crate::logic::diff::{YamlLine, mark_lines};
use crate::ui::{CodeBlock, CopyButton};
use leptos::prelude::*;
use protocol::sweep::to_yaml;

/// What a sweep's file is called.
const SWEEP_FILE: &str = "sweep.yaml";

#[component]
pub fn Yaml() -> impl IntoView {
    let form = use_form();
    let yaml = Memo::new(move |_| match form.sweeps.get() {
        true => {
            let asked = form.search.asked();
            to_yaml(asked.name.as_deref(), &asked.config, &asked.sweep)
        }
        false => form.config.with(|config| config.to_yaml()),
    });
    let lines = move || {
        let defaults = form.defaults.get();
        form.config
            .with(|config| mark_lines(&yaml.get(), config, Some(&defaults)))
    };
    let line = |line: YamlLine| {
        let hint = line.recommended.as_ref().map(words::back_to);
        view! {
            <span class="yaml-line" class:differs=line.recommended.is_some() title=hint>
                {line.text}
                "\n"
            </span>
        }
    };
    let command = Memo::new(move |_| match form.sweeps.get() {
        true => Some(format!("corral sweep {SWEEP_FILE}")),
        false => form.answer.with(|answer| answer.as_ref().map(|a| a.command.clone())),
    });
    let title = move || if form.sweeps.get() { SWEEP_FILE } else { words::yaml() };
    view! {
        <div class="stack yaml-box">
            <p class="row">
                <b>{title}</b>
                <span class="grow"></span>
                <span class="differs-mark"></span>
                <span class="faint">{words::yaml_hint}</span>
            </p>
            <div class="code">
                <pre tabindex="0" id="yaml" role="group" aria-label=title>{move || lines().into_iter().map(line).collect_view()}</pre>
                <CopyButton text=yaml />
            </div>
            {move || {
                command.get()
                    .map(|command| {
                        view! {
                            <b>{words::command}</b>
                            <CodeBlock text=Signal::derive(move || command.clone()) />
                        }
                    })
            }}
        </div>
    }
}
