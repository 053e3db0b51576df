//! Log-probs of single tokens in a run's folder `pairs/`: of the pairs that moved most, or, in directories of earlier versions, of all
//! that had room.

use super::folder::{Folder, damaged};
use super::records::bytes_at;
use crate::error::ApiResult;
use protocol::pairs::{
    self as layout, Head, MovedIndex, PairTokens, Reply, ReplyToken, Row, TokenLogps, TokenReference,
};

/// The file of the pairs that moved most.
pub struct Moved {
    name: String,
    pub last_step: u64,
    pub index: MovedIndex,
}

impl Folder {
    /// The newest file of the pairs that moved most; `None`: there is none, as in directories of earlier versions, or while a
    /// resumed run has not come to its next evaluation.
    pub fn moved(&self) -> ApiResult<Option<Moved>> {
        let Some(last_step) = self.steps_of(layout::moved_step)?.last().copied() else {
            return Ok(None);
        };
        let name = layout::moved(last_step);
        let path = self.path.join(&name);
        let read = |length| bytes_at(&path, 0, length).map_err(|_| damaged(&name));
        let most = MovedIndex::length_of(self.about.count);
        let length = MovedIndex::length(&read(MovedIndex::HEADER)?).filter(|&length| Some(length) <= most);
        let length = length.and_then(|length| usize::try_from(length).ok());
        let index = MovedIndex::decode(&read(length.ok_or_else(|| damaged(&name))?)?);
        Ok(Some(Moved {
            index: index.ok_or_else(|| damaged(&name))?,
            name,
            last_step,
        }))
    }

    /// The steps of the first and the newest evaluation of which log-probs of tokens are kept.
    pub fn token_steps(&self) -> ApiResult<Vec<u64>> {
        if let Some(moved) = self.moved()? {
            let (first, last) = (moved.index.first_step, moved.last_step);
            return Ok(if first == last { vec![first] } else { vec![first, last] });
        }
        let steps = self.steps_of(layout::tokens_step)?;
        Ok(match steps[..] {
            [first, .., last] => vec![first, last],
            _ => steps,
        })
    }

    /// A pair's tokens; `None`: their log-probs are not kept.
    pub(super) fn tokens(&self, pair: u64, head: &Head, row: &Row) -> ApiResult<Option<PairTokens>> {
        let (first_step, last_step, logps) = match self.moved()? {
            Some(moved) => match self.moved_tokens(&moved, pair, head)? {
                Some(logps) => (moved.index.first_step, moved.last_step, logps),
                None => return Ok(None),
            },
            None => {
                let steps = self.token_steps()?;
                let (Some(at), Some(&first), Some(&last)) = (head.token_at, steps.first(), steps.last()) else {
                    return Ok(None);
                };
                let [firsts, lasts] = [self.logps(first, at, head)?, self.logps(last, at, head)?];
                let both = firsts.into_iter().zip(lasts);
                let logps = both.map(|(first, last)| TokenLogps {
                    first,
                    last,
                    reference: None,
                });
                (first, last, logps.collect())
            }
        };
        let (chosen, rejected) = logps.split_at((head.chosen_tokens as usize).min(logps.len()));
        Ok(Some(PairTokens {
            first_step,
            last_step,
            reference: match logps.iter().all(|logps| logps.reference.is_some()) {
                true if self.about.reference_follows => TokenReference::Following,
                true => TokenReference::Fixed,
                false => TokenReference::None,
            },
            chosen: reply_tokens(&row.chosen, chosen),
            rejected: reply_tokens(&row.rejected, rejected),
        }))
    }

    /// `None`: the pair is not among those that moved most.
    fn moved_tokens(&self, moved: &Moved, pair: u64, head: &Head) -> ApiResult<Option<Vec<TokenLogps>>> {
        let Some(place) = moved.index.of(pair) else {
            return Ok(None);
        };
        if place.tokens != head.token_count() || place.tokens > layout::MOST_TOKENS {
            return Err(damaged(&moved.name));
        }
        let bytes = place.tokens as usize * TokenLogps::BYTES;
        let bytes = bytes_at(&self.path.join(&moved.name), place.at, bytes).map_err(|_| damaged(&moved.name))?;
        Ok(Some(TokenLogps::decode_all(&bytes)))
    }

    /// The policy's log-probs of a pair's tokens, from a file of all pairs.
    fn logps(&self, step: u64, at: u64, head: &Head) -> ApiResult<Vec<f32>> {
        let name = layout::tokens(step);
        let length = usize::try_from(head.token_count().min(layout::MOST_TOKENS)).unwrap_or(0) * 4;
        let bytes = at
            .checked_mul(4)
            .and_then(|at| bytes_at(&self.path.join(&name), at, length).ok());
        let bytes = bytes.ok_or_else(|| damaged(&name))?;
        let logps = bytes
            .chunks_exact(4)
            .map(|of| of.try_into().map_or(0.0, f32::from_le_bytes));
        Ok(logps.collect())
    }
}

/// The tokens of a reply with their log-probs.
pub(super) fn reply_tokens(reply: &Reply, logps: &[TokenLogps]) -> Vec<ReplyToken> {
    let token = |(text, of): (&str, &TokenLogps)| ReplyToken {
        text: text.to_owned(),
        first: of.first,
        last: of.last,
        reference: of.reference,
    };
    reply.pieces().zip(logps).map(token).collect()
}
