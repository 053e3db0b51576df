//! The modules of a decoder in the order of the model: what memory is counted by, what is loaded, and what may train.

use super::{BlockSpec, DecoderSpec, ExpertsSpec, HeadSpec, MlpSpec, NetworkForm, NetworkSpec, NormedOver, Residual};

/// What a module is in its decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Embedding,
    /// Of the block with this number.
    Block(usize, BlockRole),
    FinalNorm,
    Head,
}

/// What a module is in its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockRole {
    /// Before attention.
    AttentionNorm,
    /// Before the MLP.
    MlpNorm,
    QueryNorm,
    KeyNorm,
    Query,
    Key,
    Value,
    /// From the heads back to the residual stream.
    Output,
    /// Which experts a token goes to.
    Router,
    Mlp(Network, Projection),
    /// How much of the shared expert a token takes.
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
    /// A weight `[rows, columns]` whose rows are tokens.
    Table { rows: usize, columns: usize },
    /// A weight `[width]`.
    Norm { width: usize },
    /// A weight `[output, input]`, and `[output]` where there is a bias.
    Linear { input: usize, output: usize, bias: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleSpec {
    pub role: Role,
    pub shape: Shape,
}

impl DecoderSpec {
    /// All modules: the embedding, of each block its norms and then its linear layers, the last norm, and the head where it
    /// has a table of its own.
    pub fn modules(&self) -> Vec<ModuleSpec> {
        let table = Shape::Table {
            rows: self.embedding.vocabulary,
            columns: self.hidden,
        };
        let mut all = vec![ModuleSpec {
            role: Role::Embedding,
            shape: table,
        }];
        for (i, block) in self.blocks.iter().enumerate() {
            let of_block = block.modules(self.hidden).into_iter();
            all.extend(of_block.map(|(role, shape)| ModuleSpec {
                role: Role::Block(i, role),
                shape,
            }));
        }
        all.push(ModuleSpec {
            role: Role::FinalNorm,
            shape: Shape::Norm { width: self.hidden },
        });
        match self.head {
            HeadSpec::Tied => {}
            HeadSpec::Own => all.push(ModuleSpec {
                role: Role::Head,
                shape: table,
            }),
        }
        all
    }
}

impl BlockSpec {
    /// Its modules where the residual stream is so wide.
    pub fn modules(&self, hidden: usize) -> Vec<(BlockRole, Shape)> {
        let a = &self.attention;
        let mut all = vec![];
        match self.residual {
            Residual::Sequential { .. } => {
                let norm = Shape::Norm { width: hidden };
                all.extend([(BlockRole::AttentionNorm, norm), (BlockRole::MlpNorm, norm)]);
            }
        }
        match &a.qk_norm {
            None => {}
            Some(qk) => {
                let norm = |heads: usize| Shape::Norm {
                    width: match qk.over {
                        NormedOver::OneHead => a.head_dim,
                        NormedOver::EachHead | NormedOver::Width => heads * a.head_dim,
                    },
                };
                all.extend([
                    (BlockRole::QueryNorm, norm(a.heads)),
                    (BlockRole::KeyNorm, norm(a.kv_heads)),
                ]);
            }
        }
        all.extend([
            (BlockRole::Query, linear(hidden, a.query_width(), a.qkv_bias)),
            (BlockRole::Key, linear(hidden, a.key_width(), a.qkv_bias)),
            (BlockRole::Value, linear(hidden, a.value_width(), a.qkv_bias)),
            (BlockRole::Output, linear(a.output_width(), hidden, a.output_bias)),
        ]);
        match &self.mlp {
            MlpSpec::Dense(network) => all.extend(network.modules(Network::Dense, hidden)),
            MlpSpec::Experts(experts) => all.extend(experts.modules(hidden)),
        }
        all
    }
}

impl NetworkSpec {
    fn modules(&self, network: Network, hidden: usize) -> impl Iterator<Item = (BlockRole, Shape)> + use<> {
        let (width, bias) = (self.width, self.bias);
        let NetworkForm::Gated(_) = self.form;
        [
            (Projection::Gate, linear(hidden, width, bias)),
            (Projection::Up, linear(hidden, width, bias)),
            (Projection::Down, linear(width, hidden, bias)),
        ]
        .into_iter()
        .map(move |(projection, shape)| (BlockRole::Mlp(network, projection), shape))
    }
}

impl ExpertsSpec {
    fn modules(&self, hidden: usize) -> Vec<(BlockRole, Shape)> {
        let mut all = vec![(BlockRole::Router, linear(hidden, self.count, false))];
        for expert in 0..self.count {
            all.extend(self.expert.modules(Network::Expert(expert), hidden));
        }
        if let Some(shared) = self.shared_network() {
            all.extend(shared.modules(Network::Shared, hidden));
            all.push((BlockRole::SharedGate, linear(hidden, 1, false)));
        }
        all
    }
}

fn linear(input: usize, output: usize, bias: bool) -> Shape {
    Shape::Linear { input, output, bias }
}
