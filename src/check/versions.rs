//! What needs a version of aws-node or of Kubernetes, and settings that do nothing where they stand.

use crate::blueprint::path::key;
use crate::demand;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::{self, Release};
use crate::facts::eks;
use crate::facts::subnets::{DISCOVERY_CLUSTER_TAG, DISCOVERY_TAG};
use crate::intent::{AwsNode, Cluster, Intent, NodeGroup};
use crate::rules::{
    EP_15, FG_04, IP6_05, NG_08, NP_01, NP_03, PE_24, SET_11, SET_15, SET_23, SET_24, SET_26,
    SET_35, SET_37,
};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let node = &cluster.aws_node;
    let mut findings = pinned(intent, cluster);
    findings.extend(policies(cluster));
    findings.extend(six(intent, cluster));
    findings.extend(idle(intent, cluster));
    findings.extend(floor(cluster));
    findings.extend(cluster.node_groups.iter().filter_map(|group| alike(group, node)));
    findings.extend(addons(intent, cluster));
    findings.extend(
        node.variables.get("CLUSTER_ENDPOINT").filter(|_| !cluster.endpoint.private).map(|_| {
            EP_15
                .at(
                    "awsNode.env.CLUSTER_ENDPOINT",
                    "aws-node would call the public endpoint, through NAT",
                )
                .hint("write `endpointAccess: { private: true }`, or remove it")
        }),
    );
    findings
}

/// (place, what it is in words, the release it came with) of all that is in use.
fn wanted(intent: &Intent, cluster: &Cluster) -> Vec<(String, String, Release)> {
    let node = &cluster.aws_node;
    let place = |setting: &aws_node::Setting| {
        setting.key.map_or(key("awsNode.env", setting.variable), str::to_string)
    };
    let rows = node.variables.keys().filter_map(|variable| aws_node::find(variable)).filter_map(
        |setting| Some((place(setting), format!("`{}`", setting.variable), setting.since?)),
    );
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
    for tier in &intent.tiers {
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

fn pinned(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let Some((text, version)) =
        cluster.aws_node.version.as_ref().and_then(|text| Some((text, Release::of(text)?)))
    else {
        return Vec::new();
    };
    let too_new = wanted(intent, cluster).into_iter().filter(|(.., since)| version < *since);
    let finding = |(place, what, since): (String, String, Release)| {
        let finding = SET_35
            .at(place, format!("{what} came with aws-node {since}, and `{text}` is pinned"))
            .also("awsNode.version", "here");
        finding.hint(format!("pin `v{since}-eksbuild.1` or later, or write `version: default`"))
    };
    too_new.map(finding).collect()
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
            SET_24
                .at(place, "the agent's settings have no effect: network policies are off")
                .hint("write `enabled: true`, or remove them")
        }));
        let idle = mode.then(|| {
            SET_24
                .at(key(place, "mode"), "`mode` has no effect: network policies are off")
                .hint("write `enabled: true`, or remove it")
        });
        findings.extend(idle);
        return findings;
    }
    let old = node
        .version
        .as_ref()
        .filter(|text| Release::of(text).is_some_and(|version| version < aws_node::POLICY_SINCE));
    findings.extend(old.map(|text| {
        NP_01
            .at(
                place,
                format!(
                    "network policy wants aws-node {}, and `{text}` is pinned",
                    aws_node::POLICY_SINCE
                ),
            )
            .also("awsNode.version", "here")
            .hint("write `version: default`")
    }));
    let minor: Option<u32> =
        cluster.version.strip_prefix("1.").and_then(|minor| minor.parse().ok());
    findings.extend(minor.filter(|minor| *minor < aws_node::POLICY_KUBERNETES).map(|_| {
        NP_01
            .at(place, format!("network policy wants Kubernetes 1.{}", aws_node::POLICY_KUBERNETES))
            .also("cluster.version", "here")
            .hint("write a later `version`")
    }));
    if mode {
        let finding = SET_15.at(
            key(place, "mode"),
            "with `strict` every pod starts shut off, the cluster's DNS included",
        );
        findings.push(
            finding.hint("have a policy for each pod, CoreDNS first; or write `mode: standard`"),
        );
    }
    findings.extend(cluster.fargate.first().map(|profile| {
        FG_04
            .at(
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
        port("metricsBindAddr", aws_node::POLICY_METRICS),
        port("healthProbeBindAddr", aws_node::POLICY_HEALTH),
    );
    let rows = [("metricsPort", metrics), ("healthPort", health)];
    let place = |name: &str| key("awsNode.networkPolicy", name);
    let taken = rows.iter().find(|(_, port)| eks::NODE_PORTS_TAKEN.contains(port));
    let taken = taken.map(|(name, port)| {
        NP_03.at(place(name), format!("port {port} is taken on every node already"))
    });
    let same = (metrics == health).then(|| {
        NP_03.at(place("healthPort"), format!("metrics and health probe on one port, {health}"))
    });
    taken.or(same).map(|finding| {
        finding.hint(format!(
            "{} and {} are the agent's own",
            aws_node::POLICY_METRICS,
            aws_node::POLICY_HEALTH
        ))
    })
}

fn six(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let node = &cluster.aws_node;
    let mut findings = Vec::new();
    if node.variables.get("ENABLE_V6_EGRESS").is_some_and(|value| value == "true")
        && (intent.vpc.ipv6.is_none() || cluster.ipv6)
    {
        let (message, hint) = if cluster.ipv6 {
            ("pods have IPv6 addresses already", "remove it")
        } else {
            (
                "pods have no IPv6 to leave with: the VPC has none",
                "write `vpc: { ipv6: amazon }`, or remove it",
            )
        };
        findings.push(SET_11.at("awsNode.env.ENABLE_V6_EGRESS", message).hint(hint));
    }
    for variable in ["AWS_VPC_ENI_MTU", "POD_MTU"] {
        let small = node
            .variables
            .get(variable)
            .and_then(|value| value.parse::<u32>().ok())
            .filter(|mtu| cluster.ipv6 && *mtu < aws_node::MTU_IPV6);
        findings.extend(small.map(|mtu| {
            SET_23
                .at(
                    key("awsNode.env", variable),
                    format!("{mtu} is no MTU for IPv6: aws-node would stop"),
                )
                .hint(format!("{} to 9001", aws_node::MTU_IPV6))
        }));
    }
    findings
}

/// Settings that nothing reads where they stand.
fn idle(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let node = &cluster.aws_node;
    let set = |variable: &str| node.variables.contains_key(variable);
    let targets = [
        "WARM_ENI_TARGET",
        "WARM_IP_TARGET",
        "MINIMUM_IP_TARGET",
        "AWS_VPC_K8S_CNI_EXTERNALSNAT",
        "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS",
    ];
    let mut idle: Vec<(String, &str)> = Vec::new();
    for variable in targets.iter().filter(|variable| cluster.ipv6 && set(variable)) {
        idle.push((
            aws_node::find(variable).and_then(|setting| setting.key).unwrap_or(variable).to_string(),
            "a node of an IPv6 cluster has one prefix for all of its pods, and translates no address of theirs",
        ));
    }
    if !cluster.ipv6 && set("ENABLE_V4_EGRESS") {
        idle.push((key("awsNode.env", "ENABLE_V4_EGRESS"), "it is for pods with IPv6 addresses"));
    }
    if node.custom_networking.is_none() && set("ENI_CONFIG_ANNOTATION_DEF") {
        idle.push((key("awsNode.env", "ENI_CONFIG_ANNOTATION_DEF"), "it is for custom networking"));
    }
    for tier in intent.tiers.iter().filter(|tier| {
        !node.discovery && tier.tags.get(DISCOVERY_TAG).is_some_and(|value| value == "1")
    }) {
        idle.push((key(&key(&tier.path, "tags"), DISCOVERY_TAG), "subnet discovery is off"));
    }
    let mut findings: Vec<Diagnostic> = idle
        .into_iter()
        .map(|(place, why)| SET_24.at(place, format!("no effect: {why}")).hint("remove it"))
        .collect();
    findings.extend(interface_tags(node));
    let alone = ["ENABLE_IMDS_ONLY_MODE", "DISABLE_NETWORK_RESOURCE_PROVISIONING"].into_iter();
    findings.extend(alone.filter(|name| !cluster.node_groups.is_empty() && node.variables.get(*name).is_some_and(|value| value == "true")).map(|name| {
        SET_37.at(key("awsNode.env", name),
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
    let finding =
        SET_23.at(key("awsNode.env", "ADDITIONAL_ENI_TAGS"), format!("aws-node drops `{name}`"));
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
    (bare && aws_node::NODES_WITHOUT_FLOOR < most).then(|| {
        SET_26
            .at("awsNode.warm.ips", format!("up to {most} nodes ask EC2 for addresses one by one"))
            .hint("add `minimumIps` with the pods that a node usually has, or take prefixes")
    })
}

fn alike(group: &NodeGroup, node: &AwsNode) -> Option<Diagnostic> {
    let mut most: Vec<(&str, u64)> = group
        .instances
        .iter()
        .filter_map(|instance| {
            let alone = NodeGroup { instances: vec![instance], ..group.clone() };
            Some((instance.name, demand::density_of(&alone, node)?.max_pods))
        })
        .collect();
    most.sort_by_key(|(_, pods)| *pods);
    let ((least, few), (large, many)) = (*most.first()?, *most.last()?);
    let enough = group.pods_per_node.is_some_and(|planned| planned <= few);
    (few < many && !enough).then(|| {
        let message =
            format!("`{large}` takes {many} pods, and `{least}` holds the whole group to {few}");
        NG_08
            .at(key(&group.path, "instanceTypes"), message)
            .hint(format!("make a group for each, or plan with it: `podsPerNode: {few}`"))
    })
}

fn addons(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let closed = cluster
        .node_groups
        .iter()
        .filter_map(|group| intent.tier(&group.tier))
        .any(|tier| !intent.has_way_out(tier));
    let rows = [
        (
            "external-dns",
            closed,
            &PE_24,
            "calls Route 53, which has no endpoint",
            "take it out, or give the nodes `egress: nat`",
        ),
        (
            "aws-fsx-csi-driver",
            cluster.ipv6,
            &IP6_05,
            "does not work with IPv6 pods",
            "take it out, or write `ipFamily: ipv4`",
        ),
    ];
    let found = rows.into_iter().filter(|(_, wrong, ..)| *wrong).filter_map(
        |(name, _, rule, why, hint)| {
            let addon = cluster.addons.iter().find(|addon| addon.name == name)?;
            Some(rule.at(&addon.path, format!("`{name}` {why}")).hint(hint))
        },
    );
    found.collect()
}
