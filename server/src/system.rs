//! What the machine is, and the presets that come with the program.

use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use crate::state::DataDir;
use axum::extract::State;
use protocol::api::{Preset, System};
use protocol::cuda::Cuda;
use protocol::hub::Hub;
use rust_embed::RustEmbed;
use std::path::Path;
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "../configs"]
#[include = "*.yaml"]
struct Presets;

/// What `/api/system` tells of the machine and of how this server was started. Cheap to clone.
#[derive(Clone)]
pub struct Machine {
    pub db: Db,
    pub data_dir: DataDir,
    pub cuda: Arc<Cuda>,
    /// The hub of names that name none.
    pub hub: Hub,
    /// How many runs may go at once.
    pub slots: usize,
    pub token_required: bool,
}

/// The machine, and how this server was started.
#[utoipa::path(get, path = "/api/system", tag = "system", responses((status = 200, body = System)))]
pub async fn system(State(machine): State<Machine>) -> ApiResult<Json<System>> {
    let data = machine.data_dir.clone();
    let looked = off_thread(move || disk_free(data.root()).map(|free| (memory(), free)));
    let (memory, disk_free) = looked.await?.map_err(ApiError::internal)?;
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION").into(),
        device: machine
            .cuda
            .usable()
            .next()
            .map_or_else(|| "cpu".into(), |card| card.name.clone()),
        cuda: Cuda::clone(&machine.cuda),
        cores: std::thread::available_parallelism().map_or(1, |n| n.get() as u64),
        memory_total: memory.total,
        memory_available: memory.available,
        disk_free,
        data_dir: machine.data_dir.root().display().to_string(),
        hub: machine.hub,
        slots: machine.slots as u64,
        token_required: machine.token_required,
        first_visit: machine.db.names().await?.is_empty(),
    }))
}

/// Run configs to start from, one for each method.
#[utoipa::path(get, path = "/api/presets", tag = "system", responses((status = 200, body = [Preset])))]
pub async fn presets() -> Json<Vec<Preset>> {
    let presets = Presets::iter().filter_map(|file| {
        let yaml = String::from_utf8(Presets::get(&file)?.data.into_owned()).ok()?;
        let name = file.strip_suffix(".yaml")?.to_owned();
        Some(Preset { name, yaml })
    });
    Json(presets.collect())
}

/// Main memory, in bytes.
pub struct Memory {
    pub total: u64,
    /// What could be had without swapping.
    pub available: u64,
}

/// The machine's main memory, or this process's control group's where that allows less.
pub fn memory() -> Memory {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let (total, available) = (system.total_memory(), system.available_memory());
    match protocol::cgroup::limit(|path| std::fs::read_to_string(path).ok()) {
        Some(limit) => Memory {
            total: total.min(limit.total),
            available: available.min(limit.free),
        },
        None => Memory { total, available },
    }
}

/// Free bytes of the file system that `path` lies on, as far as an unprivileged user may fill it.
///
/// # Errors
/// The path is not there, or the file system does not tell.
pub fn disk_free(path: &Path) -> std::io::Result<u64> {
    let path = std::ffi::CString::new(path.as_os_str().as_encoded_bytes())?;
    // SAFETY: statvfs fills the struct; the path is a C string that outlives the call
    let stat = unsafe {
        let mut stat: libc::statvfs = std::mem::zeroed();
        if libc::statvfs(path.as_ptr(), &mut stat) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        stat
    };
    Ok(stat.f_bavail * stat.f_frsize)
}
