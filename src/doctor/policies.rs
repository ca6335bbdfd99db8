//! Network policies that cut pods off from CoreDNS.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use crate::facts::ports::DNS;
use crate::observed::Unread;
use crate::observed::survey::{NetworkPolicy, Pod, Survey, Tags};
use crate::survey::items;

use super::cast::{AWS_NODE, PODS, SLICES, cluster, settings};
use super::verdict::{Judged, Proof, Sick, UNASKED, known};
use crate::survey::select::{selects, selects_raw};

const POLICIES: &str = "k8s:list networkpolicies";
const MODE: &str = "NETWORK_POLICY_ENFORCING_MODE";
/// Where NodeLocal DNSCache listens.
const LOCAL_DNS: &str = "169.254.20.10";

/// Addresses and labels of what answers lookups.
struct Resolvers {
    addresses: Vec<IpAddr>,
    labels: Vec<Tags>,
}

/// DNS-05
pub fn lookups_denied(survey: &Survey) -> Judged {
    let policies = known(&survey.kubernetes.network_policies, POLICIES)?;
    let pods = known(&survey.kubernetes.pods, PODS)?;
    let strict = is_strict(survey)?;
    if policies.is_empty() && !strict || !is_enforced(survey, pods)? {
        return Ok(Vec::new());
    }
    let resolvers = resolvers(survey, pods)?;
    let mut sick: BTreeMap<&str, Sick> = BTreeMap::new();
    for pod in pods.iter().filter(|pod| !pod.host_network && pod.phase != "Succeeded") {
        let own: Vec<&NetworkPolicy> =
            policies.iter().filter(|policy| rules_egress(policy, pod)).collect();
        let denied =
            if own.is_empty() { strict } else { !own.iter().any(|one| admits(one, &resolvers)) };
        if denied && !sick.contains_key(pod.namespace.as_str()) {
            sick.insert(&pod.namespace, denial(pod, &own));
        }
    }
    Ok(sick.into_values().collect())
}

/// Whether somebody enforces policies: the agent of aws-node, or another CNI plugin.
fn is_enforced(survey: &Survey, pods: &[Pod]) -> Result<bool, Unread> {
    let set = known(&survey.kubernetes.aws_node, AWS_NODE)?;
    let others = ["calico-node", "cilium"];
    let other =
        |pod: &Pod| pod.labels.get("k8s-app").is_some_and(|app| others.contains(&app.as_str()));
    if pods.iter().any(other) {
        return Ok(true);
    }
    let Some(set) = set else {
        let auto = cluster(survey)?.is_some_and(|found| found.auto_mode.is_some());
        let action = "k8s:get configmaps kube-system/amazon-vpc-cni".to_string();
        let unasked = Unread { action, why: UNASKED.to_string() };
        return if auto { Err(unasked) } else { Ok(true) };
    };
    let mut args = set.containers.iter().flat_map(|one| &one.args);
    Ok(args.any(|arg| arg == "--enable-network-policy=true"))
}

/// Whether pods without a policy are denied everything.
fn is_strict(survey: &Survey) -> Result<bool, Unread> {
    Ok(settings(survey)?.and_then(|env| env.get(MODE)).is_some_and(|mode| mode == "strict"))
}

fn resolvers(survey: &Survey, pods: &[Pod]) -> Result<Resolvers, Unread> {
    let services = known(&survey.kubernetes.services, "k8s:list services")?;
    let slices = known(&survey.kubernetes.endpoint_slices, SLICES)?;
    let own =
        services.iter().filter(|one| one.namespace == "kube-system" && one.name == "kube-dns");
    let of_service = own.clone().filter_map(|one| one.cluster_ip.as_ref());
    let of_pods = slices
        .iter()
        .filter(|one| one.namespace == "kube-system" && one.service.as_deref() == Some("kube-dns"))
        .flat_map(|one| &one.endpoints)
        .flat_map(|one| &one.addresses);
    let local = LOCAL_DNS.to_string();
    let texts = of_service.chain(of_pods).chain([&local]);
    let selected: Vec<&Tags> = own.map(|one| &one.selector).collect();
    let serves = |pod: &&Pod| {
        pod.namespace == "kube-system"
            && selected.iter().any(|selector| {
                !selector.is_empty()
                    && selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value))
            })
    };
    let labels = pods.iter().filter(serves).map(|pod| pod.labels.clone());
    let addresses = texts.filter_map(|text| text.parse().ok()).collect();
    Ok(Resolvers { addresses, labels: labels.collect() })
}

fn rules_egress(policy: &NetworkPolicy, pod: &Pod) -> bool {
    let egress = policy.types.iter().any(|kind| kind == "Egress");
    egress && policy.namespace == pod.namespace && selects(&policy.pods, &pod.labels)
}

/// Whether a policy admits lookups; where labels are not known, it does.
fn admits(policy: &NetworkPolicy, to: &Resolvers) -> bool {
    policy.egress.iter().any(|rule| {
        let peers = rule["to"].as_array();
        let named = peers.is_none_or(|all| {
            all.is_empty() || all.iter().any(|peer| is_peer(peer, &policy.namespace, to))
        });
        named && has_port(rule)
    })
}

fn has_port(rule: &Value) -> bool {
    let ports = rule["ports"].as_array();
    ports.is_none_or(|all| all.is_empty() || all.iter().any(is_dns))
}

/// Port 53 of UDP; a port by name may be it.
fn is_dns(port: &Value) -> bool {
    let udp = port["protocol"] == "UDP";
    let wanted = u64::from(DNS);
    let number = match port["port"].as_u64() {
        Some(first) => {
            let last = port["endPort"].as_u64().unwrap_or(first);
            first <= wanted && wanted <= last
        }
        None => true,
    };
    udp && number
}

fn is_peer(peer: &Value, namespace: &str, to: &Resolvers) -> bool {
    if let Some(cidr) = peer["ipBlock"]["cidr"].as_str() {
        let Ok(range) = cidr.parse::<IpNet>() else { return true };
        let except: Vec<IpNet> = peer["ipBlock"]["except"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one.as_str()?.parse().ok())
            .collect();
        let inside =
            |own: &IpAddr| range.contains(own) && !except.iter().any(|one| one.contains(own));
        return to.addresses.iter().any(inside);
    }
    let in_namespace = match &peer["namespaceSelector"] {
        Value::Null => namespace == "kube-system",
        selector => may_be_system(selector),
    };
    let pods = &peer["podSelector"];
    let selected = pods.is_null()
        || to.labels.is_empty()
        || to.labels.iter().any(|labels| selects_raw(pods, labels));
    in_namespace && selected
}

/// Of the labels of kube-system only its name is known.
fn may_be_system(selector: &Value) -> bool {
    let name = selector["matchLabels"]["kubernetes.io/metadata.name"].as_str();
    name.is_none_or(|name| name == "kube-system")
}

fn denial(pod: &Pod, own: &[&NetworkPolicy]) -> Sick {
    let names: Vec<String> =
        own.iter().map(|one| format!("{}/{}", one.namespace, one.name)).collect();
    let seen = match names.as_slice() {
        [] => format!("no policy selects {}/{}, and {MODE} is strict", pod.namespace, pod.name),
        names => format!("{} select {}/{}", names.join(", "), pod.namespace, pod.name),
    };
    let proof = Proof {
        read: POLICIES,
        resource: names.first().cloned().unwrap_or_else(|| pod.namespace.clone()),
        field: "spec.egress",
        seen: format!("{seen}: none allows UDP {DNS} to kube-dns"),
        wanted: format!("a rule for UDP and TCP {DNS} to kube-dns"),
    };
    Sick::proven(
        format!("pods in {} cannot query CoreDNS: network policies deny it", pod.namespace),
        proof,
        format!(
            "add a NetworkPolicy to {} that allows UDP and TCP {DNS} to kube-system",
            pod.namespace
        ),
    )
}

/// DNS-08
pub fn local_cache_in_strict_mode(survey: &Survey) -> Judged {
    let set =
        known(&survey.kubernetes.node_local_dns, "k8s:get daemonsets kube-system/node-local-dns")?;
    let (Some(set), true) = (set, is_strict(survey)?) else { return Ok(Vec::new()) };
    let enforced = is_enforced(survey, items(&survey.kubernetes.pods))?;
    if !enforced {
        return Ok(Vec::new());
    }
    let proof = Proof {
        read: AWS_NODE,
        resource: "kube-system/aws-node".into(),
        field: "env",
        seen: format!("{MODE}=strict, with node-local-dns on {} nodes", set.desired),
        wanted: "standard, or no NodeLocal DNSCache".into(),
    };
    Ok(vec![Sick::proven(
        "lookups fail: the strict mode of network policies does not support NodeLocal DNSCache",
        proof,
        format!("kubectl -n kube-system set env daemonset/aws-node {MODE}=standard"),
    )])
}
