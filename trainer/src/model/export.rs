//! The weights of a merged checkpoint, one tensor at a time.
use super::fused::join_rows;
use super::linear::Linear;
use super::modules::{Lent, Module};
use super::weights::{Vector, Weight};
use super::{Model, stacked};
use crate::error::{Error, Result};
use crate::ops::Operand;
use candle_core::{DType, Tensor};
use protocol::decoder::{BlockRole, HeadNormLayout, HeadNorms, Role, Rows, Stack};
use protocol::says;
use std::collections::BTreeSet;

/// A weight of the model, found by name.
pub(super) enum Found<'a> {
    Matrix(&'a Weight, [usize; 2]),
    Linear(&'a Linear),
    Vector(&'a Vector),
    /// numbers of a vector from the first on, in this shape: a norm with a weight for each head, or a vector by itself
    Heads(&'a Vector, usize, Vec<usize>),
    /// a bias, as a checkpoint keeps it with its layer's weight
    Bias(&'a Vector, &'a Linear),
}

impl Found<'_> {
    /// The rows it is of its tensor, where it isn't all.
    fn rows(&self) -> Option<Rows> {
        match self {
            Self::Matrix(..) | Self::Vector(_) | Self::Heads(..) => None,
            Self::Linear(linear) | Self::Bias(_, linear) => Some(linear.part.as_ref()?.rows),
        }
    }

    /// Which matrix of its tensor it is in, where there are several.
    fn stack(&self) -> Option<Stack> {
        match self {
            Self::Matrix(..) | Self::Vector(_) | Self::Heads(..) => None,
            Self::Linear(linear) | Self::Bias(_, linear) => Some(linear.stack?.stack),
        }
    }

    fn transposed(&self) -> bool {
        matches!(self, Self::Linear(linear) if linear.transposed)
    }
}

impl Model {
    /// The names of the weights a merged checkpoint holds, in the order of the model (no `lm_head.weight` when tied).
    pub fn weight_names(&self) -> Vec<String> {
        let mut known = BTreeSet::new();
        let names = self.found().into_iter().map(|(name, _)| name);
        names.filter(|name| known.insert(name.clone())).collect()
    }

    /// Whether a weight trains that checkpoints keep with others or turned: their files don't have it as it is.
    pub fn trains_otherwise_stored(&self) -> bool {
        let (names, decoder) = (&self.decoder.config.family.weights, &self.decoder.config.decoder);
        let otherwise = |(role, module): &(Role, Lent)| match module {
            Module::Linear(linear) => (linear.part.is_some() || linear.transposed) && linear.weight.trained().is_some(),
            module => names.head_norm(decoder, *role).is_some() && module.trains(),
        };
        self.decoder.weights.modules().iter().any(otherwise)
    }

    /// The names of the model's own weights, each by itself, as they are called where they train.
    pub(super) fn own_names(&self) -> Vec<String> {
        let names = &self.decoder.config.family.weights;
        let mut own = vec![];
        for (role, module) in self.decoder.weights.modules() {
            let path = names.path(role);
            if matches!(module, Module::Bias(_)) {
                // a correction never trains
                if !matches!(role, Role::Block(_, BlockRole::Correction)) {
                    own.push(names.vector(role));
                }
                continue;
            }
            let (weight, bias) = match module {
                Module::Table(_) => (true, false),
                Module::Norm(norm) => (norm.weight.is_some(), norm.bias.is_some()),
                Module::Linear(linear) => (true, linear.bias.is_some()),
                Module::Bias(_) => (false, false),
            };
            own.extend(weight.then(|| format!("{path}.weight")));
            own.extend(bias.then(|| format!("{path}.bias")));
        }
        own
    }

    /// One weight of the policy with all adapters folded in (`W + sum scale B A`, computed in f32), in the dtype it was
    /// stored in (quantized ones: the model's). One at a time, so that a merge needs memory for one tensor only.
    pub fn merged_weight(&self, name: &str) -> Result<Tensor> {
        let found: Vec<_> = self.found().into_iter().filter(|(found, _)| found == name).collect();
        let (mut parts, mut stacked) = (vec![], vec![]);
        for (_, found) in &found {
            let tensor = self.merged(found)?;
            match (found.rows(), found.stack()) {
                (Some(rows), Some(stack)) => stacked.push((stack, rows, tensor)),
                (Some(rows), None) => parts.push((rows, tensor)),
                (None, _) => return turned(tensor, found.transposed()),
            }
        }
        match found.first() {
            None => Err(Error::invalid(says::no_weight(name))),
            Some((_, first)) if !stacked.is_empty() => stacked::join(stacked, first.transposed()),
            // layers that checkpoints keep in one tensor
            Some((_, first)) => turned(join_rows(&parts)?, first.transposed()),
        }
    }

    /// In the type it was stored in.
    fn merged(&self, found: &Found) -> Result<Tensor> {
        let dtype = match found {
            Found::Matrix(weight, _) => stored(weight),
            Found::Linear(linear) => stored(&linear.weight),
            Found::Vector(vector) | Found::Bias(vector, _) | Found::Heads(vector, ..) => match vector {
                Vector::Frozen(_, dtype) => *dtype,
                Vector::Trained(trained) => trained.stored,
            },
        };
        Ok(self.worth(found)?.to_dtype(dtype)?)
    }

    /// As it was worked out, in whichever type that was.
    pub(super) fn worth(&self, found: &Found) -> Result<Tensor> {
        Ok(match found {
            Found::Matrix(weight, shape) => self.plain(weight)?.reshape(shape)?,
            Found::Linear(linear) => {
                let shape = (linear.output, linear.input);
                let merged = if linear.is_plain() {
                    self.plain(&linear.weight)?
                } else {
                    linear.merged(&self.trained.params, &self.engine)?.tensor(shape)?
                };
                merged.reshape(shape)?
            }
            Found::Vector(vector) | Found::Bias(vector, _) => vector.tensor(&self.trained.params)?,
            Found::Heads(vector, first, shape) => {
                let count = shape.iter().product();
                let heads = vector.tensor(&self.trained.params)?.narrow(0, *first, count)?;
                heads.reshape(shape.as_slice())?
            }
        })
    }

    /// The values of one matrix of the base as the passes see them, flat and in f32, without adapters.
    pub fn dequantized(&self, name: &str) -> Result<Vec<f32>> {
        let mut values = vec![];
        for (_, found) in self.found().into_iter().filter(|(found, _)| found == name) {
            let weight = match found {
                Found::Matrix(weight, _) => weight,
                Found::Linear(linear) => &linear.weight,
                Found::Heads(..) => {
                    let tensor = self.merged(&found)?.to_dtype(DType::F32)?;
                    values.extend(tensor.flatten_all()?.to_vec1::<f32>()?);
                    continue;
                }
                Found::Vector(vector) | Found::Bias(vector, _) => {
                    let tensor = vector.tensor(&self.trained.params)?.to_dtype(DType::F32)?;
                    values.extend(tensor.to_vec1::<f32>()?);
                    continue;
                }
            };
            let buf = weight.to_buf(&self.trained.params, self.engine.device())?;
            values.extend(buf.to_vec(buf.capacity())?);
        }
        match values.is_empty() {
            true => Err(Error::invalid(says::no_weight(name))),
            false => Ok(values),
        }
    }

    /// A weight as a tensor: the stored or trained one in its type, or the values of a quantized one in f32.
    fn plain(&self, weight: &Weight) -> Result<Tensor> {
        if let Weight::Trained(trained) = weight {
            return self.trained.params.0[trained.id].value();
        }
        match weight.operand(&self.trained.params) {
            Operand::Tensor(tensor) => Ok(tensor.clone()),
            Operand::View(_) | Operand::Packed(_) | Operand::CardPacked(_) => {
                if let Weight::Frozen(frozen) = weight
                    && let Some(tensor) = frozen.plain()?
                {
                    return Ok(tensor);
                }
                let buf = weight.to_buf(&self.trained.params, self.engine.device())?;
                buf.tensor(buf.capacity())
            }
        }
    }

    /// Rows and columns of a table.
    pub(super) fn table_shape(&self, role: Role) -> [usize; 2] {
        let decoder = &self.decoder.config.decoder;
        match (role, &decoder.embedding.positions) {
            (Role::Positions, Some(positions)) => [positions.rows(), decoder.hidden],
            _ => [decoder.embedding.vocabulary, decoder.embedding.width],
        }
    }

    fn found(&self) -> Vec<(String, Found<'_>)> {
        let decoder = &self.decoder.config.decoder;
        let names = &self.decoder.config.family.weights;
        let mut found = vec![];
        for (role, module) in self.decoder.weights.modules() {
            let path = names.path(role);
            let name = format!("{path}.weight");
            match module {
                Module::Table(weight) => found.push((name, Found::Matrix(weight, self.table_shape(role)))),
                Module::Norm(norm) => {
                    let lie = self.decoder.config.family.weights.head_norm(decoder, role);
                    for (kind, vector) in [("weight", &norm.weight), ("bias", &norm.bias)] {
                        let Some(vector) = vector else { continue };
                        let Some(HeadNormLayout { layout, heads }) = lie else {
                            found.push((format!("{path}.{kind}"), Found::Vector(vector)));
                            continue;
                        };
                        let each = vector.buf(&self.trained.params).capacity() / heads.max(1);
                        match layout {
                            HeadNorms::Rows => {
                                found.push((format!("{path}.{kind}"), Found::Heads(vector, 0, vec![heads, each])));
                            }
                            HeadNorms::Numbered => found.extend((0..heads).map(|n| {
                                let name = format!("{path}.{n}.{kind}");
                                (name, Found::Heads(vector, n * each, vec![each]))
                            })),
                        }
                    }
                }
                Module::Bias(bias) => {
                    let len = bias.buf(&self.trained.params).capacity();
                    let shape = (1..names.vector_dims(role)).map(|_| 1).chain([len]).collect();
                    found.push((names.vector(role), Found::Heads(bias, 0, shape)));
                }
                Module::Linear(linear) => {
                    let [weight, bias] = linear.tensors();
                    found.push((weight, Found::Linear(linear)));
                    found.extend(linear.bias.as_ref().map(|own| (bias, Found::Bias(own, linear))));
                }
            }
        }
        found
    }
}

fn turned(tensor: Tensor, transposed: bool) -> Result<Tensor> {
    match transposed {
        true => Ok(tensor.t()?.contiguous()?),
        false => Ok(tensor),
    }
}

fn stored(weight: &Weight) -> DType {
    match weight {
        Weight::Frozen(frozen) => frozen.dtype(),
        Weight::Trained(trained) => trained.stored,
    }
}
