//! Whether a model's head gets a LoRA adapter: whether the config asks for it, and which heads support it.

use super::{HeadSpec, HeadTable};
use crate::{Said, says};

/// Names by which LLaMA-Factory recognises heads: its `all` leaves these out.
const KNOWN: [&str; 3] = ["lm_head", "output_layer", "output"];

/// Whether the config asks for an adapter on the head, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadAsked {
    No,
    ByName,
    /// By `lora_target: all`, which doesn't recognise this head by its name (GPT-NeoX's `embed_out`).
    ByAll,
}

impl HeadAsked {
    /// What `lora_target` asks for the head in this module; an empty list means `all`.
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

/// Whether a module's path is this name or ends with it.
pub fn is_named(path: &str, name: &str) -> bool {
    path.strip_suffix(name)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

impl HeadSpec {
    /// Checks that the head can have a plain LoRA adapter.
    ///
    /// # Errors
    /// It can't, and why.
    pub fn takes_adapter(&self, module: &str) -> Result<(), Said> {
        match (self.table, self.normalized) {
            (HeadTable::Tied, _) => Err(says::head_is_tied(module)),
            (HeadTable::Own, true) => Err(says::head_is_normalized(module)),
            (HeadTable::Own, false) => Ok(()),
        }
    }
}
