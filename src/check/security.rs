//! Security groups, network ACLs and alarms.

use super::arn;
use super::firsts::Firsts;
use crate::blueprint::model::{Protocol, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::{ports, quotas};
use crate::graph::{RuleCount, acl_rules_of, group_rule_counts};
use crate::intent::security::{Peer, Rules, Traffic};
use crate::intent::transit::Destination;
use crate::intent::{Cluster, Intent, Tier};
use crate::rules::{
    EP_10, MON_03, NACL_01, NACL_02, NACL_03, NACL_04, NACL_05, SEC_03, SG_01, SG_02, SG_04, SG_05,
    SGP_06,
};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings = without_subject(intent);
    findings.extend(open(intent));
    let repeated = repeated(intent);
    if repeated.is_empty() {
        findings.extend(many(intent));
    }
    findings.extend(repeated);
    findings.extend(intent.tiers.iter().flat_map(|tier| acl(intent, tier)));
    findings.extend(intent.tiers.iter().find_map(|tier| unnamed(intent, tier)));
    if let Some(cluster) = &intent.cluster {
        findings.extend(unreached(intent, cluster));
        findings.extend(nameless(intent, cluster));
    }
    let topic = intent.security.alarms.as_ref().and_then(|alarms| alarms.notify.as_ref());
    findings.extend(topic.and_then(|topic| {
        arn::misfit(intent, (&MON_03, "alarms.notify"), topic, ("sns", "111122223333:on-call"))
    }));
    findings
}

/// (place, rules) of every group.
pub(super) fn groups(intent: &Intent) -> [(&'static str, Vec<&Traffic>, bool); 5] {
    let security = &intent.security;
    [
        ("securityGroups.controlPlane", security.control_plane.iter().collect(), true),
        ("securityGroups.nodes", security.nodes.ingress.iter().collect(), true),
        ("securityGroups.nodes", security.nodes.egress.iter().collect(), false),
        ("securityGroups.pods", security.pods.ingress.iter().collect(), true),
        ("securityGroups.pods", security.pods.egress.iter().collect(), false),
    ]
}

fn without_subject(intent: &Intent) -> Vec<Diagnostic> {
    let security = &intent.security;
    let any = |rules: &Rules| rules.all().next().is_some();
    if intent.cluster.is_none() {
        let wanted = security.least_privilege
            || !security.control_plane.is_empty()
            || any(&security.nodes)
            || any(&security.pods);
        let finding = || {
            SG_01
                .at("securityGroups", "groups of nodes and pods without a `cluster`")
                .hint("only `defaultGroup` is for a network alone")
        };
        return wanted.then(finding).into_iter().collect();
    }
    let mut findings = Vec::new();
    for (place, rules) in
        [("securityGroups.nodes", &security.nodes), ("securityGroups.pods", &security.pods)]
    {
        if any(rules) && !security.least_privilege {
            let finding = SG_01.at(
                place,
                "these rules have no group: nodes and pods use the cluster security group",
            );
            findings.push(finding.hint("set `mode: leastPrivilege`; it replaces every node"));
        }
    }
    if any(&security.pods) && security.least_privilege && crate::graph::pod_group(intent).is_none()
    {
        let own = intent
            .cluster
            .as_ref()
            .is_some_and(|cluster| cluster.aws_node.custom_networking.is_some());
        let (message, hint) = match own {
            true => (
                "these rules have no group: pods use those that `customNetworking` names",
                "remove `customNetworking.securityGroups`, or add the rules to those groups",
            ),
            false => (
                "these rules have no group: without custom networking pods use their node's",
                "write them under `nodes`",
            ),
        };
        findings.push(SG_02.at("securityGroups.pods", message).hint(hint));
    }
    findings
}

fn open(intent: &Intent) -> Vec<Diagnostic> {
    let rules =
        groups(intent).into_iter().filter(|(.., ingress)| *ingress).flat_map(|(_, rules, _)| rules);
    let finding = |rule: &Traffic| {
        let ports = match (rule.protocol, rule.ports) {
            (Protocol::Tcp | Protocol::Udp, Some((from, to))) if from == to => {
                format!("port {from}")
            }
            (Protocol::Tcp | Protocol::Udp, Some((from, to))) => format!("ports {from} to {to}"),
            _ => "every port".to_string(),
        };
        SEC_03
            .at(key(&rule.path, "from"), format!("the whole internet is admitted on {ports}"))
            .hint("name the ranges that call, or a prefix list")
    };
    rules.filter(|rule| rule.peer.is_everybody()).map(finding).collect()
}

fn repeated(intent: &Intent) -> Vec<Diagnostic> {
    let acls = intent
        .tiers
        .iter()
        .flat_map(|tier| [&tier.acl.denied, &tier.acl.allowed])
        .flat_map(|rules| [&rules.ingress, &rules.egress])
        .map(|rules| rules.iter().collect());
    let lists: Vec<Vec<&Traffic>> =
        groups(intent).into_iter().map(|(_, rules, _)| rules).chain(acls).collect();
    let mut findings = Vec::new();
    for rules in lists {
        let mut firsts = Firsts::new();
        for rule in rules {
            let opened = (&rule.peer, rule.protocol, rule.ports);
            if let Some(first) = firsts.claim(opened, rule) {
                findings.push(
                    SG_04
                        .at(&rule.path, "duplicate rule")
                        .also(&first.path, "first here")
                        .hint("remove one of them"),
                );
            }
        }
    }
    let remote: Vec<_> = intent.cluster.iter().flat_map(|cluster| cluster.remote.all()).collect();
    let let_in = |rule: &&Traffic| {
        let one = |protocol, port| (rule.protocol, rule.ports) == (protocol, Some((port, port)));
        let names = !intent.security.least_privilege
            && (one(Protocol::Tcp, ports::DNS) || one(Protocol::Udp, ports::DNS));
        (one(Protocol::Tcp, ports::HTTPS) || names)
            && remote.iter().any(|range| rule.peer == Peer::Range((*range).into()))
    };
    findings.extend(intent.security.control_plane.iter().filter(let_in).map(|rule| {
        SG_04
            .at(&rule.path, "networks of hybrid nodes are admitted already")
            .also("cluster.remoteNetworks", "by this")
            .hint("remove the rule")
    }));
    findings
}

/// Counted as EC2 counts them, by family, eksnet's own and those for hybrid nodes included.
fn many(intent: &Intent) -> Vec<Diagnostic> {
    let counts = intent.cluster.iter().flat_map(|cluster| group_rule_counts(intent, cluster));
    let over = counts.filter(|(_, count)| ports::RULES_PER_GROUP < count.rules);
    let written = intent.security.control_plane.len()
        + intent.security.nodes.all().count()
        + intent.security.pods.all().count();
    let finding = |(place, count): (&'static str, RuleCount)| {
        let message = format!(
            "{} rules for {} in one direction, including eksnet's own; by default a group accepts {}",
            count.rules,
            count.family,
            ports::RULES_PER_GROUP
        );
        let place = if written == 0 { "cluster.remoteNetworks" } else { place };
        SG_05.at(place, message).hint(
            "summarize the ranges, or raise the quota L-0EA8095F (rules × groups of an interface: 1,000 at most); a prefix list counts as many rules as it may have entries",
        )
        .exceeds(quotas::RULES.code, count.rules)
    };
    over.map(finding).collect()
}

fn acl(intent: &Intent, tier: &Tier) -> Vec<Diagnostic> {
    let place = key(&tier.path, "networkAcl");
    let mut findings = Vec::new();
    if tier.acl.all().next().is_some() && !intent.security.acls {
        findings.push(
            NACL_02
                .at(&place, format!("`{}` has no network ACL of its own", tier.name))
                .hint("set `networkAcls: perTier`"),
        );
    }
    let named = tier.acl.all().filter(|rule| !matches!(rule.peer, Peer::Range(_)));
    findings.extend(named.map(|rule| {
        NACL_03
            .at(&rule.path, "a network ACL accepts ranges only")
            .hint("write the CIDRs themselves")
    }));
    let count = if intent.security.acls { acl_rules_of(intent, tier) } else { 0 };
    if ports::RULES_PER_ACL_AT_MOST < count {
        let message = format!(
            "{count} rules in one direction of the network ACL of `{}`; AWS accepts {}",
            tier.name,
            ports::RULES_PER_ACL_AT_MOST
        );
        findings.push(NACL_05.at(place, message).hint("gather ranges into larger ones"));
    } else if ports::RULES_PER_ACL < count {
        let message = format!(
            "{count} rules in one direction of the network ACL of `{}`; by default it accepts {}",
            tier.name,
            ports::RULES_PER_ACL
        );
        let hint = format!(
            "gather ranges into larger ones; {} is the quota's end",
            ports::RULES_PER_ACL_AT_MOST
        );
        findings.push(
            NACL_01
                .at(
                    if tier.acl.all().next().is_some() { place } else { "networkAcls".into() },
                    message,
                )
                .hint(hint)
                .exceeds(quotas::ACL_RULES.code, count),
        );
    }
    findings
}

/// Networks whose ranges no blueprint tells, which an ACL would keep out.
fn unnamed(intent: &Intent, tier: &Tier) -> Option<Diagnostic> {
    let vpn =
        intent.transit.vpn.as_ref().filter(|vpn| vpn.propagate && tier.serves != [Use::Transit]);
    let lists = tier.routes.iter().find_map(|route| {
        if let Destination::PrefixList(id) = &route.to {
            Some((id.clone(), key(&route.path, "to")))
        } else {
            None
        }
    });
    let (what, place) = vpn
        .map(|vpn| (format!("what `{}` announces", vpn.id), "egress.vpnGateway".to_string()))
        .or(lists.map(|(id, place)| (format!("`{id}`"), place)))?;
    let written = tier.acl.all().next().is_some()
        || intent.cluster.as_ref().is_some_and(|cluster| cluster.remote.all().next().is_some());
    (intent.security.acls && !written).then(|| {
        NACL_04.at(place, format!("the network ACL of `{}` denies {what}: their ranges are not known", tier.name))
            .also("networkAcls", "by this")
            .hint("write them on the tier: `networkAcl: { ingress: [{ from: 10.20.0.0/16, protocol: all }], egress: [{ to: 10.20.0.0/16, protocol: all }] }`")
    })
}

/// The API is private, and only nodes and pods are let in.
fn unreached(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let asks = |rule: &Traffic| lets_in(rule, Protocol::Tcp, ports::HTTPS);
    let rules = &intent.security.control_plane;
    // A rule that could not be read may be the one that is missing.
    let unread = intent.security.callers_named && rules.is_empty();
    let closed = !cluster.endpoint.public
        && cluster.endpoint.private
        && !unread
        && !rules.iter().any(asks)
        && cluster.remote.all().next().is_none();
    closed.then(|| {
        let message = "the API is private, and its security group admits nodes and pods only";
        let hint = "name who runs kubectl and pipelines, on port 443: `securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }`";
        EP_10.at("cluster.endpointAccess", message).hint(hint)
    })
}

fn lets_in(rule: &Traffic, protocol: Protocol, port: u16) -> bool {
    (rule.protocol == protocol || rule.protocol == Protocol::All)
        && rule.ports.is_none_or(|(from, to)| from <= port && port <= to)
}

/// Pods with groups of their own, whom the nodes' group keeps from the cluster's DNS.
fn nameless(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let on = intent.security.least_privilege && cluster.aws_node.pod_security_groups.is_some();
    let own = cluster.aws_node.custom_networking.is_some();
    let rules = &intent.security;
    let all: Vec<&Traffic> = rules
        .nodes
        .ingress
        .iter()
        .chain(rules.pods.ingress.iter().filter(|_| own))
        .filter(|rule| is_of_pods(intent, cluster, &rule.peer))
        .collect();
    let answered = |protocol| all.iter().any(|rule| lets_in(rule, protocol, ports::DNS));
    let missing: Vec<&str> = [(Protocol::Udp, "udp"), (Protocol::Tcp, "tcp")]
        .into_iter()
        .filter(|(protocol, _)| !answered(*protocol))
        .map(|(_, word)| word)
        .collect();
    if !on || missing.is_empty() {
        return None;
    }
    let message = format!(
        "the nodes' group denies pods with security groups of their own the cluster's DNS: port {}, {}",
        ports::DNS,
        missing.join(" and ")
    );
    let ranges: Vec<String> = pod_ranges(intent, cluster).map(|range| range.to_string()).collect();
    let from = ranges.first().map_or("10.0.0.0/8", String::as_str);
    let finding =
        SGP_06.at("securityGroups", message).also("awsNode.securityGroupsForPods", "on here");
    Some(finding.hint(format!("allow port 53, tcp and udp, from the pods' range until their groups exist (`nodes: {{ ingress: [{{ from: {from}, ports: 53, protocol: udp }}, {{ from: {from}, ports: 53 }}] }}`), and at the API (`controlPlane`)")))
}

/// Whether a peer may be pods: a group, or a range that holds all of theirs.
fn is_of_pods(intent: &Intent, cluster: &Cluster, peer: &Peer) -> bool {
    match peer {
        Peer::Group(_) => true,
        Peer::PrefixList(_) => false,
        Peer::Range(range) => {
            pod_ranges(intent, cluster).all(|own| range.contains(&ipnet::IpNet::from(own)))
        }
    }
}

/// The VPC's ranges that branch interfaces have addresses of.
fn pod_ranges<'a>(
    intent: &'a Intent,
    cluster: &'a Cluster,
) -> impl Iterator<Item = ipnet::Ipv4Net> + 'a {
    let tiers =
        cluster.node_groups.iter().map(|group| group.pod_tier.as_ref().unwrap_or(&group.tier));
    let pinned = |tier: &Tier| -> Vec<ipnet::Ipv4Net> {
        // Where its subnets will be, the plan decides, unless they are pinned one by one.
        match tier.pins.len() == tier.zones.len() {
            true => tier.pins.iter().map(|pin| pin.cidr).collect(),
            false => vec![tier.pool],
        }
    };
    tiers.filter_map(|name| intent.tier(name)).flat_map(pinned)
}
