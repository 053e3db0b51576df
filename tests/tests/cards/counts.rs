//! What a step asks of a card, counted by the emulated one: how often the host waits, what is copied, how much attention reads.

use crate::trouble::command;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// Calls of a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    waits: i64,
    to_card: i64,
    to_host: i64,
    launches: i64,
    products: i64,
}

impl Counts {
    fn of(report: &Value) -> Self {
        let calls = |name: &str| report[name]["calls"].as_i64().unwrap();
        let kernels = report["kernels"].as_object().unwrap().values();
        Self {
            waits: report["synchronizations"].as_i64().unwrap(),
            to_card: calls("to_device"),
            to_host: calls("to_host"),
            launches: kernels.map(|kernel| kernel["launches"].as_i64().unwrap()).sum(),
            products: calls("products"),
        }
    }

    fn beyond(self, other: Self) -> Self {
        Self {
            waits: self.waits - other.waits,
            to_card: self.to_card - other.to_card,
            to_host: self.to_host - other.to_host,
            launches: self.launches - other.launches,
            products: self.products - other.products,
        }
    }
}

/// Rows of one length, so that no buffer grows from one micro-batch to the next.
fn rows(folder: &Path, preference: bool, words: usize) -> String {
    let reply = "word ".repeat(words);
    let row = match preference {
        true => json!({"instruction": "Say it", "chosen": reply, "rejected": reply.replace("word", "worn")}),
        false => json!({"instruction": "Say it", "output": reply}),
    };
    let file = folder.join(format!("rows-{preference}-{words}.json"));
    std::fs::write(&file, Value::Array(vec![row; 4]).to_string()).unwrap();
    file.display().to_string()
}

/// What the card has counted of a run, as the emulator reports it.
fn report(folder: &Path, config: &Value, words: &[&str]) -> Value {
    let place = TempDir::new_in(folder).unwrap();
    let file = place.path().join("report.json");
    let variables = [
        ("CUDA_EMULATOR_REPORT", file.to_str().unwrap()),
        ("CUDA_EMULATOR_TRAFFIC", "1"),
    ];
    let run = command(
        config.as_object().unwrap(),
        &place.path().join("out"),
        words,
        &variables,
    )
    .output()
    .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    report[0].clone()
}

fn config(folder: &Path, stage: &str, words: usize, more: Value) -> Value {
    let mut config = json!({
        "model_name_or_path": "models/llama", "stage": stage, "dataset": rows(folder, stage == "dpo", words),
        "template": "llama2", "cutoff_len": 512, "per_device_train_batch_size": 1, "save_strategy": "no",
        "logging_steps": 100, "finetuning_type": "lora", "lora_rank": 4,
    });
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    config
}

#[test]
fn a_micro_batch_is_waited_for_once_and_a_step_once_more() {
    let folder = TempDir::new().unwrap();
    // passes: the reference's log-probs are waited for too
    for (name, stage, passes, more) in [
        ("LoRA", "sft", 1, json!({})),
        ("LoRA in bf16", "sft", 1, json!({"bf16": true})),
        ("all weights", "sft", 1, json!({"finetuning_type": "full"})),
        ("DoRA", "sft", 1, json!({"use_dora": true})),
        ("8-bit states", "sft", 1, json!({"optim": "adamw_8bit"})),
        ("Adafactor", "sft", 1, json!({"optim": "adafactor"})),
        (
            "GaLore",
            "sft",
            1,
            json!({"finetuning_type": "full", "use_galore": true}),
        ),
        ("SimPO", "dpo", 1, json!({"pref_loss": "simpo"})),
        (
            "QLoRA, SimPO",
            "dpo",
            1,
            json!({"pref_loss": "simpo", "quantization_bit": 4}),
        ),
        ("DPO", "dpo", 2, json!({})),
    ] {
        let config = config(folder.path(), stage, 3, more);
        let run = |steps: usize, micro_batches: usize| {
            let words = [
                format!("max_steps={steps}"),
                format!("gradient_accumulation_steps={micro_batches}"),
            ];
            Counts::of(&report(folder.path(), &config, &words.each_ref().map(String::as_str)))
        };
        let one = run(1, 1);
        let micro_batch = run(1, 2).beyond(one);
        let step = run(2, 1).beyond(one).beyond(micro_batch);
        // in: the plan, then the derivatives; out: log-probs
        assert_eq!(
            (micro_batch.waits, micro_batch.to_host),
            (passes, passes),
            "{name}: {micro_batch:?}"
        );
        assert_eq!(micro_batch.to_card, 2, "{name}: {micro_batch:?}");
        // out: the gradients' norm
        assert_eq!((step.waits, step.to_host, step.to_card), (1, 1, 0), "{name}: {step:?}");
        println!("{name:14} a micro-batch {micro_batch:?}");
        println!("{:14} a step beyond {step:?}", "");
    }
}

/// Of two blocks, so that a block more would show.
#[test]
fn a_block_has_few_launches() {
    let folder = TempDir::new().unwrap();
    for (name, most, more) in [
        ("LoRA", 30, json!({})),
        ("all weights", 36, json!({"finetuning_type": "full"})),
    ] {
        let config = config(folder.path(), "sft", 3, more);
        let run = |micro_batches: &str| Counts::of(&report(folder.path(), &config, &["max_steps=1", micro_batches]));
        let micro_batch = run("gradient_accumulation_steps=2").beyond(run("gradient_accumulation_steps=1"));
        assert!(micro_batch.launches <= 2 * most, "{name}: {micro_batch:?}");
    }
}

/// Each tile of queries reads its own rows once, and the keys and values up to its end; scores are never written.
#[test]
fn attention_reads_keys_by_tiles_and_writes_no_scores() {
    const TILE: u64 = 32;
    let (layers, heads, kv_heads, width, float) = (2, 4, 2, 8, 4);
    let folder = TempDir::new().unwrap();
    let config = config(folder.path(), "sft", 60, json!({"gradient_accumulation_steps": 1}));
    let report = report(folder.path(), &config, &["max_steps=1"]);
    let forward = &report["kernels"]["attention_forward_32_f32"];
    let bytes = |what: &str| forward[what].as_u64().unwrap();
    // outputs, and of each row and head the logarithm of its sum; the last block computes rows that count alone
    let written = bytes("written") / layers;
    let tokens = written.div_ceil(heads * (width + 1) * float);
    assert!(tokens > 4 * TILE, "{tokens}");
    assert!(
        written * 4 < tokens * tokens * heads * float,
        "{written} bytes are written"
    );
    let seen: u64 = (0..tokens.div_ceil(TILE))
        .map(|tile| tokens.min((tile + 1) * TILE))
        .sum();
    let least = layers * (tokens * heads * width + seen * heads * 2 * width) * float;
    let read = bytes("read");
    // beside them lists of segments and tiles
    assert!(
        read >= least && read <= least * 2,
        "{read} bytes are read, and {least} are least"
    );
    let once = layers * tokens * (2 * heads + 2 * kv_heads) * width * float;
    println!(
        "attention reads {:.1} times q, k, v and o of {tokens} tokens",
        read as f64 / once as f64
    );
}
