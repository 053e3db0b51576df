//! What single architectures say beside the keys that all have: those with experts, and DeepSeek's latents.
use super::metadata::Metadata;
use super::more::{granite, same_base};
use crate::quant::Parsed;
use protocol::says;
use serde_json::{Value, json};

/// llama.cpp's numbers of what makes scores of a router's logits.
const SOFTMAX: u64 = 1;
const SIGMOID: u64 = 2;

pub fn has_experts(meta: &Metadata) -> bool {
    meta.get("expert_count")
        .and_then(|count| count.as_u64())
        .is_some_and(|count| count > 0)
}

/// How many experts there are, and how many a token goes to.
fn counts(meta: &Metadata) -> Parsed<(u64, u64)> {
    Ok((meta.need_size("expert_count")?, meta.need_size("expert_used_count")?))
}

fn scores_are(meta: &Metadata, known: u64) -> Parsed<()> {
    match meta.get("expert_gating_func") {
        Some(value) if value != 0 && value != known => {
            Err(says::unsupported(meta.key("expert_gating_func"), value, known))
        }
        _ => Ok(()),
    }
}

/// Under names that most have.
fn usual(meta: &Metadata, count: &str, normalized: Option<bool>) -> Parsed<Value> {
    scores_are(meta, SOFTMAX)?;
    let (experts, chosen) = counts(meta)?;
    let mut said = json!({count: experts, "num_experts_per_tok": chosen});
    if let Some(normalized) = normalized {
        meta.must_be("expert_weights_norm", &json!(normalized))?;
        said["norm_topk_prob"] = json!(normalized);
    }
    Ok(said)
}

/// All keys of both.
fn and(mut said: Value, more: Value) -> Value {
    if let (Value::Object(said), Value::Object(more)) = (&mut said, more) {
        said.extend(more);
    }
    said
}

pub fn mixtral(meta: &Metadata) -> Parsed<Value> {
    usual(meta, "num_local_experts", None)
}

pub fn qwen2_moe(meta: &Metadata) -> Parsed<Value> {
    Ok(and(
        usual(meta, "num_experts", Some(false))?,
        json!({
            "moe_intermediate_size": meta.need_size("expert_feed_forward_length")?,
            "shared_expert_intermediate_size": meta.need_size("expert_shared_feed_forward_length")?,
        }),
    ))
}

pub fn qwen3_moe(meta: &Metadata) -> Parsed<Value> {
    Ok(and(
        usual(meta, "num_experts", Some(true))?,
        json!({"moe_intermediate_size": meta.need_size("expert_feed_forward_length")?}),
    ))
}

pub fn olmoe(meta: &Metadata) -> Parsed<Value> {
    usual(meta, "num_experts", Some(false))
}

pub fn granite_moe(meta: &Metadata) -> Parsed<Value> {
    Ok(and(granite(meta)?, usual(meta, "num_local_experts", None)?))
}

pub fn phimoe(meta: &Metadata) -> Parsed<Value> {
    Ok(and(
        usual(meta, "num_local_experts", None)?,
        json!({
            "sliding_window": meta.size("attention.sliding_window")?,
            "lm_head_bias": meta.has("output.bias"),
            "router_jitter_noise": 0.01,
        }),
    ))
}

pub fn gpt_oss(meta: &Metadata) -> Parsed<Value> {
    same_base(meta)?;
    Ok(and(
        usual(meta, "num_local_experts", None)?,
        json!({
            "intermediate_size": meta.need_size("expert_feed_forward_length")?,
            "sliding_window": meta.need_size("attention.sliding_window")?,
            "layer_types": meta.layer_types(2)?,
        }),
    ))
}

/// One shared expert as wide as the others.
pub fn hunyuan_moe(meta: &Metadata) -> Parsed<Value> {
    scores_are(meta, SOFTMAX)?;
    let (experts, chosen) = counts(meta)?;
    let width = meta.need_size("expert_feed_forward_length")?;
    meta.must_be("expert_shared_count", &json!(1))?;
    meta.must_be("expert_shared_feed_forward_length", &json!(width))?;
    Ok(json!({
        "num_experts": experts, "moe_topk": chosen, "num_shared_expert": 1,
        "intermediate_size": width, "moe_intermediate_size": width,
    }))
}

/// How wide the shared expert is, its key does not say; its experts are counted.
pub fn ernie_moe(meta: &Metadata) -> Parsed<Value> {
    scores_are(meta, SOFTMAX)?;
    meta.get("expert_shared_feed_forward_length");
    let (experts, chosen) = counts(meta)?;
    let last = meta.layers()? - 1;
    Ok(json!({
        "moe_num_experts": experts,
        "moe_k": chosen,
        "moe_intermediate_size": meta.need_size("expert_feed_forward_length")?,
        "moe_num_shared_experts": meta.size("expert_shared_count")?.unwrap_or(0),
        "moe_layer_start_index": meta.size("leading_dense_block_count")?.unwrap_or(0),
        "moe_layer_end_index": last,
        "moe_layer_interval": meta.need_size("interleave_moe_layer_step")?,
    }))
}

/// Experts of DeepSeek's kin from some layer on, some of them shared.
fn routed(meta: &Metadata) -> Parsed<Value> {
    let (experts, chosen) = counts(meta)?;
    Ok(json!({
        "n_routed_experts": experts,
        "num_experts_per_tok": chosen,
        "moe_intermediate_size": meta.need_size("expert_feed_forward_length")?,
        "n_shared_experts": meta.size("expert_shared_count")?,
        "first_k_dense_replace": meta.size("leading_dense_block_count")?.unwrap_or(0),
        "moe_layer_freq": 1,
    }))
}

/// Groups of experts that are chosen among; a file that names none has one.
fn groups(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({
        "n_group": meta.size("expert_group_count")?.unwrap_or(1),
        "topk_group": meta.size("expert_group_used_count")?.unwrap_or(1),
    }))
}

pub fn deepseek(meta: &Metadata) -> Parsed<Value> {
    scores_are(meta, SOFTMAX)?;
    meta.must_be("expert_weights_norm", &json!(false))?;
    Ok(and(
        routed(meta)?,
        json!({"norm_topk_prob": false, "scoring_func": "softmax"}),
    ))
}

/// Whether a file of DeepSeek-V2's kin is one of V3: its scores are sigmoids.
pub fn has_sigmoids(meta: &Metadata) -> bool {
    meta.get("expert_gating_func").is_some_and(|value| value == SIGMOID)
}

pub fn deepseek_v2(meta: &Metadata) -> Parsed<Value> {
    scores_are(meta, SOFTMAX)?;
    meta.must_be("expert_weights_norm", &json!(false))?;
    let limited = meta.size("expert_group_count")?.is_some_and(|count| count > 1);
    let method = json!({
        "topk_method": if limited { "group_limited_greedy" } else { "greedy" },
        "routed_scaling_factor": meta.number("expert_weights_scale")?.unwrap_or(1.0),
        "norm_topk_prob": false,
    });
    Ok(and(and(routed(meta)?, groups(meta)?), and(latents(meta)?, method)))
}

pub fn deepseek_v3(meta: &Metadata) -> Parsed<Value> {
    Ok(and(and(routed(meta)?, sigmoids(meta)?), latents(meta)?))
}

/// A router that corrects sigmoids.
fn sigmoids(meta: &Metadata) -> Parsed<Value> {
    scores_are(meta, SIGMOID)?;
    Ok(and(
        groups(meta)?,
        json!({
            "scoring_func": "sigmoid",
            "topk_method": "noaux_tc",
            "norm_topk_prob": meta.get("expert_weights_norm").is_some_and(|norm| norm == true),
            "routed_scaling_factor": meta.number("expert_weights_scale")?.unwrap_or(1.0),
        }),
    ))
}

/// Widths of latents and heads. Files of old say those of heads as `key_length`; those since, which keep the latents' two halves
/// apart, beside it.
fn latents(meta: &Metadata) -> Parsed<Value> {
    let either = |key: &str, old: &str| match meta.size(key)? {
        Some(size) => Ok(size),
        None => meta.need_size(old),
    };
    let head = either("attention.key_length_mla", "attention.key_length")?;
    let value = either("attention.value_length_mla", "attention.value_length")?;
    meta.get("attention.key_length");
    meta.get("attention.value_length");
    let turned = meta.need_size("rope.dimension_count")?;
    let still = head.checked_sub(turned).filter(|still| *still > 0);
    let still =
        still.ok_or_else(|| says::must_be(meta.key("rope.dimension_count"), turned, says::from_one_to(head)))?;
    Ok(json!({
        "head_dim": turned,
        "num_key_value_heads": meta.heads()?,
        "q_lora_rank": meta.size("attention.q_lora_rank")?,
        "kv_lora_rank": meta.need_size("attention.kv_lora_rank")?,
        "qk_nope_head_dim": still,
        "qk_rope_head_dim": turned,
        "v_head_dim": value,
    }))
}

pub fn glm4_moe(meta: &Metadata) -> Parsed<Value> {
    Ok(and(
        and(routed(meta)?, sigmoids(meta)?),
        json!({"use_qk_norm": meta.any_block_has("attn_q_norm.weight")}),
    ))
}

/// Chunks, temperatures and layers without positions are those of the models there are, which the file does not say.
pub fn llama4(meta: &Metadata) -> Parsed<Value> {
    const WITHOUT_NORMS: u64 = 128;
    // 0 would mean that no layer has chunks
    if let Some(window) = meta.get("attention.sliding_window").filter(|window| *window != 8192) {
        return Err(says::gguf_key(meta.key("attention.sliding_window"), window));
    }
    scores_are(meta, SIGMOID)?;
    let (experts, chosen) = counts(meta)?;
    Ok(json!({
        "num_local_experts": experts,
        "num_experts_per_tok": chosen,
        "interleave_moe_layer_step": meta.need_size("interleave_moe_layer_step")?,
        "intermediate_size": meta.need_size("expert_feed_forward_length")?,
        "intermediate_size_mlp": meta.need_size("feed_forward_length")?,
        "no_rope_layer_interval": 4,
        "attention_chunk_size": 8192,
        "attn_temperature_tuning": true,
        "floor_scale": 8192,
        "attn_scale": 0.1,
        "use_qk_norm": experts != WITHOUT_NORMS,
    }))
}
