//! A value head: one number per row from the hidden state after the last norm, as TRL's `ValueHead` computes it.
use super::context::PassContext;
use super::params::{Param, saved_tensor};
use super::source::generator;
use super::store::Store;
use super::tensor_file::TensorFile;
use super::weights::{ParamRef, Vector};
use super::{Keep, Model};
use crate::error::{Error, Result};
use crate::ops::act::{self, Dropout};
use crate::ops::matmul::{self, Dims};
use crate::ops::{Buf, View, Write};
use crate::tensors::HOST;
use crate::tensors::Unwritten;
use candle_core::{DType, Device, Tensor};
use rand::Rng;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Its weights' names in `value_head.safetensors`.
const WEIGHT: &str = "v_head.summary.weight";
const BIAS: &str = "v_head.summary.bias";

/// Where a value head comes from.
#[derive(Clone, Debug)]
pub enum HeadSource {
    /// uniform within `1 / sqrt(hidden)`, as PyTorch starts a linear layer
    Fresh { seed: u64 },
    /// by name, as they were saved
    Saved(HashMap<String, Tensor>),
}

/// The head among the tensors of a file, by name.
pub fn saved_head(path: &Path, device: &Device) -> Result<HashMap<String, Tensor>> {
    let file = TensorFile::open(path)?;
    let read = |name: &str| Ok((name.to_owned(), file.read(name, device)?));
    [WEIGHT, BIAS].map(read).into_iter().collect()
}

/// The file of a model folder that has a value head among the model's own tensors, as TRL's
/// `AutoModelForCausalLMWithValueHead.save_pretrained` writes it.
pub fn head_beside_weights(folder: &Path) -> Option<PathBuf> {
    let store = Store::open(folder).ok()?;
    store.file_of(WEIGHT).map(Path::to_path_buf)
}

/// `value = w h + b`
pub(super) struct ValueHead {
    /// of the hidden states
    width: usize,
    weight: Vector,
    bias: Vector,
    /// of `h`, in passes with a dropout seed
    dropout: f32,
    /// the rows' hidden states as the head saw them, `[rows, hidden]`, and their gradient
    seen: Buf,
    gradient: Buf,
}

impl Model {
    /// Puts a value head on, once; with `trains` its two tensors become parameters. Call it after [`Model::attach`].
    pub fn add_value_head(&mut self, source: HeadSource, dropout: f64, trains: bool) -> Result<()> {
        let (hidden, device) = (self.decoder.table_width(), self.engine.device().clone());
        let (weight, bias) = match source {
            HeadSource::Fresh { seed } => fresh(hidden, seed)?,
            HeadSource::Saved(saved) => (
                saved_tensor(&saved, WEIGHT, &[1, hidden])?,
                saved_tensor(&saved, BIAS, &[1])?,
            ),
        };
        let mut part = |name: &str, tensor: &Tensor, decay| {
            if !trains {
                return Vector::new(tensor, &device);
            }
            let id = self.trained.params.0.len();
            self.trained
                .params
                .0
                .push(Param::exact(name.to_owned(), tensor, decay, &device)?);
            Ok(Vector::Trained(ParamRef { id, stored: DType::F32 }))
        };
        let buf = || Buf::zeros(0, &device);
        self.value_head = Some(ValueHead {
            width: hidden,
            weight: part(WEIGHT, &weight, true)?,
            bias: part(BIAS, &bias, false)?,
            dropout: dropout as f32,
            seen: buf()?,
            gradient: buf()?,
        });
        Ok(())
    }

    /// The value head's tensors by name, as they are now; none without one.
    pub fn value_head(&self) -> Vec<Unwritten<'_>> {
        let Some(head) = &self.value_head else {
            return vec![];
        };
        let weight = || Ok(head.weight.tensor(&self.trained.params)?.reshape((1, head.width))?);
        let bias = || head.bias.tensor(&self.trained.params);
        vec![Unwritten::new(WEIGHT.into(), weight), Unwritten::new(BIAS.into(), bias)]
    }
}

fn fresh(hidden: usize, seed: u64) -> Result<(Tensor, Tensor)> {
    let mut rng = generator(seed, WEIGHT);
    let bound = 1.0 / (hidden as f64).sqrt();
    let mut draw = |n: usize| -> Vec<f32> {
        (0..n)
            .map(|_| ((2.0 * rng.random::<f64>() - 1.0) * bound) as f32)
            .collect()
    };
    let weight = Tensor::from_vec(draw(hidden), (1, hidden), &HOST)?;
    Ok((weight, Tensor::from_vec(draw(1), 1, &HOST)?))
}

impl ValueHead {
    fn drop(&self, seed: Option<u64>) -> Option<Dropout> {
        let seed = seed.filter(|_| self.dropout > 0.0)?;
        Some(Dropout {
            probability: self.dropout,
            seed,
            stream: u64::MAX,
        })
    }

    /// The values of the rows' hidden states, `[rows]`. What [`ValueHead::backward`] needs stays only with [`Keep::ForBackward`].
    pub fn forward(&mut self, pass: &PassContext, normed: &Buf, keep: Keep) -> Result<Buf> {
        let (engine, rows, len) = (pass.engine, pass.plan.rows, pass.plan.rows * self.width);
        let mut own = Buf::zeros(0, engine.device())?;
        let dropout = self.drop(pass.dropout_seed);
        let seen = match keep {
            Keep::ForBackward => &mut self.seen,
            Keep::Nothing => &mut own,
        };
        let seen = seen.fit(len)?;
        match dropout {
            Some(dropout) => engine.run(act::Drop {
                x: normed.view(),
                y: seen.view_mut(),
                len,
                dropout,
                write: Write::Overwrite,
            })?,
            None => engine.run(act::Copy {
                from: normed.view(),
                to: seen.view_mut(),
                len,
            })?,
        }
        let dims = dims(rows, self.width);
        let mut values = Buf::unwritten(DType::F32, rows, engine.device())?;
        engine.run(matmul::LinearForward {
            x: seen.view(),
            w: self.weight.buf(pass.params).view().into(),
            y: values.view_mut(),
            dims,
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        engine.run(matmul::AddBias {
            bias: self.bias.buf(pass.params).view(),
            y: values.view_mut(),
            tokens: rows,
            width: 1,
        })?;
        Ok(values)
    }

    /// Adds to the gradients of the head's weights, and gives the gradient of the hidden states from the derivative by each
    /// row's value.
    pub fn backward(&mut self, pass: &PassContext, d_value: View, grads: &mut [Buf]) -> Result<&Buf> {
        let (engine, rows, len) = (pass.engine, pass.plan.rows, pass.plan.rows * self.width);
        if self.seen.capacity() < len {
            return Err(Error::internal("a value head's backward pass without its forward pass"));
        }
        let dims = dims(rows, self.width);
        if let Some(id) = self.weight.trained() {
            engine.run(matmul::LinearWeightGrad {
                dy: d_value,
                x: self.seen.view(),
                dw: grads[id].view_mut(),
                dims,
                alpha: 1.0,
            })?;
        }
        if let Some(id) = self.bias.trained() {
            engine.run(matmul::BiasGrad {
                dy: d_value,
                db: grads[id].view_mut(),
                tokens: rows,
                width: 1,
            })?;
        }
        let dropout = self.drop(pass.dropout_seed);
        // under dropout by way of what the head saw, which is no longer needed
        let by_input = match dropout {
            None => &mut self.gradient,
            Some(_) => &mut self.seen,
        };
        engine.run(matmul::LinearInputGrad {
            dy: d_value,
            w: self.weight.buf(pass.params).view().into(),
            dx: by_input.fit(len)?.view_mut(),
            dims,
            write: Write::Overwrite,
            alpha: 1.0,
        })?;
        if let Some(dropout) = dropout {
            engine.run(act::Drop {
                x: self.seen.view(),
                y: self.gradient.fit(len)?.view_mut(),
                len,
                dropout,
                write: Write::Overwrite,
            })?;
        }
        Ok(&self.gradient)
    }
}

fn dims(rows: usize, hidden: usize) -> Dims {
    Dims {
        tokens: rows,
        input: hidden,
        output: 1,
    }
}
