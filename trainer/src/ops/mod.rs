//! The engine's operations: each one is an [`Operation`], over buffers of the engine and weights as candle loaded them.
//!
//! An operation writes into buffers that exist already ([`Buf`]) and never allocates results, so a training step reuses one
//! workspace. A buffer is owned once and lent as a [`View`] or a [`ViewMut`], so that nothing else reads what is being
//! written. In the engine `unsafe` lives in `cpu/` alone.
pub mod act;
pub mod attention;
pub mod cpu;
pub mod gather;
pub mod head;
pub mod matmul;
pub mod noise;
pub mod norm;
pub mod optimizer;
pub mod rope;
pub mod rotate;
pub mod scale;

use crate::error::{Error, Result};
use crate::quant::Packed;
use candle_core::{CpuStorage, DType, Device, Layout, Shape, Storage, Tensor};
use half::{bf16, f16};
use std::ops::Deref;

/// A reusable buffer of f32 values on a device, which it alone owns: it grows and never shrinks. What is in use of it is said
/// by the dimensions given to each operation.
#[derive(Debug)]
pub struct Buf {
    values: Vec<f32>,
    device: Device,
}

impl Buf {
    pub fn zeros(len: usize, device: &Device) -> Result<Self> {
        Self::from_vec(vec![0.0; len], device)
    }

    /// A copy of any tensor, flat and in f32.
    pub fn copy_of(tensor: &Tensor) -> Result<Self> {
        let values = tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?;
        Self::from_vec(values, tensor.device())
    }

    pub fn from_vec(values: Vec<f32>, device: &Device) -> Result<Self> {
        Ok(Self {
            values,
            device: device.clone(),
        })
    }

    /// Grows to hold at least `len` values; what was in it is lost when it grows.
    pub fn fit(&mut self, len: usize) -> Result<&mut Self> {
        if self.capacity() < len {
            self.values = vec![]; // give the old memory back first
            self.values = vec![0.0; len];
        }
        Ok(self)
    }

    pub fn capacity(&self) -> usize {
        self.values.len()
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What is in it, with an empty buffer left in its place.
    pub(crate) fn take(&mut self) -> Self {
        Self {
            values: std::mem::take(&mut self.values),
            device: self.device.clone(),
        }
    }

    /// The values once more, apart from these.
    pub(crate) fn copy(&self) -> Result<Self> {
        Self::from_vec(self.values.clone(), &self.device)
    }

    /// A tensor of a copy of the values.
    pub fn tensor(&self, shape: impl Into<Shape>) -> Result<Tensor> {
        Ok(Tensor::from_slice(&self.values, shape, &self.device)?)
    }

    /// The first `len` values on the host.
    pub fn to_vec(&self, len: usize) -> Result<Vec<f32>> {
        Ok(self.values[..len].to_vec())
    }

    pub fn view(&self) -> View<'_> {
        View(&self.values)
    }

    pub fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut(&mut self.values)
    }

    /// `len` of its values, from `at` on.
    pub fn part_mut(&mut self, at: usize, len: usize) -> ViewMut<'_> {
        ViewMut(&mut self.values[at..at + len])
    }
}

/// Values of a buffer, lent to be read.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(&'a [f32]);

/// Values of a buffer, lent to one operation that writes them.
#[derive(Debug)]
pub struct ViewMut<'a>(&'a mut [f32]);

impl<'a> View<'a> {
    /// A copy of the values on the host.
    pub fn to_vec(self) -> Vec<f32> {
        self.0.to_vec()
    }
}

impl ViewMut<'_> {
    pub fn view(&self) -> View<'_> {
        View(self.0)
    }

    /// Lends the values on, for less long.
    pub fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut(self.0)
    }
}

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
}

/// Runs an operation on the CPU, the one kind of device there is.
pub fn run(operation: impl Operation) -> Result<()> {
    operation.cpu()
}

/// An operand for as long as a body on the CPU reads it.
enum Open<'a> {
    Values(Values<'a>),
    /// candle's lock on the tensor's storage, and where the tensor lies in it
    Stored(Box<dyn Deref<Target = Storage> + 'a>, &'a Layout),
}

impl<'a> Operand<'a> {
    fn open(self) -> Open<'a> {
        match self {
            Self::View(view) => Open::Values(Values::F32(view.0)),
            Self::Packed(packed) => Open::Values(Values::Packed(packed)),
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
            Self::Values(values) => return Ok(*values),
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
