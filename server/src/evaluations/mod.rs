//! Evaluations: a model on a data set, one at a time and in the order asked for; each is a folder below `evaluations/` with what was
//! asked, how it stands, and the files that the trainer wrote.

mod kept;
mod work;

pub use kept::sweep;
pub use work::{Evaluations, Known};

use crate::ApiError;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::files::attachment;
use crate::off_thread::off_thread;
use crate::path::DataPath;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::evaluation::{self, Evaluate, Evaluation, Matrix, PairResult, Standing};
use protocol::inference::misfit;
use protocol::live::ToBrowser;
use protocol::{FieldError, RunConfig, run_dir, says};
use serde::Deserialize;
use std::path::PathBuf;
use tower::ServiceExt;
use tower_http::services::ServeFile;

impl Evaluations {
    /// The evaluation of this id.
    fn find(&self, id: &str) -> ApiResult<Evaluation> {
        self.one(id)
            .ok_or_else(|| ApiError::not_found(says::no_evaluation(id.escape_debug().to_string())))
    }

    /// All that is wrong with a request.
    async fn errors_of(&self, asked: &Evaluate) -> ApiResult<Vec<FieldError>> {
        let mut errors = self.resolved(asked).await?.errors;
        let out_of = |field: &str, least: u64, most: u64| {
            let (message, args) = match most {
                u64::MAX => (says::at_least(least), vec![least.to_string()]),
                most => (says::between(least, most), vec![least.to_string(), most.to_string()]),
            };
            FieldError::new(field, "range", message).with_args(args)
        };
        let mut within = |field: &str, least: u64, most: u64, value: u64| {
            if !(least..=most).contains(&value) {
                errors.push(out_of(field, least, most));
            }
        };
        within("cutoff_len", 8, 16_777_216, asked.cutoff_len);
        within("per_device_eval_batch_size", 1, 65_536, asked.batch_size);
        within("max_samples", 1, u64::MAX, asked.max_samples.unwrap_or(1));
        if let Some(predict) = asked.predict {
            within("max_new_tokens", 1, 16_777_216, predict.max_new_tokens);
            for (key, value) in [("temperature", predict.temperature), ("top_p", predict.top_p)] {
                if let Some(must) = misfit(key, value) {
                    errors.push(FieldError::new(key, "range", must));
                }
            }
        }
        let config = RunConfig {
            template: asked.template.clone(),
            ..RunConfig::default()
        };
        errors.extend(protocol::config::wording(&config).err());
        Ok(errors)
    }
}

/// All evaluations, the newest first.
#[utoipa::path(get, path = "/api/evaluations", tag = "evaluations", responses((status = 200, body = [Evaluation])))]
pub async fn list(State(evaluations): State<Evaluations>) -> Json<Vec<Evaluation>> {
    Json(evaluations.all())
}

/// Asks for an evaluation; answers at once, progress comes over the WebSocket.
#[utoipa::path(post, path = "/api/evaluations", tag = "evaluations", request_body = Evaluate, responses((status = 201, body = Evaluation), (status = 422, body = protocol::api::Problem)))]
pub async fn start(
    State(evaluations): State<Evaluations>,
    Json(asked): Json<Evaluate>,
) -> ApiResult<(StatusCode, Json<Evaluation>)> {
    let errors = evaluations.errors_of(&asked).await?;
    if !errors.is_empty() {
        return Err(ApiError::InvalidConfig(errors));
    }
    let evaluation = Evaluation {
        id: crate::runs::create::new_id(&evaluations.ambient),
        asked,
        created: evaluations.ambient.now(),
        standing: Standing::Queued,
    };
    let (data, new) = (evaluations.data_dir.clone(), evaluation.clone());
    off_thread(move || kept::make(&data, &new)).await??;
    evaluations.put(evaluation.clone());
    evaluations.wake();
    Ok((StatusCode::CREATED, Json(evaluation)))
}

/// Stops one that waits or goes on; of one that is over nothing changes.
#[utoipa::path(post, path = "/api/evaluations/{id}/stop", tag = "evaluations", params(("id" = String, Path)), responses((status = 200, body = Evaluation)))]
pub async fn stop(State(evaluations): State<Evaluations>, Path(id): Path<String>) -> ApiResult<Json<Evaluation>> {
    evaluations.stop(&id).await?;
    evaluations.find(&id).map(Json)
}

/// Takes an evaluation away, its files with it; one that goes on is to be stopped before.
#[utoipa::path(delete, path = "/api/evaluations/{id}", tag = "evaluations", params(("id" = String, Path)), responses((status = 204)))]
pub async fn remove(State(evaluations): State<Evaluations>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    evaluations.find(&id)?;
    if !evaluations.forget(&id) {
        return Err(ApiError::conflict(says::evaluation_goes_on()));
    }
    let folder = kept::folder(&evaluations.data_dir, &id);
    let removed = off_thread(move || std::fs::remove_dir_all(folder)).await;
    evaluations.bus.say(ToBrowser::EvaluationRemoved { id });
    removed??;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PredictionsQuery {
    /// Only so many lines.
    first: Option<usize>,
}

/// The replies that were written, as LLaMA-Factory's `generated_predictions.jsonl`.
#[utoipa::path(get, path = "/api/evaluations/{id}/predictions", tag = "evaluations", params(("id" = String, Path), PredictionsQuery), responses((status = 200)))]
pub async fn predictions(
    State(evaluations): State<Evaluations>,
    Path(id): Path<String>,
    Query(asked): Query<PredictionsQuery>,
    request: Request,
) -> ApiResult<Response> {
    evaluations.find(&id)?;
    let root = kept::folder(&evaluations.data_dir, &id);
    let place = off_thread(move || DataPath::new(&root, run_dir::PREDICTIONS).map(|path| path.to_path_buf()));
    let path = place.await??;
    let Some(first) = asked.first else {
        let mime: mime_guess::Mime = mime_guess::mime::APPLICATION_OCTET_STREAM;
        let served = ServeFile::new_with_mime(&path, &mime).oneshot(request).await;
        let mut response = served.map_err(ApiError::internal)?.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, attachment(run_dir::PREDICTIONS));
        return Ok(response);
    };
    let text = off_thread(move || kept::first_lines(&path, first.min(1000))).await??;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response())
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MatrixQuery {
    /// Two evaluations or more, comma-separated.
    ids: String,
}

/// Evaluations of pairs against each other: in how many pairs each is ahead.
#[utoipa::path(get, path = "/api/evaluations/matrix", tag = "evaluations", params(MatrixQuery), responses((status = 200, body = Matrix)))]
pub async fn matrix(
    State(evaluations): State<Evaluations>,
    Query(asked): Query<MatrixQuery>,
) -> ApiResult<Json<Matrix>> {
    let ids: Vec<String> = asked
        .ids
        .split(',')
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    if ids.len() > MOST_COMPARED {
        return Err(ApiError::bad(says::too_many_compared(MOST_COMPARED)));
    }
    let mut paths: Vec<PathBuf> = vec![];
    for id in &ids {
        evaluations.find(id)?;
        paths.push(kept::folder(&evaluations.data_dir, id).join(evaluation::PAIRS));
    }
    let matrix = off_thread(move || {
        let read = |path: &PathBuf| -> std::io::Result<Vec<PairResult>> {
            let bytes = std::fs::read(path)?;
            Ok(bytes
                .chunks_exact(PairResult::BYTES)
                .filter_map(PairResult::decode)
                .collect())
        };
        let all: Result<Vec<_>, _> = paths.iter().map(read).collect();
        all.map(|all| Matrix::of(ids, &all))
    });
    Ok(Json(matrix.await??))
}

/// Models in a matrix: each is compared with each.
const MOST_COMPARED: usize = 20;
