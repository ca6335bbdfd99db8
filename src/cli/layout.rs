//! `eksnet layout`

use crate::report::{View, layout};
use crate::terminal::lock;

use super::args::{Format, Layout};
use super::line::{self, Line};
use super::live;
use super::output::{self, Stop};
use super::{Common, DONE};

pub fn run(common: &Common, args: &Layout) -> Result<u8, Stop> {
    if args.file == "-" && (args.write_lock || args.locked) {
        return Err(Stop::Usage("a blueprint from standard input has no lock".to_string()));
    }
    let line = match args.from_stack {
        true => from_stack(common, &args.file)?,
        false => line::compile(&args.file, common, &args.surveyed)?,
    };
    if args.locked {
        line.lock.hold(&line.plan)?;
    }
    if args.write_lock {
        line.lock.decided(&line.plan)?;
        lock::write(line.lock.due(&line.plan), common)?;
    }
    let lock =
        if args.write_lock { line.lock.written_state() } else { line.lock.state(&line.plan) };
    let view = View { explained: output::is_one_screen(common), ..output::view(args.all) };
    output::data(&common.output.layout(&line.layout(), &lock, view));
    if common.output == Format::Human && !args.all {
        output::note(common, layout::reasons(&line.intent, output::notes_view()).trim_end());
    }
    let file = output::file_over(&args.file, args.surveyed.survey.as_deref());
    output::next(common, &format!("eksnet diff {file}"));
    Ok(DONE)
}

fn from_stack(common: &Common, file: &str) -> Result<Line, Stop> {
    let opened = line::open(file, common)?;
    let (opened, observed) = live::observe(common, opened)?;
    let line = opened.compile(observed)?;
    line::said(common, &line);
    Ok(line)
}
