//! `corral`: the server with the board inside. A package of its own, so that the server is built beside the board and not after it.

use rust_embed::RustEmbed;
use server::board::Board;

/// The board's bundle.
#[derive(RustEmbed)]
#[folder = "../../target/board"]
struct Files;

fn main() -> std::process::ExitCode {
    server::cli::main(Board::new(|path| Some(Files::get(path)?.data)))
}
