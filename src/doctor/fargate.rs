//! Pods of Fargate do not start.

use crate::observed::Unread;
use crate::observed::survey::{Subnet, Survey, VpcEndpoint};
use crate::survey::{Way, free_addresses};

use super::cast::{SUBNETS, TABLES, named, told, way};
use super::nodes::is_available;
use super::verdict::{Judged, Proof, Sick, known};

const PROFILES: &str = "eks:DescribeFargateProfile";
const ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";
/// What a pod's image comes from.
const IMAGES: [&str; 3] = [".ecr.api", ".ecr.dkr", ".s3"];

/// FA-01
pub fn subnets_of_profiles(survey: &Survey) -> Judged {
    let mut sick = Vec::new();
    for profile in known(&survey.eks.fargate_profiles, PROFILES)? {
        for id in &profile.subnets {
            sick.extend(without_images(survey, &profile.name, id)?);
            sick.extend(without_room(survey, &profile.name, id)?);
        }
    }
    Ok(sick)
}

fn without_images(survey: &Survey, profile: &str, id: &str) -> Result<Option<Sick>, Unread> {
    let found = way(survey, id)?;
    let (wanted, fix) = match &found {
        Way::InternetGateway(_) => (
            "no internet gateway: Fargate pods have no public address",
            "name private subnets in the profile",
        ),
        other if other.is_open() || has_endpoints(survey)? => return Ok(None),
        _ => (
            "an egress path, or endpoints for ecr.api, ecr.dkr and s3",
            "route the subnet to a NAT gateway, or keep endpoints for ecr.api, ecr.dkr and s3",
        ),
    };
    let proof = Proof {
        read: TABLES,
        resource: id.to_string(),
        field: "Routes, default",
        seen: told(&found),
        wanted: wanted.into(),
    };
    let cause = format!("pods of the Fargate profile {profile} cannot pull images in {id}");
    Ok(Some(Sick::proven(cause, proof, fix)))
}

fn has_endpoints(survey: &Survey) -> Result<bool, Unread> {
    let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
    let serves = |name: &&str| {
        let own = |one: &VpcEndpoint| one.service.ends_with(*name) && is_available(one);
        endpoints.iter().any(own)
    };
    Ok(IMAGES.iter().all(serves))
}

/// Every pod of Fargate has an interface of its own.
fn without_room(survey: &Survey, profile: &str, id: &str) -> Result<Option<Sick>, Unread> {
    known(&survey.vpc.subnets, SUBNETS)?;
    let full = |subnet: &&Subnet| {
        subnet.cidr.is_some() && free_addresses(&survey.vpc, subnet).available == 0
    };
    Ok(survey.vpc.subnet(id).filter(full).map(|subnet| {
        let proof = Proof {
            read: SUBNETS,
            resource: id.to_string(),
            field: super::facts::FREE,
            seen: "0".into(),
            wanted: "an address for every pod".into(),
        };
        let cause = format!("no pod of the Fargate profile {profile} fits into {}", named(subnet));
        Sick::proven(cause, proof, "free addresses in it, or name further subnets in the profile")
    }))
}
