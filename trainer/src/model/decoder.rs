//! The decoder itself: what its config says, its weights, and the tables of the positions in use.
use super::attention;
use super::config::ModelConfig;
use super::positions::PositionTables;
use super::weights::Weights;
use crate::error::Result;
use crate::ops::Engine;
use protocol::decoder::DecoderSpec;

pub struct Decoder {
    pub config: ModelConfig,
    pub weights: Weights,
    pub positions: PositionTables,
}

impl Decoder {
    pub fn new(engine: &Engine, config: ModelConfig, weights: Weights) -> Result<Self> {
        config
            .decoder
            .blocks
            .iter()
            .try_for_each(|block| attention::check(&block.attention))?;
        Ok(Self {
            positions: PositionTables::new(&config.decoder, 0, 0, engine.device())?,
            weights,
            config,
        })
    }

    pub fn spec(&self) -> &DecoderSpec {
        &self.config.decoder
    }

    /// The width of the hidden states between blocks.
    pub fn hidden(&self) -> usize {
        self.config.decoder.hidden
    }

    /// The width of the embedding's and the head's table.
    pub fn table_width(&self) -> usize {
        self.config.decoder.embedding.width
    }

    pub fn vocabulary(&self) -> usize {
        self.config.vocabulary()
    }

    pub fn layers(&self) -> usize {
        self.config.layers()
    }

    /// Makes the tables hold so many positions, for batches whose longest row is so long. Whether queries and keys turn otherwise
    /// than before.
    pub fn fit_positions(&mut self, engine: &Engine, room: usize, longest: usize) -> Result<bool> {
        let (enough, alike) = (
            room <= self.positions.room(),
            self.positions.fit(&self.config.decoder, longest),
        );
        if !enough || !alike {
            let room = room.next_power_of_two().max(self.positions.room());
            self.positions = PositionTables::new(&self.config.decoder, room, longest, engine.device())?;
        }
        Ok(!alike)
    }

    /// Makes the tables anew, after blocks were put elsewhere.
    pub fn reset_positions(&mut self, engine: &Engine) -> Result<()> {
        let (room, longest) = (self.positions.room(), self.positions.longest());
        self.positions = PositionTables::new(&self.config.decoder, room, longest, engine.device())?;
        Ok(())
    }
}
