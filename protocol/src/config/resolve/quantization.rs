//! Packing the weights while loading: `quantization_bit` and what goes with it.

use super::Rules;
use super::notes::Choices;
use crate::config::FieldError;
use crate::config::spec::*;
use crate::says;

/// Whose way of packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packer {
    Bitsandbytes,
    Hqq,
    Eetq,
}

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
    pub(super) fn packing(&mut self, field: &'static str, bits: Option<u64>) -> Option<Quantize> {
        let c = self.c;
        self.counts(field);
        // what the methods take together
        self.note_bits(field, &["4", "8", "6", "5", "3", "2", "1"]);
        let bits = bits.filter(|&bits| bits > 0)?;
        // gptq and awq need data to quantize with; their folders load as they are
        let method = self.choice(
            "quantization_method",
            &c.quantization_method,
            "bnb",
            &[
                ("bnb", Packer::Bitsandbytes),
                ("bitsandbytes", Packer::Bitsandbytes),
                ("hqq", Packer::Hqq),
                ("eetq", Packer::Eetq),
            ],
        );
        let choices: &'static [&'static str] = match method {
            Packer::Bitsandbytes => &["4", "8"],
            Packer::Hqq => &["8", "6", "5", "4", "3", "2", "1"],
            Packer::Eetq => &["8"],
        };
        self.note_bits(field, choices);
        match (method, bits) {
            (Packer::Bitsandbytes, 4) => {
                let code = self.choice(
                    "quantization_type",
                    &c.quantization_type,
                    "nf4",
                    &[("nf4", FourBit::Nf4), ("fp4", FourBit::Fp4)],
                );
                let double = self.or_default("double_quantization", c.double_quantization, true);
                Some(Quantize::FourBit { code, double })
            }
            (Packer::Bitsandbytes, 8) => Some(Quantize::EightBit),
            (Packer::Hqq, 1..=6 | 8) => Some(Quantize::Hqq { bits }),
            (Packer::Eetq, 8) => Some(Quantize::Eetq),
            (_, other) => {
                let choices = choices.join(", ");
                let message = says::not_one_of(other, &choices);
                let error = FieldError::new(field, "choice", message).with_args([choices]);
                self.errors.push(error);
                None
            }
        }
    }

    fn note_bits(&mut self, field: &'static str, bits: &'static [&'static str]) {
        self.note_choices(
            field,
            Choices {
                names: bits.into(),
                // LLaMA-Factory's "not set"
                also: (&["0"]).into(),
                ..Choices::default()
            },
        );
    }
}
