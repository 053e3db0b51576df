//! The reference of all keys of a run config, and the schema for editors.

use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use protocol::config::{Described, reference, schema};
use serde_json::Value;

/// Computes on a blocking thread what is cached from the first request on: that one takes a while.
async fn computed<T: Send + 'static>(work: fn() -> T) -> ApiResult<Json<T>> {
    let made = off_thread(work).await?;
    Ok(Json(made))
}

/// Every key of a run config: what it means, what it may be, its default, when it counts.
#[utoipa::path(get, path = "/api/keys", tag = "system", responses((status = 200, body = [Described])))]
pub async fn keys() -> ApiResult<Json<&'static [Described]>> {
    computed(reference).await
}

/// A JSON Schema of run configs: `corral keys --schema`.
#[utoipa::path(get, path = "/api/keys/schema.json", tag = "system", responses((status = 200, body = Value)))]
pub async fn json_schema() -> ApiResult<Json<&'static Value>> {
    computed(schema).await
}
