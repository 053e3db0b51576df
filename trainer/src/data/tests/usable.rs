//! A check before a run finds the data sets that training can use no row of.

use serde_json::{Value, json};

use super::layouts::{a, u, written};
use super::*;
use crate::error::Error;

fn finds(folder: &Folder, name: &str, intake: Intake, cutoff_len: usize) -> Result<()> {
    let spec = DataSpec {
        cutoff_len,
        ..folder.spec(name)
    };
    usable(&spec, &spec.dataset, intake, &encoder("chatml"), || Ok(()))
}

#[test]
fn what_training_refuses_is_found_and_what_it_takes_is_not() {
    let sft = conversations(LossMask::Replies, protocol::config::Packing::No);
    let pt = texts(true);
    let differ = json!({"chosen": [u("one"), a("x")], "rejected": [u("other"), a("y")]});
    let pair = json!({"prompt": "Q", "chosen": "x", "rejected": "y"});
    let long = json!({"instruction": "word ".repeat(2000), "output": "x y z w ".repeat(5)});
    let plain = json!({"instruction": "Q", "output": "A"});
    let text = json!({"text": "some words"});
    let late: Vec<Value> = std::iter::repeat_n(differ.clone(), 70)
        .chain([json!(
            {"chosen": [u("one"), a("x")], "rejected": [u("one"), a("y")]}
        )])
        .collect();
    for (rows, intake, cutoff, why) in [
        (vec![differ.clone(), differ.clone()], PAIRS, 4096, Some("no_usable_row")),
        (vec![pair.clone()], PAIRS, 4096, None),
        (vec![pair], LABELLED, 4096, None),
        (late, PAIRS, 4096, None),
        (vec![long.clone()], sft, 8, Some("no_usable_row")),
        (vec![long.clone(), plain.clone()], sft, 8, None),
        (vec![plain.clone()], pt, 4096, Some("block_unfilled")),
        (vec![text.clone()], pt, 4096, Some("block_unfilled")),
        (vec![text; 100], pt, 64, None),
        // of another kind: told where the data set is looked for
        (vec![plain], PAIRS, 4096, None),
    ] {
        let folder = written(&rows);
        let found = finds(&folder, "d.jsonl", intake, cutoff).map_err(|e| match e {
            DataError::Dataset { problem, .. } => problem.code,
            other => other.said().code,
        });
        assert_eq!(
            found.err().as_deref(),
            why,
            "{} {cutoff} {:?}",
            intake.stage.name(),
            rows.first()
        );
        if why.is_some() {
            let spec = DataSpec {
                cutoff_len: cutoff,
                ..folder.spec("d.jsonl")
            };
            assert!(
                load(&spec, intake, 1, &encoder("chatml")).is_err(),
                "{} {cutoff}",
                intake.stage.name()
            );
        }
    }
    // pairs by the entry, and none in the rows
    let folder = written(&[json!({"instruction": "Q", "output": "A"})]);
    folder.write(
        "dataset_info.json",
        json!({"d": {"file_name": "d.jsonl", "ranking": true}}).to_string(),
    );
    let error = finds(&folder, "d", PAIRS, 4096).expect_err("no pair");
    assert_eq!(error.said().code, "no_usable_row");
}

#[test]
fn who_asks_for_a_stop_hears_nothing_of_the_rows() {
    // the one row can't be used, which nobody got to see
    let folder = written(&[json!({"instruction": "Q", "output": "A"})]);
    let spec = folder.spec("d.jsonl");
    let found = usable(&spec, &spec.dataset, PAIRS, &encoder("chatml"), || Err(Error::Stopped));
    assert!(matches!(found.map_err(Error::from), Err(Error::Stopped)));
}
