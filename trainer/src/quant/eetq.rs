//! EETQ's rows of 8 bits: `w = q * scale[row]`, `scale` the row's largest magnitude over 128, in f16.
//!
//! Quantizing divides by the scale before it is rounded to f16 and rounds halves away from zero. A folder has the weight
//! turned, `[in, out]`, in the order that tensor cores of compute capability 7.5 and more read it in (each step's own words
//! below), each value plus 128. Folders written on a card before that lie in another order, which nothing in them says.
//! Source: EETQ, `csrc/cutlass_kernels/cutlass_preprocessors.cc`.
use super::compressed::signed;
use super::grouped::{Grouped, Parts, Sharing, Worth};
use super::{Parsed, Widths, absmax};
use half::f16;
use protocol::says;

pub fn quantize(values: &[f32], columns: usize) -> Parsed<Grouped> {
    let rows = values.len() / columns.max(1);
    let scales: Vec<f32> = values
        .chunks_exact(columns.max(1))
        .map(|row| absmax(row) / 128.0)
        .collect();
    let code = |row: usize, column: usize| {
        let scaled = match scales[row] {
            0.0 => 0.0,
            scale => (values[row * columns + column] / scale).round().clamp(-128.0, 127.0),
        };
        (scaled + 128.0) as u8
    };
    grouped(
        rows,
        columns,
        &code,
        scales.iter().map(|&scale| f16::from_f32(scale).to_f32()).collect(),
    )
}

/// The weight `[out, in]` of a saved layer: `weight` and `weight_scales`.
pub fn read(bytes: &[u8], scales: Vec<f32>, Widths { input, output }: Widths) -> Parsed<Grouped> {
    if !input.is_multiple_of(64) || !output.is_multiple_of(64) {
        return Err(says::eetq_widths(input, output));
    }
    if bytes.len() != input * output {
        return Err(says::other_count("weight", bytes.len(), input * output));
    }
    let code = |row: usize, column: usize| bytes[place(row, column, input)];
    grouped(output, input, &code, scales)
}

/// Where the value of an output and an input lies.
fn place(output: usize, input: usize, inputs: usize) -> usize {
    // 1. rows of 16 inputs are put in the order 0 1 8 9 2 3 10 11 4 5 12 13 6 7 14 15
    let (tile, within) = (input / 16, input % 16);
    let within = within % 8 / 2 * 4 + within / 8 * 2 + within % 2;
    let input = tile * 16 + within;
    // 2. columns one behind the other, 3. two and two of them in turns of 64 inputs
    let (pair, side) = (output / 2, output % 2);
    let at = pair * 2 * inputs + input / 64 * 128 + side * 64 + input % 64;
    // 4. the second and third of each four change places
    match at % 4 {
        1 => at + 1,
        2 => at - 1,
        _ => at,
    }
}

fn grouped(
    rows: usize,
    columns: usize,
    code: &(dyn Fn(usize, usize) -> u8 + Sync),
    scales: Vec<f32>,
) -> Parsed<Grouped> {
    Grouped::new(Parts {
        name: "eetq",
        rows,
        columns,
        bits: 8,
        code,
        worth: Worth::Table(signed(8)),
        scales,
        sharing: Sharing::Tiles { rows: 1, columns },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_by_hand() {
        // the largest is 2: a scale of 1/64
        let packed = quantize(
            &[2.0, -2.0, 0.5, -0.0078125, 0.0, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            6,
        )
        .unwrap();
        let mut got = vec![0.0; 12];
        packed.unpack(0, &mut got);
        // 128 does not fit and is 127; half a step goes away from zero
        let step = 1.0 / 64.0;
        assert_eq!(got[..6], [127.0 * step, -2.0, 0.5, -step, 0.0, step]);
        assert_eq!(got[6..], [0.0; 6]);
    }

    /// The four steps as they are published, one after the other, on a matrix of which every value is another.
    #[test]
    fn a_saved_matrix_is_the_published_order() {
        let (inputs, outputs) = (128, 64);
        let value = |input: usize, output: usize| (input * 7 + output * 31 + input * output / 5) as u8;
        // 1. a permutation of each 16 rows of the `[in, out]` matrix
        const ORDER: [usize; 16] = [0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15];
        let permuted = |input: usize, output: usize| value(input / 16 * 16 + ORDER[input % 16], output);
        // 2. turned: one column behind the other
        let turned: Vec<u8> = (0..outputs * inputs)
            .map(|i| permuted(i % inputs, i / inputs))
            .collect();
        // 3. tiles of 64 rows, of two columns in turn, four rows a word
        let mut woven = vec![0u8; turned.len()];
        for column in 0..outputs {
            for base in (0..inputs / 4).step_by(16) {
                for word in base..base + 16 {
                    let to = column / 2 * (inputs / 4) * 2 + 2 * base + 16 * (column % 2) + word % 16;
                    let from = column * (inputs / 4) + word;
                    woven[4 * to..4 * to + 4].copy_from_slice(&turned[4 * from..4 * from + 4]);
                }
            }
        }
        // 4. plus 128 (of a signed number: the upper bit is turned over), and the middle two of each word swapped
        for word in woven.chunks_exact_mut(4) {
            word.iter_mut().for_each(|byte| *byte ^= 128);
            word.swap(1, 2);
        }
        let packed = read(
            &woven,
            vec![1.0; outputs],
            Widths {
                input: inputs,
                output: outputs,
            },
        )
        .unwrap();
        let mut got = vec![0.0; inputs * outputs];
        packed.unpack(0, &mut got);
        for (i, got) in got.iter().enumerate() {
            let want = value(i % inputs, i / inputs).cast_signed();
            assert_eq!(*got, f32::from(want), "output {} input {}", i / inputs, i % inputs);
        }
        assert!(read(&woven, vec![1.0; 32], Widths { input: 256, output: 32 }).is_err());
        assert!(read(&woven[1..], vec![1.0; 64], Widths { input: 128, output: 64 }).is_err());
    }
}
