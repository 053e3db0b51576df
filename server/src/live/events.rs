//! Runs' events as messages, read from the database and written out once, however many pages follow the same run.

use super::Change;
use crate::db::Db;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Events read at once.
const PAGE_SIZE: u32 = 500;
/// How long a message is cached: whoever follows at the run's own pace has been sent it by then.
const CACHED_FOR: Duration = Duration::from_secs(2);

/// Which of a run's events a page asks for.
#[derive(Clone, Copy)]
pub struct EventsAfter {
    /// The run's.
    pub key: i64,
    /// Those after this one.
    pub after: u64,
    /// The last change that the page was notified of: what was read before that lacks something.
    pub change: Change,
}

/// The events that were sent last, by the run's key.
#[derive(Default)]
pub struct EventCache(Mutex<HashMap<i64, Arc<Events>>>);

/// A page of a run's events as messages.
pub struct Events {
    /// The event before the first one.
    after: u64,
    /// Each event's `seq`, and where its message begins.
    starts: Vec<(u64, usize)>,
    /// The messages with commas between them.
    text: String,
    /// There may be more of them in the database.
    more: bool,
    as_of: Change,
    made: Instant,
}

/// The part of a page of events that one client was not sent yet.
pub struct Unsent {
    events: Arc<Events>,
    from: usize,
}

impl Events {
    /// The last event of the page.
    fn last(&self) -> u64 {
        self.starts.last().map_or(self.after, |(seq, _)| *seq)
    }

    async fn read(db: &Db, run: &str, key: i64, after: u64, as_of: Change) -> Result<Self, sqlx::Error> {
        let page = db.events_after(key, after, PAGE_SIZE).await?;
        let name = serde_json::Value::from(run);
        let more = page.len() == PAGE_SIZE as usize;
        let (mut text, mut starts) = (String::new(), Vec::with_capacity(page.len()));
        for (seq, body) in page {
            if !text.is_empty() {
                text.push(',');
            }
            starts.push((seq, text.len()));
            // the line as the worker wrote it, around which the envelope is put
            text.push_str(&format!(r#"{{"type":"event","run":{name},"event":{body}}}"#));
        }
        Ok(Self {
            after,
            starts,
            text,
            more,
            as_of,
            made: Instant::now(),
        })
    }
}

impl Unsent {
    /// Of a page, what comes behind event `after`; `None` where nothing does.
    fn of(events: Arc<Events>, after: u64) -> Option<Self> {
        let first = events.starts.partition_point(|(seq, _)| *seq <= after);
        let from = events.starts.get(first)?.1;
        Some(Self { events, from })
    }

    pub fn last(&self) -> u64 {
        self.events.last()
    }

    pub fn more(&self) -> bool {
        self.events.more
    }

    /// Messages with commas between them.
    pub fn text(&self) -> &str {
        self.events.text.get(self.from..).unwrap_or_default()
    }
}

impl EventCache {
    /// A run's events as messages: from the cache, where that reaches back far enough and knows of the change asked for.
    /// `changes` gives the number of the last change that was announced. `None`: nothing more.
    pub async fn after(
        &self,
        db: &Db,
        run: &str,
        asked: EventsAfter,
        changes: impl Fn() -> Change,
    ) -> Result<Option<Unsent>, sqlx::Error> {
        let EventsAfter { key, after, change } = asked;
        // held while the database is read: of all pages that wake at once, one reads
        let mut all = self.0.lock().await;
        let serves = |known: &&Arc<Events>| known.after <= after && after < known.last() && known.as_of >= change;
        if let Some(known) = all.get(&key).filter(serves) {
            return Ok(Unsent::of(known.clone(), after));
        }
        let page = Arc::new(Events::read(db, run, key, after, changes()).await?);
        all.retain(|_, events| events.made.elapsed() < CACHED_FOR);
        all.insert(key, page.clone());
        Ok(Unsent::of(page, after))
    }
}

/// A page of a run's events for a client that is far behind the others; it is not cached.
pub async fn replay(db: &Db, run: &str, key: i64, after: u64) -> Result<Option<Unsent>, sqlx::Error> {
    let page = Arc::new(Events::read(db, run, key, after, 0).await?);
    Ok(Unsent::of(page, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(after: u64, seqs: &[u64]) -> Arc<Events> {
        let (mut text, mut starts) = (String::new(), vec![]);
        for seq in seqs {
            if !text.is_empty() {
                text.push(',');
            }
            starts.push((*seq, text.len()));
            text.push_str(&format!("<{seq}>"));
        }
        Arc::new(Events {
            after,
            starts,
            text,
            more: false,
            as_of: 6,
            made: Instant::now(),
        })
    }

    #[test]
    fn each_page_is_told_what_it_has_not_heard() {
        let events = page(4, &[5, 6, 9]);
        for (after, text) in [(4, "<5>,<6>,<9>"), (5, "<6>,<9>"), (7, "<9>")] {
            assert_eq!(Unsent::of(events.clone(), after).unwrap().text(), text);
        }
        assert!(Unsent::of(events, 9).is_none());
        assert!(Unsent::of(page(4, &[]), 4).is_none());
    }

    #[tokio::test]
    async fn a_database_that_can_not_be_read_is_an_error_and_not_an_empty_answer() {
        let dir = std::env::temp_dir().join(format!("corral-live-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let db = Db::open(&dir.join("corral.db"), Default::default()).await.unwrap();
        let cache = EventCache::default();
        let asked = |change| EventsAfter {
            key: 1,
            after: 4,
            change,
        };
        assert!(cache.after(&db, "run", asked(0), || 6).await.unwrap().is_none());
        // what was read before the change that a page heard of is read anew, and here there is nothing
        cache.0.lock().await.insert(1, page(4, &[5]));
        let known = cache.after(&db, "run", asked(6), || 7).await.unwrap();
        assert_eq!(known.unwrap().text(), "<5>");
        assert!(cache.after(&db, "run", asked(7), || 7).await.unwrap().is_none());
        db.close().await;
        assert!(cache.after(&db, "run", asked(8), || 8).await.is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
