//! Importing a `dataset_info.json`: its entries are listed, and those a person chooses are added with all that it says of them.

use super::datasets::{Datasets, NewFile, at_home};
use super::register::{self, REGISTER};
use super::staging::StagedFile;
use crate::ApiError;
use crate::error::ApiResult;
use crate::extract::Json;
use axum::extract::State;
use protocol::api::{DataSource, RegisterAnswer, RegisterEntry, RegisterRequest, TakeEntry};
use protocol::register::Duplicate;
use protocol::says;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Lists the entries of a `dataset_info.json` with which files are there, and adds those that are to be taken.
#[utoipa::path(post, path = "/api/register", tag = "library", request_body = RegisterRequest, responses((status = 200, body = RegisterAnswer)))]
pub async fn bring(
    State(datasets): State<Datasets>,
    Json(request): Json<RegisterRequest>,
) -> ApiResult<Json<RegisterAnswer>> {
    let ImportedRegister {
        entries,
        folder: beside,
        duplicates,
    } = read(&datasets, request.source)?;
    let folder = match request.folder.as_deref().map(str::trim).filter(|f| !f.is_empty()) {
        Some(folder) => Some(absolute_folder(folder)?),
        None => beside,
    };
    if let Some(unknown) = request.take.iter().find(|take| !entries.contains_key(&take.entry)) {
        let name = unknown.entry.escape_debug().to_string();
        return Err(ApiError::not_found(says::no_register_entry(name)));
    }
    let mut answer = RegisterAnswer {
        folder: folder.as_ref().map(|f| f.display().to_string()),
        entries: vec![],
    };
    for (name, entry) in &entries {
        let file = file_of_entry(&datasets, folder.as_deref(), entry);
        let mut listed = RegisterEntry {
            name: name.clone(),
            file: entry["file_name"].as_str().unwrap_or_default().to_owned(),
            found: file.is_ok(),
            added: false,
            trouble: None,
        };
        let take = request.take.iter().find(|take| take.entry == *name);
        let file = match duplicates.iter().find(|duplicate| duplicate.entry == *name) {
            Some(duplicate) => Err(ApiError::Unusable(duplicate.said())),
            None => file,
        };
        let done = match (file, take) {
            (Err(error), _) => Err(error),
            (Ok(file), Some(take)) => add(&datasets, take, entry, &file).await.map(|()| listed.added = true),
            (Ok(_), None) => datasets.register.check_name(name),
        };
        listed.trouble = done.err().map(|error| error.said());
        answer.entries.push(listed);
    }
    Ok(Json(answer))
}

/// The register to import.
struct ImportedRegister {
    entries: Map<String, Value>,
    /// The folder it lies in, if it was named by its path.
    folder: Option<PathBuf>,
    /// Entries and keys that occur more than once in it.
    duplicates: BTreeSet<Duplicate>,
}

fn read(datasets: &Datasets, source: DataSource) -> ApiResult<ImportedRegister> {
    let (text, folder) = match source {
        DataSource::Text { text, .. } => (Some(text.into_bytes()), None),
        DataSource::Path(path) => {
            let path = datasets.absolute(&path)?;
            (register::text_of(&path), path.parent().map(Path::to_path_buf))
        }
    };
    let text = text.unwrap_or_default();
    let entries = register::recognise(&text).ok_or_else(|| ApiError::bad(says::no_register()))?;
    let duplicates = protocol::register::duplicates(&text);
    Ok(ImportedRegister {
        entries,
        folder,
        duplicates,
    })
}

fn absolute_folder(folder: &str) -> ApiResult<PathBuf> {
    let path = at_home(folder)?;
    match path.canonicalize() {
        Ok(found) if path.is_absolute() && found.is_dir() => Ok(found),
        _ => Err(ApiError::bad(says::no_folder(folder))),
    }
}

/// The file of an entry.
fn file_of_entry(datasets: &Datasets, folder: Option<&Path>, entry: &Value) -> ApiResult<PathBuf> {
    let Some(file) = entry["file_name"].as_str() else {
        return Err(ApiError::bad(says::on_a_hub()));
    };
    let missing = |place: &str| ApiError::bad(says::no_file(place));
    let named = at_home(file)?;
    let path = match (named.is_absolute(), folder) {
        (true, _) => named,
        (false, Some(folder)) => folder.join(named),
        (false, None) => return Err(missing(file)),
    };
    let path = path.display().to_string();
    match datasets.absolute(&path) {
        Err(ApiError::NotFound(_)) => Err(missing(&path)),
        other => other,
    }
}

/// Adds an entry as the register describes it, once the trainer has read its rows by that.
async fn add(datasets: &Datasets, take: &TakeEntry, entry: &Value, file: &Path) -> ApiResult<()> {
    let name = take.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.unwrap_or(&take.entry);
    datasets.register.check_name(name)?;
    let mut entry = entry.clone();
    entry["file_name"] = file.display().to_string().into();
    check_usable(datasets, name, &entry).await?;
    datasets.enter(name, entry, NewFile::InPlace(file.to_owned())).await?;
    Ok(())
}

/// Has the trainer read the rows of an entry, before anything is written of it.
///
/// # Errors
/// What it says against them; that none can be used.
pub async fn check_usable(datasets: &Datasets, name: &str, entry: &Value) -> ApiResult<()> {
    let trial = StagedFile::begin(&datasets.data_dir.data(), REGISTER)?;
    trial.write(json!({ name: entry }).to_string()).await?;
    let found = datasets.inspections.ask(trial.folder(), name).await?;
    if found.usable == 0 {
        let first = found.bad_rows.first();
        let why = first.map(|bad| says::at_row(bad.row, bad.said()));
        let said = says::no_rows_usable(name, why.unwrap_or_default());
        return Err(ApiError::Unusable(said));
    }
    Ok(())
}
