//! The weights of a merged checkpoint, one tensor at a time.
use super::Model;
use super::linear::Linear;
use super::weights::{Vector, Weight};
use crate::error::{Error, Result};
use candle_core::{DType, Tensor};

/// A weight of the model, found by name.
enum Found<'a> {
    Matrix(&'a Weight, [usize; 2]),
    Linear(&'a Linear),
    Vector(&'a Vector),
}

impl Model {
    /// The names of the weights a merged checkpoint holds, in the order of the model (no `lm_head.weight` when tied).
    pub fn weight_names(&self) -> Vec<String> {
        self.found().into_iter().map(|(name, _)| name).collect()
    }

    /// One weight of the policy with all adapters folded in (`W + sum scale B A`, computed in f32), in the dtype it was
    /// stored in. One at a time, so that a merge needs memory for one tensor only.
    pub fn merged_weight(&self, name: &str) -> Result<Tensor> {
        let (_, found) = self
            .found()
            .into_iter()
            .find(|(found, _)| found == name)
            .ok_or_else(|| Error::invalid(format!("the model has no weight `{name}`")))?;
        let tensor = match found {
            Found::Matrix(weight, shape) => weight.tensor(&self.params).reshape(&shape)?.to_dtype(stored(weight))?,
            Found::Linear(linear) => {
                let shape = (linear.output, linear.input);
                let merged = if linear.terms.is_empty() && linear.trained.is_none() {
                    linear.weight.tensor(&self.params).clone()
                } else {
                    linear.merged(&self.params)?.tensor().clone()
                };
                merged.reshape(shape)?.to_dtype(stored(&linear.weight))?
            }
            Found::Vector(vector) => {
                let dtype = match vector {
                    Vector::Frozen(_, dtype) => *dtype,
                    Vector::Trained(trained) => trained.stored,
                };
                vector.buf(&self.params).tensor().to_dtype(dtype)?
            }
        };
        Ok(tensor)
    }

    fn found(&self) -> Vec<(String, Found<'_>)> {
        let (c, w) = (&self.config, &self.weights);
        let table = [c.vocab_size, c.hidden_size];
        let mut found = vec![("model.embed_tokens.weight".to_owned(), Found::Matrix(&w.embed, table))];
        for (i, layer) in w.layers.iter().enumerate() {
            let norms = [
                ("input_layernorm", Some(&layer.input_norm)),
                ("self_attn.q_norm", layer.q_norm.as_ref()),
                ("self_attn.k_norm", layer.k_norm.as_ref()),
                ("post_attention_layernorm", Some(&layer.post_norm)),
            ];
            for (module, norm) in norms {
                found.extend(norm.map(|norm| (format!("model.layers.{i}.{module}.weight"), Found::Vector(norm))));
            }
            for linear in layer.linears() {
                found.push((format!("{}.weight", linear.path), Found::Linear(linear)));
                let bias = linear.bias.as_ref();
                found.extend(bias.map(|bias| (format!("{}.bias", linear.path), Found::Vector(bias))));
            }
        }
        found.push(("model.norm.weight".to_owned(), Found::Vector(&w.norm)));
        found.extend(
            w.head
                .as_ref()
                .map(|head| ("lm_head.weight".to_owned(), Found::Matrix(head, table))),
        );
        found
    }
}

fn stored(weight: &Weight) -> DType {
    match weight {
        Weight::Frozen(frozen) => frozen.tensor().dtype(),
        Weight::Trained(trained) => trained.stored,
    }
}
