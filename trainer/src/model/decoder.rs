//! The decoder itself: what its config says, its weights, and the tables of the positions in use.
use super::Mode;
use super::attention;
use super::config::ModelConfig;
use super::positions::PositionTables;
use super::rotary::Texts;
use super::weights::Weights;
use crate::error::Result;
use crate::ops::Engine;
use protocol::decoder::{DecoderSpec, doublings};

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
            positions: PositionTables::new(&config.decoder, 0, Texts::of(Mode::Training, 0), engine.device())?,
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

    /// How many rotations its tables have of each position.
    pub fn rotations(&self) -> usize {
        let texts = self.positions.texts();
        match (self.spec().turns_past(), texts.mode) {
            (Some(past), Mode::Inference) => 1 + doublings(past, texts.settled) as usize,
            _ => 1,
        }
    }

    /// Makes the tables hold so many positions of such texts. Whether queries and keys turn otherwise than before.
    pub fn fit_positions(&mut self, engine: &Engine, room: usize, texts: Texts) -> Result<bool> {
        let (enough, alike) = (
            room <= self.positions.room(),
            self.positions.fit(&self.config.decoder, texts),
        );
        if !enough || !alike {
            let room = room.next_power_of_two().max(self.positions.room());
            self.positions = PositionTables::new(&self.config.decoder, room, texts, engine.device())?;
        }
        Ok(!alike)
    }

    /// Makes the tables anew, after blocks were put elsewhere.
    pub fn reset_positions(&mut self, engine: &Engine) -> Result<()> {
        let (room, texts) = (self.positions.room(), self.positions.texts());
        self.positions = PositionTables::new(&self.config.decoder, room, texts, engine.device())?;
        Ok(())
    }
}
