//! Buffers of one element type on one device, each owned once and lent as views.
use crate::error::{Error, Result};
use candle_core::{DType, Device, Shape, Tensor, WithDType};
use half::{bf16, f16};

/// A type that buffers hold.
pub trait Element: WithDType + Default {
    #[doc(hidden)]
    fn store(values: Vec<Self>) -> Store;
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

        /// A stretch of them that is read.
        #[derive(Clone, Copy, Debug)]
        pub enum Part<'a> { $($variant(&'a [$type])),+ }

        /// A stretch of them that is written.
        #[derive(Debug)]
        pub enum PartMut<'a> { $($variant(&'a mut [$type])),+ }

        impl Store {
            fn zeros(dtype: DType, len: usize) -> Option<Self> {
                match dtype {
                    $(DType::$variant => Some(Self::$variant(vec![<$type>::default(); len])),)+
                    _ => None,
                }
            }

            /// Another of the same type.
            fn like(&self, len: usize) -> Self {
                match self { $(Self::$variant(_) => Self::$variant(vec![<$type>::default(); len])),+ }
            }

            fn len(&self) -> usize {
                match self { $(Self::$variant(values) => values.len()),+ }
            }

            fn dtype(&self) -> DType {
                match self { $(Self::$variant(_) => DType::$variant),+ }
            }

            fn part(&self, at: usize, len: usize) -> Part<'_> {
                match self { $(Self::$variant(values) => Part::$variant(&values[at..at + len])),+ }
            }

            fn part_mut(&mut self, at: usize, len: usize) -> PartMut<'_> {
                match self { $(Self::$variant(values) => PartMut::$variant(&mut values[at..at + len])),+ }
            }

            fn tensor(&self, shape: Shape, device: &Device) -> Result<Tensor> {
                Ok(match self { $(Self::$variant(values) => Tensor::from_slice(values, shape, device)?),+ })
            }
        }

        impl Part<'_> {
            fn dtype(&self) -> DType {
                match self { $(Self::$variant(_) => DType::$variant),+ }
            }
        }

        impl PartMut<'_> {
            fn part(&self) -> Part<'_> {
                match self { $(Self::$variant(values) => Part::$variant(values)),+ }
            }

            fn again(&mut self) -> PartMut<'_> {
                match self { $(Self::$variant(values) => PartMut::$variant(values)),+ }
            }
        }

        $(impl Element for $type {
            fn store(values: Vec<Self>) -> Store {
                Store::$variant(values)
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
    store: Store,
    device: Device,
}

impl Buf {
    /// `len` zeros in f32.
    pub fn zeros(len: usize, device: &Device) -> Result<Self> {
        Self::from_vec(vec![0f32; len], device)
    }

    /// An empty buffer of another type.
    ///
    /// # Errors
    /// No buffer holds such a type.
    pub fn empty(dtype: DType, device: &Device) -> Result<Self> {
        let store = Store::zeros(dtype, 0).ok_or_else(|| Error::internal(format!("no buffer holds {dtype:?}")))?;
        Ok(Self {
            store,
            device: device.clone(),
        })
    }

    /// A copy of any tensor, flat and in f32.
    pub fn copy_of(tensor: &Tensor) -> Result<Self> {
        let values: Vec<f32> = tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?;
        Self::from_vec(values, tensor.device())
    }

    pub fn from_vec<T: Element>(values: Vec<T>, device: &Device) -> Result<Self> {
        Ok(Self {
            store: T::store(values),
            device: device.clone(),
        })
    }

    /// Grows to hold at least `len` values; what was in it is lost when it grows.
    pub fn fit(&mut self, len: usize) -> Result<&mut Self> {
        if self.capacity() < len {
            self.store = self.store.like(0); // give the old memory back first
            self.store = self.store.like(len);
        }
        Ok(self)
    }

    pub fn capacity(&self) -> usize {
        self.store.len()
    }

    pub fn dtype(&self) -> DType {
        self.store.dtype()
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What is in it, with an empty buffer left in its place.
    pub(crate) fn take(&mut self) -> Self {
        let empty = self.store.like(0);
        Self {
            store: std::mem::replace(&mut self.store, empty),
            device: self.device.clone(),
        }
    }

    /// The values once more, apart from these.
    pub(crate) fn copy(&self) -> Result<Self> {
        Ok(Self {
            store: self.store.clone(),
            device: self.device.clone(),
        })
    }

    /// A tensor of a copy of the values.
    pub fn tensor(&self, shape: impl Into<Shape>) -> Result<Tensor> {
        self.store.tensor(shape.into(), &self.device)
    }

    /// The first `len` values on the host.
    ///
    /// # Errors
    /// The buffer holds another type.
    pub fn values<T: Element>(&self, len: usize) -> Result<Vec<T>> {
        Ok(self.view().get::<T>()?[..len].to_vec())
    }

    /// As [`Buf::values`], of a buffer in f32.
    pub fn to_vec(&self, len: usize) -> Result<Vec<f32>> {
        Ok(self.view().f32()?[..len].to_vec())
    }

    pub fn view(&self) -> View<'_> {
        self.part(0, self.capacity())
    }

    /// `len` of its values, from `at` on.
    pub fn part(&self, at: usize, len: usize) -> View<'_> {
        View(self.store.part(at, len))
    }

    pub fn view_mut(&mut self) -> ViewMut<'_> {
        self.part_mut(0, self.capacity())
    }

    /// `len` of its values, from `at` on.
    pub fn part_mut(&mut self, at: usize, len: usize) -> ViewMut<'_> {
        ViewMut(self.store.part_mut(at, len))
    }
}

/// Values of a buffer, lent to be read.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(pub(super) Part<'a>);

/// Values of a buffer, lent to one operation that writes them.
#[derive(Debug)]
pub struct ViewMut<'a>(PartMut<'a>);

impl<'a> View<'a> {
    /// A copy of the values on the host.
    ///
    /// # Errors
    /// The buffer is not f32.
    pub fn to_vec(self) -> Result<Vec<f32>> {
        Ok(self.f32()?.to_vec())
    }

    pub fn dtype(self) -> DType {
        self.0.dtype()
    }

    /// The values, where they are of this type: what a body on the CPU reads.
    pub(super) fn get<T: Element>(self) -> Result<&'a [T]> {
        T::slice(&self.0).ok_or_else(|| other_type(T::DTYPE))
    }

    pub(super) fn f32(self) -> Result<&'a [f32]> {
        self.get()
    }

    pub(super) fn u32(self) -> Result<&'a [u32]> {
        self.get()
    }
}

impl<'a> ViewMut<'a> {
    pub fn view(&self) -> View<'_> {
        View(self.0.part())
    }

    pub fn dtype(&self) -> DType {
        self.view().dtype()
    }

    /// Lends the values on, for less long.
    pub fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut(self.0.again())
    }

    /// The values, where they are of this type: what a body on the CPU writes.
    pub(super) fn get<T: Element>(self) -> Result<&'a mut [T]> {
        T::slice_mut(self.0).ok_or_else(|| other_type(T::DTYPE))
    }

    pub(super) fn f32(self) -> Result<&'a mut [f32]> {
        self.get()
    }
}

fn other_type(wanted: DType) -> Error {
    Error::internal(format!("an operation was given a buffer that does not hold {wanted:?}"))
}
