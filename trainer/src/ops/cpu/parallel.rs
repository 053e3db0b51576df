//! Splitting work over the thread pool, only where it is worth a wake-up.
use rayon::prelude::*;

/// Elements below which a loop runs on the calling thread.
pub const GRAIN: usize = 16 * 1024;

/// Calls `body(first_row, rows)` for blocks of rows of `width` values. Blocks depend on the size alone, never on the
/// number of threads.
pub fn rows1<A: Send>(a: &mut [A], width: usize, body: impl Fn(usize, &mut [A]) + Sync) {
    let block = (GRAIN / width.max(1)).max(1);
    if a.len() <= block * width {
        return body(0, a);
    }
    a.par_chunks_mut(block * width)
        .enumerate()
        .for_each(|(i, a)| body(i * block, a));
}

/// Values of rows that lie one behind the other.
pub struct Rows<'a, T> {
    pub values: &'a mut [T],
    /// Values of a row.
    pub width: usize,
}

impl<'a, T> Rows<'a, T> {
    pub fn of(values: &'a mut [T], width: usize) -> Self {
        Self { values, width }
    }

    fn blocks(self, rows: usize) -> rayon::slice::ChunksMut<'a, T>
    where
        T: Send,
    {
        self.values.par_chunks_mut(rows * self.width)
    }
}

/// As [`rows1`] over two outputs with the same number of rows; blocks are sized by the first.
pub fn rows2<A: Send, B: Send>(a: Rows<A>, b: Rows<B>, body: impl Fn(usize, &mut [A], &mut [B]) + Sync) {
    let block = (GRAIN / a.width.max(1)).max(1);
    if a.values.len() <= block * a.width {
        return body(0, a.values, b.values);
    }
    a.blocks(block)
        .zip(b.blocks(block))
        .enumerate()
        .for_each(|(i, (a, b))| body(i * block, a, b));
}

/// As [`rows2`] over three.
pub fn rows3<A: Send, B: Send, C: Send>(
    a: Rows<A>,
    b: Rows<B>,
    c: Rows<C>,
    body: impl Fn(usize, &mut [A], &mut [B], &mut [C]) + Sync,
) {
    let block = (GRAIN / a.width.max(1)).max(1);
    if a.values.len() <= block * a.width {
        return body(0, a.values, b.values, c.values);
    }
    a.blocks(block)
        .zip(b.blocks(block))
        .zip(c.blocks(block))
        .enumerate()
        .for_each(|(i, ((a, b), c))| body(i * block, a, b, c));
}

/// Calls `body(i)` for every task; tasks write to disjoint places.
pub fn tasks(count: usize, work: usize, body: impl Fn(usize) + Sync + Send) {
    if count <= 1 || work <= GRAIN {
        return (0..count).for_each(body);
    }
    (0..count).into_par_iter().with_max_len(1).for_each(body);
}

/// A pointer that threads may share; each of them touches its own part.
pub struct Shared<T = f32>(*mut T);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

// SAFETY: a `Shared` is only read through unsafe code that proves its accesses disjoint.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub fn new(slice: &mut [T]) -> Self {
        Self(slice.as_mut_ptr())
    }

    pub fn from_ptr(first: *mut T) -> Self {
        Self(first)
    }

    /// Taking `self` whole makes closures capture the wrapper and not the raw pointer in it.
    pub fn ptr(self) -> *mut T {
        self.0
    }

    /// # Safety
    /// The range lies within the slice this was made from, and no other thread touches it meanwhile.
    pub unsafe fn slice<'a>(self, start: usize, len: usize) -> &'a mut [T] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(start), len) }
    }
}
