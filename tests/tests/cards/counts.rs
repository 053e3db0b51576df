//! What a step asks of a card, counted by the emulated one: how often the host waits, what is copied, how much attention reads.

use crate::trouble::command;
use protocol::supported;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
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
pub fn rows(folder: &Path, stage: &str, words: usize) -> String {
    let reply = "word ".repeat(words);
    let row = match stage {
        "dpo" | "rm" => json!({"instruction": "Say it", "chosen": reply, "rejected": reply.replace("word", "worn")}),
        "kto" => json!({"instruction": "Say it", "output": reply, "kto_tag": true}),
        "pt" => json!({"text": reply}),
        _ => json!({"instruction": "Say it", "output": reply}),
    };
    let mut rows = vec![row; 4];
    if stage == "kto" {
        rows[1]["kto_tag"] = false.into();
    }
    let file = folder.join(format!("rows-{stage}-{words}.json"));
    std::fs::write(&file, Value::Array(rows).to_string()).unwrap();
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
        "model_name_or_path": "models/llama", "stage": stage, "dataset": rows(folder, stage, words),
        "template": "llama2", "cutoff_len": 512, "per_device_train_batch_size": 1, "save_strategy": "no",
        "logging_steps": 100, "finetuning_type": "lora", "lora_rank": 4,
    });
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    config
}

/// A kind of run, and how often a micro-batch of it waits and copies to the card beyond what is usual.
struct Kind {
    name: String,
    config: Value,
    more_waits: i64,
    more_to_card: i64,
}

impl Kind {
    fn usual(name: &str, config: Value) -> Self {
        Self {
            name: name.into(),
            config,
            more_waits: 0,
            more_to_card: 0,
        }
    }

    /// Three micro-batches and one step more wait once for each, copy log-probs out of each and plan and derivatives in,
    /// and the gradients' norm out of the step.
    fn assert(&self, folder: &Path) {
        let run = |times: usize| {
            let words = ["max_steps", "gradient_accumulation_steps"].map(|key| format!("{key}={times}"));
            Counts::of(&report(folder, &self.config, &words.each_ref().map(String::as_str)))
        };
        let more = run(2).beyond(run(1));
        println!("{:28} three micro-batches and a step {more:?}", self.name);
        assert_eq!(
            (more.waits, more.to_host, more.to_card),
            (
                3 * (1 + self.more_waits) + 1,
                3 * (1 + self.more_waits) + 1,
                3 * (2 + self.more_to_card)
            ),
            "{}: {more:?}",
            self.name
        );
    }
}

/// Every loss and every stage, and what works on gradients and weights in a way of its own.
fn kinds(folder: &Path) -> Vec<Kind> {
    let methods = supported::all().into_iter();
    let methods = methods.filter(|row| ["loss", "stage"].contains(&row.kind) && !row.yaml.contains("ppo"));
    let mut kinds: Vec<Kind> = methods
        .map(|row| {
            let asked = row.config();
            let stage = asked.stage.clone().unwrap();
            let loss = asked.get("pref_loss").unwrap_or_else(|| "sigmoid".into());
            let more = json!({"pref_loss": loss, "packing": false});
            Kind::usual(row.title, config(folder, &stage, 3, more))
        })
        .collect();
    let whole = |more: Value| {
        let mut all = json!({"finetuning_type": "full"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    for (name, stage, more) in [
        ("LoRA in bf16", "sft", json!({"bf16": true})),
        ("LoRA in f16", "sft", json!({"fp16": true})),
        ("all weights", "sft", whole(json!({}))),
        ("all of it in bf16", "sft", whole(json!({"pure_bf16": true}))),
        ("DoRA", "sft", json!({"use_dora": true})),
        ("OFT", "sft", json!({"finetuning_type": "oft"})),
        ("OFT, DPO", "dpo", json!({"finetuning_type": "oft"})),
        ("8-bit states", "sft", json!({"optim": "adamw_8bit"})),
        ("Adafactor", "sft", json!({"optim": "adafactor"})),
        ("GaLore", "sft", whole(json!({"use_galore": true}))),
        ("APOLLO", "sft", whole(json!({"use_apollo": true}))),
        (
            "BAdam",
            "sft",
            whole(json!({"use_badam": true, "badam_switch_interval": 1})),
        ),
        ("NEFTune", "sft", json!({"neftune_noise_alpha": 5.0})),
        (
            "QLoRA, SimPO",
            "dpo",
            json!({"pref_loss": "simpo", "quantization_bit": 4}),
        ),
        (
            "a reference that follows",
            "dpo",
            json!({"sync_ref_model": true, "ref_model_sync_steps": 1}),
        ),
        ("weighted pairs", "dpo", json!({"use_weighting": true})),
    ] {
        kinds.push(Kind::usual(name, config(folder, stage, 3, more)));
    }
    kinds
}

/// `assert` of each, as many at once as there are processors.
fn assert_all(kinds: &[Kind], folder: &Path) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(kind) = kinds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    kind.assert(folder);
                }
            });
        }
    });
}

#[test]
fn a_micro_batch_is_waited_for_once_and_a_step_once_more() {
    let folder = TempDir::new().unwrap();
    assert_all(&kinds(folder.path()), folder.path());
}

/// What can't do with one wait, and why.
#[test]
fn what_waits_oftener_does_so_for_a_reason() {
    let folder = TempDir::new().unwrap();
    let experts = |more: Value| {
        let mut all = json!({"model_name_or_path": "models/mixtral"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let of = |name: &str, stage: &str, more: Value| Kind::usual(name, config(folder.path(), stage, 3, more));
    let reward = json!({"reward_model": "models/llama/scorer-adapter", "max_new_tokens": 1, "ppo_epochs": 1});
    let kinds = [
        // each of two layers asks how many tokens its experts have: cuBLAS is told by the host
        Kind {
            more_waits: 2,
            ..of("experts", "sft", experts(json!({})))
        },
        Kind {
            more_waits: 2,
            ..of(
                "experts, with their auxiliary loss",
                "sft",
                experts(json!({"moe_aux_loss_coef": 0.01})),
            )
        },
        Kind {
            more_waits: 4,
            ..of("experts, DPO", "dpo", experts(json!({})))
        },
        // a reply of one token is drawn by the host, then judged, and scored by policy and reference, before it is learnt from
        Kind {
            more_waits: 3,
            more_to_card: 3,
            ..of("PPO", "ppo", reward)
        },
    ];
    assert_all(&kinds, folder.path());
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
