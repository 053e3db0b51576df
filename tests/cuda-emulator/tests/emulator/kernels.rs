//! Kernels as a trainer needs them, started by cudarc as the product would, against the same sums on the host.

use crate::common::{Launch, config, load, values};
use cudarc::driver::LaunchConfig;
use half::bf16;

fn close(got: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(got.len(), expected.len());
    for (i, (a, b)) in got.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * (1.0 + b.abs()),
            "element {i}: {a}, expected {b}"
        );
    }
}

#[test]
fn vector_add() {
    let (stream, module) = load("basics.cu", &[]);
    let (a, b) = (values(1000, 1), values(1000, 2));
    let (da, db) = (stream.clone_htod(&a).unwrap(), stream.clone_htod(&b).unwrap());
    let out = unsafe { stream.alloc::<f32>(1000) }.unwrap();
    let f = module.function("vector_add");
    Launch::of(&stream, f)
        .arg(&da)
        .arg(&db)
        .arg(&out)
        .arg(&1000i32)
        .run(config(8, 128))
        .unwrap();
    let expected: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
    assert_eq!(stream.clone_dtoh(&out).unwrap(), expected);
}

#[test]
fn rms_norm() {
    let (stream, module) = load("basics.cu", &[]);
    let (rows, columns) = (5, 300);
    let (x, weight) = (values(rows * columns, 3), values(columns, 4));
    let (dx, dw) = (stream.clone_htod(&x).unwrap(), stream.clone_htod(&weight).unwrap());
    let out = unsafe { stream.alloc::<f32>(rows * columns) }.unwrap();
    let f = module.function("rms_norm");
    Launch::of(&stream, f)
        .arg(&dx)
        .arg(&dw)
        .arg(&out)
        .arg(&(columns as i32))
        .arg(&1e-5f32)
        .run(config(rows as u32, 96))
        .unwrap();
    let expected: Vec<f32> = x
        .chunks(columns)
        .flat_map(|row| {
            let scale = 1.0 / (row.iter().map(|v| v * v).sum::<f32>() / columns as f32 + 1e-5).sqrt();
            row.iter()
                .zip(&weight)
                .map(move |(v, w)| v * scale * w)
                .collect::<Vec<_>>()
        })
        .collect();
    close(&stream.clone_dtoh(&out).unwrap(), &expected, 1e-5);
}

#[test]
fn softmax() {
    let (stream, module) = load("basics.cu", &[]);
    let (rows, columns) = (7, 100);
    let x: Vec<f32> = values(rows * columns, 5).iter().map(|v| v * 20.0).collect();
    let dx = stream.clone_htod(&x).unwrap();
    let out = unsafe { stream.alloc::<f32>(rows * columns) }.unwrap();
    let f = module.function("softmax_rows");
    Launch::of(&stream, f)
        .arg(&dx)
        .arg(&out)
        .arg(&(rows as i32))
        .arg(&(columns as i32))
        .run(config(2, 128))
        .unwrap();
    let expected: Vec<f32> = x
        .chunks(columns)
        .flat_map(|row| {
            let top = row.iter().copied().fold(f32::MIN, f32::max);
            let sum: f64 = row.iter().map(|v| ((v - top) as f64).exp()).sum();
            row.iter()
                .map(move |v| (((v - top) as f64).exp() / sum) as f32)
                .collect::<Vec<_>>()
        })
        .collect();
    close(&stream.clone_dtoh(&out).unwrap(), &expected, 1e-6);
}

#[test]
fn atomics() {
    let (stream, module) = load("basics.cu", &[]);
    let keys: Vec<u32> = (0..1000).map(|i| i * i % 7).collect();
    let dkeys = stream.clone_htod(&keys).unwrap();
    let (sums, counts) = (
        stream.alloc_zeros::<f32>(7).unwrap(),
        stream.alloc_zeros::<u32>(7).unwrap(),
    );
    let f = module.function("histogram");
    Launch::of(&stream, f)
        .arg(&dkeys)
        .arg(&sums)
        .arg(&counts)
        .arg(&1000i32)
        .run(config(4, 256))
        .unwrap();
    let counts = stream.clone_dtoh(&counts).unwrap();
    let expected: Vec<u32> = (0..7)
        .map(|key| keys.iter().filter(|k| **k == key).count() as u32)
        .collect();
    assert_eq!(counts, expected);
    assert_eq!(
        stream.clone_dtoh(&sums).unwrap(),
        counts.iter().map(|c| *c as f32 / 2.0).collect::<Vec<_>>()
    );
}

#[test]
fn bf16_pairs() {
    let (stream, module) = load("basics.cu", &[]);
    let x: Vec<bf16> = values(201, 6).into_iter().map(bf16::from_f32).collect();
    let dx = stream.clone_htod(&x).unwrap();
    let out = unsafe { stream.alloc::<bf16>(201) }.unwrap();
    let f = module.function("scale_bf16");
    Launch::of(&stream, f)
        .arg(&dx)
        .arg(&out)
        .arg(&1.7f32)
        .arg(&201i32)
        .run(config(2, 64))
        .unwrap();
    let expected: Vec<bf16> = x.iter().map(|v| bf16::from_f32(v.to_f32() * 1.7)).collect();
    assert_eq!(stream.clone_dtoh(&out).unwrap(), expected);
}

fn tensor_core(defines: &[&str]) -> Result<(), String> {
    let (stream, module) = load("tensor_core.cu", defines);
    let (m, n, k) = (64usize, 96usize, 128usize);
    let a: Vec<bf16> = values(m * k, 7).into_iter().map(bf16::from_f32).collect();
    let b: Vec<bf16> = values(n * k, 8).into_iter().map(bf16::from_f32).collect();
    let (da, db) = (stream.clone_htod(&a).unwrap(), stream.clone_htod(&b).unwrap());
    let out = unsafe { stream.alloc::<f32>(m * n) }.unwrap();
    let f = module.function("product_bf16");
    let grid = LaunchConfig {
        grid_dim: (n as u32 / 32, m as u32 / 32, 1),
        block_dim: (128, 1, 1),
        shared_mem_bytes: 0,
    };
    let sizes = [m as i32, n as i32, k as i32];
    Launch::of(&stream, f)
        .arg(&da)
        .arg(&db)
        .arg(&out)
        .arg(&sizes[0])
        .arg(&sizes[1])
        .arg(&sizes[2])
        .run(grid)
        .map_err(|error| error.to_string())?;
    let expected: Vec<f32> = (0..m * n)
        .map(|i| {
            (0..k)
                .map(|l| a[i / n * k + l].to_f64() * b[i % n * k + l].to_f64())
                .sum::<f64>() as f32
        })
        .collect();
    close(&stream.clone_dtoh(&out).unwrap(), &expected, 1e-5);
    Ok(())
}

#[test]
fn tensor_cores() {
    tensor_core(&[]).unwrap();
}

#[test]
fn a_missing_wait_for_cp_async_is_found() {
    let report = tensor_core(&["FAULT_NO_WAIT"]).unwrap_err();
    assert!(report.contains("cp.async is still copying"), "{report}");
}

#[test]
fn a_missing_second_barrier_is_found() {
    let report = tensor_core(&["FAULT_NO_SECOND_BARRIER"]).unwrap_err();
    assert!(report.contains("race"), "{report}");
}

#[test]
fn attention() {
    let (stream, module) = load("attention.cu", &[]);
    let (length, heads, head) = (150usize, 2usize, 64usize);
    let make = |seed| -> Vec<bf16> {
        values(length * heads * head, seed)
            .into_iter()
            .map(|v| bf16::from_f32(v * 2.0))
            .collect()
    };
    let (q, k, v) = (make(9), make(10), make(11));
    let [dq, dk, dv] = [&q, &k, &v].map(|x| stream.clone_htod(x).unwrap());
    let (out, log_sums) = unsafe {
        (
            stream.alloc::<bf16>(q.len()).unwrap(),
            stream.alloc::<f32>(heads * length).unwrap(),
        )
    };
    let f = module.function("attention");
    let config = LaunchConfig {
        grid_dim: (length.div_ceil(64) as u32, heads as u32, 1),
        block_dim: (128, 1, 1),
        shared_mem_bytes: 3 * 64 * 72 * 2,
    };
    let (scale, start) = (1f32 / 8.0, std::time::Instant::now());
    Launch::of(&stream, f)
        .arg(&dq)
        .arg(&dk)
        .arg(&dv)
        .arg(&out)
        .arg(&log_sums)
        .arg(&(length as i32))
        .arg(&(heads as i32))
        .arg(&scale)
        .run(config)
        .unwrap();
    println!("attention of {length} tokens, {heads} heads: {:?}", start.elapsed());
    let (out, log_sums) = (stream.clone_dtoh(&out).unwrap(), stream.clone_dtoh(&log_sums).unwrap());
    for h in 0..heads {
        for row in 0..length {
            let at = |x: &[bf16], i: usize, d: usize| x[(i * heads + h) * head + d].to_f64();
            let scores: Vec<f64> = (0..=row)
                .map(|j| (0..head).map(|d| at(&q, row, d) * at(&k, j, d)).sum::<f64>() / 8.0)
                .collect();
            let top = scores.iter().copied().fold(f64::MIN, f64::max);
            let total: f64 = scores.iter().map(|s| (s - top).exp()).sum();
            assert!((log_sums[h * length + row] as f64 - top - total.ln()).abs() < 1e-4);
            for d in 0..head {
                let expected: f64 = scores
                    .iter()
                    .enumerate()
                    .map(|(j, s)| (s - top).exp() / total * at(&v, j, d))
                    .sum();
                let got = at(&out, row, d);
                assert!(
                    (got - expected).abs() < 0.02,
                    "row {row}, head {h}, {d}: {got}, expected {expected}"
                );
            }
        }
    }
}

/// Prints speeds: `cargo test --release --test kernels speed -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let (stream, module) = load("basics.cu", &[]);
    let (rows, columns) = (256usize, 1024usize);
    let x = stream.clone_htod(&values(rows * columns, 1)).unwrap();
    let weight = stream.clone_htod(&values(columns, 2)).unwrap();
    let out = unsafe { stream.alloc::<f32>(rows * columns) }.unwrap();
    for _ in 0..3 {
        let f = module.function("rms_norm");
        Launch::of(&stream, f)
            .arg(&x)
            .arg(&weight)
            .arg(&out)
            .arg(&(columns as i32))
            .arg(&1e-5f32)
            .run(config(rows as u32, 256))
            .unwrap();
        let f = module.function("softmax_rows");
        Launch::of(&stream, f)
            .arg(&x)
            .arg(&out)
            .arg(&(rows as i32))
            .arg(&(columns as i32))
            .run(config(rows as u32 / 4, 128))
            .unwrap();
    }
    let (stream, module) = load("attention.cu", &[]);
    let (length, heads, head) = (256usize, 4usize, 64usize);
    let q = stream
        .clone_htod(
            &values(length * heads * head, 9)
                .into_iter()
                .map(bf16::from_f32)
                .collect::<Vec<_>>(),
        )
        .unwrap();
    let (out, log_sums) = unsafe {
        (
            stream.alloc::<bf16>(q.len()).unwrap(),
            stream.alloc::<f32>(heads * length).unwrap(),
        )
    };
    let f = module.function("attention");
    let config = LaunchConfig {
        grid_dim: (length.div_ceil(64) as u32, heads as u32, 1),
        block_dim: (128, 1, 1),
        shared_mem_bytes: 3 * 64 * 72 * 2,
    };
    for _ in 0..3 {
        Launch::of(&stream, f)
            .arg(&q)
            .arg(&q)
            .arg(&q)
            .arg(&out)
            .arg(&log_sums)
            .arg(&(length as i32))
            .arg(&(heads as i32))
            .arg(&0.125f32)
            .run(config)
            .unwrap();
    }
}
