//! `corral`: the board, and the door to the trainer's verbs.

fn main() -> std::process::ExitCode {
    server::cli::main()
}
