//! Broken bytes, the same on every run: each body of `trainer::fuzz` over its corpus and over seeded mutations of it.

use crate::common::here;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use trainer::fuzz::{BODIES, Places};

/// Mutations of all bodies together.
const MUTATIONS: usize = 20_000;
/// The longest one input may take, on a busy machine: a reader is linear in what it reads.
const LONGEST: Duration = Duration::from_secs(5);
/// Larger inputs only take time.
const LARGEST: usize = 16 << 10;
/// Pieces that mean something in the files that are read.
const WORDS: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "NaN",
    "4294967296",
    "18446744073709551615",
    "\"\"",
    "[]",
    "{}",
    "[[[[[[[[",
    "\u{feff}",
    "日本",
    "\u{0}",
    "\r\n",
    "{%",
    "%}",
    "{{",
    "}}",
    "{#",
    "\"",
    "\\",
    ": ",
    "- ",
    "&a",
    "*a",
    "<<: ",
    "!!binary ",
    "|\n  ",
];

fn root() -> PathBuf {
    here().join("../fuzz")
}

/// Numbers to choose mutations by (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

/// One to four changes of a seed.
fn mutated(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + 1 + dice.below(32)).min(bytes.len());
        match dice.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
            2 => bytes.truncate(at),
            3 if at < end => drop(bytes.drain(at..end)),
            4 => {
                let again = bytes[at.min(end)..end].repeat(1 + dice.below(8));
                bytes.splice(at..at, again);
            }
            5 => {
                // a number made very large, or a word put in
                let word = WORDS[dice.below(WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
            6 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                let to = (from + dice.below(64)).min(other.len());
                bytes.splice(at..end.max(at), other[from..to].iter().copied());
            }
            _ => {
                let number = bytes.iter().skip(at).position(u8::is_ascii_digit);
                if let Some(digit) = number {
                    let word = WORDS[2 + dice.below(6)];
                    bytes.splice(at + digit..=at + digit, word.bytes());
                }
            }
        }
    }
    bytes.truncate(LARGEST);
    bytes
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = root().join("corpus").join(name);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn no_reader_panics_on_broken_bytes() {
    let scratch = std::env::temp_dir().join(format!("corral-fuzz-{}", std::process::id()));
    let mut wrong = Vec::new();
    for (at, (name, body)) in BODIES.iter().enumerate() {
        let seeds = corpus(name);
        let places = Places::new(scratch.join(name)).unwrap();
        let mut dice = Dice(at as u64);
        let mutations = MUTATIONS / BODIES.len();
        let inputs = (0..seeds.len() + mutations).map(|n| match seeds.get(n) {
            Some(seed) => seed.clone(),
            None => mutated(&mut dice, &seeds),
        });
        for (n, bytes) in inputs.enumerate() {
            let since = Instant::now();
            let done = catch_unwind(AssertUnwindSafe(|| body(&places, &bytes)));
            let slow = since.elapsed() > LONGEST;
            if done.is_err() || slow {
                let kept = scratch.with_file_name(format!("corral-fuzz-{name}-{n}"));
                std::fs::write(&kept, &bytes).unwrap();
                let what = if slow { "took too long" } else { "panicked" };
                wrong.push(format!("{name} {what}: {}", kept.display()));
            }
            if wrong.len() > 20 {
                break;
            }
        }
    }
    std::fs::remove_dir_all(&scratch).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_body_has_a_corpus_and_a_target() {
    let names: Vec<_> = BODIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let listed = |folder: &str, ending: &str| {
        let mut all: Vec<String> = std::fs::read_dir(root().join(folder))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .map(|name| name.strip_suffix(ending).unwrap().to_owned())
            .collect();
        all.sort();
        all
    };
    assert_eq!(listed("corpus", ""), names);
    assert_eq!(listed("fuzz_targets", ".rs"), names);
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for name in &names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is no target");
        let target = std::fs::read_to_string(root().join("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        assert!(
            target.contains(&format!("run(\"{name}\", ")),
            "{name}'s target runs another body"
        );
    }
}
