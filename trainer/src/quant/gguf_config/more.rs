//! What single architectures say beside the keys that all have: those whose blocks have one network.
use super::metadata::Metadata;
use crate::quant::Parsed;
use protocol::says;
use serde_json::{Value, json};

pub fn nothing(_: &Metadata) -> Parsed<Value> {
    Ok(json!({}))
}

/// Keys and values have as many heads as their tensors, and the network is as wide, whatever their keys say.
pub fn phi2(meta: &Metadata) -> Parsed<Value> {
    let head = meta.head()?;
    let rows = meta.rows("blk.0.attn_k.weight").map(|rows| rows as u64 / head.max(1));
    Ok(json!({
        "num_key_value_heads": rows.map_or_else(|| meta.heads(), Ok)?,
        "intermediate_size": meta.rows("blk.0.ffn_up.weight"),
    }))
}

pub fn phi3(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({"sliding_window": meta.size("attention.sliding_window")?, "attention_bias": false}))
}

/// What scores are scaled by is not said: the width of a head, and in the largest model what the stream has a head.
fn scored(meta: &Metadata, largest: u64) -> Parsed<Value> {
    Ok(match meta.layers()? == largest {
        true => json!(meta.need_size("embedding_length")? / meta.heads()?),
        false => json!(meta.head()?),
    })
}

pub fn gemma2(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({
        "sliding_window": meta.size("attention.sliding_window")?.unwrap_or(4096),
        "layer_types": meta.layer_types(2)?,
        "attn_logit_softcapping": meta.number("attn_logit_softcapping")?.unwrap_or(50.0),
        "final_logit_softcapping": meta.number("final_logit_softcapping")?.unwrap_or(30.0),
        "query_pre_attn_scalar": scored(meta, 46)?,
    }))
}

pub fn gemma3(meta: &Metadata) -> Parsed<Value> {
    let window = meta.size("attention.sliding_window")?;
    let mut said = json!({
        "sliding_window": window,
        "rope_local_base_freq": meta.number("rope.freq_base_swa")?.unwrap_or(10000.0),
        "final_logit_softcapping": meta.number("final_logit_softcapping")?,
        "query_pre_attn_scalar": scored(meta, 62)?,
    });
    if window.is_some() {
        said["layer_types"] = meta.layer_types(6)?;
    }
    if meta.get("rope.freq_base").is_none() {
        said["rope_theta"] = json!(1e6);
    }
    Ok(said)
}

/// The file does not say whether there is a window.
pub fn starcoder2(_: &Metadata) -> Parsed<Value> {
    Ok(json!({"sliding_window": null}))
}

pub fn stablelm(meta: &Metadata) -> Parsed<Value> {
    // the key says so of most files, whatever they are
    meta.get("use_parallel_residual");
    let parallel = !meta.has("blk.0.ffn_norm.weight");
    Ok(json!({
        "use_qkv_bias": meta.has("blk.0.attn_q.bias"),
        "qk_layernorm": meta.has("blk.0.attn_q_norm.weight"),
        "use_parallel_residual": parallel,
    }))
}

/// What queries, keys and values are clipped to; 0 is nothing.
fn clip(meta: &Metadata) -> Parsed<Value> {
    Ok(json!(meta.number("attention.clamp_kqv")?.filter(|clip| *clip > 0.0)))
}

pub fn olmo(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({"clip_qkv": clip(meta)?}))
}

/// Layers with a window turn as their own base says; theirs is the others' in every model there is.
pub fn same_base(meta: &Metadata) -> Parsed<()> {
    let base = meta.number("rope.freq_base")?.unwrap_or(10000.0);
    meta.must_be("rope.freq_base_swa", &json!(base))
}

pub fn olmo3(meta: &Metadata) -> Parsed<Value> {
    same_base(meta)?;
    meta.must_be("rope.freq_base", &json!(500_000.0))?;
    Ok(json!({
        "sliding_window": meta.need_size("attention.sliding_window")?,
        "layer_types": meta.layer_types(4)?,
    }))
}

pub fn command_r(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({
        "logit_scale": meta.need_number("logit_scale")?,
        "use_qk_norm": meta.has("blk.0.attn_q_norm.weight"),
    }))
}

pub fn cohere2(meta: &Metadata) -> Parsed<Value> {
    same_base(meta)?;
    Ok(json!({
        "logit_scale": meta.need_number("logit_scale")?,
        "sliding_window": meta.need_size("attention.sliding_window")?,
        "layer_types": meta.layer_types(4)?,
    }))
}

/// Whether a file of Granite's kin turns: those that do not say so by a key of rotations.
pub fn granite(meta: &Metadata) -> Parsed<Value> {
    if meta.get("rope.scaling.finetuned") == Some(json!(false)) {
        return Err(says::gguf_key(meta.key("rope.scaling.finetuned"), false));
    }
    let number =
        |key: &str, usual: f64| Ok::<_, protocol::Said>(meta.number(key)?.filter(|n| *n != 0.0).unwrap_or(usual));
    Ok(json!({
        "attention_multiplier": number("attention.scale", 1.0 / (meta.head()? as f64).sqrt())?,
        "embedding_multiplier": number("embedding_scale", 1.0)?,
        "residual_multiplier": number("residual_scale", 1.0)?,
        "logits_scaling": number("logit_scale", 1.0)?,
    }))
}

/// Multipliers as they are computed with; its config has them in proportion to depth and width. Files of old have none, and mean
/// those of the first models.
pub fn minicpm(meta: &Metadata) -> Parsed<Value> {
    let depth = (meta.layers()? as f64).sqrt();
    let hidden = meta.need_number("embedding_length")?;
    let residual = meta.number("residual_scale")?.map(|residual| residual * depth);
    let base = meta.number("logit_scale")?.filter(|scale| *scale > 0.0);
    Ok(json!({
        "scale_emb": meta.number("embedding_scale")?.unwrap_or(12.0),
        "scale_depth": residual.unwrap_or(1.4),
        "dim_model_base": base.map_or(256.0, |scale| hidden / scale),
    }))
}

/// Its multipliers are those of the one model there is; heads turn by what the latents leave.
pub fn minicpm3(meta: &Metadata) -> Parsed<Value> {
    let (turned, head) = (meta.need_size("rope.dimension_count")?, meta.head()?);
    let still = head.checked_sub(turned).filter(|still| *still > 0);
    let still =
        still.ok_or_else(|| says::must_be(meta.key("rope.dimension_count"), turned, says::from_one_to(head)))?;
    Ok(json!({
        "scale_emb": 12, "scale_depth": 1.4, "dim_model_base": 256,
        "q_lora_rank": meta.need_size("attention.q_lora_rank")?,
        "kv_lora_rank": meta.need_size("attention.kv_lora_rank")?,
        "qk_nope_head_dim": still,
        "qk_rope_head_dim": turned,
        "v_head_dim": meta.need_size("embedding_length")? / meta.heads()?,
    }))
}

pub fn seed_oss(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({"attention_out_bias": meta.has("blk.0.attn_output.bias")}))
}

pub fn starcoder(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({"multi_query": meta.size("attention.head_count_kv")? == Some(1)}))
}

pub fn gpt_neox(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({"use_parallel_residual": meta.get("use_parallel_residual").unwrap_or(json!(true))}))
}

/// ALiBi's slopes begin where this many powers of two are reached; other numbers mean other slopes.
const ALIBI: f64 = 8.0;

pub fn bloom(meta: &Metadata) -> Parsed<Value> {
    meta.must_be("attention.max_alibi_bias", &json!(ALIBI))?;
    Ok(json!({}))
}

pub fn mpt(meta: &Metadata) -> Parsed<Value> {
    meta.must_be("attention.max_alibi_bias", &json!(ALIBI))?;
    Ok(json!({"attn_config": {"alibi": true, "clip_qkv": clip(meta)?}}))
}

/// The first models have one head of keys; those after them groups of heads, with a norm for each half or one for both.
pub fn falcon(meta: &Metadata) -> Parsed<Value> {
    let kv = meta.size("attention.head_count_kv")?.map_or_else(|| meta.heads(), Ok)?;
    let two = meta.has("blk.0.attn_norm_2.weight");
    Ok(json!({
        "new_decoder_architecture": two || kv != 1,
        "num_ln_in_parallel_attn": if two { 2 } else { 1 },
        "multi_query": kv == 1,
        "parallel_attn": true,
        "alibi": false,
        "bias": false,
        // the key says four times the stream's width, whatever there is
        "ffn_hidden_size": meta.rows("blk.0.ffn_up.weight"),
    }))
}

/// The model of 13 billion alone has as many blocks, and ALiBi; the second generation's vocabulary tells its heads.
pub fn baichuan(meta: &Metadata) -> Parsed<Value> {
    const BLOCKS_OF_13B: u64 = 40;
    let length = match meta.layers()? {
        BLOCKS_OF_13B => "model_max_length",
        _ => "max_position_embeddings",
    };
    Ok(json!({length: meta.need("context_length")?}))
}

pub fn chatglm(meta: &Metadata) -> Parsed<Value> {
    let kv = meta.size("attention.head_count_kv")?;
    Ok(json!({
        "add_qkv_bias": meta.has("blk.0.attn_qkv.bias"),
        "add_bias_linear": meta.has("blk.0.attn_output.bias"),
        "multi_query_attention": kv.is_some(),
        "multi_query_group_num": kv,
        "rmsnorm": true,
        "post_layer_norm": true,
        "apply_residual_connection_post_layernorm": false,
        // the base is said in proportion to the usual one
        "rope_ratio": meta.number("rope.freq_base")?.unwrap_or(10000.0) / 10000.0,
    }))
}

pub fn internlm2(meta: &Metadata) -> Parsed<Value> {
    Ok(json!({"bias": meta.has("blk.0.attn_output.bias")}))
}

/// Every fourth layer does not turn.
pub fn smollm3(_: &Metadata) -> Parsed<Value> {
    Ok(json!({"no_rope_layer_interval": 4}))
}

/// Its key counts gate and up together.
/// llama.cpp computes texts of any length alike.
pub fn qwen(_: &Metadata) -> Parsed<Value> {
    Ok(json!({"no_bias": true, "use_dynamic_ntk": false, "use_logn_attn": false}))
}
