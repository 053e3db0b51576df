//! The board's server: HTTP and WebSocket, SQLite, and the supervision of workers. It never links a model.

#[macro_use]
mod tell;

pub mod accept;
pub mod ambient;
pub mod app;
pub mod board;
pub mod cards;
pub mod chat;
pub mod cli;
mod compare;
pub mod configs;
pub mod db;
pub mod demo;
pub mod error;
pub mod evaluations;
pub mod extract;
mod fault;
pub mod files;
pub mod guard;
pub mod imports;
#[cfg(test)]
mod in_process;
pub mod keys;
pub mod library;
pub mod live;
pub mod lock;
pub mod notify;
mod off_thread;
pub mod openapi;
mod pairs;
pub mod path;
pub mod peer;
mod prerender;
pub mod report;
pub mod routes;
pub mod runs;
mod samples;
pub mod secrets;
pub mod serve;
pub mod state;
pub mod supervisor;
pub mod sweeps;
pub mod system;
pub mod trainer;
pub mod trash;
pub mod usage;
pub mod whole;

pub use error::ApiError;
pub use path::DataPath;
