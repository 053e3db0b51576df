//! Reading series and events. A chart costs the same for a run of a thousand steps and of a million.

use super::Db;
use super::changes::encode;
use protocol::api::Series;
use sqlx::{FromRow, Sqlite, Transaction};

/// Levels of buckets kept: the last one has 4^10 (a million) steps in each.
pub(super) const LEVELS: i64 = 10;

/// The finest level of which at most four buckets fall into each stretch of a chart of `points` points (two a stretch):
/// fine enough that stretches of even length can be put together from its buckets; 0: the points themselves.
pub fn bucket_level(steps: u64, points: u64) -> i64 {
    (0..=LEVELS)
        .find(|level| (steps >> (2 * level)) <= 2 * points)
        .unwrap_or(LEVELS)
}

/// The least and the greatest point of some steps, or one point twice.
#[derive(FromRow)]
struct Extremes {
    name: String,
    low_step: i64,
    low_time: i64,
    low: f64,
    high_step: i64,
    high_time: i64,
    high: f64,
}

impl Extremes {
    fn take_in(&mut self, other: &Self) {
        if other.low < self.low {
            (self.low_step, self.low_time, self.low) = (other.low_step, other.low_time, other.low);
        }
        if other.high > self.high {
            (self.high_step, self.high_time, self.high) = (other.high_step, other.high_time, other.high);
        }
    }

    /// Its one or two points, in their order.
    fn points(&self) -> impl Iterator<Item = (u64, i64, f64)> + use<> {
        let low = (self.low_step as u64, self.low_time, self.low);
        let high = (self.high_step as u64, self.high_time, self.high);
        let (first, second) = if low.0 <= high.0 { (low, high) } else { (high, low) };
        [Some(first), (first.0 != second.0).then_some(second)]
            .into_iter()
            .flatten()
    }
}

/// Steps of a chart, cut into stretches of even length with two points each at most.
#[derive(Debug, Clone, Copy)]
struct Stretches {
    from: u64,
    steps: u64,
    count: u64,
}

impl Stretches {
    /// `None` where the points as they are do not come to more than asked.
    fn of(from: u64, to: u64, points: u64) -> Option<Self> {
        let steps = (to + 1).saturating_sub(from);
        let count = points / 2;
        (steps > points).then_some(Self { from, steps, count })
    }

    fn at(self, step: i64) -> u64 {
        let offset = (step as u64).saturating_sub(self.from);
        (u128::from(offset) * u128::from(self.count) / u128::from(self.steps)) as u64
    }
}

/// Rows in the order of name and step, put together to series.
fn series_of(rows: Vec<Extremes>, stretches: Option<Stretches>) -> Vec<Series> {
    let mut series: Vec<Series> = vec![];
    let mut rows = rows.into_iter().peekable();
    while let Some(mut row) = rows.next() {
        if let Some(stretches) = stretches {
            let here = stretches.at(row.low_step.min(row.high_step));
            let same =
                |next: &Extremes| next.name == row.name && stretches.at(next.low_step.min(next.high_step)) == here;
            let mut together = vec![];
            while let Some(next) = rows.next_if(same) {
                together.push(next);
            }
            together.iter().for_each(|other| row.take_in(other));
        }
        if series.last().is_none_or(|last| last.metric != row.name) {
            series.push(Series {
                metric: row.name.clone(),
                points: vec![],
            });
        }
        if let Some(last) = series.last_mut() {
            last.points.extend(row.points());
        }
    }
    series
}

/// Every value of some steps in the order of step and name: step, time, metric, value.
pub type Logged = (i64, i64, String, f64);

/// The mean of a stretch: name, step, time, value.
pub type Mean = (String, f64, f64, f64);

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
        let to = to.min(last_step(&mut tx, run).await?);
        let level = bucket_level((to + 1).saturating_sub(from), points);
        let (first, last) = (from.min(i64::MAX as u64) as i64, to as i64);
        // buckets that lie within the steps asked for, and the points before and after them
        let (whole, after) = match level {
            0 => (0, 0),
            _ => (
                (first + (1 << (2 * level)) - 1) >> (2 * level),
                (last + 1) >> (2 * level),
            ),
        };
        let (left_end, right_start) = match whole < after {
            true => ((whole << (2 * level)) - 1, after << (2 * level)),
            false => (last, last + 1),
        };
        let rows: Vec<Extremes> = sqlx::query_as(
            "WITH asked AS (SELECT id, name FROM metrics WHERE ?9 IS NULL OR name IN (SELECT value FROM json_each(?9)))
             SELECT name, low_step, low_time, low, high_step, high_time, high FROM (
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
             ) ORDER BY name, min(low_step, high_step)",
        )
        .bind(run)
        .bind(first)
        .bind(left_end)
        .bind(right_start)
        .bind(last)
        .bind(level)
        .bind(whole)
        .bind(after - 1)
        .bind(names.map(|names| encode(&names)).transpose()?)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok((seq as u64, series_of(rows, Stretches::of(from, to, points))))
    }

    /// The last step of any metric, and the names of all metrics of the run, in order.
    pub async fn logged(&self, run: i64) -> Result<(u64, Vec<String>), sqlx::Error> {
        let mut tx = self.read().begin().await?;
        let sql =
            "SELECT m.name FROM metrics m WHERE EXISTS (SELECT 1 FROM points p WHERE p.run = ? AND p.metric = m.id)
                   ORDER BY m.name";
        let names = sqlx::query_scalar(sql).bind(run).fetch_all(&mut *tx).await?;
        let last = last_step(&mut tx, run).await?;
        tx.commit().await?;
        Ok((last, names))
    }

    /// Every value of these metrics logged between two steps, both included.
    pub async fn values(&self, run: i64, names: &[String], from: u64, to: u64) -> Result<Vec<Logged>, sqlx::Error> {
        sqlx::query_as(
            "SELECT p.step, p.time, m.name, p.value FROM metrics m
             JOIN points p ON p.run = ? AND p.metric = m.id AND p.step BETWEEN ? AND ?
             WHERE m.name IN (SELECT value FROM json_each(?)) ORDER BY p.step, m.name",
        )
        .bind(run)
        .bind(from as i64)
        .bind(to as i64)
        .bind(encode(&names)?)
        .fetch_all(self.read())
        .await
    }

    /// Some metrics of a run between two steps (both included) as the means of `count` stretches of steps, or as they are where they
    /// are fewer: name, step, time, value.
    pub async fn means(
        &self,
        run: i64,
        names: &[String],
        (from, to): (u64, u64),
        count: u64,
    ) -> Result<Vec<Mean>, sqlx::Error> {
        let mut tx = self.read().begin().await?;
        let to = to.min(last_step(&mut tx, run).await?);
        let steps = (to + 1).saturating_sub(from);
        let sql = "SELECT m.name, avg(p.step), avg(p.time), avg(p.value) FROM metrics m
                   JOIN points p ON p.run = ?1 AND p.metric = m.id AND p.step BETWEEN ?5 AND ?6
                   WHERE m.name IN (SELECT value FROM json_each(?2)) GROUP BY m.name, (p.step - ?5) * ?3 / ?4 ORDER BY 1, 2";
        let means = sqlx::query_as(sql)
            .bind(run)
            .bind(encode(&names)?)
            .bind(count as i64)
            .bind(steps.max(count) as i64)
            .bind(from as i64)
            .bind(to as i64)
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(means)
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

async fn last_step(tx: &mut Transaction<'_, Sqlite>, run: i64) -> Result<u64, sqlx::Error> {
    let sql = "SELECT max((SELECT max(step) FROM points p WHERE p.run = ?1 AND p.metric = m.id)) FROM metrics m";
    let step: Option<i64> = sqlx::query_scalar(sql).bind(run).fetch_one(&mut **tx).await?;
    Ok(step.unwrap_or(0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Buckets of 4^level steps over a line that rises, as the database has them.
    fn rising(steps: u64, level: i64) -> Vec<Extremes> {
        let width = 1i64 << (2 * level);
        let last = steps as i64 - 1;
        (0..=last >> (2 * level))
            .map(|bucket| {
                let (low, high) = (bucket * width, ((bucket + 1) * width - 1).min(last));
                Extremes {
                    name: "loss".into(),
                    low_step: low,
                    low_time: 0,
                    low: low as f64,
                    high_step: high,
                    high_time: 0,
                    high: high as f64,
                }
            })
            .collect()
    }

    #[test]
    fn a_chart_gets_nearly_as_many_points_as_asked_and_never_more() {
        assert_eq!(bucket_level(2000, 2000), 0);
        for (steps, points) in [
            (2001, 2000),
            (5000, 2000),
            (100_000, 2000),
            (3_000_000, 2000),
            (100_000, 16),
        ] {
            let level = bucket_level(steps, points);
            let series = series_of(rising(steps, level), Stretches::of(0, steps - 1, points));
            let got = series[0].points.len() as u64;
            assert!(
                got <= points && got >= points * 9 / 10,
                "{got} of {points} for {steps} steps"
            );
            assert_eq!(series[0].points.last(), Some(&(steps - 1, 0, (steps - 1) as f64)));
            assert!(series[0].points.is_sorted_by(|a, b| a.0 < b.0));
        }
        assert_eq!(Stretches::of(10, 2009, 2000).map(|s| s.count), None);
    }
}
