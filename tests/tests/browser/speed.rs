//! How long a person waits for a chart to follow the hand: many runs over one another, smoothed, hovered and zoomed.

use serde_json::{Value, json};
use tests::recorded::{End, Recording};
use tests::{Board, Browser, View};

const STEPS: u64 = 5000;

/// A noisy run: no two steps alike.
fn noisy(step: u64) -> Value {
    let noise = ((step.wrapping_mul(2_654_435_761) >> 7) % 1000) as f64 / 1000.0;
    let way = step as f64 / STEPS as f64;
    json!({
        "loss": 0.7 - 0.5 * way + 0.2 * noise,
        "rewards/margins": 2.0 * way + noise,
        "grad_norm": 1.0 + noise,
        "learning_rate": 1e-5 * (1.0 - way),
    })
}

async fn recorded(board: &Board, runs: usize) -> Vec<String> {
    let eval = |step: u64| {
        let way = step as f64 / STEPS as f64;
        json!({ "eval_loss": 0.7 - 0.4 * way, "preference/accuracies": 0.5 + 0.4 * way, "preference/margins": way })
    };
    let mut ids = vec![];
    for n in 0..runs {
        let run = Recording {
            name: format!("noisy-{n}"),
            steps: STEPS,
            step: noisy,
            evals: (0..=20).map(|n| (n * STEPS / 20, eval(n * STEPS / 20))).collect(),
            end: End::Completed,
        };
        ids.push(run.adopted(board).await);
    }
    ids
}

/// What the page notes: the time from an event until the frame that answers it is done, and until the one after that may
/// begin, which waits for the canvas to be drawn.
const WATCH: &str = "window.__times = { done: [], next: [] };
    window.__watch = (type, only) => {
        addEventListener(type, event => {
            if (only && !event.target.closest?.(only)) return;
            const from = performance.now();
            requestAnimationFrame(() => {
                const channel = new MessageChannel();
                channel.port1.onmessage = () => __times.done.push(performance.now() - from);
                channel.port2.postMessage(0);
                requestAnimationFrame(() => __times.next.push(performance.now() - from));
            });
        }, { capture: true });
    };
    __watch('input', '[type=range]'); __watch('pointermove', '.plot-box');";

/// Times the page has noted since the last call: the median and the greatest of each kind.
async fn noted(browser: &Browser, least: usize) -> String {
    browser
        .until(&format!("return window.__times.next.length >= {least}"))
        .await;
    let times = browser
        .eval("const t = window.__times; window.__times = { done: [], next: [] }; return t")
        .await;
    let kind = |kind: &str| {
        let mut times: Vec<f64> = serde_json::from_value(times[kind].clone()).expect("times");
        times.sort_by(f64::total_cmp);
        format!("{:.0} ms (most {:.0})", times[times.len() / 2], times[times.len() - 1])
    };
    format!("drawn {}, next frame {}", kind("done"), kind("next"))
}

/// A step of a drag over the middle of what `css` finds.
async fn drag(browser: &Browser, css: &str, steps: u32, pressed: bool) {
    let place = format!(
        "const b = document.querySelector({css:?}).getBoundingClientRect(); return [b.left, b.top, b.width, b.height]"
    );
    let place: Vec<f64> = serde_json::from_value(browser.eval(&place).await).expect("a place");
    let at = |part: f64| (place[0] + place[2] * part, place[1] + place[3] * 0.5);
    let mouse = |kind: &str, (x, y): (f64, f64)| {
        let buttons = if pressed { 1 } else { 0 };
        json!({ "type": kind, "x": x, "y": y, "button": if pressed { "left" } else { "none" }, "buttons": buttons, "clickCount": 1 })
    };
    browser
        .cdp("Input.dispatchMouseEvent", mouse("mouseMoved", at(0.15)))
        .await;
    if pressed {
        browser
            .cdp("Input.dispatchMouseEvent", mouse("mousePressed", at(0.15)))
            .await;
    }
    for step in 0..steps {
        let part = 0.2 + 0.6 * f64::from(step) / f64::from(steps);
        browser
            .cdp("Input.dispatchMouseEvent", mouse("mouseMoved", at(part)))
            .await;
        let frame = "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
        browser.eval(frame).await;
    }
    if pressed {
        browser
            .cdp("Input.dispatchMouseEvent", mouse("mouseReleased", at(0.8)))
            .await;
    }
}

/// Not part of `make test`: a time is a figure of the machine, not a truth.
#[tokio::test]
#[ignore = "a measurement: cargo test --release --workspace --test browser speed -- --ignored --nocapture"]
async fn charts_follow_the_hand() {
    let board = Board::start();
    let all = recorded(&board, 50).await;
    for runs in [8, 20, 50] {
        let browser = Browser::open(View::default()).await;
        browser
            .goto(&format!("{}/compare?runs={}", board.url, all[..runs].join(",")))
            .await;
        browser.see(".charts canvas").await;
        browser.settle().await;
        browser.eval(WATCH).await;
        drag(&browser, ".smoothing input", 20, true).await;
        println!("speed: {runs} runs, smoothing: {}", noted(&browser, 20).await);
        browser.settle().await;
        browser
            .eval("document.querySelector('.plot-box').scrollIntoView({ block: 'center' })")
            .await;
        browser.settle().await;
        drag(&browser, ".plot-box", 20, false).await;
        println!("speed: {runs} runs, pointer:   {}", noted(&browser, 20).await);
        let zoom = "window.__zoomed = new Promise(done => addEventListener('mouseup', () => {
            const from = performance.now();
            requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - from)));
        }, { capture: true, once: true }))";
        browser.eval(zoom).await;
        drag(&browser, ".plot-box", 3, true).await;
        let took = browser.eval("return window.__zoomed").await;
        browser.until("return location.search.includes('zoom=')").await;
        println!(
            "speed: {runs} runs, zoom:      {:.0} ms",
            took.as_f64().unwrap_or_default()
        );
        noted(&browser, 1).await;
        browser.settle().await;
        drag(&browser, ".smoothing input", 20, true).await;
        println!(
            "speed: {runs} runs, smoothing while zoomed: {}",
            noted(&browser, 20).await
        );
    }
}
