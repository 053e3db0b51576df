//! Views of a buffer: lent to be read, or to one operation that writes.
use super::{Element, Part, PartMut, Store, other_type};
use crate::error::{Error, Result};
use crate::ops::cuda;
use candle_core::DType;
use half::{bf16, f16};

/// Values of a buffer, lent to be read.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(pub(in crate::ops) Part<'a>);

/// Values of a buffer, lent to one operation that writes them.
#[derive(Debug)]
pub struct ViewMut<'a>(pub(super) PartMut<'a>);

impl<'a> View<'a> {
    /// A copy of the values on the host.
    ///
    /// # Errors
    /// The buffer is not f32.
    pub fn to_vec(self) -> Result<Vec<f32>> {
        self.values()
    }

    /// A copy of the values on the host.
    ///
    /// # Errors
    /// They are of another type.
    pub fn values<T: Element>(self) -> Result<Vec<T>> {
        let store = Store::copy_of(self.0)?;
        T::taken(store).ok_or_else(|| other_type(T::DTYPE))
    }

    /// A copy of the values on the host, in f32 whatever they are.
    pub fn widened(self) -> Result<Vec<f32>> {
        Ok(match self.dtype() {
            DType::BF16 => self.values::<bf16>()?.into_iter().map(bf16::to_f32).collect(),
            DType::F16 => self.values::<f16>()?.into_iter().map(f16::to_f32).collect(),
            _ => self.values()?,
        })
    }

    /// The values on a card: what a body there reads.
    pub(in crate::ops) fn on_card(self) -> Result<cuda::Read<'a>> {
        match self.0 {
            Part::Card(part) => Ok(part),
            _ => Err(Error::internal("an operation on a card was given a buffer of the host")),
        }
    }

    pub fn dtype(self) -> DType {
        self.0.dtype()
    }

    /// How many values are lent.
    pub(in crate::ops) fn len(self) -> usize {
        self.0.len()
    }

    /// `len` of them, from `at` on.
    ///
    /// # Errors
    /// There are not so many.
    pub(in crate::ops) fn part(self, at: usize, len: usize) -> Result<Self> {
        let part = self.0.part(at, len);
        part.map(View)
            .ok_or_else(|| Error::internal("a part reaches past its buffer"))
    }

    /// The values, where they are of this type: what a body on the CPU reads.
    pub(in crate::ops) fn get<T: Element>(self) -> Result<&'a [T]> {
        T::slice(&self.0).ok_or_else(|| other_type(T::DTYPE))
    }

    pub(in crate::ops) fn f32(self) -> Result<&'a [f32]> {
        self.get()
    }

    pub(in crate::ops) fn u32(self) -> Result<&'a [u32]> {
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

    pub(in crate::ops) fn len(&self) -> usize {
        self.view().len()
    }

    /// Lends the values on, for less long.
    pub fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut(self.0.again())
    }

    /// Lends `len` of them, from `at` on.
    ///
    /// # Errors
    /// There are not so many.
    pub(in crate::ops) fn part(&mut self, at: usize, len: usize) -> Result<ViewMut<'_>> {
        let part = self.0.part_mut(at, len);
        part.map(ViewMut)
            .ok_or_else(|| Error::internal("a part reaches past its buffer"))
    }

    /// The values, where they are of this type: what a body on the CPU writes.
    pub(in crate::ops) fn get<T: Element>(self) -> Result<&'a mut [T]> {
        T::slice_mut(self.0).ok_or_else(|| other_type(T::DTYPE))
    }

    pub(in crate::ops) fn f32(self) -> Result<&'a mut [f32]> {
        self.get()
    }
}
