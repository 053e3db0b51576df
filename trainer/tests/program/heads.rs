//! LoRA on the head: asked for by name, with dropout, resumed, told in PEFT's names, merged, and refused where it can't be.

use super::changed::{close, llama, logits, read, run, text};
use super::layouts::folder_of;
use crate::worker::{Folder, config, golden, said};
use serde_json::Value;

const HEAD: &str = "lora_target: q_proj,lm_head\nlora_dropout: 0.1\nmax_steps: 4\nsave_steps: 2\nlearning_rate: 0.01";

#[test]
fn a_head_takes_low_rank_terms_by_its_name() {
    let folder = Folder::new();
    let yaml = folder.write("run.yaml", &config("sft", HEAD));
    let straight = folder.run("straight");
    straight.train(&yaml, &[]);
    let again = folder.run("again");
    let half = straight.0.join("checkpoint-2").display().to_string();
    again.train(&yaml, &[&format!("resume_from_checkpoint={half}")]);
    let file = "checkpoint-4/adapter_model.safetensors";
    assert!(straight.bytes(file) == again.bytes(file));

    let adapter = straight.0.join("checkpoint-4");
    let held = read(&adapter.join("adapter_model.safetensors"));
    for part in ["lora_A", "lora_B"] {
        let name = format!("base_model.model.lm_head.{part}.weight");
        assert!(held.keys().any(|key| *key == name), "{name}");
    }
    let told: Value = serde_json::from_slice(&std::fs::read(adapter.join("adapter_config.json")).unwrap()).unwrap();
    assert_eq!(told["target_modules"], serde_json::json!(["lm_head", "q_proj"]));
    let with = logits(&adapter, &[]);
    assert!(!close(&logits(&llama(), &[]), &with));
    let merged = folder.path().join("merged");
    let done = run(&["export", text(&adapter), "--out", text(&merged)]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(close(&logits(&merged, &[]), &with));
    // another run goes on with it, or puts its own on top
    for more in ["", "create_new_adapter: true\nlora_target: lm_head"] {
        let on = format!(
            "max_steps: 1\nsave_steps: 1\nadapter_name_or_path: {}\n{more}",
            adapter.display()
        );
        let next = folder.run(if more.is_empty() { "on" } else { "above" });
        next.train(&folder.write("on.yaml", &config("dpo", &on)), &[]);
        let first = &next.of("step")[0];
        let loss = first["metrics"]["loss"].as_f64().unwrap_or(f64::NAN);
        // the reference is what the run starts from
        assert!((loss - 2f64.ln()).abs() < 1e-5, "{first}");
    }
}

/// A reward model asks the head for no token.
#[test]
fn what_trains_on_a_head_that_is_not_asked_is_told() {
    const PAIRS: &str = "dataset: pairs\neval_dataset: pairs_eval\nmax_steps: 1";
    let folder = Folder::new();
    for (name, keys, note) in [
        ("alone", "lora_target: lm_head", "only_head_unasked"),
        ("too", "lora_target: q_proj,lm_head", "head_unasked"),
        (
            "whole",
            "lora_target: q_proj\nadditional_target: lm_head",
            "head_unasked",
        ),
        ("not", "lora_target: q_proj", ""),
    ] {
        let run = folder.run(name);
        let yaml = folder.write("rm.yaml", &config("rm", &format!("{keys}\n{PAIRS}")));
        run.train(&yaml, &[]);
        let of_head = |event: &&Value| event.to_string().contains("head_unasked");
        let told: Vec<Value> = run.of("notice").iter().filter(of_head).cloned().collect();
        assert_eq!(told.len(), usize::from(!note.is_empty()), "{keys}: {told:?}");
        assert!(
            told.iter()
                .all(|event| event.to_string().contains(&format!("\"{note}\""))),
            "{keys}: {told:?}"
        );
    }
}

/// LLaMA-Factory's `all` leaves out heads by the names that it knows, of which GPT-NeoX's is none.
#[test]
fn all_takes_a_head_of_an_unusual_name() {
    let folder = Folder::new();
    let model = folder_of("gpt-neox", folder.path());
    let steps = "max_steps: 1\nsave_steps: 1\nmax_samples: 8\neval_strategy: \"no\"\nmodel_name_or_path";
    let full = format!(
        "finetuning_type: full\ntrain_from_scratch: true\n{steps}: {}",
        model.display()
    );
    let base = folder.run("base");
    base.train(&folder.write("full.yaml", &config("sft", &full)), &[]);
    for (name, more) in [("plain", ""), ("dora", "use_dora: true\n")] {
        let run = folder.run(name);
        let yaml = format!("{more}{steps}: {}", base.0.join("checkpoint-1").display());
        run.train(&folder.write("lora.yaml", &config("sft", &yaml)), &[]);
        let adapter = run.0.join("checkpoint-1");
        let told: Value = serde_json::from_slice(&std::fs::read(adapter.join("adapter_config.json")).unwrap()).unwrap();
        let names = told["target_modules"].as_array().expect("a list");
        let held = read(&adapter.join("adapter_model.safetensors"));
        let plain = name == "plain";
        assert_eq!(names.contains(&Value::from("embed_out")), plain, "{told}");
        assert_eq!(
            held.contains_key("base_model.model.embed_out.lora_B.weight"),
            plain,
            "{name}"
        );
        let notices = serde_json::to_string(&run.of("notice")).unwrap();
        assert_eq!(notices.contains("head_takes_no_adapter"), !plain, "{notices}");
    }
}

#[test]
fn a_head_that_takes_none_says_why() {
    let folder = Folder::new();
    let tied = golden().join("models/qwen2").display().to_string();
    for (more, says) in [
        (
            format!("lora_target: lm_head\nmodel_name_or_path: {tied}"),
            "additional_target: lm_head",
        ),
        ("lora_target: lm_head\nuse_dora: true".to_owned(), "plain LoRA"),
        ("lora_target: lm_head\npissa_init: true".to_owned(), "plain LoRA"),
        ("lora_target: lm_head\nadditional_target: lm_head".to_owned(), "lm_head"),
    ] {
        let more = format!("{more}\noutput_dir: {}", folder.path().join("out").display());
        let yaml = folder.write("no.yaml", &config("sft", &more));
        let done = run(&["check", text(&yaml)]);
        assert!(
            said(&done).contains(says) || String::from_utf8_lossy(&done.stdout).contains(says),
            "{more}: {}",
            said(&done)
        );
    }
}
