//! What `config.json` would say of a model of which there is a GGUF file alone: its metadata in transformers' words.
//!
//! Each architecture of llama.cpp has its class, the key of its norms' epsilon, and what its config says beside the keys that all
//! have. Source: llama.cpp, `convert_hf_to_gguf.py`, `src/llama-model.cpp`.
mod more;

use super::Parsed;
use super::gguf_file::GgufFile;
use more::{mixtral, nothing, phi3, qwen2_moe};
use protocol::decoder::by_architecture;
use protocol::says;
use serde_json::{Map, Value, json};

/// An architecture as llama.cpp names it.
struct Architecture {
    name: &'static str,
    class: &'static str,
    /// its config's key for the norms' epsilon
    epsilon: &'static str,
    activation: &'static str,
    /// what it says beside the keys of all
    more: fn(&Metadata) -> Parsed<Value>,
}

const RMS: &str = "rms_norm_eps";

const ARCHITECTURES: &[Architecture] = &[
    // llama.cpp gives Mistral the same name
    of("llama", "LlamaForCausalLM", RMS, "silu", nothing),
    of("qwen2", "Qwen2ForCausalLM", RMS, "silu", nothing),
    of("qwen3", "Qwen3ForCausalLM", RMS, "silu", nothing),
    of("qwen2moe", "Qwen2MoeForCausalLM", RMS, "silu", qwen2_moe),
    of("phi3", "Phi3ForCausalLM", RMS, "silu", phi3),
];

/// Llama's with experts.
const MIXTRAL: Architecture = of("llama", "MixtralForCausalLM", RMS, "silu", mixtral);

const fn of(
    name: &'static str,
    class: &'static str,
    epsilon: &'static str,
    activation: &'static str,
    more: fn(&Metadata) -> Parsed<Value>,
) -> Architecture {
    Architecture {
        name,
        class,
        epsilon,
        activation,
        more,
    }
}

/// The metadata of one architecture, and which tensors there are.
struct Metadata<'a> {
    file: &'a GgufFile,
}

impl Metadata<'_> {
    fn get(&self, key: &str) -> Option<Value> {
        self.file.metadata.get(&self.key(key)).cloned()
    }

    fn need(&self, key: &str) -> Parsed<Value> {
        self.get(key).ok_or_else(|| says::no_metadata(self.key(key)))
    }

    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.file.architecture())
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_f64()
    }

    fn has(&self, tensor: &str) -> bool {
        self.file.tensors.contains_key(tensor)
    }

    /// The width of a head.
    fn head(&self) -> Option<f64> {
        let heads = self.number("attention.head_count").filter(|&heads| heads >= 1.0)?;
        self.number("attention.key_length")
            .or_else(|| Some((self.number("embedding_length")? / heads).floor()))
    }
}

/// The architectures that are read, for messages: those whose class is described.
fn supported() -> String {
    let known = ARCHITECTURES
        .iter()
        .filter(|arch| by_architecture(arch.class).is_some());
    known.map(|arch| arch.name).collect::<Vec<_>>().join(", ")
}

/// What `config.json` would say.
pub fn config(file: &GgufFile) -> Parsed<Value> {
    let name = file.architecture();
    let meta = Metadata { file };
    let experts = meta.number("expert_count").unwrap_or(0.0) > 0.0;
    let arch = match (name, experts) {
        ("llama", true) => Some(&MIXTRAL),
        _ => ARCHITECTURES.iter().find(|arch| arch.name == name),
    };
    let known = arch.and_then(|arch| Some((arch, by_architecture(arch.class)?)));
    let (arch, family) = known.ok_or_else(|| says::gguf_architecture(format!("{name:?}"), supported()))?;
    let vocab = file.tensors.get("token_embd.weight").and_then(|e| e.shape.first());
    let epsilon = ["attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon"];
    let epsilon = epsilon.iter().find_map(|key| meta.get(key));
    let usual = json!({
        "hidden_act": arch.activation,
        "hidden_size": meta.need("embedding_length")?,
        "intermediate_size": meta.need("feed_forward_length")?,
        "num_hidden_layers": meta.need("block_count")?,
        "num_attention_heads": meta.need("attention.head_count")?,
        "num_key_value_heads": meta.get("attention.head_count_kv").map_or_else(|| meta.need("attention.head_count"), Ok)?,
        "rope_theta": meta.get("rope.freq_base").unwrap_or(json!(10000.0)),
        "max_position_embeddings": meta.need("context_length")?,
        "vocab_size": vocab.ok_or_else(|| says::no_tensor("token_embd.weight"))?,
        "tie_word_embeddings": !meta.has("output.weight"),
        "torch_dtype": "float16",
    });
    let mut config = Map::new();
    config.insert("architectures".into(), json!([arch.class]));
    config.insert("model_type".into(), name.into());
    if let Value::Object(usual) = usual {
        for (key, value) in usual {
            config.insert(family.key(&key, &Map::new()).to_owned(), value);
        }
    }
    let epsilon = epsilon.ok_or_else(|| says::no_metadata(meta.key("attention.layer_norm_rms_epsilon")))?;
    config.insert(arch.epsilon.into(), epsilon);
    biases(&meta, &mut config)?;
    if let Some(width) = meta.head() {
        config.insert("head_dim".into(), json!(width as u64));
        if let Some(dims) = meta.number("rope.dimension_count").filter(|&dims| dims <= width) {
            let key = family.key("partial_rotary_factor", &Map::new()).to_owned();
            config.insert(key, json!(dims / width));
        }
    }
    for key in ["bos_token_id", "eos_token_id"] {
        if let Some(id) = file.metadata.get(&format!("tokenizer.ggml.{key}")) {
            config.insert(key.into(), id.clone());
        }
    }
    if ["rope_freqs", "rope_factors_long", "rope_factors_short"]
        .iter()
        .any(|name| meta.has(&format!("{name}.weight")))
    {
        return Err(says::rope_table());
    }
    match meta.get("rope.scaling.type").as_ref().and_then(Value::as_str) {
        None | Some("none") => {}
        Some("linear") => {
            let scaling = json!({"rope_type": "linear", "factor": meta.need("rope.scaling.factor")?});
            config.insert("rope_scaling".into(), scaling);
        }
        Some(other) => return Err(says::gguf_rope_scaling(other, "none, linear")),
    }
    if let Value::Object(more) = (arch.more)(&meta)? {
        config.extend(more);
    }
    Ok(Value::Object(config))
}

/// Whether layers have biases, which their tensors show.
fn biases(meta: &Metadata, config: &mut Map<String, Value>) -> Parsed<()> {
    let bias = |module: &str| meta.has(&format!("blk.0.{module}.bias"));
    let (heads, output, network) = (bias("attn_q") || bias("attn_qkv"), bias("attn_output"), bias("ffn_up"));
    if meta.file.architecture() == "llama" && heads != output {
        // one switch for all of them in transformers' Llama
        return Err(says::no_biases_in_gguf());
    }
    config.insert("attention_bias".into(), heads.into());
    config.insert("mlp_bias".into(), network.into());
    config.insert("use_bias".into(), output.into());
    Ok(())
}
