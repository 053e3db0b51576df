//! Run-length encoding of a decoder's blocks, for sending: equal consecutive blocks as one, with their number.

use super::BlockSpec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Blocks that are read, at most: a small input must not become a huge list.
const MAX_BLOCKS: usize = 1 << 12;

/// Equal consecutive blocks.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    pub count: usize,
    pub block: BlockSpec,
}

pub fn serialize<S: Serializer>(blocks: &[BlockSpec], to: S) -> Result<S::Ok, S::Error> {
    let equal = blocks.chunk_by(|a, b| a == b);
    let run = |blocks: &[BlockSpec]| {
        let block = blocks.first()?.clone();
        Some(Run {
            count: blocks.len(),
            block,
        })
    };
    to.collect_seq(equal.filter_map(run))
}

pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<BlockSpec>, D::Error> {
    let runs = Vec::<Run>::deserialize(from)?;
    let blocks = runs.iter().map(|run| run.count).fold(0usize, usize::saturating_add);
    if blocks > MAX_BLOCKS {
        return Err(serde::de::Error::custom(format!(
            "{blocks} blocks are more than any decoder has"
        )));
    }
    let repeated = runs
        .into_iter()
        .flat_map(|run| std::iter::repeat_n(run.block, run.count));
    Ok(repeated.collect())
}
