//! The largest singular values of a matrix and their vectors: exact by Jacobi's rotations, or by subspace iteration.
use super::weights::generator;
use rand::Rng;
use rayon::prelude::*;

/// Rotations are small enough below this cosine between two columns.
const ORTHOGONAL: f64 = 1e-14;
/// Sweeps of rotations at most; convergence is quadratic and takes fewer than ten.
const SWEEPS: usize = 60;

/// Row after row.
pub struct Matrix {
    pub values: Vec<f32>,
    pub rows: usize,
    pub columns: usize,
}

/// `values[i]` falling, with the unit vectors `left[i]` (`rows` numbers) and `right[i]` (`columns` numbers).
pub struct Triples {
    pub values: Vec<f64>,
    pub left: Vec<Vec<f64>>,
    pub right: Vec<Vec<f64>>,
}

/// The `rank` largest singular triples of `matrix`, all in f64. `iterations`: of a randomised subspace iteration
/// (*Finding structure with randomness*, arXiv 0909.4061, algorithm 4.4, from a start that is the same every time);
/// `None`: exact, in time that grows with the
/// square of the smaller side times the larger.
pub fn principal(matrix: &Matrix, rank: usize, iterations: Option<usize>) -> Triples {
    match iterations {
        None => exact(matrix, rank),
        Some(iterations) => subspace(matrix, rank, iterations),
    }
}

/// One-sided Jacobi on the vectors of the smaller side's count (Hestenes 1958): turned against each other until they
/// are orthogonal, their lengths are the singular values.
fn exact(matrix: &Matrix, rank: usize) -> Triples {
    let wide = matrix.columns >= matrix.rows;
    let mut vectors: Vec<Vec<f64>> = match wide {
        true => matrix.values.chunks_exact(matrix.columns).map(widen).collect(),
        false => (0..matrix.columns).map(|c| matrix.column(c)).collect(),
    };
    orthogonalise(&mut vectors);
    let mut found: Vec<(f64, Vec<f64>)> = vectors.into_iter().map(unit).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(rank);
    let (values, long): (Vec<f64>, Vec<Vec<f64>>) = found.into_iter().unzip();
    // W v = s u: the other side follows
    let short = long.iter().zip(&values).map(|(vector, &value)| {
        let product = if wide {
            matrix.times(vector)
        } else {
            matrix.transposed_times(vector)
        };
        product
            .into_iter()
            .map(|x| if value > 0.0 { x / value } else { 0.0 })
            .collect()
    });
    let short = short.collect();
    match wide {
        true => Triples {
            values,
            left: short,
            right: long,
        },
        false => Triples {
            values,
            left: long,
            right: short,
        },
    }
}

fn orthogonalise(vectors: &mut [Vec<f64>]) {
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..vectors.len() {
            for q in p + 1..vectors.len() {
                let (head, tail) = vectors.split_at_mut(q);
                turned |= turn(&mut head[p], &mut tail[0]);
            }
        }
        if !turned {
            return;
        }
    }
}

/// Makes two vectors orthogonal, the longer first; whether there was anything to do.
fn turn(x: &mut [f64], y: &mut [f64]) -> bool {
    let (alpha, beta, gamma) = (dot(x, x), dot(y, y), dot(x, y));
    if gamma.abs() <= ORTHOGONAL * (alpha * beta).sqrt() || gamma == 0.0 {
        return false;
    }
    let zeta = (beta - alpha) / (2.0 * gamma);
    let t = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
    let cos = 1.0 / (1.0 + t * t).sqrt();
    let sin = cos * t;
    for (x, y) in x.iter_mut().zip(y) {
        (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
    }
    true
}

fn subspace(matrix: &Matrix, rank: usize, iterations: usize) -> Triples {
    let mut rng = generator(0, "subspace");
    let mut draw = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let start = (0..rank).map(|_| (0..matrix.columns).map(|_| draw()).collect::<Vec<f64>>());
    let mut left: Vec<Vec<f64>> = start.map(|vector| matrix.times(&vector)).collect();
    orthonormalise(&mut left);
    for _ in 0..iterations {
        let mut right: Vec<_> = left.par_iter().map(|vector| matrix.transposed_times(vector)).collect();
        orthonormalise(&mut right);
        left = right.par_iter().map(|vector| matrix.times(vector)).collect();
        orthonormalise(&mut left);
    }
    // the decomposition of Q^T W, whose rows are turned among themselves
    let small: Vec<_> = left.iter().map(|vector| matrix.transposed_times(vector)).collect();
    let small = Matrix {
        values: small.iter().flatten().map(|&x| x as f32).collect(),
        rows: rank,
        columns: matrix.columns,
    };
    let found = exact(&small, rank);
    let combine = |weights: &Vec<f64>| {
        let mut sum = vec![0.0; matrix.rows];
        for (weight, vector) in weights.iter().zip(&left) {
            sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += weight * x);
        }
        sum
    };
    Triples {
        left: found.left.iter().map(combine).collect(),
        values: found.values,
        right: found.right,
    }
}

/// Gram and Schmidt, twice over; a vector with nothing of its own becomes zero.
fn orthonormalise(vectors: &mut [Vec<f64>]) {
    for i in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(i);
        let whole = dot(&rest[0], &rest[0]).sqrt();
        for earlier in before.iter().chain(before.iter()) {
            let share = dot(earlier, &rest[0]);
            rest[0].iter_mut().zip(earlier).for_each(|(x, e)| *x -= share * e);
        }
        let (length, vector) = unit(std::mem::take(&mut rest[0]));
        rest[0] = match length > 1e-12 * whole {
            true => vector,
            false => vec![0.0; vector.len()],
        };
    }
}

fn widen(row: &[f32]) -> Vec<f64> {
    row.iter().map(|&x| f64::from(x)).collect()
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn unit(vector: Vec<f64>) -> (f64, Vec<f64>) {
    let length = dot(&vector, &vector).sqrt();
    let scaled = vector.into_iter().map(|x| if length > 0.0 { x / length } else { 0.0 });
    (length, scaled.collect())
}

impl Matrix {
    fn column(&self, c: usize) -> Vec<f64> {
        let column = self.values.iter().skip(c).step_by(self.columns);
        column.map(|&x| f64::from(x)).collect()
    }

    /// `W v`
    fn times(&self, vector: &[f64]) -> Vec<f64> {
        let rows = self.values.chunks_exact(self.columns);
        rows.map(|row| row.iter().zip(vector).map(|(&w, v)| f64::from(w) * v).sum())
            .collect()
    }

    /// `W^T u`
    fn transposed_times(&self, vector: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.columns];
        for (row, u) in self.values.chunks_exact(self.columns).zip(vector) {
            sum.iter_mut().zip(row).for_each(|(sum, &w)| *sum += f64::from(w) * u);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `diag(3, 2, 1)` between a rotation of 3 dimensions and one of 4.
    fn known() -> (Matrix, [f64; 3]) {
        let u = [[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]];
        let half = 0.5;
        let v = [
            [half, half, half, half],
            [half, -half, half, -half],
            [half, half, -half, -half],
        ];
        let s = [3.0, 2.0, 1.0];
        let at = |r: usize, c: usize| (0..3).map(|i| u[r][i] * s[i] * v[i][c]).sum::<f64>() as f32;
        let values = (0..12).map(|i| at(i / 4, i % 4)).collect();
        (
            Matrix {
                values,
                rows: 3,
                columns: 4,
            },
            s,
        )
    }

    fn turned(m: &Matrix) -> Matrix {
        let values = (0..m.columns).flat_map(|c| (0..m.rows).map(move |r| m.values[r * m.columns + c]));
        Matrix {
            values: values.collect(),
            rows: m.columns,
            columns: m.rows,
        }
    }

    fn noise(rows: usize, columns: usize) -> Matrix {
        let mut rng = generator(5, "noise");
        let values = (0..rows * columns).map(|_| rng.random::<f32>() - 0.5).collect();
        Matrix { values, rows, columns }
    }

    /// `W v = s u`, `W^T u = s v`, and vectors of unit length at right angles.
    fn check(matrix: &Matrix, found: &Triples, tolerance: f64) {
        for (i, &value) in found.values.iter().enumerate() {
            let (u, v) = (&found.left[i], &found.right[i]);
            for (got, want) in matrix.times(v).iter().zip(u) {
                assert!((got - value * want).abs() < tolerance, "W v: {got}, {}", value * want);
            }
            for (got, want) in matrix.transposed_times(u).iter().zip(v) {
                assert!((got - value * want).abs() < tolerance, "W^T u: {got}, {}", value * want);
            }
            for j in 0..=i {
                let want = if i == j { 1.0 } else { 0.0 };
                assert!((dot(u, &found.left[j]) - want).abs() < 1e-9);
                assert!((dot(v, &found.right[j]) - want).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_matrix_of_known_singular_values_either_way_round() {
        let (matrix, values) = known();
        for matrix in [turned(&matrix), matrix] {
            let found = principal(&matrix, 3, None);
            for (got, want) in found.values.iter().zip(values) {
                assert!((got - want).abs() < 1e-6, "{got}");
            }
            check(&matrix, &found, 1e-6);
        }
    }

    #[test]
    fn exact_triples_hold_to_rounding_and_cover_the_matrix() {
        for (rows, columns) in [(20, 33), (33, 20), (16, 16)] {
            let matrix = noise(rows, columns);
            let found = principal(&matrix, rows.min(columns), None);
            check(&matrix, &found, 1e-10);
            let energy: f64 = found.values.iter().map(|v| v * v).sum();
            let want: f64 = matrix.values.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
            assert!((energy - want).abs() < 1e-9 * want);
            assert!(found.values.is_sorted_by(|a, b| a >= b));
        }
    }

    #[test]
    fn subspace_iteration_finds_what_the_exact_one_does() {
        let matrix = noise(40, 24);
        let (exact, found) = (principal(&matrix, 3, None), principal(&matrix, 3, Some(200)));
        for (got, want) in found.values.iter().zip(&exact.values) {
            assert!((got - want).abs() < 1e-6, "{got}, expected {want}");
        }
        // fewer iterations capture less
        let rough = principal(&matrix, 3, Some(0));
        assert!(rough.values.iter().sum::<f64>() < exact.values.iter().sum::<f64>() - 1e-2);
    }

    #[test]
    fn a_matrix_of_lower_rank_gives_zeros_past_it() {
        let values = vec![1.0, 2.0, 3.0, 2.0, 4.0, 6.0];
        let matrix = Matrix {
            values,
            rows: 2,
            columns: 3,
        };
        for iterations in [None, Some(2)] {
            let found = principal(&matrix, 2, iterations);
            assert!((found.values[0] - 70f64.sqrt()).abs() < 1e-6 && found.values[1] < 1e-6);
            assert!(found.left.iter().chain(&found.right).flatten().all(|x| x.is_finite()));
        }
    }
}
