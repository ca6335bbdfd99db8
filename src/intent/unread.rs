//! What a survey did not read and a plan cannot do without.

use crate::diagnostic::Diagnostic;
use crate::ledger::{HeldUnread, Occupied};
use crate::rules::{EXI_19, Rule};

/// Without these no address inside the VPC is known to be free, and no tier's subnets are known.
const NEEDED: [(&str, &str); 3] = [
    ("vpc.vpc", "which ranges the VPC has"),
    ("vpc.subnets", "which subnets the VPC has"),
    ("vpc.routeTables", "where the VPC's subnets route to"),
];

/// Why nothing can be planned inside the VPC.
pub fn needed(occupied: &Occupied) -> Vec<Diagnostic> {
    let found = NEEDED.iter().filter_map(|(part, what)| Some((occupied.unread(part)?, what)));
    found.map(|(part, what)| unread(&EXI_19, "vpc.id", what, part)).collect()
}

/// `what` is not known, because a part was not read.
pub fn unread(rule: &'static Rule, place: &str, what: &str, part: &HeldUnread) -> Diagnostic {
    let message = format!("{what} is not known: {} ({})", part.action, part.why);
    rule.at(place, message).hint(format!(
        "allow `{}` (`eksnet iam survey` prints all that it requires) and make a new survey",
        part.action
    ))
}
