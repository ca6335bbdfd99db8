//! Images are not pulled: where they are, what S3's endpoint admits, and what the nodes' role may do.

use crate::facts::iam::{OF_AWS, PULL_POLICIES};
use crate::observed::Unread;
use crate::observed::survey::{Pod, Subnet, Survey, VpcEndpoint};

use super::admitted::admits;
use super::cast::{GROUPS, PODS, closed, named, node_subnets};
use super::nodes::{ENDPOINTS, is_available};
use super::verdict::{Judged, Proof, Sick, UNASKED, entry, known};

const ROLES: &str = "iam:ListAttachedRolePolicies";

/// IMG-01
pub fn images_wait(survey: &Survey) -> Judged {
    waiting(survey, true, |subnet| {
        let cause =
            format!("pods wait for images of ECR in {}, which has no egress path", named(subnet));
        (
            cause,
            "keep endpoints for ecr.api, ecr.dkr and s3 (`endpoints: auto`), or set `egress` of the tier",
        )
    })
}

/// IMG-03
pub fn images_outside(survey: &Survey) -> Judged {
    waiting(survey, false, |subnet| {
        let cause = format!(
            "pods wait for images of a registry on the internet in {}, which has no egress path",
            named(subnet)
        );
        (
            cause,
            "mirror the images into ECR (a pull-through cache does), or set `egress` of the tier",
        )
    })
}

/// Pods that wait for images, of ECR or of elsewhere, on nodes without egress.
fn waiting(
    survey: &Survey,
    of_ecr: bool,
    words: impl Fn(&Subnet) -> (String, &'static str),
) -> Judged {
    let closed = closed(survey)?;
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let pods = known(&survey.kubernetes.pods, PODS)?;
    let instances = known(&survey.eks.instances, "ec2:DescribeInstances")?;
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let subnet = |pod: &Pod| {
        let node = nodes.iter().find(|node| Some(&node.name) == pod.node.as_ref())?;
        let instance = instances.iter().find(|one| Some(&one.id) == node.instance.as_ref())?;
        closed.iter().find(|subnet| subnet.id == instance.subnet)
    };
    let waits = |pod: &&Pod| {
        let reason = pod.waiting.as_deref();
        let pulls = matches!(reason, Some("ImagePullBackOff" | "ErrImagePull"));
        pulls && pod.images.iter().all(|image| is_of_ecr(image)) == of_ecr
    };
    let first = pods.iter().filter(waits).find_map(|pod| Some((pod, subnet(pod)?)));
    let sick = first.map(|(pod, subnet)| {
        let proof = Proof {
            read: PODS,
            resource: format!("{}/{}", pod.namespace, pod.name),
            field: "status.containerStatuses.state.waiting.reason",
            seen: format!("{}: {}", pod.waiting.clone().unwrap_or_default(), pod.images.join(", ")),
            wanted: "running".into(),
        };
        let (cause, fix) = words(subnet);
        Sick::proven(cause, proof, fix)
            .or("route the subnet to a NAT gateway, or mirror the images into ECR and keep endpoints for ecr.api, ecr.dkr and s3")
    });
    Ok(sick.into_iter().collect())
}

fn is_of_ecr(image: &str) -> bool {
    image.split('/').next().is_some_and(|host| host.contains(".dkr.ecr"))
}

/// IMG-02
pub fn layers_refused(survey: &Survey) -> Judged {
    let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
    let tables: Vec<String> = node_subnets(survey)?
        .iter()
        .filter_map(|subnet| survey.vpc.table_of(&subnet.id).map(|table| table.id.clone()))
        .collect();
    known(&survey.vpc.route_tables, super::cast::TABLES)?;
    let bucket = format!("arn:aws:s3:::prod-{}-starport-layer-bucket/layer", survey.header.region);
    let used = |one: &&VpcEndpoint| {
        let routed = one.route_tables.iter().any(|table| tables.contains(table));
        let answers = routed || one.kind == "Interface" && one.private_dns;
        one.service.ends_with(".s3") && is_available(one) && answers
    };
    let refusing = endpoints.iter().filter(used).filter(|one| {
        one.policy.as_ref().is_some_and(|policy| !admits(policy, "s3:GetObject", &bucket))
    });
    let sick = refusing.map(|endpoint| {
        let proof = Proof {
            read: ENDPOINTS,
            resource: endpoint.id.clone(),
            field: "PolicyDocument",
            seen: format!("no s3:GetObject on {bucket}"),
            wanted: "allowed: ECR's layers are there".into(),
        };
        Sick::proven(
            format!("the policy of {} refuses the layers of images", endpoint.id),
            proof,
            format!(
                "allow s3:GetObject on arn:aws:s3:::prod-{}-starport-layer-bucket/* in it",
                survey.header.region
            ),
        )
    });
    Ok(sick.collect())
}

/// IMG-04
pub fn may_not_pull(survey: &Survey) -> Judged {
    let groups = known(&survey.eks.node_groups, GROUPS)?;
    let mut sick: Vec<Sick> = Vec::new();
    for role in groups.iter().map(|group| &group.node_role).filter(|role| !role.is_empty()) {
        let found = entry(&survey.account.roles, role, ROLES)?;
        if found.policies.iter().any(|arn| PULL_POLICIES.iter().any(|name| arn.ends_with(name))) {
            continue;
        }
        if !found.inline.is_empty() || found.policies.iter().any(|arn| !arn.contains(OF_AWS)) {
            return Err(Unread { action: "iam:GetPolicyVersion".into(), why: UNASKED.into() });
        }
        let proof = Proof {
            read: ROLES,
            resource: role.clone(),
            field: "AttachedPolicies",
            seen: found.policies.join(", "),
            wanted: format!("{} beside them", PULL_POLICIES[0]),
        };
        let one = Sick::proven(
            "the nodes' role is not allowed to pull images from ECR",
            proof,
            format!(
                "aws iam attach-role-policy --role-name {} --policy-arn arn:aws:iam::aws:policy/{}",
                found.name, PULL_POLICIES[0]
            ),
        );
        if !sick.contains(&one) {
            sick.push(one);
        }
    }
    Ok(sick)
}
