//! Popovers and menus under a button: the arrows move the focus, Escape and a click elsewhere close.

use crate::browser;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

/// The popover that a menu item is in; in the context of its content.
#[derive(Clone, Copy)]
struct PopoverContext {
    open: RwSignal<bool>,
    button: NodeRef<html::Button>,
}

/// A button that opens a panel beneath it. `trigger` is what the button shows.
#[component]
pub fn Popover(
    trigger: ViewFn,
    #[prop(into, optional)] label: Signal<String>,
    /// CSS classes of the button.
    #[prop(default = "btn")]
    class: &'static str,
    /// Aligns the panel's right edge with the button's, instead of the left one.
    #[prop(optional)]
    align_end: bool,
    #[prop(default = "dialog")] role: &'static str,
    #[prop(optional)] open: Option<RwSignal<bool>>,
    children: ChildrenFn,
) -> impl IntoView {
    let open = open.unwrap_or_else(|| RwSignal::new(false));
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    provide_context(PopoverContext { open, button });
    let panel = NodeRef::<html::Div>::new();
    let pointer_outside = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        if open.get_untracked()
            && let Some(root) = root.get_untracked()
            && !root.contains(target.as_ref())
        {
            open.set(false);
        }
    });
    on_cleanup(move || pointer_outside.remove());
    Effect::new(move || {
        if let (true, Some(panel)) = (open.get(), panel.get()) {
            request_animation_frame(move || {
                if let Some(first) = focusable_elements(&panel).into_iter().next() {
                    let _ = first.focus();
                }
            });
        }
    });
    // Tab out of the popover closes it; an item that removes the whole menu takes the focus from its button too
    let focus_left = move |event: ev::FocusEvent| {
        let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        if let Some(to) = to
            && let Some(root) = root.try_get_untracked().flatten()
            && !root.contains(Some(&to))
        {
            open.try_set(false);
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let Some(panel) = panel.get_untracked() else { return };
        match event.key().as_str() {
            "Escape" => {
                event.stop_propagation();
                open.set(false);
                if let Some(button) = button.get_untracked() {
                    let _ = button.focus();
                }
            }
            "ArrowDown" => move_focus(&panel, 1, &event),
            "ArrowUp" => move_focus(&panel, -1, &event),
            _ => {}
        }
    };
    view! {
        <div class="popover" node_ref=root on:keydown=keys on:focusout=focus_left>
            <button
                type="button"
                class=class
                node_ref=button
                aria-haspopup=role
                aria-expanded=move || open.get().to_string()
                aria-label=move || Some(label.get()).filter(|label| !label.is_empty())
                title=move || Some(label.get()).filter(|label| !label.is_empty())
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {trigger.run()}
            </button>
            <Show when=move || open.get()>
                <div
                    class="popover-panel"
                    class:end=align_end
                    role=role
                    aria-label=move || Some(label.get()).filter(|label| !label.is_empty())
                    node_ref=panel
                >
                    {children()}
                </div>
            </Show>
        </div>
    }
}

fn focusable_elements(panel: &HtmlElement) -> Vec<HtmlElement> {
    browser::elements(panel.query_selector_all("button:not(:disabled), input, select, a[href]"))
}

fn move_focus(panel: &HtmlElement, by: isize, event: &ev::KeyboardEvent) {
    let all = focusable_elements(panel);
    let active = document().active_element();
    let here = all.iter().position(|element| active.as_ref() == Some(element.as_ref()));
    let Some(next) = here.map_or(Some(0), |here| here.checked_add_signed(by)) else {
        return;
    };
    if let Some(element) = all.get(next) {
        event.prevent_default();
        let _ = element.focus();
    }
}

/// A popover of [`MenuItem`]s.
#[component]
pub fn Menu(
    trigger: ViewFn,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(default = "btn")] class: &'static str,
    #[prop(optional)] align_end: bool,
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <Popover trigger label class align_end role="menu">
            {children()}
        </Popover>
    }
}

/// One command of a menu.
#[component]
pub fn MenuItem(
    #[prop(into)] on_pick: Callback<()>,
    #[prop(optional)] danger: bool,
    #[prop(into, optional)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let popover = use_context::<PopoverContext>();
    let pick = move |_| {
        if let Some(PopoverContext { open, button }) = popover {
            open.set(false);
            // a dialog that the command opens returns the focus to what had it before, and the item itself is gone by then
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        }
        on_pick.run(());
    };
    view! {
        <button type="button" role="menuitem" class="menu-item" class:danger=danger disabled=disabled on:click=pick>
            {children()}
        </button>
    }
}
