//! The webhook: told once of each end, again where the receiver stumbled, and of nothing else; its address is told to nobody.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use tests::Board;
use tests::api::demo_config;

/// Stands for what a service puts into its addresses.
const SECRET: &str = "planted-secret-of-a-webhook";

/// How the receiver answers next; with 200 once nothing is left.
enum Reply {
    Status(&'static str),
    /// It takes the request and says nothing.
    Silence,
}

#[derive(Default)]
struct Heard {
    replies: VecDeque<Reply>,
    bodies: Vec<Value>,
}

type Shared = Arc<(Mutex<Heard>, Condvar)>;

/// A receiver on a free port.
struct Receiver {
    host: String,
    shared: Shared,
}

impl Receiver {
    fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        let heard = Heard {
            replies: replies.into_iter().collect(),
            ..Heard::default()
        };
        let shared: Shared = Arc::new((Mutex::new(heard), Condvar::new()));
        let of_thread = shared.clone();
        std::thread::spawn(move || {
            let mut silent = vec![];
            for stream in listener.incoming().flatten() {
                silent.extend(answer(stream, &of_thread));
            }
        });
        Self { host, shared }
    }

    fn url(&self) -> String {
        format!("http://{}/{SECRET}", self.host)
    }

    /// Waits until it was told so often, and gives what.
    fn bodies(&self, count: usize) -> Vec<Value> {
        let (heard, changed) = &*self.shared;
        let few = |heard: &mut Heard| heard.bodies.len() < count;
        let waited = changed.wait_timeout_while(heard.lock().expect("a lock"), Duration::from_secs(60), few);
        let (heard, _) = waited.expect("a lock");
        assert!(
            heard.bodies.len() >= count,
            "{} of {count} posts in 60 s",
            heard.bodies.len()
        );
        heard.bodies.clone()
    }
}

/// Reads a post and answers it; gives back the connection of one that hears nothing.
fn answer(stream: TcpStream, (heard, changed): &(Mutex<Heard>, Condvar)) -> Option<TcpStream> {
    let mut out = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length: ") {
            length = bytes.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut heard = heard.lock().expect("a lock");
    heard.bodies.push(serde_json::from_slice(&body).expect("JSON"));
    let reply = heard.replies.pop_front().unwrap_or(Reply::Status("200 OK"));
    changed.notify_all();
    match reply {
        Reply::Silence => Some(out),
        Reply::Status(status) => {
            let _ = write!(
                out,
                "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            None
        }
    }
}

async fn set(board: &Board, webhook: Value) -> Value {
    let (status, answer) = board
        .call(reqwest::Method::PUT, "/api/notify", json!({ "webhook": webhook }))
        .await;
    assert!(status.is_success() || status == 400, "{status} {answer}");
    answer
}

/// A receiver that stumbles is told again; the board knows how it went; the address stays in a file of the owner's.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_told_once_it_can_be() {
    let board = Board::start();
    assert_eq!(board.get("/api/notify").await, json!({ "host": null, "last": null }));
    for bad in ["example.org", "file:///etc/passwd", "http://me:word@127.0.0.1/"] {
        assert_eq!(set(&board, bad.into()).await["code"], "bad_webhook", "{bad}");
    }
    let receiver = Receiver::start([Reply::Status("503 Service Unavailable")]);
    let told = set(&board, receiver.url().into()).await;
    assert_eq!(told, json!({ "host": receiver.host, "last": null }));
    let file = board.data_dir.join("webhook.json");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let run = board.start_run(json!({ "max_steps": 2 })).await;
    board.wait_over(&run).await;
    let bodies = receiver.bodies(2);
    assert_eq!(bodies[0], bodies[1], "the same again");
    let row = board.get(&format!("/api/runs/{run}")).await["summary"].clone();
    let text = format!("{} completed at step 2 of 2", row["name"].as_str().expect("a name"));
    assert_eq!(bodies[1]["event"], "run_completed");
    assert_eq!(
        (&bodies[1]["text"], &bodies[1]["content"]),
        (&json!(text), &json!(text))
    );
    assert_eq!(bodies[1]["run"]["id"], json!(run));
    assert!(!board.log().contains(SECRET) && !board.text("/api/notify").await.contains(SECRET));

    // what fails says why, and a restarted board still knows whom to tell
    let mut board = board;
    board.restart();
    let run = board.start_run(json!({ "learning_rate": 1e30, "max_steps": 9 })).await;
    board.wait_over(&run).await;
    let failed = receiver.bodies(3)[2].clone();
    assert_eq!(failed["event"], "run_failed");
    assert!(
        failed["run"]["message"].as_str().is_some_and(|why| !why.is_empty()),
        "{failed}"
    );

    set(&board, Value::Null).await;
    assert!(!file.exists());
    let (status, refused) = board.call(reqwest::Method::POST, "/api/notify/test", json!(null)).await;
    assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("no_webhook")));
}

/// What a receiver does wrong delays no run and leads nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_or_sends_elsewhere_harms_nothing() {
    let board = Board::start();
    let elsewhere = Receiver::start([]);
    let status = format!("302 Found\r\nLocation: {}", elsewhere.url()).leak();
    let receiver = Receiver::start([Reply::Status(status), Reply::Silence, Reply::Silence, Reply::Silence]);
    set(&board, receiver.url().into()).await;
    let (_, told) = board.call(reqwest::Method::POST, "/api/notify/test", json!(null)).await;
    assert_eq!(told["last"]["failed"]["code"], "webhook_failed", "{told}");
    assert!(
        told["last"]["failed"]["message"]
            .as_str()
            .is_some_and(|why| why.contains("HTTP 302")),
        "{told}"
    );
    let run = board.start_run(json!({ "max_steps": 1 })).await;
    board.wait_over(&run).await;
    receiver.bodies(2);
    // the receiver says nothing for as long as it likes; the next run is over before it is given up, which takes most of a minute
    let next = board.start_run(json!({ "max_steps": 1 })).await;
    assert_eq!(board.wait_over(&next).await["state"], "completed");
    assert_eq!(board.get("/api/notify").await["last"], told["last"], "still being told");
    assert!(elsewhere.shared.0.lock().expect("a lock").bodies.is_empty());

    // another webhook is tested at once, is told of the end that waited, and the one before hears no more
    set(&board, elsewhere.url().into()).await;
    // on a slow machine it was tried again before
    let heard = receiver.shared.0.lock().expect("a lock").bodies.len();
    let asked = Instant::now();
    let (_, told) = board.call(reqwest::Method::POST, "/api/notify/test", json!(null)).await;
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    assert_eq!(
        (&told["last"]["run"], &told["last"]["failed"]),
        (&json!(null), &json!(null)),
        "{told}"
    );
    let bodies = elsewhere.bodies(2);
    assert_eq!(
        (&bodies[0]["event"], &bodies[1]["run"]["id"]),
        (&json!("test"), &json!(next))
    );
    assert_eq!(receiver.shared.0.lock().expect("a lock").bodies.len(), heard);
}

/// Not of each of its runs: of what came out, with the best of them.
#[tokio::test]
async fn a_sweep_is_told_of_once() {
    let receiver = Receiver::start([]);
    let board = Board::start();
    set(&board, receiver.url().into()).await;
    let mut config = demo_config();
    config["max_steps"] = json!(2);
    let parameters = json!([{ "key": "learning_rate", "values": { "list": [1e-5, 1e-3, 1e-1] } }]);
    let asked = json!({ "config": config, "sweep": { "parameters": parameters, "metric": "preference/margins" } });
    let made = board.post("/api/sweeps", asked).await;
    let told = &receiver.bodies(1)[0];
    assert_eq!(
        (
            &told["event"],
            &told["sweep"]["id"],
            &told["sweep"]["runs"],
            &told["sweep"]["completed"]
        ),
        (&json!("sweep_ended"), &made["id"], &json!(3), &json!(3)),
        "{told}"
    );
    let detail = board
        .get(&format!("/api/sweeps/{}", made["id"].as_str().expect("an id")))
        .await;
    assert_eq!(told["run"]["id"], detail["best"], "{told}");
    let best = told["run"]["name"].as_str().expect("a name");
    assert!(told["text"].as_str().is_some_and(|text| text.contains(best)), "{told}");
    // a run by itself is told of as before, and nothing stood between
    let alone = board.start_run(json!({ "max_steps": 1 })).await;
    assert_eq!(receiver.bodies(2)[1]["run"]["id"], json!(alone));
}
