//! Names of the cluster do not resolve.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::observed::Unread;
use crate::observed::survey::{Deployment, Endpoint, KubeNode, Pod, Survey, Taint};

use super::cast::{CLUSTER, SLICES, cluster};
use super::states::{absent, recreate};
use super::verdict::{Judged, Proof, Sick, UNASKED, known};

const COREDNS: &str = "k8s:get deployments kube-system/coredns";
/// A taint that CoreDNS tolerates.
const TOLERATED: &str = "CriticalAddonsOnly";

/// Ready endpoints of a service.
pub fn ready<'s>(
    survey: &'s Survey,
    service: &str,
) -> Result<Vec<&'s Endpoint>, crate::observed::Unread> {
    let slices = known(&survey.kubernetes.endpoint_slices, SLICES)?;
    let own = slices.iter().filter(|slice| {
        slice.service.as_ref().is_some_and(|name| format!("{}/{name}", slice.namespace) == service)
    });
    Ok(own.flat_map(|slice| &slice.endpoints).filter(|one| one.ready).collect())
}

/// DNS-01
pub fn nobody_answers(survey: &Survey) -> Judged {
    let found = known(&survey.kubernetes.coredns, COREDNS)?.as_ref();
    let sick = match found {
        Some(found) => {
            too_few(found).map(|sick| full_nodes(survey).into_iter().fold(sick, Sick::and))
        }
        None => absent(survey, (COREDNS, "kube-system/coredns", "coredns"))?.map(|proof| {
            let cause = "CoreDNS does not exist: no name resolves";
            Sick::proven(cause, proof, recreate(survey, "coredns"))
        }),
    };
    if let Some(sick) = sick {
        return Ok(vec![sick]);
    }
    let services = known(&survey.kubernetes.services, "k8s:list services")?;
    let exists =
        services.iter().any(|one| one.namespace == "kube-system" && one.name == "kube-dns");
    if !exists || !ready(survey, "kube-system/kube-dns")?.is_empty() {
        return Ok(Vec::new());
    }
    let proof = Proof {
        read: SLICES,
        resource: "kube-system/kube-dns".into(),
        field: "endpoints.conditions.ready",
        seen: "0 ready".into(),
        wanted: "2 or more".into(),
    };
    Ok(vec![Sick::proven(
        "no pod of CoreDNS is ready: no name resolves",
        proof,
        "kubectl -n kube-system describe pods -l k8s-app=kube-dns",
    )])
}

/// What remains of several replicas, where it is one or none.
fn too_few(found: &Deployment) -> Option<Sick> {
    if found.replicas <= found.ready || 1 < found.ready {
        return None;
    }
    let proof = Proof {
        read: COREDNS,
        resource: "kube-system/coredns".into(),
        field: "status.readyReplicas",
        seen: found.ready.to_string(),
        wanted: found.replicas.to_string(),
    };
    let cause = match found.ready {
        0 => "no pod of CoreDNS is ready: no name resolves".to_string(),
        _ => format!(
            "one of {} pods of CoreDNS is ready: name resolution depends on it alone",
            found.replicas
        ),
    };
    let fix = "kubectl -n kube-system describe pods -l k8s-app=kube-dns";
    Some(Sick::proven(cause, proof, fix))
}

/// Where a pod of CoreDNS waits for a node: that every node that accepts it is full.
fn full_nodes(survey: &Survey) -> Option<Proof> {
    let pods = survey.kubernetes.pods.read()?;
    let of_coredns = |pod: &&Pod| {
        pod.namespace == "kube-system"
            && pod.labels.get("k8s-app").is_some_and(|app| app == "kube-dns")
    };
    let waits = |pod: &&Pod| pod.node.is_none() && pod.phase == "Pending";
    let waiting = pods.iter().filter(of_coredns).find(waits)?;
    let nodes = survey.kubernetes.nodes.read()?.iter().filter(|node| takes_coredns(node));
    let count = |name: &str| -> u64 {
        let alive = |pod: &&Pod| !matches!(pod.phase.as_str(), "Succeeded" | "Failed");
        pods.iter().filter(alive).filter(|pod| pod.node.as_deref() == Some(name)).count() as u64
    };
    let fill: Vec<(u64, u64)> =
        nodes.filter_map(|node| Some((count(&node.name), node.pods?))).collect();
    let (pods, most) = fill.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let full = !fill.is_empty() && fill.iter().all(|(pods, most)| most <= pods);
    full.then(|| Proof {
        read: "k8s:list pods",
        resource: format!("{}/{}", waiting.namespace, waiting.name),
        field: "spec.nodeName",
        seen: format!("none: {} nodes are full, with {pods} pods of {most}", fill.len()),
        wanted: "room for a pod on a node: add nodes, or raise maxPods".into(),
    })
}

/// DNS-07
pub fn another_address(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    let services = known(&survey.kubernetes.services, "k8s:list services")?;
    known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let own = services.iter().find(|one| one.namespace == "kube-system" && one.name == "kube-dns");
    let Some(seen) = own.and_then(|service| service.cluster_ip.clone()) else {
        return Ok(Vec::new());
    };
    let first = match (&found.service_cidr, &found.service_ipv6_cidr) {
        (Some(cidr), _) => Ok(IpAddr::from(cidr.network())),
        (None, Some(cidr)) => cidr.split('/').next().unwrap_or_default().parse(),
        (None, None) => {
            let action = format!("{CLUSTER} kubernetesNetworkConfig");
            return Err(Unread { action, why: UNASKED.to_string() });
        }
    };
    let Some(wanted) = first.ok().map(tenth).filter(|wanted| seen != *wanted) else {
        return Ok(Vec::new());
    };
    let proof = Proof {
        read: "k8s:list services",
        resource: "kube-system/kube-dns".into(),
        field: "spec.clusterIP",
        seen,
        wanted: format!("{wanted}: kubelets of EKS's AMIs derive it from the service range"),
    };
    Ok(vec![Sick::proven(
        "nodes send DNS queries to another address than CoreDNS has",
        proof,
        format!("give kube-dns the address {wanted}, or set `clusterDNS` of every NodeConfig"),
    )])
}

/// The address that nodes ask: the tenth one after the first of the range.
fn tenth(first: IpAddr) -> String {
    match first {
        IpAddr::V4(first) => Ipv4Addr::from(u32::from(first) + 10).to_string(),
        IpAddr::V6(first) => Ipv6Addr::from(u128::from(first) + 10).to_string(),
    }
}

/// DNS-04
pub fn one_node(survey: &Survey) -> Judged {
    let ready = ready(survey, "kube-system/kube-dns")?;
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let on: BTreeSet<&String> = ready.iter().filter_map(|one| one.node.as_ref()).collect();
    if let Some(sick) = one_zone(&on, nodes, ready.len()) {
        return Ok(vec![sick]);
    }
    let others = nodes.iter().filter(|node| !on.contains(&node.name) && takes_coredns(node));
    let (Some(node), 1, 1..) = (on.first(), on.len(), others.count()) else {
        return Ok(Vec::new());
    };
    let proof = Proof {
        read: SLICES,
        resource: "kube-system/kube-dns".into(),
        field: "endpoints.nodeName",
        seen: format!("{} ready, on {node}", ready.len()),
        wanted: "two nodes or more".into(),
    };
    Ok(vec![Sick::proven(
        format!("all pods of CoreDNS run on {node}: name resolution fails with that node"),
        proof,
        "spread CoreDNS over nodes and zones (`topologySpreadConstraints` of the add-on's values)",
    )])
}

/// Whether a pod of CoreDNS may be scheduled there.
fn takes_coredns(node: &KubeNode) -> bool {
    let keeps = |taint: &Taint| taint.effect.starts_with("No") && taint.key != TOLERATED;
    let windows = node.labels.get("kubernetes.io/os").is_some_and(|system| system == "windows");
    !windows && !node.taints.iter().any(keeps)
}

/// Several nodes hold it, all of them in the same one of several zones that have nodes for it.
fn one_zone(on: &BTreeSet<&String>, nodes: &[KubeNode], ready: usize) -> Option<Sick> {
    let zones = |own: &dyn Fn(&&KubeNode) -> bool| -> BTreeSet<&String> {
        nodes.iter().filter(own).filter_map(|node| node.zone_name.as_ref()).collect()
    };
    let (own, all) = (zones(&|node| on.contains(&node.name)), zones(&|node| takes_coredns(node)));
    let zone = own.first().filter(|_| 1 < on.len() && own.len() == 1 && 1 < all.len())?;
    let proof = Proof {
        read: SLICES,
        resource: "kube-system/kube-dns".into(),
        field: "endpoints.nodeName",
        seen: format!("{ready} ready, all on nodes of {zone}"),
        wanted: "two zones or more".into(),
    };
    Some(Sick::proven(
        format!("all pods of CoreDNS run in {zone}: name resolution fails with that zone"),
        proof,
        "spread CoreDNS over zones (`topologySpreadConstraints` of the add-on's values)",
    ))
}
