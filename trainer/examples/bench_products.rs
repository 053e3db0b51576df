//! Matrix products on the shapes of `bench_step` and of TRL's small models: `bench_products [rounds]`. In GFLOP/s: what the
//! processor can do at most, the f32 products beside the `gemm` crate's, and those of bf16 by each body the processor has.
//! `THREADS` sets the threads of all. The best of the rounds counts, since others may use the machine too.
#![expect(clippy::print_stdout, reason = "a program to be looked at")]

use half::bf16;
use rayon::prelude::*;
use std::time::Instant;
use trainer::ops::cpu::bf16::{Body, Dims, Epilogue, product_by};
use trainer::ops::cpu::matmul::{Strided, Strides};
use trainer::ops::cpu::tune_allocator;
use trainer::ops::{Buf, Engine, Write, matmul};

/// `[tokens, in, out]`: attention's projections, the MLP's, a chunk of the head, a low-rank term down and up.
const SHAPES: [[usize; 3]; 10] = [
    [1536, 512, 512],
    [1536, 512, 1408],
    [1536, 1408, 512],
    [1024, 512, 2048],
    [512, 576, 576],
    [2048, 576, 1536],
    [4096, 1536, 576],
    [2048, 2048, 2048],
    [1536, 512, 16],
    [1536, 16, 512],
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tune_allocator();
    if let Some(threads) = std::env::var("THREADS").ok().and_then(|t| t.parse().ok()) {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    }
    let rounds = std::env::args().nth(1).map_or(Ok(20), |arg| arg.parse())?;
    println!("{}, {} threads", processor(), rayon::current_num_threads());
    ceilings();
    print!("     tokens x in -> out       f32  crate");
    Body::all().iter().for_each(|body| print!("  {body:?}"));
    println!("  (GFLOP/s, best of {rounds})");
    // logarithms of how many times as fast as our f32 each is
    let mut gains = vec![0.0; 1 + Body::all().len()];
    for shape in SHAPES {
        for way in [Way::Forward, Way::InputGrad, Way::WeightGrad] {
            let speeds = Case::new(way, shape).speeds(rounds)?;
            let [tokens, input, output] = shape;
            print!("{:2} {tokens:6} x {input:4} -> {output:4}", way.name());
            speeds.iter().for_each(|speed| print!("  {speed:6.0}"));
            println!();
            for (gain, speed) in gains.iter_mut().zip(&speeds[1..]) {
                *gain += (speed / speeds[0]).ln();
            }
        }
    }
    let gains = gains
        .iter()
        .map(|sum| format!("{:.2}", (sum / (3 * SHAPES.len()) as f64).exp()));
    println!("times as fast as our f32: {}", gains.collect::<Vec<_>>().join(", "));
    Ok(())
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(": "))
            .map_or("", |(_, value)| value)
    };
    format!(
        "{} (family {}, model {})",
        field("model name"),
        field("cpu family"),
        field("model\t")
    )
}

#[derive(Clone, Copy)]
enum Way {
    Forward,
    InputGrad,
    WeightGrad,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Forward => "y",
            Self::InputGrad => "dx",
            Self::WeightGrad => "dw",
        }
    }
}

/// A product `dst[rows, columns] = a b` of a linear layer.
struct Case {
    way: Way,
    layer: matmul::Dims,
    dims: Dims,
    a: (Vec<f32>, Strides),
    b: (Vec<f32>, Strides),
}

impl Case {
    fn new(way: Way, [tokens, input, output]: [usize; 3]) -> Self {
        let noise = |len: usize| (0..len).map(|i| ((i * 7919) % 1009) as f32 / 1009.0 - 0.5).collect();
        let matrix = |rows, width| (noise(rows * width), Strides::rows(width));
        let transposed = |(values, strides): (Vec<f32>, Strides)| (values, strides.transposed());
        let (x, w, dy) = (matrix(tokens, input), matrix(output, input), matrix(tokens, output));
        let (rows, columns, terms, a, b) = match way {
            Way::Forward => (tokens, output, input, x, transposed(w)),
            Way::InputGrad => (tokens, input, output, dy, w),
            Way::WeightGrad => (output, input, tokens, transposed(dy), x),
        };
        Self {
            way,
            layer: matmul::Dims { tokens, input, output },
            dims: Dims { rows, columns, terms },
            a,
            b,
        }
    }

    fn speeds(&self, rounds: usize) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
        let Dims { rows, columns, terms } = self.dims;
        let engine = &Engine::cpu();
        let billions = 2e-9 * (rows * columns * terms) as f64;
        let mut speeds = vec![];
        let buf = |values: &[f32]| Buf::from_vec(values.to_vec(), engine.device());
        let (a, b, mut dst) = (
            buf(&self.a.0)?,
            buf(&self.b.0)?,
            Buf::zeros(rows * columns, engine.device())?,
        );
        speeds.push(billions / best(rounds, || self.ours(engine, &a, &b, &mut dst))?);
        let mut out = vec![0.0; rows * columns];
        speeds.push(
            billions
                / best(rounds, || -> trainer::error::Result<()> {
                    self.of_the_crate(&mut out);
                    Ok(())
                })?,
        );
        let narrow = |values: &[f32]| values.iter().map(|&v| bf16::from_f32(v)).collect::<Vec<_>>();
        let (a, b, mut narrow_out) = (narrow(&self.a.0), narrow(&self.b.0), vec![bf16::ZERO; rows * columns]);
        for &body in Body::all() {
            let (a, b) = (
                Strided {
                    values: a.as_slice(),
                    strides: self.a.1,
                },
                Strided {
                    values: b.as_slice(),
                    strides: self.b.1,
                },
            );
            let seconds = best(rounds, || -> trainer::error::Result<()> {
                let store = |write| Epilogue { write, alpha: 1.0 };
                match self.way {
                    Way::WeightGrad => product_by(
                        body,
                        self.dims,
                        Strided::rows(out.as_mut_slice(), columns),
                        a,
                        b,
                        store(Write::Accumulate),
                    ),
                    _ => product_by(
                        body,
                        self.dims,
                        Strided::rows(narrow_out.as_mut_slice(), columns),
                        a,
                        b,
                        store(Write::Overwrite),
                    ),
                }
                Ok(())
            })?;
            speeds.push(billions / seconds);
        }
        Ok(speeds)
    }

    fn ours(&self, engine: &Engine, a: &Buf, b: &Buf, dst: &mut Buf) -> trainer::error::Result<()> {
        let dims = self.layer;
        match self.way {
            Way::Forward => engine.run(matmul::LinearForward {
                x: a.view(),
                w: b.view().into(),
                y: dst.view_mut(),
                dims,
                write: Write::Overwrite,
                alpha: 1.0,
            }),
            Way::InputGrad => engine.run(matmul::LinearInputGrad {
                dy: a.view(),
                w: b.view().into(),
                dx: dst.view_mut(),
                dims,
                write: Write::Overwrite,
                alpha: 1.0,
            }),
            Way::WeightGrad => engine.run(matmul::LinearWeightGrad {
                dy: a.view(),
                x: b.view(),
                dw: dst.view_mut(),
                dims,
                alpha: 1.0,
            }),
        }
    }

    fn of_the_crate(&self, out: &mut [f32]) {
        let Dims { rows, columns, terms } = self.dims;
        let threads = gemm::Parallelism::Rayon(rayon::current_num_threads());
        let ((a, a_strides), (b, b_strides)) = (&self.a, &self.b);
        // SAFETY: `Case::new` made operands of these dimensions, and `out` holds rows x columns.
        unsafe {
            gemm::gemm(
                rows,
                columns,
                terms,
                out.as_mut_ptr(),
                1,
                columns as isize,
                matches!(self.way, Way::WeightGrad),
                a.as_ptr(),
                a_strides.col as isize,
                a_strides.row as isize,
                b.as_ptr(),
                b_strides.col as isize,
                b_strides.row as isize,
                1.0,
                1.0,
                false,
                false,
                false,
                threads,
            );
        }
    }
}

fn best<E>(rounds: usize, mut body: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let mut best = f64::INFINITY;
    for _ in 0..=rounds {
        let start = Instant::now();
        body()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// What all threads together do at most: sums in as many registers as hide how long each takes.
#[cfg(target_arch = "x86_64")]
fn ceilings() {
    use std::arch::x86_64::*;
    const ROUNDS: usize = 1 << 20;
    const SUMS: usize = 24;
    #[target_feature(enable = "avx512f")]
    fn f32s() {
        let mut sums = [_mm512_setzero_ps(); SUMS];
        for _ in 0..ROUNDS {
            let x = std::hint::black_box(_mm512_set1_ps(0.5));
            sums.iter_mut().for_each(|sum| *sum = _mm512_fmadd_ps(x, x, *sum));
        }
        std::hint::black_box(sums);
    }
    #[target_feature(enable = "avx2,fma")]
    fn f32s_avx2() {
        let mut sums = [_mm256_setzero_ps(); SUMS / 2];
        for _ in 0..ROUNDS {
            let x = std::hint::black_box(_mm256_set1_ps(0.5));
            sums.iter_mut().for_each(|sum| *sum = _mm256_fmadd_ps(x, x, *sum));
        }
        std::hint::black_box(sums);
    }
    #[target_feature(enable = "avx512f,avx512bf16")]
    fn bf16s() {
        let mut sums = [_mm512_setzero_ps(); SUMS];
        for _ in 0..ROUNDS {
            let x = std::hint::black_box(_mm512_set1_epi32(0x3F00_3F00));
            // SAFETY: any bits are a register's.
            let x: __m512bh = unsafe { std::mem::transmute(x) };
            sums.iter_mut().for_each(|sum| *sum = _mm512_dpbf16_ps(*sum, x, x));
        }
        std::hint::black_box(sums);
    }
    let print = |what: &str, operations: usize, body: fn()| {
        let threads = rayon::current_num_threads();
        let seconds = best::<()>(5, || {
            (0..threads).into_par_iter().with_max_len(1).for_each(|_| body());
            Ok(())
        });
        let billions = 1e-9 * (threads * ROUNDS * operations) as f64;
        println!(
            "at most in {what}: {:.0} GFLOP/s",
            billions / seconds.unwrap_or(f64::NAN)
        );
    };
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor was asked for the instructions.
        print("f32", SUMS * 32, || unsafe { f32s() });
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor was asked for the instructions.
        print("f32", SUMS / 2 * 16, || unsafe { f32s_avx2() });
    }
    if is_x86_feature_detected!("avx512bf16") {
        // SAFETY: the processor was asked for the instructions.
        print("bf16", SUMS * 64, || unsafe { bf16s() });
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn ceilings() {}
