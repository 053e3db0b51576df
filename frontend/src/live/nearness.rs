//! When to try again at once, and when to give a socket up.

use futures::channel::mpsc;
use leptos::ev;
use leptos::prelude::*;

/// What the browser says about network and person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearness {
    /// The network is back, or the person has come back to the page.
    Back,
    /// The network is gone.
    Gone,
}

impl Nearness {
    /// Listens for as long as the page lives.
    pub(super) fn watch() -> mpsc::UnboundedReceiver<Self> {
        let (tell, told) = mpsc::unbounded();
        let say = move |word| {
            let tell = tell.clone();
            move || {
                let _ = tell.unbounded_send(word);
            }
        };
        let (online, focus, offline) = (say(Self::Back), say(Self::Back), say(Self::Gone));
        window_event_listener(ev::online, move |_| online());
        window_event_listener(ev::focus, move |_| focus());
        window_event_listener(ev::offline, move |_| offline());
        told
    }
}
