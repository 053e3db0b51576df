//! Where llama.cpp keeps the tensors of a model, by the names that the model's own checkpoints have for them.
//!
//! A layer may be a tensor of its own, rows of one that holds several (`attn_qkv` is queries, keys and values one behind the
//! other whatever the order in the model's checkpoints; `ffn_up` may be gate and up), or one expert's part of a tensor
//! `[experts, rows, columns]`. Source: llama.cpp, `gguf-py/gguf/tensor_mapping.py`, `convert_hf_to_gguf.py`.
use protocol::decoder::{
    BlockRole, DecoderSpec, Network, NormWeight, PositionSpec, Projection, Role, Shape, WeightMap,
};

/// Architectures whose rotations pair dimensions `2 i` and `2 i + 1` of a head in llama.cpp. Checkpoints that pair halves
/// have the rows of queries and keys turned when they are converted, in layers without rotations too.
const PAIRED: [&str; 16] = [
    "llama",
    "llama4",
    "baichuan",
    "internlm2",
    "minicpm",
    "xverse",
    "command-r",
    "cohere2",
    "olmo",
    "deepseek",
    "deepseek2",
    "chatglm",
    "granite",
    "granitemoe",
    "smollm3",
    "ernie4_5",
];

/// The names of a model's tensors, and what it is made of.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    pub architecture: &'a str,
    pub map: &'a WeightMap,
    pub decoder: &'a DecoderSpec,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub tensor: String,
    pub part: Part,
    /// so many heads whose rows are turned
    pub turned: Option<usize>,
    /// a norm's weight with 1 added, which the model adds itself
    pub one_more: bool,
}

/// What of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// neighbouring rows
    Rows {
        first: usize,
        count: usize,
        of: usize,
    },
    Expert {
        index: usize,
        count: usize,
    },
    /// neighbouring rows of an expert's
    ExpertRows {
        index: usize,
        count: usize,
        first: usize,
        of: usize,
    },
    /// of each of so many heads `keys` rows, which lie turned in this tensor, then `values` rows, which lie in another
    Heads {
        heads: usize,
        keys: usize,
        values: usize,
    },
}

/// Whether a tensor is put together with another, so that its numbers do not stay packed.
pub fn is_held_plain(tensor: &str) -> bool {
    tensor.contains(".attn_k_b.") || tensor.contains(".attn_v_b.")
}

/// The tensor that has the rows of values where one has those of keys.
pub fn values_beside(keys: &str) -> String {
    keys.replace(".attn_k_b.", ".attn_v_b.")
}

fn rows(first: usize, count: usize, of: usize) -> Part {
    Part::Rows { first, count, of }
}

impl Names<'_> {
    /// Of a tensor that this family's checkpoints call `name`, in a file that has the tensors which `has` says; `None` for what
    /// no file has.
    pub fn place(&self, name: &str, has: &dyn Fn(&str) -> bool) -> Option<Place> {
        // vectors whose tensor has their path for a name
        if let Some(Role::Block(block, role @ (BlockRole::Correction | BlockRole::Sinks))) = self.map.role(name) {
            let module = match role {
                BlockRole::Sinks => "attn_sinks.weight",
                _ => "exp_probs_b.bias",
            };
            return Some(Place {
                tensor: format!("blk.{block}.{module}"),
                part: Part::Whole,
                turned: None,
                one_more: false,
            });
        }
        let (path, kind) = name.rsplit_once('.')?;
        let role = self.role(path)?;
        let (module, part) = self.module(role, has)?;
        Some(Place {
            tensor: format!("{module}.{kind}"),
            part,
            turned: self.turned(role),
            one_more: kind == "weight" && self.one_more(role),
        })
    }

    /// The role of a module's path; of a module that holds several the first one's.
    fn role(&self, path: &str) -> Option<Role> {
        if let Some(role) = self.map.role(path) {
            return Some(role);
        }
        let (block, rest) = self.map.in_block(path)?;
        let fused = self.map.fused.iter().find(|fused| fused.module == rest)?;
        Some(Role::Block(block, *fused.parts.first()?))
    }

    /// llama.cpp's module of a role, and what of it.
    fn module(&self, role: Role, has: &dyn Fn(&str) -> bool) -> Option<(String, Part)> {
        let whole = |name: &str| Some((name.to_owned(), Part::Whole));
        let (block, role) = match role {
            Role::Embedding => return whole("token_embd"),
            Role::Positions => return whole("position_embd"),
            Role::EmbeddingNorm => return whole("token_embd_norm"),
            Role::FinalNorm => return whole("output_norm"),
            Role::Head | Role::HeadBias => return whole("output"),
            Role::ProjectIn | Role::ProjectOut => return None,
            Role::Block(block, role) => (block, role),
        };
        let at = |module: &str| format!("blk.{block}.{module}");
        let there = |module: &str| has(&format!("blk.{block}.{module}.weight"));
        let name = match role {
            // the norm before attention of Falcon's larger models
            BlockRole::AttentionNorm if there("attn_norm_2") => "attn_norm_2",
            BlockRole::MlpNorm if there("attn_norm_2") => "attn_norm",
            BlockRole::AttentionNorm => "attn_norm",
            BlockRole::AfterAttentionNorm => "post_attention_norm",
            // so where nothing else stands behind attention
            BlockRole::MlpNorm if !there("ffn_norm") && there("post_attention_norm") => "post_attention_norm",
            BlockRole::MlpNorm => "ffn_norm",
            BlockRole::AfterMlpNorm => "post_ffw_norm",
            BlockRole::QueryNorm => "attn_q_norm",
            BlockRole::KeyNorm => "attn_k_norm",
            BlockRole::Query | BlockRole::Key | BlockRole::Value if there("attn_qkv") => {
                let a = &self.decoder.blocks.get(block)?.attention;
                let (q, k, v) = (a.query_width(), a.key_width(), a.value_width());
                let (first, count) = match role {
                    BlockRole::Query => (0, q),
                    BlockRole::Key => (q, k),
                    _ => (q + k, v),
                };
                return Some((at("attn_qkv"), rows(first, count, q + k + v)));
            }
            BlockRole::Query => "attn_q",
            BlockRole::Key => "attn_k",
            BlockRole::Value => "attn_v",
            BlockRole::Sinks => "attn_sinks",
            BlockRole::QueryDown => "attn_q_a",
            BlockRole::QueryDownNorm => "attn_q_a_norm",
            BlockRole::QueryUp => "attn_q_b",
            BlockRole::KeyValueDown => "attn_kv_a_mqa",
            BlockRole::KeyValueDownNorm => "attn_kv_a_norm",
            BlockRole::KeyValueUp if there("attn_k_b") && !there("attn_kv_b") => {
                let a = &self.decoder.blocks.get(block)?.attention;
                let PositionSpec::Rotary(rotary) = &a.position else {
                    return None;
                };
                let part = Part::Heads {
                    heads: a.heads,
                    keys: a.head_dim.checked_sub(rotary.dims)?,
                    values: a.value_dim,
                };
                return Some((at("attn_k_b"), part));
            }
            BlockRole::KeyValueUp => "attn_kv_b",
            BlockRole::Output => "attn_output",
            BlockRole::Router => "ffn_gate_inp",
            BlockRole::Correction => "exp_probs_b",
            BlockRole::SharedGate => "ffn_gate_inp_shexp",
            BlockRole::Mlp(network, projection) => return self.network(block, network, projection, has),
        };
        Some((at(name), Part::Whole))
    }

    fn network(
        &self,
        block: usize,
        network: Network,
        projection: Projection,
        has: &dyn Fn(&str) -> bool,
    ) -> Option<(String, Part)> {
        let name = match projection {
            Projection::Gate => "ffn_gate",
            Projection::Up => "ffn_up",
            Projection::Down => "ffn_down",
        };
        let there = |module: &str| has(&format!("{module}.weight"));
        let own = format!("blk.{block}.{name}");
        let (gate, joined) = (format!("blk.{block}.ffn_gate"), format!("blk.{block}.ffn_up"));
        match (network, projection) {
            (Network::Dense, Projection::Gate | Projection::Up) if !there(&gate) && self.gated(block) => {
                let width = self.width(block, projection)?;
                let first = if projection == Projection::Gate { 0 } else { width };
                Some((joined, rows(first, width, 2 * width)))
            }
            (Network::Dense, _) => Some((own, Part::Whole)),
            (Network::Shared, _) => Some((format!("{own}_shexp"), Part::Whole)),
            (Network::Expert(index), _) => {
                let all = format!("{own}_exps");
                let joined = format!("blk.{block}.ffn_gate_up_exps");
                if projection != Projection::Down && there(&joined) {
                    let experts = self.decoder.experts()?;
                    let width = experts.expert.width;
                    let part = Part::ExpertRows {
                        index,
                        count: experts.count,
                        first: if projection == Projection::Gate { 0 } else { width },
                        of: 2 * width,
                    };
                    return Some((joined, part));
                }
                match (there(&all), self.decoder.experts()) {
                    (true, Some(experts)) => {
                        let count = experts.count;
                        Some((all, Part::Expert { index, count }))
                    }
                    // as files of old have them
                    _ => Some((format!("{own}.{index}"), Part::Whole)),
                }
            }
        }
    }

    /// What a block's module is made of.
    fn shape(&self, block: usize, role: BlockRole) -> Option<Shape> {
        let modules = self.decoder.blocks.get(block)?.modules(self.decoder.hidden);
        modules
            .into_iter()
            .find(|(own, _)| *own == role)
            .map(|(_, shape)| shape)
    }

    fn gated(&self, block: usize) -> bool {
        self.shape(block, BlockRole::Mlp(Network::Dense, Projection::Gate))
            .is_some()
    }

    fn width(&self, block: usize, projection: Projection) -> Option<usize> {
        match self.shape(block, BlockRole::Mlp(Network::Dense, projection))? {
            Shape::Linear { output, .. } => Some(output),
            _ => None,
        }
    }

    /// The heads of queries and keys that llama.cpp rotates in another order.
    fn turned(&self, role: Role) -> Option<usize> {
        let Role::Block(block, role) = role else { return None };
        let attention = &self.decoder.blocks.get(block)?.attention;
        let heads = match role {
            BlockRole::Query => attention.heads,
            BlockRole::Key => attention.kv_heads,
            _ => return None,
        };
        let mut positions = self.decoder.blocks.iter().map(|block| &block.attention.position);
        let interleaved = positions.find_map(|position| match position {
            PositionSpec::Rotary(rotary) => Some(rotary.interleaved),
            _ => None,
        });
        (PAIRED.contains(&self.architecture) && interleaved != Some(true)).then_some(heads)
    }

    fn one_more(&self, role: Role) -> bool {
        match role {
            Role::FinalNorm => (self.decoder.norm.as_ref()).is_some_and(|norm| norm.weight == NormWeight::OnePlus),
            Role::Block(block, role) => matches!(
                self.shape(block, role),
                Some(Shape::Norm {
                    weight: NormWeight::OnePlus,
                    ..
                })
            ),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::decoder::ModelSpec;
    use serde_json::{Value, json};

    fn spec(class: &str, more: Value) -> ModelSpec {
        let mut config = json!({"architectures": [class], "vocab_size": 8, "hidden_size": 16, "intermediate_size": 10,
            "num_hidden_layers": 12, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5});
        config
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        ModelSpec::parse(config.as_object().unwrap()).unwrap()
    }

    fn place(model: &ModelSpec, architecture: &str, name: &str, has: &[&str]) -> Option<Place> {
        let names = Names {
            architecture,
            map: &model.family.weights,
            decoder: &model.decoder,
        };
        names.place(name, &|tensor| has.contains(&tensor))
    }

    #[test]
    fn names_are_llama_cpps() {
        let llama = spec("LlamaForCausalLM", json!({}));
        let of = |name: &str| place(&llama, "llama", name, &["blk.3.ffn_gate.weight"]);
        let whole = |tensor: &str, turned| {
            Some(Place {
                tensor: tensor.into(),
                part: Part::Whole,
                turned,
                one_more: false,
            })
        };
        assert_eq!(
            of("model.layers.3.mlp.down_proj.weight"),
            whole("blk.3.ffn_down.weight", None)
        );
        assert_eq!(
            of("model.layers.3.mlp.up_proj.weight"),
            whole("blk.3.ffn_up.weight", None)
        );
        assert_eq!(
            of("model.layers.11.self_attn.q_proj.bias"),
            whole("blk.11.attn_q.bias", Some(4))
        );
        assert_eq!(
            of("model.layers.11.self_attn.k_proj.weight"),
            whole("blk.11.attn_k.weight", Some(2))
        );
        assert_eq!(of("lm_head.weight"), whole("output.weight", None));
        assert_eq!(of("model.layers.3.mlp.strange.weight"), None);
        assert_eq!(
            place(&llama, "qwen2", "model.layers.1.self_attn.q_proj.weight", &[]),
            whole("blk.1.attn_q.weight", None)
        );
    }

    #[test]
    fn layers_that_lie_together_are_told_apart() {
        let phi = spec("Phi3ForCausalLM", json!({}));
        let of = |name: &str| place(&phi, "phi3", name, &["blk.1.attn_qkv.weight"]).unwrap();
        let value = of("model.layers.1.self_attn.v_proj.weight");
        assert_eq!(
            (value.tensor.as_str(), value.part),
            ("blk.1.attn_qkv.weight", rows(24, 8, 32))
        );
        let up = of("model.layers.1.mlp.up_proj.weight");
        assert_eq!((up.tensor.as_str(), up.part), ("blk.1.ffn_up.weight", rows(10, 10, 20)));
        assert_eq!(
            of("model.layers.1.self_attn.qkv_proj.weight").tensor,
            "blk.1.attn_qkv.weight"
        );
    }

    #[test]
    fn experts_are_parts_of_one_tensor_or_numbered() {
        let mixtral = spec(
            "MixtralForCausalLM",
            json!({"num_local_experts": 6, "num_experts_per_tok": 2}),
        );
        let name = "model.layers.2.block_sparse_moe.experts.5.w3.weight";
        let all = place(&mixtral, "llama", name, &["blk.2.ffn_up_exps.weight"]).unwrap();
        let part = Part::Expert { index: 5, count: 6 };
        assert_eq!((all.tensor.as_str(), all.part), ("blk.2.ffn_up_exps.weight", part));
        let of_old = place(&mixtral, "llama", name, &[]).unwrap();
        assert_eq!(
            (of_old.tensor.as_str(), of_old.part),
            ("blk.2.ffn_up.5.weight", Part::Whole)
        );
        let router = place(&mixtral, "llama", "model.layers.2.block_sparse_moe.gate.weight", &[]).unwrap();
        assert_eq!(router.tensor, "blk.2.ffn_gate_inp.weight");
    }
}
