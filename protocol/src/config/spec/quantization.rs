//! What is quantized while the model is loaded.

use serde::{Deserialize, Serialize};

/// How the linear layers of an unquantized folder are packed: as bitsandbytes does it, HQQ or EETQ. Folders that are quantized
/// already stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantize {
    /// `double`: the scales are quantized too.
    FourBit {
        code: FourBit,
        double: bool,
    },
    EightBit,
    /// 8, 6, 5, 4, 3, 2 or 1.
    Hqq {
        bits: u64,
    },
    /// 8 bits a weight and a scale a row.
    Eetq,
}

/// The two 4-bit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FourBit {
    Nf4,
    Fp4,
}

impl Quantize {
    /// Bits of a weight.
    pub fn bits(self) -> u64 {
        match self {
            Self::FourBit { .. } => 4,
            Self::EightBit | Self::Eetq => 8,
            Self::Hqq { bits } => bits,
        }
    }

    /// Bytes of a matrix with its scales: one f32 per 64 values, or one byte and an f32 per 256 of these, but for tables
    /// that codes are looked up in; with 8 bits one f32 a row; HQQ has scale and zero point, f32 both, per 64 values.
    pub fn bytes(self, rows: u64, columns: u64) -> f64 {
        let (values, rows) = (rows as f64 * columns as f64, rows as f64);
        match self {
            Self::FourBit { double: false, .. } => values / 2.0 + values / 64.0 * 4.0,
            Self::FourBit { double: true, .. } => values / 2.0 + values / 64.0 * (1.0 + 4.0 / 256.0),
            Self::EightBit | Self::Eetq => values + rows * 4.0,
            Self::Hqq { bits } => values * bits as f64 / 8.0 + values / 64.0 * 8.0,
        }
    }
}
