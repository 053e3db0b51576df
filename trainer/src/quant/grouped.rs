//! Group-wise 4-bit integers, the common shape of GPTQ and AWQ: `w[r, c] = scale[r, g] * (q[r, c] - zero[r, g])`.
//!
//! Both formats store the transpose (`[in, out]`) with eight values a 32-bit word. Turned once while loading, as many
//! bits, so that a row of a `[out, in]` weight lies in one piece. The group of a column is `c / group`, or what `g_idx`
//! says (GPTQ's `desc_act`). Values are the exact f32 product; the original kernels round it to f16.
use super::Parsed;
use crate::ops::cpu::simd;
use protocol::says;

/// A matrix `[rows, columns]` of 4-bit integers.
#[derive(Debug)]
pub struct Grouped {
    name: &'static str,
    rows: usize,
    pub(super) columns: usize,
    pub(super) group: usize,
    /// `[rows, columns / 2]`: the even column in the lower half of a byte
    pub(super) codes: Vec<u8>,
    /// `[rows, groups]`
    pub(super) scales: Vec<f32>,
    pub(super) zeros: Vec<u8>,
    /// the group of each column, where they are not in order
    pub(super) order: Option<Vec<u32>>,
}

/// What a format gives, still transposed: closures over stored words.
pub struct Transposed<'a> {
    pub name: &'static str,
    pub rows: usize,
    pub columns: usize,
    pub group: usize,
    /// the 4-bit value at (column, row)
    pub code: &'a dyn Fn(usize, usize) -> u8,
    /// zero point at (group, row)
    pub zero: &'a dyn Fn(usize, usize) -> u8,
    /// `[groups, rows]`
    pub scales: &'a [f32],
    /// the group of each column; empty where they are in order
    pub order: &'a [u32],
}

impl Grouped {
    pub fn turned(t: &Transposed) -> Parsed<Self> {
        let groups = t.columns.div_ceil(t.group.max(1));
        if !t.columns.is_multiple_of(2) {
            return Err(says::odd_columns(t.columns));
        }
        if t.scales.len() != groups * t.rows {
            return Err(says::group_scales(t.scales.len(), groups, t.rows, groups * t.rows));
        }
        if let Some(stranger) = t.order.iter().find(|&&g| g as usize >= groups) {
            return Err(says::no_such_group(*stranger, groups));
        }
        let mut codes = vec![0u8; t.rows * t.columns / 2];
        for (row, bytes) in codes.chunks_exact_mut(t.columns / 2).enumerate() {
            for (i, byte) in bytes.iter_mut().enumerate() {
                *byte = (t.code)(2 * i, row) | (t.code)(2 * i + 1, row) << 4;
            }
        }
        let mut scales = Vec::with_capacity(t.scales.len());
        let mut zeros = Vec::with_capacity(t.scales.len());
        for row in 0..t.rows {
            for group in 0..groups {
                scales.push(t.scales[group * t.rows + row]);
                zeros.push((t.zero)(group, row));
            }
        }
        let in_order = t.order.iter().enumerate().all(|(c, &g)| g as usize == c / t.group);
        Ok(Self {
            name: t.name,
            rows: t.rows,
            columns: t.columns,
            group: t.group,
            codes,
            scales,
            zeros,
            order: (!in_order).then(|| t.order.to_vec()),
        })
    }

    pub fn len(&self) -> usize {
        self.rows * self.columns
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn bytes(&self) -> usize {
        self.codes.len() + 5 * self.scales.len() + 4 * self.order.as_ref().map_or(0, Vec::len)
    }

    /// Groups of a row.
    pub(super) fn groups(&self) -> usize {
        self.scales.len() / self.rows.max(1)
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// `out = values[start..start + out.len()]`
    pub fn unpack(&self, start: usize, out: &mut [f32]) {
        assert!(start + out.len() <= self.len(), "a run past the matrix");
        unpack(self, start, out);
    }
}

simd! {
fn unpack(w: &Grouped, start: usize, out: &mut [f32]) {
    let groups = w.groups();
    let mut at = start;
    let mut rest = out;
    while !rest.is_empty() {
        let (row, column) = (at / w.columns, at % w.columns);
        let (scales, zeros) = (&w.scales[row * groups..][..groups], &w.zeros[row * groups..][..groups]);
        let bytes = &w.codes[row * w.columns / 2..][..w.columns / 2];
        let nibble = |c: usize| bytes[c / 2] >> (4 * (c % 2)) & 15;
        let value = |c: usize, g: usize| scales[g] * f32::from(nibble(c) as i8 - zeros[g] as i8);
        let count;
        match &w.order {
            Some(order) => {
                count = (w.columns - column).min(rest.len());
                for (i, out) in rest[..count].iter_mut().enumerate() {
                    *out = value(column + i, order[column + i] as usize);
                }
            }
            None => {
                let group = column / w.group;
                count = ((group + 1) * w.group).min(w.columns).saturating_sub(column).min(rest.len());
                if column % 2 == 1 || count % 2 == 1 {
                    for (i, out) in rest[..count].iter_mut().enumerate() {
                        *out = value(column + i, group);
                    }
                } else {
                    let (scale, zero) = (scales[group], i32::from(zeros[group]));
                    let (pairs, _) = rest[..count].as_chunks_mut::<2>();
                    for (out, &byte) in pairs.iter_mut().zip(&bytes[column / 2..]) {
                        let byte = i32::from(byte);
                        *out = [scale * ((byte & 15) - zero) as f32, scale * ((byte >> 4) - zero) as f32];
                    }
                }
            }
        }
        rest = &mut rest[count..];
        at += count;
    }
}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 rows of 10 columns in groups of 4 (the last is short), worked out cell by cell.
    fn small(order: &[u32]) -> Grouped {
        let scales: Vec<f32> = (0..9).map(|i| 0.5 + i as f32).collect();
        let code = |c: usize, r: usize| ((3 * c + 5 * r) % 16) as u8;
        Grouped::turned(&Transposed {
            name: "gptq",
            rows: 3,
            columns: 10,
            group: 4,
            code: &code,
            zero: &|g, r| (g + r) as u8,
            scales: &scales,
            order,
        })
        .unwrap()
    }

    #[test]
    fn each_cell_is_its_scale_times_its_distance_from_zero() {
        let shuffled = [2, 0, 1, 1, 0, 2, 0, 1, 0, 1];
        for order in [&[][..], &[0, 0, 0, 0, 1, 1, 1, 1, 2, 2], &shuffled] {
            let packed = small(order);
            assert_eq!(packed.order.is_some(), order == shuffled);
            let mut whole = vec![0.0; 30];
            packed.unpack(0, &mut whole);
            for r in 0..3 {
                for c in 0..10 {
                    let g = order.get(c).map_or(c / 4, |&g| g as usize);
                    let want = (0.5 + (g * 3 + r) as f32) * (((3 * c + 5 * r) % 16) as f32 - (g + r) as f32);
                    assert_eq!(whole[r * 10 + c], want, "row {r} column {c}");
                }
            }
            for start in 0..30 {
                let mut part = vec![0.0; 30 - start];
                packed.unpack(start, &mut part);
                assert_eq!(part, whole[start..]);
            }
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let make = |columns, order: &[u32], scales: &[f32]| {
            Grouped::turned(&Transposed {
                name: "awq",
                rows: 2,
                columns,
                group: 4,
                code: &|_, _| 0,
                zero: &|_, _| 0,
                scales,
                order,
            })
            .map(|_| ())
        };
        assert_eq!(make(8, &[], &[1.0; 4]), Ok(()));
        assert!(make(8, &[], &[1.0; 3]).unwrap_err().contains("3 scales"));
        assert!(make(8, &[2; 8], &[1.0; 4]).unwrap_err().contains("group 2 of 2"));
        assert!(make(7, &[], &[1.0; 4]).unwrap_err().contains("7 columns"));
    }
}
