//! Experts that share their tensors, and parameters that are tensors by themselves.

use super::{Projection, Rows};

/// All experts' weights in two tensors: gate and up projections in one, down projections in the other.
#[derive(Debug)]
pub struct StackedExperts {
    /// Its path within the block; `[experts, 2 width, hidden]`.
    pub gate_up: &'static str,
    /// `[experts, hidden, width]`
    pub down: &'static str,
    pub order: GateUp,
    /// Whether each expert's matrices are stored as `[input, output]`.
    pub transposed: bool,
    pub named: Named,
}

/// The order of the rows of gate and up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateUp {
    /// All rows of gate, then all of up.
    Halves,
    /// A row of gate, then one of up, and so on.
    Alternating,
}

/// How the tensors of a module are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// `path.weight`, `path.bias`
    Module,
    /// `path`, `path_bias`
    Parameter,
}

/// One of several matrices in one tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    pub index: usize,
    pub of: usize,
}

/// A vector whose tensor has the bare path as its name.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub path: &'static str,
    /// Dimensions of the tensor; all but the last have size 1.
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
    /// The tensor that holds a layer.
    pub fn tensor(&self, projection: Projection) -> &'static str {
        match projection {
            Projection::Gate | Projection::Up => self.gate_up,
            Projection::Down => self.down,
        }
    }

    /// The rows of its expert's matrix that a layer with `output` outputs has.
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
