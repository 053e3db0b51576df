//! Each optimizer's arithmetic worked by hand, and what goes into a checkpoint.

use super::*;
use crate::ops::Buf;
use candle_core::Device;
use protocol::RunConfig;
use protocol::config::check;

fn tensor(values: &[f32], shape: &[usize]) -> Tensor {
    Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
}

/// Parameters of these names, shapes and values.
fn params(of: &[(&str, &[usize], Vec<f32>)]) -> Params {
    let new = |(name, shape, values): &(&str, &[usize], Vec<f32>)| {
        Param::exact(
            (*name).into(),
            &tensor(values, shape),
            shape.len() == 2,
            &crate::ops::Device::cpu(),
        )
        .unwrap()
    };
    Params(of.iter().map(new).collect())
}

fn spec(yaml: &str) -> OptimSpec {
    let text = format!("model_name_or_path: m\ndataset: d\noutput_dir: o\nfinetuning_type: full\n{yaml}");
    check(&RunConfig::parse(&text).config).spec.unwrap().optim
}

fn set_grad(params: &mut Params, index: usize, grad: &[f32]) {
    let param = &mut params.0[index];
    param.grad = Buf::copy_of(&tensor(grad, &param.shape), param.value.device()).unwrap();
}

fn values(params: &Params, index: usize) -> Vec<f32> {
    params.0[index].value.to_vec(params.0[index].len()).unwrap()
}

/// The values of one parameter after each step with these gradients, at learning rate 0.1.
fn run(yaml: &str, shape: &[usize], start: &[f32], grads: &[&[f32]]) -> Vec<Vec<f32>> {
    let mut params = params(&[("model.layers.0.q_proj.weight", shape, start.to_vec())]);
    let mut optimizer = Optimizer::new(&Engine::cpu(), &spec(yaml), 1, &params).unwrap();
    let mut step = |grad: &&[f32]| {
        set_grad(&mut params, 0, grad);
        optimizer.step(&mut params, 0.1, 1.0).unwrap();
        values(&params, 0)
    };
    grads.iter().map(&mut step).collect()
}

fn close(got: &[f32], want: &[f64]) {
    assert_eq!(got.len(), want.len());
    for (g, w) in got.iter().zip(want) {
        assert!(
            (f64::from(*g) - w).abs() < 2e-6 * (1.0 + w.abs()),
            "{got:?}, expected {want:?}"
        );
    }
}

#[test]
fn sgd_by_hand() {
    // p - 0.1 (g + 0.5 p)
    let steps = run(
        "optim: sgd\nweight_decay: 0.5",
        &[1, 2],
        &[2.0, -1.0],
        &[&[1.0, 0.0], &[0.0, 2.0]],
    );
    close(&steps[0], &[2.0 - 0.1 * (1.0 + 1.0), -1.0 + 0.1 * 0.5]);
    close(&steps[1], &[1.8 - 0.1 * 0.9, -0.95 - 0.1 * (2.0 - 0.475)]);
}

#[test]
fn lion_by_hand() {
    // beta 0.9, 0.5: u = 0.1 g, then u = 0.9 (0.5 g1) + 0.1 g2; a gradient of 0 and no momentum moves nothing
    let yaml = "optim: lion_32bit\nadam_beta1: 0.9\nadam_beta2: 0.5\nweight_decay: 0.5";
    let steps = run(
        yaml,
        &[1, 3],
        &[1.0, 1.0, 1.0],
        &[&[3.0, -2.0, 0.0], &[-10.0, 20.0, 0.0]],
    );
    close(&steps[0], &[0.95 - 0.1, 0.95 + 0.1, 0.95]);
    // 1.35 - 1 > 0, -0.9 + 2 > 0
    close(&steps[1], &[0.95 * 0.85 - 0.1, 0.95 * 1.05 - 0.1, 0.95 * 0.95]);
}

#[test]
fn adafactor_by_hand() {
    // first step: beta = 0, R = (5, 10) and C = (2.5, 12.5) of g^2 = [[1, 9], [4, 16]], mean R = 7.5
    let g = [1.0f64, 3.0, 2.0, 4.0];
    let first = |r: f64, c: f64, g: f64| g * (7.5f64).sqrt() / (r * c).sqrt();
    let u = [
        first(5.0, 2.5, g[0]),
        first(5.0, 12.5, g[1]),
        first(10.0, 2.5, g[2]),
        first(10.0, 12.5, g[3]),
    ];
    let rms = (u.iter().map(|u| u * u).sum::<f64>() / 4.0).sqrt();
    let grad: Vec<f32> = g.iter().map(|&g| g as f32).collect();
    let steps = run(
        "optim: adafactor\nweight_decay: 0.5",
        &[2, 2],
        &[1.0; 4],
        &[&grad, &grad],
    );
    close(&steps[0], &u.map(|u| 0.95 - 0.1 * u / rms.max(1.0)));
    // the same gradient again leaves the averages where they are
    let want: Vec<f64> = steps[0]
        .iter()
        .zip(u)
        .map(|(p, u)| f64::from(*p) * 0.95 - 0.1 * u / rms.max(1.0))
        .collect();
    close(&steps[1], &want);
    // a vector: v = g^2, u = the sign; then beta = 1 - 2^-0.8, v = beta 4 + (1 - beta) 1
    let mut params = params(&[("model.norm.weight", &[2], vec![0.0, 0.0])]);
    let mut optimizer = Optimizer::new(&Engine::cpu(), &spec("optim: adafactor"), 1, &params).unwrap();
    set_grad(&mut params, 0, &[2.0, -2.0]);
    optimizer.step(&mut params, 0.1, 1.0).unwrap();
    close(&values(&params, 0), &[-0.1, 0.1]);
    set_grad(&mut params, 0, &[1.0, 1.0]);
    optimizer.step(&mut params, 0.1, 1.0).unwrap();
    let beta = 1.0 - 2f64.powf(-0.8);
    let u = 1.0 / (beta * 4.0 + 1.0 - beta).sqrt();
    close(&values(&params, 0), &[-0.1 - 0.1 * u, 0.1 - 0.1 * u]);
}

#[test]
fn adamw_by_hand() {
    // m' = g, v' = g^2 at first: one learning rate down the sign, after decay
    let steps = run(
        "weight_decay: 0.5\nadam_epsilon: 1e-9",
        &[1, 2],
        &[1.0, -1.0],
        &[&[2.0, -0.5], &[-1.0, -0.5]],
    );
    close(&steps[0], &[0.95 - 0.1, -0.95 + 0.1]);
    let m = (0.9 * 0.1 * 2.0 - 0.1) / (1.0 - 0.81);
    let v = (0.999 * 0.001 * 4.0 + 0.001) / (1.0 - 0.998_001);
    close(&steps[1], &[0.85 * 0.95 - 0.1 * m / f64::sqrt(v), -0.85 * 0.95 + 0.1]);
}

/// Eight bits move nearly as 32 do, and small tensors exactly so.
#[test]
fn eight_bits_stay_close() {
    let start: Vec<f32> = (0..5000).map(|i| (i as f32 * 0.37).sin()).collect();
    let grads: Vec<Vec<f32>> = (0..6)
        .map(|t| (0..5000).map(|i| (i as f32 * 0.11 + t as f32).cos()).collect())
        .collect();
    let grads: Vec<&[f32]> = grads.iter().map(Vec::as_slice).collect();
    for (wide, narrow, allowed) in [
        ("adamw_torch", "adamw_8bit", 0.02),
        ("lion_32bit", "paged_lion_8bit", 0.05),
    ] {
        let last = |optim: &str| {
            run(&format!("optim: {optim}"), &[50, 100], &start, &grads)
                .pop()
                .unwrap()
        };
        let (wide, narrow) = (last(wide), last(narrow));
        let far = |a: &[f32], b: &[f32]| {
            a.iter()
                .zip(b)
                .map(|(a, b)| f64::from(a - b).powi(2))
                .sum::<f64>()
                .sqrt()
        };
        let off = far(&wide, &narrow) / far(&wide, &start);
        assert!(off < allowed, "{off}");
    }
    let small = |optim: &str| run(&format!("optim: {optim}"), &[2, 2], &[1.0; 4], &[&[1.0, 2.0, 3.0, 4.0]]);
    assert_eq!(small("adamw_torch"), small("adamw_8bit"));
}

#[test]
fn galore_by_hand() {
    // one direction of a gradient of rank one: G = a b', a = (3, 4), b = (0, 1): R = G b = a (up to sign), Adam's first
    // step of it is its sign, and back along b: the second column falls by scale lr
    let yaml = "use_galore: true\ngalore_rank: 1\ngalore_scale: 0.5\nadam_epsilon: 1e-9\nweight_decay: 0.5";
    let steps = run(yaml, &[2, 2], &[1.0; 4], &[&[0.0, 3.0, 0.0, 4.0]]);
    close(&steps[0], &[0.95, 0.95 * 0.95, 0.95, 0.95 * 0.95]);
}

/// Any side of any shape goes down.
#[test]
fn projections_keep_the_shapes() {
    for side in ["std", "reverse_std", "right", "left", "full"] {
        for shape in [[3, 5], [5, 3], [4, 4]] {
            let n: usize = shape.iter().product();
            let grad: Vec<f32> = (0..n).map(|i| (i as f32 * 1.7).sin()).collect();
            let yaml = format!("use_galore: true\ngalore_rank: 2\ngalore_proj_type: {side}\ngalore_scale: 1.0");
            let steps = run(&yaml, &shape, &vec![0.0; n], &[&grad, &grad]);
            // against the gradient
            let along: f32 = steps[1].iter().zip(&grad).map(|(p, g)| p * g).sum();
            assert!(along < 0.0, "{side} {shape:?}");
        }
    }
}

#[test]
fn apollo_by_hand() {
    // rank one again, and one number of it in each row: n / R = 1 / (sqrt(0.001) |R|) (0.1 R / |R|): the factor of row
    // i is 0.1 / sqrt(0.001) / |R_i|, so that each row moves by lr' 0.1 / sqrt(0.001) = lr along its direction
    let yaml = "use_apollo: true\napollo_rank: 1\napollo_proj: svd\napollo_scale: 4.0\nadam_epsilon: 1e-9";
    let steps = run(yaml, &[2, 2], &[1.0; 4], &[&[0.0, 3.0, 0.0, 4.0]]);
    close(&steps[0], &[1.0, 0.8, 1.0, 0.8]);
    // of the tensor as a whole: |n| / |R| = 0.1 / sqrt(0.001) sqrt(2) / 5
    let yaml = format!("{yaml}\napollo_scale_type: tensor");
    let steps = run(&yaml, &[2, 2], &[1.0; 4], &[&[0.0, 3.0, 0.0, 4.0]]);
    let factor = 2.0 * 0.1 * 2f64.sqrt() / 5.0;
    close(&steps[0], &[1.0, 1.0 - factor * 3.0, 1.0, 1.0 - factor * 4.0]);
}

/// A random subspace keeps lengths on average (Johnson and Lindenstrauss): the update is near that of all dimensions,
/// and a function of the seed.
#[test]
fn apollo_in_a_random_subspace() {
    let (rows, columns) = (64, 48);
    let grad: Vec<f32> = (0..rows * columns).map(|i| ((i * i) as f32 * 0.013).sin()).collect();
    let start = vec![0.0; rows * columns];
    let run = |yaml: &str| {
        run(
            &format!("use_apollo: true\napollo_scale: 1.0\n{yaml}"),
            &[rows, columns],
            &start,
            &[&grad],
        )
    };
    let random = run("apollo_rank: 32").pop().unwrap();
    assert_eq!(random, run("apollo_rank: 32").pop().unwrap());
    let all = run("apollo_rank: 48\napollo_proj: svd").pop().unwrap();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let cosine = dot(&random, &all) / (dot(&random, &random) * dot(&all, &all)).sqrt();
    let longer = (dot(&random, &random) / dot(&all, &all)).sqrt();
    assert!(cosine > 0.95 && (0.7..1.4).contains(&longer), "{cosine} {longer}");
}

/// The limiter: an update grows by no more than a hundredth of the one before. Of one gradient again and again it would
/// grow as `(1 - 0.9^t) / sqrt(1 - 0.999^t)`, by a third at first.
#[test]
fn apollos_updates_grow_slowly() {
    let yaml = "use_apollo: true\napollo_rank: 2\napollo_proj: svd\napollo_scale_front: true";
    let grad = [0.1f32, 0.2, 0.3, 0.4];
    let steps = run(yaml, &[2, 2], &[0.0; 4], &[&grad, &grad]);
    let length = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let corrected = |t: i32| (1.0 - 0.999f64.powi(t)).sqrt() / (1.0 - 0.9f64.powi(t));
    let second: Vec<f32> = steps[1].iter().zip(&steps[0]).map(|(b, a)| b - a).collect();
    let growth = length(&second) / corrected(2) / (length(&steps[0]) / corrected(1));
    assert!((growth - 1.01).abs() < 1e-4, "{growth}");
}

#[test]
fn badam_trains_one_block() {
    let block = |i| format!("model.layers.{i}.mlp.up_proj.weight");
    let (zero, one) = (block(0), block(1));
    let of = |name| -> (&str, &[usize], Vec<f32>) { (name, &[1, 2], vec![1.0, 1.0]) };
    let mut params = params(&[of("model.embed_tokens.weight"), of(&zero), of(&one)]);
    let spec = spec("use_badam: true\nbadam_switch_interval: 2\nadam_epsilon: 1e-9");
    let mut optimizer = Optimizer::new(&Engine::cpu(), &spec, 1, &params).unwrap();
    let mut trained = vec![];
    for _ in 0..4 {
        for i in 0..3 {
            set_grad(&mut params, i, &[3.0, 4.0]);
        }
        optimizer.zero_inactive_grads(&mut params).unwrap();
        assert_eq!(params.grad_norm(&Engine::cpu()).unwrap(), 5.0);
        let before: Vec<_> = (0..3).map(|i| values(&params, i)).collect();
        optimizer.step(&mut params, 0.1, 1.0).unwrap();
        trained.push((0..3).filter(|&i| values(&params, i) != before[i]).collect::<Vec<_>>());
        // moments of a turn that goes on, of one block
        let saved = exported(&optimizer, &params);
        assert!(saved.len() <= 2, "{:?}", saved.keys());
    }
    assert_eq!(trained, [[1], [2], [2], [1]]);
    // the first step of a turn has fresh moments: by one learning rate
    close(&values(&params, 1), &[0.8, 0.8]);
}

fn exported(optimizer: &Optimizer, params: &Params) -> HashMap<String, Tensor> {
    let states = optimizer.export(params);
    states
        .into_iter()
        .map(|state| (state.name.clone(), state.tensor().unwrap()))
        .collect()
}

/// What is exported goes on where it was, to the bit.
#[test]
fn states_come_back() {
    let shape: [usize; 2] = [80, 64];
    let start: Vec<f32> = (0..80 * 64).map(|i| (i as f32 * 0.37).sin()).collect();
    let grad = |t: usize| -> Vec<f32> { (0..80 * 64).map(|i| ((i + 7 * t) as f32 * 0.11).cos()).collect() };
    for yaml in [
        "optim: adamw_torch",
        "optim: adamw_8bit",
        "optim: adafactor",
        "optim: lion_32bit",
        "optim: lion_8bit",
        "optim: sgd",
        "use_galore: true\ngalore_rank: 4\ngalore_update_interval: 2",
        "use_galore: true\ngalore_rank: 4\ngalore_proj_type: full",
        "use_apollo: true\napollo_rank: 4\napollo_update_interval: 3",
        "use_apollo: true\napollo_rank: 4\napollo_proj: svd",
        "use_badam: true\nbadam_switch_mode: random\nbadam_switch_interval: 2",
    ] {
        let names = ["model.layers.0.q_proj.weight", "model.layers.1.q_proj.weight"];
        let fresh = || params(&names.map(|name| (name, &shape[..], start.clone())));
        let (mut straight, mut other) = (fresh(), fresh());
        let spec = spec(yaml);
        let mut optimizer = Optimizer::new(&Engine::cpu(), &spec, 1, &straight).unwrap();
        for t in 0..7 {
            let mut resumed = Optimizer::new(&Engine::cpu(), &spec, 1, &other).unwrap();
            resumed.import(&other, &exported(&optimizer, &straight), t).unwrap();
            for params in [&mut straight, &mut other] {
                (0..2).for_each(|i| set_grad(params, i, &grad(t + i)));
            }
            optimizer.step(&mut straight, 0.1, 0.7).unwrap();
            resumed.step(&mut other, 0.1, 0.7).unwrap();
            for i in 0..2 {
                assert!(values(&straight, i) == values(&other, i), "{yaml}: step {t}");
            }
        }
        assert_eq!(optimizer.steps(), 7);
    }
}
