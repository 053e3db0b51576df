//! What an evaluation found, as it is printed and kept.

use super::super::print_json;
use crate::data::{Dataset, Encoder};
use crate::error::{Error, Result};
use crate::files;
use crate::pairs::Recording;
use crate::terminal;
use protocol::evaluation::{self, Found, PairResult, Scored};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::Path;

pub struct Outcome {
    pub found: Found,
    margins: Vec<f32>,
    /// Of each pair, once they have names.
    pairs: Vec<PairResult>,
}

impl Outcome {
    pub fn new(found: Found, recording: Option<Recording>) -> Result<Self> {
        Ok(Self {
            found,
            margins: recording.map(Recording::margins).transpose()?.unwrap_or_default(),
            pairs: vec![],
        })
    }

    pub fn has_pairs(&self) -> bool {
        !self.margins.is_empty()
    }

    /// Names each pair by the texts of its replies, so that models with other tokenizers have the same names.
    pub fn name_pairs(&mut self, rows: &Dataset, encoder: &Encoder) -> Result<()> {
        let tokenizer = encoder.tokenizer();
        for (pair, &margin) in rows.pairs()?.into_iter().zip(&self.margins) {
            let pair = rows.read_pair(pair)?;
            let pair = pair.ok_or_else(|| Error::internal("held-out rows are no pair"))?;
            let mut hash = Sha256::new();
            for reply in [&pair.chosen, &pair.rejected] {
                hash.update(tokenizer.decode(reply)?.trim());
                hash.update([0]);
            }
            let mut key = [0; 16];
            key.copy_from_slice(&hash.finalize()[..16]);
            self.pairs.push(PairResult { key, margin });
        }
        Ok(())
    }

    /// Writes what others read: nothing, where no folder was named.
    pub fn keep(&self, out: Option<&Path>) -> Result<()> {
        let Some(out) = out else { return Ok(()) };
        if !self.pairs.is_empty() {
            let bytes: Vec<u8> = self.pairs.iter().flat_map(PairResult::encode).collect();
            files::write_atomic(&out.join(evaluation::PAIRS), &bytes)?;
        }
        let text = serde_json::to_vec_pretty(&self.found).map_err(|e| Error::internal(e.to_string()))?;
        files::write_atomic(&out.join(evaluation::FOUND), &text)
    }

    pub fn print_json(&self) -> Result<()> {
        print_json(&json!({"rows": self.found.rows, "metrics": self.found.metrics}))
    }

    pub fn print_table(&self) -> Result<()> {
        let kind = match self.found.of {
            Scored::Pairs => "pairs (eval_loss: cross entropy of the chosen reply)",
            Scored::Replies => "rows (eval_loss: cross entropy of the replies)",
            Scored::Texts => "rows of text (eval_loss: cross entropy)",
            Scored::Rewards => "pairs (eval_loss: that of the scores)",
        };
        let mut table = format!("{:24}{:>12} {kind}\n", "rows", self.found.rows);
        for (name, value) in &self.found.metrics {
            table += &format!("{name:24}{value:>12.6}\n");
        }
        terminal::print(&table)
    }
}
