//! The model's own weights, each by itself: layers apart that checkpoints keep in one tensor.
use super::Model;
use super::export::Found;
use super::modules::Module;
use crate::error::Result;
use candle_core::DType;

/// A weight under the name that it has where it trains.
pub struct Own<'a> {
    pub name: String,
    /// Rows first; norms of several heads have a row for each.
    pub shape: Vec<usize>,
    found: Found<'a>,
}

impl Model {
    /// All of them, in the order of the model.
    pub fn own_weights(&self) -> Vec<Own<'_>> {
        let names = &self.decoder.config.family.weights;
        let mut all = vec![];
        for (role, module) in self.decoder.weights.modules() {
            let path = names.path(role);
            let mut add = |name: String, shape: Vec<usize>, found| all.push(Own { name, shape, found });
            match module {
                Module::Table(weight) => {
                    let shape = self.table_shape(role);
                    add(format!("{path}.weight"), shape.to_vec(), Found::Matrix(weight, shape));
                }
                Module::Norm(norm) => {
                    let heads = names
                        .head_norm(&self.decoder.config.decoder, role)
                        .map(|norm| norm.heads);
                    for (kind, vector) in [("weight", &norm.weight), ("bias", &norm.bias)] {
                        let Some(vector) = vector else { continue };
                        let count = vector.buf(&self.trained.params).capacity();
                        let shape = match heads {
                            Some(heads) => vec![heads, count / heads.max(1)],
                            None => vec![count],
                        };
                        add(format!("{path}.{kind}"), shape, Found::Vector(vector));
                    }
                }
                Module::Bias(bias) => {
                    let count = bias.buf(&self.trained.params).capacity();
                    add(names.vector(role), vec![count], Found::Vector(bias));
                }
                Module::Linear(linear) => {
                    let shape = vec![linear.output, linear.input];
                    add(format!("{path}.weight"), shape, Found::Linear(linear));
                    if let Some(bias) = &linear.bias {
                        add(format!("{path}.bias"), vec![linear.output], Found::Bias(bias, linear));
                    }
                }
            }
        }
        all
    }

    /// What one is worth with all adapters folded in, flat, row by row.
    pub fn own_values(&self, own: &Own) -> Result<Vec<f32>> {
        let tensor = self.worth(&own.found)?;
        Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?)
    }
}
