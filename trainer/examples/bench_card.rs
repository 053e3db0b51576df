//! Tokens per second, peak memory and share of the card's measured bf16 ceiling: `bench_card [SECONDS]` trains random models
//! of known shapes for a few steps each, until the time is up. One line of JSON a row.
#![expect(clippy::print_stdout, reason = "a program to be looked at")]

use candle_core::DType;
use half::bf16;
use std::time::{Duration, Instant};
use trainer::model::{
    ForwardOptions, LoadOptions, LoraConfig, LossGrads, Model, ModelConfig, OnTheFly, Params, Targets, Trainable,
};
use trainer::ops::cuda::Card;
use trainer::ops::matmul::{Dims, LinearForward};
use trainer::ops::{Buf, Engine, Write};
use trainer::optim::{AdamW, Optimizer};
use trainer::plan::{DevicePlan, PairTokens, Plan, SeqTokens};
use trainer::quant::bnb4::Kind;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A known model's shape.
struct Shape {
    name: &'static str,
    config: &'static str,
    /// numbers in its linear layers and its head: two operations each for a token's forward pass
    products: f64,
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "Qwen3-0.6B",
        config: r#"{"architectures": ["Qwen3ForCausalLM"], "vocab_size": 151936, "hidden_size": 1024,
            "intermediate_size": 3072, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
            "head_dim": 128, "max_position_embeddings": 40960, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0,
            "tie_word_embeddings": true, "torch_dtype": "bfloat16"}"#,
        products: 0.596e9,
    },
    Shape {
        name: "Llama-3.2-1B",
        config: r#"{"architectures": ["LlamaForCausalLM"], "vocab_size": 128256, "hidden_size": 2048,
            "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8,
            "head_dim": 64, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
            "tie_word_embeddings": true, "torch_dtype": "bfloat16"}"#,
        products: 1.236e9,
    },
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    Lora,
    Qlora,
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Loss {
    Dpo,
    Simpo,
    Sft,
}

/// What one row trains.
#[derive(Clone, Copy)]
struct Row {
    shape: &'static Shape,
    method: Method,
    loss: Loss,
    /// tokens of a sequence at most
    length: usize,
    /// whether sequences differ in length
    ragged: bool,
}

const BETA: f64 = 0.1;
const SEQUENCES: usize = 4;
const STEPS: usize = 4;

fn main() -> Outcome<()> {
    let seconds = std::env::args().nth(1).map_or(Ok(300), |arg| arg.parse())?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let card = Card::open(0)?;
    let ceiling = ceiling(&card)?;
    println!(
        "{}",
        serde_json::json!({"card": card.name(), "bf16_tflops": ceiling / 1e12})
    );
    for row in rows() {
        if Instant::now() > until {
            println!("{}", serde_json::json!({"stopped": format!("after {seconds} s")}));
            break;
        }
        let name = format!(
            "{} {:?} {:?} {} {}",
            row.shape.name,
            row.method,
            row.loss,
            row.length,
            if row.ragged { "ragged" } else { "even" }
        );
        match timed(&card, row) {
            Ok(found) => println!(
                "{}",
                serde_json::json!({
                    "row": name, "tokens_per_second": found.tokens_per_second.round(), "step_seconds": found.step,
                    "peak_mib": found.peak >> 20, "share_of_ceiling": found.operations / found.step / ceiling,
                    "loss": found.loss,
                })
            ),
            Err(error) => println!("{}", serde_json::json!({"row": name, "error": error.to_string()})),
        }
    }
    Ok(())
}

fn rows() -> Vec<Row> {
    let mut rows = vec![];
    for shape in [&SHAPES[1], &SHAPES[0]] {
        for (method, loss, length, ragged) in [
            (Method::Lora, Loss::Dpo, 1024, false),
            (Method::Lora, Loss::Dpo, 1024, true),
            (Method::Lora, Loss::Dpo, 4096, false),
            (Method::Lora, Loss::Simpo, 1024, false),
            (Method::Lora, Loss::Sft, 1024, false),
            (Method::Full, Loss::Dpo, 1024, false),
            (Method::Full, Loss::Sft, 1024, false),
            (Method::Qlora, Loss::Dpo, 1024, false),
        ] {
            rows.push(Row {
                shape,
                method,
                loss,
                length,
                ragged,
            });
        }
    }
    rows
}

/// Operations per second of a large product in bf16.
fn ceiling(card: &Card) -> Outcome<f64> {
    const SIDE: usize = 8192;
    const TIMES: usize = 10;
    let engine = Engine::on_card(card.clone(), DType::BF16);
    let values: Vec<bf16> = (0..SIDE * SIDE)
        .map(|i| bf16::from_f32(((i * 37 % 101) as f32 - 50.0) / 50.0))
        .collect();
    let (x, w) = (
        Buf::from_vec(values.clone(), engine.device())?,
        Buf::from_vec(values, engine.device())?,
    );
    let mut y = engine.buffer()?;
    y.fit(SIDE * SIDE)?;
    let mut product = || {
        engine.run(LinearForward {
            x: x.view(),
            w: w.view().into(),
            y: y.view_mut(),
            dims: Dims {
                tokens: SIDE,
                input: SIDE,
                output: SIDE,
            },
            write: Write::Overwrite,
            alpha: 1.0,
        })
    };
    product()?;
    card.synchronize()?;
    let start = Instant::now();
    (0..TIMES).try_for_each(|_| product())?;
    card.synchronize()?;
    Ok(2.0 * (SIDE as f64).powi(3) * TIMES as f64 / start.elapsed().as_secs_f64())
}

/// What was found of a row.
struct Found {
    tokens_per_second: f64,
    /// median seconds
    step: f64,
    peak: u64,
    /// of the products of a step, without attention
    operations: f64,
    loss: f64,
}

fn timed(card: &Card, row: Row) -> Outcome<Found> {
    let options = LoadOptions {
        engine: Engine::on_card(card.clone(), DType::BF16),
        quantize: (row.method == Method::Qlora).then_some(OnTheFly::FourBit {
            kind: Kind::Nf4,
            double: true,
        }),
        ..LoadOptions::default()
    };
    let mut model = Model::random(ModelConfig::parse(row.shape.config)?, 0, &options)?;
    card.forget_peak()?;
    model.attach(
        vec![],
        match row.method {
            Method::Full => Trainable::Full {
                keep_reference: row.loss == Loss::Dpo,
            },
            Method::Lora | Method::Qlora => Trainable::NewAdapter(LoraConfig {
                rank: 16,
                alpha: 32.0,
                targets: Targets::All,
                seed: 0,
                ..LoraConfig::default()
            }),
        },
    )?;
    let mut optimizer = Optimizer::adamw(model.engine(), AdamW::default(), 0.0, model.params())?;
    let plan = DevicePlan::new(model.engine(), plan(row)?)?;
    let tokens = plan.host.tokens.len();
    let (mut seconds, mut loss) = (vec![], 0.0);
    for _ in 0..STEPS {
        let start = Instant::now();
        loss = step(&mut model, &mut optimizer, &plan, row.loss)?;
        card.synchronize()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.remove(0); // kernels are loaded in the first one
    seconds.sort_by(f64::total_cmp);
    let step = seconds[seconds.len() / 2];
    // forward and input gradients, weight gradients where all trains, and the reference's forward pass
    let passes =
        4.0 + if row.method == Method::Full { 2.0 } else { 0.0 } + if row.loss == Loss::Dpo { 2.0 } else { 0.0 };
    Ok(Found {
        tokens_per_second: tokens as f64 / step,
        step,
        peak: card.peak_memory()?,
        operations: passes * row.shape.products * tokens as f64,
        loss,
    })
}

/// Tokens that look random and are the same on each run.
fn plan(row: Row) -> Outcome<Plan> {
    let mut state = 1u64;
    let mut draw = |count: usize| -> Vec<u32> {
        let mut next = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) as u32 % 100_000
        };
        (0..count).map(|_| next()).collect()
    };
    let length = |i: usize| match row.ragged {
        true => row.length * (i % SEQUENCES + 1) / SEQUENCES,
        false => row.length,
    };
    Ok(match row.loss {
        Loss::Sft => {
            let all: Vec<_> = (0..SEQUENCES).map(|i| draw(length(i))).collect();
            let counts: Vec<_> = all.iter().map(|tokens| vec![true; tokens.len()]).collect();
            let sequences: Vec<_> = all
                .iter()
                .zip(&counts)
                .map(|(tokens, counts)| SeqTokens { tokens, counts })
                .collect();
            Plan::sequences(&sequences)?
        }
        Loss::Dpo | Loss::Simpo => {
            let all: Vec<_> = (0..SEQUENCES / 2)
                .map(|i| (length(2 * i + 1) / 2, length(2 * i) / 2))
                .map(|(prompt, response)| [draw(prompt), draw(response), draw(response)])
                .collect();
            let pairs: Vec<_> = all
                .iter()
                .map(|[prompt, chosen, rejected]| PairTokens {
                    prompt,
                    chosen,
                    rejected,
                })
                .collect();
            Plan::pairs(&pairs)?
        }
    })
}

fn step(model: &mut Model, optimizer: &mut Optimizer, plan: &DevicePlan, loss: Loss) -> Outcome<f64> {
    let mut sums =
        |options| -> Outcome<Vec<f64>> { Ok(plan.host.sum_by_sequence(&model.forward(plan, options)?.logps)) };
    let reference = match loss {
        Loss::Dpo => Some(sums(ForwardOptions::reference())?),
        Loss::Simpo | Loss::Sft => None,
    };
    let policy = sums(ForwardOptions::training())?;
    let sequences = policy.len();
    let (mut value, mut slopes) = (0.0, vec![0f32; sequences]);
    match loss {
        Loss::Sft => {
            let rows = plan.host.rows.len() as f64;
            value = -policy.iter().sum::<f64>() / rows;
            slopes.fill((-1.0 / rows) as f32);
        }
        Loss::Dpo | Loss::Simpo => {
            let of = |i: usize| policy[i] - reference.as_ref().map_or(0.0, |reference| reference[i]);
            let pairs = (sequences / 2) as f64;
            for pair in 0..sequences / 2 {
                let (chosen, rejected) = (2 * pair, 2 * pair + 1);
                let z = BETA * (of(chosen) - of(rejected));
                value += (-z).exp().ln_1p() / pairs;
                slopes[chosen] = (-BETA / (1.0 + z.exp()) / pairs) as f32;
                slopes[rejected] = -slopes[chosen];
            }
        }
    }
    let coefficients: Vec<f32> = plan.host.rows.iter().map(|row| slopes[row.sequence as usize]).collect();
    model.backward(plan, LossGrads::of_logps(&coefficients))?;
    let norm = model.grad_norm()?;
    optimizer.step(model.params_mut(), 1e-4, Params::clip_factor(norm, 1.0))?;
    model.zero_grads()?;
    Ok(value)
}
