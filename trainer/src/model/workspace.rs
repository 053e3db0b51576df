//! The buffers that passes work in, grown on first use and reused, and what a pass leaves in them for its backward pass.
use super::balance::Balance;
use super::buffers::{SavedBlock, Scratch};
use super::head::HeadTermBuffers;
use super::passes::{EmbeddingBuffers, ProjectionBuffers};
use crate::error::Result;
use crate::ops::{Buf, Engine, act, head};
use protocol::decoder::DecoderSpec;

pub struct Workspace {
    /// one per block, and one more for passes that keep nothing
    pub saved: Vec<SavedBlock>,
    pub scratch: Scratch,
    /// the hidden states between blocks, or their gradient; `[tokens, hidden]`
    pub hidden_states: Buf,
    pub embedding: EmbeddingBuffers,
    pub rows: RowBuffers,
    pub decoding: DecodingBuffers,
    pub kept: Option<Kept>,
    /// bytes that saved activations may take where a pass says no other: half of the memory this process may use
    pub activation_memory: u64,
}

/// What a forward pass left for the backward pass, beside the saved activations.
pub struct Kept {
    /// of the plan it was over
    pub tokens: usize,
    pub rows: usize,
    pub dropout_seed: Option<u64>,
    /// blocks from the lowest that trains up to this one are recomputed
    pub recomputed: usize,
    pub balance: Option<Balance>,
}

/// Buffers over the rows that count, in f32 whatever passes compute in.
pub struct RowBuffers {
    /// hidden states before and after the last norm, `[rows, hidden]`
    pub x: Buf,
    pub normed: Rounded,
    /// of an adapter on the head
    pub head_term: HeadTermBuffers,
    pub projection: ProjectionBuffers,
    /// dlogp / d(hidden state), before the coefficients
    pub unit: Buf,
    pub stats: Buf,
    pub logits: Buf,
}

/// Numbers in f32 that passes compute on.
pub struct Rounded {
    pub exact: Buf,
    /// the same in the type that passes compute in, where that is another
    rounded: Buf,
}

impl Rounded {
    pub fn new(engine: &Engine) -> Result<Self> {
        Ok(Self {
            exact: Buf::zeros(0, engine.device())?,
            rounded: engine.buffer()?,
        })
    }

    /// What passes read.
    pub fn read(&self) -> &Buf {
        match self.rounded.dtype() == self.exact.dtype() {
            true => &self.exact,
            false => &self.rounded,
        }
    }

    pub fn reserve(&mut self, len: usize) -> Result<()> {
        if self.rounded.dtype() != self.exact.dtype() {
            self.rounded.fit(len)?;
        }
        Ok(())
    }

    /// To be written in the type that passes compute in.
    pub fn written(&mut self, len: usize) -> Result<&mut Buf> {
        match self.rounded.dtype() == self.exact.dtype() {
            true => self.exact.fit(len),
            false => self.rounded.fit(len),
        }
    }

    /// The exact values of what was written so.
    pub fn widened(&mut self, engine: &Engine, len: usize) -> Result<&Buf> {
        if self.rounded.dtype() != self.exact.dtype() {
            engine.run(act::Copy {
                from: self.rounded.view(),
                to: self.exact.fit(len)?.view_mut(),
                len,
            })?;
        }
        Ok(&self.exact)
    }

    /// Brings the rounded values up to the exact ones, of which there are so many.
    pub fn round(&mut self, engine: &Engine, len: usize) -> Result<()> {
        match self.rounded.dtype() == self.exact.dtype() {
            true => Ok(()),
            false => engine.run(act::Copy {
                from: self.exact.view(),
                to: self.rounded.fit(len)?.view_mut(),
                len,
            }),
        }
    }
}

/// The last token's hidden state while decoding, before and after the last norm; `[hidden]`.
pub struct DecodingBuffers {
    pub x: Buf,
    pub normed: Buf,
    pub embedding: EmbeddingBuffers,
    pub projection: ProjectionBuffers,
    /// `[rank]`, of an adapter on the head
    pub head_hidden: Buf,
}

impl RowBuffers {
    pub fn new(engine: &Engine) -> Result<Self> {
        let buf = || Buf::zeros(0, engine.device());
        Ok(Self {
            x: buf()?,
            normed: Rounded::new(engine)?,
            head_term: HeadTermBuffers::new(engine)?,
            projection: ProjectionBuffers::new(engine)?,
            unit: buf()?,
            stats: buf()?,
            logits: buf()?,
        })
    }

    /// Makes room for so many rows.
    pub fn reserve(&mut self, rows: usize, decoder: &DecoderSpec, unit_grad: bool) -> Result<()> {
        let (hidden, width) = (decoder.hidden, decoder.embedding.width);
        self.x.fit(rows * hidden)?;
        self.normed.exact.fit(rows * hidden.max(width))?;
        self.normed.reserve(rows * width)?;
        self.unit.fit(if unit_grad { rows * hidden.max(width) } else { 0 })?;
        self.stats.fit(head::STATS * rows)?;
        self.logits.fit(head::scratch_len(rows, decoder.embedding.vocabulary))?;
        Ok(())
    }
}

impl Workspace {
    pub fn new(engine: &Engine, blocks: usize) -> Result<Self> {
        let buf = || Buf::zeros(0, engine.device());
        Ok(Self {
            saved: saved(engine, blocks)?,
            scratch: Scratch::new(engine)?,
            hidden_states: engine.buffer()?,
            embedding: EmbeddingBuffers::new(engine)?,
            rows: RowBuffers::new(engine)?,
            decoding: DecodingBuffers {
                x: buf()?,
                normed: buf()?,
                embedding: EmbeddingBuffers::new(engine)?,
                projection: ProjectionBuffers::new(engine)?,
                head_hidden: buf()?,
            },
            kept: None,
            activation_memory: engine.device().usable_memory()? / 2,
        })
    }

    /// For a model of so many blocks, after they were put elsewhere.
    pub fn resize(&mut self, engine: &Engine, blocks: usize) -> Result<()> {
        self.saved = saved(engine, blocks)?;
        Ok(())
    }

    /// Where the blocks of a pass that keeps nothing work: in the first one's place, unless a kept pass waits there, or blocks
    /// are made again in a place of their own.
    pub fn spare(&self) -> usize {
        let last = self.saved.len() - 1;
        match self.kept.is_some() || self.saved[last].has_room() {
            true => last,
            false => 0,
        }
    }
}

fn saved(engine: &Engine, blocks: usize) -> Result<Vec<SavedBlock>> {
    (0..=blocks).map(|_| SavedBlock::new(engine)).collect()
}
