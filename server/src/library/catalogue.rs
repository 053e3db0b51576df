//! The catalogue, and data sets of hubs in the person's register.

use super::datasets::Datasets;
use super::download::Downloads;
use super::register;
use super::register_import::check_usable;
use crate::ApiError;
use crate::error::ApiResult;
use crate::extract::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::{HubRequest, NewHubDataset};
use protocol::catalogue::Catalogue;
use protocol::data::DatasetInfo;
use protocol::hub::Kind;
use protocol::live::ToBrowser;
use protocol::says;
use serde_json::{Map, Value};

const TEXT: &str = include_str!("../../../assets/catalogue.json");

/// Models and data sets that people tune with, by their names on both hubs. No hub is asked.
#[utoipa::path(get, path = "/api/catalogue", tag = "library", responses((status = 200, body = Catalogue)))]
pub async fn list() -> ApiResult<Json<Catalogue>> {
    serde_json::from_str(TEXT).map(Json).map_err(ApiError::internal)
}

/// Adds a data set of a hub that was downloaded: an entry of the register names it there. Rows that can't be used are refused
/// before anything is written.
#[utoipa::path(post, path = "/api/hub-datasets", tag = "library", request_body = NewHubDataset, responses((status = 201, body = DatasetInfo)))]
pub async fn add(
    State(datasets): State<Datasets>,
    State(downloads): State<Downloads>,
    Json(new): Json<NewHubDataset>,
) -> ApiResult<(StatusCode, Json<DatasetInfo>)> {
    let kind = Kind::Dataset;
    let asked = downloads.judged(HubRequest { kind, ..new.asked })?;
    let entry = Value::Object(entry(new.entry, &asked)?);
    check_usable(&datasets, &new.name, &entry).await?;
    let (name, all_of_them) = (new.name, datasets.clone());
    let entered = datasets.register.change(move |register, folder, all| {
        register.check_name(&name)?;
        all.insert(name.clone(), entry.clone());
        register::write(folder, all)?;
        all_of_them.bus.say(ToBrowser::DataSets);
        Ok(all_of_them.look_at(folder, &name, &entry, false))
    });
    let info = datasets.describe(entered.await?).await;
    Ok((StatusCode::CREATED, Json(info)))
}

/// The entry of what is asked for.
fn entry(mut entry: Map<String, Value>, asked: &HubRequest) -> ApiResult<Map<String, Value>> {
    if asked.revision.is_some() {
        return Err(ApiError::bad(says::hub_revision()));
    }
    entry.retain(|key, _| !register::SOURCE_KEYS.contains(&key.as_str()));
    entry.insert(
        asked.hub.unwrap_or_default().entry_key().into(),
        asked.name.clone().into(),
    );
    for (key, value) in [
        ("subset", &asked.subset),
        ("split", &asked.split),
        ("folder", &asked.folder),
    ] {
        if let Some(value) = value {
            entry.insert(key.into(), value.clone().into());
        }
    }
    Ok(entry)
}
