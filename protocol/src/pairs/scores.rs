//! All pairs of a run at one evaluation, as the API sends them: a fixed-size record each, so that 100,000 of them stay small.

use super::Transition;
use super::records::Fields;

/// A pair as lists, histograms and filters need it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PairScore {
    /// The margin at the run's first evaluation.
    pub first: f32,
    /// The margin at the requested evaluation.
    pub margin: f32,
    /// The difference of the replies' rewards, where there is a reference.
    pub reward_margin: Option<f32>,
    /// Whether it was right at some evaluation up to the requested one.
    pub ever_right: bool,
    /// Whether prompt or reply may have been cut.
    pub fills_cutoff: bool,
    /// Whether log-probs of its tokens are kept: whether it is among the pairs that moved most.
    pub has_tokens: bool,
    pub prompt_tokens: u32,
    pub chosen_tokens: u32,
    pub rejected_tokens: u32,
    /// Hash of the prompt: equal for pairs with the same prompt.
    pub prompt: u64,
}

impl PairScore {
    pub const BYTES: usize = 36;

    /// Whether the model prefers the chosen reply.
    pub fn is_right(&self) -> bool {
        self.margin > 0.0
    }

    pub fn was_right(&self) -> bool {
        self.first > 0.0
    }

    pub fn transition(&self) -> Transition {
        Transition::of(self.was_right(), self.is_right())
    }

    fn encode(&self) -> [u8; Self::BYTES] {
        let flags = [self.ever_right, self.fills_cutoff, self.has_tokens];
        let flags = (0..).zip(flags).map(|(bit, on)| u32::from(on) << bit).sum::<u32>();
        let mut bytes = Vec::with_capacity(Self::BYTES);
        for number in [self.first, self.margin, self.reward_margin.unwrap_or(f32::NAN)] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [flags, self.prompt_tokens, self.chosen_tokens, self.rejected_tokens] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.prompt.to_le_bytes());
        bytes.try_into().unwrap_or([0; Self::BYTES])
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let (first, margin, reward_margin, flags) = (fields.f32()?, fields.f32()?, fields.known()?, fields.u32()?);
        let on = |bit: u32| flags >> bit & 1 == 1;
        Some(Self {
            first,
            margin,
            reward_margin,
            ever_right: on(0),
            fills_cutoff: on(1),
            has_tokens: on(2),
            prompt_tokens: fields.u32()?,
            chosen_tokens: fields.u32()?,
            rejected_tokens: fields.u32()?,
            prompt: fields.u64()?,
        })
    }
}

/// Answer of `GET /api/runs/{id}/pairs/scores`: the requested step, the step of the first evaluation, then a record for each
/// pair, in the order of their indices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PairScores {
    pub step: u64,
    pub first_step: u64,
    pub pairs: Vec<PairScore>,
}

impl PairScores {
    /// Bytes before the first record.
    pub const HEADER: usize = 16;

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::HEADER + self.pairs.len() * PairScore::BYTES);
        bytes.extend(self.step.to_le_bytes());
        bytes.extend(self.first_step.to_le_bytes());
        bytes.extend(self.pairs.iter().flat_map(PairScore::encode));
        bytes
    }

    /// `None`: these bytes are incomplete or of another kind.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (header, records) = bytes.split_at_checked(Self::HEADER)?;
        if !records.len().is_multiple_of(PairScore::BYTES) {
            return None;
        }
        let mut header = Fields(header);
        let pairs = records.chunks_exact(PairScore::BYTES).map(PairScore::decode);
        Some(Self {
            step: header.u64()?,
            first_step: header.u64()?,
            pairs: pairs.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_back_as_it_was_and_half_of_one_is_none() {
        let pair = PairScore {
            first: -0.5,
            margin: 0.25,
            reward_margin: Some(1.5),
            ever_right: true,
            fills_cutoff: false,
            has_tokens: true,
            prompt_tokens: 10,
            chosen_tokens: 20,
            rejected_tokens: 30,
            prompt: u64::MAX,
        };
        let other = PairScore {
            reward_margin: None,
            ever_right: false,
            fills_cutoff: true,
            ..pair
        };
        let scores = PairScores {
            step: 40,
            first_step: 0,
            pairs: vec![pair, other],
        };
        let bytes = scores.encode();
        assert_eq!(bytes.len(), PairScores::HEADER + 2 * PairScore::BYTES);
        assert_eq!(PairScores::decode(&bytes), Some(scores));
        assert_eq!(PairScores::decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(PairScores::decode(&[0; 3]), None);
        assert!(pair.is_right() && !pair.was_right());
    }
}
