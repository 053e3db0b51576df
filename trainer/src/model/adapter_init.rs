//! New adapters: which layers get one, and what it starts as.
use super::adapter::{Adapter, AdapterForm, Init, LoraConfig, LoraPair, Names, OftConfig, Pissa, Promise, Targets};
use super::linear::{AtStart, LayerAdapter, Linear, LoraAtStart, LowRank};
use super::source::generator;
use super::{Model, Params, full_weights, fused};
use crate::error::{Error, Result};
use crate::ops::Engine;
use crate::svd::{self, Effort, Svd};
use crate::tensors::HOST;
use candle_core::{DType, Device, Tensor};
use protocol::config::{Division, TrainedLayers};
use protocol::decoder::Role;
use protocol::decoder::is_named;
use protocol::says;
use rand::Rng;

impl Model {
    /// The adapter a run begins with; DoRA's lengths are set when it is attached.
    pub(super) fn fresh_adapter(&mut self, config: &LoraConfig) -> Result<Adapter> {
        if config.rank == 0 {
            return Err(Error::invalid(says::rank_at_least_one()));
        }
        let paths = self.lora_paths(config)?;
        let engine = self.engine.clone();
        let rank = config.rank as f64;
        let scale = match config.rank_stabilized {
            true => config.alpha / rank.sqrt(),
            false => config.alpha / rank,
        };
        let form = AdapterForm {
            rank_stabilized: config.rank_stabilized,
            init: config.init,
            additional: config.additional.clone(),
            promise: self.promise(&config.targets, config.expanded, &paths)?,
            ..AdapterForm::default()
        };
        let mut adapter = Adapter {
            scale,
            form,
            ..Adapter::default()
        };
        self.place_whole(&adapter)?; // parts tied tables
        for linear in self.linears_mut().filter(|linear| paths.contains(&linear.module)) {
            fused::suits(linear, config.init)?;
            let pair = match config.init {
                Init::Zero => kaiming_pair(linear, config, &HOST)?,
                Init::Pissa(pissa) => take_principal(linear, config.rank, scale, pissa, &engine)?,
                Init::Loftq { .. } => residual_pair(linear, scale)?,
            };
            if config.init != Init::Zero {
                let term = LowRank::new(linear, &pair, scale, engine.device())?;
                linear.adapter = LayerAdapter::AtStart(AtStart::Lora(LoraAtStart { term, gain: None }));
            }
            adapter.modules.insert(linear.module.clone(), pair);
        }
        Ok(adapter)
    }

    /// The rotations a run begins with.
    pub(super) fn fresh_rotations(&mut self, config: &OftConfig) -> Result<Adapter> {
        let paths = self.rotated_paths(config)?;
        let mut adapter = Adapter {
            form: AdapterForm {
                oft: Some(config.form.clone()),
                additional: config.additional.clone(),
                promise: self.promise(&config.targets, None, &paths)?,
                ..AdapterForm::default()
            },
            ..Adapter::default()
        };
        self.place_whole(&adapter)?; // parts tied tables
        for linear in self.linears_mut().filter(|linear| paths.contains(&linear.module)) {
            let above = Tensor::zeros(config.form.shape(linear.input), DType::F32, &HOST)?;
            adapter.rotations.insert(linear.module.clone(), above);
        }
        Ok(adapter)
    }

    /// Paths of the layers that get a pair of matrices.
    pub(super) fn lora_paths(&mut self, config: &LoraConfig) -> Result<Vec<String>> {
        let head = self.wanted_head(config)?;
        if head.is_some() {
            self.adapt_head()?;
        }
        let paths = self.target_paths("lora_target", &config.targets, config.expanded, head)?;
        let numbers = |linear: &Linear| (linear.input + linear.output) as u128 * config.rank as u128;
        self.room_for("lora_rank", config.rank, &paths, numbers)?;
        Ok(paths)
    }

    /// Paths of the layers that get a rotation.
    pub(super) fn rotated_paths(&mut self, config: &OftConfig) -> Result<Vec<String>> {
        let paths = self.target_paths("oft_target", &config.targets, None, None)?;
        let numbers = |linear: &Linear| {
            let (stored, each) = config.form.shape(linear.input);
            (stored * each) as u128
        };
        let (key, value) = match config.form.blocks {
            Division::Size(size) => ("oft_block_size", size),
            Division::Count(count) => ("oft_rank", count),
        };
        self.room_for(key, value, &paths, numbers)?;
        for linear in self.linears_mut().filter(|linear| paths.contains(&linear.module)) {
            config.form.turns(linear)?;
        }
        Ok(paths)
    }

    /// An adapter that can't be held is refused before room is made for it: values, gradients and an optimizer's two moments.
    fn room_for(&mut self, key: &str, value: usize, paths: &[String], numbers: impl Fn(&Linear) -> u128) -> Result<()> {
        let wanted = self.linears_mut().filter(|linear| paths.contains(&linear.module));
        let numbers: u128 = wanted.map(|linear| numbers(linear)).sum();
        let (bytes, usable) = (numbers * 16, crate::machine::usable_memory());
        if bytes <= u128::from(usable) {
            return Ok(());
        }
        let (bytes, usable) = ((bytes >> 30).to_string(), usable >> 30);
        let target = if key == "lora_rank" {
            "lora_target"
        } else {
            "oft_target"
        };
        Err(Error::invalid(match key {
            "oft_rank" => says::no_room_for_blocks(value, bytes, usable),
            _ => says::no_room_for_adapter(key, value, bytes, usable, target),
        }))
    }

    /// What a new adapter's config is to say of the modules it is on.
    fn promise(&self, targets: &Targets, expanded: Option<usize>, paths: &[String]) -> Result<Promise> {
        let mut names: Vec<String> = match targets {
            Targets::Named(names) => names.clone(),
            Targets::All | Targets::AllLinear => {
                let last = |path: &String| path.rsplit('.').next().unwrap_or_default().to_owned();
                paths.iter().map(last).collect()
            }
        };
        names.sort();
        names.dedup();
        let layers = match expanded {
            None => vec![],
            Some(n) => full_weights::layers(TrainedLayers::Expanded(n), self.decoder.config.layers())?,
        };
        // by its last part, as PEFT's `layers_pattern` names it
        let list = self.decoder.config.family.weights.blocks.rsplit('.').next();
        Ok(Promise {
            targets: Names::List(names),
            layer_lists: layers.first().and(list).map(str::to_owned).into_iter().collect(),
            layers,
            ..Promise::default()
        })
    }

    /// Paths of the linear layers that are asked for; `head`: the head's, where it is one of them.
    fn target_paths(
        &mut self,
        key: &str,
        targets: &Targets,
        expanded: Option<usize>,
        head: Option<&str>,
    ) -> Result<Vec<String>> {
        // what lies in a tensor of all experts is no module, and routers may be none
        let names = &self.decoder.config.family.weights;
        let takes = |path: &str| match names.role(path) {
            Some(Role::Block(_, role)) => names.takes_adapters(role),
            Some(Role::Head) => head == Some(path),
            _ => true,
        };
        let modules = self
            .linears_mut()
            .filter(|linear| linear.stack.is_none() && takes(&linear.module));
        let all: Vec<String> = modules.map(|linear| linear.module.clone()).collect();
        if *targets == Targets::All && self.linears_mut().all(|linear| linear.transposed) {
            return Err(Error::invalid(says::all_takes_none(
                key,
                self.decoder.config.family.architecture,
            )));
        }
        if let Targets::Named(names) = targets
            && let Some(stranger) = names.iter().find(|name| !all.iter().any(|path| is_named(path, name)))
        {
            let mut known: Vec<&str> = vec![];
            for name in all.iter().filter_map(|path| path.rsplit('.').next()) {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
            return Err(Error::invalid(says::no_linear_layer(key, stranger, known.join(", "))));
        }
        let layers = match expanded {
            None => None,
            Some(n) => Some(full_weights::layers(
                TrainedLayers::Expanded(n),
                self.decoder.config.layers(),
            )?),
        };
        let names = &self.decoder.config.family.weights;
        let within = |path: &str| match &layers {
            None => true,
            Some(layers) => layers.iter().any(|i| path.starts_with(&names.block(*i))),
        };
        let wanted = |path: &String| targets.wants(path);
        Ok(all.into_iter().filter(|path| within(path)).filter(wanted).collect())
    }
}

/// A: kaiming-uniform with a = sqrt(5), so uniform within 1 / sqrt(in); B: zero (PEFT's default).
fn kaiming_pair(linear: &Linear, config: &LoraConfig, device: &Device) -> Result<LoraPair> {
    let mut rng = generator(config.seed, &linear.module);
    let bound = 1.0 / (linear.input as f64).sqrt();
    let draw = (0..config.rank * linear.input).map(|_| ((2.0 * rng.random::<f64>() - 1.0) * bound) as f32);
    Ok(LoraPair::new(
        Tensor::from_vec(draw.collect(), (config.rank, linear.input), device)?,
        Tensor::zeros((linear.module_output(), config.rank), DType::F32, device)?,
    ))
}

/// A layer has no more principal directions than its smaller side.
pub(super) fn check_rank(rank: usize, linear: &Linear) -> Result<()> {
    let (input, output) = (linear.input, linear.output);
    if rank > input.min(output) {
        return Err(Error::invalid(says::pissa_rank(
            rank,
            &linear.module,
            output,
            input,
            input.min(output),
        )));
    }
    Ok(())
}

/// Takes the principal part of rank `rank` off the frozen layer, whose newest term is then its negative: `A = sqrt(S /
/// scale) V^T`, `B = U sqrt(S / scale)`, as a pair to train.
pub fn take_principal(linear: &mut Linear, rank: usize, scale: f64, pissa: Pissa, engine: &Engine) -> Result<LoraPair> {
    check_rank(rank, linear)?;
    let (input, output) = (linear.input, linear.output);
    let weight = linear.frozen(&Params::default(), engine)?;
    let matrix = Tensor::from_vec(weight.to_vec(output * input)?, (output, input), &Device::Cpu)?;
    let effort = pissa.iterations.map_or(Effort::Exact, Effort::Iterations);
    let pair = pair_from_svd(&svd::truncated(&matrix, rank, effort)?, scale, &HOST)?;
    let principal = LowRank::new(linear, &pair, -scale, engine.device())?;
    linear.frozen_adapters.terms.push(principal);
    Ok(pair)
}

/// `A = sqrt(S / scale) V^T`, `B = U sqrt(S / scale)`.
pub fn pair_from_svd(found: &Svd, scale: f64, device: &Device) -> Result<LoraPair> {
    let roots: Vec<f64> = found.s.iter().map(|s| (s / scale).sqrt()).collect();
    let roots = Tensor::from_vec(roots, (1, found.s.len()), &Device::Cpu)?;
    let single = |x: Tensor| x.to_dtype(DType::F32)?.to_device(device)?.contiguous();
    Ok(LoraPair::new(
        single(found.vt.broadcast_mul(&roots.t()?)?)?,
        single(found.u.broadcast_mul(&roots)?)?,
    ))
}

/// What LoftQ's quantization took off, as a pair to train.
fn residual_pair(linear: &mut Linear, scale: f64) -> Result<LoraPair> {
    let missing = || Error::internal("LoftQ: the weights were not quantized for it");
    let LoraPair { a, b, .. } = linear.loftq_residual.take().ok_or_else(missing)?;
    let root = scale.sqrt().recip();
    Ok(LoraPair::new((a * root)?, (b * root)?))
}

/// `B A - B0 A0` as one plain pair of twice the rank, `B0 A0` what [`take_principal`] took off.
pub fn converted(linear: &Linear, pair: &LoraPair) -> Result<LoraPair> {
    let missing = || Error::internal("PiSSA: the principal part was not taken");
    let principal = linear.frozen_adapters.terms.last().ok_or_else(missing)?;
    let a = principal.a.tensor((principal.rank, linear.input))?;
    let b = principal.b.tensor((linear.output, principal.rank))?;
    let exact = |trained: &Tensor| trained.to_dtype(DType::F32);
    Ok(LoraPair::new(
        Tensor::cat(&[&exact(&pair.a)?, &a], 0)?,
        Tensor::cat(&[&exact(&pair.b)?, &b.neg()?], 1)?,
    ))
}
