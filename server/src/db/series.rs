//! Reading series and events. A chart costs the same for a run of a thousand steps and of a million.

use super::Db;
use protocol::api::Series;
use sqlx::FromRow;

/// Levels of buckets kept: the last one has 4^10 (a million) steps in each.
pub(super) const LEVELS: i64 = 10;

/// The finest level whose buckets (two points each) of `steps` steps come to `points` at most; 0: the points themselves.
pub fn bucket_level(steps: u64, points: u64) -> i64 {
    if steps <= points {
        return 0;
    }
    (1..=LEVELS)
        .find(|level| 2 * ((steps >> (2 * level)) + 1) <= points)
        .unwrap_or(LEVELS)
}

#[derive(FromRow)]
struct BucketRow {
    name: String,
    low_step: i64,
    low_time: i64,
    low: f64,
    high_step: i64,
    high_time: i64,
    high: f64,
}

impl Db {
    /// Every metric of a run between two steps (both included), at most `points` points each; where there are more,
    /// the least and greatest of each stretch, so that no spike is lost. With it the sequence number it is true for.
    pub async fn series(&self, run: i64, from: u64, to: u64, points: u64) -> Result<(u64, Vec<Series>), sqlx::Error> {
        let mut tx = self.read().begin().await?;
        let seq: i64 = sqlx::query_scalar("SELECT seq FROM summaries WHERE run = ?")
            .bind(run)
            .fetch_one(&mut *tx)
            .await?;
        let step: Option<i64> = sqlx::query_scalar(
            "SELECT max((SELECT max(step) FROM points p WHERE p.run = ?1 AND p.metric = m.id)) FROM metrics m",
        )
        .bind(run)
        .fetch_one(&mut *tx)
        .await?;
        let to = to.min(step.unwrap_or(0) as u64);
        let level = bucket_level((to + 1).saturating_sub(from), points);
        let (from, to) = (from.min(i64::MAX as u64) as i64, to as i64);
        let mut series: Vec<Series> = vec![];
        let mut push = |name: String, point: (i64, i64, f64)| {
            let point = (point.0 as u64, point.1, point.2);
            match series.last_mut().filter(|s| s.metric == name) {
                Some(last) => last.points.push(point),
                None => series.push(Series {
                    metric: name,
                    points: vec![point],
                }),
            }
        };
        if level == 0 {
            let rows: Vec<(String, i64, i64, f64)> = sqlx::query_as(
                "SELECT m.name, p.step, p.time, p.value FROM metrics m JOIN points p ON p.run = ? AND p.metric = m.id
                 WHERE p.step BETWEEN ? AND ? ORDER BY m.name, p.step",
            )
            .bind(run)
            .bind(from)
            .bind(to)
            .fetch_all(&mut *tx)
            .await?;
            rows.into_iter()
                .for_each(|(name, step, time, value)| push(name, (step, time, value)));
        } else {
            let rows: Vec<BucketRow> = sqlx::query_as(
                "SELECT m.name, b.low_step, b.low_time, b.low, b.high_step, b.high_time, b.high
                 FROM metrics m JOIN buckets b ON b.run = ? AND b.level = ? AND b.metric = m.id
                 WHERE b.bucket BETWEEN ? AND ? ORDER BY m.name, b.bucket",
            )
            .bind(run)
            .bind(level)
            .bind(from >> (2 * level))
            .bind(to >> (2 * level))
            .fetch_all(&mut *tx)
            .await?;
            for row in rows {
                let low = (row.low_step, row.low_time, row.low);
                let high = (row.high_step, row.high_time, row.high);
                let (first, second) = if low.0 <= high.0 { (low, high) } else { (high, low) };
                let one = first.0 == second.0;
                push(row.name.clone(), first);
                if !one {
                    push(row.name, second);
                }
            }
        }
        tx.commit().await?;
        Ok((seq as u64, series))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_never_gets_more_points_than_asked() {
        assert_eq!(bucket_level(2000, 2000), 0);
        for steps in [2001, 5000, 100_000, 3_000_000, 90_000_000] {
            let level = bucket_level(steps, 2000);
            assert!(2 * ((steps >> (2 * level)) + 1) <= 2000, "{steps}");
            assert!(level == 1 || 2 * ((steps >> (2 * (level - 1))) + 1) > 2000, "{steps}");
        }
    }
}
