//! Loops over 16 lanes at a time, in a fixed order, so that a sum has the same bits on every run.

use super::Float;

const LANES: usize = 16;

/// e^x to about one unit in the last place (Cephes' expf polynomial); NaN stays NaN, and the exponent saturates.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, 12_582_912.0);
    let n = shifted - 12_582_912.0;
    let exponent = (shifted.to_bits() as i32).wrapping_sub(0x4B40_0000);
    let r = n.mul_add(-0.693_359_4, x);
    let r = n.mul_add(2.121_944_4e-4, r);
    let p = 1.987_569_1e-4_f32;
    let p = p.mul_add(r, 1.398_199_9e-3);
    let p = p.mul_add(r, 8.333_452e-3);
    let p = p.mul_add(r, 4.166_579_6e-2);
    let p = p.mul_add(r, 1.666_666_6e-1);
    let p = p.mul_add(r, 0.5);
    let p = p.mul_add(r * r, r) + 1.0;
    p * f32::from_bits((exponent.wrapping_add(127) << 23) as u32)
}

#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// tanh x, off by 2^-23 or so of 1.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let e = exp(-2.0 * x.abs());
    let t = (1.0 - e) / (1.0 + e);
    if x < 0.0 { -t } else { t }
}

#[inline(always)]
fn total(lanes: [f32; LANES]) -> f32 {
    lanes.iter().sum()
}

#[inline(always)]
pub fn dot<A: Float, B: Float>(a: &[A], b: &[B]) -> f32 {
    let mut lanes = [0f32; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f32 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(x, y)| x.widened() * y.widened())
        .sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for i in 0..LANES {
            lanes[i] = x[i].widened().mul_add(y[i].widened(), lanes[i]);
        }
    }
    total(lanes) + tail
}

/// sum of a * b * c
#[inline(always)]
pub fn dot3<A: Float, C: Float>(a: &[A], b: &[A], c: &[C]) -> f32 {
    let mut lanes = [0f32; LANES];
    let n = a.len() / LANES * LANES;
    let chunks = a
        .chunks_exact(LANES)
        .zip(b.chunks_exact(LANES))
        .zip(c.chunks_exact(LANES));
    for ((x, y), z) in chunks {
        for i in 0..LANES {
            lanes[i] = (x[i].widened() * y[i].widened()).mul_add(z[i].widened(), lanes[i]);
        }
    }
    let tail: f32 = (n..a.len())
        .map(|i| a[i].widened() * b[i].widened() * c[i].widened())
        .sum();
    total(lanes) + tail
}

/// sum of (a - shift) * b * c
#[inline(always)]
pub fn dot3_about<A: Float, C: Float>(a: &[A], shift: f32, b: &[A], c: &[C]) -> f32 {
    let mut lanes = [0f32; LANES];
    let n = a.len() / LANES * LANES;
    let chunks = a
        .chunks_exact(LANES)
        .zip(b.chunks_exact(LANES))
        .zip(c.chunks_exact(LANES));
    for ((x, y), z) in chunks {
        for i in 0..LANES {
            lanes[i] = ((x[i].widened() - shift) * y[i].widened()).mul_add(z[i].widened(), lanes[i]);
        }
    }
    let tail: f32 = (n..a.len())
        .map(|i| (a[i].widened() - shift) * b[i].widened() * c[i].widened())
        .sum();
    total(lanes) + tail
}

#[inline(always)]
pub fn sum_of<A: Float>(a: &[A]) -> f32 {
    let mut lanes = [0f32; LANES];
    let chunks = a.chunks_exact(LANES);
    let tail: f32 = chunks.remainder().iter().map(|x| x.widened()).sum();
    for x in chunks {
        for i in 0..LANES {
            lanes[i] += x[i].widened();
        }
    }
    total(lanes) + tail
}

/// sum of (a - shift)^2
#[inline(always)]
pub fn squares_about<A: Float>(a: &[A], shift: f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let chunks = a.chunks_exact(LANES);
    let squared = |x: &A| (x.widened() - shift) * (x.widened() - shift);
    let tail: f32 = chunks.remainder().iter().map(squared).sum();
    for x in chunks {
        for i in 0..LANES {
            let away = x[i].widened() - shift;
            lanes[i] = away.mul_add(away, lanes[i]);
        }
    }
    total(lanes) + tail
}

#[inline(always)]
pub fn max(a: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = a.chunks_exact(LANES);
    let tail = chunks.remainder().iter().fold(f32::NEG_INFINITY, |m, &x| m.max(x));
    for x in chunks {
        for i in 0..LANES {
            lanes[i] = if x[i] > lanes[i] { x[i] } else { lanes[i] };
        }
    }
    lanes.iter().fold(tail, |m, &x| m.max(x))
}

#[inline(always)]
pub fn sum(a: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let chunks = a.chunks_exact(LANES);
    let tail: f32 = chunks.remainder().iter().sum();
    for x in chunks {
        for i in 0..LANES {
            lanes[i] += x[i];
        }
    }
    total(lanes) + tail
}

/// a = exp(a * scale - shift) in place; the sum of the results
#[inline(always)]
pub fn exp_in_place(a: &mut [f32], scale: f32, shift: f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let mut chunks = a.chunks_exact_mut(LANES);
    for x in &mut chunks {
        for i in 0..LANES {
            let e = exp(x[i].mul_add(scale, -shift));
            x[i] = e;
            lanes[i] += e;
        }
    }
    let mut tail = 0f32;
    for x in chunks.into_remainder() {
        *x = exp(x.mul_add(scale, -shift));
        tail += *x;
    }
    total(lanes) + tail
}

/// Sums of e^x, and of x e^x.
#[derive(Clone, Copy, Default)]
pub struct ExpSums {
    pub sum: f32,
    pub moment: f32,
}

/// Those of a - shift.
#[inline(always)]
pub fn exp_sums(a: &[f32], shift: f32) -> ExpSums {
    let (mut sums, mut moments, mut tail) = ([0f32; LANES], [0f32; LANES], ExpSums::default());
    let chunks = a.chunks_exact(LANES);
    for &x in chunks.remainder() {
        let e = exp(x - shift);
        tail.sum += e;
        tail.moment += e * (x - shift);
    }
    for x in chunks {
        for i in 0..LANES {
            let e = exp(x[i] - shift);
            sums[i] += e;
            moments[i] = e.mul_add(x[i] - shift, moments[i]);
        }
    }
    ExpSums {
        sum: total(sums) + tail.sum,
        moment: total(moments) + tail.moment,
    }
}

/// The same, with a = e^(a - shift) in place
#[inline(always)]
pub fn exp_sums_in_place(a: &mut [f32], shift: f32) -> ExpSums {
    let (mut sums, mut moments, mut tail) = ([0f32; LANES], [0f32; LANES], ExpSums::default());
    let mut chunks = a.chunks_exact_mut(LANES);
    for x in &mut chunks {
        for i in 0..LANES {
            let above = x[i] - shift;
            x[i] = exp(above);
            sums[i] += x[i];
            moments[i] = x[i].mul_add(above, moments[i]);
        }
    }
    for x in chunks.into_remainder() {
        let above = *x - shift;
        *x = exp(above);
        tail.sum += *x;
        tail.moment += *x * above;
    }
    ExpSums {
        sum: total(sums) + tail.sum,
        moment: total(moments) + tail.moment,
    }
}

#[inline(always)]
pub fn scale(a: &mut [f32], factor: f32) {
    for x in a {
        *x *= factor;
    }
}

/// y += factor * x
#[inline(always)]
pub fn axpy<X: Float, Y: Float>(factor: f32, x: &[X], y: &mut [Y]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = Y::rounded(factor.mul_add(x.widened(), y.widened()));
    }
}
