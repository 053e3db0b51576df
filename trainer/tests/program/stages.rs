//! The stages beside DPO, through the real program: each lowers its loss, resumes as if it had never stopped, and leaves
//! files that evaluate, export and load again.

use crate::worker::{Folder, Run, config, golden, kill, program, said};
use serde_json::Value;
use std::path::Path;

fn metric(event: &Value, name: &str) -> f64 {
    event["metrics"][name]
        .as_f64()
        .unwrap_or_else(|| panic!("no {name} in {event}"))
}

/// Mean of a metric over some steps.
fn mean(steps: &[Value], name: &str) -> f64 {
    let all: Vec<f64> = steps.iter().map(|e| metric(e, name)).collect();
    all.iter().sum::<f64>() / all.len() as f64
}

fn models(name: &str) -> String {
    golden().join("models").join(name).display().to_string()
}

fn kto(more: &str) -> String {
    config(
        "kto",
        &format!("dataset: labelled\neval_dataset: labelled_eval\n{more}"),
    )
}

fn rm(more: &str) -> String {
    config("rm", &format!("dataset: pairs\neval_dataset: pairs_eval\n{more}"))
}

/// A reward for which the tiny model has a head already.
fn ppo(more: &str) -> String {
    let reward = models("llama/scorer-adapter");
    config(
        "ppo",
        &format!("reward_model: {reward}\nmax_new_tokens: 6\ncutoff_len: 64\n{more}"),
    )
}

fn run(folder: &Folder, name: &str, text: &str) -> Run {
    let run = folder.run(name);
    run.train(&folder.write(&format!("{name}.yaml"), text), &[]);
    run
}

fn scores(folder: &Path, dataset: &str) -> Value {
    let data = golden().join("data").display().to_string();
    let args = [
        "evaluate",
        folder.to_str().unwrap(),
        "--dataset",
        dataset,
        "--dataset-dir",
        &data,
    ];
    let output = program(&args).args(["--json", "--cutoff-len=96"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn each_stage_stopped_and_resumed_equals_straight_through() {
    let folder = Folder::new();
    let often = "max_steps: 30\nlogging_steps: 4\neval_steps: 3\nsave_steps: 5";
    for (name, text) in [
        ("kto", kto(often)),
        ("bco", kto(&format!("kto_loss: bco\nfinetuning_type: full\n{often}"))),
        ("rm", rm(&format!("lora_dropout: 0.2\n{often}"))),
        (
            "neftune",
            config("sft", &format!("neftune_noise_alpha: 5\npacking: true\n{often}")),
        ),
        (
            "ppo",
            ppo(&format!(
                "ppo_score_norm: true\nppo_buffer_size: 2\nppo_epochs: 2\n{often}"
            )),
        ),
    ] {
        let yaml = folder.write(&format!("{name}.yaml"), &text);
        let straight = folder.run(&format!("{name}-straight"));
        straight.train(&yaml, &[]);
        let stopped = folder.run(&format!("{name}-stopped"));
        let mut stops = 0;
        for at in [3, 9, 18] {
            let mut child = stopped.start(&yaml, &["resume_from_checkpoint=true"]);
            stopped.wait(&mut child, |events| {
                events
                    .iter()
                    .any(|e| e["type"] == "eval" && e["step"].as_u64() >= Some(at))
            });
            kill(&child, libc::SIGTERM);
            stops += u32::from(child.wait().unwrap().code() == Some(143));
        }
        assert!(stops >= 1, "{name}: the run ended before it could be stopped");
        stopped.train(&yaml, &["resume_from_checkpoint=true"]);
        stopped.check_seq();
        assert_eq!(straight.folded(), stopped.folded(), "{name}");
        let weights = match name {
            "bco" => "model.safetensors",
            _ => "adapter_model.safetensors",
        };
        let mut files = vec![weights, "optimizer.safetensors", "state.json"];
        if matches!(name, "rm" | "ppo") {
            files.push("value_head.safetensors");
        }
        for file in files {
            let file = format!("checkpoint-30/{file}");
            assert!(straight.bytes(&file) == stopped.bytes(&file), "{name}: {file} differs");
        }
    }
}

#[test]
fn labelled_replies_are_learnt_and_pairs_are_scored() {
    let folder = Folder::new();
    for loss in ["kto", "bco"] {
        let more = format!("kto_loss: {loss}\nmax_steps: 40\nlearning_rate: 1e-2");
        let run = run(&folder, loss, &kto(&more));
        let steps = run.of("step");
        // the first pass over the 16 rows, and the last
        let (first, last) = (mean(&steps[..4], "loss"), mean(&steps[36..], "loss"));
        assert!(last < 0.9 * first, "{loss}: {first} became {last}");
        let margin = mean(&steps[36..], "rewards/margins");
        assert!(margin > 0.1, "{loss}: {margin}");
        let baseline = if loss == "kto" { "kl" } else { "delta" };
        assert!(metric(&steps[39], baseline).is_finite());
        assert_eq!(
            metric(&steps[39], "count/chosen") + metric(&steps[39], "count/rejected"),
            2.0
        );
    }
    // the same pairs are held out for both stages: taken apart they have the same score
    let apart = run(
        &folder,
        "apart",
        &kto("dataset: pairs\neval_dataset: pairs_eval\nmax_steps: 2\nlearning_rate: 1e-9"),
    );
    let paired = run(&folder, "paired", &config("dpo", "max_steps: 2\nlearning_rate: 1e-9"));
    let ends = [&apart, &paired].map(|run| run.of("eval").remove(0));
    for name in ["preference/accuracies", "preference/margins"] {
        let [a, b] = ends.each_ref().map(|end| metric(end, name));
        assert!((a - b).abs() < 1e-6, "{name}: {a} {b}");
    }
}

#[test]
fn a_reward_model_is_learnt_saved_and_loaded_again() {
    let folder = Folder::new();
    for tuning in ["lora", "full"] {
        let more = format!("finetuning_type: {tuning}\nmax_steps: 40\nlearning_rate: 1e-2");
        let run = run(&folder, tuning, &rm(&more));
        let steps = run.of("step");
        let (first, last) = (mean(&steps[..4], "loss"), mean(&steps[36..], "loss"));
        assert!(last < 0.7 * first, "{tuning}: {first} became {last}");
        assert!(
            mean(&steps[36..], "accuracy") > mean(&steps[..4], "accuracy"),
            "{tuning}"
        );
        let end = run.of("eval").pop().unwrap();

        // the checkpoint, and the merged folder
        let checkpoint = run.0.join("checkpoint-40");
        let merged = folder.path().join(format!("merged-{tuning}"));
        let output = program(&[
            "export",
            checkpoint.to_str().unwrap(),
            "--out",
            merged.to_str().unwrap(),
        ])
        .output()
        .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        for place in [&checkpoint, &merged] {
            let found = scores(place, "pairs_eval");
            for name in ["eval_loss", "eval_accuracy", "eval_rewards/margins"] {
                let (got, want) = (metric(&found, name), metric(&end, name));
                assert!((got - want).abs() < 1e-4, "{tuning} {name}: {got} {want}");
            }
        }
        // and training goes on from it
        let key = match tuning {
            "lora" => "adapter_name_or_path",
            _ => "model_name_or_path",
        };
        let more = format!(
            "finetuning_type: {tuning}\n{key}: {}\nmax_steps: 1\nlearning_rate: 1e-9",
            checkpoint.display()
        );
        let again = self::run(&folder, &format!("{tuning}-again"), &rm(&more));
        let (got, want) = (metric(&again.of("eval")[0], "eval_loss"), metric(&end, "eval_loss"));
        assert!((got - want).abs() < 1e-6, "{tuning}: {got} {want}");
    }
}

#[test]
fn noise_on_the_embeddings_is_off_in_evaluations_and_goes_by_the_seed() {
    let folder = Folder::new();
    let with = |name: &str, more: &str| run(&folder, name, &config("sft", &format!("max_steps: 4\n{more}")));
    let plain = with("plain", "");
    let noisy = with("noisy", "neftune_noise_alpha: 30");
    let again = with("again", "neftune_noise_alpha: 30");
    let other = with("other", "neftune_noise_alpha: 30\nseed: 7\ndisable_shuffling: true");
    assert_eq!(noisy.folded(), again.folded());
    // before the first step nothing differs but the noise, which is off
    assert_eq!(plain.of("eval")[0]["metrics"], noisy.of("eval")[0]["metrics"]);
    let first = |run: &Run| metric(&run.of("step")[0], "loss");
    assert!((first(&plain) - first(&noisy)).abs() > 1e-4);
    let calm = with("calm", "seed: 7\ndisable_shuffling: true");
    assert!((first(&calm) - first(&other)).abs() > 1e-4);
}

#[test]
fn the_value_head_of_ppo_is_no_reward_model() {
    let folder = Folder::new();
    let run = run(&folder, "ppo", &ppo("max_steps: 2"));
    let checkpoint = run.0.join("checkpoint-2");
    assert!(checkpoint.join("value_head.safetensors").exists());
    let found = scores(&checkpoint, "pairs_eval");
    metric(&found, "preference/accuracies");
    assert!(found["metrics"].get("eval_accuracy").is_none(), "{found}");
    let steps = run.of("step");
    for name in [
        "reward",
        "objective/kl",
        "objective/kl_coef",
        "tokens/responses_len_mean",
        "grad_norm",
    ] {
        metric(&steps[1], name);
    }
    metric(&run.of("eval")[0], "eval_reward");
}

#[test]
fn ppo_says_what_is_wrong_with_its_reward_model() {
    let folder = Folder::new();
    let none = ppo(&format!(
        "reward_model: {}\nmax_steps: 1",
        models("llama/fresh-adapter")
    ));
    let run = folder.run("none");
    let output = run.command(&folder.write("none.yaml", &none), &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = run.finished()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("no reward model") && message.contains("stage: rm"),
        "{message}"
    );
}
