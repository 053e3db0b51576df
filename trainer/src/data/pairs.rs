//! Pairs of a held-out set, one by one: whole rows, or two labelled replies that were taken apart.

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
    /// Its two labelled replies.
    Apart([usize; 2]),
}

impl Dataset {
    /// The pairs among the rows, in the order in which a walk over the rows has seen all of each.
    ///
    /// # Errors
    /// The disk they lie on can't be read.
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
                Some(first) => pairs.push(PairRows::Apart([first, row])),
                None => drop(met_alone.insert(pair, row)),
            }
        }
        Ok(pairs)
    }

    /// A pair in tokens; of one that was taken apart the prompt that stands before the good reply. `None`: these rows are none.
    ///
    /// # Errors
    /// The disk they lie on can't be read.
    pub fn read_pair(&self, rows: PairRows) -> Result<Option<Pair>> {
        Ok(match rows {
            PairRows::One(row) => match self.read(&[row])? {
                Examples::Pairs(mut pairs) => pairs.pop(),
                Examples::Ranked(mut ranked) => ranked.pop().map(|row| row.pair),
                Examples::Labelled(_) | Examples::Sequences(_) | Examples::Prompts(_) => None,
            },
            PairRows::Apart(rows) => match self.read(&rows)? {
                Examples::Labelled(replies) => joined(replies),
                Examples::Pairs(_) | Examples::Ranked(_) | Examples::Sequences(_) | Examples::Prompts(_) => None,
            },
        })
    }

    /// Tells these rows in this order from others.
    ///
    /// # Errors
    /// The disk they lie on can't be read.
    pub fn digest(&self) -> Result<[u8; 32]> {
        let mut hash = Sha256::new();
        for row in 0..self.len() {
            hash.update(self.hash(row)?);
        }
        Ok(hash.finalize().into())
    }
}

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
    /// SHA-256 of its token ids: the same whether it is one row or was taken apart.
    pub fn hash(&self) -> [u8; 32] {
        Example::Pair(self.clone()).hash()
    }

    /// Half of it: what a pair's marks are kept under.
    pub fn short_hash(&self) -> [u8; 16] {
        let mut short = [0; 16];
        short.copy_from_slice(&self.hash()[..16]);
        short
    }
}

/// The text that each token adds to what stands before it. Of a letter whose bytes lie in several tokens, the first has
/// all of it and the others none.
///
/// # Errors
/// The tokenizer can't decode an id.
pub fn pieces(encoder: &Encoder, ids: &[u32]) -> Result<Vec<String>> {
    let mut stream = encoder.tokenizer().inner().decode_stream(false);
    let mut out = vec![String::new(); ids.len()];
    // the first token of a letter that is not complete yet
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
    // bytes that no letter came of
    if let Some(first) = open {
        out[first] = char::REPLACEMENT_CHARACTER.to_string();
    }
    Ok(out)
}
