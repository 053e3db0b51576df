//! Products of bf16 by each body that the processor has, against sums in f64.

use super::super::float::Float;
use super::{Body, Dims, Epilogue, Strided, Strides, product_by};
use crate::ops::Write;
use half::bf16;

/// Values of one to eight significant bits and of many sizes, some of them zeros.
fn noise(len: usize, seed: u64) -> Vec<bf16> {
    let mut state = seed;
    let mut draw = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1u32 << 24) as f32 - 0.5
    };
    (0..len)
        .map(|_| bf16::rounded(draw() * draw().abs().max(0.01)))
        .collect()
}

/// Rows, columns, terms: less than one tile, whole ones and a bit more; nothing to add; several parts of a sum.
const DIMS: [[usize; 3]; 14] = [
    [1, 1, 1],
    [1, 1, 0],
    [3, 5, 0],
    [0, 5, 3],
    [5, 0, 3],
    [6, 64, 2],
    [7, 65, 33],
    [12, 16, 31],
    [13, 32, 64],
    [31, 47, 77],
    [97, 130, 100],
    [5, 200, 1025],
    [130, 17, 2051],
    [200, 300, 600],
];

const SET: Epilogue = Epilogue {
    write: Write::Overwrite,
    alpha: 1.0,
};

#[derive(Clone, Copy, Debug)]
struct Case {
    dims: [usize; 3],
    a_transposed: bool,
    b_transposed: bool,
    epilogue: Epilogue,
}

/// Every layout of both operands, set and added to, by every body.
fn cases() -> impl Iterator<Item = (Body, Case)> {
    let stores = [
        SET,
        Epilogue {
            write: Write::Accumulate,
            alpha: -0.5,
        },
    ];
    let layouts = [(false, false), (false, true), (true, false), (true, true)];
    Body::all().iter().flat_map(move |&body| {
        DIMS.into_iter().flat_map(move |dims| {
            layouts.into_iter().flat_map(move |(a_transposed, b_transposed)| {
                stores.map(|epilogue| {
                    let case = Case {
                        dims,
                        a_transposed,
                        b_transposed,
                        epilogue,
                    };
                    (body, case)
                })
            })
        })
    })
}

/// A matrix among other values, and how it lies there.
fn operand(rows: usize, columns: usize, transposed: bool, seed: u64) -> (Vec<bf16>, Strides) {
    let (lines, len) = if transposed { (columns, rows) } else { (rows, columns) };
    let pitch = len + 3;
    let mut values = noise(lines * pitch, seed);
    for line in values.chunks_exact_mut(pitch) {
        line[len..].fill(bf16::NAN); // what is beside it must not be met
    }
    let strides = Strides { row: pitch, col: 1 };
    (values, if transposed { strides.transposed() } else { strides })
}

/// A sum of `k` products, however it is ordered, whether fused or not and whatever way each step is rounded, is at most
/// `k 2^-23 / (1 - k 2^-23)` of the products' sizes away from the true one (Higham, *Accuracy and Stability of Numerical
/// Algorithms*, 3.1, with twice the unit roundoff, since the instruction may cut off). To that come the three roundings of
/// what is written (the factor, the sum with what was there, bf16's eight bits), and what is lost where a product is
/// subnormal.
fn bound(terms: usize, sizes: f64, written: f64, bits: i32) -> f64 {
    let step = terms as f64 * 2f64.powi(-23);
    step / (1.0 - step) * sizes + 3.0 * written * 2f64.powi(-bits) + (terms + 1) as f64 * 2f64.powi(-126)
}

fn check<D: Float>(before: D, bits: i32, body: Body, case: Case) {
    let [rows, columns, terms] = case.dims;
    let (a, a_strides) = operand(rows, terms, case.a_transposed, 1);
    let (b, b_strides) = operand(terms, columns, case.b_transposed, 2);
    let mut dst = vec![before; rows * columns];
    let (left, right) = (
        Strided {
            values: a.as_slice(),
            strides: a_strides,
        },
        Strided {
            values: b.as_slice(),
            strides: b_strides,
        },
    );
    let dims = Dims { rows, columns, terms };
    product_by(
        body,
        dims,
        Strided::rows(dst.as_mut_slice(), columns),
        left,
        right,
        case.epilogue,
    );
    let Epilogue { write, alpha } = case.epilogue;
    for (i, got) in dst.into_iter().enumerate() {
        let (row, column) = (i / columns, i % columns);
        let products = (0..terms).map(|t| {
            let x = a[row * a_strides.row + t * a_strides.col].to_f64();
            x * b[t * b_strides.row + column * b_strides.col].to_f64()
        });
        let (sum, sizes) = products.fold((0.0, 0.0), |(sum, sizes), p| (sum + p, sizes + f64::abs(p)));
        let start = if write.accumulates() {
            f64::from(before.widened())
        } else {
            0.0
        };
        let want = start + f64::from(alpha) * sum;
        let written = start.abs() + sizes.min(1.5 * sum.abs() + 1e-3);
        let bound = bound(terms, sizes, written, bits);
        let error = (f64::from(got.widened()) - want).abs();
        assert!(
            error <= bound,
            "{body:?} {case:?} at {row}, {column}: {error:e} of {want:e}, at most {bound:e}"
        );
    }
}

#[test]
fn products_of_bf16_are_within_what_rounding_explains() {
    for (body, case) in cases() {
        check(0.375f32, 24, body, case);
        check(bf16::from_f32(0.375), 8, body, case);
    }
}

#[test]
fn what_is_no_number_reaches_its_row_alone() {
    for &body in Body::all() {
        let (mut a, b) = (noise(8 * 5, 3), noise(5 * 70, 4));
        a[2 * 5 + 4] = bf16::NAN;
        a[6 * 5 + 4] = bf16::INFINITY;
        let dims = Dims {
            rows: 8,
            columns: 70,
            terms: 5,
        };
        let mut y = vec![bf16::ZERO; 8 * 70];
        product_by(
            body,
            dims,
            Strided::rows(y.as_mut_slice(), 70),
            Strided::rows(a.as_slice(), 5),
            Strided::rows(b.as_slice(), 70),
            SET,
        );
        for (row, y) in y.chunks_exact(70).enumerate() {
            let finite = y.iter().filter(|y| y.is_finite()).count();
            assert_eq!(finite, if row == 2 || row == 6 { 0 } else { 70 }, "{body:?}, row {row}");
        }
    }
}

#[test]
fn the_portable_body_is_the_same_to_the_bit_however_it_is_cut() {
    let (rows, columns, terms) = (400, 300, 200);
    let (a, b) = (noise(rows * terms, 5), noise(terms * columns, 6));
    let dims = Dims { rows, columns, terms };
    let by_threads = |count: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
        let mut y = vec![bf16::ZERO; rows * columns];
        pool.install(|| {
            let (a, b) = (Strided::rows(a.as_slice(), terms), Strided::rows(b.as_slice(), columns));
            product_by(
                Body::Portable,
                dims,
                Strided::rows(y.as_mut_slice(), columns),
                a,
                b,
                SET,
            );
        });
        y
    };
    let bits = |values: Vec<bf16>| values.into_iter().map(bf16::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(by_threads(1)), bits(by_threads(5)));
}
