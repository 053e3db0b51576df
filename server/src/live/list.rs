//! A message to a page: a list of several.

use axum::extract::ws::{Message, WebSocket};
use protocol::live::ToBrowser;

/// A message of several: a JSON list.
#[derive(Default)]
pub struct List(String);

impl List {
    pub fn put(&mut self, message: &ToBrowser) {
        match serde_json::to_string(message) {
            Ok(text) => self.put_text(&text),
            Err(error) => tracing::error!("a message for pages can't be written: {error}"),
        }
    }

    /// Messages with commas between them.
    pub fn put_text(&mut self, text: &str) {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(text);
    }

    /// Nothing is sent where there is nothing in it.
    pub async fn send(mut self, socket: &mut WebSocket) -> Result<(), axum::Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.push(']');
        socket.send(Message::Text(self.0.into())).await
    }
}
