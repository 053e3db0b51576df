//! Norms of each kind, with and without weight and bias, against autograd.

use super::{along, buf, close, zeros};
use crate::common::parts::normalized;
use crate::common::{engine, noise, var};
use candle_core::Tensor;
use protocol::decoder::{NormKind, NormSpec, NormWeight};
use trainer::ops::norm::{Gain, GainGrad, Kind, Norm, Normalize, NormalizeBackward};
use trainer::ops::{View, Write};

fn gain(weight: NormWeight, w: View) -> Gain {
    match weight {
        NormWeight::None => Gain::None,
        NormWeight::Plain => Gain::Plain(w),
        NormWeight::OnePlus => Gain::OnePlus(w),
    }
}

/// `vectors` vectors each of `width` values, which take turns with `weights` weights. Their mean is far from 0.
fn check(spec: &NormSpec, vectors: usize, width: usize, weights: usize) {
    let what = format!("{spec:?} {vectors}x{width} of {weights}");
    let x: Vec<f32> = noise(vectors * width, 1, 1.0).iter().map(|x| x + 3.0).collect();
    let dy = noise(vectors * width, 3, 1.0);
    let (w, b) = (noise(weights * width, 2, 1.0), noise(weights * width, 4, 1.0));
    let shape = (vectors / weights, weights, width);
    let (vx, vw, vb) = (
        var(x.clone(), shape),
        var(w.clone(), (weights, width)),
        var(b.clone(), (weights, width)),
    );
    let y = normalized(spec, &vx, Some(&vw), Some(&vb)).unwrap();
    let grads = along(&y, &dy).backward().unwrap();
    let norm = Norm {
        kind: match spec.kind {
            NormKind::Rms => Kind::Rms,
            NormKind::Layer => Kind::Layer,
        },
        rows: vectors,
        width,
        epsilon: spec.epsilon as f32,
        weights,
    };
    let (bx, bw, bb, bdy) = (buf(&x), buf(&w), buf(&b), buf(&dy));
    let mut out = zeros(x.len());
    let forward = Normalize {
        x: bx.view(),
        gain: gain(spec.weight, bw.view()),
        bias: spec.bias.then(|| bb.view()),
        y: out.view_mut(),
        norm,
    };
    engine().run(forward).unwrap();
    close(&what, &out, &y);
    let mut dx = zeros(x.len());
    for (write, times) in [(Write::Overwrite, 1.0), (Write::Accumulate, 2.0)] {
        let backward = NormalizeBackward {
            x: bx.view(),
            gain: gain(spec.weight, bw.view()),
            dy: bdy.view(),
            dx: dx.view_mut(),
            norm,
            write,
        };
        engine().run(backward).unwrap();
        close(&format!("{what} dx"), &dx, &(grads.get(&vx).unwrap() * times).unwrap());
    }
    if spec.weight != NormWeight::None {
        let mut dw = zeros(w.len());
        let of_weight = GainGrad {
            x: bx.view(),
            dy: bdy.view(),
            dw: dw.view_mut(),
            norm,
        };
        engine().run(of_weight).unwrap();
        close(&format!("{what} dw"), &dw, grads.get(&vw).unwrap());
    }
}

#[test]
fn norms_and_their_gradients() {
    for kind in [NormKind::Rms, NormKind::Layer] {
        for weight in [NormWeight::None, NormWeight::Plain, NormWeight::OnePlus] {
            for bias in [false, true] {
                let spec = NormSpec {
                    kind,
                    epsilon: 1e-5,
                    weight,
                    bias,
                };
                for (vectors, width, weights) in [(3, 37, 1), (70, 512, 1), (36, 10, 4)] {
                    check(&spec, vectors, width, weights);
                }
            }
        }
    }
}

/// By hand: of 1, 2, 3 the mean is 2 and the variance 2/3.
#[test]
fn a_layer_norm_worked_by_hand() {
    let x = Tensor::new(&[[1f32, 2.0, 3.0]], &candle_core::Device::Cpu).unwrap();
    let (bx, w, b) = (buf(&[1.0, 2.0, 3.0]), buf(&[0.0, 1.0, 1.0]), buf(&[0.5, 0.0, 0.0]));
    let mut y = zeros(3);
    let forward = Normalize {
        x: bx.view(),
        gain: Gain::OnePlus(w.view()),
        bias: Some(b.view()),
        y: y.view_mut(),
        norm: Norm {
            kind: Kind::Layer,
            rows: 1,
            width: 3,
            epsilon: 0.0,
            weights: 1,
        },
    };
    engine().run(forward).unwrap();
    let step = 1.5f32.sqrt();
    let want = Tensor::new(&[[0.5 - step, 0.0, 2.0 * step]], x.device()).unwrap();
    close("layer norm", &y, &want);
}
