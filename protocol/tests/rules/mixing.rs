//! How several data sets become one: keys of LLaMA-Factory, and what is wrong with them.

use protocol::RunConfig;
use protocol::config::{Mixing, Until, check};

/// What data sets become, or the keys that are wrong with their codes.
fn mixing(sets: &str, yaml: &str) -> Result<Mixing, Vec<(String, String)>> {
    let text = format!("model_name_or_path: m\noutput_dir: o\ndataset: {sets}\n{yaml}");
    let parsed = RunConfig::parse(&text);
    assert_eq!(parsed.errors, [], "{yaml}");
    let errors = |errors: Vec<protocol::config::FieldError>| errors.into_iter().map(|e| (e.field, e.code)).collect();
    check(&parsed.config).spec.map(|spec| spec.data.mixing).map_err(errors)
}

#[test]
fn data_sets_are_mixed_as_asked() {
    let interleave = |until, probabilities: &[f64]| Mixing::Interleave {
        until,
        probabilities: Some(probabilities.to_vec()).filter(|p| !p.is_empty()),
    };
    for (yaml, expected) in [
        ("", Mixing::Concat),
        ("mix_strategy: concat", Mixing::Concat),
        ("mix_strategy: interleave_under", interleave(Until::OneEnds, &[])),
        (
            "mix_strategy: interleave_over\ninterleave_probs: 0.7,0.3",
            interleave(Until::AllEnd, &[0.7, 0.3]),
        ),
        (
            "mix_strategy: interleave_under\ninterleave_probs: [0.25, 0.75]",
            interleave(Until::OneEnds, &[0.25, 0.75]),
        ),
    ] {
        assert_eq!(mixing("a,b", yaml), Ok(expected), "{yaml}");
    }
    assert_eq!(mixing("a", "mix_strategy: interleave_under"), Ok(Mixing::Concat));
    for (yaml, key, code) in [
        ("mix_strategy: interleave", "mix_strategy", "choice"),
        ("mix_strategy: interleave_once", "mix_strategy", "choice"),
        ("interleave_probs: 0.5,0.5", "interleave_probs", "needs"),
        (
            "mix_strategy: interleave_over\ninterleave_probs: 0.5,0.4",
            "interleave_probs",
            "range",
        ),
        (
            "mix_strategy: interleave_over\ninterleave_probs: 1.0,0.0",
            "interleave_probs",
            "range",
        ),
        (
            "mix_strategy: interleave_over\ninterleave_probs: half,half",
            "interleave_probs",
            "range",
        ),
        (
            "mix_strategy: interleave_over\ninterleave_probs: 0.5,0.3,0.2",
            "interleave_probs",
            "count",
        ),
        (
            "mix_strategy: interleave_over\ninterleave_probs: 0.5,0.5\neval_dataset: c\neval_strategy: steps",
            "interleave_probs",
            "count",
        ),
    ] {
        assert_eq!(
            mixing("a,b", yaml),
            Err(vec![(key.to_owned(), code.to_owned())]),
            "{yaml}"
        );
    }
}

#[test]
fn rows_of_a_mixture_are_told_before() {
    let mixing = |until, probabilities: Option<&[f64]>| Mixing::Interleave {
        until,
        probabilities: probabilities.map(<[f64]>::to_vec),
    };
    assert_eq!(Mixing::Concat.rows(&[3, 4, 5]), 12);
    assert_eq!(mixing(Until::OneEnds, None).rows(&[3, 4, 5]), 9);
    assert_eq!(mixing(Until::AllEnd, None).rows(&[3, 4, 5]), 15);
    assert_eq!(mixing(Until::AllEnd, Some(&[0.25, 0.75])).rows(&[100, 30]), 400);
    assert_eq!(mixing(Until::AllEnd, None).rows(&[]), 0);
}
