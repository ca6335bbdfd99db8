//! What the address plan says of itself.

use super::rule::{Rule, error, warning};
use crate::address::AddressPlan;
use crate::diagnostic::Diagnostic;
use crate::spec::Spec;

const NEVER: &str =
    "eksnet: addresses never move; CloudFormation: CidrBlock of a subnet is create-only";

pub const RULES: &[Rule] = &[
    warning(
        "ADR-01",
        "a tier keeps its size",
        "AWS cannot resize a subnet, so another size is another subnet: this tier is replaced, and only this one",
        NEVER,
        ("size: /19   # was /20", "a second tier with /19"),
    ),
    error(
        "ADR-02",
        "what stands does not move",
        "a pin that takes a standing subnet's place would renumber it",
        NEVER,
        (
            "cidrs: { euw1-az1: 10.40.64.0/20 }   # stands at 10.40.0.0/20",
            "cidrs: { euw1-az1: 10.40.0.0/20 }",
        ),
    ),
    error(
        "ADR-03",
        "a CIDR with subnets stays",
        "AWS refuses to take a CIDR from a VPC while subnets use it",
        "EC2 API reference, DisassociateVpcCidrBlock",
        ("(a secondary CIDR removed, its tier not)", "(the tier first, then the CIDR)"),
    ),
    error(
        "ADR-04",
        "everything fits",
        "a subnet needs an aligned free block of its size",
        "EC2 API reference, CreateSubnet",
        ("cidr: 10.40.0.0/22\nsize: /20", "cidr: 10.40.0.0/16\nsize: /20"),
    ),
    error(
        "CLU-06",
        "a cluster keeps its zones",
        "EKS refuses to change the set of zones that a cluster was made with",
        "EKS user guide, network requirements",
        ("zones: 2   # was 3", "zones: 3"),
    ),
    warning(
        "ADR-05",
        "a tier sized by demand still meets it",
        "a subnet that stands never grows, so what outgrows it needs another tier",
        NEVER,
        (
            "size: auto   # stands at /22, the node groups now ask for /20",
            "(a second tier with `size: auto`, and the new node groups there)",
        ),
    ),
];

pub fn check(spec: &Spec, plan: &AddressPlan) -> Vec<Diagnostic> {
    zones_kept(spec, plan)
}

/// EKS refuses an update of the cluster's subnets that leaves one of its zones.
fn zones_kept(spec: &Spec, plan: &AddressPlan) -> Vec<Diagnostic> {
    let given = plan.cluster_subnets(spec);
    let left = plan
        .ledger
        .cluster_zones
        .iter()
        .filter(|zone| !given.iter().any(|subnet| subnet.zone.id == **zone));
    let finding = |zone: &String| {
        Diagnostic::error("CLU-06", "zones", format!("the cluster was made with a subnet in `{zone}`, and the blueprint has none there any more"))
            .hint("keep the zone in the control plane's tier; node tiers may leave it (`zones:` on the tier)")
    };
    left.map(finding).collect()
}
