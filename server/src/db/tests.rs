//! Data directories of earlier versions: made by the migrations of their time, with rows and run directories as those versions wrote
//! them, they open with everything in them.

use crate::in_process::InProcess;
use protocol::api::{RunState, RunSummary};
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the data directory was then.
const BEFORE: &str = "/nowhere/before/corral";

/// What the first version wrote: runs by the whole path of their folders, sentences without codes.
const FIRST: &str = r#"
INSERT INTO runs (key, id, name, state, queue_position, config, directory, note, created, ended, message, peak_memory) VALUES
    (1, '0a0000000001', 'done', 'completed', 1, '{"stage":"dpo","learning_rate":0.00001}', '/nowhere/before/corral/runs/done', 'keep this one', 1000, 9000, '', 4096),
    (2, '0a0000000002', 'broke', 'failed', 2, '{"stage":"dpo"}', '/nowhere/before/corral/runs/broke', '', 2000, 8000, 'the disk is full', NULL),
    (3, '0a0000000003', 'second', 'queued', 8, '{"stage":"kto"}', '/nowhere/before/corral/runs/second', 'after the other', 3000, NULL, '', NULL),
    (4, '0a0000000004', 'first', 'queued', 7, '{"stage":"dpo"}', '/nowhere/before/corral/runs/first', '', 4000, NULL, '', NULL);
UPDATE runs SET archived = 1 WHERE key = 2;
INSERT INTO tags VALUES (1, 'best'), (1, 'paper'), (3, 'later');
INSERT INTO run_datasets VALUES (1, 'demo');
INSERT INTO run_models VALUES (1, 'corral-demo');
INSERT INTO summaries VALUES
    (1, 3, 40, '{"step":2,"facts":{"total_steps":2,"resumed_from":0,"epochs":1.0,"train_rows":8,"eval_rows":0,"trainable_params":10,"all_params":100,"device":"cpu","compute":"f32","stored":"f32","threads":2},"first":1500,"life":[1500,8500],"before":0.0,"latest":{"loss":[2,0.5]},"baseline":{},"spark":{"metric":"loss","stride":1,"seen":2,"points":[[1,0.75],[2,0.5]],"last":[2,0.5]},"eval":null,"finished":["completed",""]}'),
    (2, 1, 20, '{"step":1,"facts":null,"first":null,"life":null,"before":0.0,"latest":{},"baseline":{},"spark":{"metric":"","stride":0,"seen":0,"points":[],"last":null},"eval":null,"finished":["failed","the disk is full"]}'),
    (3, 0, 0, '{}'), (4, 0, 0, '{}');
INSERT INTO events VALUES
    (1, 1, 'step', '{"seq":1,"time":2000,"type":"step","step":1,"epoch":0.5,"metrics":{"loss":0.75}}'),
    (1, 2, 'step', '{"seq":2,"time":3000,"type":"step","step":2,"epoch":1.0,"metrics":{"loss":0.5}}'),
    (1, 3, 'finished', '{"seq":3,"time":8500,"type":"finished","outcome":"completed","step":2,"message":""}'),
    (2, 1, 'finished', '{"seq":1,"time":8000,"type":"finished","outcome":"failed","step":1,"message":"the disk is full"}');
INSERT INTO metrics VALUES (1, 'loss');
INSERT INTO points VALUES (1, 1, 1, 2000, 0.75), (1, 1, 2, 3000, 0.5);
INSERT INTO buckets VALUES (1, 1, 1, 0, 2, 3000, 0.5, 1, 2000, 0.75);
INSERT INTO checkpoints VALUES (1, 2, 'checkpoint-2', 1, '{}', 512, 3000);
INSERT INTO forgotten VALUES ('/nowhere/before/corral/runs/unwanted');
"#;

/// What was written once there were codes, cards, a state for another machine's runs, and sweeps: paths from the data directory.
const SWEEPS: &str = r#"
INSERT INTO sweeps (id, name, config, sweep, target, tags, runs, made, stopped, said, created) VALUES
    ('0b0000000001', 'rates', '{"stage":"dpo"}', '{"method":"grid","parameters":[],"run_cap":null,"seed":0,"metric":null,"goal":null,"early_terminate":null}',
     '{"metric":"eval_loss","goal":"minimize"}', '["swept"]', 2, 2, 1, '{"message":"","code":"","args":[]}', 500);
INSERT INTO runs (key, id, name, state, queue_position, config, directory, note, created, ended, message, code, args, card, sweep, sweep_index, point, early) VALUES
    (1, '0b0000000002', 'rates-1', 'stopped', 1, '{"stage":"dpo","learning_rate":0.1}', 'runs/rates-1', '', 1000, 9000, '', '', '[]', 'GPU-1', '0b0000000001', 0,
     '{"learning_rate":0.1}', '{"message":"others were better","code":"","args":[]}'),
    (2, '0b0000000003', 'away', 'unknown', 2, '{"stage":"sft"}', 'runs/away', 'on the other machine', 2000, NULL, 'elsewhere', 'elsewhere_going', '["box"]', NULL, NULL, NULL, NULL, NULL),
    (3, '0b0000000004', 'rates-2', 'queued', 1099511627777, '{"stage":"dpo","learning_rate":0.2}', 'runs/rates-2', '', 3000, NULL, '', '', '[]', NULL, '0b0000000001', 1, '{"learning_rate":0.2}', NULL),
    (4, '0b0000000005', 'alone', 'queued', 9, '{"stage":"dpo"}', 'runs/alone', 'before the sweep', 4000, NULL, '', '', '[]', NULL, NULL, NULL, NULL, NULL);
INSERT INTO tags VALUES (1, 'swept'), (4, 'mine');
INSERT INTO summaries VALUES (1, 0, 0, '{}'), (2, 0, 0, '{}'), (3, 0, 0, '{}'), (4, 0, 0, '{}');
"#;

/// Makes the data directory of a version that knew so many migrations.
async fn write(folder: &Path, migrations: usize, rows: &'static str, runs: &[&str]) {
    let (all, then) = (
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations"),
        folder.join("migrations"),
    );
    fs::create_dir_all(&then).unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(all).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > migrations);
    for file in &files[..migrations] {
        fs::copy(file, then.join(file.file_name().unwrap())).unwrap();
    }
    let options = SqliteConnectOptions::new().filename(folder.join("corral.db"));
    let database = SqlitePool::connect_with(options.create_if_missing(true)).await.unwrap();
    Migrator::new(then.as_path())
        .await
        .unwrap()
        .run(&database)
        .await
        .unwrap();
    sqlx::raw_sql(rows).execute(&database).await.unwrap();
    database.close().await;
    for run in runs {
        let directory = folder.join("runs").join(run);
        fs::create_dir_all(&directory).unwrap();
        let config = format!("run_name: {run}\nstage: dpo\noutput_dir: {BEFORE}/runs/{run}\n");
        fs::write(directory.join("config.yaml"), config).unwrap();
        fs::write(directory.join("events.jsonl"), "").unwrap();
    }
}

/// All runs of the server, oldest first, after it has looked for new run directories.
async fn runs(server: &InProcess) -> Vec<RunSummary> {
    server.app.adopter.scan().await.unwrap();
    let mut rows = server.app.db.runs().await.unwrap();
    for row in &rows {
        let place = server.data_dir().join("runs").join(&row.summary.name);
        assert_eq!(row.directory, place.canonicalize().unwrap());
    }
    rows.sort_by_key(|row| row.summary.created);
    rows.into_iter().map(|row| row.summary).collect()
}

/// What people see of runs: names, states, notes, tags and places in the queue.
fn seen(runs: &[RunSummary]) -> Value {
    let seen = |run: &RunSummary| json!([run.name, run.state, run.note, run.tags, run.queue_position]);
    runs.iter().map(seen).collect()
}

#[tokio::test]
async fn a_data_directory_of_the_first_version_opens_with_all_in_it() {
    let folder = InProcess::folder("earliest");
    write(&folder, 1, FIRST, &["done", "broke", "second", "first", "unwanted"]).await;
    fs::create_dir(folder.join("runs/done/checkpoint-2")).unwrap();
    let server = InProcess::open("earliest").await;
    let runs = runs(&server).await;
    assert_eq!(
        seen(&runs),
        json!([
            ["done", "completed", "keep this one", ["best", "paper"], null],
            ["broke", "failed", "", [], null],
            ["second", "queued", "after the other", ["later"], 2],
            ["first", "queued", "", [], 1],
        ])
    );
    let done = &runs[0];
    assert_eq!((done.step, done.total_steps, done.seconds), (2, Some(2), 7.0));
    assert_eq!(
        (done.peak_memory, done.checkpoints, &*done.spark),
        (Some(4096), 1, &[0.75, 0.5][..])
    );
    assert_eq!(done.config.learning_rate, Some(1e-5));
    assert_eq!((runs[1].archived, &*runs[1].message), (true, "the disk is full"));

    // as pages and scripts ask for them
    let listed = server.get("/api/runs?q=paper").await.json();
    assert_eq!(listed[0]["name"], "done", "{listed}");
    let series = server.get("/api/runs/0a0000000001/series").await.json();
    assert!(series.to_string().contains("0.75"), "{series}");
    let detail = server.get("/api/runs/0a0000000001").await;
    assert!(
        detail.status.is_success() && detail.text.contains("checkpoint-2"),
        "{}",
        detail.text
    );
    // and changed
    let stopped = server.post("/api/runs/0a0000000004/stop", json!("save")).await;
    assert_eq!(stopped.json()["state"], "stopped", "{}", stopped.text);
    let row = server.app.db.run("0a0000000003").await.unwrap().unwrap();
    assert_eq!(row.summary.queue_position, Some(1));
    server.close().await;
}

#[tokio::test]
async fn a_data_directory_with_sweeps_of_an_earlier_version_opens_with_all_in_it() {
    let folder = InProcess::folder("earlier");
    write(&folder, 6, SWEEPS, &["rates-1", "away", "rates-2", "alone"]).await;
    let server = InProcess::open("earlier").await;
    let runs = runs(&server).await;
    assert_eq!(
        seen(&runs),
        json!([
            ["rates-1", "stopped", "", ["swept"], null],
            ["away", "unknown", "on the other machine", [], null],
            ["rates-2", "queued", "", [], 2],
            ["alone", "queued", "before the sweep", ["mine"], 1],
        ])
    );
    let place = runs[0].sweep.as_ref().unwrap();
    assert_eq!(
        (&*place.name, place.index, place.of, place.early, place.stopped),
        ("rates", 0, 2, true, true)
    );
    assert_eq!((&*runs[1].code, runs[1].state), ("elsewhere_going", RunState::Unknown));
    let sweeps = server.get("/api/sweeps").await.json();
    assert_eq!(sweeps[0]["name"], "rates", "{sweeps}");
    let detail = server.get("/api/sweeps/0b0000000001").await;
    assert!(detail.status.is_success(), "{}", detail.text);
    server.close().await;
}
