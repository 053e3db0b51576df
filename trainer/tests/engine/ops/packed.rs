//! Quantized weights where an operation reads them: rows looked up and whole matrices in products, in every format, to the
//! bits that the format is worth.

use super::indices;
use super::sums::{draw, held, near, poisoned, rounded, same, types, wide};
use crate::common::{engine, ids, noise};
use candle_core::DType;
use half::f16;
use trainer::ops::matmul::{Dims, LinearForward, LinearInputGrad};
use trainer::ops::{Device, Operand, Write, gather};
use trainer::quant::aqlm::{self, Aqlm};
use trainer::quant::bnb4::{Bnb4, Kind};
use trainer::quant::gguf::{Blocks, Coding};
use trainer::quant::grouped::{Grouped, Parts, Sharing, Transposed, Worth};
use trainer::quant::int8::Int8;
use trainer::quant::{CardPacked, Packed, Widths};

/// A matrix where the engine reads it.
enum Placed<'a> {
    Host(&'a Packed),
    Card(CardPacked),
}

impl<'a> Placed<'a> {
    fn new(packed: &'a Packed) -> Self {
        match engine().device() {
            Device::Cpu(_) => Self::Host(packed),
            device => {
                let card = packed.to_card(device).unwrap();
                assert_eq!((card.len(), card.bytes()), (packed.len(), packed.bytes()));
                assert_eq!(card.name(), packed.name());
                Self::Card(card)
            }
        }
    }

    fn operand(&self) -> Operand<'_> {
        match self {
            Self::Host(packed) => Operand::Packed(packed),
            Self::Card(packed) => Operand::CardPacked(packed),
        }
    }
}

struct Case {
    packed: Packed,
    rows: usize,
    columns: usize,
}

/// Numbers below `limit`, the same on every run.
fn below(limit: u32, seed: usize) -> u32 {
    (seed as u32)
        .wrapping_mul(2_654_435_761)
        .rotate_left(13)
        .wrapping_mul(40_503)
        % limit
}

fn grouped(rows: usize, columns: usize, group: usize, shuffled: bool) -> Grouped {
    let groups = columns.div_ceil(group);
    let scales: Vec<f32> = noise(groups * rows, 5, 0.1);
    let order: Vec<u32> = (0..columns).map(|c| below(groups as u32, c)).collect();
    Grouped::turned(&Transposed {
        name: "gptq",
        rows,
        columns,
        bits: 4,
        group,
        code: &|c, r| below(16, c * 977 + r) as u8,
        zero: &|g, r| below(16, g * 31 + r * 7) as u8,
        scales: &scales,
        order: if shuffled { &order } else { &[] },
    })
    .unwrap()
}

/// Codes of so many bits, by what they are worth and which share a scale.
fn coded(bits: u32, worth: &str, (rows, columns): (usize, usize), sharing: Sharing, scales: usize) -> Grouped {
    let parts = Parts {
        name: "coded",
        rows,
        columns,
        bits,
        code: &|row, column| below(256, row * 131 + column) as u8,
        worth: match worth {
            "whole" => Worth::Whole((0..scales).map(|i| below(1 << bits, i) as u8).collect()),
            "real" => Worth::Real(noise(scales, 8, 3.0)),
            _ => Worth::Table(Box::new(std::array::from_fn(|q| (below(512, q) as f32 - 256.0) / 64.0))),
        },
        scales: noise(scales, 9, 0.1),
        sharing,
    };
    Grouped::new(parts).unwrap()
}

/// 6 rows of 24 columns in vectors of 8.
fn vectors(high: usize, codebooks: usize, bits: u32) -> Aqlm {
    let form = aqlm::Form {
        group: 8,
        high,
        codebooks,
        bits,
    };
    let codes = (0..6 / high * 3 * codebooks)
        .map(|i| below(1 << bits, i) as u16)
        .collect();
    let books = noise((codebooks << bits) * high * 8, 10, 0.1);
    Aqlm::new(
        codes,
        books,
        noise(6 / high, 11, 1.0),
        form,
        Widths { input: 24, output: 6 },
    )
    .unwrap()
}

/// Blocks of any bytes, but for the scales, which are numbers of a usual size.
fn blocks(coding: Coding, rows: usize, columns: usize) -> Blocks {
    let scales: &[usize] = match coding {
        Coding::Q4_0 | Coding::Q5_0 | Coding::Q8_0 | Coding::Iq4Nl | Coding::Iq4Xs => &[0],
        Coding::Mxfp4 => &[],
        Coding::Q4_1 | Coding::Q5_1 | Coding::Q4K | Coding::Q5K => &[0, 2],
        Coding::Q2K => &[80, 82],
        Coding::Q3K => &[108],
        Coding::Q6K => &[208],
    };
    let (values, size) = coding.block();
    let count = rows * columns / values;
    let mut bytes: Vec<u8> = (0..count * size).map(|i| below(256, i) as u8).collect();
    let draws = noise(count * 2, 6, 0.05);
    for (block, bytes) in bytes.chunks_mut(size).enumerate() {
        if coding == Coding::Mxfp4 {
            bytes[0] = 118 + (block % 8) as u8;
        }
        for (i, &at) in scales.iter().enumerate() {
            bytes[at..at + 2].copy_from_slice(&f16::from_f32(draws[2 * block + i]).to_le_bytes());
        }
    }
    Blocks::new(coding, bytes, rows, columns).unwrap()
}

fn cases() -> Vec<Case> {
    let mut all = vec![];
    let mut add = |packed, rows, columns| all.push(Case { packed, rows, columns });
    // rows that end within a block and within a byte, and more values than a block of threads unpacks
    for (rows, columns) in [(9, 37), (67, 131), (5, 64)] {
        let values = noise(rows * columns, 1, 0.2);
        for kind in [Kind::Nf4, Kind::Fp4] {
            for double in [false, true] {
                add(Packed::Bnb4(Bnb4::quantize(&values, kind, double)), rows, columns);
            }
        }
        add(Packed::Int8(Int8::quantize(&values, columns)), rows, columns);
    }
    for (rows, columns, group) in [(7, 10, 4), (40, 256, 64), (3, 34, 34)] {
        for shuffled in [false, true] {
            add(Packed::Grouped(grouped(rows, columns, group, shuffled)), rows, columns);
        }
    }
    for (i, bits) in (1..=8).enumerate() {
        let worth = ["whole", "real", "table"][i % 3];
        let columns = 40;
        for (sharing, scales) in [
            (Sharing::Tiles { rows: 4, columns: 24 }, 6),
            (Sharing::Runs(20), 22),
            (Sharing::Runs(1), 55),
        ] {
            add(
                Packed::Grouped(coded(bits, worth, (11, columns), sharing, scales)),
                11,
                columns,
            );
        }
    }
    for (high, codebooks, bits) in [(1, 1, 9), (2, 3, 4)] {
        add(Packed::Aqlm(vectors(high, codebooks, bits)), 6, 24);
    }
    for number in 0..40 {
        if let Some(coding) = Coding::of(number) {
            let columns = coding.block().0 * 3;
            add(Packed::Gguf(blocks(coding, 11, columns)), 11, columns);
        }
    }
    all
}

#[test]
fn rows_of_a_quantized_table() {
    let cases = cases();
    assert_eq!(cases.len(), 15 + 6 + 24 + 2 + 13);
    for Case { packed, rows, columns } in &cases {
        let (values, picked) = (packed.to_vec(), ids(14, 1, *rows));
        let placed = Placed::new(packed);
        for dtype in types() {
            let mut y = poisoned(dtype, 14 * columns);
            engine()
                .run(gather::Gather {
                    table: placed.operand(),
                    ids: indices(&picked).view(),
                    y: y.view_mut(),
                    count: 14,
                    width: *columns,
                })
                .unwrap();
            let of_rows = picked
                .iter()
                .flat_map(|&id| &values[id as usize * columns..][..*columns]);
            let want: Vec<f32> = of_rows.map(|&x| rounded(dtype, x)).collect();
            same(&format!("{} {rows} {columns} {dtype:?}", packed.name()), &y, &want);
        }
    }
}

#[test]
fn products_with_a_quantized_weight() {
    for Case { packed, rows, columns } in &cases() {
        let (output, input, tokens) = (*rows, *columns, 13);
        let (values, placed) = (packed.to_vec(), Placed::new(packed));
        for dtype in types() {
            let w: Vec<f32> = values.iter().map(|&x| rounded(dtype, x)).collect();
            let (x, dy) = (draw(dtype, tokens * input, 2), draw(dtype, tokens * output, 3));
            let dims = Dims { tokens, input, output };
            let (mut y, mut dx) = (poisoned(dtype, tokens * output), poisoned(dtype, tokens * input));
            engine()
                .run(LinearForward {
                    x: held(dtype, &x).view(),
                    w: placed.operand(),
                    y: y.view_mut(),
                    dims,
                    write: Write::Overwrite,
                    alpha: 1.0,
                })
                .unwrap();
            engine()
                .run(LinearInputGrad {
                    dy: held(dtype, &dy).view(),
                    w: placed.operand(),
                    dx: dx.view_mut(),
                    dims,
                    write: Write::Overwrite,
                    alpha: 1.0,
                })
                .unwrap();
            let (mut by_output, mut by_input) = (vec![0.0; tokens * output], vec![0.0; tokens * input]);
            let (w, x, dy) = (wide(&w), wide(&x), wide(&dy));
            for token in 0..tokens {
                for o in 0..output {
                    for i in 0..input {
                        by_output[token * output + o] += x[token * input + i] * w[o * input + i];
                        by_input[token * input + i] += dy[token * output + o] * w[o * input + i];
                    }
                }
            }
            let bound = if dtype == DType::F32 { 1e-5 } else { 1.0 / 256.0 };
            let what = format!("{} {rows} {columns} {dtype:?}", packed.name());
            near(&what, &y, &by_output, bound);
            near(&what, &dx, &by_input, bound);
        }
    }
}
