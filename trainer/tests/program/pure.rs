//! `pure_bf16`: what a run keeps of it.

use crate::worker::{Folder, config};
use std::collections::BTreeMap;
use std::path::Path;
use trainer::model::TensorFile;

/// The types that a file's tensors have, by name.
fn types(path: &Path) -> BTreeMap<String, String> {
    let file = TensorFile::open(path).unwrap();
    let names: Vec<String> = file.names().collect();
    let of = |name: String| {
        let tensor = file.read(&name, &candle_core::Device::Cpu).unwrap();
        (name, tensor.dtype().as_str().to_owned())
    };
    names.into_iter().map(of).collect()
}

#[test]
fn adapters_models_and_states_are_saved_as_they_are_kept() {
    let folder = Folder::new();
    for (name, more) in [
        ("lora", "finetuning_type: lora\nuse_dora: true"),
        ("oft", "finetuning_type: oft"),
        ("full", "finetuning_type: full"),
    ] {
        let common = "pure_bf16: true\nmax_steps: 2\nsave_steps: 2";
        let yaml = folder.write(&format!("{name}.yaml"), &config("sft", &format!("{common}\n{more}")));
        let run = folder.run(name);
        run.train(&yaml, &[]);
        let checkpoint = folder.path().join(name).join("checkpoint-2");
        let weights = match name {
            "full" => "model.safetensors",
            _ => "adapter_model.safetensors",
        };
        for file in [weights, "optimizer.safetensors"] {
            let found = types(&checkpoint.join(file));
            assert!(found.len() > 4, "{name}: {found:?}");
            let other: Vec<_> = found.iter().filter(|(_, dtype)| *dtype != "bf16").collect();
            assert!(other.is_empty(), "{name}, {file}: {other:?}");
        }
        let states = types(&checkpoint.join("optimizer.safetensors"));
        assert_eq!(states.keys().any(|name| name.contains("norm")), name == "full");
    }
}
