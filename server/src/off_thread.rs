//! Work that waits for a disk, away from the threads that answer requests.

use crate::ApiError;
use crate::error::ApiResult;

/// Does it on a thread that may wait: a mount that no longer answers keeps only the request that asks for it.
///
/// # Errors
/// The work panicked.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}
