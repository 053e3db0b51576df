//! Which tensors llama.cpp's converter writes, where an architecture may have the same numbers in one or in several: what
//! `Names::place` asks of a file that is still to be written.
use super::gguf_names::Names;
use protocol::decoder::BlockRole;

/// Architectures whose queries, keys and values are one tensor.
const JOINED_HEADS: [&str; 9] = [
    "bloom",
    "chatglm",
    "falcon",
    "gpt2",
    "gptneox",
    "mpt",
    "phi3",
    "qwen",
    "starcoder",
];
/// Whose gate and up are one.
const JOINED_GATE: [&str; 3] = ["chatglm", "glm4", "phi3"];
/// Whose norm before the MLP is called after what stands before it.
const LATE_NORM: [&str; 3] = ["glm4moe", "gpt-oss", "seed_oss"];

impl Names<'_> {
    /// Whether a file of this architecture has the tensor, where it has its numbers at all.
    pub fn writes(&self, tensor: &str) -> bool {
        let own = self.architecture;
        let Some((block, module)) = tensor.strip_prefix("blk.").and_then(|rest| rest.split_once('.')) else {
            return true;
        };
        match module.trim_end_matches(".weight") {
            "attn_qkv" => JOINED_HEADS.contains(&own) && !self.is_apart(),
            "ffn_gate" => !JOINED_GATE.contains(&own),
            "ffn_norm" => !LATE_NORM.contains(&own),
            "attn_norm_2" => own == "falcon" && self.has_two_norms(block),
            "attn_k_b" => own == "deepseek2",
            "attn_kv_b" => own != "deepseek2",
            "ffn_gate_up_exps" => false,
            _ => true,
        }
    }

    /// GLM's folders in transformers' form keep queries, keys and values apart, and so do their files.
    fn is_apart(&self) -> bool {
        self.architecture == "chatglm"
            && self
                .map
                .fused
                .iter()
                .all(|fused| !fused.parts.contains(&BlockRole::Query))
    }

    fn has_two_norms(&self, block: &str) -> bool {
        let block = block
            .parse()
            .ok()
            .and_then(|block: usize| self.decoder.blocks.get(block));
        block.is_some_and(|block| block.norms.before_mlp.is_some())
    }
}
