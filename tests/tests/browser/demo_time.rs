//! `make demo-time`: how long a first visit takes, from the click on the demo to the chat and the finished download.

use tests::visit::first_visit;
use tests::{Board, Browser, View};

/// Not part of `make test`: a time is a figure of the machine, not a truth.
#[tokio::test]
#[ignore = "a measurement: make demo-time"]
async fn demo_time() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    let visit = first_visit(&browser, &board.url).await;
    println!("before: {}", visit.replies[0]);
    println!("after:  {}", visit.replies[1]);
    println!("demo: {:.1} s", visit.took.as_secs_f64());
}
