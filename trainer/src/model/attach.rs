//! Deciding what trains: every weight, a new adapter, or one that goes on.
use super::adapter::{Adapter, LoraConfig, LoraPair, Targets, Trainable};
use super::linear::{Linear, Term, TrainedTerm, rank_of};
use super::params::Param;
use super::weights::{Slot, Trained, Vector, Weight, generator};
use super::{Model, Params};
use crate::error::{Error, Result};
use crate::ops::Operand;
use candle_core::{DType, Device, Tensor};
use rand::Rng;
use std::collections::BTreeMap;

impl Model {
    /// Sets what is trained, once, before the first pass. `frozen` adapters are part of the model the run starts from and
    /// stay as they are (all but the last of a chain; all of it when a new adapter is asked for).
    pub fn attach(&mut self, frozen: Vec<Adapter>, trainable: Trainable) -> Result<()> {
        if self.params.iter().len() > 0 {
            return Err(Error::invalid("what trains is set once per model"));
        }
        for adapter in &frozen {
            self.for_modules(adapter, |linear, pair| {
                let term = Term::new(&linear.path, pair, adapter.scale, (linear.input, linear.output))?;
                linear.terms.push(term);
                Ok(())
            })?;
        }
        match trainable {
            Trainable::Nothing => Ok(()),
            Trainable::Full { .. } if !frozen.is_empty() => Err(Error::invalid(
                "full training starts from a whole model: merge the adapter first (`corral export`)",
            )),
            Trainable::Full { keep_reference } => self.train_all(keep_reference),
            Trainable::NewAdapter(config) => {
                let adapter = self.fresh_adapter(&config)?;
                self.train_adapter(&adapter, config.dropout)
            }
            Trainable::Continue { adapter, dropout } => {
                self.for_modules(&adapter, |linear, pair| {
                    let term = Term::new(&linear.path, pair, adapter.scale, (linear.input, linear.output))?;
                    linear.start = Some(term);
                    Ok(())
                })?;
                self.train_adapter(&adapter, dropout)
            }
        }
    }

    fn linears_mut(&mut self) -> impl Iterator<Item = &mut Linear> {
        self.weights.layers.iter_mut().flat_map(|layer| layer.linears_mut())
    }

    /// Visits the layers an adapter names, in the order of the model; a name the model has not is an error.
    fn for_modules(
        &mut self,
        adapter: &Adapter,
        mut visit: impl FnMut(&mut Linear, &LoraPair) -> Result<()>,
    ) -> Result<()> {
        let mut found = 0;
        for linear in self.linears_mut() {
            if let Some(pair) = adapter.modules.get(&linear.path) {
                visit(linear, pair)?;
                found += 1;
            }
        }
        if found < adapter.modules.len() {
            let known: Vec<&str> = self.linears_mut().map(|l| l.path.as_str()).collect();
            let stranger = adapter.modules.keys().find(|path| !known.contains(&path.as_str()));
            return Err(Error::invalid(format!(
                "the adapter has weights for `{}`, which this model has no linear layer for; supported are the linear layers \
                 of the decoder blocks",
                stranger.map_or("", String::as_str)
            )));
        }
        Ok(())
    }

    fn train_adapter(&mut self, adapter: &Adapter, dropout: f64) -> Result<()> {
        if !(0.0..1.0).contains(&dropout) {
            return Err(Error::invalid(format!(
                "LoRA dropout is {dropout}; it must be at least 0 and below 1"
            )));
        }
        let mut params = Params::default();
        self.for_modules(adapter, |linear, pair| {
            let rank = rank_of(&linear.path, pair, (linear.input, linear.output))?;
            let a = params.0.len();
            for (name, tensor) in [("lora_A", &pair.a), ("lora_B", &pair.b)] {
                params
                    .0
                    .push(Param::new(format!("{}.{name}.weight", linear.path), tensor, true)?);
            }
            linear.trained = Some(TrainedTerm {
                a,
                b: a + 1,
                rank,
                scale: adapter.scale as f32,
                dropout: dropout as f32,
                stream: a as u64,
            });
            Ok(())
        })?;
        if params.0.is_empty() {
            return Err(Error::invalid("the adapter has no weights"));
        }
        self.params = params;
        Ok(())
    }

    fn fresh_adapter(&mut self, config: &LoraConfig) -> Result<Adapter> {
        if config.rank == 0 {
            return Err(Error::invalid("the LoRA rank must be at least 1"));
        }
        if let Targets::Named(names) = &config.targets {
            let mut known: Vec<String> = self.linears_mut().map(|l| module(&l.path).to_owned()).collect();
            known.dedup();
            known.truncate(7);
            if let Some(stranger) = names.iter().find(|name| !known.contains(name)) {
                return Err(Error::invalid(format!(
                    "`{stranger}` is not a linear layer of a decoder block; supported LoRA targets: {}, or all",
                    known.join(", ")
                )));
            }
        }
        let device = self.device.clone();
        let mut modules = BTreeMap::new();
        for linear in self.linears_mut() {
            let wanted = match &config.targets {
                Targets::All => true,
                Targets::Named(names) => names.iter().any(|name| name == module(&linear.path)),
            };
            if wanted {
                modules.insert(linear.path.clone(), fresh_pair(linear, config, &device)?);
            }
        }
        Ok(Adapter {
            scale: config.alpha / config.rank as f64,
            modules,
        })
    }

    fn train_all(&mut self, keep_reference: bool) -> Result<()> {
        if keep_reference {
            self.reference = Some(self.weights.share()?);
        }
        let mut params = Params::default();
        for (name, slot) in self.weights.slots() {
            let id = params.0.len();
            match slot {
                Slot::Matrix(weight) => {
                    if let Some(format) = weight.quantized() {
                        return Err(Error::invalid(format!(
                            "finetuning_type: full needs weights that can change, and `{name}` is quantized ({format}): train \
                             LoRA on it, or start from the f32, bf16 or f16 model"
                        )));
                    }
                    let Weight::Frozen(frozen) = &*weight else { continue };
                    let Operand::Tensor(tensor) = frozen.operand() else {
                        continue;
                    };
                    let (tensor, stored) = (tensor.clone(), frozen.dtype());
                    *weight = Weight::Trained(Trained { id, stored });
                    params.0.push(Param::new(name, &tensor, true)?);
                }
                Slot::Vector(vector) => {
                    let Vector::Frozen(buf, stored) = &*vector else {
                        continue;
                    };
                    let param = Param::new(name, buf.tensor(), false)?;
                    *vector = Vector::Trained(Trained { id, stored: *stored });
                    params.0.push(param);
                }
            }
        }
        self.params = params;
        Ok(())
    }

    /// The trainable adapter as it is now (a copy), or `None` when none is trained.
    pub fn adapter(&self) -> Result<Option<Adapter>> {
        let mut adapter = Adapter {
            scale: 1.0,
            modules: BTreeMap::new(),
        };
        for linear in self.weights.layers.iter().flat_map(|layer| layer.linears()) {
            if let Some(term) = linear.trained {
                adapter.scale = f64::from(term.scale);
                let (a, b) = (&self.params.0[term.a], &self.params.0[term.b]);
                let pair = LoraPair {
                    a: a.value()?.force_contiguous()?,
                    b: b.value()?.force_contiguous()?,
                };
                adapter.modules.insert(linear.path.clone(), pair);
            }
        }
        Ok(Some(adapter).filter(|adapter| !adapter.modules.is_empty()))
    }
}

/// `q_proj` of `model.layers.0.self_attn.q_proj`
fn module(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A: kaiming-uniform with a = sqrt(5), so uniform within 1 / sqrt(in); B: zero (PEFT's default).
fn fresh_pair(linear: &Linear, config: &LoraConfig, device: &Device) -> Result<LoraPair> {
    let mut rng = generator(config.seed, &linear.path);
    let bound = 1.0 / (linear.input as f64).sqrt();
    let draw = (0..config.rank * linear.input).map(|_| ((2.0 * rng.random::<f64>() - 1.0) * bound) as f32);
    Ok(LoraPair {
        a: Tensor::from_vec(draw.collect(), (config.rank, linear.input), device)?,
        b: Tensor::zeros((linear.output, config.rank), DType::F32, device)?,
    })
}
