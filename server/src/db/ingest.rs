//! Storing what a worker wrote: a batch of lines, the points in them, and how far the file was read, in one transaction.

use super::changes::encode;
use super::progress::Progress;
use super::thinned::LEVELS;
use super::{Db, Write};
use protocol::event::{Event, TrainEvent};
use protocol::fold::Rewind;
use sqlx::QueryBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// An event with its line as it stands in the file.
#[derive(Debug, Clone)]
pub struct EventLine {
    pub event: Event,
    pub text: String,
}

/// What a follower read since the last time.
pub struct Batch<'a> {
    pub lines: &'a [EventLine],
    /// Bytes of the file that are stored once this is.
    pub bytes: u64,
    /// The fold of all events up to and with these.
    pub progress: &'a Progress,
    /// Sizes of checkpoint folders named in the lines, by step.
    pub sizes: &'a BTreeMap<u64, u64>,
}

/// Rows of a statement: each number of them is a statement of its own, which is not kept prepared. Bind parameters stay far below SQLite's limit of 32766.
const ROWS_PER_STATEMENT: usize = 1000;

#[derive(Clone, Copy, sqlx::FromRow)]
struct Point {
    metric: i64,
    step: i64,
    time: i64,
    value: f64,
}

/// What points give their bucket: its least and greatest, and what means are worked out of.
struct Bucket {
    low: Point,
    high: Point,
    count: i64,
    steps: f64,
    times: f64,
    values: f64,
}

impl Bucket {
    fn of(point: &Point) -> Self {
        Self {
            low: *point,
            high: *point,
            count: 0,
            steps: 0.0,
            times: 0.0,
            values: 0.0,
        }
    }

    fn take_in(&mut self, point: &Point) {
        if point.value < self.low.value {
            self.low = *point;
        }
        if point.value > self.high.value {
            self.high = *point;
        }
        self.count(point, 1);
    }

    /// Counts a point so often: -1 takes it out.
    fn count(&mut self, point: &Point, times: i64) {
        let sign = times as f64;
        self.count += times;
        self.steps += sign * point.step as f64;
        self.times += sign * point.time as f64;
        self.values += sign * point.value;
    }
}

impl Db {
    /// Stores the batch in one transaction. Lines that are stored already change nothing.
    pub async fn ingest(&self, run: i64, batch: &Batch<'_>) -> Result<(), sqlx::Error> {
        self.register_metrics(batch.lines).await?;
        let mut tx = self.write().await?;
        for chunk in batch.lines.chunks(ROWS_PER_STATEMENT) {
            let mut sql = QueryBuilder::new("INSERT INTO events (run, seq, kind, body) ");
            sql.push_values(chunk, |mut row, line| {
                row.push_bind(run)
                    .push_bind(line.event.seq as i64)
                    .push_bind(kind_name(&line.event.body))
                    .push_bind(&line.text);
            });
            sql.push(" ON CONFLICT DO NOTHING");
            sql.build().persistent(false).execute(&mut *tx).await?;
        }
        let mut points = vec![];
        let mut eval = None;
        for line in batch.lines {
            let time = line.event.time;
            if let Some(rewind) = Rewind::of(&line.event.body) {
                insert_points(&mut tx, run, &std::mem::take(&mut points)).await?;
                delete_points_after(
                    &mut tx,
                    run,
                    i64::try_from(rewind.first()).unwrap_or(i64::MAX).saturating_sub(1),
                )
                .await?;
            }
            match &line.event.body {
                TrainEvent::Step { step, metrics, .. } | TrainEvent::Eval { step, metrics, .. } => {
                    if matches!(line.event.body, TrainEvent::Eval { .. }) {
                        eval = Some((*step, metrics));
                    }
                    let ids = self.metrics.lock().unwrap_or_else(|e| e.into_inner());
                    points.extend(metrics.iter().filter_map(|(name, value)| {
                        Some(Point {
                            metric: *ids.get(name)?,
                            step: *step as i64,
                            time,
                            value: value.get(),
                        })
                    }));
                }
                TrainEvent::Checkpoint { step, path, best } => {
                    let seen = eval.or(batch.progress.eval.as_ref().map(|(s, m)| (*s, m)));
                    let eval = seen
                        .filter(|(s, _)| s == step)
                        .map(|(_, m)| m.clone())
                        .unwrap_or_default();
                    if *best {
                        let sql = "UPDATE checkpoints SET best = 0 WHERE run = ?";
                        sqlx::query(sql).bind(run).execute(&mut *tx).await?;
                    }
                    sqlx::query("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)")
                        .bind(run)
                        .bind(*step as i64)
                        .bind(path)
                        .bind(*best)
                        .bind(encode(&eval)?)
                        .bind(batch.sizes.get(step).copied().unwrap_or(0) as i64)
                        .bind(time)
                        .execute(&mut *tx)
                        .await?;
                }
                _ => {}
            }
        }
        insert_points(&mut tx, run, &points).await?;
        let last = batch.lines.last().map_or(0, |line| line.event.seq);
        sqlx::query("UPDATE summaries SET seq = max(seq, ?), bytes = ?, progress = ? WHERE run = ?")
            .bind(last as i64)
            .bind(batch.bytes as i64)
            .bind(encode(batch.progress)?)
            .bind(run)
            .execute(&mut *tx)
            .await?;
        if batch.lines.iter().any(|l| Rewind::of(&l.event.body).is_some()) {
            let sql = "UPDATE runs SET state = 'running' WHERE key = ? AND state = 'starting'";
            sqlx::query(sql).bind(run).execute(&mut *tx).await?;
        }
        tx.commit().await
    }

    /// Deletes all that was read of a run's events: its file was replaced.
    pub async fn forget_events(&self, run: i64) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        for sql in [
            "DELETE FROM events WHERE run = ?",
            "DELETE FROM points WHERE run = ?",
            "DELETE FROM buckets WHERE run = ?",
            "DELETE FROM checkpoints WHERE run = ?",
            "UPDATE summaries SET seq = 0, bytes = 0, progress = '{}' WHERE run = ?",
        ] {
            sqlx::query(sql).bind(run).execute(&mut *tx).await?;
        }
        tx.commit().await
    }

    /// Gives each new metric name an id, committed before any point uses it.
    async fn register_metrics(&self, lines: &[EventLine]) -> Result<(), sqlx::Error> {
        let mut new: Vec<&str> = {
            let known = self.metrics.lock().unwrap_or_else(|e| e.into_inner());
            let all = lines.iter().flat_map(|line| match &line.event.body {
                TrainEvent::Step { metrics, .. } | TrainEvent::Eval { metrics, .. } => metrics.keys().collect(),
                _ => vec![],
            });
            all.map(String::as_str)
                .filter(|name| !known.contains_key(*name))
                .collect()
        };
        new.sort_unstable();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        let mut ids = vec![];
        for name in new {
            let sql = "INSERT INTO metrics (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id";
            let id: i64 = sqlx::query_scalar(sql).bind(name).fetch_one(&mut *tx).await?;
            ids.push((name.to_owned(), id));
        }
        tx.commit().await?;
        self.metrics.lock().unwrap_or_else(|e| e.into_inner()).extend(ids);
        Ok(())
    }
}

fn kind_name(event: &TrainEvent) -> &'static str {
    match event {
        TrainEvent::Origin(_) => "origin",
        TrainEvent::Started(_) => "started",
        TrainEvent::Phase { .. } => "phase",
        TrainEvent::Notice(_) => "notice",
        TrainEvent::Data(_) => "data",
        TrainEvent::Step { .. } => "step",
        TrainEvent::Eval { .. } => "eval",
        TrainEvent::Checkpoint { .. } => "checkpoint",
        TrainEvent::Finished { .. } => "finished",
    }
}

async fn insert_points(tx: &mut Write, run: i64, points: &[Point]) -> Result<(), sqlx::Error> {
    // of two at a step the later one counts
    let points: BTreeMap<(i64, i64), Point> = points.iter().map(|p| ((p.metric, p.step), *p)).collect();
    let stored = stored_at(tx, run, &points).await?;
    let points: Vec<Point> = points.into_values().collect();
    for chunk in points.chunks(ROWS_PER_STATEMENT) {
        let mut sql = QueryBuilder::new("INSERT INTO points (run, metric, step, time, value) ");
        sql.push_values(chunk, |mut row, p| {
            row.push_bind(run)
                .push_bind(p.metric)
                .push_bind(p.step)
                .push_bind(p.time)
                .push_bind(p.value);
        });
        sql.push(" ON CONFLICT DO UPDATE SET time = excluded.time, value = excluded.value");
        sql.build().persistent(false).execute(&mut **tx).await?;
    }
    // the batch's own lows and highs first: one row for each bucket it touches
    let mut buckets: BTreeMap<(i64, i64, i64), Bucket> = BTreeMap::new();
    let place = |p: &Point, level: i64| (level, p.metric, p.step >> (2 * level));
    for p in &points {
        for level in 1..=LEVELS {
            let bucket = buckets.entry(place(p, level)).or_insert_with(|| Bucket::of(p));
            bucket.take_in(p);
        }
    }
    for p in &stored {
        for level in 1..=LEVELS {
            if let Some(bucket) = buckets.get_mut(&place(p, level)) {
                bucket.count(p, -1);
            }
        }
    }
    let buckets: Vec<_> = buckets.into_iter().collect();
    for chunk in buckets.chunks(ROWS_PER_STATEMENT) {
        let mut sql = QueryBuilder::new(
            "INSERT INTO buckets (run, level, metric, bucket, low_step, low_time, low, high_step, high_time, high,
                                  count, step_sum, time_sum, value_sum) ",
        );
        sql.push_values(chunk, |mut row, ((level, metric, place), bucket)| {
            row.push_bind(run)
                .push_bind(*level)
                .push_bind(*metric)
                .push_bind(*place);
            for p in [&bucket.low, &bucket.high] {
                row.push_bind(p.step).push_bind(p.time).push_bind(p.value);
            }
            row.push_bind(bucket.count);
            for sum in [bucket.steps, bucket.times, bucket.values] {
                row.push_bind(sum);
            }
        });
        // where sums are not known, they stay so
        sql.push(
            " ON CONFLICT DO UPDATE SET
              low_step = iif(excluded.low < low, excluded.low_step, low_step),
              low_time = iif(excluded.low < low, excluded.low_time, low_time),
              low = min(excluded.low, low),
              high_step = iif(excluded.high > high, excluded.high_step, high_step),
              high_time = iif(excluded.high > high, excluded.high_time, high_time),
              high = max(excluded.high, high),
              count = count + excluded.count,
              step_sum = step_sum + excluded.step_sum,
              time_sum = time_sum + excluded.time_sum,
              value_sum = value_sum + excluded.value_sum",
        );
        sql.build().persistent(false).execute(&mut **tx).await?;
    }
    Ok(())
}

/// The stored points that some of these take the place of.
async fn stored_at(tx: &mut Write, run: i64, points: &BTreeMap<(i64, i64), Point>) -> Result<Vec<Point>, sqlx::Error> {
    let metrics: BTreeSet<i64> = points.keys().map(|(metric, _)| *metric).collect();
    let steps = points.keys().map(|(_, step)| *step);
    let Some((first, last)) = steps.clone().min().zip(steps.max()) else {
        return Ok(vec![]);
    };
    // with IN, each metric's steps are searched for in the key; a join is planned as a look at all the run's points
    let sql = "SELECT metric, step, time, value FROM points
               WHERE run = ? AND metric IN (SELECT value FROM json_each(?)) AND step BETWEEN ? AND ?";
    let mut stored: Vec<Point> = sqlx::query_as(sql)
        .bind(run)
        .bind(encode(&metrics)?)
        .bind(first)
        .bind(last)
        .fetch_all(&mut **tx)
        .await?;
    stored.retain(|p| points.contains_key(&(p.metric, p.step)));
    Ok(stored)
}

/// Takes out the points after `step`: the worker goes on from there and will write them again.
async fn delete_points_after(tx: &mut Write, run: i64, step: i64) -> Result<(), sqlx::Error> {
    let last: Option<i64> = sqlx::query_scalar("SELECT max(step) FROM points WHERE run = ? AND step > ?")
        .bind(run)
        .bind(step)
        .fetch_one(&mut **tx)
        .await?;
    if last.is_none() {
        return Ok(());
    }
    let sql = "DELETE FROM points WHERE run = ? AND step > ?";
    sqlx::query(sql).bind(run).bind(step).execute(&mut **tx).await?;
    let sql = "DELETE FROM checkpoints WHERE run = ? AND step > ?";
    sqlx::query(sql).bind(run).bind(step).execute(&mut **tx).await?;
    for level in 1..=LEVELS {
        let edge_bucket = step >> (2 * level);
        let sql = "DELETE FROM buckets WHERE run = ? AND level = ? AND bucket >= ?";
        sqlx::query(sql)
            .bind(run)
            .bind(level)
            .bind(edge_bucket)
            .execute(&mut **tx)
            .await?;
        // the bucket that the cut goes through is made again of the points that stay; with min() and max() alone,
        // SQLite takes the other columns from the row that has it
        sqlx::query(
            "INSERT INTO buckets SELECT ?1, ?2, l.metric, ?3, l.step, l.time, l.low, h.step, h.time, h.high, l.count, l.steps, l.times, l.sum
             FROM (SELECT metric, step, time, min(value) AS low, count(*) AS count, total(step) AS steps, total(time) AS times,
                          total(value) AS sum
                   FROM points WHERE run = ?1 AND step BETWEEN ?4 AND ?5 GROUP BY metric) l
             JOIN (SELECT metric, step, time, max(value) AS high FROM points
                   WHERE run = ?1 AND step BETWEEN ?4 AND ?5 GROUP BY metric) h USING (metric)",
        )
        .bind(run)
        .bind(level)
        .bind(edge_bucket)
        .bind(edge_bucket << (2 * level))
        .bind(step)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
