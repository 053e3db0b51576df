//! Tokens per second, peak memory and share of the card's measured bf16 ceiling: `bench_card [SECONDS]` trains random models
//! of known shapes for a few steps each, until the time is up. One line of JSON a row; `bench_card rows` tells the rows alone,
//! `bench_card tiny` runs them with a small model, `bench_card table LOG` puts a log's lines side by side.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program to be looked at")]

mod rows;
mod table;

use candle_core::DType;
use half::bf16;
use protocol::config::{Compute, DeviceChoice};
use protocol::decoder::{DecoderSpec, Shape};
use rows::{Loss, Method, Row};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use trainer::model::{
    ForwardOptions, LoadOptions, LoraConfig, LossGrads, Model, ModelConfig, OnTheFly, Params, Targets, Trainable,
};
use trainer::ops::cuda::Card;
use trainer::ops::matmul::{Dims, LinearForward};
use trainer::ops::{Buf, Device, Engine, Write};
use trainer::optim::{AdamW, Optimizer};
use trainer::plan::{DevicePlan, Plan};
use trainer::quant::bnb4::Kind;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const BETA: f64 = 0.1;
const STEPS: usize = 4;
/// Of the matrices whose product is the ceiling; and of those that an emulated card multiplies soon enough.
const SIDE: usize = 8192;
const SMALL_SIDE: usize = 128;

fn main() -> ExitCode {
    match told() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench_card: {error}");
            ExitCode::FAILURE
        }
    }
}

fn told() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let tiny = words.contains(&"tiny");
    match words.as_slice() {
        ["rows", ..] => {
            for row in rows::all(tiny) {
                println!("{}", row.described()?);
            }
            Ok(())
        }
        ["table", log] => {
            print!("{}", table::of(&std::fs::read_to_string(log)?));
            Ok(())
        }
        ["tiny"] => bench(&rows::all(true), Duration::MAX, SMALL_SIDE),
        [] => bench(&rows::all(false), Duration::from_secs(300), SIDE),
        [seconds] => bench(&rows::all(false), Duration::from_secs(seconds.parse()?), SIDE),
        _ => Err("bench_card [SECONDS | tiny | rows [tiny] | table LOG]".into()),
    }
}

/// Rows one after the other until the time is up; those that it was not enough for are named.
fn bench(rows: &[Row], time: Duration, side: usize) -> Outcome<()> {
    let start = Instant::now();
    let ceiling = {
        let card = Card::open(0)?;
        let opened = card.memory_outside_pool()?;
        let ceiling = ceiling(&card, side)?;
        println!(
            "{}",
            json!({
                "card": card.name(), "bf16_tflops": ceiling / 1e12, "outside_pool_opened_mib": opened >> 20,
                "outside_pool_after_products_mib": card.memory_outside_pool()? >> 20,
            })
        );
        ceiling
    };
    for row in rows {
        let found = match start.elapsed() < time {
            true => timed(row).map_or_else(|error| json!({"error": error.to_string()}), |found| found.told(ceiling)),
            false => json!({"not_reached": format!("{} s were over", time.as_secs())}),
        };
        println!("{}", json!({"row": row.name(), "of": "ours", "found": found}));
    }
    Ok(())
}

/// Operations per second of a large product in bf16.
fn ceiling(card: &Card, side: usize) -> Outcome<f64> {
    const TIMES: usize = 10;
    let engine = Engine::on_card(card.clone(), DType::BF16);
    let values: Vec<bf16> = (0..side * side)
        .map(|i| bf16::from_f32(((i * 37 % 101) as f32 - 50.0) / 50.0))
        .collect();
    let (x, w) = (
        Buf::from_vec(values.clone(), engine.device())?,
        Buf::from_vec(values, engine.device())?,
    );
    let mut y = engine.buffer()?;
    y.fit(side * side)?;
    let mut product = || {
        engine.run(LinearForward {
            x: x.view(),
            w: w.view().into(),
            y: y.view_mut(),
            dims: Dims {
                tokens: side,
                input: side,
                output: side,
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
    Ok(2.0 * (side as f64).powi(3) * TIMES as f64 / start.elapsed().as_secs_f64())
}

/// What was found of a row.
struct Found {
    tokens: usize,
    /// median seconds
    step: f64,
    peak: u64,
    /// what the driver and cuBLAS had taken in the end, where no other process uses the card
    outside_pool: u64,
    /// of the products of a step, without attention
    operations: f64,
    loss: f64,
}

impl Found {
    fn told(&self, ceiling: f64) -> Value {
        json!({
            "tokens_per_second": (self.tokens as f64 / self.step).round(), "step_seconds": self.step,
            "peak_mib": self.peak >> 20, "outside_pool_mib": self.outside_pool >> 20,
            "share_of_ceiling": self.operations / self.step / ceiling, "loss": self.loss,
        })
    }
}

fn timed(row: &Row) -> Outcome<Found> {
    let compute = match row.method {
        Method::Lora | Method::Qlora | Method::Full => Compute::Bf16,
        Method::PureFull => Compute::PureBf16,
    };
    let engine = Engine::on(DeviceChoice::Cuda(Some(0)), compute)?;
    let options = LoadOptions {
        engine: engine.clone(),
        quantize: (row.method == Method::Qlora).then_some(OnTheFly::FourBit {
            kind: Kind::Nf4,
            double: true,
        }),
        ..LoadOptions::default()
    };
    let config = ModelConfig::parse(row.shape.config)?;
    let operations = Operations::of(&config.decoder);
    let mut model = Model::random(config, 0, &options)?;
    let Device::Cuda(card) = engine.device() else {
        return Err("not on a card".into());
    };
    card.forget_peak()?;
    model.attach(
        vec![],
        match row.method {
            Method::Full | Method::PureFull => Trainable::Full {
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
    let plan = row.plan(model.config().vocabulary())?;
    let plan = DevicePlan::new(model.engine(), plan)?;
    let (mut seconds, mut loss) = (vec![], 0.0);
    for _ in 0..STEPS {
        let start = Instant::now();
        loss = step(&mut model, &mut optimizer, &plan, row.loss)?;
        card.synchronize()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.remove(0); // kernels are loaded in the first one
    seconds.sort_by(f64::total_cmp);
    Ok(Found {
        tokens: row.tokens(),
        step: seconds[seconds.len() / 2],
        peak: card.peak_memory()?,
        outside_pool: card.memory_outside_pool()?,
        operations: operations.of_step(row, &plan.host),
        loss,
    })
}

/// Of a forward pass, in products alone.
struct Operations {
    of_token: f64,
    /// of a row that counts
    of_head: f64,
}

impl Operations {
    fn of(decoder: &DecoderSpec) -> Self {
        let layers = decoder.blocks.iter().flat_map(|block| block.modules(decoder.hidden));
        let numbers = layers.map(|(_, shape)| match shape {
            Shape::Linear { input, output, .. } => input * output,
            _ => 0,
        });
        let table = decoder.embedding.vocabulary * decoder.embedding.width;
        Self {
            of_token: 2.0 * numbers.sum::<usize>() as f64,
            of_head: 2.0 * table as f64,
        }
    }

    fn of_step(&self, row: &Row, plan: &Plan) -> f64 {
        // forward and input gradients, weight gradients where all trains, and the reference's forward pass
        let passes =
            2.0 + match row.method {
                Method::Full | Method::PureFull => 1.0,
                Method::Lora | Method::Qlora => 0.0,
            } + if row.loss == Loss::Dpo { 1.0 } else { 0.0 };
        passes * (self.of_token * plan.tokens.len() as f64 + self.of_head * plan.rows.len() as f64)
    }
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
            let rows = plan.host.rows.iter();
            let mut lengths = vec![0.0f64; sequences];
            rows.for_each(|row| lengths[row.sequence as usize] += 1.0);
            let of = |i: usize| match &reference {
                Some(reference) => policy[i] - reference[i],
                None => policy[i] / lengths[i],
            };
            let by_length = |i: usize| if reference.is_some() { 1.0 } else { lengths[i] as f32 };
            let pairs = (sequences / 2) as f64;
            for pair in 0..sequences / 2 {
                let (chosen, rejected) = (2 * pair, 2 * pair + 1);
                let z = BETA * (of(chosen) - of(rejected));
                value += (-z).exp().ln_1p() / pairs;
                let slope = (-BETA / (1.0 + z.exp()) / pairs) as f32;
                slopes[chosen] = slope / by_length(chosen);
                slopes[rejected] = -slope / by_length(rejected);
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

/// On the emulated card: `CUDA_EMULATOR=1 cargo test --workspace --example bench_card -- --ignored`.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "on a card"]
    fn each_kind_of_row_trains_and_the_ceiling_is_measured() {
        let card = Card::open(0).expect("a card");
        assert!(ceiling(&card, SMALL_SIDE).expect("a product") > 0.0);
        let mut known: Vec<(Method, Loss, rows::Lengths)> = vec![];
        for row in rows::all(true) {
            let kind = (row.method, row.loss, row.lengths);
            if known.contains(&kind) {
                continue;
            }
            known.push(kind);
            let found = timed(&row).map_err(|error| error.to_string());
            assert!(
                found
                    .as_ref()
                    .is_ok_and(|found| found.loss.is_finite() && found.peak > 0),
                "{}: {:?}",
                row.name(),
                found.err()
            );
        }
    }
}
