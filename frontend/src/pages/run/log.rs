//! The worker's log, which is read on while the run is live. It scrolls to its end, unless the person scrolls up.

use super::state::use_run;
use crate::api;
use crate::i18n::run as words;
use crate::ui::Checkbox;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// Bytes of log kept on the page.
const KEPT: usize = 256 << 10;

#[component]
pub fn Log() -> impl IntoView {
    let run = use_run();
    let text = RwSignal::new(String::new());
    let cut = RwSignal::new(false);
    let next = RwSignal::new(None::<u64>);
    let busy = StoredValue::new(false);
    let follow = RwSignal::new(true);
    let node = NodeRef::<html::Pre>::new();

    let read = move || {
        // it is being read already, or the timer fires after the tab was left
        if busy.try_get_value() != Some(false) {
            return;
        }
        busy.set_value(true);
        spawn_local(async move {
            let page = api::log(&run.id.get_value(), next.get_untracked()).await;
            if busy.try_set_value(false).is_some() {
                return; // the tab was left
            }
            let Ok(page) = page else { return };
            if next.get_untracked().is_none() && page.size as usize > page.text.len() + 1 {
                cut.set(true);
            }
            next.set(Some(page.next));
            if !page.text.is_empty() {
                text.update(|text| {
                    text.push_str(&page.text);
                    if text.len() > KEPT {
                        let from = text.len() - KEPT;
                        let line = text.as_bytes()[from..]
                            .iter()
                            .position(|b| *b == b'\n')
                            .map_or(text.len(), |at| from + at + 1);
                        text.drain(..line);
                        cut.set(true);
                    }
                });
            }
        });
    };
    read();
    let timer = set_interval_with_handle(
        move || {
            if run.state().is_live() && !document().hidden() {
                read();
            }
        },
        Duration::from_secs(1),
    );
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    // read once more when the run ends: the last lines come after the last event
    Effect::new(move || {
        if run.state().is_over() {
            set_timeout(read, Duration::from_millis(300));
        }
    });
    Effect::new(move || {
        text.track();
        if follow.get()
            && let Some(node) = node.get()
        {
            request_animation_frame(move || node.set_scroll_top(node.scroll_height()));
        }
    });
    let scrolled = move |_| {
        if let Some(node) = node.get_untracked() {
            let at_end = node.scroll_top() + node.client_height() >= node.scroll_height() - 24;
            if follow.get_untracked() != at_end {
                follow.set(at_end);
            }
        }
    };
    view! {
        <div class="stack">
            <div class="row wrap">
                <Checkbox label=Signal::derive(|| words::follow().to_string()) checked=follow on_change=move |on: bool| follow.set(on) />
                <Show when=move || cut.get()>
                    <span class="faint">{words::log_cut}</span>
                </Show>
            </div>
            <Show when=move || text.with(String::is_empty)>
                <p class="muted">{words::log_empty}</p>
            </Show>
            <pre class="log" node_ref=node tabindex="0" role="log" aria-label=words::tab_log on:scroll=scrolled>{text}</pre>
        </div>
    }
}
