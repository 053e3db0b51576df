//! What reads strangers' files, each as a plain function of bytes: it may refuse, but not panic, hang or take memory without
//! bounds. `trainer/tests/engine/fuzz.rs` drives them in every `make test`; the targets in `fuzz/` call the same functions.

use crate::data::{Encoder, Message, Role, Setting, Thinking, Tokenizer, info, inspect};
use crate::model::{ModelConfig, TensorFile};
use crate::peft;
use crate::quant::gguf_file::GgufFile;
use candle_core::Device;
use protocol::config::{RunConfig, check};
use std::path::{Path, PathBuf};

/// Reads bytes as one kind of file.
pub type Body = fn(&Places, &[u8]);

/// Where a body writes its file, and the repository's `tests/golden`, whose files stand beside it.
#[derive(Debug, Clone)]
pub struct Places {
    /// A folder of this body alone.
    pub scratch: PathBuf,
    pub golden: PathBuf,
}

/// All of them by name; each has a folder in `fuzz/corpus` and a target in `fuzz/fuzz_targets`.
pub const BODIES: &[(&str, Body)] = &[
    ("adapter_config", adapter_config),
    ("chat_template", chat_template),
    ("config", config),
    ("data_file", data_file),
    ("dataset_info", dataset_info),
    ("gguf", gguf),
    ("model_config", model_config),
    ("safetensors", safetensors),
    ("tokenizer", tokenizer),
    ("tokenizer_config", tokenizer_config),
    ("tokenizer_files", tokenizer_files),
];

impl Places {
    /// Places of one thread or process, with the repository found from where this was built.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub fn new(scratch: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&scratch)?;
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
        Ok(Self { scratch, golden })
    }

    /// Runs one body by its name.
    pub fn run(&self, name: &str, bytes: &[u8]) {
        for (_, body) in BODIES.iter().filter(|(known, _)| *known == name) {
            body(self, bytes);
        }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.scratch.join(name);
        // a full disk is no finding
        let _ = std::fs::write(&path, bytes);
        path
    }

    /// A golden file beside the one that is made of the bytes.
    fn beside(&self, from: &str, name: &str) {
        let to = self.scratch.join(name);
        if !to.exists() {
            let _ = std::fs::copy(self.golden.join(from), to);
        }
    }
}

/// A run's YAML or JSON: read, judged, completed, written and read back.
pub fn config(_: &Places, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let parsed = RunConfig::parse(&text);
    let _ = check(&parsed.config);
    let completed = parsed.config.completed();
    let written = completed.to_yaml();
    let read = RunConfig::parse(&written).config.to_yaml();
    assert_eq!(read, written, "what is written is what is read");
}

/// A data set's file; the first byte chooses how its name ends.
pub fn data_file(places: &Places, bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let names = [
        "rows.json",
        "rows.jsonl",
        "rows.txt",
        "rows.csv",
        "rows.tsv",
        "rows.parquet",
        "rows.arrow",
        "rows.jsonl.gz",
    ];
    let name = names[usize::from(*first) % names.len()];
    let path = places.put(name, rest);
    look_at(&path.display().to_string(), &places.scratch);
}

/// `dataset_info.json` beside a file of pairs.
pub fn dataset_info(places: &Places, bytes: &[u8]) {
    places.beside("data/pairs.json", "rows.json");
    places.put("dataset_info.json", bytes);
    if let Ok(register) = info::read_info(&places.scratch) {
        for name in register.entries.keys().take(8) {
            look_at(name, &places.scratch);
        }
    }
}

fn look_at(name: &str, folder: &Path) {
    if let Ok(entry) = info::find(name, folder) {
        let _ = inspect(&entry);
    }
}

/// A model's own chat template.
pub fn chat_template(places: &Places, bytes: &[u8]) {
    places.beside("models/llama/tokenizer.json", "tokenizer.json");
    places.beside("models/llama/tokenizer_config.json", "tokenizer_config.json");
    places.put("chat_template.jinja", bytes);
    if let Ok(encoder) = Encoder::from_dir(&places.scratch, None, Thinking::On) {
        talk(&encoder);
    }
}

fn talk(encoder: &Encoder) {
    let setting = Setting {
        system: Some("Be kind.".into()),
        tools: Some(r#"[{"name": "f", "parameters": {}}]"#.into()),
    };
    let messages = [
        Message::new(Role::User, "Hello"),
        Message::new(Role::Assistant, "<think>well</think>Hi 日本"),
        Message::new(Role::User, "And?"),
        Message::new(Role::Assistant, "So."),
    ];
    let _ = encoder.turns(&setting, &messages);
    let _ = encoder.prompt(&setting, &messages[..3]);
    let _ = encoder.to_chat_template();
    let _ = encoder.stop_ids();
}

/// `tokenizer.json`.
pub fn tokenizer(places: &Places, bytes: &[u8]) {
    places.put("tokenizer.json", bytes);
    encode_with(&places.scratch);
}

/// A tokenizer in another form than `tokenizer.json`; the first byte chooses which, and in its own folder.
pub fn tokenizer_files(places: &Places, bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let name = [
        "tokenizer.model",
        "qwen.tiktoken",
        "tekken.json",
        "vocab.json",
        "merges.txt",
    ][usize::from(*first) % 5];
    let scratch = places.scratch.join(name);
    let Ok(places) = Places::new(scratch) else { return };
    if name == "vocab.json" {
        places.beside("tokenizers/gpt2/merges.txt", "merges.txt");
    }
    if name == "merges.txt" {
        places.beside("tokenizers/gpt2/vocab.json", "vocab.json");
    }
    places.put(name, rest);
    encode_with(&places.scratch);
}

/// `tokenizer_config.json` beside a tokenizer.
pub fn tokenizer_config(places: &Places, bytes: &[u8]) {
    places.beside("models/llama/tokenizer.json", "tokenizer.json");
    places.put("tokenizer_config.json", bytes);
    encode_with(&places.scratch);
    if let Ok(encoder) = Encoder::from_dir(&places.scratch, None, Thinking::On) {
        talk(&encoder);
    }
}

fn encode_with(folder: &Path) {
    if let Ok(tokenizer) = Tokenizer::from_dir(folder)
        && let Ok(ids) = tokenizer.encode("Hello, world 日本語 </s>")
    {
        let _ = tokenizer.decode_all(&ids);
    }
}

/// A model's `config.json` beside its weights.
pub fn model_config(places: &Places, bytes: &[u8]) {
    places.beside("models/llama/model.safetensors", "model.safetensors");
    places.put("config.json", bytes);
    if let Ok(config) = ModelConfig::parse(&String::from_utf8_lossy(bytes)) {
        let _ = config.saved_dtype();
    }
    let _ = crate::info::read(&places.scratch);
}

/// A weight file, each of its tensors read.
pub fn safetensors(places: &Places, bytes: &[u8]) {
    let path = places.put("model.safetensors", bytes);
    if let Ok(file) = TensorFile::open(&path) {
        for name in file.names() {
            let _ = file.read(&name, &Device::Cpu);
        }
    }
    places.beside("models/llama/config.json", "config.json");
    let _ = crate::info::read(&places.scratch);
}

/// A GGUF file's header, and what it says of the model.
pub fn gguf(places: &Places, bytes: &[u8]) {
    let path = places.put("model.gguf", bytes);
    if let Ok(file) = GgufFile::open(&path) {
        let _ = file.config();
        for entry in file.tensors.values() {
            let _ = file.read(entry, 0, entry.shape.iter().fold(1, |n: usize, d| n.saturating_mul(*d)));
        }
    }
    let _ = crate::info::read(&places.scratch);
}

/// A LoRA adapter's config beside its weights.
pub fn adapter_config(places: &Places, bytes: &[u8]) {
    places.beside("models/llama/fresh-adapter/adapter_model.safetensors", peft::WEIGHTS);
    places.put(peft::CONFIG, bytes);
    let _ = peft::read(&places.scratch, &Device::Cpu);
    let _ = peft::loftq(&places.scratch);
}
