//! NVIDIA's assemblers take every kernel for every card: that of CUDA 12.0, which is inside of the oldest driver, and that of
//! 13.0, which knows the newest cards. What the largest kernels hold stays in registers.

use crate::{folder, topics};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::programs::root;

/// The assemblers that `tests/ptxas.sh` installs, each with the cards that it is asked for.
const ASSEMBLERS: &[(&str, &[u32])] = &[("cuda_nvcc", &[80, 86, 89, 90]), ("cu13", &[80, 86, 89, 90, 100, 120])];

/// Kernels that must not spill: their inner loops live in registers.
const TIGHT: &[&str] = &["attention", "head", "norm"];

/// One file for one card by one assembler.
struct Case {
    assembler: PathBuf,
    card: u32,
    topic: String,
}

impl Case {
    fn run(&self) -> Output {
        Command::new(&self.assembler)
            .args([
                "-v",
                "-o",
                "/dev/null",
                &format!("-arch=sm_{}", self.card),
                &format!("{}.ptx", self.topic),
            ])
            .current_dir(folder())
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", self.assembler.display()))
    }

    /// What is wrong, in words.
    fn judge(&self) -> Option<String> {
        let output = self.run();
        let said = String::from_utf8_lossy(&output.stderr);
        let place = format!(
            "{}.ptx for sm_{} by {}",
            self.topic,
            self.card,
            self.assembler.display()
        );
        if !output.status.success() {
            return Some(format!("{place}: {said}"));
        }
        let measured = said.lines().filter(|line| line.contains("bytes spill stores")).count();
        if measured == 0 {
            return Some(format!("{place} says nothing of spills: {said}"));
        }
        let tight = TIGHT.contains(&self.topic.as_str());
        let mut kernel = "";
        for line in said.lines() {
            kernel = line.split("Function properties for ").nth(1).unwrap_or(kernel);
            if tight
                && line.contains("bytes spill stores")
                && !line.contains(" 0 bytes spill stores, 0 bytes spill loads")
            {
                return Some(format!("{place}: {kernel}: {}", line.trim()));
            }
        }
        None
    }
}

/// An assembler of `tests/ptxas.sh`, whatever Python's version is.
fn assembler(package: &str) -> PathBuf {
    let found = std::fs::read_dir(root().join("target/ptxas/lib"))
        .into_iter()
        .flatten()
        .flatten();
    let mut found = found.map(|python| {
        python
            .path()
            .join("site-packages/nvidia")
            .join(package)
            .join("bin/ptxas")
    });
    found
        .find(|path| path.is_file())
        .expect("ptxas, which tests/ptxas.sh installs")
}

fn cases() -> Vec<Case> {
    let mut cases = vec![];
    for (package, cards) in ASSEMBLERS {
        let assembler = assembler(package);
        for topic in topics(".ptx") {
            cases.extend(cards.iter().map(|card| Case {
                assembler: assembler.clone(),
                card: *card,
                topic: topic.clone(),
            }));
        }
    }
    cases
}

#[test]
fn nvidias_assemblers_take_every_kernel_for_every_card() {
    let (cases, next, told) = (cases(), AtomicUsize::new(0), Mutex::new(vec![]));
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            told.lock().expect("a list").extend(case.judge());
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(work);
        }
    });
    let told = told.into_inner().expect("a list");
    assert!(told.is_empty(), "{}", told.join("\n"));
}
