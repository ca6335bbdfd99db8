//! The node CNI: settings that contradict each other, and subnets that cannot carry the mode.

use super::custom_networking;
use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::intent::aws_node::Enforcing;
use crate::intent::{AwsNode, Cluster, Intent, NodeGroup, PodSubnets, Tier};
use crate::rules::{NP_02, SD_02, SET_04, SET_08, SET_14, SET_24, SNAT_02, SUB_11};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let node = &cluster.aws_node;
    let mut findings = warm(node);
    findings.extend(combinations(node));
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

fn warm(node: &AwsNode) -> Vec<Diagnostic> {
    let warm = node.warm;
    let mut findings = Vec::new();
    if warm.minimum_ips.is_some_and(|floor| 0 < floor) && warm.ips.is_none_or(|spare| spare == 0) {
        findings.push(
            SET_08
                .at(
                    "awsNode.warm.minimumIps",
                    "a floor without spare addresses: the pool never grows beyond it",
                )
                .hint("add `ips: 1` or more"),
        );
    }
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
                .hint("write `prefixes: 1`"),
        );
    }
    if warm.enis == Some(0) && node.custom_networking.is_some() && !node.prefix_delegation {
        findings.push(
            SET_08
                .at(
                    "awsNode.warm.enis",
                    "no spare interface with custom networking: interfaces come and go in a loop",
                )
                .hint("write `enis: 1`, or leave it out"),
        );
    }
    findings.extend(dead_targets(node));
    findings
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

fn combinations(node: &AwsNode) -> Vec<Diagnostic> {
    let on = |variable: &str| node.variables.get(variable).is_some_and(|value| value == "true");
    let mut findings = Vec::new();
    if on("AWS_VPC_K8S_CNI_EXTERNALSNAT")
        && node.variables.contains_key("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS")
    {
        findings.push(
            SET_04
                .at(
                    "awsNode.snat.excludeCidrs",
                    "no effect: with `external: true` the node translates no source address",
                )
                .hint("remove one of the two"),
        );
    }
    if node.pod_security_groups == Some(Enforcing::Strict)
        && node.variables.get("DISABLE_TCP_EARLY_DEMUX").is_some_and(|value| value == "false")
    {
        findings.push(
            SET_14
                .at(
                    "awsNode.env.DISABLE_TCP_EARLY_DEMUX",
                    "with `strict` the kubelet's TCP probes do not reach pods on branch interfaces",
                )
                .also("awsNode.securityGroupsForPods.enforcing", "strict here")
                .hint("leave it out: eksnet sets it to true"),
        );
    }
    if on("AWS_VPC_K8S_CNI_EXTERNALSNAT")
        && node.variables.contains_key("AWS_VPC_K8S_CNI_RANDOMIZESNAT")
    {
        findings.push(
            SET_24
                .at(
                    "awsNode.snat.randomize",
                    "no effect: with `external: true` the node translates no source address",
                )
                .hint("remove it"),
        );
    }
    if node.policy_logs()
        && node.policy_agent.get("enablePolicyEventLogs").is_some_and(|value| value == "false")
    {
        findings.push(
            SET_24
                .at(
                    "awsNode.networkPolicy.cloudWatchLogs",
                    "no effect: the agent writes nothing that could be sent",
                )
                .hint("write `eventLogs: true`, or leave it out"),
        );
    }
    if node.network_policy && on("ENABLE_BANDWIDTH_PLUGIN") {
        findings.push(
            NP_02
                .at(
                    "awsNode.env.ENABLE_BANDWIDTH_PLUGIN",
                    "the bandwidth plugin does not work with network policy",
                )
                .also("awsNode.networkPolicy", "on here")
                .hint("switch one of them off"),
        );
    }
    if node.custom_networking.is_some() && on("ENABLE_SUBNET_DISCOVERY") {
        findings.push(
            SD_02
                .at(
                    "awsNode.subnetDiscovery",
                    "no effect: custom networking decides the pods' subnets",
                )
                .also("awsNode.customNetworking", "on here")
                .hint("remove one of the two"),
        );
    }
    findings
}

/// Without source NAT on the node, pods in a subnet with a route to the internet gateway have no public address to leave with.
fn translated_nowhere(intent: &Intent, cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let external = cluster
        .aws_node
        .variables
        .get("AWS_VPC_K8S_CNI_EXTERNALSNAT")
        .is_some_and(|value| value == "true");
    let holders: Vec<&String> = match &cluster.pods_in {
        PodSubnets::Tier(name) => vec![group.pod_tier.as_ref().unwrap_or(name)],
        PodSubnets::Discovered(names) => names.iter().chain([&group.tier]).collect(),
        PodSubnets::OfNode => vec![&group.tier],
    };
    let public = |tier: &&Tier| external && !cluster.ipv6 && tier.egress == TierEgress::Internet;
    let tier = holders.into_iter().filter_map(|name| intent.tier(name)).find(public)?;
    let finding = SNAT_02.at(
        key(&tier.path, "egress"),
        format!("pods in `{}` cannot leave: they have no public address", tier.name),
    );
    Some(
        finding
            .also("awsNode.snat.external", "the node does not translate for them")
            .hint("write `egress: nat`, or `snat: { external: false }`"),
    )
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
        .map(|(tier, len)| {
            let finding = SUB_11
                .at(key(&tier.path, "size"), format!("a /{len} has no whole /28 for a prefix"));
            finding.hint("write `/26` or larger, or `awsNode: { prefixDelegation: false }`")
        })
        .collect()
}
