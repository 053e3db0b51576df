//! The estimate of a run's peak memory against the engine's own count of bytes, for tiny models of every form: what buffers held at
//! most, and frozen matrices. On an emulated card the count is its pool's.

use crate::common::folder::golden;
use crate::common::passes::Passes;
use crate::common::{engine, here, ids};
use protocol::RunConfig;
use protocol::api::{MemoryEstimate, ModelDims, StoredType};
use protocol::config::{RunSpec, Tuning, check};
use protocol::memory::{Lengths, Room, estimate};
use std::path::PathBuf;
use trainer::info;
use trainer::model::{
    ForwardOptions, LoadOptions, LoraConfig, LossGrads, Model, ModelConfig, OnTheFly, Targets, Trainable,
};
use trainer::ops::{Device, Engine};
use trainer::optim::Optimizer;
use trainer::plan::{Plan, SeqTokens};

const ROWS: usize = 3;
const TOKENS: usize = 40;
const RANK: usize = 4;
/// `|estimate - count| / count`
const TOLERANCE: f64 = 0.05;

struct Case {
    folder: PathBuf,
    /// keys beside those that all runs have
    keys: &'static str,
    /// bytes for saved activations, where they are few
    budget: Option<u64>,
    /// rows that are evaluated together after each step
    evaluated: usize,
}

/// Families of as many forms as there are.
const FAMILIES: &[&str] = &[
    "llama-gqa-tied",
    "qwen2",
    "qwen3",
    "gemma3",
    "falcon-7b",
    "phi-qk-norm",
    "gpt2",
    "opt-350m",
    "bloom",
    "olmo2",
    "granitemoe",
    "qwen3moe",
    "glm4moe",
    "gpt-oss",
    "deepseek-v2",
    "llama4",
];
const FULL: &str = "finetuning_type: full\n";
const LORA: &str = "finetuning_type: lora\nlora_target: all-linear\n";

fn cases() -> Vec<Case> {
    let of = |folder: PathBuf, keys| Case {
        folder,
        keys,
        budget: None,
        evaluated: 0,
    };
    let larger = |name, keys| Case {
        evaluated: 2 * ROWS,
        ..of(golden(name), keys)
    };
    let again = |name, keys| Case {
        budget: Some(1000),
        ..of(golden(name), keys)
    };
    let family = |keys| move |name: &&str| of(golden(name), keys);
    let quant = here().join("../tests/golden/quant");
    let packed = [
        "llama-nf4",
        "llama-int8",
        "llama-gptq",
        "llama-awq",
        "llama-hqq",
        "llama-eetq",
        "llama-aqlm",
        "llama-fp8",
        "llama-compressed",
        "llama-gguf-k",
    ];
    let on_the_fly = [
        "lora_target: all-linear\nquantization_bit: 4\n",
        "lora_target: all-linear\nquantization_bit: 4\ndouble_quantization: false\n",
        "lora_target: all-linear\nquantization_bit: 8\n",
        "lora_target: all-linear\nquantization_bit: 4\nquantization_method: hqq\n",
        "lora_target: all-linear\nquantization_bit: 2\nquantization_method: hqq\n",
        "lora_target: all-linear\nquantization_bit: 8\nquantization_method: eetq\n",
    ];
    let all = FAMILIES
        .iter()
        .map(family(FULL))
        .chain(FAMILIES.iter().map(family(LORA)));
    let all = all.chain(packed.map(|name| of(quant.join(name), LORA)));
    let all = all.chain(on_the_fly.map(|keys| of(here().join("../tests/golden/models/llama"), keys)));
    all.chain([
        again("mistral", LORA),
        again("gemma3", FULL),
        larger("mistral", LORA),
        larger("gemma3", LORA),
        larger("mistral-bf16", "lora_target: all-linear\nbf16: true\n"),
        of(golden("mistral"), "finetuning_type: full\noptim: adamw_8bit\n"),
        of(golden("mistral"), "finetuning_type: full\noptim: adafactor\n"),
        of(
            golden("mistral"),
            "finetuning_type: freeze\nfreeze_trainable_layers: 1\n",
        ),
        of(golden("mistral-bf16"), "lora_target: all-linear\nbf16: true\n"),
        of(golden("mistral-bf16"), "finetuning_type: full\nbf16: true\n"),
        of(golden("mistral-bf16"), "finetuning_type: full\npure_bf16: true\n"),
    ])
    .collect()
}

impl Case {
    fn name(&self) -> String {
        let folder = self.folder.file_name().unwrap().to_string_lossy();
        let again = if self.budget.is_some() { ", recomputed" } else { "" };
        let larger = if self.evaluated > 0 { ", evaluated" } else { "" };
        format!("{folder}: {}{again}{larger}", self.keys.trim().replace('\n', ", "))
    }

    fn spec(&self) -> RunSpec {
        let yaml = format!(
            "model_name_or_path: m\nstage: sft\ndo_train: true\nlora_rank: {RANK}\ndataset: d\noutput_dir: o\n\
             per_device_train_batch_size: {ROWS}\nper_device_eval_batch_size: {}\nval_size: {}\nmax_steps: 2\n\
             cutoff_len: {TOKENS}\n{}",
            self.evaluated.max(1),
            if self.evaluated > 0 { 0.1 } else { 0.0 },
            self.keys
        );
        let checked = check(&RunConfig::parse(&yaml).config);
        let spec = checked
            .spec
            .unwrap_or_else(|errors| panic!("{}: {errors:?}", self.name()));
        RunSpec {
            activation_memory: self.budget,
            ..spec
        }
    }

    fn counted(&self, spec: &RunSpec) -> u64 {
        let options = LoadOptions {
            engine: on(spec),
            quantize: spec.model.quantize.map(OnTheFly::from),
            ..LoadOptions::default()
        };
        self.counted_of(Model::load(&self.folder, &options).unwrap(), spec)
    }

    /// Trains two steps; what all buffers and the frozen weights held at most.
    fn counted_of(&self, mut model: Model, spec: &RunSpec) -> u64 {
        let engine = model.engine().clone();
        let trainable = match &spec.tuning {
            Tuning::Full => Trainable::Full { keep_reference: false },
            Tuning::Freeze(part) => Trainable::Freeze {
                part: part.clone(),
                keep_reference: false,
            },
            _ => Trainable::NewAdapter(LoraConfig {
                rank: RANK,
                alpha: 8.0,
                targets: Targets::AllLinear,
                ..LoraConfig::default()
            }),
        };
        model.attach(vec![], trainable).unwrap();
        let mut optimizer = Optimizer::new(&engine, &spec.optim, 1, model.params()).unwrap();
        let vocabulary = model.config().vocabulary();
        let drawn = |rows: usize| -> Vec<_> { (0..rows as u64).map(|i| ids(TOKENS, i + 1, vocabulary)).collect() };
        let (rows, evaluated) = (drawn(ROWS), drawn(self.evaluated));
        let counts = [true; TOKENS];
        let planned = |rows: &[Vec<u32>]| {
            let counts = &counts;
            let rows: Vec<_> = rows.iter().map(|tokens| SeqTokens { tokens, counts }).collect();
            Plan::sequences(&rows)
        };
        let plan = planned(&rows).unwrap();
        let larger = (self.evaluated > 0).then(|| planned(&evaluated).unwrap());
        let training = ForwardOptions {
            activation_memory: spec.activation_memory,
            ..ForwardOptions::training()
        };
        model.reserve(&plan, training).unwrap();
        if let Some(plan) = &larger {
            model.reserve(plan, ForwardOptions::policy()).unwrap();
        }
        let coefficients = vec![0.01; plan.rows.len()];
        for _ in 0..2 {
            model.zero_grads().unwrap();
            model.forward_over(&plan, training).unwrap();
            model.backward_over(&plan, LossGrads::of_logps(&coefficients)).unwrap();
            model.grad_norm().unwrap();
            optimizer.step(model.params_mut(), 1e-4, 1.0).unwrap();
            if let Some(plan) = &larger {
                model.forward_over(plan, ForwardOptions::policy()).unwrap();
            }
        }
        model.peak_bytes().unwrap()
    }

    fn estimated(&self, dims: &ModelDims, spec: &RunSpec, room: Room) -> MemoryEstimate {
        // the last token predicts nothing
        let rows = vec![(TOKENS as u64 - 1, TOKENS as u64 - 1); ROWS.max(self.evaluated)];
        estimate(dims, spec, &Lengths::of(&rows), room)
    }
}

/// What tests run on, in the type that is asked for; nothing is counted yet.
fn on(spec: &RunSpec) -> Engine {
    match engine().device() {
        Device::Cpu(_) => Engine::on(protocol::config::DeviceChoice::Cpu, spec.compute).unwrap(),
        Device::Cuda(card) => {
            card.forget_peak().unwrap();
            Engine::on(protocol::config::DeviceChoice::Cuda(None), spec.compute).unwrap()
        }
    }
}

fn room() -> Room {
    match engine().device() {
        Device::Cpu(_) => Room::Host { total: 16 << 30 },
        Device::Cuda(_) => Room::Card { free: 8 << 30 },
    }
}

/// What weights of each stored type cost a run of each compute type: on a card a product reads them in the latter.
#[test]
fn weights_of_another_type_than_passes_compute_in_are_counted() {
    let config = |dtype: &str| {
        format!(
            r#"{{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 64, "hidden_size": 32,
            "intermediate_size": 8192, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
            "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "torch_dtype": "{dtype}"}}"#
        )
    };
    let mut wrong = vec![];
    for (dtype, stored) in [
        ("float16", StoredType::F16),
        ("bfloat16", StoredType::Bf16),
        ("float32", StoredType::F32),
    ] {
        for keys in [LORA, "lora_target: all-linear\nbf16: true\n"] {
            let case = Case {
                folder: dtype.into(),
                keys,
                budget: None,
                evaluated: 0,
            };
            let spec = case.spec();
            let options = LoadOptions {
                engine: on(&spec),
                ..LoadOptions::default()
            };
            let config = ModelConfig::parse(&config(dtype)).unwrap();
            let dims = ModelDims {
                family: config.family,
                decoder: config.decoder.clone(),
                stored,
                packed_bytes: None,
            };
            let counted = case.counted_of(Model::random(config, 1, &options).unwrap(), &spec);
            let told = case.estimated(&dims, &spec, room());
            let ratio = (told.total() - told.other) as f64 / counted as f64;
            println!("{ratio:.3} {}: {counted} counted, {told:?}", case.name());
            if (ratio - 1.0).abs() > TOLERANCE {
                wrong.push(format!("{ratio:.3} {}", case.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "estimate / count:\n{}", wrong.join("\n"));
}

#[test]
fn estimates_are_the_engines_own_count() {
    let room = room();
    let mut wrong = vec![];
    for case in cases() {
        let spec = case.spec();
        let counted = case.counted(&spec);
        let told = case.estimated(&info::read(&case.folder).unwrap().dims, &spec, room);
        // the program or the driver is no buffer
        let estimated = told.total() - told.other;
        let ratio = estimated as f64 / counted as f64;
        println!("{ratio:.3} {}: {counted} counted, {told:?}", case.name());
        if (ratio - 1.0).abs() > TOLERANCE {
            wrong.push(format!("{ratio:.3} {}", case.name()));
        }
    }
    assert!(wrong.is_empty(), "estimate / count:\n{}", wrong.join("\n"));
}
