//! Packing the weights while loading: `quantization_bit` and what goes with it.

use super::Rules;
use crate::config::keys::{Packer, TypedKey, bits_of, key};
use crate::config::spec::*;
use crate::says;

impl Rules<'_> {
    pub(super) fn quantize(&mut self, tuning: &Tuning) -> Option<Quantize> {
        let packed = self.packing(key::quantization_bit)?;
        if !matches!(tuning, Tuning::Lora(_) | Tuning::Oft(_)) {
            self.needs(
                "quantization_bit",
                "finetuning_type: lora",
                says::quantized_needs_lora(),
            );
        }
        Some(packed)
    }

    /// How weights are packed to so many bits; the kind of 4-bit code is the same for all.
    pub(super) fn packing(&mut self, bits: TypedKey<u64>) -> Option<Quantize> {
        let field = bits.row.name;
        let bits = self.optional(bits).filter(|&bits| bits > 0)?;
        let method = self.choice(key::quantization_method);
        let choices: &'static [&'static str] = match method {
            Packer::Bitsandbytes => &["4", "8"],
            Packer::Hqq => &["8", "6", "5", "4", "3", "2", "1"],
            Packer::Eetq => &["8"],
        };
        self.note_choices(field, bits_of(choices));
        match (method, bits) {
            (Packer::Bitsandbytes, 4) => {
                let code = self.choice(key::quantization_type);
                let double = self.flag(key::double_quantization);
                Some(Quantize::FourBit { code, double })
            }
            (Packer::Bitsandbytes, 8) => Some(Quantize::EightBit),
            (Packer::Hqq, 1..=6 | 8) => Some(Quantize::Hqq { bits }),
            (Packer::Eetq, 8) => Some(Quantize::Eetq),
            (_, other) => {
                let message = says::not_one_of(other, choices.join(", "));
                self.belongs(field, "choice", choices, message);
                None
            }
        }
    }
}
