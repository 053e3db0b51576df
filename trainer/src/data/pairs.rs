//! The pairs of a held-out set, one by one: rows with both replies, or two unpaired rows.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::error::{DataError, Result};
use super::store::{Dataset, Example};
use super::template::Encoder;
use super::{Examples, Labelled, Pair};
use protocol::says;

/// The rows of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairRows {
    One(usize),
    /// Two rows with a labelled reply each.
    Unpaired([usize; 2]),
}

impl Dataset {
    /// The pairs among the rows, in the order of their last row.
    ///
    /// # Errors
    /// The rows are on disk and can't be read.
    pub fn pairs(&self) -> Result<Vec<PairRows>> {
        if !self.has_pairs() {
            return Ok(match self.is_pairs() || self.is_ranked() {
                true => (0..self.len()).map(PairRows::One).collect(),
                false => vec![],
            });
        }
        let mut met_alone = HashMap::new();
        let mut pairs = vec![];
        for row in 0..self.len() {
            let Some(pair) = self.pair(row)? else { continue };
            match met_alone.remove(&pair) {
                Some(first) => pairs.push(PairRows::Unpaired([first, row])),
                None => drop(met_alone.insert(pair, row)),
            }
        }
        Ok(pairs)
    }

    /// A pair in tokens, with the chosen reply's prompt; `None` if these rows are no pair.
    ///
    /// # Errors
    /// The rows are on disk and can't be read.
    pub fn read_pair(&self, rows: PairRows) -> Result<Option<Pair>> {
        Ok(match rows {
            PairRows::One(row) => match self.read(&[row])? {
                Examples::Pairs(mut pairs) => pairs.pop(),
                Examples::Ranked(mut ranked) => ranked.pop().map(|row| row.pair),
                Examples::Labelled(_) | Examples::Sequences(_) | Examples::Prompts(_) => None,
            },
            PairRows::Unpaired(rows) => match self.read(&rows)? {
                Examples::Labelled(replies) => joined(replies),
                Examples::Pairs(_) | Examples::Ranked(_) | Examples::Sequences(_) | Examples::Prompts(_) => None,
            },
        })
    }

    /// SHA-256 of the rows in their order.
    ///
    /// # Errors
    /// The rows are on disk and can't be read.
    pub fn digest(&self) -> Result<[u8; 32]> {
        let mut hash = Sha256::new();
        for row in 0..self.len() {
            hash.update(self.hash(row)?);
        }
        Ok(hash.finalize().into())
    }
}

/// The pair of two unpaired replies.
fn joined(replies: Vec<Labelled>) -> Option<Pair> {
    let [first, second] = <[Labelled; 2]>::try_from(replies).ok()?;
    let (good, bad) = if first.good { (first, second) } else { (second, first) };
    Some(Pair {
        prompt: good.prompt,
        chosen: good.reply,
        rejected: bad.reply,
    })
}

impl Pair {
    /// SHA-256 of its token ids, whether it is one row or was unpaired.
    pub fn hash(&self) -> [u8; 32] {
        Example::Pair(self.clone()).hash()
    }

    /// The first half of the hash: the key of a pair's marks.
    pub fn short_hash(&self) -> [u8; 16] {
        let mut short = [0; 16];
        short.copy_from_slice(&self.hash()[..16]);
        short
    }
}

/// The text that each token adds to the text before it. If several tokens have the bytes of one character, the first
/// adds all of it and the others nothing.
///
/// # Errors
/// The tokenizer can't decode an id.
pub fn pieces(encoder: &Encoder, ids: &[u32]) -> Result<Vec<String>> {
    let mut stream = encoder.tokenizer().inner().decode_stream(false);
    let mut out = vec![String::new(); ids.len()];
    // the first token of a character that is not complete yet
    let mut open = None;
    for (i, &id) in ids.iter().enumerate() {
        let text = stream
            .step(id)
            .map_err(|e| DataError::row(says::token_undecodable(e.to_string())))?;
        match text {
            None => open = open.or(Some(i)),
            Some(text) => out[open.take().unwrap_or(i)] = text,
        }
    }
    // bytes that are no character
    if let Some(first) = open {
        out[first] = char::REPLACEMENT_CHARACTER.to_string();
    }
    Ok(out)
}
