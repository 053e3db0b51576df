//! What is in a data file: asked of the trainer once for a file as it stands, whoever asks and how many at once.

use super::datasets::at_home;
use super::register;
use crate::{ApiError, AppState, trainer};
use protocol::Said;
use protocol::data::Inspection;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// Inspections by data set.
#[derive(Default)]
pub struct Inspections(Mutex<HashMap<PathBuf, Arc<OfFile>>>);

/// What is known of one data set. Whoever holds it looks; the others wait for what it finds.
#[derive(Default)]
struct OfFile(tokio::sync::Mutex<Option<(Stamp, Result<Inspection, Said>)>>);

/// The file and its entry as they stood.
type Stamp = (u64, Option<SystemTime>, String);

/// What is known of a data set registered in `folder`.
pub async fn inspection(app: &AppState, folder: &Path, name: &str) -> Result<Inspection, Said> {
    let entry = register::read(folder)
        .map_err(|e| e.said())?
        .remove(name)
        .unwrap_or_default();
    of_entry(app, folder, name, &entry).await
}

/// The file an entry names, if it names one.
pub fn file_of(folder: &Path, entry: &Value) -> Option<PathBuf> {
    let file = entry["file_name"].as_str()?;
    // what can't be written out is told by the trainer, by its name
    Some(folder.join(at_home(file).unwrap_or_else(|_| file.into())))
}

/// What is known of a file that no register names.
pub async fn of_file(app: &AppState, path: &Path) -> Result<Inspection, Said> {
    of_place(
        app,
        path.to_owned(),
        path,
        String::new(),
        ["inspect".to_owned(), "--".to_owned(), path.display().to_string()],
    )
    .await
}

/// Inspects a registered data set; what has not changed is not read again. An error is remembered only where the
/// trainer says it of the file: that a program was missing, killed or slow may be over the next time.
pub async fn of_entry(app: &AppState, folder: &Path, name: &str, entry: &Value) -> Result<Inspection, Said> {
    let Some(path) = file_of(folder, entry) else {
        let message = "its entry in dataset_info.json has no file_name (data on a hub must be downloaded first)";
        return Err(Said::new("on_a_hub", message));
    };
    of_place(app, folder.join(name), &path, entry.to_string(), args(folder, name)).await
}

/// Inspects a file by these arguments, once for as long as it and its entry stay as they are.
async fn of_place(
    app: &AppState,
    key: PathBuf,
    path: &Path,
    entry: String,
    args: [String; 3],
) -> Result<Inspection, Said> {
    let of = {
        let mut all = app.inspections.0.lock().unwrap_or_else(|e| e.into_inner());
        all.entry(key).or_default().clone()
    };
    let mut known = of.0.lock().await;
    let meta = path.metadata().map_err(|e| unread(path, e))?;
    if !meta.is_file() && !meta.is_dir() {
        let path = path.display().to_string();
        return Err(Said::new("not_a_file", format!("{path} is neither a file nor a folder")).with_args([path]));
    }
    let stamp = (meta.len(), meta.modified().ok(), entry);
    if let Some((seen, result)) = &*known
        && *seen == stamp
    {
        return result.clone();
    }
    match trainer::json::<Inspection>(app, &args).await {
        Ok(inspection) => {
            *known = Some((stamp, Ok(inspection.clone())));
            Ok(inspection)
        }
        Err(error) => {
            let said = error.said();
            if matches!(error, ApiError::Said(..)) {
                *known = Some((stamp, Err(said.clone())));
            }
            Err(said)
        }
    }
}

/// What the trainer says of a data set of a folder's register.
pub async fn ask(app: &AppState, folder: &Path, name: &str) -> Result<Inspection, ApiError> {
    trainer::json(app, &args(folder, name)).await
}

fn unread(path: &Path, error: std::io::Error) -> Said {
    let path = path.display().to_string();
    Said::new("file", format!("{path}: {error}")).with_args([path, error.to_string()])
}

fn args(folder: &Path, name: &str) -> [String; 3] {
    [
        "inspect".to_owned(),
        format!("--dataset={name}"),
        format!("--dataset-dir={}", folder.display()),
    ]
}
