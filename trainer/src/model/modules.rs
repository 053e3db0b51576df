//! The one walk over all modules of a decoder, in the order of [`DecoderSpec::modules`]: loading, sharing, export, and what
//! trains follow from it.
use super::experts::{Experts, Shared};
use super::feed_forward::{FeedForward, inner_of};
use super::head::HeadLayer;
use super::heads::{Apart, HeadWeights};
use super::latent::{Down, Latent};
use super::linear::Linear;
use super::mlp::Mlp;
use super::norm::{BlockNormVectors, NormVectors};
use super::routing::rule_of;
use super::weights::{Layer, Vector, Weight, Weights};
use crate::error::{Error, Result};
use protocol::decoder::{
    AttentionSpec, BlockRole, BlockSpec, DecoderSpec, HeadTable, MlpSpec, ModuleSpec, Network, NetworkForm, NormSpec,
    Projection, Role, SharedSpec, WeightMap,
};
use std::collections::HashMap;

/// A module of a decoder.
#[derive(Debug)]
pub enum Module<T, N, L, V> {
    Table(T),
    Norm(N),
    Linear(L),
    Bias(V),
}

pub type Owned = Module<Weight, NormVectors, Linear, Vector>;
pub type Lent<'a> = Module<&'a Weight, &'a NormVectors, &'a Linear, &'a Vector>;
pub type LentMut<'a> = Module<&'a mut Weight, &'a mut NormVectors, &'a mut Linear, &'a mut Vector>;

/// A tensor of the model's own that may train.
pub enum Slot<'a> {
    Matrix(&'a mut Weight),
    Vector(&'a mut Vector),
}

/// The walk, once for `&` and once for `&mut`: its text is the same.
macro_rules! walk {
    ($modules:ident, $linears:ident, $networks:ident, $lent:ident $(, $mutable:ident)?) => {
        impl Weights {
            /// Every module with its role, in the order of the model.
            pub fn $modules(&$($mutable)? self) -> Vec<(Role, $lent<'_>)> {
                let Self {
                    embed, positions, embedding_norm, project_in, layers, norm, project_out, head, head_bias,
                } = self;
                // a norm without numbers is no module
                let embedding_norm = embedding_norm.into_iter().filter(|norm| !norm.is_empty());
                let norm = norm.into_iter().filter(|norm| !norm.is_empty());
                let mut all = vec![(Role::Embedding, Module::Table(embed))];
                all.extend(positions.into_iter().map(|table| (Role::Positions, Module::Table(table))));
                all.extend(embedding_norm.map(|norm| (Role::EmbeddingNorm, Module::Norm(norm))));
                all.extend(project_in.into_iter().map(|linear| (Role::ProjectIn, Module::Linear(linear))));
                for (i, layer) in layers.into_iter().enumerate() {
                    let of_layer = layer.$modules().into_iter();
                    all.extend(of_layer.map(|(role, module)| (Role::Block(i, role), module)));
                }
                all.extend(norm.map(|norm| (Role::FinalNorm, Module::Norm(norm))));
                all.extend(project_out.into_iter().map(|linear| (Role::ProjectOut, Module::Linear(linear))));
                all.extend(head.into_iter().map(|head| match head {
                    HeadLayer::Table(table) => (Role::Head, Module::Table(table)),
                    HeadLayer::Adapted(linear) => (Role::Head, Module::Linear(& $($mutable)? **linear)),
                }));
                all.extend(head_bias.into_iter().map(|bias| (Role::HeadBias, Module::Bias(bias))));
                all
            }

            /// All linear layers.
            pub fn $linears(&$($mutable)? self) -> impl Iterator<Item = &$($mutable)? Linear> {
                self.$modules().into_iter().filter_map(|(_, module)| match module {
                    Module::Linear(linear) => Some(linear),
                    _ => None,
                })
            }
        }

        impl Layer {
            /// Every module of the block: norms, then linear layers.
            pub fn $modules(&$($mutable)? self) -> Vec<(BlockRole, $lent<'_>)> {
                let Self { norms, heads, sinks, o, mlp } = self;
                let BlockNormVectors { before_attention, after_attention, before_mlp, after_mlp } = norms;
                let norms = [
                    (BlockRole::AttentionNorm, before_attention),
                    (BlockRole::AfterAttentionNorm, after_attention),
                    (BlockRole::MlpNorm, before_mlp),
                    (BlockRole::AfterMlpNorm, after_mlp),
                ];
                let norms = norms.into_iter().filter_map(|(role, norm)| Some((role, norm.into_iter().next()?)));
                // a norm without numbers is no module
                let norms = norms.filter(|(_, norm)| !norm.is_empty());
                let mut all: Vec<_> = norms.map(|(role, norm)| (role, Module::Norm(norm))).collect();
                all.extend(sinks.into_iter().map(|sinks| (BlockRole::Sinks, Module::Bias(sinks))));
                all.extend(heads.$modules());
                all.push((BlockRole::Output, Module::Linear(o)));
                match mlp {
                    Mlp::Dense(dense) => all.extend(dense.$networks(Network::Dense)),
                    Mlp::Experts(Experts { router, correction, experts, shared, .. }) => {
                        all.push((BlockRole::Router, Module::Linear(router)));
                        let correction = correction.into_iter();
                        all.extend(correction.map(|own| (BlockRole::Correction, Module::Bias(own))));
                        for (i, expert) in experts.into_iter().enumerate() {
                            all.extend(expert.$networks(Network::Expert(i)));
                        }
                        if let Some(Shared { expert, gate }) = shared {
                            all.extend(expert.$networks(Network::Shared));
                            all.extend(gate.into_iter().map(|gate| (BlockRole::SharedGate, Module::Linear(gate))));
                        }
                    }
                }
                all
            }
        }

        impl FeedForward {
            fn $networks(&$($mutable)? self, network: Network) -> impl Iterator<Item = (BlockRole, $lent<'_>)> {
                let Self { gate, up, down, .. } = self;
                let gate = gate.into_iter().map(|gate| (Projection::Gate, gate));
                let all = gate.chain([(Projection::Up, up), (Projection::Down, down)]);
                all.map(move |(projection, linear)| (BlockRole::Mlp(network, projection), Module::Linear(linear)))
            }
        }
    };
}
walk!(modules, linears, network, Lent);
walk!(modules_mut, linears_mut, network_mut, LentMut, mut);

impl Lent<'_> {
    /// Whether anything in it trains.
    pub fn trains(&self) -> bool {
        match self {
            Module::Table(weight) => weight.trained().is_some(),
            Module::Norm(norm) => norm.trains(),
            Module::Linear(linear) => linear.trains(),
            Module::Bias(bias) => bias.trained().is_some(),
        }
    }

    /// The same module as the reference sees it, sharing memory with what stays frozen.
    fn share(&self) -> Result<Owned> {
        Ok(match self {
            Module::Table(weight) => Module::Table(weight.share()?),
            Module::Norm(norm) => Module::Norm(norm.share()?),
            Module::Linear(linear) => Module::Linear(linear.share()?),
            Module::Bias(bias) => Module::Bias(bias.share()?),
        })
    }
}

impl Weights {
    /// A decoder of the modules that `load` gives, in their order.
    pub fn load(decoder: &DecoderSpec, load: impl Fn(ModuleSpec) -> Result<Owned>) -> Result<Self> {
        let modules = decoder.modules().into_iter();
        let modules = modules.map(|module| Ok((module.role, load(module)?)));
        Self::of(decoder, modules.collect::<Result<_>>()?)
    }

    /// The same weights once more as the reference sees them, sharing memory with those that stay frozen.
    pub fn share(&self, decoder: &DecoderSpec) -> Result<Self> {
        let modules = self.modules().into_iter();
        let shared = modules.map(|(role, module)| Ok((role, module.share()?)));
        Self::of(decoder, shared.collect::<Result<_>>()?)
    }

    fn of(decoder: &DecoderSpec, modules: HashMap<Role, Owned>) -> Result<Self> {
        let mut outside = HashMap::new();
        let mut blocks: Vec<_> = decoder.blocks.iter().map(|_| Parts(HashMap::new())).collect();
        for (role, module) in modules {
            match role {
                Role::Block(i, role) => drop(blocks[i].0.insert(role, module)),
                role => drop(outside.insert(role, module)),
            }
        }
        let mut outside = Parts(outside);
        let layers = decoder.blocks.iter().zip(blocks);
        Ok(Self {
            embed: outside.table(Role::Embedding)?,
            positions: match decoder.embedding.positions {
                None => None,
                Some(_) => Some(outside.table(Role::Positions)?),
            },
            embedding_norm: outside.norm_of(Role::EmbeddingNorm, decoder.embedding.norm.as_ref())?,
            project_in: match decoder.projects() {
                false => None,
                true => Some(outside.linear(Role::ProjectIn)?),
            },
            layers: layers
                .map(|(spec, parts)| Layer::of(spec, parts))
                .collect::<Result<_>>()?,
            norm: outside.norm_of(Role::FinalNorm, decoder.norm.as_ref())?,
            project_out: match decoder.projects() {
                false => None,
                true => Some(outside.linear(Role::ProjectOut)?),
            },
            head: match decoder.head.table {
                HeadTable::Tied => None,
                HeadTable::Own => Some(outside.head()?),
            },
            head_bias: match decoder.head.bias {
                false => None,
                true => Some(outside.bias(Role::HeadBias)?),
            },
        })
    }

    /// Every tensor with its name, in the order of the model.
    pub fn slots(&mut self, names: &WeightMap) -> Vec<(String, Slot<'_>)> {
        let mut slots = vec![];
        for (role, module) in self.modules_mut() {
            let path = names.path(role);
            let weight = format!("{path}.weight");
            match module {
                Module::Table(table) => slots.push((weight, Slot::Matrix(table))),
                Module::Norm(NormVectors { weight: own, bias }) => {
                    slots.extend(own.as_mut().map(|own| (weight, Slot::Vector(own))));
                    slots.extend(bias.as_mut().map(|bias| (format!("{path}.bias"), Slot::Vector(bias))));
                }
                // what it adds has no gradient
                Module::Bias(_) if matches!(role, Role::Block(_, BlockRole::Correction)) => {}
                Module::Bias(bias) => slots.push((names.vector(role), Slot::Vector(bias))),
                Module::Linear(linear) => {
                    slots.push((weight, Slot::Matrix(&mut linear.weight)));
                    let bias = linear.bias.as_mut();
                    slots.extend(bias.map(|bias| (format!("{path}.bias"), Slot::Vector(bias))));
                }
            }
        }
        slots
    }
}

impl Layer {
    /// The same block once more as the reference sees it.
    pub fn share(&self, spec: &BlockSpec) -> Result<Self> {
        let modules = self.modules().into_iter();
        let shared = modules.map(|(role, module)| Ok((role, module.share()?)));
        Self::of(spec, Parts(shared.collect::<Result<_>>()?))
    }

    fn of(spec: &BlockSpec, mut parts: Parts<BlockRole>) -> Result<Self> {
        let norms = &spec.norms;
        Ok(Self {
            norms: BlockNormVectors {
                before_attention: parts.norm_of(BlockRole::AttentionNorm, norms.before_attention.as_ref())?,
                after_attention: parts.norm_of(BlockRole::AfterAttentionNorm, norms.after_attention.as_ref())?,
                before_mlp: parts.norm_of(BlockRole::MlpNorm, norms.before_mlp.as_ref())?,
                after_mlp: parts.norm_of(BlockRole::AfterMlpNorm, norms.after_mlp.as_ref())?,
            },
            heads: parts.heads(&spec.attention)?,
            sinks: match spec.attention.sinks {
                false => None,
                true => Some(parts.bias(BlockRole::Sinks)?),
            },
            o: parts.linear(BlockRole::Output)?,
            mlp: match &spec.mlp {
                MlpSpec::Dense(spec) => Mlp::Dense(parts.network(Network::Dense, spec.form)?),
                MlpSpec::Experts(spec) => Mlp::Experts(Experts {
                    router: parts.linear(BlockRole::Router)?,
                    correction: match spec.router.correction {
                        false => None,
                        true => Some(parts.bias(BlockRole::Correction)?),
                    },
                    experts: (0..spec.count)
                        .map(|i| parts.network(Network::Expert(i), spec.expert.form))
                        .collect::<Result<_>>()?,
                    shared: match &spec.shared {
                        None => None,
                        Some(shared) => Some(Shared {
                            expert: parts.network(Network::Shared, shared.network().form)?,
                            gate: match shared {
                                SharedSpec::Plain(_) => None,
                                SharedSpec::Gated(_) => Some(parts.linear(BlockRole::SharedGate)?),
                            },
                        }),
                    },
                    rule: rule_of(spec),
                }),
            },
        })
    }
}

/// Modules that are still to be put in their places.
struct Parts<R>(HashMap<R, Owned>);

impl<R: std::hash::Hash + Eq + std::fmt::Debug + Copy> Parts<R> {
    fn table(&mut self, role: R) -> Result<Weight> {
        match self.0.remove(&role) {
            Some(Module::Table(table)) => Ok(table),
            other => Err(misplaced(role, other)),
        }
    }

    /// What a norm has, where there is one.
    fn norm_of(&mut self, role: R, spec: Option<&NormSpec>) -> Result<Option<NormVectors>> {
        match spec {
            None => Ok(None),
            Some(spec) if spec.has_tensors() => self.norm(role).map(Some),
            Some(_) => Ok(Some(NormVectors::default())),
        }
    }

    fn bias(&mut self, role: R) -> Result<Vector> {
        match self.0.remove(&role) {
            Some(Module::Bias(bias)) => Ok(bias),
            other => Err(misplaced(role, other)),
        }
    }

    fn norm(&mut self, role: R) -> Result<NormVectors> {
        match self.0.remove(&role) {
            Some(Module::Norm(norm)) => Ok(norm),
            other => Err(misplaced(role, other)),
        }
    }

    fn linear(&mut self, role: R) -> Result<Linear> {
        match self.0.remove(&role) {
            Some(Module::Linear(linear)) => Ok(linear),
            other => Err(misplaced(role, other)),
        }
    }
}

impl Parts<Role> {
    fn head(&mut self) -> Result<HeadLayer> {
        match self.0.remove(&Role::Head) {
            Some(Module::Table(table)) => Ok(HeadLayer::Table(table)),
            Some(Module::Linear(linear)) => Ok(HeadLayer::Adapted(Box::new(linear))),
            other => Err(misplaced(Role::Head, other)),
        }
    }
}

impl Parts<BlockRole> {
    fn heads(&mut self, spec: &AttentionSpec) -> Result<HeadWeights> {
        let Some(latent) = &spec.latent else {
            let norm = spec.qk_norm.as_ref().map(|qk| &qk.norm);
            return Ok(HeadWeights::Apart(Apart {
                q: self.linear(BlockRole::Query)?,
                k: self.linear(BlockRole::Key)?,
                v: self.linear(BlockRole::Value)?,
                q_norm: self.norm_of(BlockRole::QueryNorm, norm)?,
                k_norm: self.norm_of(BlockRole::KeyNorm, norm)?,
            }));
        };
        let (q_down, query) = match latent.query_rank {
            None => (None, BlockRole::Query),
            Some(_) => {
                let down = Down {
                    linear: self.linear(BlockRole::QueryDown)?,
                    norm: self.norm(BlockRole::QueryDownNorm)?,
                };
                (Some(down), BlockRole::QueryUp)
            }
        };
        Ok(HeadWeights::Latent(Latent {
            q_down,
            q: self.linear(query)?,
            kv_down: self.linear(BlockRole::KeyValueDown)?,
            kv_norm: self.norm(BlockRole::KeyValueDownNorm)?,
            kv_up: self.linear(BlockRole::KeyValueUp)?,
        }))
    }

    fn network(&mut self, network: Network, form: NetworkForm) -> Result<FeedForward> {
        let mut linear = |projection| self.linear(BlockRole::Mlp(network, projection));
        let gate = match form {
            NetworkForm::Gated(_) | NetworkForm::Clamped { .. } => Some(linear(Projection::Gate)?),
            NetworkForm::Plain(_) => None,
        };
        Ok(FeedForward {
            gate,
            up: linear(Projection::Up)?,
            down: linear(Projection::Down)?,
            inner: inner_of(form),
        })
    }
}

/// The walk and the description of a decoder tell two stories.
fn misplaced(role: impl std::fmt::Debug, found: Option<Owned>) -> Error {
    Error::internal(format!("{role:?} of the decoder is {found:?}"))
}
