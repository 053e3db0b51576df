//! Log-probs of the tokens of a pair that a run did not keep: scored on demand, as its evaluations scored them, or refused.

use std::fs;
use std::path::Path;

use protocol::pairs::{self, Head, PairDetail, PairTokens, ReplyToken, Scores, TokenReference};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

use crate::run_dirs::directory;

/// Takes the kept log-probs of single tokens away.
fn forget(folder: &Path) {
    for entry in fs::read_dir(folder.join(pairs::FOLDER)).expect("a folder").flatten() {
        let name = entry.file_name();
        let name = name.to_str().expect("text");
        if pairs::tokens_step(name).or(pairs::moved_step(name)).is_some() {
            fs::remove_file(entry.path()).expect("it is gone");
        }
    }
}

async fn asked(board: &Board, run: &str, pair: u64) -> (StatusCode, Value) {
    let path = format!("/api/runs/{run}/pairs/{pair}/tokens");
    board.call(Method::POST, &path, Value::Null).await
}

async fn scored(board: &Board, run: &str, pair: u64) -> PairTokens {
    let (status, answer) = asked(board, run, pair).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    serde_json::from_value(answer).expect("tokens")
}

async fn refused(board: &Board, run: &str, pair: u64) -> (StatusCode, String) {
    let (status, problem) = asked(board, run, pair).await;
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

async fn detail(board: &Board, run: &str, pair: u64) -> PairDetail {
    let answer = board.get(&format!("/api/runs/{run}/pairs/{pair}")).await;
    serde_json::from_value(answer).expect("a pair")
}

fn conflict(code: &str) -> (StatusCode, String) {
    (StatusCode::CONFLICT, code.to_owned())
}

#[tokio::test]
async fn tokens_that_are_not_kept_are_scored_as_evaluations_score_them() {
    let board = Board::start();
    let run = board
        .start_run(json!({ "val_size": 20, "learning_rate": 1e-2, "finetuning_type": "lora" }))
        .await;
    board.wait_over(&run).await;
    let folder = directory(&board, &run).await;
    let mut kept = vec![];
    for pair in [0, 13] {
        let tokens = detail(&board, &run, pair)
            .await
            .tokens
            .expect("tokens of few pairs are all kept");
        assert_eq!(scored(&board, &run, pair).await, tokens);
        kept.push((pair, tokens));
    }
    forget(&folder);
    for (pair, kept) in kept {
        assert_eq!(detail(&board, &run, pair).await.tokens, None);
        let found = scored(&board, &run, pair).await;
        assert_eq!((found.first_step, found.last_step), (0, 6));
        assert_eq!(
            (found.reference, kept.reference),
            (TokenReference::Fixed, TokenReference::Fixed)
        );
        let alike = |found: &[ReplyToken], kept: &[ReplyToken]| {
            assert_eq!(found.len(), kept.len());
            for (found, kept) in found.iter().zip(kept) {
                assert_eq!(found.text, kept.text);
                let reference = |of: &ReplyToken| of.reference.expect("a reference");
                let apart = (found.first - kept.first).abs().max((found.last - kept.last).abs());
                let apart = apart.max((reference(found) - reference(kept)).abs());
                assert!(apart < 1e-4, "{found:?} {kept:?}");
            }
        };
        alike(&found.chosen, &kept.chosen);
        alike(&found.rejected, &kept.rejected);
        assert!(found.chosen.iter().any(|token| (token.first - token.last).abs() > 1e-3));
    }

    // what the loaded model says is held against what the evaluation said
    let evaluation = folder.join(pairs::FOLDER).join(pairs::evaluation(0));
    let was = fs::read(&evaluation).expect("an evaluation");
    let mut other = Scores::decode(&was).expect("scores");
    other.chosen -= 20.0;
    fs::write(&evaluation, [&other.encode()[..], &was[Scores::BYTES..]].concat()).expect("a file");
    assert_eq!(refused(&board, &run, 0).await, conflict("pair_scored_otherwise"));
    fs::write(&evaluation, &was).expect("a file");
    // under the reference, against the newest evaluation
    let newest = folder.join(pairs::FOLDER).join(pairs::evaluation(6));
    let was = fs::read(&newest).expect("an evaluation");
    let mut other = Scores::decode(&was).expect("scores");
    other.ref_chosen = other.ref_chosen.map(|logp| logp - 20.0);
    fs::write(&newest, [&other.encode()[..], &was[Scores::BYTES..]].concat()).expect("a file");
    assert_eq!(refused(&board, &run, 0).await, conflict("pair_reference_otherwise"));
    fs::write(&newest, &was).expect("a file");
    // and the tokens against those that were trained on
    let heads = folder.join(pairs::FOLDER).join(pairs::HEADS);
    let was = fs::read(&heads).expect("heads");
    let mut other = Head::decode(&was).expect("a head");
    other.hash[0] ^= 1;
    fs::write(&heads, [&other.encode()[..], &was[Head::BYTES..]].concat()).expect("a file");
    assert_eq!(refused(&board, &run, 0).await, conflict("pair_tokens_lost"));
    fs::write(&heads, &was).expect("a file");

    assert_eq!(
        refused(&board, &run, 20).await,
        (StatusCode::NOT_FOUND, "not_found".into())
    );
    for entry in fs::read_dir(&folder).expect("a folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with("checkpoint-") {
            let gone = match entry.path().is_symlink() {
                true => fs::remove_file(entry.path()),
                false => fs::remove_dir_all(entry.path()),
            };
            gone.expect("it is gone");
        }
    }
    assert_eq!(refused(&board, &run, 0).await, conflict("run_without_checkpoint"));
}

#[tokio::test]
async fn a_reference_of_its_own_is_scored_and_one_that_followed_is_not() {
    let board = Board::start();
    let before = board
        .start_run(json!({ "finetuning_type": "lora", "max_steps": 3 }))
        .await;
    board.wait_over(&before).await;
    let adapter = directory(&board, &before).await.join("checkpoint-3");
    let own = json!({ "val_size": 20, "finetuning_type": "lora", "ref_model_adapters": adapter });
    let own = board.start_run(own).await;
    let following = board
        .start_run(json!({ "val_size": 20, "max_steps": 3, "sync_ref_model": true, "ref_model_sync_steps": 1 }))
        .await;
    board.wait_over(&own).await;
    board.wait_over(&following).await;
    let kept = detail(&board, &own, 4).await.tokens.expect("tokens");
    forget(&directory(&board, &own).await);
    let found = scored(&board, &own, 4).await;
    assert_eq!(found.reference, TokenReference::Fixed);
    for (found, kept) in found.chosen.iter().zip(&kept.chosen) {
        let [found_reference, kept_reference] = [found, kept].map(|token| token.reference.expect("a reference"));
        assert!((found_reference - kept_reference).abs() < 1e-4, "{found:?} {kept:?}");
    }
    // the reference is none of the two models
    let apart = |token: &ReplyToken| (token.first - token.reference.unwrap_or(token.first)).abs() > 1e-4;
    assert!(found.chosen.iter().any(apart));

    let kept = detail(&board, &following, 4).await.tokens.expect("tokens");
    assert_eq!(kept.reference, TokenReference::Following);
    forget(&directory(&board, &following).await);
    assert_eq!(scored(&board, &following, 4).await.reference, TokenReference::None);
}

#[tokio::test]
async fn what_no_model_can_score_is_refused() {
    let board = Board::start();
    let reward = board
        .start_run(json!({ "stage": "rm", "val_size": 10, "max_steps": 2 }))
        .await;
    board.wait_over(&reward).await;
    assert_eq!(refused(&board, &reward, 0).await, conflict("reward_without_tokens"));

    let random = json!({ "val_size": 10, "max_steps": 2, "train_from_scratch": true, "finetuning_type": "full" });
    let random = board.start_run(random).await;
    board.wait_over(&random).await;
    forget(&directory(&board, &random).await);
    assert_eq!(refused(&board, &random, 0).await, conflict("pair_of_random_weights"));

    let going = board
        .start_run(json!({ "val_size": 10, "max_steps": 4000, "eval_steps": 2000 }))
        .await;
    board.wait_for(&going, |row| row["step"].as_u64() >= Some(2)).await;
    forget(&directory(&board, &going).await);
    assert_eq!(refused(&board, &going, 0).await, conflict("pair_while_training"));
    board.post(&format!("/api/runs/{going}/stop"), json!("save")).await;
    board.wait_over(&going).await;
    assert_eq!(scored(&board, &going, 0).await.first_step, 0);
}
