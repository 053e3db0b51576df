//! What blocks know of positions beside who sees whom: rotary tables, factors of queries, slopes of biases. Blocks with one rule
//! share one.
use super::Mode;
use super::rotary::{Texts, rotations, turn_alike};
use crate::error::Result;
use crate::ops::attention::Alibi;
use crate::ops::rope::Table;
use crate::ops::{Buf, Device};
use half::bf16;
use protocol::decoder::{AlibiSpec, BlockSpec, DecoderSpec, PositionSpec, RotarySpec, Temperature};

/// The tables of a decoder's blocks, for so many positions and for such texts.
pub struct PositionTables {
    rotary: PerRule<Table>,
    temperatures: PerRule<Buf>,
    slopes: PerRule<(AlibiSpec, Buf)>,
    room: usize,
    texts: Texts,
}

/// What was made for each of the rules that some blocks have.
struct PerRule<T> {
    made: Vec<T>,
    /// which is a block's, where it has one
    of_block: Vec<Option<usize>>,
}

impl<T> PerRule<T> {
    fn new<R: PartialEq>(
        blocks: &[BlockSpec],
        rule: impl Fn(&BlockSpec) -> Option<R>,
        make: impl Fn(&R) -> Result<T>,
    ) -> Result<Self> {
        let mut known: Vec<R> = vec![];
        let of_block = blocks.iter().map(|block| {
            rule(block).map(|rule| {
                known.iter().position(|other| *other == rule).unwrap_or_else(|| {
                    known.push(rule);
                    known.len() - 1
                })
            })
        });
        let of_block = of_block.collect();
        Ok(Self {
            made: known.iter().map(make).collect::<Result<_>>()?,
            of_block,
        })
    }

    fn get(&self, block: usize) -> Option<&T> {
        self.of_block.get(block).copied().flatten().map(|i| &self.made[i])
    }
}

impl PositionTables {
    pub fn new(decoder: &DecoderSpec, room: usize, texts: Texts, device: &Device) -> Result<Self> {
        let blocks = &decoder.blocks;
        let alibi = |block: &BlockSpec| match block.attention.position {
            PositionSpec::Alibi(alibi) => Some((alibi, block.attention.heads)),
            PositionSpec::None | PositionSpec::Rotary(_) => None,
        };
        Ok(Self {
            rotary: PerRule::new(
                blocks,
                |block| turning(block).cloned(),
                |rule| Table::new(&rotations(rule, texts), room, device),
            )?,
            temperatures: PerRule::new(
                blocks,
                |block| warming(block, texts.mode),
                |rule| Buf::from_vec((0..room).map(|position| factor(*rule, position)).collect(), device),
            )?,
            slopes: PerRule::new(blocks, alibi, |(alibi, heads)| {
                let rounded = |slope: f32| match alibi {
                    AlibiSpec::Plain => slope,
                    AlibiSpec::Rounded => bf16::from_f32(slope).to_f32(),
                };
                let slopes = alibi.slopes(*heads).into_iter().map(rounded).collect();
                Ok((*alibi, Buf::from_vec(slopes, device)?))
            })?,
            room,
            texts,
        })
    }

    pub fn rotary(&self, block: usize) -> Option<&Table> {
        self.rotary.get(block)
    }

    /// `[positions]`, what queries are multiplied with.
    pub fn temperature(&self, block: usize) -> Option<&Buf> {
        self.temperatures.get(block)
    }

    pub fn alibi(&self, block: usize) -> Option<Alibi<'_>> {
        self.slopes.get(block).map(|(alibi, slopes)| Alibi {
            slopes: slopes.view(),
            rounded: *alibi == AlibiSpec::Rounded,
        })
    }

    /// How many positions there is room for.
    pub fn room(&self) -> usize {
        self.room
    }

    /// What texts these are for.
    pub fn texts(&self) -> Texts {
        self.texts
    }

    /// Whether they are what such texts have.
    pub fn fit(&self, decoder: &DecoderSpec, texts: Texts) -> bool {
        let alike = |block| {
            let turned = turning(block).is_none_or(|rule| turn_alike(rule, self.texts, texts));
            turned && warming(block, self.texts.mode) == warming(block, texts.mode)
        };
        decoder.blocks.iter().all(alike)
    }
}

fn turning(block: &BlockSpec) -> Option<&RotarySpec> {
    match &block.attention.position {
        PositionSpec::Rotary(rule) => Some(rule),
        PositionSpec::None | PositionSpec::Alibi(_) => None,
    }
}

/// What grows with the position of a query.
fn warming(block: &BlockSpec, mode: Mode) -> Option<Temperature> {
    match block.attention.temperature {
        Some(Temperature::LogLength { .. }) if mode == Mode::Training => None,
        temperature => temperature,
    }
}

/// Of a query at this position.
fn factor(rule: Temperature, position: usize) -> f32 {
    let place = (position + 1) as f64;
    (match rule {
        Temperature::Stepped { scale, step } => 1.0 + scale * (1.0 + (place / step).floor()).ln(),
        Temperature::LogLength { length } => (place.ln() / (length as f64).ln()).max(1.0),
    }) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_grow_with_their_position() {
        let stepped = Temperature::Stepped { scale: 0.1, step: 4.0 };
        assert_eq!([0, 2].map(|p| factor(stepped, p)), [1.0; 2]);
        assert_eq!(factor(stepped, 3), (1.0 + 0.1 * 2f64.ln()) as f32);
        let log = Temperature::LogLength { length: 8 };
        assert_eq!([0, 7].map(|p| factor(log, p)), [1.0; 2]);
        assert!((factor(log, 63) - 2.0).abs() < 1e-6);
    }
}
