//! People's marks on pairs: a file of the run directory, which later runs can use.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file, beside `board.json` in the run directory; the server writes it.
pub const MARKS: &str = "pairs-marks.json";
/// Its copy in the directory of a run that uses it, since people may change the marks meanwhile.
pub const MARKS_USED: &str = "pairs-marks-used.json";
/// Maximum size of the file in bytes: twice that of marks on all pairs of a run.
pub const LONGEST_MARKS: u64 = 16 << 20;

/// What a person thinks of a pair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    #[default]
    None,
    /// The rejected reply is the better one.
    Mislabelled,
    /// Of no use for training.
    Excluded,
}

/// Marks by the hash of the pair's token ids, in hexadecimal: they apply to the same rows under the same template, tokenizer and
/// `cutoff_len`, wherever these rows are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(BTreeMap<String, Mark>);

impl Marks {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn of(&self, hash: &[u8; 16]) -> Mark {
        self.0.get(&name(hash)).copied().unwrap_or_default()
    }

    pub fn set(&mut self, hash: &[u8; 16], mark: Mark) {
        match mark {
            Mark::None => self.0.remove(&name(hash)),
            mark => self.0.insert(name(hash), mark),
        };
    }
}

fn name(hash: &[u8; 16]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
