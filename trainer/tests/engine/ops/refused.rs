//! What a card is not started with: values of another type than a kernel takes, and fewer than it would read or write.

use super::sums::draw;
use super::{buf, indices, zeros};
use crate::common::engine;
use candle_core::DType;
use half::bf16;
use trainer::ops::matmul::{Dims, LinearForward};
use trainer::ops::{Buf, Operation, View, ViewMut, Write, act, gather, optimizer, scale};

/// What the engine says of an operation; nothing on the processor, where a slice holds what it is asked for.
fn refused(what: &str, operation: impl Operation) {
    if !engine().device().is_card() {
        return;
    }
    let said = engine().run(operation).unwrap_err().to_string();
    assert!(said.contains(what), "{said}");
}

fn halves(len: usize) -> Buf {
    let values = draw(DType::BF16, len, 1).into_iter().map(bf16::from_f32).collect();
    Buf::from_vec::<bf16>(values, engine().device()).unwrap()
}

#[test]
fn values_of_another_type() {
    let mut x = zeros(8);
    refused(
        "parameter 1 of a kernel is Values(F32) and was given Values(BF16)",
        act::Add {
            x: x.view_mut(),
            y: halves(8).view(),
            len: 8,
        },
    );
    refused(
        "parameter 1 of a kernel is Values(U32) and was given Values(F32)",
        gather::Gather {
            table: buf(&[1.0; 8]).view().into(),
            ids: buf(&[0.0]).view(),
            y: x.view_mut(),
            count: 1,
            width: 8,
        },
    );
    let mut sum = zeros(1);
    refused(
        "was given Values(F32)",
        optimizer::SumOfSquares {
            x: buf(&[1.0]).view(),
            sum: sum.view_mut(),
        },
    );
}

/// `[4, 2]` by the transpose of `[2, 2]`.
fn product<'a>(x: View<'a>, w: View<'a>, y: ViewMut<'a>) -> LinearForward<'a> {
    LinearForward {
        x,
        w: w.into(),
        y,
        dims: Dims {
            tokens: 4,
            input: 2,
            output: 2,
        },
        write: Write::Overwrite,
        alpha: 1.0,
    }
}

#[test]
fn fewer_values_than_are_read_or_written() {
    const SHORT: &str = "reaches past";
    let (mut x, mut short) = (zeros(8), zeros(7));
    refused(
        SHORT,
        act::Add {
            x: x.view_mut(),
            y: buf(&[1.0; 7]).view(),
            len: 8,
        },
    );
    refused(
        SHORT,
        scale::Scale {
            x: short.view_mut(),
            factor: 2.0,
            len: 8,
        },
    );
    refused(
        SHORT,
        gather::Gather {
            table: buf(&[1.0; 8]).view().into(),
            ids: indices(&[0, 0]).view(),
            y: short.view_mut(),
            count: 2,
            width: 4,
        },
    );
    let (eight, four) = (buf(&[1.0; 8]), buf(&[1.0; 4]));
    refused(SHORT, product(four.view(), four.view(), x.view_mut()));
    refused(SHORT, product(eight.view(), four.part(0, 3), x.view_mut()));
    refused(SHORT, product(eight.view(), four.view(), short.view_mut()));
    engine().run(product(eight.view(), four.view(), x.view_mut())).unwrap();
}
