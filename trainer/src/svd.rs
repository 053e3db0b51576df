//! The largest singular values of a matrix and their vectors, by the eigenvectors of its Gram matrix in f64.
//!
//! Small matrices are solved whole. Of large ones a block of vectors, some more than asked for, is multiplied by the
//! Gram matrix until it stands still (subspace iteration with Rayleigh–Ritz; Golub and Van Loan, *Matrix Computations*,
//! 8.2.4; Halko, Martinsson and Tropp, arXiv 0909.4061). Starts are the same every time, so that a decomposition can be
//! done again.

use crate::error::Result;
use candle_core::{DType, Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Sides up to this are solved whole.
const WHOLE: usize = 192;
/// Vectors iterated beside those asked for.
const BESIDE: usize = 16;
/// Change of a squared singular value, over the largest one's square, that counts as standing still.
const STILL: f64 = 1e-14;

/// How far a decomposition goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Until it stands still.
    Exact,
    /// 60 multiplications by the Gram matrix at most, which leave out next to nothing of the matrix.
    Close,
    /// So many iterations of a random block of just the rank (Halko et al., algorithm 4.4), as `torch.svd_lowrank`'s
    /// `niter`.
    Iterations(usize),
}

/// `A ~ U diag(s) Vt`, in f64 on the host.
#[derive(Debug)]
pub struct Svd {
    /// `[rows, r]`, orthonormal columns
    pub u: Tensor,
    /// falling
    pub s: Vec<f64>,
    /// `[r, columns]`, orthonormal rows
    pub vt: Tensor,
}

/// The `rank` largest singular values of a matrix (as many as its shorter side, at most). The largest number of each
/// right vector is positive. Vectors of singular values that are 0 are 0 on one side.
pub fn truncated(matrix: &Tensor, rank: usize, effort: Effort) -> Result<Svd> {
    let (rows, columns) = matrix.dims2()?;
    let wide = columns > rows;
    // as tall as wide or taller, on the host
    let tall = if wide { matrix.t()? } else { matrix.clone() };
    let tall = tall.to_device(&Device::Cpu)?.to_dtype(DType::F64)?.contiguous()?;
    let side = rows.min(columns);
    let rank = rank.min(side);
    let rounds = match effort {
        Effort::Exact => 2000,
        Effort::Close => 60,
        Effort::Iterations(count) => {
            let Sketch { left, s, right } = sketch(&tall, rank, count)?;
            return with_fixed_signs(left, s, right, wide);
        }
    };
    let (values, vectors) = match side <= WHOLE || rank + BESIDE >= side {
        true => eigen(&tall.t()?.matmul(&tall)?)?,
        false => iterate(&tall, rank, rounds)?,
    };
    let right = vectors.narrow(1, 0, rank)?;
    let s: Vec<f64> = values[..rank].iter().map(|x| x.max(0.0).sqrt()).collect();
    with_fixed_signs(image(&tall, &right, &s)?, s, right, wide)
}

/// `A v / s` by columns, 0 where `s` is.
fn image(matrix: &Tensor, right: &Tensor, s: &[f64]) -> Result<Tensor> {
    let least = 1e-9 * s.first().copied().unwrap_or(0.0);
    let over = s.iter().map(|&s| if s > least { 1.0 / s } else { 0.0 });
    let over = Tensor::from_vec(over.collect(), (1, s.len()), &Device::Cpu)?;
    Ok(matrix.matmul(right)?.broadcast_mul(&over)?)
}

/// Vectors of the matrix itself from those of the tall one, with signs that do not depend on how they were found.
fn with_fixed_signs(left: Tensor, s: Vec<f64>, right: Tensor, wide: bool) -> Result<Svd> {
    let (u, v) = if wide { (right, left) } else { (left, right) };
    let signs = signs(&v)?;
    Ok(Svd {
        u: u.broadcast_mul(&signs)?.contiguous()?,
        s,
        vt: v.broadcast_mul(&signs)?.t()?.contiguous()?,
    })
}

/// Singular vectors by columns, and their values.
struct Sketch {
    left: Tensor,
    s: Vec<f64>,
    right: Tensor,
}

/// Singular vectors within the span that `count` iterations from a random block find.
fn sketch(tall: &Tensor, rank: usize, count: usize) -> Result<Sketch> {
    let back = tall.t()?.contiguous()?;
    let mut left = orthonormal(&tall.matmul(&random(tall, rank)?)?)?;
    for _ in 0..count {
        let right = orthonormal(&back.matmul(&left)?)?;
        left = orthonormal(&tall.matmul(&right)?)?;
    }
    // the decomposition of `leftᵗ A`, whose rows are turned among themselves
    let small = left.t()?.matmul(tall)?;
    let (values, turn) = eigen(&small.matmul(&small.t()?)?)?;
    let s: Vec<f64> = values.iter().map(|x| x.max(0.0).sqrt()).collect();
    let right = image(&small.t()?.contiguous()?, &turn, &s)?;
    Ok(Sketch {
        left: left.matmul(&turn)?,
        s,
        right,
    })
}

/// What multiplies `of` from the right: `[its columns, columns]`, normally distributed by the sum of twelve, the same for all
/// matrices of a shape. Numbers of the matrix may differ in their last bits from machine to machine, so they have no say.
fn random(of: &Tensor, columns: usize) -> Result<Tensor> {
    let (tall, rows) = of.dims2()?;
    let mut dice = ChaCha8Rng::seed_from_u64((tall as u64) << 32 | rows as u64);
    let mut draw = || (0..12).map(|_| dice.random::<f64>()).sum::<f64>() - 6.0;
    let values: Vec<f64> = (0..rows * columns).map(|_| draw()).collect();
    Ok(Tensor::from_vec(values, (rows, columns), &Device::Cpu)?)
}

/// The sign of the largest number of each column.
fn signs(v: &Tensor) -> Result<Tensor> {
    let columns: Vec<Vec<f64>> = v.t()?.contiguous()?.to_vec2()?;
    let sign = |column: &Vec<f64>| {
        let largest = column
            .iter()
            .fold(0.0, |most: f64, &x| if x.abs() > most.abs() { x } else { most });
        if largest < 0.0 { -1.0 } else { 1.0 }
    };
    let signs: Vec<f64> = columns.iter().map(sign).collect();
    let len = signs.len();
    Ok(Tensor::from_vec(signs, (1, len), &Device::Cpu)?)
}

/// The largest eigenvalues of `AᵗA` and their vectors `[columns, r]`, by subspace iteration.
fn iterate(tall: &Tensor, rank: usize, rounds: usize) -> Result<(Vec<f64>, Tensor)> {
    let side = tall.dim(1)?;
    let width = rank + BESIDE;
    let mut dice = ChaCha8Rng::seed_from_u64(side as u64);
    let start: Vec<f64> = (0..side * width).map(|_| dice.random::<f64>() - 0.5).collect();
    let mut block = orthonormal(&Tensor::from_vec(start, (side, width), &Device::Cpu)?)?;
    let mut before: Vec<f64> = vec![];
    for round in 1.. {
        let image = tall.t()?.matmul(&tall.matmul(&block)?)?;
        // the best vectors within the block
        let (values, turn) = eigen(&block.t()?.matmul(&image)?)?;
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= STILL * values[0];
        let still = !before.is_empty() && before.iter().zip(&values).all(close);
        if still || round == rounds {
            return Ok((values, block.matmul(&turn)?));
        }
        before = values[..rank].to_vec();
        block = orthonormal(&image.matmul(&turn)?)?;
    }
    unreachable!("the rounds end")
}

/// Orthonormal columns of the same span (Gram and Schmidt, twice); one with nothing of its own becomes 0.
fn orthonormal(block: &Tensor) -> Result<Tensor> {
    let mut columns: Vec<Vec<f64>> = block.t()?.contiguous()?.to_vec2()?;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    for i in 0..columns.len() {
        let (done, rest) = columns.split_at_mut(i);
        let column = &mut rest[0];
        let whole = dot(column, column).sqrt();
        for _ in 0..2 {
            for other in done.iter() {
                let along = dot(column, other);
                column.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
            }
        }
        let length = dot(column, column).sqrt();
        let factor = if length > 1e-12 * whole { 1.0 / length } else { 0.0 };
        column.iter_mut().for_each(|x| *x *= factor);
    }
    let (count, len) = (columns.len(), block.dim(0)?);
    Ok(Tensor::from_vec(columns.concat(), (count, len), &Device::Cpu)?
        .t()?
        .contiguous()?)
}

/// Eigenvalues of a symmetric matrix, falling, and its eigenvectors as columns (cyclic Jacobi rotations; Golub and Van
/// Loan, 8.5).
fn eigen(matrix: &Tensor) -> Result<(Vec<f64>, Tensor)> {
    let mut a: Vec<Vec<f64>> = matrix.contiguous()?.to_vec2()?;
    let n = a.len();
    // rows are eigenvectors, so that a rotation walks memory in order
    let mut v: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    let total: f64 = a.iter().flatten().map(|x| x * x).sum();
    for _ in 0..40 {
        let off: f64 = (0..n)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| a[i][j] * a[i][j])
            .sum();
        if off <= 1e-32 * total {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j][j].total_cmp(&a[i][i]));
    let values = order.iter().map(|&i| a[i][i]).collect();
    let vectors: Vec<f64> = order.iter().flat_map(|&i| v[i].iter().copied()).collect();
    let vectors = Tensor::from_vec(vectors, (n, n), &Device::Cpu)?.t()?.contiguous()?;
    Ok((values, vectors))
}

/// Turns `a[p][q]` to 0.
fn rotate(a: &mut [Vec<f64>], v: &mut [Vec<f64>], p: usize, q: usize) {
    if a[p][q] == 0.0 {
        return;
    }
    let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    for row in a.iter_mut() {
        let (x, y) = (row[p], row[q]);
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
    for rows in [&mut *a, v] {
        let (head, tail) = rows.split_at_mut(q);
        for (x, y) in head[p].iter_mut().zip(&mut tail[0]) {
            (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(rows: usize, columns: usize) -> Tensor {
        let mut dice = ChaCha8Rng::seed_from_u64(3);
        let values: Vec<f32> = (0..rows * columns).map(|_| dice.random::<f32>() - 0.5).collect();
        Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap()
    }

    fn double(x: &Tensor) -> Tensor {
        x.to_dtype(DType::F64).unwrap()
    }

    fn largest(x: &Tensor) -> f64 {
        let x = x.abs().unwrap().flatten_all().unwrap();
        x.max(0).unwrap().to_scalar().unwrap()
    }

    fn row(values: &[f64]) -> Tensor {
        Tensor::from_vec(values.to_vec(), (1, values.len()), &Device::Cpu).unwrap()
    }

    fn product(svd: &Svd) -> Tensor {
        svd.u.broadcast_mul(&row(&svd.s)).unwrap().matmul(&svd.vt).unwrap()
    }

    /// `A v = s u`, `Aᵗ u = s v`, and vectors of unit length at right angles.
    fn check(matrix: &Tensor, svd: &Svd, tolerance: f64) {
        let (matrix, s) = (double(matrix), row(&svd.s));
        let v = svd.vt.t().unwrap().contiguous().unwrap();
        let off = (matrix.matmul(&v).unwrap() - svd.u.broadcast_mul(&s).unwrap()).unwrap();
        assert!(largest(&off) < tolerance, "A v: {:e}", largest(&off));
        let back = matrix.t().unwrap().contiguous().unwrap();
        let off = (back.matmul(&svd.u).unwrap() - v.broadcast_mul(&s).unwrap()).unwrap();
        assert!(largest(&off) < tolerance, "Aᵗ u: {:e}", largest(&off));
        let eye = Tensor::eye(svd.s.len(), DType::F64, &Device::Cpu).unwrap();
        for side in [&svd.u, &v] {
            let gram = side.t().unwrap().matmul(side).unwrap();
            assert!(largest(&(gram - &eye).unwrap()) < 1e-9);
        }
        assert!(svd.s.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn worked_by_hand() {
        // [[3, 0], [4, 5]]: s = 3 sqrt(5), sqrt(5); the right vectors are (1, 1) and (-1, 1) over sqrt(2)
        let matrix = Tensor::new(&[[3f32, 0.0], [4.0, 5.0]], &Device::Cpu).unwrap();
        let svd = truncated(&matrix, 2, Effort::Exact).unwrap();
        assert!((svd.s[0] - 45f64.sqrt()).abs() < 1e-12 && (svd.s[1] - 5f64.sqrt()).abs() < 1e-12);
        let half = 0.5f64.sqrt();
        let first = svd.vt.narrow(0, 0, 1).unwrap();
        assert!(largest(&(first - row(&[half, half])).unwrap()) < 1e-12);
        assert!(largest(&(product(&svd) - double(&matrix)).unwrap()) < 1e-12);
    }

    #[test]
    fn the_whole_of_it_is_the_matrix_either_way_round() {
        for (rows, columns) in [(5, 9), (9, 5), (40, 24), (1, 3), (16, 16)] {
            let matrix = noise(rows, columns);
            for effort in [Effort::Exact, Effort::Close, Effort::Iterations(2)] {
                let svd = truncated(&matrix, 99, effort).unwrap();
                check(&matrix, &svd, 1e-9);
                let off = largest(&(product(&svd) - double(&matrix)).unwrap());
                assert!(off < 1e-9, "{rows} x {columns}, {effort:?}: {off:e}");
            }
        }
    }

    #[test]
    fn large_ones_are_iterated_to_the_same() {
        // a spectrum that falls as those of weights and gradients do
        let fall: Vec<f32> = (0..220).map(|i| 0.93f32.powi(i)).collect();
        let fall = Tensor::from_vec(fall, (1, 220), &Device::Cpu).unwrap();
        let matrix = noise(260, 220).broadcast_mul(&fall).unwrap();
        let tall = double(&matrix);
        let (whole, _) = eigen(&tall.t().unwrap().matmul(&tall).unwrap()).unwrap();
        for (effort, tolerance) in [(Effort::Exact, 1e-6), (Effort::Close, 1e-5)] {
            let svd = truncated(&matrix, 8, effort).unwrap();
            for (s, whole) in svd.s.iter().zip(&whole) {
                let whole = whole.sqrt();
                assert!((s - whole).abs() < 1e-7 * whole, "{s}, expected {whole}");
            }
            check(&matrix, &svd, tolerance);
        }
    }

    #[test]
    fn iterations_find_what_the_exact_one_does() {
        let matrix = noise(40, 24);
        let exact = truncated(&matrix, 3, Effort::Exact).unwrap();
        let found = truncated(&matrix, 3, Effort::Iterations(300)).unwrap();
        check(&matrix, &found, 1e-6);
        assert!(largest(&(product(&found) - product(&exact)).unwrap()) < 1e-6);
        // fewer iterations capture less
        let rough = truncated(&matrix, 3, Effort::Iterations(0)).unwrap();
        assert!(rough.s.iter().sum::<f64>() < exact.s.iter().sum::<f64>() - 1e-2);
    }

    #[test]
    fn a_matrix_of_lower_rank_has_zeros_behind() {
        let one = noise(6, 1).matmul(&noise(1, 4)).unwrap();
        for effort in [Effort::Exact, Effort::Iterations(2)] {
            let svd = truncated(&one, 3, effort).unwrap();
            assert!(svd.s[0] > 0.0 && svd.s[1] < 1e-6 * svd.s[0]);
            assert!(largest(&(product(&svd) - double(&one)).unwrap()) < 1e-6);
        }
    }
}
