//! `do_predict`: replies to held-out prompts in LLaMA-Factory's files, alone and after training, and by `evaluate`.

use super::worker::{Folder, golden, program, said};
use serde_json::Value;
use std::path::Path;

/// As LLaMA-Factory's example of predicting has it.
const YAML: &str = "\
model_name_or_path: models/llama
adapter_name_or_path: models/llama/tuned-adapter
stage: sft
do_predict: true
finetuning_type: lora
dataset_dir: data
eval_dataset: instructions_eval
template: chatml
cutoff_len: 256
max_samples: 3
overwrite_output_dir: true
per_device_eval_batch_size: 2
predict_with_generate: true
max_new_tokens: 6
do_sample: false
";

fn results(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("predict_results.json")).unwrap()).unwrap()
}

fn lines(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("generated_predictions.jsonl")).unwrap();
    // Python's separators
    assert!(text.starts_with("{\"prompt\": \""), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn replies_are_written_alone_and_after_training() {
    let folder = Folder::new();
    let yaml = folder.write("predict.yaml", YAML);
    let alone = folder.run("alone");
    alone.train(&yaml, &[]);
    let (found, written) = (results(&alone.0), lines(&alone.0));
    assert_eq!(written.len(), 3);
    let keys: Vec<_> = found.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "predict_bleu-4",
            "predict_rouge-1",
            "predict_rouge-2",
            "predict_rouge-l",
            "predict_runtime",
            "predict_samples_per_second",
            "predict_steps_per_second",
        ]
    );
    assert_eq!(alone.text("all_results.json"), alone.text("predict_results.json"));
    let row =
        &serde_json::from_str::<Value>(&std::fs::read_to_string(golden().join("data/instructions_eval.json")).unwrap())
            .unwrap()[0];
    let label = row["output"].as_str().or(row["response"].as_str()).unwrap_or_default();
    assert_eq!(written[0]["label"].as_str().unwrap().trim_end(), label, "{row}");
    let prompt = written[0]["prompt"].as_str().unwrap();
    assert!(
        prompt.starts_with("<|im_start|>") && prompt.ends_with("assistant\n"),
        "{prompt}"
    );
    assert_eq!(alone.finished()["outcome"], "completed");
    assert_eq!(
        alone.of("eval")[0]["metrics"]["predict_bleu-4"],
        found["predict_bleu-4"]
    );
    assert!(alone.checkpoints().is_empty());

    // the same after training, by what came of it
    let trained = folder.run("trained");
    let keys = [
        "do_train=true",
        "dataset=instructions",
        "max_steps=1",
        "learning_rate=1e-12",
    ];
    trained.train(&yaml, &keys);
    assert_eq!(trained.checkpoints(), [1]);
    assert_eq!(lines(&trained.0), written, "a step of nothing changes no reply");

    // rows of pairs expect the chosen reply, by `evaluate` too
    let out = folder.path().join("evaluated");
    let output = program(&[
        "evaluate",
        "models/llama",
        "--adapter=models/llama/tuned-adapter",
        "--template=chatml",
        "--dataset=pairs_eval",
        "--dataset-dir=data",
        "--predict",
        "--max-new-tokens=3",
        "--json",
        &format!("--out={}", out.display()),
    ])
    .output()
    .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let metrics = &told["metrics"];
    assert_eq!(metrics["predict_rouge-l"], results(&out)["predict_rouge-l"]);
    let (loss, perplexity) = (
        metrics["eval_loss"].as_f64().unwrap(),
        metrics["perplexity"].as_f64().unwrap(),
    );
    assert!((loss.exp() - perplexity).abs() < 1e-9 * perplexity);
    assert_eq!(lines(&out).len() as u64, told["rows"].as_u64().unwrap());
    assert_eq!(
        std::fs::read(out.join("pairs.bin")).unwrap().len(),
        20 * lines(&out).len()
    );
}

#[test]
fn what_predicting_needs_is_said() {
    let folder = Folder::new();
    let yaml = folder.write("predict.yaml", YAML);
    for (keys, says) in [
        (&["predict_with_generate=false"][..], "predict_with_generate: true"),
        (&["do_predict=false"], "do_predict: true"),
        (&["stage=dpo", "do_train=true", "dataset=pairs"], "stage sft"),
        (&["eval_dataset=null"], "set val_size or eval_dataset"),
        (&["eval_dataset=labelled_eval"], "labelled_eval"),
    ] {
        let run = folder.run("refused");
        let output = run.command(&yaml, keys).output().unwrap();
        assert!(!output.status.success(), "{keys:?}");
        assert!(said(&output).contains(says), "{keys:?}: {}", said(&output));
    }
    let texts = [
        "evaluate",
        "models/llama",
        "--dataset=text_eval",
        "--dataset-dir=data",
        "--template=chatml",
    ];
    let output = program(&texts).output().unwrap();
    assert!(
        output.status.success() && said(&output).contains("perplexity"),
        "{}",
        said(&output)
    );
    let out = format!("--out={}", folder.path().join("texts").display());
    let output = program(&[&texts[..], &["--predict", &out]].concat()).output().unwrap();
    assert!(said(&output).contains("plain texts expect none"), "{}", said(&output));
}
