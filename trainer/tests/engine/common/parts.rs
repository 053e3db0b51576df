//! Parts of a decoder as candle's differentiable operations, each as its description says.

use candle_core::{D, Result, Tensor};
use protocol::decoder::{Activation, HeadSpec, NormKind, NormSpec, NormWeight};

/// The last axis normalised. Weight and bias are used as far as the description has them.
pub fn normalized(spec: &NormSpec, x: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Result<Tensor> {
    let x = match spec.kind {
        NormKind::Rms => x.clone(),
        NormKind::Layer => x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?,
    };
    let deviation = (x.sqr()?.mean_keepdim(D::Minus1)? + spec.epsilon)?.sqrt()?;
    let mut y = x.broadcast_div(&deviation)?;
    match (spec.weight, weight) {
        (NormWeight::None, _) => {}
        (NormWeight::Plain, Some(weight)) => y = y.broadcast_mul(weight)?,
        (NormWeight::OnePlus, Some(weight)) => y = y.broadcast_mul(&(weight + 1.0)?)?,
        (_, None) => panic!("a norm lacks its weight"),
    }
    match (spec.bias, bias) {
        (false, _) => Ok(y),
        (true, Some(bias)) => y.broadcast_add(bias),
        (true, None) => panic!("a norm lacks its bias"),
    }
}

pub fn activated(activation: Activation, x: &Tensor) -> Result<Tensor> {
    match activation {
        Activation::Silu => x.silu(),
        Activation::Gelu => x.gelu_erf(),
        Activation::GeluTanh => x.gelu(),
        Activation::Relu => x.relu(),
        Activation::ReluSquared => x.relu()?.sqr(),
    }
}

/// `[tokens, vocab]` from `h[tokens, width]`.
pub fn logits(spec: &HeadSpec, h: &Tensor, table: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let table = match spec.normalized {
        true => table.broadcast_div(&table.sqr()?.sum_keepdim(1)?.sqrt()?)?,
        false => table.clone(),
    };
    let mut logits = h.matmul(&table.t()?)?;
    if let Some(bias) = bias.filter(|_| spec.bias) {
        logits = logits.broadcast_add(bias)?;
    }
    logits = (logits * spec.scale)?;
    match spec.soft_cap {
        Some(cap) => (logits / cap)?.tanh()? * cap,
        None => Ok(logits),
    }
}
