//! The machine's cards, on the emulated driver: told live, chosen, given to one run each; and `corral cuda`.

use protocol::cuda::Cuda;
use serde_json::Value;
use std::process::{Command, Output};
use tempfile::TempDir;
use tests::Board;
use tests::board::CARDS;
use tests::programs::program;

fn board(folder: &TempDir) -> Board {
    let mut board = Board::prepare(&program("corral"), &folder.path().join("data")).with_cards();
    board.launch();
    board
}

/// `corral cuda …` on the emulated driver as these variables make it.
fn cuda(words: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(program("corral"));
    command.arg("cuda").args(words).env("LC_ALL", "C");
    command.envs(CARDS).envs(variables.iter().copied());
    command.output().expect("it ends")
}

fn status(variables: &[(&str, &str)]) -> Cuda {
    let told = cuda(&["status", "--json"], variables);
    serde_json::from_slice(&told.stdout).expect("what there is")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn open_pages_are_told_what_the_cards_are_doing() {
    let folder = TempDir::new().expect("a folder");
    let board = board(&folder);
    let system = board.get("/api/system").await;
    let known: Cuda = serde_json::from_value(system["cuda"].clone()).expect("cards");
    let mut page = board.live().await;
    let told = page.until(|message| message["type"] == "cards").await;
    let cards = told["cards"].as_array().expect("a list");
    assert_eq!(cards.len(), 2);
    for (card, known) in cards.iter().zip(&known.cards) {
        assert_eq!(card["name"], known.name);
        assert_eq!(card["uuid"], known.uuid);
        assert_eq!(card["memory_total"], known.memory);
        for figure in ["memory_used", "utilization", "temperature", "milliwatts"] {
            assert!(card[figure].is_u64(), "{figure}: {card}");
        }
        assert_eq!(card["run"], Value::Null);
    }
    // and again while the page is open
    page.until(|message| message["type"] == "cards").await;
}

#[test]
fn what_the_machine_has_is_told_in_lines_and_as_json() {
    let whole = status(&[]);
    let names: Vec<_> = whole.cards.iter().map(|card| card.name.as_str()).collect();
    assert_eq!(names, ["NVIDIA GeForce RTX 3060", "NVIDIA GeForce RTX 2060"]);
    assert_eq!(whole.cards[0].memory, 12 << 30);
    assert_eq!(
        (whole.cards[0].index, whole.cards[0].capability.to_string()),
        (0, "8.6".into())
    );
    assert!(whole.cards[0].unusable.is_none());
    let old = whole.cards[1].unusable.as_ref().expect("it is too old");
    assert!(old.contains("RTX 2060 has compute capability 7.5"), "{old}");
    let (driver, cublas) = (whole.driver.expect("a driver"), whole.cublas.expect("cuBLAS"));
    assert!(
        driver.version == "13.0" && cublas.version.starts_with("1"),
        "{driver:?} {cublas:?}"
    );
    let lines = text(&cuda(&["status"], &[]));
    assert!(lines.contains(&format!("CUDA 13.0: {}", driver.path)), "{lines}");
    assert!(
        lines.contains("cuda:0: NVIDIA GeForce RTX 3060, 12.0 GiB, compute capability 8.6"),
        "{lines}"
    );
}

#[test]
fn the_cards_shown_are_those_that_are_visible() {
    let second = status(&[("CUDA_VISIBLE_DEVICES", "1")]);
    assert_eq!(second.cards.len(), 1);
    assert_eq!(
        (second.cards[0].index, second.cards[0].name.as_str()),
        (0, "NVIDIA GeForce RTX 2060")
    );
    let by_name = status(&[("CUDA_VISIBLE_DEVICES", &second.cards[0].uuid)]);
    assert_eq!(by_name.cards, second.cards);
    assert!(status(&[("CUDA_VISIBLE_DEVICES", "")]).cards.is_empty());
}

#[test]
fn what_is_missing_is_a_sentence_and_no_panic() {
    let no_card = cuda(&["status"], &[("CUDA_EMULATOR", "0")]);
    assert_eq!(no_card.status.code(), Some(1));
    let lines = text(&no_card);
    assert!(lines.contains("No card can be trained on: "), "{lines}");
    assert!(!lines.contains("cuda:0"), "{lines}");
    // cuBLAS may lie there before a card does, and is then not fetched again
    assert!(lines.contains("cuBLAS 1"), "{lines}");
    let again = text(&cuda(&["install"], &[("CUDA_EMULATOR", "0")]));
    assert!(again.contains("is there already"), "{again}");
    let old = status(&[("CUDA_EMULATOR_DRIVER", "11080")]);
    assert!(old.driver.is_none() && old.cards.is_empty() && old.missing.is_some());
    // without a driver anywhere on the loader's path there is nothing at all
    let none = cuda(&["status"], &[("LD_LIBRARY_PATH", "/nowhere")]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none).contains("CUDA: not found"), "{}", text(&none));
}

#[test]
fn an_install_is_not_made_where_cublas_is_there() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().display().to_string();
    let told = cuda(&["install"], &[("DATA_DIR", &data)]);
    assert!(
        told.status.success() && text(&told).contains("is there already"),
        "{told:?}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn an_install_without_uv_and_pip_says_what_to_type() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().display().to_string();
    let nothing = [
        ("DATA_DIR", data.as_str()),
        ("LD_LIBRARY_PATH", "/nowhere"),
        ("PATH", "/nowhere"),
        ("HOME", &data),
    ];
    let told = cuda(&["install"], &nothing);
    assert_eq!(told.status.code(), Some(1));
    let lines = text(&told);
    assert!(
        lines.contains("python3 -m pip install --no-deps --target") && lines.contains("nvidia-cublas-cu12==12.8.4.1"),
        "{lines}"
    );
}
