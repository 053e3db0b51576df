//! How a card cuts attention: tiles of queries, and tiles of keys with the segments that see them, so that one block sums all
//! that a key's gradient is made of.
use crate::plan::Segment;
use std::cmp::Reverse;

/// Queries or keys of a tile, at most; `LISTED` of the kernels.
pub const TILE: usize = 64;
/// Queries of a segment that are taken one by one, as in decoding.
const FEW: usize = 8;

/// Lists of records, flat, as the kernels' structures of the same fields read them. What takes longest stands first.
#[derive(Debug, Default, PartialEq)]
pub struct Tiles {
    /// `[tiles, 2]`: segment and first row; those of segments with more than a few queries stand first
    pub queries: Vec<u32>,
    /// how many of `queries` those are
    pub long: usize,
    /// `[rows, 2]`: segment and row of the other segments
    pub few: Vec<u32>,
    /// `[tiles, 4]`: first key, how many, and from where to where their visits are
    pub keys: Vec<u32>,
    /// `[visits, 2]`: a segment that sees a tile, and the column that the tile's first key has there
    pub visits: Vec<u32>,
}

/// Keys that stand one behind the other in a segment's columns.
struct Piece {
    start: usize,
    end: usize,
    segment: usize,
    column: usize,
}

impl Tiles {
    pub fn of(groups: &[Vec<Segment>]) -> Self {
        let mut tiles = Self::default();
        let mut before = 0;
        let mut queries: Vec<((bool, Reverse<usize>), [usize; 2])> = vec![];
        let mut keys: Vec<(usize, KeyTile)> = vec![];
        for group in groups {
            for (index, segment) in (before..).zip(group) {
                let few = segment.len <= FEW;
                if few {
                    let rows = (0..segment.len).flat_map(|row| [index, row]);
                    tiles.few.extend(rows.map(|n| n as u32));
                }
                let context: usize = segment.context.iter().map(ExactSizeIterator::len).sum();
                queries.extend((0..segment.len).step_by(TILE).map(|start| {
                    let end = segment.len.min(start + TILE);
                    ((few, Reverse((end - start) * (context + end))), [index, start])
                }));
            }
            key_tiles(group, before, &mut keys);
            before += group.len();
        }
        queries.sort_by_key(|(order, _)| *order);
        tiles.long = queries.iter().filter(|((few, _), _)| !few).count();
        keys.sort_by_key(|(work, _)| Reverse(*work));
        tiles.queries = queries
            .into_iter()
            .flat_map(|(_, tile)| tile)
            .map(|n| n as u32)
            .collect();
        for (_, tile) in keys {
            let first = tiles.visits.len() / 2;
            tiles.visits.extend(tile.visits.iter().flatten().map(|&n| n as u32));
            let place = [tile.key, tile.count, first, first + tile.visits.len()];
            tiles.keys.extend(place.map(|n| n as u32));
        }
        tiles
    }
}

struct KeyTile {
    key: usize,
    count: usize,
    /// segment and column
    visits: Vec<[usize; 2]>,
}

/// Adds the tiles of a group's keys, each with its work: between two places where some segment's sight begins or ends, all
/// keys are seen by the same segments.
fn key_tiles(group: &[Segment], before: usize, tiles: &mut Vec<(usize, KeyTile)>) {
    let mut pieces = vec![];
    for (index, segment) in group.iter().enumerate().filter(|(_, segment)| segment.len > 0) {
        let own = segment.key..segment.key + segment.len;
        let mut column = 0;
        for range in segment.context.iter().chain([&own]) {
            pieces.push(Piece {
                start: range.start,
                end: range.end,
                segment: index,
                column,
            });
            column += range.len();
        }
    }
    let mut places: Vec<usize> = pieces.iter().flat_map(|piece| [piece.start, piece.end]).collect();
    places.sort_unstable();
    places.dedup();
    for stretch in places.windows(2) {
        let (start, end) = (stretch[0], stretch[1]);
        let seen = || pieces.iter().filter(|piece| piece.start <= start && end <= piece.end);
        if seen().next().is_none() {
            continue;
        }
        for key in (start..end).step_by(TILE) {
            let count = TILE.min(end - key);
            let visits: Vec<_> = seen()
                .map(|piece| [before + piece.segment, piece.column + key - piece.start])
                .collect();
            let work = count * seen().map(|piece| group[piece.segment].len).sum::<usize>();
            tiles.push((work, KeyTile { key, count, visits }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(query: usize, len: usize, context: Vec<std::ops::Range<usize>>) -> Segment {
        Segment {
            query,
            key: query,
            len,
            context,
        }
    }

    #[test]
    fn a_shared_prompt_is_visited_by_all_that_see_it() {
        let group = vec![
            segment(0, 100, vec![]),
            segment(100, 10, vec![0..100]),
            segment(110, 3, vec![0..100]),
            segment(113, 0, vec![0..100]),
        ];
        let tiles = Tiles::of(&[vec![], group]);
        assert_eq!((&tiles.queries[..], tiles.long), (&[0, 0, 0, 64, 1, 0, 2, 0][..], 3));
        assert_eq!(tiles.few, [2, 0, 2, 1, 2, 2]);
        let keys = [[0, 64, 0, 3], [64, 36, 3, 6], [100, 10, 6, 7], [110, 3, 7, 8]];
        assert_eq!(tiles.keys, keys.as_flattened());
        let visits = [[0, 0], [1, 0], [2, 0], [0, 64], [1, 64], [2, 64], [1, 100], [2, 100]];
        assert_eq!(tiles.visits, visits.as_flattened());
    }

    /// A segment cut behind its first rows has those as context, the last of it.
    #[test]
    fn keys_are_cut_where_sight_begins_and_ends() {
        let cut = Segment {
            query: 0,
            key: 5,
            len: 4,
            context: vec![20..22, 0..5],
        };
        let tiles = Tiles::of(&[vec![cut]]);
        let keys = [[0, 5, 0, 1], [5, 4, 1, 2], [20, 2, 2, 3]];
        assert_eq!(tiles.keys, keys.as_flattened());
        assert_eq!(tiles.visits, [0, 2, 0, 7, 0, 0]);
    }

    #[test]
    fn no_segment_no_tile() {
        assert_eq!(Tiles::of(&[]), Tiles::default());
        assert_eq!(Tiles::of(&[vec![], vec![segment(4, 0, vec![0..4])]]), Tiles::default());
    }
}
