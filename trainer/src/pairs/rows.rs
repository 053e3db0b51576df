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
        if about.measure == Measure::LogProbs {
            let places = token_places(self.dataset, self.pairs)?;
            for (head, place) in heads.iter_mut().zip(places) {
                head.token_at = place;
            }
        }
        about.with_tokens = heads.iter().filter(|head| head.token_at.is_some()).count() as u64;
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

/// Where the log-probs of each pair's tokens are in files of tokens; `None`: they have no room there. Of as many of the first pairs
/// as a folder has at most. It goes by tokens alone, so that whoever stores the reference's before the folder is written does so
/// of the same pairs; where their texts turn out too long for the folder, the last ones leave their room empty.
///
/// # Errors
/// The rows are on disk and can't be read.
pub fn token_places(dataset: &Dataset, pairs: &[PairRows]) -> Result<Vec<Option<u64>>> {
    let most = usize::try_from(layout::MOST_PAIRS).unwrap_or(usize::MAX);
    let tokens = |rows: &PairRows| -> Result<u64> {
        let pair = dataset.read_pair(*rows)?;
        Ok(pair.map_or(0, |pair| (pair.chosen.len() + pair.rejected.len()) as u64))
    };
    let counts: Result<Vec<u64>> = pairs.iter().take(most).map(tokens).collect();
    Ok(places(&counts?, layout::MOST_TOKENS))
}

/// Places for pairs of so many tokens each where there is room for `most` together: for all of them, or for every so-manieth over the
/// whole set, since who will move most is not known before.
fn places(counts: &[u64], most: u64) -> Vec<Option<u64>> {
    let all: u64 = counts.iter().sum();
    let stride = usize::try_from(all.div_ceil(most)).unwrap_or(usize::MAX).max(1);
    let mut places = vec![None; counts.len()];
    let mut end = 0u64;
    for (place, &count) in places.iter_mut().zip(counts).step_by(stride) {
        let next = end + count;
        if next <= most {
            *place = Some(end);
            end = next;
        }
    }
    places
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
        let of_fives = |pairs, most| places(&vec![5; pairs], most);
        assert_eq!(of_fives(3, 15), [Some(0), Some(5), Some(10)]);
        assert_eq!(of_fives(4, 10), [Some(0), None, Some(5), None]);
        assert_eq!(of_fives(3, 4), [None; 3]);
        assert!(of_fives(0, 4).is_empty());
        // one that is too long leaves its room to those behind it
        assert_eq!(
            places(&[2, 1, 9, 1, 2, 1], 8),
            [Some(0), None, None, None, Some(2), None]
        );
    }
}
