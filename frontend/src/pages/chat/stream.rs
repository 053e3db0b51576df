//! The stream of one reply: the request, its events as they come, and aborting it.

use super::state::{ChatView, Reply, ReplyState};
use crate::browser::now;
use crate::i18n::said::say;
use crate::i18n::{chat as words, common};
use crate::logic::chat::{Exchange, Settings, StreamEvent, failure, parse_event, request};
use crate::logic::saved_chats::End;
use crate::logic::sse::SseParser;
use leptos::prelude::*;
use std::collections::HashMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, ReadableStreamDefaultReader, RequestInit, Response};

/// A reply: the id of its turn, and its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct ReplyKey {
    turn: u64,
    column: usize,
}

/// The abort controllers of the replies that are being written.
#[derive(Clone, Copy)]
pub struct AbortControllers(StoredValue<Going, LocalStorage>);

type Going = HashMap<ReplyKey, AbortController>;

impl Default for AbortControllers {
    fn default() -> Self {
        Self(StoredValue::new_local(Going::new()))
    }
}

impl AbortControllers {
    fn add(self, key: ReplyKey) -> Option<AbortController> {
        let controller = AbortController::new().ok()?;
        self.0.try_update_value(|going| going.insert(key, controller.clone()))?;
        Some(controller)
    }
    pub fn stop_all(self) {
        let going = self.0.try_update_value(std::mem::take).unwrap_or_default();
        going.values().for_each(AbortController::abort);
    }
    fn remove(self, key: ReplyKey) {
        self.0.try_update_value(|going| going.remove(&key));
    }
}

/// Streams `reply` until it is complete, stopped or failed. `earlier` are the exchanges with its model so far.
pub async fn write(
    chat: ChatView,
    turn: u64,
    reply: Reply,
    settings: Settings,
    earlier: Vec<Exchange>,
    question: String,
) {
    let body = request(&reply.model, &settings, &earlier, &question).to_string();
    let column = reply.column;
    let key = ReplyKey { turn, column };
    let controller = chat.abort_controllers.add(key);
    let outcome = read_stream(chat, &reply, &body, controller.as_ref()).await;
    let stopped = controller.is_some_and(|controller| controller.signal().aborted());
    chat.abort_controllers.remove(key);
    let end = match outcome {
        _ if stopped => End::Stopped,
        Ok(end) => end,
        Err(message) => End::Failed(message),
    };
    reply.state.set(ReplyState::Over(end));
    let _ = chat.text_version.try_update(|version| *version += 1);
}

async fn read_stream(
    chat: ChatView,
    reply: &Reply,
    body: &str,
    controller: Option<&AbortController>,
) -> Result<End, String> {
    let response = send(body, controller)
        .await
        .map_err(|_| common::offline_title().to_owned())?;
    if !response.ok() {
        return Err(refusal(&response).await);
    }
    let broken = |_| words::broken().to_owned();
    let stream = response.body().ok_or_else(|| words::broken().to_owned())?;
    let reader: ReadableStreamDefaultReader = stream.get_reader().dyn_into().map_err(|_| words::broken().to_owned())?;
    let mut parser = SseParser::default();
    let mut first = None;
    let mut pieces = 0;
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(broken)?;
        let field = |name: &str| js_sys::Reflect::get(&chunk, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
        if field("done").is_truthy() {
            return Err(words::broken().to_owned());
        }
        let bytes = js_sys::Uint8Array::new(&field("value")).to_vec();
        for data in parser.feed(&bytes) {
            match parse_event(&data) {
                StreamEvent::Text(text) => {
                    pieces += 1;
                    let since = *first.get_or_insert_with(now);
                    let seconds = (now() - since) as f64 / 1000.0;
                    let rate = (pieces > 1 && seconds > 0.2).then(|| (pieces - 1) as f64 / seconds);
                    reply.text.update(|so_far| so_far.push_str(&text));
                    reply.state.set(ReplyState::Going { pieces, rate });
                    let _ = chat.text_version.try_update(|version| *version += 1);
                }
                StreamEvent::End { tokens, seconds, cut } => return Ok(End::Done { tokens, seconds, cut }),
                StreamEvent::Failed(why) => return Err(say(&why)),
                StreamEvent::Ignored => {}
            }
        }
    }
}

async fn send(body: &str, controller: Option<&AbortController>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(body));
    if let Some(controller) = controller {
        init.set_signal(Some(&controller.signal()));
    }
    let sent = window().fetch_with_str_and_init("/v1/chat/completions", &init);
    JsFuture::from(sent).await?.dyn_into()
}

async fn refusal(response: &Response) -> String {
    let text = match response.text() {
        Ok(promise) => JsFuture::from(promise).await.ok().and_then(|text| text.as_string()),
        Err(_) => None,
    };
    let value = text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    failure(&value)
        .map(|why| say(&why))
        .unwrap_or_else(|| format!("{} {}", response.status(), response.status_text()))
}
