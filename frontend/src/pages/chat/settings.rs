//! How replies are sampled, folded under the composer.

use super::state::use_chat;
use crate::fmt;
use crate::i18n::chat as words;
use crate::logic::chat::Settings;
use crate::ui::Field;
use leptos::prelude::*;

#[component]
pub fn SettingsForm() -> impl IntoView {
    let chat = use_chat();
    let summary = move || {
        chat.settings.with(|s| {
            format!(
                "{} {} · top-p {} · {} · {} {}",
                words::temperature(),
                fmt::setting(s.temperature),
                fmt::setting(s.top_p),
                words::tokens(s.max_tokens.into()),
                words::seed(),
                s.seed
            )
        })
    };
    let system = move |event| chat.settings.update(|s| s.system = event_target_value(&event));
    view! {
        <details class="chat-settings">
            <summary>
                <span>{words::settings}</span>
                <span class="faint num clip">{summary}</span>
            </summary>
            <div class="chat-settings-grid">
                <Number name="temperature" label=words::temperature hint=words::temperature_hint bounds=("0", "2") read=|s| s.temperature.to_string() />
                <Number name="top_p" label=words::top_p hint=words::top_p_hint bounds=("0", "1") read=|s| s.top_p.to_string() />
                <Number name="max_tokens" label=words::max_tokens hint=words::max_tokens_hint bounds=("1", "32768") read=|s| s.max_tokens.to_string() />
                <Number name="seed" label=words::seed hint=words::seed_hint bounds=("0", "2^53") read=|s| s.seed.to_string() />
            </div>
            <Field
                label=Signal::derive(|| words::system().to_string())
                control="chat-system"
                hint=Signal::derive(|| words::system_hint().to_string())
            >
                <textarea
                    id="chat-system"
                    class="textarea"
                    rows="2"
                    aria-describedby="chat-system-note"
                    prop:value=move || chat.settings.with(|s| s.system.clone())
                    on:input=system
                ></textarea>
            </Field>
        </details>
    }
}

/// A field for one setting. What is out of its bounds is not taken, and said so.
#[component]
fn Number(
    name: &'static str,
    label: fn() -> &'static str,
    hint: fn() -> &'static str,
    bounds: (&'static str, &'static str),
    read: fn(&Settings) -> String,
) -> impl IntoView {
    let chat = use_chat();
    let is_invalid = RwSignal::new(false);
    let id = format!("chat-{}", name.replace('_', "-"));
    let error = Signal::derive(move || is_invalid.get().then(|| words::bounds(bounds.0, bounds.1)));
    let type_in = move |event| {
        let text = event_target_value(&event);
        let mut settings = chat.settings.get_untracked();
        is_invalid.set(!settings.put(name, &text));
        if settings != chat.settings.get_untracked() {
            chat.settings.set(settings);
        }
    };
    view! {
        <Field
            label=Signal::derive(move || label().to_string())
            control=id.clone()
            hint=Signal::derive(move || hint().to_string())
            error
        >
            <input
                aria-describedby=format!("{id}-note")
                id=id
                class="input num"
                inputmode="decimal"
                autocomplete="off"
                aria-invalid=move || is_invalid.get().to_string()
                value=chat.settings.with_untracked(read)
                on:input=type_in
            />
        </Field>
    }
}
