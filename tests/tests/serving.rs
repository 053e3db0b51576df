//! The board as `corral` itself serves it: pages, their policy, and the same address after a kill.

use tests::{Board, Browser, View};

#[tokio::test]
async fn the_first_page_loads_without_an_error_on_the_console() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&board.url).await;
    browser.until("return document.body.childElementCount > 0").await;
    let errors: Vec<String> = browser
        .console()
        .await
        .into_iter()
        .filter(|line| line.starts_with("SEVERE"))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    browser.screenshot("first-visit").await;
}

#[tokio::test]
async fn a_killed_server_comes_back_at_the_same_address() {
    let mut board = Board::start();
    let first = board.pid();
    board.restart();
    assert_ne!(board.pid(), first);
    let page = reqwest::get(&board.url)
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a page");
    assert!(page.contains("board.js"), "{page}");
}
