//! The estimate of a run's peak memory against what the kernel measured, on nine runs of the real program.

use crate::common::here;
use protocol::RunConfig;
use protocol::config::{RunSpec, check};
use protocol::memory::{Lengths, Room, estimate};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use trainer::data::{self, Encoder, Template, Tokenizer};
use trainer::{batch, info, stage};

/// `|estimate - measured| / measured`
const TOLERANCE: f64 = 0.2;

pub fn demo() -> PathBuf {
    here().join("../assets/demo")
}

/// A model of the benchmark's size with the demo's tokenizer.
fn big_model(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for file in ["tokenizer.json", "tokenizer_config.json", "generation_config.json"] {
        std::fs::copy(demo().join("model").join(file), folder.join(file)).unwrap();
    }
    let config = r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32000,
        "hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 8, "num_attention_heads": 8,
        "num_key_value_heads": 8, "max_position_embeddings": 1024, "rms_norm_eps": 1e-6,
        "tie_word_embeddings": false, "torch_dtype": "float32"}"#;
    std::fs::write(folder.join("config.json"), config).unwrap();
    let (hidden, wide, vocab) = (512, 1408, 32000);
    let mut shapes = vec![("model.embed_tokens".to_owned(), vec![vocab, hidden])];
    for layer in 0..8 {
        let at = |module: &str| format!("model.layers.{layer}.{module}");
        for module in ["q_proj", "k_proj", "v_proj", "o_proj"] {
            shapes.push((at(&format!("self_attn.{module}")), vec![hidden, hidden]));
        }
        shapes.push((at("mlp.gate_proj"), vec![wide, hidden]));
        shapes.push((at("mlp.up_proj"), vec![wide, hidden]));
        shapes.push((at("mlp.down_proj"), vec![hidden, wide]));
        shapes.push((at("input_layernorm"), vec![hidden]));
        shapes.push((at("post_attention_layernorm"), vec![hidden]));
    }
    shapes.push(("model.norm".to_owned(), vec![hidden]));
    shapes.push(("lm_head".to_owned(), vec![vocab, hidden]));
    let mut end = 0;
    let entries = shapes.iter().map(|(name, shape)| {
        let start = end;
        end += 4 * shape.iter().product::<usize>();
        let info = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, end] });
        (format!("{name}.weight"), info)
    });
    let header = Value::Object(entries.collect()).to_string();
    let mut file = std::fs::File::create(folder.join("model.safetensors")).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    let noise: Vec<u8> = crate::common::noise(1 << 16, 1, 0.03)
        .into_iter()
        .flat_map(f32::to_le_bytes)
        .collect();
    for start in (0..end).step_by(noise.len()) {
        file.write_all(&noise[..noise.len().min(end - start)]).unwrap();
    }
}

/// Runs the program and gives the most memory it had resident, in bytes: what its last step tells. (What `wait4` tells of a
/// child begins at what its parent held, and other tests run in this process.)
pub fn peak(config: &Path, run: &Path) -> u64 {
    let status = Command::new(env!("CARGO_BIN_EXE_corral-trainer"))
        .arg("train")
        .arg(config)
        .env("RAYON_NUM_THREADS", "2")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{}: the run failed", config.display());
    let events = std::fs::read_to_string(run.join("events.jsonl")).unwrap();
    let told = events.lines().filter_map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["metrics"]["memory"].as_f64()
    });
    told.fold(0.0, f64::max) as u64
}

/// How long the rows of a run are, of which so many are drawn.
pub fn lengths(model: &Path, spec: &RunSpec, drawn: usize) -> Lengths {
    let tokenizer = Tokenizer::from_dir(model).unwrap();
    let template = Template::choose(None, &tokenizer).unwrap();
    let encoder = Encoder::new(tokenizer, template, None).unwrap();
    let data = data::load(&spec.data, stage::intake(&spec.method), spec.seed, &encoder).unwrap();
    let lengths = batch::lengths(&data.train).unwrap();
    Lengths {
        rows: lengths.rows.min(drawn as u64),
        ..lengths
    }
}

#[test]
fn estimates_are_within_a_fifth_of_the_measured_peak() {
    let root = std::env::temp_dir().join(format!("corral-memory-{}", std::process::id()));
    let big = root.join("big");
    big_model(&big);
    let small = demo().join("model");
    let cases = [
        (
            "small lora dpo",
            &small,
            "lora",
            "dpo\npref_loss: sigmoid",
            "demo_en",
            256,
            16,
        ),
        (
            "small lora simpo",
            &small,
            "lora",
            "dpo\npref_loss: simpo",
            "demo_ja",
            256,
            4,
        ),
        (
            "small full dpo",
            &small,
            "full",
            "dpo\npref_loss: sigmoid",
            "demo_zh",
            256,
            32,
        ),
        ("small full sft", &small, "full", "sft", "demo_sft", 128, 32),
        (
            "big lora dpo",
            &big,
            "lora",
            "dpo\npref_loss: sigmoid",
            "demo_en",
            512,
            8,
        ),
        ("big lora orpo", &big, "lora", "dpo\npref_loss: orpo", "demo_ja", 48, 2),
        (
            "big full simpo",
            &big,
            "full",
            "dpo\npref_loss: simpo",
            "demo_en",
            256,
            4,
        ),
        ("big full dpo", &big, "full", "dpo\npref_loss: hinge", "demo_zh", 256, 2),
        (
            "big full sft in pure bf16",
            &big,
            "full",
            "sft\npure_bf16: true",
            "demo_sft",
            256,
            2,
        ),
        (
            "big lora dpo in bf16",
            &big,
            "lora",
            "dpo\npref_loss: sigmoid\nbf16: true",
            "demo_en",
            512,
            8,
        ),
    ];
    let steps = |model: &PathBuf| if model == &big { 2 } else { 8 };
    let measured = cases.map(|(name, model, tuning, stage, dataset, cutoff, size)| {
        let run = root.join(name.replace(' ', "-"));
        let yaml = format!(
            "model_name_or_path: {}\nstage: {stage}\ndo_train: true\nfinetuning_type: {tuning}\nlora_rank: 16\n\
             lora_target: all\ndataset: {dataset}\ndataset_dir: {}\ncutoff_len: {cutoff}\noutput_dir: {}\n\
             per_device_train_batch_size: {size}\nper_device_eval_batch_size: 2\ngradient_accumulation_steps: 1\n\
             max_steps: {}\nlogging_steps: 1\nlearning_rate: 1.0e-5\nval_size: 8\n",
            model.display(),
            demo().join("data").display(),
            run.display(),
            steps(model),
        );
        let config = root.join("config.yaml");
        std::fs::write(&config, &yaml).unwrap();
        (name, model, yaml, peak(&config, &run) as f64)
    });
    let mut wrong = Vec::new();
    for (name, model, yaml, measured) in measured {
        let spec = check(&RunConfig::parse(&yaml).config).spec.unwrap();
        let lengths = lengths(model, &spec, steps(model) * spec.batch.train);
        let estimate = estimate(
            &info::read(model).unwrap().dims,
            &spec,
            &lengths,
            Room::Host { total: 16 << 30 },
        );
        let ratio = estimate.total() as f64 / measured;
        println!(
            "{name}: {:.0} MiB measured, estimated {ratio:.2} of it: {estimate:?}",
            measured / 1048576.0
        );
        if (ratio - 1.0).abs() > TOLERANCE {
            wrong.push(format!("{name} {ratio:.2}"));
        }
    }
    std::fs::remove_dir_all(&root).ok();
    assert!(wrong.is_empty(), "estimate / measured: {wrong:?}");
}
