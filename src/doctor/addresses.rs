//! Pods get no address.

use crate::facts::eks::HOST_NETWORK_PODS;
use crate::facts::subnets::ADDRESSES_PER_PREFIX;
use crate::observed::Unread;
use crate::observed::survey::{InstanceType, KubeNode, Subnet, Survey, Tags};
use crate::survey::{self, Block, free_addresses, prefix_map, unexplained};

use super::blocks::drain;
use super::cast::{AWS_NODE, INTERFACES, SUBNETS, is_custom, is_on, named, pod_subnets, settings};
use super::facts::FREE;
use super::verdict::{Judged, Proof, Sick, known};

pub const PREFIXES: &str = "ENABLE_PREFIX_DELEGATION";

/// IP-01
pub fn exhausted(survey: &Survey) -> Judged {
    let own = pod_subnets(survey)?;
    if own.is_empty() {
        return Ok(Vec::new());
    }
    known(&survey.vpc.reservations, "ec2:GetSubnetCidrReservations")?;
    let interfaces = known(&survey.vpc.interfaces, INTERFACES)?;
    let full = own
        .into_iter()
        .filter(|subnet| subnet.cidr.is_some() && free_addresses(&survey.vpc, subnet).total() == 0);
    let sick = full.map(|subnet| {
        let held = interfaces.iter().filter(|one| one.subnet == subnet.id).count();
        let proof = Proof {
            read: SUBNETS,
            resource: subnet.id.clone(),
            field: FREE,
            seen: format!("0, nothing unused in reservations for prefixes, {held} interfaces"),
            wanted: "more than 0".into(),
        };
        Sick::proven(
            format!("{} is exhausted", named(subnet)),
            proof,
            "add a pod tier in a secondary CIDR (`eksnet rescue` shows the ways)",
        )
        .or(rescue(survey))
    });
    Ok(sick.collect())
}

/// The ladder that shows the ways to more addresses.
pub fn rescue(survey: &Survey) -> String {
    let name = survey.header.cluster.as_deref().unwrap_or("…");
    format!("eksnet rescue --cluster {name} --region {}", survey.header.region)
}

/// Why the blocks of a subnet are not known although interfaces were read.
fn missing(survey: &Survey, subnet: &Subnet) -> Option<Unread> {
    let (seen, left) = unexplained(&survey.vpc, subnet)?;
    let why = format!(
        "{}: EC2 counts {seen} free addresses, and the interfaces that were read leave {left}: some of them are missing, such as those of other accounts in a shared VPC",
        named(subnet)
    );
    Some(Unread { action: INTERFACES.to_string(), why })
}

/// IP-02
pub fn fragmented(survey: &Survey) -> Judged {
    if !is_on(settings(survey)?, PREFIXES) {
        return Ok(Vec::new());
    }
    known(&survey.vpc.reservations, "ec2:GetSubnetCidrReservations")?;
    known(&survey.vpc.interfaces, INTERFACES)?;
    let mut sick = Vec::new();
    let mut unknown = None;
    for subnet in pod_subnets(survey)? {
        let free = free_addresses(&survey.vpc, subnet).total();
        // What is full has another cause, whatever its blocks are.
        unknown = unknown.or_else(|| missing(survey, subnet).filter(|_| 0 < free));
        let Some(map) = prefix_map(&survey.vpc, subnet).filter(|map| map.usable() == 0) else {
            continue;
        };
        if free == 0 {
            continue;
        }
        let broken = map.count(Block::Broken);
        let proof = Proof {
            read: INTERFACES,
            resource: subnet.id.clone(),
            field: "PrivateIpAddresses, Ipv4Prefixes",
            seen: format!(
                "0 of {} blocks free: {broken} broken, {} full, {} prefixes, {} kept, {} AWS's",
                map.blocks.len(),
                map.count(Block::Full),
                map.count(Block::Prefix),
                map.count(Block::Kept),
                map.count(Block::OfAws)
            ),
            wanted: "a whole free /28 for every prefix".into(),
        };
        let now = drain(&survey.vpc, &map, 1).filter(|set| !set.instances.is_empty());
        let now = now.map_or(String::new(), |set| {
            format!("; now: drain {} (frees {})", set.instances.join(" + "), set.frees)
        });
        let cause = format!(
            "no whole /28 is free in {}: {free} addresses are free, scattered over {broken} blocks",
            named(subnet)
        );
        sick.push(Sick::proven(
            cause,
            proof,
            format!("reserve a part of the tier for prefixes (`reservation`){now}"),
        ).or(format!("aws ec2 create-subnet-cidr-reservation --subnet-id {} --reservation-type prefix --cidr …{now}", subnet.id)));
    }
    match unknown.filter(|_| sick.is_empty()) {
        Some(unread) => Err(unread),
        None => Ok(sick),
    }
}

/// Whether aws-node runs on a node: Windows has a plugin of its own.
pub fn is_linux(node: &KubeNode) -> bool {
    node.labels.get("kubernetes.io/os").is_none_or(|system| system == "linux")
}

/// Whether a DaemonSet such as aws-node runs there: EKS runs the nodes of Auto Mode and Fargate without.
pub fn runs_daemon_sets(node: &KubeNode) -> bool {
    is_linux(node) && !node.labels.contains_key("eks.amazonaws.com/compute-type")
}

/// Pods that aws-node has addresses for on a node; none where the type is not known.
pub fn room(kind: &InstanceType, env: Option<&Tags>) -> Option<u64> {
    let interfaces = u64::from(kind.interfaces).checked_sub(u64::from(is_custom(env)))?;
    let slots = u64::from(kind.addresses_per_interface).checked_sub(1)?;
    let prefixes = is_on(env, PREFIXES) && (kind.bare_metal || kind.hypervisor == "nitro");
    let each = if prefixes { ADDRESSES_PER_PREFIX } else { 1 };
    Some(interfaces * slots * each + HOST_NETWORK_PODS)
}

/// IP-03
pub fn too_many_pods(survey: &Survey) -> Judged {
    let Some(env) = settings(survey)? else { return Ok(Vec::new()) };
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let types = known(&survey.eks.instance_types, "ec2:DescribeInstanceTypes")?;
    let label = |node: &KubeNode| node.labels.get("node.kubernetes.io/instance-type").cloned();
    let mut sick: std::collections::BTreeMap<String, Sick> = std::collections::BTreeMap::new();
    let own = |node: &&KubeNode| runs_daemon_sets(node);
    for node in nodes.iter().filter(own) {
        let (Some(name), Some(pods)) = (label(node), node.pods) else { continue };
        let kind = types.iter().find(|kind| kind.name == name);
        let Some(kind) = kind else { continue };
        let Some(room) = room(kind, Some(env)).filter(|room| *room < pods) else { continue };
        let proof = Proof {
            read: "k8s:list nodes",
            resource: node.name.clone(),
            field: "status.allocatable.pods",
            seen: pods.to_string(),
            wanted: format!("at most {room}, as {name} has addresses for"),
        };
        let cause = format!("nodes of {name} advertise {pods} pods and have addresses for {room}");
        sick.entry(name).or_insert_with(|| {
            Sick::proven(
                cause,
                proof,
                format!("set maxPods of the node group to {room} and replace its nodes"),
            )
            .after(wrong_type(kind, env))
        });
    }
    Ok(sick.into_values().collect())
}

/// Checks that tell why a type has few addresses.
fn wrong_type(kind: &InstanceType, env: &Tags) -> &'static [&'static str] {
    let old = !kind.bare_metal && kind.hypervisor != "nitro";
    if old && is_on(Some(env), PREFIXES) { &["IP-07", "NJ-23"] } else { &["NJ-23"] }
}

/// IP-05
pub fn frozen_pool(survey: &Survey) -> Judged {
    let env = settings(survey)?;
    let set = |name: &str| {
        env.and_then(|env| env.get(name)).filter(|value| !value.is_empty() && *value != "0")
    };
    let Some(minimum) = set("MINIMUM_IP_TARGET").filter(|_| set("WARM_IP_TARGET").is_none()) else {
        return Ok(Vec::new());
    };
    let proof = Proof {
        read: AWS_NODE,
        resource: "kube-system/aws-node".into(),
        field: "env MINIMUM_IP_TARGET, WARM_IP_TARGET",
        seen: format!("{minimum}, not set"),
        wanted: "both, or neither".into(),
    };
    Ok(vec![
        Sick::proven(
            "nodes get no addresses beyond those they started with: the warm target is not set",
            proof,
            "set `awsNode.warm.ips` beside `minimumIps`",
        )
        .or("kubectl -n kube-system set env daemonset/aws-node WARM_IP_TARGET=…"),
    ])
}

/// IP-06
pub fn leaked(survey: &Survey) -> Judged {
    known(&survey.vpc.interfaces, INTERFACES)?;
    let old = survey::leaked(survey);
    let Some(first) = old.first() else { return Ok(Vec::new()) };
    let held: u64 = old.iter().map(|one| one.held()).sum();
    let proof = Proof {
        read: INTERFACES,
        resource: old.iter().take(5).map(|one| one.id.as_str()).collect::<Vec<_>>().join(", "),
        field: "Status",
        seen: format!("available: {} interfaces of aws-node with {held} addresses", old.len()),
        wanted: "no interface unattached for more than an hour".into(),
    };
    let cause = format!("{} interfaces that aws-node left behind hold {held} addresses", old.len());
    Ok(vec![Sick::proven(
        cause,
        proof,
        format!(
            "aws ec2 delete-network-interface --network-interface-id {} (and the others)",
            first.id
        ),
    )])
}

/// IP-08
pub fn settings_differ(survey: &Survey) -> Judged {
    let addons = known(&survey.eks.addons, "eks:ListAddons")?;
    let values = addons
        .iter()
        .find(|addon| addon.name == "vpc-cni")
        .and_then(|addon| addon.configuration.as_ref());
    let Some(wanted) = values.and_then(|values| values["env"].as_object()) else {
        return Ok(Vec::new());
    };
    let Some(env) = settings(survey)? else { return Ok(Vec::new()) };
    let text = |value: &serde_json::Value| {
        value.as_str().map_or_else(|| value.to_string(), str::to_string)
    };
    let differ = wanted
        .iter()
        .filter(|(name, value)| env.get(*name).is_none_or(|seen| *seen != text(value)));
    let sick = differ.map(|(name, value)| {
        let proof = Proof {
            read: AWS_NODE,
            resource: "kube-system/aws-node".into(),
            field: "env",
            seen: format!("{name}={}", env.get(name).map_or("(not set)", String::as_str)),
            wanted: format!("{name}={}, as the add-on's values say", text(value)),
        };
        Sick::proven(
            format!("`{name}` of the add-on has no effect: the DaemonSet has another value"),
            proof,
            "eksnet deploy --take-over, or update the add-on with OVERWRITE",
        )
        .or(format!("aws eks update-addon --cluster-name {} --addon-name vpc-cni --resolve-conflicts OVERWRITE", survey.header.cluster.as_deref().unwrap_or("…")))
    });
    Ok(sick.collect())
}
