//! The REST client: typed by `protocol::api`, with problem JSON as its error.

mod evaluations;
mod kept;
mod pairs;

pub use evaluations::*;
pub use kept::*;
pub use pairs::*;

use crate::fmt;
use crate::i18n::{common, said};
use crate::logic::query::{Query, encode};
use gloo_net::http::{Request, RequestBuilder, Response};
use protocol::api::*;
use protocol::catalogue::Catalogue;
use protocol::config::Described;
use protocol::data::DatasetInfo;
use protocol::notify::{Notify, SetWebhook};
use protocol::usage::UsagePage;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// The server said no, and why.
    Problem(Problem),
    /// The server gave no answer at all.
    Offline,
    /// The answer is not of the type that was agreed on.
    Unreadable(String),
}

impl ApiError {
    /// One sentence for people.
    pub fn message(&self) -> String {
        match self {
            Self::Problem(problem) => fmt::sentence(&said::problem(problem)),
            Self::Offline => common::offline_title().into(),
            Self::Unreadable(what) => common::unreadable_answer(what),
        }
    }
    /// The stable code; empty when the server did not answer.
    pub fn code(&self) -> &str {
        match self {
            Self::Problem(problem) => &problem.code,
            _ => "",
        }
    }
}

pub type Answer<T> = Result<T, ApiError>;

async fn read<T: DeserializeOwned>(sent: Result<Response, gloo_net::Error>) -> Answer<T> {
    let response = sent.map_err(|_| ApiError::Offline)?;
    if !response.ok() {
        return Err(refusal(response).await);
    }
    let text = response.text().await.map_err(|_| ApiError::Offline)?;
    // an empty answer reads as `()`
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).map_err(|error| ApiError::Unreadable(error.to_string()))
}

/// What the server said instead of an answer.
async fn refusal(response: Response) -> ApiError {
    let Ok(text) = response.text().await else {
        return ApiError::Offline;
    };
    match serde_json::from_str(&text) {
        Ok(problem) => ApiError::Problem(problem),
        Err(_) => ApiError::Unreadable(format!("{} {}", response.status(), response.status_text())),
    }
}

/// `GET path`, whose answer is bytes.
async fn bytes(path: &str) -> Answer<Vec<u8>> {
    let response = as_board(Request::get(path)).send().await;
    let response = response.map_err(|_| ApiError::Offline)?;
    if !response.ok() {
        return Err(refusal(response).await);
    }
    response.binary().await.map_err(|_| ApiError::Offline)
}

/// A request as the board sends it. It says refusals itself by their codes, in its own language, which may be another than the
/// browser's: for that it takes them in English.
fn as_board(request: RequestBuilder) -> RequestBuilder {
    request.header("accept-language", "en")
}

async fn send<T: DeserializeOwned>(request: RequestBuilder) -> Answer<T> {
    read(as_board(request).send().await).await
}

async fn send_json<T: DeserializeOwned>(request: RequestBuilder, body: &impl Serialize) -> Answer<T> {
    let request = as_board(request)
        .json(body)
        .map_err(|error| ApiError::Unreadable(error.to_string()))?;
    read(request.send().await).await
}

/// `GET path`.
pub async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    send(Request::get(path)).await
}

/// `POST path` with a JSON body (`&()` for none).
pub async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Answer<T> {
    send_json(Request::post(path), body).await
}

/// `PATCH path` with a JSON body.
pub async fn patch<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Answer<T> {
    send_json(Request::patch(path), body).await
}

/// `PUT path` with a JSON body.
pub async fn put<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Answer<T> {
    send_json(Request::put(path), body).await
}

/// `PUT path` with the bytes of a file.
pub async fn put_file<T: DeserializeOwned>(path: &str, file: &web_sys::File) -> Answer<T> {
    let request = as_board(Request::put(path))
        .body(file)
        .map_err(|error| ApiError::Unreadable(error.to_string()))?;
    read(request.send().await).await
}

/// `DELETE path`.
pub async fn delete(path: &str) -> Answer<()> {
    send(Request::delete(path)).await
}

/// The address of a run's resource, e.g. `run_path(id, "/files")`.
pub fn run_path(id: &str, rest: &str) -> String {
    format!("/api/runs/{}{rest}", encode(id))
}

pub async fn system() -> Answer<System> {
    get("/api/system").await
}
pub async fn runs() -> Answer<Vec<RunSummary>> {
    get("/api/runs").await
}
pub async fn run(id: &str) -> Answer<RunDetail> {
    get(&run_path(id, "")).await
}
pub async fn series(id: &str) -> Answer<SeriesPage> {
    get(&run_path(id, "/series")).await
}
/// The points between two steps, as many of each metric as asked.
pub async fn series_between(id: &str, from: u64, to: u64, points: u64) -> Answer<SeriesPage> {
    get(&run_path(id, &format!("/series?from={from}&to={to}&points={points}"))).await
}
pub async fn files(id: &str, checksums: bool) -> Answer<Vec<RunFile>> {
    get(&run_path(
        id,
        if checksums { "/files?checksums=true" } else { "/files" },
    ))
    .await
}
pub async fn create_run(run: &NewRun) -> Answer<RunSummary> {
    post("/api/runs", run).await
}
pub async fn patch_run(id: &str, change: &RunPatch) -> Answer<RunSummary> {
    patch(&run_path(id, ""), change).await
}
pub async fn stop_run(id: &str, how: Stop) -> Answer<RunSummary> {
    post(&run_path(id, "/stop"), &how).await
}
/// The log from `offset`, or its last part.
pub async fn log(id: &str, offset: Option<u64>) -> Answer<LogPage> {
    let query = offset.map(|offset| format!("?offset={offset}")).unwrap_or_default();
    get(&run_path(id, &format!("/log{query}"))).await
}
/// Exports a checkpoint in a form, the best one where none is named.
pub async fn merge(id: &str, checkpoint: Option<&str>, form: &ExportForm) -> Answer<Merge> {
    post(
        &run_path(id, "/merge"),
        &serde_json::json!({ "checkpoint": checkpoint, "form": form }),
    )
    .await
}
/// Stops the export of a run.
pub async fn stop_merge(id: &str) -> Answer<()> {
    delete(&run_path(id, "/merge")).await
}
/// What merging these checkpoints would give.
pub async fn combine_plan(asked: &Combine) -> Answer<CombinePlan> {
    post("/api/combine/plan", asked).await
}
/// Merges checkpoints into a new run.
pub async fn combine(asked: &Combine) -> Answer<Combining> {
    post("/api/combine", asked).await
}
/// The merge of checkpoints that is going on, or the last one.
pub async fn combining() -> Answer<Vec<Combining>> {
    get("/api/combine").await
}
/// The state of a run's export or merge.
pub async fn merge_state(id: &str) -> Answer<Merge> {
    get(&run_path(id, "/merge")).await
}
/// Hub downloads since the server started.
pub async fn downloads() -> Answer<Vec<Download>> {
    get("/api/downloads").await
}
/// What a download would fetch. The server asks the hub for it.
pub async fn plan_download(asked: &HubRequest) -> Answer<DownloadPlan> {
    post("/api/downloads/plan", asked).await
}
/// Models and data sets that people tune with.
pub async fn catalogue() -> Answer<Catalogue> {
    get("/api/catalogue").await
}
/// Adds a data set that was downloaded from a hub.
pub async fn add_hub_dataset(new: &NewHubDataset) -> Answer<DatasetInfo> {
    post("/api/hub-datasets", new).await
}
pub async fn download(asked: &HubRequest) -> Answer<Download> {
    post("/api/downloads", asked).await
}
/// The address of a run's download: "merged", "exported", "adapter" or "config".
pub fn archive_path(id: &str, what: &str) -> String {
    run_path(id, &format!("/archive?what={what}"))
}
/// Resumes from the checkpoint named; from the newest where none is.
pub async fn resume_run(id: &str, from: Option<&str>) -> Answer<RunSummary> {
    let from = from.map_or_else(String::new, |name| format!("?from={}", encode(name)));
    post(&run_path(id, &format!("/resume{from}")), &serde_json::json!({})).await
}
pub async fn keys() -> Answer<Vec<Described>> {
    get("/api/keys").await
}
pub async fn models() -> Answer<Vec<ModelInfo>> {
    get("/api/models").await
}
pub async fn datasets() -> Answer<Vec<DatasetInfo>> {
    get("/api/datasets").await
}
/// Some metrics of several runs, so many points each.
pub fn series_of_runs(
    ids: &[String],
    names: &[String],
    points: u64,
) -> impl Future<Output = Answer<Vec<RunSeries>>> + use<> {
    let mut asked = Query::default();
    asked.set_list("runs", ids);
    asked.set_list("y", names);
    asked.set("points", &points.to_string());
    async move { get(&format!("/api/compare/series{asked}")).await }
}
/// Curves of several runs, asked for in the words of the compare page's address.
pub async fn curves(asked: Query) -> Answer<Curves> {
    get(&format!("/api/compare/curves{asked}")).await
}
/// Kept views of the compare page.
pub async fn views() -> Answer<Vec<SavedView>> {
    get("/api/views").await
}
pub async fn keep_view(view: &SavedView) -> Answer<Vec<SavedView>> {
    put("/api/views", view).await
}
pub async fn forget_view(name: &str) -> Answer<()> {
    delete(&format!("/api/views/{}", encode(name))).await
}
/// What the machine was doing while a run trained.
pub async fn usage(run: &str) -> Answer<UsagePage> {
    get(&run_path(run, "/usage")).await
}

/// Who is notified when a run ends.
pub async fn notify() -> Answer<Notify> {
    get("/api/notify").await
}

pub async fn set_webhook(webhook: &SetWebhook) -> Answer<Notify> {
    put("/api/notify", webhook).await
}

/// Posts a test to the webhook.
pub async fn test_webhook() -> Answer<Notify> {
    post("/api/notify/test", &()).await
}
