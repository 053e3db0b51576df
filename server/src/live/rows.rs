//! Runs' rows as messages: whole to a page that is told of a run for the first time, later what changed since it was told last.
//!
//! Rows are read one after the other, and each reading has a number of its own. Of
//! every field it is kept at which reading its value was new: a page that was told of an older one is told the fields that are
//! newer than that, written out once for all pages that stand where it does. A page has been told the whole row by the same socket
//! before, so what it is told fits what it has whatever it loaded meanwhile in other ways.

use super::Change;
use crate::db::{Db, RunRow};
use serde_json::{Map, Value};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a row is kept after it was read: a run whose steps are further apart is told whole, which is little by then.
const KEPT_FOR: Duration = Duration::from_secs(120);
/// Rows kept of runs that change seldom.
const MAX_KEPT: usize = 256;
/// What counts as often: pages have been told of such a run, and will be again in a moment.
const OFTEN: Duration = Duration::from_secs(2);
/// Up to so many rows are read one by one; more are read in one query.
const MAX_SINGLE_READS: usize = 8;

/// The number of a reading: no two have the same.
pub type Reading = u64;

/// The rows that were told last.
#[derive(Default)]
pub struct RowCache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    rows: HashMap<Arc<str>, Row>,
    /// How often rows were read.
    readings: Reading,
}

/// What a page is to be told of a run's row.
pub struct News {
    pub run: Arc<str>,
    /// The reading that the page knows then.
    pub reading: Reading,
    /// The message; none where it knows all of it.
    pub text: Option<Arc<str>>,
}

struct Row {
    fields: BTreeMap<String, Field>,
    /// The first reading since it is kept: what a page was told before is not known any more.
    first: Reading,
    /// The last reading,
    reading: Reading,
    /// and the last change that was announced before it.
    as_of: Change,
    read: Instant,
    /// The messages that were asked for since, by what a page was told before.
    texts: HashMap<Option<Reading>, Option<Arc<str>>>,
}

/// A field at the top of a row.
struct Field {
    /// In JSON; nothing where the row had it and has it no more.
    text: Option<Box<str>>,
    /// The reading at which this was new.
    since: Reading,
}

impl Row {
    fn new(reading: Reading, as_of: Change, values: &Map<String, Value>) -> Self {
        let mut row = Self {
            fields: BTreeMap::new(),
            first: reading,
            reading,
            as_of,
            read: Instant::now(),
            texts: HashMap::new(),
        };
        row.renew(reading, as_of, values);
        row
    }

    /// Takes a reading.
    fn renew(&mut self, reading: Reading, as_of: Change, values: &Map<String, Value>) {
        (self.reading, self.as_of) = (reading, as_of);
        self.read = Instant::now();
        self.texts.clear();
        for (name, value) in values {
            let text = Some(value.to_string().into());
            match self.fields.get_mut(name) {
                Some(field) => field.set(text, reading),
                None => drop(self.fields.insert(name.clone(), Field { text, since: reading })),
            }
        }
        for (name, field) in &mut self.fields {
            if !values.contains_key(name) {
                field.set(None, reading);
            }
        }
    }

    /// The message for pages that were told of the reading `told`.
    fn message(&mut self, run: &str, told: Option<Reading>) -> Option<Arc<str>> {
        let told = told.filter(|told| *told >= self.first);
        let write = || match told {
            None => Some(whole(&self.fields)),
            Some(told) => changed(run, self.fields.iter().filter(|(_, field)| field.since > told)),
        };
        match self.texts.entry(told) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(free) => free.insert(write()).clone(),
        }
    }
}

impl Field {
    fn set(&mut self, text: Option<Box<str>>, reading: Reading) {
        if self.text != text {
            *self = Self { text, since: reading };
        }
    }
}

fn whole(fields: &BTreeMap<String, Field>) -> Arc<str> {
    let there = fields
        .iter()
        .filter_map(|(name, field)| Some((name, field.text.as_deref()?)));
    format!(r#"{{"type":"run","run":{}}}"#, object(there)).into()
}

fn changed<'a>(run: &str, fields: impl Iterator<Item = (&'a String, &'a Field)>) -> Option<Arc<str>> {
    let values = fields.map(|(name, field)| (name, field.text.as_deref().unwrap_or("null")));
    let mut values = values.peekable();
    values.peek()?;
    let run = Value::from(run);
    Some(format!(r#"{{"type":"run_changed","run":{run},"changed":{}}}"#, object(values)).into())
}

/// A JSON object of values that are JSON already.
fn object<'a>(fields: impl Iterator<Item = (&'a String, &'a str)>) -> String {
    let fields: Vec<String> = fields
        .map(|(name, text)| format!("{}:{text}", Value::from(name.as_str())))
        .collect();
    format!("{{{}}}", fields.join(","))
}

impl RowCache {
    /// What a page is to be told of these runs, each as it was after the change that is named with it or later, when it was `told`
    /// of them up to those. `changes` is the number of the last change that was announced. Of a run that is gone there is nothing.
    pub async fn news(
        &self,
        db: &Db,
        runs: &BTreeMap<Arc<str>, Change>,
        told: &HashMap<Arc<str>, Reading>,
        changes: impl Fn() -> Change,
    ) -> Result<Vec<News>, sqlx::Error> {
        // held while the database is read: of all pages that wake at once, one reads
        let mut kept = self.0.lock().await;
        let Kept { rows: kept, readings } = &mut *kept;
        let stale = |run: &Arc<str>, change: Change| kept.get(run).is_none_or(|row| row.as_of < change);
        let unread = runs.iter().filter(|(run, change)| stale(run, **change));
        let unread: Vec<Arc<str>> = unread.map(|(run, _)| run.clone()).collect();
        let as_of = changes();
        *readings += u64::from(!unread.is_empty());
        let reading = *readings;
        for row in read(db, &unread).await? {
            let run: Arc<str> = row.summary.id.as_str().into();
            match serde_json::to_value(row.summary) {
                Ok(Value::Object(values)) => match kept.entry(run) {
                    Entry::Occupied(mut known) => known.get_mut().renew(reading, as_of, &values),
                    Entry::Vacant(free) => drop(free.insert(Row::new(reading, as_of, &values))),
                },
                Ok(_) => tracing::error!("run {run}: its row is no object"),
                Err(error) => tracing::error!("run {run}: {error}"),
            }
        }
        let news = runs.iter().filter_map(|(run, change)| {
            let row = kept.get_mut(run).filter(|row| row.as_of >= *change)?;
            Some(News {
                run: run.clone(),
                reading: row.reading,
                text: row.message(run, told.get(run).copied()),
            })
        });
        let news = news.collect();
        let keep_for = match kept.len() > MAX_KEPT {
            true => OFTEN,
            false => KEPT_FOR,
        };
        kept.retain(|_, row| row.read.elapsed() < keep_for);
        Ok(news)
    }
}

/// The rows of some runs, as they are now.
async fn read(db: &Db, runs: &[Arc<str>]) -> Result<Vec<RunRow>, sqlx::Error> {
    if runs.len() > MAX_SINGLE_READS {
        return db.runs_of(runs).await;
    }
    let mut rows = vec![];
    for run in runs {
        rows.extend(db.run(run).await?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::in_process::InProcess;
    use axum::http::Method;
    use protocol::api::RunFields;
    use protocol::live::ToBrowser;
    use serde_json::json;
    use std::fs;

    /// A page: the rows it has been told, and up to which change.
    #[derive(Default)]
    struct Page {
        rows: HashMap<Arc<str>, RunFields>,
        told: HashMap<Arc<str>, Reading>,
        heard: Vec<Arc<str>>,
    }

    impl Page {
        async fn hear(&mut self, cache: &RowCache, db: &Db, runs: &BTreeMap<Arc<str>, Change>, now: Change) {
            for News { run, reading, text } in cache.news(db, runs, &self.told, || now).await.unwrap() {
                self.told.insert(run.clone(), reading);
                let Some(text) = text else { continue };
                match serde_json::from_str(&text).unwrap() {
                    ToBrowser::Run { run: row } => drop(self.rows.insert(run, row)),
                    ToBrowser::RunChanged { changed, .. } => self.rows.get_mut(&run).unwrap().change(changed),
                    other => panic!("{other:?}"),
                }
                self.heard.push(text);
            }
        }
    }

    fn values(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_message_has_what_is_newer_than_what_was_told() {
        let mut row = Row::new(4, 4, &values(json!({ "id": "a", "step": 1, "pace": 0.5 })));
        let same = row.message("a", Some(4));
        assert_eq!((same, row.message("a", Some(3))), (None, row.message("a", None)));
        row.renew(6, 6, &values(json!({ "id": "a", "step": 2, "pace": 0.5 })));
        row.renew(9, 9, &values(json!({ "id": "a", "step": 2, "note": "\"" })));
        let text = |row: &mut Row, told| row.message("a", told).map(|text| text.to_string());
        let changed = |fields: &str| Some(format!(r#"{{"type":"run_changed","run":"a","changed":{fields}}}"#));
        assert_eq!(
            text(&mut row, Some(4)),
            changed(r#"{"note":"\"","pace":null,"step":2}"#)
        );
        assert_eq!(text(&mut row, Some(6)), changed(r#"{"note":"\"","pace":null}"#));
        assert_eq!(text(&mut row, Some(9)), None);
        let all = r#"{"type":"run","run":{"id":"a","note":"\"","step":2}}"#;
        // what was told before the row was kept may be anything
        for told in [None, Some(3)] {
            assert_eq!(text(&mut row, told).as_deref(), Some(all));
        }
        // one text for all that stand where this one does
        let (one, other) = (row.message("a", Some(4)).unwrap(), row.message("a", Some(4)).unwrap());
        assert!(Arc::ptr_eq(&one, &other));
    }

    #[tokio::test]
    async fn pages_that_hear_at_other_times_come_to_the_same_rows() {
        let server = InProcess::open("row-news").await;
        let mut ids = vec![];
        for name in ["one", "two"] {
            let directory = server.data_dir().join("elsewhere").join(name);
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("config.yaml"), format!("run_name: {name}\n")).unwrap();
            fs::write(directory.join("events.jsonl"), "").unwrap();
            let made = server.post("/api/runs/adopt", json!({ "path": directory })).await;
            ids.push(Arc::<str>::from(made.json()["id"].as_str().unwrap()));
        }
        let (cache, db) = (RowCache::default(), server.app.db.clone());
        let mut pages: [Page; 3] = Default::default();
        // a row that changes at each number: the first page hears of all, the second of every third, the last at the end
        for change in 1..=12 {
            let body = match change % 4 {
                0 => json!({ "archived": change % 8 == 0 }),
                1 => json!({ "note": format!("after {change}") }),
                2 => json!({ "add_tags": [change.to_string()] }),
                // nothing of the row is another
                _ => json!({}),
            };
            let id = &ids[usize::from(change % 5 == 0)];
            let changed = server.call(Method::PATCH, &format!("/api/runs/{id}"), Some(body)).await;
            assert!(changed.status.is_success(), "{}", changed.text);
            let all: BTreeMap<_, _> = ids.iter().map(|id| (id.clone(), change)).collect();
            for (page, every) in pages.iter_mut().zip([1, 3, 12]) {
                if change % every == 0 {
                    page.hear(&cache, &db, &all, change).await;
                }
            }
        }
        for id in &ids {
            let stored = db.run(id).await.unwrap().unwrap().summary;
            for page in &pages {
                assert_eq!(page.rows[id].row().unwrap(), stored);
            }
        }
        let count = |page: &Page, kind: &str| page.heard.iter().filter(|text| text.starts_with(kind)).count();
        let whole = r#"{"type":"run","#;
        let counts = pages
            .each_ref()
            .map(|page| (count(page, whole), count(page, r#"{"type":"run_changed","#)));
        // each is told a row whole once; what changed comes only where something did
        assert_eq!(counts, [(2, 7), (2, 5), (2, 0)]);
        // one that asks anew, or was told before the cache began, is told the whole row
        pages[0].told.clear();
        pages[0]
            .hear(&cache, &db, &BTreeMap::from([(ids[0].clone(), 12)]), 12)
            .await;
        assert!(pages[0].heard.last().unwrap().starts_with(whole));
        drop(db);
        server.close().await;
    }

    #[tokio::test]
    async fn a_database_that_can_not_be_read_is_an_error_and_not_an_empty_answer() {
        let server = InProcess::open("row-errors").await;
        let (cache, db) = (RowCache::default(), server.app.db.clone());
        let changed =
            |many: usize| -> BTreeMap<Arc<str>, Change> { (0..many).map(|n| (n.to_string().into(), 1)).collect() };
        let told = HashMap::new();
        for many in [1, MAX_SINGLE_READS + 1] {
            assert!(cache.news(&db, &changed(many), &told, || 1).await.unwrap().is_empty());
        }
        db.close().await;
        for many in [1, MAX_SINGLE_READS + 1] {
            assert!(cache.news(&db, &changed(many), &told, || 1).await.is_err());
        }
        drop(db);
        server.close().await;
    }
}
