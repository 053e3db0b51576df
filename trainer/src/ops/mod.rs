//! The engine's operations over candle tensors: each one is a [`Kernel`] with a body per device.
//!
//! A kernel writes into buffers that exist already ([`Buf`]) and never allocates results, so a training step reuses one
//! workspace. In the engine `unsafe` lives in `cpu/` alone.
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
use candle_core::{CpuStorage, CudaStorage, DType, Device, InplaceOp1, Layout, Storage, Tensor};
use half::{bf16, f16};
use std::cell::RefCell;

/// A reusable f32 buffer on the device: a flat candle tensor that grows and never shrinks. What is in use of it is said
/// by the dimensions given to each operation.
#[derive(Debug)]
pub struct Buf(Tensor);

impl Buf {
    pub fn zeros(len: usize, device: &Device) -> Result<Self> {
        Ok(Self(Tensor::zeros(len, DType::F32, device)?))
    }

    /// A copy of any tensor, flat and in f32.
    pub fn copy_of(tensor: &Tensor) -> Result<Self> {
        Ok(Self(tensor.flatten_all()?.to_dtype(DType::F32)?.force_contiguous()?))
    }

    pub fn from_vec(values: Vec<f32>, device: &Device) -> Result<Self> {
        let len = values.len();
        Ok(Self(Tensor::from_vec(values, len, device)?))
    }

    /// Grows to hold at least `len` values; what was in it is lost when it grows.
    pub fn fit(&mut self, len: usize) -> Result<&mut Self> {
        if self.capacity() < len {
            let device = self.0.device().clone();
            self.0 = Tensor::zeros(0, DType::F32, &device)?; // give the old memory back first
            self.0 = Tensor::zeros(len, DType::F32, &device)?;
        }
        Ok(self)
    }

    /// Another handle on the same storage.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// A handle on `len` of its values, from `at` on.
    pub(crate) fn part(&self, at: usize, len: usize) -> Result<Self> {
        Ok(Self(self.0.narrow(0, at, len)?))
    }

    pub fn capacity(&self) -> usize {
        self.0.elem_count()
    }

    /// The flat tensor itself; its storage changes as kernels write into it.
    pub fn tensor(&self) -> &Tensor {
        &self.0
    }

    /// The first `len` values on the host.
    pub fn to_vec(&self, len: usize) -> Result<Vec<f32>> {
        Ok(self.0.narrow(0, 0, len)?.to_vec1()?)
    }
}

/// What a kernel reads: the values of one contiguous tensor as they are stored.
#[derive(Clone, Copy)]
pub enum View<'a> {
    F32(&'a [f32]),
    BF16(&'a [bf16]),
    F16(&'a [f16]),
    Packed(&'a Packed),
}

/// What a kernel is given to read: a tensor, or a weight that stays quantized.
#[derive(Clone, Copy)]
pub enum Operand<'a> {
    Tensor(&'a Tensor),
    Packed(&'a Packed),
}

impl<'a> From<&'a Tensor> for Operand<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

impl<'a> View<'a> {
    /// The values of an operand that is always f32: everything but weights.
    #[expect(clippy::panic, reason = "a fault of the engine itself: no input leads there")]
    pub fn f32(self) -> &'a [f32] {
        match self {
            View::F32(values) => values,
            _ => panic!("a kernel was given a half-precision or packed activation"),
        }
    }
}

/// One operation: reads `I` tensors, writes `O` buffers.
pub trait Kernel {
    const NAME: &'static str;

    fn cpu(&self, outs: &mut [&mut [f32]], ins: &[View]);

    /// The CUDA body goes here; until it is written the operation says so.
    fn cuda(&self) -> candle_core::Result<()> {
        candle_core::bail!("`{}` has no CUDA body yet: run on the CPU (`--device cpu`)", Self::NAME)
    }
}

/// Runs a kernel on the device its buffers live on.
pub fn launch<K: Kernel, const O: usize, const I: usize>(
    kernel: &K,
    outs: [&mut Buf; O],
    ins: [&Tensor; I],
) -> Result<()> {
    launch_on(kernel, outs, ins.map(Operand::Tensor))
}

/// As [`launch`], of operands some of which may be quantized.
pub fn launch_on<K: Kernel, const O: usize, const I: usize>(
    kernel: &K,
    outs: [&mut Buf; O],
    ins: [Operand; I],
) -> Result<()> {
    let rest = outs.map(|buf| &buf.0);
    Nest {
        kernel,
        outs: &rest,
        ins: &ins,
        held: RefCell::default(),
    }
    .descend()?;
    Ok(())
}

/// Candle lends one tensor's storage mutably per in-place operation. A kernel with several outputs nests one such
/// operation per output and runs inside the innermost, with every borrow held.
struct Nest<'a, K> {
    kernel: &'a K,
    outs: &'a [&'a Tensor],
    ins: &'a [Operand<'a>],
    held: RefCell<Vec<&'a mut [f32]>>,
}

impl<K: Kernel> Nest<'_, K> {
    fn descend(&self) -> candle_core::Result<()> {
        match self.outs.first() {
            Some(out) => out.inplace_op1(self),
            None => self.run(),
        }
    }

    fn run(&self) -> candle_core::Result<()> {
        let guards: Vec<_> = self
            .ins
            .iter()
            .map(|operand| match operand {
                Operand::Tensor(tensor) => Ok(tensor.storage_and_layout()),
                Operand::Packed(packed) => Err(View::Packed(packed)),
            })
            .collect();
        let views: Vec<View> = guards
            .iter()
            .map(|held| match held {
                Ok((storage, layout)) => view(storage, layout),
                Err(packed) => Ok(*packed),
            })
            .collect::<candle_core::Result<_>>()?;
        self.kernel.cpu(&mut self.held.borrow_mut(), &views);
        Ok(())
    }
}

impl<K: Kernel> InplaceOp1 for Nest<'_, K> {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let CpuStorage::F32(values) = storage else {
            candle_core::bail!("{}: outputs are f32", K::NAME)
        };
        let mut held = self.held.take();
        held.push(&mut values[span(layout)]);
        Nest {
            kernel: self.kernel,
            outs: &self.outs[1..],
            ins: self.ins,
            held: RefCell::new(held),
        }
        .descend()
    }

    fn cuda_fwd(&self, _: &mut CudaStorage, _: &Layout) -> candle_core::Result<()> {
        self.kernel.cuda()
    }
}

fn span(layout: &Layout) -> std::ops::Range<usize> {
    layout.start_offset()..layout.start_offset() + layout.shape().elem_count()
}

fn view<'a>(storage: &'a Storage, layout: &Layout) -> candle_core::Result<View<'a>> {
    let Storage::Cpu(storage) = storage else {
        candle_core::bail!("the tensors of one operation live on different devices")
    };
    Ok(match storage {
        CpuStorage::F32(values) => View::F32(&values[span(layout)]),
        CpuStorage::BF16(values) => View::BF16(&values[span(layout)]),
        CpuStorage::F16(values) => View::F16(&values[span(layout)]),
        _ => candle_core::bail!("weights are f32, bf16 or f16"),
    })
}
