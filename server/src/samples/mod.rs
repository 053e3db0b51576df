//! What a run wrote to its sample prompts: what its folder `samples/` has, read by range.

mod folder;

pub use folder::Folder;

use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::off_thread::off_thread;
use crate::runs::find;
use axum::extract::{Path, State};
use protocol::samples::{Cells, MOST_STEPS_ASKED, Overview, PromptReplies};
use protocol::says;
use serde::Deserialize;

/// Answers with what `work` makes of a run's folder, on a thread that may wait for the disk.
async fn with_folder<T: Send + 'static>(
    db: &Db,
    run: &str,
    work: impl FnOnce(Option<Folder>) -> ApiResult<T> + Send + 'static,
) -> ApiResult<Json<T>> {
    let directory = find(db, run).await?.directory;
    Ok(Json(off_thread(move || work(Folder::open_if_any(&directory)?)).await??))
}

fn existing(folder: Option<Folder>) -> ApiResult<Folder> {
    folder.ok_or_else(|| ApiError::not_found(says::run_without_samples()))
}

/// Which steps: places among those of the overview.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct StepsQuery {
    /// The first.
    #[serde(default)]
    from: usize,
    /// How many, at most 50; left out: 12.
    count: Option<usize>,
}

impl StepsQuery {
    fn of(&self, steps: Vec<u64>) -> Vec<u64> {
        let count = self.count.unwrap_or(12).min(MOST_STEPS_ASKED);
        steps.into_iter().skip(self.from).take(count).collect()
    }
}

/// The prompts and the steps at which they were answered; of a run that answers none, or not yet, none.
#[utoipa::path(get, path = "/api/runs/{id}/samples", tag = "samples", params(("id" = String, Path)), responses((status = 200, body = Overview)))]
pub async fn overview(State(db): State<Db>, Path(id): Path<String>) -> ApiResult<Json<Overview>> {
    let of = |folder: Option<Folder>| folder.map_or_else(|| Ok(Overview::default()), |folder| folder.overview());
    with_folder(&db, &id, of).await
}

/// The beginnings of all replies at some steps.
#[utoipa::path(get, path = "/api/runs/{id}/samples/replies", tag = "samples", params(("id" = String, Path), StepsQuery), responses((status = 200, body = Cells)))]
pub async fn replies(
    State(db): State<Db>,
    Path(id): Path<String>,
    Query(query): Query<StepsQuery>,
) -> ApiResult<Json<Cells>> {
    let of = move |folder| {
        let folder = existing(folder)?;
        let columns = query.of(folder.steps()?).into_iter().map(|step| folder.column(step));
        Ok(Cells {
            columns: columns.collect::<ApiResult<_>>()?,
        })
    };
    with_folder(&db, &id, of).await
}

/// A prompt whole, and the whole replies to it at some steps.
#[utoipa::path(get, path = "/api/runs/{id}/samples/{prompt}", tag = "samples", params(("id" = String, Path), ("prompt" = usize, Path), StepsQuery), responses((status = 200, body = PromptReplies)))]
pub async fn prompt(
    State(db): State<Db>,
    Path((id, prompt)): Path<(String, String)>,
    Query(query): Query<StepsQuery>,
) -> ApiResult<Json<PromptReplies>> {
    let of = move |folder| {
        let folder = existing(folder)?;
        let unknown = || ApiError::not_found(says::no_such_sample(prompt.escape_debug().to_string()));
        let number: usize = prompt.parse().map_err(|_| unknown())?;
        let known = folder.about.prompts.get(number).cloned();
        let replies = query.of(folder.steps()?).into_iter();
        Ok(PromptReplies {
            prompt: known.ok_or_else(unknown)?,
            replies: replies
                .map(|step| folder.reply(step, number))
                .collect::<ApiResult<_>>()?,
        })
    };
    with_folder(&db, &id, of).await
}
