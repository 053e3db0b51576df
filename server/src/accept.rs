//! Taking connections: who is at the other end, how many at once, and how long a request may take to arrive.
//!
//! Anybody who reaches the port can open connections and say nothing, before any token is asked for. Each takes a file
//! descriptor, and without one the server can neither answer nor start a worker. So a request's head must be there in
//! seconds, connections are counted until they become sockets, and when there is no place left, the one that has said
//! nothing for the longest goes.

use crate::peer;
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
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tower::ServiceExt;

/// A request's head arrives in this time, or the connection is closed; so is one that asks for nothing more.
const HEAD: Duration = Duration::from_secs(20);
/// Connections at once, where descriptors allow it.
const CONNECTIONS: usize = 1000;
/// Descriptors that are not for connections: the database, files being sent, workers' pipes.
const RESERVED: usize = 200;

/// Who a request comes from, as far as the connection shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor {
    /// On loopback, and of the user who started the server (or root).
    pub own: bool,
}

/// Raises the number of files the process may have open as far as it goes; gives how many connections that allows.
pub fn make_room() -> usize {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls are given one struct that lives through them
    let files = unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) != 0 {
            return CONNECTIONS;
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
        .saturating_sub(RESERVED)
        .clamp(files / 2, CONNECTIONS.max(files / 2))
        .min(CONNECTIONS)
}

/// Serves until `ended` says so; connections that are at work get to the end of what they do.
pub async fn serve(listener: TcpListener, routes: Router, most: usize, mut ended: watch::Receiver<bool>) {
    let doors = Doors {
        open: Arc::default(),
        most,
    };
    let loopback = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
    let mut number = 0;
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = ended.wait_for(|over| *over) => break,
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
        if !doors.make_place(number) {
            continue;
        }
        let place = Place {
            open: doors.open.clone(),
            number,
        };
        let (routes, ended) = (routes.clone(), ended.clone());
        let task = tokio::spawn(async move { attend(stream, address, loopback, routes, place, ended).await });
        doors.entered(number, task.abort_handle());
    }
    // those that are still at work hold a place each
    while !doors.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

type Open = Arc<Mutex<BTreeMap<u64, Connection>>>;

/// The open connections, in the order they came.
struct Doors {
    open: Open,
    most: usize,
}

#[derive(Default)]
struct Connection {
    task: Option<AbortHandle>,
    standing: Standing,
}

/// What a connection has done for its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Standing {
    /// Nothing, or what was refused at the door: it goes first.
    #[default]
    Silent,
    /// It waits for an answer.
    Asking,
    /// It was answered.
    Heard,
    /// It is a socket now, which are counted and bounded where they are opened; it is never the one that goes.
    Socket,
}

/// Whether an answer is given to anybody, before it is known who asks.
fn refused(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST
    )
}

/// A connection's place, for what outlives its last request: whoever holds it keeps the place.
#[derive(Clone)]
pub struct Seat(Arc<Place>);

impl Seat {
    /// The connection has become a socket.
    pub fn is_socket(&self) {
        self.0.stands(Standing::Socket);
    }
}

/// A connection's entry, taken out when its task ends in whatever way.
struct Place {
    open: Open,
    number: u64,
}

impl Doors {
    /// Makes an entry for a connection. Where all places are taken, the oldest that has said nothing goes; with everybody
    /// at work, the one that came first has had its turn. False: all are sockets, and there is no place.
    fn make_place(&self, number: u64) -> bool {
        let mut open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        if open.len() >= self.most {
            let of = |wanted: fn(&Standing) -> bool| {
                let found = open.iter().find(|(_, connection)| wanted(&connection.standing));
                found.map(|(number, _)| *number)
            };
            let goes = of(|s| *s == Standing::Silent).or_else(|| of(|s| *s != Standing::Socket));
            match goes.and_then(|number| open.remove(&number)) {
                None => return false,
                Some(connection) => connection.task.iter().for_each(AbortHandle::abort),
            }
        }
        open.insert(number, Connection::default());
        true
    }

    fn entered(&self, number: u64, task: AbortHandle) {
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

impl Place {
    fn stands(&self, standing: Standing) {
        let mut open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(connection) = open.get_mut(&self.number) {
            connection.standing = standing;
        }
    }

    fn standing(&self) -> Standing {
        let open = self.open.lock().unwrap_or_else(|e| e.into_inner());
        open.get(&self.number).map(|c| c.standing).unwrap_or_default()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(|e| e.into_inner()).remove(&self.number);
    }
}

async fn attend(
    stream: TcpStream,
    address: SocketAddr,
    loopback: bool,
    routes: Router,
    place: Place,
    mut ended: watch::Receiver<bool>,
) {
    let local = stream.local_addr();
    let own = match local {
        Ok(local) if loopback => tokio::task::spawn_blocking(move || peer::is_own(address, local))
            .await
            .unwrap_or(false),
        _ => false,
    };
    let place = Arc::new(place);
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let (routes, place) = (routes.clone(), place.clone());
        async move {
            let before = place.standing();
            place.stands(Standing::Asking);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Visitor { own });
            request.extensions_mut().insert(Seat(place.clone()));
            let answer = routes.oneshot(request).await?;
            if place.standing() == Standing::Asking {
                place.stands(match refused(answer.status()) {
                    true => before,
                    false => Standing::Heard,
                });
            }
            Ok::<_, std::convert::Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        // an error here is a browser that went away
        _ = connection.as_mut() => return,
        _ = ended.wait_for(|over| *over) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that are left when one more comes to `places`, and whether it was let in.
    fn after(standings: &[Standing]) -> (Vec<u64>, bool) {
        let doors = Doors {
            open: Arc::default(),
            most: standings.len(),
        };
        for (number, standing) in standings.iter().enumerate() {
            let number = number as u64;
            assert!(doors.make_place(number));
            doors.open.lock().unwrap().get_mut(&number).unwrap().standing = *standing;
        }
        let let_in = doors.make_place(99);
        let numbers = doors.open.lock().unwrap().keys().copied().collect();
        (numbers, let_in)
    }

    #[test]
    fn who_goes_when_another_comes() {
        use Standing::{Asking, Heard, Silent, Socket};
        for (standings, left, let_in) in [
            (vec![Heard, Silent, Silent], vec![0, 2, 99], true),
            (vec![Heard, Asking, Heard], vec![1, 2, 99], true),
            (vec![Socket, Asking, Socket], vec![0, 2, 99], true),
            (vec![Socket, Socket], vec![0, 1], false),
        ] {
            assert_eq!(after(&standings), (left, let_in), "{standings:?}");
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
            assert_eq!(refused(StatusCode::from_u16(status).unwrap()), is, "{status}");
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
        let routes = Router::new()
            .route("/", routing::post(work))
            .layer(middleware::from_fn(crate::routes::to_the_end));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = watch::channel(false);
        let mut serving = tokio::spawn(serve(listener, routes, 9, ended));
        let mut asker = TcpStream::connect(address).await.unwrap();
        let asked = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
        asker.write_all(asked).await.unwrap();
        change.begun.notified().await;
        drop(asker);
        end.send(true).unwrap();
        let early = tokio::time::timeout(Duration::from_millis(300), &mut serving).await;
        assert!(early.is_err(), "it did not wait");
        change.may_end.notify_one();
        serving.await.unwrap();
        assert!(change.ended.load(Ordering::SeqCst));
    }
}
