//! A comparison as one HTML file that opens anywhere, without a server and without scripts: table, charts, configs.

use super::colors::colors;
use super::picture::{called, draw};
use super::svg::escape;
use super::table::{number, order};
use super::{Asked, MOST_RUNS, list};
use crate::ApiError;
use crate::ambient::Ambient;
use crate::db::{Db, RunRow};
use crate::error::ApiResult;
use crate::extract::Query;
use crate::files::attachment;
use crate::off_thread::off_thread;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use protocol::api::RunSummary;
use protocol::config::differing;
use protocol::metric::{self, Measured, Metric, Words};
use protocol::numbers::{self, value_text};
use protocol::sweep::Goal;
use protocol::wording::report as words;
use protocol::{Lang, says};

const STYLE: &str = "body{max-width:1180px;margin:32px auto;padding:0 20px;font:13px/1.5 Inter,system-ui,sans-serif;color:#1b1c1f;background:#fff}\
h1{font-size:20px}h2{font-size:15px;margin-top:32px}.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}\
th,td{padding:5px 14px 5px 4px;border-bottom:1px solid #e6e7ea;text-align:left;white-space:nowrap;font-weight:400}thead th{color:#5b5e66}\
td.n{text-align:right}.best{font-weight:650}.mono{font-family:'JetBrains Mono',ui-monospace,monospace;font-size:12px}\
.dot{display:inline-block;width:10px;height:10px;border-radius:5px;margin-right:8px}.faint{color:#6b6e75}\
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,540px),1fr));gap:16px}svg{max-width:100%;height:auto}\
pre{padding:12px;background:#f6f6f7;overflow:auto}summary{padding:4px 0;cursor:pointer}@media print{.charts{display:block}svg{break-inside:avoid}}";

/// The comparison as one HTML file: table, the page's charts as pictures, the configs. Nothing in it is fetched, and nothing runs.
#[utoipa::path(get, path = "/api/compare/report.html", tag = "compare", params(Asked), responses((status = 200, content_type = "text/html", body = String)))]
pub async fn report(
    State(db): State<Db>,
    State(ambient): State<Ambient>,
    Query(asked): Query<Asked>,
) -> ApiResult<Response> {
    let rows = asked.rows(&db).await?;
    if rows.is_empty() {
        return Err(ApiError::bad(says::bad_runs(MOST_RUNS)));
    }
    let page = page(&db, &rows, &asked, ambient.time().into()).await?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            attachment(&format!("{}.html", asked.file_name())),
        ),
    ];
    Ok((headers, page).into_response())
}

async fn page(db: &Db, rows: &[RunRow], asked: &Asked, now: time::OffsetDateTime) -> ApiResult<String> {
    let lang = asked.lang();
    let say = |words: Words| words.in_lang(lang);
    let title = if asked.title.is_empty() {
        say(words::TITLE).to_owned()
    } else {
        asked.title.clone()
    };
    let title = escape(&title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\n<body>\
         <h1>{title}</h1><p class=\"faint\">Corral {} · {} UTC</p>\n",
        lang.tag(),
        env!("CARGO_PKG_VERSION"),
        day(now)
    );
    out.push_str(&table(rows, asked)?);
    out.push_str(&format!(
        "<p class=\"faint\">{}</p>\n<h2>{}</h2>\n",
        say(words::NOTE),
        say(words::CHARTS)
    ));
    if let Some(key) = asked.group()? {
        out.push_str(&format!(
            "<p class=\"faint\"><span class=\"mono\">{}</span>: {}</p>\n",
            escape(key),
            say(words::MEANS)
        ));
    }
    out.push_str("<div class=\"charts\">");
    for chart in charts(asked) {
        let grouped = !asked.group.is_empty();
        if let Some(drawn) = draw(db, rows, &chart, grouped).await? {
            out.push_str(&drawn);
        }
    }
    out.push_str(&format!("</div>\n<h2>{}</h2>\n", say(words::CONFIGS)));
    for (row, yaml) in rows.iter().zip(config_texts(rows).await?) {
        let (name, yaml) = (escape(&row.summary.name), escape(&yaml));
        out.push_str(&format!(
            "<details><summary>{name}</summary><pre class=\"mono\">{yaml}</pre></details>\n"
        ));
    }
    out.push_str("</body></html>\n");
    Ok(out)
}

/// Each run's config file, or its config where that is gone.
async fn config_texts(rows: &[RunRow]) -> ApiResult<Vec<String>> {
    let rows = rows.to_vec();
    off_thread(move || {
        let text = |row: &RunRow| crate::runs::config_text(&row.directory);
        let known = |row: &RunRow| row.summary.known_config().to_yaml();
        rows.iter().map(|row| text(row).unwrap_or_else(|| known(row))).collect()
    })
    .await
}

/// What the page draws: a chart for each metric that runs are compared by, then one's own.
fn charts(asked: &Asked) -> Vec<Asked> {
    let of_metric = |metric: &Metric| {
        let held_out = metric::eval_name(metric.name);
        let names = match metric.measured {
            Measured::Both => vec![metric.name.to_owned(), held_out],
            Measured::Training => vec![metric.name.to_owned()],
            Measured::HeldOut => vec![held_out],
        };
        asked.with(&names, &asked.x)
    };
    let own = list(&asked.own);
    let own = own.iter().filter_map(|chart| chart.split_once('~'));
    let own = own.map(|(y, x)| Asked {
        zoom: String::new(),
        ..asked.with(&[y.to_owned()], x)
    });
    let mut all: Vec<_> = metric::compared().into_iter().map(of_metric).chain(own).collect();
    all.iter_mut().for_each(|chart| chart.title.clear());
    all
}

/// A column of results: its head, which way is better, what a run has, how it is written.
struct Outcome {
    title: String,
    goal: Goal,
    value: fn(&RunSummary) -> Option<f64>,
    written: fn(f64) -> String,
    /// Says something only between runs of the same length.
    by_length: bool,
    /// On one scale only within one loss.
    by_loss: bool,
}

/// The best value; nothing where all are the same, or there is one alone.
fn best(outcome: &Outcome, runs: &[&RunSummary]) -> Option<f64> {
    let values: Vec<f64> = runs.iter().filter_map(|run| (outcome.value)(run)).collect();
    let best = values
        .iter()
        .copied()
        .min_by(|a, b| outcome.goal.cost(*a).total_cmp(&outcome.goal.cost(*b)))?;
    values.iter().any(|value| *value != best).then_some(best)
}

fn outcomes(lang: Lang, asked: &Asked) -> Vec<Outcome> {
    let one = |title: &str, goal, value, written| Outcome {
        title: title.to_owned(),
        goal,
        value,
        written,
        by_length: false,
        by_loss: false,
    };
    let share: fn(f64) -> String = |share| format!("{:.1} %", share * 100.0);
    let bytes: fn(f64) -> String = |bytes| numbers::bytes(bytes.max(0.0) as u64);
    let title = |name: &str| called(asked, name);
    let (up, down) = (Goal::Maximize, Goal::Minimize);
    vec![
        one(&title("preference/accuracies"), up, |run| number(run, "acc"), share),
        one(
            &title("preference/margins"),
            up,
            |run| number(run, "margin"),
            numbers::aligned,
        ),
        Outcome {
            by_loss: true,
            ..one("eval_loss", down, |run| number(run, "eval_loss"), numbers::aligned)
        },
        Outcome {
            by_length: true,
            ..one(
                words::TIME.in_lang(lang),
                down,
                |run| number(run, "time"),
                numbers::clock,
            )
        },
        Outcome {
            by_length: true,
            ..one(words::MEMORY.in_lang(lang), down, |run| number(run, "memory"), bytes)
        },
    ]
}

fn table(rows: &[RunRow], asked: &Asked) -> ApiResult<String> {
    let lang = asked.lang();
    let colors = colors(rows, asked)?;
    let hidden = list(&asked.hide);
    let runs: Vec<&RunSummary> = rows.iter().map(|row| &row.summary).collect();
    let outcomes: Vec<_> = outcomes(lang, asked)
        .into_iter()
        .filter(|o| runs.iter().any(|run| (o.value)(run).is_some()))
        .collect();
    let same = |of: fn(&RunSummary) -> String| runs.windows(2).all(|pair| of(pair[0]) == of(pair[1]));
    let (same_length, same_loss) = (same(|run| run.step.to_string()), same(|run| run.loss_name().to_owned()));
    let bests: Vec<_> = outcomes
        .iter()
        .map(|o| best(o, &runs).filter(|_| (same_length || !o.by_length) && (same_loss || !o.by_loss)))
        .collect();
    let configs: Vec<_> = runs.iter().map(|run| run.known_config()).collect();
    let settings = differing(&configs);
    let head = |title: &str, class: &str| format!("<th scope=\"col\" class=\"{class}\">{}</th>", escape(title));
    let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
    out.push_str(&head(words::RUN.in_lang(lang), ""));
    outcomes
        .iter()
        .for_each(|outcome| out.push_str(&head(&outcome.title, "")));
    settings.iter().for_each(|(key, _)| out.push_str(&head(key, "mono")));
    out.push_str("</tr></thead><tbody>\n");
    for place in order(&runs, &asked.sort) {
        let run = runs[place];
        let color = colors
            .iter()
            .find(|(id, _)| *id == run.id)
            .map_or("#6b6e75", |(_, color)| color);
        let mut remarks = String::new();
        for (words, told) in [
            (words::BASELINE, run.id == asked.pin),
            (words::HIDDEN, hidden.contains(&run.id)),
        ] {
            if told {
                remarks.push_str(&format!(" <span class=\"faint\">({})</span>", words.in_lang(lang)));
            }
        }
        out.push_str(&format!(
            "<tr><th scope=\"row\"><span class=\"dot\" style=\"background:{color}\"></span>{}{remarks}</th>",
            escape(&run.name)
        ));
        for (outcome, best) in outcomes.iter().zip(&bests) {
            let text = (outcome.value)(run).map_or_else(|| "–".into(), outcome.written);
            let is_best = best.is_some() && (outcome.value)(run) == *best;
            let class = if is_best { "n best" } else { "n" };
            out.push_str(&format!("<td class=\"{class}\">{}</td>", escape(&text)));
        }
        for (_, values) in &settings {
            let text = value_text(values[place].as_ref());
            out.push_str(&format!("<td class=\"mono\">{}</td>", escape(&text)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    Ok(out)
}

/// To the minute: `2026-11-27 20:15`.
fn day(now: time::OffsetDateTime) -> String {
    format!("{} {:02}:{:02}", now.date(), now.hour(), now.minute())
}
