//! The metadata of one architecture, which remembers what it was asked for: a key that nobody asked for, and that asks for
//! something, is refused by its name.
use crate::quant::Parsed;
use crate::quant::gguf_file::GgufFile;
use protocol::says;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Keys that change nothing of what is computed.
const INERT: [&str; 4] = [
    "vocab_size",
    "tensor_data_layout",
    "rope.scaling.finetuned",
    "context_length",
];

/// What keys say that ask for nothing beside what is usual; 0, `false` and no text ask for nothing anywhere.
fn is_neutral(key: &str, value: &Value) -> bool {
    let number = value.as_f64();
    match key {
        "attention.causal" => value == true,
        "expert_group_count" | "expert_group_used_count" => number == Some(1.0),
        "expert_weights_scale" | "rope.scaling.attn_factor" | "rope.scaling.yarn_ext_factor" => number == Some(1.0),
        "rope.scaling.factor" | "rope.scale_linear" => number == Some(1.0),
        _ => false,
    }
}

/// Keys and tensors of a file.
pub struct Metadata<'a> {
    file: &'a GgufFile,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Metadata<'a> {
    pub fn new(file: &'a GgufFile) -> Self {
        Self {
            file,
            asked: RefCell::default(),
        }
    }

    pub fn architecture(&self) -> &str {
        self.file.architecture()
    }

    /// A key in full: `llama.block_count`.
    pub fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.architecture())
    }

    pub fn get(&self, key: &str) -> Option<Value> {
        let key = self.key(key);
        let value = self.file.metadata.get(&key).cloned();
        self.asked.borrow_mut().insert(key);
        value
    }

    pub fn need(&self, key: &str) -> Parsed<Value> {
        self.get(key).ok_or_else(|| says::no_metadata(self.key(key)))
    }

    /// A number, or an error that names the key where it is none.
    pub fn number(&self, key: &str) -> Parsed<Option<f64>> {
        let number = |value: Value| match value.as_f64() {
            Some(number) => Ok(number),
            None => Err(says::must_be(self.key(key), value, says::one_number())),
        };
        self.get(key).map(number).transpose()
    }

    pub fn need_number(&self, key: &str) -> Parsed<f64> {
        self.number(key)?.ok_or_else(|| says::no_metadata(self.key(key)))
    }

    /// A whole number above 0; 0 says nothing.
    pub fn size(&self, key: &str) -> Parsed<Option<u64>> {
        const MOST: u64 = 1 << 24;
        match self.get(key) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(0) => Ok(None),
                Some(n @ 1..=MOST) => Ok(Some(n)),
                _ => Err(says::must_be(self.key(key), value, says::from_one_to(MOST))),
            },
        }
    }

    pub fn need_size(&self, key: &str) -> Parsed<u64> {
        self.size(key)?.ok_or_else(|| says::no_metadata(self.key(key)))
    }

    pub fn has(&self, tensor: &str) -> bool {
        self.file.tensors.contains_key(tensor)
    }

    /// Whether a module of some block has a tensor.
    pub fn any_block_has(&self, module: &str) -> bool {
        let of = |name: &str| {
            name.strip_prefix("blk.")?
                .split_once('.')
                .map(|(_, rest)| rest == module)
        };
        self.file.tensors.keys().any(|name| of(name) == Some(true))
    }

    pub fn rows(&self, tensor: &str) -> Option<usize> {
        self.file.tensors.get(tensor)?.shape.first().copied()
    }

    /// The numbers of a small tensor in f32.
    pub fn floats(&self, tensor: &str) -> Parsed<Option<Vec<f64>>> {
        const MOST: usize = 1 << 12;
        let Some(entry) = self.file.tensors.get(tensor) else {
            return Ok(None);
        };
        let count = entry
            .shape
            .iter()
            .fold(1usize, |count, side| count.saturating_mul(*side));
        if entry.kind != 0 || count > MOST {
            return Err(says::of_tensor(tensor, says::other_kind(entry.kind.to_string(), "f32")));
        }
        let bytes = self.file.read(entry, 0, 4 * count)?;
        let values = bytes.as_chunks::<4>().0.iter();
        Ok(Some(values.map(|b| f64::from(f32::from_le_bytes(*b))).collect()))
    }

    /// The blocks that are computed: those that foretell further tokens are not.
    pub fn layers(&self) -> Parsed<u64> {
        const MOST: u64 = 1 << 12;
        let ahead = self.size("nextn_predict_layers")?.unwrap_or(0);
        let all = self.need_size("block_count")?;
        if all > MOST {
            return Err(says::must_be(self.key("block_count"), all, says::from_one_to(MOST)));
        }
        match all.checked_sub(ahead) {
            Some(layers) if layers > 0 => Ok(layers),
            _ => Err(says::must_be(
                self.key("nextn_predict_layers"),
                ahead,
                says::from_one_to(all - 1),
            )),
        }
    }

    pub fn heads(&self) -> Parsed<u64> {
        self.need_size("attention.head_count")
    }

    /// The width of a head.
    pub fn head(&self) -> Parsed<u64> {
        let heads = self.heads()?;
        let hidden = self.need_size("embedding_length")?;
        Ok(self.size("attention.key_length")?.unwrap_or(hidden / heads))
    }

    /// A key that must say this where it says anything.
    pub fn must_be(&self, key: &str, wanted: &Value) -> Parsed<()> {
        match self.get(key) {
            None => Ok(()),
            Some(value) if value == *wanted || value.as_f64().is_some_and(|n| Some(n) == wanted.as_f64()) => Ok(()),
            Some(value) => Err(says::unsupported(self.key(key), value, wanted)),
        }
    }

    /// The kind of attention of each layer, in transformers' words: with a window but for each `every`th, unless the file has a
    /// pattern of its own.
    pub fn layer_types(&self, every: u64) -> Parsed<Value> {
        const KEY: &str = "attention.sliding_window_pattern";
        let layers = self.layers()?;
        let name = |within: bool| if within { "sliding_attention" } else { "full_attention" };
        let by_number = |every: u64| {
            (0..layers)
                .map(|i| name(every == 0 || i % every < every - 1))
                .collect::<Vec<_>>()
        };
        Ok(match self.get(KEY) {
            None => json!(by_number(every)),
            Some(Value::Array(flags)) if flags.len() as u64 >= layers => {
                let within = |flag: &Value| *flag == true || flag.as_u64().is_some_and(|n| n != 0);
                json!(
                    flags
                        .iter()
                        .take(layers as usize)
                        .map(|flag| name(within(flag)))
                        .collect::<Vec<_>>()
                )
            }
            Some(value) => match value.as_u64() {
                Some(every) => json!(by_number(every)),
                None => return Err(says::must_be(self.key(KEY), value, says::numbers_of(layers as usize))),
            },
        })
    }

    /// Refuses keys of the architecture that ask for something and were not asked for.
    pub fn all_is_read(&self) -> Parsed<()> {
        let prefix = self.key("");
        let asked = self.asked.borrow();
        for (key, value) in &self.file.metadata {
            let Some(own) = key.strip_prefix(&prefix) else { continue };
            let nothing = value == false || value.as_f64() == Some(0.0) || value.as_str() == Some("");
            if !asked.contains(key) && !INERT.contains(&own) && !nothing && !is_neutral(own, value) {
                return Err(says::gguf_key(key, value));
            }
        }
        Ok(())
    }
}
