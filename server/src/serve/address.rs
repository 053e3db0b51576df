//! Where a server listens, and what it is called by.

use super::ServeError;
use crate::state::Token;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpListener;

/// Ports tried when the one asked for is busy.
const PORTS_TRIED: u16 = 20;

pub(super) async fn resolve_host(host: &str) -> Result<IpAddr, ServeError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found = tokio::net::lookup_host((bare, 0)).await;
    let mut found: Vec<IpAddr> = found
        .map_err(|e| ServeError::Host(host.into(), e))?
        .map(|a| a.ip())
        .collect();
    // `localhost` means 127.0.0.1 to most tools, whatever comes first
    found.sort_by_key(IpAddr::is_ipv6);
    let missing = || ServeError::Host(host.into(), io::ErrorKind::AddrNotAvailable.into());
    found.first().copied().ok_or_else(missing)
}

pub(super) async fn bind(host: IpAddr, port: u16) -> Result<TcpListener, ServeError> {
    let last = port.saturating_add(if port == 0 { 0 } else { PORTS_TRIED });
    for candidate in port..=last {
        match TcpListener::bind(SocketAddr::new(host, candidate)).await {
            Ok(listener) => return Ok(listener),
            Err(e) if e.kind() == io::ErrorKind::AddrInUse => {}
            Err(e) => return Err(ServeError::Port(candidate, host, e)),
        }
    }
    Err(ServeError::Ports(port, last, host))
}

pub(super) fn url(asked: &str, host: IpAddr, port: u16, token: Option<&Token>) -> String {
    let name = match host {
        _ if host.is_unspecified() || host.is_loopback() => "localhost".to_owned(),
        IpAddr::V6(v6) => format!("[{v6}]"),
        IpAddr::V4(_) => asked.to_owned(),
    };
    let query = token.map(|t| format!("/?token={}", t.reveal())).unwrap_or_default();
    format!("http://{name}:{port}{query}")
}
