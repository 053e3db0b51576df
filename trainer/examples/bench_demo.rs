//! A model the size of the demo's: seconds per step of 16 ragged pairs, and tokens per second of generation, as JSON.
#![expect(clippy::print_stdout, reason = "a program to be looked at")]

use std::ops::ControlFlow;
use std::time::Instant;
use trainer::generate::{SamplingOptions, generate};
use trainer::model::{
    ForwardOptions, LoadOptions, LoraConfig, LossGrads, Model, ModelConfig, Params, Pass, Targets, Trainable,
};
use trainer::ops::cpu::tune_allocator;
use trainer::optim::{AdamW, Optimizer};
use trainer::plan::{DevicePlan, PairTokens, Plan};

const CONFIG: &str = r#"{"architectures": ["LlamaForCausalLM"], "vocab_size": 4096, "hidden_size": 160,
    "intermediate_size": 432, "num_hidden_layers": 5, "num_attention_heads": 5, "num_key_value_heads": 5,
    "max_position_embeddings": 1024, "rms_norm_eps": 1e-6, "tie_word_embeddings": true}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tune_allocator();
    let full = std::env::args().nth(1).is_some_and(|arg| arg == "full");
    let mut model = Model::random(ModelConfig::parse(CONFIG)?, 0, &LoadOptions::default())?;
    model.attach(
        vec![],
        match full {
            true => Trainable::Full { keep_reference: true },
            false => Trainable::NewAdapter(LoraConfig {
                rank: 32,
                alpha: 32.0,
                targets: Targets::All,
                seed: 0,
                ..LoraConfig::default()
            }),
        },
    )?;
    let mut optimizer = Optimizer::adamw(model.engine(), AdamW::default(), 0.0, model.params())?;
    let mut state = 7u64;
    let mut next = move |below: u32| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as u32 % below
    };
    let steps = 30;
    let mut seconds = Vec::new();
    for _ in 0..steps {
        let mut draw = |most: u32| (0..most / 2 + next(most)).map(|_| next(4096)).collect::<Vec<_>>();
        let pairs: Vec<_> = (0..16).map(|_| [draw(24), draw(36), draw(36)]).collect();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|[prompt, chosen, rejected]| PairTokens {
                prompt,
                chosen,
                rejected,
            })
            .collect();
        let plan = DevicePlan::new(model.engine(), Plan::pairs(&pairs)?)?;
        let start = Instant::now();
        model.forward(&plan, ForwardOptions::reference())?;
        model.forward(&plan, ForwardOptions::training())?;
        let coefficients: Vec<f32> = plan
            .host
            .rows
            .iter()
            .map(|row| (row.sequence % 2) as f32 * 0.01 - 0.005)
            .collect();
        model.backward(&plan, LossGrads::of_logps(&coefficients))?;
        let norm = model.grad_norm()?;
        optimizer.step(model.params_mut(), 1e-4, Params::clip_factor(norm, 1.0))?;
        model.zero_grads()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let start = Instant::now();
    let options = SamplingOptions {
        temperature: 0.7,
        top_p: Some(0.9),
        max_new_tokens: 400,
        ..Default::default()
    };
    let mut tokens = 0;
    generate(&mut model, Pass::Policy, &[1, 2, 3], &options, |_| {
        tokens += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    let rate = f64::from(tokens) / start.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({ "seconds_per_step": seconds[steps / 2], "tokens_per_second": rate })
    );
    Ok(())
}
