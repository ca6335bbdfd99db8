//! Why a deployment failed: the first failure that is not a consequence of another one.

use crate::aws::port::StackEvent;
use crate::facts::messages::hint;

use super::progress::STACK;

/// The resource whose failure brought the others about, with what helps against it where it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub id: String,
    pub kind: String,
    pub status: String,
    /// AWS's own words.
    pub reason: String,
    pub hint: Option<&'static str>,
    /// What the cluster's API says of it, a line each.
    pub seen: Vec<String>,
}

/// The first of `failures` that nothing else caused.
pub fn first(failures: &[StackEvent]) -> Option<Cause> {
    let own = failures.iter().find(|event| event.kind != STACK && !is_consequence(&event.reason));
    let event = own.or_else(|| failures.first())?;
    Some(Cause {
        id: event.id.clone(),
        kind: event.kind.clone(),
        status: event.status.clone(),
        reason: event.reason.clone(),
        hint: hint(&event.reason),
        seen: Vec::new(),
    })
}

fn is_consequence(reason: &str) -> bool {
    reason.is_empty()
        || ["cancelled", "The following resource(s) failed", "Resource creation Initiated"]
            .iter()
            .any(|part| reason.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellations_are_not_causes() {
        let event = |id: &str, reason: &str| StackEvent {
            id: id.into(),
            kind: "AWS::EC2::EIP".into(),
            status: "CREATE_FAILED".into(),
            reason: reason.into(),
            ..StackEvent::default()
        };
        let failures = [
            event("A", "Resource creation cancelled"),
            event("B", "The maximum number of addresses has been reached."),
            event("C", "other"),
        ];
        let cause = first(&failures).unwrap();
        assert_eq!(cause.id, "B");
        assert!(cause.hint.unwrap().contains("Elastic IPs"));
    }
}
