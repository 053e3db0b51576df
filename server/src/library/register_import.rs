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
use protocol::{Said, says};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Lists the entries of a `dataset_info.json` with which files are there, and adds those that are to be taken.
#[utoipa::path(post, path = "/api/register", tag = "library", request_body = RegisterRequest, responses((status = 200, body = RegisterAnswer)))]
pub async fn bring(
    State(datasets): State<Datasets>,
    Json(request): Json<RegisterRequest>,
) -> ApiResult<Json<RegisterAnswer>> {
    let RegisterRequest { source, folder, take } = request;
    let looked = datasets.on_disk(move |datasets| look(datasets, source, folder.as_deref()));
    let ImportedRegister { entries, folder } = looked.await?;
    let is_there = |take: &&TakeEntry| entries.iter().any(|entry| entry.name == take.entry);
    if let Some(unknown) = take.iter().find(|take| !is_there(take)) {
        let name = unknown.entry.escape_debug().to_string();
        return Err(ApiError::not_found(says::no_register_entry(name)));
    }
    let mut listed = vec![];
    for imported in entries {
        let take = take.iter().find(|take| take.entry == imported.name);
        listed.push(bring_entry(&datasets, imported, take).await);
    }
    // last, since what was added has its name from now on
    let checked = datasets.on_disk(move |datasets| {
        for one in listed.iter_mut().filter(|one| !one.added && one.trouble.is_none()) {
            let checked = datasets.register.check_name(&one.name);
            one.trouble = checked.err().map(|error| error.said());
        }
        Ok(listed)
    });
    Ok(Json(RegisterAnswer {
        folder: folder.map(|folder| folder.display().to_string()),
        entries: checked.await?,
    }))
}

/// The register to import.
struct ImportedRegister {
    entries: Vec<ImportedEntry>,
    /// Where its files are looked for: the folder that is named, else its own, if it was named by its path.
    folder: Option<PathBuf>,
}

struct ImportedEntry {
    name: String,
    entry: Value,
    file: ApiResult<PathBuf>,
    /// It, or a key of it, occurs more than once in the register.
    duplicate: Option<Said>,
}

/// Reads a register and looks for the files of its entries. Waits for the disk.
fn look(datasets: &Datasets, source: DataSource, folder: Option<&str>) -> ApiResult<ImportedRegister> {
    let (text, beside) = match source {
        DataSource::Text { text, .. } => (Some(text.into_bytes()), None),
        DataSource::Path(path) => {
            let path = datasets.absolute(&path)?;
            (register::text_of(&path), path.parent().map(Path::to_path_buf))
        }
    };
    let text = text.unwrap_or_default();
    let entries = register::recognise(&text).ok_or_else(|| ApiError::bad(says::no_register()))?;
    let duplicates = protocol::register::duplicates(&text);
    let folder = match folder.map(str::trim).filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(absolute_folder(folder)?),
        None => beside,
    };
    let imported = |(name, entry): (String, Value)| ImportedEntry {
        file: file_of_entry(datasets, folder.as_deref(), &entry),
        duplicate: duplicates.iter().find(|one| one.entry == name).map(Duplicate::said),
        name,
        entry,
    };
    Ok(ImportedRegister {
        entries: entries.into_iter().map(imported).collect(),
        folder,
    })
}

/// Adds an entry that is to be taken, and says what stands against one.
async fn bring_entry(datasets: &Datasets, imported: ImportedEntry, take: Option<&TakeEntry>) -> RegisterEntry {
    let ImportedEntry {
        name,
        entry,
        file,
        duplicate,
    } = imported;
    let mut listed = RegisterEntry {
        name,
        file: entry["file_name"].as_str().unwrap_or_default().to_owned(),
        found: file.is_ok(),
        added: false,
        trouble: duplicate.map(|why| ApiError::Unusable(why).said()),
    };
    if listed.trouble.is_some() {
        return listed;
    }
    let added = match (file, take) {
        (Err(error), _) => Err(error),
        (Ok(file), Some(take)) => add(datasets, take, entry, &file).await.map(|()| listed.added = true),
        (Ok(_), None) => Ok(()),
    };
    listed.trouble = added.err().map(|error| error.said());
    listed
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
async fn add(datasets: &Datasets, take: &TakeEntry, mut entry: Value, file: &Path) -> ApiResult<()> {
    let name = take.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.unwrap_or(&take.entry);
    entry["file_name"] = file.display().to_string().into();
    check_usable(datasets, name, &entry).await?;
    datasets.enter(name, entry, NewFile::InPlace(file.to_owned())).await?;
    Ok(())
}

/// Has the trainer read the rows of an entry with a new name, before anything is written of it.
///
/// # Errors
/// The name is none or taken; what the trainer says against the rows; that none can be used.
pub async fn check_usable(datasets: &Datasets, name: &str, entry: &Value) -> ApiResult<()> {
    let (new, trial) = (name.to_owned(), json!({ name: entry }).to_string());
    let trial = datasets.on_disk(move |datasets| {
        datasets.register.check_name(&new)?;
        let staged = StagedFile::begin(&datasets.data_dir.data(), REGISTER)?;
        staged.write(&trial)?;
        Ok(staged)
    });
    let trial = trial.await?;
    let found = datasets.inspections.ask(trial.folder(), name).await?;
    if found.usable == 0 {
        let first = found.bad_rows.first();
        let why = first.map(|bad| says::at_row(bad.row, bad.said()));
        let said = says::no_rows_usable(name, why.unwrap_or_default());
        return Err(ApiError::Unusable(said));
    }
    Ok(())
}
