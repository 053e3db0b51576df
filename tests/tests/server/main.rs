//! The real `corral`, asked over HTTP and WebSocket and from the command line.

mod api;
mod hub;
mod kills;
mod live;
mod security;
