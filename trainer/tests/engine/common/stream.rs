//! The residual stream as candle's differentiable operations: what comes into it, blocks of every form, and the head.

use super::{Naive, Routed, experts, parts};
use candle_core::{Result, Tensor};
use protocol::decoder::{BlockRole, Network, NetworkForm, NormSpec, Projection, Residual, Role};

impl Naive<'_> {
    pub(super) fn path(&self, role: Role) -> String {
        self.config.family.weights.path(role)
    }

    fn normed(&self, role: Role, spec: Option<&NormSpec>, x: &Tensor) -> Result<Tensor> {
        let Some(spec) = spec else { return Ok(x.clone()) };
        let of = |kind: &str| self.weights.get(&format!("{}.{kind}", self.path(role)));
        parts::normalized(spec, x, of("weight"), of("bias"))
    }

    /// `[tokens, hidden]`
    pub fn embedded(&self, tokens: &[u32]) -> Result<Tensor> {
        let spec = &self.config.decoder.embedding;
        let table = |role| self.get(&format!("{}.weight", self.path(role)));
        let embed = table(Role::Embedding);
        let mut x = (embed.index_select(&Tensor::new(tokens, embed.device())?, 0)? * spec.scale)?;
        if self.config.decoder.projects() {
            x = self.linear(&self.path(Role::ProjectIn), &x)?;
        }
        if let Some(positions) = &spec.positions {
            x = (x + table(Role::Positions).narrow(0, positions.offset, tokens.len())?)?;
        }
        self.normed(Role::EmbeddingNorm, spec.norm.as_ref(), &x)
    }

    /// What block `i` makes of the stream.
    pub fn block(&self, i: usize, x: &Tensor, routed: &mut Vec<Routed>) -> Result<Tensor> {
        let block = &self.config.decoder.blocks[i];
        let norms = &block.norms;
        let norm = |role, spec: &Option<NormSpec>, x: &Tensor| self.normed(Role::Block(i, role), spec.as_ref(), x);
        let before = |x: &Tensor| norm(BlockRole::AttentionNorm, &norms.before_attention, x);
        let after_attention = |x: &Tensor| norm(BlockRole::AfterAttentionNorm, &norms.after_attention, x);
        let before_mlp = |x: &Tensor| norm(BlockRole::MlpNorm, &norms.before_mlp, x);
        let after_mlp = |x: &Tensor| norm(BlockRole::AfterMlpNorm, &norms.after_mlp, x);
        let attended = self.attention(i, &before(x)?)?;
        let mut mlp = |x: &Tensor| self.mlp(i, x, routed);
        let scale = block.branch_scale;
        match block.residual {
            Residual::Sequential => {
                let m = (x + (after_attention(&attended)? * scale)?)?;
                let y = mlp(&before_mlp(&m)?)?;
                m + (after_mlp(&y)? * scale)?
            }
            Residual::Parallel => {
                let input = if norms.before_mlp.is_some() {
                    before_mlp(x)?
                } else {
                    before(x)?
                };
                let y = mlp(&input)?;
                (x + (after_attention(&attended)? * scale)?)? + (after_mlp(&y)? * scale)?
            }
            Residual::PostNorm => {
                let m = after_attention(&(x + (attended * scale)?)?)?;
                let y = mlp(&before_mlp(&m)?)?;
                after_mlp(&(m + (y * scale)?)?)
            }
        }
    }

    /// `[tokens, vocab]` of what the last block gave.
    pub fn head(&self, x: &Tensor) -> Result<Tensor> {
        let decoder = &self.config.decoder;
        let mut h = self.normed(Role::FinalNorm, decoder.norm.as_ref(), x)?;
        if decoder.projects() {
            h = self.linear(&self.path(Role::ProjectOut), &h)?;
        }
        let head = self.path(Role::Head);
        let table = self.weights.get(&format!("{head}.weight"));
        let table = table.unwrap_or_else(|| self.get(&format!("{}.weight", self.path(Role::Embedding))));
        parts::logits(&decoder.head, &h, table, self.weights.get(&format!("{head}.bias")))
    }

    /// A network of block `i`.
    pub fn network(&self, i: usize, network: Network, form: NetworkForm, h: &Tensor) -> Result<Tensor> {
        let layer = |projection, x: &Tensor| {
            let role = BlockRole::Mlp(network, projection);
            self.linear(&self.path(Role::Block(i, role)), x)
        };
        let up = layer(Projection::Up, h)?;
        let inner = match form {
            NetworkForm::Gated(activation) => (parts::activated(activation, &layer(Projection::Gate, h)?)? * up)?,
            NetworkForm::Clamped { limit, slope } => experts::clamped(&layer(Projection::Gate, h)?, &up, limit, slope)?,
            NetworkForm::Plain(activation) => parts::activated(activation, &up)?,
        };
        layer(Projection::Down, &inner)
    }
}
