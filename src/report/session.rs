//! Words for what is worth knowing beside a session, and for what comes after it.

use crate::deploy::{GOES_ON, Outcome};
use crate::diagnostic::Failure;
use crate::observed::Survey;
use crate::session::{Chosen, Next, Note, State};

use super::escape::file;
use super::{counted, doctor};

/// A note in words; some have several lines.
pub fn human(note: &Note) -> String {
    match note {
        Note::Patience => "STS has not answered yet: asking again".to_string(),
        Note::State { stack, status, state } => {
            format!("stack {stack} is in {status}: {}", at_rest(*state))
        }
        Note::LockWritten { path, subnets } => format!("lock {path} written: {subnets} subnets"),
        Note::Placeholder(what) => format!("note: {what}"),
        Note::Unchecked(what) => unread("preflight: not checked", what),
        Note::CniVersion { version, chosen, kubernetes } => {
            format!("vpc-cni {version}: {} for Kubernetes {kubernetes}", which(*chosen))
        }
        Note::CniVersionUnread(why) => CNI_UNREAD.replace("{}", &why.to_string()),
        Note::SizesUnread(why) => SIZES_UNREAD.replace("{}", &why.to_string()),
        Note::AwsNodeNameless => NAMELESS.to_string(),
        Note::AwsNodeUnread { settings, why } => format!(
            "aws-node's version was not read, so {settings} settings are not checked against it: {why}"
        ),
        Note::Released { cidr, from } => released(cidr, from),
        Note::Given { cidr, path, from } => format!("IPAM gave {cidr} to {path} (from {from})"),
        Note::GivenBack { cidr, from } => format!("IPAM: {cidr} released to {from}"),
        Note::NotGivenBack { cidr, why } => not_given_back(cidr, why),
        Note::LockUnwritten(why) => format!("error: {why}"),
        Note::VpcAlone { file } => VPC_ALONE.replace("{}", file),
        Note::NothingChanged => "nothing was changed".to_string(),
        Note::PlanningAgain { who } => format!("{who}: planning again"),
        Note::AlreadyExecuted { stack } => format!("stack {stack}: this plan was executed already"),
        Note::Unsound => UNSOUND.to_string(),
        Note::PlansExpired(all) => {
            format!("deleted change sets of expired plans: {}", all.join(", "))
        }
        Note::PlansLeft { stack, names } => plans_left(stack, names),
        Note::PlansUnread(why) => format!("expired change sets were not looked for: {why}"),
        Note::NoDrift { stack, status } => {
            format!("stack {stack}: {status}, so there is nothing to compare for drift")
        }
        Note::DetectingDrift { stack } => format!("stack {stack}: CloudFormation detects drift"),
        Note::SickBefore(ids) => {
            format!(
                "found by doctor before the changes: {} (`eksnet doctor` shows why)",
                ids.join(", ")
            )
        }
        Note::Unexamined(why) => format!("the cluster was not examined after the changes: {why}"),
        Note::SickSince(causes) => {
            let causes: Vec<_> = causes.iter().map(|(check, sick)| (*check, sick)).collect();
            format!("deployed; doctor found since then:\n\n{}", doctor::fresh(&causes))
        }
    }
}

const CNI_UNREAD: &str =
    "the version of vpc-cni is left to EKS, because it could not be looked up: {}";

const SIZES_UNREAD: &str = "the sizes of the node groups were not read, so a change of one sets the size of its last deployment: {}";

const NAMELESS: &str = "aws-node's image has no version: its settings are not checked against one";

const VPC_ALONE: &str = "the VPC exists and nothing is in it: correct the blueprint and deploy again, or remove the VPC with `eksnet destroy {}`, so that IPAM allocates another range";

const UNSOUND: &str = "the blueprint has errors (`eksnet check` names them): what the stack has is deleted all the same";

fn at_rest(state: State) -> &'static str {
    match state {
        State::Empty => "nothing was deployed yet",
        State::Busy => "an operation is under way: what is shown may change",
        State::Broken => "it accepts no change until this is resolved",
    }
}

fn which(chosen: Chosen) -> &'static str {
    match chosen {
        Chosen::Newest => "the newest",
        Chosen::Default => "EKS's default",
    }
}

fn unread(what: &str, why: &impl std::fmt::Display) -> String {
    format!("{what}, because it could not be read: {why}")
}

fn released(cidr: &str, from: &str) -> String {
    format!(
        "IPAM: {cidr} of {from} is no longer allocated, and no stack has it: another range is requested"
    )
}

fn not_given_back(cidr: &str, why: &str) -> String {
    format!(
        "error: cannot release {cidr} to IPAM: {why}\n  help: run the same command again, or release the allocation: the lock has its id"
    )
}

fn plans_left(stack: &str, names: &[String]) -> String {
    format!(
        "other change sets of eksnet's stay: {}; `aws cloudformation delete-change-set --stack-name {stack} --change-set-name NAME` deletes one",
        names.join(", ")
    )
}

/// What comes next after a no.
pub const ASKED_AGAIN: &str = "nothing was changed: run the same command again to be asked again";
/// What comes next after a command line that is wrong.
pub const ARGUMENTS: &str = "`eksnet help` shows every argument";
/// After a failure that has no words of its own.
const CORRECTED: &str = "correct the cause, then run the same command again";

/// The outcome of an operation that a failure of eksnet itself ended, and what comes next.
pub fn stopped_by(failure: &Failure) -> (&'static str, String) {
    let word = if failure.attempt == GOES_ON { "leftRunning" } else { "failed" };
    (word, failure.hint.clone().unwrap_or_else(|| CORRECTED.to_string()))
}

/// The same where findings of a file ended it.
pub fn stopped_over(name: &str) -> (&'static str, String) {
    let check = format!("eksnet check {}", file(name));
    (
        "failed",
        format!("`{check}` names what is wrong: correct it, then run the same command again"),
    )
}

/// What a survey has, and what of it was not read, line by line.
pub fn surveyed(survey: &Survey) -> Vec<String> {
    let many = |part: Option<usize>, thing: &str| counted(part.unwrap_or(0), thing);
    let vpc = &survey.vpc;
    let head = format!(
        "{}: {}, {}, {}",
        survey.header.vpc,
        many(vpc.subnets.read().map(Vec::len), "subnet"),
        many(vpc.route_tables.read().map(Vec::len), "route table"),
        many(vpc.interfaces.read().map(Vec::len), "interface"),
    );
    let unread: Vec<String> = survey.unread().iter().map(|one| format!("  {one}")).collect();
    let rights = "could not read (`eksnet iam survey` prints the permissions):".to_string();
    let rights = (!unread.is_empty()).then_some(rights);
    std::iter::once(head).chain(rights).chain(unread).collect()
}

/// Whether it is told even where notes are not wanted.
pub fn is_failure(note: &Note) -> bool {
    matches!(note, Note::NotGivenBack { .. } | Note::LockUnwritten(_))
}

/// What to do after an outcome that is not the wanted one.
pub fn next(outcome: &Outcome, next: Next<'_>) -> String {
    match next {
        Next::Again(command) => again(outcome, command),
        Next::Plan(command) => match outcome {
            Outcome::BetweenParts { .. } => again(outcome, command),
            _ => "correct the cause, then make a new plan with `eksnet diff --save`".to_string(),
        },
        Next::Look(command) => format!("`{command}` shows what exists"),
        Next::Unhold => "see what holds the resources above, then deploy again".to_string(),
        Next::Delete(command) => format!("remove what blocks the deletion, then `{command}` again"),
    }
}

fn again(outcome: &Outcome, command: &str) -> String {
    match outcome {
        Outcome::BetweenParts { .. } => format!("`{command}` again continues from there"),
        Outcome::Stuck { status, .. } if kept(status) => format!(
            "what was created stays: correct the cause, then `{command} --on-failure keep` continues from there"
        ),
        _ => format!("correct the cause, then `{command}` again"),
    }
}

/// Whether a failed operation left what it had made.
fn kept(status: &str) -> bool {
    matches!(status, "CREATE_FAILED" | "UPDATE_FAILED")
}
