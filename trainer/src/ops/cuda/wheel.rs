//! The packages that cuBLAS comes in: the versions this program was made for, and what each file must be.
use super::driver::Driver;

/// A wheel of cuBLAS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wheel {
    pub package: &'static str,
    pub version: &'static str,
    /// Of the file for Linux on x86-64.
    pub sha256: &'static str,
    pub bytes: u64,
}

/// For every driver from 525 on, and cards up to 12.0.
pub const TWELVE: Wheel = Wheel {
    package: "nvidia-cublas-cu12",
    version: "12.8.4.1",
    sha256: "8ac4e771d5a348c551b2a426eda6193c19aa630236b418086020df5ba9667142",
    bytes: 594_346_921,
};

/// Smaller, and for drivers from 580 on.
pub const THIRTEEN: Wheel = Wheel {
    package: "nvidia-cublas",
    version: "13.0.2.14",
    sha256: "0cf238ffdbe46c00cb9aa98e7bca745c223a5ca5a53e686ac8b3e5a08fe80d6c",
    bytes: 420_882_912,
};

/// The one for this machine's driver; where there is none yet, the one that any will run.
pub fn fitting() -> Wheel {
    match Driver::get() {
        Ok(driver) if driver.runs().major() >= 13 => THIRTEEN,
        _ => TWELVE,
    }
}

impl Wheel {
    /// "594 MB".
    pub fn size(&self) -> String {
        format!("{} MB", self.bytes.div_ceil(1_000_000))
    }
}
