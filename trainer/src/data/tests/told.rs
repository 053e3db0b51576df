//! What is refused by name or said in a note, rather than decided: doubled entries, labels, rows too long.

use protocol::Stage;
use protocol::data::DataNote;
use serde_json::json;

use super::layouts::{recognised, trained, u, written};
use super::*;

/// What stands twice in a register is told by name, and other entries are read.
#[test]
fn an_entry_that_stands_twice_is_refused_by_name() {
    let folder = written(&[json!({"instruction": "Q", "output": "A"})]);
    let file = r#"{"file_name": "d.jsonl"}"#;
    for (register, told) in [
        (
            format!(r#"{{"d": {file}, "e": {file}, "d": {{"file_name": "other.jsonl"}}}}"#),
            "`d` stands",
        ),
        (
            r#"{"d": {"file_name": "d.jsonl", "ranking": true, "ranking": false}, "e": {"file_name": "d.jsonl"}}"#
                .into(),
            "`d` has `ranking`",
        ),
    ] {
        folder.write("dataset_info.json", register);
        let error = folder.find("d").expect_err("twice").to_string();
        assert!(error.contains(told) && error.contains("dataset_info.json"), "{error}");
        assert!(folder.find("e").is_ok());
    }
}

/// Labels beside a reply: stage `kto` learns by them, and `sft` does without where they may be classes, and says so.
#[test]
fn labels_are_for_the_stage_that_is_asked() {
    let rows = [
        json!({"instruction": "Q", "output": "A", "label": 1}),
        json!({"instruction": "P", "output": "B", "label": 0}),
    ];
    let folder = written(&rows);
    let sft = conversations(LossMask::Replies, protocol::config::Packing::No);
    let report = |folder: &Folder, intake| {
        let loaded = load(&folder.spec("d.jsonl"), intake, 1, &encoder("chatml"))?;
        Ok::<_, DataError>(loaded.reports[0].clone())
    };
    let learned = report(&folder, sft).expect("sft");
    let unused = DataNote::UnusedColumns {
        columns: vec!["label".into()],
    };
    assert_eq!((learned.usable, learned.found), (2, vec![unused]));
    let labelled = report(&folder, LABELLED).expect("kto");
    assert_eq!((labelled.usable, labelled.found), (2, vec![]));
    // what says good or bad is no class, nor is what KTO's own column or a person's entry says
    let entry =
        json!({"file_name": "d.jsonl", "columns": {"prompt": "instruction", "response": "output", "kto_tag": "label"}});
    for (column, values, named, classes) in [
        ("label", [json!(0), json!(1)], None, true),
        ("label", [json!("0"), json!("1")], None, true),
        ("label", [json!(0.0), json!(1.0)], None, true),
        ("label", [json!(true), json!(false)], None, false),
        ("label", [json!("True"), json!("False")], None, false),
        ("label", [json!("good"), json!("bad")], None, false),
        ("label", [json!(1), json!("bad")], None, false),
        ("label", [json!(1), json!(false)], None, false),
        ("label", [json!(1), json!(-1)], None, false),
        ("kto_tag", [json!(1), json!(0)], None, false),
        ("label", [json!(0), json!(1)], Some(&entry), false),
    ] {
        let folder = written(
            &values
                .clone()
                .map(|value| json!({"instruction": "Q", "output": "A", column: value})),
        );
        let mut name = "d.jsonl";
        if let Some(entry) = named {
            folder.write("dataset_info.json", json!({"d": entry}).to_string());
            name = "d";
        }
        let case = format!("{column} {values:?} {named:?}");
        let found = folder.find(name).expect("entry");
        let inspection = inspect(&found).expect("inspect");
        assert_eq!(inspection.misfit(Stage::Supervised).is_none(), classes, "{case}");
        assert_eq!(inspection.misfit(Stage::Kto), None, "{case}");
        let spec = folder.spec(name);
        let (learned, labelled) = [sft, LABELLED]
            .map(|intake| load(&spec, intake, 1, &encoder("chatml")))
            .into();
        assert_eq!(labelled.expect(&case).reports[0].usable, 2, "{case}");
        match learned {
            Ok(_) => assert!(classes, "{case}"),
            Err(error) => assert!(!classes && error.to_string().contains("stage `kto`"), "{case} {error}"),
        }
        // the preview shows what the stage makes of them
        for (stage, whole) in [
            (Some(Stage::Supervised), classes),
            (Some(Stage::Kto), false),
            (None, false),
        ] {
            let found = found.clone();
            let taken = stage.map_or(found.clone(), |stage| found.for_stage(stage));
            let shown = Shown {
                offset: 0,
                rows: 1,
                cutoff_len: 100,
                intake: learning(detect::kind(&taken.layout), LossMask::Replies),
            };
            let page = preview(&taken, &encoder("chatml"), shown).expect("preview");
            let is_whole = matches!(page.rows[0], protocol::data::RenderedRow::Sequence { .. });
            assert_eq!(is_whole, whole, "{case} {stage:?}");
        }
    }
    // -1, 0 and 1 are three things, and no labels
    let tags = [-1, 0, 1].map(|n| json!({"instruction": "Q", "output": "A", "kto_tag": n}));
    let error = report(&written(&tags), LABELLED).expect_err("three").to_string();
    assert!(error.contains("`kto_tag` holds -1, 0 and 1"), "{error}");
    let three = [-1, 0, 1].map(|n| json!({"prompt": "Q", "completion": "A", "label": n}));
    let (shown, _) = recognised(&three);
    assert_eq!(shown, ["Q > A"; 3]);
}

/// What no row can be made of keeps its code and those of its rows.
#[test]
fn a_data_set_without_a_usable_row_says_why_in_every_language() {
    let folder = written(&[
        json!({"messages": [u("Q"), u("R")]}),
        json!({"messages": [u("Q"), u("R")]}),
    ]);
    let entry = folder.find("d.jsonl").expect("entry");
    let said = load_rows(&entry, None, &mut DataReport::default())
        .expect_err("none")
        .said();
    assert_eq!(said.code, "no_usable_row");
    let japanese = said.in_lang(protocol::Lang::Ja);
    assert!(japanese.contains("1 行目: `messages`: 2 番目の発話"), "{japanese}");
    assert_eq!(protocol::says::in_dataset("d", said.clone()), said);
}

/// A text that would take too much memory to encode is told, in preview and training alike, and the others are read.
#[test]
fn a_text_too_long_to_encode_is_told() {
    let long = "word ".repeat(1 << 20);
    let rows = [
        json!({"instruction": "Q", "output": "A"}),
        json!({"instruction": "Q", "output": long}),
    ];
    let report = trained(&rows);
    assert_eq!((report.usable, report.bad_rows[0].code.as_str()), (1, "text_too_long"));
    assert!(report.bad_rows[0].reason.contains("5.0 MiB"), "{:?}", report.bad_rows);
}

/// An answer that is only the name of another column's text is no answer.
#[test]
fn answers_that_name_other_columns_are_refused() {
    for (row, part) in [
        (
            json!({"question": "Q", "answer_a": "x", "answer_b": "y", "answer": "B"}),
            "`answer_b`",
        ),
        (
            json!({"question": "Q", "A": "x", "B": "y", "C": "z", "answer": "C"}),
            "`C`",
        ),
        (
            json!({"question": "Q", "options": {"A": "x", "B": "y"}, "answer": "A"}),
            "`options`",
        ),
        (
            json!({"question": "Q", "option_1": "x", "option_2": "y", "answer": "2"}),
            "`option_2`",
        ),
    ] {
        let error = written(std::slice::from_ref(&row))
            .find("d.jsonl")
            .expect_err("a name")
            .to_string();
        assert!(error.contains("`answer`") && error.contains(part), "{row}: {error}");
    }
    for row in [
        json!({"question": "Q", "answer": "B"}),
        json!({"question": "Q", "A": "x", "B": "y", "answer": "It is x."}),
        json!({"question": "1+1", "a": 1, "answer": "2"}),
    ] {
        let (shown, _) = recognised(std::slice::from_ref(&row));
        assert!(shown[0].contains(" > "), "{row}: {shown:?}");
    }
}

/// Whether all rows are held out is told apart from rows that can't be read.
#[test]
fn rows_that_are_all_held_out_are_no_trouble_of_the_file() {
    let labels = |labels: &[i8]| {
        let row = |n: &i8| json!({"instruction": "Q", "output": "A", "kto_tag": n});
        written(&labels.iter().map(row).collect::<Vec<_>>())
    };
    for (rows, held, outcome) in [
        (&[1, 0, 1][..], 2, "some"),
        (&[1, 0, 1], 3, "holds_out_all"),
        (&[1, 0, -1], 2, "three_labels"),
        (&[1, 0, -1], 3, "three_labels"),
    ] {
        let folder = labels(rows);
        let mut spec = folder.spec("d.jsonl");
        spec.val_size = ValSize::Rows(held);
        let told = match held_out_of_rows(&spec, LABELLED, 1) {
            Ok(HeldOut::Some) => "some",
            Ok(HeldOut::All(error)) if error.to_string().contains("holds out") => "holds_out_all",
            Err(error) if error.to_string().contains("holds -1, 0 and 1") => "three_labels",
            other => panic!("{rows:?} {held}: {other:?}"),
        };
        assert_eq!(told, outcome, "{rows:?} {held}");
    }
}
