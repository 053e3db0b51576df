//! Memory of a card: owned by buffers, lent as addresses.
use super::card::{Card, failed};
use crate::error::{Error, Result};
use candle_core::DType;
use cudarc::driver::{result as driver, sys};
use std::marker::PhantomData;

/// Values of one type in a card's memory, given back in the stream's order when dropped.
#[derive(Debug)]
pub struct Memory {
    card: Card,
    address: sys::CUdeviceptr,
    len: usize,
    dtype: DType,
}

/// A stretch of it that is read.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    pub(super) address: sys::CUdeviceptr,
    pub(super) len: usize,
    pub(super) dtype: DType,
    card: &'a Card,
}

/// A stretch of it that is written.
#[derive(Debug)]
pub struct Written<'a> {
    part: Read<'a>,
    alone: PhantomData<&'a mut Memory>,
}

impl Memory {
    /// Room for `len` values, which hold nothing yet.
    ///
    /// # Errors
    /// The card has no room left.
    pub fn new(card: &Card, dtype: DType, len: usize) -> Result<Self> {
        let bytes = len * dtype.size_in_bytes();
        let mut address = 0;
        if bytes > 0 {
            card.enter()?;
            // SAFETY: the stream belongs to the context that is this thread's.
            address = unsafe { driver::malloc_async(card.stream(), bytes) }.map_err(|error| match error.0 {
                sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY => {
                    let (free, total) = card.memory().unwrap_or_default();
                    Error::CardMemory {
                        wanted: bytes,
                        free,
                        total,
                    }
                }
                _ => failed(error),
            })?;
        }
        Ok(Self {
            card: card.clone(),
            address,
            len,
            dtype,
        })
    }

    /// None of the same type, on the same card.
    pub fn empty(&self) -> Self {
        Self {
            card: self.card.clone(),
            address: 0,
            len: 0,
            dtype: self.dtype,
        }
    }

    pub fn zeros(card: &Card, dtype: DType, len: usize) -> Result<Self> {
        let memory = Self::new(card, dtype, len)?;
        if memory.bytes() > 0 {
            // SAFETY: the memory was allocated with this many bytes.
            unsafe { driver::memset_d8_async(memory.address, 0, memory.bytes(), card.stream()) }.map_err(failed)?;
        }
        Ok(memory)
    }

    pub fn copy_of<T>(card: &Card, dtype: DType, values: &[T]) -> Result<Self> {
        let memory = Self::new(card, dtype, values.len())?;
        if memory.bytes() != size_of_val(values) {
            return Err(Error::internal(format!("values are not {dtype:?}")));
        }
        if memory.bytes() > 0 {
            // SAFETY: as many bytes as were allocated; the driver has read pageable memory when the call returns.
            unsafe { driver::memcpy_htod_async(memory.address, values, card.stream()) }.map_err(failed)?;
        }
        Ok(memory)
    }

    /// The values once more.
    pub fn again(&self) -> Result<Self> {
        Self::gathered(&self.card, self.dtype, &[self.read(0, self.len)])
    }

    /// Copies of several stretches, one behind the other, as values of this type.
    pub fn gathered(card: &Card, dtype: DType, parts: &[Read]) -> Result<Self> {
        let bytes: usize = parts.iter().map(|part| part.bytes()).sum();
        let memory = Self::new(card, dtype, bytes / dtype.size_in_bytes())?;
        if memory.bytes() != bytes {
            return Err(Error::internal(format!("{bytes} bytes are no {dtype:?}s")));
        }
        card.enter()?;
        let mut address = memory.address;
        for part in parts.iter().filter(|part| part.len > 0) {
            // SAFETY: the stretches of memory that is lent, into memory that has room for all of them.
            unsafe { driver::memcpy_dtod_async(address, part.address, part.bytes(), card.stream()) }.map_err(failed)?;
            address += part.bytes() as u64;
        }
        Ok(memory)
    }

    fn bytes(&self) -> usize {
        self.len * self.dtype.size_in_bytes()
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn dtype(&self) -> DType {
        self.dtype
    }

    pub fn card(&self) -> &Card {
        &self.card
    }

    /// # Panics
    /// The stretch reaches past the memory, as for a slice.
    pub fn read(&self, at: usize, len: usize) -> Read<'_> {
        assert!(at + len <= self.len, "{at} + {len} of {} values", self.len);
        Read {
            address: self.address + (at * self.dtype.size_in_bytes()) as u64,
            len,
            dtype: self.dtype,
            card: &self.card,
        }
    }

    /// # Panics
    /// The stretch reaches past the memory, as for a slice.
    pub fn written(&mut self, at: usize, len: usize) -> Written<'_> {
        Written {
            part: self.read(at, len),
            alone: PhantomData,
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.address != 0 && self.card.enter().is_ok() {
            // SAFETY: allocated from the same stream, and nobody else knows the address. There is nobody to tell of a
            // failure, and a card that failed says so at the next call.
            let _ = unsafe { driver::free_async(self.address, self.card.stream()) };
        }
    }
}

impl Read<'_> {
    /// `len` of the values, from `at` on, where there are so many.
    pub fn part(self, at: usize, len: usize) -> Option<Self> {
        (at + len <= self.len).then(|| Self {
            address: self.address + (at * self.dtype.size_in_bytes()) as u64,
            len,
            ..self
        })
    }

    pub fn dtype(self) -> DType {
        self.dtype
    }

    pub(crate) fn len(self) -> usize {
        self.len
    }

    pub(crate) fn bytes(self) -> usize {
        self.len * self.dtype.size_in_bytes()
    }

    pub(crate) fn card(&self) -> &Card {
        self.card
    }

    /// Copies the first values to the host, and waits for them.
    pub fn to_host<T>(self, out: &mut [T]) -> Result<()> {
        let bytes = size_of_val(out);
        if bytes > self.len * self.dtype.size_in_bytes() {
            return Err(Error::internal("more is read than the buffer holds"));
        }
        if bytes == 0 {
            return Ok(());
        }
        self.card.enter()?;
        // SAFETY: the card's memory holds as many bytes as are read, and the host waits before `out` is let go.
        unsafe { driver::memcpy_dtoh_async(out, self.address, self.card.stream()) }.map_err(failed)?;
        self.card.synchronize()
    }
}

impl Written<'_> {
    pub fn dtype(&self) -> DType {
        self.part.dtype
    }

    pub fn read(&self) -> Read<'_> {
        self.part
    }

    /// `len` of the values, from `at` on, where there are so many.
    pub fn part(&mut self, at: usize, len: usize) -> Option<Written<'_>> {
        Some(Written {
            part: self.part.part(at, len)?,
            alone: PhantomData,
        })
    }

    pub fn again(&mut self) -> Written<'_> {
        Written {
            part: self.part,
            alone: PhantomData,
        }
    }
}

impl Card {
    /// Begins to measure [`Card::peak_memory`] anew.
    pub fn forget_peak(&self) -> Result<()> {
        let mut none = 0u64;
        let pool = self.pool()?;
        // SAFETY: the card's own pool, and this attribute is a 64-bit number that may be set to 0.
        unsafe { driver::mem_pool::set_attribute(pool, PEAK, (&raw mut none).cast()) }.map_err(failed)
    }

    /// How many bytes the card's pool has had in use at once, at most.
    pub fn peak_memory(&self) -> Result<u64> {
        let mut most = 0u64;
        let pool = self.pool()?;
        // SAFETY: the card's own pool, and this attribute is a 64-bit number.
        unsafe { driver::mem_pool::get_attribute(pool, PEAK, (&raw mut most).cast()) }.map_err(failed)?;
        Ok(most)
    }

    /// Bytes of the card in use that the pool did not take: the driver's context, loaded kernels, cuBLAS's workspace, and
    /// what other processes hold.
    pub fn memory_outside_pool(&self) -> Result<u64> {
        let (free, whole) = self.memory()?;
        let mut reserved = 0u64;
        let pool = self.pool()?;
        // SAFETY: the card's own pool, and this attribute is a 64-bit number.
        unsafe { driver::mem_pool::get_attribute(pool, RESERVED, (&raw mut reserved).cast()) }.map_err(failed)?;
        Ok(((whole - free) as u64).saturating_sub(reserved))
    }

    /// Memory that is freed stays with the pool: by default each synchronization would give it back to the driver.
    pub(super) fn keep_freed_memory(&self) -> Result<()> {
        let mut all = u64::MAX;
        let threshold = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
        let pool = self.pool()?;
        // SAFETY: the card's own pool, and this attribute is a 64-bit number.
        unsafe { driver::mem_pool::set_attribute(pool, threshold, (&raw mut all).cast()) }.map_err(failed)
    }

    fn pool(&self) -> Result<sys::CUmemoryPool> {
        self.enter()?;
        // SAFETY: the device of a context that is open.
        unsafe { driver::device::get_default_mem_pool(self.device()) }.map_err(failed)
    }
}

/// What the pool holds of the card, in use or kept.
const RESERVED: sys::CUmemPool_attribute = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT;
/// The most bytes in use at once since it was last set to 0.
const PEAK: sys::CUmemPool_attribute = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_HIGH;
