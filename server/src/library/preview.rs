//! Rows of a data set as a model will see them.

use super::datasets::Datasets;
use crate::ApiError;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::runs::resolve::{Found, Resolver};
use axum::extract::{Path, State};
use protocol::Stage;
use protocol::config::names;
use protocol::data::Preview;
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct PreviewQuery {
    /// A model's id: its tokenizer, and its chat template where `template` is left out.
    model: String,
    template: Option<String>,
    /// How tools and calls are written; left out: the template's own way.
    tool_format: Option<String>,
    /// The system message of rows that bring none; empty: none at all.
    default_system: Option<String>,
    /// "true", "false" or "null"; left out: the template's own way.
    enable_thinking: Option<String>,
    /// "false": ids of the slow tokenizer class.
    use_fast_tokenizer: Option<String>,
    /// Left out: what the data set is for.
    stage: Option<Stage>,
    /// Adapters on the model, comma-separated.
    adapter: Option<String>,
    /// The last reply alone counts.
    #[serde(default)]
    mask_history: bool,
    /// Prompts count too.
    #[serde(default)]
    train_on_prompt: bool,
    #[serde(default = "default_cutoff_len")]
    cutoff_len: u64,
    #[serde(default)]
    offset: u64,
    #[serde(default = "default_limit")]
    limit: u64,
}

fn default_cutoff_len() -> u64 {
    2048
}
fn default_limit() -> u64 {
    5
}

/// Rows as the model will see them: the rendered template, token by token, and which tokens count.
#[utoipa::path(get, path = "/api/datasets/{name}/preview", tag = "library", params(("name" = String, Path), PreviewQuery), responses((status = 200, body = Preview)))]
pub async fn preview(
    State(datasets): State<Datasets>,
    State(resolver): State<Resolver>,
    Path(name): Path<String>,
    Query(query): Query<PreviewQuery>,
) -> ApiResult<Json<Preview>> {
    let of = name.clone();
    let folder = datasets.on_disk(move |datasets| datasets.register.find(&of)).await?;
    let (base, mut chain) = match resolver.model(&query.model).await? {
        Ok(Found::Folder(path) | Found::Full { path, .. }) => (path.display().to_string(), vec![]),
        Ok(Found::Adapter { base, chain, .. }) => (base, chain),
        Err(why) => return Err(ApiError::not_found(why)),
    };
    // an adapter may bring a tokenizer and a template of its own
    for name in names(query.adapter.as_deref()) {
        match resolver.model(name).await? {
            Ok(Found::Adapter { chain: more, .. }) => chain.extend(more),
            Ok(Found::Folder(path)) => chain.push(path.display().to_string()),
            Ok(Found::Full { .. }) => {}
            Err(why) => return Err(ApiError::not_found(why)),
        }
    }
    let mut args: Vec<String> = vec!["preview".into(), format!("--dataset={name}")];
    let mut option = |key: &str, value: String| args.push(format!("--{key}={value}"));
    option("dataset-dir", folder.display().to_string());
    option("model", base);
    chain.into_iter().for_each(|adapter| option("adapter", adapter));
    option("cutoff-len", query.cutoff_len.to_string());
    option("offset", query.offset.to_string());
    option("limit", query.limit.min(100).to_string());
    for (key, value) in [
        ("template", query.template),
        ("stage", query.stage.map(|stage| stage.to_string())),
        ("tool-format", query.tool_format),
        ("enable-thinking", query.enable_thinking),
        ("use-fast-tokenizer", query.use_fast_tokenizer),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            option(key, value);
        }
    }
    if let Some(system) = query.default_system {
        option("default-system", system);
    }
    for (flag, set) in [
        ("--mask-history", query.mask_history),
        ("--train-on-prompt", query.train_on_prompt),
    ] {
        if set {
            args.push(flag.into());
        }
    }
    Ok(Json(datasets.trainer.json(&args).await?))
}
