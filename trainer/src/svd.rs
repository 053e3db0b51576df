//! The largest singular values of a matrix and their vectors, by the eigenvectors of its Gram matrix in f64.
//!
//! Small matrices are solved whole. Of large ones a block of vectors, some more than asked for, is multiplied by the
//! Gram matrix until it stands still (subspace iteration with Rayleigh–Ritz; Golub and Van Loan, *Matrix Computations*,
//! 8.2.4; Halko, Martinsson and Tropp, arXiv 0909.4061).

use crate::error::Result;
use candle_core::{DType, Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Sides up to this are solved whole.
const WHOLE: usize = 192;
/// Vectors iterated beside those asked for.
const BESIDE: usize = 16;
/// Multiplications by the Gram matrix, at most.
const ROUNDS: usize = 60;
/// Change of a squared singular value, over the largest one's square, that counts as standing still.
const STILL: f64 = 1e-14;

/// `A ~ U diag(s) Vt`, in f32 on the matrix's device.
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
/// right vector is positive. Vectors of singular values that are 0 are 0 on the longer side.
pub fn truncated(matrix: &Tensor, rank: usize) -> Result<Svd> {
    let (rows, columns) = matrix.dims2()?;
    let wide = columns > rows;
    // as tall as wide or taller, on the host
    let tall = if wide { matrix.t()? } else { matrix.clone() };
    let tall = tall.to_device(&Device::Cpu)?.to_dtype(DType::F64)?.contiguous()?;
    let side = rows.min(columns);
    let rank = rank.min(side);
    let (values, vectors) = match side <= WHOLE || rank + BESIDE >= side {
        true => eigen(&tall.t()?.matmul(&tall)?)?,
        false => iterate(&tall, rank)?,
    };
    let right = vectors.narrow(1, 0, rank)?;
    let s: Vec<f64> = values[..rank].iter().map(|x| x.max(0.0).sqrt()).collect();
    let least = 1e-9 * s.first().copied().unwrap_or(0.0);
    let over: Vec<f64> = s.iter().map(|&s| if s > least { 1.0 / s } else { 0.0 }).collect();
    let left = tall
        .matmul(&right)?
        .broadcast_mul(&Tensor::from_vec(over, (1, rank), &Device::Cpu)?)?;
    let (u, v) = if wide { (right, left) } else { (left, right) };
    let signs = signs(&v)?;
    let back = |x: Tensor| -> Result<Tensor> {
        let x = x.broadcast_mul(&signs)?.to_dtype(DType::F32)?;
        Ok(x.to_device(matrix.device())?)
    };
    Ok(Svd {
        u: back(u)?.contiguous()?,
        s,
        vt: back(v)?.t()?.contiguous()?,
    })
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
fn iterate(tall: &Tensor, rank: usize) -> Result<(Vec<f64>, Tensor)> {
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
        if still || round == ROUNDS {
            return Ok((values, block.matmul(&turn)?));
        }
        before = values[..rank].to_vec();
        block = orthonormal(&image.matmul(&turn)?)?;
    }
    unreachable!("the rounds end")
}

/// Orthonormal columns of the same span (Gram and Schmidt, twice).
fn orthonormal(block: &Tensor) -> Result<Tensor> {
    let mut columns: Vec<Vec<f64>> = block.t()?.contiguous()?.to_vec2()?;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    for i in 0..columns.len() {
        let (done, rest) = columns.split_at_mut(i);
        let column = &mut rest[0];
        for _ in 0..2 {
            for other in done.iter() {
                let along = dot(column, other);
                column.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
            }
            let length = dot(column, column).sqrt().max(f64::MIN_POSITIVE);
            column.iter_mut().for_each(|x| *x /= length);
        }
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

    fn random(rows: usize, columns: usize) -> Tensor {
        let mut dice = ChaCha8Rng::seed_from_u64(3);
        let values: Vec<f32> = (0..rows * columns).map(|_| dice.random::<f32>() - 0.5).collect();
        Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap()
    }

    fn largest(x: &Tensor) -> f32 {
        x.abs()
            .unwrap()
            .flatten_all()
            .unwrap()
            .max(0)
            .unwrap()
            .to_scalar()
            .unwrap()
    }

    fn product(svd: &Svd) -> Tensor {
        let s: Vec<f32> = svd.s.iter().map(|&s| s as f32).collect();
        let s = Tensor::from_vec(s, (1, svd.s.len()), &Device::Cpu).unwrap();
        svd.u.broadcast_mul(&s).unwrap().matmul(&svd.vt).unwrap()
    }

    #[test]
    fn worked_by_hand() {
        // [[3, 0], [4, 5]]: s = 3 sqrt(5), sqrt(5); the right vectors are (1, 1) and (-1, 1) over sqrt(2)
        let matrix = Tensor::new(&[[3f32, 0.0], [4.0, 5.0]], &Device::Cpu).unwrap();
        let svd = truncated(&matrix, 2).unwrap();
        assert!((svd.s[0] - 45f64.sqrt()).abs() < 1e-12 && (svd.s[1] - 5f64.sqrt()).abs() < 1e-12);
        let half = 0.5f32.sqrt();
        assert!(
            largest(&(svd.vt.narrow(0, 0, 1).unwrap() - Tensor::new(&[[half, half]], &Device::Cpu).unwrap()).unwrap())
                < 1e-6
        );
        assert!(largest(&(product(&svd) - matrix).unwrap()) < 1e-6);
    }

    #[test]
    fn the_whole_of_it_is_the_matrix() {
        for (rows, columns) in [(5, 9), (9, 5), (40, 24), (1, 3)] {
            let matrix = random(rows, columns);
            let svd = truncated(&matrix, 99).unwrap();
            assert!(
                largest(&(product(&svd) - &matrix).unwrap()) < 1e-5,
                "{rows} x {columns}"
            );
            assert!(svd.s.is_sorted_by(|a, b| a >= b));
        }
    }

    #[test]
    fn large_ones_are_iterated_to_the_same() {
        // a spectrum that falls as those of weights and gradients do
        let base = random(260, 220);
        let fall: Vec<f32> = (0..220).map(|i| 0.93f32.powi(i)).collect();
        let matrix = base
            .broadcast_mul(&Tensor::from_vec(fall, (1, 220), &Device::Cpu).unwrap())
            .unwrap();
        let tall = matrix.to_dtype(DType::F64).unwrap();
        let (exact, _) = eigen(&tall.t().unwrap().matmul(&tall).unwrap()).unwrap();
        let svd = truncated(&matrix, 8).unwrap();
        for (s, exact) in svd.s.iter().zip(&exact) {
            assert!(
                (s - exact.sqrt()).abs() < 1e-7 * exact.sqrt(),
                "{s}, expected {}",
                exact.sqrt()
            );
        }
        // A v = s u, both orthonormal
        let s: Vec<f32> = svd.s.iter().map(|&s| s as f32).collect();
        let s = Tensor::from_vec(s, (1, 8), &Device::Cpu).unwrap();
        let image = matrix.matmul(&svd.vt.t().unwrap()).unwrap();
        assert!(largest(&(image - svd.u.broadcast_mul(&s).unwrap()).unwrap()) < 1e-4);
        let eye = Tensor::eye(8, DType::F32, &Device::Cpu).unwrap();
        let gram = svd.u.t().unwrap().matmul(&svd.u).unwrap();
        assert!(largest(&(gram - &eye).unwrap()) < 1e-5);
        let gram = svd.vt.matmul(&svd.vt.t().unwrap()).unwrap();
        assert!(largest(&(gram - &eye).unwrap()) < 1e-5);
    }

    #[test]
    fn a_matrix_of_lower_rank_has_zeros_behind() {
        let one = random(6, 1).matmul(&random(1, 4)).unwrap();
        let svd = truncated(&one, 3).unwrap();
        assert!(svd.s[0] > 0.0 && svd.s[1] < 1e-6 * svd.s[0]);
        assert!(largest(&(product(&svd) - one).unwrap()) < 1e-6);
    }
}
