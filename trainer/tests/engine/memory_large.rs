//! The estimate of a run's peak memory against what `/proc` tells of the trainer's process, on two models whose weights take
//! 300 MB and more: a dense one that trains whole, and a mixture of experts with an adapter.

use crate::common::noise;
use crate::memory::{demo, lengths, peak};
use half::bf16;
use protocol::RunConfig;
use protocol::config::check;
use protocol::decoder::{ModuleSpec, Shape};
use protocol::memory::{Room, estimate};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;
use trainer::info;
use trainer::model::ModelConfig;

/// `|estimate - measured| / measured`
const TOLERANCE: f64 = 0.1;

/// Random weights for a `config.json`, with the demo's tokenizer.
fn write_model(folder: &Path, config: &Value) {
    std::fs::create_dir_all(folder).unwrap();
    for file in ["tokenizer.json", "tokenizer_config.json", "generation_config.json"] {
        std::fs::copy(demo().join("model").join(file), folder.join(file)).unwrap();
    }
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let parsed = ModelConfig::parse(&config.to_string()).unwrap();
    let (dtype, bytes) = match config["torch_dtype"].as_str() {
        Some("bfloat16") => ("BF16", 2),
        _ => ("F32", 4),
    };
    let (mut header, mut end) = (Map::new(), 0);
    for ModuleSpec { role, shape } in parsed.decoder.modules() {
        let shape = match shape {
            Shape::Table { rows, columns } => vec![rows, columns],
            Shape::Linear { input, output, .. } => vec![output, input],
            Shape::Norm { width, .. } | Shape::Bias { width } => vec![width],
        };
        let start = end;
        end += bytes * shape.iter().product::<usize>();
        let name = format!("{}.weight", parsed.family.weights.path(role));
        header.insert(
            name,
            json!({ "dtype": dtype, "shape": shape, "data_offsets": [start, end] }),
        );
    }
    assert!(end >= 300_000_000, "{end} bytes");
    let header = Value::Object(header).to_string();
    let mut file = std::fs::File::create(folder.join("model.safetensors")).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    let values = noise(1 << 16, 1, 0.03).into_iter();
    let values: Vec<u8> = match dtype {
        "BF16" => values.flat_map(|x| bf16::from_f32(x).to_le_bytes()).collect(),
        _ => values.flat_map(f32::to_le_bytes).collect(),
    };
    for start in (0..end).step_by(values.len()) {
        file.write_all(&values[..values.len().min(end - start)]).unwrap();
    }
}

#[test]
fn estimates_of_large_models_are_within_a_tenth_of_the_resident_memory() {
    let root = std::env::temp_dir().join(format!("corral-memory-large-{}", std::process::id()));
    let dense = json!({
        "architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "vocab_size": 32000, "hidden_size": 768,
        "intermediate_size": 2048, "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 96,
        "max_position_embeddings": 1024, "torch_dtype": "float32"
    });
    let experts = json!({
        "architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe", "vocab_size": 32000, "hidden_size": 512,
        "intermediate_size": 1024, "moe_intermediate_size": 384, "num_hidden_layers": 8, "num_attention_heads": 8,
        "num_key_value_heads": 4, "head_dim": 64, "num_experts": 32, "num_experts_per_tok": 4, "decoder_sparse_step": 1,
        "mlp_only_layers": [], "norm_topk_prob": true, "max_position_embeddings": 1024, "tie_word_embeddings": true,
        "torch_dtype": "bfloat16"
    });
    let mut wrong = Vec::new();
    for (name, config, keys, size) in [
        (
            "dense",
            dense,
            "finetuning_type: full\nstage: sft\ndataset: demo_sft\n",
            2,
        ),
        (
            "experts",
            experts,
            "finetuning_type: lora\nlora_rank: 16\nlora_target: q_proj,v_proj\nstage: dpo\npref_loss: sigmoid\ndataset: demo_en\n",
            4,
        ),
    ] {
        let (model, run) = (root.join(name), root.join(format!("{name}-run")));
        write_model(&model, &config);
        let yaml = format!(
            "model_name_or_path: {}\ndo_train: true\ndataset_dir: {}\ncutoff_len: 256\noutput_dir: {}\n\
             per_device_train_batch_size: {size}\nper_device_eval_batch_size: 2\ngradient_accumulation_steps: 1\n\
             max_steps: 2\nsave_steps: 1\nsave_only_model: true\nlogging_steps: 1\nlearning_rate: 1.0e-5\nval_size: 8\n{keys}",
            model.display(),
            demo().join("data").display(),
            run.display(),
        );
        let file = root.join("config.yaml");
        std::fs::write(&file, &yaml).unwrap();
        // with what the first step's checkpoint took
        let measured = peak(&file, &run) as f64;
        let spec = check(&RunConfig::parse(&yaml).config).spec.unwrap();
        let lengths = lengths(&model, &spec, 2 * size);
        let told = estimate(
            &info::read(&model).unwrap().dims,
            &spec,
            &lengths,
            Room::Host { total: 16 << 30 },
        );
        let ratio = told.total() as f64 / measured;
        println!(
            "{name}: {:.0} MiB resident, estimated {ratio:.3} of it: {told:?}",
            measured / 1048576.0
        );
        if (ratio - 1.0).abs() > TOLERANCE {
            wrong.push(format!("{name} {ratio:.3}"));
        }
        std::fs::remove_dir_all(&model).ok();
    }
    std::fs::remove_dir_all(&root).ok();
    assert!(wrong.is_empty(), "estimate / resident: {wrong:?}");
}
