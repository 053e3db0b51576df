//! Seconds per step and peak memory of one DPO training step, the workload `make bench` compares with PyTorch:
//! `bench_step [steps [bf16]]`. 8 layers, hidden 512, vocabulary 32000, LoRA r 16 on all linears, 2 pairs of 256 + 256 tokens,
//! the reference is the policy with its adapter off. `THREADS` sets the threads. It says what type it computes in.
#![expect(clippy::print_stdout, reason = "a program to be looked at")]

use protocol::config::{Compute, DeviceChoice};
use std::time::Instant;
use trainer::model::{
    ForwardOptions, LoadOptions, LoraConfig, LossGrads, Model, ModelConfig, Params, Targets, Trainable,
};
use trainer::ops::Engine;
use trainer::ops::cpu::tune_allocator;
use trainer::optim::{AdamW, Optimizer};
use trainer::plan::{DevicePlan, PairTokens, Plan};

const CONFIG: &str = r#"{"architectures": ["LlamaForCausalLM"], "vocab_size": 32000, "hidden_size": 512,
    "intermediate_size": 1408, "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8,
    "max_position_embeddings": 1024, "rms_norm_eps": 1e-6, "tie_word_embeddings": false}"#;
const PAIRS: usize = 2;
const PROMPT: usize = 256;
const RESPONSE: usize = 256;
const BETA: f64 = 0.1;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tune_allocator();
    if let Some(threads) = std::env::var("THREADS").ok().and_then(|t| t.parse().ok()) {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    }
    let steps = std::env::args().nth(1).map_or(Ok(6), |arg| arg.parse())?;
    let compute = match std::env::args().nth(2).as_deref() {
        Some("bf16") => Compute::Bf16,
        _ => Compute::F32,
    };
    let options = LoadOptions {
        engine: Engine::on(DeviceChoice::Cpu, compute)?,
        ..LoadOptions::default()
    };
    let mut model = Model::random(ModelConfig::parse(CONFIG)?, 0, &options)?;
    let lora = LoraConfig {
        rank: 16,
        alpha: 32.0,
        targets: Targets::All,
        seed: 0,
        ..LoraConfig::default()
    };
    model.attach(vec![], Trainable::NewAdapter(lora))?;
    println!("computes in {}", model.engine().compute().as_str());
    let mut optimizer = Optimizer::adamw(model.engine(), AdamW::default(), 0.0, model.params())?;

    let mut state = 1u64;
    let mut draw = |count: usize| -> Vec<u32> {
        let mut next = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) as u32 % 32000
        };
        (0..count).map(|_| next()).collect()
    };
    let pairs: Vec<_> = (0..PAIRS)
        .map(|_| [draw(PROMPT), draw(RESPONSE), draw(RESPONSE)])
        .collect();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|[prompt, chosen, rejected]| PairTokens {
            prompt,
            chosen,
            rejected,
        })
        .collect();
    let plan = DevicePlan::new(model.engine(), Plan::pairs(&pairs)?)?;

    let mut seconds = Vec::new();
    for step in 0..steps {
        let start = Instant::now();
        let reference = plan
            .host
            .sum_by_sequence(&model.forward(&plan, ForwardOptions::reference())?.logps);
        let policy = plan
            .host
            .sum_by_sequence(&model.forward(&plan, ForwardOptions::training())?.logps);
        let mut loss = 0.0;
        let mut by_sequence = [0f32; 2 * PAIRS];
        for pair in 0..PAIRS {
            let (c, r) = (2 * pair, 2 * pair + 1);
            let z = BETA * ((policy[c] - reference[c]) - (policy[r] - reference[r]));
            loss += (-z).exp().ln_1p() / PAIRS as f64;
            by_sequence[c] = (-BETA / (1.0 + z.exp()) / PAIRS as f64) as f32;
            by_sequence[r] = -by_sequence[c];
        }
        let coefficients: Vec<f32> = plan
            .host
            .rows
            .iter()
            .map(|row| by_sequence[row.sequence as usize])
            .collect();
        model.backward(&plan, LossGrads::of_logps(&coefficients))?;
        let norm = model.grad_norm()?;
        optimizer.step(model.params_mut(), 1e-4, Params::clip_factor(norm, 1.0))?;
        model.zero_grads()?;
        seconds.push(start.elapsed().as_secs_f64());
        println!(
            "step {step}: {:.4} s, loss {loss:.6}, gradient norm {norm:.6}",
            seconds[step]
        );
    }
    let mut timed = seconds.split_off(1.min(seconds.len() - 1));
    timed.sort_by(f64::total_cmp);
    println!(
        "{}",
        serde_json::json!({ "seconds_per_step": timed[timed.len() / 2], "peak_rss_mib": peak_rss_mib() })
    );
    Ok(())
}

fn peak_rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? / 1024.0)
}
