//! Updates of parameters in bf16: the same as in f32 from the same numbers, each result rounded once.
use crate::common::{engine, noise};
use half::bf16;
use trainer::ops::optimizer::{
    AdafactorMatrix, AdafactorStep, AdafactorVector, AdamStep, AdamW, AdamWBlockwise, AddScaled, Lion, LionBlockwise,
    LionStep, Quantized, Sgd, SgdStep, SumOfSquares,
};
use trainer::ops::scale::Scale;
use trainer::ops::{Buf, Operation};

/// Neither a multiple of a vector's width nor of a block of 8-bit states.
const LEN: usize = 5003;

fn values(seed: u64, size: f64) -> Vec<bf16> {
    noise(LEN, seed, size).into_iter().map(bf16::from_f32).collect()
}

fn narrow(values: &[bf16]) -> Buf {
    Buf::from_vec(values.to_vec(), engine().device()).unwrap()
}

fn wide(values: &[bf16]) -> Buf {
    let values: Vec<f32> = values.iter().map(|value| value.to_f32()).collect();
    Buf::from_vec(values, engine().device()).unwrap()
}

fn run(operation: impl Operation) {
    engine().run(operation).unwrap();
}

/// Runs an update over buffers of each type and compares what it changed.
fn same(what: &str, changed: &[Vec<bf16>], update: impl Fn(&mut [Buf], &Buf)) {
    within(what, 0, changed, update);
}

/// As [`same`], but for so many places of the last bit: a card adds up values of another width in another order.
fn within(what: &str, places: u16, changed: &[Vec<bf16>], update: impl Fn(&mut [Buf], &Buf)) {
    let grad = values(9, 0.3);
    let mut short: Vec<Buf> = changed.iter().map(|values| narrow(values)).collect();
    let mut long: Vec<Buf> = changed.iter().map(|values| wide(values)).collect();
    update(&mut short, &narrow(&grad));
    update(&mut long, &wide(&grad));
    for (at, (short, long)) in short.iter().zip(&long).enumerate() {
        let got = short.values::<bf16>(LEN).unwrap();
        let want: Vec<bf16> = long.to_vec(LEN).unwrap().into_iter().map(bf16::from_f32).collect();
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            let apart = (got.to_bits() as i16).abs_diff(want.to_bits() as i16);
            assert!(apart <= places, "{what}, {at}: {got} at {i}, expected {want}");
        }
        assert_ne!(got, changed[at], "{what}, {at}: nothing changed");
    }
}

const ADAM: AdamStep = AdamStep {
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    keep: 0.98,
    step_size: 0.07,
    root_correction: 1.3,
    grad_scale: 0.8,
};

const LION: LionStep = LionStep {
    beta1: 0.9,
    beta2: 0.9,
    keep: 0.98,
    lr: 0.05,
    grad_scale: 0.8,
};

const ADAFACTOR: AdafactorStep = AdafactorStep {
    beta2: 0.5,
    epsilon: 1e-30,
    clip: 1.0,
    lr: 0.05,
    keep: 0.98,
    grad_scale: 0.8,
};

fn moments() -> [Vec<bf16>; 2] {
    let second = values(3, 0.2).into_iter().map(|v| bf16::from_f32(v.to_f32().abs()));
    [values(2, 0.2), second.collect()]
}

#[test]
fn updates_round_each_result_once() {
    let [first, second] = moments();
    same("AdamW", &[values(1, 1.0), first, second], |bufs, grad| {
        let [value, first, second] = bufs else { unreachable!() };
        run(AdamW {
            step: ADAM,
            value: value.view_mut(),
            first: first.view_mut(),
            second: second.view_mut(),
            grad: grad.view(),
        });
    });
    same("Lion", &[values(1, 1.0), values(2, 0.2)], |bufs, grad| {
        let [value, momentum] = bufs else { unreachable!() };
        run(Lion {
            step: LION,
            value: value.view_mut(),
            momentum: momentum.view_mut(),
            grad: grad.view(),
        });
    });
    same("SGD", &[values(1, 1.0)], |bufs, grad| {
        run(Sgd {
            step: SgdStep { keep: 0.98, lr: 0.1 },
            value: bufs[0].view_mut(),
            grad: grad.view(),
        });
    });
    same("decay", &[values(1, 1.0)], |bufs, _| {
        run(Scale {
            x: bufs[0].view_mut(),
            factor: 0.9,
            len: LEN,
        });
    });
    let more = wide(&values(4, 1.0));
    same("a product added", &[values(1, 1.0)], |bufs, _| {
        run(AddScaled {
            out: bufs[0].view_mut(),
            factor: 0.25,
            x: more.view().into(),
        });
    });
}

#[test]
fn states_of_their_own_type_are_the_same_for_both() {
    let zeros = |len| Buf::zeros(len, engine().device()).unwrap();
    within("Adafactor of a vector", 1, &[values(1, 1.0)], |bufs, grad| {
        run(AdafactorVector {
            step: ADAFACTOR,
            value: bufs[0].view_mut(),
            second: zeros(LEN).view_mut(),
            grad: grad.view(),
        });
    });
    // 5003 is a prime
    within("Adafactor of a row", 1, &[values(1, 1.0)], |bufs, grad| {
        run(AdafactorMatrix {
            step: ADAFACTOR,
            value: bufs[0].view_mut(),
            rows: zeros(1).view_mut(),
            columns: zeros(LEN).view_mut(),
            grad: grad.view(),
        });
    });
    let quantized = |signed| Quantized::zeros(LEN, signed, engine().device()).unwrap();
    same("AdamW in 8 bits", &[values(1, 1.0)], |bufs, grad| {
        run(AdamWBlockwise {
            step: ADAM,
            value: bufs[0].view_mut(),
            first: quantized(true).view_mut(),
            second: quantized(false).view_mut(),
            grad: grad.view(),
        });
    });
    same("Lion in 8 bits", &[values(1, 1.0)], |bufs, grad| {
        run(LionBlockwise {
            step: LION,
            value: bufs[0].view_mut(),
            momentum: quantized(true).view_mut(),
            grad: grad.view(),
        });
    });
}

#[test]
fn a_norm_is_the_same_of_both() {
    let grad = values(5, 0.7);
    let norm = |grad: Buf| {
        let mut sum = Buf::from_vec(vec![0f64], engine().device()).unwrap();
        run(SumOfSquares {
            x: grad.view(),
            sum: sum.view_mut(),
        });
        sum.values::<f64>(1).unwrap()[0]
    };
    assert_eq!(norm(narrow(&grad)), norm(wide(&grad)));
}
