//! What needs a version of aws-node or of Kubernetes, and settings that do nothing where they stand.

use super::rule::{Rule, error, warning};
use crate::address::pods;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::cni::{self, Release};
use crate::facts::eks;
use crate::facts::subnets::{DISCOVERY_CLUSTER_TAG, DISCOVERY_TAG};
use crate::spec::{AwsNode, Cluster, NodeGroup, Spec};

const CNI: &str = "amazon-vpc-cni-k8s v1.23.1, README";
const CHANGES: &str = "amazon-vpc-cni-k8s v1.23.1, CHANGELOG";

pub const RULES: &[Rule] = &[
    error(
        "SET-35",
        "a pinned aws-node knows its settings",
        "the add-on's schema is of its version: EKS refuses a key that is younger",
        CHANGES,
        (
            "version: v1.17.1-eksbuild.1\nsubnetDiscovery: true",
            "version: v1.18.0-eksbuild.1\nsubnetDiscovery: true",
        ),
    ),
    error(
        "NP-01",
        "network policy has aws-node 1.14 and Kubernetes 1.25",
        "its agent came with them",
        "EKS user guide, network policies",
        (
            "version: v1.13.4-eksbuild.1\nnetworkPolicy: {}",
            "version: v1.21.1-eksbuild.1\nnetworkPolicy: {}",
        ),
    ),
    error(
        "NP-03",
        "the agent of network policies has ports of its own",
        "it listens on the node, beside the kubelet, kube-proxy and aws-node itself",
        "EKS user guide, network policies; amazon-vpc-cni-k8s v1.23.1, charts/aws-vpc-cni",
        (
            "networkPolicy: { metricsPort: 10250 }",
            "networkPolicy: { metricsPort: 8162, healthPort: 8163 }",
        ),
    ),
    warning(
        "FG-04",
        "network policies hold on nodes only",
        "pods on Fargate stay open to all",
        "EKS user guide, network policies",
        ("networkPolicy: {}\nfargate: [{ name: jobs, … }]", "fargate: [{ name: jobs, … }]"),
    ),
    warning(
        "SET-37",
        "aws-node takes addresses from EC2",
        "told not to, it gives out what a node came with, and a managed node comes with its own address alone",
        CNI,
        ("env: { DISABLE_NETWORK_RESOURCE_PROVISIONING: \"true\" }", "(without it)"),
    ),
    warning(
        "SET-15",
        "with strict network policy every pod has one",
        "strict starts every pod shut off, the cluster's DNS included",
        CNI,
        ("networkPolicy: { mode: strict }", "networkPolicy: { mode: standard }"),
    ),
    error(
        "SET-11",
        "IPv6 egress has IPv6",
        "without an IPv6 address on the node the plugin switches itself off",
        CNI,
        (
            "env: { ENABLE_V6_EGRESS: \"true\" }",
            "vpc: { ipv6: amazon }\nenv: { ENABLE_V6_EGRESS: \"true\" }",
        ),
    ),
    warning(
        "SET-26",
        "large clusters keep a floor of addresses",
        "spare addresses alone ask EC2 for every pod, which throttles the account",
        CNI,
        ("warm: { ips: 2 }   # for 60 nodes", "warm: { ips: 2, minimumIps: 20 }"),
    ),
    warning(
        "NG-08",
        "types of a group take alike numbers of pods",
        "the least of them decides `maxPods` for all",
        "amazon-eks-ami, max pods; EKS user guide, managed node groups",
        ("instanceTypes: [m6i.large, m6i.16xlarge]", "instanceTypes: [m6i.large, m6a.large]"),
    ),
    warning(
        "PE-24",
        "no add-on whose service has no endpoint",
        "Route 53 has none: without another way out its calls end nowhere",
        "EKS user guide, private clusters",
        ("egress: none\naddons: [external-dns]", "egress: nat\naddons: [external-dns]"),
    ),
    warning(
        "IP6-05",
        "add-ons that speak IPv6",
        "the FSx for Lustre driver speaks IPv4 only",
        "EKS user guide, IPv6 addresses for clusters, pods and services",
        (
            "ipFamily: ipv6\naddons: [aws-fsx-csi-driver]",
            "ipFamily: ipv4\naddons: [aws-fsx-csi-driver]",
        ),
    ),
    warning(
        "EP-15",
        "aws-node finds the API inside the VPC",
        "with `CLUSTER_ENDPOINT` it calls that address, and a public one through NAT",
        CNI,
        (
            "endpointAccess: { private: false }\nenv: { CLUSTER_ENDPOINT: … }",
            "endpointAccess: { private: true }\nenv: { CLUSTER_ENDPOINT: … }",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some(cluster) = &spec.cluster else { return Vec::new() };
    let node = &cluster.aws_node;
    let mut findings = pinned(spec, cluster);
    findings.extend(policies(cluster));
    findings.extend(six(spec, cluster));
    findings.extend(idle(spec, cluster));
    findings.extend(floor(cluster));
    findings.extend(cluster.node_groups.iter().filter_map(|group| alike(group, node)));
    findings.extend(addons(spec, cluster));
    findings.extend(
        node.variables.get("CLUSTER_ENDPOINT").filter(|_| !cluster.endpoint.private).map(|_| {
            Diagnostic::warning(
                "EP-15",
                "awsNode.env.CLUSTER_ENDPOINT",
                "aws-node would call the public endpoint, through NAT",
            )
            .hint("write `endpointAccess: { private: true }`, or remove it")
        }),
    );
    findings
}

/// (place, what it is in words, the release it came with) of all that is in use.
fn wanted(spec: &Spec, cluster: &Cluster) -> Vec<(String, String, Release)> {
    let node = &cluster.aws_node;
    let place = |setting: &cni::Setting| {
        setting.key.map_or(key("awsNode.env", setting.variable), str::to_string)
    };
    let rows =
        node.variables.keys().filter_map(|variable| cni::find(variable)).filter_map(|setting| {
            Some((place(setting), format!("`{}`", setting.variable), setting.since?))
        });
    let mut wanted: Vec<_> = rows.collect();
    if node.pod_security_groups.is_some() && cluster.ipv6 {
        wanted.push((
            "awsNode.securityGroupsForPods".into(),
            "security groups for pods with IPv6".into(),
            Release(1, 16, 0),
        ));
    }
    if cluster.ipv6 {
        wanted.push(("cluster.ipFamily".into(), "IPv6".into(), Release(1, 10, 1)));
    }
    for tier in &spec.tiers {
        let tags = key(&tier.path, "tags");
        if tier.tags.get(DISCOVERY_TAG).is_some_and(|value| value == "0") {
            wanted.push((
                key(&tags, DISCOVERY_TAG),
                "closing a subnet to pods".into(),
                Release(1, 22, 0),
            ));
        }
        let own = tier.tags.keys().find(|tag| tag.starts_with(DISCOVERY_CLUSTER_TAG));
        wanted.extend(own.map(|tag| {
            (key(&tags, tag), "a cluster's own subnets".to_string(), Release(1, 22, 1))
        }));
    }
    wanted
}

fn pinned(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let Some((text, version)) =
        cluster.aws_node.version.as_ref().and_then(|text| Some((text, Release::of(text)?)))
    else {
        return Vec::new();
    };
    let young = wanted(spec, cluster).into_iter().filter(|(.., since)| version < *since);
    let finding = |(place, what, since): (String, String, Release)| {
        let finding = Diagnostic::error(
            "SET-35",
            place,
            format!("{what} came with aws-node {since}, and `{text}` is pinned"),
        )
        .also("awsNode.version", "here");
        finding.hint(format!("pin `v{since}-eksbuild.1` or later, or write `version: default`"))
    };
    young.map(finding).collect()
}

fn policies(cluster: &Cluster) -> Vec<Diagnostic> {
    let node = &cluster.aws_node;
    let place = "awsNode.networkPolicy";
    let mode =
        node.variables.get("NETWORK_POLICY_ENFORCING_MODE").is_some_and(|mode| mode == "strict");
    let mut findings = Vec::new();
    findings.extend(agent_ports(node));
    if !node.network_policy {
        findings.extend(node.policy_agent.keys().next().map(|_| {
            Diagnostic::warning(
                "SET-24",
                place,
                "the agent's settings have no effect: network policies are off",
            )
            .hint("write `enabled: true`, or remove them")
        }));
        let dead = mode.then(|| {
            Diagnostic::warning(
                "SET-24",
                key(place, "mode"),
                "`mode` has no effect: network policies are off",
            )
            .hint("write `enabled: true`, or remove it")
        });
        findings.extend(dead);
        return findings;
    }
    let old = node
        .version
        .as_ref()
        .filter(|text| Release::of(text).is_some_and(|version| version < cni::POLICY_SINCE));
    findings.extend(old.map(|text| {
        Diagnostic::error(
            "NP-01",
            place,
            format!("network policy wants aws-node {}, and `{text}` is pinned", cni::POLICY_SINCE),
        )
        .also("awsNode.version", "here")
        .hint("write `version: default`")
    }));
    let minor: Option<u32> =
        cluster.version.strip_prefix("1.").and_then(|minor| minor.parse().ok());
    findings.extend(minor.filter(|minor| *minor < cni::POLICY_KUBERNETES).map(|_| {
        Diagnostic::error(
            "NP-01",
            place,
            format!("network policy wants Kubernetes 1.{}", cni::POLICY_KUBERNETES),
        )
        .also("cluster.version", "here")
        .hint("write a later `version`")
    }));
    if mode {
        let finding = Diagnostic::warning(
            "SET-15",
            key(place, "mode"),
            "with `strict` every pod starts shut off, the cluster's DNS included",
        );
        findings.push(
            finding.hint("have a policy for each pod, CoreDNS first; or write `mode: standard`"),
        );
    }
    findings.extend(cluster.fargate.first().map(|profile| {
        Diagnostic::warning(
            "FG-04",
            &profile.path,
            format!("network policies do not hold for the pods of `{}`", profile.name),
        )
        .hint("keep what needs a policy on nodes")
    }));
    findings
}

/// The agent listens on the node itself, beside everything that every node has.
fn agent_ports(node: &AwsNode) -> Option<Diagnostic> {
    let port = |name: &str, default: u16| {
        node.policy_agent.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (metrics, health) = (
        port("metricsBindAddr", cni::POLICY_METRICS),
        port("healthProbeBindAddr", cni::POLICY_HEALTH),
    );
    let rows = [("metricsPort", metrics), ("healthPort", health)];
    let place = |name: &str| key("awsNode.networkPolicy", name);
    let taken = rows.iter().find(|(_, port)| eks::NODE_PORTS_TAKEN.contains(port));
    let taken = taken.map(|(name, port)| {
        Diagnostic::error(
            "NP-03",
            place(name),
            format!("port {port} is taken on every node already"),
        )
    });
    let same = (metrics == health).then(|| {
        Diagnostic::error(
            "NP-03",
            place("healthPort"),
            format!("metrics and health probe on one port, {health}"),
        )
    });
    taken.or(same).map(|finding| {
        finding.hint(format!(
            "{} and {} are the agent's own",
            cni::POLICY_METRICS,
            cni::POLICY_HEALTH
        ))
    })
}

fn six(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let node = &cluster.aws_node;
    let mut findings = Vec::new();
    if node.variables.get("ENABLE_V6_EGRESS").is_some_and(|value| value == "true")
        && (spec.vpc.ipv6.is_none() || cluster.ipv6)
    {
        let (message, hint) = if cluster.ipv6 {
            ("pods have IPv6 addresses already", "remove it")
        } else {
            (
                "pods have no IPv6 to leave with: the VPC has none",
                "write `vpc: { ipv6: amazon }`, or remove it",
            )
        };
        findings
            .push(Diagnostic::error("SET-11", "awsNode.env.ENABLE_V6_EGRESS", message).hint(hint));
    }
    for variable in ["AWS_VPC_ENI_MTU", "POD_MTU"] {
        let small = node
            .variables
            .get(variable)
            .and_then(|value| value.parse::<u32>().ok())
            .filter(|mtu| cluster.ipv6 && *mtu < cni::MTU_IPV6);
        findings.extend(small.map(|mtu| {
            Diagnostic::error(
                "SET-23",
                key("awsNode.env", variable),
                format!("{mtu} is no MTU for IPv6: aws-node would stop"),
            )
            .hint(format!("{} to 9001", cni::MTU_IPV6))
        }));
    }
    findings
}

/// Settings that nothing reads where they stand.
fn idle(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let node = &cluster.aws_node;
    let set = |variable: &str| node.variables.contains_key(variable);
    let targets = [
        "WARM_ENI_TARGET",
        "WARM_IP_TARGET",
        "MINIMUM_IP_TARGET",
        "AWS_VPC_K8S_CNI_EXTERNALSNAT",
        "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS",
    ];
    let mut dead: Vec<(String, &str)> = Vec::new();
    for variable in targets.iter().filter(|variable| cluster.ipv6 && set(variable)) {
        dead.push((
            cni::find(variable).and_then(|setting| setting.key).unwrap_or(variable).to_string(),
            "a node of an IPv6 cluster has one prefix for all of its pods, and translates no address of theirs",
        ));
    }
    if !cluster.ipv6 && set("ENABLE_V4_EGRESS") {
        dead.push((key("awsNode.env", "ENABLE_V4_EGRESS"), "it is for pods with IPv6 addresses"));
    }
    if node.custom_networking.is_none() && set("ENI_CONFIG_ANNOTATION_DEF") {
        dead.push((key("awsNode.env", "ENI_CONFIG_ANNOTATION_DEF"), "it is for custom networking"));
    }
    for tier in spec.tiers.iter().filter(|tier| {
        !node.discovery && tier.tags.get(DISCOVERY_TAG).is_some_and(|value| value == "1")
    }) {
        dead.push((key(&key(&tier.path, "tags"), DISCOVERY_TAG), "subnet discovery is off"));
    }
    let mut findings: Vec<Diagnostic> = dead
        .into_iter()
        .map(|(place, why)| {
            Diagnostic::warning("SET-24", place, format!("no effect: {why}")).hint("remove it")
        })
        .collect();
    findings.extend(interface_tags(node));
    let alone = ["ENABLE_IMDS_ONLY_MODE", "DISABLE_NETWORK_RESOURCE_PROVISIONING"].into_iter();
    findings.extend(alone.filter(|name| !cluster.node_groups.is_empty() && node.variables.get(*name).is_some_and(|value| value == "true")).map(|name| {
        Diagnostic::warning(
            "SET-37",
            key("awsNode.env", name),
            "aws-node asks EC2 for no address any more: pods have those that a node came with, and these nodes come with none",
        )
        .hint("take it out, unless something else attaches interfaces and addresses; warm targets have no effect with it")
    }));
    findings
}

/// Keys that aws-node drops from `ADDITIONAL_ENI_TAGS`.
fn interface_tags(node: &AwsNode) -> Option<Diagnostic> {
    let text = node.variables.get("ADDITIONAL_ENI_TAGS")?;
    let tags: std::collections::BTreeMap<String, String> = serde_json::from_str(text).ok()?;
    let dropped = |(name, value): &(&String, &String)| {
        name.contains("k8s.amazonaws.com")
            || name.starts_with("aws:")
            || 128 < name.chars().count()
            || 256 < value.chars().count()
    };
    let (name, _) = tags.iter().find(dropped)?;
    let finding = Diagnostic::error(
        "SET-23",
        key("awsNode.env", "ADDITIONAL_ENI_TAGS"),
        format!("aws-node drops `{name}`"),
    );
    Some(finding.hint("other keys, of 128 characters at most with values of 256; `k8s.amazonaws.com` and `aws:` are taken"))
}

fn floor(cluster: &Cluster) -> Option<Diagnostic> {
    let (node, most) = (
        &cluster.aws_node,
        cluster.node_groups.iter().map(|group| u64::from(group.max)).sum::<u64>(),
    );
    let bare = node.warm.ips.is_some_and(|spare| 0 < spare)
        && node.warm.minimum_ips.is_none_or(|floor| floor == 0)
        && !cluster.ipv6;
    (bare && cni::NODES_WITHOUT_FLOOR < most).then(|| {
        Diagnostic::warning(
            "SET-26",
            "awsNode.warm.ips",
            format!("up to {most} nodes ask EC2 for addresses one by one"),
        )
        .hint("add `minimumIps` with the pods that a node usually has, or take prefixes")
    })
}

fn alike(group: &NodeGroup, node: &AwsNode) -> Option<Diagnostic> {
    let mut most: Vec<(&str, u64)> = group
        .instances
        .iter()
        .filter_map(|instance| {
            let alone = NodeGroup { instances: vec![instance], ..group.clone() };
            Some((instance.name, pods::of_group(&alone, node)?.max_pods))
        })
        .collect();
    most.sort_by_key(|(_, pods)| *pods);
    let ((least, few), (large, many)) = (*most.first()?, *most.last()?);
    let enough = group.pods_per_node.is_some_and(|planned| planned <= few);
    (few < many && !enough).then(|| {
        let message =
            format!("`{large}` takes {many} pods, and `{least}` holds the whole group to {few}");
        Diagnostic::warning("NG-08", key(&group.path, "instanceTypes"), message)
            .hint(format!("make a group for each, or plan with it: `podsPerNode: {few}`"))
    })
}

fn addons(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let shut = cluster
        .node_groups
        .iter()
        .filter_map(|group| spec.tier(&group.tier))
        .any(|tier| !spec.has_way_out(tier));
    let rows = [
        (
            "external-dns",
            shut,
            "PE-24",
            "calls Route 53, which has no endpoint",
            "take it out, or give the nodes `egress: nat`",
        ),
        (
            "aws-fsx-csi-driver",
            cluster.ipv6,
            "IP6-05",
            "does not work with IPv6 pods",
            "take it out, or write `ipFamily: ipv4`",
        ),
    ];
    let found = rows.into_iter().filter(|(_, wrong, ..)| *wrong).filter_map(
        |(name, _, rule, why, hint)| {
            let addon = cluster.addons.iter().find(|addon| addon.name == name)?;
            Some(Diagnostic::warning(rule, &addon.path, format!("`{name}` {why}")).hint(hint))
        },
    );
    found.collect()
}
