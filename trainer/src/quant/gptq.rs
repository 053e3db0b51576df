//! GPTQ's folders of 2, 3, 4 or 8 bits (arXiv 2210.17323; AutoGPTQ and GPTQModel): `qweight`, `qzeros`, `scales`, `g_idx`.
//!
//! `qweight` is `[in * bits / 32, out]` of 32-bit words: for each output one run of bits, the words of a column one behind the
//! other, in which input `i` has the bits from `bits * i` on, the lowest first (of 3 bits, some lie in two words). `qzeros` is
//! `[groups, out * bits / 32]`, for each group one such run over the outputs; the first format (`gptq`) stores the zero point less
//! one, the second (`gptq_v2`) as it is. `scales` is `[groups, out]`; `g_idx[in]` names the group of each input, which `desc_act`
//! puts out of order. Source: AutoGPTQ 0.7.1, `nn_modules/qlinear/qlinear_cuda.py`.
use super::folder::Group;
use super::grouped::{Grouped, Transposed};
use super::{Parsed, Widths};
use protocol::says;

/// The bits there are.
pub const BITS: [u32; 4] = [2, 3, 4, 8];

/// The tensors of one layer, `[in, out]` wide.
pub struct Stored<'a> {
    pub qweight: &'a [u32],
    pub qzeros: &'a [u32],
    pub scales: &'a [f32],
    /// empty: in order
    pub g_idx: &'a [u32],
}

/// How a layer's numbers lie in its tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub bits: u32,
    pub group: Group,
    /// zero points are stored less one
    pub first_format: bool,
}

/// The weight `[out, in]`.
pub fn read(stored: &Stored, Widths { input, output }: Widths, form: Form) -> Parsed<Grouped> {
    let (bits, group) = (form.bits as usize, form.group.size(input));
    let groups = input.div_ceil(group.max(1));
    if !(input * bits).is_multiple_of(32) || !(output * bits).is_multiple_of(32) {
        return Err(says::not_in_words(input, output));
    }
    for (name, got, wanted) in [
        ("qweight", stored.qweight.len(), input * bits / 32 * output),
        ("qzeros", stored.qzeros.len(), groups * (output * bits / 32)),
    ] {
        if got != wanted {
            return Err(says::packed_words(name, got, group, wanted));
        }
    }
    if !stored.g_idx.is_empty() && stored.g_idx.len() != input {
        return Err(says::group_order(stored.g_idx.len(), input));
    }
    let (add, mask) = (u8::from(form.first_format), u8::MAX >> (8 - bits));
    Grouped::turned(&Transposed {
        name: "gptq",
        rows: output,
        columns: input,
        bits: form.bits,
        group,
        code: &|column, row| bits_of(|word| stored.qweight[word * output + row], form.bits, column),
        zero: &|group, row| {
            let words = &stored.qzeros[group * (output * bits / 32)..];
            bits_of(|word| words[word], form.bits, row).wrapping_add(add) & mask
        },
        scales: stored.scales,
        order: stored.g_idx,
    })
}

/// Value `at` of a run of words that hold values of so many bits, the lowest first.
#[inline(always)]
pub fn bits_of(word: impl Fn(usize) -> u32, bits: u32, at: usize) -> u8 {
    let first = at * bits as usize;
    let (place, shift) = (first / 32, first as u32 % 32);
    let mut value = word(place) >> shift;
    if shift + bits > 32 {
        value |= word(place + 1) << (32 - shift);
    }
    value as u8 & (u8::MAX >> (8 - bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_three_bits_some_lie_in_two_words() {
        // 32 values, (5 i) % 8, packed by hand into three words
        let values: Vec<u8> = (0..32).map(|i| 5 * i % 8).collect();
        let all = values.iter().rev().fold(0u128, |all, &v| all << 3 | u128::from(v));
        let words = [all as u32, (all >> 32) as u32, (all >> 64) as u32];
        let got: Vec<u8> = (0..32).map(|i| bits_of(|word| words[word], 3, i)).collect();
        assert_eq!(got, values);
    }

    #[test]
    fn a_small_layer_by_hand() {
        // 16 inputs of 2 bits, 16 outputs, groups of 8: every code of output `o` is `o % 4`, zero points are 1 as stored
        let qweight: Vec<u32> = (0..16).map(|o| 0x5555_5555 * (o % 4)).collect();
        let (qzeros, scales) = ([0x5555_5555; 2], [0.5; 32]);
        let stored = Stored {
            qweight: &qweight,
            qzeros: &qzeros,
            scales: &scales,
            g_idx: &[],
        };
        for (first_format, zero) in [(true, 2.0), (false, 1.0)] {
            let form = Form {
                bits: 2,
                group: Group::Of(8),
                first_format,
            };
            let packed = read(&stored, Widths { input: 16, output: 16 }, form).unwrap();
            let mut got = vec![0.0; 256];
            packed.unpack(0, &mut got);
            for (i, got) in got.iter().enumerate() {
                assert_eq!(*got, 0.5 * ((i / 16 % 4) as f32 - zero));
            }
        }
    }
}
