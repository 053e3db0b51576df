//! Whether low-rank adapters go on a model's head: who asks for it, and which heads take one.

use super::{HeadSpec, HeadTable};
use crate::{Said, says};

/// What LLaMA-Factory knows heads by: its `all` takes every linear layer but these.
const KNOWN: [&str; 3] = ["lm_head", "output_layer", "output"];

/// Who asks for an adapter on the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadAsked {
    No,
    ByName,
    /// `lora_target: all`, of a head that is called otherwise than those it knows (GPT-NeoX's `embed_out`).
    ByAll,
}

impl HeadAsked {
    /// What `lora_target` asks of the head in this module; no targets at all are `all`.
    pub fn of(targets: &[String], module: &str) -> Self {
        let last = module.rsplit('.').next().unwrap_or(module);
        match targets {
            [] if KNOWN.contains(&last) => Self::No,
            [] => Self::ByAll,
            names if names.iter().any(|name| is_named(module, name)) => Self::ByName,
            _ => Self::No,
        }
    }
}

/// Whether a path is this name, or ends with it.
pub fn is_named(path: &str, name: &str) -> bool {
    path.strip_suffix(name)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

impl HeadSpec {
    /// Whether a plain low-rank term may be on it.
    ///
    /// # Errors
    /// It may not; why.
    pub fn takes_adapter(&self, module: &str) -> Result<(), Said> {
        match (self.table, self.normalized) {
            (HeadTable::Tied, _) => Err(says::head_is_tied(module)),
            (HeadTable::Own, true) => Err(says::head_is_normalized(module)),
            (HeadTable::Own, false) => Ok(()),
        }
    }
}
