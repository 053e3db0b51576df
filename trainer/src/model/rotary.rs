//! How far queries and keys turn: one table for each rule that blocks have.
use crate::error::{Error, Result};
use crate::ops::Device;
use crate::ops::rope::Table;
use protocol::decoder::{DecoderSpec, PositionSpec, RotaryScaling, RotarySpec};

/// The tables of a decoder's blocks; those with one rule share one.
pub struct RotaryTables {
    tables: Vec<Table>,
    /// which is a block's, where it turns
    of_block: Vec<Option<usize>>,
}

impl RotaryTables {
    /// For this many positions.
    pub fn new(decoder: &DecoderSpec, positions: usize, device: &Device) -> Result<Self> {
        let mut rules: Vec<&RotarySpec> = vec![];
        let mut of_block = Vec::with_capacity(decoder.blocks.len());
        for block in &decoder.blocks {
            of_block.push(match &block.attention.position {
                PositionSpec::None | PositionSpec::Alibi(_) => None,
                PositionSpec::Rotary(rule) => {
                    Some(rules.iter().position(|known| *known == rule).unwrap_or_else(|| {
                        rules.push(rule);
                        rules.len() - 1
                    }))
                }
            });
        }
        let tables = rules
            .into_iter()
            .map(|rule| Table::new(&frequencies(rule)?, positions, device));
        Ok(Self {
            tables: tables.collect::<Result<_>>()?,
            of_block,
        })
    }

    /// Of a block whose queries and keys turn.
    pub fn of_block(&self, index: usize) -> Option<&Table> {
        self.of_block[index].map(|table| &self.tables[table])
    }

    /// How many positions the tables have room for.
    pub fn positions(&self) -> usize {
        self.tables.first().map_or(usize::MAX, Table::positions)
    }
}

/// Rotary frequencies, `[dims / 2]`, in f32 as transformers computes them.
pub fn frequencies(rule: &RotarySpec) -> Result<Vec<f32>> {
    let dims = rule.dims as f32;
    let plain = (0..rule.dims / 2).map(|i| 1.0 / (rule.theta as f32).powf((2 * i) as f32 / dims));
    Ok(match rule.scaling {
        RotaryScaling::None => plain.collect(),
        RotaryScaling::Linear { factor } => plain.map(|f| f / factor as f32).collect(),
        RotaryScaling::Llama3 {
            factor,
            low,
            high,
            original,
        } => plain
            .map(|f| {
                let wavelength = std::f64::consts::TAU / f64::from(f);
                if wavelength < original / high {
                    return f;
                }
                if wavelength > original / low {
                    return (f64::from(f) / factor) as f32;
                }
                let smooth = (original / wavelength - low) / (high - low);
                ((1.0 - smooth) * f64::from(f) / factor + smooth * f64::from(f)) as f32
            })
            .collect(),
        RotaryScaling::Dynamic { .. } | RotaryScaling::Yarn { .. } | RotaryScaling::LongRope { .. } => {
            return Err(Error::internal("these frequencies are not known yet"));
        }
    })
}
