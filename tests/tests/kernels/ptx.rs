//! PTX is what the compiler makes of the sources: compiled again it is the same, or, where this machine's compiler is of
//! another version, the operations' tests pass on what that one makes.

use crate::{folder, text, topics};
use std::path::Path;
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

/// Sources and their script alone in a folder, compiled there.
fn compiled_anew(folder_of_kernels: &Path) -> tempfile::TempDir {
    let fresh = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(folder_of_kernels).expect("the kernels").flatten() {
        let name = file.file_name();
        let ending = Path::new(&name).extension().and_then(|end| end.to_str());
        if matches!(ending, Some("cu" | "cuh" | "sh")) {
            std::fs::copy(file.path(), fresh.path().join(&name)).expect("a copy");
        }
    }
    let output = Command::new(fresh.path().join("compile.sh"))
        .output()
        .expect("compile.sh");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && words.is_empty(), "{words}");
    fresh
}

#[test]
fn ptx_is_what_the_compiler_makes_of_the_sources() {
    let fresh = compiled_anew(&folder());
    let mut others = vec![];
    for topic in topics(".cu") {
        let name = format!("{topic}.ptx");
        let made = std::fs::read_to_string(fresh.path().join(&name)).expect("made by compile.sh");
        let kept = text(&name);
        match compiler(&made) == compiler(&kept) {
            true => assert!(
                made == kept,
                "{name} is not what its sources make: run trainer/src/ops/cuda/compile.sh {topic}"
            ),
            false => others.push(name),
        }
    }
    if !others.is_empty() {
        println!(
            "{} were made by another compiler than this machine's: operations are tested on fresh ones",
            others.join(", ")
        );
        operations_pass_on(fresh.path());
    }
}

/// The operations' tests on the emulated card, with the PTX of this folder in place of the program's own.
fn operations_pass_on(fresh: &Path) {
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
        .args(["--", "ops::"])
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
    assert!(
        output.status.success() && ran,
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
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
