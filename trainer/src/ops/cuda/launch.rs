//! Starting a kernel: its arguments in its own order, and how many threads run it.
use super::card::{Card, Function, failed};
use super::modules::Module;
use super::signature::Argument;
use crate::error::{Error, Result};
use crate::ops::{View, ViewMut};
use candle_core::DType;
use cudarc::driver::{result as driver, sys};
use std::ffi::c_void;

/// Blocks, threads of each, and bytes of dynamic shared memory of each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    pub blocks: [usize; 3],
    pub threads: [usize; 3],
    pub shared: usize,
}

impl Grid {
    /// One block for each of `count` things.
    pub fn each(count: usize, threads: usize) -> Self {
        Self {
            blocks: [count, 1, 1],
            threads: [threads, 1, 1],
            shared: 0,
        }
    }

    /// One block for each of `count` rows of `width` values, whose threads take eight at a time.
    pub fn rows(count: usize, width: usize) -> Self {
        let threads = width.div_ceil(8).next_multiple_of(WARP).clamp(WARP, THREADS);
        Self::each(count, threads)
    }

    /// One block for each 32 of `width` columns, of which each warp sums a share of the rows.
    pub fn columns(width: usize) -> Self {
        Self::each(width.div_ceil(WARP), THREADS)
    }

    /// One warp for each of `count` things.
    pub fn warps(count: usize) -> Self {
        Self::each(count.div_ceil(THREADS / WARP), THREADS)
    }

    /// One thread for each of `count` things.
    pub fn threads(count: usize) -> Self {
        Self::each(count.div_ceil(THREADS), THREADS)
    }

    /// As [`Grid::over`], for kernels whose threads take eight values at a time.
    pub fn by_eights(count: usize) -> Self {
        Self::over(count.div_ceil(8))
    }

    /// Blocks that sum a share of `count` values each: as many as the count asks for and not what a card has room for, so
    /// that the order of sums is the same on all.
    pub fn partial_sums(count: usize) -> Self {
        Self::each(count.div_ceil(THREADS * 8).clamp(1, 1 << 10), THREADS)
    }

    /// Enough blocks that each of `count` values has a thread of its own, or its turn with one: kernels go on
    /// by the grid's width.
    pub fn over(count: usize) -> Self {
        Self::each(count.div_ceil(THREADS).min(1 << 16), THREADS)
    }
}

/// Threads that run in step.
const WARP: usize = 32;
/// Threads of a block, where nothing speaks for another number: `THREADS` of `corral.cuh`.
const THREADS: usize = 256;

/// What is shared without being asked for; a kernel that wants more says so before it starts.
const STATIC_SHARED: usize = 48 << 10;

/// A kernel that is being given its arguments.
pub(crate) struct Kernel<'a> {
    card: &'a Card,
    function: Function,
    /// each argument in the low bytes of its own place
    arguments: Vec<u64>,
    kinds: Vec<Argument>,
    wrong: Option<Error>,
}

impl Card {
    /// The kernel `name` for elements of this type.
    pub(crate) fn kernel(&self, module: &Module, name: &str, dtype: DType) -> Result<Kernel<'_>> {
        Ok(self.with_function(self.function(module, name, Some(dtype))?))
    }

    /// The kernel of exactly this name.
    pub(crate) fn kernel_named(&self, module: &Module, name: &str) -> Result<Kernel<'_>> {
        Ok(self.with_function(self.function(module, name, None)?))
    }

    fn with_function(&self, function: Function) -> Kernel<'_> {
        Kernel {
            card: self,
            function,
            arguments: Vec::with_capacity(16),
            kinds: Vec::with_capacity(16),
            wrong: None,
        }
    }
}

impl Kernel<'_> {
    /// The address of values of which the first `len` are read. Where there are not so many, nothing is started.
    pub fn read(self, view: View, len: usize) -> Self {
        match view.part(0, len) {
            Ok(part) => self.read_by_index(part),
            Err(error) => self.refused(error),
        }
    }

    /// The address of values of which those are read that other values say.
    pub fn read_by_index(self, view: View) -> Self {
        match view.on_card() {
            Ok(part) => self.with(part.address, Argument::Values(part.dtype)),
            Err(error) => self.refused(error),
        }
    }

    /// As [`Kernel::read`], or no address where there are none.
    pub fn read_if(self, view: Option<View>, len: usize) -> Self {
        match view {
            Some(view) => self.read(view, len),
            None => self.none(),
        }
    }

    /// As [`Kernel::read_by_index`], or no address where there are none.
    pub fn read_if_by_index(self, view: Option<View>) -> Self {
        match view {
            Some(view) => self.read_by_index(view),
            None => self.none(),
        }
    }

    /// The address of values of which the first `len` are written. Where there are not so many, nothing is started.
    pub fn write(self, view: ViewMut, len: usize) -> Self {
        self.read(view.view(), len)
    }

    /// The address of values of which those are written that other values say.
    pub fn write_by_index(self, view: ViewMut) -> Self {
        self.read_by_index(view.view())
    }

    /// The address 0, in place of values that there are not.
    pub fn none(self) -> Self {
        self.with(0, Argument::None)
    }

    /// A size, as `unsigned`.
    pub fn u32(self, value: usize) -> Self {
        match u32::try_from(value) {
            Ok(value) => self.with(u64::from(value), Argument::U32),
            Err(_) => self.refused(Error::internal(format!("{value} does not fit 32 bits"))),
        }
    }

    /// A size, as `unsigned long long`.
    pub fn u64(self, value: usize) -> Self {
        self.with(value as u64, Argument::U64)
    }

    /// Whether something holds, as `unsigned`.
    pub fn flag(self, holds: bool) -> Self {
        self.with(u64::from(holds), Argument::U32)
    }

    pub fn f32(self, value: f32) -> Self {
        self.with(u64::from(value.to_bits()), Argument::F32)
    }

    pub fn f64(self, value: f64) -> Self {
        self.with(value.to_bits(), Argument::F64)
    }

    /// As it is, of 32 or 64 bits.
    pub fn bits(self, value: u64) -> Self {
        self.with(value, Argument::Bits)
    }

    fn with(mut self, argument: u64, kind: Argument) -> Self {
        self.arguments.push(argument);
        self.kinds.push(kind);
        self
    }

    fn refused(mut self, error: Error) -> Self {
        self.wrong.get_or_insert(error);
        self
    }

    /// Starts it; a grid without blocks is nothing to do.
    pub fn launch(mut self, grid: Grid) -> Result<()> {
        if let Some(error) = self.wrong {
            return Err(error);
        }
        self.function.signature.check(&self.kinds)?;
        if grid.blocks.contains(&0) {
            return Ok(());
        }
        let size = |sides: [usize; 3]| -> Result<(u32, u32, u32)> {
            let [x, y, z] = sides.map(u32::try_from);
            match (x, y, z) {
                (Ok(x), Ok(y), Ok(z)) => Ok((x, y, z)),
                _ => Err(Error::internal(format!("a grid of {sides:?}"))),
            }
        };
        let (blocks, threads) = (size(grid.blocks)?, size(grid.threads)?);
        let mut places: Vec<*mut c_void> = self
            .arguments
            .iter_mut()
            .map(|argument| (&raw mut *argument).cast())
            .collect();
        self.card.enter()?;
        if grid.shared > STATIC_SHARED {
            let most = sys::CUfunction_attribute_enum::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            // SAFETY: the function belongs to this card's context.
            unsafe { driver::function::set_function_attribute(self.function.handle, most, grid.shared as i32) }
                .map_err(failed)?;
        }
        // SAFETY: the kernel takes arguments of these types in this order, and there are as many values behind each address as
        // its operation says that it reads or writes; that it reads and writes no others, the tests of every operation show on
        // a device that checks each access. The buffers are borrowed until the call is in the stream, and freed in the
        // stream's order.
        unsafe {
            driver::launch_kernel(
                self.function.handle,
                blocks,
                threads,
                grid.shared as u32,
                self.card.stream(),
                &mut places,
            )
        }
        .map_err(failed)
    }
}
