//! From a model's own weights to the tensors of a file: which lie together, in which order, turned or with 1 added.
use super::kinds::{Format, Kind};
use super::writer::{Planned, Writer};
use crate::error::{Error, Result};
use crate::model::{Model, Own};
use crate::quant::gguf_names::{Names, Part, Place, values_beside};
use protocol::Said;
use protocol::says;
use std::collections::HashMap;

/// The tensors of a file, and what their numbers are taken from.
pub struct Plan<'a> {
    pub tensors: Vec<Planned>,
    /// of each tensor
    pieces: Vec<Vec<Piece<'a>>>,
}

/// Numbers that stand together in a tensor.
struct Piece<'a> {
    /// what stands before it, in its own unit: rows, experts
    at: usize,
    numbers: Numbers<'a>,
}

enum Numbers<'a> {
    Weight {
        own: &'a Own<'a>,
        place: Place,
        half: Half,
    },
    /// What no weight of the model is.
    Table(Vec<f32>),
}

/// Which of a head's rows a tensor has, where keys and values are kept apart.
#[derive(Clone, Copy)]
enum Half {
    Both,
    Keys,
    Values,
}

impl<'a> Plan<'a> {
    /// `tables` are vectors that stand in front of the weights.
    pub fn new(names: &Names, own: &'a [Own<'a>], tables: Vec<(&'static str, Vec<f32>)>) -> Result<Self> {
        let mut plan = Self {
            tensors: vec![],
            pieces: vec![],
        };
        let mut known = HashMap::new();
        for (name, table) in tables {
            plan.tensors.push(planned(name.to_owned(), vec![table.len()]));
            plan.pieces.push(vec![Piece {
                at: 0,
                numbers: Numbers::Table(table),
            }]);
        }
        for own in own {
            let place = names.place(&own.name, &|tensor| names.writes(tensor));
            let place = place.ok_or_else(|| Error::invalid(says::gguf_no_place(&own.name, names.architecture)))?;
            plan.add(own, place, &mut known);
        }
        for pieces in &mut plan.pieces {
            pieces.sort_by_key(|piece| piece.at);
        }
        Ok(plan)
    }

    fn add(&mut self, own: &'a Own<'a>, place: Place, known: &mut HashMap<String, usize>) {
        let tail = own.shape.get(1..).unwrap_or_default();
        let with = |first: &[usize]| [first, tail].concat();
        let rows = own.shape.first().copied().unwrap_or(1);
        let mut put = |name: String, shape: Vec<usize>, at: usize, half: Half| {
            let tensors = &mut self.tensors;
            let pieces = &mut self.pieces;
            let n = *known.entry(name.clone()).or_insert_with(|| {
                tensors.push(planned(name, shape));
                pieces.push(vec![]);
                tensors.len() - 1
            });
            let place = place.clone();
            pieces[n].push(Piece {
                at,
                numbers: Numbers::Weight { own, place, half },
            });
        };
        match place.part {
            // one number of a token: transformers reads a vector alone, llama.cpp both
            Part::Whole if place.tensor.ends_with("ffn_gate_inp_shexp.weight") => {
                put(place.tensor.clone(), tail.to_vec(), 0, Half::Both);
            }
            Part::Whole => put(place.tensor.clone(), own.shape.clone(), 0, Half::Both),
            Part::Rows { first, of, .. } => put(place.tensor.clone(), with(&[of]), first, Half::Both),
            Part::Expert { index, count } => put(place.tensor.clone(), with(&[count, rows]), index, Half::Both),
            Part::ExpertRows {
                index,
                count,
                first,
                of,
            } => {
                put(place.tensor.clone(), with(&[count, of]), index * of + first, Half::Both);
            }
            Part::Heads { heads, keys, values } => {
                let rank = tail.first().copied().unwrap_or(1);
                put(place.tensor.clone(), vec![heads, rank, keys], 0, Half::Keys);
                put(values_beside(&place.tensor), vec![heads, values, rank], 0, Half::Values);
            }
        }
    }

    /// Gives each tensor the type that it has in a file of this format, and tells which have another than the format's.
    pub fn choose(&mut self, format: Format, names: &Names) -> Option<Said> {
        format.choose(names.architecture, names.decoder, &mut self.tensors)
    }

    /// Writes the tables in front, and gives how many they are.
    pub fn write_tables(&self, to: &mut Writer) -> Result<usize> {
        let tables = self.pieces.iter().map_while(|pieces| match &pieces[..] {
            [
                Piece {
                    numbers: Numbers::Table(table),
                    ..
                },
            ] => Some(table),
            _ => None,
        });
        let mut count = 0;
        for table in tables {
            to.write(&Kind::F32.encode(table, table.len())?)?;
            count += 1;
        }
        to.flush()?;
        Ok(count)
    }

    /// Writes the tensors behind the first `done`, one weight of the model at a time; `progress` is told how many are done.
    pub fn write(
        &self,
        done: usize,
        model: &Model,
        to: &mut Writer,
        mut progress: impl FnMut(usize, usize) -> Result<()>,
    ) -> Result<()> {
        let all = self.tensors.iter().zip(&self.pieces).enumerate();
        for (n, (tensor, pieces)) in all.skip(done) {
            let columns = tensor.shape.last().copied().unwrap_or(1);
            for piece in pieces {
                let values = piece.values(model)?;
                if let Numbers::Weight { own, .. } = &piece.numbers
                    && !tensor.kind.holds(&values)
                {
                    return Err(Error::invalid(says::weight_past_f16(&own.name)));
                }
                to.write(&tensor.kind.encode(&values, columns)?)?;
            }
            progress(n + 1, self.tensors.len())?;
        }
        Ok(())
    }
}

impl Piece<'_> {
    fn values(&self, model: &Model) -> Result<Vec<f32>> {
        let (own, place, half) = match &self.numbers {
            Numbers::Table(table) => return Ok(table.clone()),
            Numbers::Weight { own, place, half } => (own, place, half),
        };
        let mut values = model.own_values(own)?;
        if let Some(heads) = place.turned {
            let rows = own.shape.first().copied().unwrap_or(1);
            values = turned(&values, rows, heads);
        }
        if place.one_more {
            values.iter_mut().for_each(|value| *value += 1.0);
        }
        match (half, place.part) {
            (Half::Both, _) => Ok(values),
            (
                half,
                Part::Heads {
                    heads,
                    keys,
                    values: others,
                },
            ) => Ok(of_heads(*half, &values, [heads, keys, others])),
            _ => Err(Error::internal("heads are apart whose tensors are not")),
        }
    }
}

fn planned(name: String, shape: Vec<usize>) -> Planned {
    let kind = Kind::F32;
    Planned { name, shape, kind }
}

/// Rows of `[heads, 2, half]` in the order `[heads, half, 2]` (llama.cpp's `permute`).
fn turned(values: &[f32], rows: usize, heads: usize) -> Vec<f32> {
    let (width, half) = (values.len() / rows.max(1), rows / heads.max(1) / 2);
    let mut out = Vec::with_capacity(values.len());
    for head in 0..heads {
        for i in 0..half {
            for side in 0..2 {
                let row = head * 2 * half + side * half + i;
                out.extend_from_slice(&values[row * width..(row + 1) * width]);
            }
        }
    }
    out
}

/// Of `[heads, keys + values, rank]` the rows of keys with rows and columns in each other's place, or those of values.
fn of_heads(half: Half, all: &[f32], [heads, keys, values]: [usize; 3]) -> Vec<f32> {
    let rank = all.len() / (heads * (keys + values)).max(1);
    let mut out = vec![];
    for head in all.chunks_exact((keys + values) * rank) {
        let (of_keys, of_values) = head.split_at(keys * rank);
        match half {
            Half::Values => out.extend_from_slice(of_values),
            _ => (0..rank).for_each(|column| out.extend((0..keys).map(|row| of_keys[row * rank + column]))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_head_come_side_by_side() {
        assert_eq!(
            turned(&[0., 1., 2., 3., 4., 5., 6., 7.], 8, 2),
            [0., 2., 1., 3., 4., 6., 5., 7.]
        );
    }

    #[test]
    fn keys_of_a_head_are_turned_and_values_are_not() {
        // one head of two keys and one value, of rank two
        let all = [1., 2., 3., 4., 5., 6.];
        assert_eq!(of_heads(Half::Keys, &all, [1, 2, 1]), [1., 3., 2., 4.]);
        assert_eq!(of_heads(Half::Values, &all, [1, 2, 1]), [5., 6.]);
    }
}
