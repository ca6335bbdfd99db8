//! `eksnet check`

use crate::diagnostic::Failure;
use crate::fleet::cores;
use crate::fleet::judged::{self as judged_file, Judged, Kind};

use super::args::Check;
use super::judged::{self, Of, show};
use super::output::{self, Stop};
use super::{Common, live};

pub fn run(common: &Common, args: &Check) -> Result<u8, Stop> {
    let mut checked: Vec<Judged> = Vec::new();
    // Members of a fleet are held against each other by its own words.
    let mut fleets: Vec<Judged> = Vec::new();
    // What one file, or the account, keeps to itself is no reason to be silent about the rest.
    let mut unread: Vec<Failure> = Vec::new();
    for (file, looked) in args.files.iter().zip(all(common, args)) {
        match looked {
            Ok(Looked::Lock) => {
                output::note(common, &format!("`{file}` is a lock, not a blueprint: skipped"));
            }
            Ok(Looked::Template) => {
                let words = "is a CloudFormation template, not a blueprint: skipped";
                output::note(common, &format!("`{file}` {words}"));
            }
            Ok(Looked::Fleet) => {
                let (members, failures, asked) =
                    super::fleet::check::judged(common, file, args.online)?;
                fleets.extend(members);
                unread.extend(failures);
                unread.extend(asked.into_iter().filter_map(|one| one.seen.err()));
            }
            Ok(Looked::Judged(judged)) => {
                let mut judged = *judged;
                unread.extend(judged.unread.take());
                checked.push(judged);
            }
            Err(Stop::Failure(failure)) => unread.push(failure),
            Err(stop) => return Err(stop),
        }
    }
    judged_file::relate(common.strict, &mut checked);
    fleets.append(&mut checked);
    let survey = args.surveyed.survey.as_deref();
    let typed = args.files.iter().map(|file| output::file_over(file, survey));
    show(common, Of::Files(&typed.collect::<Vec<_>>()), fleets, unread)
}

/// What a file is, once it was looked at.
enum Looked {
    Lock,
    Fleet,
    /// Among other files.
    Template,
    Judged(Box<Judged>),
}

/// Every file, on all cores as long as nobody is asked.
fn all(common: &Common, args: &Check) -> Vec<Result<Looked, Stop>> {
    let look = |file: &String| match judged_file::kind(file) {
        Kind::Lock => Ok(Looked::Lock),
        Kind::Fleet => Ok(Looked::Fleet),
        Kind::Template if 1 < args.files.len() => Ok(Looked::Template),
        Kind::Blueprint | Kind::Template => {
            let observed = args.surveyed.observed()?;
            let judge = |opened| match args.online {
                true => judged_file::online(opened, observed, |twin| live::checked(common, twin)),
                false => judged_file::offline(opened, observed),
            };
            judged::file(common, file, judge).map(|judged| Looked::Judged(Box::new(judged)))
        }
    };
    if args.online {
        args.files.iter().map(look).collect()
    } else {
        cores::on_all(&args.files, look)
    }
}
