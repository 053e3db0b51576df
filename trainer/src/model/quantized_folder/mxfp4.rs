//! GPT-OSS's experts as published: the tensors of one of them.
use crate::error::Result;
use crate::model::store::Store;
use crate::model::weights::Frozen;
use crate::quant::{Packed, mxfp4};
use candle_core::DType;
use protocol::decoder::{Rows, Stack};
use protocol::says;
use safetensors::Dtype;
use std::sync::Arc;

/// Rows of one expert's matrix, of a tensor of all experts that the folder has as blocks and scales. `dtype`: the model's.
///
/// # Errors
/// The tensors are not of this shape and kind.
pub fn read(store: &Store, tensor: &str, stack: Stack, rows: Rows, input: usize, dtype: DType) -> Result<Frozen> {
    let groups = input / mxfp4::GROUP;
    let part = |end: &str, shape: &[usize]| {
        let name = format!("{tensor}_{end}");
        let raw = store.raw_row(&name, stack.index)?;
        if raw.dtype != Dtype::U8 {
            return Err(store.bad(&name, says::other_kind(format!("{:?}", raw.dtype), "U8")));
        }
        if raw.shape != shape {
            let (got, wanted) = (format!("{:?}", raw.shape), format!("{shape:?}"));
            return Err(store.bad(&name, says::other_shape(got, wanted)));
        }
        Ok(raw.bytes)
    };
    let blocks = part("blocks", &[stack.of, rows.of, groups, mxfp4::BYTES])?;
    let scales = part("scales", &[stack.of, rows.of, groups])?;
    let own: Vec<usize> = rows.starts().flat_map(|start| start..start + rows.run).collect();
    let read = mxfp4::read(
        &blocks,
        &scales,
        &own,
        mxfp4::Shape {
            rows: rows.of,
            columns: input,
        },
    );
    let read = read.map_err(|why| store.bad(&format!("{tensor}_blocks"), why))?;
    Ok(Frozen::Packed(Arc::new(Packed::Gguf(read)), dtype))
}
