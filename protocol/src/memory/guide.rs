//! What a card's memory is enough for: the files of a preference-learning guide as people run them; and what a card has held.

use super::{Lengths, Room, estimate, gigabytes};
use crate::RunConfig;
use crate::api::{ModelDims, StoredType};
use crate::config::{RunSpec, check};
use crate::decoder::ModelSpec;
use serde_json::{Value, json};

/// What `nvidia-smi` tells of cards that are sold as 8 and as 24 GB, in all.
const CARD_8: u64 = 8188 << 20;
const CARD_24: u64 = 24564 << 20;

fn dims(config: Value) -> ModelDims {
    let model = ModelSpec::parse(config.as_object().expect("an object")).expect("a model");
    ModelDims {
        family: model.family,
        decoder: model.decoder,
        stored: StoredType::Bf16,
        packed_bytes: None,
    }
}

fn llama(hidden: usize, inner: usize, layers: usize, heads: usize, tied: bool) -> ModelDims {
    dims(json!({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": hidden, "intermediate_size": inner,
        "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": 8, "head_dim": 128,
        "vocab_size": 128256, "rms_norm_eps": 1e-5, "max_position_embeddings": 131072, "rope_theta": 500000.0,
        "tie_word_embeddings": tied, "hidden_act": "silu"
    }))
}

fn llama_3b() -> ModelDims {
    llama(3072, 8192, 28, 24, true)
}

fn llama_8b() -> ModelDims {
    llama(4096, 14336, 32, 32, false)
}

fn mistral_7b() -> ModelDims {
    dims(json!({
        "architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": 4096, "intermediate_size": 14336,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 32768,
        "rms_norm_eps": 1e-5, "max_position_embeddings": 131072, "rope_theta": 1000000.0, "sliding_window": null,
        "tie_word_embeddings": false, "hidden_act": "silu"
    }))
}

/// The keys of the guide's files that memory hangs by, and others in place of or behind them.
fn guide(more: &str) -> RunSpec {
    let text = format!(
        "model_name_or_path: m\nadapter_name_or_path: sft\ndo_train: true\nfinetuning_type: lora\nlora_target: all\n\
         lora_alpha: 32\nlora_dropout: 0.05\nquantization_bit: 4\nquantization_method: bnb\ndataset: d\n\
         template: llama3\noutput_dir: o\nval_size: 0.1\nlearning_rate: 5.0e-6\n\
         optim: adamw_torch\nfp16: true\n{more}"
    );
    check(&RunConfig::parse(&text).config).spec.expect("a run")
}

const SIMPO: &str = "stage: dpo\nlora_rank: 32\npref_loss: simpo\npref_beta: 2.0\nsimpo_gamma: 0.5\n\
                     per_device_train_batch_size: 2\nper_device_eval_batch_size: 2\n";
const ORPO: &str = "stage: dpo\nlora_rank: 32\npref_loss: orpo\npref_beta: 0.1\n\
                    per_device_train_batch_size: 2\nper_device_eval_batch_size: 2\n";
const DPO: &str = "stage: dpo\nlora_rank: 32\npref_loss: sigmoid\npref_beta: 0.1\n\
                   per_device_train_batch_size: 1\nper_device_eval_batch_size: 2\n";

/// An adapter of its own over one long text.
const SFT: &str = "model_name_or_path: m\nstage: sft\ndo_train: true\nfinetuning_type: lora\nlora_target: all\nlora_rank: 16\n\
                   quantization_bit: 4\ndataset: d\ntemplate: mistral\noutput_dir: o\nval_size: 0\nbf16: true\n\
                   per_device_train_batch_size: 1\n";

/// What a run needs at most, every row of it as long as the cut-off allows, and whether that is there.
fn told(dims: &ModelDims, keys: &str, cutoff: usize, card: u64) -> (String, bool) {
    let text = format!("{keys}cutoff_len: {cutoff}\n");
    let spec = match keys.contains("model_name") {
        true => check(&RunConfig::parse(&text).config).spec.expect("a run"),
        false => guide(&text),
    };
    let lengths = Lengths::at_cutoff(&spec, 1000);
    let told = estimate(dims, &spec, &lengths, Room::Card { free: card });
    (gigabytes(told.total()), told.total() <= card)
}

#[test]
fn the_guides_files_fit_a_card_of_8_gb() {
    for (keys, need) in [(SIMPO, "8.0 GB"), (ORPO, "8.0 GB"), (DPO, "8.0 GB")] {
        assert_eq!(told(&llama_3b(), keys, 2048, CARD_8), (need.into(), true), "{keys}");
    }
    // of which most are activations that would be made again, had they no room
    let spec = guide(&format!("{SIMPO}cutoff_len: 2048\nactivation_memory: 1\n"));
    let lengths = Lengths::at_cutoff(&spec, 1000);
    let least = estimate(&llama_3b(), &spec, &lengths, Room::Card { free: CARD_8 });
    assert_eq!(gigabytes(least.total()), "5.9 GB");
}

#[test]
fn dpo_of_an_8b_model_fits_a_card_of_8_gb_with_a_smaller_adapter_or_shorter_rows() {
    let small = DPO.replace("lora_rank: 32", "lora_rank: 16");
    assert_eq!(told(&llama_8b(), DPO, 1024, CARD_8), ("9.1 GB".into(), false));
    assert_eq!(told(&llama_8b(), &small, 1024, CARD_8), ("8.3 GB".into(), true));
    assert_eq!(told(&llama_8b(), DPO, 384, CARD_8), ("8.5 GB".into(), true));
}

/// The inputs of the blocks are 15 GB of it, which would have to lie in the host's memory.
#[test]
fn a_text_of_56k_tokens_is_too_long_for_a_7b_model_on_a_card_of_24_gb() {
    assert_eq!(told(&mistral_7b(), SFT, 56 << 10, CARD_24), ("35.3 GB".into(), false));
    assert_eq!(told(&mistral_7b(), SFT, 36 << 10, CARD_24), ("24.7 GB".into(), true));
}

/// The pool's peak in GiB as `make bench-gpu` printed it on one H100 (the README's table): four sequences of random tokens, two of
/// them a prompt's replies in DPO.
#[test]
fn an_h100_held_what_the_estimate_says() {
    let llama_1b = || {
        dims(json!({
            "architectures": ["LlamaForCausalLM"], "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192,
            "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64,
            "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0, "tie_word_embeddings": true
        }))
    };
    let qwen = || {
        dims(json!({
            "architectures": ["Qwen3ForCausalLM"], "vocab_size": 151936, "hidden_size": 1024, "intermediate_size": 3072,
            "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
            "max_position_embeddings": 40960, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": true
        }))
    };
    let lora = "finetuning_type: lora\nlora_rank: 16\n";
    let packed = "finetuning_type: lora\nlora_rank: 16\nquantization_bit: 4\n";
    for (dims, stage, keys, length, held) in [
        (llama_1b(), "dpo", lora, 1024, 5.1),
        (llama_1b(), "dpo", lora, 4096, 12.6),
        (llama_1b(), "sft", lora, 1024, 6.0),
        (llama_1b(), "sft", "finetuning_type: full\n", 1024, 21.9),
        (llama_1b(), "dpo", packed, 1024, 3.7),
        (qwen(), "dpo", lora, 1024, 4.2),
        (qwen(), "sft", "finetuning_type: full\n", 1024, 12.8),
    ] {
        let rows = if stage == "dpo" { 2 } else { 4 };
        let text = format!(
            "model_name_or_path: m\nstage: {stage}\ndo_train: true\ndataset: d\ntemplate: llama3\noutput_dir: o\nval_size: 0\n\
             bf16: true\ncutoff_len: {length}\nper_device_train_batch_size: {rows}\n{keys}"
        );
        let spec = check(&RunConfig::parse(&text).config).spec.expect("a run");
        let told = estimate(
            &dims,
            &spec,
            &Lengths::at_cutoff(&spec, 4),
            Room::Card { free: 80 << 30 },
        );
        let pool = (told.total() - told.other) as f64 / (1u64 << 30) as f64;
        assert!(
            (pool / held - 1.0).abs() < 0.02,
            "{stage} {length} {keys}: {pool:.2} GiB, held {held}"
        );
    }
}
