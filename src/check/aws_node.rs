//! The node CNI: settings that contradict each other, and subnets that cannot carry the mode.

use super::custom_networking;
use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::demand;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::names;
use crate::facts::subnets;
use crate::intent::aws_node::{Enforcing, Value};
use crate::intent::{AwsNode, Cluster, Intent, NodeGroup, PodSubnets, Tier};
use crate::rules::{
    NP_02, Rule, SD_02, SET_04, SET_08, SET_14, SET_24, SET_38, SET_39, SNAT_02, SUB_11,
};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let node = &cluster.aws_node;
    let mut findings = warm(cluster);
    findings.extend(combinations(node));
    findings.extend(packets(node));
    findings.extend(custom_networking::custom_networking(intent, cluster));
    findings.extend(
        cluster.node_groups.iter().filter_map(|group| translated_nowhere(intent, cluster, group)),
    );
    findings.extend(
        cluster.node_groups.iter().flat_map(|group| custom_networking::pod_interfaces(group, node)),
    );
    findings.extend(prefixes(intent, cluster));
    findings
}

fn warm(cluster: &Cluster) -> Vec<Diagnostic> {
    let node = &cluster.aws_node;
    let warm = node.warm;
    let mut findings: Vec<Diagnostic> = floor(cluster).into_iter().collect();
    let nothing = [warm.prefixes, warm.ips, warm.minimum_ips]
        .iter()
        .all(|target| target.is_none_or(|target| target == 0));
    if node.prefix_delegation && nothing {
        findings.push(
            SET_08
                .at(
                    "awsNode.warm",
                    "prefix delegation with no warm target: aws-node does not start",
                )
                .hint("set `prefixes: 1`"),
        );
    }
    let spare = warm.enis == Some(0) && !warm.by_ips() && !node.prefix_delegation;
    if spare && node.custom_networking.is_some() {
        findings.push(
            SET_38
                .at(
                    "awsNode.warm.enis",
                    "no spare interface with custom networking: idle nodes release and attach interfaces again",
                )
                .hint("set `enis: 1`, or leave it out"),
        );
    }
    findings.extend(dead_targets(node));
    findings
}

/// A floor without spare addresses: the pool stops there, below what a node holds. At or above it the pool is simply fixed.
fn floor(cluster: &Cluster) -> Option<Diagnostic> {
    let warm = cluster.aws_node.warm;
    let floor = warm.minimum_ips.filter(|floor| 0 < *floor)?;
    if warm.ips.is_some_and(|spare| 0 < spare) || cluster.ipv6 {
        return None;
    }
    let groups = &cluster.node_groups;
    let most = groups
        .iter()
        .filter_map(|group| demand::density_of(group, &cluster.aws_node))
        .max_by_key(|density| density.max_pods);
    let most = most.map_or(u64::MAX, |density| density.max_pods);
    (floor < most).then(|| {
        let finding = SET_08.at(
            "awsNode.warm.minimumIps",
            format!("the pool of a node never grows beyond {floor} addresses: no spare ones are asked for"),
        );
        finding.hint("add `ips: 1` or more; or a minimum of the node's max pods, for a fixed pool")
    })
}

fn dead_targets(node: &AwsNode) -> Vec<Diagnostic> {
    let by_ips = node.warm.by_ips();
    let unused = [
        ("enis", node.warm.enis.is_some(), by_ips || node.prefix_delegation),
        ("prefixes", node.warm.prefixes.is_some(), by_ips || !node.prefix_delegation),
    ];
    let finding = |target: &str| {
        let winner = if by_ips {
            "`ips` and `minimumIps` decide"
        } else if node.prefix_delegation {
            "with prefix delegation `prefixes` decides"
        } else {
            "it is for prefix delegation"
        };
        SET_24
            .at(format!("awsNode.warm.{target}"), format!("`{target}` has no effect: {winner}"))
            .hint("remove it")
    };
    unused
        .iter()
        .filter(|(_, set, overridden)| *set && *overridden)
        .map(|(target, ..)| finding(target))
        .collect()
}

/// Two settings of which one makes the other pointless, or worse.
struct Clash {
    rule: &'static Rule,
    both: bool,
    place: &'static str,
    message: &'static str,
    other: Option<&'static str>,
    hint: &'static str,
}

fn combinations(node: &AwsNode) -> Vec<Diagnostic> {
    let clashes = of_snat(node).into_iter().chain(of_pods(node)).filter(|clash| clash.both);
    let finding = |clash: Clash| {
        let finding = clash.rule.at(clash.place, clash.message).hint(clash.hint);
        match clash.other {
            Some(other) => finding.also(other, "on here"),
            None => finding,
        }
    };
    clashes.map(finding).collect()
}

fn of_snat(node: &AwsNode) -> [Clash; 2] {
    let external = node.settings.is_on(names::EXTERNAL_SNAT);
    let message = "no effect: with `external: true` the node translates no source address";
    [
        Clash {
            rule: &SET_04,
            both: external && node.settings.has(names::EXCLUDE_SNAT_CIDRS),
            place: "awsNode.snat.excludeCidrs",
            message,
            other: None,
            hint: "remove one of the two",
        },
        Clash {
            rule: &SET_24,
            both: external && node.settings.has(names::RANDOMIZE_SNAT),
            place: "awsNode.snat.randomize",
            message,
            other: None,
            hint: "remove it",
        },
    ]
}

fn of_pods(node: &AwsNode) -> [Clash; 4] {
    let strict = node.pod_security_groups == Some(Enforcing::Strict);
    let events = node.policy_agent.get("enablePolicyEventLogs");
    [
        Clash {
            rule: &SET_14,
            both: strict && node.settings.get(names::TCP_EARLY_DEMUX) == Some(&Value::Bool(false)),
            place: "awsNode.env.DISABLE_TCP_EARLY_DEMUX",
            message: "with `strict` the kubelet's TCP probes do not reach pods on branch interfaces",
            other: Some("awsNode.securityGroupsForPods.enforcing"),
            hint: "leave it out: eksnet sets it to true; or allow it, if no pod with groups of its own has TCP probes",
        },
        Clash {
            rule: &SET_24,
            both: node.policy_logs() && events.is_some_and(|value| value == "false"),
            place: "awsNode.networkPolicy.cloudWatchLogs",
            message: "no effect: the agent writes no logs to send",
            other: None,
            hint: "set `eventLogs: true`, or leave it out",
        },
        Clash {
            rule: &NP_02,
            both: node.network_policy && node.settings.is_on(names::BANDWIDTH_PLUGIN),
            place: "awsNode.env.ENABLE_BANDWIDTH_PLUGIN",
            message: "the bandwidth plugin does not work with network policies",
            other: Some("awsNode.networkPolicy"),
            hint: "turn one of them off",
        },
        Clash {
            rule: &SD_02,
            both: node.custom_networking.is_some() && node.settings.is_on(names::SUBNET_DISCOVERY),
            place: "awsNode.subnetDiscovery",
            message: "no effect: custom networking decides the pods' subnets",
            other: Some("awsNode.customNetworking"),
            hint: "remove one of the two",
        },
    ]
}

/// Pods that send larger packets than their interface carries.
fn packets(node: &AwsNode) -> Option<Diagnostic> {
    let mtu = |variable: &str| node.settings.number(variable);
    let (pods, interface) = (mtu(names::POD_MTU)?, mtu(names::ENI_MTU)?);
    (interface < pods).then(|| {
        let message = format!("pods send packets of up to {pods} bytes, and the interface carries {interface}");
        SET_39
            .at("awsNode.env.POD_MTU", message)
            .also("awsNode.env.AWS_VPC_ENI_MTU", "the interface's")
            .hint(format!("set `POD_MTU: \"{interface}\"` or less, or leave it out: it follows the interface's"))
    })
}

/// Without source NAT on the node, pods in a subnet with a route to the internet gateway have no public address to leave with.
fn translated_nowhere(intent: &Intent, cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let place = cluster.aws_node.sends_as_it_is()?;
    // Endpoints carry what nodes and pods need of AWS without any translation.
    if cluster.ipv6 || !intent.endpoints.services.is_empty() {
        return None;
    }
    let holders: Vec<&String> = match &cluster.pods_in {
        PodSubnets::Tier(name) => vec![group.pod_tier.as_ref().unwrap_or(name)],
        PodSubnets::Discovered(names) => names.iter().chain([&group.tier]).collect(),
        PodSubnets::OfNode => vec![&group.tier],
    };
    let public = |tier: &&Tier| tier.leaves() == TierEgress::Internet;
    let tier = holders.into_iter().filter_map(|name| intent.tier(name)).find(public)?;
    let way = cluster.aws_node.way_to_translate();
    let finding = SNAT_02.at(
        key(&tier.path, "egress"),
        format!("pods in `{}` do not reach the internet: they have no public address", tier.name),
    );
    Some(finding.also(place, "the node does not translate for them").hint(format!(
        "set `egress: nat`, or {way}; or allow it, if pods call nothing on the internet"
    )))
}

/// Subnets that pods take prefixes from, and node groups that cannot take any.
fn prefixes(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    if !cluster.aws_node.prefix_delegation || cluster.ipv6 {
        return Vec::new();
    }
    let custom = cluster.aws_node.custom_networking.is_some();
    let discovered = |tier: &Tier| matches!(&cluster.pods_in, PodSubnets::Discovered(tiers) if tiers.contains(&tier.name));
    let carries = |tier: &&Tier| match custom {
        true => cluster.pod_tiers().contains(&tier.name.as_str()),
        false => {
            discovered(tier)
                || cluster
                    .node_groups
                    .iter()
                    .any(|group| group.tier == tier.name && !group.primary_excluded)
        }
    };
    let sized = intent
        .tiers
        .iter()
        .filter(carries)
        .filter_map(|tier| tier.size.fixed().map(|len| (tier, len)));
    let small = sized.filter(|(_, len)| *len <= subnets::SMALLEST && subnets::prefixes(*len) == 0);
    small
        .filter(|(tier, _)| !has_roomier(intent, cluster, tier))
        .map(|(tier, len)| {
            let finding =
                SUB_11.at(tier.size_path(), format!("a /{len} has no whole /28 for a prefix"));
            finding.hint("set `/26` or larger, or `awsNode: { prefixDelegation: false }`")
        })
        .collect()
}

/// With discovery aws-node goes on to an open subnet with more room, where every zone of `tier` has one.
fn has_roomier(intent: &Intent, cluster: &Cluster, tier: &Tier) -> bool {
    let PodSubnets::Discovered(open) = &cluster.pods_in else {
        return false;
    };
    let roomy = |other: &&Tier| {
        other.size.fixed().is_none_or(|len| len <= subnets::SMALLEST && 0 < subnets::prefixes(len))
    };
    let others: Vec<&Tier> =
        open.iter().filter_map(|name| intent.tier(name)).filter(roomy).collect();
    tier.zones.iter().all(|zone| others.iter().any(|other| other.zones.contains(zone)))
}
