//! A slot: one named state of one parameter (a moment, a projection basis), in f32 or bf16, or in 8 bits with scales.

use crate::error::{Error, Result};
use crate::model::{Param, rounded, saved_tensor};
use crate::ops::optimizer::Quantized;
use crate::ops::{Buf, Device};
use crate::tensors::Unwritten;
use candle_core::Tensor;
use std::collections::HashMap;

/// A named state of one parameter.
pub(super) struct Slot {
    /// The state's name in checkpoints, as `exp_avg`.
    name: &'static str,
    shape: Vec<usize>,
    values: Values,
}

enum Values {
    /// f32 or bf16.
    Float(Buf),
    /// 8-bit codes with a scale per block.
    Bits8(Quantized),
}

impl Slot {
    /// Zeros in the parameter's data type.
    pub(super) fn zeros(name: &'static str, shape: &[usize], param: &Param) -> Result<Self> {
        let values = Buf::zeros_of(param.dtype(), shape.iter().product(), param.value.device())?;
        Ok(Self::from_values(name, shape, values))
    }

    /// Zeros in f32, whatever the parameter's data type is.
    pub(super) fn zeros_f32(name: &'static str, shape: &[usize], device: &Device) -> Result<Self> {
        let values = Buf::zeros(shape.iter().product(), device)?;
        Ok(Self::from_values(name, shape, values))
    }

    /// Zeros in 8 bits; `signed` says whether values may be negative.
    pub(super) fn bits8(name: &'static str, shape: &[usize], signed: bool, device: &Device) -> Result<Self> {
        Ok(Self {
            name,
            shape: shape.to_vec(),
            values: Values::Bits8(Quantized::zeros(shape.iter().product(), signed, device)?),
        })
    }

    /// A state that starts with `values`.
    pub(super) fn from_values(name: &'static str, shape: &[usize], values: Buf) -> Self {
        Self {
            name,
            shape: shape.to_vec(),
            values: Values::Float(values),
        }
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// A copy of the values in their shape and data type.
    ///
    /// # Errors
    /// A state in 8 bits.
    pub(super) fn tensor(&self) -> Result<Tensor> {
        match &self.values {
            Values::Float(buf) => buf.tensor(self.shape.as_slice()),
            Values::Bits8(_) => Err(Error::internal(format!("the state `{}` is in 8 bits", self.name))),
        }
    }

    /// Replaces the values, rounded to the state's data type.
    ///
    /// # Errors
    /// A state in 8 bits.
    pub(super) fn set(&mut self, tensor: &Tensor) -> Result<()> {
        match &mut self.values {
            Values::Float(buf) => *buf = rounded(tensor, buf.dtype(), buf.device())?,
            Values::Bits8(_) => return Err(Error::internal(format!("the state `{}` is in 8 bits", self.name))),
        }
        Ok(())
    }

    /// Adds the state to a checkpoint's tensors as `<param>.<name>`; of one in 8 bits that are the codes, and the
    /// scales are `<param>.<name>.absmax`.
    pub(super) fn export<'a>(&'a self, param: &str, saved: &mut Vec<Unwritten<'a>>) {
        let name = format!("{param}.{}", self.name);
        match &self.values {
            Values::Float(_) => saved.push(Unwritten::new(name, || self.tensor())),
            Values::Bits8(q) => {
                let scales = || q.absmax.tensor(q.absmax.capacity());
                saved.push(Unwritten::new(format!("{name}.absmax"), scales));
                let codes = || q.codes.tensor(self.shape.as_slice());
                saved.push(Unwritten::new(name, codes));
            }
        }
    }

    /// Restores what [`Slot::export`] gave.
    ///
    /// # Errors
    /// A tensor that is missing in `saved`, or has another shape.
    pub(super) fn import(&mut self, param: &str, saved: &HashMap<String, Tensor>) -> Result<()> {
        let name = format!("{param}.{}", self.name);
        match &mut self.values {
            Values::Float(buf) => {
                *buf = rounded(&saved_tensor(saved, &name, &self.shape)?, buf.dtype(), buf.device())?;
            }
            Values::Bits8(q) => {
                // they come as f32, which holds whole numbers up to 255 exactly
                let device = q.codes.device().clone();
                let codes = saved_tensor(saved, &name, &self.shape)?;
                let codes: Vec<f32> = codes.flatten_all()?.to_vec1()?;
                let scales = format!("{name}.absmax");
                q.absmax = Buf::copy_of(&saved_tensor(saved, &scales, &[q.absmax.capacity()])?, &device)?;
                q.codes = Buf::from_vec(codes.into_iter().map(|code| code as u8).collect(), &device)?;
            }
        }
        Ok(())
    }
}

/// The first `N` states of a rule that keeps none of them in 8 bits.
#[expect(clippy::expect_used, reason = "a rule reads the states that it made itself")]
pub(super) fn floats<const N: usize>(slots: &mut [Slot]) -> [&mut Buf; N] {
    let mut all = slots.iter_mut().filter_map(|slot| match &mut slot.values {
        Values::Float(buf) => Some(buf),
        Values::Bits8(_) => None,
    });
    std::array::from_fn(|_| all.next().expect("a rule is given the states it made"))
}

/// The first `N` states if all are in 8 bits, else `None`.
#[expect(clippy::expect_used, reason = "a rule reads the states that it made itself")]
pub(super) fn bits8<const N: usize>(slots: &mut [Slot]) -> Option<[&mut Quantized; N]> {
    if !slots.iter().all(|slot| matches!(slot.values, Values::Bits8(_))) {
        return None;
    }
    let mut all = slots.iter_mut().filter_map(|slot| match &mut slot.values {
        Values::Bits8(q) => Some(q),
        Values::Float(_) => None,
    });
    Some(std::array::from_fn(|_| {
        all.next().expect("a rule is given the states it made")
    }))
}

/// Whether the state of a parameter with `len` values is kept in 8 bits: as in bitsandbytes (`min_8bit_size`), small
/// ones are not.
pub(super) fn is_large(len: usize) -> bool {
    len >= 4096
}
