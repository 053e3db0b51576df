//! The one walk over all modules of a decoder, in the order of [`DecoderSpec::modules`]: loading, sharing, export, and what
//! trains follow from it.
use super::experts::{Experts, Shared};
use super::linear::Linear;
use super::mlp::Mlp;
use super::routing::rule_of;
use super::swiglu::Swiglu;
use super::weights::{Layer, Vector, Weight, Weights};
use crate::error::{Error, Result};
use protocol::decoder::{
    Activation, BlockRole, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, HeadTable, MlpSpec, ModuleSpec, Network,
    NetworkForm, NetworkSpec, NormSpec, Projection, Residual, Role, SharedSpec, WeightMap,
};
use std::collections::HashMap;

/// A module of a decoder.
#[derive(Debug)]
pub enum Module<T, N, L> {
    Table(T),
    Norm(N),
    Linear(L),
}

pub type Owned = Module<Weight, Vector, Linear>;
pub type Lent<'a> = Module<&'a Weight, &'a Vector, &'a Linear>;
pub type LentMut<'a> = Module<&'a mut Weight, &'a mut Vector, &'a mut Linear>;

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
                let Self { embed, layers, norm, head } = self;
                let mut all = vec![(Role::Embedding, Module::Table(embed))];
                for (i, layer) in layers.into_iter().enumerate() {
                    let of_layer = layer.$modules().into_iter();
                    all.extend(of_layer.map(|(role, module)| (Role::Block(i, role), module)));
                }
                all.push((Role::FinalNorm, Module::Norm(norm)));
                all.extend(head.into_iter().map(|head| (Role::Head, Module::Table(head))));
                all
            }
        }

        impl Layer {
            /// Every module of the block: norms, then linear layers.
            pub fn $modules(&$($mutable)? self) -> Vec<(BlockRole, $lent<'_>)> {
                let Self { input_norm, q, k, v, o, q_norm, k_norm, post_norm, mlp } = self;
                let mut all = vec![
                    (BlockRole::AttentionNorm, Module::Norm(input_norm)),
                    (BlockRole::MlpNorm, Module::Norm(post_norm)),
                ];
                all.extend(q_norm.into_iter().map(|norm| (BlockRole::QueryNorm, Module::Norm(norm))));
                all.extend(k_norm.into_iter().map(|norm| (BlockRole::KeyNorm, Module::Norm(norm))));
                all.extend([
                    (BlockRole::Query, Module::Linear(q)),
                    (BlockRole::Key, Module::Linear(k)),
                    (BlockRole::Value, Module::Linear(v)),
                    (BlockRole::Output, Module::Linear(o)),
                ]);
                match mlp {
                    Mlp::Dense(dense) => all.extend(dense.$networks(Network::Dense)),
                    Mlp::Experts(Experts { router, experts, shared, .. }) => {
                        all.push((BlockRole::Router, Module::Linear(router)));
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

            /// Its linear layers.
            pub fn $linears(&$($mutable)? self) -> impl Iterator<Item = &$($mutable)? Linear> {
                self.$modules().into_iter().filter_map(|(_, module)| match module {
                    Module::Linear(linear) => Some(linear),
                    _ => None,
                })
            }
        }

        impl Swiglu {
            fn $networks(&$($mutable)? self, network: Network) -> [(BlockRole, $lent<'_>); 3] {
                let Self { gate, up, down } = self;
                [
                    (BlockRole::Mlp(network, Projection::Gate), Module::Linear(gate)),
                    (BlockRole::Mlp(network, Projection::Up), Module::Linear(up)),
                    (BlockRole::Mlp(network, Projection::Down), Module::Linear(down)),
                ]
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
            Module::Norm(norm) => norm.trained().is_some(),
            Module::Linear(linear) => linear.trains(),
        }
    }

    /// The same module as the reference sees it, sharing memory with what stays frozen.
    fn share(&self) -> Result<Owned> {
        Ok(match self {
            Module::Table(weight) => Module::Table(weight.share()?),
            Module::Norm(norm) => Module::Norm(norm.share()?),
            Module::Linear(linear) => Module::Linear(linear.share()?),
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
        check(decoder)?;
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
            layers: layers
                .map(|(spec, parts)| Layer::of(spec, parts))
                .collect::<Result<_>>()?,
            norm: outside.norm(Role::FinalNorm)?,
            head: match decoder.head.table {
                HeadTable::Tied => None,
                HeadTable::Own => Some(outside.table(Role::Head)?),
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
                Module::Norm(norm) => slots.push((weight, Slot::Vector(norm))),
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
        let head_norms = spec.attention.qk_norm.is_some();
        let head_norm = |parts: &mut Parts<_>, role| head_norms.then(|| parts.norm(role)).transpose();
        Ok(Self {
            input_norm: parts.norm(BlockRole::AttentionNorm)?,
            q: parts.linear(BlockRole::Query)?,
            k: parts.linear(BlockRole::Key)?,
            v: parts.linear(BlockRole::Value)?,
            o: parts.linear(BlockRole::Output)?,
            q_norm: head_norm(&mut parts, BlockRole::QueryNorm)?,
            k_norm: head_norm(&mut parts, BlockRole::KeyNorm)?,
            post_norm: parts.norm(BlockRole::MlpNorm)?,
            mlp: match &spec.mlp {
                MlpSpec::Dense(_) => Mlp::Dense(parts.network(Network::Dense)?),
                MlpSpec::Experts(spec) => Mlp::Experts(Experts {
                    router: parts.linear(BlockRole::Router)?,
                    correction: None,
                    experts: (0..spec.count)
                        .map(|i| parts.network(Network::Expert(i)))
                        .collect::<Result<_>>()?,
                    shared: match &spec.shared {
                        None => None,
                        Some(shared) => Some(Shared {
                            expert: parts.network(Network::Shared)?,
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

    fn norm(&mut self, role: R) -> Result<Vector> {
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

impl Parts<BlockRole> {
    fn network(&mut self, network: Network) -> Result<Swiglu> {
        let mut linear = |projection| self.linear(BlockRole::Mlp(network, projection));
        Ok(Swiglu {
            gate: linear(Projection::Gate)?,
            up: linear(Projection::Up)?,
            down: linear(Projection::Down)?,
        })
    }
}

/// Whether the engine computes all that a description asks for.
fn check(decoder: &DecoderSpec) -> Result<()> {
    let plain = |norm: &NormSpec| *norm == NormSpec::rms(norm.epsilon);
    let (embedding, head) = (&decoder.embedding, &decoder.head);
    if *embedding != EmbeddingSpec::plain(embedding.vocabulary, decoder.hidden) || *head != HeadSpec::plain(head.table)
    {
        return Err(not_computed("an embedding or a head that is more than a table"));
    }
    if !decoder.norm.as_ref().is_some_and(plain) {
        return Err(not_computed("another last norm than RMS norm with a weight"));
    }
    for block in &decoder.blocks {
        let norms = &block.norms;
        let none_after = norms.after_attention.is_none() && norms.after_mlp.is_none();
        if !none_after || !norms.all().into_iter().all(|(_, norm)| norm.is_none_or(plain)) {
            return Err(not_computed("norms of a block other than RMS norms before its halves"));
        }
        if block.residual != Residual::Sequential || block.branch_scale != 1.0 {
            return Err(not_computed("a block that is not sequential"));
        }
        let network = |network: &NetworkSpec| network.form == NetworkForm::Gated(Activation::Silu);
        let known = match &block.mlp {
            MlpSpec::Dense(dense) => network(dense),
            MlpSpec::Experts(experts) => network(&experts.expert) && experts.shared_network().is_none_or(network),
        };
        if !known {
            return Err(not_computed("another network than SwiGLU"));
        }
    }
    Ok(())
}

/// The error of a description that no family gives yet.
pub fn not_computed(what: &str) -> Error {
    Error::internal(format!("the engine does not compute {what}"))
}

/// The walk and the description of a decoder tell two stories.
fn misplaced(role: impl std::fmt::Debug, found: Option<Owned>) -> Error {
    Error::internal(format!("{role:?} of the decoder is {found:?}"))
}
