//! Views of the compare page that people keep by a name: with the server, so that they are there in any browser and go with the
//! data directory.

use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::SavedView;
use protocol::says;

/// Kept views, at most.
const MOST: usize = 500;
/// Bytes of a view: an address with a thousand runs.
const LONGEST: usize = 32_000;

/// All kept views, by name.
#[utoipa::path(get, path = "/api/views", tag = "compare", responses((status = 200, body = [SavedView])))]
pub async fn list(State(db): State<Db>) -> ApiResult<Json<Vec<SavedView>>> {
    Ok(Json(db.views().await?))
}

/// Keeps a view, in the place of one of the same name.
#[utoipa::path(put, path = "/api/views", tag = "compare", request_body = SavedView, responses((status = 200, body = [SavedView])))]
pub async fn keep(State(db): State<Db>, Json(mut view): Json<SavedView>) -> ApiResult<Json<Vec<SavedView>>> {
    view.name = view.name.trim().to_owned();
    let name = &view.name;
    // the last two are no name in an address
    let unfit = name.chars().any(char::is_control) || [".", ".."].contains(&name.as_str());
    if unfit || name.is_empty() || name.chars().count() > 80 {
        return Err(ApiError::bad(says::bad_view_name()));
    }
    if let Some(query) = view.query.strip_prefix('?') {
        view.query = query.to_owned();
    }
    if view.query.len() > LONGEST {
        return Err(ApiError::bad(says::view_too_long(LONGEST)));
    }
    let known = db.views().await?;
    if known.len() >= MOST && known.iter().all(|other| other.name != *name) {
        return Err(ApiError::conflict(says::too_many_views(MOST)));
    }
    db.keep_view(&view).await?;
    list(State(db)).await
}

/// Forgets a view.
#[utoipa::path(delete, path = "/api/views/{name}", tag = "compare", params(("name" = String, Path)), responses((status = 204)))]
pub async fn forget(State(db): State<Db>, Path(name): Path<String>) -> ApiResult<StatusCode> {
    db.forget_view(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
