//! Marks on pairs, done to the rows.

use protocol::pairs::{MARKS, Mark, Marks};
use serde_json::json;

use super::*;
use crate::data::pairs::PairRows;

fn replies(loaded: &Loaded, encoder: &Encoder) -> Vec<(String, String)> {
    let text = |ids: &[u32]| encoder.tokenizer().decode_all(ids).expect("text");
    let pairs = (0..loaded.train.len()).map(|row| loaded.train.read_pair(PairRows::One(row)));
    pairs
        .map(|pair| pair.expect("read").expect("a pair"))
        .map(|pair| (text(&pair.chosen), text(&pair.rejected)))
        .collect()
}

#[test]
fn mislabelled_pairs_are_swapped_and_excluded_ones_left_out() {
    let folder = Folder::new();
    let rows: Vec<_> = (0..6)
        .map(|n| json!({"prompt": format!("Q{n}"), "chosen": format!("good {n}"), "rejected": format!("bad {n}")}))
        .collect();
    folder.write("p.json", json!(rows).to_string());
    let encoder = encoder("chatml");
    let spec = folder.spec("p.json");
    let loaded = |spec: &DataSpec, intake| load(spec, intake, 1, &encoder);
    let plain = loaded(&spec, PAIRS).expect("loads");
    let hash = |row| {
        let pair = plain.train.read_pair(PairRows::One(row)).expect("read");
        pair.expect("a pair").short_hash()
    };
    let mut marks = Marks::default();
    marks.set(&hash(1), Mark::Excluded);
    marks.set(&hash(4), Mark::Mislabelled);
    marks.set(&[7; 16], Mark::Excluded);
    folder.write(MARKS, serde_json::to_string(&marks).expect("json"));
    // a run directory is as good as the file in it
    let of = |place: &Path| DataSpec {
        pair_marks: Some(place.display().to_string()),
        ..spec.clone()
    };
    let marked = loaded(&of(&folder.0), PAIRS).expect("loads");
    let mut wanted = replies(&plain, &encoder);
    let (chosen, rejected) = wanted[4].clone();
    wanted[4] = (rejected, chosen);
    wanted.remove(1);
    assert_eq!(replies(&marked, &encoder), wanted);
    let told: Vec<_> = marked
        .notices
        .iter()
        .map(|said| json!([said.code, said.args]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["marks_taken", ["1", "1"]]),
            json!(["marks_without_pair", ["1", "3"]])
        ]
    );
    // the same pairs taken apart into labelled replies
    let apart = loaded(&of(&folder.0.join(MARKS)), LABELLED).expect("loads");
    let plain = loaded(&spec, LABELLED).expect("loads");
    let good = |loaded: &Loaded| match loaded.train.read_all().expect("rows") {
        Examples::Labelled(replies) => replies
            .iter()
            .filter(|reply| reply.good)
            .map(|reply| reply.reply.clone())
            .collect::<Vec<_>>(),
        _ => panic!("labelled"),
    };
    let changed = good(&apart)
        .iter()
        .filter(|reply| !good(&plain).contains(reply))
        .count();
    assert_eq!((apart.train.len(), good(&apart).len(), changed), (10, 5, 1));
    // what is no file of marks
    folder.write("none.json", "{}");
    let error = loaded(&of(&folder.0.join("none.json")), PAIRS).expect_err("refused");
    assert!(error.to_string().contains("holds no marks"), "{error}");
    assert!(loaded(&of(&folder.0.join("nowhere")), PAIRS).is_err());
}
