//! Heads that do more than a product, against autograd: log-probs, the unit gradient, the gradients of rows, bias and hidden
//! states, and the logits that decoding draws from.

use super::{along, buf, close, indices, zeros};
use crate::common::{engine, noise, parts, var};
use candle_core::Tensor;
use protocol::decoder::{HeadSpec, HeadTable};
use trainer::ops::head::{Dims, Form, Head, HeadBackward, HeadLogits, LowRankGrads, LowRankTerm, STATS, scratch_len};

/// More than one chunk of the vocabulary, and odd sizes.
const DIMS: Dims = Dims { width: 37, vocab: 2051 };
const ROWS: usize = 13;

fn forms() -> Vec<HeadSpec> {
    let plain = HeadSpec::plain(HeadTable::Own);
    vec![
        HeadSpec {
            bias: true,
            ..plain.clone()
        },
        HeadSpec {
            scale: 0.3,
            ..plain.clone()
        },
        HeadSpec {
            soft_cap: Some(2.0),
            ..plain.clone()
        },
        HeadSpec {
            normalized: true,
            ..plain.clone()
        },
        HeadSpec {
            normalized: true,
            bias: true,
            scale: 2.5,
            soft_cap: Some(4.0),
            ..plain
        },
    ]
}

#[test]
fn heads_of_every_form() {
    let Dims { width, vocab } = DIMS;
    let (h, w) = (noise(ROWS * width, 1, 1.0), noise(vocab * width, 2, 0.5));
    let bias = noise(vocab, 3, 1.0);
    let targets: Vec<u32> = (0..ROWS as u32).map(|i| i * 701 % vocab as u32).collect();
    let coefficients = noise(ROWS, 4, 1.0);
    for spec in forms() {
        let what = format!("{spec:?}");
        let (vh, vw, vb) = (
            var(h.clone(), (ROWS, width)),
            var(w.clone(), (vocab, width)),
            var(bias.clone(), vocab),
        );
        let logits = parts::logits(&spec, &vh, &vw, Some(&vb)).unwrap();
        let picked = Tensor::new(&targets[..], logits.device())
            .unwrap()
            .unsqueeze(1)
            .unwrap();
        let logps = logits.gather(&picked, 1).unwrap().squeeze(1).unwrap();
        let logps = (logps - logits.log_sum_exp(1).unwrap()).unwrap();
        let of_unit = along(&logps, &[1.0; ROWS]).backward().unwrap();
        let grads = along(&logps, &coefficients).backward().unwrap();

        let (bh, bw, bb, by_row) = (buf(&h), buf(&w), buf(&bias), buf(&coefficients));
        let form = Form {
            normalized: spec.normalized,
            low_rank: None,
            bias: spec.bias.then(|| bb.view()),
            scale: spec.scale as f32,
            soft_cap: spec.soft_cap.map(|cap| cap as f32),
        };
        let at = indices(&targets);
        let (mut stats, mut unit) = (zeros(STATS * ROWS), zeros(ROWS * width));
        let mut scratch = zeros(scratch_len(ROWS, vocab));
        for unit_grad in [false, true] {
            let forward = Head {
                h: bh.view(),
                w: bw.view().into(),
                targets: at.view(),
                rows: ROWS,
                dims: DIMS,
                form,
                stats: stats.view_mut(),
                unit: unit.view_mut(),
                logits: scratch.view_mut(),
                unit_grad,
            };
            engine().run(forward).unwrap();
            close(&what, &stats, &logps);
        }
        close(&format!("{what} unit"), &unit, of_unit.get(&vh).unwrap());

        let (mut dh, mut dw, mut db) = (zeros(ROWS * width), zeros(vocab * width), zeros(vocab));
        let backward = HeadBackward {
            h: bh.view(),
            w: bw.view().into(),
            stats: stats.view(),
            targets: at.view(),
            coefficients: by_row.view(),
            rows: ROWS,
            dims: DIMS,
            form,
            dh: dh.view_mut(),
            dw: Some(dw.view_mut()),
            dbias: spec.bias.then(|| db.view_mut()),
            low_rank: None,
            logits: scratch.view_mut(),
        };
        engine().run(backward).unwrap();
        close(&format!("{what} dh"), &dh, grads.get(&vh).unwrap());
        close(&format!("{what} dw"), &dw, grads.get(&vw).unwrap());
        if spec.bias {
            close(&format!("{what} db"), &db, grads.get(&vb).unwrap());
        }

        let mut drawn = zeros(vocab);
        let last = HeadLogits {
            h: bh.part((ROWS - 1) * width, width),
            w: bw.view().into(),
            dims: DIMS,
            form,
            logits: drawn.view_mut(),
        };
        engine().run(last).unwrap();
        close(
            &format!("{what} drawn"),
            &drawn,
            &logits.narrow(0, ROWS - 1, 1).unwrap(),
        );
    }
}

/// By hand: products 3 and 4 of rows of length 3 and 4 are both 1 behind them; capped at 1, both are tanh 1.
#[test]
fn a_head_worked_by_hand() {
    let (w, h) = (buf(&[3.0, 0.0, 0.0, 4.0]), buf(&[1.0, 1.0]));
    let form = Form {
        normalized: true,
        low_rank: None,
        bias: None,
        scale: 1.0,
        soft_cap: Some(1.0),
    };
    let mut logits = zeros(2);
    let of_row = HeadLogits {
        h: h.view(),
        w: w.view().into(),
        dims: Dims { width: 2, vocab: 2 },
        form,
        logits: logits.view_mut(),
    };
    engine().run(of_row).unwrap();
    for logit in logits.to_vec(2).unwrap() {
        assert!((logit - 1f32.tanh()).abs() < 1e-6, "{logit}");
    }
}

/// A low-rank term is a head beside the head: as autograd has one of rows and hidden states that are longer by its rank.
#[test]
fn a_low_rank_term_adds_to_the_logits() {
    let (Dims { width, vocab }, rank) = (DIMS, 3);
    let (h, w) = (noise(ROWS * width, 1, 1.0), noise(vocab * width, 2, 0.5));
    let (p, b) = (noise(ROWS * rank, 5, 1.0), noise(vocab * rank, 6, 0.5));
    let targets: Vec<u32> = (0..ROWS as u32).map(|i| i * 701 % vocab as u32).collect();
    let coefficients = noise(ROWS, 4, 1.0);
    let plain = HeadSpec::plain(HeadTable::Own);
    let other = forms().into_iter().filter(|spec| !spec.normalized && !spec.bias);
    for spec in other.chain([plain]) {
        let what = format!("{spec:?}");
        let (vh, vw) = (var(h.clone(), (ROWS, width)), var(w.clone(), (vocab, width)));
        let (vp, vb) = (var(p.clone(), (ROWS, rank)), var(b.clone(), (vocab, rank)));
        let join = |a: &Tensor, b: &Tensor| Tensor::cat(&[a, b], 1).unwrap();
        let logits = parts::logits(&spec, &join(&vh, &vp), &join(&vw, &vb), None).unwrap();
        let picked = Tensor::new(&targets[..], logits.device()).unwrap();
        let picked = logits.gather(&picked.unsqueeze(1).unwrap(), 1).unwrap();
        let logps = (picked.squeeze(1).unwrap() - logits.log_sum_exp(1).unwrap()).unwrap();
        let grads = along(&logps, &coefficients).backward().unwrap();

        let (bh, bw, bp, bb, by_row) = (buf(&h), buf(&w), buf(&p), buf(&b), buf(&coefficients));
        let form = Form {
            low_rank: Some(LowRankTerm {
                hidden: bp.view(),
                b: bb.view(),
                rank,
            }),
            scale: spec.scale as f32,
            soft_cap: spec.soft_cap.map(|cap| cap as f32),
            ..Form::plain()
        };
        let at = indices(&targets);
        let (mut stats, mut unit) = (zeros(STATS * ROWS), zeros(0));
        let mut scratch = zeros(scratch_len(ROWS, vocab));
        let forward = Head {
            h: bh.view(),
            w: bw.view().into(),
            targets: at.view(),
            rows: ROWS,
            dims: DIMS,
            form,
            stats: stats.view_mut(),
            unit: unit.view_mut(),
            logits: scratch.view_mut(),
            unit_grad: false,
        };
        engine().run(forward).unwrap();
        close(&what, &stats, &logps);
        let (mut dh, mut dp, mut db) = (zeros(ROWS * width), zeros(ROWS * rank), zeros(vocab * rank));
        let backward = HeadBackward {
            h: bh.view(),
            w: bw.view().into(),
            stats: stats.view(),
            targets: at.view(),
            coefficients: by_row.view(),
            rows: ROWS,
            dims: DIMS,
            form,
            dh: dh.view_mut(),
            dw: None,
            dbias: None,
            low_rank: Some(LowRankGrads {
                hidden: dp.view_mut(),
                b: db.view_mut(),
            }),
            logits: scratch.view_mut(),
        };
        engine().run(backward).unwrap();
        for (name, got, of) in [("dh", &dh, &vh), ("dp", &dp, &vp), ("db", &db, &vb)] {
            close(&format!("{what} {name}"), got, grads.get(of).unwrap());
        }
    }
}
