//! Parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The first thread has a megabyte of stack on Windows, and whatever `ulimit -s` says elsewhere.
    let beside =
        std::thread::Builder::new().name("eksnet".into()).stack_size(eksnet::fleet::cores::STACK);
    match beside.spawn(command) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(_) => command(),
    }
}

fn command() -> ExitCode {
    ExitCode::from(eksnet::cli::run(std::env::args_os()))
}
