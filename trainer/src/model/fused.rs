//! Adapters on modules that checkpoints keep as one and that are several layers here: the layers share `A`, each has rows of
//! `B`.
use super::LoraPair;
use super::adapter::{Init, Part};
use super::linear::Linear;
use crate::error::{Error, Result};
use candle_core::Tensor;
use protocol::says;

/// What a layer has of its module's pair.
///
/// # Errors
/// The pair does not fit the module.
pub fn part_of_pair(linear: &Linear, pair: &LoraPair) -> Result<LoraPair> {
    let Some(part) = &linear.part else {
        return Ok(pair.clone());
    };
    let (first, count, of) = (part.rows.first, part.rows.count, part.rows.of);
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
    let rows = |tensor: &Tensor| Ok::<_, Error>(tensor.narrow(0, first, count)?.contiguous()?);
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

/// The pair of a module of which one more layer's rows are at hand.
pub fn joined(before: Option<LoraPair>, pair: LoraPair) -> Result<LoraPair> {
    let Some(before) = before else { return Ok(pair) };
    let magnitude = match (&before.magnitude, &pair.magnitude) {
        (Some(before), Some(own)) => Some(Tensor::cat(&[before.flatten_all()?, own.flatten_all()?], 0)?),
        _ => None,
    };
    Ok(LoraPair {
        a: before.a,
        b: Tensor::cat(&[&before.b, &pair.b], 0)?,
        magnitude,
    })
}

/// An adapter that starts as a part of the weights would be of another start in each layer.
pub fn suits(linear: &Linear, init: Init) -> Result<()> {
    match (&linear.part, init) {
        (None, _) | (_, Init::Zero) => Ok(()),
        _ => Err(Error::invalid(says::fused_start(&linear.module))),
    }
}
