//! What `config.json` would say of a model of which there is a GGUF file alone: its metadata in transformers' words.
//!
//! Each architecture of llama.cpp has its class, the key of its norms' epsilon, and what its config says beside the keys that all
//! have. Source: llama.cpp, `conversion/`, `src/models/`.
mod experts;
mod metadata;
mod more;
mod rope;

pub use rope::Llama3;

use super::Parsed;
use super::gguf_file::GgufFile;
use experts::{
    deepseek, deepseek_v2, deepseek_v3, ernie_moe, glm4_moe, gpt_oss, granite_moe, has_experts, has_sigmoids,
    hunyuan_moe, llama4, mixtral, olmoe, phimoe, qwen2_moe, qwen3_moe,
};
use metadata::Metadata;
use more::{
    baichuan, bloom, chatglm, cohere2, command_r, falcon, gemma2, gemma3, gpt_neox, granite, internlm2, minicpm,
    minicpm3, mpt, nothing, olmo, olmo3, phi2, phi3, qwen, seed_oss, smollm3, stablelm, starcoder, starcoder2,
};
use protocol::decoder::{Family, by_architecture, gguf_classes, gguf_supported};
use protocol::says;
use serde_json::{Map, Value, json};

/// A class that files are of; which architectures of llama.cpp are of it says `protocol::decoder::GGUF`.
struct Class {
    class: &'static str,
    /// whether a file of its architecture is one of these
    when: fn(&Metadata) -> bool,
    /// its config's `model_type`
    kind: &'static str,
    /// its config's key for the norms' epsilon
    epsilon: &'static str,
    activation: &'static str,
    /// what it says beside the keys of all
    more: fn(&Metadata) -> Parsed<Value>,
}

const RMS: &str = "rms_norm_eps";
const LAYER: &str = "layer_norm_eps";
const GPT: &str = "layer_norm_epsilon";
const SILU: &str = "silu";
const GELU: &str = "gelu";
const TANH: &str = "gelu_pytorch_tanh";

const CLASSES: &[Class] = &[
    of("MixtralForCausalLM", "mixtral", RMS, SILU, mixtral).when(has_experts),
    of("LlamaForCausalLM", "llama", RMS, SILU, nothing),
    of("Llama4ForCausalLM", "llama4_text", RMS, SILU, llama4),
    of("QWenLMHeadModel", "qwen", GPT, SILU, qwen),
    of("Qwen2ForCausalLM", "qwen2", RMS, SILU, nothing),
    of("Qwen3ForCausalLM", "qwen3", RMS, SILU, nothing),
    of("Qwen2MoeForCausalLM", "qwen2_moe", RMS, SILU, qwen2_moe),
    of("Qwen3MoeForCausalLM", "qwen3_moe", RMS, SILU, qwen3_moe),
    of("PhiForCausalLM", "phi", LAYER, "gelu_new", phi2),
    of("Phi3ForCausalLM", "phi3", RMS, SILU, phi3),
    of("PhimoeForCausalLM", "phimoe", RMS, SILU, phimoe),
    of("GemmaForCausalLM", "gemma", RMS, TANH, nothing),
    of("Gemma2ForCausalLM", "gemma2", RMS, TANH, gemma2),
    of("Gemma3ForCausalLM", "gemma3_text", RMS, TANH, gemma3),
    of("GPTBigCodeForCausalLM", "gpt_bigcode", GPT, TANH, starcoder),
    of("Starcoder2ForCausalLM", "starcoder2", "norm_epsilon", TANH, starcoder2),
    of("StableLmForCausalLM", "stablelm", LAYER, SILU, stablelm),
    of("NemotronForCausalLM", "nemotron", "norm_eps", "relu2", nothing),
    of("OlmoForCausalLM", "olmo", LAYER, SILU, olmo),
    of("Olmo3ForCausalLM", "olmo3", RMS, SILU, olmo3).when(has_window),
    of("Olmo2ForCausalLM", "olmo2", RMS, SILU, nothing),
    of("OlmoeForCausalLM", "olmoe", RMS, SILU, olmoe),
    of("CohereForCausalLM", "cohere", LAYER, SILU, command_r),
    of("Cohere2ForCausalLM", "cohere2", LAYER, SILU, cohere2),
    of("ChatGLMModel", "chatglm", RMS, SILU, chatglm).when(has_joined_heads),
    of("GlmForCausalLM", "glm", RMS, SILU, nothing),
    of("Glm4ForCausalLM", "glm4", RMS, SILU, nothing),
    of("Glm4MoeForCausalLM", "glm4_moe", RMS, SILU, glm4_moe),
    of("SmolLM3ForCausalLM", "smollm3", RMS, SILU, smollm3),
    of("GraniteForCausalLM", "granite", RMS, SILU, granite),
    of("GraniteMoeForCausalLM", "granitemoe", RMS, SILU, granite_moe),
    of("MiniCPMForCausalLM", "minicpm", RMS, SILU, minicpm),
    of("MiniCPM3ForCausalLM", "minicpm3", RMS, SILU, minicpm3),
    of("XverseForCausalLM", "xverse", RMS, SILU, nothing),
    of("BaichuanForCausalLM", "baichuan", RMS, SILU, baichuan),
    of("InternLM2ForCausalLM", "internlm2", RMS, SILU, internlm2),
    of("Ernie4_5ForCausalLM", "ernie4_5", RMS, SILU, nothing),
    of("Ernie4_5_MoeForCausalLM", "ernie4_5_moe", RMS, SILU, ernie_moe),
    of("HunYuanDenseV1ForCausalLM", "hunyuan_v1_dense", RMS, SILU, nothing),
    of("HunYuanMoEV1ForCausalLM", "hunyuan_v1_moe", RMS, SILU, hunyuan_moe),
    of("SeedOssForCausalLM", "seed_oss", RMS, SILU, seed_oss),
    of("DeepseekForCausalLM", "deepseek", RMS, SILU, deepseek),
    of("DeepseekV3ForCausalLM", "deepseek_v3", RMS, SILU, deepseek_v3).when(has_sigmoids),
    of("DeepseekV2ForCausalLM", "deepseek_v2", RMS, SILU, deepseek_v2),
    of("GptOssForCausalLM", "gpt_oss", RMS, SILU, gpt_oss),
    of("GPT2LMHeadModel", "gpt2", GPT, "gelu_new", nothing),
    of("GPTNeoXForCausalLM", "gpt_neox", LAYER, GELU, gpt_neox),
    of("BloomForCausalLM", "bloom", GPT, TANH, bloom),
    of("MptForCausalLM", "mpt", GPT, GELU, mpt),
    of("FalconForCausalLM", "falcon", GPT, GELU, falcon),
];

const fn of(
    class: &'static str,
    kind: &'static str,
    epsilon: &'static str,
    activation: &'static str,
    more: fn(&Metadata) -> Parsed<Value>,
) -> Class {
    Class {
        class,
        when: |_| true,
        kind,
        epsilon,
        activation,
        more,
    }
}

impl Class {
    const fn when(self, when: fn(&Metadata) -> bool) -> Self {
        Self { when, ..self }
    }
}

fn has_window(meta: &Metadata) -> bool {
    let window = meta.get("attention.sliding_window");
    window
        .and_then(|window| window.as_u64())
        .is_some_and(|window| window > 0)
}

fn has_joined_heads(meta: &Metadata) -> bool {
    meta.has("blk.0.attn_qkv.weight")
}

/// What `config.json` would say.
pub fn config(file: &GgufFile) -> Parsed<Value> {
    let name = file.architecture();
    let meta = Metadata::new(file);
    let classes = gguf_classes(name).iter();
    let mut classes = classes.filter_map(|class| CLASSES.iter().find(|known| known.class == *class));
    let class = classes.find(|class| (class.when)(&meta));
    let known = class.and_then(|class| Some((class, by_architecture(class.class)?)));
    let (class, family) = known.ok_or_else(|| says::gguf_architecture(format!("{name:?}"), gguf_supported()))?;
    let mut config = usual(&meta, class, family)?;
    biases(&meta, &mut config)?;
    rope::rope(&meta, family, &mut config)?;
    for key in ["bos_token_id", "eos_token_id"] {
        if let Some(id) = file.metadata.get(&format!("tokenizer.ggml.{key}")) {
            config.insert(key.into(), id.clone());
        }
    }
    if let Value::Object(more) = (class.more)(&meta)? {
        config.extend(more);
    }
    meta.all_is_read()?;
    Ok(Value::Object(config))
}

/// The keys that all have.
fn usual(meta: &Metadata, class: &Class, family: &Family) -> Parsed<Map<String, Value>> {
    let heads = meta.heads()?;
    let vocabulary = meta.rows("token_embd.weight");
    let usual = json!({
        "hidden_act": class.activation,
        "hidden_size": meta.need_size("embedding_length")?,
        "intermediate_size": meta.need_size("feed_forward_length")?,
        "num_hidden_layers": meta.layers()?,
        "num_attention_heads": heads,
        "num_key_value_heads": meta.size("attention.head_count_kv")?.unwrap_or(heads),
        "max_position_embeddings": meta.need_size("context_length")?,
        "vocab_size": vocabulary.ok_or_else(|| says::no_tensor("token_embd.weight"))?,
        "tie_word_embeddings": !meta.has("output.weight"),
        "torch_dtype": "float16",
    });
    let mut config = Map::new();
    config.insert("architectures".into(), json!([class.class]));
    config.insert("model_type".into(), class.kind.into());
    if let Value::Object(usual) = usual {
        for (key, value) in usual {
            config.insert(family.key(&key, &Map::new()).to_owned(), value);
        }
    }
    let (rms, layer) = ("attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon");
    let epsilon = (meta.number(layer)?, meta.number(rms)?);
    let epsilon = match epsilon {
        (_, Some(epsilon)) if class.epsilon == RMS => epsilon,
        (Some(epsilon), _) | (None, Some(epsilon)) => epsilon,
        (None, None) => return Err(says::no_metadata(meta.key(rms))),
    };
    config.insert(class.epsilon.into(), json!(epsilon));
    let head = meta.head()?;
    config.insert(family.key("head_dim", &Map::new()).to_owned(), json!(head));
    if meta.get("attention.kv_lora_rank").is_none() {
        meta.must_be("attention.value_length", &json!(head))?;
    }
    Ok(config)
}

/// Whether layers have biases, which their tensors show.
fn biases(meta: &Metadata, config: &mut Map<String, Value>) -> Parsed<()> {
    let bias = |module: &str| meta.has(&format!("blk.0.{module}.bias"));
    let (heads, output, network) = (bias("attn_q") || bias("attn_qkv"), bias("attn_output"), bias("ffn_up"));
    if meta.architecture() == "llama" && heads != output {
        // one switch for all of them in transformers' Llama
        return Err(says::no_biases_in_gguf());
    }
    config.insert("attention_bias".into(), heads.into());
    config.insert("mlp_bias".into(), network.into());
    config.insert("use_bias".into(), output.into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::decoder::GGUF;

    #[test]
    fn every_class_that_files_are_of_is_read() {
        let named: Vec<&str> = GGUF.iter().flat_map(|(_, classes)| *classes).copied().collect();
        for class in CLASSES {
            assert!(named.contains(&class.class), "no file is of {}", class.class);
        }
        for class in named {
            assert!(CLASSES.iter().any(|known| known.class == class), "{class} is not read");
        }
    }
}
