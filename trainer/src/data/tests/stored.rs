//! Rows on the disk: the same as in memory, of every kind, however they are mixed, packed and held out.

use std::os::unix::fs::PermissionsExt;

use protocol::config::{Packing, Until};
use serde_json::json;

use super::*;
use crate::data::load::load_at;
use crate::data::store::kept::sweep;
use crate::data::store::{Example, Place, RowKind, Writer};
use crate::data::token_cache::cached_tokens;

/// Where every row is too many for memory.
fn on_disk(folder: &Folder) -> Place {
    Place {
        folder: folder.0.join("tokens"),
        in_memory: 0,
        named: false,
        key: "CORRAL_CACHE",
        worth: u64::MAX,
    }
}

#[test]
fn every_kind_of_row_comes_back_as_it_was() {
    let ids = |n: u32| (0..n).map(|i| i * 7 + n).collect::<Vec<_>>();
    let pair = Pair {
        prompt: ids(3),
        chosen: ids(2),
        rejected: vec![u32::MAX],
    };
    let labelled = |pair, good| Labelled {
        prompt: ids(4),
        reply: ids(2),
        good,
        other_prompt: ids(5),
        other_reply: ids(1),
        pair,
    };
    let mut packed = Sequence::new(ids(4), vec![true, false, false, true]);
    packed.append(Sequence::new(ids(3), vec![false, true, true]));
    packed.joined = true;
    packed.ends = vec![End { at: 5, token: 9 }];
    let all = [
        (
            RowKind::Pairs,
            vec![Example::Pair(pair.clone()), Example::Pair(Pair::default())],
        ),
        (RowKind::Ranked, vec![Example::Pair(pair)]),
        (
            RowKind::Labelled,
            vec![
                Example::Labelled(labelled(Some(0), true)),
                Example::Labelled(labelled(None, false)),
            ],
        ),
        (
            RowKind::Sequences,
            vec![
                Example::Sequence(packed),
                Example::Sequence(Sequence::new(vec![], vec![])),
            ],
        ),
        (RowKind::Prompts, vec![Example::Prompt(ids(6))]),
    ];
    for (kind, examples) in all {
        for in_memory in [0, 1 << 20] {
            let folder = Folder::new();
            let place = Place {
                in_memory,
                ..on_disk(&folder)
            };
            let mut writer = Writer::new(kind, &place);
            for example in &examples {
                writer.push(example.clone()).expect("written");
            }
            let rows = Dataset::all_of(writer.finish().expect("store").into());
            let read: Vec<_> = (0..rows.len()).map(|row| rows.example(row).expect("row")).collect();
            assert_eq!(read, examples, "{in_memory}");
            // nothing that a kill could leave behind
            let left = std::fs::read_dir(&place.folder).map_or(0, Iterator::count);
            assert_eq!(left, 0);
        }
    }
}

#[test]
fn rows_are_the_same_on_the_disk_and_in_memory() {
    let folder = Folder::new();
    for (name, n) in [("a", 1300), ("b", 700)] {
        let pairs: Vec<_> = (0..n)
            .map(|i| json!({"prompt": format!("Q{name}{i}"), "chosen": "yes ".repeat(i % 9 + 1), "rejected": "no"}))
            .collect();
        folder.write(&format!("{name}.json"), json!(pairs).to_string());
        let rows: Vec<_> = (0..n)
            .map(|i| json!({"instruction": format!("Q{name}{i}"), "output": "well ".repeat(i % 30 + 1)}))
            .collect();
        folder.write(&format!("{name}s.json"), json!(rows).to_string());
        let texts: String = (0..n)
            .map(|i| format!("{name}{i} {}\n", "word ".repeat(i % 17)))
            .collect();
        folder.write(&format!("{name}.txt"), texts);
    }
    let encoder = encoder("chatml");
    let interleaved = Mixing::Interleave {
        until: Until::AllEnd,
        probabilities: Some(vec![0.7, 0.3]),
    };
    let supervised = |packing| conversations(LossMask::Replies, packing);
    for (names, intake) in [
        ("a.json,b.json", PAIRS),
        ("a.json,b.json", LABELLED),
        ("as.json,bs.json", supervised(Packing::No)),
        ("as.json,bs.json", supervised(Packing::Plain)),
        ("a.txt,b.txt", texts(true)),
        ("a.txt,b.txt", texts(false)),
    ] {
        for mixing in [Mixing::Concat, interleaved.clone()] {
            let spec = DataSpec {
                cutoff_len: 64,
                val_size: ValSize::Rows(9),
                mixing: mixing.clone(),
                ..folder.spec(names)
            };
            let at = |place: &Place| {
                let loaded = load_at(place, &spec, intake, 3, &encoder, |_, _| Ok(()));
                let loaded = loaded.expect(names);
                let hashes =
                    |rows: &Dataset| -> Vec<_> { (0..rows.len()).map(|row| rows.hash(row).expect("hash")).collect() };
                let (train, eval) = (loaded.train.read_all(), loaded.eval.read_all());
                (
                    train.expect("train"),
                    eval.expect("eval"),
                    hashes(&loaded.train),
                    loaded.reports,
                )
            };
            let (disk, memory) = (at(&on_disk(&folder)), at(&Place::default()));
            assert!(disk == memory, "{names} {} {mixing:?}", (intake.kept_as)(&intake));
            // of pairs both replies
            assert!(disk.1.len() >= if intake.stage == protocol::Stage::Kto { 18 } else { 9 });
        }
    }
}

/// Tokens are found again for as long as all that they depend on is the same, with what is told of their rows.
#[test]
fn tokens_are_found_again() {
    let folder = Folder::new();
    let row = |i: usize| json!({"prompt": format!("Q{i}"), "chosen": "good", "rejected": "bad"}).to_string();
    let text = |n: usize| (0..n).map(row).chain(["broken".into()]).collect::<Vec<_>>().join("\n");
    folder.write("p.jsonl", text(40));
    folder.write(
        "dataset_info.json",
        json!({"p": {"file_name": "p.jsonl", "ranking": true, "num_samples": 30,
                     "columns": {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"}}})
        .to_string(),
    );
    let place = Place {
        worth: 0,
        ..on_disk(&folder)
    };
    let spec = DataSpec {
        eval_dataset: vec!["p".into()],
        ..folder.spec("p")
    };
    let with = |spec: &DataSpec, seed: u64, template: &str| {
        let mut ticks = 0;
        let loaded = load_at(&place, spec, PAIRS, seed, &encoder(template), |_, _| {
            ticks += 1;
            Ok(())
        });
        let loaded = loaded.expect("loads");
        let rows = (
            loaded.train.read_all().expect("rows"),
            loaded.eval.read_all().expect("rows"),
        );
        (rows, loaded.reports, ticks)
    };
    let first = with(&spec, 1, "chatml");
    assert_eq!((first.1[0].bad_total, first.0.0.len()), (1, 30));
    assert_ne!(first.0.0, first.0.1);
    let again = with(&spec, 1, "chatml");
    assert_eq!((again.0, again.1, again.2), (first.0, first.1, 0));
    // another of anything that they depend on
    let cut = DataSpec {
        cutoff_len: 17,
        ..spec.clone()
    };
    for (spec, seed, template) in [(&spec, 2, "chatml"), (&cut, 1, "chatml"), (&spec, 1, "zephyr")] {
        assert!(with(spec, seed, template).2 > 0, "{seed} {template}");
    }
    folder.write("p.jsonl", text(41));
    assert!(with(&spec, 1, "chatml").2 > 0);
}

/// What is only a cache stops no run: damaged tokens are made again, and where none can be kept none are.
#[test]
fn a_cache_stops_no_run() {
    let folder = Folder::new();
    let pairs: Vec<_> = (0..40)
        .map(|i| json!({"prompt": format!("Q{i}"), "chosen": "good", "rejected": "bad"}))
        .collect();
    folder.write("p.json", json!(pairs).to_string());
    let spec = folder.spec("p.json");
    let place = Place {
        worth: 0,
        in_memory: 1 << 20,
        ..on_disk(&folder)
    };
    let at = |place: &Place| {
        let loaded = load_at(place, &spec, PAIRS, 1, &encoder("chatml"), |_, _| Ok(()));
        let loaded = loaded.expect("loads");
        let codes: Vec<_> = loaded.notices.into_iter().map(|said| said.code).collect();
        (loaded.train.read_all().expect("rows"), loaded.reports, codes)
    };
    let (rows, reports, _) = at(&place);
    let kept = std::fs::read_dir(&place.folder).expect("cache").next();
    let kept = kept.expect("kept").expect("entry").path();
    let change = |name: &str, changed: &dyn Fn(&mut Vec<u8>)| {
        let path = kept.join(name);
        let mut bytes = std::fs::read(&path).expect("read");
        changed(&mut bytes);
        std::fs::write(&path, bytes).expect("written");
    };
    let last = |bytes: &mut Vec<u8>| *bytes.last_mut().expect("bytes") ^= 1;
    let count = |bytes: &mut Vec<u8>| {
        let text = String::from_utf8(std::mem::take(bytes)).expect("text");
        *bytes = text.replace("\"rows\":40", "\"rows\":5").into_bytes();
    };
    type Damage<'a> = (&'a str, &'a dyn Fn(&mut Vec<u8>));
    let damages: [Damage; 5] = [
        ("rows", &|bytes| bytes.truncate(70)),
        ("rows", &last),
        ("heads", &|bytes| bytes.truncate(90)),
        ("tokens.json", &count),
        ("tokens.json", &|bytes| bytes.clear()),
    ];
    for (name, damage) in damages {
        change(name, damage);
        assert_eq!(at(&place), (rows.clone(), reports.clone(), vec![]), "{name}");
        assert_eq!(at(&place).2, ["tokens_found"], "{name}");
    }
    std::fs::remove_file(kept.join("tokens.json")).expect("removed");
    assert_eq!(at(&place), (rows.clone(), reports.clone(), vec![]));
    assert_eq!(at(&place).2, ["tokens_found"]);
    // in the middle, where only reading meets it
    change("rows", &|bytes| bytes[4] ^= 1);
    let found = load_at(&place, &spec, PAIRS, 1, &encoder("chatml"), |_, _| Ok(()));
    let error = found.expect("loads").train.read_all().expect_err("damaged");
    assert!(error.to_string().contains("damaged"), "{error}");
    // no folder can be there
    let taken = Place {
        folder: folder.0.join("p.json"),
        ..place
    };
    assert_eq!(at(&taken), (rows, reports, vec!["tokens_not_kept".into()]));
}

#[test]
fn a_person_keeps_tokens_in_a_folder_of_their_own() {
    let folder = Folder::new();
    let pair = json!([{"prompt": "Q", "chosen": "good", "rejected": "bad"}]).to_string();
    folder.write("p.json", &pair);
    let kept = folder.0.join("kept");
    let spec = DataSpec {
        tokenized_path: Some(kept.display().to_string()),
        ..folder.spec("p.json")
    };
    let loaded = |spec: &DataSpec| load(spec, PAIRS, 1, &encoder("chatml"));
    let told = |loaded: Loaded| (loaded.train.read_all().expect("rows"), loaded.notices[0].code.clone());
    let (rows, code) = told(loaded(&spec).expect("made"));
    assert_eq!(code, "tokens_kept");
    assert_eq!(
        told(loaded(&spec).expect("found")),
        (rows.clone(), "tokens_found".into())
    );
    // the tokens alone are on this machine
    std::fs::remove_file(folder.0.join("p.json")).expect("removed");
    assert_eq!(told(loaded(&spec).expect("found")), (rows, "tokens_found".into()));
    let other = DataSpec {
        dataset: vec!["q.json".into()],
        ..spec.clone()
    };
    let error = loaded(&other).expect_err("refused").to_string();
    assert!(error.contains("another `dataset`"), "{error}");
    folder.write("p.json", pair.replace("good", "fine"));
    let error = loaded(&spec).expect_err("refused").to_string();
    assert!(error.contains("another `dataset`"), "{error}");
    folder.write("p.json", &pair);
    // as it is told before the run waits for its turn
    let refused = |spec: &DataSpec| {
        let told = cached_tokens(spec, PAIRS, 1, &encoder("chatml")).expect_err("refused");
        let error = loaded(spec).expect_err("refused").to_string();
        assert_eq!(told.to_string(), error);
        error
    };
    let other = DataSpec {
        cutoff_len: 20,
        ..spec.clone()
    };
    assert!(refused(&other).contains("another `cutoff_len`"), "{}", refused(&other));
    std::fs::write(kept.join("train/heads"), "half").expect("written");
    assert!(refused(&other).contains("`cutoff_len`"));
    assert!(refused(&spec).contains("damaged"), "{}", refused(&spec));
    folder.write("p.json", pair.replace("bad", "worse"));
    assert!(refused(&spec).contains("another `dataset`"), "{}", refused(&spec));
    // and nobody else reads them
    let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&kept), mode(&kept.join("train"))), (0o700, 0o700));
    for name in ["tokens.json", "rows", "heads"] {
        assert_eq!(mode(&kept.join("train").join(name)), 0o600, "{name}");
    }
    // what others left there
    let theirs = folder.0.join("theirs");
    std::fs::create_dir_all(theirs.join("train")).expect("folder");
    let theirs_own = theirs.join("train");
    std::fs::write(theirs_own.join("notes.txt"), "mine").expect("written");
    let theirs = DataSpec {
        tokenized_path: Some(theirs.display().to_string()),
        ..spec
    };
    assert!(refused(&theirs).contains("holds no tokens"), "{}", refused(&theirs));
}

/// A cache keeps what was used last, up to its bound, and loses what killed runs left in it.
#[test]
fn a_cache_has_a_bound() {
    let folder = Folder::new();
    let cache = folder.0.join("tokens");
    let days = |n: u64| std::time::SystemTime::now() - std::time::Duration::from_secs(n * 24 * 60 * 60);
    let kept = |name: &str, unused: u64| {
        std::fs::create_dir_all(cache.join(name)).expect("folder");
        for file in ["rows", "heads", "tokens.json"] {
            std::fs::write(cache.join(name).join(file), [0; 50]).expect("written");
        }
        let manifest = std::fs::File::options()
            .append(true)
            .open(cache.join(name).join("tokens.json"));
        manifest.expect("there").set_modified(days(unused)).expect("dated");
    };
    let left = || {
        let entries = std::fs::read_dir(&cache).expect("cache");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("entry").file_name()).collect();
        names.sort();
        names
    };
    for (name, unused) in [
        ("a", 3),
        ("b", 31),
        ("c", 0),
        ("d", 1),
        (".a.1.tmp", 0),
        (".a.2.tmp", 0),
    ] {
        kept(name, unused);
    }
    // as a run has it that was killed
    std::fs::write(cache.join(".a.1.tmp/lock"), "").expect("lock");
    let old = std::fs::File::open(cache.join(".a.1.tmp")).expect("folder");
    old.set_modified(days(1)).expect("dated");
    sweep(&cache, 1000);
    assert_eq!(left(), [".a.2.tmp", "a", "c", "d"]);
    sweep(&cache, 200);
    assert_eq!(left(), [".a.2.tmp", "c", "d"]);
}
