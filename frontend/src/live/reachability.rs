//! What the browser reports of the network and the person: when to reconnect at once, and when to give a socket up.

use futures::channel::mpsc;
use leptos::ev;
use leptos::prelude::*;

/// Whether the server may be reachable again, or no longer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reachability {
    /// The network is back, or the person has come back to the page.
    Back,
    /// The network is gone.
    Gone,
}

impl Reachability {
    /// Listens for as long as the page lives.
    pub(super) fn watch() -> mpsc::UnboundedReceiver<Self> {
        let (sender, receiver) = mpsc::unbounded();
        let send = move |change| {
            let sender = sender.clone();
            move || {
                let _ = sender.unbounded_send(change);
            }
        };
        let (online, focus, offline) = (send(Self::Back), send(Self::Back), send(Self::Gone));
        window_event_listener(ev::online, move |_| online());
        window_event_listener(ev::focus, move |_| focus());
        window_event_listener(ev::offline, move |_| offline());
        receiver
    }
}
