//! Parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(eksnet::cli::run(std::env::args_os()))
}
