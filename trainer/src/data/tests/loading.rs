//! From files to tokens: cut-offs, packing, splits, and what doesn't fit a stage.

use protocol::config::Packing;
use protocol::data::RenderedRow;
use serde_json::json;

use super::*;
use crate::data::encode::{TokenBudget, pack, split_budget};
use crate::error::Error;

const SFT: Intake = conversations(LossMask::Replies, Packing::No);

const PRETRAIN: Intake = texts(true);

fn pairs_file(folder: &Folder, n: usize) {
    let rows: Vec<_> = (0..n)
        .map(|i| json!({"prompt": format!("Q{i}"), "chosen": format!("good {i}"), "rejected": "bad"}))
        .collect();
    folder.write("p.json", json!(rows).to_string());
}

fn pairs(rows: &Dataset) -> Vec<Pair> {
    match rows.read_all().expect("rows") {
        Examples::Pairs(pairs) => pairs,
        other => panic!("{other:?}"),
    }
}

fn budget(prompt: usize, reply: usize) -> TokenBudget {
    TokenBudget { prompt, reply }
}

#[test]
fn budgets_by_hand() {
    // 2·10 < 100: the prompt alone is cut.
    assert_eq!(split_budget(200, 10, 100), budget(90, 10));
    // 2·60 ≥ 100, 2·30 < 100: the reply alone is cut.
    assert_eq!(split_budget(30, 90, 100), budget(30, 70));
    // Both are long: 100·90/150 = 60.
    assert_eq!(split_budget(60, 90, 100), budget(40, 60));
    // 33·100/300 = 11 to the reply.
    assert_eq!(split_budget(200, 100, 33), budget(22, 11));
    assert_eq!(split_budget(10, 10, 100), budget(10, 10));
    assert_eq!(split_budget(10, 10, 0), budget(0, 0));
}

#[test]
fn the_split_is_hugging_faces() {
    // datasets 3.6.0: Dataset.from_dict({"i": range(13)}).train_test_split(test_size=0.1, seed=42)
    let found = split(13, 2, 42);
    assert_eq!(found.train, [7, 10, 9, 3, 6, 5, 2, 4, 11, 1, 8]);
    assert_eq!(found.held_out, [0, 12]);
    // numpy 1.26.4: default_rng(7).permutation(23), default_rng(2**40 + 3).permutation(9)
    let found = split(23, 5, 7);
    assert_eq!(found.held_out, [15, 4, 18, 3, 14]);
    assert_eq!(
        found.train,
        [12, 10, 0, 19, 17, 8, 7, 1, 21, 13, 6, 16, 5, 22, 20, 2, 9, 11]
    );
    assert_eq!(split(9, 9, (1 << 40) + 3).held_out, [4, 2, 5, 8, 6, 3, 0, 7, 1]);
    assert_eq!(split(3, 0, 42).train, [0, 1, 2]);
}

#[test]
fn rows_come_in_order_and_are_held_out_alike() {
    let folder = Folder::new();
    pairs_file(&folder, 13);
    let encoder = encoder("chatml");
    let text = |ids: &[u32]| encoder.tokenizer().decode(ids).expect("text");
    let names = |rows: &[Pair]| -> Vec<String> { rows.iter().map(|p| text(&p.chosen)).collect() };

    let mut spec = folder.spec("p.json");
    let loaded = load(&spec, PAIRS, 42, &encoder).expect("load");
    assert_eq!(loaded.train.len(), 13);
    assert!(loaded.eval.is_empty());
    assert_eq!(names(&pairs(&loaded.train))[12], "good 12\n");

    spec.val_size = ValSize::Share(0.1);
    let loaded = load(&spec, PAIRS, 42, &encoder).expect("load");
    assert_eq!(names(&pairs(&loaded.eval)), ["good 0\n", "good 12\n"]);
    assert_eq!(names(&pairs(&loaded.train))[..2], ["good 7\n", "good 10\n"]);

    spec.max_samples = Some(4);
    spec.val_size = ValSize::Rows(1);
    let loaded = load(&spec, PAIRS, 42, &encoder).expect("load");
    assert_eq!((loaded.train.len(), loaded.eval.len()), (3, 1));

    spec.dataset.push("p.json".into());
    spec.val_size = ValSize::None;
    spec.eval_dataset = vec!["p.json".into()];
    let loaded = load(&spec, PAIRS, 42, &encoder).expect("load");
    assert_eq!((loaded.train.len(), loaded.eval.len(), loaded.reports.len()), (8, 4, 3));

    spec.eval_dataset.clear();
    spec.val_size = ValSize::Rows(8);
    let error = load(&spec, PAIRS, 42, &encoder).expect_err("all").to_string();
    assert!(error.contains("holds out 8 rows of 8"), "{error}");
}

#[test]
fn pairs_without_a_difference_are_noted() {
    let folder = Folder::new();
    let pair = |good: &str| json!({"prompt": "Q", "chosen": good, "rejected": "bad"});
    folder.write("p.json", json!([pair("good"), pair("bad"), pair("bad")]).to_string());
    let loaded = load(&folder.spec("p.json"), PAIRS, 1, &encoder("chatml")).expect("load");
    assert_eq!(loaded.train.len(), 3);
    assert!(
        loaded.reports[0].found[0]
            .to_string()
            .starts_with("2 pairs have the same tokens"),
        "{:?}",
        loaded.reports[0].found
    );
}

#[test]
fn loading_tells_how_far_it_is_and_can_be_broken_off() {
    let folder = Folder::new();
    pairs_file(&folder, 1100);
    let (spec, encoder) = (folder.spec("p.json"), encoder("chatml"));
    let mut told = Vec::new();
    let loaded = load_with(&spec, PAIRS, 1, &encoder, |done, total| {
        told.push((done, total));
        Ok(())
    });
    assert_eq!(loaded.expect("load").train.len(), 1100);
    // a data set's rows are read to recognise it, and again to be used
    let bytes = std::fs::metadata(folder.0.join("p.json")).expect("file").len();
    assert_eq!(told.len(), 2 * 1100);
    assert!(told.is_sorted_by_key(|(done, _)| *done) || told.iter().all(|told| *told == (bytes, bytes)));
    let mut calls = 0;
    let broken = load_with(&spec, PAIRS, 1, &encoder, |_, _| {
        calls += 1;
        Err(Error::Stopped)
    });
    assert!(matches!(broken.map_err(Error::from), Err(Error::Stopped)));
    assert_eq!(calls, 1);
}

#[test]
fn what_does_not_fit_the_stage_is_refused() {
    let folder = Folder::new();
    pairs_file(&folder, 2);
    folder.write(
        "s.json",
        json!([{"instruction": "Q", "input": "", "output": "A"}]).to_string(),
    );
    let encoder = encoder("default");
    let refused = |name: &str, intake| {
        load(&folder.spec(name), intake, 1, &encoder)
            .expect_err(name)
            .to_string()
    };
    let error = refused("p.json", SFT);
    assert!(
        error.contains("preference pairs") && error.contains("stage `sft`"),
        "{error}"
    );
    let error = refused("s.json", PAIRS);
    assert!(
        error.contains("stage `sft`") && error.contains("stage `dpo`"),
        "{error}"
    );
}

#[test]
fn a_row_whose_prompt_fills_the_cut_off_is_bad() {
    let folder = Folder::new();
    let long = "word ".repeat(2000);
    let rows = json!([
        {"instruction": "Q", "input": "", "output": "A short one."},
        {"instruction": long, "input": "", "output": ""},
        {"instruction": long, "input": "", "output": "A"},
    ]);
    folder.write("s.json", rows.to_string());
    let encoder = encoder("chatml");
    let mut spec = folder.spec("s.json");
    spec.cutoff_len = 30;
    let loaded = load(&spec, SFT, 1, &encoder).expect("load");
    let report = &loaded.reports[0];
    assert_eq!((report.rows, report.usable, report.bad_total), (3, 3, 0));
    assert_eq!(report.cut, 2);
    spec.cutoff_len = 1;
    let error = load(&spec, SFT, 1, &encoder).expect_err("nothing left").to_string();
    assert!(
        error.contains("no usable row") && error.contains("`cutoff_len` 1"),
        "{error}"
    );
}

#[test]
fn packing_by_hand() {
    let of = |n: usize| Sequence::new(vec![n as u32; n], vec![true; n]);
    // Longest first that fits: 7+3, then 6+2+2, then 4.
    let rows = pack([3, 2, 7, 4, 6, 2].into_iter().map(of).collect(), 10, false);
    let lengths: Vec<&[usize]> = rows.iter().map(|r| r.lengths.as_slice()).collect();
    assert_eq!(lengths, [&[7, 3][..], &[6, 4], &[2, 2]]);
    let examples: Vec<usize> = rows[0].examples().map(|run| run.tokens.len()).collect();
    assert_eq!(examples, [7, 3]);
    // An example's first token is predicted by nothing.
    assert_eq!(rows[0].counted(), 6 + 2);
    // Joined, the second example's first token is predicted by the first example's last.
    let joined = pack(vec![of(7), of(3)], 10, true);
    assert_eq!((joined[0].examples().count(), joined[0].counted()), (1, 9));
}

#[test]
fn text_too_short_for_a_block_says_how_short() {
    let folder = Folder::new();
    folder.write("t.txt", "one\n\ntwo\n");
    let mut spec = folder.spec("t.txt");
    let encoder = encoder("default");
    let error = load(&spec, PRETRAIN, 1, &encoder).expect_err("short").to_string();
    assert!(error.contains("`cutoff_len` 4096"), "{error}");
    spec.cutoff_len = 4;
    let loaded = load(&spec, PRETRAIN, 1, &encoder).expect("load");
    let Ok(Examples::Sequences(blocks)) = loaded.train.read_all() else {
        panic!("pairs")
    };
    assert!(blocks.iter().all(|b| b.tokens.len() == 4 && b.counts == [true; 4]));
    // Two documents, each closed with </s> (2); the blank line is none.
    let all: Vec<u32> = blocks.iter().flat_map(|b| b.tokens.clone()).collect();
    assert!(all.contains(&2));
    assert_eq!(loaded.reports[0].rows, 2);
}

#[test]
fn a_sampled_data_set_has_the_size_asked_for() {
    let folder = Folder::new();
    pairs_file(&folder, 5);
    folder.write(
        "dataset_info.json",
        json!({"many": {"file_name": "p.json", "ranking": true, "num_samples": 12,
                        "columns": {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"}}})
        .to_string(),
    );
    let loaded = load(&folder.spec("many"), PAIRS, 3, &encoder("chatml")).expect("load");
    let rows = pairs(&loaded.train);
    assert_eq!(rows.len(), 12);
    let distinct = |rows: &[Pair]| {
        rows.iter()
            .map(|p| &p.chosen)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    // All rows once before any comes again; from then on each is drawn by itself, as LLaMA-Factory does.
    assert_eq!(distinct(&rows[..5]), 5);
}

#[test]
fn the_browser_shows_no_more_than_a_screen_can_hold() {
    let folder = Folder::new();
    // each a little over half of what an answer may have
    let long = "no ".repeat(300_000);
    folder.write(
        "d.jsonl",
        format!("{{\"text\": \"{long}\"}}\n{{\"text\": \"{long}\"}}\n{{\"text\": \"short\"}}\n"),
    );
    let entry = folder.find("d.jsonl").expect("entry");
    let shown = |cutoff_len| {
        let shown = Shown {
            offset: 0,
            rows: 3,
            cutoff_len,
            intake: learning(detect::kind(&entry.layout), LossMask::Replies),
        };
        preview(&entry, &encoder("chatml"), shown).expect("preview")
    };
    let whole = shown(1_000_000_000);
    let [
        RenderedRow::Sequence { .. },
        RenderedRow::Bad(bad),
        RenderedRow::Sequence { row: 3, .. },
    ] = whole.rows.as_slice()
    else {
        panic!("{:?}", whole.rows.len())
    };
    assert!(bad.row == 2 && bad.reason.contains("cutoff_len"), "{}", bad.reason);
    // it counts among the lengths all the same
    assert_eq!(whole.lengths.expect("lengths").rows, 3);
    let cut = shown(100);
    assert!(
        cut.rows
            .iter()
            .all(|row| matches!(row, RenderedRow::Sequence { tokens, .. } if tokens.len() <= 100))
    );
}

#[test]
fn the_browser_shows_tokens_and_bad_rows() {
    let folder = Folder::new();
    folder.write(
        "p.jsonl",
        "{\"prompt\": \"Hi 🦙\", \"chosen\": \"ok\", \"rejected\": \"東\"}\nbroken\n{\"prompt\": \"x\", \"chosen\": \"y\", \"rejected\": \"z\"}\n",
    );
    let entry = folder.find("p.jsonl").expect("entry");
    let encoder = encoder("chatml");
    let shown = Shown {
        offset: 0,
        rows: 2,
        cutoff_len: 100,
        intake: learning(detect::kind(&entry.layout), LossMask::Replies),
    };
    let preview = preview(&entry, &encoder, shown).expect("preview");
    assert_eq!((preview.total, preview.template.as_str()), (3, "chatml"));
    let [
        RenderedRow::Pair {
            row: 1,
            prompt,
            chosen,
            rejected,
            cut: false,
        },
        RenderedRow::Bad(bad),
    ] = preview.rows.as_slice()
    else {
        panic!("{:?}", preview.rows)
    };
    let text = |tokens: &[protocol::data::Token]| -> String {
        tokens.iter().map(|t| t.text.replace('\u{fffd}', "")).collect()
    };
    assert_eq!(
        text(prompt),
        "<|im_start|>user\nHi 🦙<|im_end|>\n<|im_start|>assistant\n"
    );
    assert_eq!(text(chosen), "ok<|im_end|>\n");
    assert_eq!(text(rejected), "東<|im_end|>\n");
    assert!(prompt.iter().all(|t| !t.counts) && chosen.iter().all(|t| t.counts));
    assert!(prompt[0].special && !prompt[1].special);
    assert_eq!(bad.row, 2);

    let inspection = inspect(&entry).expect("inspect");
    assert_eq!((inspection.rows, inspection.usable, inspection.bad_total), (3, 2, 1));
    assert_eq!(inspection.entry["file_name"], "p.jsonl");
    assert_eq!(inspection.entry["ranking"], true);
}
