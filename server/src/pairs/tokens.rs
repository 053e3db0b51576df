//! Log-probs of single tokens in a run's folder `pairs/`: of the pairs that moved most, or, in directories of earlier versions, of all
//! that had room.

use super::folder::{Folder, damaged};
use super::records::bytes_at;
use crate::error::ApiResult;
use protocol::pairs::{
    self as layout, Head, MovedIndex, PairTokens, Reply, ReplyToken, Row, TokenLogps, TokenReference,
};

/// The file of the pairs that moved most.
pub(super) struct Moved {
    name: String,
    last_step: u64,
    index: MovedIndex,
}

/// Which pairs the log-probs of single tokens are kept of.
pub(super) enum Kept {
    /// Of those that moved most.
    Moved(Moved),
    /// Of all that had room, at the first and the newest evaluation.
    WithRoom {
        first: u64,
        last: u64,
    },
    None,
}

impl Kept {
    /// Whether they are kept of this pair.
    pub(super) fn has(&self, pair: u64, head: &Head) -> bool {
        match self {
            Self::Moved(moved) => moved.index.of(pair).is_some(),
            Self::WithRoom { .. } => head.token_at.is_some(),
            Self::None => false,
        }
    }

    /// The steps of the first and the newest evaluation that they are of.
    fn steps(&self) -> Vec<u64> {
        let (first, last) = match self {
            Self::Moved(moved) => (moved.index.first_step, moved.last_step),
            Self::WithRoom { first, last } => (*first, *last),
            Self::None => return vec![],
        };
        if first == last { vec![first] } else { vec![first, last] }
    }
}

impl Folder {
    /// The newest file of the pairs that moved most; `None`: there is none, as in directories of earlier versions, or while a
    /// resumed run has not come to its next evaluation.
    fn moved(&self) -> ApiResult<Option<Moved>> {
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

    /// What is kept where the file of the pairs that moved most is this one.
    fn kept_beside(&self, moved: Option<Moved>) -> ApiResult<Kept> {
        if let Some(moved) = moved {
            return Ok(Kept::Moved(moved));
        }
        let of_tokens = self.steps_of(layout::tokens_step)?;
        let (Some(&first), Some(&last)) = (of_tokens.first(), of_tokens.last()) else {
            return Ok(Kept::None);
        };
        // the first evaluation's alone while there are newer ones: a resumed run has let go of the file that had both. It would look
        // as if nothing had changed since the first
        Ok(match first == last && self.steps()?.len() > 1 {
            true => Kept::None,
            false => Kept::WithRoom { first, last },
        })
    }

    /// What is kept, for lists of pairs. A file that is damaged counts as none here, since all else of the pairs can be shown.
    pub(super) fn kept(&self) -> ApiResult<Kept> {
        // the worker may just have put a newer one in its place
        let moved = self.moved().or_else(|_| self.moved());
        self.kept_beside(moved.ok().flatten())
    }

    /// The steps of the first and the newest evaluation of which log-probs of tokens are kept.
    pub fn token_steps(&self) -> ApiResult<Vec<u64>> {
        Ok(self.kept()?.steps())
    }

    /// A pair's tokens; `None`: their log-probs are not kept.
    pub(super) fn tokens(&self, pair: u64, head: &Head, row: &Row) -> ApiResult<Option<PairTokens>> {
        let (first_step, last_step, logps) = match self.kept_beside(self.moved()?)? {
            Kept::Moved(moved) => match self.moved_tokens(&moved, pair, head)? {
                Some(logps) => (moved.index.first_step, moved.last_step, logps),
                None => return Ok(None),
            },
            Kept::WithRoom { first, last } => {
                let Some(at) = head.token_at else { return Ok(None) };
                let [firsts, lasts] = [self.logps(first, at, head)?, self.logps(last, at, head)?];
                let both = firsts.into_iter().zip(lasts);
                let logps = both.map(|(first, last)| TokenLogps {
                    first,
                    last,
                    reference: None,
                });
                (first, last, logps.collect())
            }
            Kept::None => return Ok(None),
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
