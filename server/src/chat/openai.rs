//! `/v1`: the part of OpenAI's API that chat clients use, over the models that are here.

use super::pool;
use super::worker::{Generation, Piece};
use crate::error::ApiResult;
use crate::state::now;
use crate::{ApiError, AppState};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use protocol::chat::{Finish, Message, Sampling};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::convert::Infallible;

/// What a request may ask for; fields of OpenAI's that mean nothing here are ignored, as other servers do.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct ChatRequest {
    /// A model's id from `/v1/models`.
    model: String,
    #[schema(value_type = Vec<Message>)]
    messages: Vec<Turn>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    seed: Option<i64>,
    stop: Option<Stop>,
    n: Option<u32>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Debug, Deserialize)]
struct Turn {
    role: String,
    content: Content,
}

/// A text, or OpenAI's list of parts (texts only: nothing is ever fetched).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Value>),
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
enum Stop {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Serialize)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
}

/// Errors as OpenAI's clients read them.
pub struct OpenAiError(ApiError);

impl<E: Into<ApiError>> From<E> for OpenAiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for OpenAiError {
    fn into_response(self) -> Response {
        let problem = self.0.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(error_body(&problem.detail, &problem.code))).into_response()
    }
}

fn error_body(message: &str, code: &str) -> Value {
    json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code}})
}

/// The ids one can talk to.
#[utoipa::path(get, path = "/v1/models", tag = "openai", responses((status = 200)))]
pub async fn models(State(app): State<AppState>) -> Result<axum::Json<Value>, OpenAiError> {
    let list = crate::library::models(State(app)).await?.0;
    let data: Vec<Value> = list
        .into_iter()
        .filter(|m| m.error.is_none())
        .map(|m| json!({"id": m.id, "object": "model", "created": 0, "owned_by": "corral"}))
        .collect();
    Ok(axum::Json(json!({"object": "list", "data": data})))
}

/// A reply of a model, whole or (with `stream`) as server-sent events.
#[utoipa::path(post, path = "/v1/chat/completions", tag = "openai", request_body = ChatRequest, responses((status = 200)))]
pub async fn chat(
    State(app): State<AppState>,
    request: Result<axum::Json<ChatRequest>, JsonRejection>,
) -> Result<Response, OpenAiError> {
    let axum::Json(request) = request.map_err(ApiError::from)?;
    if request.n.is_some_and(|n| n != 1) {
        return Err(ApiError::bad("unsupported", "n: one reply at a time").into());
    }
    let sampling = sampling(&request)?;
    let messages = messages(request.messages)?;
    let worker = app.chat.worker(&app, &request.model).await?;
    pool::ready(&worker).await?;
    let generation = worker.generate(messages, sampling);
    let reply = Reply {
        id: format!("chatcmpl-{:016x}", rand::random::<u64>()),
        created: now() / 1000,
        model: request.model,
    };
    if request.stream {
        let usage = request.stream_options.is_some_and(|o| o.include_usage);
        Ok(Sse::new(stream(generation, reply, usage)).into_response())
    } else {
        Ok(axum::Json(whole(generation, reply).await?).into_response())
    }
}

struct Reply {
    id: String,
    created: i64,
    model: String,
}

impl Reply {
    fn chunk(&self, delta: Value, finish: Option<&str>) -> Value {
        json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": null}],
        })
    }
}

async fn whole(mut generation: Generation, reply: Reply) -> ApiResult<Value> {
    let mut text = String::new();
    loop {
        match generation.next().await {
            Some(Piece::Delta(more)) => text += &more,
            Some(Piece::Done {
                finish,
                prompt_tokens,
                completion_tokens,
                seconds,
            }) => {
                return Ok(json!({
                    "id": reply.id, "object": "chat.completion", "created": reply.created, "model": reply.model,
                    "choices": [{
                        "index": 0, "message": {"role": "assistant", "content": text},
                        "finish_reason": finish_reason(finish), "logprobs": null,
                    }],
                    "usage": usage(prompt_tokens, completion_tokens),
                    "timings": {"seconds": seconds},
                }));
            }
            Some(Piece::Error(message)) => return Err(ApiError::bad("generation", message)),
            None => {
                return Err(ApiError::Unavailable {
                    code: "worker_ended",
                    detail: "the chat worker ended".into(),
                });
            }
        }
    }
}

/// Server-sent events in OpenAI's shape. Dropped with the connection, and the generation with it.
fn stream(generation: Generation, reply: Reply, with_usage: bool) -> impl Stream<Item = Result<Event, Infallible>> {
    enum At {
        Start,
        Middle,
        Last,
        End,
    }
    let data = |value: Value| Event::default().data(value.to_string());
    futures::stream::unfold(
        (generation, reply, At::Start, None),
        move |(mut generation, reply, at, mut spent)| async move {
            let (event, next) = match at {
                At::Start => (
                    data(reply.chunk(json!({"role": "assistant", "content": ""}), None)),
                    At::Middle,
                ),
                At::Middle => match generation.next().await {
                    Some(Piece::Delta(text)) => (data(reply.chunk(json!({"content": text}), None)), At::Middle),
                    Some(Piece::Done {
                        finish,
                        prompt_tokens,
                        completion_tokens,
                        seconds,
                    }) => {
                        let mut chunk = reply.chunk(json!({}), Some(finish_reason(finish)));
                        chunk["timings"] = json!({"seconds": seconds, "completion_tokens": completion_tokens});
                        spent = Some(usage(prompt_tokens, completion_tokens));
                        (data(chunk), At::Last)
                    }
                    Some(Piece::Error(message)) => (data(error_body(&message, "generation")), At::Last),
                    None => (data(error_body("the chat worker ended", "worker_ended")), At::Last),
                },
                At::Last => match spent.take().filter(|_| with_usage) {
                    Some(usage) => {
                        let mut chunk = reply.chunk(json!({}), None);
                        chunk["choices"] = json!([]);
                        chunk["usage"] = json!(usage);
                        (data(chunk), At::Last)
                    }
                    None => (Event::default().data("[DONE]"), At::End),
                },
                At::End => return None,
            };
            Some((Ok(event), (generation, reply, next, spent)))
        },
    )
}

fn usage(prompt_tokens: u64, completion_tokens: u64) -> Usage {
    Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: prompt_tokens + completion_tokens,
    }
}

fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Length => "length",
        Finish::Stop | Finish::Cancelled => "stop",
    }
}

fn sampling(request: &ChatRequest) -> ApiResult<Sampling> {
    let temperature = request.temperature.unwrap_or(1.0);
    let top_p = request.top_p.unwrap_or(1.0);
    if !(0.0..=2.0).contains(&temperature) {
        return Err(ApiError::bad("range", "temperature must lie between 0 and 2"));
    }
    if !(top_p > 0.0 && top_p <= 1.0) {
        return Err(ApiError::bad("range", "top_p must lie above 0 and be at most 1"));
    }
    let stop = match &request.stop {
        None => vec![],
        Some(Stop::One(one)) => vec![one.clone()],
        Some(Stop::Many(many)) => many.clone(),
    };
    if stop.len() > 16 || stop.iter().any(String::is_empty) {
        return Err(ApiError::bad("range", "stop takes up to 16 texts, none of them empty"));
    }
    let max_tokens = request
        .max_completion_tokens
        .or(request.max_tokens)
        .unwrap_or(512)
        .clamp(1, 32_768);
    let seed = request.seed.map_or_else(rand::random, |seed| seed as u64);
    Ok(Sampling {
        temperature,
        top_p,
        max_tokens,
        seed,
        stop,
    })
}

fn messages(turns: Vec<Turn>) -> ApiResult<Vec<Message>> {
    if turns.is_empty() {
        return Err(ApiError::bad("empty", "messages must not be empty"));
    }
    let one = |turn: Turn| {
        let role = match turn.role.as_str() {
            "developer" => "system".to_owned(),
            "system" | "user" | "assistant" => turn.role,
            other => {
                return Err(ApiError::bad(
                    "role",
                    format!("role `{}` is not system, user or assistant", other.escape_debug()),
                ));
            }
        };
        let content = match turn.content {
            Content::Text(text) => text,
            Content::Parts(parts) => parts.iter().map(part).collect::<ApiResult<Vec<_>>>()?.join("\n"),
        };
        Ok(Message { role, content })
    };
    turns.into_iter().map(one).collect()
}

fn part(part: &Value) -> ApiResult<String> {
    match (part["type"].as_str(), part["text"].as_str()) {
        (Some("text"), Some(text)) => Ok(text.to_owned()),
        _ => Err(ApiError::bad(
            "unsupported",
            "content parts must be texts: images and files are never fetched",
        )),
    }
}
