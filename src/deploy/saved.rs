//! Change sets of saved plans: they stand until they are executed, so those that expired go when the next plan is saved.

use crate::aws::port::{Answer, Listed, Stacks};

/// How the description of a plan's change set begins; the moment in UTC follows.
const UNTIL: &str = "eksnet plan, valid until ";
/// How the names of eksnet's change sets begin.
const OWN: &str = "eksnet-";

/// Change sets of eksnet's on a stack, beside the one that is being made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Names of those that were deleted.
    pub deleted: Vec<String>,
    /// Those that stay: their plans are valid, or nobody knows whose they are.
    pub left: Vec<String>,
}

/// What a plan's change set says of itself.
pub fn described(valid_until: &str) -> String {
    format!("{UNTIL}{valid_until}")
}

/// Deletes eksnet's change sets whose plans have expired at `now`; those of others are nobody's business.
pub async fn expired(stacks: &impl Stacks, stack: &str, now: &str) -> Answer<Saved> {
    let mut found = Saved::default();
    for one in stacks.change_sets(stack).await? {
        let until = one.description.strip_prefix(UNTIL);
        if !one.name.starts_with(OWN) {
            continue;
        }
        match until {
            Some(until)
                if until <= now && stacks.delete_change_set(stack, &one.name).await.is_ok() =>
            {
                found.deleted.push(one.name);
            }
            _ => found.left.push(told(&one)),
        }
    }
    Ok(found)
}

fn told(one: &Listed) -> String {
    match one.description.strip_prefix(UNTIL) {
        Some(until) => format!("{} (valid until {until})", one.name),
        None => one.name.clone(),
    }
}
