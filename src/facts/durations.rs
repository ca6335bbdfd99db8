//! How long CloudFormation usually takes over a resource. Nobody promises it: what people and events of stacks report for EKS networks
//! in quiet Regions, rounded up (general knowledge, 2026-11-20). Used for "of about" and the expected time, never to give up waiting.

use std::time::Duration;

/// (resource type, seconds to create, to update, to delete)
const ROWS: &[(&str, u64, u64, u64)] = &[
    ("AWS::EC2::EIP", 18, 5, 5),
    ("AWS::EC2::FlowLog", 15, 15, 5),
    ("AWS::EC2::InternetGateway", 18, 5, 10),
    ("AWS::EC2::NatGateway", 105, 10, 60),
    ("AWS::EC2::RouteTable", 13, 5, 10),
    ("AWS::EC2::Subnet", 8, 8, 10),
    ("AWS::EC2::TransitGatewayAttachment", 75, 30, 75),
    ("AWS::EC2::VPC", 14, 10, 5),
    ("AWS::EC2::VPCCidrBlock", 15, 15, 15),
    ("AWS::EC2::VPCEndpoint", 75, 30, 75),
    ("AWS::EC2::VPCGatewayAttachment", 18, 5, 15),
    ("AWS::EKS::AccessEntry", 8, 8, 5),
    ("AWS::EKS::Addon", 45, 60, 15),
    ("AWS::EKS::Cluster", 540, 300, 180),
    ("AWS::EKS::FargateProfile", 90, 10, 180),
    ("AWS::EKS::Nodegroup", 150, 600, 300),
    ("AWS::IAM::Role", 18, 15, 5),
];

/// Everything else.
const OTHERS: (u64, u64, u64) = (8, 8, 8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Create,
    Update,
    Delete,
}

impl Work {
    /// By the beginning of CloudFormation's status, such as `UPDATE_IN_PROGRESS`.
    pub fn by_status(status: &str) -> Self {
        match status.split('_').next() {
            Some("DELETE") => Work::Delete,
            Some("UPDATE") => Work::Update,
            _ => Work::Create,
        }
    }
}

pub fn typical(kind: &str, work: Work) -> Duration {
    let row = ROWS
        .iter()
        .find(|(of, ..)| *of == kind)
        .map_or(OTHERS, |(_, create, update, delete)| (*create, *update, *delete));
    Duration::from_secs(match work {
        Work::Create => row.0,
        Work::Update => row.1,
        Work::Delete => row.2,
    })
}
