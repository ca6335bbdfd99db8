//! Pods whose interface has no subnet, no room, or is not of the VPC.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::facts::subnets::DISCOVERY_TAG;
use crate::observed::survey::{Pod, Subnet, Survey};
use crate::survey::free_addresses;

use super::cast::{
    EVENTS, INTERFACES, PODS, SLICES, SUBNETS, is_custom, is_on, node_subnets, pod_subnets,
    settings,
};
use super::verdict::{Judged, Proof, Sick, known};
use crate::survey::select::selects;

/// What lets EKS make trunks.
const CONTROLLER: &str = "AmazonEKSVPCResourceController";
const BRANCHES: &str = "vpc.amazonaws.com/pod-eni";

/// IP-09
pub fn no_subnet_for_interfaces(survey: &Survey) -> Judged {
    let env = settings(survey)?;
    let discovers =
        env.and_then(|env| env.get("ENABLE_SUBNET_DISCOVERY")).is_none_or(|on| on == "true");
    if env.is_none() || is_custom(env) || !discovers {
        return Ok(Vec::new());
    }
    let all = known(&survey.vpc.subnets, SUBNETS)?;
    let tag = |subnet: &Subnet| subnet.tags.get(DISCOVERY_TAG).cloned();
    let serves =
        |zone: &str| all.iter().any(|one| one.zone_id == zone && tag(one).as_deref() == Some("1"));
    let nodes = node_subnets(survey)?.into_iter();
    let bare = nodes.filter(|one| tag(one).as_deref() == Some("0") && !serves(&one.zone_id));
    let sick = bare.map(|subnet| {
        let proof = Proof {
            read: SUBNETS,
            resource: subnet.id.clone(),
            field: "Tags",
            seen: format!("{DISCOVERY_TAG}=0, and no subnet of {} with 1", subnet.zone_name),
            wanted: format!("a subnet of the zone with {DISCOVERY_TAG}=1"),
        };
        Sick::proven(
            format!("aws-node finds no subnet for the pods' interfaces in {}", subnet.zone_name),
            proof,
            format!("set `serves: [pods]` of a tier in the zone: its subnets get {DISCOVERY_TAG}=1"),
        )
        .or(format!("aws ec2 create-tags --tags Key={DISCOVERY_TAG},Value=1 --resources subnet-… (a pod subnet of the zone)"))
    });
    Ok(sick.collect())
}

/// Why no node has a trunk: what the interfaces and the cluster's role tell, where they were read.
fn trunks(survey: &Survey) -> Vec<Proof> {
    let interfaces = survey.vpc.interfaces.read();
    let none = interfaces.filter(|all| !all.iter().any(|one| one.kind == "trunk"));
    let by_interfaces = none.map(|all| Proof {
        read: INTERFACES,
        resource: survey.header.vpc.clone(),
        field: "InterfaceType",
        seen: format!("no trunk among {} interfaces", all.len()),
        wanted: "a trunk on every node that serves such pods".into(),
    });
    let cluster = survey.eks.found();
    let role = cluster.and_then(|found| survey.account.roles.get(&found.role)?.read());
    let lacks = role.filter(|role| {
        let of_aws = |arn: &String| arn.contains(":iam::aws:policy/") && !arn.ends_with(CONTROLLER);
        role.inline.is_empty() && role.policies.iter().all(of_aws)
    });
    let by_role = lacks.map(|role| Proof {
        read: "iam:ListAttachedRolePolicies",
        resource: role.name.clone(),
        field: "AttachedPolicies",
        seen: role.policies.join(", "),
        wanted: format!("{CONTROLLER} beside them"),
    });
    by_interfaces.into_iter().chain(by_role).collect()
}

/// IP-10
pub fn branches_used_up(survey: &Survey) -> Judged {
    if !is_on(settings(survey)?, "ENABLE_POD_ENI") {
        return Ok(Vec::new());
    }
    let policies =
        known(&survey.kubernetes.security_group_policies, "k8s:list securitygrouppolicies")?;
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let pods = known(&survey.kubernetes.pods, PODS)?;
    let selected = |pod: &&Pod| {
        let own = policies.iter().filter(|one| one.namespace == pod.namespace);
        own.filter_map(|one| one.pods.as_ref()).any(|selector| selects(selector, &pod.labels))
    };
    let pending = |pod: &&Pod| pod.node.is_none() && pod.phase == "Pending";
    let waits = pods.iter().filter(selected).find(pending);
    let (false, Some(waits)) = (policies.is_empty() || nodes.is_empty(), waits) else {
        return Ok(Vec::new());
    };
    let most = |node: &crate::observed::survey::KubeNode| -> u64 {
        node.allocatable.get(BRANCHES).and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    let used = |name: &String| {
        pods.iter().filter(|pod| pod.own_interface && pod.node.as_ref() == Some(name)).count()
            as u64
    };
    if nodes.iter().any(|node| used(&node.name) < most(node)) {
        return Ok(Vec::new());
    }
    let all: u64 = nodes.iter().map(most).sum();
    let (cause, fix) = match all {
        0 => (
            "no node has a trunk: pods with security groups of their own stay Pending",
            "use instance types with trunks, and give the cluster role AmazonEKSVPCResourceController",
        ),
        _ => (
            "branch interfaces are used up: pods with security groups of their own stay Pending",
            "add nodes, or instance types with more branch interfaces",
        ),
    };
    let proof = Proof {
        read: "k8s:list nodes",
        resource: format!("{} nodes", nodes.len()),
        field: "status.allocatable, vpc.amazonaws.com/pod-eni",
        seen: format!("{all}, all in use"),
        wanted: "more than pods with security groups of their own".into(),
    };
    let one = Sick::proven(cause, proof, fix);
    let one = if all == 0 { trunks(survey).into_iter().fold(one, Sick::and) } else { one };
    Ok(vec![one.and(Proof {
        read: PODS,
        resource: format!("{}/{}", waits.namespace, waits.name),
        field: "status.phase",
        seen: "Pending, on no node".into(),
        wanted: "Running".into(),
    })])
}

/// IP-13
pub fn one_zone_full(survey: &Survey) -> Judged {
    let mut zones: BTreeMap<&String, (u64, u64)> = BTreeMap::new();
    for subnet in pod_subnets(survey)? {
        let Some(cidr) = subnet.cidr else { continue };
        let size = 1u64 << (32 - cidr.prefix_len());
        let free = free_addresses(&survey.vpc, subnet).total().min(size);
        let row = zones.entry(&subnet.zone_name).or_default();
        *row = (row.0 + size - free, row.1 + size);
    }
    let parts = || zones.iter().map(|(zone, (used, size))| (*zone, used * 100 / size));
    let (Some(most), Some(least)) =
        (parts().max_by_key(|one| one.1), parts().min_by_key(|one| one.1))
    else {
        return Ok(Vec::new());
    };
    if most.1 < NEARLY_FULL || most.1 < 2 * least.1 {
        return Ok(Vec::new());
    }
    let proof = Proof {
        read: SUBNETS,
        resource: format!("pod subnets of {}, {}", most.0, least.0),
        field: "AvailableIpAddressCount",
        seen: format!("{} % and {} % in use", most.1, least.1),
        wanted: "about the same in every zone".into(),
    };
    let sick = Sick::proven(
        format!("the pod subnets of {} are nearly full, those of {} are not", most.0, least.0),
        proof,
        "spread pods and nodes over zones (`topologySpreadConstraints`), or add a pod tier for the full zone",
    );
    // Where pods live in the nodes' subnets, a subnet that is full is full for both.
    let pods = pod_subnets(survey)?;
    let shared = node_subnets(survey)
        .unwrap_or_default()
        .into_iter()
        .any(|subnet| subnet.zone_name == *most.0 && pods.iter().any(|own| own.id == subnet.id));
    Ok(vec![if shared { sick.after(&["NJ-14"]) } else { sick }])
}

/// Per cent from which a subnet is about to be full.
const NEARLY_FULL: u64 = 90;

/// DNS-06
pub fn too_many_lookups(survey: &Survey) -> Judged {
    let events = known(&survey.kubernetes.events, EVENTS)?;
    let told = events.iter().find(|event| event.reason == "LinkLocalExceeded");
    let sick = told.map(|event| {
        let proof = Proof {
            read: EVENTS,
            resource: event.about.clone(),
            field: "reason, message",
            seen: format!("{}: {}", event.reason, event.message),
            wanted: "no such event".into(),
        };
        Sick::proven(
            "DNS lookups are dropped: an interface sends at most 1,024 packets a second to the resolver",
            proof,
            "run NodeLocal DNSCache, more replicas of CoreDNS on more nodes, or set a lower `ndots`",
        )
    });
    Ok(sick.into_iter().collect())
}

/// WH-05
pub fn outside_of_the_vpc(survey: &Survey) -> Judged {
    let webhooks = known(&survey.kubernetes.webhooks, "k8s:list webhookconfigurations")?;
    let slices = known(&survey.kubernetes.endpoint_slices, SLICES)?;
    let found = super::cast::cluster(survey)?;
    known(&survey.vpc.vpc, "ec2:DescribeVpcs")?;
    let remote = found.iter().map(|one| &one.remote_networks);
    let remote = remote.flat_map(|one| one.nodes.iter().chain(&one.pods)).copied();
    let inside: Vec<ipnet::Ipv4Net> = survey.vpc.cidrs().into_iter().chain(remote).collect();
    let is_outside = |text: &&String| {
        text.parse::<Ipv4Addr>().is_ok_and(|own| !inside.iter().any(|cidr| cidr.contains(&own)))
    };
    let mut sick = Vec::new();
    for webhook in webhooks {
        let Some(service) = &webhook.service else { continue };
        let own = slices.iter().filter(|one| {
            one.service.as_ref().is_some_and(|name| format!("{}/{name}", one.namespace) == *service)
        });
        let mut addresses = own.flat_map(|one| &one.endpoints).flat_map(|one| &one.addresses);
        let Some(address) = addresses.find(is_outside) else { continue };
        let proof = Proof {
            read: SLICES,
            resource: service.clone(),
            field: "endpoints.addresses",
            seen: address.clone(),
            wanted: "an address of the VPC".into(),
        };
        sick.push(Sick::proven(
            format!(
                "the API cannot reach the webhook {}: its pods are in an overlay network",
                webhook.name
            ),
            proof,
            "run the webhook's pods with `hostNetwork: true`",
        ));
    }
    Ok(sick)
}
