//! LoftQ: weights are quantized with the low-rank term in view that makes up for what quantization takes off.
//!
//! *LoftQ: LoRA-Fine-Tuning-Aware Quantization for Large Language Models*, arXiv 2310.08659, algorithm 1:
//! `Q_t = q(W - R_{t-1})`, `R_t` the part of rank r of `W - Q_t`, from `R_0 = 0`. PEFT writes `R_T` into the adapter as it
//! is, which starts right only where lora_alpha is the rank; here `scale B A = R_T` for any factor.
use super::adapter::{LoraPair, Targets};
use super::adapter_init::pair_from_svd;
use super::linear::Widths;
use super::quantized_folder::OnTheFly;
use super::weights::Frozen;
use crate::error::{Error, Result};
use crate::svd::{self, Effort};
use candle_core::{DType, Device, Tensor};
use protocol::says;
use std::sync::Arc;

/// Which weights are quantized so, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loftq {
    /// quantizations, with a decomposition between each two
    pub iterations: usize,
    pub rank: usize,
    pub targets: Targets,
    /// whether a new adapter begins with what is left; one that exists has been trained since
    pub fresh: bool,
}

impl Loftq {
    /// Whether a layer can be quantized so; `packed`: it is quantized already.
    pub(super) fn suits(&self, path: &str, widths: Widths, packed: bool) -> Result<()> {
        let Widths { input, output } = widths;
        if packed && (self.fresh || self.iterations > 1) {
            return Err(Error::invalid(says::loftq_of_quantized(path)));
        }
        if !packed && self.rank > input.min(output) {
            return Err(Error::invalid(says::loftq_rank(self.rank, path, output, input)));
        }
        Ok(())
    }

    /// The quantized weight (`how`: `None` for one of a quantized folder, which stays as it is), and for a new adapter `R_T = B A` (a factor of 1).
    pub fn quantize(
        &self,
        weight: Frozen,
        how: Option<OnTheFly>,
        path: &str,
        widths: Widths,
    ) -> Result<(Frozen, Option<LoraPair>)> {
        let (Frozen::F32(tensor) | Frozen::BF16(tensor) | Frozen::F16(tensor), Some(how)) = (&weight, how) else {
            self.suits(path, widths, true)?;
            return Ok((weight, None));
        };
        self.suits(path, widths, false)?;
        let whole = tensor.reshape((widths.output, widths.input))?.to_dtype(DType::F32)?;
        let (mut packed, mut left) = quantized(&whole, &whole, how)?;
        for _ in 1..self.iterations {
            let LoraPair { a, b, .. } = low_rank(&left, self.rank)?;
            (packed, left) = quantized(&(&whole - b.matmul(&a)?)?, &whole, how)?;
        }
        let pair = self.fresh.then(|| low_rank(&left, self.rank)).transpose()?;
        Ok((Frozen::Packed(Arc::new(packed), weight.dtype()), pair))
    }
}

/// `q(matrix)`, and what the whole weight is beside it.
fn quantized(matrix: &Tensor, whole: &Tensor, how: OnTheFly) -> Result<(crate::quant::Packed, Tensor)> {
    let columns = matrix.dim(1)?;
    let packed = how.pack(&matrix.flatten_all()?.to_vec1::<f32>()?, columns);
    let packed = packed.map_err(Error::invalid)?;
    let values = Tensor::from_vec(packed.to_vec(), matrix.shape(), &Device::Cpu)?;
    let left = (whole.to_device(&Device::Cpu)? - values)?;
    Ok((packed, left.to_device(whole.device())?))
}

/// The part of rank r of a matrix; nearly all that can be had of it, as its singular values lie close together.
fn low_rank(matrix: &Tensor, rank: usize) -> Result<LoraPair> {
    pair_from_svd(&svd::truncated(matrix, rank, Effort::Close)?, 1.0, matrix.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::bnb4::Kind;
    use crate::quant::tests::normal;

    const WIDTHS: Widths = Widths { input: 64, output: 96 };
    const HOW: OnTheFly = OnTheFly::FourBit {
        kind: Kind::Nf4,
        double: true,
    };

    fn weight() -> Tensor {
        Tensor::from_vec(normal(96 * 64, 11), (96, 64), &Device::Cpu).unwrap()
    }

    fn norm(x: &Tensor) -> f32 {
        x.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap().sqrt()
    }

    /// `|W - Q|` and `|W - (Q + B A)|`
    fn errors(rank: usize, iterations: usize) -> (f32, f32) {
        let loftq = Loftq {
            iterations,
            rank,
            targets: Targets::All,
            fresh: true,
        };
        let whole = weight();
        let (frozen, pair) = loftq
            .quantize(Frozen::new(whole.clone()).unwrap(), Some(HOW), "layer", WIDTHS)
            .unwrap();
        let Frozen::Packed(packed, DType::F32) = frozen else {
            panic!("quantized")
        };
        let q = Tensor::from_vec(packed.to_vec(), (96, 64), &Device::Cpu).unwrap();
        let pair = pair.unwrap();
        let left = (whole - q).unwrap();
        let made_up = (&left - pair.b.matmul(&pair.a).unwrap()).unwrap();
        (norm(&left), norm(&made_up))
    }

    #[test]
    fn the_adapter_makes_up_for_quantization_the_more_the_larger_it_is() {
        let (plain, _) = errors(1, 1);
        let mut last = plain;
        for rank in [1, 4, 16, 48] {
            let (left, made_up) = errors(rank, 1);
            assert_eq!(left, plain, "one round quantizes as QLoRA does");
            assert!(made_up < 0.995 * last, "rank {rank}: {made_up} after {last}");
            last = made_up;
        }
        // all of it, to rounding
        assert!(errors(64, 1).1 < 1e-4 * plain);
    }

    #[test]
    fn more_rounds_leave_less() {
        let (one, five) = (errors(16, 1), errors(16, 5));
        assert!(five.1 < 0.97 * one.1, "{five:?} after {one:?}");
        // the quantized weight itself is no longer the nearest
        assert!(five.0 > one.0);
    }

    #[test]
    fn an_adapter_that_exists_finds_the_same_weight_again() {
        let mut loftq = Loftq {
            iterations: 3,
            rank: 8,
            targets: Targets::All,
            fresh: true,
        };
        let packed = |loftq: &Loftq| {
            let (frozen, pair) = loftq
                .quantize(Frozen::new(weight()).unwrap(), Some(HOW), "layer", WIDTHS)
                .unwrap();
            let Frozen::Packed(packed, _) = frozen else {
                panic!("quantized")
            };
            (packed.to_vec(), pair.is_some())
        };
        let (first, had) = packed(&loftq);
        loftq.fresh = false;
        assert_eq!((packed(&loftq), had), ((first, false), true));
    }
}
