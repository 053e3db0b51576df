//! How the numbers of modules lie in the tensors of a checkpoint.

use super::BlockRole;

/// Linear layers of one input whose rows lie in one tensor of the checkpoint.
#[derive(Debug)]
pub struct Fused {
    /// Its path within the block.
    pub module: &'static str,
    pub parts: &'static [BlockRole],
    pub order: RowOrder,
}

/// How weights of norms lie that are of one head each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadNorms {
    /// A tensor `[heads, width]`.
    Rows,
    /// A module for each head, whose number stands behind the path.
    Numbered,
}

/// In which order the rows of fused layers lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrder {
    /// All rows of a layer, then all of the next.
    Stacked,
    /// For each head of keys and values the rows of its query heads, of its key and of its value.
    ByGroup,
}

/// Where a module lies in a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub path: String,
    /// Its rows, where others lie in the same tensor.
    pub rows: Option<Rows>,
    /// Rows and columns of its weight change places: `[input, output]`.
    pub transposed: bool,
}

/// Some of a tensor's rows: runs of neighbours, each as far behind the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// Where the first run begins.
    pub first: usize,
    /// Rows of a run.
    pub run: usize,
    /// From the beginning of a run to that of the next.
    pub stride: usize,
    pub runs: usize,
    /// Of all rows.
    pub of: usize,
}

impl Rows {
    /// How many they are.
    pub fn count(&self) -> usize {
        self.run * self.runs
    }

    /// The first row of each run.
    pub fn starts(&self) -> impl Iterator<Item = usize> + use<> {
        let Self { first, stride, .. } = *self;
        (0..self.runs).map(move |i| first + i * stride)
    }
}
