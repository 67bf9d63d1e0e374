//! mahoe: arguments to a front end, a front end to an exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything secret is in memory.
    mahoe::vault::harden::harden();
    ExitCode::from(mahoe::cli::main(std::env::args_os()))
}
