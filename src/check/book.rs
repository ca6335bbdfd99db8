//! The rule book: every rule with its id, why it is one, where it comes from, and an example on either side.

use super::rule::Rule;
use super::{
    account, addons, addresses, allowance, auto, aws_node, balancers, capacity, changes, cluster,
    egress, endpoints, fargate, flow_logs, guards, hybrid, modes, nodes, overlay, profiles, reader,
    routing, self_managed, tags, tiers, transit, versions, vpc, zones,
};

/// (topic, its rules), in the order in which a blueprint is read.
pub const TOPICS: &[(&str, &[Rule])] = &[
    ("the file", reader::RULES),
    ("allowances", allowance::RULES),
    ("zones", zones::RULES),
    ("the VPC", vpc::RULES),
    ("tiers and subnets", tiers::RULES),
    ("tags", tags::RULES),
    ("load balancers, the control plane's subnets", balancers::RULES),
    ("addresses", addresses::RULES),
    ("capacity", capacity::RULES),
    ("egress", egress::RULES),
    ("other networks", transit::RULES),
    ("routes to other networks", routing::RULES),
    ("hybrid nodes, the control plane's own ways", hybrid::RULES),
    ("flow logs", flow_logs::RULES),
    ("VPC endpoints", endpoints::RULES),
    ("security groups, network ACLs, alarms", guards::RULES),
    ("the cluster", cluster::RULES),
    ("aws-node", aws_node::RULES),
    ("add-ons", addons::RULES),
    ("modes of the pod network", modes::RULES),
    ("a self-managed aws-node", self_managed::RULES),
    ("other CNIs", overlay::RULES),
    ("node groups", nodes::RULES),
    ("Fargate", fargate::RULES),
    ("EKS Auto Mode", auto::RULES),
    ("versions and idle settings", versions::RULES),
    ("changes of what stands", changes::RULES),
    ("the account (`check --online`, `deploy`)", account::RULES),
    ("profiles", profiles::RULES),
];

pub fn all() -> impl Iterator<Item = &'static Rule> {
    TOPICS.iter().flat_map(|(_, rules)| rules.iter())
}

/// Rules that a blueprint alone does not decide, or that only some profiles have: `check` may well find nothing of theirs.
pub fn is_elsewhere(id: &str) -> bool {
    [account::RULES, changes::RULES, profiles::RULES]
        .iter()
        .any(|rules| rules.iter().any(|rule| rule.id == id))
}

/// By id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
