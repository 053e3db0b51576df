//! Deleting a model or a checkpoint, with a way back.

use super::offer_back;
use crate::api;
use crate::fmt;
use crate::i18n::{common, models as words};
use crate::ui::{Ask, Icon, IconName, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::ModelOrigin;

/// Whether a model of this origin is the person's to delete here.
pub fn deletable(origin: ModelOrigin) -> bool {
    !matches!(origin, ModelOrigin::Demo | ModelOrigin::Hub)
}

/// A button that asks, then deletes the model `id`; `used` is the number of runs that began from it. `after` is called once it is gone,
/// and once it is back: pages that no message brings along ask anew.
#[component]
pub fn DeleteModel(
    id: String,
    bytes: u64,
    #[prop(optional)] used: u64,
    #[prop(default = Callback::new(|()| ()))] after: Callback<()>,
) -> impl IntoView {
    let toaster = use_toaster();
    let asking = RwSignal::new(false);
    let id = StoredValue::new(id);
    let delete = move |()| {
        spawn_local(async move {
            match api::delete_model(&id.get_value()).await {
                Ok(gone) => {
                    // the row this button stands in goes with the model, and may take the callback along
                    let told = move || after.try_run(()).unwrap_or_default();
                    offer_back(toaster, vec![gone], told);
                    told();
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
            on:click=move |_| asking.set(true)
        >
            <Icon name=IconName::Trash />
        </button>
        <Ask
            open=asking
            title=Signal::derive(move || words::delete_title(id.get_value()))
            text=Signal::derive(text)
            verb=Signal::derive(|| common::delete().to_string())
            on_yes=delete
        />
    }
}
