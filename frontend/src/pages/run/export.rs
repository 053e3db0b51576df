//! Exporting a run's checkpoint in a chosen form, and downloading it.

use super::state::use_run;
use crate::api;
use crate::browser;
use crate::fmt;
use crate::i18n::run as words;
use crate::i18n::said;
use crate::live::use_live;
use crate::ui::{Icon, IconName, Select, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{ExportForm, ExportFormat, Merge};

/// A button that exports a checkpoint if that was not done yet, then downloads the result.
#[component]
pub fn MergedDownload(
    /// The checkpoint; the best one by default.
    #[prop(optional, into)]
    checkpoint: Option<String>,
    /// The form; the merged checkpoint by default.
    #[prop(optional, into)]
    form: Option<Signal<ExportForm>>,
) -> impl IntoView {
    let (run, live, toaster) = (use_run(), use_live(), use_toaster());
    // the form that was requested; another one may be chosen while it is being made
    let asked = RwSignal::new(None::<ExportForm>);
    let wanted = move || asked.with(Option::is_some);
    let failure = RwSignal::new(None::<String>);
    let size = RwSignal::new(None::<u64>);
    let merge = Memo::new(move |_| live.merges.with(|merges| merges.get(&run.id.get_value()).cloned()));
    let has_form = form.is_some();
    let form = form.unwrap_or_default();
    let finish = move |merge: &Merge| match merge {
        // it was requested by another button
        Merge::Done { form: made, .. } if asked.with_untracked(|asked| asked.as_ref() != Some(made)) => {}
        Merge::Done { form: made, bytes, .. } => {
            asked.set(None);
            size.set(Some(*bytes));
            let what = if made.is_usual() { "merged" } else { "exported" };
            browser::download(&api::archive_path(&run.id.get_value(), what));
        }
        Merge::Failed { said: why, .. } => {
            asked.set(None);
            failure.set(Some(said::say(why)));
        }
        Merge::None => asked.set(None),
        Merge::Going { .. } => {}
    };
    Effect::new(move || {
        if let Some(merge) = merge.get()
            && asked.with_untracked(Option::is_some)
        {
            finish(&merge);
        }
    });
    let is_small = checkpoint.is_some();
    let checkpoint = StoredValue::new(checkpoint);
    let start = move |_| {
        let form = form.get_untracked();
        asked.set(Some(form.clone()));
        failure.set(None);
        size.set(None);
        spawn_local(async move {
            let answer = live
                .merge(&run.id.get_value(), checkpoint.get_value().as_deref(), &form)
                .await;
            if let Err(error) = answer {
                let _ = asked.try_set(None);
                toaster.fail(&error);
            }
        });
    };
    let label = move || match merge.get() {
        Some(Merge::Going { done, total }) if !(is_small || has_form) || wanted() => {
            words::merging(fmt::percent(done as f64 / total.max(1) as f64))
        }
        _ if wanted() => words::merging(""),
        _ if has_form => words::export().to_owned(),
        _ => words::download_merged().to_owned(),
    };
    view! {
        <button
            type="button"
            class="btn"
            class:small=is_small
            id=(!is_small).then_some(if has_form { "download-exported" } else { "download-merged" })
            disabled=wanted
            on:click=start
        >
            <Icon name=IconName::Download />
            {label}
        </button>
        <Show when=wanted>
            <StopExport is_small />
        </Show>
        {move || size.get().filter(|_| has_form).map(|bytes| view! { <span class="muted">{fmt::bytes(bytes)}</span> })}
        {move || {
            failure
                .get()
                .map(|message| {
                    view! { <span class="bad-text" role="alert">{format!("{}: {message}", words::merge_failed())}</span> }
                })
        }}
    }
}

/// A button that stops the export of the run.
#[component]
fn StopExport(is_small: bool) -> impl IntoView {
    let (run, toaster) = (use_run(), use_toaster());
    view! {
        <button
            type="button"
            class="btn"
            class:small=is_small
            title=words::stop_export
            on:click=move |_| {
                spawn_local(async move {
                    if let Err(error) = api::stop_merge(&run.id.get_value()).await {
                        toaster.fail(&error);
                    }
                });
            }
        >
            <Icon name=IconName::Stop />
            {words::stop}
        </button>
    }
}

/// A select of the export forms besides the merged checkpoint, and a button for the chosen one.
#[component]
pub fn ExportAs() -> impl IntoView {
    let chosen = RwSignal::new(0usize);
    let forms: Vec<ExportForm> = [ExportFormat::Gguf, ExportFormat::Merged]
        .into_iter()
        .flat_map(|format| {
            let dtypes = ExportForm::dtypes(format).iter();
            dtypes.map(move |dtype| ExportForm {
                format,
                dtype: Some((*dtype).to_owned()),
            })
        })
        .collect();
    let named = |form: &ExportForm| {
        let format = match form.format {
            ExportFormat::Gguf => "GGUF",
            ExportFormat::Merged => "safetensors",
        };
        format!("{format} {}", form.dtype.as_deref().unwrap_or_default())
    };
    let options: Vec<_> = forms
        .iter()
        .enumerate()
        .map(|(n, form)| (n.to_string(), named(form)))
        .collect();
    let form = Signal::derive(move || forms.get(chosen.get()).cloned().unwrap_or_default());
    view! {
        <div class="row wrap">
            <Select
                id="export-form"
                label=Signal::derive(|| words::export_what().to_owned())
                options=Signal::stored(options)
                value=Signal::derive(move || chosen.get().to_string())
                on_change=Callback::new(move |value: String| chosen.set(value.parse().unwrap_or(0)))
            />
            <MergedDownload form=form />
        </div>
    }
}
