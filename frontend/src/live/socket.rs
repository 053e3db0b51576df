//! The WebSocket itself: connecting, reconnecting with growing delays, and catching up after each connection.

use super::reachability::Reachability;
use super::{Connection, Live};
use crate::api;
use futures::channel::mpsc;
use futures::{FutureExt, SinkExt, StreamExt};
use gloo_net::websocket::{Message, futures::WebSocket};
use leptos::prelude::*;
use protocol::live::{ToBrowser, ToServer};

/// Delay before the first attempt to reconnect, in ms; it doubles with each further one.
const FIRST_DELAY: u32 = 250;
/// The longest delay, in ms.
const MAX_DELAY: u32 = 5000;

impl Live {
    /// Connects, and reconnects whenever the connection ends, for as long as the page lives.
    pub(super) async fn keep_connected(self, mut reachability: mpsc::UnboundedReceiver<Reachability>) {
        let mut delay = FIRST_DELAY;
        loop {
            if self.run_connection(&mut reachability).await {
                delay = FIRST_DELAY;
            }
            self.inner.update_value(|inner| inner.send = None);
            self.connection.set(Connection::Offline);
            // what was reported before the connection ended says nothing of now
            while reachability.try_recv().is_ok() {}
            let mut timeout = gloo_timers::future::TimeoutFuture::new(delay).fuse();
            delay = (delay * 2).min(MAX_DELAY);
            loop {
                futures::select! {
                    () = timeout => break,
                    change = reachability.next() => if change == Some(Reachability::Back) {
                        delay = FIRST_DELAY;
                        break;
                    },
                }
            }
        }
    }

    /// Runs one connection to its end. Returns whether it got as far as the server's hello.
    async fn run_connection(self, reachability: &mut mpsc::UnboundedReceiver<Reachability>) -> bool {
        let location = window().location();
        let scheme = if location.protocol().is_ok_and(|p| p == "https:") {
            "wss"
        } else {
            "ws"
        };
        let host = location.host().unwrap_or_default();
        let Ok(socket) = WebSocket::open(&format!("{scheme}://{host}/api/live")) else {
            return false;
        };
        let (mut write, read) = socket.split();
        let mut read = read.fuse();
        let (send, mut outgoing) = mpsc::unbounded();
        let mut got_hello = false;
        loop {
            futures::select! {
                message = read.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let Ok(messages) = serde_json::from_str::<Vec<ToBrowser>>(&text) else {
                            // of another version; rows that changed in it are asked for anew when they change again
                            self.inner.update_value(|inner| inner.told.clear());
                            continue;
                        };
                        for message in messages {
                            if let ToBrowser::Hello { version, command, .. } = &message {
                                got_hello = true;
                                self.on_hello(version, command, send.clone()).await;
                            } else {
                                self.on_message(message);
                            }
                        }
                    }
                    Some(Ok(Message::Bytes(_))) => {}
                    Some(Err(_)) | None => return got_hello,
                },
                // a socket over a network that is gone stays open and silent for minutes
                change = reachability.next() => if change == Some(Reachability::Gone) {
                    return got_hello;
                },
                message = outgoing.next().fuse() => {
                    let Some(message) = message else { return got_hello };
                    let text = serde_json::to_string(&message).unwrap_or_default();
                    if write.send(Message::Text(text)).await.is_err() {
                        return got_hello;
                    }
                }
            }
        }
    }

    /// Catches up after a new connection: asks for the events that followers lack, and fetches the lists anew.
    async fn on_hello(self, version: &str, command: &str, send: mpsc::UnboundedSender<ToServer>) {
        self.connection.set(Connection::CatchingUp);
        if self.command.with_untracked(|known| known != command) {
            self.command.set(command.into());
        }
        self.inner.update_value(|inner| {
            if inner.version.as_deref().is_some_and(|known| known != version) {
                self.outdated.set(true);
            }
            inner.version = Some(version.into());
            inner.send = Some(send);
            // it tells each row whole before it tells changes of it
            inner.told.clear();
            for follower in inner.followers.values_mut() {
                follower.is_caught_up = false;
            }
            for follower in inner.followers.values() {
                inner.request_events(&follower.run, follower.seen);
            }
        });
        // runs may have come or gone while there was no socket
        if let Ok(runs) = api::runs().await {
            let gone: Vec<_> = self.runs.with_untracked(|known| {
                known
                    .keys()
                    .filter(|id| runs.iter().all(|run| run.id != **id))
                    .cloned()
                    .collect()
            });
            for id in gone {
                self.drop_run(&id);
            }
            for run in runs {
                self.put(run);
            }
            self.loaded.set(true);
        }
        self.fetch_jobs().await;
        self.mark_live_if_caught_up();
    }
}
