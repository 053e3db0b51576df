//! A weight as a product on a card reads it: in the product's element type, converted on the way where it is stored in
//! another.
use super::card::Card;
use super::launch::Grid;
use super::modules::CONVERT;
use crate::error::{Error, Result};
use crate::ops::{Buf, Device, Operand, View, ViewMut};
use crate::quant::Wanted;
use candle_core::DType;
use std::ops::Range;

/// Values that lie somewhere already, or a copy for as long as a call needs it.
pub(crate) enum Lent<'a> {
    Stored(View<'a>),
    Converted(Buf),
}

impl Lent<'_> {
    pub fn view(&self) -> View<'_> {
        match self {
            Self::Stored(view) => *view,
            Self::Converted(buf) => buf.view(),
        }
    }
}

impl<'a> Operand<'a> {
    /// The values of this range, counted in elements, in this type.
    pub(crate) fn lent(self, card: &Card, range: Range<usize>, dtype: DType) -> Result<Lent<'a>> {
        let len = range.len();
        let stored = match self {
            Self::View(view) => view.part(range.start, len)?,
            Self::Tensor(_) => return Err(Error::internal("a weight on the host is read by a card")),
            Self::Packed(_) => return Err(Error::internal("a quantized weight on the host is read by a card")),
            Self::CardPacked(packed) => {
                let mut out = Buf::unwritten(dtype, len, &Device::Cuda(card.clone()))?;
                let start = range.start;
                packed.unpack(card, Wanted::Run { start, len }, out.view_mut())?;
                return Ok(Lent::Converted(out));
            }
        };
        if stored.dtype() == dtype {
            return Ok(Lent::Stored(stored));
        }
        let mut out = Buf::unwritten(dtype, len, &Device::Cuda(card.clone()))?;
        convert(card, stored, out.view_mut(), len)?;
        Ok(Lent::Converted(out))
    }
}

/// Writes `len` values in the type of `to`.
pub(crate) fn convert(card: &Card, from: View, to: ViewMut, len: usize) -> Result<()> {
    let name = format!("convert_{}_{}", from.dtype().as_str(), to.dtype().as_str());
    card.kernel_named(&CONVERT, &name)?
        .read(from, len)
        .write(to, len)
        .u64(len)
        .launch(Grid::over(len.div_ceil(8)))
}
