//! PTX is what the compiler makes of the sources: compiled again it is the same, or, where this machine's compiler is of
//! another version, the operations' tests pass on what that one makes.

use crate::{folder, text, topics};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::programs::root;

#[test]
fn each_source_has_its_ptx() {
    assert_eq!(topics(".cu"), topics(".ptx"));
}

#[test]
fn ptx_is_for_the_oldest_driver_and_card_and_names_no_machine() {
    for topic in topics(".ptx") {
        let ptx = text(&format!("{topic}.ptx"));
        let line = |start: &str| ptx.lines().find(|line| line.starts_with(start));
        assert_eq!(line(".version"), Some(".version 7.0"), "{topic}");
        assert_eq!(line(".target"), Some(".target sm_80"), "{topic}");
        assert!(
            compiler(&ptx).contains("clang version"),
            "{topic}.ptx does not begin with its compiler"
        );
        for name in ptx.lines().filter(|line| line.trim_start().starts_with(".file")) {
            let path = name.split('"').nth(1).expect("a file's name");
            let plain = path.trim_start_matches("./");
            assert!(!plain.is_empty() && !plain.contains('/'), "{topic}.ptx: {name}");
        }
        let section = ptx
            .lines()
            .find(|line| line.contains("/home/") || line.contains("/tmp/") || line.contains("/root/"));
        assert_eq!(section, None, "{topic}.ptx has a path of the machine it was made on");
    }
}

/// The compiler that a file was made by, as it says of itself.
fn compiler(ptx: &str) -> &str {
    ptx.lines()
        .next()
        .and_then(|line| line.strip_prefix("// "))
        .unwrap_or_default()
}

/// What came of kernels compiled anew.
struct Judged {
    /// files that another compiler than this machine's made
    others: Vec<String>,
    wrong: Option<String>,
}

/// Which kernels are compiled anew, and which of the operations' tests run on them.
struct Asked<'a> {
    topics: &'a [String],
    tests: &'a str,
}

/// Compiles sources of a folder by `clang` and holds them against the PTX that is committed; where that was made by another
/// compiler, the operations' tests run on what this one makes.
fn judged(kernels: &Path, clang: &Path, asked: &Asked) -> Judged {
    let fresh = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(kernels).expect("the kernels").flatten() {
        let name = file.file_name();
        let ending = Path::new(&name).extension().and_then(|end| end.to_str());
        if matches!(ending, Some("cu" | "cuh" | "sh")) {
            std::fs::copy(file.path(), fresh.path().join(&name)).expect("a copy");
        }
    }
    let output = Command::new(fresh.path().join("compile.sh"))
        .args(asked.topics)
        .env("CLANG", clang)
        .output()
        .expect("compile.sh");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    let (mut others, mut changed) = (vec![], vec![]);
    for topic in asked.topics {
        let name = format!("{topic}.ptx");
        let made = std::fs::read_to_string(fresh.path().join(&name)).expect("made by compile.sh");
        let kept = text(&name);
        match compiler(&made) == compiler(&kept) {
            true if made == kept => {}
            true => changed.push(topic.as_str()),
            false => others.push(name),
        }
    }
    let wrong = if !changed.is_empty() {
        let changed = changed.join(" ");
        Some(format!(
            "not what its sources make: run trainer/src/ops/cuda/compile.sh {changed}"
        ))
    } else if others.is_empty() {
        // another compiler may warn of what this one does not
        (!words.is_empty()).then(|| words.into_owned())
    } else {
        println!(
            "{} were made by another compiler than this machine's: operations are tested on fresh ones",
            others.join(", ")
        );
        operations_fail_on(fresh.path(), asked.tests)
    };
    Judged { others, wrong }
}

/// This machine's compiler.
fn clang() -> PathBuf {
    std::env::var_os("CLANG").unwrap_or_else(|| "clang-19".into()).into()
}

#[test]
fn ptx_is_what_the_compiler_makes_of_the_sources() {
    let all = Asked {
        topics: &topics(".cu"),
        tests: "ops::",
    };
    let judged = judged(&folder(), &clang(), &all);
    assert_eq!(judged.wrong, None);
}

/// A compiler that says it is another one.
fn another_compiler(folder: &Path) -> PathBuf {
    let path = folder.join("clang");
    let clang = clang();
    let text = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'another clang version 0' || exec {} \"$@\"\n",
        clang.display()
    );
    std::fs::write(&path, text).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it may run");
    path
}

#[test]
fn what_another_compiler_makes_is_tested_and_a_wrong_kernel_of_it_found() {
    let place = tempfile::tempdir().expect("a folder");
    let other = another_compiler(place.path());
    let norms = Asked {
        topics: &["norm".to_owned()],
        tests: "ops::norms",
    };
    let right = judged(&folder(), &other, &norms);
    assert_eq!((right.wrong, right.others), (None, vec!["norm.ptx".to_owned()]));

    let kernels = place.path().join("kernels");
    std::fs::create_dir(&kernels).expect("a folder");
    for file in std::fs::read_dir(folder()).expect("the kernels").flatten() {
        std::fs::copy(file.path(), kernels.join(file.file_name())).expect("a copy");
    }
    let norm = text("norm.cu");
    let changed = norm.replacen("fused(v[k], v[k], squares)", "fused(v[k], v[k], 0.f)", 1);
    assert_ne!(norm, changed, "norm.cu sums squares elsewhere: bring this test along");
    std::fs::write(kernels.join("norm.cu"), changed).expect("a kernel");
    let wrong = judged(&kernels, &other, &norms).wrong;
    assert!(wrong.as_ref().is_some_and(|told| told.contains("norms")), "{wrong:?}");
}

/// What the operations' tests of this name say on the emulated card, with the PTX of this folder in place of the program's own;
/// `None` where all of them pass.
fn operations_fail_on(fresh: &Path, tests: &str) -> Option<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "-q", "--locked", "--workspace", "--test", "engine"]);
    if std::env::current_exe()
        .expect("this program")
        .components()
        .any(|part| part.as_os_str() == "release")
    {
        cargo.arg("--release");
    }
    let output = cargo
        .args(["--", tests])
        .env("CUDA_EMULATOR", "1")
        .env("CORRAL_TEST_DEVICE", "cuda")
        .env("CUDA_EMULATOR_PTX", fresh)
        .current_dir(root())
        .output()
        .expect("cargo");
    let told = String::from_utf8_lossy(&output.stdout);
    let ran = told
        .lines()
        .any(|line| line.starts_with("test result: ok. ") && !line.contains(" 0 passed"));
    let passed = output.status.success() && ran;
    (!passed).then(|| format!("{told}{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn the_emulator_knows_every_instruction() {
    let mut kernels = 0;
    for topic in topics(".ptx") {
        let module =
            cuda_emulator::ptx::parse(&text(&format!("{topic}.ptx"))).unwrap_or_else(|what| panic!("{topic}: {what}"));
        let symbols = module
            .variables
            .iter()
            .map(|variable| (variable.name.clone(), 1 << 32))
            .collect();
        for function in module.functions.iter().filter(|function| function.kernel) {
            let kernel =
                cuda_emulator::lower::lower(&module, function, &symbols).unwrap_or_else(|what| panic!("{what}"));
            let unknown: Vec<&str> = kernel.unsupported().collect();
            assert_eq!(unknown, [""; 0], "{topic}: {}", function.name);
            kernels += 1;
        }
    }
    assert!(kernels > 100, "only {kernels} kernels were found");
}
