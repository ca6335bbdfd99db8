//! `eksnet iam`

use crate::report::iam;

use super::args::{Iam, IamFor};
use super::output::{self, Stop};
use super::{Common, DONE, line};

pub fn run(common: &Common, args: &Iam) -> Result<u8, Stop> {
    if args.what == IamFor::Fleet {
        return super::fleet::iam::run(common, &args.file);
    }
    if !args.what.reads_a_blueprint() {
        output::data(&iam::survey());
        return Ok(DONE);
    }
    let line = line::compile(&args.file, common, &args.surveyed)?;
    let bucket = args.template_bucket.as_deref().filter(|name| !name.is_empty());
    let policy = match args.what {
        IamFor::Deploy => iam::deploy(&line.intent, &line.template, bucket),
        _ => iam::preview(&line.intent, &line.template, bucket),
    };
    if let Some(words) = iam::excess(&policy) {
        output::note(common, &format!("note: {words}"));
    }
    output::data(&policy);
    Ok(DONE)
}
