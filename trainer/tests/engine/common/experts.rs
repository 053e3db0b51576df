//! Mixtures of experts as candle's differentiable operations: every expert sees every token, and weights that were not chosen
//! are 0.

use super::{Naive, Routed};
use candle_core::{D, Device, Result, Tensor};
use protocol::decoder::{
    BlockRole, Divisor, ExpertsSpec, GroupScore, MlpSpec, Network, Role, RouterSpec, Scores, SharedSpec, Weighs,
};

impl Naive<'_> {
    /// The second half of block `i`.
    pub fn mlp(&self, i: usize, h: &Tensor, routed: &mut Vec<Routed>) -> Result<Tensor> {
        let experts = match &self.config.decoder.blocks[i].mlp {
            MlpSpec::Dense(network) => return self.network(i, Network::Dense, network.form, h),
            MlpSpec::Experts(experts) => experts,
        };
        let path = |role| self.path(Role::Block(i, role));
        let logits = self.linear(&path(BlockRole::Router), h)?;
        let correction = self.weights.get(&path(BlockRole::Correction));
        let Chosen {
            probabilities,
            chosen,
            weights,
        } = choose(experts, &logits, correction)?;
        let mut y = h.zeros_like()?;
        for e in 0..experts.count {
            let weight = weights.narrow(1, e, 1)?;
            let of = |x: &Tensor| self.network(i, Network::Expert(e), experts.expert.form, x);
            let out = match experts.router.weighs {
                Weighs::Output => of(h)?.broadcast_mul(&weight)?,
                Weighs::Input => {
                    // one that was not chosen gives nothing, whatever its biases
                    let own = chosen.narrow(1, e, 1)?;
                    of(&h.broadcast_mul(&weight)?)?.broadcast_mul(&own)?
                }
            };
            y = (y + out)?;
        }
        if let Some(shared) = &experts.shared {
            let mut out = self.network(i, Network::Shared, shared.network().form, h)?;
            if let SharedSpec::Gated(_) = shared {
                let open = self.linear(&path(BlockRole::SharedGate), h)?;
                out = out.broadcast_mul(&sigmoid(&open)?)?;
            }
            y = (y + out)?;
        }
        routed.push(Routed { probabilities, chosen });
        Ok(y)
    }
}

struct Chosen {
    probabilities: Tensor,
    chosen: Tensor,
    weights: Tensor,
}

fn sigmoid(x: &Tensor) -> Result<Tensor> {
    ((x.neg()?.exp()? + 1.0)?).recip()
}

/// A softmax over those that the mask has.
fn softmax(x: &Tensor, mask: &Tensor) -> Result<Tensor> {
    let powers = x.broadcast_sub(&x.max_keepdim(D::Minus1)?.detach())?.exp()?.mul(mask)?;
    powers.broadcast_div(&powers.sum_keepdim(1)?)
}

fn mask(rows: Vec<Vec<bool>>) -> Result<Tensor> {
    let rows: Vec<Vec<f32>> = rows
        .into_iter()
        .map(|row| row.into_iter().map(|there| f32::from(u8::from(there))).collect())
        .collect();
    Tensor::new(rows, &Device::Cpu)
}

/// The places of the largest, the largest first.
fn largest(keys: &[f32], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|&a, &b| keys[b].total_cmp(&keys[a]));
    order.truncate(count);
    order
}

fn choose(spec: &ExpertsSpec, logits: &Tensor, correction: Option<&Tensor>) -> Result<Chosen> {
    let probabilities = softmax(logits, &logits.ones_like()?)?;
    let router = &spec.router;
    let scores = match router.scores {
        Scores::Softmax => probabilities.clone(),
        Scores::Sigmoid => sigmoid(logits)?,
        Scores::SparseMixer { jitter } => {
            let (chosen, weights) = mixed(logits, jitter)?;
            return Ok(Chosen {
                probabilities,
                chosen,
                weights,
            });
        }
    };
    let keys = match correction {
        Some(correction) => scores.broadcast_add(&correction.flatten_all()?)?,
        None => scores.clone(),
    };
    let rows = keys.to_vec2::<f32>()?;
    let chosen = mask(
        rows.into_iter()
            .map(|keys| of_token(spec.top_k, router, keys))
            .collect(),
    )?;
    let mut weights = (&scores * &chosen)?;
    let sum = weights.sum_keepdim(1)?;
    match router.divisor {
        Divisor::One => {}
        Divisor::Sum { plus } => weights = weights.broadcast_div(&(sum + plus)?)?,
        Divisor::SumAtLeast(least) => weights = weights.broadcast_div(&sum.maximum(least)?)?,
    }
    Ok(Chosen {
        probabilities,
        chosen,
        weights: (weights * router.scale)?,
    })
}

fn of_token(top_k: usize, router: &RouterSpec, mut keys: Vec<f32>) -> Vec<bool> {
    if let Some(groups) = router.groups {
        let size = keys.len() / groups.count;
        let judged = |keys: &[f32]| match groups.score {
            GroupScore::Best => keys[largest(keys, 1)[0]],
            GroupScore::BestTwo => largest(keys, 2).iter().map(|&e| keys[e]).sum(),
        };
        let judged: Vec<f32> = keys.chunks(size).map(judged).collect();
        let best = largest(&judged, groups.chosen);
        for (e, key) in keys.iter_mut().enumerate() {
            if !best.contains(&(e / size)) {
                *key = f32::NEG_INFINITY;
            }
        }
    }
    let best = largest(&keys, top_k);
    (0..keys.len()).map(|e| best.contains(&e)).collect()
}

/// Phi-3.5-MoE's two experts: which, and their weights.
fn mixed(logits: &Tensor, jitter: f64) -> Result<(Tensor, Tensor)> {
    let rows = logits.to_vec2::<f32>()?;
    let mut taken: Vec<Vec<usize>> = vec![vec![]; rows.len()];
    let (mut chosen, mut weights) = (logits.zeros_like()?, logits.zeros_like()?);
    for _ in 0..2 {
        let (mut own, mut near) = (vec![], vec![]);
        for (row, taken) in rows.iter().zip(&mut taken) {
            let left: Vec<f32> = (0..row.len())
                .map(|e| if taken.contains(&e) { f32::NEG_INFINITY } else { row[e] })
                .collect();
            let best = largest(&left, 1)[0];
            let most = left[best];
            let reached = |e: usize| (most - row[e]) / row[e].abs().max(most) <= 2.0 * jitter as f32;
            near.push((0..row.len()).map(|e| !taken.contains(&e) && reached(e)).collect());
            own.push((0..row.len()).map(|e| e == best).collect());
            taken.push(best);
        }
        let own = mask(own)?;
        weights = (weights + (softmax(logits, &mask(near)?)? * &own)?)?;
        chosen = (chosen + own)?;
    }
    Ok((chosen, weights))
}

/// GPT-OSS's gate.
pub fn clamped(gate: &Tensor, up: &Tensor, limit: f64, slope: f64) -> Result<Tensor> {
    let gate = gate.minimum(limit)?;
    let up = up.clamp(-limit, limit)?;
    (up + 1.0)? * (&gate * sigmoid(&(&gate * slope)?)?)?
}
