//! Requests about saved configs, the trash and the disk.

use super::{Answer, delete, get, patch, post, put, run_path, send};
use crate::logic::query::encode;
use gloo_net::http::Request;
use protocol::api::{Disk, RenameConfig, SaveConfig, SavedConfig, Trashed};

/// Run configs that are saved under a name.
pub async fn configs() -> Answer<Vec<SavedConfig>> {
    get("/api/configs").await
}
/// The address of a saved config, at which its file is.
pub fn config_path(name: &str) -> String {
    format!("/api/configs/{}", encode(name))
}
pub async fn save_config(name: &str, asked: &SaveConfig) -> Answer<SavedConfig> {
    put(&config_path(name), asked).await
}
pub async fn rename_config(name: &str, to: &str) -> Answer<SavedConfig> {
    let to = RenameConfig { name: to.into() };
    patch(&config_path(name), &to).await
}
pub async fn delete_config(name: &str) -> Answer<Trashed> {
    trash(&config_path(name)).await
}
/// `DELETE path`, which moves the item to the trash.
async fn trash(path: &str) -> Answer<Trashed> {
    send(Request::delete(path)).await
}
/// Restores an item of the trash.
pub async fn restore(id: &str) -> Answer<Trashed> {
    post(&format!("/api/trash/{}/restore", encode(id)), &()).await
}

/// How much of the disk the data directory takes.
pub async fn disk() -> Answer<Disk> {
    get("/api/disk").await
}
/// What is in the trash, the newest first.
pub async fn trashed() -> Answer<Vec<Trashed>> {
    get("/api/trash").await
}
/// Deletes all that is in the trash for good.
pub async fn empty_trash() -> Answer<()> {
    delete("/api/trash").await
}
/// Removes a run from the lists. Its directory goes to the trash if it is in the data directory.
pub async fn delete_run(id: &str) -> Answer<Trashed> {
    trash(&run_path(id, "?undo=true")).await
}
pub async fn delete_model(id: &str) -> Answer<Trashed> {
    trash(&format!("/api/models/{}", encode(id))).await
}
/// The address of a sweep's resource.
pub fn sweep_path(id: &str, rest: &str) -> String {
    format!("/api/sweeps/{}{rest}", encode(id))
}
/// Deletes a sweep with all of its runs.
pub async fn delete_sweep(id: &str) -> Answer<Trashed> {
    trash(&sweep_path(id, "")).await
}
