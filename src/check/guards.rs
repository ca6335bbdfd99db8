//! Security groups, network ACLs and alarms.

use super::arn;
use super::rule::{Rule, error, warning};
use crate::blueprint::model::{Protocol, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::ports;
use crate::graph::{acl_rules_of, group_rule_counts};
use crate::spec::guards::{Peer, Rules, Traffic};
use crate::spec::transit::Destination;
use crate::spec::{Cluster, Spec, Tier};

const GROUPS: &str = "EC2 API reference, AuthorizeSecurityGroupIngress";
const QUOTAS: &str = "VPC quotas";

pub const RULES: &[Rule] = &[
    warning(
        "SEC-03",
        "not everybody is let in",
        "what listens on a node or in a pod is found within minutes; load balancers get rules of their own from their controller",
        "Security Hub, EC2.18 and EC2.19",
        (
            "nodes: { ingress: [{ from: 0.0.0.0/0, ports: 22 }] }",
            "nodes: { ingress: [{ from: 10.0.0.0/8, ports: 22 }] }",
        ),
    ),
    error(
        "SG-01",
        "rules have a group to stand in",
        "with `mode: shared` nodes and pods wear the group that EKS makes, which lets everything through among them",
        "EKS user guide, security group requirements",
        (
            "securityGroups: { nodes: { ingress: [{ from: 10.0.0.0/8 }] } }",
            "securityGroups: { mode: leastPrivilege, nodes: { ingress: [{ from: 10.0.0.0/8 }] } }",
        ),
    ),
    error(
        "SG-02",
        "pods have groups where they have interfaces of their own",
        "without custom networking a pod's packets come through its node's interface, and so through the node's groups",
        "EKS user guide, custom networking",
        (
            "securityGroups: { mode: leastPrivilege, pods: { ingress: [ … ] } }",
            "awsNode: { customNetworking: { tier: pods } }\nsecurityGroups: { mode: leastPrivilege, pods: { ingress: [ … ] } }",
        ),
    ),
    error(
        "SG-03",
        "a rule names whom it lets through, and on which ports",
        "EC2 takes a CIDR, a security group or a prefix list, and ports of tcp and udp only",
        GROUPS,
        (
            "ingress: [{ from: office, ports: https }]",
            "ingress: [{ from: 203.0.113.0/24, ports: 443 }]",
        ),
    ),
    error(
        "SG-04",
        "a rule stands once",
        "EC2 refuses the second with InvalidPermission.Duplicate",
        GROUPS,
        (
            "ingress: [{ from: 10.0.0.0/8, ports: 443 }, { from: 10.0.0.0/8, ports: 443 }]",
            "ingress: [{ from: 10.0.0.0/8, ports: 443 }]",
        ),
    ),
    warning(
        "SG-05",
        "a group has at most 60 rules in a direction",
        "more need a raised quota",
        "VPC quotas, L-0EA8095F",
        ("ingress: [ 61 of them ]", "ingress: [{ from: pl-0123456789abcdef0 }]"),
    ),
    warning(
        "EP-10",
        "somebody reaches a private API",
        "the group of the control plane lets in nodes and pods only: kubectl and pipelines time out, from inside the VPC too",
        "EKS user guide, cluster endpoint access",
        (
            "endpointAccess: { private: true, public: false }",
            "endpointAccess: { private: true, public: false }\nsecurityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }",
        ),
    ),
    warning(
        "SGP-06",
        "pods with groups of their own are let in at the cluster's DNS",
        "their packets carry their own groups, which the nodes' group knows nothing of",
        "EKS user guide, security groups for pods",
        (
            "mode: leastPrivilege   # and securityGroupsForPods",
            "nodes: { ingress: [{ from: sg-0123456789abcdef0, ports: 53, protocol: udp }, { from: sg-0123456789abcdef0, ports: 53 }] }",
        ),
    ),
    warning(
        "NACL-01",
        "a network ACL has at most 20 rules in a direction, eksnet's own included",
        "more need a raised quota, and 40 is its end",
        QUOTAS,
        (
            "networkAcl: { ingress: [ 20 of them ] }",
            "networkAcl: { ingress: [{ from: 10.0.0.0/8 }] }",
        ),
    ),
    error(
        "NACL-02",
        "a tier's ACL rules have an ACL",
        "without `networkAcls: perTier` its subnets keep the VPC's default ACL",
        "VPC user guide, network ACLs",
        ("networkAcl: { ingress: [{ from: 10.0.0.0/8 }] }", "networkAcls: perTier"),
    ),
    error(
        "NACL-03",
        "network ACLs know ranges only",
        "neither security groups nor prefix lists",
        "EC2 API reference, CreateNetworkAclEntry",
        (
            "networkAcl: { ingress: [{ from: sg-1 }] }",
            "networkAcl: { ingress: [{ from: 10.0.0.0/8 }] }",
        ),
    ),
    warning(
        "NACL-04",
        "network ACLs know the ranges behind a tier's routes",
        "routes that a VPN gateway learns, and prefix lists, bring packets whose ranges stand nowhere in the blueprint",
        "VPC user guide, network ACLs",
        (
            "networkAcls: perTier\nvpnGateway: { id: vgw-1 }",
            "networkAcl: { ingress: [{ from: 10.20.0.0/16, protocol: all }], egress: [{ to: 10.20.0.0/16, protocol: all }] }",
        ),
    ),
    error(
        "MON-03",
        "alarms go to an SNS topic",
        "CloudWatch takes an ARN",
        "CloudWatch API reference, PutMetricAlarm",
        (
            "alarms: { notify: on-call }",
            "alarms: { notify: \"arn:aws:sns:eu-west-1:111122223333:on-call\" }",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings = homeless(spec);
    findings.extend(open(spec));
    let repeated = repeated(spec);
    if repeated.is_empty() {
        findings.extend(many(spec));
    }
    findings.extend(repeated);
    findings.extend(spec.tiers.iter().flat_map(|tier| acl(spec, tier)));
    findings.extend(spec.tiers.iter().find_map(|tier| unnamed(spec, tier)));
    if let Some(cluster) = &spec.cluster {
        findings.extend(unreached(spec, cluster));
        findings.extend(nameless(spec, cluster));
    }
    let topic = spec.guards.alarms.as_ref().and_then(|alarms| alarms.notify.as_ref());
    findings.extend(topic.and_then(|topic| {
        arn::misfit(spec, ("MON-03", "alarms.notify"), topic, ("sns", "111122223333:on-call"))
    }));
    findings
}

/// (place, rules) of every group.
fn groups(spec: &Spec) -> [(&'static str, Vec<&Traffic>, bool); 5] {
    let guards = &spec.guards;
    [
        ("securityGroups.controlPlane", guards.control_plane.iter().collect(), true),
        ("securityGroups.nodes", guards.nodes.ingress.iter().collect(), true),
        ("securityGroups.nodes", guards.nodes.egress.iter().collect(), false),
        ("securityGroups.pods", guards.pods.ingress.iter().collect(), true),
        ("securityGroups.pods", guards.pods.egress.iter().collect(), false),
    ]
}

fn homeless(spec: &Spec) -> Vec<Diagnostic> {
    let guards = &spec.guards;
    let any = |rules: &Rules| rules.all().next().is_some();
    if spec.cluster.is_none() {
        let wanted = guards.least_privilege
            || !guards.control_plane.is_empty()
            || any(&guards.nodes)
            || any(&guards.pods);
        let finding = || {
            Diagnostic::error(
                "SG-01",
                "securityGroups",
                "groups of nodes and pods without a `cluster`",
            )
            .hint("only `defaultGroup` is for a network alone")
        };
        return wanted.then(finding).into_iter().collect();
    }
    let mut findings = Vec::new();
    for (place, rules) in
        [("securityGroups.nodes", &guards.nodes), ("securityGroups.pods", &guards.pods)]
    {
        if any(rules) && !guards.least_privilege {
            let finding = Diagnostic::error(
                "SG-01",
                place,
                "these rules have no group: nodes and pods wear the one that EKS makes",
            );
            findings.push(finding.hint("write `mode: leastPrivilege`; it exchanges every node"));
        }
    }
    if any(&guards.pods) && guards.least_privilege && crate::graph::pod_group(spec).is_none() {
        let own = spec
            .cluster
            .as_ref()
            .is_some_and(|cluster| cluster.aws_node.custom_networking.is_some());
        let (message, hint) = match own {
            true => (
                "these rules have no group: pods wear those that `customNetworking` names",
                "take `customNetworking.securityGroups` out, or add the rules to those groups",
            ),
            false => (
                "these rules have no group: without custom networking pods wear their node's",
                "write them under `nodes`",
            ),
        };
        findings.push(Diagnostic::error("SG-02", "securityGroups.pods", message).hint(hint));
    }
    findings
}

fn open(spec: &Spec) -> Vec<Diagnostic> {
    let rules =
        groups(spec).into_iter().filter(|(.., ingress)| *ingress).flat_map(|(_, rules, _)| rules);
    let finding = |rule: &Traffic| {
        let ports = match (rule.protocol, rule.ports) {
            (Protocol::Tcp | Protocol::Udp, Some((from, to))) if from == to => {
                format!("port {from}")
            }
            (Protocol::Tcp | Protocol::Udp, Some((from, to))) => format!("ports {from} to {to}"),
            _ => "every port".to_string(),
        };
        Diagnostic::warning(
            "SEC-03",
            key(&rule.path, "from"),
            format!("everybody is let in on {ports}"),
        )
        .hint("name the ranges that call, or a prefix list")
    };
    rules.filter(|rule| rule.peer.is_everybody()).map(finding).collect()
}

fn repeated(spec: &Spec) -> Vec<Diagnostic> {
    let acls = spec
        .tiers
        .iter()
        .flat_map(|tier| [&tier.acl.ingress, &tier.acl.egress])
        .map(|rules| rules.iter().collect());
    let lists: Vec<Vec<&Traffic>> =
        groups(spec).into_iter().map(|(_, rules, _)| rules).chain(acls).collect();
    let same = |one: &Traffic, other: &Traffic| {
        one.peer == other.peer && one.protocol == other.protocol && one.ports == other.ports
    };
    let mut findings = Vec::new();
    for rules in lists {
        for (at, rule) in rules.iter().enumerate() {
            if let Some(first) = rules[..at].iter().find(|first| same(first, rule)) {
                findings.push(
                    Diagnostic::error("SG-04", &rule.path, "this rule stands twice")
                        .also(&first.path, "first here")
                        .hint("take one of them out"),
                );
            }
        }
    }
    let remote: Vec<_> = spec.cluster.iter().flat_map(|cluster| cluster.remote.all()).collect();
    let let_in = |rule: &&Traffic| {
        let one = |protocol, port| (rule.protocol, rule.ports) == (protocol, Some((port, port)));
        let names = !spec.guards.least_privilege
            && (one(Protocol::Tcp, ports::DNS) || one(Protocol::Udp, ports::DNS));
        (one(Protocol::Tcp, ports::HTTPS) || names)
            && remote.iter().any(|range| rule.peer == Peer::Range((*range).into()))
    };
    findings.extend(spec.guards.control_plane.iter().filter(let_in).map(|rule| {
        Diagnostic::error("SG-04", &rule.path, "networks of hybrid nodes are let in already")
            .also("cluster.remoteNetworks", "by this")
            .hint("take the rule out")
    }));
    findings
}

/// Counted as they come out, eksnet's own and those for hybrid nodes included.
fn many(spec: &Spec) -> Vec<Diagnostic> {
    let counts = spec.cluster.iter().flat_map(|cluster| group_rule_counts(spec, cluster));
    let over = counts.filter(|(_, count)| ports::RULES_PER_GROUP < *count);
    let written = spec.guards.control_plane.len()
        + spec.guards.nodes.all().count()
        + spec.guards.pods.all().count();
    let place = |place: &'static str| if written == 0 { "cluster.remoteNetworks" } else { place };
    let finding = |(group, count): (&'static str, usize)| {
        let message = format!(
            "{count} rules in one direction, eksnet's own included; without a raised quota a group takes {}",
            ports::RULES_PER_GROUP
        );
        Diagnostic::warning("SG-05", place(group), message).hint(
            "gather the ranges in a prefix list, summarise them, or raise the quota L-0EA8095F",
        )
    };
    over.map(finding).collect()
}

fn acl(spec: &Spec, tier: &Tier) -> Vec<Diagnostic> {
    let place = key(&tier.path, "networkAcl");
    let mut findings = Vec::new();
    if tier.acl.all().next().is_some() && !spec.guards.acls {
        findings.push(
            Diagnostic::error(
                "NACL-02",
                &place,
                format!("`{}` has no network ACL of its own", tier.name),
            )
            .hint("write `networkAcls: perTier`"),
        );
    }
    let named = tier.acl.all().filter(|rule| !matches!(rule.peer, Peer::Range(_)));
    findings.extend(named.map(|rule| {
        Diagnostic::error("NACL-03", &rule.path, "a network ACL takes ranges only")
            .hint("write the CIDRs themselves")
    }));
    let count = if spec.guards.acls { acl_rules_of(spec, tier) } else { 0 };
    if ports::RULES_PER_ACL_AT_MOST < count {
        let message = format!(
            "{count} rules in one direction of the network ACL of `{}`; AWS takes {}",
            tier.name,
            ports::RULES_PER_ACL_AT_MOST
        );
        findings.push(
            Diagnostic::error("NACL-01", place, message).hint("gather ranges into larger ones"),
        );
    } else if ports::RULES_PER_ACL < count {
        let message = format!(
            "{count} rules in one direction of the network ACL of `{}`; without a raised quota it takes {}",
            tier.name,
            ports::RULES_PER_ACL
        );
        let hint = format!(
            "gather ranges into larger ones; {} is the quota's end",
            ports::RULES_PER_ACL_AT_MOST
        );
        findings.push(
            Diagnostic::warning(
                "NACL-01",
                if tier.acl.all().next().is_some() { place } else { "networkAcls".into() },
                message,
            )
            .hint(hint),
        );
    }
    findings
}

/// Networks whose ranges no blueprint tells, which an ACL would keep out.
fn unnamed(spec: &Spec, tier: &Tier) -> Option<Diagnostic> {
    let vpn =
        spec.transit.vpn.as_ref().filter(|vpn| vpn.propagate && tier.serves != [Use::Transit]);
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
        || spec.cluster.as_ref().is_some_and(|cluster| cluster.remote.all().next().is_some());
    (spec.guards.acls && !written).then(|| {
        Diagnostic::warning("NACL-04", place, format!("the network ACL of `{}` keeps {what} out: nobody tells its ranges", tier.name))
            .also("networkAcls", "by this")
            .hint("write them on the tier: `networkAcl: { ingress: [{ from: 10.20.0.0/16, protocol: all }], egress: [{ to: 10.20.0.0/16, protocol: all }] }`")
    })
}

/// The API is private, and only nodes and pods are let in.
fn unreached(spec: &Spec, cluster: &Cluster) -> Option<Diagnostic> {
    let shut = !cluster.endpoint.public
        && cluster.endpoint.private
        && !spec.guards.callers_named
        && cluster.remote.all().next().is_none();
    shut.then(|| {
        let message = "the API is private, and its security group lets in nodes and pods only";
        let hint = "name who runs kubectl and pipelines: `securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }`";
        Diagnostic::warning("EP-10", "cluster.endpointAccess", message).hint(hint)
    })
}

/// Pods with groups of their own, whom the nodes' group keeps from the cluster's DNS.
fn nameless(spec: &Spec, cluster: &Cluster) -> Option<Diagnostic> {
    let pods = cluster
        .aws_node
        .custom_networking
        .as_ref()
        .map_or(&[][..], |_| &spec.guards.pods.ingress[..]);
    let asks = |rule: &Traffic| {
        rule.protocol != Protocol::Icmp
            && rule.ports.is_none_or(|(from, to)| from <= ports::DNS && ports::DNS <= to)
    };
    let named = spec
        .guards
        .nodes
        .ingress
        .iter()
        .chain(pods)
        .any(|rule| !matches!(rule.peer, Peer::PrefixList(_)) && asks(rule));
    let wanted =
        spec.guards.least_privilege && cluster.aws_node.pod_security_groups.is_some() && !named;
    wanted.then(|| {
        let message = "pods with security groups of their own are kept from the cluster's DNS by the nodes' group";
        let finding = Diagnostic::warning("SGP-06", "securityGroups", message).also("awsNode.securityGroupsForPods", "wanted here");
        finding.hint("let their groups in on port 53, tcp and udp (`nodes: { ingress: [{ from: sg-…, ports: 53, protocol: udp }, … ] }`), and at the API (`controlPlane`)")
    })
}
