//! GPTQ's 4-bit folders (arXiv 2210.17323; AutoGPTQ and GPTQModel): `qweight`, `qzeros`, `scales`, `g_idx`.
//!
//! `qweight` is `[in / 8, out]` of 32-bit words: bits `4 j` of word `(i, o)` hold the value of input `8 i + j`, output
//! `o`. `qzeros` is `[groups, out / 8]`, eight outputs a word, in the same order; the first format (`gptq`) stores the
//! zero point less one, the second (`gptq_v2`) as it is. `scales` is `[groups, out]`; `g_idx[in]` names the group of each
//! input, which `desc_act` puts out of order. Source: AutoGPTQ 0.7.1, `nn_modules/qlinear/qlinear_cuda.py`.
use super::Parsed;
use super::grouped::{Grouped, Transposed};
use protocol::says;

/// The tensors of one layer, `[in, out]` wide.
pub struct Stored<'a> {
    pub qweight: &'a [u32],
    pub qzeros: &'a [u32],
    pub scales: &'a [f32],
    /// empty: in order
    pub g_idx: &'a [u32],
}

/// The weight `[out, in]`. `first_format`: zero points are stored less one.
pub fn read(stored: &Stored, (input, output): (usize, usize), group: usize, first_format: bool) -> Parsed<Grouped> {
    let groups = input.div_ceil(group.max(1));
    if !input.is_multiple_of(8) || !output.is_multiple_of(8) {
        return Err(says::not_in_words(input, output));
    }
    for (name, got, wanted) in [
        ("qweight", stored.qweight.len(), input / 8 * output),
        ("qzeros", stored.qzeros.len(), groups * output / 8),
    ] {
        if got != wanted {
            return Err(says::packed_words(name, got, group, wanted));
        }
    }
    if !stored.g_idx.is_empty() && stored.g_idx.len() != input {
        return Err(says::group_order(stored.g_idx.len(), input));
    }
    let add = u8::from(first_format);
    Grouped::turned(&Transposed {
        name: "gptq",
        rows: output,
        columns: input,
        group,
        code: &|c, r| nibble(stored.qweight[c / 8 * output + r], c % 8),
        zero: &|g, r| (nibble(stored.qzeros[(g * output + r) / 8], r % 8) + add) & 15,
        scales: stored.scales,
        order: stored.g_idx,
    })
}

/// Bits `4 place` of a word.
pub fn nibble(word: u32, place: usize) -> u8 {
    (word >> (4 * place) & 15) as u8
}
