//! Following `events.jsonl`: from a stored offset, whole lines only, into the database, then onto the bus.

use crate::db::progress::Progress;
use crate::db::{Batch, Db, EventLine, RunRow};
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::runs::health;
use protocol::event::{Event, TrainEvent};
use protocol::fold::Fold;
use protocol::health::Vitals;
use protocol::{MetricValue, RunConfig, run_dir};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes read at a time, and lines stored in one transaction.
const MAX_CHUNK: u64 = 1 << 20;
const MAX_LINES: usize = 500;
/// Bytes of the longest line that is read: a longer one is none of ours.
const MAX_LINE: usize = 8 << 20;
/// The last step that is taken in: a number beyond it is none that floats count, and sums of steps would overflow.
const MAX_STEP: u64 = 1 << 53;

/// Where the reading of one run stands. It changes only once the database has what was read.
pub struct Follower {
    key: i64,
    id: String,
    directory: PathBuf,
    bytes: u64,
    seq: u64,
    pub progress: Progress,
    /// The config as it was written, and with every default: which counts depends on the run's first event.
    written: Box<RunConfig>,
    completed: Box<RunConfig>,
    /// The fold of all events up to `seq`; `None` until there is a new one.
    vitals: Option<Box<Vitals>>,
}

/// Why following came no further.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The file can't be read.
    #[error("events.jsonl: {0}")]
    File(io::Error),
    /// The database won't take what was read.
    #[error("{0}")]
    Store(#[from] sqlx::Error),
}

/// What one read of the file gave.
struct ReadResult {
    lines: Vec<EventLine>,
    /// Bytes of the checkpoint folders that the lines name, by step.
    sizes: BTreeMap<u64, u64>,
    bytes: u64,
    more: bool,
    /// Another run took the directory: where its events begin. The file is shorter than what was read, or begins again behind that.
    replaced: Option<u64>,
}

impl Follower {
    pub fn new(row: &RunRow) -> Self {
        Self {
            key: row.key,
            id: row.summary.id.clone(),
            directory: row.directory.clone(),
            bytes: row.bytes,
            seq: row.summary.seq,
            progress: row.progress.clone(),
            written: Box::new(row.summary.config.clone()),
            completed: Box::new(row.summary.config.completed()),
            vitals: None,
        }
    }

    /// Stores all that the file has by now. True when there was anything.
    ///
    /// # Errors
    /// When the file can't be read or the database won't take it; the next call tries the same again.
    pub async fn catch_up(&mut self, db: &Db, bus: &Bus) -> Result<bool, FollowError> {
        let mut any = false;
        loop {
            let (directory, from, seq) = (self.directory.clone(), self.bytes, self.seq);
            let read = tokio::task::spawn_blocking(move || read(&directory, from, seq))
                .await
                .map_err(io::Error::other)
                .and_then(|read| read)
                .map_err(FollowError::File)?;
            if let Some(start) = read.replaced {
                tracing::warn!(run = self.id, "events.jsonl was replaced: reading it from byte {start}");
                db.forget_events(self.key).await?;
                (self.bytes, self.seq, self.progress, self.vitals) = (start, 0, Progress::default(), None);
                continue;
            }
            if read.bytes == self.bytes {
                return Ok(any);
            }
            self.store(db, &read).await?;
            any = true;
            bus.events(&self.id);
            if !read.more {
                return Ok(any);
            }
        }
    }

    /// Whether what was followed is no longer there, though there was something.
    pub async fn lost_its_file(&self) -> bool {
        let events = self.directory.join(run_dir::EVENTS);
        // a look that fails says nothing: a network's disk may be away for a moment
        self.seq > 0 && matches!(off_thread(move || events.try_exists()).await, Ok(Ok(false)))
    }

    async fn store(&mut self, db: &Db, read: &ReadResult) -> Result<(), sqlx::Error> {
        let mut progress = self.progress.clone();
        let mut vitals = match &self.vitals {
            Some(vitals) => vitals.clone(),
            None => health::vitals(db, self.key, self.seq).await?,
        };
        for line in &read.lines {
            progress.apply(&line.event);
            vitals.apply(&line.event);
        }
        // the defaults of another program's run are not ours
        let config = if progress.origin.is_some() {
            &self.written
        } else {
            &self.completed
        };
        progress.health = Some(health::found(&vitals, config));
        let batch = Batch {
            lines: &read.lines,
            bytes: read.bytes,
            progress: &progress,
            sizes: &read.sizes,
        };
        db.ingest(self.key, &batch).await?;
        self.bytes = read.bytes;
        self.seq = read.lines.last().map_or(self.seq, |line| line.event.seq);
        self.progress = progress;
        self.vitals = Some(vitals);
        Ok(())
    }
}

/// What a run's file has behind the first `from` bytes, which end with event `seq`.
fn read(directory: &Path, from: u64, seq: u64) -> io::Result<ReadResult> {
    let mut read = read_lines(&directory.join(run_dir::EVENTS), from, seq)?;
    let named = read.lines.iter().filter_map(|line| match &line.event.body {
        TrainEvent::Checkpoint { step, path, .. } => Some((*step, folder_bytes(&directory.join(path)))),
        _ => None,
    });
    read.sizes = named.collect();
    Ok(read)
}

fn read_lines(path: &Path, from: u64, mut seq: u64) -> io::Result<ReadResult> {
    let mut none = ReadResult {
        lines: vec![],
        sizes: BTreeMap::new(),
        bytes: from,
        more: false,
        replaced: None,
    };
    let meta = match std::fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(none),
        other => other?,
    };
    if !meta.is_file() {
        // opening a pipe would wait for whoever writes into it
        return Err(io::Error::other("this is no file"));
    }
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length < from {
        none.replaced = Some(0);
        return Ok(none);
    }
    if length == from {
        return Ok(none);
    }
    file.seek(SeekFrom::Start(from))?;
    let mut text = vec![];
    file.take(MAX_CHUNK.max(MAX_LINE as u64)).read_to_end(&mut text)?;
    let mut done = 0;
    let mut lines = vec![];
    // a last line without its end is being written, or was torn: it stays for the next look
    while let Some(end) = text[done..].iter().position(|b| *b == b'\n') {
        if lines.len() == MAX_LINES {
            break;
        }
        let (start, line) = (from + done as u64, &text[done..done + end]);
        done += end + 1;
        match serde_json::from_slice::<Event>(line) {
            Ok(event) if event.seq == 1 && seq > 0 => {
                none.replaced = Some(start);
                return Ok(none);
            }
            Ok(event) if step_of(&event.body).is_some_and(|step| step > MAX_STEP) => {
                tracing::warn!(path = %path.display(), "event {} is of a step that no run comes to", event.seq);
            }
            Ok(event) if event.seq <= seq => {}
            Ok(mut event) => {
                restore_exact_metrics(&mut event, line);
                if event.seq != seq + 1 {
                    tracing::warn!(path = %path.display(), "events {} to {} are missing", seq + 1, event.seq - 1);
                }
                seq = event.seq;
                let text = String::from_utf8_lossy(line).into_owned();
                lines.push(EventLine { event, text });
            }
            Err(_) if line.iter().all(u8::is_ascii_whitespace) => {}
            Err(e) => tracing::warn!(path = %path.display(), "a line after event {seq} is no event: {e}"),
        }
    }
    if done == 0 && text.len() >= MAX_LINE {
        // no line of ours is that long; without this the reading would never go on
        tracing::warn!(path = %path.display(), "skipped {} bytes without a line's end", text.len());
        done = text.len();
    }
    Ok(ReadResult {
        lines,
        sizes: BTreeMap::new(),
        bytes: from + done as u64,
        more: done > 0 && from + (done as u64) < length,
        replaced: None,
    })
}

/// The step that an event is of, where it is of one.
fn step_of(event: &TrainEvent) -> Option<u64> {
    match event {
        TrainEvent::Step { step, .. } | TrainEvent::Eval { step, .. } | TrainEvent::Checkpoint { step, .. } => {
            Some(*step)
        }
        _ => None,
    }
}

/// Parses the metrics of an event anew from the text of its line: the JSON parser's fast way of reading a number may be off in the
/// last bit.
fn restore_exact_metrics(event: &mut Event, line: &[u8]) {
    #[derive(Deserialize)]
    struct Numbers<'a> {
        #[serde(borrow)]
        metrics: BTreeMap<String, &'a RawValue>,
    }
    let (TrainEvent::Step { metrics, .. } | TrainEvent::Eval { metrics, .. }) = &mut event.body else {
        return;
    };
    let Ok(written) = serde_json::from_slice::<Numbers>(line) else {
        return;
    };
    for (name, value) in metrics {
        let exact = written.metrics.get(name).and_then(|raw| raw.get().parse().ok());
        *value = exact.and_then(MetricValue::new).unwrap_or(*value);
    }
}

/// Whether there is an event behind the first `bytes` bytes that comes after `seq`. A torn line is no news, nor is one
/// that an editor or a person left there.
pub fn has_news(path: &Path, bytes: u64, seq: u64) -> bool {
    let look = || -> io::Result<bool> {
        if !std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() > bytes) {
            return Ok(false);
        }
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(bytes))?;
        let mut tail = vec![];
        file.take(MAX_LINE as u64).read_to_end(&mut tail)?;
        let whole = tail.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let mut lines = tail[..whole].split(|b| *b == b'\n');
        Ok(lines.any(|line| serde_json::from_slice::<Event>(line).is_ok_and(|event| event.seq > seq)))
    };
    look().unwrap_or(false)
}

/// Bytes of the files in a folder and its subfolders.
pub fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(m) if m.is_dir() => folder_bytes(&entry.path()),
            Ok(m) => m.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::NewRow;
    use crate::in_process::InProcess;
    use serde_json::json;

    /// A file to which another run's events were appended, beginning at 1 again.
    #[tokio::test]
    async fn events_that_begin_again_are_another_runs_and_read_once() {
        let server = InProcess::open("follow-again").await;
        let (db, folder) = (&server.app.db, server.data_dir().join("runs/r"));
        std::fs::create_dir_all(&folder).unwrap();
        let event = |seq: u64, step: u64, loss: f64| {
            let metrics = json!({ "loss": loss });
            let event =
                json!({ "seq": seq, "time": seq, "type": "step", "step": step, "epoch": 0.5, "metrics": metrics });
            format!("{event}\n")
        };
        let lines = [
            event(1, 1, 0.1),
            event(2, 2, 0.2),
            event(3, 3, 0.3),
            event(1, 1, 9.1),
            event(2, u64::MAX, 9.2),
            event(3, 3, 9.3),
        ];
        std::fs::write(folder.join(run_dir::EVENTS), lines.concat()).unwrap();
        db.insert_run(&NewRow::queued("r", folder)).await.unwrap();
        let row = db.run("r").await.unwrap().unwrap();
        let mut follower = Follower::new(&row);
        assert!(follower.catch_up(db, &server.app.bus).await.unwrap());
        assert!(!follower.catch_up(db, &server.app.bus).await.unwrap());
        // a step that no run comes to is left out
        let (seq, series) = db.series(row.key, None, 0, u64::MAX >> 1, 2000).await.unwrap();
        let losses: Vec<_> = series[0].points.iter().map(|point| (point.0, point.2)).collect();
        assert_eq!((seq, losses), (3, vec![(1, 9.1), (3, 9.3)]));
        drop(follower);
        server.close().await;
    }

    #[test]
    fn a_number_is_stored_as_it_is_written_to_the_bit() {
        // what workers wrote and a quick parser reads one bit beside it
        for number in [
            "-1.0856823012771377",
            "0.6931471805599453",
            "1.7976931348623157e308",
            "5e-324",
            "3",
            "-0.0",
        ] {
            let line = format!(
                r#"{{"seq":1,"time":1,"type":"step","step":1,"epoch":0.1,"metrics":{{"loss":{number},"x":1}}}}"#
            );
            let mut event: Event = serde_json::from_str(&line).unwrap();
            restore_exact_metrics(&mut event, line.as_bytes());
            let TrainEvent::Step { metrics, .. } = &event.body else {
                panic!("{event:?}")
            };
            let exact: f64 = number.parse().unwrap();
            assert_eq!(metrics["loss"].get().to_bits(), exact.to_bits(), "{number}");
        }
    }
}
