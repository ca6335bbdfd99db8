//! The address plan for people.

use crate::address::AddressPlan;
use crate::address::capacity::GroupCapacity;
use crate::blueprint::model::Use;
use crate::facts::subnets;
use crate::spec::tiers::word;
use crate::spec::{Spec, Zone};

use super::style::{bold, dim};
use super::table::{Align::Left, Align::Right, table};
use super::thousands;

/// `eksnet layout`. `lock` says how the lock stands.
pub fn write(spec: &Spec, plan: &AddressPlan, lock: &str) -> String {
    let cidrs: Vec<_> = spec.vpc.cidrs().map(|cidr| cidr.to_string()).collect();
    let mut out = format!("{}  {}  {}\n", bold(&spec.name), spec.region.name, cidrs.join(" + "));
    out.push_str(&format!("{}\n\n", dim(lock)));
    out.push_str(&subnets_table(spec, plan));
    out.push_str(&format!("\n  free  {}\n", free(plan)));
    out.push_str(&nodes(spec, plan));
    out.push_str(&late(spec, plan));
    out.push_str(&choices(spec));
    out
}

pub fn subnets_table(spec: &Spec, plan: &AddressPlan) -> String {
    let columns = [("tier", Left), ("zone", Left), ("cidr", Left), ("usable", Right), ("/28s", Right), ("egress", Left), ("serves", Left)];
    let rows = plan.subnets.iter().filter_map(|subnet| {
        let tier = spec.tier(&subnet.tier)?;
        let len = subnet.cidr.prefix_len();
        let serves: Vec<_> = tier.serves.iter().map(|one| use_word(*one)).collect();
        Some(vec![
            subnet.tier.clone(),
            zone(&subnet.zone),
            subnet.cidr.to_string(),
            thousands(subnets::usable(len)),
            thousands(subnets::prefixes(len)),
            word(tier.egress).to_string(),
            serves.join(", "),
        ])
    });
    table(2, &columns, &rows.collect::<Vec<_>>())
}

fn zone(zone: &Zone) -> String {
    match &zone.name {
        Some(name) => name.clone(),
        None => zone.id.clone(),
    }
}

fn use_word(one: Use) -> &'static str {
    match one {
        Use::ExternalLoadBalancers => "external load balancers",
        Use::InternalLoadBalancers => "internal load balancers",
        Use::Nodes => "nodes",
        Use::Pods => "pods",
        Use::ControlPlane => "control plane",
    }
}

fn free(plan: &AddressPlan) -> String {
    let blocks: Vec<_> = plan.free.iter().map(ToString::to_string).collect();
    if blocks.is_empty() { "nothing".to_string() } else { blocks.join("  ") }
}

fn nodes(spec: &Spec, plan: &AddressPlan) -> String {
    let capacity = &plan.capacity;
    if capacity.groups.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n");
    for group in &capacity.groups {
        out.push_str(&group_lines(spec, group));
    }
    out.push('\n');
    let rows: Vec<Vec<String>> = capacity
        .zones
        .iter()
        .map(|one| {
            vec![zone(&one.zone), format!("{} nodes", thousands(one.nodes)), format!("{} pods", thousands(one.pods)), format!("full first: {}", one.limited_by)]
        })
        .collect();
    out.push_str("  room\n");
    out.push_str(&table(4, &[("", Left), ("", Right), ("", Right), ("", Left)], &rows));
    out.push_str(&format!("    in all {} nodes, {} pods\n", bold(&thousands(capacity.nodes())), bold(&thousands(capacity.pods()))));
    out
}

fn group_lines(spec: &Spec, group: &GroupCapacity) -> String {
    let groups = spec.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let Some(own) = groups.into_iter().find(|own| own.name == group.name) else { return String::new() };
    let types: Vec<_> = own.instances.iter().map(|instance| instance.name).collect();
    let limit = match group.limit {
        crate::address::pods::Limit::Interfaces => "as its interfaces allow",
        crate::address::pods::Limit::ManagedCap => "EKS's limit for managed nodes",
    };
    let mut out = format!(
        "  node group {}  {}  {} to {} nodes  {} pods per node at most ({limit})\n",
        bold(&own.name),
        types.join(", "),
        own.min,
        own.max,
        group.max_pods
    );
    let per_node = |at: fn(&crate::address::capacity::Footprint) -> u64| {
        format!("{} at boot, {} with {} pods, {} at most", at(&group.boot), at(&group.planned), group.pods, at(&group.worst))
    };
    if group.planned.pod_subnet.addresses() > 0 {
        out.push_str(&format!(
            "    addresses per node: {} in its own subnet; for pods {}\n",
            group.planned.node_subnet.addresses(),
            per_node(|at| at.pod_subnet.addresses())
        ));
    } else {
        out.push_str(&format!("    addresses per node: {}\n", per_node(|at| at.node_subnet.addresses())));
    }
    out
}

/// What zones that came later are left out of.
fn late(spec: &Spec, plan: &AddressPlan) -> String {
    let lines = spec.cluster.iter().flat_map(|cluster| plan.latecomers(spec, cluster));
    let text: String = lines.map(|line| format!("    {line}\n")).collect();
    if text.is_empty() { text } else { format!("\n  came later\n{text}") }
}

/// What was chosen where the blueprint is silent.
pub fn choices(spec: &Spec) -> String {
    if spec.choices.0.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = spec.choices.0.iter().map(|choice| vec![choice.what.clone(), choice.value.clone(), choice.why.to_string()]).collect();
    format!("\n  chosen, because the blueprint does not say\n{}", table(4, &[("", Left), ("", Left), ("", Left)], &rows))
}
