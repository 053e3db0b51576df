//! Modules that checkpoints keep as one and that are several layers here: which rows are whose. Of an adapter on one, the
//! layers share `A`, each has rows of `B`.
use super::LoraPair;
use super::adapter::{Init, Part};
use super::linear::Linear;
use crate::error::{Error, Result};
use candle_core::Tensor;
use protocol::decoder::Rows;
use protocol::says;

/// Some of a tensor's rows, one behind the other.
pub fn take_rows(tensor: &Tensor, rows: Rows) -> Result<Tensor> {
    let runs = rows.starts().map(|start| tensor.narrow(0, start, rows.run));
    let runs = runs.collect::<candle_core::Result<Vec<_>>>()?;
    match &runs[..] {
        [one] => Ok(one.contiguous()?),
        several => Ok(Tensor::cat(several, 0)?),
    }
}

/// The tensor whose rows these are.
pub fn join_rows(parts: &[(Rows, Tensor)]) -> Result<Tensor> {
    let mut runs = vec![];
    for (rows, tensor) in parts {
        for (i, start) in rows.starts().enumerate() {
            runs.push((start, tensor.narrow(0, i * rows.run, rows.run)?));
        }
    }
    runs.sort_by_key(|(start, _)| *start);
    let runs: Vec<Tensor> = runs.into_iter().map(|(_, run)| run).collect();
    Ok(Tensor::cat(&runs, 0)?)
}

/// What a layer has of its module's pair.
///
/// # Errors
/// The pair does not fit the module.
pub fn part_of_pair(linear: &Linear, pair: &LoraPair) -> Result<LoraPair> {
    let Some(part) = &linear.part else {
        return Ok(pair.clone());
    };
    let of = part.rows.of;
    let lengths = pair.magnitude.as_ref().map_or(of, Tensor::elem_count);
    if pair.b.dims().first() != Some(&of) || lengths != of {
        let (a, b) = (format!("{:?}", pair.a.dims()), format!("{:?}", pair.b.dims()));
        return Err(Error::invalid(says::adapter_shapes(
            &linear.module,
            a,
            b,
            of,
            linear.input,
        )));
    }
    let rows = |tensor: &Tensor| take_rows(tensor, part.rows);
    Ok(LoraPair {
        a: pair.a.clone(),
        b: rows(&pair.b)?,
        magnitude: pair
            .magnitude
            .as_ref()
            .map(|lengths| rows(&lengths.flatten_all()?))
            .transpose()?,
    })
}

/// Calls `visit` with what a layer has of its module's part of an adapter.
pub fn with_part(
    linear: &mut Linear,
    part: Part,
    visit: &mut impl FnMut(&mut Linear, Part) -> Result<()>,
) -> Result<()> {
    match part {
        Part::Pair(pair) if linear.part.is_some() => {
            let own = part_of_pair(linear, pair)?;
            visit(linear, Part::Pair(&own))
        }
        part => visit(linear, part),
    }
}

/// The pair of a module whose layers have these, each with the rows it is of the module where it isn't all.
pub fn joined(parts: Vec<(Option<Rows>, LoraPair)>) -> Result<LoraPair> {
    let mut parts = parts.into_iter();
    let (rows, first) = parts.next().ok_or_else(|| Error::internal("a module has no layer"))?;
    let Some(rows) = rows else { return Ok(first) };
    let mut b = vec![(rows, first.b)];
    let mut lengths: Vec<(Rows, Tensor)> = vec![];
    let flat = |tensor: Tensor| Ok::<_, Error>(tensor.flatten_all()?);
    lengths.extend(first.magnitude.map(flat).transpose()?.map(|own| (rows, own)));
    for (rows, pair) in parts {
        let rows = rows.ok_or_else(|| Error::internal("a layer is all of its module, and not alone in it"))?;
        b.push((rows, pair.b));
        lengths.extend(pair.magnitude.map(flat).transpose()?.map(|own| (rows, own)));
    }
    Ok(LoraPair {
        a: first.a,
        b: join_rows(&b)?,
        magnitude: match lengths.is_empty() {
            true => None,
            false => Some(join_rows(&lengths)?),
        },
    })
}

/// An adapter that starts as a part of the weights would be of another start in each layer.
pub fn suits(linear: &Linear, init: Init) -> Result<()> {
    match (&linear.part, init) {
        (None, _) | (_, Init::Zero) => Ok(()),
        _ => Err(Error::invalid(says::fused_start(&linear.module))),
    }
}
