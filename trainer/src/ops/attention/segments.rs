//! Who may look at whom, as arrays on the device: for bodies on the CPU the segments of a plan, for a card also how its blocks
//! share the work.
use super::tiles::Tiles;
use crate::error::Result;
use crate::ops::{Buf, IndexArrays, IndexRange, View};
use crate::plan::Segment;

/// Numbers of a segment in its array.
const FIELDS: usize = 6;

/// The segments of a plan.
#[derive(Clone, Copy, Debug)]
pub struct Segments<'a> {
    /// `[groups + 1]`, where each group's segments start
    pub(super) groups: View<'a>,
    /// `[segments, 6]`: first query, first key of its own, length, where its ranges in `context` begin and end, and how many
    /// keys they are
    pub(super) segments: View<'a>,
    /// `[ranges, 2]`: the first key of each context range, and the one behind its last
    pub(super) context: View<'a>,
    pub(super) tiles: TileViews<'a>,
}

/// [`Tiles`] on the device.
#[derive(Clone, Copy, Debug)]
pub(super) struct TileViews<'a> {
    pub queries: View<'a>,
    pub keys: View<'a>,
    pub visits: View<'a>,
    pub few: View<'a>,
    pub count: TileCount,
}

/// How many of each there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct TileCount {
    pub queries: usize,
    /// those of `queries` that are of long segments, which stand first
    pub long: usize,
    pub keys: usize,
    pub few: usize,
}

/// Where these arrays lie among others.
#[derive(Clone, Debug)]
pub struct SegmentRanges {
    groups: IndexRange,
    segments: IndexRange,
    context: IndexRange,
    queries: IndexRange,
    keys: IndexRange,
    visits: IndexRange,
    few: IndexRange,
    count: TileCount,
}

impl SegmentRanges {
    pub fn lay_out(groups: &[Vec<Segment>], arrays: &mut IndexArrays) -> Self {
        let (mut starts, mut segments, mut context) = (vec![0], vec![], vec![]);
        for segment in groups.iter().flatten() {
            let first = context.len() / 2;
            context.extend(
                segment
                    .context
                    .iter()
                    .flat_map(|range| [range.start as u32, range.end as u32]),
            );
            let keys = segment.context.iter().map(ExactSizeIterator::len).sum();
            let fields = [segment.query, segment.key, segment.len, first, context.len() / 2, keys];
            segments.extend(fields.map(|n| n as u32));
        }
        let mut before = 0;
        starts.extend(groups.iter().map(|group| {
            before += group.len() as u32;
            before
        }));
        let tiles = Tiles::of(groups);
        Self {
            groups: arrays.push(starts),
            segments: arrays.push(segments),
            context: arrays.push(context),
            count: TileCount {
                queries: tiles.queries.len() / 2,
                long: tiles.long,
                keys: tiles.keys.len() / 4,
                few: tiles.few.len() / 2,
            },
            queries: arrays.push(tiles.queries),
            keys: arrays.push(tiles.keys),
            visits: arrays.push(tiles.visits),
            few: arrays.push(tiles.few),
        }
    }

    pub fn of<'a>(&self, sent: &'a Buf) -> Segments<'a> {
        Segments {
            groups: self.groups.of(sent),
            segments: self.segments.of(sent),
            context: self.context.of(sent),
            tiles: TileViews {
                queries: self.queries.of(sent),
                keys: self.keys.of(sent),
                visits: self.visits.of(sent),
                few: self.few.of(sent),
                count: self.count,
            },
        }
    }
}

impl Segments<'_> {
    /// As a body on the CPU reads them.
    pub(super) fn groups(self) -> Result<Vec<Vec<Segment>>> {
        let starts: &[u32] = self.groups.get()?;
        let context: &[u32] = self.context.get()?;
        let segments = self.segments.u32()?.chunks_exact(FIELDS).map(|segment| {
            let [query, key, len, first, end] = [0, 1, 2, 3, 4].map(|i| segment[i] as usize);
            let ranges = context[2 * first..2 * end].chunks_exact(2);
            Segment {
                query,
                key,
                len,
                context: ranges.map(|range| range[0] as usize..range[1] as usize).collect(),
            }
        });
        let segments: Vec<Segment> = segments.collect();
        let group = |bounds: &[u32]| segments[bounds[0] as usize..bounds[1] as usize].to_vec();
        Ok(starts.windows(2).map(group).collect())
    }
}
