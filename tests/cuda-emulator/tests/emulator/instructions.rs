//! Instructions one by one against the host's arithmetic.

use crate::common::Argument;
use crate::common::{Launch, config, load};
use cudarc::driver::{CudaStream, result};
use half::{bf16, f16};

/// As the kernel's struct lies: a double is at a multiple of 8.
struct Pair {
    first: i32,
    second: f64,
}

impl Argument for Pair {
    fn bytes(&self, _: &CudaStream) -> Vec<u8> {
        let parts = [&self.first.to_ne_bytes()[..], &[0; 4], &self.second.to_ne_bytes()];
        parts.concat()
    }
}

#[test]
fn integers() {
    let (stream, module) = load("instructions.cu", &[]);
    let x: Vec<i32> = (0..64i32)
        .map(|i| (i - 20).wrapping_mul(0x0345_6789) ^ i << 3)
        .collect();
    let y: Vec<i32> = (0..64i32)
        .map(|i| if i == 7 { 0 } else { (31 - i).wrapping_mul(77_777) })
        .collect();
    let (dx, dy) = (stream.clone_htod(&x).unwrap(), stream.clone_htod(&y).unwrap());
    let out = unsafe { stream.alloc::<u32>(64 * 32) }.unwrap();
    let f = module.function("integers");
    let pair = Pair { first: 3, second: 4.9 };
    Launch::of(&stream, f)
        .arg(&dx)
        .arg(&dy)
        .arg(&out)
        .arg(&pair)
        .run(config(1, 64))
        .unwrap();
    let out = stream.clone_dtoh(&out).unwrap();
    for (i, (a, b)) in x.iter().copied().zip(y).enumerate() {
        let (ua, ub) = (a as u32, b as u32);
        let bytes = |v: u32| v.to_le_bytes();
        let wide = ua as u64 * ub as u64;
        let called = |mut a: i32, b: i32| {
            if a > b {
                return a * 2;
            }
            for i in 0..b {
                a += i;
            }
            a
        };
        let expected: [u32; 32] = [
            u32::from_le_bytes([bytes(ua)[0], bytes(ub)[0], bytes(ua)[1], bytes(ub)[1]]),
            ((((ub as u64) << 32 | ua as u64) << 7) >> 32) as u32,
            ua.reverse_bits(),
            ua.leading_zeros(),
            ua.count_ones(),
            ((a as i64 * b as i64) >> 32) as u32,
            (wide >> 32) as u32,
            (0..4).fold(3i32, |s, j| {
                s + (bytes(ua)[j] as i8 as i32) * (bytes(ub)[j] as i8 as i32)
            }) as u32,
            a.checked_div(b).unwrap_or(0) as u32,
            a.checked_rem(b).unwrap_or(0) as u32,
            ua.checked_div(ub).unwrap_or(0),
            a.min(b) as u32,
            ua.max(ub),
            a.unsigned_abs(),
            (a >> 3) as u32,
            ua >> (ub & 31),
            (wide >> 17) as u32,
            ((wide as u128 * wide as u128) >> 64) as u32,
            (a as i64 * b as i64 % 1000003) as u32,
            called(a & 63, b & 31) as u32,
            (ua & 15) * (ua & 15),
            [10, 20, 30, 40][(ua & 3) as usize],
            7,
            match ub & 7 {
                0 => ua.wrapping_add(1),
                1 => ua ^ 5,
                2 => ua.wrapping_mul(3),
                3 => ua.wrapping_sub(9),
                4 => !ua,
                5 => ua << 2,
                _ => 77,
            },
            if a == 0 { 0 } else { a.trailing_zeros() + 1 },
            (ua & ub) ^ (!ua | 0x00ff_00ff),
            a as i8 as u32,
            a.wrapping_add(b) as i16 as u32,
            (a << 18 >> 23) as u32,
            7u32.wrapping_add(a.abs_diff(b)),
            31u32.wrapping_sub(ua.leading_zeros()),
            ua.rotate_left(5),
        ];
        for (j, value) in expected.iter().enumerate() {
            assert_eq!(out[i * 32 + j], *value, "result {j} of {a:#x}, {b:#x}");
        }
    }
}

#[test]
fn floats() {
    let (stream, module) = load("instructions.cu", &[]);
    let x: Vec<f32> = (0..64).map(|i| (i as f32 - 31.7) * 0.237).collect();
    let y: Vec<f32> = (0..64).map(|i| (40.3 - i as f32) * 0.119).collect();
    let (dx, dy) = (stream.clone_htod(&x).unwrap(), stream.clone_htod(&y).unwrap());
    let out = unsafe { stream.alloc::<f32>(64 * 24) }.unwrap();
    let f = module.function("floats");
    Launch::of(&stream, f)
        .arg(&dx)
        .arg(&dy)
        .arg(&out)
        .run(config(1, 64))
        .unwrap();
    let out = stream.clone_dtoh(&out).unwrap();
    let round = |exact: f64, up: bool| {
        let near = exact as f32;
        if up && (near as f64) < exact {
            near.next_up()
        } else if !up && (near as f64) > exact {
            near.next_down()
        } else {
            near
        }
    };
    let b16 = |v: f32| bf16::from_f32(v).to_f32();
    let h16 = |v: f32| f16::from_f32(v).to_f64();
    for (i, (a, b)) in x.iter().copied().zip(y).enumerate() {
        let (p, ten) = (a as f64 * b as f64, a * 10.0);
        let toward_zero = round(p + 1.0, p + 1.0 < 0.0);
        let expected: [(f32, f32); 24] = [
            (ten.floor(), 0.0),
            (ten.ceil(), 0.0),
            (ten.trunc(), 0.0),
            (ten.round_ties_even(), 0.0),
            (ten.round_ties_even(), 0.0),
            (ten.floor(), 0.0),
            (ten.trunc(), 0.0),
            (round(a as f64 + b as f64, false), 0.0),
            (round(p, true), 0.0),
            (toward_zero, 0.0),
            (a / b, 0.0),
            (a.abs().sqrt(), 0.0),
            (f16::from_f32(a).to_f32(), 0.0),
            (b16(a * b), 0.0),
            (p as f32, 0.0),
            (a.min(b) + 2f32.copysign(b), 0.0),
            (f16::from_f64(h16(a) * h16(b) + 0.5).to_f32(), 0.0),
            (b16(b16(a) * b16(b)) + b16(b16(b) * b16(b)), 0.0),
            (-a, 0.0),
            ((a.abs() * 255.0) as u32 as u8 as f32, 0.0),
            (a.exp(), 1e-6),
            ((a.abs() + 0.1).ln(), 1e-6),
            (a.abs().powf(b), 1e-5),
            (if b > 0.0 { 1.0 } else { 0.0 }, 0.0),
        ];
        for (j, (value, tolerance)) in expected.iter().enumerate() {
            let got = out[i * 24 + j];
            assert!(
                (got - value).abs() <= tolerance * (1.0 + value.abs()),
                "result {j} of {a}, {b}: {got}, expected {value}"
            );
        }
    }
}

#[test]
fn warps() {
    let (stream, module) = load("instructions.cu", &[]);
    let x: Vec<i32> = (0..32).map(|i| (i * 37 + 11) % 101).collect();
    let dx = stream.clone_htod(&x).unwrap();
    let out = unsafe { stream.alloc::<i32>(32 * 10) }.unwrap();
    let sums = stream.clone_htod(&[0u32, 1000, 0, 0, 0]).unwrap();
    let f = module.function("warps");
    Launch::of(&stream, f)
        .arg(&dx)
        .arg(&out)
        .arg(&sums)
        .run(config(1, 32))
        .unwrap();
    let out = stream.clone_dtoh(&out).unwrap();
    let mask = |keep: &dyn Fn(i32) -> bool| {
        x.iter()
            .enumerate()
            .filter(|(_, v)| keep(**v))
            .fold(0u32, |m, (i, _)| m | 1 << i) as i32
    };
    let odd = x.iter().filter(|v| **v & 1 == 1).count() as i32;
    for lane in 0..32usize {
        let v = x[lane];
        let expected = [
            mask(&|v| v & 1 == 1),
            mask(&|other| other & 3 == v & 3),
            x.iter().sum(),
            if lane % 8 >= 3 { x[lane - 3] } else { v },
            if lane + 5 < 32 { x[lane + 5] } else { v },
            x[lane * 7 % 32],
            x.iter().any(|v| *v > 90) as i32,
            1,
            odd,
            0,
        ];
        assert_eq!(out[lane * 10..lane * 10 + 8], expected[..8], "lane {lane}");
        assert_eq!(out[lane * 10 + 8], odd);
        assert_eq!(out[lane * 10 + 9], 0);
    }
    let sums = stream.clone_dtoh(&sums).unwrap();
    let all = x.iter().map(|v| *v as u32);
    assert_eq!(
        sums,
        [
            all.clone().max().unwrap(),
            all.clone().min().unwrap(),
            all.clone().fold(0, |a, b| a ^ b),
            2,
            all.sum()
        ]
    );
    let (address, bytes) = module.global("global_counter");
    assert_eq!(bytes, 4);
    let mut counter = [0i32];
    unsafe { result::memcpy_dtoh_sync(&mut counter, address) }.unwrap();
    assert_eq!(counter, [6]);
}

#[test]
fn half_pairs() {
    let (stream, module) = load("instructions.cu", &[]);
    let (x, y) = (
        stream.alloc_zeros::<f16>(2).unwrap(),
        stream.alloc_zeros::<bf16>(2).unwrap(),
    );
    let f = module.function("half_pairs");
    Launch::of(&stream, f).arg(&x).arg(&y).run(config(2, 48)).unwrap();
    assert_eq!(
        stream.clone_dtoh(&x).unwrap(),
        [f16::from_f32(96.0), f16::from_f32(192.0)]
    );
    assert_eq!(
        stream.clone_dtoh(&y).unwrap(),
        [bf16::from_f32(96.0), bf16::from_f32(192.0)]
    );
}
