//! The engine's operations: each one is a [`Kernel`], over buffers of the engine and weights as candle loaded them.
//!
//! A kernel writes into buffers that exist already ([`Buf`]) and never allocates results, so a training step reuses one
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

use crate::error::Result;
use crate::quant::Packed;
use candle_core::{CpuStorage, DType, Device, Layout, Shape, Storage, Tensor};
use half::{bf16, f16};

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

impl View<'_> {
    /// A copy of the values on the host.
    pub fn to_vec(self) -> Vec<f32> {
        self.0.to_vec()
    }
}

impl<'a> From<&'a Buf> for View<'a> {
    fn from(buf: &'a Buf) -> Self {
        Self(&buf.values)
    }
}

impl<'a> From<&'a mut Buf> for View<'a> {
    fn from(buf: &'a mut Buf) -> Self {
        Self(&buf.values)
    }
}

impl<'a> From<&'a ViewMut<'_>> for View<'a> {
    fn from(view: &'a ViewMut<'_>) -> Self {
        Self(view.0)
    }
}

impl<'a> From<&'a mut Buf> for ViewMut<'a> {
    fn from(buf: &'a mut Buf) -> Self {
        Self(&mut buf.values)
    }
}

impl<'a> From<&'a mut ViewMut<'_>> for ViewMut<'a> {
    fn from(view: &'a mut ViewMut<'_>) -> Self {
        Self(view.0)
    }
}

/// What a kernel reads: values as they are stored.
#[derive(Clone, Copy)]
pub enum Values<'a> {
    F32(&'a [f32]),
    BF16(&'a [bf16]),
    F16(&'a [f16]),
    Packed(&'a Packed),
}

/// What a kernel is given to read: values of a buffer, a weight as candle loaded it, or one that stays quantized.
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

impl<'a> From<&'a Buf> for Operand<'a> {
    fn from(buf: &'a Buf) -> Self {
        Self::View(buf.view())
    }
}

impl<'a> From<&'a mut Buf> for Operand<'a> {
    fn from(buf: &'a mut Buf) -> Self {
        Self::View(buf.view())
    }
}

impl<'a> From<&'a Tensor> for Operand<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

impl<'a> Values<'a> {
    /// The values of an operand that is always f32: everything but weights.
    #[expect(clippy::panic, reason = "a fault of the engine itself: no input leads there")]
    pub fn f32(self) -> &'a [f32] {
        match self {
            Values::F32(values) => values,
            _ => panic!("a kernel was given a half-precision or packed activation"),
        }
    }
}

/// One operation: reads `I` operands, writes `O` buffers.
pub trait Kernel {
    const NAME: &'static str;

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[Values]);
}

/// Runs a kernel.
pub fn launch<K: Kernel, const O: usize, const I: usize>(kernel: &K, outs: [ViewMut; O], ins: [View; I]) -> Result<()> {
    kernel.cpu(&mut outs.map(|out| out.0), &ins.map(|view| Values::F32(view.0)));
    Ok(())
}

/// As [`launch`], of operands some of which may be weights.
pub fn launch_on<K: Kernel, const O: usize, const I: usize>(
    kernel: &K,
    outs: [ViewMut; O],
    ins: [Operand; I],
) -> Result<()> {
    let guards = ins.map(|operand| match operand {
        Operand::Tensor(tensor) => Ok(tensor.storage_and_layout()),
        Operand::View(view) => Err(Values::F32(view.0)),
        Operand::Packed(packed) => Err(Values::Packed(packed)),
    });
    let values: Vec<Values> = guards
        .iter()
        .map(|held| match held {
            Ok((storage, layout)) => stored::<K>(storage, layout),
            Err(values) => Ok(*values),
        })
        .collect::<candle_core::Result<_>>()?;
    kernel.cpu(&mut outs.map(|out| out.0), &values);
    Ok(())
}

/// The values of a contiguous tensor.
fn stored<'a, K: Kernel>(storage: &'a Storage, layout: &Layout) -> candle_core::Result<Values<'a>> {
    let Storage::Cpu(storage) = storage else {
        candle_core::bail!(
            "`{}` has no body for this device yet: run on the CPU (`--device cpu`)",
            K::NAME
        )
    };
    let span = layout.start_offset()..layout.start_offset() + layout.shape().elem_count();
    Ok(match storage {
        CpuStorage::F32(values) => Values::F32(&values[span]),
        CpuStorage::BF16(values) => Values::BF16(&values[span]),
        CpuStorage::F16(values) => Values::F16(&values[span]),
        _ => candle_core::bail!("weights are f32, bf16 or f16"),
    })
}
