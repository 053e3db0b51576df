//! The texts of held-out pairs, written once: chunk by chunk, tokens become text on all cores and are written.

use crate::data::{Dataset, Encoder, Pair, PairRows, pieces};
use crate::error::{Error, Result};
use protocol::pairs::{self as layout, About, Head, Measure, Reply, Row};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Pairs in memory as text, at most.
const CHUNK: usize = 512;
/// Tokens before a reply that decide how its first one is written.
const CONTEXT: usize = 8;

/// Pairs that are to be written.
pub(super) struct Rows<'a> {
    pub dataset: &'a Dataset,
    pub encoder: &'a Encoder,
    pub pairs: &'a [PairRows],
    pub cutoff: usize,
}

/// A pair as it is written.
struct Written {
    line: Vec<u8>,
    head: Head,
}

impl Rows<'_> {
    /// Writes all but `about.json`, which it counts into.
    pub(super) fn write(&self, at: &Path, about: &mut About) -> Result<Vec<Head>> {
        let path = at.join(layout::ROWS);
        let mut out = BufWriter::new(File::create(&path).map_err(Error::io(&path))?);
        let (mut heads, mut end) = (vec![], 0);
        let mut offsets = 0u64.to_le_bytes().to_vec();
        let most = usize::try_from(layout::MOST_PAIRS).unwrap_or(usize::MAX);
        let kept = &self.pairs[..self.pairs.len().min(most)];
        for chunk in kept.chunks(CHUNK) {
            if end >= layout::MOST_TEXT {
                break;
            }
            let written: Result<Vec<Written>> = chunk.par_iter().map(|&rows| self.one(rows)).collect();
            for Written { line, head } in written? {
                if end >= layout::MOST_TEXT {
                    break;
                }
                out.write_all(&line).map_err(Error::io(&path))?;
                end += line.len() as u64;
                offsets.extend(end.to_le_bytes());
                heads.push(head);
            }
        }
        out.flush().map_err(Error::io(&path))?;
        about.count = heads.len() as u64;
        about.left_out = (self.pairs.len() - heads.len()) as u64;
        about.with_tokens = match about.measure {
            Measure::LogProbs => give_tokens_room(&mut heads, layout::MOST_TOKENS),
            Measure::Rewards => 0,
        };
        let bytes: Vec<u8> = heads.iter().flat_map(Head::encode).collect();
        for (name, bytes) in [(layout::OFFSETS, &offsets), (layout::HEADS, &bytes)] {
            let path = at.join(name);
            std::fs::write(&path, bytes).map_err(Error::io(&path))?;
        }
        Ok(heads)
    }

    fn one(&self, rows: PairRows) -> Result<Written> {
        let pair = self.dataset.read_pair(rows)?;
        let pair = pair.ok_or_else(|| Error::internal("held-out rows are no pair"))?;
        let row = Row {
            prompt: self.encoder.tokenizer().decode_all(&pair.prompt)?,
            chosen: reply(self.encoder, &pair.prompt, &pair.chosen)?,
            rejected: reply(self.encoder, &pair.prompt, &pair.rejected)?,
        };
        let mut line = serde_json::to_vec(&row).map_err(|e| Error::internal(e.to_string()))?;
        line.push(b'\n');
        Ok(Written {
            line,
            head: head(&pair, self.cutoff),
        })
    }
}

/// A reply in tokens as its line has it.
///
/// # Errors
/// The tokenizer can't decode an id.
pub fn reply(encoder: &Encoder, prompt: &[u32], ids: &[u32]) -> Result<Reply> {
    let before = &prompt[prompt.len().saturating_sub(CONTEXT)..];
    let pieces = pieces(encoder, &[before, ids].concat())?;
    let pieces = &pieces[before.len()..];
    Ok(Reply {
        text: pieces.concat(),
        tokens: pieces.iter().map(|piece| small(piece.len())).collect(),
    })
}

fn head(pair: &Pair, cutoff: usize) -> Head {
    let mut prompt = Sha256::new();
    pair.prompt.iter().for_each(|id| prompt.update(id.to_le_bytes()));
    let prompt = prompt.finalize();
    Head {
        hash: pair.short_hash(),
        prompt: prompt.first_chunk().copied().map_or(0, u64::from_le_bytes),
        prompt_tokens: small(pair.prompt.len()),
        chosen_tokens: small(pair.chosen.len()),
        rejected_tokens: small(pair.rejected.len()),
        fills_cutoff: pair.prompt.len() + pair.chosen.len().max(pair.rejected.len()) >= cutoff,
        token_at: None,
    }
}

/// Gives pairs places in files of tokens that have room for `most`: all of them, or every so-manieth over the whole set,
/// since who will move most is not known before. Says how many have one.
fn give_tokens_room(heads: &mut [Head], most: u64) -> u64 {
    let all: u64 = heads.iter().map(Head::token_count).sum();
    let stride = usize::try_from(all.div_ceil(most)).unwrap_or(usize::MAX).max(1);
    let (mut end, mut count) = (0, 0);
    for head in heads.iter_mut().step_by(stride) {
        let next = end + head.token_count();
        if next <= most {
            head.token_at = Some(end);
            (end, count) = (next, count + 1);
        }
    }
    count
}

/// A count of a row's tokens or bytes, which 32 bits are enough for: it was read out of at most 64 MiB.
fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_room_for_all_or_for_some_all_over_the_set() {
        let head = Head {
            chosen_tokens: 3,
            rejected_tokens: 2,
            ..Head::default()
        };
        let places = |pairs, most| {
            let mut heads = vec![head; pairs];
            let count = give_tokens_room(&mut heads, most);
            let places: Vec<_> = heads.iter().map(|head| head.token_at).collect();
            assert_eq!(places.iter().flatten().count() as u64, count);
            places
        };
        assert_eq!(places(3, 15), [Some(0), Some(5), Some(10)]);
        assert_eq!(places(4, 10), [Some(0), None, Some(5), None]);
        assert_eq!(places(3, 4), [None; 3]);
        assert!(places(0, 4).is_empty());
    }
}
