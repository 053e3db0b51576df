//! Attention as candle's differentiable operations: queries, keys and values as their description says, and a matrix of all
//! scores.

use super::Naive;
use super::parts::normalized;
use candle_core::{Result, Tensor};
use half::bf16;
use protocol::decoder::{
    AlibiSpec, AttentionSpec, LatentSpec, NormedOver, PositionSpec, QkNorm, RotarySpec, Span, Temperature,
};
use trainer::model::rotation;
use trainer::ops::rope::Rotation;

impl Naive<'_> {
    /// The first half of block `i`, from its normed input.
    pub fn attention(&self, i: usize, h: &Tensor) -> Result<Tensor> {
        let spec = &self.config.decoder.blocks[i].attention;
        let at = |module: &str| format!("model.layers.{i}.self_attn.{module}");
        let n = h.dim(0)?;
        let (q, k, v) = match &spec.latent {
            Some(latent) => self.latent_heads(spec, latent, &at, h)?,
            None => {
                let heads = |name: &str, count: usize| {
                    let y = self.linear(&at(&format!("{name}_proj")), h)?;
                    let norm = spec.qk_norm.as_ref().filter(|_| name != "v");
                    let vectors = ["weight", "bias"].map(|kind| self.weights.get(&at(&format!("{name}_norm.{kind}"))));
                    let normed = |y: Tensor| match norm {
                        Some(norm) => normed_heads(norm, vectors, &y, count),
                        None => Ok(y),
                    };
                    let last = norm.is_some_and(|norm| norm.after_rotary);
                    let y = if last { y } else { normed(y)? };
                    let y = match spec.clip {
                        Some(limit) => y.clamp(-limit, limit)?,
                        None => y,
                    };
                    let width = y.dim(1)? / count;
                    let y = y.reshape((n, count, width))?;
                    let y = match &spec.position {
                        PositionSpec::Rotary(rotary) if name != "v" => self.turned(rotary, &y, 0)?,
                        _ => y,
                    };
                    match last {
                        true => normed(y.reshape((n, count * width))?)?.reshape((n, count, width)),
                        false => Ok(y),
                    }
                };
                (
                    heads("q", spec.heads)?,
                    heads("k", spec.kv_heads)?,
                    heads("v", spec.kv_heads)?,
                )
            }
        };
        let q = match spec.temperature {
            None => q,
            Some(rule) => {
                let factors: Vec<f32> = (0..n).map(|position| temperature(rule, position)).collect();
                q.broadcast_mul(&Tensor::from_vec(factors, (n, 1, 1), h.device())?)?
            }
        };
        let scores = Scores {
            scale: spec.scale,
            span: spec.span,
            soft_cap: spec.soft_cap,
            alibi: match spec.position {
                PositionSpec::Alibi(alibi) => Some(alibi),
                _ => None,
            },
            sinks: spec.sinks.then(|| self.weights[&at("sinks")].clone()),
        };
        let o = scores.attention(&q, &k, &v)?.reshape((n, spec.output_width()))?;
        self.linear(&at("o_proj"), &o)
    }

    fn turned(&self, rotary: &RotarySpec, x: &Tensor, first: usize) -> Result<Tensor> {
        let n = x.dim(0)?;
        let positions: Vec<u32> = (0..n as u32).collect();
        rope(x, &positions, &rotation(rotary, self.longest.max(n)), first)
    }

    fn latent_heads(
        &self,
        spec: &AttentionSpec,
        latent: &LatentSpec,
        at: &dyn Fn(&str) -> String,
        h: &Tensor,
    ) -> Result<(Tensor, Tensor, Tensor)> {
        let PositionSpec::Rotary(rotary) = &spec.position else {
            panic!("latent attention turns")
        };
        let (n, heads, whole) = (h.dim(0)?, spec.heads, spec.head_dim - rotary.dims);
        let norm = |name: &str, x: &Tensor| {
            let weight = self.weights.get(&at(&format!("{name}.weight")));
            normalized(&latent.norm, x, weight, None)
        };
        let q = match latent.query_rank {
            None => self.linear(&at("q_proj"), h)?,
            Some(_) => {
                let low = norm("q_a_layernorm", &self.linear(&at("q_a_proj"), h)?)?;
                self.linear(&at("q_b_proj"), &low)?
            }
        };
        let q = self.turned(rotary, &q.reshape((n, heads, spec.head_dim))?, whole)?;
        let low = self.linear(&at("kv_a_proj_with_mqa"), h)?;
        let shared = low.narrow(1, latent.rank, rotary.dims)?.reshape((n, 1, rotary.dims))?;
        let shared = self.turned(rotary, &shared, 0)?.broadcast_as((n, heads, rotary.dims))?;
        let low = norm("kv_a_layernorm", &low.narrow(1, 0, latent.rank)?.contiguous()?)?;
        let both = self
            .linear(&at("kv_b_proj"), &low)?
            .reshape((n, heads, whole + spec.value_dim))?;
        let k = Tensor::cat(&[both.narrow(2, 0, whole)?, shared.contiguous()?], 2)?;
        Ok((q, k, both.narrow(2, whole, spec.value_dim)?.contiguous()?))
    }
}

/// `x[tokens, heads * width]`
fn normed_heads(norm: &QkNorm, [weight, bias]: [Option<&Tensor>; 2], x: &Tensor, heads: usize) -> Result<Tensor> {
    let (n, width) = x.dims2()?;
    let shape: &[usize] = match norm.over {
        NormedOver::Width => &[n, width],
        NormedOver::OneHead | NormedOver::EachHead => &[n, heads, width / heads],
    };
    let numbers = |numbers: Option<&Tensor>| match (numbers, norm.over) {
        (Some(numbers), NormedOver::EachHead) => numbers.reshape((heads, width / heads)).map(Some),
        (numbers, _) => Ok(numbers.cloned()),
    };
    let (weight, bias) = (numbers(weight)?, numbers(bias)?);
    normalized(&norm.norm, &x.reshape(shape)?, weight.as_ref(), bias.as_ref())?.reshape((n, width))
}

fn temperature(rule: Temperature, position: usize) -> f32 {
    let place = position as f64 + 1.0;
    let factor = match rule {
        Temperature::Stepped { scale, step } => (place / step).floor().ln_1p() * scale + 1.0,
        // outside training alone
        Temperature::LogLength { .. } => 1.0,
    };
    factor as f32
}

/// `x[tokens, heads, head_dim]`, whose values from `first` on turn, as far as there are frequencies.
pub fn rope(x: &Tensor, positions: &[u32], rotation: &Rotation, first: usize) -> Result<Tensor> {
    let (tokens, heads, dim) = x.dims3()?;
    let pairs = rotation.frequencies.len();
    let angles: Vec<f32> = positions
        .iter()
        .flat_map(|&p| rotation.frequencies.iter().map(move |f| p as f32 * f))
        .collect();
    let angles = Tensor::from_vec(angles, (positions.len(), 1, pairs), x.device())?;
    let magnitude = f64::from(rotation.magnitude);
    let (cos, sin) = ((angles.cos()? * magnitude)?, (angles.sin()? * magnitude)?);
    let turned = x.narrow(2, first, 2 * pairs)?.contiguous()?;
    // the two values of each pair
    let (axis, shape) = match rotation.interleaved {
        true => (3, (tokens, heads, pairs, 2)),
        false => (2, (tokens, heads, 2, pairs)),
    };
    let turned = turned.reshape(shape)?;
    let (a, b) = (
        turned.narrow(axis, 0, 1)?.squeeze(axis)?,
        turned.narrow(axis, 1, 1)?.squeeze(axis)?,
    );
    let low = (a.broadcast_mul(&cos)? - b.broadcast_mul(&sin)?)?;
    let high = (b.broadcast_mul(&cos)? + a.broadcast_mul(&sin)?)?;
    let turned = Tensor::stack(&[low, high], axis)?.reshape((tokens, heads, 2 * pairs))?;
    let behind = first + 2 * pairs;
    let parts = [x.narrow(2, 0, first)?, turned, x.narrow(2, behind, dim - behind)?];
    let parts: Vec<_> = parts.into_iter().filter(|part| part.elem_count() > 0).collect();
    Tensor::cat(&parts, 2)
}

/// What becomes of products before the softmax, who sees whom, and what takes part besides.
pub struct Scores {
    pub scale: f64,
    pub span: Span,
    pub soft_cap: Option<f64>,
    pub alibi: Option<AlibiSpec>,
    /// `[heads]`
    pub sinks: Option<Tensor>,
}

impl Scores {
    /// Products times a scale.
    pub fn plain(scale: f64, window: Option<usize>) -> Self {
        Self {
            scale,
            span: Span::windowed(window),
            soft_cap: None,
            alibi: None,
            sinks: None,
        }
    }

    /// `[heads, tokens, tokens]`
    fn bias(&self, n: usize, heads: usize) -> Vec<f32> {
        let Some(alibi) = self.alibi else {
            return vec![0.0; heads * n * n];
        };
        let of_key = |slope: f32, key: usize| match alibi {
            AlibiSpec::Plain => slope * key as f32,
            AlibiSpec::Rounded => {
                let [slope, key] = [slope, key as f32].map(|x| bf16::from_f32(x).to_f32());
                bf16::from_f32(slope * key).to_f32() * self.scale as f32
            }
        };
        let slopes = alibi.slopes(heads);
        let all = slopes.iter().flat_map(|slope| (0..n * n).map(move |at| (*slope, at)));
        all.map(|(slope, at)| of_key(slope, at % n) - of_key(slope, at / n))
            .collect()
    }

    /// Causal attention over `[tokens, heads, head_dim]`.
    pub fn attention(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
        let (n, heads, _) = q.dims3()?;
        let repeat = heads / k.dim(1)?;
        let spread = |x: &Tensor| {
            let (n, kv, d) = x.dims3()?;
            x.unsqueeze(2)?
                .broadcast_as((n, kv, repeat, d))?
                .reshape((n, heads, d))?
                .transpose(0, 1)?
                .contiguous()
        };
        let (q, k, v) = (q.transpose(0, 1)?.contiguous()?, spread(k)?, spread(v)?);
        let scores = (q.matmul(&k.transpose(1, 2)?.contiguous()?)? * self.scale)?;
        let scores = match self.soft_cap {
            Some(cap) => ((scores / cap)?.tanh()? * cap)?,
            None => scores,
        };
        let seen = |i: usize, j: usize| j <= i && j >= self.span.first_seen(i);
        let hidden = |at: usize| if seen(at / n, at % n) { 0.0 } else { f32::NEG_INFINITY };
        let bias = self.bias(n, heads).into_iter().enumerate();
        let bias: Vec<f32> = bias.map(|(at, bias)| bias + hidden(at % (n * n))).collect();
        let scores = (scores + Tensor::from_vec(bias, (heads, n, n), q.device())?)?;
        let top = scores.max_keepdim(2)?.detach();
        let e = scores.broadcast_sub(&top)?.exp()?;
        let total = e.sum_keepdim(2)?;
        let total = match &self.sinks {
            Some(sinks) => (total + sinks.reshape((heads, 1, 1))?.broadcast_sub(&top)?.exp()?)?,
            None => total,
        };
        e.broadcast_div(&total)?.matmul(&v)?.transpose(0, 1)?.contiguous()
    }
}
