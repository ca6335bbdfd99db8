//! Availability zones.

use super::rule::{Rule, error};
use crate::diagnostic::Diagnostic;
use crate::facts::regions::REFUSED_ZONES;
use crate::spec::Spec;

const EC2: &str = "EC2 DescribeAvailabilityZones; VPC user guide, AZ IDs";

pub const RULES: &[Rule] = &[
    error(
        "ZON-01",
        "zones are of the Region",
        "a zone of another Region has no subnets here",
        EC2,
        ("zones: [us-east-1a]", "zones: [eu-west-1a]"),
    ),
    error(
        "ZON-02",
        "as many zones as the Region has",
        "a subnet needs a zone to be in",
        EC2,
        ("zones: 9", "zones: 3"),
    ),
    error(
        "ZON-03",
        "each zone once",
        "one subnet per tier and zone",
        "eksnet",
        ("zones: [euw1-az1, euw1-az1]", "zones: [euw1-az1, euw1-az2]"),
    ),
    error(
        "ZON-04",
        "zone names or zone ids, not both",
        "`eu-west-1a` is another place in every account, so it may be `euw1-az1` or not",
        EC2,
        ("zones: [eu-west-1a, euw1-az2]", "zones: [euw1-az1, euw1-az2]"),
    ),
    error(
        "ZON-05",
        "tiers use the blueprint's zones",
        "a tier can only be where the network is",
        "eksnet",
        (
            "zones: 2\ntiers: [{ name: a, zones: [euw1-az3] }]",
            "zones: 3\ntiers: [{ name: a, zones: [euw1-az3] }]",
        ),
    ),
    error(
        "CLU-04",
        "no zone in which EKS makes no control plane",
        "EKS answers UnsupportedAvailabilityZoneException",
        "EKS user guide, network requirements",
        ("zones: [use1-az3, use1-az1]", "zones: [use1-az1, use1-az2]"),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    if spec.cluster.is_none() {
        return Vec::new();
    }
    let tiers = spec.control_plane_tiers();
    let used = spec
        .zones
        .iter()
        .enumerate()
        .filter(|(_, zone)| tiers.iter().any(|tier| tier.zones.contains(zone)));
    let refused =
        used.filter(|(_, zone)| zone.name.is_none() && REFUSED_ZONES.contains(&zone.id.as_str()));
    let finding = |at: usize, id: &str| {
        Diagnostic::error(
            "CLU-04",
            format!("zones[{at}]"),
            format!("EKS makes no control plane in `{id}`"),
        )
        .hint("take another zone, or keep this one out of the tiers that serve the control plane")
    };
    refused.map(|(at, zone)| finding(at, &zone.id)).collect()
}
