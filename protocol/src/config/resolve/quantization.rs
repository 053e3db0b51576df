//! Packing the weights while loading: `quantization_bit` and what goes with it.

use super::Rules;
use crate::config::FieldError;
use crate::config::spec::*;
use crate::says;

impl Rules<'_> {
    pub(super) fn quantize(&mut self, tuning: &Tuning) -> Option<Quantize> {
        let packed = self.packing("quantization_bit", self.c.quantization_bit)?;
        if !matches!(tuning, Tuning::Lora(_) | Tuning::Oft(_)) {
            self.needs(
                "quantization_bit",
                "finetuning_type: lora",
                says::quantized_needs_lora(),
            );
        }
        Some(packed)
    }

    /// How weights are packed to the bits that `field` says; the kind of 4-bit code is the same for all.
    pub(super) fn packing(&mut self, field: &str, bits: Option<u64>) -> Option<Quantize> {
        let c = self.c;
        let bits = bits.filter(|&bits| bits > 0)?;
        // gptq and awq need data to quantize with; their folders load as they are
        self.choice(
            "quantization_method",
            &c.quantization_method,
            "bnb",
            &[("bnb", ()), ("bitsandbytes", ())],
        );
        let code = self.choice(
            "quantization_type",
            &c.quantization_type,
            "nf4",
            &[("nf4", FourBit::Nf4), ("fp4", FourBit::Fp4)],
        );
        let double = c.double_quantization.unwrap_or(true);
        match bits {
            4 => Some(Quantize::FourBit { code, double }),
            8 => Some(Quantize::EightBit),
            other => {
                let message = says::not_one_of(other, "4, 8");
                let error = FieldError::new(field, "choice", message).with_args(["4, 8".to_owned()]);
                self.errors.push(error);
                None
            }
        }
    }
}
