//! Held-out pairs one by one over the API: of real runs, and of as many as a run may keep.

use std::fs;

use protocol::pairs::{
    self, About, Comparison, Head, Overview, PairDetail, PairRows, PairScores, Reply, Row, Scores, TokenReference,
};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tests::Board;

use crate::run_dirs::{directory, planted};

async fn get<T: DeserializeOwned>(board: &Board, path: &str) -> T {
    let answer = board.get(path).await;
    serde_json::from_value(answer.clone()).unwrap_or_else(|error| panic!("GET {path}: {error}: {answer}"))
}

async fn scores(board: &Board, run: &str, query: &str) -> PairScores {
    let bytes = board.bytes(&format!("/api/runs/{run}/pairs/scores{query}")).await;
    PairScores::decode(&bytes).expect("whole records")
}

/// How it was refused: status and code.
async fn refused(board: &Board, method: Method, path: &str, body: Value) -> (StatusCode, String) {
    let (status, problem) = board.call(method, path, body).await;
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn pairs_of_a_run_are_told_as_its_metrics_tell_them() {
    let board = Board::start();
    let run = board.start_run(json!({ "val_size": 20, "learning_rate": 1e-2 })).await;
    let other = board.start_run(json!({ "val_size": 20, "pref_loss": "simpo" })).await;
    let unscored = board
        .start_run(json!({ "max_steps": 1, "val_size": 0.0, "eval_strategy": "no" }))
        .await;
    let row = board.wait_over(&run).await;
    board.wait_over(&other).await;
    board.wait_over(&unscored).await;

    let overview: Overview = get(&board, &format!("/api/runs/{run}/pairs")).await;
    assert_eq!((overview.about.count, overview.about.left_out), (20, 0));
    assert_eq!((overview.steps, overview.token_steps), (vec![0, 3, 6], vec![0, 6]));
    let last = scores(&board, &run, "").await;
    assert_eq!((last.step, last.first_step, last.pairs.len()), (6, 0, 20));
    let right = last.pairs.iter().filter(|pair| pair.is_right()).count();
    let accuracy = row["latest"]["preference/accuracies"].as_f64().expect("a metric");
    assert!((right as f64 / 20.0 - accuracy).abs() < 1e-9, "{right} {accuracy}");
    assert!(last.pairs.iter().all(|pair| pair.ever_right || !pair.is_right()));
    let first = scores(&board, &run, "?step=0").await;
    assert!(
        first
            .pairs
            .iter()
            .all(|pair| pair.first == pair.margin && pair.ever_right == pair.is_right())
    );
    assert_eq!(
        refused(
            &board,
            Method::GET,
            &format!("/api/runs/{run}/pairs/scores?step=1"),
            Value::Null
        )
        .await,
        (StatusCode::NOT_FOUND, "not_found".into())
    );

    // texts, and all of one pair
    let folder = directory(&board, &run).await;
    let rows: PairRows = get(&board, &format!("/api/runs/{run}/pairs/rows?from=18&count=50")).await;
    assert_eq!(rows.rows.iter().map(|row| row.pair).collect::<Vec<_>>(), [18, 19]);
    let chosen: PairRows = get(&board, &format!("/api/runs/{run}/pairs/rows?ids=19,3")).await;
    assert_eq!(chosen.rows[0], rows.rows[1]);
    let detail: PairDetail = get(&board, &format!("/api/runs/{run}/pairs/19")).await;
    assert_eq!(detail.row, rows.rows[1].row);
    let margins: Vec<f32> = detail.evaluations.iter().map(|of| of.margin).collect();
    assert_eq!((margins[0], margins[2]), (last.pairs[19].first, last.pairs[19].margin));
    assert_eq!(detail.evaluations[2].reward_margin, last.pairs[19].reward_margin);
    let tokens = detail.tokens.expect("tokens of few pairs are all kept");
    let whole: String = tokens.chosen.iter().map(|token| token.text.as_str()).collect();
    assert_eq!((whole, tokens.last_step), (detail.row.chosen.text, 6));
    let sum: f32 = tokens.rejected.iter().map(|token| token.last).sum();
    assert!((sum - detail.evaluations[2].policy.rejected).abs() < 1e-2);
    assert_eq!(tokens.reference, TokenReference::Fixed);
    let sum: f32 = tokens.rejected.iter().filter_map(|token| token.reference).sum();
    let reference = detail.evaluations[2].reference.expect("a reference");
    assert!((sum - reference.rejected).abs() < 1e-2);
    let free: PairDetail = get(&board, &format!("/api/runs/{other}/pairs/19")).await;
    assert_eq!(free.tokens.expect("tokens").reference, TokenReference::None);
    for (path, status) in [
        ("pairs/20", 404),
        ("pairs/x", 404),
        ("pairs/rows?ids=1,20", 404),
        ("pairs/rows?ids=a", 400),
    ] {
        let (found, _) = refused(&board, Method::GET, &format!("/api/runs/{run}/{path}"), Value::Null).await;
        assert_eq!(found, status, "{path}");
    }

    // the same in a terminal
    let listed = |more: &[&str]| {
        let asked = std::process::Command::new(tests::programs::program("corral"))
            .arg("pairs")
            .arg(&folder)
            .args(more)
            .output();
        String::from_utf8(asked.expect("an answer").stdout).expect("text")
    };
    assert!(listed(&[]).starts_with(&format!("step 6: {right} of 20 pairs are right")));
    assert_eq!(listed(&[]).lines().count(), 2 + 20 - right);
    let all = listed(&["--all", "--json", "--step", "0"]);
    let line: Value = serde_json::from_str(all.lines().last().expect("a pair")).expect("JSON");
    assert_eq!(
        (all.lines().count(), &line["chosen"]),
        (20, &json!(chosen.rows[0].row.chosen.text))
    );

    // marks stay with the run directory
    let address = format!("/api/runs/{run}/pairs/7/mark");
    board.call(Method::PUT, &address, json!({ "mark": "excluded" })).await;
    let (status, _) = board
        .call(Method::PUT, &address, json!({ "mark": "mislabelled" }))
        .await;
    assert_eq!(status, StatusCode::OK);
    let overview: Value = board.get(&format!("/api/runs/{run}/pairs")).await;
    assert_eq!(overview["marks"], json!({ "7": "mislabelled" }));
    assert!(folder.join(pairs::MARKS).is_file());
    // and the next run goes by them: by a copy, as more may be marked meanwhile
    let name = row["name"].as_str().expect("a name");
    let marked = json!({ "val_size": 20, "max_steps": 1, "eval_strategy": "no", "pair_marks": name });
    let marked = board.start_run(marked).await;
    board.wait_over(&marked).await;
    let notices = board.get(&format!("/api/runs/{marked}")).await["notices"].clone();
    let said = |text: &str| {
        notices
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one.to_string().contains(text)))
    };
    assert!(said("the replies of 1 are swapped and 0 are left out"), "{notices}");
    assert!(!said("of none of these rows"), "{notices}");
    let used = directory(&board, &marked).await.join(pairs::MARKS_USED);
    assert_eq!(fs::read(used).ok(), fs::read(folder.join(pairs::MARKS)).ok());
    let nobodys = json!({ "config": { "model_name_or_path": "corral-demo", "dataset": "demo_en", "stage": "dpo", "pair_marks": "nobody" } });
    let (status, problem) = board.call(Method::POST, "/api/runs", nobodys).await;
    assert_eq!(
        (status, &problem["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("pair_marks"))
    );
    board.call(Method::PUT, &address, json!({ "mark": "none" })).await;
    assert_eq!(board.get(&format!("/api/runs/{run}/pairs")).await["marks"], json!({}));
    let (status, _) = refused(&board, Method::PUT, &address, json!({ "mark": "wrong" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);

    // two runs on the same pairs, and on others
    let compared: Comparison = get(&board, &format!("/api/pairs/compare?a={run}&b={other}")).await;
    let twin = scores(&board, &other, "").await;
    for (cell, here, there) in [
        (&compared.both_right, true, true),
        (&compared.only_a_right, true, false),
        (&compared.only_b_right, false, true),
        (&compared.both_wrong, false, false),
    ] {
        assert_eq!(cell.count as usize, cell.a.len());
        for (&a, &b) in cell.a.iter().zip(&cell.b) {
            assert_eq!(
                (last.pairs[a as usize].is_right(), twin.pairs[b as usize].is_right()),
                (here, there)
            );
        }
    }
    let cells = [
        &compared.both_right,
        &compared.only_a_right,
        &compared.only_b_right,
        &compared.both_wrong,
    ];
    assert_eq!(cells.iter().map(|cell| cell.count).sum::<u64>(), 20);
    assert_eq!(board.get(&format!("/api/runs/{unscored}/pairs")).await["count"], 0);
    let fewer = board.start_run(json!({ "max_steps": 1, "val_size": 10 })).await;
    board.wait_over(&fewer).await;
    for (b, refusal) in [
        (fewer, (StatusCode::CONFLICT, "other_pairs")),
        (unscored, (StatusCode::NOT_FOUND, "not_found")),
    ] {
        let found = refused(
            &board,
            Method::GET,
            &format!("/api/pairs/compare?a={run}&b={b}"),
            Value::Null,
        )
        .await;
        assert_eq!(found, (refusal.0, refusal.1.into()));
    }
}

#[tokio::test]
async fn as_many_pairs_as_a_run_may_keep_are_read_by_range() {
    let board = Board::start();
    let place = tempfile::tempdir().expect("a folder");
    let run = place.path().join("many");
    planted(&run, "stage: dpo\n");
    let folder = run.join(pairs::FOLDER);
    fs::create_dir(&folder).expect("a folder");
    let count = pairs::MOST_PAIRS;
    let (mut rows, mut offsets, mut heads) = (vec![], 0u64.to_le_bytes().to_vec(), vec![]);
    for pair in 0..count {
        let reply = |text: String| Reply {
            tokens: vec![text.len() as u32],
            text,
        };
        let row = Row {
            prompt: format!("prompt {pair}"),
            chosen: reply(format!("yes {pair}")),
            rejected: reply(format!("no {pair}")),
        };
        serde_json::to_writer(&mut rows, &row).expect("a line");
        rows.push(b'\n');
        offsets.extend((rows.len() as u64).to_le_bytes());
        let head = Head {
            prompt: pair / 2,
            chosen_tokens: 1,
            rejected_tokens: 1,
            ..Head::default()
        };
        heads.extend(head.encode());
    }
    let evaluation = |right: u64| -> Vec<u8> {
        let margin = |pair| if pair % 10 < right { 1.0 } else { -1.0 };
        let of = |pair| Scores {
            margin: margin(pair),
            ..Scores::default()
        };
        (0..count).flat_map(|pair| of(pair).encode()).collect()
    };
    let about = About {
        count,
        left_out: 5,
        ..About::default()
    };
    for (name, bytes) in [
        (pairs::ROWS.to_owned(), rows),
        (pairs::OFFSETS.to_owned(), offsets),
        (pairs::HEADS.to_owned(), heads),
        (pairs::evaluation(0), evaluation(3)),
        (pairs::evaluation(50), evaluation(2)),
        (pairs::evaluation(100), evaluation(8)),
        (pairs::ABOUT.to_owned(), json!(about).to_string().into_bytes()),
    ] {
        fs::write(folder.join(name), bytes).expect("a file");
    }
    let taken = board.post("/api/runs/adopt", json!({ "path": run })).await;
    let id = taken["id"].as_str().expect("an id");

    let all = scores(&board, id, "").await;
    assert_eq!((all.step, all.pairs.len() as u64), (100, count));
    assert_eq!(all.pairs.iter().filter(|pair| pair.is_right()).count(), 80_000);
    assert_eq!(
        all.pairs
            .iter()
            .filter(|pair| !pair.was_right() && pair.is_right())
            .count(),
        50_000
    );
    let middle = scores(&board, id, "?step=50").await;
    assert_eq!(middle.pairs.iter().filter(|pair| pair.ever_right).count(), 30_000);
    let rows: PairRows = get(&board, &format!("/api/runs/{id}/pairs/rows?from=99995&count=200")).await;
    assert_eq!(rows.rows.len(), 5);
    assert_eq!(rows.rows[4].row.chosen.text, "yes 99999");
    let detail: PairDetail = get(&board, &format!("/api/runs/{id}/pairs/54321")).await;
    assert_eq!((detail.row.prompt.as_str(), detail.tokens), ("prompt 54321", None));
    assert_eq!(
        detail.evaluations.iter().map(|of| of.step).collect::<Vec<_>>(),
        [0, 50, 100]
    );

    // a folder that is not whole is no panic and no nonsense
    fs::write(folder.join(pairs::HEADS), [0; 100]).expect("a file");
    let address = format!("/api/runs/{id}/pairs/scores");
    let damaged = (StatusCode::CONFLICT, "pairs_damaged".to_owned());
    assert_eq!(refused(&board, Method::GET, &address, Value::Null).await, damaged);
    fs::write(folder.join(pairs::ABOUT), "{").expect("a file");
    assert_eq!(refused(&board, Method::GET, &address, Value::Null).await, damaged);
}
