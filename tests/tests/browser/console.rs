//! Errors on the browser's console fail the test whose page wrote them: each way to write one, planted.

use tests::{Browser, View, programs, site};

/// A page of ours without an API, on which the script runs; then the browser is dropped, as at the end of every test.
async fn page_that_runs(script: &str) {
    let browser = Browser::open(View::default()).await;
    browser.goto(&site::serve(programs::root().join("target/board"))).await;
    drop(browser.console().await);
    browser.eval(script).await;
    browser.settle().await;
}

#[tokio::test]
#[should_panic(expected = "the browser's console has errors")]
async fn an_error_written_by_a_page_is_seen() {
    page_that_runs("console.error('planted')").await;
}

#[tokio::test]
#[should_panic(expected = "the browser's console has errors")]
async fn an_exception_that_nobody_caught_is_seen() {
    page_that_runs("setTimeout(() => { throw new Error('planted') })").await;
}

#[tokio::test]
#[should_panic(expected = "the browser's console has errors")]
async fn a_file_of_the_page_that_is_missing_is_seen() {
    page_that_runs("document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'http://127.0.0.1:9/gone.css' }))").await;
}

#[tokio::test]
async fn a_page_that_writes_none_is_fine() {
    page_that_runs("console.log('all is well')").await;
}
