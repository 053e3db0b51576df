//! Means of stretches of a run's metrics, worked out of the sums that are kept of buckets of steps.

use super::Db;
use super::changes::encode;
use super::series::last_step;
use super::thinned::{Span, bucket_level};
use sqlx::{Sqlite, Transaction};
use std::num::ParseFloatError;
use std::ops::RangeInclusive;

/// The mean of a stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    pub step: f64,
    pub time: f64,
    pub value: f64,
}

/// A metric as means, in steps that rise.
#[derive(Debug, Clone, PartialEq)]
pub struct Means {
    pub metric: String,
    pub means: Vec<Mean>,
}

/// Which means are asked for.
struct Wanted<'a> {
    run: i64,
    /// Names of metrics as a JSON list.
    names: &'a str,
    span: Span,
    /// Stretches, and how many steps they are cut from.
    count: u64,
    steps: u64,
}

impl Db {
    /// Some metrics of a run between two steps (both included) as the means of `count` stretches, or as they are where there are fewer
    /// points. A bucket counts for the stretch that it begins in, and there are at least as many buckets as stretches, so that a run of a million steps
    /// costs what one of a thousand does.
    pub async fn means(
        &self,
        run: i64,
        names: &[String],
        steps: RangeInclusive<u64>,
        count: u64,
    ) -> Result<Vec<Means>, sqlx::Error> {
        let mut tx = self.read().begin().await?;
        let (from, to) = steps.into_inner();
        let to = to.min(last_step(&mut tx, run).await?);
        let steps = (to + 1).saturating_sub(from);
        let mut wanted = Wanted {
            run,
            names: &encode(&names)?,
            span: Span::of(from, to, bucket_level(steps, 2 * count)),
            count,
            steps: steps.max(count),
        };
        let means = match read(&mut tx, &wanted).await? {
            Some(means) => means,
            // buckets of before sums were kept
            None => {
                wanted.span = Span::of(from, to, 0);
                read(&mut tx, &wanted).await?.unwrap_or_default()
            }
        };
        tx.commit().await?;
        Ok(means)
    }
}

/// Nothing where a bucket has no sums.
async fn read(tx: &mut Transaction<'_, Sqlite>, wanted: &Wanted<'_>) -> Result<Option<Vec<Means>>, sqlx::Error> {
    let span = wanted.span;
    // a row a metric, as series are read
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "WITH asked AS (SELECT id, name FROM metrics WHERE name IN (SELECT value FROM json_each(?8)))
         SELECT name, group_concat(printf('%!.17g %!.17g %!.17g', step, time, value), ',' ORDER BY stretch), max(unknown) FROM (
             SELECT name, (begins - ?2) * ?9 / ?10 AS stretch, max(count IS NULL) AS unknown, total(steps) / total(count) AS step,
                    total(times) / total(count) AS time, total(sum) / total(count) AS value FROM (
                 SELECT m.name, p.step AS begins, 1 AS count, p.step AS steps, p.time AS times, p.value AS sum
                 FROM asked m JOIN points p ON p.run = ?1 AND p.metric = m.id AND p.step BETWEEN ?2 AND ?3
                 UNION ALL
                 SELECT m.name, b.bucket << (2 * ?6), b.count, b.step_sum, b.time_sum, b.value_sum
                 FROM asked m JOIN buckets b ON b.run = ?1 AND b.level = ?6 AND b.metric = m.id AND b.bucket BETWEEN ?7 AND ?11
                 UNION ALL
                 SELECT m.name, p.step, 1, p.step, p.time, p.value
                 FROM asked m JOIN points p ON p.run = ?1 AND p.metric = m.id AND p.step BETWEEN ?4 AND ?5
             ) GROUP BY name, stretch
         ) GROUP BY name ORDER BY name",
    )
    .bind(wanted.run)
    .bind(span.first)
    .bind(span.left_end)
    .bind(span.right_start)
    .bind(span.last)
    .bind(span.level)
    .bind(span.whole)
    .bind(wanted.names)
    .bind(wanted.count as i64)
    .bind(wanted.steps as i64)
    .bind(span.after - 1)
    .fetch_all(&mut **tx)
    .await?;
    if rows.iter().any(|(.., unknown)| *unknown > 0) {
        return Ok(None);
    }
    let metric = |(metric, packed, _): (String, String, i64)| {
        let means = packed.split(',').map(mean).collect::<Result<_, _>>();
        let means = means.map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(Means { metric, means })
    };
    rows.into_iter().map(metric).collect::<Result<_, _>>().map(Some)
}

fn mean(text: &str) -> Result<Mean, ParseFloatError> {
    let mut numbers = text.split(' ').map(str::parse);
    let mut number = || numbers.next().unwrap_or(Ok(f64::NAN));
    Ok(Mean {
        step: number()?,
        time: number()?,
        value: number()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Batch, EventLine, NewRow};
    use protocol::event::{Event, MetricValue, TrainEvent};
    use std::collections::BTreeMap;

    const STEPS: u64 = 10_000;

    /// Mostly small, with spikes: the middle between least and greatest is far from the mean.
    fn value(step: u64, worker: u64) -> f64 {
        match step % 97 {
            0 => 50.0,
            rest => (rest % 7) as f64 + 0.1 * worker as f64,
        }
    }

    fn logged(step: u64, worker: u64) -> TrainEvent {
        TrainEvent::Step {
            step,
            epoch: 0.0,
            metrics: [("loss".to_owned(), MetricValue::new(value(step, worker)).unwrap())].into(),
        }
    }

    fn resumed(from: u64) -> TrainEvent {
        let started = serde_json::json!({
            "type": "started", "total_steps": STEPS, "resumed_from": from, "epochs": 1.0, "train_rows": 8, "eval_rows": 8,
            "trainable_params": 1, "all_params": 1, "device": "cpu", "compute": "f32", "stored": "f32", "threads": 1
        });
        serde_json::from_value(started).unwrap()
    }

    async fn stored(db: &Db, run: i64, bodies: &[TrainEvent]) {
        let line = |(seq, body): (u64, &TrainEvent)| EventLine {
            event: Event {
                seq,
                time: 1_700_000_000_000 + 10 * seq as i64,
                body: body.clone(),
            },
            text: "{}".into(),
        };
        let lines: Vec<EventLine> = (1..).zip(bodies).map(line).collect();
        for lines in lines.chunks(700) {
            let batch = Batch {
                lines,
                bytes: 1,
                progress: &Default::default(),
                sizes: &BTreeMap::new(),
            };
            db.ingest(run, &batch).await.unwrap();
        }
    }

    /// The means of 50 stretches, worked out of all points; `width`: steps of a bucket.
    fn by_hand(values: &BTreeMap<u64, f64>, width: u64) -> Vec<(f64, f64)> {
        let whole = (STEPS + 1) / width * width;
        let mut stretches: BTreeMap<u64, Vec<(u64, f64)>> = BTreeMap::new();
        for (step, value) in values {
            let begins = if *step < whole { step / width * width } else { *step };
            stretches
                .entry(begins * 50 / (STEPS + 1))
                .or_default()
                .push((*step, *value));
        }
        let mean = |points: Vec<(u64, f64)>| {
            let count = points.len() as f64;
            let steps: u64 = points.iter().map(|point| point.0).sum();
            (
                steps as f64 / count,
                points.iter().map(|point| point.1).sum::<f64>() / count,
            )
        };
        stretches.into_values().map(mean).collect()
    }

    /// Of a run that was resumed and has a step twice; a group's mean is that of its runs, at any length.
    #[tokio::test]
    async fn means_of_a_long_run_are_those_of_all_its_points_and_read_few() {
        let dir = std::env::temp_dir().join(format!("corral-means-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let db = Db::open(&dir.join("corral.db"), Default::default()).await.unwrap();
        db.insert_run(&NewRow::queued("a", dir.join("a"))).await.unwrap();
        let run = db.run("a").await.unwrap().unwrap().key;
        let first = (1..=9_500).map(|step| logged(step, 0));
        let second = (9_001..=STEPS).map(|step| logged(step, 1));
        // one in a whole bucket, whose sums are read, and one past the last, whose points are
        let again = [logged(9_970, 2), logged(STEPS, 2)];
        let bodies: Vec<_> = first.chain([resumed(9_000)]).chain(second).chain(again).collect();
        stored(&db, run, &bodies).await;
        let values: BTreeMap<u64, f64> = (1..=STEPS)
            .map(|step| {
                let worker = if step > 9_000 { 1 } else { 0 } + u64::from([9_970, STEPS].contains(&step));
                (step, value(step, worker))
            })
            .collect();

        let means = async || {
            let all = db.means(run, &["loss".into()], 0..=u64::MAX, 50).await.unwrap();
            all[0]
                .means
                .iter()
                .map(|mean| (mean.step, mean.value))
                .collect::<Vec<_>>()
        };
        let same = |found: &[(f64, f64)], expected: &[(f64, f64)]| {
            let close = |(a, b): (&(f64, f64), &(f64, f64))| (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-9;
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().zip(expected).all(close), "{found:?} {expected:?}");
        };
        let found = means().await;
        same(&found, &by_hand(&values, 64));

        // of buckets without sums, from the points
        let write = async |sql: &'static str| {
            let mut tx = db.write().await.unwrap();
            sqlx::query(sql).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        };
        write("UPDATE buckets SET count = NULL WHERE level = 3 AND bucket = 5").await;
        same(&means().await, &by_hand(&values, 1));
        write("UPDATE buckets SET count = 64 WHERE level = 3 AND bucket = 5").await;

        // what is not read need not be there
        write("DELETE FROM points WHERE step BETWEEN 1 AND 9900").await;
        same(&means().await, &found);
        db.close().await;
        std::fs::remove_dir_all(dir).unwrap();
    }
}
