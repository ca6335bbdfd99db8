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
}

impl Counted {
    /// The permission to count it.
    pub fn read(self) -> &'static str {
        match self {
            Counted::Vpcs => "ec2:DescribeVpcs",
            Counted::ElasticIps => "ec2:DescribeAddresses",
            Counted::InternetGateways => "ec2:DescribeInternetGateways",
            Counted::EgressOnlyGateways => "ec2:DescribeEgressOnlyInternetGateways",
        }
    }
}

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
