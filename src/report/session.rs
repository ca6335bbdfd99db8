//! Words for what is worth knowing beside a session, and for what comes after it.

use crate::deploy::Outcome;
use crate::observed::Survey;
use crate::session::{Chosen, Next, Note, State};

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
        Note::Unchecked(what) => {
            format!("preflight: not checked, because it could not be read: {what}")
        }
        Note::NothingChanged => "nothing was changed".to_string(),
        Note::PlanningAgain { who } => format!("{who}: planning again"),
        Note::AlreadyExecuted { stack } => {
            format!("stack {stack}: this plan was executed already")
        }
        Note::Unsound => {
            "the blueprint has errors (`eksnet check` names them): what the stack has is deleted all the same"
                .to_string()
        }
        Note::NoDrift { stack, status } => {
            format!("stack {stack}: {status}, so there is nothing to compare for drift")
        }
        Note::DetectingDrift { stack } => format!("stack {stack}: CloudFormation detects drift"),
        Note::SickBefore(ids) => {
            format!("found by doctor before the changes: {} (`eksnet doctor` shows why)", ids.join(", "))
        }
        Note::Unexamined(why) => {
            format!("the cluster was not examined after the changes: {why}")
        }
        Note::SickSince(causes) => {
            let causes: Vec<_> = causes.iter().map(|(check, sick)| (*check, sick)).collect();
            format!("deployed; doctor found since then:\n\n{}", doctor::fresh(&causes))
        }
        other => versions(other).or_else(|| ranges(other)).or_else(|| plans(other)).unwrap_or_default(),
    }
}

fn at_rest(state: State) -> &'static str {
    match state {
        State::Empty => "nothing was deployed yet",
        State::Busy => "an operation is under way: what is shown may change",
        State::Broken => "it accepts no change until this is resolved",
    }
}

/// Of versions and sizes.
fn versions(note: &Note) -> Option<String> {
    Some(match note {
        Note::CniVersion { version, chosen, kubernetes } => {
            let which = match chosen {
                Chosen::Newest => "the newest",
                Chosen::Default => "EKS's default",
            };
            format!("vpc-cni {version}: {which} for Kubernetes {kubernetes}")
        }
        Note::CniVersionUnread(why) => format!(
            "the version of vpc-cni is left to EKS, because it could not be looked up: {why}"
        ),
        Note::SizesUnread(why) => format!(
            "the sizes of the node groups were not read, so a change of one sets the size of its last deployment: {why}"
        ),
        Note::AwsNodeNameless => {
            "aws-node's image has no version: its settings are not checked against one".to_string()
        }
        Note::AwsNodeUnread { settings, why } => format!(
            "aws-node's version was not read, so {settings} settings are not checked against it: {why}"
        ),
        _ => return None,
    })
}

/// Of ranges that IPAM gives, and of the lock that keeps them.
fn ranges(note: &Note) -> Option<String> {
    Some(match note {
        Note::Released { cidr, from } => format!(
            "IPAM: {cidr} of {from} is no longer allocated, and no stack has it: another range is requested"
        ),
        Note::Given { cidr, path, from } => format!("IPAM gave {cidr} to {path} (from {from})"),
        Note::GivenBack { cidr, from } => format!("IPAM: {cidr} released to {from}"),
        Note::NotGivenBack { cidr, why } => format!(
            "error: cannot release {cidr} to IPAM: {why}\n  help: run the same command again, or release the allocation: the lock has its id"
        ),
        Note::LockUnwritten(why) => format!("error: {why}"),
        Note::VpcAlone { file } => format!(
            "the VPC exists and nothing is in it: correct the blueprint and deploy again, or remove the VPC with `eksnet destroy {file}`, so that IPAM allocates another range"
        ),
        _ => return None,
    })
}

/// Of change sets that saved plans left.
fn plans(note: &Note) -> Option<String> {
    Some(match note {
        Note::PlansExpired(names) => {
            format!("deleted change sets of expired plans: {}", names.join(", "))
        }
        Note::PlansLeft { stack, names } => format!(
            "other change sets of eksnet's stay: {}; `aws cloudformation delete-change-set --stack-name {stack} --change-set-name NAME` deletes one",
            names.join(", ")
        ),
        Note::PlansUnread(why) => format!("expired change sets were not looked for: {why}"),
        _ => return None,
    })
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
