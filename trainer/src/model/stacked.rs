//! Experts' layers that checkpoints keep in tensors of all experts: how each is read, and how they are joined again.
use super::fused::{join_rows, take_rows};
use super::linear::{FusedPart, Linear, Widths};
use super::modules::{Module, Owned};
use super::outline::hollow;
use super::quantized_folder::mxfp4;
use super::source::Source;
use super::weights::{Frozen, Vector, Weight};
use super::{LoadOptions, ModelConfig};
use crate::error::{Error, Result};
use crate::quant::folder::Folder;
use crate::tensors::HOST;
use candle_core::Tensor;
use protocol::decoder::{Extent, Named, Rows, Stack, Stored};
use protocol::says;
use std::collections::BTreeMap;

/// One of several matrices in a tensor.
#[derive(Debug, Clone, Copy)]
pub struct InStack {
    pub stack: Stack,
    pub named: Named,
}

/// A layer to be read: its own path, where it lies, and what it is.
pub struct Wanted {
    pub name: String,
    pub stored: Stored,
    pub input: usize,
    pub bias: bool,
}

impl Source<'_> {
    /// Reads or draws an expert's layer that lies with those of all experts.
    pub fn stacked(&self, wanted: Wanted, config: &ModelConfig, options: &LoadOptions) -> Result<Owned> {
        let Wanted {
            name,
            stored,
            input,
            bias,
        } = wanted;
        let (Some(stack), Some(rows)) = (stored.stack, stored.rows) else {
            return Err(Error::internal(format!("{name} is in no stack")));
        };
        let Stored {
            path,
            named,
            transposed,
            ..
        } = stored;
        let (output, device) = (rows.count(), options.engine.device());
        let tensor = named.weight(&path);
        let shape = match transposed {
            true => [stack.of, input, rows.of],
            false => [stack.of, rows.of, input],
        };
        let weight = match self {
            Source::Folder(store) if store.packed(&tensor).is_some() => {
                let held = config.quantization.as_ref().map(Folder::base);
                if !held.is_some_and(|base| base.extent(config.family) == Extent::All) {
                    return Err(Error::invalid(says::stacked_is_quantized(&tensor)));
                }
                mxfp4::read(store, &tensor, stack, rows, input, config.saved_dtype())?
            }
            Source::Folder(store) => {
                let matrix = store.read_rows(&tensor, &shape, one(stack), &HOST)?.squeeze(0)?;
                let matrix = if transposed { matrix.t()? } else { matrix };
                Frozen::new(options.engine.kept(take_rows(&matrix, rows)?)?)?
            }
            Source::Outline(held) => {
                // how packed numbers lie is for the reader of their format to judge
                if held.packed(&tensor).is_none() {
                    held.check(&tensor, &shape)?;
                }
                Frozen::new(hollow(&[output, input])?)?
            }
            Source::Gguf(gguf) => gguf.read(&format!("{name}.weight"), &[output, input], &HOST)?,
            Source::Random { .. } => {
                match self.matrix(&format!("{name}.weight"), &[output, input], config, options)? {
                    Weight::Frozen(frozen) => frozen,
                    Weight::Trained(_) => return Err(Error::internal("a weight trains before it is loaded")),
                }
            }
        };
        let weight = match options.quantize {
            Some(how) if !matches!(self, Source::Outline(_)) => how.apply(weight, &path, input)?,
            _ => weight,
        };
        let tensor = named.bias(&path);
        let bias = match (bias, self) {
            (false, _) => None,
            (true, Source::Folder(store)) => {
                let all = store.read_rows(&tensor, &[stack.of, rows.of], one(stack), &HOST)?;
                Some(Vector::new(&take_rows(&all.squeeze(0)?, rows)?, device)?)
            }
            (true, Source::Outline(held)) => {
                held.check(&tensor, &[stack.of, rows.of])?;
                Some(Vector::new(&hollow(&[output])?, device)?)
            }
            (true, _) => Some(self.vector(&format!("{name}.bias"), output, 0.0, device)?),
        };
        Ok(Module::Linear(Linear {
            part: Some(FusedPart { name, rows }),
            stack: Some(InStack { stack, named }),
            transposed,
            ..Linear::new(path, Widths { input, output }, Weight::Frozen(weight.on(device)?), bias)
        }))
    }
}

/// The matrix of one expert, as rows of the tensor.
fn one(stack: Stack) -> Rows {
    Rows {
        first: stack.index,
        run: 1,
        stride: 1,
        runs: 1,
        of: stack.of,
    }
}

/// The tensor of all matrices, of which these are rows.
pub fn join(parts: Vec<(Stack, Rows, Tensor)>, transposed: bool) -> Result<Tensor> {
    let mut matrices: BTreeMap<usize, Vec<(Rows, Tensor)>> = BTreeMap::new();
    for (stack, rows, tensor) in parts {
        matrices.entry(stack.index).or_default().push((rows, tensor));
    }
    let matrices = matrices.into_values().map(|rows| {
        let joined = join_rows(&rows)?;
        Ok(if transposed { joined.t()? } else { joined })
    });
    let matrices: Vec<Tensor> = matrices.collect::<Result<_>>()?;
    Ok(Tensor::stack(&matrices, 0)?)
}
