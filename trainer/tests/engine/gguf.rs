//! Files that llama.cpp's converter made of the tiny folders (`tests/golden/gguf`, written by `gguf_families.py`): the same models as
//! those of the folders, number by number, and what transformers computed from these.
use crate::common::families::reply_logps;
use crate::common::folder::Folder;
use crate::common::{here, options};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use trainer::model::{Model, Outline};
use trainer::quant::gguf_file::GgufFile;

pub fn golden() -> PathBuf {
    here().join("../tests/golden")
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The config with these keys, those behind a point within an object; `null` takes one away.
fn changed(config: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (key, value) in changes {
        let (inner, last) = match key.split_once('.') {
            Some((outer, last)) => (config[outer].as_object_mut().unwrap(), last),
            None => (&mut *config, key.as_str()),
        };
        match value {
            Value::Null => drop(inner.remove(last)),
            value => drop(inner.insert(last.to_owned(), value.clone())),
        }
    }
}

/// A folder with the weights of another and a changed config.
pub fn copy(folder: &Path, changes: &Value, to: &Path) -> PathBuf {
    let mut config = json(&folder.join("config.json"));
    changed(config.as_object_mut().unwrap(), changes.as_object().unwrap());
    std::fs::create_dir_all(to).unwrap();
    std::fs::write(to.join("config.json"), config.to_string()).unwrap();
    std::fs::copy(folder.join("model.safetensors"), to.join("model.safetensors")).unwrap();
    to.to_owned()
}

/// The folder that a file was made of.
pub fn folder(name: &str) -> PathBuf {
    let folder = ["families", "models", "quant"].map(|kin| golden().join(kin).join(name));
    folder.into_iter().find(|folder| folder.is_dir()).unwrap()
}

/// The names of all files, each with what its folder's config says otherwise.
pub fn files() -> Vec<(String, Value)> {
    let changes = json(&golden().join("gguf/changes.json"));
    let files = std::fs::read_dir(golden().join("gguf"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "gguf"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let with = |name: String| {
        let changes = changes[&*name].clone();
        (name, changes)
    };
    names.into_iter().map(with).collect()
}

/// Whether two descriptions say the same, but for how numbers were rounded that a file has in f32.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-6 * b.abs()
        }
        (a, b) => a == b,
    }
}

/// Rotations that are a formula in the folder and a table in the file.
const BY_TABLE: &str = "llama-rope-llama3";

/// What is wrong with a file.
fn compared(name: &str, changes: &Value, room: &Path) -> Option<String> {
    let folder = folder(name);
    let expected = json(&folder.join("expected.json"));
    let theirs = match changes {
        Value::Null => folder,
        changes => copy(&folder, changes, &room.join(name)),
    };
    let path = golden().join(format!("gguf/{name}.gguf"));
    let mut ours = match Model::load(&path, &options()) {
        Ok(model) => model,
        Err(error) => return Some(error.to_string()),
    };
    // what is asked before a run waits for its turn
    if let Err(error) = Outline::of(&path, false) {
        return Some(format!("its outline: {error}"));
    }
    let mut theirs = Model::load(&theirs, &options()).unwrap();
    let decoder = |model: &Model| serde_json::to_value(&model.config().decoder).unwrap();
    if name != BY_TABLE && !same(&decoder(&ours), &decoder(&theirs)) {
        return Some(format!("{}, not {}", decoder(&ours), decoder(&theirs)));
    }
    let names = |model: &Model| model.weight_names().into_iter().collect::<BTreeSet<_>>();
    if names(&ours) != names(&theirs) {
        return Some(format!("{:?}, not {:?}", names(&ours), names(&theirs)));
    }
    for name in names(&ours) {
        let (got, want) = (ours.dequantized(&name).unwrap(), theirs.dequantized(&name).unwrap());
        // a norm's weight was stored with 1 added
        let same = |(a, b): (&f32, &f32)| (a - b).abs() <= 2e-7;
        if got.len() != want.len() || !got.iter().zip(&want).all(same) {
            return Some(format!("{name} has other numbers"));
        }
    }
    let (got, engine) = (reply_logps(&mut ours, &expected), reply_logps(&mut theirs, &expected));
    let golden = expected["full"]["logps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_f64().unwrap());
    let want = if changes.is_null() {
        golden.collect()
    } else {
        engine.clone()
    };
    let near = |a: &[f64], b: &[f64], within: f64| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= within * b.abs());
    let right = near(&got, &want, 1e-4) && near(&got, &engine, 1e-5);
    (!right).then(|| format!("{got:?}, not {want:?} nor {engine:?}"))
}

/// A file that asks for what is not computed is refused by the name of the key or the tensor.
#[test]
fn what_a_file_has_beyond_its_model_is_named() {
    let room = Folder::new("gguf-beyond");
    let file = std::fs::read(golden().join("gguf/llama-bias.gguf")).unwrap();
    let path = room.0.join("model.gguf");
    for (from, to, says) in [
        ("llama.vocab_size", "llama.logit_size", "`llama.logit_size` is 48"),
        ("blk.1.ffn_up.bias", "blk.1.ffn_it.bias", "`blk.1.ffn_it.bias`"),
        ("blk.0.attn_q.bias", "blk.0.attn_x.bias", "no Llama is such"),
        (
            "llama.feed_forward_length",
            "llama.feed_forward_width_",
            "`llama.feed_forward_length`",
        ),
    ] {
        assert_eq!(from.len(), to.len());
        let at = file
            .windows(from.len())
            .position(|window| window == from.as_bytes())
            .unwrap();
        let mut other = file.clone();
        other[at..at + to.len()].copy_from_slice(to.as_bytes());
        std::fs::write(&path, other).unwrap();
        let error = Model::load(&path, &options()).map(drop).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn files_of_every_family_are_the_models_of_their_folders() {
    let room = Folder::new("gguf");
    let files = files();
    assert!(files.len() >= 60, "{}", files.len());
    let mut wrong = vec![];
    for (name, changes) in &files {
        if let Some(why) = compared(name, changes, &room.0) {
            let path = golden().join(format!("gguf/{name}.gguf"));
            let file = GgufFile::open(&path).unwrap();
            wrong.push(format!("{name} ({}): {why}", file.architecture()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        files.len(),
        wrong.join("\n")
    );
}
