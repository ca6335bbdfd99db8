//! What needs a version of aws-node or of Kubernetes, and settings that do nothing where they stand.

use ipnet::IpNet;

use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::demand;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::{self, Release, names};
use crate::facts::eks;
use crate::facts::subnets::{DISCOVERY_CLUSTER_TAG, DISCOVERY_TAG};
use crate::intent::transit::Destination;
use crate::intent::{AwsNode, Cluster, Intent, NodeGroup, Tier};
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
        node.settings.get(names::CLUSTER_ENDPOINT).filter(|_| !cluster.endpoint.private).map(
            |_| {
                EP_15
                    .at(
                        "awsNode.env.CLUSTER_ENDPOINT",
                        "aws-node would call the public endpoint, through NAT",
                    )
                    .hint("set `endpointAccess: { private: true }`, or remove it")
            },
        ),
    );
    findings
}

/// (place, what it is in words, the release it came with) of all that is in use.
fn wanted(intent: &Intent, cluster: &Cluster) -> Vec<(String, String, Release)> {
    let node = &cluster.aws_node;
    let place = |setting: &aws_node::Setting| {
        setting.key.map_or(key("awsNode.env", setting.variable), str::to_string)
    };
    let rows = node.settings.names().filter_map(aws_node::find).filter_map(|setting| {
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
        cluster.aws_node.version.known().and_then(|text| Some((text, Release::of(text)?)))
    else {
        return Vec::new();
    };
    let too_new = wanted(intent, cluster).into_iter().filter(|(.., since)| version < *since);
    let finding = |(place, what, since): (String, String, Release)| {
        if let Some(held) = &cluster.existing {
            let message =
                format!("{what} was added in aws-node {since}, and `{}` has `{text}`", held.name);
            return SET_35
                .at(place, message)
                .hint("have the owner of the add-on vpc-cni update it first");
        }
        let finding = SET_35
            .at(place, format!("{what} was added in aws-node {since}, and `{text}` is pinned"))
            .also("awsNode.version", "here");
        finding.hint(format!("pin `v{since}-eksbuild.1` or later, or set `version: default`"))
    };
    too_new.map(finding).collect()
}

const POLICY: &str = "awsNode.networkPolicy";

fn policies(cluster: &Cluster) -> Vec<Diagnostic> {
    let node = &cluster.aws_node;
    let strict = node.settings.text(names::POLICY_MODE) == Some("strict");
    let mut findings: Vec<Diagnostic> = agent_ports(node).into_iter().collect();
    if !node.network_policy {
        findings.extend(unenforced(node, strict));
        return findings;
    }
    findings.extend(too_old(cluster));
    if strict {
        let finding = SET_15.at(
            key(POLICY, "mode"),
            "in strict mode every pod starts with all traffic denied, the cluster's DNS included",
        );
        findings.push(
            finding.hint("have a policy for each pod, CoreDNS first; or set `mode: standard`"),
        );
    }
    findings.extend(cluster.fargate.first().map(|profile| {
        let message =
            format!("network policies are not enforced for the pods of `{}`", profile.name);
        FG_04.at(&profile.path, message).hint("keep what needs a policy on nodes")
    }));
    findings
}

/// Settings of network policies that are off.
fn unenforced(node: &AwsNode, strict: bool) -> Vec<Diagnostic> {
    let agent = node.policy_agent.keys().next().map(|_| {
        SET_24
            .at(POLICY, "the agent's settings have no effect: network policies are off")
            .hint("set `enabled: true`, or remove them")
    });
    let mode = strict.then(|| {
        SET_24
            .at(key(POLICY, "mode"), "`mode` has no effect: network policies are off")
            .hint("set `enabled: true`, or remove it")
    });
    agent.into_iter().chain(mode).collect()
}

fn too_old(cluster: &Cluster) -> Vec<Diagnostic> {
    let pinned =
        cluster.aws_node.version.known().filter(|text| {
            Release::of(text).is_some_and(|version| version < aws_node::POLICY_SINCE)
        });
    let pinned = pinned.map(|text| {
        let message = format!(
            "network policies require aws-node {}, and `{text}` is pinned",
            aws_node::POLICY_SINCE
        );
        NP_01.at(POLICY, message).also("awsNode.version", "here").hint("set `version: default`")
    });
    let minor: Option<u32> =
        cluster.version.strip_prefix("1.").and_then(|minor| minor.parse().ok());
    let old = minor.filter(|minor| *minor < aws_node::POLICY_KUBERNETES).map(|_| {
        let message =
            format!("network policies require Kubernetes 1.{}", aws_node::POLICY_KUBERNETES);
        NP_01.at(POLICY, message).also("cluster.version", "here").hint("set a later `version`")
    });
    pinned.into_iter().chain(old).collect()
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
        NP_03.at(place(name), format!("port {port} is in use on every node already"))
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
    let mut findings: Vec<Diagnostic> = v6_egress(intent, cluster).into_iter().collect();
    for variable in [names::ENI_MTU, names::POD_MTU] {
        let mtu = node.settings.number(variable);
        let small = mtu.filter(|mtu| cluster.ipv6 && *mtu < aws_node::MTU_IPV6);
        findings.extend(small.map(|mtu| {
            SET_23
                .at(
                    key("awsNode.env", variable),
                    format!("{mtu} is not an MTU for IPv6: aws-node would not start"),
                )
                .hint(format!("{} to 9001", aws_node::MTU_IPV6))
        }));
    }
    findings
}

/// IPv6 for pods with IPv4 addresses: from the node's own IPv6 address, by its subnet's routes.
fn v6_egress(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let on = cluster.aws_node.settings.is_on(names::V6_EGRESS);
    // An IPv6 cluster has its own finding: there the variable is not read.
    if !on || cluster.ipv6 {
        return None;
    }
    let place = "awsNode.env.ENABLE_V6_EGRESS";
    if intent.vpc.ipv6.is_none() {
        let finding = SET_11.at(place, "aws-node turns it off: nodes have no IPv6 address");
        return Some(finding.hint("set `vpc: { ipv6: amazon }`, or remove it"));
    }
    let routed = |tier: &&Tier| {
        tier.leaves() != TierEgress::None
            || tier.routes.iter().any(|route| matches!(route.to, Destination::Range(IpNet::V6(_))))
    };
    let mut tiers = cluster.node_groups.iter().filter_map(|group| intent.tier(&group.tier));
    let tier = tiers.find(|tier| !routed(tier))?;
    let message = format!("pods on nodes of `{}` have no IPv6 route to leave by", tier.name);
    Some(
        SET_11
            .at(place, message)
            .also(key(&tier.path, "egress"), "none here")
            .hint("set `egress: nat` on the tier, or remove it"),
    )
}

/// Settings that nothing reads where they are.
fn idle(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let node = &cluster.aws_node;
    let mut idle: Vec<(String, &str)> = of_family(cluster);
    if node.custom_networking.is_none() && node.settings.has("ENI_CONFIG_ANNOTATION_DEF") {
        idle.push((key("awsNode.env", "ENI_CONFIG_ANNOTATION_DEF"), "it is for custom networking"));
    }
    let cards = |group: &NodeGroup| group.instances.iter().any(|instance| 1 < instance.cards);
    let multi = node.settings.is_on(names::MULTI_NIC);
    if multi && !cluster.node_groups.is_empty() && !cluster.node_groups.iter().any(cards) {
        let why = "no type of the node groups has a second network card";
        idle.push((key("awsNode.env", "ENABLE_MULTI_NIC"), why));
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
    findings.extend(unprovided(cluster));
    findings
}

/// Settings of one family in a cluster of the other.
fn of_family(cluster: &Cluster) -> Vec<(String, &'static str)> {
    const IPV4: &[&str] = &[
        "WARM_ENI_TARGET",
        "WARM_IP_TARGET",
        "MINIMUM_IP_TARGET",
        names::EXTERNAL_SNAT,
        names::EXCLUDE_SNAT_CIDRS,
    ];
    let set = |variable: &str| cluster.aws_node.settings.has(variable);
    if !cluster.ipv6 {
        let place = key("awsNode.env", "ENABLE_V4_EGRESS");
        let why = "it is for pods with IPv6 addresses";
        return set(names::V4_EGRESS).then_some((place, why)).into_iter().collect();
    }
    let why = "a node of an IPv6 cluster has one prefix for all of its pods, and translates no address of theirs";
    let place = |variable: &str| {
        aws_node::find(variable).and_then(|setting| setting.key).unwrap_or(variable).to_string()
    };
    let mut idle: Vec<_> = IPV4
        .iter()
        .filter(|variable| set(variable))
        .map(|variable| (place(variable), why))
        .collect();
    if set(names::V6_EGRESS) {
        let why = "it is for pods with IPv4 addresses";
        idle.push((key("awsNode.env", "ENABLE_V6_EGRESS"), why));
    }
    idle
}

/// Told to ask EC2 for nothing, aws-node gives out what a node came with.
fn unprovided(cluster: &Cluster) -> Vec<Diagnostic> {
    let on = |name: &&str| cluster.aws_node.settings.is_on(name);
    let names = ["ENABLE_IMDS_ONLY_MODE", "DISABLE_NETWORK_RESOURCE_PROVISIONING"].into_iter();
    let names = names.filter(|_| !cluster.node_groups.is_empty()).filter(on);
    names.map(|name| {
        SET_37.at(key("awsNode.env", name),
            "aws-node no longer requests addresses from EC2: pods use those that a node started with, and these nodes start with none",
        )
        .hint("remove it, unless something else attaches interfaces and addresses; warm targets have no effect with it")
    }).collect()
}

/// Keys that aws-node drops from `ADDITIONAL_ENI_TAGS`.
fn interface_tags(node: &AwsNode) -> Option<Diagnostic> {
    let text = node.settings.text("ADDITIONAL_ENI_TAGS")?;
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
    Some(finding.hint("use other keys, of 128 characters at most with values of 256; `k8s.amazonaws.com` and `aws:` are reserved"))
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
            .at(
                "awsNode.warm.ips",
                format!("up to {most} nodes request addresses from EC2 one by one"),
            )
            .hint("add `minimumIps` with the pods that a node usually has, or use prefixes")
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
            format!("`{large}` supports {many} pods, and `{least}` holds the whole group to {few}");
        NG_08
            .at(key(&group.path, "instanceTypes"), message)
            .hint(format!("make a group for each, or plan with it: `podsPerNode: {few}`"))
    })
}

fn addons(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let mut tiers = cluster.node_groups.iter().filter_map(|group| intent.tier(&group.tier));
    let closed =
        tiers.any(|tier| !intent.may_have_way_out(tier)) && !intent.endpoints.has(ROUTE_53);
    let dns = format!(
        "calls Route 53, whose only endpoint is `com.amazonaws.{ROUTE_53}`, without a Region, and the VPC has none"
    );
    let rows = [
        ("external-dns", closed, &PE_24, dns.as_str(), DNS_HINT),
        ("cert-manager", closed, &PE_24, dns.as_str(), DNS_HINT),
        (
            "aws-fsx-csi-driver",
            cluster.ipv6,
            &IP6_05,
            "does not work with IPv6 pods",
            "remove it, or set `ipFamily: ipv4`",
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

const ROUTE_53: &str = "route53";
const DNS_HINT: &str = "add `route53` to the endpoints, or give the nodes `egress: nat`; or allow it, if Route 53 is reached another way or not used";
