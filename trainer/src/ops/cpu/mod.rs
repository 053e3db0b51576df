//! CPU bodies: runtime-dispatched SIMD over plain slices, and the process-wide tuning they rely on.
pub(super) mod attention;
pub mod bf16;
pub(super) mod cayley;
pub(super) mod chunk;
pub mod float;
mod lanes;
pub mod matmul;
pub(super) mod parallel;
#[cfg(target_arch = "x86_64")]
mod sgemm;

pub(super) use float::{Float, by_float};
pub(super) use lanes::*;

use std::sync::OnceLock;

/// The widest instruction set this machine has, found once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Baseline,
    Avx2,
    Avx512,
}

pub fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512bw");
            if avx2 && avx512 {
                return Level::Avx512;
            }
            if avx2 {
                return Level::Avx2;
            }
        }
        Level::Baseline
    })
}

/// Defines a function compiled once per instruction set; the compiler vectorises its plain loops for each, and the call
/// picks one at run time. A binary built for any x86-64 so runs at full speed on each.
macro_rules! simd {
    (
        $(#[$doc:meta])*
        $vis:vis fn $name:ident $(<$($kind:ident: $bound:path),+>)? ($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)?
        $body:block
    ) => {
        $(#[$doc])*
        $vis fn $name $(<$($kind: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body $(<$($kind: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
                fn avx512 $(<$($kind: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? { body($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2 $(<$($kind: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? { body($($arg),*) }
                match $crate::ops::cpu::level() {
                    // SAFETY: `level` found these features on the running processor.
                    $crate::ops::cpu::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: the same.
                    $crate::ops::cpu::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::ops::cpu::Level::Baseline => {}
                }
            }
            body($($arg),*)
        }
    };
}
pub(crate) use simd;

/// Tells glibc to keep freed memory instead of handing every large buffer back to the kernel and faulting it in again:
/// page faults are half of a naive training step's time. Call once, first thing in `main`.
pub fn tune_allocator() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt only sets allocator parameters; the values are within their documented ranges.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
    }
}
