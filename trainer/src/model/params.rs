//! Trainable parameters: values, gradients, names and the global gradient norm.
use crate::error::{Error, Result};
use crate::ops::{Buf, Device, Engine, act, optimizer};
use candle_core::{DType, Tensor};
use protocol::says;
use std::collections::HashMap;

/// A trainable tensor, its value and gradient of one type.
#[derive(Debug)]
pub struct Param {
    /// The tensor's name: the one transformers gives it for full training (`model.norm.weight`; of a part of a fused module, its
    /// own), or module path with
    /// `.lora_A.weight` / `.lora_B.weight` behind it for adapters (PEFT puts `base_model.model.` in front).
    pub name: String,
    pub shape: Vec<usize>,
    /// Whether weight decay applies: not to biases and norms.
    pub decay: bool,
    /// The learning rate of this parameter over the run's (LoRA+).
    pub rate: f64,
    pub(crate) value: Buf,
    pub(crate) grad: Buf,
    exact: Option<Exact>,
}

/// What passes have of a vector that trains in bf16: operations read its values and sum its gradient in f32.
#[derive(Debug)]
struct Exact {
    value: Buf,
    /// of one pass
    grad: Buf,
}

impl Exact {
    fn of(value: &Buf, len: usize) -> Result<Option<Self>> {
        let zeros = || Buf::zeros(len, value.device());
        Ok(match value.dtype() {
            DType::F32 => None,
            _ => Some(Self {
                value: zeros()?,
                grad: zeros()?,
            }),
        })
    }

    fn read(&mut self, engine: &Engine, value: &Buf) -> Result<()> {
        engine.run(act::Copy {
            from: value.view(),
            to: self.value.view_mut(),
            len: value.capacity(),
        })
    }
}

impl Param {
    /// In f32, whatever else trains.
    pub(crate) fn exact(name: String, value: &Tensor, decay: bool, device: &Device) -> Result<Self> {
        Self::of_type(DType::F32, name, value, decay, device)
    }

    /// A vector that operations read in f32, in the type that the engine has for what trains.
    pub(crate) fn vector(engine: &Engine, name: String, value: &Tensor, decay: bool) -> Result<Self> {
        let mut param = Self::of_type(engine.trained(), name, value, decay, engine.device())?;
        param.exact = Exact::of(&param.value, param.len())?;
        param.refresh(engine)?;
        Ok(param)
    }

    /// Numbers that operations read as they are, in the type that the engine has for what trains.
    pub(crate) fn matrix(engine: &Engine, name: String, value: &Tensor) -> Result<Self> {
        Self::of_type(engine.trained(), name, value, true, engine.device())
    }

    fn of_type(dtype: DType, name: String, value: &Tensor, decay: bool, device: &Device) -> Result<Self> {
        Ok(Self {
            name,
            shape: value.dims().to_vec(),
            decay,
            rate: 1.0,
            grad: Buf::zeros_of(dtype, value.elem_count(), device)?,
            value: rounded(value, dtype, device)?,
            exact: None,
        })
    }

    /// What operations of a pass read: the values, of a vector in f32.
    pub(crate) fn seen(&self) -> &Buf {
        self.exact.as_ref().map_or(&self.value, |exact| &exact.value)
    }

    /// Brings what passes read up to the values.
    fn refresh(&mut self, engine: &Engine) -> Result<()> {
        match &mut self.exact {
            None => Ok(()),
            Some(exact) => exact.read(engine, &self.value),
        }
    }

    /// Of its value, its gradient, and its optimizer states.
    pub fn dtype(&self) -> DType {
        self.value.dtype()
    }

    pub fn len(&self) -> usize {
        self.value.capacity()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A copy of the value, in its shape.
    pub fn value(&self) -> Result<Tensor> {
        self.value.tensor(self.shape.as_slice())
    }

    /// A copy of the gradient gathered since [`Params::zero_grads`], in the parameter's shape.
    pub fn grad(&self) -> Result<Tensor> {
        self.grad.tensor(self.shape.as_slice())
    }
}

/// All trainable parameters of a model, in a fixed order.
#[derive(Debug, Default)]
pub struct Params(pub(crate) Vec<Param>);

impl Params {
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Param> {
        self.0.iter()
    }

    /// What a backward pass adds gradients to, out of its places, since it reads values meanwhile.
    pub(crate) fn take_grads(&mut self, engine: &Engine) -> Result<Vec<Buf>> {
        for exact in self.0.iter_mut().filter_map(|param| param.exact.as_mut()) {
            let len = exact.grad.capacity();
            engine.run(optimizer::Fill {
                x: exact.grad.view_mut(),
                value: 0.0,
                len,
            })?;
        }
        let place = |param: &mut Param| match &mut param.exact {
            None => param.grad.take(),
            Some(exact) => exact.grad.take(),
        };
        Ok(self.0.iter_mut().map(place).collect())
    }

    /// Puts back what [`Params::take_grads`] gave.
    pub(crate) fn put_grads(&mut self, engine: &Engine, grads: Vec<Buf>) -> Result<()> {
        for (param, grad) in self.0.iter_mut().zip(grads) {
            match &mut param.exact {
                None => param.grad = grad,
                Some(exact) => {
                    engine.run(optimizer::AddScaled {
                        out: param.grad.view_mut(),
                        factor: 1.0,
                        x: grad.view().into(),
                    })?;
                    exact.grad = grad;
                }
            }
        }
        Ok(())
    }

    /// Brings what passes read up to the values, after these may have changed.
    pub(crate) fn refresh(&mut self, engine: &Engine) -> Result<()> {
        self.0.iter_mut().try_for_each(|param| param.refresh(engine))
    }

    /// LoRA+ (arXiv 2402.12354): B, and whatever is a vector, learns at `ratio` times the rate of the rest, as in
    /// LLaMA-Factory.
    pub fn set_b_rate(&mut self, ratio: f64) {
        for param in &mut self.0 {
            let faster = param.name.ends_with(".lora_B.weight") || param.shape.len() == 1;
            param.rate = if faster { ratio } else { 1.0 };
        }
    }

    /// How many numbers are trained.
    pub fn count(&self) -> usize {
        self.0.iter().map(Param::len).sum()
    }

    pub fn zero_grads(&mut self, engine: &Engine) -> Result<()> {
        self.0.iter_mut().try_for_each(|param| {
            let len = param.len();
            engine.run(optimizer::Fill {
                x: param.grad.view_mut(),
                value: 0.0,
                len,
            })
        })
    }

    /// The global L2 norm of the gradients, summed in f64 in a fixed order.
    pub fn grad_norm(&self, engine: &Engine) -> Result<f64> {
        let mut sums = Buf::zeros_of(DType::F64, self.0.len(), engine.device())?;
        for (i, param) in self.0.iter().enumerate() {
            engine.run(optimizer::SumOfSquares {
                x: param.grad.view(),
                sum: sums.part_mut(i, 1),
            })?;
        }
        let sums: Vec<f64> = sums.values(self.0.len())?;
        Ok(sums.iter().sum::<f64>().sqrt())
    }

    /// The factor that clips gradients of this norm: `min(1, max_norm / (norm + 1e-6))`, and 1 when `max_norm` is 0.
    pub fn clip_factor(norm: f64, max_norm: f64) -> f64 {
        if max_norm > 0.0 {
            (max_norm / (norm + 1e-6)).min(1.0)
        } else {
            1.0
        }
    }

    /// Sets every value from saved tensors of the same names and shapes (as [`Param::value`] gives them).
    pub fn restore(&mut self, saved: &HashMap<String, Tensor>) -> Result<()> {
        for param in &mut self.0 {
            let tensor = saved_tensor(saved, &param.name, &param.shape)?;
            param.value = rounded(&tensor, param.dtype(), param.value.device())?;
            let rounded_value = param.value()?;
            if let Some(exact) = &mut param.exact {
                exact.value = rounded(&rounded_value, DType::F32, exact.value.device())?;
            }
        }
        Ok(())
    }
}

impl Params {
    /// The values as they are now, apart from these: they have no gradients and are not trained.
    pub(crate) fn copy(&self) -> Result<Self> {
        let copy = |param: &Param| {
            Ok(Param {
                name: param.name.clone(),
                shape: param.shape.clone(),
                decay: param.decay,
                rate: param.rate,
                value: param.value.copy()?,
                grad: Buf::zeros(0, param.value.device())?,
                exact: match &param.exact {
                    None => None,
                    Some(exact) => Some(Exact {
                        value: exact.value.copy()?,
                        grad: Buf::zeros(0, param.value.device())?,
                    }),
                },
            })
        };
        self.0.iter().map(copy).collect::<Result<_>>().map(Self)
    }

    /// `(1 - share) own + share other`, for parameters of the same shapes in the same order.
    pub(crate) fn mix(&mut self, engine: &Engine, other: &Self, share: f64) -> Result<()> {
        self.0.iter_mut().zip(&other.0).try_for_each(|(own, other)| {
            engine.run(optimizer::Mix {
                out: own.value.view_mut(),
                own: (1.0 - share) as f32,
                x: other.value.view(),
                other: share as f32,
            })?;
            own.refresh(engine)
        })
    }
}

/// A copy of a tensor, flat, in one of the types of parameters.
pub(crate) fn rounded(tensor: &Tensor, dtype: DType, device: &Device) -> Result<Buf> {
    Buf::as_stored(&tensor.to_dtype(dtype)?, device)
}

/// The named tensor, in f32, checked against the shape it must have.
pub(crate) fn saved_tensor(saved: &HashMap<String, Tensor>, name: &str, shape: &[usize]) -> Result<Tensor> {
    let tensor = saved
        .get(name)
        .ok_or_else(|| Error::invalid(says::no_saved_tensor(name)))?;
    if tensor.dims() != shape {
        return Err(Error::invalid(says::saved_shape(
            name,
            format!("{:?}", tensor.dims()),
            format!("{shape:?}"),
        )));
    }
    Ok(tensor.to_dtype(DType::F32)?)
}
