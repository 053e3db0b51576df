//! `Modelfile`: what Ollama makes a model of.
//!
//! Source: Ollama's `docs/modelfile.md`.

use crate::data::Encoder;
use crate::error::{Error, Result};
use std::fmt::Write as _;
use std::path::Path;

/// Tokens of a conversation that Ollama keeps, where the model takes as many.
const CONTEXT: usize = 4096;

/// What it says.
pub struct Modelfile<'a> {
    /// A folder or a GGUF file, as seen from where the file lies.
    pub from: &'a str,
    pub adapter: Option<&'a Path>,
    pub encoder: &'a Encoder,
    /// The longest text that the model was made for, in tokens.
    pub longest: usize,
}

impl Modelfile<'_> {
    pub fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join("Modelfile");
        std::fs::write(&path, self.text()).map_err(Error::io(&path))
    }

    fn text(&self) -> String {
        let mut out = format!("FROM {}\n", self.from);
        if let Some(adapter) = self.adapter {
            let _ = writeln!(out, "ADAPTER {}", adapter.display());
        }
        match self.encoder.to_ollama() {
            Some(lines) => out.push_str(&lines),
            None => out.push_str("# the chat template is the model's own, which Ollama reads of its files\n"),
        }
        let tokenizer = self.encoder.tokenizer();
        for stop in self.encoder.stop_ids().iter().filter_map(|id| tokenizer.token(*id)) {
            let _ = writeln!(out, "PARAMETER stop {stop:?}");
        }
        let _ = writeln!(out, "PARAMETER num_ctx {}", self.longest.min(CONTEXT));
        out
    }
}
