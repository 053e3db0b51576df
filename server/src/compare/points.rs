//! Every value of a chart, none thinned: as CSV, a row a run and step, or as JSON. Both are written while they are read.

use super::{Asked, X, exact_of};
use crate::ApiError;
use crate::db::{Db, Logged, LoggedPage, RunRow};
use crate::error::ApiResult;
use crate::extract::Query;
use crate::files::attachment;
use crate::runs::series::{STEPS, quoted};
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use futures::{StreamExt, stream};
use serde_json::json;

/// What is written of each run: its columns, and where it stands in the file.
struct Of {
    row: RunRow,
    names: Vec<String>,
    /// Key and value, where runs are in groups.
    group: Option<(String, String)>,
    first: bool,
}

/// How points are written.
#[derive(Clone, Copy)]
struct FileForm {
    kind: &'static str,
    ending: &'static str,
    open: fn(&Of) -> String,
    rows: fn(&Of, &[Logged], bool) -> String,
    close: fn(&Of) -> &'static str,
    begin: &'static str,
    end: &'static str,
}

const CSV: FileForm = FileForm {
    kind: "text/csv; charset=utf-8",
    ending: "csv",
    open: |of| {
        let group = of.group.iter().map(|(key, _)| key.as_str());
        let names = of.names.iter().map(String::as_str);
        let columns = ["run", "id"]
            .into_iter()
            .chain(group)
            .chain(["step", "time"])
            .chain(names);
        let head = columns.map(quoted).collect::<Vec<_>>().join(",") + "\n";
        if of.first { head } else { String::new() }
    },
    rows: |of, values, _| {
        let group = of.group.iter().map(|(_, value)| value.as_str());
        let whose = [of.row.summary.name.as_str(), &of.row.summary.id]
            .into_iter()
            .chain(group);
        let whose = whose.map(quoted).collect::<Vec<_>>().join(",");
        let lines = crate::runs::series::lines(values, &of.names);
        lines.lines().map(|line| format!("{whose},{line}\n")).collect()
    },
    close: |_| "",
    begin: "",
    end: "",
};

const JSON: FileForm = FileForm {
    kind: "application/json",
    ending: "json",
    open: |of| {
        let columns: Vec<&str> = ["step", "time"]
            .into_iter()
            .chain(of.names.iter().map(String::as_str))
            .collect();
        let mut head = json!({ "run": of.row.summary.name, "id": of.row.summary.id, "columns": columns });
        if let (Some(head), Some((key, value))) = (head.as_object_mut(), &of.group) {
            head.insert("group".into(), json!({ key: value }));
        }
        let head = head.to_string();
        let comma = if of.first { "" } else { ",\n" };
        format!("{comma}{},\"points\":[", head.strip_suffix('}').unwrap_or(&head))
    },
    rows: |of, values, first| {
        let of_step = |values: &[Logged]| {
            let (step, time, ..) = values[0];
            let value = |name: &String| {
                values
                    .iter()
                    .find(|(_, _, metric, _)| metric == name)
                    .map(|(.., value)| *value)
            };
            let mut cells = vec![json!(step), json!(time as f64 / 1000.0)];
            cells.extend(of.names.iter().map(|name| json!(value(name))));
            json!(cells).to_string()
        };
        let rows: Vec<_> = values.chunk_by(|a, b| a.0 == b.0).map(of_step).collect();
        let comma = if first || rows.is_empty() { "" } else { "," };
        format!("{comma}{}", rows.join(","))
    },
    close: |_| "]}",
    begin: "[",
    end: "]\n",
};

/// Every value of a chart as CSV: run, id, the key that groups them, step, time (s since the epoch), a column a metric.
#[utoipa::path(get, path = "/api/compare/points.csv", tag = "compare", params(Asked), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn csv(State(db): State<Db>, Query(asked): Query<Asked>) -> ApiResult<Response> {
    written(db, asked, CSV).await
}

/// Every value of a chart as JSON: a list of runs, each with its columns and points.
#[utoipa::path(get, path = "/api/compare/points.json", tag = "compare", params(Asked), responses((status = 200, content_type = "application/json", body = String)))]
pub async fn json(State(db): State<Db>, Query(asked): Query<Asked>) -> ApiResult<Response> {
    written(db, asked, JSON).await
}

async fn written(db: Db, asked: Asked, form: FileForm) -> ApiResult<Response> {
    let rows = asked.rows(&db).await?;
    let hidden = super::list(&asked.hide);
    let mut names = asked.metrics()?;
    if let X::Metric(x) = asked.x()
        && !names.contains(&x)
    {
        names.insert(0, x);
    }
    let mut all = vec![];
    for row in rows.into_iter().filter(|row| !hidden.contains(&row.summary.id)) {
        all.push(Of {
            group: asked.group()?.map(|key| (key.to_owned(), exact_of(&row, key))),
            first: all.is_empty(),
            names: names.clone(),
            row,
        });
    }
    let parts = stream::iter(all).flat_map(move |of| of_run(db.clone(), of, form));
    let begin = stream::once(async move { Ok(form.begin.to_owned()) });
    let end = stream::once(async move { Ok(form.end.to_owned()) });
    // what packs the answer asks once more after its end
    let body = begin.chain(parts).chain(end).fuse();
    Response::builder()
        .header(header::CONTENT_TYPE, form.kind)
        .header(
            header::CONTENT_DISPOSITION,
            attachment(&format!("{}.{}", asked.file_name(), form.ending)),
        )
        .body(Body::from_stream(body))
        .map_err(ApiError::internal)
}

/// Where the writing of a run is.
enum At {
    Open,
    From { step: u64, first: bool },
    End,
}

fn of_run(db: Db, of: Of, form: FileForm) -> impl futures::Stream<Item = Result<String, sqlx::Error>> {
    let begun = (db, of, At::Open);
    Box::pin(stream::unfold(begun, move |(db, of, at)| async move {
        let (text, next) = match at {
            At::End => return None,
            At::Open => (Ok((form.open)(&of)), At::From { step: 0, first: true }),
            At::From { step, first } => match db.values(of.row.key, &of.names, step, STEPS).await {
                Ok(LoggedPage { values, next: None }) => {
                    (Ok((form.rows)(&of, &values, first) + (form.close)(&of)), At::End)
                }
                Ok(LoggedPage {
                    values,
                    next: Some(step),
                }) => {
                    let next = At::From { step, first: false };
                    (Ok((form.rows)(&of, &values, first)), next)
                }
                Err(error) => (Err(error), At::End),
            },
        };
        Some((text, (db, of, next)))
    }))
}
