//! Planted mistakes: what the emulator says of each.

use crate::common::{Launch, config, load};
use cudarc::driver::LaunchConfig;

/// The error of starting a kernel on `x` and `out`, in words.
macro_rules! report {
    ($name:literal, $config:expr, $stream:ident, $($argument:expr),*) => {{
        let module = load("faults.cu", &[]).1;
        let f = module.function($name);
        Launch::of(&$stream, f)$(.arg($argument))*.run($config).map(|_| ()).map_err(|error| error.to_string())
    }};
}

fn says(report: Result<(), String>, words: &[&str]) {
    let report = report.expect_err("a fault");
    println!("{report}");
    for word in words {
        assert!(report.contains(word), "{word:?} is not in {report}");
    }
}

#[test]
fn out_of_bounds() {
    let stream = load("faults.cu", &[]).0;
    let out = stream.alloc_zeros::<f32>(100).unwrap();
    says(
        report!("past_the_end", config(1, 128), stream, &out, &100i32),
        &[
            "kernel past_the_end",
            "thread [100, 0, 0]",
            "faults.cu:6",
            "write of 4 bytes at 0 bytes past the end of allocation",
            "(400 bytes)",
            "ILLEGAL_ADDRESS",
        ],
    );
    let x = stream.clone_htod(&[1f32; 32]).unwrap();
    says(
        report!("before_the_start", config(1, 32), stream, &x, &out),
        &["thread [0, 0, 0]", "faults.cu:10", "4 bytes before allocation"],
    );
}

#[test]
fn misaligned() {
    let stream = load("faults.cu", &[]).0;
    let (x, out) = (
        stream.clone_htod(&[1f32; 200]).unwrap(),
        stream.alloc_zeros::<f32>(32).unwrap(),
    );
    says(
        report!("odd_vector", config(1, 32), stream, &x, &out),
        &["MISALIGNED", "faults.cu:14", "no multiple of 16"],
    );
}

#[test]
fn unwritten() {
    let stream = load("faults.cu", &[]).0;
    let (x, out) = (
        unsafe { stream.alloc::<f32>(32) }.unwrap(),
        stream.alloc_zeros::<f32>(64).unwrap(),
    );
    says(
        report!("copy", config(1, 32), stream, &x, &out),
        &["faults.cu:19", "that nobody has written"],
    );
    says(
        report!("unwritten_shared", config(1, 64), stream, &out),
        &[
            "thread [63, 0, 0]",
            "faults.cu:26",
            "offset 252 of static shared memory",
        ],
    );
    let fresh = unsafe { stream.alloc::<f32>(8) }.unwrap();
    let report = stream.clone_dtoh(&fresh).map(|_| ()).map_err(|error| error.to_string());
    says(
        report,
        &["copy of 32 bytes to the host, of which some have never been written"],
    );
}

#[test]
fn freed() {
    let stream = load("faults.cu", &[]).0;
    let x = stream.clone_htod(&[1f32; 32]).unwrap();
    let address = {
        use cudarc::driver::DevicePtr;
        x.device_ptr(&stream).0
    };
    let out = stream.alloc_zeros::<f32>(64).unwrap();
    drop(x);
    says(
        report!("copy", config(1, 32), stream, &address, &out),
        &["faults.cu:19", "which has been freed"],
    );
}

#[test]
fn races() {
    let stream = load("faults.cu", &[]).0;
    let (x, out) = (
        stream.clone_htod(&[1f32; 128]).unwrap(),
        stream.alloc_zeros::<f32>(128).unwrap(),
    );
    says(
        report!("no_syncthreads", config(1, 128), stream, &x, &out),
        &["faults.cu:32", "nobody has written", "shared memory"],
    );
    says(
        report!("no_second_syncthreads", config(1, 128), stream, &x, &out),
        &["race", "faults.cu:39", "shared memory"],
    );
    says(
        report!("no_syncwarp", config(1, 32), stream, &x, &out),
        &["race", "faults.cu:46"],
    );
    report!("with_syncwarp", config(1, 32), stream, &x, &out).unwrap();
    let sum = stream.alloc_zeros::<f32>(1).unwrap();
    says(
        report!("blocks_collide", config(3, 32), stream, &sum),
        &["race", "faults.cu:58", "of block"],
    );
}

#[test]
fn a_plain_read_beside_atomics() {
    let stream = load("faults.cu", &[]).0;
    let (sum, out) = (
        stream.alloc_zeros::<f32>(1).unwrap(),
        stream.alloc_zeros::<f32>(64).unwrap(),
    );
    says(
        report!("reads_beside_atomics", config(1, 64), stream, &sum, &out),
        &["race", "faults.cu:94"],
    );
}

#[test]
fn lanes_that_do_not_meet() {
    let stream = load("faults.cu", &[]).0;
    let out = stream.alloc_zeros::<f32>(64).unwrap();
    says(
        report!("split_barrier", config(1, 32), stream, &out),
        &["wait for each other at different places", "faults.cu:"],
    );
    says(
        report!("shuffle_with_absent", config(1, 32), stream, &out, &20i32),
        &["shfl.sync reads lane 20, which takes no part", "faults.cu:76"],
    );
}

#[test]
fn launches_that_a_device_refuses() {
    let stream = load("faults.cu", &[]).0;
    let out = stream.alloc_zeros::<f32>(64).unwrap();
    let big = LaunchConfig {
        grid_dim: (1, 1, 1),
        block_dim: (64, 1, 1),
        shared_mem_bytes: 60_000,
    };
    says(
        report!("dynamic_shared", big, stream, &out, &100i32),
        &["60000 bytes of dynamic", "49152 were allowed"],
    );
    let small = LaunchConfig {
        grid_dim: (1, 1, 1),
        block_dim: (64, 1, 1),
        shared_mem_bytes: 400,
    };
    report!("dynamic_shared", small, stream, &out, &100i32).unwrap();
    says(
        report!("dynamic_shared", small, stream, &out, &101i32),
        &["offset 400 of dynamic shared memory (400 bytes)"],
    );
    says(
        report!("past_the_end", config(1, 1025), stream, &out, &64i32),
        &["more than a device takes"],
    );
}

#[test]
#[ignore = "takes the whole patience"]
fn a_loop_for_ever() {
    let stream = load("faults.cu", &[]).0;
    let flag = stream.alloc_zeros::<f32>(1).unwrap();
    says(report!("for_ever", config(1, 32), stream, &flag), &["does not end"]);
}
