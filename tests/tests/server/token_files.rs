//! Log-probs of single tokens as run directories have them: of earlier versions, of this one, and damaged.

use std::fs;
use std::path::Path;

use protocol::pairs::{
    self, Head, MovedPair, Overview, PairDetail, PairScores, PairTokens, Reply, Row, Scores, TokenLogps, TokenReference,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

use crate::run_dirs::planted;

/// Pairs of the folder: two tokens of the chosen reply and one of the rejected each, the last without kept ones.
const PAIRS: u64 = 3;

/// What a worker of an earlier version left: log-probs of all tokens in a file for the first and for the newest evaluation.
fn earlier(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    let (mut rows, mut offsets, mut heads) = (vec![], 0u64.to_le_bytes().to_vec(), vec![]);
    for pair in 0..PAIRS {
        let row = Row {
            prompt: format!("prompt {pair}"),
            chosen: Reply {
                text: "yes.".into(),
                tokens: vec![3, 1],
            },
            rejected: Reply {
                text: "no".into(),
                tokens: vec![2],
            },
        };
        serde_json::to_writer(&mut rows, &row).expect("a line");
        rows.push(b'\n');
        offsets.extend((rows.len() as u64).to_le_bytes());
        let head = Head {
            chosen_tokens: 2,
            rejected_tokens: 1,
            token_at: (pair + 1 < PAIRS).then_some(3 * pair),
            ..Head::default()
        };
        heads.extend(head.encode());
    }
    let evaluation: Vec<u8> = (0..PAIRS).flat_map(|_| Scores::default().encode()).collect();
    let tokens = |by: f32| -> Vec<u8> { (1..=6u8).flat_map(|n| (-by * f32::from(n)).to_le_bytes()).collect() };
    let about = json!({
        "count": PAIRS, "left_out": 0, "with_tokens": 2, "measure": "log_probs", "reference": true, "beta": 0.1, "rows": "",
    });
    for (name, bytes) in [
        (pairs::ROWS.to_owned(), rows),
        (pairs::OFFSETS.to_owned(), offsets),
        (pairs::HEADS.to_owned(), heads),
        (pairs::evaluation(0), evaluation.clone()),
        (pairs::evaluation(8), evaluation),
        (pairs::tokens(0), tokens(1.0)),
        (pairs::tokens(8), tokens(0.5)),
        (pairs::ABOUT.to_owned(), about.to_string().into_bytes()),
    ] {
        fs::write(folder.join(name), bytes).expect("a file");
    }
}

/// The board's words on the pairs of a run.
struct Asked<'a> {
    board: &'a Board,
    run: String,
}

impl Asked<'_> {
    async fn tokens(&self, pair: u64) -> Option<PairTokens> {
        let answer = self.board.get(&format!("/api/runs/{}/pairs/{pair}", self.run)).await;
        serde_json::from_value::<PairDetail>(answer).expect("a pair").tokens
    }

    /// Steps of which tokens are kept, and which pairs have some.
    async fn kept(&self) -> (Vec<u64>, Vec<bool>) {
        let overview = self.board.get(&format!("/api/runs/{}/pairs", self.run)).await;
        let overview: Overview = serde_json::from_value(overview).expect("an overview");
        let scores = self.board.bytes(&format!("/api/runs/{}/pairs/scores", self.run)).await;
        let scores = PairScores::decode(&scores).expect("whole records");
        (
            overview.token_steps,
            scores.pairs.iter().map(|pair| pair.has_tokens).collect(),
        )
    }
}

#[tokio::test]
async fn tokens_are_read_from_directories_of_earlier_versions_and_of_this_one() {
    let board = Board::start();
    let place = tempfile::tempdir().expect("a folder");
    let run = place.path().join("old");
    planted(&run, "stage: dpo\n");
    let folder = run.join(pairs::FOLDER);
    earlier(&folder);
    let taken = board.post("/api/runs/adopt", json!({ "path": run })).await;
    let asked = Asked {
        board: &board,
        run: taken["id"].as_str().expect("an id").to_owned(),
    };
    assert_eq!(asked.kept().await, (vec![0, 8], vec![true, true, false]));
    let tokens = asked.tokens(1).await.expect("tokens");
    assert_eq!(
        (tokens.first_step, tokens.last_step, tokens.reference),
        (0, 8, TokenReference::None)
    );
    let rejected = &tokens.rejected[0];
    assert_eq!(
        (
            rejected.text.as_str(),
            rejected.first,
            rejected.last,
            rejected.reference
        ),
        ("no", -6.0, -3.0, None)
    );
    assert_eq!(asked.tokens(2).await, None);

    // the same run, gone on by this version
    let token = |by: f32| TokenLogps {
        first: -by,
        last: -by / 2.0,
        reference: Some(-by / 4.0),
    };
    let moved = MovedPair {
        pair: 2,
        tokens: [4.0, 8.0, 16.0].map(token).to_vec(),
    };
    fs::remove_file(folder.join(pairs::tokens(8))).expect("it is gone");
    fs::copy(folder.join(pairs::evaluation(8)), folder.join(pairs::evaluation(12))).expect("a file");
    let file = folder.join(pairs::moved(12));
    let bytes = pairs::encode_moved(0, &[moved]);
    fs::write(&file, &bytes).expect("a file");
    assert_eq!(asked.kept().await, (vec![0, 12], vec![false, false, true]));
    assert_eq!(asked.tokens(1).await, None);
    let tokens = asked.tokens(2).await.expect("tokens");
    let one = &tokens.rejected[0];
    assert_eq!((one.first, one.last, one.reference), (-16.0, -8.0, Some(-4.0)));
    assert_eq!(
        (tokens.last_step, tokens.reference, tokens.chosen.len()),
        (12, TokenReference::Fixed, 2)
    );
    let about = folder.join(pairs::ABOUT);
    let mut text: Value = serde_json::from_slice(&fs::read(&about).expect("a file")).expect("JSON");
    text["reference_follows"] = json!(true);
    fs::write(&about, text.to_string()).expect("a file");
    assert_eq!(
        asked.tokens(2).await.expect("tokens").reference,
        TokenReference::Following
    );

    // a file that is not whole, or of another kind: the pair's tokens are refused, and the list of pairs has none
    let whole = (vec![0u64, 12], vec![false, false, true]);
    let none = (vec![], vec![false; 3]);
    for (bytes, kept) in [(&bytes[..bytes.len() - 1], &whole), (&[7; 300], &none)] {
        fs::write(&file, bytes).expect("a file");
        let path = format!("/api/runs/{}/pairs/2", asked.run);
        let (status, problem) = board.call(Method::GET, &path, Value::Null).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::CONFLICT, &json!("pairs_damaged"))
        );
        assert_eq!(&asked.kept().await, kept);
    }

    // a run that goes on from before that file has the first evaluation's tokens alone, which say nothing of what changed
    fs::remove_file(&file).expect("it is gone");
    assert_eq!(asked.kept().await, none);
    assert_eq!(asked.tokens(1).await, None);
    // until there are newer evaluations, they are what there is
    for step in [8, 12] {
        fs::remove_file(folder.join(pairs::evaluation(step))).expect("it is gone");
    }
    assert_eq!(asked.kept().await, (vec![0], vec![true, true, false]));
    let tokens = asked.tokens(1).await.expect("tokens");
    assert_eq!((tokens.first_step, tokens.last_step), (0, 0));
}
