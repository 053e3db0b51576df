//! Several adapters or models become one: as PEFT merges adapters, and by hand where it has no method.

use crate::worker::{Folder, golden, program, said};
use candle_core::{DType, Device, Tensor};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use trainer::peft;
use trainer::tensors::{HOST, Unwritten, read, write};

fn merge(args: &[&str]) -> (bool, String) {
    let output = program(&[&["merge"], args].concat()).output().unwrap();
    (output.status.success(), said(&output))
}

fn done(args: &[&str]) {
    let (ok, said) = merge(args);
    assert!(ok, "{args:?}: {said}");
}

fn refused(args: &[&str]) -> String {
    let (ok, said) = merge(args);
    assert!(!ok, "{args:?} was taken");
    said
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor
        .flatten_all()
        .unwrap()
        .to_dtype(DType::F32)
        .unwrap()
        .to_vec1()
        .unwrap()
}

fn near(name: &str, got: &Tensor, want: &Tensor) {
    assert_eq!(got.dims(), want.dims(), "{name}");
    let most = values(want).iter().fold(0.0f32, |most, x| most.max(x.abs()));
    for (i, (got, want)) in values(got).iter().zip(values(want)).enumerate() {
        assert!((got - want).abs() <= 2e-6 * most.max(1.0), "{name}[{i}]: {got}, {want}");
    }
}

/// A case of `tests/golden/combine.py`: its name, adapters, and how it is asked for.
const CASES: [(&str, &[&str], &[&str]); 10] = [
    ("linear", &["a", "b"], &["--method=linear", "--weights=0.7,0.3"]),
    ("linear_negative", &["a", "b"], &["--method=linear", "--weights=1,-0.5"]),
    (
        "ties",
        &["a", "b"],
        &["--method=ties", "--weights=0.7,0.3", "--density=0.4"],
    ),
    (
        "ties_frequency",
        &["a", "b"],
        &[
            "--method=ties",
            "--weights=0.7,0.6",
            "--density=0.5",
            "--majority-sign-method=frequency",
        ],
    ),
    (
        "magnitude_prune",
        &["a", "b"],
        &["--method=magnitude_prune", "--weights=0.7,0.3", "--density=0.3"],
    ),
    ("cat", &["a", "c"], &["--method=cat", "--weights=0.7,-0.3"]),
    ("svd", &["a", "c"], &["--method=svd", "--weights=0.7,0.3"]),
    (
        "svd_rank",
        &["a", "c"],
        &["--method=svd", "--weights=0.7,0.3", "--rank=2"],
    ),
    (
        "ties_svd",
        &["a", "c"],
        &["--method=ties_svd", "--weights=0.7,0.3", "--density=0.4"],
    ),
    (
        "magnitude_prune_svd",
        &["a", "b"],
        &["--method=magnitude_prune_svd", "--weights=0.7,0.3", "--density=0.4"],
    ),
];

fn adapter(name: &str) -> String {
    golden().join("combined").join(name).to_string_lossy().into_owned()
}

#[test]
fn merged_adapters_are_pefts() {
    let folder = Folder::new();
    let expected = read(&golden().join("combined/expected.safetensors"), &HOST).unwrap();
    let mut compared = 0;
    for (case, names, how) in CASES {
        let out = folder.path().join(case);
        let paths: Vec<String> = names.iter().map(|name| adapter(name)).collect();
        let out_arg = format!("--out={}", out.display());
        let args: Vec<&str> = paths
            .iter()
            .map(String::as_str)
            .chain(how.iter().copied())
            .chain([out_arg.as_str()])
            .collect();
        done(&args);
        let made = peft::read(&out, &Device::Cpu).unwrap();
        assert_eq!(made.base.as_deref(), Some("qwen2"));
        for (module, pair) in &made.adapter.modules {
            assert_eq!(made.adapter.scale_of(module), 1.0);
            match expected.get(&format!("{case}/{module}")) {
                Some(product) => near(&format!("{case} {module}"), &pair.b.matmul(&pair.a).unwrap(), product),
                None => {
                    near(case, &pair.a, &expected[&format!("{case}/{module}/A")]);
                    near(case, &pair.b, &expected[&format!("{case}/{module}/B")]);
                }
            }
            compared += 1;
        }
    }
    // two modules in two blocks, three where one of the adapters is on another
    assert_eq!(compared, 10 * 4 + 4 * 2);
}

/// What an adapter folder adds to each module.
fn products(folder: &Path) -> BTreeMap<String, Tensor> {
    let adapter = peft::read(folder, &Device::Cpu).unwrap().adapter;
    let product = |(module, pair): (&String, &trainer::model::LoraPair)| {
        let product = (pair.b.matmul(&pair.a).unwrap() * adapter.scale_of(module)).unwrap();
        (module.clone(), product)
    };
    adapter.modules.iter().map(product).collect()
}

#[test]
fn task_arithmetic_adds_what_adapters_add_and_slerp_keeps_to_the_arc() {
    let folder = Folder::new();
    let [a, c] = [adapter("a"), adapter("c")];
    let [sum, arc] = ["sum", "arc"].map(|name| folder.path().join(name));
    done(&[
        &a,
        &c,
        "--method=task_arithmetic",
        "--weights=0.5,2",
        &format!("--out={}", sum.display()),
    ]);
    done(&[
        &a,
        &c,
        "--method=slerp",
        "--weights=3,1",
        &format!("--out={}", arc.display()),
    ]);
    let [of_a, of_c] = [&a, &c].map(|path| products(Path::new(path)));
    let [sum, arc] = [sum, arc].map(|path| products(&path));
    let name = "model.layers.1.self_attn.q_proj";
    let want = ((&of_a[name] * 0.5).unwrap() + (&of_c[name] * 2.0).unwrap()).unwrap();
    near(name, &sum[name], &want);
    let dot = |a: &Tensor, b: &Tensor| {
        values(a)
            .iter()
            .zip(values(b))
            .map(|(a, b)| f64::from(a * b))
            .sum::<f64>()
    };
    let angle =
        (dot(&of_a[name], &of_c[name]) / (dot(&of_a[name], &of_a[name]) * dot(&of_c[name], &of_c[name])).sqrt()).acos();
    let [left, right] = [0.75, 0.25].map(|t: f64| (t * angle).sin() / angle.sin());
    let want = ((&of_a[name] * left).unwrap() + (&of_c[name] * right).unwrap()).unwrap();
    near(name, &arc[name], &want);
    // on one of them alone: its share
    let name = "model.layers.0.mlp.down_proj";
    near(name, &arc[name], &(&of_a[name] * 0.75).unwrap());
}

#[test]
fn what_only_the_first_one_says_is_told() {
    let folder = Folder::new();
    let copy = |name: &str, origin: &str| {
        let to = folder.path().join(name);
        std::fs::create_dir_all(&to).unwrap();
        for file in [peft::CONFIG, peft::WEIGHTS] {
            std::fs::copy(golden().join("combined/a").join(file), to.join(file)).unwrap();
        }
        std::fs::write(to.join("corral.json"), origin).unwrap();
        to.to_string_lossy().into_owned()
    };
    let first = copy("first", r#"{"base": "qwen2", "template": "qwen"}"#);
    let second = copy("second", r#"{"base": "qwen2", "template": "chatml"}"#);
    let out = format!("--out={}", folder.path().join("out").display());
    let (ok, told) = merge(&[&first, &second, &out]);
    assert!(ok && told.contains("`template` differs"), "{told}");
    let (ok, told) = merge(&[&first, &first, &out]);
    assert!(ok && !told.contains("differs"), "{told}");
}

/// The golden Qwen 2 with all its tensors changed.
fn changed(folder: &Folder, name: &str, change: impl Fn(usize, f32) -> f32) -> (PathBuf, HashMap<String, Tensor>) {
    let from = golden().join("families/qwen2");
    let to = folder.path().join(name);
    std::fs::create_dir_all(&to).unwrap();
    std::fs::copy(from.join("config.json"), to.join("config.json")).unwrap();
    let mut tensors = read(&from.join("model.safetensors"), &HOST).unwrap();
    for tensor in tensors.values_mut() {
        let new: Vec<f32> = values(tensor)
            .into_iter()
            .enumerate()
            .map(|(i, x)| change(i, x))
            .collect();
        let dtype = tensor.dtype();
        *tensor = Tensor::from_vec(new, tensor.shape(), &HOST)
            .unwrap()
            .to_dtype(dtype)
            .unwrap();
    }
    let list: Vec<_> = tensors.clone().into_iter().map(Unwritten::from).collect();
    write(&to.join("model.safetensors"), &list).unwrap();
    (to, tensors)
}

#[test]
fn models_of_one_shape_become_one() {
    let folder = Folder::new();
    let base = golden().join("families/qwen2");
    let base_arg = format!("--base={}", base.display());
    let under = read(&base.join("model.safetensors"), &HOST).unwrap();
    let (a, of_a) = changed(&folder, "a", |i, x| x + (i % 5) as f32 * 0.25);
    let (b, of_b) = changed(&folder, "b", |i, x| x - (i % 3) as f32 * 0.5);
    let [a, b] = [a, b].map(|path| path.to_string_lossy().into_owned());
    let name = "model.layers.0.self_attn.q_proj.weight";
    let by_hand = |of: &dyn Fn(f32, f32, f32) -> f32| -> Tensor {
        let all = values(&under[name])
            .into_iter()
            .zip(values(&of_a[name]))
            .zip(values(&of_b[name]));
        let new: Vec<f32> = all.map(|((base, a), b)| of(base, a, b)).collect();
        Tensor::from_vec(new, under[name].shape(), &HOST).unwrap()
    };
    let cases: [(&[&str], Tensor); 3] = [
        (&["--weights=3,1"], by_hand(&|_, a, b| 0.75 * a + 0.25 * b)),
        (
            &["--method=task_arithmetic", "--weights=2,0.5", &base_arg],
            by_hand(&|base, a, b| base + 2.0 * (a - base) + 0.5 * (b - base)),
        ),
        // all changes stay, and where signs differ the larger one's counts alone; those without a change have no sign
        (
            &["--method=ties", "--weights=1,1", "--density=1", &base_arg],
            by_hand(&|base, a, b| {
                let (up, down) = (a - base, b - base);
                base + if up + down >= 0.0 { up } else { down }
            }),
        ),
    ];
    for (n, (how, want)) in cases.iter().enumerate() {
        let out = folder.path().join(format!("out-{n}"));
        let out_arg = format!("--out={}", out.display());
        done(&[&[a.as_str(), &b, &out_arg, "--size=0.00002"], *how].concat());
        let store = trainer::model::Store::open(&out).unwrap();
        assert_eq!(store.names().len(), under.len());
        near(name, &store.read(name, want.dims(), &HOST).unwrap(), want);
        assert!(out.join("model.safetensors.index.json").is_file() && out.join("config.json").is_file());
    }
}

#[test]
fn what_cannot_be_merged_is_refused_by_name() {
    let folder = Folder::new();
    let out = format!("--out={}", folder.path().join("out").display());
    let [a, b, c] = ["a", "b", "c"].map(adapter);
    let model = golden().join("families/qwen2").to_string_lossy().into_owned();
    let other = golden().join("families/gptj").to_string_lossy().into_owned();
    let of_llama = |name: &str| golden().join("models/llama").join(name).to_string_lossy().into_owned();
    let [dora, rotations, moved] = ["dora-adapter", "oft-adapter", "moved-adapter"].map(of_llama);
    let [scorer, whole] = ["scorer-adapter", "whole-adapter"].map(of_llama);
    let file = format!("--out={}", folder.write("kept.txt", "mine").display());
    let checkpoint = folder.path().join("checkpoint-2");
    std::fs::create_dir_all(&checkpoint).unwrap();
    for name in ["corral.json", "state.json"] {
        std::fs::write(checkpoint.join(name), "{}").unwrap();
    }
    let run = format!("--out={}", checkpoint.display());
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let pipe = format!("--out={}", path.display());
    let (form, _) = changed(&folder, "form", |_, x| x);
    let config = std::fs::read_to_string(form.join("config.json")).unwrap();
    let turned = config.replace("\"rms_norm_eps\": ", "\"rms_norm_eps\": 1");
    assert_ne!(config, turned);
    std::fs::write(form.join("config.json"), turned).unwrap();
    let form = form.to_string_lossy().into_owned();
    for (args, says) in [
        (vec![model.as_str(), &form, &out], "another model"),
        (vec![a.as_str(), &out], "two or more"),
        (vec![&a, &c, "--method=linear", &out], "ranks 4 and 3"),
        (vec![&a, &b, "--weights=1", &out], "1 number for 2 folders"),
        (vec![&a, &b, "--density=0", "--method=ties", &out], "--density"),
        (vec![&a, &b, &c, "--method=slerp", &out], "not 3"),
        (vec![&a, &model, &out], "models with models"),
        (vec![&model, &model, "--method=svd", &out], "svd merges adapters"),
        (vec![&model, &model, "--method=ties", &out], "--base"),
        (vec![&model, &other, &out], "gptj"),
        (vec![&model, &model, "--weights=1,-1", &out], "add up to 0"),
        (vec![&a, "nowhere", &out], "nowhere"),
        (vec![&dora, &dora, &out], "DoRA adapter"),
        (vec![&a, &rotations, &out], "OFT adapter"),
        (vec![&scorer, &scorer, &out], "value head"),
        (vec![&whole, &whole, &out], "brings `"),
        (vec![&a, &b, "--weights=1e38,1e38", "--method=svd", &out], "finite"),
        (vec![&a, &b, &file], "is a file"),
        (vec![&a, &b, &run], "state.json"),
        (
            vec![&a, &b, "--rank=2", &out],
            "--rank changes nothing with task_arithmetic",
        ),
        (vec![&a, &b, "--method=svd", "--rank=0", &out], "1 or more"),
        (vec![&a, &b, "--method=svd", "--rank=100000", &out], "take at most"),
        (vec![&a, &b, "--weights=0,0", &out], "add up to 0"),
        (vec![&a, &b, "--size=1", &out], "--size changes nothing"),
        (vec![&a, &b, &pipe], "is a file"),
        (vec![&a, &moved, &out], "was trained on"),
    ] {
        let said = refused(&args);
        assert!(said.contains(says), "{args:?}: {said}");
        assert!(!folder.path().join("out").exists());
    }
}
