//! Names of the cluster do not resolve.

use crate::observed::survey::{Deployment, Endpoint, Survey};

use super::cast::SLICES;
use super::verdict::{Judged, Proof, Sick, known};

const COREDNS: &str = "k8s:get deployments kube-system/coredns";

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
    if let Some(sick) = found.and_then(too_few) {
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
        "no pod of CoreDNS is ready: nothing resolves",
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
        0 => "no pod of CoreDNS is ready: nothing resolves".to_string(),
        _ => format!("one pod of CoreDNS is ready of {}: names stop with it", found.replicas),
    };
    let fix = "kubectl -n kube-system describe pods -l k8s-app=kube-dns";
    Some(Sick::proven(cause, proof, fix))
}

/// DNS-04
pub fn one_node(survey: &Survey) -> Judged {
    let ready = ready(survey, "kube-system/kube-dns")?;
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let on: std::collections::BTreeSet<&String> =
        ready.iter().filter_map(|one| one.node.as_ref()).collect();
    let (Some(node), 1, 2..) = (on.first(), on.len(), nodes.len()) else { return Ok(Vec::new()) };
    let proof = Proof {
        read: SLICES,
        resource: "kube-system/kube-dns".into(),
        field: "endpoints.nodeName",
        seen: format!("{} ready, on {node}", ready.len()),
        wanted: "two nodes or more".into(),
    };
    Ok(vec![Sick::proven(
        format!("all of CoreDNS runs on {node}: names stop with that node"),
        proof,
        "spread CoreDNS over nodes and zones (`topologySpreadConstraints` of the add-on's values)",
    )])
}
