//! The node CNI: settings that contradict each other, and subnets that cannot carry the mode.

use super::rule::{Rule, error, warning};
use crate::address::pods;
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::cni::ENI_CONFIG_GROUP_LABEL;
use crate::facts::subnets;
use crate::spec::aws_node::{CustomNetworking, Enforcing};
use crate::spec::{AwsNode, Cluster, NodeGroup, PodSubnets, Spec, Tier};

const CNI: &str = "amazon-vpc-cni-k8s v1.23.1, README";
const IPAMD: &str = "amazon-vpc-cni-k8s v1.23.1, pkg/ipamd";
const GUIDE: &str = "EKS user guide, custom networking";

pub const RULES: &[Rule] = &[
    error(
        "SNAT-02",
        "without source NAT on the node, pods are in private subnets",
        "an internet gateway translates public addresses only, and pods have none",
        "EKS user guide, external SNAT",
        ("snat: { external: true }\negress: internet", "snat: { external: true }\negress: nat"),
    ),
    warning(
        "SET-04",
        "excluded ranges with source NAT on the node",
        "with `snat.external` there is no source NAT to be excluded from",
        CNI,
        (
            "snat: { external: true, excludeCidrs: [10.0.0.0/8] }",
            "snat: { external: false, excludeCidrs: [10.0.0.0/8] }",
        ),
    ),
    error(
        "SET-08",
        "the pool can grow",
        "a floor without spare addresses stops at the floor, and no target at all gives no prefix: pods wait for ever",
        "amazon-vpc-cni-k8s issue 3685; cmd/aws-vpc-cni",
        ("warm: { minimumIps: 20 }", "warm: { ips: 5, minimumIps: 20 }"),
    ),
    error(
        "SET-14",
        "strict security groups of pods let probes through",
        "the kernel hands early packets to the wrong socket unless the init container says otherwise",
        "EKS user guide, security groups for pods",
        (
            "securityGroupsForPods: { enforcing: strict }\nenv: { DISABLE_TCP_EARLY_DEMUX: \"false\" }",
            "securityGroupsForPods: { enforcing: strict }",
        ),
    ),
    error(
        "SET-22",
        "every variable is known",
        "aws-node ignores unknown variables, the add-on refuses them",
        CNI,
        ("env: { WARM_PREFIX: \"1\" }", "warm: { prefixes: 1 }"),
    ),
    error(
        "SET-23",
        "every variable has a value it takes",
        "aws-node falls back to its default without a word, or does not start",
        CNI,
        ("env: { AWS_VPC_ENI_MTU: \"99999\" }", "env: { AWS_VPC_ENI_MTU: \"9001\" }"),
    ),
    warning(
        "SET-24",
        "no setting that another one overrides",
        "it would look as if it did something",
        IPAMD,
        ("warm: { ips: 5, prefixes: 1 }", "warm: { ips: 5 }"),
    ),
    error(
        "SET-34",
        "the add-on's version is one",
        "EKS refuses others",
        "EKS API reference, DescribeAddonVersions",
        ("version: \"1.21\"", "version: v1.21.1-eksbuild.1"),
    ),
    error(
        "SUB-11",
        "prefixes need subnets of /26 or larger",
        "the reserved addresses break the first and the last /28, so a /27 has none left",
        IPAMD,
        ("size: /27   # with prefix delegation", "size: /24"),
    ),
    error(
        "CN-02",
        "every zone with nodes has a subnet for their pods",
        "a node without an ENIConfig for its zone never becomes ready",
        GUIDE,
        (
            "customNetworking: { tier: pods }   # no such tier",
            "tiers: [{ name: pods, serves: [pods], size: /18 }]",
        ),
    ),
    error(
        "CN-05",
        "nodes have an interface left for pods",
        "custom networking leaves the first interface to the node",
        GUIDE,
        ("instanceTypes: [hpc6id.32xlarge]", "instanceTypes: [m6i.large]"),
    ),
    error(
        "CN-11",
        "several tiers for pods go by node group",
        "a node has one ENIConfig, and its zone's name leads to one tier only: with several, a label of each group names it, zone by zone",
        "EKS best practices, custom networking; amazon-vpc-cni-k8s v1.23.1, pkg/eniconfig",
        (
            "nodeGroups: [{ name: batch, podTier: batch-pods }]",
            "awsNode: { customNetworking: { tier: pods } }\nnodeGroups: [{ name: batch, podTier: batch-pods }]",
        ),
    ),
    warning(
        "CN-09",
        "a tier for pods is used by them",
        "aws-node takes no subnet that nothing points it to",
        GUIDE,
        (
            "tiers: [{ name: pods, serves: [pods] }]",
            "awsNode: { customNetworking: { tier: pods } }",
        ),
    ),
    error(
        "CN-04",
        "without source NAT on the node, pods have a way out of their own",
        "their packets leave by their own subnet's routes",
        GUIDE,
        (
            "snat: { external: true }\ntiers: [{ name: pods, egress: none }]",
            "snat: { external: true }\ntiers: [{ name: pods, egress: nat }]",
        ),
    ),
    error(
        "NP-02",
        "network policy without the bandwidth plugin",
        "both want the traffic-control hook of the interface",
        CNI,
        (
            "networkPolicy: { enabled: true }\nenv: { ENABLE_BANDWIDTH_PLUGIN: \"true\" }",
            "networkPolicy: { enabled: true }",
        ),
    ),
    warning(
        "SD-02",
        "subnet discovery without custom networking",
        "custom networking comes first, discovery never runs",
        IPAMD,
        (
            "subnetDiscovery: true\ncustomNetworking: { tier: pods }",
            "customNetworking: { tier: pods }",
        ),
    ),
    error(
        "CN-10",
        "security groups of pods are ids",
        "an ENIConfig takes ids only",
        "amazon-vpc-cni-k8s, ENIConfig custom resource",
        (
            "customNetworking: { tier: pods, securityGroups: [pods] }",
            "customNetworking: { tier: pods, securityGroups: [sg-0123456789abcdef0] }",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some(cluster) = &spec.cluster else { return Vec::new() };
    let node = &cluster.aws_node;
    let mut findings = warm(node);
    findings.extend(combinations(node));
    findings.extend(custom_networking(spec, cluster));
    findings.extend(
        cluster.node_groups.iter().filter_map(|group| translated_nowhere(spec, cluster, group)),
    );
    findings.extend(cluster.node_groups.iter().flat_map(|group| bare(group, node)));
    findings.extend(prefixes(spec, cluster));
    findings
}

fn warm(node: &AwsNode) -> Vec<Diagnostic> {
    let warm = node.warm;
    let mut findings = Vec::new();
    if warm.minimum_ips.is_some_and(|floor| 0 < floor) && warm.ips.is_none_or(|spare| spare == 0) {
        findings.push(
            Diagnostic::error(
                "SET-08",
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
            Diagnostic::error(
                "SET-08",
                "awsNode.warm",
                "prefix delegation with no warm target: aws-node does not start",
            )
            .hint("write `prefixes: 1`"),
        );
    }
    if warm.enis == Some(0) && node.custom_networking.is_some() && !node.prefix_delegation {
        findings.push(
            Diagnostic::error(
                "SET-08",
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
    let dead = [
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
        Diagnostic::warning(
            "SET-24",
            format!("awsNode.warm.{target}"),
            format!("`{target}` has no effect: {winner}"),
        )
        .hint("remove it")
    };
    dead.iter()
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
            Diagnostic::warning(
                "SET-04",
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
            Diagnostic::error(
                "SET-14",
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
            Diagnostic::warning(
                "SET-24",
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
            Diagnostic::warning(
                "SET-24",
                "awsNode.networkPolicy.cloudWatchLogs",
                "no effect: the agent writes nothing that could be sent",
            )
            .hint("write `eventLogs: true`, or leave it out"),
        );
    }
    if node.network_policy && on("ENABLE_BANDWIDTH_PLUGIN") {
        findings.push(
            Diagnostic::error(
                "NP-02",
                "awsNode.env.ENABLE_BANDWIDTH_PLUGIN",
                "the bandwidth plugin does not work with network policy",
            )
            .also("awsNode.networkPolicy", "on here")
            .hint("switch one of them off"),
        );
    }
    if node.custom_networking.is_some() && on("ENABLE_SUBNET_DISCOVERY") {
        findings.push(
            Diagnostic::warning(
                "SD-02",
                "awsNode.subnetDiscovery",
                "no effect: custom networking decides the pods' subnets",
            )
            .also("awsNode.customNetworking", "on here")
            .hint("remove one of the two"),
        );
    }
    findings
}

fn custom_networking(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let Some(custom) = &cluster.aws_node.custom_networking else { return unused(spec, cluster) };
    let mut findings: Vec<Diagnostic> = unknown_tiers(spec, cluster, &custom.tier);
    findings.extend(cluster.node_groups.iter().filter_map(|group| uncovered(spec, custom, group)));
    let hex = |group: &str| {
        group
            .strip_prefix("sg-")
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    for (at, group) in custom.security_groups.iter().enumerate().filter(|(_, group)| !hex(group)) {
        findings.push(
            Diagnostic::error(
                "CN-10",
                format!("awsNode.customNetworking.securityGroups[{at}]"),
                format!("`{group}` is no security group id"),
            )
            .hint("such as `sg-0123456789abcdef0`"),
        );
    }
    findings.extend(cluster.node_groups.iter().filter_map(|group| {
        let zones = spec.tier(&group.tier)?.zones.len();
        let few = group.per_zone && usize::try_from(group.max).is_ok_and(|max| max < zones);
        few.then(|| {
            let message = format!(
                "`{}` is made zone by zone, and {} nodes at most are too few for {zones} zones",
                group.name, group.max
            );
            Diagnostic::error("CN-11", key(&group.path, "scaling"), message).hint(format!(
                "write `max: {zones}` or more, or give its nodes a tier in fewer zones"
            ))
        })
    }));
    findings.extend(
        cluster
            .pod_tiers()
            .into_iter()
            .filter_map(|name| spec.tier(name))
            .filter_map(|pods| shut_in(spec, cluster, pods)),
    );
    findings.extend(
        cluster
            .node_groups
            .iter()
            .filter(|group| custom.labelled && group.labels.contains_key(ENI_CONFIG_GROUP_LABEL))
            .map(|group| {
                Diagnostic::error(
                    "CN-11",
                    key(&key(&group.path, "labels"), ENI_CONFIG_GROUP_LABEL),
                    "eksnet sets this label, to each zone's ENIConfig",
                )
                .hint("take it out; `podTier` is what it follows")
            }),
    );
    findings
}

/// Tiers that are named for pods and are not there.
fn unknown_tiers(spec: &Spec, cluster: &Cluster, default: &str) -> Vec<Diagnostic> {
    let own = cluster
        .node_groups
        .iter()
        .filter_map(|group| Some((key(&group.path, "podTier"), group.pod_tier.as_deref()?)));
    let named = std::iter::once(("awsNode.customNetworking.tier".to_string(), default))
        .chain(own.filter(|(_, tier)| *tier != default));
    let known: Vec<_> = spec.tiers.iter().map(|tier| format!("`{}`", tier.name)).collect();
    let unknown = named.filter(|(_, tier)| spec.tier(tier).is_none());
    unknown
        .map(|(place, tier)| {
            Diagnostic::error("CN-02", place, format!("there is no tier `{tier}`"))
                .hint(format!("the tiers are {}", known.join(", ")))
        })
        .collect()
}

/// Pods whose packets leave by a subnet without a way out.
fn shut_in(spec: &Spec, cluster: &Cluster, pods: &Tier) -> Option<Diagnostic> {
    let external = cluster
        .aws_node
        .variables
        .get("AWS_VPC_K8S_CNI_EXTERNALSNAT")
        .is_some_and(|value| value == "true");
    // Inside a network without ways out the nodes' endpoints are the pods' too.
    let inside = !spec.endpoints.services.is_empty()
        && cluster
            .node_groups
            .iter()
            .filter_map(|group| spec.tier(&group.tier))
            .all(|tier| !spec.has_way_out(tier));
    (external && !spec.has_way_out(pods) && !inside).then(|| {
        let finding = Diagnostic::error(
            "CN-04",
            key(&pods.path, "egress"),
            format!("pods in `{}` have no way out", pods.name),
        );
        finding
            .also("awsNode.snat.external", "the node does not translate for them")
            .hint("write `egress: nat`, or `snat: { external: false }`")
    })
}

/// Types whose interfaces are all taken before the first pod.
fn bare(group: &NodeGroup, node: &AwsNode) -> Vec<Diagnostic> {
    let types = pods::machines(group, node).filter(|machine| machine.pod_interfaces() == 0);
    let finding = |machine: pods::Machine<'_>| {
        let (name, count) = (machine.instance.name, machine.instance.interfaces);
        let interfaces =
            if count == 1 { "one interface".to_string() } else { format!("{count} interfaces") };
        let limited = node.max_interfaces.filter(|most| *most < count);
        let takers = [
            (machine.primary_is_bare(), "the node's own"),
            (machine.has_trunk(), "the trunk of security groups for pods"),
        ];
        let taken: Vec<&str> =
            takers.iter().filter(|(there, _)| *there).map(|(_, what)| *what).collect();
        let least = taken.len() + 1;
        let finding = match limited {
            Some(most) => {
                Diagnostic::error("CN-05", "awsNode.env.MAX_ENI", format!("aws-node may use {most} of the interfaces of `{name}`, and none is left for pods"))
                    .hint(format!("write `MAX_ENI: \"{least}\"` or more, or leave it out"))
            }
            None => Diagnostic::error("CN-05", key(&group.path, "instanceTypes"), format!("`{name}` has {interfaces}, and none is left for pods"))
                .hint(format!("take a type with {least} interfaces or more")),
        };
        finding.label(format!("taken: {}", taken.join(" and ")))
    };
    types.map(finding).collect()
}

/// Without source NAT on the node, pods in a subnet with a route to the internet gateway have no public address to leave with.
fn translated_nowhere(spec: &Spec, cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
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
    let tier = holders.into_iter().filter_map(|name| spec.tier(name)).find(public)?;
    let finding = Diagnostic::error(
        "SNAT-02",
        key(&tier.path, "egress"),
        format!("pods in `{}` cannot leave: they have no public address", tier.name),
    );
    Some(
        finding
            .also("awsNode.snat.external", "the node does not translate for them")
            .hint("write `egress: nat`, or `snat: { external: false }`"),
    )
}

/// A zone with nodes and no subnet for their pods.
fn uncovered(spec: &Spec, custom: &CustomNetworking, group: &NodeGroup) -> Option<Diagnostic> {
    let (nodes, pods) = (spec.tier(&group.tier)?, spec.tier(group.pod_tier.as_deref()?)?);
    let zone = nodes.zones.iter().find(|zone| !pods.zones.contains(zone))?.word();
    let place = if pods.name == custom.tier {
        "awsNode.customNetworking.tier".to_string()
    } else {
        key(&group.path, "podTier")
    };
    Some(
        Diagnostic::error(
            "CN-02",
            place,
            format!(
                "node group `{}` has nodes in `{zone}`, where `{}` has no subnet",
                group.name, pods.name
            ),
        )
        .hint("put the tier into every zone with nodes"),
    )
}

fn unused(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let of_auto = |name: &str| {
        cluster.auto.as_ref().is_some_and(|auto| auto.pod_tier.as_deref() == Some(name))
    };
    let discovered = |tier: &Tier| matches!(&cluster.pods_in, PodSubnets::Discovered(tiers) if tiers.contains(&tier.name));
    let fargate = |tier: &Tier| cluster.fargate.iter().any(|profile| profile.tier == tier.name);
    let only_pods = spec.tiers.iter().filter(|tier| {
        tier.serves(Use::Pods)
            && !tier.serves(Use::Nodes)
            && !discovered(tier)
            && !fargate(tier)
            && !of_auto(&tier.name)
    });
    only_pods
        .map(|tier| {
            let other = cluster.aws_node.overlay.is_some();
            let finding = Diagnostic::warning("CN-09", &tier.path, format!("no pod will live in `{}`", tier.name));
            if other {
                return finding.hint("leave the tier out: another CNI's pods have addresses of their own");
            }
            if cluster.auto.is_some() {
                return finding.hint(format!("write `autoMode: {{ podTier: {} }}`, or take the tier out", tier.name));
            }
            finding.hint(format!("write `awsNode: {{ customNetworking: {{ tier: {} }} }}`, or `awsNode: {{ subnetDiscovery: true }}`", tier.name))
        })
        .collect()
}

/// Subnets that pods take prefixes from, and node groups that cannot take any.
fn prefixes(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
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
    let sized = spec
        .tiers
        .iter()
        .filter(carries)
        .filter_map(|tier| tier.size.fixed().map(|len| (tier, len)));
    let small = sized.filter(|(_, len)| *len <= subnets::SMALLEST && subnets::prefixes(*len) == 0);
    small
        .map(|(tier, len)| {
            let finding = Diagnostic::error(
                "SUB-11",
                key(&tier.path, "size"),
                format!("a /{len} has no whole /28 for a prefix"),
            );
            finding.hint("write `/26` or larger, or `awsNode: { prefixDelegation: false }`")
        })
        .collect()
}
