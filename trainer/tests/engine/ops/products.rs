//! Products with weights in every stored type, the head, and rows picked by index.

use super::*;

/// A weight where the tests compute, in the type it is stored in.
fn on_device(tensor: &Tensor) -> Buf {
    Buf::as_stored(tensor, engine().device()).unwrap()
}

#[test]
fn products_in_every_stored_dtype() {
    // few tokens take the path of dot products; many weights are widened in blocks; large products are cut into tasks,
    // long sums into parts, and neither sizes nor parts are whole tiles
    let sizes = [
        (1, 70, 300),
        (3, 33, 65),
        (20, 48, 70),
        (9, 1024, 1100),
        (211, 700, 513),
        (1100, 17, 260),
    ];
    for (tokens, input, output) in sizes {
        for dtype in [DType::F32, DType::BF16, DType::F16] {
            let x = noise(tokens * input, 1, 1.0);
            let dy = noise(tokens * output, 2, 1.0);
            let stored = Tensor::from_vec(noise(output * input, 3, 1.0), (output, input), &CPU).unwrap();
            let stored = stored.to_dtype(dtype).unwrap();
            let weight = on_device(&stored);
            let w = stored.to_dtype(DType::F32).unwrap();
            let tx = Tensor::from_vec(x.clone(), (tokens, input), &CPU).unwrap();
            let tdy = Tensor::from_vec(dy.clone(), (tokens, output), &CPU).unwrap();
            let dims = Dims { tokens, input, output };
            let (x, dy) = (buf(&x), buf(&dy));
            let mut y = zeros(tokens * output);
            let want = tx.matmul(&w.t().unwrap()).unwrap();
            engine()
                .run(matmul::LinearForward {
                    x: x.view(),
                    w: weight.view().into(),
                    y: y.view_mut(),
                    dims,
                    write: Write::Overwrite,
                    alpha: 0.5,
                })
                .unwrap();
            engine()
                .run(matmul::LinearForward {
                    x: x.view(),
                    w: weight.view().into(),
                    y: y.view_mut(),
                    dims,
                    write: Write::Accumulate,
                    alpha: 2.0,
                })
                .unwrap();
            close(&format!("forward {dtype:?}"), &y, &(want * 2.5).unwrap());
            let mut dx = zeros(tokens * input);
            engine()
                .run(matmul::LinearInputGrad {
                    dy: dy.view(),
                    w: weight.view().into(),
                    dx: dx.view_mut(),
                    dims,
                    write: Write::Overwrite,
                    alpha: 1.0,
                })
                .unwrap();
            engine()
                .run(matmul::LinearInputGrad {
                    dy: dy.view(),
                    w: weight.view().into(),
                    dx: dx.view_mut(),
                    dims,
                    write: Write::Accumulate,
                    alpha: 1.0,
                })
                .unwrap();
            close(
                &format!("input grad {dtype:?}"),
                &dx,
                &(tdy.matmul(&w).unwrap() * 2.0).unwrap(),
            );
            let mut dw = zeros(output * input);
            engine()
                .run(matmul::LinearWeightGrad {
                    dy: dy.view(),
                    x: x.view(),
                    dw: dw.view_mut(),
                    dims,
                    alpha: 3.0,
                })
                .unwrap();
            close(
                "weight grad",
                &dw,
                &(tdy.t().unwrap().matmul(&tx).unwrap() * 3.0).unwrap(),
            );
            let mut db = zeros(output);
            engine()
                .run(matmul::BiasGrad {
                    dy: dy.view(),
                    db: db.view_mut(),
                    tokens,
                    width: output,
                })
                .unwrap();
            close("bias grad", &db, &tdy.sum(0).unwrap());
            let bias = noise(output, 4, 1.0);
            let mut y = buf(&dy.to_vec(tokens * output).unwrap());
            engine()
                .run(matmul::AddBias {
                    bias: buf(&bias).view(),
                    y: y.view_mut(),
                    tokens,
                    width: output,
                })
                .unwrap();
            close(
                "bias",
                &y,
                &tdy.broadcast_add(&Tensor::new(bias, &CPU).unwrap()).unwrap(),
            );
        }
    }
}

#[test]
fn head_by_unit_gradient_and_by_recomputation() {
    let (n, width, vocab) = (40, 36, 2500); // two chunks and a rest
    for dtype in [DType::F32, DType::BF16] {
        let h = noise(n * width, 1, 1.0);
        let stored = Tensor::from_vec(noise(vocab * width, 2, 0.7), (vocab, width), &CPU).unwrap();
        let stored = stored.to_dtype(dtype).unwrap();
        let targets = crate::common::ids(n, 3, vocab);
        let rows = indices(&targets);
        let coefficients = noise(n, 4, 1.0);

        let vh = var(h.clone(), (n, width));
        let weight = on_device(&stored);
        let vw = candle_core::Var::from_tensor(&stored.to_dtype(DType::F32).unwrap()).unwrap();
        let logits = vh.matmul(&vw.t().unwrap()).unwrap();
        let picked = logits
            .gather(&Tensor::new(targets, &CPU).unwrap().unsqueeze(1).unwrap(), 1)
            .unwrap();
        let logps = (picked.squeeze(1).unwrap() - logits.log_sum_exp(1).unwrap()).unwrap();
        let grads = along(&logps, &coefficients).backward().unwrap();

        let dims = head::Dims { width, vocab };
        let h = buf(&h);
        let (mut stats, mut unit) = (zeros(head::STATS * n), zeros(n * width));
        let mut scratch = zeros(head::scratch_len(n, vocab));
        engine()
            .run(head::Head {
                h: h.view(),
                w: weight.view().into(),
                targets: rows.view(),
                rows: n,
                dims,
                form: head::Form::plain(),
                stats: stats.view_mut(),
                unit: unit.view_mut(),
                logits: scratch.view_mut(),
                unit_grad: false,
            })
            .unwrap();
        close("logps", &stats, &logps);
        engine()
            .run(head::Head {
                h: h.view(),
                w: weight.view().into(),
                targets: rows.view(),
                rows: n,
                dims,
                form: head::Form::plain(),
                stats: stats.view_mut(),
                unit: unit.view_mut(),
                logits: scratch.view_mut(),
                unit_grad: true,
            })
            .unwrap();
        close("logps", &stats, &logps);
        let mut dh = zeros(n * width);
        let places = indices(&(0..n as u32).collect::<Vec<_>>());
        let slopes = buf(&coefficients);
        engine()
            .run(gather::ScatterAdd {
                rows: unit.view(),
                ids: places.view(),
                factors: Some(slopes.view()),
                out: dh.view_mut(),
                count: n,
                width,
            })
            .unwrap();
        close("unit gradient", &dh, grads.get(&vh).unwrap());
        let mut dw = zeros(vocab * width);
        engine()
            .run(head::HeadBackward {
                h: h.view(),
                w: weight.view().into(),
                stats: stats.view(),
                targets: rows.view(),
                coefficients: slopes.view(),
                rows: n,
                dims,
                form: head::Form::plain(),
                dh: dh.view_mut(),
                dw: Some(dw.view_mut()),
                dbias: None,
                low_rank: None,
                logits: scratch.view_mut(),
            })
            .unwrap();
        close("recomputed dh", &dh, grads.get(&vh).unwrap());
        close("recomputed dw", &dw, grads.get(&vw).unwrap());
    }
}

#[test]
fn gather_and_scatter() {
    let table = Tensor::from_vec(noise(5 * 7, 1, 1.0), (5, 7), &CPU).unwrap();
    let ids = [4u32, 0, 4];
    let mut y = zeros(3 * 7);
    engine()
        .run(gather::Gather {
            table: on_device(&table).view().into(),
            ids: indices(&ids).view(),
            y: y.view_mut(),
            count: 3,
            width: 7,
        })
        .unwrap();
    close(
        "gather",
        &y,
        &table.index_select(&Tensor::new(&ids, &CPU).unwrap(), 0).unwrap(),
    );
    let mut sum = zeros(5 * 7);
    engine()
        .run(gather::ScatterAdd {
            rows: y.view(),
            ids: indices(&ids).view(),
            factors: None,
            out: sum.view_mut(),
            count: 3,
            width: 7,
        })
        .unwrap();
    let factor = Tensor::new(&[[1f32], [0.0], [0.0], [0.0], [2.0]], &CPU).unwrap();
    close("scatter", &sum, &table.broadcast_mul(&factor).unwrap());
}
