//! `corral-trainer`: trains, merges, evaluates and talks; see `corral-trainer --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    trainer::ops::cpu::tune_allocator();
    trainer::cli::main()
}
