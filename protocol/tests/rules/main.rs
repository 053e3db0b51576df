//! The rule book, one line a case: what is refused, under which key and code; what is accepted, and what it becomes.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests ends the test that called it"
)]

mod accepted;
mod losses;
mod mixing;
mod refused;

use protocol::RunConfig;
use protocol::config::{Method, Preference, RunSpec, check};

const BASE: &str = "model_name_or_path: m\ndataset: d\noutput_dir: o\n";

fn spec(yaml: &str) -> RunSpec {
    let parsed = RunConfig::parse(&format!("{BASE}{yaml}"));
    assert_eq!(parsed.errors, [], "{yaml}");
    check(&parsed.config).spec.unwrap_or_else(|e| panic!("{yaml}: {e:?}"))
}

fn preference(yaml: &str) -> Preference {
    match spec(&format!("stage: dpo\n{yaml}")).method {
        Method::Preference(preference) => preference,
        other => panic!("{other:?}"),
    }
}

fn refused(yaml: &str) -> Vec<(String, String)> {
    let config = RunConfig::parse(&format!("{BASE}{yaml}")).config;
    let errors = check(&config).spec.expect_err(yaml);
    let translated = ["needs", "not_for_loss", "not_for_stage", "not_built"];
    for error in &errors {
        // the board says these in other languages with no more than what stands here
        assert!(
            !translated.contains(&&*error.code) || !error.args.is_empty(),
            "{error:?}"
        );
    }
    errors.into_iter().map(|e| (e.field, e.code)).collect()
}
