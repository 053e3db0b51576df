//! Weights of the model itself that train or come with an adapter: full and freeze tuning, modules beside an adapter.
use super::adapter::Adapter;
use super::head::HeadLayer;
use super::linear::{FrozenAdapters, Linear};
use super::modules::Slot;
use super::params::Param;
use super::weights::{Frozen, ParamRef, Vector, Weight};
use super::{Model, Params};
use crate::error::{Error, Result};
use crate::ops::Engine;
use candle_core::DType;
use protocol::config::{FreezeSpec, TrainedLayers};
use protocol::decoder::{HeadTable, WeightMap};
use protocol::says;
use std::collections::BTreeSet;

/// Whether a parameter is a weight of the model itself, not an adapter's or a value head's.
pub fn is_whole(names: &WeightMap, name: &str) -> bool {
    let of_adapter = name.contains(".lora_") || name.contains(".oft_R.");
    names.has(name) && !of_adapter
}

/// `model.norm` of `model.norm.weight`
fn module(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(module, _)| module)
}

/// `(3, "mlp")` of `model.layers.3.mlp.up_proj.weight`
fn place<'a>(names: &WeightMap, name: &'a str) -> Option<(usize, &'a str)> {
    let (block, rest) = names.in_block(name)?;
    Some((block, rest.split('.').next()?))
}

/// Whether a module or one around it ends with one of the names, as PEFT's `modules_to_save` are matched.
fn ends_with(module: &str, names: &[String]) -> bool {
    let around = module.match_indices('.').filter_map(|(dot, _)| module.get(..dot));
    around
        .chain([module])
        .any(|module| names.iter().any(|name| module.ends_with(name.as_str())))
}

/// The blocks that train, of `count`.
pub fn layers(which: TrainedLayers, count: usize) -> Result<Vec<usize>> {
    Ok(match which {
        TrainedLayers::First(n) => (0..n.min(count)).collect(),
        TrainedLayers::Last(n) => (count.saturating_sub(n)..count).collect(),
        TrainedLayers::Expanded(n) if n == 0 || !count.is_multiple_of(n) => {
            return Err(Error::invalid(says::uneven_expansion(count, n)));
        }
        TrainedLayers::Expanded(n) => (0..n).map(|i| (i + 1) * (count / n) - 1).collect(),
    })
}

/// Which of all the weights train whole beside an adapter on the modules `adapted`.
pub(super) fn names_beside(
    map: &WeightMap,
    all: &[String],
    names: &[String],
    adapted: &BTreeSet<String>,
) -> Result<Vec<String>> {
    if let Some(name) = names
        .iter()
        .find(|n| !all.iter().any(|w| ends_with(module(w), std::slice::from_ref(n))))
    {
        return Err(Error::invalid(says::no_outside_module(
            name,
            outside(map, all).into_iter().collect::<Vec<_>>().join(", "),
        )));
    }
    let wanted = |name: &str| ends_with(module(name), names);
    if let Some(both) = all.iter().find(|name| wanted(name) && adapted.contains(module(name))) {
        return Err(Error::invalid(says::adapted_already(module(both))));
    }
    Ok(all.iter().filter(|name| wanted(name)).cloned().collect())
}

impl Model {
    /// Trains the weights that `wanted` names, with all frozen adapters folded in.
    pub(super) fn train_own(&mut self, keep_reference: bool, wanted: impl Fn(&str) -> bool) -> Result<()> {
        self.fold_terms()?;
        if keep_reference {
            self.trained.start_weights = Some(self.decoder.weights.share(&self.decoder.config.decoder)?);
        }
        self.train_slots(wanted)
    }

    /// Trains modules beside an adapter that trains.
    pub(super) fn train_beside(&mut self, names: &[String]) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let adapted: BTreeSet<String> = self
            .linears_mut()
            .filter(|linear| linear.adapter.trains())
            .map(|linear| linear.name().to_owned())
            .collect();
        let wanted = names_beside(&self.decoder.config.family.weights, &self.own_names(), names, &adapted)?;
        self.check_beside(&wanted)?;
        self.train_slots(|name| wanted.iter().any(|n| n == name))
    }

    /// Whether modules of these weights can train beside an adapter.
    pub(super) fn check_beside(&self, wanted: &[String]) -> Result<()> {
        let mut linears = self.decoder.weights.linears();
        let beside =
            |linear: &&Linear| linear.part.is_some() && wanted.iter().any(|name| module(name) == linear.name());
        match linears.find(beside) {
            None => Ok(()),
            Some(linear) => Err(Error::invalid(says::fused_beside(&linear.module))),
        }
    }

    fn train_slots(&mut self, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let before = self.trained.params.0.len();
        for (name, slot) in self.decoder.weights.slots(&self.decoder.config.family.weights) {
            if !wanted(&name) {
                continue;
            }
            let id = self.trained.params.0.len();
            match slot {
                Slot::Matrix(weight) => {
                    if let Some(format) = weight.quantized() {
                        return Err(cannot_change(&name, format));
                    }
                    let Weight::Frozen(frozen) = &*weight else { continue };
                    let Some(tensor) = frozen.plain()? else { continue };
                    let stored = frozen.dtype();
                    self.trained.params.0.push(Param::matrix(&self.engine, name, &tensor)?);
                    *weight = Weight::Trained(ParamRef { id, stored });
                }
                Slot::Vector(vector) => {
                    let Vector::Frozen(buf, stored) = &*vector else {
                        continue;
                    };
                    let param = Param::vector(&self.engine, name, &buf.tensor(buf.capacity())?, false)?;
                    // as a matrix's, which was rounded when it was read
                    let stored = match self.engine.trained() {
                        DType::F32 => *stored,
                        rounded => rounded,
                    };
                    *vector = Vector::Trained(ParamRef { id, stored });
                    self.trained.params.0.push(param);
                }
            }
        }
        match self.trained.params.0.len() > before {
            true => Ok(()),
            false => Err(Error::invalid(says::nothing_trains())),
        }
    }

    /// Names of the weights that `freeze` trains.
    pub(super) fn freeze_names(&self, part: &FreezeSpec) -> Result<Vec<String>> {
        let (names, all) = (&self.decoder.config.family.weights, self.own_names());
        let within: BTreeSet<&str> = all.iter().filter_map(|name| Some(place(names, name)?.1)).collect();
        let outside = outside(names, &all);
        for (field, asked, known) in [
            ("freeze_trainable_modules", &part.modules, &within),
            ("freeze_extra_modules", &part.extra, &outside),
        ] {
            if let Some(stranger) = asked.iter().find(|name| !known.contains(name.as_str())) {
                let known: Vec<_> = known.iter().copied().collect();
                return Err(Error::invalid(says::no_freeze_module(
                    field,
                    stranger,
                    known.join(", "),
                )));
            }
        }
        let layers = layers(part.layers, self.decoder.config.layers())?;
        let wanted = |name: &&String| match place(names, name) {
            Some((layer, within)) => {
                layers.contains(&layer) && (part.modules.is_empty() || part.modules.iter().any(|m| m == within))
            }
            None => part
                .extra
                .iter()
                .any(|extra| module(name).ends_with(&format!(".{extra}")) || module(name) == extra),
        };
        Ok(all.iter().filter(wanted).cloned().collect())
    }

    /// Puts an adapter's whole weights in place of the model's, in the type those are stored in.
    pub(super) fn place_whole(&mut self, adapter: &Adapter) -> Result<()> {
        self.untie(adapter)?;
        let (device, width) = (
            self.engine.device().clone(),
            self.decoder.config.decoder.embedding.width,
        );
        let names = &self.decoder.config.family.weights;
        let vocab = resized(
            names,
            adapter,
            width,
            self.decoder.config.vocabulary(),
            self.decoder.weights.head.is_some(),
        )?;
        let additional = &adapter.form.additional;
        let fresh = adapter.is_empty();
        let mut left: BTreeSet<&String> = adapter.whole.keys().collect();
        for (name, slot) in self.decoder.weights.slots(&self.decoder.config.family.weights) {
            let Some(tensor) = adapter.whole.get(&name) else {
                if !fresh && ends_with(module(&name), additional) {
                    return Err(Error::invalid(says::whole_missing(module(&name), &name)));
                }
                continue;
            };
            left.remove(&name);
            let fits = |len: usize| match tensor.elem_count() == len || names.tables().contains(&name) {
                true => Ok(()),
                false => Err(Error::invalid(says::whole_shape(&name, format!("{:?}", tensor.dims())))),
            };
            match slot {
                Slot::Matrix(weight) => {
                    let Weight::Frozen(own) = &*weight else { continue };
                    if let Some(own) = own.plain()? {
                        fits(own.elem_count())?;
                    }
                    let tensor = tensor.to_dtype(own.dtype())?;
                    *weight = Weight::Frozen(Frozen::new(tensor)?.on(&device)?);
                }
                Slot::Vector(vector) => {
                    let Vector::Frozen(own, stored) = &*vector else {
                        continue;
                    };
                    fits(own.capacity())?;
                    let tensor = tensor.to_dtype(*stored)?;
                    *vector = Vector::new(&tensor, &device)?;
                }
            }
        }
        self.decoder.config.decoder.embedding.vocabulary = vocab;
        match left.first() {
            None => Ok(()),
            Some(stranger) => Err(Error::invalid(says::whole_stranger(*stranger))),
        }
    }

    /// Embedding and head part ways when an adapter trains one of them: each is a copy of its own then, as in PEFT.
    fn untie(&mut self, adapter: &Adapter) -> Result<()> {
        let names = &self.decoder.config.family.weights;
        let (tables, [_, head]) = ([names.embedding, names.head], names.tables());
        let parts =
            tables.iter().any(|table| ends_with(table, &adapter.form.additional)) || adapter.whole.contains_key(&head);
        if parts && self.decoder.weights.head.is_none() {
            self.decoder.weights.head = Some(HeadLayer::Table(self.decoder.weights.embed.share()?));
            self.decoder.config.decoder.head.table = HeadTable::Own;
        }
        Ok(())
    }

    /// Folds frozen adapters into the weights, rounded to the type those are stored in.
    fn fold_terms(&mut self) -> Result<()> {
        let engine = self.engine.clone();
        for linear in self.linears_mut().filter(|linear| !linear.is_plain()) {
            fold(&engine, linear)?;
        }
        Ok(())
    }

    /// The same of the head alone: of its adapters, only one that trains is a term of its own.
    pub(super) fn fold_head(&mut self) -> Result<()> {
        match &mut self.decoder.weights.head {
            Some(HeadLayer::Adapted(linear)) if !linear.is_plain() => fold(&self.engine, linear),
            _ => Ok(()),
        }
    }

    /// Nothing below the lowest block that trains is kept or gone back through.
    pub(super) fn find_lowest_trained(&mut self) {
        let weights = &self.decoder.weights;
        self.trained.first_block = match weights.embedding_trains() {
            true => 0,
            false => weights
                .layers
                .iter()
                .position(|layer| layer.trains())
                .unwrap_or(weights.layers.len()),
        };
    }
}

/// How many tokens the model knows with this adapter, whose embedding and head may have more rows than the base's where
/// tokens were added.
fn resized(names: &WeightMap, adapter: &Adapter, hidden: usize, before: usize, parted: bool) -> Result<usize> {
    let tables = names.tables();
    let mut rows = tables
        .each_ref()
        .map(|name| Some((name.as_str(), adapter.whole.get(name)?.dims())));
    if !parted {
        rows[1] = None;
    }
    for (name, dims) in rows.iter().flatten() {
        if dims.len() != 2 || dims[1] != hidden {
            return Err(Error::invalid(says::whole_width(*name, format!("{dims:?}"), hidden)));
        }
    }
    let count = |table: Option<(&str, &[usize])>| table.map_or(before, |(_, dims)| dims[0]);
    let (embedding, head) = (count(rows[0]), count(rows[1]));
    match embedding == head || !parted {
        true => Ok(embedding),
        false => Err(Error::invalid(says::tables_part(embedding, head))),
    }
}

/// The error of a weight that is to train and is quantized.
pub(super) fn cannot_change(name: &str, format: &str) -> Error {
    Error::invalid(says::quantized_stays(name, format))
}

/// Modules outside the blocks.
fn outside<'a>(map: &WeightMap, names: &'a [String]) -> BTreeSet<&'a str> {
    let outside = names.iter().filter(|name| place(map, name).is_none());
    outside.filter_map(|name| module(name).rsplit('.').next()).collect()
}

/// Folds a layer's frozen adapters into its weight, rounded to the type that this is stored in.
fn fold(engine: &Engine, linear: &mut Linear) -> Result<()> {
    let stored = match &linear.weight {
        Weight::Frozen(frozen) => frozen.dtype(),
        Weight::Trained(_) => DType::F32,
    };
    let folded = linear.frozen(&Params::default(), engine)?;
    let tensor = folded.tensor((linear.output, linear.input))?.to_dtype(stored)?;
    linear.weight = Weight::Frozen(Frozen::new(tensor)?.on(engine.device())?);
    linear.frozen_adapters = FrozenAdapters::default();
    Ok(())
}
