//! Interfaces that aws-node left behind.

use crate::observed::survey::{Interface, Survey};

use super::{age, items};

/// Those of a survey, in its order.
pub fn leaked(survey: &Survey) -> Vec<&Interface> {
    let own = items(&survey.vpc.interfaces).iter();
    own.filter(|one| is_leaked(one, &survey.header.read)).collect()
}

/// Of aws-node's making, attached to nothing for an hour.
fn is_leaked(one: &Interface, now: &str) -> bool {
    let of_aws_node = one.description.starts_with("aws-K8S-")
        || one.tags.get("eks:eni:owner").is_some_and(|owner| owner == "amazon-vpc-cni")
        || one.tags.contains_key("node.k8s.amazonaws.com/instance_id");
    // One that was just made is about to be attached; aws-node itself leaves those alone that do not say when they were made.
    let made = one.tags.get("node.k8s.amazonaws.com/createdAt");
    let settled = made.and_then(|made| age::is_settled(made, now));
    one.status == "available" && of_aws_node && settled == Some(true)
}
