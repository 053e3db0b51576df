//! What was deleted and can be taken back, and what the data directory takes of the disk.

pub mod folder;

use crate::ambient::Ambient;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use crate::runs::adopt::{self, Adopter};
use crate::runs::was::Was;
use crate::state::DataDir;
use crate::sweeps::Sweeps;
use crate::system::disk_free;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use folder::{Deletion, Restored, bytes_of};
use protocol::api::{Disk, TrashKind, Trashed};
use protocol::live::ToBrowser;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time between two times that the trash is emptied of what is old.
const EMPTY_INTERVAL: Duration = Duration::from_secs(3600);

/// How long a count of the data directory's bytes is valid: counting may take seconds, and is asked for often.
const COUNT_VALID_FOR: Duration = Duration::from_secs(30);

/// The trash: one operation at a time puts things in, restores them, or empties it. Cheap to clone.
#[derive(Clone)]
pub struct Trash {
    ambient: Ambient,
    data_dir: DataDir,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    one: Mutex<()>,
    /// Bytes of the data directory, and when they were counted.
    bytes: Mutex<Option<(Instant, u64)>>,
}

impl Trash {
    pub fn new(data_dir: DataDir, ambient: Ambient) -> Self {
        Self {
            ambient,
            data_dir,
            shared: Arc::default(),
        }
    }

    /// Bytes of the data directory, counted by one at a time.
    fn bytes(&self) -> u64 {
        let mut known = self.shared.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        match *known {
            Some((when, bytes)) if self.ambient.since(when) < COUNT_VALID_FOR => bytes,
            _ => {
                let bytes = bytes_of(self.data_dir.root());
                *known = Some((self.ambient.steady(), bytes));
                bytes
            }
        }
    }
    fn forget_count(&self) {
        *self.shared.bytes.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Trash {
    /// Moves things into the trash.
    ///
    /// # Errors
    /// They lie elsewhere, or the disk says no.
    pub async fn put(&self, doomed: Deletion) -> ApiResult<Trashed> {
        let ambient = self.ambient.clone();
        self.exclusively(move |data| folder::put(data, doomed, &ambient))
            .await?
    }

    /// Empties the trash of what has been there long enough, for as long as the server runs.
    pub async fn empty_periodically(self) {
        let mut every = tokio::time::interval(EMPTY_INTERVAL);
        loop {
            every.tick().await;
            if let Err(error) = self.empty_of_old().await {
                tracing::error!("the trash: {error}");
            }
        }
    }

    /// Deletes for good what has been there long enough.
    pub async fn empty_of_old(&self) -> ApiResult<()> {
        let now = self.ambient.now();
        let gone = self.exclusively(move |data| folder::empty(data, now)).await?;
        self.remove(gone).await
    }

    /// Runs `work` while no other operation works in the trash.
    async fn exclusively<T: Send + 'static>(&self, work: impl FnOnce(&DataDir) -> T + Send + 'static) -> ApiResult<T> {
        let trash = self.clone();
        off_thread(move || {
            let _one = trash.shared.one.lock().unwrap_or_else(PoisonError::into_inner);
            work(&trash.data_dir)
        })
        .await
    }

    /// Deletes what was taken out of the trash.
    async fn remove(&self, gone: Vec<PathBuf>) -> ApiResult<()> {
        let trash = self.clone();
        off_thread(move || {
            gone.iter().for_each(|folder| folder::remove(&trash.data_dir, folder));
            if !gone.is_empty() {
                trash.forget_count();
            }
        })
        .await
    }
}

/// What the data directory takes of the disk.
#[utoipa::path(get, path = "/api/disk", tag = "trash", responses((status = 200, body = Disk)))]
pub async fn disk(State(trash): State<Trash>) -> ApiResult<Json<Disk>> {
    let look = move || -> std::io::Result<Disk> {
        let root = trash.data_dir.root();
        let in_trash = folder::list(&trash.data_dir).iter().map(|one| one.bytes).sum();
        Ok(Disk {
            path: root.display().to_string(),
            // what came into the trash since they were counted lay in the data directory before
            bytes: trash.bytes(),
            trash: in_trash,
            free: disk_free(root)?,
            days: folder::DAYS,
        })
    };
    Ok(Json(off_thread(look).await??))
}

/// All that is in the trash, the newest first.
#[utoipa::path(get, path = "/api/trash", tag = "trash", responses((status = 200, body = [Trashed])))]
pub async fn list(State(trash): State<Trash>) -> ApiResult<Json<Vec<Trashed>>> {
    Ok(Json(off_thread(move || folder::list(&trash.data_dir)).await?))
}

/// Deletes all that is in the trash for good: its room is free from then on.
#[utoipa::path(delete, path = "/api/trash", tag = "trash", responses((status = 204)))]
pub async fn empty(State(trash): State<Trash>) -> ApiResult<StatusCode> {
    let gone = trash.exclusively(move |data| folder::empty(data, i64::MAX)).await?;
    trash.remove(gone).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes one thing in the trash for good.
#[utoipa::path(delete, path = "/api/trash/{id}", tag = "trash", params(("id" = String, Path)), responses((status = 204)))]
pub async fn delete(State(trash): State<Trash>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let gone = trash.exclusively(move |data| folder::delete(data, &id)).await??;
    trash.remove(vec![gone]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a thing back to where it was. Runs are listed again, under their names where these are free.
#[utoipa::path(post, path = "/api/trash/{id}/restore", tag = "trash", params(("id" = String, Path)), responses((status = 200, body = Trashed), (status = 409, body = protocol::api::Problem)))]
pub async fn restore(
    State(trash): State<Trash>,
    State(adopter): State<Adopter>,
    State(sweeps): State<Sweeps>,
    Path(id): Path<String>,
) -> ApiResult<Json<Trashed>> {
    let of = id.clone();
    let before = trash.exclusively(move |data| folder::about(data, &of)).await??;
    // until its sweep is here again the look for new run directories leaves them alone
    let mut hidden = vec![];
    if matches!(before.shown.kind, TrashKind::Run | TrashKind::Sweep) {
        for part in &before.parts {
            let directory = trash.data_dir.root().join(part);
            if adopter.db.forget_directory(&directory).await? {
                hidden.push(directory);
            }
        }
    }
    let restored = match trash.exclusively(move |data| folder::restore(data, &id)).await? {
        Ok(restored) => restored,
        Err(error) => {
            for directory in hidden {
                adopter.db.remember_directory(&directory).await?;
            }
            return Err(error);
        }
    };
    let shown = restored.about.shown.clone();
    match shown.kind {
        TrashKind::Sweep => {
            sweeps.adopt_all().await;
            list_runs_again(&adopter, restored).await?;
        }
        TrashKind::Run => list_runs_again(&adopter, restored).await?,
        TrashKind::Checkpoint | TrashKind::Model => adopter.bus.say(ToBrowser::DataSets),
        TrashKind::Config => {}
    }
    Ok(Json(shown))
}

/// Lists runs again whose directories are back, or never went.
async fn list_runs_again(adopter: &Adopter, Restored { about, runs }: Restored) -> ApiResult<()> {
    let inside = about.parts.iter().map(|part| adopter.data_dir.root().join(part));
    let mut done = Ok(());
    for directory in inside.chain(about.stay.iter().cloned()) {
        // each that can be is: they are out of the trash
        let root = adopter.data_dir.root();
        let was = runs.iter().find(|was| was.lay_in(root, &directory));
        done = done.and(list_again(adopter, directory, was).await);
    }
    done
}

async fn list_again(adopter: &Adopter, directory: PathBuf, was: Option<&Was>) -> ApiResult<()> {
    let mut listed = Ok(());
    let looked = directory.clone();
    if off_thread(move || adopt::is_run(&looked)).await? && adopter.db.run_in(&directory).await?.is_none() {
        listed = Box::pin(adopter.take_back(directory.clone(), was)).await.map(drop);
    }
    // from here on the look for new run directories may meet it
    adopter.db.remember_directory(&directory).await?;
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{NewRow, RunRow};
    use crate::in_process::InProcess;
    use crate::supervisor::follow::Follower;
    use axum::http::Method;
    use protocol::api::RunState;
    use protocol::usage::Usage;
    use protocol::{RunConfig, Said};
    use serde_json::{Value, json};
    use std::path::Path as FsPath;

    #[tokio::test]
    async fn what_was_deleted_can_be_taken_back_for_its_days_and_no_longer() {
        let server = InProcess::open("trash-days").await;
        let (trash, ambient) = (server.app.trash.clone(), server.app.ambient.clone());
        let config = json!({ "text": "stage: dpo\n" });
        let kept = server.call(Method::PUT, "/api/configs/mine", Some(config)).await;
        assert_eq!(kept.status, StatusCode::OK, "{}", kept.text);
        let deleted = server.call(Method::DELETE, "/api/configs/mine", None).await;
        assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.text);
        ambient.advance(Duration::from_secs((folder::DAYS - 1) * 24 * 3600));
        trash.empty_of_old().await.unwrap();
        let list = server.get("/api/trash").await.json();
        assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
        ambient.advance(Duration::from_secs(24 * 3600));
        trash.empty_of_old().await.unwrap();
        assert_eq!(server.get("/api/trash").await.json(), json!([]));
        drop((trash, ambient));
        server.close().await;
    }

    const ID: &str = "06fj2k1a2b3c";

    /// A run that was killed without a word: a person said "now". What its worker is told names folders.
    async fn killed(server: &InProcess) -> RunRow {
        let (db, folder) = (&server.app.db, server.data_dir().join("runs/r"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.yaml"), "model_name_or_path: /a/folder\n").unwrap();
        let events =
            json!({ "seq": 1, "time": 5, "type": "step", "step": 3, "epoch": 0.5, "metrics": { "loss": 0.5 } });
        std::fs::write(folder.join("events.jsonl"), format!("{events}\n")).unwrap();
        let config = RunConfig {
            model_name_or_path: Some("corral-demo".into()),
            ..RunConfig::default()
        };
        let new = NewRow {
            state: RunState::Starting,
            tags: vec!["t".into()],
            note: "n".into(),
            config,
            ..NewRow::queued(ID, folder)
        };
        db.insert_run(&new).await.unwrap();
        let row = db.run(ID).await.unwrap().unwrap();
        Follower::new(&row).catch_up(db, &server.app.bus).await.unwrap();
        db.set_peak_memory(row.key, 7).await.unwrap();
        db.end_run(row.key, RunState::Stopped, &Said::default()).await.unwrap();
        db.run(ID).await.unwrap().unwrap()
    }

    /// Moves the run into the trash; gives its folder there.
    async fn deleted(server: &InProcess) -> PathBuf {
        let gone = server
            .call(Method::DELETE, &format!("/api/runs/{ID}?undo=true"), None)
            .await;
        assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
        assert!(!server.data_dir().join("runs/r").exists() && server.app.db.run(ID).await.unwrap().is_none());
        let id = gone.json()["id"].as_str().unwrap().to_owned();
        server.app.data_dir.trash().join(id)
    }

    async fn taken_back(server: &InProcess, folder: &FsPath) -> RunRow {
        let id = folder.file_name().unwrap().to_str().unwrap();
        let back = server
            .call(Method::POST, &format!("/api/trash/{id}/restore"), None)
            .await;
        assert_eq!(back.status, StatusCode::OK, "{}", back.text);
        server.app.db.run(ID).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_run_that_is_taken_back_is_the_very_row_again() {
        let server = InProcess::open("trash-row").await;
        let db = server.app.db.clone();
        let row = killed(&server).await;
        let usage = Usage {
            time: 4,
            ..Usage::default()
        };
        db.add_usage(row.key, &usage).await.unwrap();
        server.app.ambient.advance(Duration::from_secs(60));
        let before = row.summary;
        assert_eq!((before.state, before.step), (RunState::Stopped, 3));
        let folder = deleted(&server).await;
        let row = taken_back(&server, &folder).await;
        assert_eq!(row.summary, before);
        assert_eq!(db.usage(row.key).await.unwrap(), [usage]);
        // as it was written before runs had a file of their own
        let folder = deleted(&server).await;
        let read = |name| std::fs::read(folder.join(name)).unwrap();
        let mut about: Value = serde_json::from_slice(&read("about.json")).unwrap();
        about["runs"] = serde_json::from_slice(&read("runs.json")).unwrap();
        std::fs::write(folder.join("about.json"), about.to_string()).unwrap();
        std::fs::remove_file(folder.join("runs.json")).unwrap();
        assert_eq!(taken_back(&server, &folder).await.summary, before);
        drop(db);
        server.close().await;
    }

    /// One that was taken up where it lies, in the data directory and beside `runs/`.
    #[tokio::test]
    async fn a_run_that_lies_elsewhere_in_the_data_directory_stays_there_and_comes_back() {
        let server = InProcess::open("trash-elsewhere").await;
        let folder = server.data_dir().join("other/run1");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.yaml"), "run_name: mine\n").unwrap();
        let finished =
            json!({ "seq": 1, "time": 1, "type": "finished", "outcome": "completed", "step": 0, "message": "" });
        std::fs::write(folder.join("events.jsonl"), format!("{finished}\n")).unwrap();
        let made = server.post("/api/runs/adopt", json!({ "path": folder })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let (id, db) = (made.json()["id"].as_str().unwrap().to_owned(), server.app.db.clone());
        let row = db.run(&id).await.unwrap().unwrap();
        Follower::new(&row).catch_up(&db, &server.app.bus).await.unwrap();
        db.end_run(row.key, RunState::Completed, &Said::default())
            .await
            .unwrap();
        for _ in 0..2 {
            let gone = server
                .call(Method::DELETE, &format!("/api/runs/{id}?undo=true"), None)
                .await;
            assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
            assert!(folder.is_dir() && db.run(&id).await.unwrap().is_none());
            let of = gone.json()["id"].as_str().unwrap().to_owned();
            let back = server.post(&format!("/api/trash/{of}/restore"), json!({})).await;
            assert_eq!(back.status, StatusCode::OK, "{}", back.text);
            assert_eq!(db.run(&id).await.unwrap().unwrap().directory, folder);
        }
        drop(db);
        server.close().await;
    }

    #[tokio::test]
    async fn a_run_that_another_version_wrote_of_is_kept_and_comes_back_by_its_directory() {
        let server = InProcess::open("trash-other").await;
        killed(&server).await;
        let folder = deleted(&server).await;
        let path = folder.join("runs.json");
        let mut runs: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        runs[0]["config"]["a_key_of_another_version"] = json!(1);
        std::fs::write(&path, runs.to_string()).unwrap();
        server.app.trash.empty_of_old().await.unwrap();
        assert_eq!(server.get("/api/trash").await.json().as_array().unwrap().len(), 1);
        let row = taken_back(&server, &folder).await;
        let config = RunConfig::parse("model_name_or_path: /a/folder").config;
        // how it ended is now the supervisor's to find out
        assert_eq!((row.summary.config, row.summary.state), (config, RunState::Starting));
        server.close().await;
    }
}
