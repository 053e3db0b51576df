//! Codes with scales, the shape that most formats have in common: `w = scale * (code - zero)`, or `scale * table[code]` for codes that are no integers.
//!
//! Which values share a scale (and a zero point) is said by [`Sharing`]. A format is a reader of its published layout into
//! this one: codes of 1 to 8 bits, row-major in one run of bits (`codes.rs`), so that a row of a `[out, in]` weight lies in
//! one piece. GPTQ and AWQ, which store the transpose, are turned once while loading ([`Grouped::turned`]). Values are the
//! exact f32 product; original kernels round it to f16.
mod codes;

use super::Parsed;
use crate::ops::cpu::simd;
pub use codes::Codes;
use protocol::says;

/// What a code is worth before it is scaled.
#[derive(Debug)]
pub enum Worth {
    /// the code less a zero point, of which there is one for each scale
    Whole(Vec<u8>),
    /// the same with zero points that are no whole numbers
    Real(Vec<f32>),
    /// its entry here
    Table(Box<[f32; 256]>),
}

/// Which scale a value has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// that of its tile of so many rows and columns; tiles are counted along the rows, the last of each may be cut off
    Tiles { rows: usize, columns: usize },
    /// each row has its own, and of these the one that is named for its column
    Order(Vec<u32>),
    /// value `i` of the matrix has scale `i / run`, counted round and round
    Runs(usize),
}

/// A matrix `[rows, columns]` of codes.
#[derive(Debug)]
pub struct Grouped {
    pub(super) name: &'static str,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) codes: Codes,
    pub(super) worth: Worth,
    pub(super) scales: Vec<f32>,
    pub(super) sharing: Sharing,
}

/// What a format gives.
pub struct Parts<'a> {
    pub name: &'static str,
    pub rows: usize,
    pub columns: usize,
    pub bits: u32,
    /// the code at (row, column)
    pub code: &'a (dyn Fn(usize, usize) -> u8 + Sync),
    pub worth: Worth,
    pub scales: Vec<f32>,
    pub sharing: Sharing,
}

/// What a format gives that stores `[in, out]`: closures over stored words.
pub struct Transposed<'a> {
    pub name: &'static str,
    pub rows: usize,
    pub columns: usize,
    pub bits: u32,
    pub group: usize,
    /// the code at (column, row)
    pub code: &'a (dyn Fn(usize, usize) -> u8 + Sync),
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
        if t.scales.len() != groups * t.rows {
            return Err(says::group_scales(t.scales.len(), groups, t.rows, groups * t.rows));
        }
        let mut scales = Vec::with_capacity(t.scales.len());
        let mut zeros = Vec::with_capacity(t.scales.len());
        for row in 0..t.rows {
            for group in 0..groups {
                scales.push(t.scales[group * t.rows + row]);
                zeros.push((t.zero)(group, row));
            }
        }
        let in_order = t
            .order
            .iter()
            .enumerate()
            .all(|(c, &g)| g as usize == c / t.group.max(1));
        Self::new(Parts {
            name: t.name,
            rows: t.rows,
            columns: t.columns,
            bits: t.bits,
            code: &|row, column| (t.code)(column, row),
            worth: Worth::Whole(zeros),
            scales,
            sharing: match in_order {
                true => Sharing::Tiles {
                    rows: 1,
                    columns: t.group,
                },
                false => Sharing::Order(t.order.to_vec()),
            },
        })
    }

    /// # Errors
    /// The parts do not fit each other.
    pub fn new(parts: Parts) -> Parsed<Self> {
        let Parts { rows, columns, .. } = parts;
        let count = parts.scales.len();
        let wanted = match &parts.sharing {
            Sharing::Tiles {
                rows: high,
                columns: wide,
            } => {
                let groups = columns.div_ceil((*wide).max(1));
                let wanted = rows.div_ceil((*high).max(1)) * groups;
                if *high == 0 || *wide == 0 || count != wanted {
                    return Err(says::group_scales(count, groups, rows, wanted));
                }
                wanted
            }
            Sharing::Order(order) => {
                let groups = count / rows.max(1);
                if order.len() != columns {
                    return Err(says::group_order(order.len(), columns));
                }
                if let Some(stranger) = order.iter().find(|&&g| g as usize >= groups) {
                    return Err(says::no_such_group(*stranger, groups));
                }
                groups * rows
            }
            Sharing::Runs(run) => match (rows * columns).checked_div(*run) {
                Some(runs) if count > 0 && runs * run == rows * columns && runs >= count => count,
                runs => runs.unwrap_or(0),
            },
        };
        let zeros = match &parts.worth {
            Worth::Whole(zeros) => zeros.len(),
            Worth::Real(zeros) => zeros.len(),
            Worth::Table(_) => wanted,
        };
        for got in [count, zeros] {
            if got != wanted {
                return Err(says::block_scales(got, wanted, rows * columns / wanted.max(1)));
            }
        }
        Ok(Self {
            codes: Codes::pack(parts.bits, rows * columns, columns, parts.code),
            name: parts.name,
            rows,
            columns,
            worth: parts.worth,
            scales: parts.scales,
            sharing: parts.sharing,
        })
    }

    pub fn len(&self) -> usize {
        self.rows * self.columns
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn bytes(&self) -> usize {
        let worth = match &self.worth {
            Worth::Whole(zeros) => zeros.len(),
            Worth::Real(zeros) => 4 * zeros.len(),
            Worth::Table(_) => 1024,
        };
        let order = match &self.sharing {
            Sharing::Order(order) => 4 * order.len(),
            Sharing::Tiles { .. } | Sharing::Runs(_) => 0,
        };
        self.codes.bytes.len() + 4 * self.scales.len() + worth + order
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Scales of a row of tiles.
    pub(super) fn groups(&self) -> usize {
        match &self.sharing {
            Sharing::Tiles { columns, .. } => self.columns.div_ceil(*columns),
            Sharing::Order(_) | Sharing::Runs(_) => self.scales.len() / self.rows.max(1),
        }
    }

    /// `out = values[start..start + out.len()]`
    pub fn unpack(&self, start: usize, out: &mut [f32]) {
        assert!(start + out.len() <= self.len(), "a run past the matrix");
        unpack(self, start, out);
    }

    /// Values from `at` on that share a scale.
    #[inline(always)]
    fn alike(&self, at: usize, scale: usize, out: &mut [f32]) {
        let (factor, mut codes) = (self.scales[scale], [0u8; PART]);
        if let Worth::Whole(zeros) = &self.worth
            && self.codes.bits == 4
            && at.is_multiple_of(2)
            && out.len().is_multiple_of(2)
        {
            // the most usual form, which needs no scratch
            let zero = i32::from(zeros[scale]);
            let (pairs, _) = out.as_chunks_mut::<2>();
            for (out, &byte) in pairs.iter_mut().zip(&self.codes.bytes[at / 2..]) {
                let byte = i32::from(byte);
                *out = [
                    factor * ((byte & 15) - zero) as f32,
                    factor * ((byte >> 4) - zero) as f32,
                ];
            }
            return;
        }
        let zero = match &self.worth {
            Worth::Whole(zeros) => f32::from(zeros[scale]),
            Worth::Real(zeros) => zeros[scale],
            Worth::Table(table) => {
                for (part, out) in out.chunks_mut(PART).enumerate() {
                    let codes = &mut codes[..out.len()];
                    self.codes.read(at + part * PART, codes);
                    for (out, &code) in out.iter_mut().zip(codes.iter()) {
                        *out = factor * table[code as usize];
                    }
                }
                return;
            }
        };
        for (part, out) in out.chunks_mut(PART).enumerate() {
            let codes = &mut codes[..out.len()];
            self.codes.read(at + part * PART, codes);
            for (out, &code) in out.iter_mut().zip(codes.iter()) {
                *out = factor * (f32::from(code) - zero);
            }
        }
    }

    /// Values from `at` on of which each has the next scale.
    #[inline(always)]
    fn each(&self, at: usize, scale: usize, out: &mut [f32]) {
        let mut codes = [0u8; PART];
        for (part, out) in out.chunks_mut(PART).enumerate() {
            let (first, codes) = (scale + part * PART, &mut codes[..out.len()]);
            self.codes.read(at + part * PART, codes);
            let scales = &self.scales[first..][..out.len()];
            let all = out.iter_mut().zip(codes.iter()).zip(scales);
            match &self.worth {
                Worth::Whole(zeros) => all.zip(&zeros[first..]).for_each(|(((out, &code), scale), &zero)| {
                    *out = scale * (f32::from(code) - f32::from(zero));
                }),
                Worth::Real(zeros) => all.zip(&zeros[first..]).for_each(|(((out, &code), scale), zero)| {
                    *out = scale * (f32::from(code) - zero);
                }),
                Worth::Table(table) => {
                    all.for_each(|((out, &code), scale)| *out = scale * table[code as usize]);
                }
            }
        }
    }

    /// One value.
    #[inline(always)]
    fn one(&self, at: usize, scale: usize) -> f32 {
        let code = self.codes.get(at);
        self.scales[scale]
            * match &self.worth {
                Worth::Whole(zeros) => f32::from(code) - f32::from(zeros[scale]),
                Worth::Real(zeros) => f32::from(code) - zeros[scale],
                Worth::Table(table) => table[code as usize],
            }
    }
}

/// Codes that lie in scratch at a time.
const PART: usize = 256;

simd! {
fn unpack(w: &Grouped, start: usize, out: &mut [f32]) {
    let groups = w.groups();
    let mut at = start;
    let mut rest = out;
    while !rest.is_empty() {
        let (row, column) = (at / w.columns, at % w.columns);
        let count;
        match &w.sharing {
            Sharing::Tiles { rows, columns } => {
                let tile = column / columns;
                count = ((tile + 1) * columns).min(w.columns).saturating_sub(column).min(rest.len());
                w.alike(at, row / rows * groups + tile, &mut rest[..count]);
            }
            Sharing::Order(order) => {
                count = (w.columns - column).min(rest.len());
                for (i, out) in rest[..count].iter_mut().enumerate() {
                    *out = w.one(at + i, row * groups + order[column + i] as usize);
                }
            }
            Sharing::Runs(1) => {
                let scale = at % w.scales.len();
                count = (w.scales.len() - scale).min(rest.len());
                w.each(at, scale, &mut rest[..count]);
            }
            Sharing::Runs(run) => {
                count = (run - at % run).min(rest.len());
                w.alike(at, at / run % w.scales.len(), &mut rest[..count]);
            }
        }
        rest = &mut rest[count..];
        at += count;
    }
}
}

#[cfg(test)]
mod tests;
