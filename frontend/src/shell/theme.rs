//! Light, dark, or as the system has it. `static/theme.js` sets it before the first paint; this switches it.

use crate::browser;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// What the person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    System,
    Light,
    Dark,
}

#[derive(Clone, Copy)]
pub struct Theme {
    pub choice: RwSignal<Choice>,
    /// Whether what shows is dark; canvases redraw when it changes.
    pub dark: RwSignal<bool>,
}

impl Theme {
    pub fn start() -> Self {
        let choice = match browser::stored("theme").as_deref() {
            Some("light") => Choice::Light,
            Some("dark") => Choice::Dark,
            _ => Choice::System,
        };
        let theme = Self {
            choice: RwSignal::new(choice),
            dark: RwSignal::new(choice == Choice::Dark || (choice == Choice::System && system_is_dark())),
        };
        if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
            let changed = Closure::<dyn FnMut()>::new(move || theme.paint());
            let _ = query.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
            changed.forget();
        }
        theme
    }

    /// Takes up a choice and remembers it.
    pub fn choose(self, choice: Choice) {
        self.choice.set(choice);
        match choice {
            Choice::System => browser::forget("theme"),
            Choice::Light => browser::store("theme", "light"),
            Choice::Dark => browser::store("theme", "dark"),
        }
        self.paint();
    }

    /// System, light, dark, and round again.
    pub fn turn(self) {
        self.choose(match self.choice.get_untracked() {
            Choice::System => Choice::Light,
            Choice::Light => Choice::Dark,
            Choice::Dark => Choice::System,
        });
    }

    fn paint(self) {
        let dark = match self.choice.get_untracked() {
            Choice::System => system_is_dark(),
            choice => choice == Choice::Dark,
        };
        let name = if dark { "dark" } else { "light" };
        if let Some(root) = document().document_element()
            && let Ok(root) = root.dyn_into::<web_sys::HtmlElement>()
        {
            let _ = root.set_attribute("data-theme", name);
            let _ = root.style().set_property("color-scheme", name);
        }
        self.dark.set(dark);
    }
}

fn system_is_dark() -> bool {
    window()
        .match_media("(prefers-color-scheme: dark)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}
