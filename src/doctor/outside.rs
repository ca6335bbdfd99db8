//! What pods and the API reach beyond the cluster: gateways of other zones, groups that admit only nodes, webhooks by URL.

use crate::observed::survey::{Interface, NatGateway, SecurityRule, Subnet, Survey};
use crate::survey::{Passage, Side, Way, allows};

use super::cast::{
    CLUSTER, INTERFACES, SECURITY, TABLES, all_named, by_table, cluster, is_custom, node_subnets,
    pod_subnets, settings, told, way,
};
use super::verdict::{Judged, Proof, Sick, known};

/// SN-07
pub fn nat_of_another_zone(survey: &Survey) -> Judged {
    let nats = known(&survey.vpc.nat_gateways, "ec2:DescribeNatGateways")?;
    let zone = |id: &str| {
        let nat = nats.iter().find(|nat| nat.id == id && nat.state == "available")?;
        survey.vpc.subnet(nat.subnet.as_ref()?).map(|subnet| subnet.zone_id.clone())
    };
    let mut own: Vec<&Subnet> = node_subnets(survey)?;
    own.extend(pod_subnets(survey)?);
    own.sort_by(|one, other| one.id.cmp(&other.id));
    own.dedup_by(|one, other| one.id == other.id);
    let mut sick = Vec::new();
    for (table, subnets) in by_table(survey, own) {
        let Some(first) = subnets.first() else { continue };
        let Way::Nat(id) = way(survey, &first.id)? else { continue };
        let Some(used) = zone(&id) else { continue };
        // A table that serves several zones has one gateway: only a table of their own gives them another.
        let mut far: Vec<&Subnet> =
            subnets.iter().copied().filter(|one| one.zone_id != used).collect();
        let near = |one: &Subnet| {
            let own =
                |nat: &&NatGateway| !nat.private && zone(&nat.id).as_ref() == Some(&one.zone_id);
            nats.iter().find(own)
        };
        far.retain(|one| near(one).is_some());
        let Some(gate) = far.first().and_then(|one| near(one)) else { continue };
        let shared =
            far.len() < subnets.len() || far.iter().any(|one| one.zone_id != far[0].zone_id);
        let table = table.map_or("its table", |table| table.id.as_str());
        let proof = Proof {
            read: TABLES,
            resource: format!("{table} of {}", far[0].id),
            field: "Routes, default",
            seen: format!("{id}, in {used}"),
            wanted: format!("{}, the gateway of its own zone", gate.id),
        };
        let cause = format!(
            "{} leaves through a NAT gateway of another zone: its failure stops this zone too",
            all_named(&far)
        );
        sick.push(if shared {
            let fix = "give each zone a route table with a route to its own gateway (`egress.nat: perZone`)";
            Sick::proven(cause, proof, fix).or("give each zone a route table of its own (aws ec2 create-route-table) with a route to its gateway")
        } else {
            Sick::proven(cause, proof, format!("route 0.0.0.0/0 of {table} to {}", gate.id))
        });
    }
    Ok(sick)
}

/// SN-08
pub fn only_nodes_admitted(survey: &Survey) -> Judged {
    if !is_custom(settings(survey)?) {
        return Ok(Vec::new());
    }
    let interfaces = known(&survey.vpc.interfaces, INTERFACES)?;
    let groups = known(&survey.vpc.security_groups, SECURITY)?;
    let (nodes, pods) = (node_subnets(survey)?, pod_subnets(survey)?);
    let callers: Vec<Side> = interfaces
        .iter()
        .filter(|one| one.instance().is_some() && pods.iter().any(|pod| pod.id == one.subnet))
        .map(side)
        .collect();
    let admits_nodes = |rule: &&SecurityRule| {
        let cidr = rule.cidr.filter(|cidr| cidr.prefix_len() != 0);
        let inside = |node: &Subnet| {
            node.cidr.is_some_and(|own| cidr.is_some_and(|cidr| cidr.contains(&own)))
        };
        !rule.egress
            && rule.ports.is_some()
            && !nodes.is_empty()
            && nodes.iter().all(|node| inside(node))
    };
    let mut sick: Vec<Sick> = Vec::new();
    for target in interfaces.iter().filter(|one| is_foreign(survey, one)) {
        let own = groups.iter().filter(|group| target.groups.contains(&group.id));
        let rules = own.flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
        for (group, rule) in rules.filter(|(_, rule)| admits_nodes(rule)) {
            let port = rule.ports.map_or(0, |(first, _)| first);
            let to = Side { subnet: None, ..side(target) };
            let refused = callers.iter().any(|from| {
                let from = Side { subnet: None, ..from.clone() };
                let passage = allows(&survey.vpc, &from, &to, (&rule.protocol, port));
                matches!(passage, Passage::NotIn(_))
            });
            let one = missing(&group.id, rule, (target, &pods));
            if refused && !sick.iter().any(|other| other.cause() == one.cause()) {
                sick.push(one);
            }
        }
    }
    Ok(sick)
}

fn side(interface: &Interface) -> Side {
    Side {
        address: interface.addresses.first().map(|one| one.private),
        groups: interface.groups.clone(),
        subnet: Some(interface.subnet.clone()),
        ..Side::default()
    }
}

/// Neither of the cluster nor of a load balancer, gateway or endpoint: a database, a cache, another server.
fn is_foreign(survey: &Survey, one: &Interface) -> bool {
    let ours = ["Amazon EKS ", "aws-K8S-", "ELB "];
    let kinds = [
        "nat_gateway",
        "vpc_endpoint",
        "network_load_balancer",
        "gateway_load_balancer",
        "trunk",
        "branch",
    ];
    let node = |id: &str| {
        survey.eks.instances.read().is_some_and(|all| all.iter().any(|own| own.id == id))
    };
    !ours.iter().any(|words| one.description.starts_with(words))
        && !kinds.contains(&one.kind.as_str())
        && !one.instance().is_some_and(node)
}

fn missing(group: &str, rule: &SecurityRule, (target, pods): (&Interface, &[&Subnet])) -> Sick {
    let ports = rule.ports.map_or(String::new(), |(first, last)| match first == last {
        true => format!(" {first}"),
        false => format!(" {first}-{last}"),
    });
    let ranges: Vec<String> =
        pods.iter().filter_map(|pod| pod.cidr).map(|cidr| cidr.to_string()).collect();
    let (what, ranges) = (format!("{}{ports}", rule.protocol), ranges.join(", "));
    let proof = Proof {
        read: SECURITY,
        resource: format!("{group} of {}", target.id),
        field: "IpPermissions",
        seen: format!("{what} from {}", rule.cidr.map(|cidr| cidr.to_string()).unwrap_or_default()),
        wanted: format!("{what} from {ranges} too: pods keep their address inside the VPC"),
    };
    Sick::proven(
        format!("{group} admits the nodes at {what} and not the pods"),
        proof,
        format!("allow {what} from {ranges} in {group}"),
    )
}

/// WH-04
pub fn no_route_to_urls(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    if found.control_plane_egress.as_deref() != Some("CUSTOMER_ROUTED") {
        return Ok(Vec::new());
    }
    let webhooks = known(&survey.kubernetes.webhooks, "k8s:list webhookconfigurations")?;
    let Some(webhook) = webhooks.iter().find(|one| one.url.is_some()) else {
        return Ok(Vec::new());
    };
    let mut sick = Vec::new();
    for id in &found.subnets {
        let found_way = way(survey, id)?;
        if found_way.is_open() {
            continue;
        }
        let proof = Proof {
            read: TABLES,
            resource: id.clone(),
            field: "Routes, default",
            seen: told(&found_way),
            wanted: "an egress path: controlPlaneEgressMode is CUSTOMER_ROUTED".into(),
        };
        let one = Sick::proven(
            format!("the API cannot call the webhook {}: {id} has no egress path", webhook.name),
            proof,
            "set `egress` of the cluster's tier, or serve the webhook inside the cluster",
        )
        .or(
            "route the cluster's subnets to a NAT gateway, or serve the webhook inside the cluster",
        );
        sick.push(one.and(Proof {
            read: CLUSTER,
            resource: webhook.name.clone(),
            field: "clientConfig.url",
            seen: webhook.url.clone().unwrap_or_default(),
            wanted: "a route to it from the cluster's subnets".into(),
        }));
    }
    Ok(sick)
}
