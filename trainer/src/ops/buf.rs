//! Buffers of one element type on one device, each owned once and lent as views.
mod together;
mod view;

pub use together::read_together;
pub use view::{View, ViewMut};

use super::cuda;
use super::{Device, Held};
use crate::error::{Error, Result};
use candle_core::{DType, Shape, Tensor, WithDType};
use half::{bf16, f16};

/// A type that buffers hold.
pub trait Element: WithDType + Default {
    #[doc(hidden)]
    fn store(values: Vec<Self>) -> Store;
    #[doc(hidden)]
    fn taken(store: Store) -> Option<Vec<Self>>;
    #[doc(hidden)]
    fn slice<'a>(part: &Part<'a>) -> Option<&'a [Self]>;
    #[doc(hidden)]
    fn slice_mut(part: PartMut<'_>) -> Option<&mut [Self]>;
}

/// What is the same for every element type, written once: `$variant` of [`Store`], [`Part`] and [`PartMut`] for `$type`.
macro_rules! elements {
    ($($variant:ident $type:ty),+ $(,)?) => {
        /// The values of a buffer on the host.
        #[derive(Clone, Debug)]
        pub enum Store { $($variant(Vec<$type>)),+ }

        /// A stretch of values that is read.
        #[derive(Clone, Copy, Debug)]
        pub enum Part<'a> { $($variant(&'a [$type])),+, Card(cuda::Read<'a>) }

        /// A stretch of values that is written.
        #[derive(Debug)]
        pub enum PartMut<'a> { $($variant(&'a mut [$type])),+, Card(cuda::Written<'a>) }

        impl Store {
            fn zeros(dtype: DType, len: usize) -> Option<Self> {
                match dtype {
                    $(DType::$variant => Some(Self::$variant(vec![<$type>::default(); len])),)+
                    _ => None,
                }
            }

            /// None of the same type.
            fn empty(&self) -> Self {
                match self { $(Self::$variant(_) => Self::$variant(vec![])),+ }
            }

            fn len(&self) -> usize {
                match self { $(Self::$variant(values) => values.len()),+ }
            }

            fn dtype(&self) -> DType {
                match self { $(Self::$variant(_) => DType::$variant),+ }
            }

            fn bytes(&self) -> usize {
                match self { $(Self::$variant(values) => size_of_val(values.as_slice())),+ }
            }

            fn part(&self, at: usize, len: usize) -> Part<'_> {
                match self { $(Self::$variant(values) => Part::$variant(&values[at..at + len])),+ }
            }

            fn part_mut(&mut self, at: usize, len: usize) -> PartMut<'_> {
                match self { $(Self::$variant(values) => PartMut::$variant(&mut values[at..at + len])),+ }
            }

            fn tensor(&self, shape: Shape) -> Result<Tensor> {
                let host = &candle_core::Device::Cpu;
                Ok(match self { $(Self::$variant(values) => Tensor::from_slice(values, shape, host)?),+ })
            }

            /// The values of a stretch, wherever it lies.
            fn copy_of(part: Part) -> Result<Self> {
                Ok(match part {
                    $(Part::$variant(values) => Self::$variant(values.to_vec()),)+
                    Part::Card(part) => {
                        let mut store = Self::zeros(part.dtype(), part.len()).ok_or_else(|| no_buffer(part.dtype()))?;
                        match &mut store { $(Self::$variant(values) => part.to_host(values)?),+ }
                        store
                    }
                })
            }

            /// The values that these bytes are, in the order of the machine.
            fn of_bytes(dtype: DType, bytes: &[u8]) -> Result<Self> {
                match dtype {
                    $(DType::$variant => Ok(Self::$variant(
                        bytes
                            .as_chunks::<{ size_of::<$type>() }>()
                            .0
                            .iter()
                            .map(|value| <$type>::from_ne_bytes(*value))
                            .collect(),
                    )),)+
                    _ => Err(no_buffer(dtype)),
                }
            }

            /// The values on a card.
            fn sent(&self, card: &cuda::Card) -> Result<cuda::Memory> {
                match self { $(Self::$variant(values) => cuda::Memory::copy_of(card, DType::$variant, values)),+ }
            }
        }

        impl<'a> Part<'a> {
            fn part(self, at: usize, len: usize) -> Option<Self> {
                Some(match self {
                    $(Self::$variant(values) => Self::$variant(values.get(at..at + len)?),)+
                    Self::Card(part) => Self::Card(part.part(at, len)?),
                })
            }

            fn dtype(&self) -> DType {
                match self { $(Self::$variant(_) => DType::$variant,)+ Self::Card(part) => part.dtype() }
            }

            fn len(&self) -> usize {
                match self { $(Self::$variant(values) => values.len(),)+ Self::Card(part) => part.len() }
            }
        }

        impl PartMut<'_> {
            fn part(&self) -> Part<'_> {
                match self { $(Self::$variant(values) => Part::$variant(values),)+ Self::Card(part) => Part::Card(part.read()) }
            }

            fn again(&mut self) -> PartMut<'_> {
                match self {
                    $(Self::$variant(values) => PartMut::$variant(values),)+
                    Self::Card(part) => PartMut::Card(part.again()),
                }
            }

            fn part_mut(&mut self, at: usize, len: usize) -> Option<PartMut<'_>> {
                Some(match self {
                    $(Self::$variant(values) => PartMut::$variant(values.get_mut(at..at + len)?),)+
                    Self::Card(part) => PartMut::Card(part.part(at, len)?),
                })
            }
        }

        $(impl Element for $type {
            fn store(values: Vec<Self>) -> Store {
                Store::$variant(values)
            }

            fn taken(store: Store) -> Option<Vec<Self>> {
                match store {
                    Store::$variant(values) => Some(values),
                    _ => None,
                }
            }

            fn slice<'a>(part: &Part<'a>) -> Option<&'a [Self]> {
                match *part {
                    Part::$variant(values) => Some(values),
                    _ => None,
                }
            }

            fn slice_mut(part: PartMut<'_>) -> Option<&mut [Self]> {
                match part {
                    PartMut::$variant(values) => Some(values),
                    _ => None,
                }
            }
        })+
    };
}

elements!(F32 f32, BF16 bf16, F16 f16, U8 u8, U32 u32, I32 i32, F64 f64);

/// A reusable buffer on a device, which it alone owns: it grows and never shrinks. What is in use of it is said by the
/// dimensions given to each operation.
#[derive(Debug)]
pub struct Buf {
    memory: Memory,
    device: Device,
    _held: Option<Held>,
}

#[derive(Debug)]
enum Memory {
    Host(Store),
    Card(cuda::Memory),
}

impl Buf {
    /// What lies in the memory of this device.
    fn of(memory: Memory, device: &Device) -> Self {
        let held = match (&memory, device) {
            (Memory::Host(store), Device::Cpu(host)) => Some(host.hold(store.bytes())),
            // a card's pool keeps its own count
            _ => None,
        };
        Self {
            memory,
            device: device.clone(),
            _held: held,
        }
    }

    /// `len` zeros in f32.
    pub fn zeros(len: usize, device: &Device) -> Result<Self> {
        Self::zeros_of(DType::F32, len, device)
    }

    /// An empty buffer of another type.
    ///
    /// # Errors
    /// No buffer holds such a type.
    pub fn empty(dtype: DType, device: &Device) -> Result<Self> {
        Self::zeros_of(dtype, 0, device)
    }

    /// `len` values that hold nothing until an operation has written them: zeros on the host, whatever was there on a card.
    pub(crate) fn unwritten(dtype: DType, len: usize, device: &Device) -> Result<Self> {
        match device {
            Device::Cpu(_) => Self::zeros_of(dtype, len, device),
            Device::Cuda(card) => Ok(Self::of(Memory::Card(cuda::Memory::new(card, dtype, len)?), device)),
        }
    }

    /// `len` zeros of any type that buffers hold.
    pub(crate) fn zeros_of(dtype: DType, len: usize, device: &Device) -> Result<Self> {
        let memory = match device {
            Device::Cpu(_) => Memory::Host(Store::zeros(dtype, len).ok_or_else(|| no_buffer(dtype))?),
            Device::Cuda(card) => Memory::Card(cuda::Memory::zeros(card, dtype, len)?),
        };
        Ok(Self::of(memory, device))
    }

    /// A copy of any tensor, flat and in f32.
    pub fn copy_of(tensor: &Tensor, device: &Device) -> Result<Self> {
        let values: Vec<f32> = tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?;
        Self::from_vec(values, device)
    }

    /// A copy of a tensor of f32, bf16 or f16, flat and of its own type.
    pub fn as_stored(tensor: &Tensor, device: &Device) -> Result<Self> {
        let flat = tensor.flatten_all()?;
        match tensor.dtype() {
            DType::BF16 => Self::from_vec(flat.to_vec1::<bf16>()?, device),
            DType::F16 => Self::from_vec(flat.to_vec1::<f16>()?, device),
            _ => Self::copy_of(tensor, device),
        }
    }

    fn on_host(store: Store) -> Self {
        Self::of(Memory::Host(store), &Device::cpu())
    }

    fn on_card(memory: cuda::Memory) -> Self {
        let device = Device::Cuda(memory.card().clone());
        Self::of(Memory::Card(memory), &device)
    }

    pub fn from_vec<T: Element>(values: Vec<T>, device: &Device) -> Result<Self> {
        let store = T::store(values);
        let memory = match device {
            Device::Cpu(_) => Memory::Host(store),
            Device::Cuda(card) => Memory::Card(store.sent(card)?),
        };
        Ok(Self::of(memory, device))
    }

    /// Grows to hold at least `len` values; what was in it is lost when it grows.
    pub fn fit(&mut self, len: usize) -> Result<&mut Self> {
        if self.capacity() < len {
            let (dtype, device) = (self.dtype(), self.device.clone());
            *self = Self::empty(dtype, &device)?; // give the old memory back first
            *self = Self::zeros_of(dtype, len, &device)?;
        }
        Ok(self)
    }

    pub fn capacity(&self) -> usize {
        match &self.memory {
            Memory::Host(store) => store.len(),
            Memory::Card(memory) => memory.len(),
        }
    }

    pub fn dtype(&self) -> DType {
        match &self.memory {
            Memory::Host(store) => store.dtype(),
            Memory::Card(memory) => memory.dtype(),
        }
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What is in it, with an empty buffer left in its place.
    pub(crate) fn take(&mut self) -> Self {
        let empty = match &self.memory {
            Memory::Host(store) => Memory::Host(store.empty()),
            Memory::Card(memory) => Memory::Card(memory.empty()),
        };
        let empty = Self::of(empty, &self.device);
        std::mem::replace(self, empty)
    }

    /// The values once more, apart from these.
    pub(crate) fn copy(&self) -> Result<Self> {
        let memory = match &self.memory {
            Memory::Host(store) => Memory::Host(store.clone()),
            Memory::Card(memory) => Memory::Card(memory.again()?),
        };
        Ok(Self::of(memory, &self.device))
    }

    /// A tensor of a copy of the values, on the host.
    pub fn tensor(&self, shape: impl Into<Shape>) -> Result<Tensor> {
        match &self.memory {
            Memory::Host(store) => store.tensor(shape.into()),
            Memory::Card(_) => Store::copy_of(self.view().0)?.tensor(shape.into()),
        }
    }

    /// The first `len` values on the host.
    ///
    /// # Errors
    /// The buffer holds another type.
    pub fn values<T: Element>(&self, len: usize) -> Result<Vec<T>> {
        self.part(0, len).values()
    }

    /// As [`Buf::values`], of a buffer in f32.
    pub fn to_vec(&self, len: usize) -> Result<Vec<f32>> {
        self.values(len)
    }

    pub fn view(&self) -> View<'_> {
        self.part(0, self.capacity())
    }

    /// `len` of its values, from `at` on.
    pub fn part(&self, at: usize, len: usize) -> View<'_> {
        View(match &self.memory {
            Memory::Host(store) => store.part(at, len),
            Memory::Card(memory) => Part::Card(memory.read(at, len)),
        })
    }

    pub fn view_mut(&mut self) -> ViewMut<'_> {
        self.part_mut(0, self.capacity())
    }

    /// `len` of its values, from `at` on.
    pub fn part_mut(&mut self, at: usize, len: usize) -> ViewMut<'_> {
        ViewMut(match &mut self.memory {
            Memory::Host(store) => store.part_mut(at, len),
            Memory::Card(memory) => PartMut::Card(memory.written(at, len)),
        })
    }
}

fn no_buffer(dtype: DType) -> Error {
    Error::internal(format!("no buffer holds {dtype:?}"))
}

fn other_type(wanted: DType) -> Error {
    Error::internal(format!("an operation was given a buffer that does not hold {wanted:?}"))
}
