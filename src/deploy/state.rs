//! What a stack's status means for who wants to deploy or destroy.

use crate::observed::StackDescription;

/// What is possible with a stack, whichever of CloudFormation's statuses says so.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// No stack, or an empty one that a change set left behind.
    Absent,
    /// Something is under way: follow it first.
    Busy,
    /// A failed creation, which has to be deleted before the next try.
    Failed,
    /// An update's rollback failed: CloudFormation takes nothing but to continue it.
    RollbackFailed,
    /// A deletion failed: only another deletion is possible.
    DeleteFailed,
    Deployed,
}

/// `None` is a stack that does not exist; a status that this version does not know counts as deployed.
pub fn condition(stack: Option<&StackDescription>) -> Condition {
    let Some(stack) = stack else {
        return Condition::Absent;
    };
    match stack.status.as_str() {
        "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => Condition::Absent,
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" => Condition::Failed,
        "UPDATE_ROLLBACK_FAILED" => Condition::RollbackFailed,
        "DELETE_FAILED" => Condition::DeleteFailed,
        status if status.ends_with("_IN_PROGRESS") => Condition::Busy,
        _ => Condition::Deployed,
    }
}

/// Whether CloudFormation compares a stack in this state with what stands. Source: user guide, detecting drift.
pub fn comparable(status: &str) -> bool {
    matches!(
        status,
        "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "IMPORT_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "UPDATE_ROLLBACK_FAILED"
    )
}

/// Logical ids that CloudFormation names in the reason of a stack's status: `The following resource(s) failed to update: [A, B].`
pub fn named(reason: &str) -> Vec<&str> {
    let listed = reason.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let ids = listed.map_or("", |(ids, _)| ids).split(',').map(str::trim);
    ids.filter(|id| !id.is_empty() && id.chars().all(|one| one.is_ascii_alphanumeric())).collect()
}

/// Whether an operation that ended so did what was asked.
pub fn succeeded(status: &str) -> bool {
    matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "DELETE_COMPLETE" | "IMPORT_COMPLETE")
}

pub fn rolled_back(status: &str) -> bool {
    matches!(status, "ROLLBACK_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE")
}
