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
    for (name, more) in [("lora", "finetuning_type: lora"), ("full", "finetuning_type: full")] {
        let common = "pure_bf16: true\nmax_steps: 2\nsave_steps: 2";
        let yaml = folder.write(&format!("{name}.yaml"), &config("sft", &format!("{common}\n{more}")));
        let run = folder.run(name);
        run.train(&yaml, &[]);
        let checkpoint = folder.path().join(name).join("checkpoint-2");
        let weights = match name {
            "lora" => "adapter_model.safetensors",
            _ => "model.safetensors",
        };
        let is_norm = |name: &str| name.contains("norm");
        for file in [weights, "optimizer.safetensors"] {
            let found = types(&checkpoint.join(file));
            assert!(found.len() > 4, "{name}: {found:?}");
            let matrices = found.iter().filter(|(name, _)| !is_norm(name));
            let other: Vec<_> = matrices.filter(|(_, dtype)| *dtype != "bf16").collect();
            assert!(other.is_empty(), "{name}, {file}: {other:?}");
        }
        // norms are few, and updates of them would be lost in bf16
        let states = types(&checkpoint.join("optimizer.safetensors"));
        let norms: Vec<_> = states.iter().filter(|(name, _)| is_norm(name)).collect();
        assert_eq!(norms.is_empty(), name == "lora");
        assert!(norms.iter().all(|(_, dtype)| *dtype == "f32"), "{norms:?}");
    }
}
