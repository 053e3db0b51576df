//! Held-out pairs one by one: what the folder says is what the run's metrics say.

use crate::worker::{Folder, Run, config};
use protocol::pairs::{self, About, Head, Measure, Offsets, Row, Scores};
use serde_json::Value;
use std::path::PathBuf;

/// The files of `pairs/`; none where the held-out rows are no pairs.
pub fn files(run: &Run) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(run.0.join("pairs")) else {
        return vec![];
    };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            (
                PathBuf::from(&name),
                std::fs::read(run.0.join("pairs").join(&name)).unwrap(),
            )
        })
        .collect()
}

pub fn about(run: &Run) -> About {
    serde_json::from_str(&run.text("pairs/about.json")).unwrap()
}

pub fn heads(run: &Run) -> Vec<Head> {
    let bytes = run.bytes("pairs/heads.bin");
    bytes.chunks_exact(Head::BYTES).filter_map(Head::decode).collect()
}

pub fn scores(run: &Run, step: u64) -> Vec<Scores> {
    let bytes = run.bytes(&format!("pairs/{}", pairs::evaluation(step)));
    assert!(bytes.len().is_multiple_of(Scores::BYTES));
    bytes.chunks_exact(Scores::BYTES).filter_map(Scores::decode).collect()
}

pub fn steps(run: &Run, of: impl Fn(&str) -> Option<u64>) -> Vec<u64> {
    let names = std::fs::read_dir(run.0.join("pairs")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut steps: Vec<u64> = names.filter_map(|name| of(&name)).collect();
    steps.sort_unstable();
    steps
}

/// Rows, read by the offsets beside them.
fn rows(run: &Run) -> Vec<Row> {
    let (text, offsets) = (run.bytes("pairs/rows.jsonl"), run.bytes("pairs/rows.idx"));
    let offsets = Offsets::decode(&offsets);
    assert_eq!(offsets.last(), Some(&(text.len() as u64)));
    let line = |at: &[u64]| serde_json::from_slice(&text[at[0] as usize..at[1] as usize]).unwrap();
    offsets.windows(2).map(line).collect()
}

fn evaluations(run: &Run) -> Vec<(u64, Value)> {
    let of = |event: Value| (event["step"].as_u64().unwrap(), event["metrics"].clone());
    run.of("eval").into_iter().map(of).collect()
}

/// As many pairs are right as the metric says, and the margins' mean is its twin's.
fn agree(run: &Run, accuracy: &str, margins: &str) {
    let evaluations = evaluations(run);
    let told: Vec<u64> = evaluations.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps(run, pairs::evaluation_step), told);
    for (step, metrics) in evaluations {
        let scores = scores(run, step);
        assert_eq!(scores.len() as u64, about(run).count);
        let right = scores.iter().filter(|of| of.is_right()).count() as f64;
        let share = metrics[accuracy].as_f64().unwrap();
        assert!(
            (right / scores.len() as f64 - share).abs() < 1e-12,
            "step {step}: {right} right, {share}"
        );
        let mean = scores.iter().map(|of| f64::from(of.margin)).sum::<f64>() / scores.len() as f64;
        assert!((mean - metrics[margins].as_f64().unwrap()).abs() < 1e-5, "step {step}");
    }
}

pub fn trained(folder: &Folder, name: &str, stage: &str, more: &str) -> Run {
    let run = folder.run(name);
    let text = config(stage, &format!("max_steps: 8\nlearning_rate: 1e-2\n{more}"));
    run.train(&folder.write(&format!("{name}.yaml"), &text), &[]);
    run
}

#[test]
fn what_is_kept_of_pairs_is_what_the_metrics_say() {
    let folder = Folder::new();
    let run = trained(&folder, "dpo", "dpo", "pref_beta: 0.2");
    agree(&run, "preference/accuracies", "preference/margins");
    let about = about(&run);
    assert_eq!((about.left_out, about.thinned, about.with_tokens), (0, 0, about.count));
    assert_eq!((about.reference, about.beta), (true, Some(0.2)));
    let (last, metrics) = evaluations(&run).pop().unwrap();
    let moved: f64 = scores(&run, last)
        .iter()
        .map(|of| f64::from(of.moved_apart().unwrap()))
        .sum();
    let reward = metrics["eval_rewards/margins"].as_f64().unwrap();
    assert!(
        (0.2 * moved / about.count as f64 - reward).abs() < 1e-4,
        "{moved} {reward}"
    );

    // all tokens of the first evaluation: as long as the replies, and they add up
    assert_eq!(steps(&run, pairs::tokens_step), [0]);
    let rows = rows(&run);
    assert_eq!(rows.len() as u64, about.count);
    let logps: Vec<f32> = run
        .bytes(&format!("pairs/{}", pairs::tokens(0)))
        .chunks_exact(4)
        .map(|of| f32::from_le_bytes(of.try_into().unwrap()))
        .collect();
    for ((head, row), scores) in heads(&run).iter().zip(&rows).zip(scores(&run, 0)) {
        let at = head.token_at.unwrap() as usize;
        let (chosen, rejected) = logps[at..at + head.token_count() as usize].split_at(head.chosen_tokens as usize);
        assert!((chosen.iter().sum::<f32>() - scores.chosen).abs() < 1e-3);
        assert!((rejected.iter().sum::<f32>() - scores.rejected).abs() < 1e-3);
        assert_eq!(row.chosen.tokens.len(), chosen.len());
        assert_eq!(row.rejected.pieces().collect::<String>(), row.rejected.text);
        assert!(!row.chosen.text.is_empty() && row.prompt.contains("[INST]"), "{row:?}");
    }

    // taken apart they are the same pairs, and their baseline is none of them
    let apart = trained(&folder, "kto", "kto", "dataset: pairs\neval_dataset: pairs_eval");
    agree(&apart, "preference/accuracies", "preference/margins");
    assert_eq!(self::rows(&apart), rows);
    let hashes = |run: &Run| heads(run).iter().map(|head| head.hash).collect::<Vec<_>>();
    assert_eq!(hashes(&apart), hashes(&run));
    for (a, b) in scores(&apart, 0).iter().zip(scores(&run, 0)) {
        assert!(
            (a.margin - b.margin).abs() < 1e-4 && (a.chosen - b.chosen).abs() < 1e-3,
            "{a:?} {b:?}"
        );
        assert!((a.ref_rejected.unwrap() - b.ref_rejected.unwrap()).abs() < 1e-3);
    }
}

#[test]
fn rewards_are_kept_without_tokens_and_rows_that_are_no_pairs_make_no_folder() {
    let folder = Folder::new();
    let scorer = trained(&folder, "rm", "rm", "dataset: pairs\neval_dataset: pairs_eval");
    agree(&scorer, "eval_accuracy", "eval_rewards/margins");
    assert_eq!(
        (about(&scorer).measure, about(&scorer).with_tokens),
        (Measure::Rewards, 0)
    );
    assert_eq!(steps(&scorer, pairs::tokens_step), Vec::<u64>::new());

    let scored_on_pairs = trained(&folder, "on-pairs", "sft", "eval_dataset: pairs_eval");
    agree(&scored_on_pairs, "preference/accuracies", "preference/margins");
    assert_eq!(
        (about(&scored_on_pairs).reference, about(&scored_on_pairs).beta),
        (false, None)
    );
    assert!(scores(&scored_on_pairs, 0).iter().all(|of| of.ref_chosen.is_none()));

    // the same directory, other rows: what was kept of the pairs goes with them
    let yaml = folder.write("sft.yaml", &config("sft", "max_steps: 2"));
    scored_on_pairs.train(&yaml, &["overwrite_output_dir=true"]);
    assert!(!scored_on_pairs.0.join("pairs").exists());
}
