//! `Modelfile`: what Ollama makes a model of.
//!
//! Source: Ollama's `docs/modelfile.md`.

use crate::data::Encoder;
use crate::error::{Error, Result};
use crate::model::ModelConfig;
use crate::peft;
use crate::weights::Weights;
use protocol::says;
use std::fmt::Write as _;
use std::path::Path;

/// Tokens of a conversation that Ollama keeps, where the model takes as many.
const CONTEXT: usize = 4096;

/// Refuses a model of which Ollama would make another: it loads plain weights or a GGUF file, and of an adapter the pairs of
/// matrices, `r` and `lora_alpha`.
pub fn applies(weights: &Weights, base: &ModelConfig) -> Result<()> {
    if weights.scores()? {
        return Err(Error::invalid(says::modelfile_of_reward_model()));
    }
    let without = |what: &str| Err(Error::invalid(says::modelfile_without(what)));
    if weights.rope.is_some() {
        return without("rope_scaling");
    }
    if let Some(folder) = &base.quantization {
        return without(&format!("quantization_config ({})", folder.name()));
    }
    for folder in &weights.adapters {
        let (config, adapter) = (peft::Config::read(folder)?, peft::outline(folder)?.adapter);
        let form = &adapter.form;
        let beyond = [
            ("OFT", form.oft.is_some()),
            ("DoRA", config.dora()),
            (
                "modules_to_save",
                !form.additional.is_empty() || !adapter.whole.is_empty(),
            ),
            ("layer_replication", !form.replication.is_empty()),
            ("use_rslora", form.rank_stabilized),
            ("alpha_pattern", config.has_alphas()),
            ("PiSSA", form.init.pissa().is_some()),
            ("LoftQ", weights.loftq.is_some()),
        ];
        if let Some((what, _)) = beyond.iter().find(|(_, is)| *is) {
            return without(what);
        }
    }
    Ok(())
}

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
