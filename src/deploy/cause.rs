//! Why a deployment failed: the first failure that is not a consequence of another one.

use crate::aws::port::StackEvent;

use super::progress::STACK;

#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub id: String,
    pub kind: String,
    pub status: String,
    /// AWS's own words.
    pub reason: String,
    pub hint: Option<&'static str>,
}

/// (part of AWS's message, what to do). Rule ids where one says more.
const HINTS: &[(&str, &str)] = &[
    ("AddressLimitExceeded", "the quota of Elastic IPs is used up (5 by default): raise it, or use `egress: { nat: single }`"),
    ("maximum number of addresses", "the quota of Elastic IPs is used up (5 by default): raise it, or use `egress: { nat: single }`"),
    ("VpcLimitExceeded", "the quota of VPCs is used up (5 by default): raise it, or remove one"),
    ("maximum number of VPCs", "the quota of VPCs is used up (5 by default): raise it, or remove one"),
    ("NatGatewayLimitExceeded", "the quota of NAT gateways per zone is used up: raise it, or use fewer"),
    ("InvalidSubnet.Conflict", "another subnet of the VPC has these addresses already; was it made by hand?"),
    ("conflicts with another subnet", "another subnet of the VPC has these addresses already; was it made by hand?"),
    ("InvalidVpc.Range", "AWS does not take this CIDR: `eksnet explain VPC-20`"),
    ("UnsupportedAvailabilityZoneException", "EKS makes no control plane in one of the zones: `eksnet explain CLU-04`"),
    ("service-linked role", "the account lacks a service-linked role: `aws iam create-service-linked-role --aws-service-name eks.amazonaws.com`"),
    ("cannot be assumed", "a role is not there yet, or may not be assumed; run the same command again"),
    ("InsufficientFreeAddresses", "a subnet is full: `eksnet status` shows which"),
    ("already exists", "something with this name exists outside the stack: remove it, or take another `metadata.name`"),
    ("has dependencies and cannot be deleted", "something made by hand or by the cluster still uses it: load balancers, interfaces, security groups"),
    ("DependencyViolation", "something made by hand or by the cluster still uses it: load balancers, interfaces, security groups"),
    ("AccessDenied", "the credentials lack a permission; the README lists what a deployment needs"),
    ("not authorized to perform", "the credentials lack a permission; the README lists what a deployment needs"),
];

pub fn hint(message: &str) -> Option<&'static str> {
    HINTS.iter().find(|(part, _)| message.contains(part)).map(|(_, hint)| *hint)
}

/// The first of `failures` that nothing else caused.
pub fn first(failures: &[StackEvent]) -> Option<Cause> {
    let own = failures.iter().find(|event| event.kind != STACK && !is_consequence(&event.reason));
    let event = own.or_else(|| failures.first())?;
    Some(Cause { id: event.id.clone(), kind: event.kind.clone(), status: event.status.clone(), reason: event.reason.clone(), hint: hint(&event.reason) })
}

fn is_consequence(reason: &str) -> bool {
    reason.contains("cancelled") || reason.contains("The following resource(s) failed")
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
        let failures = [event("A", "Resource creation cancelled"), event("B", "The maximum number of addresses has been reached."), event("C", "other")];
        let cause = first(&failures).unwrap();
        assert_eq!(cause.id, "B");
        assert!(cause.hint.unwrap().contains("Elastic IPs"));
    }
}
