//! The families of decoders that are known, and the model that a `config.json` describes.

use super::keys::{Keys, OtherNames, Parsed};
use super::weight_map::WeightMap;
use super::{
    DecoderSpec, RopeType, deepseek, experts, gemma, gpt, gpt_oss, latent, layer_norm, llama, llama4, minicpm3, older,
    published, recent,
};
use crate::said::Arg;
use crate::{Said, says};
use serde_json::{Map, Value};

/// A family of decoders: one architecture of transformers, or one form of it.
#[derive(Debug)]
pub struct Family {
    /// As `architectures` in `config.json` names it.
    pub architecture: &'static str,
    /// What people call them.
    pub models: &'static str,
    /// Tells models of the same `architecture` apart whose tensors have other names.
    form: Option<Form>,
    other_names: OtherNames,
    /// Default weight of the router's auxiliary loss, where transformers has one for the family.
    pub router_loss: Option<f64>,
    /// Ways of scaling rotary positions that its modelling code has.
    pub rope_types: &'static [RopeType],
    /// The key of the length it was trained at. Does not count for decoders that handle longer texts outside training.
    bound: Option<&'static str>,
    /// LLaMA-Factory's template for most of its models, where there is one.
    pub template: Option<&'static str>,
    /// Makes a decoder of the keys of `config.json`.
    read: fn(&Keys) -> Parsed<DecoderSpec>,
    pub weights: WeightMap,
}

/// Models that share their `architecture` with others, but not the names of their tensors.
#[derive(Debug)]
struct Form {
    name: &'static str,
    /// Whether the keys are those of such a model.
    is: fn(&Keys) -> bool,
}

impl Family {
    pub(super) const fn new(
        architecture: &'static str,
        models: &'static str,
        read: fn(&Keys) -> Parsed<DecoderSpec>,
        weights: WeightMap,
    ) -> Self {
        Self {
            architecture,
            models,
            form: None,
            other_names: &[],
            router_loss: None,
            rope_types: RopeType::ALL,
            bound: None,
            template: None,
            read,
            weights,
        }
    }

    /// The same, with keys of other names.
    pub(super) const fn keys(self, other_names: OtherNames) -> Self {
        Self { other_names, ..self }
    }

    /// The same, with this default weight of the router's auxiliary loss.
    pub(super) const fn router_loss(self, default: f64) -> Self {
        Self {
            router_loss: Some(default),
            ..self
        }
    }

    /// The same, whose modelling code has only these ways of scaling rotary positions.
    pub(super) const fn rope_types(self, rope_types: &'static [RopeType]) -> Self {
        Self { rope_types, ..self }
    }

    /// The same, with a key for the length it was trained at.
    pub(super) const fn bound(self, key: &'static str) -> Self {
        Self {
            bound: Some(key),
            ..self
        }
    }

    /// The same, with LLaMA-Factory's template for most of its models.
    pub(super) const fn template(self, name: &'static str) -> Self {
        Self {
            template: Some(name),
            ..self
        }
    }

    /// The same, for those models only whose keys satisfy `is`. Must come before the others of its architecture.
    pub(super) const fn form(self, name: &'static str, is: fn(&Keys) -> bool) -> Self {
        Self {
            form: Some(Form { name, is }),
            ..self
        }
    }

    /// The name in this family's `config.json` of a key that most families call `usual`.
    pub fn key<'k>(&self, usual: &'k str, config: &Map<String, Value>) -> &'k str {
        Keys::new(config).named(self.other_names).own_name(usual)
    }

    /// Its unique name: the architecture, and the form in parentheses where there are several.
    pub fn name(&self) -> String {
        match &self.form {
            None => self.architecture.to_owned(),
            Some(form) => format!("{} ({})", self.architecture, form.name),
        }
    }
}

/// Two families are the same if their names are.
impl PartialEq for Family {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

/// A family that is known and not supported.
pub struct LeftOut {
    pub architecture: &'static str,
    pub models: &'static str,
    pub why: fn() -> Said,
}

pub const LEFT_OUT: &[LeftOut] = &[
    LeftOut {
        architecture: "YuanForCausalLM",
        models: "Yuan 2",
        why: says::yuan_left_out,
    },
    LeftOut {
        architecture: "Phi3SmallForCausalLM",
        models: "Phi-3-small",
        why: says::phi_small_left_out,
    },
];

/// All families, grouped by the module that reads them.
static FAMILY_GROUPS: [&[Family]; 13] = [
    llama::FAMILIES,
    gemma::FAMILIES,
    layer_norm::FAMILIES,
    recent::FAMILIES,
    minicpm3::FAMILIES,
    gpt::FAMILIES,
    older::FAMILIES,
    published::FAMILIES,
    experts::FAMILIES,
    deepseek::FAMILIES,
    gpt_oss::FAMILIES,
    latent::FAMILIES,
    llama4::FAMILIES,
];

/// All families; an architecture with several forms comes several times.
pub fn families() -> impl Iterator<Item = &'static Family> {
    FAMILY_GROUPS.iter().copied().flatten()
}

/// The architectures that are supported, comma-separated, for messages.
pub fn supported() -> String {
    let mut names: Vec<_> = families().map(|family| family.architecture).collect();
    names.dedup();
    names.join(", ")
}

/// Whether a tensor has the name of an embedding's or head's weight in the checkpoints of any family.
pub fn is_table(name: &str) -> bool {
    families().any(|family| family.weights.tables().iter().any(|table| table == name))
}

/// The name of the embedding's weight in the checkpoints of each family.
pub fn embedding_tables() -> impl Iterator<Item = String> {
    families().map(|family| {
        let [embedding, _] = family.weights.tables();
        embedding
    })
}

/// The family of an architecture, in its usual form.
pub fn by_architecture(name: &str) -> Option<&'static Family> {
    families().find(|family| family.architecture == name && family.form.is_none())
}

/// A model as its `config.json` describes it.
#[derive(Debug, Clone)]
pub struct ModelSpec {
    pub family: &'static Family,
    pub decoder: DecoderSpec,
    /// The longest text it was made for, in tokens; `None`: the config does not say.
    pub context: Option<usize>,
    /// Standard deviation of new random weights.
    pub initializer_range: f64,
    /// `torch_dtype` or `dtype`, as written.
    pub dtype: Option<String>,
    /// The weight of the router's auxiliary loss, where `output_router_logits` asks for it.
    pub router_loss: Option<f64>,
}

impl ModelSpec {
    /// Reads the object of a `config.json`.
    ///
    /// # Errors
    /// Anything that could not be computed exactly, and what is supported instead.
    pub fn parse(config: &Map<String, Value>) -> Parsed<Self> {
        let keys = Keys::new(config);
        let family = family(&keys)?;
        let keys = keys.named(family.other_names);
        keys.check_sizes()?;
        let decoder = (family.read)(&keys)?;
        Ok(Self {
            family,
            context: context(&keys, family, &decoder)?,
            initializer_range: keys.number("initializer_range")?.unwrap_or(0.02),
            dtype: ["dtype", "torch_dtype"]
                .iter()
                .find_map(|key| Some(keys.get(key)?.as_str()?.to_owned())),
            router_loss: family.router_loss.and_then(|usual| experts::router_loss(&keys, usual)),
            decoder,
        })
    }
}

/// The longest text a model was made for, in tokens; `None`: the config does not say.
fn context(keys: &Keys, family: &Family, decoder: &DecoderSpec) -> Parsed<Option<usize>> {
    let most = keys.optional_size("max_position_embeddings")?;
    let bound = match family.bound.filter(|_| decoder.otherwise_past().is_none()) {
        None => None,
        Some(key) => keys.optional_size(key)?,
    };
    Ok(bound.into_iter().chain(most).min())
}

pub(super) fn family(keys: &Keys) -> Parsed<&'static Family> {
    let names: Vec<&str> = keys
        .get("architectures")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let is = |family: &&Family| {
        let form = |form: &Form| (form.is)(keys);
        names.contains(&family.architecture) && family.form.as_ref().is_none_or(form)
    };
    let family = families().find(is);
    family.ok_or_else(|| {
        if let Some(left_out) = LEFT_OUT.iter().find(|left_out| names.contains(&left_out.architecture)) {
            return says::family_left_out(left_out.architecture, (left_out.why)());
        }
        if let Some(other) = names.iter().find(|name| name.ends_with("ForConditionalGeneration")) {
            return says::more_than_a_decoder(other);
        }
        let found = match names.is_empty() {
            true => Arg::from(says::no_architecture()),
            false => names.join(", ").into(),
        };
        says::other_architecture(found, supported())
    })
}

/// Serializes a family as its name.
pub(crate) mod by_name {
    use super::{Family, families};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(family: &'static Family, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&family.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<&'static Family, D::Error> {
        let name = String::deserialize(from)?;
        families()
            .find(|family| family.name() == name)
            .ok_or_else(|| serde::de::Error::custom(format!("no family is called {name}")))
    }
}
