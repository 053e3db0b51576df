//! Log-probs of single tokens: of the pairs that moved most, under the policy and under the reference.

use crate::pairs::{about, heads, scores, steps, trained};
use crate::worker::{Folder, Run, golden};
use protocol::pairs::{self, MOST_MOVED, MovedIndex, Scores, TokenLogps};
use serde_json::{Value, json};

/// A pair of the file of those that moved most.
struct Moved {
    pair: usize,
    chosen: Vec<TokenLogps>,
    rejected: Vec<TokenLogps>,
}

/// Those of the newest evaluation.
fn moved(run: &Run) -> Vec<Moved> {
    let newest = *steps(run, pairs::evaluation_step).last().unwrap();
    // one file, of the newest evaluation
    assert_eq!(steps(run, pairs::moved_step), [newest]);
    let bytes = run.bytes(&format!("pairs/{}", pairs::moved(newest)));
    let index = MovedIndex::decode(&bytes).unwrap();
    assert_eq!(index.first_step, 0);
    let heads = heads(run);
    let of = |place: &pairs::MovedPlace| {
        let (at, pair) = (place.at as usize, place.pair as usize);
        let mut chosen = TokenLogps::decode_all(&bytes[at..at + place.tokens as usize * TokenLogps::BYTES]);
        assert_eq!(chosen.len() as u64, heads[pair].token_count());
        let rejected = chosen.split_off(heads[pair].chosen_tokens as usize);
        Moved { pair, chosen, rejected }
    };
    index.places.iter().map(of).collect()
}

fn sum(tokens: &[TokenLogps], of: impl Fn(&TokenLogps) -> f32) -> f32 {
    tokens.iter().map(of).sum()
}

/// Tokens add up to the sums of the evaluations, the reference's too where there is one.
fn adds_up(run: &Run, reference: bool) {
    let evaluations = steps(run, pairs::evaluation_step);
    let [first, last] = [evaluations[0], evaluations[evaluations.len() - 1]].map(|step| scores(run, step));
    let near = |a: f32, b: f32, what: &str| assert!((a - b).abs() < 1e-3, "{what}: {a} {b}");
    for Moved { pair, chosen, rejected } in moved(run) {
        for (tokens, of) in [
            (&chosen, (|of| of.chosen) as fn(&Scores) -> f32),
            (&rejected, |of| of.rejected),
        ] {
            near(sum(tokens, |token| token.first), of(&first[pair]), "first");
            near(sum(tokens, |token| token.last), of(&last[pair]), "last");
        }
        for (tokens, sum_of_reference) in [(chosen, last[pair].ref_chosen), (rejected, last[pair].ref_rejected)] {
            let logps: Option<Vec<f32>> = tokens.iter().map(|token| token.reference).collect();
            assert_eq!(logps.is_some(), reference && !tokens.is_empty());
            assert_eq!(sum_of_reference.is_some(), reference);
            if let Some((logps, sum)) = logps.zip(sum_of_reference) {
                near(logps.iter().sum(), sum, "reference");
            }
        }
    }
}

/// So many pairs of the golden data's replies, each to a prompt of its own.
fn many_pairs(folder: &Folder, count: usize) {
    let read = |name: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(golden().join("data").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let train = read("pairs.json");
    let row = |i: usize| {
        json!({
            "conversations": [{ "from": "human", "value": format!("{i} river?") }],
            "chosen": train[i % train.len()]["chosen"],
            "rejected": train[(7 * i + 3) % train.len()]["rejected"],
        })
    };
    let info = std::fs::read_to_string(golden().join("data/dataset_info.json")).unwrap();
    let info: Value = serde_json::from_str(&info).unwrap();
    let info = json!({ "pairs": info["pairs"], "pairs_eval": info["pairs_eval"] });
    folder.write("dataset_info.json", &info.to_string());
    folder.write("pairs.json", &json!(train).to_string());
    let rows: Vec<Value> = (0..count).map(row).collect();
    folder.write("pairs_eval.json", &json!(rows).to_string());
}

#[test]
fn of_many_pairs_the_tokens_of_those_are_kept_that_moved_most() {
    let folder = Folder::new();
    let count = MOST_MOVED + 40;
    many_pairs(&folder, count);
    let data = folder.path().display();
    let more = format!("dataset_dir: {data}\nper_device_eval_batch_size: 32\neval_steps: 8");
    let run = trained(&folder, "many", "dpo", &more);
    assert_eq!(
        (about(&run).count, about(&run).with_tokens),
        (count as u64, count as u64)
    );
    let [first, last] = [0, 8].map(|step| scores(&run, step));
    let change = |pair: usize| (last[pair].margin - first[pair].margin).abs();
    let mut by_change: Vec<usize> = (0..count).collect();
    by_change.sort_by(|&a, &b| change(b).total_cmp(&change(a)).then(a.cmp(&b)));
    by_change.truncate(MOST_MOVED);
    by_change.sort_unstable();
    let kept: Vec<usize> = moved(&run).iter().map(|of| of.pair).collect();
    assert_eq!(kept, by_change);
    adds_up(&run, true);
}

#[test]
fn tokens_are_known_under_the_reference_however_it_is_scored() {
    let folder = Folder::new();
    let beside = trained(&folder, "beside", "dpo", "");
    adds_up(&beside, true);
    assert!(!about(&beside).reference_follows);
    // stored before training, and read from the store by another run
    let stored = "precompute_ref_log_probs: true";
    let computed = trained(&folder, "computed", "dpo", stored);
    let read = trained(&folder, "read", "dpo", stored);
    assert_eq!(read.finished()["reference_forwards"], 0);
    for run in [&computed, &read] {
        adds_up(run, true);
        for (a, b) in moved(run).iter().zip(moved(&beside)) {
            assert_eq!(a.pair, b.pair);
            let apart = |(a, b): (&TokenLogps, &TokenLogps)| (a.reference.unwrap() - b.reference.unwrap()).abs();
            let pairs = a.chosen.iter().zip(&b.chosen).chain(a.rejected.iter().zip(&b.rejected));
            assert!(pairs.map(apart).all(|apart| apart < 1e-4));
        }
    }
    // pairs taken apart; a reference that follows; none
    adds_up(
        &trained(&folder, "kto", "kto", "dataset: pairs\neval_dataset: pairs_eval"),
        true,
    );
    let following = trained(
        &folder,
        "following",
        "dpo",
        "sync_ref_model: true\nref_model_sync_steps: 2",
    );
    adds_up(&following, true);
    assert!(about(&following).reference_follows);
    let reference = |run: &Run| moved(run)[0].chosen[0].reference.unwrap();
    assert_ne!(reference(&following), reference(&beside));
    adds_up(&trained(&folder, "free", "dpo", "pref_loss: simpo"), false);
}
