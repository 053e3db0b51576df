//! The slow Llama tokenizer class (`use_fast_tokenizer: false`), whose ids differ from the fast one's with
//! `legacy: false`.
//!
//! It puts a space before every text, also before one that begins with a space or with a token of its own, and takes it
//! away again only where a special token that is named follows.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;

use super::normalizer::SPACE;
use super::ranks;
use crate::data::error::Result;
use crate::data::tokenizer_read::read;

/// What the slow class needs beside the pieces.
#[derive(Debug, Clone)]
pub struct Slow {
    /// The piece of a lone space.
    pub space: Option<u32>,
    /// `all_special_ids`: the ids of all named special tokens.
    pub named: HashSet<u32>,
}

/// Whether the two classes encode a folder's texts differently.
pub fn differs(dir: &Path, config: &Value) -> Result<bool> {
    let class = config["tokenizer_class"].as_str().unwrap_or_default();
    let llama = ["", "LlamaTokenizer"].contains(&class.trim_end_matches("Fast"));
    let spaced = config["add_prefix_space"] != false;
    if !llama || !spaced || config["legacy"] != false {
        return Ok(false);
    }
    let pieces = read(&dir.join("tokenizer.model"))?;
    Ok(pieces.is_some_and(|bytes| !ranks::is_ranks(&bytes)))
}

impl Slow {
    /// How a text is handed on.
    pub fn text(&self, text: &str) -> String {
        format!("{SPACE}{}", text.replace(SPACE, " "))
    }

    /// How many of the first ids are not the text's: the space before a named token.
    pub fn too_many(&self, ids: &[u32]) -> usize {
        match ids {
            [first, second, ..] if Some(*first) == self.space && self.named.contains(second) => 1,
            _ => 0,
        }
    }

    /// Where each byte of the text handed on, and its end, is in the text itself.
    pub fn places(&self, text: &str) -> Vec<usize> {
        let mut places = vec![0; SPACE.len_utf8()];
        for (place, letter) in text.char_indices() {
            let bytes = if letter == SPACE { 1 } else { letter.len_utf8() };
            places.extend((place..).take(bytes));
        }
        places.push(text.len());
        places
    }
}
