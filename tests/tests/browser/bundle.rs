//! The bundle in a real browser: it mounts, and has theme, language and width from the first paint on.

use serde_json::json;
use tests::recorded::{End, Recording};
use tests::{Board, Browser, Lang, Theme, View, programs, site};

const PAGE: &str = "return {
    mounted: !!document.querySelector('.shell'),
    theme: document.documentElement.dataset.theme,
    lang: document.documentElement.lang,
    width: innerWidth,
    uplot: typeof uPlot,
}";

async fn page_in(view: View) -> serde_json::Value {
    let browser = Browser::open(view).await;
    browser.goto(&site::serve(programs::root().join("target/board"))).await;
    browser.until("return !!document.querySelector('.shell')").await;
    browser.eval(PAGE).await
}

#[tokio::test]
async fn mounts_on_a_phone_in_dark_japanese() {
    let page = page_in(View {
        width: 390,
        height: 844,
        theme: Theme::Dark,
        lang: Lang::Ja,
    })
    .await;
    let want = json!({ "mounted": true, "theme": "dark", "lang": "ja", "width": 390, "uplot": "function" });
    assert_eq!(page, want);
}

#[tokio::test]
async fn mounts_on_a_desk_in_light_chinese() {
    let page = page_in(View {
        lang: Lang::Zh,
        ..View::default()
    })
    .await;
    let want = json!({ "mounted": true, "theme": "light", "lang": "zh", "width": 1440, "uplot": "function" });
    assert_eq!(page, want);
}

/// One byte that differs must give another folder name, or a browser would keep the old file for a year.
#[test]
fn every_asset_lies_under_its_hash() {
    let board = programs::root().join("target/board");
    let index = std::fs::read_to_string(board.join("index.html")).expect("`make board` comes first");
    let folders: Vec<_> = std::fs::read_dir(board.join("assets"))
        .expect("an assets folder")
        .map(|entry| {
            entry
                .expect("a readable entry")
                .file_name()
                .into_string()
                .expect("a plain name")
        })
        .collect();
    assert_eq!(folders.len(), 1, "old bundles left behind: {folders:?}");
    // the rail that the page shows until the board is there leads to the board's own pages
    let pages = ["/runs", "/new", "/data", "/models", "/chat"];
    let links = index
        .split(['"'])
        .filter(|word| word.starts_with('/') && !pages.contains(word));
    let links: Vec<&str> = links.collect();
    assert!(links.len() >= 6, "{links:?}");
    for link in links {
        assert!(link.starts_with(&format!("/assets/{}/", folders[0])), "{link}");
        assert!(board.join(&link[1..]).is_file(), "{link} is missing");
    }
    assert!(
        !index.contains("<script>"),
        "an inline script, which the content security policy stops"
    );
}

/// What a first visit may fetch in all, as it goes over the line: a second and a half of a line of 5 Mbit/s.
const FIRST_VISIT: u64 = 850_000;

/// What the page has fetched: each address and how many bytes its body took, packed as it came.
const FETCHED: &str = "
    const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return all.map(one => [new URL(one.name).pathname, one.encodedBodySize])";

/// The first pages do without the parts that others need; what they fetch in all stays small (in a release, which is packed).
#[tokio::test]
async fn a_first_visit_fetches_little() {
    let packed = |file: &std::path::Path| file.with_extension("wasm.br").is_file();
    let released = std::fs::read_dir(programs::root().join("target/board/assets"))
        .expect("an assets folder")
        .any(|assets| packed(&assets.expect("a readable entry").path().join("board_bg.wasm")));
    let board = Board::start();
    let run = Recording {
        name: "first".into(),
        steps: 7,
        step: |step| json!({ "loss": 1.0 / step as f64 }),
        evals: vec![(7, json!({ "preference/accuracies": 0.875 }))],
        end: End::Completed,
    };
    let run = run.adopted(&board).await;
    for page in ["/".to_owned(), "/runs".into(), format!("/runs/{run}")] {
        // a profile of its own: nothing is known of an earlier visit
        let browser = Browser::open(View::default()).await;
        browser.goto(&format!("{}{page}", board.url)).await;
        browser.until("return !!document.querySelector('.shell')").await;
        browser.settle().await;
        let fetched: Vec<(String, u64)> = serde_json::from_value(browser.eval(FETCHED).await).expect("addresses");
        let parts = fetched
            .iter()
            .filter(|(path, _)| path.contains("/split_") || path.contains("/chunk_"));
        assert_eq!(parts.count(), 0, "{page} fetches parts: {fetched:#?}");
        let bytes: u64 = fetched.iter().map(|(_, bytes)| bytes).sum();
        println!("bundle: a first visit of {page} fetches {bytes} bytes");
        assert!(!released || bytes <= FIRST_VISIT, "{page}: {bytes} bytes: {fetched:#?}");
    }
}
