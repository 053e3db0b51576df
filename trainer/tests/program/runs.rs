//! Whole runs of the real program: what each method does to its loss, chains of stages, stored references.

use crate::worker::{Folder, config, golden, program, said};
use serde_json::Value;

fn metric(event: &Value, name: &str) -> f64 {
    event["metrics"][name]
        .as_f64()
        .unwrap_or_else(|| panic!("no {name} in {event}"))
}

#[test]
fn each_loss_is_lowered_and_held_out_scores_are_there_from_the_start() {
    let folder = Folder::new();
    for loss in [
        "sigmoid",
        "hinge",
        "ipo",
        "kto_pair",
        "orpo",
        "simpo",
        "cpo",
        "robust",
        "exo_pair",
        "nca_pair",
        "bco_pair",
        "aot",
        "aot_pair",
        "apo_zero",
        "apo_down",
        "sigmoid,bco_pair,sft",
    ] {
        for tuning in ["lora", "full"] {
            let more = format!(
                "pref_loss: {loss}\nfinetuning_type: {tuning}\nmax_steps: 40\nlearning_rate: 5e-3\npref_ftx: 0.1\neval_steps: 20"
            );
            let run = folder.run(&format!("{loss}-{tuning}"));
            run.train(&folder.write("run.yaml", &config("dpo", &more)), &[]);
            let losses: Vec<f64> = run.of("step").iter().map(|e| metric(e, "loss")).collect();
            let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
            // the first and the last pass over the 16 rows
            let (first, last) = (mean(&losses[..4]), mean(&losses[36..]));
            assert!(last < 0.9 * first, "{loss} {tuning}: {first} became {last}");
            let evals = run.of("eval");
            let steps: Vec<_> = evals.iter().map(|e| e["step"].as_u64().unwrap()).collect();
            assert_eq!(steps, [0, 20, 40], "{loss}");
            for eval in &evals {
                metric(eval, "preference/accuracies");
                metric(eval, "preference/margins");
                metric(eval, "eval_loss");
            }
            let step = &run.of("step")[39];
            for name in ["grad_norm", "learning_rate", "tokens_per_second", "memory"] {
                metric(step, name);
            }
        }
    }
}

#[test]
fn supervised_training_is_scored_on_held_out_pairs() {
    let folder = Folder::new();
    let run = folder.run("sft");
    run.train(
        &folder.write("sft.yaml", &config("sft", "eval_dataset: pairs_eval\nmax_steps: 4")),
        &[],
    );
    for eval in run.of("eval") {
        assert!(metric(&eval, "eval_loss") > 1.0);
        metric(&eval, "preference/margins");
        metric(&eval, "preference/accuracies");
    }
}

#[test]
fn stages_go_on_from_each_other_and_the_reference_is_where_a_run_starts() {
    let folder = Folder::new();
    let sft = folder.run("sft");
    sft.train(
        &folder.write("sft.yaml", &config("sft", "max_steps: 20\nlearning_rate: 1e-2")),
        &[],
    );
    let best = sft.0.join("checkpoint-best");
    assert!(best.join("adapter_model.safetensors").exists());
    for (name, more) in [
        ("continued", String::new()),
        ("fresh", "create_new_adapter: true".into()),
    ] {
        // the run directory itself names its newest checkpoint
        let adapter = if name == "fresh" { &sft.0 } else { &best };
        let more = format!(
            "adapter_name_or_path: {}\nmax_steps: 6\npref_loss: sigmoid\n{more}",
            adapter.display()
        );
        let run = folder.run(name);
        run.train(&folder.write("dpo.yaml", &config("dpo", &more)), &[]);
        let start = &run.of("eval")[0];
        // policy = reference, to the bit
        assert_eq!(metric(start, "eval_rewards/chosen"), 0.0, "{name}");
        assert!(
            (metric(start, "eval_loss") - std::f64::consts::LN_2).abs() < 1e-12,
            "{name}"
        );
        let last = run.of("step").pop().unwrap();
        assert!(metric(&last, "rewards/margins") != 0.0);

        // the checkpoint alone is enough to evaluate what the run ended with
        let checkpoint = run.0.join("checkpoint-6");
        let data = golden().join("data").display().to_string();
        let args = [
            "evaluate",
            checkpoint.to_str().unwrap(),
            "--dataset",
            "pairs_eval",
            "--dataset-dir",
            &data,
            "--json",
        ];
        let output = program(&args).arg("--cutoff-len=96").output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let scores: Value = serde_json::from_slice(&output.stdout).unwrap();
        let end = run.of("eval").pop().unwrap();
        for name in ["preference/margins", "preference/accuracies"] {
            assert!(
                (metric(&scores, name) - metric(&end, name)).abs() < 1e-5,
                "{name}: {scores} {end}"
            );
        }
        // and so is the merged folder
        let merged = folder.path().join(format!("merged-{name}"));
        let args = [
            "export",
            "--model",
            checkpoint.to_str().unwrap(),
            "--size",
            "0.0001",
            "--out",
            merged.to_str().unwrap(),
        ];
        let output = program(&args).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        for file in [
            "model.safetensors.index.json",
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "chat_template.jinja",
        ] {
            assert!(merged.join(file).exists(), "{file}");
        }
        let args = [
            "evaluate",
            merged.to_str().unwrap(),
            "--dataset",
            "pairs_eval",
            "--dataset-dir",
            &data,
            "--json",
        ];
        let output = program(&args).arg("--cutoff-len=96").output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let scores: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!((metric(&scores, "preference/margins") - metric(&end, "preference/margins")).abs() < 1e-4);
    }
}

#[test]
fn stored_reference_log_probs_are_used_again() {
    let folder = Folder::new();
    let yaml = folder.write(
        "dpo.yaml",
        &config("dpo", "max_steps: 6\nprecompute_ref_log_probs: true"),
    );
    let train = |name: &str, more: &[&str]| {
        let run = folder.run(name);
        run.train(&yaml, more);
        run
    };
    let first = train("first", &[]);
    assert!(first.finished()["reference_forwards"].as_u64() > Some(0));
    let second = train("second", &[]);
    assert_eq!(second.finished()["reference_forwards"], 0);
    assert_eq!(first.folded(), second.folded());
    // another beta is another run of the same sweep; another cut-off is other data
    assert_eq!(train("beta", &["pref_beta=0.3"]).finished()["reference_forwards"], 0);
    assert!(train("cut", &["cutoff_len=48"]).finished()["reference_forwards"].as_u64() > Some(0));
    // whatever the numbers depend on is in the key
    let adapter = format!("adapter_name_or_path={}", first.0.join("checkpoint-6").display());
    let qwen = format!("model_name_or_path={}", golden().join("models/qwen2").display());
    let scratch = ["finetuning_type=full", "train_from_scratch=true"];
    for (name, more) in [
        ("template", vec!["template=alpaca"]),
        ("rows", vec!["max_samples=8"]),
        ("bf16", vec!["bf16=true"]),
        ("pure", vec!["pure_bf16=true"]),
        ("adapter", vec![&*adapter]),
        ("model", vec![&*qwen]),
        ("random", [&scratch[..], &["seed=1"]].concat()),
        ("random-2", [&scratch[..], &["seed=2"]].concat()),
    ] {
        let found = |again: &str| {
            let run = train(&format!("{name}{again}"), &more);
            let start = metric(&run.of("eval")[0], "eval_rewards/margins");
            assert!(start.abs() < 1e-5, "{name}: stale by {start}");
            run.finished()["reference_forwards"].as_u64()
        };
        assert!(found("") > Some(0), "{name}");
        assert_eq!(found("-again"), Some(0), "{name}");
    }
    // and what is stored is what would have been computed
    let live = train("live", &["precompute_ref_log_probs=false"]);
    let (a, b) = (first.of("step"), live.of("step"));
    for (a, b) in a.iter().zip(&b) {
        assert!((metric(a, "loss") - metric(b, "loss")).abs() < 1e-6);
    }
    // another model as the reference
    let other = format!("ref_model={}", first.0.join("checkpoint-6").display());
    let run = train("other", &[&other, "precompute_ref_log_probs=false"]);
    assert!(metric(&run.of("eval")[0], "eval_rewards/chosen") != 0.0);
}

/// The files of the users' guide to preference learning but for paths, on a model that bitsandbytes stored in 4 bits.
#[test]
fn files_as_people_have_them_run_as_they_are() {
    let folder = Folder::new();
    let turn = |from: &str, value: &str| serde_json::json!({"from": from, "value": value});
    let rows: Vec<Value> = (0..40)
        .map(|i| {
            let question = turn("human", &format!("question {i}?"));
            serde_json::json!({
                "conversations": [question, turn("gpt", "polite answer")],
                "rejected_conversations": [question, turn("gpt", "dog")],
            })
        })
        .collect();
    folder.write("competition_dpo.json", &serde_json::to_string(&rows).unwrap());
    let sft: Vec<Value> = (0..40)
        .map(|i| serde_json::json!({"instruction": format!("question {i}?"), "input": "", "output": "polite answer"}))
        .collect();
    folder.write("competition_sft.json", &serde_json::to_string(&sft).unwrap());
    folder.write(
        "dataset_info.json",
        r#"{"competition_dpo": {"file_name": "competition_dpo.json"}, "competition_sft": {"file_name": "competition_sft.json"}}"#,
    );
    let common = |stage: &str, dataset: &str, batch: u32, accumulation: u32| {
        format!(
            "model_name_or_path: {}
stage: {stage}
do_train: true
finetuning_type: lora
lora_target: all
lora_rank: 32
lora_alpha: 32
lora_dropout: 0.05
quantization_bit: 4
quantization_method: bnb
use_unsloth: true
use_unsloth_gc: true
dataset_dir: {}
dataset: {dataset}
template: llama2
cutoff_len: 2048
val_size: 0.1
overwrite_cache: true
overwrite_output_dir: true
per_device_train_batch_size: {batch}
gradient_accumulation_steps: {accumulation}
per_device_eval_batch_size: 2
learning_rate: 5.0e-6
lr_scheduler_type: cosine
warmup_ratio: 0.1
num_train_epochs: 1
optim: adamw_torch
fp16: true
max_grad_norm: 1.0
logging_steps: 5
save_steps: 50
save_total_limit: 3
eval_strategy: steps
eval_steps: 50
seed: 42
report_to: none
dataloader_num_workers: 4
remove_unused_columns: false
save_safetensors: true
",
            golden().join("quant/llama-nf4").display(),
            folder.path().display()
        )
    };
    let sft = folder.run("sft_model");
    sft.train(&folder.write("sft.yaml", &common("sft", "competition_sft", 2, 8)), &[]);
    let adapter = format!("adapter_name_or_path: {}/checkpoint-best\n", sft.0.display());
    for (name, stage, batch, accumulation, more) in [
        (
            "simpo",
            "dpo",
            2,
            8,
            "pref_loss: simpo\npref_beta: 2.0\nsimpo_gamma: 0.5\npref_ftx: 0.0\n",
        ),
        ("orpo", "dpo", 2, 8, "pref_loss: orpo\npref_beta: 0.1\npref_ftx: 0.0\n"),
        ("kto", "kto", 2, 8, "pref_loss: kto_pair\npref_beta: 0.1\n"),
        (
            "sigmoid",
            "dpo",
            1,
            16,
            "pref_loss: sigmoid\npref_beta: 0.1\nref_model_quantization_bit: 4\n",
        ),
    ] {
        let text = common(stage, "competition_dpo", batch, accumulation) + &adapter + more;
        let run = folder.run(name);
        let output = run.command(&folder.write("run.yaml", &text), &[]).output().unwrap();
        assert!(output.status.success(), "{name}: {}", said(&output));
        // 36 pairs after the held-out tenth, 72 labelled replies, 16 a step
        assert_eq!(run.finished()["step"], if stage == "kto" { 5 } else { 3 }, "{name}");
        assert_eq!(run.of("eval").len(), 2, "{name}");
        assert!(
            said(&output).contains("use_unsloth") && said(&output).contains("f32"),
            "{}",
            said(&output)
        );
        assert!(run.0.join("checkpoint-best/adapter_config.json").exists());
    }
}
