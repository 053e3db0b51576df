//! The reference of all keys of a run config, and the schema for editors.

use crate::extract::Json;
use protocol::config::{Described, reference, schema};
use serde_json::Value;

/// Every key of a run config: what it means, what it may be, its default, when it counts.
#[utoipa::path(get, path = "/api/keys", tag = "system", responses((status = 200, body = [Described])))]
pub async fn keys() -> Json<&'static [Described]> {
    Json(reference())
}

/// A JSON Schema of run configs: `corral keys --schema`.
#[utoipa::path(get, path = "/api/keys/schema.json", tag = "system", responses((status = 200, body = Value)))]
pub async fn json_schema() -> Json<Value> {
    Json(schema())
}
