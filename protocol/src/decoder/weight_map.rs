//! The names that checkpoints give the modules of a decoder.

use super::{BlockRole, Fused, HeadNorms, Network, Parameter, Projection, Role, RowOrder, StackedExperts};

/// The names of one family. A tensor's name is its module's followed by `.weight` or `.bias`. Modules that a family does
/// not have also get a name, one that no other module has.
#[derive(Debug)]
pub struct WeightMap {
    pub embedding: &'static str,
    pub positions: &'static str,
    pub embedding_norm: &'static str,
    pub project_in: &'static str,
    /// The path before a block's number, which the names of its modules follow.
    pub blocks: &'static str,
    pub attention_norm: &'static str,
    pub after_attention_norm: &'static str,
    pub mlp_norm: &'static str,
    pub after_mlp_norm: &'static str,
    pub query_norm: &'static str,
    pub key_norm: &'static str,
    /// How the weights of norms are stored that have one for each head.
    pub head_norms: HeadNorms,
    pub query: &'static str,
    pub key: &'static str,
    pub value: &'static str,
    /// The name of the tensor itself.
    pub sinks: &'static str,
    pub query_down: &'static str,
    pub query_down_norm: &'static str,
    pub query_up: &'static str,
    pub key_value_down: &'static str,
    pub key_value_down_norm: &'static str,
    pub key_value_up: &'static str,
    pub output: &'static str,
    pub dense: NetworkNames,
    pub router: &'static str,
    /// Whether transformers has it as a linear layer, which can have an adapter; in some families it is a module of its own.
    pub router_is_linear: bool,
    /// The path before an expert's number.
    pub experts: &'static str,
    /// Names after that number, or after the shared expert's path.
    pub expert: NetworkNames,
    /// Where all experts share their tensors.
    pub stacked: Option<&'static StackedExperts>,
    pub correction: Parameter,
    pub shared: &'static str,
    pub shared_gate: &'static str,
    pub final_norm: &'static str,
    pub project_out: &'static str,
    pub head: &'static str,
    /// Modules that checkpoints keep in one tensor.
    pub fused: &'static [Fused],
    /// Whether linear layers of the blocks are stored as `[input, output]`, as transformers' `Conv1D` is.
    pub transposed: bool,
}

/// The linear layers of a feed-forward network.
#[derive(Debug)]
pub struct NetworkNames {
    pub gate: &'static str,
    pub up: &'static str,
    pub down: &'static str,
}

/// transformers' names for Llama, which most families share.
pub(super) const LLAMA: WeightMap = WeightMap {
    embedding: "model.embed_tokens",
    positions: "model.embed_positions",
    embedding_norm: "model.embed_norm",
    project_in: "model.project_in",
    blocks: "model.layers",
    attention_norm: "input_layernorm",
    after_attention_norm: "after_attention_norm",
    mlp_norm: "post_attention_layernorm",
    after_mlp_norm: "after_mlp_norm",
    query_norm: "self_attn.q_norm",
    key_norm: "self_attn.k_norm",
    head_norms: HeadNorms::Rows,
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    sinks: "self_attn.sinks",
    query_down: "self_attn.q_a_proj",
    query_down_norm: "self_attn.q_a_layernorm",
    query_up: "self_attn.q_b_proj",
    key_value_down: "self_attn.kv_a_proj_with_mqa",
    key_value_down_norm: "self_attn.kv_a_layernorm",
    key_value_up: "self_attn.kv_b_proj",
    output: "self_attn.o_proj",
    dense: NetworkNames {
        gate: "mlp.gate_proj",
        up: "mlp.up_proj",
        down: "mlp.down_proj",
    },
    router: "mlp.gate",
    router_is_linear: true,
    experts: "mlp.experts",
    expert: NetworkNames {
        gate: "gate_proj",
        up: "up_proj",
        down: "down_proj",
    },
    stacked: None,
    correction: Parameter { path: "", dims: 1 },
    shared: "mlp.shared_expert",
    shared_gate: "mlp.shared_expert_gate",
    final_norm: "model.norm",
    project_out: "model.project_out",
    head: "lm_head",
    fused: &[],
    transposed: false,
};

/// The layers that make queries, keys and values of the residual stream.
pub(super) const QKV: &[BlockRole] = &[BlockRole::Query, BlockRole::Key, BlockRole::Value];

/// Gate and up projection of a dense MLP in one tensor, gate first.
pub(super) const fn stacked_gate_up(module: &'static str) -> Fused {
    Fused {
        module,
        parts: &[
            BlockRole::Mlp(Network::Dense, Projection::Gate),
            BlockRole::Mlp(Network::Dense, Projection::Up),
        ],
        order: RowOrder::Stacked,
    }
}

pub(super) const PHI3: WeightMap = WeightMap {
    fused: &[
        Fused {
            module: "self_attn.qkv_proj",
            parts: QKV,
            order: RowOrder::Stacked,
        },
        stacked_gate_up("mlp.gate_up_proj"),
    ],
    ..LLAMA
};

pub(super) const MIXTRAL: WeightMap = WeightMap {
    router: "block_sparse_moe.gate",
    experts: "block_sparse_moe.experts",
    expert: NetworkNames {
        gate: "w1",
        up: "w3",
        down: "w2",
    },
    ..LLAMA
};

/// Roles outside the blocks that have a module.
const OUTSIDE: [Role; 7] = [
    Role::Embedding,
    Role::Positions,
    Role::EmbeddingNorm,
    Role::ProjectIn,
    Role::FinalNorm,
    Role::ProjectOut,
    Role::Head,
];

/// Roles in a block that there is one of; experts come by the number.
const UNNUMBERED: [BlockRole; 23] = [
    BlockRole::AttentionNorm,
    BlockRole::AfterAttentionNorm,
    BlockRole::MlpNorm,
    BlockRole::AfterMlpNorm,
    BlockRole::QueryNorm,
    BlockRole::KeyNorm,
    BlockRole::Query,
    BlockRole::Key,
    BlockRole::Value,
    BlockRole::Sinks,
    BlockRole::QueryDown,
    BlockRole::QueryDownNorm,
    BlockRole::QueryUp,
    BlockRole::KeyValueDown,
    BlockRole::KeyValueDownNorm,
    BlockRole::KeyValueUp,
    BlockRole::Output,
    BlockRole::Router,
    BlockRole::Correction,
    BlockRole::SharedGate,
    BlockRole::Mlp(Network::Dense, Projection::Gate),
    BlockRole::Mlp(Network::Dense, Projection::Up),
    BlockRole::Mlp(Network::Dense, Projection::Down),
];

impl NetworkNames {
    fn of(&self, projection: Projection) -> &'static str {
        match projection {
            Projection::Gate => self.gate,
            Projection::Up => self.up,
            Projection::Down => self.down,
        }
    }
}

impl WeightMap {
    /// The tensor that a module shares with others, if it does.
    pub fn fused(&self, role: BlockRole) -> Option<&Fused> {
        self.fused.iter().find(|fused| fused.parts.contains(&role))
    }

    /// The path of a module, as if it were not fused with others: `model.layers.0.self_attn.q_proj`.
    pub fn path(&self, role: Role) -> String {
        match role {
            Role::Block(i, role) => format!("{}.{i}.{}", self.blocks, self.within(role)),
            role => self.outside(role).to_owned(),
        }
    }

    /// The path of a module outside the blocks; for one within them, the path before the block's number.
    fn outside(&self, role: Role) -> &'static str {
        match role {
            Role::Embedding => self.embedding,
            Role::Positions => self.positions,
            Role::EmbeddingNorm => self.embedding_norm,
            Role::ProjectIn => self.project_in,
            Role::Block(..) => self.blocks,
            Role::FinalNorm => self.final_norm,
            Role::ProjectOut => self.project_out,
            Role::Head | Role::HeadBias => self.head,
        }
    }

    /// The tensor name of a vector that is a module by itself: the head's bias, or a parameter with its own name.
    pub fn vector(&self, role: Role) -> String {
        match role {
            Role::HeadBias => format!("{}.bias", self.head),
            role => self.path(role),
        }
    }

    /// The tensor names of the weights of embedding and head, in this order.
    pub fn tables(&self) -> [String; 2] {
        [self.embedding, self.head].map(|module| format!("{module}.weight"))
    }

    /// The prefix of all names but the head's: `model.`. Checkpoints that were saved from the model without its head lack
    /// it.
    pub fn prefix(&self) -> Option<&'static str> {
        let end = self.embedding.find('.')?;
        self.embedding.get(..=end)
    }

    /// The prefix of a block's modules: `model.layers.3.`.
    pub fn block(&self, index: usize) -> String {
        format!("{}.{index}.", self.blocks)
    }

    /// Splits a name within a block: `3` and `mlp.up_proj.weight` for `model.layers.3.mlp.up_proj.weight`.
    pub fn in_block<'a>(&self, name: &'a str) -> Option<(usize, &'a str)> {
        let (index, rest) = name.strip_prefix(self.blocks)?.strip_prefix('.')?.split_once('.')?;
        Some((index.parse().ok()?, rest))
    }

    /// Whether a tensor belongs to the decoder, by its name.
    pub fn has(&self, name: &str) -> bool {
        let of = |module: &str| name.strip_prefix(module).is_some_and(|rest| rest.starts_with('.'));
        self.in_block(name).is_some() || OUTSIDE.into_iter().any(|role| of(self.outside(role)))
    }

    /// The role of the module with this path.
    pub fn role(&self, path: &str) -> Option<Role> {
        if let Some(role) = OUTSIDE.into_iter().find(|role| self.outside(*role) == path) {
            return Some(role);
        }
        let (index, rest) = self.in_block(path)?;
        let role = UNNUMBERED.into_iter().find(|role| self.within(*role) == rest);
        Some(Role::Block(index, role.or_else(|| self.of_network(rest))?))
    }

    /// The role of a layer of an expert or of the shared expert, by its path within the block.
    fn of_network(&self, path: &str) -> Option<BlockRole> {
        let behind = |prefix: &str| path.strip_prefix(prefix)?.strip_prefix('.');
        let (network, name) = match (behind(self.shared), behind(self.experts)) {
            (Some(name), _) => (Network::Shared, name),
            (None, Some(rest)) => {
                let (number, name) = rest.split_once('.')?;
                (Network::Expert(number.parse().ok()?), name)
            }
            (None, None) => return None,
        };
        let all = [Projection::Gate, Projection::Up, Projection::Down];
        let projection = all.into_iter().find(|projection| self.expert.of(*projection) == name)?;
        Some(BlockRole::Mlp(network, projection))
    }

    /// The path of a module within its block: `self_attn.q_proj`.
    pub fn within(&self, role: BlockRole) -> String {
        match role {
            BlockRole::Mlp(Network::Expert(i), projection) => {
                format!("{}.{i}.{}", self.experts, self.expert.of(projection))
            }
            BlockRole::Mlp(Network::Shared, projection) => format!("{}.{}", self.shared, self.expert.of(projection)),
            role => self.fixed(role).to_owned(),
        }
    }

    /// The last part of a module's path in checkpoints, by which people name it: `q_proj`.
    pub fn name(&self, role: Role) -> &'static str {
        let path = match role {
            Role::Block(_, role) => match (role, self.stacked) {
                (BlockRole::Mlp(Network::Expert(_), projection), Some(stacked)) => stacked.tensor(projection),
                _ => self.fused(role).map_or_else(|| self.fixed(role), |fused| fused.module),
            },
            role => self.outside(role),
        };
        path.rsplit('.').next().unwrap_or(path)
    }

    /// The first part of a module's path within its block: `self_attn`.
    pub fn part(&self, role: BlockRole) -> &'static str {
        let path = match role {
            BlockRole::Mlp(Network::Expert(_), _) => self.experts,
            BlockRole::Mlp(Network::Shared, _) => self.shared,
            role => self.fixed(role),
        };
        path.split('.').next().unwrap_or(path)
    }

    /// The path for a role within a block; for an expert's layer, the name after the expert's number.
    fn fixed(&self, role: BlockRole) -> &'static str {
        match role {
            BlockRole::AttentionNorm => self.attention_norm,
            BlockRole::AfterAttentionNorm => self.after_attention_norm,
            BlockRole::MlpNorm => self.mlp_norm,
            BlockRole::AfterMlpNorm => self.after_mlp_norm,
            BlockRole::QueryNorm => self.query_norm,
            BlockRole::KeyNorm => self.key_norm,
            BlockRole::Query => self.query,
            BlockRole::Key => self.key,
            BlockRole::Value => self.value,
            BlockRole::Sinks => self.sinks,
            BlockRole::QueryDown => self.query_down,
            BlockRole::QueryDownNorm => self.query_down_norm,
            BlockRole::QueryUp => self.query_up,
            BlockRole::KeyValueDown => self.key_value_down,
            BlockRole::KeyValueDownNorm => self.key_value_down_norm,
            BlockRole::KeyValueUp => self.key_value_up,
            BlockRole::Output => self.output,
            BlockRole::Router => self.router,
            BlockRole::Correction => self.correction.path,
            BlockRole::SharedGate => self.shared_gate,
            BlockRole::Mlp(Network::Dense, projection) => self.dense.of(projection),
            BlockRole::Mlp(Network::Expert(_) | Network::Shared, projection) => self.expert.of(projection),
        }
    }
}

#[cfg(test)]
mod tests;
