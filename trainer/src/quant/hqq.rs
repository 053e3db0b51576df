//! HQQ's 8, 6, 5, 4, 3, 2 and 1 bits (half-quadratic quantization): `w = (q - zero) * scale`, with real zero points.
//!
//! A matrix is one flat run of numbers, seen as `[group, n / group]` (`axis` 0: a group is a column of it) or `[n / group, group]`
//! (`axis` 1: a row). Scales follow from each group's smallest and largest value; zero points are then moved by half-quadratic
//! splitting, the error shrunk as a norm of p = 0.7 asks, for 20 rounds or until the mean error no longer falls.
//! Source: hqq 0.2.8, `core/quantize.py`, `core/optimize.py` (`optimize_weights_proximal_legacy`), `core/bitpack.py`.
use super::grouped::{Grouped, Parts, Sharing, Worth};
use super::{Parsed, Widths};
use protocol::says;
use rayon::prelude::*;

/// Values of a group while loading.
pub const GROUP: usize = 64;
/// The bits there are.
pub const BITS: [u32; 7] = [1, 2, 3, 4, 5, 6, 8];

const ROUNDS: usize = 20;
/// p - 1 of the norm, and 1 / beta.
const POWER: f32 = 0.7 - 1.0;
const SHRINK: f32 = 0.1;
/// Scales (of codes by weights) beyond it are out of range in f16.
const STEEPEST: f32 = 2e4;
/// A range below it has a scale of 1.
const FLAT: f32 = 1e-4;

/// Groups that one thread takes.
const PART: usize = 1024;

/// Quantizes as LLaMA-Factory has hqq do it: groups of 64 along axis 0.
///
/// # Errors
/// The matrix is no whole number of groups.
pub fn quantize(values: &[f32], columns: usize, bits: u32) -> Parsed<Grouped> {
    let groups = values.len() / GROUP;
    if groups * GROUP != values.len() {
        return Err(says::no_whole_groups(values.len(), GROUP));
    }
    let most = (1u32 << bits) as f32 - 1.0;
    let mut limits: Vec<(f32, f32)> = values[..groups].iter().map(|&w| (w, w)).collect();
    for line in values.chunks_exact(groups.max(1)) {
        for ((low, high), &w) in limits.iter_mut().zip(line) {
            (*low, *high) = (low.min(w), high.max(w));
        }
    }
    let scale = |&(low, high): &(f32, f32)| match high - low {
        range if range.abs() <= FLAT => 1.0,
        range => (most / range).min(STEEPEST),
    };
    let scales: Vec<f32> = limits.iter().map(scale).collect();
    let mut zeros: Vec<f32> = limits
        .iter()
        .zip(&scales)
        .map(|((low, _), scale)| -low * scale)
        .collect();
    if bits == 4 {
        zeros.iter_mut().for_each(|zero| *zero = zero.round_ties_even());
    }
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let error = round(values, &scales, &mut zeros, most);
        if error >= best {
            break;
        }
        best = error;
    }
    let code = |row: usize, column: usize| {
        let at = row * columns + column;
        let group = at % groups;
        (values[at] * scales[group] + zeros[group])
            .round_ties_even()
            .clamp(0.0, most) as u8
    };
    Grouped::new(Parts {
        name: "hqq",
        rows: values.len() / columns.max(1),
        columns,
        bits,
        code: &code,
        worth: Worth::Real(zeros.clone()),
        scales: scales.iter().map(|scale| 1.0 / scale).collect(),
        sharing: Sharing::Runs(1),
    })
}

/// One round over all groups: moves the zero points; the mean error before.
fn round(values: &[f32], scales: &[f32], zeros: &mut [f32], most: f32) -> f64 {
    let groups = scales.len();
    let parts = zeros.par_chunks_mut(PART).zip(scales.par_chunks(PART)).enumerate();
    let errors: Vec<f64> = parts
        .map(|(part, (zeros, scales))| {
            let mut sums = vec![0f64; zeros.len()];
            let mut error = 0f64;
            for line in values.chunks_exact(groups) {
                let line = &line[part * PART..][..zeros.len()];
                for (((sum, &w), &scale), &zero) in sums.iter_mut().zip(line).zip(scales).zip(zeros.iter()) {
                    let code = (w * scale + zero).round_ties_even().clamp(0.0, most);
                    let off = w - (code - zero) / scale;
                    let size = off.abs();
                    error += f64::from(size);
                    let kept = (size - SHRINK * size.powf(POWER)).max(0.0).copysign(off);
                    *sum += f64::from(code - (w - kept) * scale);
                }
            }
            for (zero, sum) in zeros.iter_mut().zip(sums) {
                *zero = (sum / GROUP as f64) as f32;
            }
            error
        })
        .collect();
    errors.iter().sum::<f64>() / values.len().max(1) as f64
}

/// How a saved layer was grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub bits: u32,
    pub group: usize,
    /// a group is a column of `[group, n / group]`, not a row of `[n / group, group]`
    pub columns: bool,
}

/// The tensors of a saved layer.
pub struct Stored<'a> {
    /// `W_q`
    pub bytes: &'a [u8],
    /// `scale`
    pub scales: Vec<f32>,
    /// `zero`
    pub zeros: Vec<f32>,
}

/// The weight `[out, in]` of a saved layer: `W_q`, `scale` and `zero`. `W_q` holds lines of the matrix that was grouped, packed so
/// that the first part of all lines has the upper bits: of 3 bits ten in a 32-bit word, of 4, 2 and 1 bits 2, 4 and 8 in a byte; 5
/// and 6 bits take a byte each.
pub fn read(Stored { bytes, scales, zeros }: Stored, form: Form, Widths { input, output }: Widths) -> Parsed<Grouped> {
    let (count, bits) = (input * output, form.bits);
    if !BITS.contains(&bits) {
        return Err(says::unsupported("nbits", bits, "1, 2, 3, 4, 5, 6, 8"));
    }
    if form.group == 0 || !count.is_multiple_of(form.group) {
        return Err(says::no_whole_groups(count, form.group));
    }
    let (lines, width) = match form.columns {
        true => (form.group, count / form.group),
        false => (count / form.group, form.group),
    };
    if scales.len() != count / form.group {
        return Err(says::other_count("scale", scales.len(), count / form.group));
    }
    // lines that lie in one byte or word, and bytes of it
    let (beside, size) = match bits {
        3 => (10, 4),
        1 | 2 | 4 => (8 / bits as usize, 1),
        _ => (1, 1),
    };
    let packed = lines.div_ceil(beside);
    if bytes.len() != packed * width * size {
        return Err(says::other_count("W_q", bytes.len(), packed * width * size));
    }
    let step = if bits == 5 || bits == 6 { 8 } else { bits as usize };
    let code = |row: usize, column: usize| {
        let at = row * input + column;
        let (line, place) = (at / width, at % width);
        let (word, part) = ((line % packed) * width + place, line / packed);
        let shift = step * (beside - 1 - part);
        match size {
            4 => {
                let word = &bytes[4 * word..][..4];
                (u32::from_le_bytes([word[0], word[1], word[2], word[3]]) >> shift) as u8
            }
            _ => bytes[word] >> shift,
        }
    };
    Grouped::new(Parts {
        name: "hqq",
        rows: output,
        columns: input,
        bits,
        code: &code,
        worth: Worth::Real(zeros),
        scales,
        sharing: match form.columns {
            true => Sharing::Runs(1),
            false => Sharing::Runs(form.group),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::tests::normal;

    #[test]
    fn more_bits_lose_less_and_moved_zero_points_less_than_plain_ones() {
        let values = normal(64 * 96, 9);
        let mut last = f32::INFINITY;
        for bits in BITS {
            let packed = quantize(&values, 96, bits).unwrap();
            let mut back = vec![0.0; values.len()];
            packed.unpack(0, &mut back);
            let off = back.iter().zip(&values).map(|(a, b)| (a - b).abs()).sum::<f32>() / values.len() as f32;
            assert!(off < 0.75 * last, "{bits} bits: {off} after {last}");
            last = off;
        }
        assert!(quantize(&values[..70], 7, 4).unwrap_err().contains("70"));
    }

    #[test]
    fn lines_lie_as_hqq_packs_them() {
        // 4 lines of 8: of 2 bits all four lie in one byte, the first uppermost
        let form = |columns| Form {
            bits: 2,
            group: if columns { 4 } else { 8 },
            columns,
        };
        const WIDTHS: Widths = Widths { input: 16, output: 2 };
        let stored = |bytes, count| Stored {
            bytes,
            scales: vec![1.0; count],
            zeros: vec![0.0; count],
        };
        let bytes = [0b00_01_10_11u8; 8];
        for columns in [true, false] {
            let count = if columns { 8 } else { 4 };
            let packed = read(stored(&bytes, count), form(columns), WIDTHS).unwrap();
            let mut got = vec![0.0; 32];
            packed.unpack(0, &mut got);
            for (i, got) in got.iter().enumerate() {
                assert_eq!(*got, (i / 8) as f32);
            }
        }
        assert!(
            read(stored(&bytes[1..], 8), form(true), WIDTHS)
                .unwrap_err()
                .contains("W_q")
        );
        assert!(read(stored(&bytes, 8), Form { group: 5, ..form(true) }, WIDTHS).is_err());
    }
}
