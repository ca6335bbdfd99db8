//! Instance types and the modes of aws-node that they cannot serve.

use std::collections::BTreeMap;

use crate::observed::survey::{InstanceType, KubeNode, Survey};
use crate::survey::items;

use super::addresses::{PREFIXES, is_linux, room};
use super::cast::{AWS_NODE, cluster, is_custom, is_on, settings};
use super::verdict::{Judged, Proof, Sick, known};

const TYPES: &str = "ec2:DescribeInstanceTypes";

/// NJ-23
pub fn too_few_interfaces(survey: &Survey) -> Judged {
    let env = settings(survey)?;
    if !is_custom(env) {
        return Ok(Vec::new());
    }
    let trunk = u32::from(is_on(env, "ENABLE_POD_ENI"));
    let needed = 2 + trunk;
    let short =
        known(&survey.eks.instance_types, TYPES)?.iter().filter(|kind| kind.interfaces < needed);
    let sick = short.map(|kind| {
        let proof = Proof {
            read: TYPES,
            resource: kind.name.clone(),
            field: "NetworkInfo.MaximumNetworkInterfaces",
            seen: kind.interfaces.to_string(),
            wanted: format!("{needed} or more with custom networking"),
        };
        let cause =
            format!("no pod fits on nodes of {}: they have no interface for pods", kind.name);
        Sick::proven(cause, proof, "use an instance type with more interfaces")
    });
    Ok(sick.collect())
}

/// IP-07
pub fn without_prefixes(survey: &Survey) -> Judged {
    if !is_on(settings(survey)?, PREFIXES) {
        return Ok(Vec::new());
    }
    let types = known(&survey.eks.instance_types, TYPES)?.iter();
    let old = types.filter(|kind| !kind.bare_metal && kind.hypervisor != "nitro");
    let sick = old.map(|kind| {
        let proof = Proof {
            read: TYPES,
            resource: kind.name.clone(),
            field: "Hypervisor",
            seen: kind.hypervisor.clone(),
            wanted: "nitro, with ENABLE_PREFIX_DELEGATION".into(),
        };
        let cause = format!(
            "nodes of {} get single addresses: EC2 assigns prefixes to Nitro instances only",
            kind.name
        );
        Sick::proven(cause, proof, "use a Nitro instance type")
    });
    Ok(sick.collect())
}

/// IP-04
pub fn too_few_pods(survey: &Survey) -> Judged {
    let env = settings(survey)?;
    if !is_on(env, PREFIXES) {
        return Ok(Vec::new());
    }
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let types = known(&survey.eks.instance_types, TYPES)?;
    let mut sick: BTreeMap<&String, Sick> = BTreeMap::new();
    for node in nodes.iter().filter(|node| is_linux(node)) {
        let kind = node.labels.get("node.kubernetes.io/instance-type");
        let kind = kind.and_then(|name| types.iter().find(|kind| kind.name == *name));
        let (Some(kind), Some(pods)) = (kind, node.pods) else { continue };
        let most = room(kind, env).unwrap_or(0).min(crate::facts::eks::POD_CAP);
        if pods == by_addresses(kind) && pods < most {
            sick.entry(&kind.name).or_insert_with(|| few(node, kind, (pods, most)));
        }
    }
    Ok(sick.into_values().collect())
}

/// What a kubelet is set to where nothing tells it of prefixes.
fn by_addresses(kind: &InstanceType) -> u64 {
    let slots = u64::from(kind.addresses_per_interface.saturating_sub(1));
    u64::from(kind.interfaces) * slots + crate::facts::eks::HOST_NETWORK_PODS
}

fn few(node: &KubeNode, kind: &InstanceType, (pods, most): (u64, u64)) -> Sick {
    let proof = Proof {
        read: "k8s:list nodes",
        resource: node.name.clone(),
        field: "status.allocatable.pods",
        seen: format!("{pods}, the number without prefixes"),
        wanted: format!("{most}"),
    };
    Sick::proven(
        format!("nodes of {} accept {pods} pods and have addresses for {most}", kind.name),
        proof,
        format!("set maxPods of the node group to {most} and replace its nodes"),
    )
}

/// AU-01
pub fn without_effect(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)?.filter(|one| one.auto_mode.is_some()) else {
        return Ok(Vec::new());
    };
    let groups = known(&survey.eks.node_groups, super::cast::GROUPS)?;
    let configs = known(&survey.kubernetes.eni_configs, "k8s:list eniconfigs")?;
    let (true, Some(first)) = (groups.is_empty(), configs.first()) else { return Ok(Vec::new()) };
    let aws_node = items(&survey.eks.addons).iter().any(|one| one.name == "vpc-cni");
    let proof = Proof {
        read: "k8s:list eniconfigs",
        resource: format!("{} of {}", first.name, found.name),
        field: "spec.subnet",
        seen: format!("{}; all nodes are EKS Auto Mode's", first.subnet),
        wanted: "podSubnetSelectorTerms of a NodeClass".into(),
    };
    let one = Sick::proven(
        "ENIConfigs have no effect: nodes of EKS Auto Mode do not read them",
        proof,
        "set the pods' subnets in the NodeClass (`podSubnetSelectorTerms`)",
    );
    Ok(vec![if aws_node {
        one.and(Proof {
            read: AWS_NODE,
            resource: "add-on vpc-cni".into(),
            field: "addonName",
            seen: "installed, on no node".into(),
            wanted: "nodes outside of Auto Mode, or no such add-on".into(),
        })
    } else {
        one
    }])
}
