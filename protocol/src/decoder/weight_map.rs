//! What checkpoints call the modules of a decoder.

use super::{BlockRole, Network, Projection, Role};

/// The names of one family. A tensor's name is its module's with `.weight` or `.bias` behind it.
#[derive(Debug)]
pub struct WeightMap {
    pub embedding: &'static str,
    /// What stands before a block's number; names of modules follow it.
    pub blocks: &'static str,
    pub attention_norm: &'static str,
    pub mlp_norm: &'static str,
    pub query_norm: &'static str,
    pub key_norm: &'static str,
    pub query: &'static str,
    pub key: &'static str,
    pub value: &'static str,
    pub output: &'static str,
    pub dense: NetworkNames,
    pub router: &'static str,
    /// What stands before an expert's number.
    pub experts: &'static str,
    /// Behind that number, or behind the shared expert's name.
    pub expert: NetworkNames,
    pub shared: &'static str,
    pub shared_gate: &'static str,
    pub final_norm: &'static str,
    pub head: &'static str,
}

/// The linear layers of a feed-forward network.
#[derive(Debug)]
pub struct NetworkNames {
    pub gate: &'static str,
    pub up: &'static str,
    pub down: &'static str,
}

/// transformers' names of Llama, which most families have.
pub(super) const LLAMA: WeightMap = WeightMap {
    embedding: "model.embed_tokens",
    blocks: "model.layers",
    attention_norm: "input_layernorm",
    mlp_norm: "post_attention_layernorm",
    query_norm: "self_attn.q_norm",
    key_norm: "self_attn.k_norm",
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    output: "self_attn.o_proj",
    dense: NetworkNames {
        gate: "mlp.gate_proj",
        up: "mlp.up_proj",
        down: "mlp.down_proj",
    },
    router: "mlp.gate",
    experts: "mlp.experts",
    expert: NetworkNames {
        gate: "gate_proj",
        up: "up_proj",
        down: "down_proj",
    },
    shared: "mlp.shared_expert",
    shared_gate: "mlp.shared_expert_gate",
    final_norm: "model.norm",
    head: "lm_head",
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
    /// The path of a module: `model.layers.0.self_attn.q_proj`.
    pub fn path(&self, role: Role) -> String {
        match role {
            Role::Embedding => self.embedding.to_owned(),
            Role::Block(i, role) => format!("{}.{i}.{}", self.blocks, self.within(role)),
            Role::FinalNorm => self.final_norm.to_owned(),
            Role::Head => self.head.to_owned(),
        }
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

    /// The last part of a module's path, by which people name it: `q_proj`.
    pub fn name(&self, role: Role) -> &'static str {
        let path = match role {
            Role::Embedding => self.embedding,
            Role::Block(_, role) => self.fixed(role),
            Role::FinalNorm => self.final_norm,
            Role::Head => self.head,
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

    /// The block's number and the rest of a path: `(3, "self_attn.q_proj")`.
    pub fn place<'a>(&self, path: &'a str) -> Option<(usize, &'a str)> {
        let (block, within) = path.strip_prefix(self.blocks)?.strip_prefix('.')?.split_once('.')?;
        Some((block.parse().ok()?, within))
    }

    /// What is written out for a role; of an expert's layer what stands behind its number.
    fn fixed(&self, role: BlockRole) -> &'static str {
        match role {
            BlockRole::AttentionNorm => self.attention_norm,
            BlockRole::MlpNorm => self.mlp_norm,
            BlockRole::QueryNorm => self.query_norm,
            BlockRole::KeyNorm => self.key_norm,
            BlockRole::Query => self.query,
            BlockRole::Key => self.key,
            BlockRole::Value => self.value,
            BlockRole::Output => self.output,
            BlockRole::Router => self.router,
            BlockRole::SharedGate => self.shared_gate,
            BlockRole::Mlp(Network::Dense, projection) => self.dense.of(projection),
            BlockRole::Mlp(Network::Expert(_) | Network::Shared, projection) => self.expert.of(projection),
        }
    }
}
