//! The weight files of a model folder in the making: one, or shards with their index, of a size that is asked for.

use super::write_json;
use crate::error::{Error, Result};
use crate::tensors::Writer;
use candle_core::Tensor;
use serde_json::{Map, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Weight files in the making; tensors go through memory one at a time.
pub struct Shards<'a> {
    dir: &'a Path,
    /// of all tensors that may be written
    names: &'a [String],
    /// bytes of a file at most, one tensor aside
    most: u64,
    writer: Writer,
    /// names in the files that are done
    done: Vec<Vec<String>>,
    /// Bytes of tensors so far.
    pub total: u64,
}

impl<'a> Shards<'a> {
    pub fn create(dir: &'a Path, names: &'a [String], most: u64) -> Result<Self> {
        Ok(Self {
            dir,
            names,
            most,
            writer: create(dir, names, 0)?,
            done: vec![],
            total: 0,
        })
    }

    pub fn add(&mut self, name: &str, tensor: &Tensor) -> Result<()> {
        let bytes = (tensor.elem_count() * tensor.dtype().size_in_bytes()) as u64;
        if self.writer.bytes() > 0 && self.writer.bytes() + bytes > self.most {
            let next = create(self.dir, self.names, self.done.len() + 1)?;
            self.done.push(std::mem::replace(&mut self.writer, next).finish()?);
        }
        self.writer.add(name, tensor)?;
        self.total += bytes;
        Ok(())
    }

    /// Gives the files their names, now that their number is known, and writes the index of several.
    pub fn finish(mut self) -> Result<()> {
        self.done.push(self.writer.finish()?);
        let count = self.done.len();
        let file = |n: usize| match count {
            1 => "model.safetensors".to_owned(),
            _ => format!("model-{:05}-of-{count:05}.safetensors", n + 1),
        };
        let mut map = Map::new();
        for (n, held) in self.done.into_iter().enumerate() {
            let to = self.dir.join(file(n));
            fs::rename(unnamed(self.dir, n), &to).map_err(Error::io(&to))?;
            map.extend(held.into_iter().map(|name| (name, json!(file(n)))));
        }
        if count == 1 {
            return Ok(());
        }
        let index = json!({"metadata": {"total_size": self.total}, "weight_map": map});
        write_json(&self.dir.join("model.safetensors.index.json"), &index)
    }
}

fn unnamed(dir: &Path, n: usize) -> PathBuf {
    dir.join(format!("shard-{n}"))
}

fn create(dir: &Path, names: &[String], n: usize) -> Result<Writer> {
    Writer::create(&unnamed(dir, n), names.iter().map(String::as_str))
}
