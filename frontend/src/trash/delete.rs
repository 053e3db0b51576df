//! Deleting a model or a checkpoint, with an Undo.

use super::toast_with_undo;
use crate::api;
use crate::fmt;
use crate::i18n::{common, models as words};
use crate::ui::{ConfirmDialog, Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::ModelOrigin;

/// Whether a model of this origin can be deleted on the board.
pub fn deletable(origin: ModelOrigin) -> bool {
    !matches!(origin, ModelOrigin::Demo | ModelOrigin::Hub)
}

/// A button that asks for confirmation, then deletes the model `id`. `used` is the number of runs that started from it. `after` is
/// called once it is deleted, and once it is restored, for pages that no message of the server updates.
#[component]
pub fn DeleteModel(
    id: String,
    bytes: u64,
    #[prop(optional)] used: u64,
    #[prop(default = Callback::new(|()| ()))] after: Callback<()>,
) -> impl IntoView {
    let toaster = use_toaster();
    let confirming_delete = RwSignal::new(false);
    let id = StoredValue::new(id);
    let delete = move |()| {
        spawn_local(async move {
            match api::delete_model(&id.get_value()).await {
                Ok(gone) => {
                    // the row of this button goes away with the model, and the callback may go with it
                    let run_after = move || after.try_run(()).unwrap_or_default();
                    toast_with_undo(toaster, vec![gone], run_after);
                    run_after();
                }
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let text = move || {
        let text = words::delete_text(fmt::bytes(bytes));
        match used {
            0 => text,
            used => format!("{text} {}", words::delete_used(used)),
        }
    };
    view! {
        <button
            type="button"
            class="btn icon small ghost"
            aria-label=move || words::delete_title(id.get_value())
            title=common::delete
            on:click=move |_| confirming_delete.set(true)
        >
            <Icon name=IconName::Trash />
        </button>
        <ConfirmDialog
            open=confirming_delete
            title=Signal::derive(move || words::delete_title(id.get_value()))
            text=Signal::derive(text)
            verb=Signal::derive(|| common::delete().to_string())
            on_confirm=delete
        />
    }
}
