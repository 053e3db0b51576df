//! Experts' layers in tensors of all experts, and vectors under a name of their own.

use super::{Projection, Rows};

/// Experts' weights in two tensors: one of all gates and ups, one of all downs.
#[derive(Debug)]
pub struct StackedExperts {
    /// Its path within the block; `[experts, 2 width, hidden]`.
    pub gate_up: &'static str,
    /// `[experts, hidden, width]`
    pub down: &'static str,
    pub order: GateUp,
    /// Each expert's matrices are `[input, output]`.
    pub transposed: bool,
    pub named: Named,
}

/// In which order the rows of gate and up lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateUp {
    /// All of gate, then all of up.
    Halves,
    /// A row of gate, then one of up.
    Alternating,
}

/// What tensors of a module are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// `path.weight`, `path.bias`
    Module,
    /// `path`, `path_bias`
    Parameter,
}

/// A matrix of several in one tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    pub index: usize,
    pub of: usize,
}

/// A vector whose tensor has its path for a name.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub path: &'static str,
    /// How many the tensor has; all but the last are 1.
    pub dims: usize,
}

impl Named {
    pub fn weight(self, path: &str) -> String {
        match self {
            Self::Module => format!("{path}.weight"),
            Self::Parameter => path.to_owned(),
        }
    }

    pub fn bias(self, path: &str) -> String {
        match self {
            Self::Module => format!("{path}.bias"),
            Self::Parameter => format!("{path}_bias"),
        }
    }
}

impl StackedExperts {
    /// The tensor that has a layer.
    pub fn tensor(&self, projection: Projection) -> &'static str {
        match projection {
            Projection::Gate | Projection::Up => self.gate_up,
            Projection::Down => self.down,
        }
    }

    /// Which rows of its expert's matrix a layer of so many outputs is.
    pub fn rows(&self, projection: Projection, output: usize) -> Rows {
        let second = match projection {
            Projection::Gate => 0,
            Projection::Up => 1,
            Projection::Down => {
                return Rows {
                    first: 0,
                    run: output,
                    stride: output,
                    runs: 1,
                    of: output,
                };
            }
        };
        let of = 2 * output;
        match self.order {
            GateUp::Halves => Rows {
                first: second * output,
                run: output,
                stride: of,
                runs: 1,
                of,
            },
            GateUp::Alternating => Rows {
                first: second,
                run: 1,
                stride: 2,
                runs: output,
                of,
            },
        }
    }
}
