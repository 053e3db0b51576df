//! Deleting models: into the trash, and never one that something here works with.

use super::Models;
use crate::ApiError;
use crate::chat::pool::Pool;
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::evaluations::Evaluations;
use crate::extract::Json;
use crate::files::combine::Combines;
use crate::files::merge::Merges;
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::runs::config_text;
use crate::trash::{Trash, folder::Deletion};
use axum::extract::{Path, State};
use protocol::api::{ModelOrigin, TrashKind, Trashed};
use protocol::live::ToBrowser;
use protocol::{RunConfig, Said, says};
use std::path::{Path as FsPath, PathBuf};

/// What may work with a model. Cheap to clone.
#[derive(Clone)]
pub struct Users {
    pub db: Db,
    pub merges: Merges,
    pub combines: Combines,
    pub evaluations: Evaluations,
    pub chat: Pool,
}

impl Users {
    /// The first user of what lies at one of these paths: a run, a merge, an evaluation or a chat. The runs in `with`, by their ids, do
    /// not count: they are deleted too.
    pub async fn user(&self, paths: &[PathBuf], with: &[&str]) -> ApiResult<Option<Said>> {
        let (asked, with) = (
            paths.to_vec(),
            with.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>(),
        );
        let open = self.db.open_runs().await?;
        let (places, worker) = off_thread(move || {
            let places = Places::of(asked);
            let mut others = open.iter().filter(|run| !with.contains(&run.summary.id));
            let worker = others
                .find(|run| works_with(run, &places))
                .map(|run| run.summary.name.clone());
            (places, worker)
        })
        .await?;
        if let Some(name) = worker {
            return Ok(Some(says::used_by_run(&name)));
        }
        for run in self.db.run_places().await? {
            if places.lie_in(&run.directory) && self.merges.is_merging(&run.id) {
                return Ok(Some(says::used_by_merge()));
            }
        }
        for one in self.evaluations.all().iter().filter(|one| !one.is_over()) {
            if places.are_needed(&self.evaluations.resolved(&one.asked).await?.config) {
                return Ok(Some(says::used_by_evaluation(&one.asked.model)));
            }
        }
        if self.combines.is_reading(|path| places.hold(path)) {
            return Ok(Some(says::used_by_merge()));
        }
        let talks = places.0.iter().any(|place| self.chat.is_talking_with(place));
        Ok(talks.then(says::used_by_chat))
    }
}

/// Moves a model of `models/`, or a checkpoint or the merged model of a run, into the trash. Refused by name where a run that
/// goes or waits, an evaluation or a chat works with it.
#[utoipa::path(delete, path = "/api/models/{id}", tag = "library", params(("id" = String, Path)), responses((status = 200, body = Trashed), (status = 409, body = protocol::api::Problem)))]
pub async fn delete(
    State(models): State<Models>,
    State(users): State<Users>,
    State(trash): State<Trash>,
    State(bus): State<Bus>,
    Path(id): Path<String>,
) -> ApiResult<Json<Trashed>> {
    let all = models.entries(&models.db.runs().await?).await?;
    let entry = all.into_iter().find(|entry| entry.id == id);
    let Some(entry) = entry else {
        return Err(ApiError::not_found(says::no_such_model(id.escape_debug().to_string())));
    };
    let (kind, path) = match entry.origin {
        ModelOrigin::Demo => return Err(ApiError::conflict(says::model_of_corral(id))),
        ModelOrigin::Hub => {
            let path = entry.path.display().to_string();
            return Err(ApiError::conflict(says::model_of_cache(id, path)));
        }
        // a copy of the hub's cache is more than the snapshot that is shown
        ModelOrigin::Folder => (TrashKind::Model, models.data_dir.models().join(&id)),
        ModelOrigin::Adapter | ModelOrigin::Merged => (TrashKind::Checkpoint, entry.path.clone()),
    };
    if let Some(who) = users.user(std::slice::from_ref(&path), &[]).await? {
        return Err(ApiError::conflict(says::model_in_use(id, who)));
    }
    let doomed = Deletion {
        kind,
        name: id,
        parts: vec![path],
        stay: vec![],
        runs: vec![],
    };
    let gone = trash.put(doomed).await?;
    bus.say(ToBrowser::DataSets);
    Ok(Json(gone))
}

/// Whether a run that goes or waits works with what lies there.
fn works_with(run: &RunRow, places: &Places) -> bool {
    // as it was resolved when it was made: whole paths
    let config = || config_text(&run.directory).map(|text| RunConfig::parse(&text).config);
    places.lie_in(&run.directory) || config().is_some_and(|config| places.are_needed(&config))
}

/// Paths, and where the links among them lead: others may have them by either.
struct Places(Vec<PathBuf>);

impl Places {
    fn of(mut paths: Vec<PathBuf>) -> Self {
        let real: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
        paths.extend(real);
        Self(paths)
    }

    fn hold(&self, path: &FsPath) -> bool {
        self.0.iter().any(|place| path.starts_with(place))
    }

    fn lie_in(&self, folder: &FsPath) -> bool {
        self.0.iter().any(|place| place.starts_with(folder))
    }

    fn are_needed(&self, config: &RunConfig) -> bool {
        let named = config.models().chain(config.resume_from_checkpoint.as_deref());
        named.into_iter().any(|name| self.hold(FsPath::new(name)))
    }
}
