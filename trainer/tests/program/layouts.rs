//! A family of each layout that checkpoints have, through the real program: what stopped goes on to the bit, what is merged
//! gives what the adapter gave, and an export in shards has the family's own tensors.

use super::changed::{close, logits, run, set, text};
use crate::worker::{Folder, Run, config, golden, said};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use trainer::model::{TensorFile, weight_files};

/// With what of its layout is of its own.
const LAYOUTS: &[(&str, &str)] = &[
    ("internlm2", "queries, keys and values by group in one tensor"),
    ("gpt2-inner", "matrices turned, learned positions"),
    ("phi3", "fused one behind the other"),
    ("gpt-neox", "fused by head, a head of another name"),
    ("falcon-40b", "two norms of one input"),
    ("bloom", "a norm of the embedding"),
    ("opt-350m", "projections around the blocks"),
    ("stablelm-12b", "numbered norms of heads"),
    ("qwen1", "published names"),
    ("deepseek-v3", "latents, experts each by itself, a correction"),
    ("granitemoe", "experts in one module"),
    ("llama4", "experts in one parameter, turned"),
    ("gpt-oss", "experts with biases in one parameter, interleaved; sinks"),
];

/// The family's config over the tiny Llama's tokenizer, with room for its texts.
pub(super) fn folder_of(family: &str, to: &Path) -> PathBuf {
    let from = golden().join("families").join(family);
    let to = to.join("model");
    std::fs::create_dir_all(&to).unwrap();
    std::fs::copy(from.join("config.json"), to.join("config.json")).unwrap();
    for name in ["tokenizer.json", "tokenizer_config.json"] {
        std::fs::copy(golden().join("models/llama").join(name), to.join(name)).unwrap();
    }
    set(&to.join("config.json"), |config| {
        for (keys, size) in [
            (&["vocab_size", "padded_vocab_size"][..], 352),
            (&["max_position_embeddings", "n_positions", "seq_length"], 512),
        ] {
            for key in keys {
                if !config[*key].is_u64() {
                    continue;
                }
                config[*key] = size.into();
            }
        }
    });
    to
}

/// The names of a folder's tensors; files of the hub may lack what all have in front.
fn names(folder: &Path) -> BTreeSet<String> {
    let short = |name: String| name.strip_prefix("transformer.").unwrap_or(&name).to_owned();
    let files = weight_files(folder).unwrap();
    let names = |file: &PathBuf| TensorFile::open(file).unwrap().names().map(short).collect::<Vec<_>>();
    files.iter().flat_map(names).collect()
}

/// Trains four steps, and again from the checkpoint of the second: both end in the same files.
fn resumed(folder: &Folder, yaml: &Path, name: &str, files: &[&str]) -> Run {
    let straight = folder.run(&format!("{name}-straight"));
    straight.train(yaml, &[]);
    let half = straight.0.join("checkpoint-2").display().to_string();
    let again = folder.run(&format!("{name}-again"));
    again.train(yaml, &[&format!("resume_from_checkpoint={half}")]);
    for file in files {
        let file = format!("checkpoint-4/{file}");
        assert!(straight.bytes(&file) == again.bytes(&file), "{name}: {file} differs");
    }
    let (whole, part) = (straight.folded(), again.folded());
    assert_eq!(whole[whole.len() - part.len()..], part, "{name}");
    straight
}

fn check(family: &str) {
    let folder = Folder::new();
    let model = folder_of(family, folder.path());
    let steps = "max_steps: 4\nsave_steps: 2\nper_device_train_batch_size: 1\nmax_samples: 8\neval_strategy: \"no\"";
    let full = format!(
        "{steps}\nfinetuning_type: full\ntrain_from_scratch: true\nmodel_name_or_path: {}",
        model.display()
    );
    let full = folder.write("full.yaml", &config("sft", &full));
    let full = resumed(
        &folder,
        &full,
        &format!("{family}-full"),
        &["model.safetensors", "optimizer.safetensors"],
    );
    let base = full.0.join("checkpoint-4");
    let own = names(&golden().join("families").join(family));
    assert_eq!(names(&base), own, "{family}: what it trained whole");

    let lora = format!(
        "{steps}\nmodel_name_or_path: {}\nlora_target: all-linear",
        base.display()
    );
    let lora = folder.write("lora.yaml", &config("sft", &lora));
    let files = [
        "adapter_model.safetensors",
        "adapter_config.json",
        "optimizer.safetensors",
    ];
    let lora = resumed(&folder, &lora, &format!("{family}-lora"), &files);
    let adapter = lora.0.join("checkpoint-4");
    let merged = folder.path().join("merged");
    // files of 40 kB at most
    let done = run(&["export", text(&adapter), "--size", "0.00004", "--out", text(&merged)]);
    assert!(done.status.success(), "{family}: {}", said(&done));
    assert!(weight_files(&merged).unwrap().len() > 1, "{family}");
    assert_eq!(names(&merged), own, "{family}: what it exports");
    let (with, without) = (logits(&base, &[&adapter]), logits(&base, &[]));
    assert!(!close(&with, &without), "{family}: the adapter changes nothing");
    assert!(close(&logits(&merged, &[]), &with), "{family}: merged");
}

#[test]
fn every_layout_resumes_merges_and_is_exported() {
    let check = |family: &'static str| std::thread::spawn(move || check(family));
    let mut failed: Vec<&(&str, &str)> = vec![];
    for pair in LAYOUTS.chunks(2) {
        let running: Vec<_> = pair.iter().map(|(family, _)| check(family)).collect();
        let ended = running.into_iter().map(std::thread::JoinHandle::join).zip(pair);
        failed.extend(ended.filter(|(ended, _)| ended.is_err()).map(|(_, layout)| layout));
    }
    assert!(failed.is_empty(), "{failed:?}");
}
