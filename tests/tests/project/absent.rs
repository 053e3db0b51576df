//! What a crate must never link, asked of cargo; each question first finds something that is there.

use std::process::Command;
use tests::programs::root;

/// Names of all crates below `package`, build tools included.
fn crates(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "-p",
            package,
            "-e",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names");
    text.lines()
        .filter_map(|l| l.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_rooms_keep_to_themselves() {
    for (package, there, absent) in [
        (
            "server",
            "axum",
            &[
                "candle-core",
                "tokenizers",
                "trainer",
                "frontend",
                "leptos",
                "cuda-emulator",
            ][..],
        ),
        (
            "trainer",
            "candle-core",
            &[
                "axum",
                "tokio",
                "sqlx",
                "hyper",
                "reqwest",
                "server",
                "frontend",
                "cuda-emulator",
            ][..],
        ),
        (
            "frontend",
            "leptos",
            &["tokio", "sqlx", "candle-core", "axum", "server", "trainer"][..],
        ),
        (
            "protocol",
            "serde",
            &["tokio", "axum", "candle-core", "sqlx", "server", "trainer", "frontend"][..],
        ),
    ] {
        let linked = crates(package);
        assert!(
            linked.iter().any(|c| c == there),
            "{package} should link {there}: {linked:?}"
        );
        for name in absent {
            assert!(!linked.iter().any(|c| c == name), "{package} links {name}");
        }
    }
}
