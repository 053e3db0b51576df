//! What a run does on its way: when it logs, evaluates, saves and ends, which checkpoint is its best, in what order rows
//! come.

use super::worker::{Folder, Run, config, said};
use serde_json::Value;

fn trained(folder: &Folder, name: &str, more: &str) -> Run {
    let yaml = folder.write(&format!("{name}.yaml"), &config("sft", more));
    let run = folder.run(name);
    run.train(&yaml, &[]);
    run
}

fn steps(events: &[Value]) -> Vec<u64> {
    events.iter().filter_map(|event| event["step"].as_u64()).collect()
}

fn metric(event: &Value, name: &str) -> f64 {
    let metrics = &event["metrics"];
    metrics[name].as_f64().unwrap_or_else(|| panic!("{name}: {metrics}"))
}

#[test]
fn steps_below_one_are_a_share_of_the_run() {
    let folder = Folder::new();
    let keys = "max_steps: 10\nlogging_steps: 0.2\nsave_steps: 0.35\neval_steps: 0.5\nwarmup_steps: 0.3";
    let run = trained(&folder, "shares", keys);
    assert_eq!(steps(&run.of("step")), [2, 4, 6, 8, 10]);
    // ceil(3.5) = 4; the last is always kept, and each is evaluated
    assert_eq!(run.checkpoints(), [4, 8, 10]);
    assert_eq!(steps(&run.of("eval")), [0, 4, 5, 8, 10]);
    let rates: Vec<f64> = run.of("step").iter().map(|e| metric(e, "learning_rate")).collect();
    // three steps of warm-up: the second step goes by a third of the rate, the fourth by all of it
    assert!(
        (rates[0] - 2e-3 / 3.0).abs() < 1e-12 && (rates[1] - 2e-3).abs() < 1e-12,
        "{rates:?}"
    );
    // by epochs, and not at all
    let run = trained(
        &folder,
        "epochs",
        "num_train_epochs: 2\nlogging_strategy: epoch\neval_strategy: no",
    );
    assert_eq!(run.of("step").len(), 2);
    let run = trained(&folder, "never", "max_steps: 3\nlogging_strategy: no\neval_delay: 3");
    assert_eq!(steps(&run.of("step")), [3]);
    assert_eq!(steps(&run.of("eval")), [3]);
}

#[test]
fn training_ends_when_evaluations_no_longer_become_better() {
    let folder = Folder::new();
    // a loss that falls is worse and worse here
    let keys = "max_steps: 20\nlearning_rate: 1e-2\neval_steps: 1\nlogging_steps: 10\nsave_steps: 1\n\
                metric_for_best_model: loss\ngreater_is_better: true\nearly_stopping_steps: 3\nload_best_model_at_end: true";
    let run = trained(&folder, "early", keys);
    let end = run.finished();
    assert_eq!(
        (end["outcome"].as_str(), end["step"].as_u64()),
        (Some("completed"), Some(4))
    );
    assert_eq!(steps(&run.of("step")), [4]);
    assert_eq!(run.checkpoints(), [1, 2, 3, 4]);
    let best = std::fs::read_link(run.0.join("checkpoint-best")).unwrap();
    assert_eq!(best.to_str(), Some("checkpoint-1"));
    let notices = run.of("notice");
    assert!(
        notices
            .iter()
            .any(|n| n["message"].as_str().unwrap().contains("early_stopping_steps")),
        "{notices:?}"
    );
    // taken up again it has nothing left to do
    let yaml = folder.write("early.yaml", &config("sft", keys));
    run.train(&yaml, &["resume_from_checkpoint=true"]);
    assert_eq!(run.finished()["step"], 4);
    // what the run gives is its best
    let merged = folder.path().join("merged");
    let export = |from: &std::path::Path| {
        let args = ["export", from.to_str().unwrap(), "--out", merged.to_str().unwrap()];
        let output = super::worker::program(&args).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let bytes = std::fs::read(merged.join("model.safetensors")).unwrap();
        std::fs::remove_dir_all(&merged).unwrap();
        bytes
    };
    let (whole, first, last) = (
        export(&run.0),
        export(&run.0.join("checkpoint-1")),
        export(&run.0.join("checkpoint-4")),
    );
    assert!(whole == first && whole != last);
}

#[test]
fn the_best_goes_by_the_metric_that_is_named() {
    let folder = Folder::new();
    let yaml = folder.write(
        "unknown.yaml",
        &config("sft", "max_steps: 2\neval_steps: 1\nmetric_for_best_model: bleu"),
    );
    let output = folder.run("unknown").command(&yaml, &[]).output().unwrap();
    let text = said(&output);
    assert!(
        !output.status.success() && text.contains("eval_bleu") && text.contains("eval_loss"),
        "{text}"
    );
    let keys = "max_steps: 6\nlearning_rate: 1e-2\neval_steps: 2\nsave_steps: 2\ncompute_accuracy: true\n\
                metric_for_best_model: accuracy\ninclude_num_input_tokens_seen: true\nfinetuning_type: full";
    let run = trained(&folder, "accuracy", keys);
    let all = run.of("eval");
    let shares: Vec<f64> = all.iter().map(|e| metric(e, "eval_accuracy")).collect();
    assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{shares:?}");
    assert!(shares.last() > shares.first(), "{shares:?}");
    let best = std::fs::read_link(run.0.join("checkpoint-best")).unwrap();
    let most = all[1..].iter().fold((0, -1.0), |most: (u64, f64), e| {
        let share = metric(e, "eval_accuracy");
        if share > most.1 {
            (e["step"].as_u64().unwrap(), share)
        } else {
            most
        }
    });
    assert_eq!(best.to_str().unwrap(), format!("checkpoint-{}", most.0));
    let tokens: Vec<f64> = run
        .of("step")
        .iter()
        .map(|e| metric(e, "num_input_tokens_seen"))
        .collect();
    // TRL's name for the same, always told
    assert!(
        run.of("step")
            .iter()
            .map(|e| metric(e, "num_tokens"))
            .eq(tokens.iter().copied())
    );
    for (told, of) in [("step", "mean_token_accuracy"), ("eval", "eval_mean_token_accuracy")] {
        let shares: Vec<f64> = run.of(told).iter().map(|e| metric(e, of)).collect();
        assert!(
            shares.first() < shares.last() && shares.iter().all(|share| (0.0..=1.0).contains(share)),
            "{shares:?}"
        );
    }
    // at first about that of a draw among all tokens, and ever less as the text is learned
    for (told, of) in [("step", "entropy"), ("eval", "eval_entropy")] {
        let nats: Vec<f64> = run.of(told).iter().map(|e| metric(e, of)).collect();
        assert!(
            nats.first() > nats.last() && nats.iter().all(|&nats| nats > 0.0),
            "{nats:?}"
        );
    }
    assert!(
        tokens.windows(2).all(|two| two[0] < two[1]) && tokens[0] > 0.0,
        "{tokens:?}"
    );
}

#[test]
fn a_checkpoint_of_the_model_alone_is_not_resumed() {
    let folder = Folder::new();
    let run = trained(&folder, "small", "max_steps: 2\nsave_only_model: true");
    assert!(run.0.join("checkpoint-2/adapter_model.safetensors").exists());
    for absent in ["state.json", "optimizer.safetensors"] {
        assert!(!run.0.join("checkpoint-2").join(absent).exists(), "{absent}");
    }
    let yaml = folder.write("more.yaml", &config("sft", "max_steps: 4\nsave_only_model: true"));
    let output = run.command(&yaml, &["resume_from_checkpoint=true"]).output().unwrap();
    assert!(
        !output.status.success() && said(&output).contains("save_only_model"),
        "{}",
        said(&output)
    );
}

#[test]
fn the_order_of_rows_has_a_seed_of_its_own_and_goes_by_length_when_asked() {
    let folder = Folder::new();
    let losses = |name: &str, more: &str| {
        let run = trained(
            &folder,
            name,
            &format!("max_steps: 4\nlearning_rate: 1e-9\neval_strategy: no\n{more}"),
        );
        run.of("step").iter().map(|e| metric(e, "loss")).collect::<Vec<_>>()
    };
    let plain = losses("plain", "seed: 42");
    assert_eq!(losses("same", "data_seed: 42"), plain);
    assert_ne!(losses("other", "data_seed: 7"), plain);
    let grouped = losses("grouped", "group_by_length: true");
    assert_ne!(grouped, plain);
    assert_eq!(losses("newer", "train_sampling_strategy: group_by_length"), grouped);
    let unshuffled = losses("unshuffled", "disable_shuffling: true");
    assert_eq!(losses("sequential", "train_sampling_strategy: sequential"), unshuffled);
}

#[test]
fn the_command_line_alone_is_enough() {
    let folder = Folder::new();
    let run = folder.run("words");
    let keys = config("sft", "max_steps: 1\neval_strategy: no");
    let mut args = vec!["train".to_owned()];
    for line in keys.lines().filter(|line| !line.starts_with("eval_")) {
        let (key, value) = line.split_once(": ").unwrap();
        args.extend([format!("--{key}"), value.to_owned()]);
    }
    args.extend([
        "--output_dir".to_owned(),
        run.0.display().to_string(),
        "--bf16".into(),
        "lora_rank=2".into(),
    ]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = super::worker::program(&args);
    let output = command
        .env("CORRAL_CACHE", folder.path().join("cache"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(run.text("config.yaml").contains("lora_rank: 2\n") && run.text("config.yaml").contains("bf16: true\n"));
}

#[test]
fn a_home_in_a_path_is_the_persons() {
    let folder = Folder::new();
    let yaml = folder.write("home.yaml", &config("sft", "max_steps: 1\neval_strategy: no"));
    let mut command = super::worker::program(&["train", yaml.to_str().unwrap(), "output_dir=~/there"]);
    command
        .env("HOME", folder.path())
        .env("CORRAL_CACHE", folder.path().join("cache"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(folder.path().join("there/config.yaml").exists());
}

#[test]
fn a_row_without_a_system_message_gets_the_default_one() {
    let folder = Folder::new();
    let losses = |name: &str, more: &str| {
        let run = trained(&folder, name, &format!("max_steps: 1\neval_strategy: no\n{more}"));
        metric(&run.of("step")[0], "loss")
    };
    let plain = losses("none", "seed: 42");
    assert_ne!(losses("brief", "default_system: Be brief."), plain);
}
