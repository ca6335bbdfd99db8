//! The AWS Load Balancer Controller: what it needs to start, and to find subnets.

use crate::facts::ports::CLUSTER_TAG;
use crate::observed::survey::{Deployment, Subnet, Survey};

use super::cast::{SUBNETS, TABLES, closed, cluster, named, node_subnets, pod_subnets, way};
use super::nodes::is_available;
use super::services::ROLES;
use super::verdict::{Judged, Proof, Sick, known};

const CONTROLLER: &str = "k8s:get deployments kube-system/aws-load-balancer-controller";

fn controller(survey: &Survey) -> Result<Option<&Deployment>, crate::observed::Unread> {
    Ok(known(&survey.kubernetes.load_balancer_controller, CONTROLLER)?.as_ref())
}

/// LB-03
pub fn of_other_clusters(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    let own = format!("{CLUSTER_TAG}{}", found.name);
    let foreign = |subnet: &Subnet| {
        let tagged = subnet.tags.keys().any(|key| key.starts_with(CLUSTER_TAG));
        tagged && !subnet.tags.contains_key(&own)
    };
    let subnets = known(&survey.vpc.subnets, SUBNETS)?;
    let mut sick = Vec::new();
    for role in ROLES {
        let candidates: Vec<&Subnet> =
            subnets.iter().filter(|one| one.tags.contains_key(role)).collect();
        let Some(first) = candidates.first().filter(|_| candidates.iter().all(|one| foreign(one)))
        else {
            continue;
        };
        let keys: Vec<&str> = first
            .tags
            .keys()
            .filter(|key| key.starts_with(CLUSTER_TAG))
            .map(String::as_str)
            .collect();
        let proof = Proof {
            read: SUBNETS,
            resource: candidates.iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(", "),
            field: "Tags",
            seen: keys.join(", "),
            wanted: format!("{own}, or no tag of a cluster"),
        };
        sick.push(Sick::proven(
            format!("every subnet with {role} is tagged for other clusters: the controller passes over them"),
            proof,
            format!("tag them with {own}=shared, or set the feature gate SubnetsClusterTagCheck=false"),
        ));
    }
    Ok(sick)
}

/// LB-05
pub fn no_metadata(survey: &Survey) -> Judged {
    let Some(found) = controller(survey)?.filter(|one| one.ready < one.replicas) else {
        return Ok(Vec::new());
    };
    let instances = known(&survey.eks.instances, "ec2:DescribeInstances")?;
    let given = |name: &str| {
        let mut args = found.containers.iter().flat_map(|one| &one.args);
        // The value may be an argument of its own.
        args.any(|arg| {
            arg.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    };
    let shut = instances.iter().find(|one| one.metadata_hop_limit == Some(1));
    let Some(shut) = shut.filter(|_| !given("--aws-vpc-id") && !given("--aws-vpc-tags")) else {
        return Ok(Vec::new());
    };
    let proof = Proof {
        read: CONTROLLER,
        resource: "kube-system/aws-load-balancer-controller".into(),
        field: "args",
        seen: format!("no --aws-vpc-id; {} of {} ready", found.ready, found.replicas),
        wanted: format!("--aws-vpc-id={}", survey.header.vpc),
    };
    let one = Sick::proven(
        "the load-balancer controller cannot read its VPC from the instance metadata, and has no setting for it",
        proof,
        format!(
            "set `vpcId: {}` and `region: {}` in its Helm values",
            survey.header.vpc, survey.header.region
        ),
    );
    Ok(vec![one.and(Proof {
        read: "ec2:DescribeInstances",
        resource: shut.id.clone(),
        field: "MetadataOptions.HttpPutResponseHopLimit",
        seen: "1: pods do not reach it".into(),
        wanted: "2, or the values above".into(),
    })])
}

/// LB-06
pub fn no_api(survey: &Survey) -> Judged {
    if controller(survey)?.is_none() {
        return Ok(Vec::new());
    }
    let (closed, all) = (closed(survey)?, node_subnets(survey)?);
    // With external SNAT pods leave by the routes of their own subnets.
    for subnet in pod_subnets(survey)? {
        if way(survey, &subnet.id)?.is_open() {
            return Ok(Vec::new());
        }
    }
    let endpoints = known(&survey.vpc.endpoints, "ec2:DescribeVpcEndpoints")?;
    let serves = endpoints.iter().any(|one| {
        one.service.ends_with(".elasticloadbalancing") && is_available(one) && one.private_dns
    });
    let Some(first) = closed.first().filter(|_| closed.len() == all.len() && !serves) else {
        return Ok(Vec::new());
    };
    let proof = Proof {
        read: "ec2:DescribeVpcEndpoints",
        resource: format!("com.amazonaws.{}.elasticloadbalancing", survey.header.region),
        field: "State, PrivateDnsEnabled",
        seen: "no endpoint that works".into(),
        wanted: "available, private DNS on".into(),
    };
    let one = Sick::proven(
        "the load-balancer controller does not reach the API of Elastic Load Balancing",
        proof,
        "add `elasticloadbalancing` to `endpoints` (`endpoints: auto` does)",
    )
    .or(format!("aws ec2 create-vpc-endpoint --vpc-id {} --vpc-endpoint-type Interface --private-dns-enabled --service-name com.amazonaws.{}.elasticloadbalancing", survey.header.vpc, survey.header.region));
    Ok(vec![one.and(Proof {
        read: TABLES,
        resource: named(first),
        field: "Routes, default",
        seen: "none".into(),
        wanted: "an egress path, or the endpoint".into(),
    })])
}
