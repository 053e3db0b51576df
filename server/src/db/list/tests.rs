//! The database's list beside the board's own search and order, over the same runs.

#![expect(clippy::disallowed_methods, reason = "it measures")]

use super::*;
use crate::db::NewRow;
use crate::db::progress::{Found, Progress};
use protocol::api::{RunPatch, RunState};
use protocol::health::{Health, RULES};
use protocol::{MetricValue, RunConfig};
use std::path::{Path, PathBuf};
use std::time::Instant;

async fn open(name: &str) -> (Db, PathBuf) {
    let dir = std::env::temp_dir().join(format!("corral-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    (Db::open(&dir.join("corral.db"), Default::default()).await.unwrap(), dir)
}

/// Runs that differ in all that is searched, filtered and sorted by.
async fn fill(db: &Db, dir: &Path, count: i64) {
    let mut tx = db.write().await.unwrap();
    for metric in ["loss", "eval_preference/accuracies", "eval_loss", "grad_norm"] {
        let sql = "INSERT INTO metrics (name) VALUES (?) ON CONFLICT DO NOTHING";
        sqlx::query(sql).bind(metric).execute(&mut *tx).await.unwrap();
    }
    for n in 0..count {
        let one_of = |all: &[&str]| all[n as usize % all.len()].to_owned();
        let config = RunConfig {
            stage: (n % 5 != 4).then(|| "dpo".into()),
            pref_loss: Some(one_of(&["simpo", "sigmoid", "ipo"])),
            pref_beta: (n % 4 != 0).then_some((n % 7) as f64 / 2.0),
            learning_rate: (n % 3 != 0).then_some(1e-6 * (n % 10) as f64),
            model_name_or_path: Some(one_of(&["/models/Demo/", "Qwen/Qwen3-0.6B", "LLAMA"])),
            dataset: Some(one_of(&["curt", "curt, Help", "ДАННЫЕ"])),
            do_sample: (n % 2 == 0).then_some(true),
            ..RunConfig::default()
        };
        let new = NewRow {
            name: format!("{} {n}", one_of(&["Run", "lauf", "Élan", "実行"])),
            state: [RunState::Completed, RunState::Failed, RunState::Queued][n as usize % 3],
            config,
            tags: if n % 4 == 0 {
                vec!["Best".into(), one_of(&["a", "b"])]
            } else {
                vec![]
            },
            note: if n % 6 == 0 { "Two\nlines".into() } else { String::new() },
            archived: n % 9 == 0,
            created: n / 2,
            ..NewRow::queued(&format!("id-{n}"), dir.join(n.to_string()))
        };
        db.insert(&mut tx, &new).await.unwrap();
        let value = |x: f64| MetricValue::new(x).unwrap();
        let mut progress = Progress {
            step: n as u64 % 8,
            before: (n % 11) as f64 * 10.0,
            eval: (n % 3 != 1).then(|| (n as u64 % 3, Default::default())),
            ..Progress::default()
        };
        progress.latest.insert("loss".into(), (1, value(1.0 / (n + 1) as f64)));
        if n % 5 != 0 {
            let accuracy = value((n % 20) as f64 / 20.0);
            progress
                .latest
                .insert("eval_preference/accuracies".into(), (1, accuracy));
            progress
                .latest
                .insert("grad_norm".into(), (1, value((n % 13) as f64 - 4.0)));
        }
        progress.health = (n % 2 == 0).then(|| Found {
            rules: RULES,
            seconds_per_step: None,
            health: Health::default(),
        });
        sqlx::query("UPDATE summaries SET progress = ? WHERE run = (SELECT key FROM runs WHERE id = ?)")
            .bind(serde_json::to_string(&progress).unwrap())
            .bind(&new.id)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn search(db: &Db, text: &str) -> Search {
    let metrics = db.metric_names().await.unwrap();
    let search = Search::parse(text, |name| metrics.contains(name));
    assert!(search.unknown.is_empty(), "{text}: {:?}", search.unknown);
    search
}

fn ids(rows: &[RunRow]) -> Vec<&str> {
    rows.iter().map(|row| row.summary.id.as_str()).collect()
}

#[tokio::test]
async fn the_database_finds_what_the_board_finds() {
    let (db, dir) = open("list-search").await;
    fill(&db, &dir, 120).await;
    let all = db.runs().await.unwrap();
    for text in [
        "",
        "simpo",
        "-simpo",
        "run",
        "élan",
        "ÉLAN -demo",
        "данные",
        "two",
        "\"two\nlines\"",
        "best",
        "name:lauf",
        "loss:si",
        "loss:sft",
        "state:fail",
        "state:ed",
        "model:qwen",
        "data:help dataset:curt",
        "tag:best",
        "tag:bes",
        "-tag:a note:lines",
        "health:well",
        "-health:well",
        "acc>0.5",
        "-acc>0.5",
        "acc>=0.5 lr<4e-6",
        "acc=0.25",
        "lr>1e-5",
        "beta=2",
        "pref_beta:1.5",
        "pref_beta:",
        "pref_beta<=1",
        "c.pref_beta>1",
        "grad_norm<0",
        "m.grad_norm=0",
        "do_sample:tr",
        "finetuning_type:lora",
        "step>3 time<50",
        "peak>0",
        "loss<0.1",
        "%",
        "'",
    ] {
        let asked = ListQuery {
            search: search(&db, text).await,
            ..ListQuery::default()
        };
        let page = db.list(&asked).await.unwrap();
        let wanted = all.iter().filter(|row| asked.search.matches(&row.summary));
        let wanted: Vec<&str> = wanted.map(|row| row.summary.id.as_str()).collect();
        assert_eq!(ids(&page.rows), wanted, "`{text}`");
    }
    db.close().await;
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn pages_in_any_order_are_the_whole_list_in_parts() {
    let (db, dir) = open("list-pages").await;
    fill(&db, &dir, 50).await;
    let all = db.runs().await.unwrap();
    let columns = [
        "",
        "name",
        "created",
        "step",
        "acc",
        "lr",
        "model",
        "tags",
        "m.grad_norm",
        "c.pref_beta",
    ];
    for (sort, descending) in columns.iter().flat_map(|column| [(*column, false), (*column, true)]) {
        let mut wanted: Vec<&RunRow> = all.iter().filter(|row| !row.summary.archived).collect();
        // what is empty comes last both ways, and runs that say the same are as they were
        wanted.sort_by(|a, b| {
            let (a, b) = (a.summary.column(sort), b.summary.column(sort));
            let empty = (a == ColumnValue::Empty).cmp(&(b == ColumnValue::Empty));
            empty.then(if descending { b.order(&a) } else { a.order(&b) })
        });
        let wanted: Vec<&str> = wanted.iter().map(|row| row.summary.id.as_str()).collect();
        let mut asked = ListQuery {
            archived: Some(false),
            sort: sort.to_owned(),
            descending,
            limit: Some(7),
            ..ListQuery::default()
        };
        let mut found: Vec<String> = vec![];
        loop {
            let page = db.list(&asked).await.unwrap();
            found.extend(ids(&page.rows).into_iter().map(str::to_owned));
            asked.after = found.last().cloned();
            if !page.more {
                break;
            }
            assert_eq!(page.rows.len(), 7);
        }
        assert_eq!(found, wanted, "{sort} {descending}");
    }
    db.close().await;
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn what_has_changed_is_found_as_it_is_now() {
    let (db, dir) = open("list-changes").await;
    fill(&db, &dir, 10).await;
    let count = async |text: &str| {
        let search = search(&db, text).await;
        let query = ListQuery {
            search,
            ..ListQuery::default()
        };
        db.list(&query).await.unwrap().rows.len()
    };
    assert_eq!(count("fresh").await, 0);
    let row = db.run("id-1").await.unwrap().unwrap();
    let patch = RunPatch {
        add_tags: vec!["Fresh".into()],
        ..RunPatch::default()
    };
    db.patch_run(row.key, &patch).await.unwrap();
    assert_eq!((count("fresh").await, count("tag:fresh").await), (1, 1));
    let patch = RunPatch {
        name: Some("renamed".into()),
        remove_tags: vec!["Fresh".into()],
        ..RunPatch::default()
    };
    db.patch_run(row.key, &patch).await.unwrap();
    assert_eq!((count("fresh").await, count("name:renamed").await), (0, 1));
    assert_eq!(count("peak>5").await, 0);
    db.set_peak_memory(row.key, 9).await.unwrap();
    assert_eq!(count("peak>5").await, 1);
    assert!(db.delete_run(row.key).await.unwrap());
    assert_eq!(count("renamed").await, 0);
    db.release_directory(row.key, false).await.unwrap();
    // cells of another version are not trusted
    let spoilt = "UPDATE listed SET words = 'spoilt', cells = jsonb('{}'), stale = 0";
    let mut tx = db.write().await.unwrap();
    sqlx::query(spoilt).execute(&mut *tx).await.unwrap();
    sqlx::query("PRAGMA user_version = 1").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count("spoilt").await, 9);
    db.close().await;
    let db = Db::open(&dir.join("corral.db"), Default::default()).await.unwrap();
    let query = ListQuery {
        search: search(&db, "spoilt").await,
        ..ListQuery::default()
    };
    assert!(db.list(&query).await.unwrap().rows.is_empty());
    db.close().await;
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn a_page_of_the_newest_is_read_off_an_index() {
    let (db, dir) = open("list-plan").await;
    fill(&db, &dir, 3).await;
    let asked = ListQuery {
        limit: Some(2),
        after: Some("id-2".into()),
        ..ListQuery::default()
    };
    let sql = statement(&asked, &|_| false).sql().as_str().to_owned();
    let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(db.read()).await.unwrap();
    let plan: Vec<String> = plan.into_iter().map(|(.., step)| step).collect();
    assert!(plan.iter().any(|step| step.contains("runs_created")), "{plan:?}");
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
    db.close().await;
    std::fs::remove_dir_all(dir).unwrap();
}

/// `cargo test --release -p server --lib db::list -- --ignored --nocapture` tells the times.
#[tokio::test]
#[ignore = "a measurement: how long 10,000 runs take to filter depends on the machine"]
async fn ten_thousand_runs_are_filtered_within_50_ms() {
    let (db, dir) = open("list-speed").await;
    fill(&db, &dir, 10_000).await;
    let began = Instant::now();
    db.refresh_cells().await.unwrap();
    println!("all cells made: {:?}", began.elapsed());
    let began = Instant::now();
    let all = db.runs().await.unwrap();
    println!("all {} rows read and decoded: {:?}", all.len(), began.elapsed());
    let mut slowest = std::time::Duration::ZERO;
    for (text, sort) in [
        ("", ""),
        ("simpo", ""),
        ("acc>0.9 lr<1e-5 -tag:a", ""),
        ("loss:simpo state:comp pref_beta>1 lauf", "acc"),
        ("", "acc"),
        ("", "m.grad_norm"),
        ("", "c.pref_beta"),
        ("", "name"),
    ] {
        let asked = ListQuery {
            search: search(&db, text).await,
            sort: sort.into(),
            descending: true,
            limit: Some(50),
            ..ListQuery::default()
        };
        db.list(&asked).await.unwrap();
        let began = Instant::now();
        let page = db.list(&asked).await.unwrap();
        let took = began.elapsed();
        println!("`{text}` by `{sort}`: {} rows in {took:?}", page.rows.len());
        slowest = slowest.max(took);
    }
    db.close().await;
    std::fs::remove_dir_all(dir).unwrap();
    assert!(slowest.as_millis() < 50, "{slowest:?}");
}
