//! Modal dialogs on the browser's own `<dialog>`, which keeps the focus inside and closes on Escape.

use super::{Icon, IconName};
use crate::i18n::common;
use leptos::html;
use leptos::prelude::*;

/// A modal dialog shown while `open`.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = node.get() else { return };
        if open.get() {
            if !dialog.open() {
                let _ = dialog.show_modal();
            }
        } else if dialog.open() {
            dialog.close();
        }
    });
    // a click on the backdrop hits the dialog element itself
    let backdrop = move |event: leptos::ev::MouseEvent| {
        if let Some(dialog) = node.get_untracked()
            && event.target().as_ref() == Some((*dialog).as_ref())
        {
            open.set(false);
        }
    };
    view! {
        <dialog class=format!("dialog {class}") node_ref=node aria-label=title on:close=move |_| open.set(false) on:click=backdrop>
            <Show when=move || open.get()>
                <div class="dialog-body">
                    <header class="dialog-head">
                        <h2>{title}</h2>
                    </header>
                    {children()}
                    <button
                        type="button"
                        class="btn ghost icon dialog-close"
                        aria-label=common::close
                        on:click=move |_| open.set(false)
                    >
                        <Icon name=IconName::Close />
                    </button>
                </div>
            </Show>
        </dialog>
    }
}

/// A dialog that asks for confirmation, mostly before something that cannot be undone. The focus starts on Cancel, so that
/// Enter alone confirms nothing.
#[component]
pub fn ConfirmDialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    /// The label of the button that confirms.
    #[prop(into)]
    verb: Signal<String>,
    #[prop(into)] on_confirm: Callback<()>,
    /// Whether confirming loses nothing: the button is then not red.
    #[prop(optional)]
    harmless: bool,
) -> impl IntoView {
    view! {
        <Dialog open title class="narrow">
            <p class="dialog-text">{text}</p>
            <footer class="dialog-foot">
                <button type="button" class="btn" autofocus=true on:click=move |_| open.set(false)>{common::cancel}</button>
                <button
                    type="button"
                    class="btn"
                    class:danger=!harmless
                    class:primary=harmless
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {verb}
                </button>
            </footer>
        </Dialog>
    }
}
