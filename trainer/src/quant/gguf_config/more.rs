//! What single architectures say beside the keys that all have.
use super::{Metadata, Parsed};
use serde_json::{Value, json};

pub fn nothing(_: &Metadata) -> Parsed<Value> {
    Ok(json!({}))
}

pub fn mixtral(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({
        "num_local_experts": meta.need("expert_count")?,
        "num_experts_per_tok": meta.need("expert_used_count")?,
    }))
}

pub fn qwen2_moe(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({
        "num_experts": meta.need("expert_count")?,
        "num_experts_per_tok": meta.need("expert_used_count")?,
        "moe_intermediate_size": meta.need("expert_feed_forward_length")?,
        "shared_expert_intermediate_size": meta.need("expert_shared_feed_forward_length")?,
        "norm_topk_prob": false,
    }))
}

pub fn phi3(meta: &Metadata) -> Parsed<Value> {
    // 0 is none
    let window = meta.number("attention.sliding_window").filter(|&window| window > 0.0);
    Ok(json!({"sliding_window": window.map(|window| window as u64), "attention_bias": false}))
}
