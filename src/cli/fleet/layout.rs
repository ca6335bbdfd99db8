//! `eksnet fleet layout`

use crate::diagnostic::Failure;
use crate::fleet::whole::Whole;
use crate::lockfile::Due;
use crate::report::{fleet, fleet_json};
use crate::source;

use super::super::args::{FleetLayout, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, lock};
use super::{broken, open};

pub fn run(common: &Common, args: &FleetLayout) -> Result<u8, Stop> {
    let whole = open(common, &args.fleet, &args.release)?;
    if whole.is_broken() {
        return broken(common, whole);
    }
    if let Some(names) = unknown(&whole, &args.release)? {
        output::note(common, &format!("released: {names}"));
    }
    let text = whole.plan.ledger.to_text();
    let there = std::fs::read_to_string(&whole.lock).unwrap_or_default();
    let changes = there != text;
    if args.locked {
        hold(&whole, changes)?;
    }
    let name = whole.lock.display().to_string();
    if args.write_lock {
        write(common, &whole, changes.then_some(&text))?;
    }
    let state = match (args.write_lock, changes) {
        (true, true) => format!("lock {name}: written"),
        (true, false) => format!("lock {name}: up to date"),
        (false, true) if there.is_empty() => {
            format!("lock {name}: not written yet (`fleet layout --write-lock`)")
        }
        (false, true) => format!("lock {name}: would change (`fleet layout --write-lock`)"),
        (false, false) => format!("lock {name}: unchanged"),
    };
    output::data(&match common.output {
        Format::Json => {
            fleet_json::layout(&whole.plan, &whole.roster.ground, changes && !args.write_lock)
        }
        _ => fleet::layout(&whole.plan, &whole.roster.ground, &state, output::view(false)),
    });
    Ok(DONE)
}

/// What is released has to have been there.
fn unknown(whole: &Whole, names: &[String]) -> Result<Option<String>, Failure> {
    let Some(name) = whole.unreleasable.first() else {
        return Ok((!names.is_empty()).then(|| names.join(", ")));
    };
    let failure = Failure::new(format!("cannot release the range of `{name}`"));
    let live = whole.ledger.lines.iter().any(|line| line.name == *name);
    Err(match live {
        true => failure
            .because("it is a member, not one that is gone")
            .hint("take its file out of the fleet first, and destroy its stack"),
        false => failure
            .because("no member of this name left a range behind")
            .hint("`eksnet fleet layout` lists what was left behind"),
    })
}

/// For `--locked`: neither the fleet's lock nor a member's may change.
fn hold(whole: &Whole, changes: bool) -> Result<(), Stop> {
    let hint = "run `eksnet fleet layout --write-lock` and commit the locks with the blueprints";
    if changes {
        let name = whole.lock.display();
        let failure = Failure::new(format!("the lock `{name}` would change")).hint(hint);
        return Err(failure.into());
    }
    let held = whole.each(|_, _, compile| {
        let line = compile()?;
        let held = line.lock.hold(&line.plan);
        held.map_err(|failure| Stop::from(Failure { hint: Some(hint.into()), ..failure }))
    });
    held.into_iter().collect()
}

/// Members first: the fleet's lock says only what every member knows.
fn write(common: &Common, whole: &Whole, text: Option<&String>) -> Result<(), Stop> {
    let due = whole.each(|_, _, compile| {
        let line = compile()?;
        let due = line.lock.due(&line.plan);
        Ok(due.map(|Due { path, text, subnets }| (path.to_path_buf(), text, subnets)))
    });
    let due: Result<Vec<_>, Stop> = due.into_iter().collect();
    for (path, text, subnets) in due?.into_iter().flatten() {
        lock::write(Some(Due { path: &path, text, subnets }), common)?;
    }
    if let Some(text) = text {
        source::write_whole(&whole.lock, text)?;
    }
    Ok(())
}
