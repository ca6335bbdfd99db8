//! Load balancers cannot be made, and the API does not reach webhooks.

use std::collections::BTreeSet;

use crate::facts::ports::CLUSTER_TAG;
use crate::facts::subnets::LOAD_BALANCER_ADDRESSES;
use crate::observed::survey::{Ingress, SecurityGroup, Service, Subnet, Survey};
use crate::survey::free_addresses;

use super::cast::{EVENTS, SECURITY, SLICES, SUBNETS, cluster, named};
use super::dns::ready;
use super::facts::FREE;
use super::verdict::{Judged, Proof, Sick, known};

pub const ROLES: [&str; 2] = ["kubernetes.io/role/elb", "kubernetes.io/role/internal-elb"];

/// Services that the AWS Load Balancer Controller serves, and annotations that it reads of them.
const CLASS: &str = "service.k8s.aws/nlb";
const SCHEME: &str = "service.beta.kubernetes.io/aws-load-balancer-scheme";
const NAMED: &str = "service.beta.kubernetes.io/aws-load-balancer-subnets";
/// Ingresses that it serves, and annotations that it reads of them.
const INGRESSES: &str = "k8s:list ingresses";
const ALB_CLASS: &str = "alb";
const ALB_SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
const ALB_SUBNETS: &str = "alb.ingress.kubernetes.io/subnets";
/// Zones of an Application Load Balancer at least. Elastic Load Balancing user guide.
const ALB_ZONES: usize = 2;

fn tagged(subnet: &Subnet, role: &str) -> bool {
    subnet.tags.get(role).is_some_and(|value| value.is_empty() || value == "1")
}

fn serves(subnet: &Subnet) -> Option<&'static str> {
    ROLES.into_iter().find(|role| tagged(subnet, role))
}

/// LB-01
pub fn no_subnet(survey: &Survey) -> Judged {
    let events = known(&survey.kubernetes.events, EVENTS)?;
    let subnets = known(&survey.vpc.subnets, SUBNETS)?;
    let words = ["unable to resolve at least one subnet", "couldn't auto-discover subnets"];
    let told = events.iter().find(|event| words.iter().any(|word| event.message.contains(word)));
    let sick = told.map(|event| {
        let count = |role: &str| subnets.iter().filter(|one| one.tags.contains_key(role)).count();
        let proof = Proof {
            read: EVENTS,
            resource: event.about.clone(),
            field: "message",
            seen: event.message.clone(),
            wanted: "no such event".into(),
        };
        Sick::proven("the load-balancer controller finds no subnet", proof, "set `serves: [loadBalancers]` of a public tier, `[internalLoadBalancers]` of a private one").or(format!("tag public subnets with {}=1, private ones with {}=1 (aws ec2 create-tags)", ROLES[0], ROLES[1])).and(Proof {
            read: SUBNETS,
            resource: survey.header.vpc.clone(),
            field: "Tags",
            seen: format!("{} with {}, {} with {}", count(ROLES[0]), ROLES[0], count(ROLES[1]), ROLES[1]),
            wanted: "subnets in two zones for each scheme that is asked for".into(),
        })
    });
    match sick {
        Some(sick) => Ok(vec![sick]),
        None => waiting(survey, subnets),
    }
}

/// Services that the controller serves, that have no address, and for whose scheme no subnet is tagged.
fn waiting(survey: &Survey, subnets: &[Subnet]) -> Judged {
    let services = known(&survey.kubernetes.services, "k8s:list services")?;
    // Without role tags anywhere, newer controllers go by the routes.
    if !subnets.iter().any(|one| serves(one).is_some()) {
        return Ok(Vec::new());
    }
    let waits = |one: &&Service| {
        one.load_balancer_class.as_deref() == Some(CLASS)
            && one.ingress.is_empty()
            && !one.annotations.contains_key(NAMED)
            && !subnets.iter().any(|subnet| tagged(subnet, role_of(one.annotations.get(SCHEME))))
    };
    let sick = services.iter().filter(waits).map(|one| {
        let role = role_of(one.annotations.get(SCHEME));
        let proof = Proof {
            read: SUBNETS,
            resource: survey.header.vpc.clone(),
            field: "Tags",
            seen: format!("no subnet with {role}"),
            wanted: "one for the scheme of the service".into(),
        };
        let name = format!("{}/{}", one.namespace, one.name);
        untagged(&name, proof, role).and(Proof {
            read: "k8s:list services",
            resource: name,
            field: "status.loadBalancer.ingress",
            seen: "none".into(),
            wanted: "a name".into(),
        })
    });
    Ok(sick.chain(ingresses_wait(survey, subnets)?).collect())
}

/// Ingresses that the controller serves and that have no load balancer, for whose scheme subnets of fewer than two zones are tagged.
fn ingresses_wait(survey: &Survey, subnets: &[Subnet]) -> Judged {
    let ingresses = known(&survey.kubernetes.ingresses, INGRESSES)?;
    let zones = |role: &str| {
        let tagged = subnets.iter().filter(|subnet| tagged(subnet, role));
        tagged.map(|subnet| &subnet.zone_id).collect::<BTreeSet<_>>().len()
    };
    let waits = |one: &&Ingress| {
        one.class.as_deref() == Some(ALB_CLASS)
            && one.ingress.is_empty()
            && !one.annotations.contains_key(ALB_SUBNETS)
            && zones(role_of(one.annotations.get(ALB_SCHEME))) < ALB_ZONES
    };
    let sick = ingresses.iter().filter(waits).map(|one| {
        let role = role_of(one.annotations.get(ALB_SCHEME));
        let proof = Proof {
            read: SUBNETS,
            resource: survey.header.vpc.clone(),
            field: "Tags",
            seen: format!("subnets of {} zones with {role}", zones(role)),
            wanted: format!(
                "of {ALB_ZONES}: an Application Load Balancer is in two zones at least"
            ),
        };
        let name = format!("{}/{}", one.namespace, one.name);
        untagged(&name, proof, role).and(Proof {
            read: INGRESSES,
            resource: name,
            field: "status.loadBalancer.ingress",
            seen: "none".into(),
            wanted: "a name".into(),
        })
    });
    Ok(sick.collect())
}

fn untagged(name: &str, proof: Proof, role: &str) -> Sick {
    Sick::proven(
        format!("the load-balancer controller finds no subnet for {name}"),
        proof,
        "set `serves: [loadBalancers]` of a public tier, `[internalLoadBalancers]` of a private one",
    )
    .or(format!("tag subnets of the scheme with {role}=1 (aws ec2 create-tags)"))
}

/// The tag that the controller looks for: internal where nothing says otherwise.
fn role_of(scheme: Option<&String>) -> &'static str {
    match scheme.map(String::as_str) {
        Some("internet-facing") => ROLES[0],
        _ => ROLES[1],
    }
}

/// LB-02
pub fn too_full(survey: &Survey) -> Judged {
    let subnets = known(&survey.vpc.subnets, SUBNETS)?;
    let short = subnets.iter().filter(|one| {
        one.cidr.is_some() && free_addresses(&survey.vpc, one).available < LOAD_BALANCER_ADDRESSES
    });
    let sick = short.filter_map(|subnet| {
        let role = serves(subnet)?;
        let proof = Proof {
            read: SUBNETS,
            resource: subnet.id.clone(),
            field: FREE,
            seen: subnet.available.to_string(),
            wanted: format!("{LOAD_BALANCER_ADDRESSES} or more in a subnet with {role}"),
        };
        Some(Sick::proven(
            format!("no load balancer fits into {}", named(subnet)),
            proof,
            "free addresses in it, or tag a larger subnet of the zone",
        ))
    });
    Ok(sick.collect())
}

/// LB-04
pub fn tagged_groups(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    let instances = known(&survey.eks.instances, "ec2:DescribeInstances")?;
    let groups = known(&survey.vpc.security_groups, SECURITY)?;
    let tag = format!("{CLUSTER_TAG}{}", found.name);
    let tagged = |id: &&String| {
        groups.iter().any(|group: &SecurityGroup| group.id == **id && group.tags.contains_key(&tag))
    };
    let mut sick: Vec<Sick> = Vec::new();
    for set in super::cast::groups_of_nodes(instances).iter().filter(|set| 1 < set.len()) {
        let own: Vec<&String> = set.iter().filter(tagged).collect();
        if own.len() == 1 {
            continue;
        }
        let proof = Proof {
            read: "ec2:DescribeSecurityGroups",
            resource: set.join(", "),
            field: "Tags",
            seen: format!("{} with {tag}", own.len()),
            wanted: "exactly 1".into(),
        };
        sick.push(Sick::proven(
            "the load-balancer controller does not know which group of the nodes to open",
            proof,
            format!("keep the tag {tag} on one of them"),
        ));
    }
    Ok(sick)
}

/// WH-02
pub fn nobody_behind(survey: &Survey) -> Judged {
    let webhooks = known(&survey.kubernetes.webhooks, "k8s:list webhookconfigurations")?;
    let mut sick = Vec::new();
    for webhook in webhooks.iter().filter(|one| one.failure_policy == "Fail") {
        let Some(service) = &webhook.service else { continue };
        if !ready(survey, service)?.is_empty() {
            continue;
        }
        let proof = Proof {
            read: SLICES,
            resource: service.clone(),
            field: "endpoints.conditions.ready",
            seen: "0 ready".into(),
            wanted: "1 or more: failurePolicy is Fail".into(),
        };
        sick.push(Sick::proven(
            format!("no pod serves the webhook {}: the API rejects the requests that the webhook admits", webhook.name),
            proof,
            format!("see why the pods of {service} are not ready"),
        ));
    }
    Ok(sick)
}
