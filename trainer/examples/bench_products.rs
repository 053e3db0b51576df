//! Our matrix products beside the `gemm` crate's, on the shapes of `bench_step`: `bench_products [rounds]`. `THREADS` sets
//! the threads of both. On processors with AVX-512, and on others than x86, both are the crate's.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program to be looked at")]

use std::time::Instant;
use trainer::ops::cpu::tune_allocator;
use trainer::ops::matmul::{self, Dims};
use trainer::ops::{Buf, Engine, Write};

/// `[tokens, in, out]`: attention's projections, the MLP's, a chunk of the head.
const SHAPES: [(usize, usize, usize); 4] = [
    (1536, 512, 512),
    (1536, 512, 1408),
    (1536, 1408, 512),
    (1024, 512, 2048),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tune_allocator();
    let engine = Engine::cpu();
    if let Some(threads) = std::env::var("THREADS").ok().and_then(|t| t.parse().ok()) {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    }
    let rounds = std::env::args().nth(1).map_or(Ok(30), |arg| arg.parse())?;
    let (mut logs, mut count) = (0.0, 0.0);
    println!("tokens x in -> out          ours   gemm  (GFLOP/s, medians of {rounds})");
    for (tokens, input, output) in SHAPES {
        let noise = |len: usize| {
            (0..len)
                .map(|i| ((i * 7919) % 1009) as f32 / 1009.0 - 0.5)
                .collect::<Vec<_>>()
        };
        let (x, w, dy) = (noise(tokens * input), noise(output * input), noise(tokens * output));
        let buf = |values: &[f32]| Buf::from_vec(values.to_vec(), engine.device());
        let (bx, bw, bdy) = (buf(&x)?, buf(&w)?, buf(&dy)?);
        let (mut y, mut dx) = (buf(&dy)?, buf(&x)?);
        let (mut out, mut grad) = (dy.clone(), x.clone());
        let dims = Dims { tokens, input, output };
        let mut seconds = [const { vec![] }; 4];
        for _ in 0..rounds {
            let mut timed = |which: usize, body: &mut dyn FnMut()| {
                let start = Instant::now();
                body();
                seconds[which].push(start.elapsed().as_secs_f64());
            };
            timed(0, &mut || {
                engine
                    .run(matmul::LinearForward {
                        x: bx.view(),
                        w: bw.view().into(),
                        y: y.view_mut(),
                        dims,
                        write: Write::Overwrite,
                        alpha: 1.0,
                    })
                    .expect("a product")
            });
            timed(1, &mut || {
                crate_product((tokens, output, input), &mut out, &x, (&w, [1, input]))
            });
            timed(2, &mut || {
                engine
                    .run(matmul::LinearInputGrad {
                        dy: bdy.view(),
                        w: bw.view().into(),
                        dx: dx.view_mut(),
                        dims,
                        write: Write::Overwrite,
                        alpha: 1.0,
                    })
                    .expect("a product")
            });
            timed(3, &mut || {
                crate_product((tokens, input, output), &mut grad, &dy, (&w, [input, 1]))
            });
        }
        let medians = seconds.map(|mut all| {
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        });
        let billions = 2e-9 * (tokens * input * output) as f64;
        for (what, [ours, theirs]) in [("y ", [medians[0], medians[1]]), ("dx", [medians[2], medians[3]])] {
            println!(
                "{what} {tokens} x {input:4} -> {output:4}     {:5.0}  {:5.0}",
                billions / ours,
                billions / theirs
            );
            logs += (theirs / ours).ln();
            count += 1.0;
        }
    }
    println!("products: {:.2} times as fast", f64::exp(logs / count));
    Ok(())
}

/// `out[m, n] = a[m, k] b[k, n]`, `b` with the given strides of rows and columns.
fn crate_product((m, n, k): (usize, usize, usize), out: &mut [f32], a: &[f32], (b, [row, col]): (&[f32], [usize; 2])) {
    let threads = gemm::Parallelism::Rayon(rayon::current_num_threads());
    assert!(out.len() == m * n && a.len() == m * k && b.len() == n * k);
    // SAFETY: the slices hold what the strides reach, as asserted.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            false,
            a.as_ptr(),
            1,
            k as isize,
            b.as_ptr(),
            col as isize,
            row as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            threads,
        );
    }
}
