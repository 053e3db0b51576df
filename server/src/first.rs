//! The newest runs as the page's first words, put into `index.html` before the module that draws the board is there.

use crate::db::{Db, RunRow};
use html_escape::{encode_double_quoted_attribute, encode_text};
use protocol::metric::held_out;
use std::fmt::Write;

/// Rows that the page is sent with: what a window shows.
const ROWS: u32 = 25;
/// Where they are put.
const PLACE: &str = "<!-- runs -->";
/// Where the page says that there are none.
const BODY: &str = "<body>";

/// The page with the newest runs in it; as it is, where they can't be read. A list that the address asks for with a search or in
/// another order is left to the board.
pub async fn fill(db: &Db, page: &str) -> String {
    match db.newest_runs(ROWS).await {
        Ok(runs) if runs.is_empty() => match db.names().await {
            Ok(names) if names.is_empty() => page.replacen(BODY, r#"<body class="boot-no-runs">"#, 1),
            // all are archived, or nobody knows
            _ => page.to_owned(),
        },
        Ok(runs) => page.replacen(PLACE, &list(&runs), 1),
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
        // a String takes all that is written to it
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
