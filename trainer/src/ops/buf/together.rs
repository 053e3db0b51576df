//! Several stretches of buffers brought to the host at once: each copy from a card is waited for, whatever its size.
use super::{Buf, Element, Part, Store, View, other_type};
use crate::error::{Error, Result};
use crate::ops::cuda;
use candle_core::DType;

/// The values of one of them.
pub struct Copied(Store);

impl Copied {
    /// # Errors
    /// They are of another type.
    pub fn values<T: Element>(self) -> Result<Vec<T>> {
        T::taken(self.0).ok_or_else(|| other_type(T::DTYPE))
    }
}

/// Copies of the values on the host, in the order of the views; from a card by one copy and one wait.
///
/// # Errors
/// Some lie on the host and some on a card, or the card refuses.
pub fn read_together(views: &[View]) -> Result<Vec<Copied>> {
    let on_card: Vec<cuda::Read> = views.iter().filter_map(|view| view.on_card().ok()).collect();
    let Some(first) = on_card.first().filter(|_| views.len() > 1) else {
        return views.iter().map(|view| Store::copy_of(view.0).map(Copied)).collect();
    };
    if on_card.len() != views.len() {
        return Err(Error::internal("values of the host and of a card are read together"));
    }
    let gathered = cuda::Memory::gathered(first.card(), DType::U8, &on_card)?;
    let mut bytes = vec![0u8; gathered.len()];
    gathered.read(0, bytes.len()).to_host(&mut bytes)?;
    let mut rest = bytes.as_slice();
    on_card
        .iter()
        .map(|part| {
            let (own, behind) = rest.split_at(part.bytes());
            rest = behind;
            Store::of_bytes(part.dtype(), own).map(Copied)
        })
        .collect()
}

impl View<'_> {
    /// The values once more, where they are.
    pub fn copied(self) -> Result<Buf> {
        match self.0 {
            Part::Card(part) => {
                let memory = cuda::Memory::gathered(part.card(), part.dtype(), &[part])?;
                Ok(Buf::on_card(memory))
            }
            part => Ok(Buf::on_host(Store::copy_of(part)?)),
        }
    }
}
