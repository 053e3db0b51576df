//! Deciding what trains: weights of the model itself, a new adapter, or one that goes on.
use super::adapter::{Adapter, Init, LoraPair, Part, Trainable};
use super::dora::{self, Dora};
use super::linear::{AtStart, LayerAdapter, Linear, Lora, LoraAtStart, LowRank, rank_of};
use super::oft::{Oft, Rotation};
use super::params::{Param, rounded};
use super::{Model, Params, adapter_init, full_weights, fused};
use crate::error::{Error, Result};
use crate::ops::{Buf, Engine, scale};
use crate::tensors::HOST;
use candle_core::{DType, Tensor};
use protocol::says;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

impl Model {
    /// Sets what is trained, once, before the first pass. `frozen` adapters are part of the model the run starts from and
    /// stay as they are (all but the last of a chain; all of it when a new adapter is asked for). Weights of the model
    /// itself train with them folded in.
    pub fn attach(&mut self, frozen: Vec<Adapter>, trainable: Trainable) -> Result<()> {
        if self.trained.params.iter().len() > 0 {
            return Err(Error::internal("what trains is set once per model"));
        }
        let engine = self.engine.clone();
        for adapter in frozen {
            self.replicate(&adapter.form.replication)?;
            self.place_whole(&adapter)?;
            self.for_modules(&adapter, |linear, part| freeze(&engine, linear, part, &adapter))?;
            self.fold_head()?;
        }
        match trainable {
            Trainable::Nothing => Ok(()),
            Trainable::Full { keep_reference } => self.train_own(keep_reference, |_| true),
            Trainable::Freeze { part, keep_reference } => {
                let names = self.freeze_names(&part)?;
                self.train_own(keep_reference, |name| names.iter().any(|n| n == name))
            }
            Trainable::NewAdapter(config) => {
                let adapter = self.fresh_adapter(&config)?;
                self.train_adapter(adapter, config.dropout, config.dora)
            }
            Trainable::NewRotations(config) => {
                let adapter = self.fresh_rotations(&config)?;
                self.train_adapter(adapter, 0.0, false)
            }
            Trainable::Continue { adapter, dropout } => {
                self.replicate(&adapter.form.replication)?;
                self.place_whole(&adapter)?;
                self.trained.untrained_whole = adapter.whole.clone();
                self.for_modules(&adapter, |linear, part| start(&engine, linear, part, &adapter))?;
                self.train_adapter(adapter, dropout, false)
            }
        }?;
        self.find_lowest_trained();
        self.trained.stale = true;
        Ok(())
    }

    pub(super) fn linears_mut(&mut self) -> impl Iterator<Item = &mut Linear> {
        self.decoder.weights.linears_mut()
    }

    /// Visits the layers an adapter names, in the order of the model; a name the model has not is an error.
    pub(super) fn for_modules(
        &mut self,
        adapter: &Adapter,
        mut visit: impl FnMut(&mut Linear, Part) -> Result<()>,
    ) -> Result<()> {
        self.adapt_head_for(adapter)?;
        for linear in self.linears_mut().filter(|linear| linear.stack.is_none()) {
            if let Some(part) = adapter.part(&linear.module) {
                fused::suits(linear, adapter.form.init)?;
                fused::with_part(linear, part, &mut visit)?;
            }
        }
        let modules = self.linears_mut().filter(|linear| linear.stack.is_none());
        let mut known: Vec<String> = modules.map(|linear| linear.module.clone()).collect();
        if let Some(stranger) = adapter.paths().find(|path| !known.contains(path)) {
            return Err(Error::invalid(says::adapter_stranger(stranger)));
        }
        if let Some(path) = adapter.form.promise.surplus(adapter.paths())? {
            return Err(Error::invalid(says::adapter_surplus(path)));
        }
        let names = &self.decoder.config.family.weights;
        known.extend([names.embedding, names.head].map(str::to_owned));
        match adapter
            .form
            .promise
            .missing(&known, |path| adapter.part(path).is_some())?
        {
            None => Ok(()),
            Some(missing) => Err(Error::invalid(says::adapter_missing(missing))),
        }
    }

    fn train_adapter(&mut self, adapter: Adapter, dropout: f64, new_lengths: bool) -> Result<()> {
        if !(0.0..1.0).contains(&dropout) {
            return Err(Error::invalid(says::dropout_out_of_range(dropout)));
        }
        if !adapter.form.additional.is_empty() {
            self.trained.start_weights = Some(self.decoder.weights.share(&self.decoder.config.decoder)?);
        }
        let mut params = Params::default();
        // layers of one module share what works on its input
        let mut of_module: HashMap<String, usize> = HashMap::new();
        let engine = self.engine.clone();
        self.for_modules(&adapter, |linear, part| {
            let pair = match part {
                Part::Pair(pair) => pair,
                Part::Rotation(above, form) => {
                    let start = linear.adapter.take_oft_start();
                    let id = *of_module.entry(linear.module.clone()).or_insert(params.0.len());
                    linear.adapter = LayerAdapter::Oft(Oft::new(&engine, id, linear, above, form, start)?);
                    if id == params.0.len() {
                        let name = format!("{}.oft_R.weight", linear.module);
                        params.0.push(Param::matrix(&engine, name, above)?);
                    }
                    return Ok(());
                }
            };
            let rank = rank_of(linear, pair)?;
            let a = *of_module.entry(linear.module.clone()).or_insert(params.0.len());
            if a == params.0.len() {
                let name = format!("{}.lora_A.weight", linear.module);
                params.0.push(Param::matrix(&engine, name, &pair.a)?);
            }
            let b = params.0.len();
            let name = format!("{}.lora_B.weight", linear.name());
            params.0.push(Param::matrix(&engine, name, &pair.b)?);
            let lengths = match (&pair.magnitude, new_lengths) {
                (None, true) => Some(row_norms(
                    &linear.frozen_with(pair, adapter.scale_of(&linear.module), &params, &engine)?,
                    linear,
                )?),
                (given, _) => given.clone(),
            };
            let dora = match lengths {
                None => None,
                Some(lengths) => {
                    let name = format!("{}.lora_magnitude_vector", linear.name());
                    params
                        .0
                        .push(Param::vector(&engine, name, &lengths.flatten_all()?, true)?);
                    Some(Dora::new(&engine, b + 1, linear, &params)?)
                }
            };
            linear.adapter = LayerAdapter::Lora(Lora {
                a,
                b,
                rank,
                scale: adapter.scale_of(&linear.module) as f32,
                dropout: dropout as f32,
                stream: a as u64,
                dora,
                start: linear.adapter.take_lora_start(),
            });
            Ok(())
        })?;
        if params.0.is_empty() {
            return Err(Error::invalid(says::adapter_has_no_weights()));
        }
        self.trained.params = params;
        self.train_beside(&adapter.form.additional)?;
        self.trained.adapter_scale = adapter.scale;
        self.trained.adapter_form = adapter.form;
        Ok(())
    }

    /// The trainable adapter as it is now (a copy), or `None` when none is trained.
    pub fn adapter(&self) -> Result<Option<Adapter>> {
        let mut adapter = Adapter {
            scale: self.trained.adapter_scale,
            form: self.trained.adapter_form.clone(),
            ..Adapter::default()
        };
        let value = |id: usize| Ok::<_, Error>(self.trained.params.0[id].value()?.force_contiguous()?);
        let convert = self
            .trained
            .adapter_form
            .init
            .pissa()
            .is_some_and(|pissa| pissa.convert);
        let mut of_modules: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for linear in self.decoder.weights.linears() {
            match &linear.adapter {
                LayerAdapter::None | LayerAdapter::AtStart(_) => {}
                LayerAdapter::Oft(oft) => {
                    adapter.rotations.insert(linear.module.clone(), value(oft.id)?);
                }
                LayerAdapter::Lora(lora) => {
                    let mut pair = LoraPair::new(value(lora.a)?, value(lora.b)?);
                    if let Some(dora) = &lora.dora {
                        pair.magnitude = Some(value(dora.magnitude())?);
                    }
                    if convert {
                        pair = adapter_init::converted(linear, &pair)?;
                    }
                    adapter.form.fan_in_fan_out |= linear.transposed;
                    let rows = linear.part.as_ref().map(|part| part.rows);
                    of_modules.entry(linear.module.clone()).or_default().push((rows, pair));
                }
            }
        }
        for (module, parts) in of_modules {
            adapter.modules.insert(module, fused::joined(parts)?);
        }
        if convert {
            adapter.form.init = Init::Zero;
        }
        if adapter.is_empty() {
            return Ok(None);
        }
        let names = &self.decoder.config.family.weights;
        let own = self.trained.params.iter();
        for param in own.filter(|param| full_weights::is_whole(names, &param.name)) {
            adapter
                .whole
                .insert(param.name.clone(), param.value()?.force_contiguous()?);
        }
        for (name, tensor) in &self.trained.untrained_whole {
            adapter.whole.entry(name.clone()).or_insert_with(|| tensor.clone());
        }
        Ok(Some(adapter))
    }

    /// What [`Model::adapter`] gave, as values of the parameters.
    pub fn adapter_values(&self, adapter: Adapter) -> Result<HashMap<String, Tensor>> {
        let convert = self
            .trained
            .adapter_form
            .init
            .pissa()
            .is_some_and(|pissa| pissa.convert);
        let mut values: HashMap<String, Tensor> = adapter.whole.into_iter().collect();
        for (module, above) in adapter.rotations {
            values.insert(format!("{module}.oft_R.weight"), above.force_contiguous()?);
        }
        for (module, mut pair) in adapter.modules {
            if convert {
                let rank = pair.a.dim(0)? / 2;
                pair.a = pair.a.narrow(0, 0, rank)?;
                pair.b = pair.b.narrow(1, 0, rank)?;
            }
            values.insert(format!("{module}.lora_A.weight"), pair.a.force_contiguous()?);
            let linears = self.decoder.weights.linears();
            for linear in linears.filter(|linear| linear.module == module) {
                let own = fused::part_of_pair(linear, &pair)?;
                values.insert(format!("{}.lora_B.weight", linear.name()), own.b.force_contiguous()?);
                let name = format!("{}.lora_magnitude_vector", linear.name());
                values.extend(own.magnitude.map(|magnitude| (name, magnitude)));
            }
        }
        Ok(values)
    }
}

/// `[output]`
fn row_norms(matrix: &Buf, linear: &Linear) -> Result<Tensor> {
    let values = matrix.to_vec(linear.output * linear.input)?;
    let norms = dora::squares(&values, linear.input)
        .into_iter()
        .map(|s| s.sqrt() as f32);
    Ok(Tensor::from_vec(norms.collect(), linear.output, &HOST)?)
}

/// An adapter's part becomes part of the frozen layer.
fn freeze(engine: &Engine, linear: &mut Linear, part: Part, adapter: &Adapter) -> Result<()> {
    let pair = match part {
        Part::Pair(pair) => pair,
        Part::Rotation(above, form) => {
            let rotation = Rotation::new(engine, linear, above, form)?;
            return linear.freeze_rotation(engine, rotation);
        }
    };
    let LoraAtStart { term, gain } = started(engine, linear, pair, adapter)?;
    let frozen = &mut linear.frozen_adapters;
    if let Some(gain) = &gain {
        for term in &mut frozen.terms {
            let mut b = term.b.copy()?;
            engine.run(scale::ScaleRows {
                y: b.view_mut(),
                factors: gain.view(),
                rows: linear.output,
                width: term.rank,
            })?;
            term.b = Arc::new(b);
        }
    }
    frozen.gain = match (frozen.gain.take(), gain) {
        (Some(before), Some(gain)) => {
            let mut both = before.copy()?;
            engine.run(scale::ScaleColumns {
                y: both.view_mut(),
                factors: gain.view(),
                tokens: 1,
                width: linear.output,
            })?;
            Some(Arc::new(both))
        }
        (before, gain) => before.or(gain),
    };
    frozen.terms.push(term);
    Ok(())
}

fn start(engine: &Engine, linear: &mut Linear, part: Part, adapter: &Adapter) -> Result<()> {
    linear.adapter = LayerAdapter::AtStart(match part {
        Part::Pair(pair) => AtStart::Lora(started(engine, linear, pair, adapter)?),
        Part::Rotation(above, form) => AtStart::Oft(Rotation::new(engine, linear, above, form)?),
    });
    Ok(())
}

/// An adapter's part as it is: with DoRA, the gains over the frozen layer, folded into the term too. PiSSA's principal
/// part is taken off the layer first.
fn started(engine: &Engine, linear: &mut Linear, pair: &LoraPair, adapter: &Adapter) -> Result<LoraAtStart> {
    let scale = adapter.scale_of(&linear.module);
    let mut term = LowRank::new(linear, pair, scale, engine.device())?;
    match adapter.form.init {
        Init::Zero => {}
        Init::Pissa(pissa) => drop(adapter_init::take_principal(linear, term.rank, scale, pissa, engine)?),
        Init::Loftq { .. } if linear.weight.quantized().is_some() => {}
        Init::Loftq { .. } => {
            return Err(Error::invalid(says::loftq_not_quantized(&linear.module)));
        }
    }
    let gain = match &pair.magnitude {
        None => None,
        Some(magnitude) => {
            let merged = linear.frozen_with(pair, scale, &Params::default(), engine)?;
            let gains = dora::gains(&magnitude.flatten_all()?.to_vec1::<f32>()?, &merged, linear.input)?;
            let gains = Buf::from_vec(gains, engine.device())?;
            let mut b = term.b.copy()?;
            engine.run(scale::ScaleRows {
                y: b.view_mut(),
                factors: gains.view(),
                rows: linear.output,
                width: term.rank,
            })?;
            term.b = Arc::new(b);
            Some(Arc::new(gains))
        }
    };
    // as what trains begins
    if engine.trained() != DType::F32 {
        let begun = |buf: &Buf| {
            Ok::<_, Error>(Arc::new(rounded(
                &buf.tensor(buf.capacity())?,
                engine.trained(),
                engine.device(),
            )?))
        };
        (term.a, term.b) = (begun(&term.a)?, begun(&term.b)?);
    }
    Ok(LoraAtStart { term, gain })
}
