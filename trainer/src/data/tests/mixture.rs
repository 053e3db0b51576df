//! Which rows of which data sets are used, in which order: LLaMA-Factory's own choice (`tests/golden/mixing.py`).

use protocol::config::Until;
use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct Case {
    sizes: Vec<usize>,
    seed: u64,
    num_samples: Option<Vec<Option<usize>>>,
    max_samples: Option<usize>,
    mix_strategy: Option<String>,
    interleave_probs: Option<Vec<f64>>,
    val_size: Option<f64>,
    train: Vec<String>,
    eval: Vec<String>,
}

fn texts(encoder: &Encoder, rows: &Dataset) -> Vec<String> {
    let Examples::Sequences(rows) = rows.read_all().expect("rows") else {
        panic!("other rows")
    };
    rows.iter()
        .map(|row| encoder.tokenizer().decode(&row.tokens).expect("text"))
        .collect()
}

#[test]
fn the_rows_chosen_are_llama_factorys() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/mixing.json");
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(golden).expect("cases")).expect("cases");
    let encoder = encoder("chatml");
    for case in &cases {
        let folder = Folder::new();
        let mut info = serde_json::Map::new();
        for (set, size) in case.sizes.iter().enumerate() {
            let rows: String = (0..*size)
                .map(|row| format!("{{\"text\": \"{set}:{row}\"}}\n"))
                .collect();
            folder.write(&format!("s{set}.jsonl"), rows);
            let count = case
                .num_samples
                .as_ref()
                .and_then(|counts| counts.get(set).copied().flatten());
            let entry = serde_json::json!({
                "file_name": format!("s{set}.jsonl"), "columns": {"prompt": "text"}, "num_samples": count,
            });
            info.insert(format!("s{set}"), entry);
        }
        folder.write("dataset_info.json", serde_json::Value::Object(info).to_string());
        let names: Vec<String> = (0..case.sizes.len()).map(|set| format!("s{set}")).collect();
        let until = match case.mix_strategy.as_deref() {
            Some("interleave_under") => Some(Until::OneEnds),
            Some("interleave_over") => Some(Until::AllEnd),
            _ => None,
        };
        let spec = DataSpec {
            max_samples: case.max_samples,
            mixing: until.map_or(Mixing::Concat, |until| Mixing::Interleave {
                until,
                probabilities: case.interleave_probs.clone(),
            }),
            val_size: match case.val_size {
                None => ValSize::None,
                Some(share) if share < 1.0 => ValSize::Share(share),
                Some(rows) => ValSize::Rows(rows as usize),
            },
            ..folder.spec(&names.join(","))
        };
        let loaded = load(&spec, crate::stage::texts(false), case.seed, &encoder).expect("loads");
        let found = (texts(&encoder, &loaded.train), texts(&encoder, &loaded.eval));
        let strip = |rows: Vec<String>| rows.iter().map(|row| row.trim().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            (strip(found.0), strip(found.1)),
            (case.train.clone(), case.eval.clone()),
            "{case:?}"
        );
    }
}

#[test]
fn a_set_that_is_hardly_ever_drawn_does_not_go_on_for_ever() {
    let mixing = Mixing::Interleave {
        until: Until::AllEnd,
        probabilities: Some(vec![1.0 - 1e-9, 1e-9]),
    };
    let error = mix::mixed(&[1, 10], &mixing, 1).expect_err("endless").to_string();
    assert!(error.contains("interleave_probs"), "{error}");
    let empty = Mixing::Interleave {
        until: Until::AllEnd,
        probabilities: None,
    };
    assert_eq!(mix::mixed(&[2, 0], &empty, 1).expect("rows").len(), 2);
}
