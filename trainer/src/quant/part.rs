//! Some of the rows of a quantized matrix: layers that a folder keeps in one tensor, taken apart.
use super::Packed;
use super::bnb4::{self, Bnb4, Scales};
use super::gguf::Blocks;
use super::grouped::{Codes, Grouped, Sharing, Worth};
use super::int8::Int8;

/// Rows of a matrix: runs of neighbours.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    /// the first row of each run
    pub starts: &'a [usize],
    /// rows of a run
    pub run: usize,
    /// of a row
    pub columns: usize,
}

impl Runs<'_> {
    fn count(&self) -> usize {
        self.starts.len() * self.run
    }

    fn rows(&self) -> impl Iterator<Item = usize> {
        self.starts.iter().flat_map(|&start| start..start + self.run)
    }

    /// Of a list that has so many entries a row, those of these rows.
    fn of<T: Copy>(&self, list: &[T], each: usize) -> Vec<T> {
        let runs = self.starts.iter().map(|start| &list[start * each..][..self.run * each]);
        runs.flatten().copied().collect()
    }
}

impl Packed {
    /// The same values of these rows, packed as they were; `None` where a run begins or ends within values that share a scale
    /// in a way that the format can't say of a part.
    pub fn part(&self, runs: Runs) -> Option<Self> {
        let last = runs.starts.iter().max()? + runs.run;
        if last * runs.columns > self.len() {
            return None;
        }
        match self {
            Self::Bnb4(w) => bnb4(w, runs).map(Self::Bnb4),
            Self::Int8(w) => Some(Self::Int8(Int8 {
                codes: runs.of(&w.codes, runs.columns),
                scales: runs.of(&w.scales, 1),
                columns: runs.columns,
            })),
            Self::Grouped(w) => grouped(w, runs).map(Self::Grouped),
            Self::Aqlm(w) => w.part(runs.starts, runs.run).map(Self::Aqlm),
            Self::Gguf(w) => gguf(w, runs).map(Self::Gguf),
        }
    }
}

/// Blocks run over rows: each run is whole blocks.
fn bnb4(w: &Bnb4, runs: Runs) -> Option<Bnb4> {
    let len = runs.count() * runs.columns;
    let whole = |values: usize| values.is_multiple_of(w.block);
    if !runs.starts.iter().all(|start| whole(start * runs.columns)) {
        return None;
    }
    if runs.starts.len() > 1 && !whole(runs.run * runs.columns) {
        return None;
    }
    // scales of scales are in blocks of their own, which may begin elsewhere
    let (mut scales, mut codes) = (vec![], vec![]);
    for start in runs.starts {
        let (start, count) = (start * runs.columns, runs.run * runs.columns);
        let first = start / w.block;
        scales.extend((first..first + count.div_ceil(w.block)).map(|block| w.scale(block)));
        codes.extend_from_slice(&w.codes[start / 2..(start + count).div_ceil(2)]);
    }
    let code = w.code();
    let stored = bnb4::Stored {
        codes,
        len,
        code: &code,
        kind: w.kind(),
        scales: Scales::Plain(scales),
        block: w.block,
    };
    Bnb4::new(stored).ok()
}

fn gguf(w: &Blocks, runs: Runs) -> Option<Blocks> {
    let (values, size) = w.coding().block();
    let bytes = runs.of(&w.bytes, runs.columns / values * size);
    Blocks::new(w.coding(), bytes, runs.count(), runs.columns).ok()
}

fn grouped(w: &Grouped, runs: Runs) -> Option<Grouped> {
    let (columns, groups) = (w.columns, w.groups());
    let of_rows = |rows: std::ops::Range<usize>| rows.start * groups..rows.end * groups;
    let (of, sharing): (Vec<usize>, _) = match (&w.sharing, runs.starts) {
        (Sharing::Tiles { rows, columns }, &[first]) if first.is_multiple_of(*rows) => (
            of_rows(first / rows..(first + runs.run).div_ceil(*rows)).collect(),
            Sharing::Tiles {
                rows: *rows,
                columns: *columns,
            },
        ),
        (Sharing::Tiles { rows, columns }, _) => (
            runs.rows()
                .flat_map(|row| of_rows(row / rows..row / rows + 1))
                .collect(),
            Sharing::Tiles {
                rows: 1,
                columns: *columns,
            },
        ),
        (Sharing::Order(order), _) => (
            runs.rows().flat_map(|row| of_rows(row..row + 1)).collect(),
            Sharing::Order(order.clone()),
        ),
        (Sharing::Runs(run), starts) => {
            let whole = |values: usize| values.is_multiple_of(*run);
            if !whole(runs.run * columns) || !starts.iter().all(|start| whole(start * columns)) {
                return None;
            }
            let each = runs.run * columns / run;
            // of one run of rows the scales go round and round as before
            let count = if starts.len() == 1 {
                each.min(w.scales.len())
            } else {
                each
            };
            let scales = starts
                .iter()
                .flat_map(|start| start * columns / run..start * columns / run + count);
            (scales.map(|i| i % w.scales.len()).collect(), w.sharing.clone())
        }
    };
    let rows: Vec<usize> = runs.rows().collect();
    let code = |row: usize, column: usize| w.codes.get(rows[row] * columns + column);
    Some(Grouped {
        name: w.name(),
        rows: rows.len(),
        columns,
        codes: Codes::pack(w.codes.bits, rows.len() * columns, columns, &code),
        worth: match &w.worth {
            Worth::Whole(zeros) => Worth::Whole(of.iter().map(|&i| zeros[i]).collect()),
            Worth::Real(zeros) => Worth::Real(of.iter().map(|&i| zeros[i]).collect()),
            Worth::Table(table) => Worth::Table(table.clone()),
        },
        scales: of.iter().map(|&i| w.scales[i]).collect(),
        sharing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::bnb4::Kind;
    use crate::quant::gguf::Coding;
    use crate::quant::grouped::Parts;
    use crate::quant::tests::normal;

    #[test]
    fn a_part_has_the_values_of_its_rows() {
        let (rows, columns) = (24, 32);
        let values = normal(rows * columns, 12);
        let mut all = vec![
            Packed::Bnb4(Bnb4::quantize(&values, Kind::Nf4, true)),
            Packed::Int8(Int8::quantize(&values, columns)),
        ];
        let bytes = (0..rows * 18)
            .map(|i| if i % 18 == 1 { 0x30 } else { i as u8 })
            .collect();
        all.push(Packed::Gguf(Blocks::new(Coding::Q4_0, bytes, rows, columns).unwrap()));
        let order = (0..32).map(|column| column * 5 % 4).collect();
        let ways = [
            (Sharing::Tiles { rows: 1, columns: 8 }, 96),
            (Sharing::Tiles { rows: 5, columns: 32 }, 5),
            (Sharing::Tiles { rows: 24, columns: 32 }, 1),
            (Sharing::Order(order), 96),
            (Sharing::Runs(64), 12),
            (Sharing::Runs(1), 12),
        ];
        for (sharing, scales) in ways {
            let parts = Parts {
                name: "test",
                rows,
                columns,
                bits: 3,
                code: &|row, column| (row * 3 + column * 5) as u8,
                worth: Worth::Real((0..scales).map(|i| i as f32 / 3.0).collect()),
                scales: (0..scales).map(|i| 1.0 + i as f32).collect(),
                sharing,
            };
            all.push(Packed::Grouped(Grouped::new(parts).unwrap()));
        }
        for packed in &all {
            let whole = packed.to_vec();
            let part = |starts: &[usize], run| packed.part(Runs { starts, run, columns });
            for (starts, run) in [
                (&[0][..], 24),
                (&[0], 8),
                (&[8], 16),
                (&[4], 6),
                (&[22], 2),
                (&[2, 12, 6], 4),
            ] {
                let part = part(starts, run).unwrap();
                let want: Vec<f32> = (starts
                    .iter()
                    .flat_map(|start| &whole[start * columns..][..run * columns]))
                .copied()
                .collect();
                assert_eq!(part.to_vec(), want, "{packed:?} {starts:?} {run}");
                assert_eq!(part.name(), packed.name());
            }
            assert!(part(&[20], 5).is_none());
        }
        // half a block, half a run
        let part = |packed: &Packed, first, run| {
            packed.part(Runs {
                starts: &[first],
                run,
                columns,
            })
        };
        assert!(part(&all[0], 1, 2).is_none());
        assert!(part(&all[7], 1, 2).is_none());
        assert!(part(&all[7], 2, 1).is_none());
    }
}
