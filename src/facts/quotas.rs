//! Quotas of an account: what they are by default, and what of a stack counts against them.
//! Source: VPC user guide, quotas of 2026-09-26; Service Quotas; read 2026-11-20. Rules QUO-01, F.

use serde::{Deserialize, Serialize};

/// What a quota is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// All there is in the Region; how much that is EC2 tells.
    Region(Counted),
    /// This VPC alone.
    Vpc,
}

/// What EC2 is asked to count.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub enum Counted {
    Vpcs,
    ElasticIps,
    InternetGateways,
    EgressOnlyGateways,
    Interfaces,
}

impl Counted {
    /// The permission to count it.
    pub fn read(self) -> &'static str {
        match self {
            Counted::Vpcs => "ec2:DescribeVpcs",
            Counted::ElasticIps => "ec2:DescribeAddresses",
            Counted::InternetGateways => "ec2:DescribeInternetGateways",
            Counted::EgressOnlyGateways => "ec2:DescribeEgressOnlyInternetGateways",
            Counted::Interfaces => "ec2:DescribeNetworkInterfaces",
        }
    }
}

/// A quota that resources of one template count against, with its codes in Service Quotas.
#[derive(Debug)]
pub struct Quota {
    pub service: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    pub default: u64,
    pub of: Of,
    /// Of the quota, what is taken from the beginning.
    pub taken: u64,
    /// Template of the resources that count.
    pub template: &'static str,
}

const fn vpc(
    code: &'static str,
    name: &'static str,
    default: u64,
    template: &'static str,
) -> Quota {
    Quota { service: "vpc", code, name, default, of: Of::Vpc, taken: 0, template }
}

const fn region(
    code: &'static str,
    name: &'static str,
    counted: Counted,
    template: &'static str,
) -> Quota {
    Quota { service: "vpc", code, name, default: 5, of: Of::Region(counted), taken: 0, template }
}

pub const QUOTAS: &[Quota] = &[
    region("L-F678F1CE", "VPCs in the Region", Counted::Vpcs, "ec2/vpc"),
    Quota {
        service: "ec2",
        ..region(
            "L-0263D0A3",
            "Elastic IP addresses in the Region",
            Counted::ElasticIps,
            "ec2/elastic-ip",
        )
    },
    region(
        "L-A4707A72",
        "internet gateways in the Region",
        Counted::InternetGateways,
        "ec2/internet-gateway",
    ),
    region(
        "L-45FE3B85",
        "egress-only internet gateways in the Region",
        Counted::EgressOnlyGateways,
        "ec2/egress-only-gateway",
    ),
    vpc("L-407747CB", "subnets of a VPC", 200, "ec2/subnet"),
    vpc("L-589F43AA", "route tables of a VPC", 200, "ec2/route-table"),
    vpc("L-29B6F2EB", "interface endpoints of a VPC", 50, "ec2/vpc-endpoint-interface"),
    // The primary CIDR is one of them.
    Quota { taken: 1, ..vpc("L-83CA0A9D", "further IPv4 CIDRs of a VPC", 5, "ec2/vpc-cidr-block") },
];

/// A quota that is not counted by resource.
#[derive(Debug)]
pub struct Code {
    pub service: &'static str,
    pub code: &'static str,
    pub name: &'static str,
}

pub static NAT_GATEWAYS: Code =
    Code { service: "vpc", code: "L-FE5A380F", name: "NAT gateways of a zone" };
pub static INTERFACES: Code =
    Code { service: "vpc", code: "L-DF5E4CA3", name: "network interfaces of the Region" };
/// Network interfaces of a Region, unless the quota was raised. VPC user guide, quotas.
const INTERFACES_BY_DEFAULT: u64 = 5_000;
/// Per cent of a limit from which it is about to stop something, and the account's own value matters.
pub const NEAR: u64 = 80;

/// Whether so many interfaces come near to what every account may have.
pub fn is_near_interfaces(count: u64) -> bool {
    INTERFACES_BY_DEFAULT * NEAR <= count.saturating_mul(100)
}

/// What a quota of a survey is of.
pub fn name(code: &str) -> Option<&'static str> {
    [&INTERFACES, &RULES].into_iter().find(|one| one.code == code).map(|one| one.name)
}

/// In one direction and address family.
pub static RULES: Code =
    Code { service: "vpc", code: "L-0EA8095F", name: "rules of a security group" };
pub static ROUTES: Code =
    Code { service: "vpc", code: "L-93826ACB", name: "routes of a route table" };

pub static ACL_RULES: Code =
    Code { service: "vpc", code: "L-2AEEBF1A", name: "rules of a network ACL" };
pub static GROUPS_OF_AN_INTERFACE: Code =
    Code { service: "vpc", code: "L-2AFB9258", name: "security groups of a network interface" };
pub static ADDRESS_UNITS: Code =
    Code { service: "vpc", code: "L-BB24F6E5", name: "Network Address Usage (NAU) units of a VPC" };
pub static NODE_GROUPS: Code =
    Code { service: "eks", code: "L-6D54EA21", name: "node groups of a cluster" };
pub static NODES_OF_A_GROUP: Code =
    Code { service: "eks", code: "L-BD136A63", name: "nodes of a managed node group" };
pub static POLICIES_OF_A_ROLE: Code =
    Code { service: IAM, code: "L-0DA4ABF3", name: "managed policies of an IAM role" };
pub static FARGATE_PROFILES: Code =
    Code { service: "eks", code: "L-33415657", name: "Fargate profiles of a cluster" };
pub static FARGATE_SELECTORS: Code =
    Code { service: "eks", code: "L-D78D8AF8", name: "selectors of a Fargate profile" };
pub static FARGATE_LABELS: Code =
    Code { service: "eks", code: "L-23414FF3", name: "labels of a Fargate selector" };
pub static REMOTE_NODES: Code =
    Code { service: "eks", code: "L-5C12D558", name: "ranges of remote nodes" };
pub static REMOTE_PODS: Code =
    Code { service: "eks", code: "L-6AFFD1D8", name: "ranges of remote pods" };

const IAM: &str = "iam";

/// The Region that tells the quotas of a service that is the same in all of a partition's; `None`: the Region that is asked.
/// Source: IAM user guide, IAM and STS quotas; Service Quotas; read 2026-11-29.
pub fn home(service: &str, partition: &str) -> Option<&'static str> {
    match (service, partition) {
        (IAM, "aws") => Some("us-east-1"),
        (IAM, "aws-us-gov") => Some("us-gov-west-1"),
        (IAM, "aws-cn") => Some("cn-north-1"),
        _ => None,
    }
}

/// Of what one blueprint may have too many by itself: read where it has more than every account may.
pub static OF_ONE_BLUEPRINT: [&Code; 12] = [
    &RULES,
    &ACL_RULES,
    &GROUPS_OF_AN_INTERFACE,
    &ADDRESS_UNITS,
    &NODE_GROUPS,
    &NODES_OF_A_GROUP,
    &POLICIES_OF_A_ROLE,
    &FARGATE_PROFILES,
    &FARGATE_SELECTORS,
    &FARGATE_LABELS,
    &REMOTE_NODES,
    &REMOTE_PODS,
];

/// vCPUs that may run at once, of some families of instance types.
#[derive(Debug)]
pub struct Vcpus {
    /// What a family begins with, up to its generation.
    families: &'static [&'static str],
    spot: bool,
    pub quota: Code,
}

const fn running(
    families: &'static [&'static str],
    spot: bool,
    code: &'static str,
    name: &'static str,
) -> Vcpus {
    Vcpus { families, spot, quota: Code { service: "ec2", code, name } }
}

const STANDARD: &[&str] = &["a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"];

/// Source: EC2 user guide, on-demand and Spot instance quotas; Service Quotas; read 2026-11-28. Families that are not here have quotas of
/// their own.
pub static VCPUS: &[Vcpus] = &[
    running(STANDARD, false, "L-1216C47A", "vCPUs of running on-demand standard instances"),
    running(STANDARD, true, "L-34B43A08", "vCPUs of running standard Spot Instances"),
    running(&["g", "vt"], false, "L-DB2E81BA", "vCPUs of running on-demand G and VT instances"),
    running(&["g", "vt"], true, "L-3819A6DF", "vCPUs of running G and VT Spot Instances"),
    running(&["p"], false, "L-417A185B", "vCPUs of running on-demand P instances"),
];

/// The quota that an instance counts against.
pub fn vcpus(instance_type: &str, spot: bool) -> Option<&'static Vcpus> {
    let family = instance_type.split(|letter: char| !letter.is_ascii_lowercase()).next()?;
    VCPUS.iter().find(|one| one.spot == spot && one.families.contains(&family))
}

#[cfg(test)]
mod tests {
    use super::vcpus;

    #[test]
    fn families_count_against_their_own_quotas() {
        let code = |name, spot| vcpus(name, spot).map(|one| one.quota.code);
        assert_eq!(code("m6i.large", false), Some("L-1216C47A"));
        assert_eq!(code("im4gn.large", true), Some("L-34B43A08"));
        assert_eq!(code("g5g.xlarge", false), Some("L-DB2E81BA"));
        assert_eq!(code("p5.48xlarge", false), Some("L-417A185B"));
        assert_eq!((code("inf2.xlarge", false), code("mac2.metal", false)), (None, None));
    }
}
