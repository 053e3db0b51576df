//! The theme: light, dark, or the system's. `static/theme.js` sets it before the first paint; here it is switched.

use crate::browser;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// What the person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThemeChoice {
    System,
    Light,
    Dark,
}

#[derive(Clone, Copy)]
pub struct Theme {
    pub choice: RwSignal<ThemeChoice>,
    /// Whether the page is dark now; canvases redraw when it changes.
    pub dark: RwSignal<bool>,
}

impl Theme {
    pub fn start() -> Self {
        let choice = match browser::stored("theme").as_deref() {
            Some("light") => ThemeChoice::Light,
            Some("dark") => ThemeChoice::Dark,
            _ => ThemeChoice::System,
        };
        let theme = Self {
            choice: RwSignal::new(choice),
            dark: RwSignal::new(choice == ThemeChoice::Dark || (choice == ThemeChoice::System && system_is_dark())),
        };
        if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
            let changed = Closure::<dyn FnMut()>::new(move || theme.apply());
            let _ = query.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
            changed.forget();
        }
        theme
    }

    /// Applies a choice and stores it.
    pub fn choose(self, choice: ThemeChoice) {
        self.choice.set(choice);
        match choice {
            ThemeChoice::System => browser::forget("theme"),
            ThemeChoice::Light => browser::store("theme", "light"),
            ThemeChoice::Dark => browser::store("theme", "dark"),
        }
        self.apply();
    }

    /// Switches to the next of system, light and dark.
    pub fn cycle(self) {
        self.choose(match self.choice.get_untracked() {
            ThemeChoice::System => ThemeChoice::Light,
            ThemeChoice::Light => ThemeChoice::Dark,
            ThemeChoice::Dark => ThemeChoice::System,
        });
    }

    fn apply(self) {
        let dark = match self.choice.get_untracked() {
            ThemeChoice::System => system_is_dark(),
            choice => choice == ThemeChoice::Dark,
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
