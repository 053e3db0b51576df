//! llama.cpp's names of tensors.
use protocol::decoder::{BlockRole, Network, Projection, Role, WeightMap};

/// Of a tensor that this family's checkpoints call `name`; `None` for what no file has.
pub fn name_in(names: &WeightMap, name: &str) -> Option<String> {
    let (path, kind) = name.rsplit_once('.')?;
    let (block, role) = match names.role(path)? {
        Role::Embedding => return Some(format!("token_embd.{kind}")),
        Role::FinalNorm => return Some(format!("output_norm.{kind}")),
        Role::Head | Role::HeadBias => return Some(format!("output.{kind}")),
        Role::Positions => return Some(format!("position_embd.{kind}")),
        Role::EmbeddingNorm => return Some(format!("token_embd_norm.{kind}")),
        // OPT's, which is not among the architectures of these files
        Role::ProjectIn | Role::ProjectOut => return None,
        Role::Block(block, role) => (block, role),
    };
    let module = match role {
        BlockRole::AttentionNorm => "attn_norm",
        BlockRole::AfterAttentionNorm => "post_attention_norm",
        BlockRole::MlpNorm => "ffn_norm",
        BlockRole::AfterMlpNorm => "post_ffw_norm",
        BlockRole::Query => "attn_q",
        BlockRole::Key => "attn_k",
        BlockRole::Value => "attn_v",
        BlockRole::Sinks => "attn_sinks",
        BlockRole::QueryDown => "attn_q_a",
        BlockRole::QueryDownNorm => "attn_q_a_norm",
        BlockRole::QueryUp => "attn_q_b",
        BlockRole::KeyValueDown => "attn_kv_a_mqa",
        BlockRole::KeyValueDownNorm => "attn_kv_a_norm",
        BlockRole::KeyValueUp => "attn_kv_b",
        BlockRole::Output => "attn_output",
        BlockRole::QueryNorm => "attn_q_norm",
        BlockRole::KeyNorm => "attn_k_norm",
        BlockRole::Mlp(Network::Dense, Projection::Gate) => "ffn_gate",
        BlockRole::Mlp(Network::Dense, Projection::Up) => "ffn_up",
        BlockRole::Mlp(Network::Dense, Projection::Down) => "ffn_down",
        // there are no experts in the files that are read
        BlockRole::Router | BlockRole::SharedGate | BlockRole::Mlp(..) => return None,
    };
    Some(format!("blk.{block}.{module}.{kind}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::decoder::by_architecture;

    #[test]
    fn names_are_llama_cpps() {
        let names = &by_architecture("LlamaForCausalLM").unwrap().weights;
        let of = |name: &str| name_in(names, name).unwrap();
        assert_eq!(of("model.layers.3.mlp.down_proj.weight"), "blk.3.ffn_down.weight");
        assert_eq!(of("model.layers.11.self_attn.q_proj.bias"), "blk.11.attn_q.bias");
        assert_eq!(of("lm_head.weight"), "output.weight");
        assert_eq!(name_in(names, "model.layers.3.mlp.strange.weight"), None);
    }
}
