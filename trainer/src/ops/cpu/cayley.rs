//! Cayley's map: from a skew-symmetric matrix `Q`, held as the numbers above its diagonal, to a rotation `R`, and back with
//! a gradient.
//!
//! Exact, `R = (I - Q)(I + Q)^-1`; or Neumann's series for the inverse cut off after some terms, which PEFT takes unless
//! told otherwise: `R = I + 2 Q + 2 Q^2 + ... + Q^n`, the last term once since PEFT 0.18, twice before.

/// How a rotation follows from its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cayley {
    Exact,
    Series {
        terms: usize,
        /// the last term counts as much as those before it, as it did up to PEFT 0.17
        even: bool,
    },
}

/// As many numbers as lie above the diagonal.
pub fn above_diagonal(size: usize) -> usize {
    size * (size - 1) / 2
}

impl Cayley {
    /// `R`, `[size, size]` row-major.
    pub fn rotation(self, above: &[f32], size: usize) -> Vec<f64> {
        let q = skew(above, size);
        match self {
            Self::Exact => {
                let (left, right) = (plus(&identity(size), &q, -1.0), plus(&identity(size), &q, 1.0));
                product(&left, &inverse(right, size), size)
            }
            Self::Series { .. } => {
                let mut sum = identity(size);
                let mut power = identity(size);
                for factor in self.factors() {
                    power = product(&power, &q, size);
                    sum = plus(&sum, &power, factor);
                }
                sum
            }
        }
    }

    /// The gradient by the numbers from that by `R`.
    pub fn gradient(self, above: &[f32], by_rotation: &[f64], size: usize) -> Vec<f64> {
        let q = skew(above, size);
        let by_q = match self {
            // dR = -(I + R) dQ (I + Q)^-1
            Self::Exact => {
                let rotation = self.rotation(above, size);
                let inverse = inverse(plus(&identity(size), &q, 1.0), size);
                let left = transposed(&plus(&identity(size), &rotation, 1.0), size);
                let whole = product(&product(&left, by_rotation, size), &transposed(&inverse, size), size);
                whole.iter().map(|x| -x).collect()
            }
            // back through the powers, each the one before times Q; the transpose of Q is -Q
            Self::Series { .. } => {
                let factors = self.factors();
                let mut powers = vec![identity(size)];
                for at in 1..factors.len() {
                    powers.push(product(&powers[at - 1], &q, size));
                }
                let mut by_q = vec![0.0; size * size];
                let mut by_power = vec![0.0; size * size];
                for (at, factor) in factors.iter().enumerate().rev() {
                    by_power = plus(&by_power, by_rotation, *factor);
                    by_q = plus(&by_q, &product(&transposed(&powers[at], size), &by_power, size), 1.0);
                    by_power = product(&by_power, &q, size).iter().map(|x| -x).collect();
                }
                by_q
            }
        };
        let pairs = (0..size).flat_map(|i| (i + 1..size).map(move |j| (i, j)));
        pairs.map(|(i, j)| by_q[i * size + j] - by_q[j * size + i]).collect()
    }

    /// What `Q`, `Q^2`, … count in the sum: PEFT's counting of `terms` has the identity among them and ends on at least the
    /// third power where it has a second.
    pub fn factors(self) -> Vec<f64> {
        let Self::Series { terms, even } = self else {
            return vec![];
        };
        let mut factors = match (terms, even) {
            (0 | 1, _) => vec![],
            (2, _) => vec![2.0],
            (_, true) => vec![2.0; terms - 1],
            // the loop that adds the powers between stops two before the end
            (_, false) => vec![2.0; terms.max(4) - 1],
        };
        if terms > 2
            && !even
            && let Some(last) = factors.last_mut()
        {
            *last = 1.0;
        }
        factors
    }
}

fn identity(size: usize) -> Vec<f64> {
    let mut matrix = vec![0.0; size * size];
    matrix.iter_mut().step_by(size + 1).for_each(|x| *x = 1.0);
    matrix
}

fn skew(above: &[f32], size: usize) -> Vec<f64> {
    let mut q = vec![0.0; size * size];
    let pairs = (0..size).flat_map(|i| (i + 1..size).map(move |j| (i, j)));
    for ((i, j), &x) in pairs.zip(above) {
        q[i * size + j] = f64::from(x);
        q[j * size + i] = -f64::from(x);
    }
    q
}

fn plus(a: &[f64], b: &[f64], factor: f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + factor * b).collect()
}

fn transposed(a: &[f64], size: usize) -> Vec<f64> {
    let entry = |at: usize| a[at % size * size + at / size];
    (0..size * size).map(entry).collect()
}

fn product(a: &[f64], b: &[f64], size: usize) -> Vec<f64> {
    let mut out = vec![0.0; size * size];
    for (a, out) in a.chunks_exact(size).zip(out.chunks_exact_mut(size)) {
        for (factor, b) in a.iter().zip(b.chunks_exact(size)) {
            out.iter_mut().zip(b).for_each(|(out, b)| *out += factor * b);
        }
    }
    out
}

/// By Gauss and Jordan. `I + Q` with a skew `Q` always has one, for its eigenvalues are `1 + i x`.
fn inverse(mut a: Vec<f64>, size: usize) -> Vec<f64> {
    let mut out = identity(size);
    for column in 0..size {
        let largest = (column..size).max_by(|&i, &j| {
            let at = |row: usize| a[row * size + column].abs();
            at(i).total_cmp(&at(j))
        });
        let pivot = largest.unwrap_or(column);
        for at in 0..size {
            a.swap(pivot * size + at, column * size + at);
            out.swap(pivot * size + at, column * size + at);
        }
        let factor = 1.0 / a[column * size + column];
        for at in 0..size {
            a[column * size + at] *= factor;
            out[column * size + at] *= factor;
        }
        for row in (0..size).filter(|&row| row != column) {
            let factor = a[row * size + column];
            for at in 0..size {
                a[row * size + at] -= factor * a[column * size + at];
                out[row * size + at] -= factor * out[column * size + at];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Cayley; 6] = [
        Cayley::Exact,
        Cayley::Series { terms: 2, even: false },
        Cayley::Series { terms: 3, even: false },
        Cayley::Series { terms: 5, even: false },
        Cayley::Series { terms: 7, even: false },
        Cayley::Series { terms: 5, even: true },
    ];
    const ABOVE: [f32; 6] = [0.3, -0.1, 0.2, 0.05, -0.25, 0.15];

    #[test]
    fn worked_by_hand() {
        // Q = [[0, x], [-x, 0]], Q^2 = -x^2 I, Q^3 = -x^2 Q, Q^4 = x^4 I
        let x = 0.5f64;
        for (kind, same, across) in [
            (Cayley::Exact, (1.0 - x * x) / (1.0 + x * x), -2.0 * x / (1.0 + x * x)),
            (KINDS[1], 1.0, 2.0 * x),
            (KINDS[2], 1.0 - 2.0 * x * x, 2.0 * x - x * x * x),
            (KINDS[3], 1.0 - 2.0 * x * x + x.powi(4), 2.0 * x - 2.0 * x.powi(3)),
            (KINDS[5], 1.0 - 2.0 * x * x + 2.0 * x.powi(4), 2.0 * x - 2.0 * x.powi(3)),
        ] {
            let got = kind.rotation(&[0.5], 2);
            for (got, want) in got.iter().zip([same, across, -across, same]) {
                assert!((got - want).abs() < 1e-12, "{kind:?}: {got} {want}");
            }
        }
    }

    #[test]
    fn the_exact_map_gives_rotations() {
        let r = Cayley::Exact.rotation(&ABOVE, 4);
        let same = product(&transposed(&r, 4), &r, 4);
        for (got, want) in same.iter().zip(identity(4)) {
            assert!((got - want).abs() < 1e-12);
        }
    }

    #[test]
    fn gradients_are_the_slopes() {
        let weights: Vec<f64> = (0..16).map(|i| (0.7 * f64::from(i)).sin()).collect();
        for kind in KINDS {
            let value = |above: &[f32]| -> f64 {
                let r = kind.rotation(above, 4);
                r.iter().zip(&weights).map(|(r, w)| r * w).sum()
            };
            let gradient = kind.gradient(&ABOVE, &weights, 4);
            for (at, got) in gradient.iter().enumerate() {
                let step = 0.0078125;
                let moved = |by: f32| {
                    let mut above = ABOVE;
                    above[at] += by;
                    value(&above)
                };
                let (near, far) = (
                    (moved(step) - moved(-step)) / 2.0,
                    (moved(2.0 * step) - moved(-2.0 * step)) / 4.0,
                );
                let want = (4.0 * near - far) / 3.0 / f64::from(step);
                assert!(
                    (got - want).abs() < 1e-5 * (1.0 + want.abs()),
                    "{kind:?} {at}: {got} {want}"
                );
            }
        }
    }
}
