//! Reading series and events. A chart costs the same for a run of a thousand steps as for one of a million.

use super::Db;
use super::changes::encode;
use super::thinned::{Span, Stretches, bucket_level, thinned};
use protocol::api::{RunSeries, Series, SeriesPage};
use sqlx::{Sqlite, Transaction};
use std::ops::RangeInclusive;

/// Every value of some steps in the order of step and name: step, time, metric, value.
pub type Logged = (i64, i64, String, f64);

/// Every value of a stretch of steps.
pub struct LoggedPage {
    pub values: Vec<Logged>,
    /// From where to read on; `None` at the end.
    pub next: Option<u64>,
}

impl Db {
    /// Some metrics of a run, or every one, between two steps (both included), at most `points` points each; where there are more,
    /// the least and greatest of each stretch, so that no spike is lost. With it the sequence number it is true for.
    pub async fn series(
        &self,
        run: i64,
        names: Option<&[String]>,
        from: u64,
        to: u64,
        points: u64,
    ) -> Result<(u64, Vec<Series>), sqlx::Error> {
        let mut tx = self.read().begin().await?;
        let seq: i64 = sqlx::query_scalar("SELECT seq FROM summaries WHERE run = ?")
            .bind(run)
            .fetch_one(&mut *tx)
            .await?;
        let names = names.map(|names| encode(&names)).transpose()?;
        let series = read_series(&mut tx, run, names.as_deref(), from..=to, points).await?;
        tx.commit().await?;
        Ok((seq as u64, series))
    }

    /// The whole of some metrics of several runs, all as they are at one moment, in the order of `ids`; a run that is not there is left out.
    pub async fn series_of_runs(
        &self,
        ids: &[String],
        names: &[String],
        points: u64,
    ) -> Result<Vec<RunSeries>, sqlx::Error> {
        let mut tx = self.read().begin().await?;
        let sql = "SELECT r.key, r.id, s.seq FROM json_each(?) asked
                   JOIN runs r ON r.id = asked.value AND r.deleted = 0 JOIN summaries s ON s.run = r.key ORDER BY asked.key";
        let runs: Vec<(i64, String, i64)> = sqlx::query_as(sql).bind(encode(&ids)?).fetch_all(&mut *tx).await?;
        let names = encode(&names)?;
        let mut all = vec![];
        for (key, run, seq) in runs {
            let series = read_series(&mut tx, key, Some(&names), 0..=i64::MAX as u64, points).await?;
            let seq = seq as u64;
            all.push(RunSeries {
                run,
                page: SeriesPage { seq, series },
            });
        }
        tx.commit().await?;
        Ok(all)
    }

    /// The names of all metrics of the run, in order.
    pub async fn logged(&self, run: i64) -> Result<Vec<String>, sqlx::Error> {
        let sql =
            "SELECT m.name FROM metrics m WHERE EXISTS (SELECT 1 FROM points p WHERE p.run = ? AND p.metric = m.id)
                   ORDER BY m.name";
        sqlx::query_scalar(sql).bind(run).fetch_all(self.read()).await
    }

    /// Every value of these metrics in some steps, which begin with the first one from `from` on that has any: steps may be very far
    /// apart.
    pub async fn values(&self, run: i64, names: &[String], from: u64, steps: u64) -> Result<LoggedPage, sqlx::Error> {
        let names = encode(&names)?;
        let first: Option<i64> = sqlx::query_scalar(
            "SELECT min((SELECT min(step) FROM points p WHERE p.run = ?1 AND p.metric = m.id AND p.step >= ?2))
             FROM metrics m WHERE m.name IN (SELECT value FROM json_each(?3))",
        )
        .bind(run)
        .bind(from as i64)
        .bind(&names)
        .fetch_one(self.read())
        .await?;
        let Some(first) = first else {
            return Ok(LoggedPage {
                values: vec![],
                next: None,
            });
        };
        let last = first.saturating_add_unsigned(steps.saturating_sub(1));
        let values = sqlx::query_as(
            // this order of the two: the other is planned as a look at all the run's points
            "SELECT p.step, p.time, m.name, p.value FROM metrics m
             CROSS JOIN points p ON p.run = ? AND p.metric = m.id AND p.step BETWEEN ? AND ?
             WHERE m.name IN (SELECT value FROM json_each(?)) ORDER BY p.step, m.name",
        )
        .bind(run)
        .bind(first)
        .bind(last)
        .bind(names)
        .fetch_all(self.read())
        .await?;
        Ok(LoggedPage {
            values,
            next: last.checked_add(1).map(|next| next as u64),
        })
    }

    /// One metric over another: at each step of `y`, or `count` of them, the newest value that `x` had then.
    pub async fn against(&self, run: i64, y: &str, x: &str, count: u64) -> Result<Vec<(f64, f64)>, sqlx::Error> {
        let mut tx = self.read().begin().await?;
        let steps = last_step(&mut tx, run).await? + 1;
        let sql = "SELECT x, value FROM (
                       SELECT value, (SELECT p.value FROM points p
                                      WHERE p.run = ?1 AND p.metric = (SELECT id FROM metrics WHERE name = ?3) AND p.step <= first
                                      ORDER BY p.step DESC LIMIT 1) AS x
                       FROM (SELECT min(step) AS first, value FROM points
                             WHERE run = ?1 AND metric = (SELECT id FROM metrics WHERE name = ?2) GROUP BY step * ?4 / ?5)
                   ) WHERE x IS NOT NULL ORDER BY x";
        let pairs = sqlx::query_as(sql)
            .bind(run)
            .bind(y)
            .bind(x)
            .bind(count as i64)
            .bind(steps.max(count) as i64)
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(pairs)
    }

    /// Events after `after` as their lines, at most `limit`.
    pub async fn events_after(&self, run: i64, after: u64, limit: u32) -> Result<Vec<(u64, String)>, sqlx::Error> {
        let sql = "SELECT seq, body FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?";
        let rows: Vec<(i64, String)> = sqlx::query_as(sql)
            .bind(run)
            .bind(after.min(i64::MAX as u64) as i64)
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        Ok(rows.into_iter().map(|(seq, body)| (seq as u64, body)).collect())
    }

    /// All events of one rare kind (`notice`, `data`, `started`, `finished`), as their lines.
    pub async fn events_of_kind(&self, run: i64, kind: &'static str) -> Result<Vec<String>, sqlx::Error> {
        let sql = "SELECT body FROM events WHERE run = ? AND kind = ?
                   AND kind IN ('started', 'notice', 'data', 'checkpoint', 'finished') ORDER BY seq";
        sqlx::query_scalar(sql)
            .bind(run)
            .bind(kind)
            .fetch_all(self.read())
            .await
    }
}

pub(super) async fn last_step(tx: &mut Transaction<'_, Sqlite>, run: i64) -> Result<u64, sqlx::Error> {
    let sql = "SELECT max((SELECT max(step) FROM points p WHERE p.run = ?1 AND p.metric = m.id)) FROM metrics m";
    let step: Option<i64> = sqlx::query_scalar(sql).bind(run).fetch_one(&mut **tx).await?;
    Ok(step.unwrap_or(0) as u64)
}

/// The metrics named by a JSON list, or every one, as [`Db::series`] says.
async fn read_series(
    tx: &mut Transaction<'_, Sqlite>,
    run: i64,
    names: Option<&str>,
    steps: RangeInclusive<u64>,
    points: u64,
) -> Result<Vec<Series>, sqlx::Error> {
    let (from, to) = steps.into_inner();
    let to = to.min(last_step(tx, run).await?);
    let span = Span::of(from, to, bucket_level((to + 1).saturating_sub(from), points));
    // the driver hands rows over one by one from thread to thread, which for a chart's thousand costs several times the query: so a
    // metric is one row, with the 17 digits that tell a value from its neighbours. Below 1e-80 and above 1e120 SQLite's last digit may be
    // one off, which no chart shows; files of all values are not read so
    let rows: Vec<(String, String)> = sqlx::query_as(
        "WITH asked AS (SELECT id, name FROM metrics WHERE ?9 IS NULL OR name IN (SELECT value FROM json_each(?9)))
         SELECT name, group_concat(iif(low_step = high_step,
                    printf('%d %d %!.17g', low_step, low_time, low),
                    printf('%d %d %!.17g %d %d %!.17g', low_step, low_time, low, high_step, high_time, high)),
                ',' ORDER BY min(low_step, high_step)) FROM (
             SELECT m.name, p.step AS low_step, p.time AS low_time, p.value AS low,
                    p.step AS high_step, p.time AS high_time, p.value AS high
             FROM asked m JOIN points p ON p.run = ?1 AND p.metric = m.id AND p.step BETWEEN ?2 AND ?3
             UNION ALL
             SELECT m.name, b.low_step, b.low_time, b.low, b.high_step, b.high_time, b.high
             FROM asked m JOIN buckets b ON b.run = ?1 AND b.level = ?6 AND b.metric = m.id
                  AND b.bucket BETWEEN ?7 AND ?8
             UNION ALL
             SELECT m.name, p.step, p.time, p.value, p.step, p.time, p.value
             FROM asked m JOIN points p ON p.run = ?1 AND p.metric = m.id AND p.step BETWEEN ?4 AND ?5
         ) GROUP BY name ORDER BY name",
    )
    .bind(run)
    .bind(span.first)
    .bind(span.left_end)
    .bind(span.right_start)
    .bind(span.last)
    .bind(span.level)
    .bind(span.whole)
    .bind(span.after - 1)
    .bind(names)
    .fetch_all(&mut **tx)
    .await?;
    let stretches = Stretches::of(from, to, points);
    let series = |(metric, packed): (String, String)| {
        let points = thinned(&packed, stretches).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(Series { metric, points })
    };
    rows.into_iter().map(series).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::NewRow;

    /// A database with runs `a` and `b` that have points of two metrics.
    async fn with_points(name: &str, points: &[(i64, f64)]) -> (Db, std::path::PathBuf) {
        let dir = std::env::temp_dir().join(format!("corral-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let db = Db::open(&dir.join("corral.db"), Default::default()).await.unwrap();
        for id in ["a", "b"] {
            db.insert_run(&NewRow::queued(id, dir.join(id))).await.unwrap();
        }
        let mut tx = db.write().await.unwrap();
        let sql = "INSERT INTO metrics VALUES (1, 'loss'), (2, 'eval_loss')";
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
        for (step, value) in points {
            let sql = "INSERT INTO points SELECT r.key, m.id, ?1, 1000 * ?1, ?2 FROM runs r JOIN metrics m";
            let insert = sqlx::query(sql).bind(step).bind(value);
            insert.execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        (db, dir)
    }

    /// Values come through the text that SQLite makes of them as they were stored.
    #[tokio::test]
    async fn values_are_read_to_the_last_bit() {
        let mut values = vec![0.0, 0.1, 1.0 / 3.0, -1e22, 1e-60];
        let mut bits = 1_u64;
        while values.len() < 2000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let digits = 1.0 + (bits >> 12) as f64 / (1_u64 << 52) as f64;
            values.push(digits * 10_f64.powi((bits >> 20) as i32 % 60));
            values.push(-f64::from(digits as f32));
        }
        let points: Vec<_> = (0..).zip(values.iter().copied()).collect();
        let (db, dir) = with_points("bits", &points).await;
        let key = db.run("a").await.unwrap().unwrap().key;
        let (_, series) = db.series(key, Some(&["loss".into()]), 0, u64::MAX, 4000).await.unwrap();
        let read: Vec<u64> = series[0].points.iter().map(|point| point.2.to_bits()).collect();
        let stored: Vec<u64> = values.iter().map(|value| value.to_bits()).collect();
        assert_eq!(read, stored);
        db.close().await;
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[tokio::test]
    async fn all_values_are_read_in_as_many_pages_as_have_any() {
        let far = 1 << 52;
        let (db, dir) = with_points("pages", &[(3, 1.0), (4098, 2.0), (4099, 3.0), (far, 4.0)]).await;
        let key = db.run("a").await.unwrap().unwrap().key;
        let (mut pages, mut from) = (vec![], Some(0));
        while let Some(next) = from {
            let page = db.values(key, &["loss".into()], next, 4096).await.unwrap();
            pages.push(page.values.iter().map(|value| value.0).collect::<Vec<_>>());
            from = page.next;
        }
        assert_eq!(pages, [vec![3, 4098], vec![4099], vec![far], vec![]]);
        db.close().await;
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[tokio::test]
    async fn several_runs_are_read_as_each_alone() {
        let points: Vec<_> = (0..190).map(|step| (step, f64::from(step as i32 * 7 % 13))).collect();
        let (db, dir) = with_points("several", &points).await;
        let names = ["loss".to_owned()];
        let ids = ["b", "gone", "a"].map(String::from);
        let together = db.series_of_runs(&ids, &names, 100).await.unwrap();
        let found: Vec<_> = together.iter().map(|one| one.run.as_str()).collect();
        assert_eq!(found, ["b", "a"]);
        let key = db.run("a").await.unwrap().unwrap().key;
        let (seq, series) = db.series(key, Some(&names), 0, u64::MAX, 100).await.unwrap();
        assert_eq!(together[1].page, SeriesPage { seq, series });
        assert!(together[1].page.series[0].points.len() <= 100);
        db.close().await;
        std::fs::remove_dir_all(dir).unwrap();
    }
}
