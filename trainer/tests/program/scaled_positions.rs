//! `rope_scaling` travels with what was trained: its adapter, its own folder, what is merged, and what goes on.

use super::changed::{close, copy, llama, logits, run, set, text};
use crate::worker::{Folder, config, golden, program, said};
use serde_json::{Value, json};
use std::path::Path;

/// Past the 512 tokens of the tiny Llama: a factor of 3.
const LONG: &str = "cutoff_len: 1200\nmax_steps: 4\nsave_steps: 2\neval_strategy: \"no\"";

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn entry(rope_type: &str) -> Value {
    json!({"rope_type": rope_type, "factor": 3.0, "original_max_position_embeddings": 512})
}

#[test]
fn an_adapter_is_used_merged_and_gone_on_with_as_it_was_trained() {
    let folder = Folder::new();
    let yaml = folder.write("run.yaml", &config("sft", &format!("{LONG}\nrope_scaling: yarn")));
    let straight = folder.run("straight");
    straight.train(&yaml, &[]);
    let told = straight.of("notice").iter().map(Value::to_string).collect::<String>();
    for part in ["yarn", "1536 tokens instead of 512", "max_position_embeddings to 1536"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(straight.text("config.yaml").contains("rope_scaling: yarn"));
    let again = folder.run("again");
    let half = straight.0.join("checkpoint-2").display().to_string();
    again.train(&yaml, &[&format!("resume_from_checkpoint={half}")]);
    let file = "checkpoint-4/adapter_model.safetensors";
    assert!(straight.bytes(file) == again.bytes(file));

    let adapter = straight.0.join("checkpoint-4");
    let origin = read(&adapter.join("corral.json"));
    let trained = json!({"rope_type": "yarn", "factor": 3, "original_max_position_embeddings": 512});
    assert_eq!(origin["rope_scaling"], trained);
    let with = logits(&adapter, &[]);
    // PEFT's files alone are another model, unless the base's config says what the notice says
    let bare = copy(&adapter, &folder.path().join("bare"));
    std::fs::remove_file(bare.join("corral.json")).unwrap();
    assert!(!close(&logits(&llama(), &[&bare]), &with));
    let scaled = copy(&llama(), &folder.path().join("scaled"));
    set(&scaled.join("config.json"), |config| {
        config["max_position_embeddings"] = json!(1536);
        config["rope_scaling"] = entry("yarn");
    });
    assert!(close(&logits(&scaled, &[&bare]), &with));
    // merged, the folder says it itself
    let merged = folder.path().join("merged");
    let done = run(&["export", text(&adapter), "--out", text(&merged)]);
    assert!(done.status.success(), "{}", said(&done));
    let says = read(&merged.join("config.json"));
    assert_eq!(
        (&says["rope_scaling"], &says["max_position_embeddings"]),
        (&entry("yarn"), &json!(1536))
    );
    assert!(close(&logits(&merged, &[]), &with));

    // another run on it keeps what it was trained with
    let on = format!(
        "cutoff_len: 96\nmax_steps: 1\nsave_steps: 1\nadapter_name_or_path: {}",
        adapter.display()
    );
    let on = folder.write("on.yaml", &config("sft", &on));
    let next = folder.run("next");
    next.train(&on, &[]);
    assert_eq!(read(&next.0.join("checkpoint-1/corral.json"))["rope_scaling"], trained);
    let info = run(&["model-info", text(&adapter)]);
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!(info["context"], 1536, "{info}");
}

#[test]
fn adapters_that_were_trained_apart_must_agree_and_the_base_must_be_theirs() {
    let folder = Folder::new();
    let trained = |name: &str, more: &str| {
        let lines = format!("cutoff_len: 600\nmax_steps: 1\nsave_steps: 1\n{more}");
        let yaml = folder.write(&format!("{name}.yaml"), &config("sft", &lines));
        let run = folder.run(name);
        run.train(&yaml, &[]);
        run.0.join("checkpoint-1")
    };
    let scaled = trained("scaled", "rope_scaling: yarn");
    let plain = trained("plain", "");
    let above = format!("adapter_name_or_path: {}\ncreate_new_adapter: true", scaled.display());
    let above = trained("above", &above);
    let export = |adapters: [&Path; 2], more: &[&str]| {
        let out = folder.path().join("out");
        let stack: Vec<_> = adapters.iter().flat_map(|path| ["--adapter", text(path)]).collect();
        let llama = llama();
        let args = [&["export", text(&llama)], &stack[..], &["--out", text(&out)], more].concat();
        run(&args)
    };
    for pair in [[scaled.as_path(), &plain], [&plain, &scaled], [&plain, &above]] {
        let refused = export(pair, &[]);
        let names_both = |told: &str| pair.iter().all(|path| told.contains(text(path)));
        assert!(
            !refused.status.success() && names_both(&said(&refused)),
            "{}",
            said(&refused)
        );
        assert!(
            said(&refused).contains("no scaling is right for both"),
            "{}",
            said(&refused)
        );
    }
    for pair in [[scaled.as_path(), &above], [&above, &scaled]] {
        let done = export(pair, &[]);
        assert!(done.status.success(), "{}", said(&done));
        assert!(!said(&done).contains("another model"), "{}", said(&done));
    }
    let asked = export([&plain, &scaled], &["rope_scaling=linear"]);
    assert!(
        asked.status.success() && said(&asked).contains("no scaling is right for both"),
        "{}",
        said(&asked)
    );

    let full = trained("full", "finetuning_type: full");
    let out = folder.path().join("other");
    let done = run(&["export", text(&full), "--adapter", text(&plain), "--out", text(&out)]);
    assert!(done.status.success(), "{}", said(&done));
    let told = format!(
        "was trained on {}, not on {}",
        llama().canonicalize().unwrap().display(),
        full.display()
    );
    assert!(said(&done).contains(&told), "{told}: {}", said(&done));
}

#[test]
fn a_whole_models_folder_says_it_and_inference_doubles() {
    let folder = Folder::new();
    let yaml = folder.write(
        "run.yaml",
        &config("sft", &format!("{LONG}\nrope_scaling: dynamic\nfinetuning_type: full")),
    );
    let full = folder.run("full");
    full.train(&yaml, &[]);
    let said_of = |dir: &Path| read(&dir.join("config.json"))["rope_scaling"].clone();
    assert_eq!(said_of(&full.0.join("checkpoint-4")), entry("dynamic"));
    assert_eq!(
        read(&full.0.join("checkpoint-4/corral.json"))["rope_scaling"],
        Value::Null
    );
    let told = full.of("notice").iter().map(Value::to_string).collect::<String>();
    assert!(told.contains("may not work well with fine-tuning"), "{told}");
    // where no length of texts is known, as LLaMA-Factory's inference does it
    let out = folder.path().join("twice");
    let yaml = format!(
        "model_name_or_path: {}\ntemplate: llama2\nrope_scaling: linear\nexport_dir: {}\n",
        llama().display(),
        out.display()
    );
    let yaml = folder.write("export.yaml", &yaml);
    let done = run(&["export", text(&yaml)]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(said_of(&out), json!({"rope_type": "linear", "factor": 2.0}));
    assert_eq!(read(&out.join("config.json"))["max_position_embeddings"], 1024);
}

#[test]
fn positions_that_cannot_be_scaled_are_named_before_the_run() {
    let folder = Folder::new();
    let with = |family: &str, scaling: &str| {
        let model = folder.path().join(family);
        copy(&golden().join("families").join(family), &model);
        for name in ["tokenizer.json", "tokenizer_config.json"] {
            std::fs::copy(golden().join("models/llama").join(name), model.join(name)).unwrap();
        }
        let (model, out) = (model.display(), folder.path().join("out"));
        let more = format!(
            "rope_scaling: {scaling}\nmodel_name_or_path: {model}\noutput_dir: {}",
            out.display()
        );
        let yaml = folder.write("run.yaml", &config("sft", &more));
        let done = program(&["check", yaml.to_str().unwrap()]).output().unwrap();
        assert!(!done.status.success());
        said(&done)
    };
    // however short texts are
    for (family, architecture) in [("bloom", "BloomForCausalLM"), ("gptj", "GPTJForCausalLM")] {
        let told = with(family, "yarn");
        assert!(told.contains("rope_scaling") && told.contains(architecture), "{told}");
    }
    let told = with("internlm2", "llama3");
    assert!(told.contains("supported: linear, dynamic"), "{told}");
    let told = with("qwen2", "longer");
    assert!(told.contains("linear, dynamic, yarn, llama3"), "{told}");
}
