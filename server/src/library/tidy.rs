//! Deleting models: into the trash, and never one that something here works with.

use super::entries;
use crate::error::ApiResult;
use crate::evaluations;
use crate::extract::Json;
use crate::runs::config_text;
use crate::trash::{self, folder::Doomed};
use crate::{ApiError, AppState};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::{ModelOrigin, RunState, TrashKind, Trashed};
use protocol::live::ToBrowser;
use protocol::{RunConfig, Said, says};
use std::path::{Path as FsPath, PathBuf};

/// Moves a model of `models/`, or a checkpoint or the merged model of a run, into the trash. Refused by name where a run that
/// goes or waits, an evaluation or a chat works with it.
#[utoipa::path(delete, path = "/api/models/{id}", tag = "library", params(("id" = String, Path)), responses((status = 200, body = Trashed), (status = 409, body = protocol::api::Problem)))]
pub async fn delete(State(app): State<AppState>, Path(id): Path<String>) -> ApiResult<Json<Trashed>> {
    let conflict = |said| ApiError::Said(StatusCode::CONFLICT, said);
    let all = entries(&app).await?;
    let entry = all.into_iter().find(|entry| entry.id == id);
    let Some(entry) = entry else {
        return Err(ApiError::not_found(says::no_such_model(id.escape_debug().to_string())));
    };
    let (kind, path) = match entry.origin {
        ModelOrigin::Demo => return Err(conflict(says::model_of_corral(id))),
        ModelOrigin::Hub => {
            let path = entry.path.display().to_string();
            return Err(conflict(says::model_of_cache(id, path)));
        }
        // a copy of the hub's cache is more than the snapshot that is shown
        ModelOrigin::Folder => (TrashKind::Model, app.data_dir.models().join(&id)),
        ModelOrigin::Adapter | ModelOrigin::Merged => (TrashKind::Checkpoint, entry.path.clone()),
    };
    if let Some(who) = user(&app, std::slice::from_ref(&path), &[]).await? {
        return Err(conflict(says::model_in_use(id, who)));
    }
    let doomed = Doomed {
        kind,
        name: id,
        parts: vec![path],
        stay: vec![],
    };
    let gone = trash::put(&app, doomed).await?;
    app.bus.say(ToBrowser::DataSets);
    Ok(Json(gone))
}

/// The first that works with what lies at one of these paths; runs that go with them, by their ids, are no others.
pub async fn user(app: &AppState, paths: &[PathBuf], with: &[&str]) -> ApiResult<Option<Said>> {
    // others may have them by the path that a link leads to
    let real = paths.iter().filter_map(|path| path.canonicalize().ok());
    let places: Vec<PathBuf> = paths.iter().cloned().chain(real).collect();
    let lies_there = |path: &FsPath| places.iter().any(|place| path.starts_with(place));
    let needs = |config: &RunConfig| {
        let named = config.models().chain(config.resume_from_checkpoint.as_deref());
        named.into_iter().any(|name| lies_there(FsPath::new(name)))
    };
    for run in app.db.runs().await? {
        let state = run.summary.state;
        let goes_along = with.contains(&run.summary.id.as_str());
        // one of another machine's may go as well
        let open = !goes_along && (matches!(state, RunState::Queued | RunState::Unknown) || state.is_live());
        let own = places.iter().any(|place| place.starts_with(&run.directory));
        // as it was resolved when it was made: whole paths
        let config = || config_text(&run.directory).map(|text| RunConfig::parse(&text).config);
        if open && (own || config().is_some_and(|config| needs(&config))) {
            return Ok(Some(says::used_by_run(&run.summary.name)));
        }
        if own && app.merges.goes_on(&run.summary.id) {
            return Ok(Some(says::used_by_merge()));
        }
    }
    for one in app.evaluations.all().iter().filter(|one| !one.is_over()) {
        if needs(&evaluations::resolved(app, &one.asked).await?.config) {
            return Ok(Some(says::used_by_evaluation(&one.asked.model)));
        }
    }
    if app.combines.reads(lies_there) {
        return Ok(Some(says::used_by_merge()));
    }
    Ok(places
        .iter()
        .any(|place| app.chat.talks_with(place))
        .then(says::used_by_chat))
}
