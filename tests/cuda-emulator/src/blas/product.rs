//! Products as cuBLAS makes them. Sums are rounded once, devices round a little worse.
use super::{EXECUTION_FAILED, INVALID_VALUE, SUCCESS};
use crate::device::Device;
use crate::fault::{Checked, Code, Fault};
use crate::float::{self, Rounding};
use crate::ptx::Type;
use half::{bf16, f16};
use std::ffi::c_int;

#[derive(Clone, Copy)]
pub struct Matrix {
    pub at: u64,
    pub ty: Type,
    /// Between columns.
    pub pitch: usize,
    /// Between matrices of the batch.
    pub stride: i64,
}

impl Matrix {
    /// Matrix `batch` of the batch, which lies in `rows` x `columns`, as f64 by columns.
    fn read(&self, device: &mut Device, batch: usize, rows: usize, columns: usize) -> Checked<Vec<f64>> {
        let mut out = Vec::with_capacity(rows * columns);
        for column in 0..columns {
            let place = self.place(batch, column);
            let (bytes, known) = device.memory.read(place, rows * self.ty.bytes())?;
            if !known {
                let place = device.memory.describe(place);
                let what = format!("a product reads elements that nobody has written: {place}");
                return Err(Fault::new(Code::IllegalAddress, what));
            }
            match self.ty {
                Type::F64 => out.extend(bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b))),
                Type::F16 => out.extend(bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f64())),
                Type::Bf16 => out.extend(bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f64())),
                _ => out.extend(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b) as f64)),
            }
        }
        Ok(out)
    }

    fn place(&self, batch: usize, column: usize) -> u64 {
        let element = batch as i64 * self.stride + (column * self.pitch) as i64;
        self.at.wrapping_add_signed(element * self.ty.bytes() as i64)
    }
}

/// `c = alpha a b + beta c`, each matrix of a batch for itself.
pub struct Product {
    pub transposed: (bool, bool),
    pub size: (usize, usize, usize),
    pub alpha: f64,
    pub beta: f64,
    pub a: Matrix,
    pub b: Matrix,
    pub c: Matrix,
    pub batch: usize,
    /// The type that inputs are rounded to first.
    pub rounded_to: Option<Type>,
}

impl Product {
    pub fn run(&self, device: &mut Device) -> c_int {
        let (m, n, k) = self.size;
        let rows = (
            if self.transposed.0 { k } else { m },
            if self.transposed.1 { n } else { k },
        );
        if self.a.pitch < rows.0.max(1) || self.b.pitch < rows.1.max(1) || self.c.pitch < m.max(1) {
            eprintln!("cuda-emulator: a leading dimension is smaller than the rows: {m} x {n} x {k}");
            return INVALID_VALUE;
        }
        let read = m * k * self.a.ty.bytes() + k * n * self.b.ty.bytes();
        let written = m * n * self.c.ty.bytes() * if self.beta == 0.0 { 1 } else { 2 };
        device.counters.products.add(self.batch * (read + written));
        match self.compute(device) {
            Ok(()) => SUCCESS,
            Err(fault) => {
                eprintln!("cuda-emulator: product {m} x {n} x {k}: {}", fault.message);
                EXECUTION_FAILED
            }
        }
    }

    fn compute(&self, device: &mut Device) -> Checked<()> {
        let (m, n, k) = self.size;
        for batch in 0..self.batch {
            // `a` by columns of m, `b` by columns of k
            let mut a = match self.transposed.0 {
                true => turned(&self.a.read(device, batch, k, m)?, k),
                false => self.a.read(device, batch, m, k)?,
            };
            let mut b = match self.transposed.1 {
                true => turned(&self.b.read(device, batch, n, k)?, n),
                false => self.b.read(device, batch, k, n)?,
            };
            if let Some(ty) = self.rounded_to {
                let round = |v: &mut f64| *v = float::to_f64(float::from_f64(*v, ty, Rounding::Nearest), ty);
                a.iter_mut().chain(&mut b).for_each(round);
            }
            let old = match self.beta {
                0.0 => None,
                _ => Some(self.c.read(device, batch, m, n)?),
            };
            let mut sums = vec![0.0; m];
            for j in 0..n {
                column(&a, &b[j * k..(j + 1) * k], &mut sums);
                let mut bytes = Vec::with_capacity(m * self.c.ty.bytes());
                for (i, sum) in sums.iter().enumerate() {
                    let value = self.alpha * sum + old.as_ref().map_or(0.0, |old| self.beta * old[j * m + i]);
                    let bits = float::from_f64(value, self.c.ty, Rounding::Nearest);
                    bytes.extend_from_slice(&bits.to_le_bytes()[..self.c.ty.bytes()]);
                }
                device.memory.write(self.c.place(batch, j), &bytes)?;
            }
        }
        Ok(())
    }
}

/// A matrix with columns of `rows` by rows.
fn turned(values: &[f64], rows: usize) -> Vec<f64> {
    let columns = values.len() / rows.max(1);
    let mut out = vec![0.0; values.len()];
    for (column, values) in values.chunks_exact(rows.max(1)).enumerate() {
        for (row, value) in values.iter().enumerate() {
            out[row * columns + column] = *value;
        }
    }
    out
}

/// `sums = a factors`, four columns of `a` at a time.
fn column(a: &[f64], factors: &[f64], sums: &mut [f64]) {
    let m = sums.len();
    sums.fill(0.0);
    if m == 0 {
        return;
    }
    let (fours, rest) = factors.as_chunks::<4>();
    for (columns, f) in a.chunks(4 * m).zip(fours) {
        let (a0, others) = columns.split_at(m);
        let (a1, others) = others.split_at(m);
        let (a2, a3) = others.split_at(m);
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += f[0] * a0[i] + f[1] * a1[i] + (f[2] * a2[i] + f[3] * a3[i]);
        }
    }
    for (columns, f) in a[fours.len() * 4 * m..].chunks_exact(m).zip(rest) {
        for (sum, value) in sums.iter_mut().zip(columns) {
            *sum += f * value;
        }
    }
}
