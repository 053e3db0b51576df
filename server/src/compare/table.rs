//! The table of several runs: what came out of each, and the keys in which their configs differ.

use super::{Asked, list};
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::files::attachment;
use crate::runs::series::quoted;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use protocol::api::RunSummary;
use protocol::config::differing;
use protocol::numbers::{by_value, exact_text};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What one of the board's columns says of a run, as a number.
pub fn number(run: &RunSummary, column: &str) -> Option<f64> {
    match column {
        // what it costs is known once it has trained
        "time" => run.time_taken(),
        "memory" => run.training_peak().map(|bytes| bytes as f64),
        "acc" | "margin" | "eval_loss" | "lr" => run.column(column).number(),
        _ => None,
    }
}

/// Places of the runs in the order of a column, with `-` in front from the greatest down; what has nothing there is last either way.
pub fn order(runs: &[&RunSummary], sort: &str) -> Vec<usize> {
    let (column, down) = sort.strip_prefix('-').map_or((sort, false), |column| (column, true));
    let value = |run: &&RunSummary| match (column, number(run, column)) {
        ("name", _) => run.name.clone(),
        (_, Some(number)) => number.to_string(),
        _ => exact_text(run.known_config().get(column).as_ref()),
    };
    let values: Vec<String> = runs.iter().map(value).collect();
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&values[*a], &values[*b]);
        let least_first = if down { by_value(b, a) } else { by_value(a, b) };
        a.is_empty().cmp(&b.is_empty()).then(least_first)
    });
    order
}

/// The table as CSV, in the order of `sort`, numbers as they are: run, id, state, step, seconds, bytes of memory, the newest value of each metric, then
/// the keys that differ (`config.learning_rate`).
#[utoipa::path(get, path = "/api/compare/table.csv", tag = "compare", params(Asked), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn table_csv(State(db): State<Db>, Query(asked): Query<Asked>) -> ApiResult<Response> {
    let table = whole(&db, &asked).await?;
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => quoted(text),
        other => quoted(&other.to_string()),
    };
    let head: Vec<_> = table.columns.iter().map(|column| quoted(column)).collect();
    let lines = table.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>());
    let text: String = [head]
        .into_iter()
        .chain(lines)
        .map(|line| line.join(",") + "\n")
        .collect();
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            attachment(&format!("{}.csv", asked.file_name())),
        ),
    ];
    Ok((headers, text).into_response())
}

/// The table as JSON: an object a run, with the columns of the CSV.
#[utoipa::path(get, path = "/api/compare/table.json", tag = "compare", params(Asked), responses((status = 200, content_type = "application/json", body = String)))]
pub async fn table_json(State(db): State<Db>, Query(asked): Query<Asked>) -> ApiResult<Response> {
    let table = whole(&db, &asked).await?;
    let object = |row: Vec<Value>| table.columns.iter().cloned().zip(row).collect::<Map<_, _>>();
    let objects: Vec<_> = table.rows.iter().cloned().map(object).collect();
    let headers = [(
        header::CONTENT_DISPOSITION,
        attachment(&format!("{}.json", asked.file_name())),
    )];
    Ok((headers, Json(objects)).into_response())
}

struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

async fn whole(db: &Db, asked: &Asked) -> ApiResult<Table> {
    let rows = match list(&asked.runs).is_empty() {
        true => db
            .runs()
            .await?
            .into_iter()
            .filter(|row| !row.summary.archived)
            .collect(),
        false => asked.rows(db).await?,
    };
    Ok(table(&rows, &asked.sort))
}

fn table(rows: &[RunRow], sort: &str) -> Table {
    let runs = || rows.iter().map(|row| &row.summary);
    let metrics: BTreeSet<&String> = runs().flat_map(|run| run.latest.keys()).collect();
    let configs: Vec<_> = runs().map(RunSummary::known_config).collect();
    let settings = differing(&configs);
    let fixed = ["run", "id", "state", "step", "seconds", "peak_memory"].map(String::from);
    // a metric may have the name of a key: `learning_rate`
    let keys = settings.iter().map(|(key, _)| format!("config.{key}"));
    let columns = fixed
        .into_iter()
        .chain(metrics.iter().map(|name| (*name).clone()))
        .chain(keys)
        .collect();
    let runs: Vec<&RunSummary> = runs().collect();
    let of_run = |place: usize| {
        let run = runs[place];
        let mut cells = vec![
            json!(run.name),
            json!(run.id),
            json!(run.state),
            json!(run.step),
            json!(run.seconds),
            json!(run.peak_memory),
        ];
        cells.extend(metrics.iter().map(|name| json!(run.newest(name))));
        cells.extend(settings.iter().map(|(_, values)| json!(values[place])));
        cells
    };
    Table {
        columns,
        rows: order(&runs, sort).into_iter().map(of_run).collect(),
    }
}
