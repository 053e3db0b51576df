//! `/v1`: the part of OpenAI's API that chat clients use, over the models that are here.

use super::pool::{self, Pool};
use super::request::{ChatRequest, Refusal};
use super::worker::{Generation, Piece};
use crate::ApiError;
use crate::error::ApiResult;
use crate::fault::Fault;
use crate::library::Models;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use protocol::api::Problem;
use protocol::chat::Finish;
use protocol::{Said, says};
use serde::Serialize;
use serde_json::{Value, json};
use std::convert::Infallible;

/// Bytes of the largest problem that is read: ours are far smaller.
const MAX_PROBLEM: usize = 1 << 20;

#[derive(Debug, Serialize)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = error_body(self.status, self.code, &self.said, self.param.as_deref());
        (self.status, axum::Json(body)).into_response()
    }
}

/// Beside what OpenAI's clients know, the sentence with its own code, for other languages.
fn error_body(status: StatusCode, code: &str, said: &Said, param: Option<&str>) -> Value {
    let kind = match status.as_u16() {
        401 | 403 => "authentication_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    };
    json!({"error": {"message": said.message, "type": kind, "param": param, "code": code, "said": said}})
}

/// Every error below `/v1`, whoever made it, in the shape that OpenAI's clients read.
pub async fn errors(request: Request, next: Next) -> Response {
    let is_openai = request.uri().path() == "/v1" || request.uri().path().starts_with("/v1/");
    let response = next.run(request).await;
    let problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    if !is_openai || !problem {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, MAX_PROBLEM).await.unwrap_or_default();
    let said = match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => problem.said(),
        Err(_) => says::error(),
    };
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = error_body(parts.status, &said.code, &said, None);
    let mut shaped = (parts.status, axum::Json(body)).into_response();
    // what the error carried beside its body stays (`Allow`, `WWW-Authenticate`)
    shaped.headers_mut().extend(parts.headers);
    shaped
}

fn model_object(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 0, "owned_by": "corral"})
}

async fn ids(pool: &Pool, models: &Models) -> ApiResult<Vec<String>> {
    if let Some(served) = &pool.served {
        return Ok(vec![served.name.clone()]);
    }
    let list = models.list().await?;
    Ok(list
        .into_iter()
        .filter(|m| m.unusable.is_nothing())
        .map(|m| m.id)
        .collect())
}

/// The ids one can talk to.
#[utoipa::path(get, path = "/v1/models", tag = "openai", responses((status = 200)))]
pub async fn models(State(pool): State<Pool>, State(models): State<Models>) -> ApiResult<axum::Json<Value>> {
    let data: Vec<Value> = ids(&pool, &models).await?.iter().map(|id| model_object(id)).collect();
    Ok(axum::Json(json!({"object": "list", "data": data})))
}

/// One of them.
#[utoipa::path(get, path = "/v1/models/{model}", tag = "openai", params(("model" = String, Path)), responses((status = 200)))]
pub async fn model(
    State(pool): State<Pool>,
    State(models): State<Models>,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, Response> {
    let ids = ids(&pool, &models).await.map_err(IntoResponse::into_response)?;
    match ids.contains(&id) {
        true => Ok(axum::Json(model_object(&id))),
        false => Err(unknown(says::no_such_model(id.escape_debug().to_string())).into_response()),
    }
}

fn unknown(said: Said) -> Refusal {
    Refusal {
        status: StatusCode::NOT_FOUND,
        ..Refusal::new("model_not_found", "model", said)
    }
}

/// A reply of a model, whole or (with `stream`) as server-sent events.
#[utoipa::path(post, path = "/v1/chat/completions", tag = "openai", request_body = ChatRequest, responses((status = 200)))]
pub async fn chat(
    State(pool): State<Pool>,
    request: Result<axum::Json<ChatRequest>, JsonRejection>,
) -> Result<Response, Response> {
    let axum::Json(request) = request.map_err(|rejection| match Fault::of(&rejection) {
        Some(fault) => Refusal {
            param: Some(fault.param).filter(|param| !param.is_empty()),
            ..Refusal::new("bad_json", "", fault.said)
        }
        .into_response(),
        None => ApiError::from(rejection).into_response(),
    })?;
    let served = pool.served.as_ref().map(|served| served.name.clone());
    let Some(model) = served.or_else(|| request.model.clone()) else {
        let refusal = Refusal::new("missing", "model", says::model_missing());
        return Err(refusal.into_response());
    };
    let drawing = pool.served.as_ref().map(|served| served.drawing.clone());
    let wanted = request
        .judge(&drawing.unwrap_or_default(), || pool.ambient.random_u64())
        .map_err(IntoResponse::into_response)?;
    let worker = pool.worker(&model).await.map_err(|error| match error {
        ApiError::NotFound(what) => unknown(what).into_response(),
        other => other.into_response(),
    })?;
    pool::wait_until_loaded(&worker)
        .await
        .map_err(IntoResponse::into_response)?;
    let generation = worker.generate(wanted.messages, wanted.sampling);
    let reply = Reply {
        id: format!("chatcmpl-{:016x}", pool.ambient.random_u64()),
        created: pool.ambient.now() / 1000,
        model,
    };
    if wanted.stream {
        return Ok(Sse::new(stream(generation, reply, wanted.include_usage)).into_response());
    }
    let answer = complete(generation, reply).await.map_err(IntoResponse::into_response)?;
    Ok(axum::Json(answer).into_response())
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

async fn complete(mut generation: Generation, reply: Reply) -> ApiResult<Value> {
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
            Some(Piece::Error(said)) => return Err(ApiError::bad(says::generation(said))),
            Some(Piece::Scored(_)) | None => {
                return Err(ApiError::unavailable(says::worker_ended()));
            }
        }
    }
}

/// Server-sent events in OpenAI's shape. Dropped with the connection, and the generation with it.
fn stream(generation: Generation, reply: Reply, with_usage: bool) -> impl Stream<Item = Result<Event, Infallible>> {
    enum Next {
        Start,
        Middle,
        Last,
        End,
    }
    let data = |value: Value| Event::default().data(value.to_string());
    let failed = move |said: &Said| data(error_body(StatusCode::INTERNAL_SERVER_ERROR, &said.code, said, None));
    futures::stream::unfold(
        (generation, reply, Next::Start, None),
        move |(mut generation, reply, at, mut spent)| async move {
            let (event, next) = match at {
                Next::Start => (
                    data(reply.chunk(json!({"role": "assistant", "content": ""}), None)),
                    Next::Middle,
                ),
                Next::Middle => match generation.next().await {
                    Some(Piece::Delta(text)) => (data(reply.chunk(json!({"content": text}), None)), Next::Middle),
                    Some(Piece::Done {
                        finish,
                        prompt_tokens,
                        completion_tokens,
                        seconds,
                    }) => {
                        let mut chunk = reply.chunk(json!({}), Some(finish_reason(finish)));
                        chunk["timings"] = json!({"seconds": seconds, "completion_tokens": completion_tokens});
                        spent = Some(usage(prompt_tokens, completion_tokens));
                        (data(chunk), Next::Last)
                    }
                    Some(Piece::Error(said)) => (failed(&says::generation(said)), Next::Last),
                    Some(Piece::Scored(_)) | None => (failed(&says::worker_ended()), Next::Last),
                },
                Next::Last => match spent.take().filter(|_| with_usage) {
                    Some(usage) => {
                        let mut chunk = reply.chunk(json!({}), None);
                        chunk["choices"] = json!([]);
                        chunk["usage"] = json!(usage);
                        (data(chunk), Next::Last)
                    }
                    None => (Event::default().data("[DONE]"), Next::End),
                },
                Next::End => return None,
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
