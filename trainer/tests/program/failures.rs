//! What becomes of a run that cannot go on: it diverges, the disk is full, its input is wrong.

use crate::worker::{Folder, config, golden, program, said};
use serde_json::Value;

#[test]
fn divergence_ends_the_run_before_the_step_and_keeps_the_last_checkpoint() {
    let folder = Folder::new();
    let more = "max_steps: 40\nlearning_rate: 1e38\nfinetuning_type: full\nmax_grad_norm: 0\nsave_steps: 1\nwarmup_steps: 3\npref_loss: ipo";
    let run = folder.run("run");
    let output = run
        .command(&folder.write("run.yaml", &config("dpo", more)), &[])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let end = run.finished();
    assert_eq!(end["outcome"], "failed");
    let message = end["message"].as_str().unwrap();
    let step = end["step"].as_u64().unwrap();
    // noticed before the next step, or at the evaluation after this one
    let at = |step: u64| message.starts_with(&format!("diverged at step {step}:"));
    assert!(at(step) || at(step + 1), "{message}");
    let kept = *run.checkpoints().last().unwrap();
    assert!(kept >= 1 && kept <= step && (kept == step || at(step)), "{kept}");
    run.train(
        &folder.path().join("run.yaml"),
        &["resume_from_checkpoint=true", "learning_rate=1e-4", "max_steps=5"],
    );
    // all that was written reads back: no null among the metrics
    for event in run.of("step").iter().chain(&run.of("eval")) {
        assert!(
            event["metrics"].as_object().unwrap().values().all(Value::is_f64),
            "{event}"
        );
    }
}

/// A limit on the size of a file fails a write half-way, as a full disk does.
#[test]
fn a_checkpoint_that_does_not_fit_ends_the_run_and_leaves_the_last_one_whole() {
    let folder = Folder::new();
    let more = "finetuning_type: full\nmax_steps: 2\nsave_steps: 2\npref_loss: simpo";
    let yaml = folder.write("run.yaml", &config("dpo", more));
    let run = folder.run("run");
    run.train(&yaml, &[]);
    let weights = run.bytes("checkpoint-2/model.safetensors");
    let more = ["resume_from_checkpoint=true", "max_steps=6"];
    let whole = run.command(&yaml, &more);
    let mut limited = std::process::Command::new("bash");
    let kib = weights.len() / 2048;
    limited
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {kib}; exec \"$@\""), "bash"])
        .arg(whole.get_program())
        .args(whole.get_args())
        .current_dir(golden());
    let output = limited.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let end = run.finished();
    assert_eq!(end["outcome"], "failed");
    let message = end["message"].as_str().unwrap();
    assert!(message.contains("checkpoint-4") && !message.contains('\n'), "{message}");
    assert_eq!(run.checkpoints(), [2]);
    assert_eq!(run.bytes("checkpoint-2/model.safetensors"), weights);
    // with room again the run goes on, and nothing of the failure is left
    run.train(&yaml, &more);
    run.check_seq();
    assert_eq!(run.checkpoints(), [2, 4, 6]);
    let left = std::fs::read_dir(&run.0)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap());
    let strange: Vec<_> = left
        .filter(|name| name.starts_with('.') || name.contains("tmp"))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn errors_name_the_thing_and_leave_exit_codes_for_scripts() {
    let folder = Folder::new();
    let run = folder.run("run");
    // all that is wrong with a config at once, and nothing written
    let bad = "learning_rate: fast\nlora_rnk: 8\ndeepspeed: z3\nstage: dpo\npref_loss: hing";
    let output = run.command(&folder.write("bad.yaml", bad), &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    for word in [
        "learning_rate",
        "lora_rnk",
        "lora_rank",
        "deepspeed",
        "several devices",
        "pref_loss",
        "model_name_or_path",
        "dataset",
    ] {
        assert!(said(&output).contains(word), "{word}: {}", said(&output));
    }
    assert!(!run.0.exists());
    for (text, code) in [("{", 2), ("- a\n- b", 2), ("a: &a [*a, *a]", 2)] {
        let output = run.command(&folder.write("bad.yaml", text), &[]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}: {}", said(&output));
    }
    assert_eq!(
        program(&["train", "nowhere.yaml"]).output().unwrap().status.code(),
        Some(2)
    );
    assert_eq!(program(&["train"]).output().unwrap().status.code(), Some(2));

    // what is met later ends the run with one sentence
    let broken = folder.path().join("broken");
    std::fs::create_dir(&broken).unwrap();
    let llama = golden().join("models/llama");
    for name in [
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "model.safetensors",
    ] {
        std::fs::copy(llama.join(name), broken.join(name)).unwrap();
    }
    let with = |more: &str| folder.write("late.yaml", &config("sft", more));
    let at_broken = format!("model_name_or_path: {}", broken.display());
    let whole = std::fs::read(llama.join("model.safetensors")).unwrap();
    let late: &[(&str, &dyn Fn() -> String)] = &[
        ("no such folder", &|| "model_name_or_path: ./nowhere".into()),
        ("neither in", &|| "dataset: nothing".into()),
        ("stage `sft`", &|| "dataset: pairs".into()),
        ("no adapter folder", &|| {
            format!("adapter_name_or_path: {}", golden().join("data").display())
        }),
        ("safetensors", &|| {
            std::fs::write(broken.join("model.safetensors"), &whole[..whole.len() / 2]).unwrap();
            at_broken.clone()
        }),
        ("tokenizer", &|| {
            std::fs::write(broken.join("tokenizer.json"), "{\"model\": []}").unwrap();
            at_broken.clone()
        }),
        ("config.json", &|| {
            std::fs::copy(llama.join("tokenizer.json"), broken.join("tokenizer.json")).unwrap();
            std::fs::write(broken.join("model.safetensors"), &whole).unwrap();
            std::fs::write(broken.join("config.json"), "[]").unwrap();
            at_broken.clone()
        }),
    ];
    for (i, (says, make)) in late.iter().enumerate() {
        let run = folder.run(&format!("late-{i}"));
        let output = run.command(&with(&make()), &[]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{says}: {}", said(&output));
        let end = run.finished();
        assert_eq!(end["outcome"], "failed");
        let message = end["message"].as_str().unwrap();
        assert!(message.contains(says), "wanted `{says}`: {message}");
        assert!(
            !message.contains("internal error") && !message.contains('\n'),
            "{message}"
        );
        assert!(run.checkpoints().is_empty());
    }
}
