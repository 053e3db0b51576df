//! Taking connections: who is at the other end, how many at once, and how long a request may take to arrive.
//!
//! Anybody who reaches the port can open connections and say nothing, before any token is asked for. Each takes a file
//! descriptor, and without one the server can neither answer nor start a worker. So a request's head must be there in
//! seconds, connections are counted until they become WebSockets, and when all are taken, the one that has been silent
//! for the longest is closed.

use crate::peer;
use crate::work::{Halt, Tasks};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tower::ServiceExt;

/// A request's head must arrive within this, or the connection is closed; so is an idle kept-alive one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
/// Connections open at once, where file descriptors allow it.
const MAX_CONNECTIONS: usize = 1000;
/// File descriptors kept free for other things than connections: the database, files being sent, workers' pipes.
const RESERVED_DESCRIPTORS: usize = 200;

/// Who sent a request, as far as the connection shows it: an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor {
    /// It came over loopback from the user who started the server (or from root).
    pub is_owner: bool,
}

/// Raises the soft limit of open files (`RLIMIT_NOFILE`) to the hard one; gives how many connections that allows.
pub fn raise_descriptor_limit() -> usize {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls are given one struct that lives through them
    let files = unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) != 0 {
            return MAX_CONNECTIONS;
        }
        let before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if libc::setrlimit(libc::RLIMIT_NOFILE, &limit) == 0 {
            limit.rlim_cur
        } else {
            before
        }
    };
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    files
        .saturating_sub(RESERVED_DESCRIPTORS)
        .clamp(files / 2, MAX_CONNECTIONS.max(files / 2))
        .min(MAX_CONNECTIONS)
}

/// Serves until it is asked to stop, then waits for the requests that are being answered.
pub async fn serve(listener: TcpListener, routes: Router, max_connections: usize, tasks: Tasks, halt: Halt) {
    let table = ConnectionTable {
        open: Arc::default(),
        max_connections,
    };
    let loopback = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
    let mut number = 0;
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = halt.stopped() => break,
        };
        let (stream, address) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                // out of descriptors, or a connection that went away: others are waiting
                tracing::warn!("a connection could not be taken: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        number += 1;
        if !table.admit(number) {
            continue;
        }
        let entry = Entry {
            open: table.open.clone(),
            number,
        };
        let (routes, halt) = (routes.clone(), halt.clone());
        let task = tasks.spawn(handle_connection(stream, address, loopback, routes, entry, halt));
        table.set_task(number, task);
    }
    // each connection that is still at work has an entry
    while !table.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

type Open = Arc<Mutex<BTreeMap<u64, Connection>>>;

/// The open connections, in the order they came.
struct ConnectionTable {
    open: Open,
    max_connections: usize,
}

#[derive(Default)]
struct Connection {
    task: Option<AbortHandle>,
    state: ConnectionState,
}

/// How far a connection has come: it decides who is closed when another comes and all entries are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum ConnectionState {
    /// It has sent nothing yet, or only what the guard refused: it is closed first.
    #[default]
    Silent,
    /// It waits for an answer.
    Processing,
    /// It was answered.
    Answered,
    /// It was upgraded. WebSockets are counted and bounded where they are opened; none is closed for another connection.
    WebSocket,
}

/// Whether the guard refused the request: anybody gets such an answer, so it earns the connection nothing.
fn is_refusal(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST
    )
}

/// Keeps a connection's entry: held by what outlives its last request.
#[derive(Clone)]
pub struct ConnectionHandle(Arc<Entry>);

impl ConnectionHandle {
    /// Notes that the connection was upgraded to a WebSocket.
    pub fn mark_websocket(&self) {
        self.0.set_state(ConnectionState::WebSocket);
    }
}

/// A connection's entry in the table, removed when its task ends in whatever way.
struct Entry {
    open: Open,
    number: u64,
}

impl ConnectionTable {
    /// Makes an entry for a connection; false where it can't be taken. When the table is full, the oldest silent connection is
    /// closed for it, else the oldest that is no WebSocket; where all are WebSockets, none is.
    fn admit(&self, number: u64) -> bool {
        let mut open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        if open.len() >= self.max_connections {
            let of = |wanted: fn(&ConnectionState) -> bool| {
                let found = open.iter().find(|(_, connection)| wanted(&connection.state));
                found.map(|(number, _)| *number)
            };
            let goes = of(|s| *s == ConnectionState::Silent).or_else(|| of(|s| *s != ConnectionState::WebSocket));
            match goes.and_then(|number| open.remove(&number)) {
                None => return false,
                Some(connection) => connection.task.iter().for_each(AbortHandle::abort),
            }
        }
        open.insert(number, Connection::default());
        true
    }

    fn set_task(&self, number: u64, task: AbortHandle) {
        let mut open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        // it may be over already
        if let Some(connection) = open.get_mut(&number) {
            connection.task = Some(task);
        }
    }

    fn is_empty(&self) -> bool {
        self.open.lock().unwrap_or_else(|e| e.into_inner()).is_empty()
    }
}

impl Entry {
    fn set_state(&self, state: ConnectionState) {
        let mut open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(connection) = open.get_mut(&self.number) {
            connection.state = state;
        }
    }

    fn state(&self) -> ConnectionState {
        let open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        open.get(&self.number).map(|c| c.state).unwrap_or_default()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(|e| e.into_inner()).remove(&self.number);
    }
}

async fn handle_connection(
    stream: TcpStream,
    address: SocketAddr,
    loopback: bool,
    routes: Router,
    entry: Entry,
    halt: Halt,
) {
    let local = stream.local_addr();
    let is_owner = match local {
        Ok(local) if loopback => tokio::task::spawn_blocking(move || peer::is_own(address, local))
            .await
            .unwrap_or(false),
        _ => false,
    };
    let entry = Arc::new(entry);
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let (routes, entry) = (routes.clone(), entry.clone());
        async move {
            let before = entry.state();
            entry.set_state(ConnectionState::Processing);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Visitor { is_owner });
            request.extensions_mut().insert(ConnectionHandle(entry.clone()));
            let answer = routes.oneshot(request).await?;
            if entry.state() == ConnectionState::Processing {
                entry.set_state(match is_refusal(answer.status()) {
                    true => before,
                    false => ConnectionState::Answered,
                });
            }
            Ok::<_, std::convert::Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        // an error here is a browser that went away
        _ = connection.as_mut() => return,
        () = halt.stopped() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that are left when one more comes to `places`, and whether it was let in.
    fn after(states: &[ConnectionState]) -> (Vec<u64>, bool) {
        let table = ConnectionTable {
            open: Arc::default(),
            max_connections: states.len(),
        };
        for (number, state) in states.iter().enumerate() {
            let number = number as u64;
            assert!(table.admit(number));
            table.open.lock().unwrap().get_mut(&number).unwrap().state = *state;
        }
        let admitted = table.admit(99);
        let numbers = table.open.lock().unwrap().keys().copied().collect();
        (numbers, admitted)
    }

    #[test]
    fn who_goes_when_another_comes() {
        use ConnectionState::{Answered, Processing, Silent, WebSocket};
        for (states, left, admitted) in [
            (vec![Answered, Silent, Silent], vec![0, 2, 99], true),
            (vec![Answered, Processing, Answered], vec![1, 2, 99], true),
            (vec![WebSocket, Processing, WebSocket], vec![0, 2, 99], true),
            (vec![WebSocket, WebSocket], vec![0, 1], false),
        ] {
            assert_eq!(after(&states), (left, admitted), "{states:?}");
        }
    }

    #[test]
    fn what_anybody_gets_is_no_answer() {
        for (status, is) in [
            (401, true),
            (403, true),
            (421, true),
            (200, false),
            (404, false),
            (500, false),
        ] {
            assert_eq!(is_refusal(StatusCode::from_u16(status).unwrap()), is, "{status}");
        }
    }

    #[tokio::test]
    async fn a_change_whose_asker_has_left_is_waited_for() {
        use axum::{middleware, routing};
        use std::sync::atomic::{AtomicBool, Ordering};
        use tokio::io::AsyncWriteExt;
        use tokio::sync::Notify;

        #[derive(Default)]
        struct Change {
            begun: Notify,
            may_end: Notify,
            ended: AtomicBool,
        }
        let change = Arc::new(Change::default());
        let of = change.clone();
        let work = move || async move {
            of.begun.notify_one();
            of.may_end.notified().await;
            of.ended.store(true, Ordering::SeqCst);
        };
        let (tasks, halt) = (Tasks::default(), Halt::default());
        let routes = Router::new()
            .route("/", routing::post(work))
            .layer(middleware::from_fn_with_state(
                tasks.clone(),
                crate::routes::run_to_completion,
            ));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut serving = tokio::spawn(serve(listener, routes, 9, tasks, halt.clone()));
        let mut asker = TcpStream::connect(address).await.unwrap();
        let asked = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
        asker.write_all(asked).await.unwrap();
        change.begun.notified().await;
        drop(asker);
        halt.stop();
        let early = tokio::time::timeout(Duration::from_millis(300), &mut serving).await;
        assert!(early.is_err(), "it did not wait");
        change.may_end.notify_one();
        serving.await.unwrap();
        assert!(change.ended.load(Ordering::SeqCst));
    }
}
