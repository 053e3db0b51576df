//! Data sets: the demo's and the person's own, added by upload, paste or path, described in `dataset_info.json`.

use super::inspections::{Inspections, Looked, file_of};
use super::register::{self, Register};
use super::staging::StagedFile;
use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::path::is_plain_name;
use crate::state::DataDir;
use crate::trainer::Trainer;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::{DataSource, NewDataset};
use protocol::config::names;
use protocol::data::{DatasetInfo, Inspection, data_ending, endings_by_kind};
use protocol::live::ToBrowser;
use protocol::said::Unusable;
use protocol::says;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::io;
use std::path::{Path as FsPath, PathBuf};

/// The data sets that are here. Cheap to clone.
#[derive(Clone)]
pub struct Datasets {
    pub db: Db,
    pub bus: Bus,
    pub data_dir: DataDir,
    pub trainer: Trainer,
    pub inspections: Inspections,
    pub register: Register,
}

/// All data sets, the demo's last.
#[utoipa::path(get, path = "/api/datasets", tag = "library", responses((status = 200, body = [DatasetInfo])))]
pub async fn list(State(datasets): State<Datasets>) -> ApiResult<Json<Vec<DatasetInfo>>> {
    let runs = datasets.db.runs().await?;
    let mut out = vec![];
    for set in datasets.on_disk(move |datasets| datasets.look_at_all()).await? {
        let (name, whole) = (set.name.clone(), set.whole.clone());
        let uses =
            |list: &Option<String>| names(list.as_deref()).any(|known| known == name || FsPath::new(known) == whole);
        let users = runs
            .iter()
            .filter(|r| uses(&r.summary.config.dataset) || uses(&r.summary.config.eval_dataset));
        let used_by = users.map(|r| r.summary.id.clone()).collect();
        let info = datasets.describe(set).await;
        out.push(DatasetInfo { used_by, ..info });
    }
    Ok(Json(out))
}

/// Adds a data set from text or from a file on this machine; its format is recognised and written down. A
/// `dataset_info.json` is answered `is_register`: what it names is added by `POST /api/register`.
#[utoipa::path(post, path = "/api/datasets", tag = "library", request_body = NewDataset, responses((status = 201, body = DatasetInfo)))]
pub async fn add(
    State(datasets): State<Datasets>,
    Json(new): Json<NewDataset>,
) -> ApiResult<(StatusCode, Json<DatasetInfo>)> {
    let info = match new.source {
        DataSource::Text { file_name, text } => {
            refuse_register(register::recognise(text.as_bytes()))?;
            let name = new.name.clone();
            let staged = datasets.on_disk(move |datasets| {
                datasets.register.check_name(&name)?;
                let staged = StagedFile::begin(&datasets.data_dir.data(), &file_for(&name, &file_name)?)?;
                staged.write(&text)?;
                Ok(staged)
            });
            datasets.take_in(&new.name, staged.await?).await?
        }
        DataSource::Path(path) => {
            let name = new.name.clone();
            let path = datasets.on_disk(move |datasets| {
                let path = datasets.absolute(&path)?;
                refuse_register(register::recognise_file(&path))?;
                datasets.register.check_name(&name)?;
                Ok(path)
            });
            let path = path.await?;
            let entry = datasets.recognised(&path).await?;
            datasets.enter(&new.name, entry, NewFile::InPlace(path)).await?
        }
    };
    Ok((StatusCode::CREATED, Json(info)))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct UploadQuery {
    /// The file's name, for its ending: `.jsonl`, `.csv.gz`, `.parquet` …
    file_name: String,
}

/// Adds a data set from an uploaded file (the request's body, streamed to disk). A `dataset_info.json` is answered
/// `is_register`, as in `POST /api/datasets`.
#[utoipa::path(put, path = "/api/datasets/{name}", tag = "library", params(("name" = String, Path), UploadQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = DatasetInfo)))]
pub async fn upload(
    State(datasets): State<Datasets>,
    Path(name): Path<String>,
    Query(query): Query<UploadQuery>,
    body: Body,
) -> ApiResult<(StatusCode, Json<DatasetInfo>)> {
    // a register comes under its own name: what it is can only be told once it is here
    register::check_form(&name)?;
    let file = file_for(&name, &query.file_name)?;
    let staged = datasets.on_disk(move |datasets| Ok(StagedFile::begin(&datasets.data_dir.data(), &file)?));
    let staged = staged.await?;
    staged.receive(body).await?;
    let new = name.clone();
    let staged = datasets.on_disk(move |datasets| {
        refuse_register(register::recognise_file(&staged.path))?;
        datasets.register.check_name(&new)?;
        Ok(staged)
    });
    let staged = staged.await?;
    let info = datasets.take_in(&name, staged).await?;
    Ok((StatusCode::CREATED, Json(info)))
}

fn refuse_register(found: Option<Map<String, Value>>) -> ApiResult<()> {
    let Some(entries) = found else { return Ok(()) };
    let count = entries.len().to_string();
    Err(ApiError::conflict(says::is_register(count)))
}

/// Takes a data set out of the list; a file that was uploaded or pasted is deleted, one named by its path stays.
#[utoipa::path(delete, path = "/api/datasets/{name}", tag = "library", params(("name" = String, Path)), responses((status = 204)))]
pub async fn remove(State(datasets): State<Datasets>, Path(name): Path<String>) -> ApiResult<StatusCode> {
    let (bus, demo) = (datasets.bus.clone(), datasets.data_dir.demo_data());
    datasets
        .register
        .change(move |_, folder, all| {
            let Some(entry) = all.remove(&name) else {
                return Err(match register::read(&demo)?.contains_key(&name) {
                    true => ApiError::conflict(says::demo()),
                    false => ApiError::not_found(says::no_such_dataset(name.escape_debug().to_string())),
                });
            };
            register::write(folder, all)?;
            bus.say(ToBrowser::DataSets);
            match deletable(folder, &entry, all).map(std::fs::remove_file) {
                Some(Err(e)) if e.kind() != io::ErrorKind::NotFound => Err(e.into()),
                _ => Ok(StatusCode::NO_CONTENT),
            }
        })
        .await
}

/// The file of an entry that goes with it: one that lies beside the register, is not the register, and is no other
/// entry's.
fn deletable(folder: &FsPath, entry: &Value, others: &Map<String, Value>) -> Option<PathBuf> {
    let name = entry["file_name"].as_str().filter(|name| is_plain_name(name))?;
    let file = folder.join(name);
    let shared = others
        .values()
        .any(|other| file_of(folder, other).as_ref() == Some(&file));
    (!shared && !name.eq_ignore_ascii_case(register::REGISTER)).then_some(file)
}

/// A registered data set whose files were looked at.
pub struct Registered {
    name: String,
    /// By which runs may name it, beside its name.
    whole: PathBuf,
    file: String,
    demo: bool,
    looked: Looked,
}

impl Datasets {
    /// Runs work that waits for the disk.
    ///
    /// # Errors
    /// Its own; it panicked.
    pub async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> ApiResult<T> + Send + 'static,
    ) -> ApiResult<T> {
        let datasets = self.clone();
        off_thread(move || work(&datasets)).await?
    }

    /// All data sets, the demo's last. Waits for the disk.
    fn look_at_all(&self) -> ApiResult<Vec<Registered>> {
        let mut all = vec![];
        for (folder, demo) in [(self.data_dir.data(), false), (self.data_dir.demo_data(), true)] {
            let entries = register::read(&folder)?;
            let looked = entries
                .iter()
                .map(|(name, entry)| self.look_at(&folder, name, entry, demo));
            all.extend(looked);
        }
        Ok(all)
    }

    /// Looks at the files of an entry of a folder's register. Waits for the disk.
    pub fn look_at(&self, folder: &FsPath, name: &str, entry: &Value, demo: bool) -> Registered {
        let file = file_of(folder, entry).map(|path| path.display().to_string());
        Registered {
            name: name.into(),
            whole: folder.join(name),
            file: file.unwrap_or_default(),
            demo,
            looked: self.inspections.look_at_entry(folder, name, entry),
        }
    }

    /// A data set as the list shows it.
    pub async fn describe(&self, set: Registered) -> DatasetInfo {
        let inspected = self.inspections.inspect(set.looked).await;
        DatasetInfo {
            name: set.name,
            file: set.file,
            demo: set.demo,
            unusable: inspected.as_ref().err().map(Unusable::of).unwrap_or_default(),
            inspection: inspected.ok(),
            used_by: vec![],
        }
    }

    /// The entry of a file whose format is recognised.
    async fn recognised(&self, path: &FsPath) -> ApiResult<Value> {
        let args = ["inspect".to_owned(), path.display().to_string()];
        Ok(self.trainer.json::<Inspection>(&args).await?.entry)
    }

    /// Makes a data set of a staged file; one that can't be used is deleted, and nothing else is changed.
    async fn take_in(&self, name: &str, staged: StagedFile) -> ApiResult<DatasetInfo> {
        let entry = match self.recognised(&staged.path).await {
            Err(ApiError::Unusable(said)) => return Err(ApiError::Unusable(staged.without_folder(&said))),
            other => other?,
        };
        self.enter(name, entry, NewFile::Staged(staged)).await
    }

    /// Writes an entry into the register; a staged file is moved beside it once the name is known to be free.
    pub async fn enter(&self, name: &str, mut entry: Value, place: NewFile) -> ApiResult<DatasetInfo> {
        let (new, datasets) = (name.to_owned(), self.clone());
        let entered = self.register.change(move |register, folder, all| {
            register.check_name(&new)?;
            let (file, kept) = match place {
                NewFile::InPlace(path) => (path.display().to_string(), None),
                NewFile::Staged(staged) => {
                    let file = staged.publish(folder)?;
                    let kept = folder.join(&file);
                    (file, Some(kept))
                }
            };
            entry["file_name"] = Value::String(file);
            all.insert(new.clone(), entry.clone());
            if let Err(error) = register::write(folder, all) {
                // it was moved there a moment ago, by this very request
                if let Some(Err(left)) = kept.as_ref().map(std::fs::remove_file) {
                    tracing::warn!("{left}");
                }
                return Err(error);
            }
            datasets.bus.say(ToBrowser::DataSets);
            Ok(datasets.look_at(folder, &new, &entry, false))
        });
        Ok(self.describe(entered.await?).await)
    }

    /// A file, or a folder of data files, of this machine by its whole path, links resolved. What the board keeps for itself is none: its database, runs
    /// and models; files that lie beside its register are. Waits for the disk.
    pub fn absolute(&self, path: &str) -> ApiResult<PathBuf> {
        let path = at_home(path.trim())?;
        if !path.is_absolute() {
            let said = says::path_not_whole(path.display().to_string().escape_debug().to_string());
            return Err(ApiError::bad(says::bad_path(said)));
        }
        let said = path.display().to_string();
        let path = path
            .canonicalize()
            .map_err(|_| ApiError::not_found(says::no_such_file(&said)))?;
        if !path.is_file() && !path.is_dir() {
            return Err(ApiError::bad(says::not_a_file(said)));
        }
        if path.starts_with(self.data_dir.root()) && path.parent() != Some(&self.data_dir.data()) {
            return Err(ApiError::bad(says::own_file(said)));
        }
        if path.is_file() {
            file_for("x", &path.display().to_string())?;
        }
        Ok(path)
    }
}

/// The file of a new data set.
pub enum NewFile {
    /// It stays where it is.
    InPlace(PathBuf),
    /// In its staging folder.
    Staged(StagedFile),
}

/// The file a data set is kept in: its name with the given file's ending.
fn file_for(name: &str, given: &str) -> ApiResult<String> {
    let [texts, packings, tables] = endings_by_kind();
    let ending = given
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending)
        .to_ascii_lowercase();
    if ["xlsx", "xls", "xlsm", "ods", "numbers"].contains(&ending.as_str()) {
        return Err(ApiError::bad(says::spreadsheet(ending)));
    }
    match data_ending(given) {
        Some(ending) => Ok(format!("{name}.{ending}")),
        None => Err(ApiError::bad(says::bad_format(texts, packings, tables))),
    }
}

/// A path with `~` and `$HOME` written out.
pub fn at_home(path: &str) -> ApiResult<PathBuf> {
    protocol::config::at_home(path).map_err(|what| ApiError::bad(what.said()))
}
