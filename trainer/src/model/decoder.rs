//! The decoder itself: what its config says, its weights, and the rotary tables of the positions in use.
use super::attention;
use super::config::ModelConfig;
use super::modules::not_computed;
use super::rotary::RotaryTables;
use super::weights::Weights;
use crate::error::Result;
use crate::ops::Engine;
use protocol::decoder::{DecoderSpec, NormSpec};

pub struct Decoder {
    pub config: ModelConfig,
    pub weights: Weights,
    pub rotary: RotaryTables,
}

impl Decoder {
    pub fn new(engine: &Engine, config: ModelConfig, weights: Weights) -> Result<Self> {
        config
            .decoder
            .blocks
            .iter()
            .try_for_each(|block| attention::check(&block.attention))?;
        Ok(Self {
            rotary: RotaryTables::new(&config.decoder, 0, engine.device())?,
            weights,
            config,
        })
    }

    /// The norm of what the last block gives.
    pub fn final_norm(&self) -> Result<&NormSpec> {
        let norm = self.spec().norm.as_ref();
        norm.ok_or_else(|| not_computed("a decoder without a last norm"))
    }

    pub fn spec(&self) -> &DecoderSpec {
        &self.config.decoder
    }

    /// The width of the hidden states between blocks.
    pub fn hidden(&self) -> usize {
        self.config.decoder.hidden
    }

    pub fn vocabulary(&self) -> usize {
        self.config.vocabulary()
    }

    pub fn layers(&self) -> usize {
        self.config.layers()
    }

    /// Grows the rotary tables to hold `positions`.
    pub fn reserve_positions(&mut self, engine: &Engine, positions: usize) -> Result<()> {
        if self.rotary.positions() < positions {
            let room = positions.next_power_of_two();
            self.rotary = RotaryTables::new(&self.config.decoder, room, engine.device())?;
        }
        Ok(())
    }

    /// Makes the rotary tables anew, after blocks were put elsewhere.
    pub fn reset_rotary(&mut self, engine: &Engine) -> Result<()> {
        self.rotary = RotaryTables::new(&self.config.decoder, self.rotary.positions(), engine.device())?;
        Ok(())
    }
}
