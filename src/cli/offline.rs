//! What a build without AWS says where it would need it.

#![cfg(not(feature = "aws"))]

use std::time::Duration;

use crate::diagnostic::Failure;
use crate::report::progress::{self, Ending};

use super::Common;
use super::args::Format;
use super::output::{self, Stop};

const BUILD: &str = "build it with its default features: `cargo install --path .`; offline: `eksnet diff FILE --against nothing`";

pub fn no_aws() -> Stop {
    let failure = Failure::new("this eksnet was built without AWS");
    Stop::Failure(failure.hint(BUILD))
}

/// A stream of events ends with an outcome, whatever came before it; the exit code.
pub fn no_outcome(common: &Common) -> u8 {
    let code = output::stop(common, no_aws());
    if common.output == Format::Json {
        let ending =
            Ending { stack: "", word: "failed", elapsed: Duration::ZERO, next: Some(BUILD) };
        output::data(&format!("{}\n", progress::ending_json(&ending)));
    }
    code
}
