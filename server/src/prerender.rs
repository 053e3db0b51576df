//! Prerendering: the newest runs as HTML in `index.html`, so that the page shows them before the board's WebAssembly has loaded.

use crate::db::{Db, RunRow};
use html_escape::{encode_double_quoted_attribute, encode_text};
use protocol::metric::held_out;
use std::fmt::Write;

/// Rows in the page: about what a window shows.
const MAX_ROWS: u32 = 25;
/// The comment in `index.html` that they replace.
const RUNS_MARKER: &str = "<!-- runs -->";
/// The tag that says in its class that there are none.
const BODY: &str = "<body>";

/// The page with the newest runs in it; unchanged where they can't be read. A list with a search or in another order, which the
/// address asks for, is left to the board.
pub async fn fill(db: &Db, page: &str) -> String {
    match db.newest_runs(MAX_ROWS).await {
        Ok(runs) if runs.is_empty() => match db.names().await {
            Ok(names) if names.is_empty() => page.replacen(BODY, r#"<body class="boot-no-runs">"#, 1),
            // all are archived, or the names can't be read
            _ => page.to_owned(),
        },
        Ok(runs) => page.replacen(RUNS_MARKER, &list(&runs), 1),
        Err(error) => {
            tracing::error!("the runs can't be read: {error}");
            page.to_owned()
        }
    }
}

fn list(runs: &[RunRow]) -> String {
    let mut html = r#"<ul class="boot-runs">"#.to_owned();
    for run in runs.iter().map(|row| &row.summary) {
        let accuracy = held_out(&run.latest, "preference/accuracies");
        // writing to a String never fails
        let _ = write!(
            html,
            r#"<li><a href="/runs/{}"><span class="state {}"><span class="dot"></span></span><span class="clip">{}</span><span class="faint">{}</span><span class="num">{}</span><span class="num faint">{}</span></a></li>"#,
            encode_double_quoted_attribute(&run.id),
            run.state.name(),
            encode_text(&run.name),
            encode_text(run.loss_name()),
            accuracy.map(|share| format!("{share:.2}")).unwrap_or_default(),
            run.step,
        );
    }
    html + "</ul>"
}
