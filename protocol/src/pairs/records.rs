//! Fixed-size records of pairs, which can be read without reading texts.

/// Reads a record's fields one after the other.
pub(super) struct Fields<'a>(pub &'a [u8]);

impl Fields<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(super) fn f32(&mut self) -> Option<f32> {
        self.take().map(f32::from_le_bytes)
    }

    /// A number that may be missing, which is NaN in the file.
    pub(super) fn known(&mut self) -> Option<Option<f32>> {
        self.f32().map(|value| (!value.is_nan()).then_some(value))
    }
}

/// Where the lines of `rows.jsonl` begin: a u64 for each, and one more for the end of the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offsets;

impl Offsets {
    pub const BYTES: usize = 8;

    /// Decodes bytes of `rows.idx`.
    pub fn decode(bytes: &[u8]) -> Vec<u64> {
        bytes
            .chunks_exact(Self::BYTES)
            .filter_map(|chunk| Fields(chunk).u64())
            .collect()
    }
}

/// A record of `heads.bin`: what lists and comparisons need of a pair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// The first half of the SHA-256 of the tokens of prompt, chosen and rejected reply.
    pub hash: [u8; 16],
    /// Hash of the prompt's tokens.
    pub prompt: u64,
    pub prompt_tokens: u32,
    pub chosen_tokens: u32,
    pub rejected_tokens: u32,
    /// Whether the prompt with its longer reply fills the cut-off, so that either may have been cut.
    pub fills_cutoff: bool,
    /// Index of its first log-prob in `tokens-STEP.bin`: the chosen reply's, then the rejected one's; `None`: it has none.
    pub token_at: Option<u64>,
}

impl Head {
    pub const BYTES: usize = 48;

    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = Vec::with_capacity(Self::BYTES);
        bytes.extend(self.hash);
        bytes.extend(self.prompt.to_le_bytes());
        bytes.extend(self.prompt_tokens.to_le_bytes());
        bytes.extend(self.chosen_tokens.to_le_bytes());
        bytes.extend(self.rejected_tokens.to_le_bytes());
        bytes.extend(u32::from(self.fills_cutoff).to_le_bytes());
        bytes.extend(self.token_at.unwrap_or(u64::MAX).to_le_bytes());
        bytes.try_into().unwrap_or([0; Self::BYTES])
    }

    /// `None`: there are too few bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        Some(Self {
            hash: fields.take()?,
            prompt: fields.u64()?,
            prompt_tokens: fields.u32()?,
            chosen_tokens: fields.u32()?,
            rejected_tokens: fields.u32()?,
            fills_cutoff: fields.u32()? & 1 == 1,
            token_at: fields.u64().map(|at| (at != u64::MAX).then_some(at))?,
        })
    }

    /// How many log-probs it has in a file of tokens.
    pub fn token_count(&self) -> u64 {
        u64::from(self.chosen_tokens) + u64::from(self.rejected_tokens)
    }
}

/// A record of an evaluation: the scores of a pair. Log-probs are sums over a reply's tokens, in nats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scores {
    /// Above 0 if the pair is right.
    pub margin: f32,
    pub chosen: f32,
    pub rejected: f32,
    /// Under the reference, where there is one.
    pub ref_chosen: Option<f32>,
    pub ref_rejected: Option<f32>,
}

impl Scores {
    pub const BYTES: usize = 20;

    pub fn encode(&self) -> [u8; Self::BYTES] {
        let known = |value: Option<f32>| value.unwrap_or(f32::NAN);
        let fields = [
            self.margin,
            self.chosen,
            self.rejected,
            known(self.ref_chosen),
            known(self.ref_rejected),
        ];
        let mut bytes = [0; Self::BYTES];
        for (slot, field) in bytes.chunks_exact_mut(4).zip(fields) {
            slot.copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }

    /// `None`: too few bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        Some(Self {
            margin: fields.f32()?,
            chosen: fields.f32()?,
            rejected: fields.f32()?,
            ref_chosen: fields.known()?,
            ref_rejected: fields.known()?,
        })
    }

    pub fn is_right(&self) -> bool {
        self.margin > 0.0
    }

    /// How much more the log-prob of the chosen reply rose over the reference than that of the rejected one, in nats. The reward
    /// margin is `beta` times this.
    pub fn moved_apart(&self) -> Option<f32> {
        let (chosen, rejected) = self.ref_chosen.zip(self.ref_rejected)?;
        Some((self.chosen - chosen) - (self.rejected - rejected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_they_were() {
        for token_at in [None, Some(0), Some(1 << 40)] {
            let head = Head {
                hash: [7; 16],
                prompt: u64::MAX - 1,
                prompt_tokens: 1,
                chosen_tokens: 2,
                rejected_tokens: u32::MAX,
                fills_cutoff: token_at.is_some(),
                token_at,
            };
            assert_eq!(Head::decode(&head.encode()), Some(head));
            assert_eq!(Head::decode(&head.encode()[..Head::BYTES - 1]), None);
        }
        let scores = Scores {
            margin: 0.25,
            chosen: -10.0,
            rejected: -12.0,
            ref_chosen: Some(-11.0),
            ref_rejected: Some(-11.5),
        };
        assert_eq!(Scores::decode(&scores.encode()), Some(scores));
        assert_eq!(scores.moved_apart(), Some(1.5));
        let alone = Scores {
            ref_chosen: None,
            ref_rejected: None,
            ..scores
        };
        assert_eq!(Scores::decode(&alone.encode()), Some(alone));
        assert_eq!(alone.moved_apart(), None);
        assert_eq!(Scores::decode(&[0; 19]), None);
    }

    #[test]
    fn offsets_are_read_from_any_pair_on() {
        let bytes: Vec<u8> = [0u64, 12, 500].iter().flat_map(|at| at.to_le_bytes()).collect();
        assert_eq!(Offsets::decode(&bytes[8..]), [12, 500]);
        assert_eq!(Offsets::decode(&bytes[8..20]), [12]);
    }
}
