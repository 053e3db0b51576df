//! Rows that are trained on while they are read: each stage learns of them, goes on to the bit, and tells what they are like.

use crate::worker::{Folder, config, golden, said};

const STREAMED: &str = "streaming: true\nbuffer_size: 5\nmax_steps: 10\nsave_steps: 2\n";

#[test]
fn a_stream_goes_on_as_if_it_had_never_stopped() {
    let folder = Folder::new();
    for (case, stage, more) in [
        ("pt", "pt", "dataset: text_eval\neval_dataset: text\npacking: false"),
        ("blocks", "pt", "dataset: text_eval\neval_dataset: text\ncutoff_len: 24"),
        ("sft-held-out", "sft", "eval_dataset:\nval_size: 3"),
        (
            "sft-mixed",
            "sft",
            "dataset: instructions,instructions_eval\neval_dataset: instructions_eval,instructions\nmix_strategy: interleave_over\ninterleave_probs: 0.7,0.3",
        ),
        ("packed", "sft", "neat_packing: true\ndisable_shuffling: true"),
        ("rm", "rm", "dataset: pairs\neval_dataset: pairs_eval"),
        ("dpo", "dpo", "dataset: pairs,pairs_eval"),
        ("kto", "kto", "dataset: labelled\neval_dataset: labelled_eval"),
    ] {
        let yaml = folder.write(&format!("{case}.yaml"), &config(stage, &format!("{STREAMED}{more}")));
        let straight = folder.run(&format!("{case}-straight"));
        straight.train(&yaml, &[]);
        assert!(!straight.of("data").is_empty(), "{case}: nothing is told of the rows");
        let last = straight.of("step").pop().unwrap();
        assert!(last["epoch"].as_f64() > Some(1.0), "{case}: one pass only: {last}");
        let other = folder.run(&format!("{case}-stopped"));
        other.train(&yaml, &[]);
        for step in [6, 8, 10] {
            std::fs::remove_dir_all(other.0.join(format!("checkpoint-{step}"))).unwrap();
        }
        other.train(&yaml, &["resume_from_checkpoint=true"]);
        assert_eq!(straight.folded(), other.folded(), "{case}");
        for file in ["adapter_model.safetensors", "optimizer.safetensors"] {
            let file = format!("checkpoint-10/{file}");
            assert!(straight.bytes(&file) == other.bytes(&file), "{case}: {file} differs");
        }
    }
}

#[test]
fn what_rows_are_like_is_told_and_others_are_refused() {
    let folder = Folder::new();
    let rows = std::fs::read_to_string(golden().join("data/instructions.json")).unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&rows).unwrap();
    let write = |rows: &[serde_json::Value]| {
        let bad = serde_json::json!({"instruction": "Nothing is said.", "output": 7});
        let lines = rows.iter().chain([&bad]).map(|row| format!("{row}\n"));
        folder.write("rows.jsonl", &lines.collect::<String>());
    };
    let many: Vec<_> = rows.iter().cycle().take(600).cloned().collect();
    write(&many);
    let dir = folder.path().display();
    let yaml = config(
        "sft",
        &format!("{STREAMED}dataset: rows.jsonl\ndataset_dir: {dir}\neval_strategy: 'no'"),
    );
    let yaml = yaml
        .replace("eval_dataset: instructions_eval\n", "")
        .replace("\neval_steps: 4", "");
    let yaml = folder.write("rows.yaml", &yaml);
    // few rows are all read before the first step, and the run ends within the first pass over them, or in a later one
    write(&rows[..12]);
    for steps in ["max_steps=2", "max_steps=12"] {
        let run = folder.run(steps);
        run.train(&yaml, &[steps]);
        let told = run.of("data");
        assert_eq!(told.len(), 1, "{steps}: {told:?}");
        assert_eq!(
            (&told[0]["rows"], &told[0]["bad_total"]),
            (&13.into(), &1.into()),
            "{steps}"
        );
    }
    write(&many);
    let run = folder.run("run");
    run.train(&yaml, &["max_steps=4"]);
    // the end was not read: it told of rows that were
    let told = run.of("data").pop().unwrap();
    assert!(
        told["usable"].as_u64() > Some(0) && told["dataset"] == "rows.jsonl",
        "{told}"
    );
    run.train(
        &yaml,
        &["max_steps=160", "resume_from_checkpoint=true", "save_steps=100"],
    );
    let told = run.of("data").pop().unwrap();
    assert_eq!((&told["rows"], &told["bad_total"]), (&601.into(), &1.into()), "{told}");
    // other rows than those that were trained on
    write(&many[1..]);
    let go_on = ["max_steps=170", "resume_from_checkpoint=true"];
    let other = run.command(&yaml, &go_on).output().unwrap();
    assert_eq!(other.status.code(), Some(1));
    assert!(said(&other).contains("other training rows"), "{}", said(&other));
}
