//! A decoder composed of candle's differentiable operations, one sequence at a time: slow, plain, and the oracle.
pub mod attention;
pub mod experts;
pub mod families;
pub mod folder;
pub mod parts;
pub mod passes;
pub mod stream;

use candle_core::{DType, Device, Result, Tensor, Var};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use trainer::model::{LoadOptions, ModelConfig};
use trainer::ops::Engine;
use trainer::ops::cuda::Card;

/// This package as it lies here: programs of tests are also taken to machines that have a card.
pub fn here() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into())
}

/// What the tests of operations and the oracle run on: the processor, or with `CORRAL_TEST_DEVICE=cuda` the first card.
pub fn engine() -> Engine {
    static CARD: OnceLock<Option<Card>> = OnceLock::new();
    let card = CARD.get_or_init(|| match std::env::var("CORRAL_TEST_DEVICE").as_deref() {
        Ok("cuda") => Some(Card::open(0).unwrap()),
        _ => None,
    });
    match card {
        Some(card) => Engine::on_card(card.clone(), DType::F32),
        None => Engine::cpu(),
    }
}

/// A model as it is stored, on that engine.
pub fn options() -> LoadOptions {
    LoadOptions {
        engine: engine(),
        ..LoadOptions::default()
    }
}

/// Numbers that look random and are the same on every run.
pub fn noise(count: usize, seed: u64, size: f64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count)
        .map(|_| ((next() + next() + next() - 1.5) * 2.0 * size) as f32)
        .collect()
}

pub fn ids(count: usize, seed: u64, vocab: usize) -> Vec<u32> {
    noise(count, seed, 1e6)
        .into_iter()
        .map(|x| x.abs() as u32 % vocab as u32)
        .collect()
}

/// `|got - want| / |want|` over all elements.
pub fn relative_error(got: &Tensor, want: &Tensor) -> f64 {
    let norm = |t: &Tensor| f64::from(t.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap()).sqrt();
    let want = want.to_dtype(DType::F32).unwrap();
    norm(&(got - &want).unwrap()) / norm(&want).max(1e-12)
}

/// What one router said of one sequence, `[tokens, experts]` each: probabilities, and 1 where an expert was chosen.
pub struct Routed {
    pub probabilities: Tensor,
    pub chosen: Tensor,
}

/// The auxiliary loss over all layers and sequences: `E sum_e mean(chosen_e) mean(probability_e)`.
pub fn aux_loss(routed: &[Routed]) -> Result<Tensor> {
    let mean = |of: fn(&Routed) -> &Tensor| Tensor::cat(&routed.iter().map(of).collect::<Vec<_>>(), 0)?.mean(0);
    let (chosen, probabilities) = (mean(|r| &r.chosen)?, mean(|r| &r.probabilities)?);
    let experts = chosen.elem_count() as f64;
    (chosen * probabilities)?.sum_all()? * experts
}

pub struct Naive<'a> {
    pub config: &'a ModelConfig,
    /// by transformers' names; adapters by module path with `.lora_A.weight`, `.lora_B.weight` and `.lora_magnitude_vector`
    pub weights: HashMap<String, Tensor>,
    pub scale: f64,
    /// tokens of the batch's longest row, where it is longer than the sequence that is looked at
    pub longest: usize,
}

impl Naive<'_> {
    fn get(&self, name: &str) -> &Tensor {
        self.weights.get(name).unwrap_or_else(|| panic!("no weight {name}"))
    }

    fn linear(&self, path: &str, x: &Tensor) -> Result<Tensor> {
        let weight = self.get(&format!("{path}.weight"));
        let mut y = x.matmul(&weight.t()?)?;
        if let Some(a) = self.weights.get(&format!("{path}.lora_A.weight")) {
            let b = self.get(&format!("{path}.lora_B.weight"));
            y = (y + (x.matmul(&a.t()?)?.matmul(&b.t()?)? * self.scale)?)?;
            if let Some(lengths) = self.weights.get(&format!("{path}.lora_magnitude_vector")) {
                let moved = (weight + (b.matmul(a)? * self.scale)?)?.detach();
                let gain = lengths.unsqueeze(1)?.div(&moved.sqr()?.sum_keepdim(1)?.sqrt()?)?;
                y = y.broadcast_mul(&gain.t()?)?;
            }
        }
        if let Some(bias) = self.weights.get(&format!("{path}.bias")) {
            y = y.broadcast_add(bias)?;
        }
        Ok(y)
    }

    /// `[tokens, vocab]`
    pub fn logits(&self, tokens: &[u32]) -> Result<Tensor> {
        self.routed_logits(tokens, &mut vec![])
    }

    /// The same, with what the router of each layer said.
    pub fn routed_logits(&self, tokens: &[u32], routed: &mut Vec<Routed>) -> Result<Tensor> {
        let mut x = self.embedded(tokens)?;
        for i in 0..self.config.layers() {
            x = self.block(i, &x, routed)?;
        }
        self.head(&x)
    }

    /// Log-probability of `tokens[t]` for each `t` of `targets`.
    pub fn logps(&self, tokens: &[u32], targets: std::ops::Range<usize>, routed: &mut Vec<Routed>) -> Result<Tensor> {
        let logits = self.routed_logits(tokens, routed)?;
        let logits = logits.narrow(0, targets.start - 1, targets.len())?;
        let picked = Tensor::new(&tokens[targets], logits.device())?.unsqueeze(1)?;
        logits.gather(&picked, 1)?.squeeze(1)? - logits.log_sum_exp(1)?
    }
}

pub fn var(values: Vec<f32>, shape: impl Into<candle_core::Shape>) -> Var {
    Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu).unwrap()).unwrap()
}
