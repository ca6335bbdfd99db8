//! A survey of one node, pod or service: what concerns others is left out, what all share stays.

use std::collections::BTreeSet;

use crate::facts::subnets::DISCOVERY_TAG;
use crate::observed::survey::{Event, Pod, Subnet, Survey};
use crate::observed::{Part, Unread};
use crate::survey::items;

use super::cast::{node_subnets, pod_subnets};
use super::check::Symptom;

/// What a diagnosis is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Name of a node, or id of its instance.
    pub node: Option<String>,
    /// `namespace/name`
    pub pod: Option<String>,
    /// `namespace/name`
    pub service: Option<String>,
}

impl Narrow {
    /// What is noticed of what is named, where nobody asks for symptoms: the cluster's own troubles are others' too.
    pub fn symptoms(&self) -> &'static [Symptom] {
        const OF_NODE: &[Symptom] =
            &[Symptom::Nodes, Symptom::Addresses, Symptom::Dns, Symptom::Images, Symptom::Egress];
        const OF_POD: &[Symptom] = &[
            Symptom::Nodes,
            Symptom::Addresses,
            Symptom::Dns,
            Symptom::Images,
            Symptom::Egress,
            Symptom::Fargate,
        ];
        const OF_SERVICE: &[Symptom] = &[Symptom::Dns, Symptom::Balancers, Symptom::Webhooks];
        match self {
            Narrow { node: None, pod: None, service: None } => &[],
            Narrow { service: Some(_), .. } => OF_SERVICE,
            Narrow { pod: Some(_), .. } => OF_POD,
            Narrow { node: Some(_), .. } => OF_NODE,
        }
    }
}

fn retain<T>(part: &mut Part<Vec<T>>, keep: impl FnMut(&T) -> bool) {
    if let Part::Read(all) = part {
        all.retain(keep);
    }
}

/// The survey of what is named; an error names what does not exist.
pub fn narrowed(mut survey: Survey, to: &Narrow) -> Result<Survey, String> {
    if let Some(name) = &to.node {
        to_node(&mut survey, name)?;
    }
    if let Some(name) = &to.pod {
        to_pod(&mut survey, name)?;
    }
    if let Some(name) = &to.service {
        to_service(&mut survey, name)?;
    }
    Ok(survey)
}

/// Name and instance of a node.
struct Node {
    name: String,
    instance: String,
}

fn to_node(survey: &mut Survey, asked: &str) -> Result<(), String> {
    let node = found(survey, asked)?;
    let own = items(&survey.eks.instances).iter().find(|one| one.id == node.instance).cloned();
    retain(&mut survey.kubernetes.nodes, |one| one.name == node.name);
    retain(&mut survey.eks.instances, |one| one.id == node.instance);
    retain(&mut survey.eks.scaling_groups, |one| one.instances.contains(&node.instance));
    retain(&mut survey.eks.fargate_profiles, |_| false);
    let labels = items(&survey.kubernetes.nodes).first().map(|one| one.labels.clone());
    let of_label = labels.and_then(|labels| labels.get("eks.amazonaws.com/nodegroup").cloned());
    let of_tag = || own.as_ref().and_then(|one| one.tags.get("eks:nodegroup-name").cloned());
    let group = of_label.or_else(of_tag);
    let subnet = own.map(|one| one.subnet).unwrap_or_default();
    retain(&mut survey.eks.node_groups, |one| match &group {
        Some(name) => one.name == *name,
        None => one.subnets.contains(&subnet),
    });
    if let Part::Read(groups) = &mut survey.eks.node_groups {
        groups.iter_mut().for_each(|group| group.subnets.retain(|one| *one == subnet));
    }
    to_zone(survey, &subnet);
    let here = |pod: &Pod| pod.node.as_ref() == Some(&node.name) || serves_names(pod);
    retain(&mut survey.kubernetes.pods, here);
    let pods = names(items(&survey.kubernetes.pods));
    let about = |event: &Event| {
        let own = event.about.ends_with(&node.name) || event.node.as_ref() == Some(&node.name);
        own || event.about.strip_prefix("Pod ").is_some_and(|name| pods.contains(name))
    };
    retain(&mut survey.kubernetes.events, about);
    Ok(())
}

/// Subnets of other zones give a node's pods no addresses.
fn to_zone(survey: &mut Survey, subnet: &str) {
    let zone_of = |id: &str| survey.vpc.subnet(id).map(|one| one.zone_id.clone());
    let Some(zone) = zone_of(subnet) else { return };
    let elsewhere: BTreeSet<String> = items(&survey.vpc.subnets)
        .iter()
        .filter(|one| one.zone_id != zone)
        .map(|one| one.id.clone())
        .collect();
    let own = items(&survey.kubernetes.nodes).first().map(|node| node.labels.clone());
    let named = own.unwrap_or_default();
    // The one that the node's label names is read, wherever its subnet is.
    let is_named = |name: &String| named.values().any(|value| value == name);
    retain(&mut survey.kubernetes.eni_configs, |one| {
        is_named(&one.name) || !elsewhere.contains(&one.subnet)
    });
    if let Part::Read(subnets) = &mut survey.vpc.subnets {
        let others = subnets.iter_mut().filter(|one| elsewhere.contains(&one.id));
        others.for_each(|one| _ = one.tags.remove(DISCOVERY_TAG));
    }
}

/// The survey whose subnets are those of the nodes and pods that are left, for a picture of them.
pub fn pictured(survey: &Survey) -> Survey {
    let of = |found: Result<Vec<&Subnet>, Unread>| -> Vec<String> {
        found.unwrap_or_default().iter().map(|one| one.id.clone()).collect()
    };
    let ids = [of(node_subnets(survey)), of(pod_subnets(survey))].concat();
    let mut survey = survey.clone();
    retain(&mut survey.vpc.subnets, |one| ids.contains(&one.id));
    survey
}

fn found(survey: &Survey, asked: &str) -> Result<Node, String> {
    let nodes = items(&survey.kubernetes.nodes).iter();
    let named = |name: &str, id: Option<&str>| name == asked || id == Some(asked);
    if let Some(node) = nodes.clone().find(|one| named(&one.name, one.instance.as_deref())) {
        let instance = node.instance.clone().unwrap_or_default();
        return Ok(Node { name: node.name.clone(), instance });
    }
    let instances = items(&survey.eks.instances).iter();
    let own = instances.clone().find(|one| named(&one.private_dns, Some(&one.id)));
    let node = own.map(|one| Node { name: one.private_dns.clone(), instance: one.id.clone() });
    let known = nodes.map(|one| &one.name).chain(instances.map(|one| &one.id));
    node.ok_or_else(|| unknown("node", asked, known.cloned().collect()))
}

/// Lookups of every pod go to these.
fn serves_names(pod: &Pod) -> bool {
    pod.labels.get("k8s-app").is_some_and(|app| app == "kube-dns")
}

fn names(pods: &[Pod]) -> BTreeSet<String> {
    pods.iter().map(|pod| format!("{}/{}", pod.namespace, pod.name)).collect()
}

fn to_pod(survey: &mut Survey, asked: &str) -> Result<(), String> {
    let is_it = |pod: &Pod| format!("{}/{}", pod.namespace, pod.name) == asked;
    let pods = items(&survey.kubernetes.pods);
    let Some(pod) = pods.iter().find(|pod| is_it(pod)).cloned() else {
        return Err(unknown("pod", asked, names(pods).into_iter().collect()));
    };
    if let Some(node) = &pod.node {
        to_node(survey, node)?;
    }
    retain(&mut survey.kubernetes.pods, |pod| is_it(pod) || serves_names(pod));
    let of_node = pod.node.clone().unwrap_or_default();
    let about = |event: &Event| match event.about.split_once(' ') {
        Some(("Pod", name)) => name == asked,
        _ => event.node.as_ref() == Some(&of_node) || event.about == format!("Node {of_node}"),
    };
    retain(&mut survey.kubernetes.events, about);
    Ok(())
}

fn to_service(survey: &mut Survey, asked: &str) -> Result<(), String> {
    let full = |namespace: &str, name: &str| format!("{namespace}/{name}");
    let services = items(&survey.kubernetes.services).iter();
    let mut known = services.map(|one| full(&one.namespace, &one.name));
    if !known.clone().any(|name| name == asked) {
        return Err(unknown("service", asked, known.by_ref().collect()));
    }
    let kept = |name: &str| name == asked || name == "kube-system/kube-dns";
    let kubernetes = &mut survey.kubernetes;
    retain(&mut kubernetes.services, |one| kept(&full(&one.namespace, &one.name)));
    retain(&mut kubernetes.ingresses, |one| full(&one.namespace, &one.name) == asked);
    retain(&mut kubernetes.endpoint_slices, |one| {
        one.service.as_ref().is_some_and(|name| kept(&full(&one.namespace, name)))
    });
    retain(&mut kubernetes.webhooks, |one| one.service.as_deref() == Some(asked));
    retain(&mut kubernetes.api_services, |one| one.service.as_deref() == Some(asked));
    retain(&mut kubernetes.events, |one| {
        one.about.split_once(' ').is_some_and(|(_, name)| name == asked)
    });
    Ok(())
}

/// Names that are shown of those that exist.
const SHOWN: usize = 8;

fn unknown(what: &str, asked: &str, mut known: Vec<String>) -> String {
    known.sort();
    known.dedup();
    let count = known.len();
    known.truncate(SHOWN);
    let more = if SHOWN < count { format!(" and {} more", count - SHOWN) } else { String::new() };
    match count {
        0 => format!("the survey has no {what} `{asked}`: none was read"),
        _ => format!("the survey has no {what} `{asked}`; it has {}{more}", known.join(", ")),
    }
}
