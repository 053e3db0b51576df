//! The list of runs, a page of it: searched, filtered and sorted by SQLite over `listed`, so that only the rows of the page are read
//! and decoded.
//!
//! `listed` has what [`RunSummary::column`] says of each run, the very function that the board searches and sorts by, since
//! neither small letters beyond ASCII nor the defaults of a config can be said in SQL. Triggers mark the runs that changed, and those
//! are made anew before a look. The newest first is read off an index. Another order looks at each run's cells: any
//! metric and any key may be asked for, and an index each would cost every write more than the look does (10,000 runs:
//! `ten_thousand_runs_are_filtered_within_50_ms`).

use super::runs::{Raw, select};
use super::{Db, RunRow};
use protocol::api::RunSummary;
use protocol::column::{COLUMNS, ColumnValue, is_column};
use protocol::health;
use protocol::search::{Search, Sign, Term, What, columns, words};
use serde_json::{Map, Value, json};
use sqlx::{QueryBuilder, Sqlite};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// Counts up when `cells` or `words` say something else of a run.
const VERSION: i64 = 1;
/// Runs whose cells are refreshed in one transaction, which so holds the write lock for milliseconds.
const RUNS_AT_ONCE: i64 = 200;
/// Between the texts that a word is searched in: no name or tag contains it.
const SEPARATOR: &str = "\u{1f}";

/// Which runs, in which order. The default: all of them, newest first.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    pub search: Search,
    pub states: Vec<String>,
    pub losses: Vec<String>,
    pub models: Vec<String>,
    pub tags: Vec<String>,
    pub health: Vec<String>,
    pub archived: Option<bool>,
    /// The sweep's id.
    pub sweep: Option<String>,
    /// A column that exists; empty: by the time of creation.
    pub sort: String,
    pub descending: bool,
    pub limit: Option<u32>,
    /// The id of the last run of the page before.
    pub after: Option<String>,
}

/// A page of the list, in its order.
#[derive(Debug)]
pub struct ListPage {
    pub rows: Vec<RunRow>,
    /// There are more runs after it.
    pub more: bool,
}

impl ListQuery {
    fn looks_at_cells(&self) -> bool {
        let lists = [&self.losses, &self.models, &self.tags, &self.health];
        !self.search.terms.is_empty() || !self.sort.is_empty() || lists.iter().any(|list| !list.is_empty())
    }
}

impl Db {
    /// Names of metrics that runs have logged; a name that no path of SQLite's can say is not among them.
    pub async fn metric_names(&self) -> Result<HashSet<String>, sqlx::Error> {
        let names: Vec<String> = sqlx::query_scalar("SELECT name FROM metrics")
            .fetch_all(self.read())
            .await?;
        let plain = |name: &String| !name.contains(['"', '\\']) && !name.contains(char::is_control);
        Ok(names.into_iter().filter(plain).collect())
    }

    /// The runs that a query asks for.
    pub async fn list(&self, query: &ListQuery) -> Result<ListPage, sqlx::Error> {
        let metrics = self.metric_names().await?;
        if query.looks_at_cells() {
            self.refresh_cells().await?;
        }
        let mut sql = statement(query, &|name| metrics.contains(name));
        let mut keys: Vec<i64> = sql.build_query_scalar().fetch_all(self.read()).await?;
        let most = query.limit.map_or(usize::MAX, |limit| limit as usize);
        let more = keys.len() > most;
        keys.truncate(most);
        let mut rows = self.runs_of_keys(&keys).await?;
        let places: HashMap<i64, usize> = keys.into_iter().zip(0..).collect();
        rows.sort_by_key(|row| places.get(&row.key).copied());
        Ok(ListPage { rows, more })
    }

    async fn runs_of_keys(&self, keys: &[i64]) -> Result<Vec<RunRow>, sqlx::Error> {
        let sql = select(" WHERE r.key IN (SELECT value FROM json_each(?))");
        let raw: Vec<Raw> = sqlx::query_as(sql)
            .bind(json!(keys).to_string())
            .fetch_all(self.read())
            .await?;
        raw.into_iter().map(|raw| self.row(raw)).collect()
    }

    /// Writes the cells of all runs that have changed anew.
    async fn refresh_cells(&self) -> Result<(), sqlx::Error> {
        let stale = "SELECT EXISTS (SELECT 1 FROM listed WHERE stale = 1)";
        while sqlx::query_scalar(stale).fetch_one(self.read()).await? {
            let mut tx = self.write().await?;
            let some = "SELECT run FROM listed WHERE stale = 1 LIMIT ?";
            let keys: Vec<i64> = sqlx::query_scalar(some).bind(RUNS_AT_ONCE).fetch_all(&mut *tx).await?;
            let keys = json!(keys).to_string();
            let sql = select(" WHERE r.key IN (SELECT value FROM json_each(?))");
            let raw: Vec<Raw> = sqlx::query_as(sql).bind(&keys).fetch_all(&mut *tx).await?;
            for raw in raw {
                let row = self.row(raw)?;
                let searched: Vec<String> = words(&row.summary).map(str::to_lowercase).collect();
                sqlx::query("UPDATE listed SET words = ?, cells = jsonb(?) WHERE run = ?")
                    .bind(searched.join(SEPARATOR))
                    .bind(cells(&row.summary).to_string())
                    .bind(row.key)
                    .execute(&mut *tx)
                    .await?;
            }
            // those that are being deleted too, though nobody lists them
            let seen = "UPDATE listed SET stale = 0 WHERE run IN (SELECT value FROM json_each(?))";
            sqlx::query(seen).bind(&keys).execute(&mut *tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Marks all cells as stale where another version wrote them.
    pub(super) async fn invalidate_old_cells(&self) -> Result<(), sqlx::Error> {
        let ours = VERSION * 1000 + i64::from(health::RULES);
        let theirs: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(self.read()).await?;
        if theirs == ours {
            return Ok(());
        }
        let mut tx = self.write().await?;
        sqlx::query("UPDATE listed SET stale = 1").execute(&mut *tx).await?;
        // a number of this file's
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {ours}"));
        sqlx::query(sql).execute(&mut *tx).await?;
        tx.commit().await
    }
}

/// What is stored of a run: each column that says something, numbers as they are, words in small letters; and what is only
/// searched.
fn cells(run: &RunSummary) -> Value {
    let settings = run.config.entries().map(|(key, _)| format!("c.{}", key.name));
    let metrics = run.latest.keys().map(|name| format!("m.{name}"));
    let all = COLUMNS.iter().map(|column| (*column).to_owned());
    let mut cells: Map<String, Value> = all
        .chain(settings)
        .chain(metrics)
        .filter_map(|column| {
            let value = match run.column(&column) {
                ColumnValue::Empty => return None,
                ColumnValue::Text(text) => json!(text.to_lowercase()),
                ColumnValue::Number(number) => json!(number),
            };
            Some((column, value))
        })
        .collect();
    let tags: Vec<String> = run.tags.iter().map(|tag| tag.to_lowercase()).collect();
    cells.insert("note".into(), json!(run.note.to_lowercase()));
    cells.insert("tag".into(), json!(tags));
    cells.insert("health_key".into(), json!(run.health_key()));
    Value::Object(cells)
}

/// Where SQLite finds a cell.
fn path(column: &str) -> String {
    format!("$.\"{column}\"")
}

type Sql = QueryBuilder<Sqlite>;

/// The keys of the page's runs and of one more, in their order.
fn statement(query: &ListQuery, is_metric: &dyn Fn(&str) -> bool) -> Sql {
    let mut sql = Sql::new("SELECT key FROM (SELECT r.key, r.created, ");
    match query.sort.as_str() {
        "" => sql.push("NULL"),
        column => cell(&mut sql, column),
    };
    sql.push(" AS cell FROM runs r JOIN listed l ON l.run = r.key WHERE r.deleted = 0");
    filters(&mut sql, query);
    for term in &query.search.terms {
        sql.push(" AND (");
        condition(&mut sql, term, is_metric);
        sql.push(if term.wanted { ") IS TRUE" } else { ") IS NOT TRUE" });
    }
    let (sorted, way, beyond) = match query.descending {
        true => (!query.sort.is_empty(), "DESC", "<"),
        false => (!query.sort.is_empty(), "ASC", ">"),
    };
    if let Some(after) = query.after.as_ref().filter(|_| !sorted) {
        sql.push(" AND (r.created, r.key) < (SELECT created, key FROM runs WHERE id = ")
            .push_bind(after.clone())
            .push(")");
    }
    sql.push(") asked");
    if let Some(after) = query.after.as_ref().filter(|_| sorted) {
        // the last one's place: among those that say something, or behind them
        sql.push(", (SELECT r.key AS end_key, r.created AS end_created, ");
        cell(&mut sql, &query.sort);
        sql.push(" AS end_cell FROM runs r JOIN listed l ON l.run = r.key WHERE r.id = ")
            .push_bind(after.clone())
            .push(format!(
                ") WHERE (cell IS NULL) > (end_cell IS NULL) OR ((cell IS NULL) = (end_cell IS NULL)
                 AND (cell {beyond} end_cell OR (cell IS end_cell AND (created, key) < (end_created, end_key))))"
            ));
    }
    sql.push(" ORDER BY ");
    if sorted {
        sql.push(format!("cell IS NULL, cell {way}, "));
    }
    sql.push("created DESC, key DESC");
    if let Some(limit) = query.limit {
        sql.push(" LIMIT ").push_bind(i64::from(limit) + 1);
    }
    sql
}

fn cell<'a>(sql: &'a mut Sql, column: &str) -> &'a mut Sql {
    sql.push("json_extract(l.cells, ").push_bind(path(column)).push(")")
}

fn filters(sql: &mut Sql, query: &ListQuery) {
    let among = |sql: &mut Sql, list: Vec<String>| {
        sql.push(" IN (SELECT value FROM json_each(")
            .push_bind(json!(list).to_string())
            .push("))");
    };
    if let Some(archived) = query.archived {
        sql.push(" AND r.archived = ").push_bind(archived);
    }
    if let Some(sweep) = &query.sweep {
        sql.push(" AND r.sweep = ").push_bind(sweep.clone());
    }
    if !query.states.is_empty() {
        sql.push(" AND r.state");
        among(sql, query.states.clone());
    }
    for (column, list) in [
        ("loss", &query.losses),
        ("c.model_name_or_path", &query.models),
        ("health_key", &query.health),
    ] {
        if !list.is_empty() {
            sql.push(" AND ");
            cell(sql, column);
            among(sql, list.iter().map(|item| item.to_lowercase()).collect());
        }
    }
    if !query.tags.is_empty() {
        sql.push(" AND EXISTS (SELECT 1 FROM tags t WHERE t.run = r.key AND t.tag");
        among(sql, query.tags.clone());
        sql.push(")");
    }
}

/// One term, as [`Search::matches`] judges it.
fn condition(sql: &mut Sql, term: &Term, is_metric: &dyn Fn(&str) -> bool) {
    let contains = |sql: &mut Sql, column: &str, text: &str| {
        sql.push("instr(");
        cell(sql, column);
        sql.push(", ").push_bind(text.to_owned()).push(") > 0");
    };
    match &term.what {
        What::Word(word) => {
            sql.push("instr(l.words, ").push_bind(word.clone()).push(") > 0");
        }
        What::Field { name, text } => match name.as_str() {
            "name" | "loss" | "note" => contains(sql, name, text),
            "model" => contains(sql, "c.model_name_or_path", text),
            "data" | "dataset" => contains(sql, "c.dataset", text),
            "state" => {
                sql.push("instr(r.state, ").push_bind(text.clone()).push(") = 1");
            }
            "tag" => {
                sql.push("EXISTS (SELECT 1 FROM json_each(l.cells, '$.tag') t WHERE t.value = ")
                    .push_bind(text.clone())
                    .push(")");
            }
            "health" => {
                cell(sql, "health_key").push(" = ").push_bind(text.clone());
            }
            key => setting(sql, &format!("c.{key}"), text),
        },
        What::Compare { key, sign, number } => {
            let known = |column: &String| is_column(column, is_metric);
            sql.push("CASE WHEN FALSE THEN NULL");
            for column in columns(key).iter().filter(|column| known(column)) {
                sql.push(" WHEN json_type(l.cells, ")
                    .push_bind(path(column))
                    .push(") = 'real' THEN ");
                cell(sql, column);
            }
            sql.push(" END ").push(symbol(*sign)).push(" ").push_bind(*number);
        }
    }
}

/// A key's number is the one, or its words have the text in them.
fn setting(sql: &mut Sql, column: &str, text: &str) {
    sql.push("CASE json_type(l.cells, ")
        .push_bind(path(column))
        .push(") WHEN 'real' THEN ");
    cell(sql, column).push(" = ").push_bind(text.parse::<f64>().ok());
    sql.push(" WHEN 'text' THEN instr(");
    cell(sql, column).push(", ").push_bind(text.to_owned());
    sql.push(") > 0 AND ").push_bind(!text.is_empty()).push(" END");
}

fn symbol(sign: Sign) -> &'static str {
    match (sign.way, sign.or_equal) {
        (Ordering::Less, false) => "<",
        (Ordering::Less, true) => "<=",
        (Ordering::Equal, _) => "=",
        (Ordering::Greater, false) => ">",
        (Ordering::Greater, true) => ">=",
    }
}

#[cfg(test)]
mod tests;
