//! The file of the pairs that moved most: log-probs of their tokens at the first and at the newest evaluation, and under the
//! reference.

use super::records::Fields;

/// What such a file begins with; the last byte is the layout's version.
const MAGIC: [u8; 8] = *b"moved\0\0\x01";

/// The log-probs of a token, in nats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TokenLogps {
    /// Under the policy at the first evaluation.
    pub first: f32,
    /// Under the policy at the newest evaluation.
    pub last: f32,
    /// Under the reference, as it was at the newest evaluation; `None`: there is none, or it is not known.
    pub reference: Option<f32>,
}

impl TokenLogps {
    pub const BYTES: usize = 12;

    fn encode(&self) -> impl Iterator<Item = u8> {
        let fields = [self.first, self.last, self.reference.unwrap_or(f32::NAN)];
        fields.into_iter().flat_map(f32::to_le_bytes)
    }

    /// Decodes one after the other.
    pub fn decode_all(bytes: &[u8]) -> Vec<Self> {
        let one = |bytes| {
            let mut fields = Fields(bytes);
            Some(Self {
                first: fields.f32()?,
                last: fields.f32()?,
                reference: fields.known()?,
            })
        };
        bytes.chunks_exact(Self::BYTES).filter_map(one).collect()
    }
}

/// A pair of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MovedPair {
    pub pair: u64,
    /// The chosen reply's, then the rejected one's.
    pub tokens: Vec<TokenLogps>,
}

/// The file's bytes. `pairs` ascend by their number.
pub fn encode_moved(first_step: u64, pairs: &[MovedPair]) -> Vec<u8> {
    let mut at = (MovedIndex::HEADER + pairs.len() * MovedPlace::BYTES) as u64;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(first_step.to_le_bytes());
    bytes.extend((pairs.len() as u64).to_le_bytes());
    for of in pairs {
        let tokens = of.tokens.len() as u64;
        for number in [of.pair, at, tokens] {
            bytes.extend(number.to_le_bytes());
        }
        at += tokens * TokenLogps::BYTES as u64;
    }
    bytes.extend(pairs.iter().flat_map(|of| &of.tokens).flat_map(TokenLogps::encode));
    bytes
}

/// Where a pair's tokens are in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MovedPlace {
    pub pair: u64,
    /// The first byte of its first [`TokenLogps`].
    pub at: u64,
    /// How many it has.
    pub tokens: u64,
}

impl MovedPlace {
    pub const BYTES: usize = 24;
}

/// What the file begins with: which pairs it has, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovedIndex {
    /// The step of the evaluation that is the first.
    pub first_step: u64,
    /// Ascending by pair.
    pub places: Vec<MovedPlace>,
}

impl MovedIndex {
    /// Bytes before the first place.
    pub const HEADER: usize = 24;

    /// How many bytes header and places have; `None`: this is no such file.
    pub fn length(header: &[u8]) -> Option<u64> {
        let mut fields = Fields(header);
        (fields.take()? == MAGIC).then_some(())?;
        fields.u64()?;
        Self::length_of(fields.u64()?)
    }

    /// How many bytes they have of so many pairs; `None`: more than there can be.
    pub fn length_of(pairs: u64) -> Option<u64> {
        let places = pairs.checked_mul(MovedPlace::BYTES as u64)?;
        places.checked_add(Self::HEADER as u64)
    }

    /// Decodes header and places; `None`: they are incomplete.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let length = Self::length(bytes)?;
        let mut places = bytes.get(Self::HEADER..usize::try_from(length).ok()?)?;
        let mut header = Fields(&bytes[MAGIC.len()..]);
        let first_step = header.u64()?;
        let mut found = vec![];
        while let Some((place, rest)) = places.split_at_checked(MovedPlace::BYTES) {
            let mut fields = Fields(place);
            found.push(MovedPlace {
                pair: fields.u64()?,
                at: fields.u64()?,
                tokens: fields.u64()?,
            });
            places = rest;
        }
        Some(Self {
            first_step,
            places: found,
        })
    }

    /// `None`: the file does not have this pair.
    pub fn of(&self, pair: u64) -> Option<MovedPlace> {
        let at = self.places.binary_search_by_key(&pair, |place| place.pair).ok()?;
        self.places.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_found_by_its_number_and_its_tokens_are_those_that_were_written() {
        let token = |first, reference| TokenLogps {
            first,
            last: first / 2.0,
            reference,
        };
        let pairs = [
            MovedPair {
                pair: 3,
                tokens: vec![token(-1.0, Some(-1.5)), token(-2.0, None)],
            },
            MovedPair {
                pair: 70,
                tokens: vec![token(-3.0, Some(0.0))],
            },
        ];
        let bytes = encode_moved(20, &pairs);
        let length = MovedIndex::length(&bytes).expect("such a file") as usize;
        let index = MovedIndex::decode(&bytes[..length]).expect("whole");
        assert_eq!((index.first_step, index.places.len(), index.of(4)), (20, 2, None));
        for of in &pairs {
            let place = index.of(of.pair).expect("a pair");
            let end = place.at as usize + place.tokens as usize * TokenLogps::BYTES;
            assert_eq!(TokenLogps::decode_all(&bytes[place.at as usize..end]), of.tokens);
        }
        assert_eq!(bytes.len(), length + 3 * TokenLogps::BYTES);
        assert_eq!(MovedIndex::decode(&bytes[..length - 1]), None);
        let mut other = bytes.clone();
        other[7] = 2;
        assert_eq!(MovedIndex::length(&other), None);
        // a count that no file has
        other = bytes[..MovedIndex::HEADER].to_vec();
        other[16..].fill(0xFF);
        assert_eq!((MovedIndex::length(&other), MovedIndex::decode(&other)), (None, None));
    }
}
