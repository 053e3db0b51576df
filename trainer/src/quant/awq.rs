//! AWQ's 4-bit folders in the GEMM layout (arXiv 2306.00978; AutoAWQ): `qweight`, `qzeros`, `scales`.
//!
//! `qweight` is `[in, out / 8]` of 32-bit words: bits `4 j` of a word hold output `8 w + ORDER[j]`, an order made for
//! the card's unpacking. `qzeros` is `[groups, out / 8]` in the same order, `scales` `[groups, out]`.
//! Source: AutoAWQ 0.2.9, `awq/utils/packing_utils.py`, `awq/modules/linear/gemm.py`.
use super::gptq::bits_of;
use super::grouped::{Grouped, Transposed};
use super::{Parsed, Widths};
use protocol::says;

/// Where in a word an output lies: the inverse of AWQ's order `0 2 4 6 1 3 5 7`.
const PLACE: [usize; 8] = [0, 4, 1, 5, 2, 6, 3, 7];

/// The tensors of a layer.
pub struct Stored<'a> {
    pub qweight: &'a [u32],
    pub qzeros: &'a [u32],
    pub scales: &'a [f32],
}

/// The weight `[out, in]` of a layer.
pub fn read(
    Stored {
        qweight,
        qzeros,
        scales,
    }: Stored,
    Widths { input, output }: Widths,
    group: usize,
) -> Parsed<Grouped> {
    let groups = input.div_ceil(group.max(1));
    if !output.is_multiple_of(8) {
        return Err(says::not_in_words(input, output));
    }
    for (name, got, wanted) in [
        ("qweight", qweight.len(), input * output / 8),
        ("qzeros", qzeros.len(), groups * output / 8),
    ] {
        if got != wanted {
            return Err(says::packed_words(name, got, group, wanted));
        }
    }
    let words = output / 8;
    Grouped::turned(&Transposed {
        name: "awq",
        rows: output,
        columns: input,
        bits: 4,
        group,
        code: &|c, r| nibble(qweight[c * words + r / 8], PLACE[r % 8]),
        zero: &|g, r| nibble(qzeros[g * words + r / 8], PLACE[r % 8]),
        scales,
        order: &[],
    })
}

/// Bits `4 place` of a word.
fn nibble(word: u32, place: usize) -> u8 {
    bits_of(|_| word, 4, place)
}
