//! The engine's operations: each one is an [`Operation`], over buffers of the engine and weights as candle loaded them.
//!
//! An operation writes into buffers that exist already ([`Buf`]) and never allocates results, so a training step reuses one
//! workspace. A buffer is owned once and lent as a [`View`] or a [`ViewMut`], so that nothing else reads what is being
//! written. In the engine `unsafe` lives in `cpu/` and `cuda/` alone.
pub mod act;
pub mod activation;
pub mod attention;
mod buf;
pub mod cayley;
pub mod clamped;
pub mod clip;
pub mod columns;
pub mod cpu;
pub mod cuda;
mod device;
pub mod dora;
mod engine;
pub mod gather;
pub mod head;
mod indices;
pub mod matmul;
pub mod noise;
pub mod norm;
pub mod optimizer;
pub mod rope;
pub mod rotate;
pub mod route;
pub mod scale;

use crate::error::{Error, Result};
use crate::quant::{CardPacked, Packed};
use candle_core::{CpuStorage, Layout, Storage, Tensor};
use half::{bf16, f16};
use std::ops::Deref;

use buf::Part;
pub use buf::{Buf, Element, View, ViewMut, read_together};
use cuda::Card;
pub(crate) use device::Held;
pub use device::{Device, Host};
pub use engine::Engine;
pub use indices::{IndexArrays, IndexRange};

/// What a body reads: values as they are stored.
#[derive(Clone, Copy)]
pub enum Values<'a> {
    F32(&'a [f32]),
    BF16(&'a [bf16]),
    F16(&'a [f16]),
    Packed(&'a Packed),
}

/// What an operation is given to read: values of a buffer, a weight as candle loaded it, or one that stays quantized.
#[derive(Clone, Copy)]
pub enum Operand<'a> {
    View(View<'a>),
    Tensor(&'a Tensor),
    Packed(&'a Packed),
    /// the same in a card's memory
    CardPacked(&'a CardPacked),
}

impl<'a> From<View<'a>> for Operand<'a> {
    fn from(view: View<'a>) -> Self {
        Self::View(view)
    }
}

impl<'a> From<&'a Tensor> for Operand<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

/// One operation: what it reads, writes and is told, each by its name, and a body for each kind of device. No body has a
/// default, so that the compiler lists what a new kind of device lacks.
pub trait Operation {
    fn cpu(self) -> Result<()>;
    fn cuda(self, card: &Card) -> Result<()>;
}

/// What an operation does with what its output holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    Overwrite,
    /// Adds to it.
    Accumulate,
}

impl Write {
    fn accumulates(self) -> bool {
        self == Self::Accumulate
    }
}

/// An operand for as long as a body on the CPU reads it.
enum Open<'a> {
    View(View<'a>),
    Packed(&'a Packed),
    OnCard,
    /// candle's lock on the tensor's storage, and where the tensor lies in it
    Stored(Box<dyn Deref<Target = Storage> + 'a>, &'a Layout),
}

impl<'a> Operand<'a> {
    fn open(self) -> Open<'a> {
        match self {
            Self::View(view) => Open::View(view),
            Self::Packed(packed) => Open::Packed(packed),
            Self::CardPacked(_) => Open::OnCard,
            Self::Tensor(tensor) => {
                let (storage, layout) = tensor.storage_and_layout();
                Open::Stored(Box::new(storage), layout)
            }
        }
    }
}

impl Open<'_> {
    fn values(&self) -> Result<Values<'_>> {
        let (storage, layout) = match self {
            Self::View(View(Part::F32(values))) => return Ok(Values::F32(values)),
            Self::View(View(Part::BF16(values))) => return Ok(Values::BF16(values)),
            Self::View(View(Part::F16(values))) => return Ok(Values::F16(values)),
            Self::View(_) => return Err(Error::internal("weights are f32, bf16 or f16")),
            Self::OnCard => return Err(Error::internal("a weight on a card is read by the processor")),
            Self::Packed(packed) => return Ok(Values::Packed(packed)),
            Self::Stored(storage, layout) => (&***storage, *layout),
        };
        let span = layout.start_offset()..layout.start_offset() + layout.shape().elem_count();
        Ok(match storage {
            Storage::Cpu(CpuStorage::F32(values)) => Values::F32(&values[span]),
            Storage::Cpu(CpuStorage::BF16(values)) => Values::BF16(&values[span]),
            Storage::Cpu(CpuStorage::F16(values)) => Values::F16(&values[span]),
            Storage::Cpu(_) => return Err(Error::internal("weights are f32, bf16 or f16")),
            _ => return Err(Error::internal("a weight lies on another device than the buffers")),
        })
    }
}
