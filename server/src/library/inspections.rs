//! What is in a data file: asked of the trainer once for a file as it stands, whoever asks and how many at once.

use super::register;
use crate::{ApiError, AppState, trainer};
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
struct OfFile(tokio::sync::Mutex<Option<(Stamp, Result<Inspection, String>)>>);

/// The file and its entry as they stood.
type Stamp = (u64, Option<SystemTime>, String);

/// What is known of a data set registered in `folder`.
pub async fn inspection(app: &AppState, folder: &Path, name: &str) -> Result<Inspection, String> {
    let entry = register::read(folder)
        .map_err(|e| e.to_string())?
        .remove(name)
        .unwrap_or_default();
    of_entry(app, folder, name, &entry).await
}

/// The file an entry names, if it names one.
pub fn file_of(folder: &Path, entry: &Value) -> Option<PathBuf> {
    entry["file_name"].as_str().map(|file| folder.join(file))
}

/// Inspects a registered data set; what has not changed is not read again. An error is remembered only where the
/// trainer says it of the file: that a program was missing, killed or slow may be over the next time.
pub async fn of_entry(app: &AppState, folder: &Path, name: &str, entry: &Value) -> Result<Inspection, String> {
    let Some(path) = file_of(folder, entry) else {
        return Err("its entry in dataset_info.json has no file_name (data on a hub must be downloaded first)".into());
    };
    let of = {
        let mut all = app.inspections.0.lock().unwrap_or_else(|e| e.into_inner());
        all.entry(folder.join(name)).or_default().clone()
    };
    let mut known = of.0.lock().await;
    let meta = path.metadata().map_err(|e| format!("{}: {e}", path.display()))?;
    if !meta.is_file() && !meta.is_dir() {
        return Err(format!("{} is neither a file nor a folder", path.display()));
    }
    let stamp = (meta.len(), meta.modified().ok(), entry.to_string());
    if let Some((seen, result)) = &*known
        && *seen == stamp
    {
        return result.clone();
    }
    match ask(app, folder, name).await {
        Ok(inspection) => {
            *known = Some((stamp, Ok(inspection.clone())));
            Ok(inspection)
        }
        Err(error) => {
            let said = error.to_string();
            if matches!(error, ApiError::BadRequest { code: "unusable", .. }) {
                *known = Some((stamp, Err(said.clone())));
            }
            Err(said)
        }
    }
}

/// What the trainer says of a data set of a folder's register.
pub async fn ask(app: &AppState, folder: &Path, name: &str) -> Result<Inspection, ApiError> {
    let args = [
        "inspect".to_owned(),
        format!("--dataset={name}"),
        format!("--dataset-dir={}", folder.display()),
    ];
    trainer::json(app, &args).await
}
