//! Work that waits for a disk, away from the threads that answer requests.

use crate::ApiError;
use crate::error::ApiResult;

/// Runs `work` on a thread that may block: a mount that no longer answers then keeps only this request waiting.
///
/// # Errors
/// The work panicked.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}
