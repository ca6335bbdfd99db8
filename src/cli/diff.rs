//! `eksnet diff`

use crate::blueprint::edits;
use crate::diagnostic::{Failure, any_error};
use crate::fleet::target;
use crate::observed::Observed;
use crate::preview::gate::Sum;
use crate::preview::{self, Preview, former};
use crate::report;
use crate::terminal::lock;

use super::args::{Diff, Format};
use super::line::{self, Line};
use super::output::{self, Stop};
use super::{CHANGES, Common, DESTRUCTIVE, DONE, FAILED, live};

pub fn run(common: &Common, args: &Diff) -> Result<u8, Stop> {
    args.contradiction().map_or(Ok(()), |words| Err(Stop::Usage(words)))?;
    if let Some(plan) = &args.save {
        target::spare(plan.as_ref(), &[args.file.as_ref()])?;
    }
    if args.save.is_some() || args.change_set || args.sending.revert_drift {
        let (line, preview) = live::proposed(common, args)?;
        show(common, args, &line, &preview);
        return gate(args, &preview);
    }
    let opened = line::open(&args.file, common)?;
    let mut written = None;
    let (opened, observed) = match &args.against {
        Some(what) => {
            let former = former::read(what, &args.file, &common.asked())?;
            former.note.iter().for_each(|note| output::note(common, &format!("note: {note}")));
            written = former.written;
            (opened, Observed::template(former.template))
        }
        None => live::observe(common, opened)?,
    };
    let observed = observed.and(args.surveyed.observed()?);
    let before = observed.deployed_template();
    let line = opened.compile(observed)?;
    line::said(common, &line);
    if args.locked {
        line.lock.hold(&line.plan)?;
    }
    if args.write_lock {
        line.lock.decided(&line.plan)?;
        lock::write(line.lock.due(&line.plan), common)?;
    }
    let edits = written.iter().flat_map(|own| edits::between(own, &line.document.value()));
    let preview = preview::addresses::of(&line, &before)?
        .over(&line.template, line.observed.sizes.read())
        .edited(edits.collect())
        .written(&line.document);
    let preview = match &args.against {
        Some(_) if !args.drift => preview.with_beside(preview::standing::of(&line, &before)),
        _ => live::added(common, args, (&line, &before), preview)?,
    };
    show(common, args, &line, &preview);
    gate(args, &preview)
}

fn show(common: &Common, args: &Diff, line: &Line, preview: &Preview) {
    let lock = line.lock.outlook(&line.plan);
    let shown = report::preview::Shown {
        line: &|path| line.place(path),
        compiled: Some(line),
        lock: &lock,
        view: output::view(args.all),
    };
    if args.layout && common.output == Format::Human {
        let state = line.lock.state(&line.plan);
        output::data(&(common.output.layout(&line.layout(), &state, shown.view) + "\n"));
    }
    output::data(&common.output.preview(preview, &shown));
    next(common, args, preview);
}

fn next(common: &Common, args: &Diff, preview: &Preview) {
    // `check` would find nothing wrong with a blueprint that is refused for what is deployed.
    if any_error(&preview.findings) {
        return;
    }
    let file = output::file(&args.file);
    let command = match &args.save {
        _ if preview.is_empty() => format!("eksnet status {file}"),
        Some(plan) => format!("eksnet deploy --plan {}", output::file(plan)),
        None => format!("eksnet deploy {file}"),
    };
    output::next(common, &command);
}

/// The gate of a pipeline: what `--fail-on` names fails, unless its type is allowed.
fn gate(args: &Diff, preview: &Preview) -> Result<u8, Stop> {
    let gate = args.gate();
    let refused = gate.refusals(preview);
    if !refused.is_empty() {
        let failure = Failure::new(refused.join("; "))
            .hint("that is what --fail-on refuses; --allow TYPE lets a type pass");
        return Err(Stop::Reported(failure, FAILED));
    }
    Ok(match gate.sum(preview) {
        Sum::Refused => FAILED,
        _ if !args.exit_code => DONE,
        Sum::Nothing => DONE,
        Sum::Changes => CHANGES,
        Sum::Destructive => DESTRUCTIVE,
    })
}
