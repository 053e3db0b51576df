//! The modules of a decoder in the order of the model: the list that counting memory, loading and training go by.

use super::{
    AttentionSpec, BlockSpec, DecoderSpec, ExpertsSpec, HeadTable, LatentSpec, MlpSpec, NetworkForm, NetworkSpec,
    NormSpec, NormWeight, NormedOver, SharedSpec,
};

/// What a module is in its decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Embedding,
    /// The table of learned positions.
    Positions,
    EmbeddingNorm,
    /// From the embedding's width to the residual stream's.
    ProjectIn,
    /// A module of the block with this number, from 0.
    Block(usize, BlockRole),
    FinalNorm,
    /// From the residual stream's width to the head's.
    ProjectOut,
    Head,
    /// Added to the logits; stored as the head's bias.
    HeadBias,
}

/// What a module is in its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockRole {
    /// Before attention.
    AttentionNorm,
    /// After attention.
    AfterAttentionNorm,
    /// Before the MLP.
    MlpNorm,
    /// After the MLP.
    AfterMlpNorm,
    QueryNorm,
    KeyNorm,
    Query,
    Key,
    Value,
    /// An extra logit of each head that takes part in its softmax: the attention sinks.
    Sinks,
    /// From the residual stream to the queries' latent; then the latent's norm, and the layer from it to the heads.
    QueryDown,
    QueryDownNorm,
    QueryUp,
    /// The same for the latent of keys and values.
    KeyValueDown,
    KeyValueDownNorm,
    KeyValueUp,
    /// From the heads back to the residual stream.
    Output,
    /// Scores the experts for a token.
    Router,
    /// Added to the scores only to choose experts; it never trains.
    Correction,
    Mlp(Network, Projection),
    /// Weighs the shared expert's output for each token.
    SharedGate,
}

/// A feed-forward network of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Network {
    Dense,
    Expert(usize),
    Shared,
}

/// A linear layer of a feed-forward network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Projection {
    Gate,
    Up,
    Down,
}

/// The tensors of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A weight `[rows, columns]` with a row for each token or position.
    Table { rows: usize, columns: usize },
    /// A weight and a bias `[width]`, each where there is one.
    Norm {
        width: usize,
        weight: NormWeight,
        bias: bool,
    },
    /// A vector `[width]` by itself.
    Bias { width: usize },
    /// A weight `[output, input]`, and `[output]` where there is a bias.
    Linear { input: usize, output: usize, bias: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleSpec {
    pub role: Role,
    pub shape: Shape,
}

impl DecoderSpec {
    /// All modules: those before the blocks, then for each block its norms and then its linear layers, then those after the
    /// blocks. Norms without weights are left out.
    pub fn modules(&self) -> Vec<ModuleSpec> {
        let embedding = &self.embedding;
        let table = Shape::Table {
            rows: embedding.vocabulary,
            columns: embedding.width,
        };
        let norm = |role, spec: &Option<NormSpec>| Some((role, spec.as_ref()?.shape(self.hidden)?));
        let projected = self.projects();
        let of_positions = embedding.positions.as_ref().map(|positions| Shape::Table {
            rows: positions.rows(),
            columns: self.hidden,
        });
        let before = [
            Some((Role::Embedding, table)),
            of_positions.map(|shape| (Role::Positions, shape)),
            norm(Role::EmbeddingNorm, &embedding.norm),
            projected.then(|| (Role::ProjectIn, linear(embedding.width, self.hidden, false))),
        ];
        let of_blocks = self.blocks.iter().enumerate().flat_map(|(i, block)| {
            let modules = block.modules(self.hidden).into_iter();
            modules.map(move |(role, shape)| (Role::Block(i, role), shape))
        });
        let bias = Shape::Bias {
            width: embedding.vocabulary,
        };
        let after = [
            norm(Role::FinalNorm, &self.norm),
            projected.then(|| (Role::ProjectOut, linear(self.hidden, embedding.width, false))),
            (self.head.table == HeadTable::Own).then_some((Role::Head, table)),
            self.head.bias.then_some((Role::HeadBias, bias)),
        ];
        let all = before.into_iter().flatten().chain(of_blocks);
        let all = all.chain(after.into_iter().flatten());
        all.map(|(role, shape)| ModuleSpec { role, shape }).collect()
    }
}

impl NormSpec {
    /// Its tensors for vectors of this width; `None`: it has none.
    pub fn shape(&self, width: usize) -> Option<Shape> {
        let (weight, bias) = (self.weight, self.bias);
        self.has_tensors().then_some(Shape::Norm { width, weight, bias })
    }
}

impl BlockSpec {
    /// Its modules, for a residual stream of width `hidden`.
    pub fn modules(&self, hidden: usize) -> Vec<(BlockRole, Shape)> {
        let a = &self.attention;
        let norms = self.norms.all().into_iter();
        let norms = norms.filter_map(|(role, spec)| Some((role, spec?.shape(hidden)?)));
        let mut all: Vec<_> = norms.collect();
        match &a.qk_norm {
            None => {}
            Some(qk) => {
                let norm = |role, heads: usize| {
                    let width = match qk.over {
                        NormedOver::OneHead => a.head_dim,
                        NormedOver::EachHead | NormedOver::Width => heads * a.head_dim,
                    };
                    Some((role, qk.norm.shape(width)?))
                };
                all.extend(norm(BlockRole::QueryNorm, a.heads));
                all.extend(norm(BlockRole::KeyNorm, a.kv_heads));
            }
        }
        if a.sinks {
            all.push((BlockRole::Sinks, Shape::Bias { width: a.heads }));
        }
        match &a.latent {
            None => all.extend([
                (BlockRole::Query, linear(hidden, a.query_width(), a.qkv_bias)),
                (BlockRole::Key, linear(hidden, a.key_width(), a.qkv_bias)),
                (BlockRole::Value, linear(hidden, a.value_width(), a.qkv_bias)),
            ]),
            Some(latent) => all.extend(a.latent_modules(latent, hidden)),
        }
        all.push((BlockRole::Output, linear(a.output_width(), hidden, a.output_bias)));
        match &self.mlp {
            MlpSpec::Dense(network) => all.extend(network.modules(Network::Dense, hidden)),
            MlpSpec::Experts(experts) => all.extend(experts.modules(hidden)),
        }
        all
    }
}

impl AttentionSpec {
    fn latent_modules(&self, latent: &LatentSpec, hidden: usize) -> Vec<(BlockRole, Shape)> {
        let turned = self.head_dim - self.before_rotary();
        let up = self.heads * (self.before_rotary() + self.value_dim);
        let norm = |role, width| Some((role, latent.norm.shape(width)?));
        let down = |role, output| (role, linear(hidden, output, self.qkv_bias));
        let rank = latent.query_rank;
        let norms = [
            rank.and_then(|rank| norm(BlockRole::QueryDownNorm, rank)),
            norm(BlockRole::KeyValueDownNorm, latent.rank),
        ];
        let query = match rank {
            None => (BlockRole::Query, linear(hidden, self.query_width(), false)),
            Some(rank) => (BlockRole::QueryUp, linear(rank, self.query_width(), false)),
        };
        let linears = [
            rank.map(|rank| down(BlockRole::QueryDown, rank)),
            Some(query),
            Some(down(BlockRole::KeyValueDown, latent.rank + turned)),
            Some((BlockRole::KeyValueUp, linear(latent.rank, up, false))),
        ];
        norms.into_iter().chain(linears).flatten().collect()
    }
}

impl NetworkSpec {
    fn modules(&self, network: Network, hidden: usize) -> impl Iterator<Item = (BlockRole, Shape)> + use<> {
        let (width, bias) = (self.width, self.bias);
        let inner = linear(hidden, width, bias);
        let gate = match self.form {
            NetworkForm::Gated(_) | NetworkForm::Clamped { .. } => Some((Projection::Gate, inner)),
            NetworkForm::Plain(_) => None,
        };
        let all = [
            gate,
            Some((Projection::Up, inner)),
            Some((Projection::Down, linear(width, hidden, bias))),
        ];
        let all = all.into_iter().flatten();
        all.map(move |(projection, shape)| (BlockRole::Mlp(network, projection), shape))
    }
}

impl ExpertsSpec {
    fn modules(&self, hidden: usize) -> Vec<(BlockRole, Shape)> {
        let mut all = vec![(BlockRole::Router, linear(hidden, self.count, self.router.bias))];
        if self.router.correction {
            all.push((BlockRole::Correction, Shape::Bias { width: self.count }));
        }
        for expert in 0..self.count {
            all.extend(self.expert.modules(Network::Expert(expert), hidden));
        }
        if let Some(shared) = &self.shared {
            all.extend(shared.network().modules(Network::Shared, hidden));
            match shared {
                SharedSpec::Plain(_) => {}
                SharedSpec::Gated(_) => all.push((BlockRole::SharedGate, linear(hidden, 1, false))),
            }
        }
        all
    }
}

fn linear(input: usize, output: usize, bias: bool) -> Shape {
    Shape::Linear { input, output, bias }
}
