//! Copies of the golden models and adapters, changed, and what the program says of them.

use crate::worker::{golden, program, said};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Tensors of f32 by name: their shapes and values.
pub(super) type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

pub(super) const PREFIX: &str = "base_model.model.";

pub(super) fn read(path: &Path) -> Tensors {
    let bytes = std::fs::read(path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let values = |data: &[u8]| {
        data.chunks(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    };
    let tensors = file.tensors().into_iter();
    tensors
        .map(|(name, view)| (name, (view.shape().to_vec(), values(view.data()))))
        .collect()
}

pub(super) fn write(path: &Path, tensors: &Tensors) {
    let bytes: BTreeMap<&String, Vec<u8>> = tensors
        .iter()
        .map(|(name, (_, values))| (name, values.iter().flat_map(|v| v.to_le_bytes()).collect()))
        .collect();
    let views = tensors.iter().map(|(name, (shape, _))| {
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), &bytes[name]);
        (name.as_str(), view.unwrap())
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

pub(super) fn copy(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
    to.to_owned()
}

pub(super) fn set(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut json);
    std::fs::write(path, json.to_string()).unwrap();
}

pub(super) fn llama() -> PathBuf {
    golden().join("models/llama")
}

/// A copy of the tuned adapter of the golden Llama, its config and weights changed.
pub(super) fn adapter(to: &Path, config: impl FnOnce(&mut Value), weights: impl FnOnce(&mut Tensors)) -> PathBuf {
    copy(&llama().join("tuned-adapter"), to);
    set(&to.join("adapter_config.json"), config);
    let path = to.join("adapter_model.safetensors");
    let mut tensors = read(&path);
    weights(&mut tensors);
    write(&path, &tensors);
    to.to_owned()
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(super) fn run(args: &[&str]) -> Output {
    program(args).output().unwrap()
}

/// The logits of a few tokens, of a model and its adapters.
pub(super) fn logits(model: &Path, adapters: &[&Path]) -> Vec<Vec<f64>> {
    let mut args = vec!["logits", "--model", text(model), "--ids", "1,40,77,120,9"];
    for adapter in adapters {
        args.extend(["--adapter", text(adapter)]);
    }
    let done = run(&args);
    assert!(done.status.success(), "{}", said(&done));
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
    serde_json::from_value(answer["logits"].clone()).unwrap()
}

pub(super) fn refused(args: &[&str]) -> String {
    let done = run(args);
    assert_eq!(done.status.code(), Some(1), "{args:?}: {}", said(&done));
    let said = said(&done);
    assert!(!said.contains("backtrace") && !said.contains("panicked"), "{said}");
    said
}

pub(super) fn close(a: &[Vec<f64>], b: &[Vec<f64>]) -> bool {
    let off = a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs());
    a.len() == b.len() && off.fold(0.0, f64::max) < 1e-4
}
