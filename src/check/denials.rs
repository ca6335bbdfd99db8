//! Rules of network ACLs that deny: they are judged before those that let the network work.

use ipnet::IpNet;

use crate::blueprint::model::Protocol;
use crate::diagnostic::Diagnostic;
use crate::facts::ports::{DNS, EPHEMERAL, HTTPS, KUBELET};
use crate::intent::security::{Peer, Traffic};
use crate::intent::{Intent, Tier};
use crate::rules::{NACL_06, NACL_07, NACL_08};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    // Without ACLs of its own a tier has no rules at all (rule NACL-02).
    let tiers = intent.tiers.iter().filter(|_| intent.security.acls);
    tiers.flat_map(|tier| of_tier(intent, tier)).collect()
}

fn of_tier(intent: &Intent, tier: &Tier) -> Vec<Diagnostic> {
    let (denied, allowed) = (&tier.acl.denied, &tier.acl.allowed);
    let mut findings = Vec::new();
    for rule in denied.all() {
        let within = within(intent, rule);
        findings.extend(within.or_else(|| answers(rule)));
    }
    for (denied, allowed) in
        [(&denied.ingress, &allowed.ingress), (&denied.egress, &allowed.egress)]
    {
        findings.extend(allowed.iter().filter_map(|rule| without_effect(rule, denied)));
    }
    findings
}

/// What nodes, pods and the control plane use among themselves.
fn within(intent: &Intent, rule: &Traffic) -> Option<Diagnostic> {
    let Peer::Range(range) = rule.peer else { return None };
    let own = intent.vpc.cidrs().map(IpNet::V4).find(|own| overlap(*own, range));
    let own = own.map(|own| format!("`{own}`"));
    let ipv6 = (range == IPV6 && intent.vpc.ipv6.is_some()).then(|| "IPv6 range".to_string());
    let own = own.or(ipv6)?;
    let needed: &[(Protocol, u16)] = &[
        (Protocol::Tcp, HTTPS),
        (Protocol::Tcp, KUBELET),
        (Protocol::Tcp, DNS),
        (Protocol::Udp, DNS),
    ];
    let (_, port) = needed.iter().find(|(protocol, port)| has(rule, *protocol, (*port, *port)))?;
    let message =
        format!("denied to the VPC's own {own} as well, with port {port}, which the cluster uses");
    Some(NACL_06.at(&rule.path, message).hint(
        "name ranges outside the VPC, or ports that the cluster does not use; among nodes and pods use security groups and network policies",
    ))
}

/// Answers come to ports that the asking side chose.
fn answers(rule: &Traffic) -> Option<Diagnostic> {
    let everything = rule.protocol == Protocol::All || rule.ports.is_none();
    let chosen = [Protocol::Tcp, Protocol::Udp].into_iter().any(|one| has(rule, one, EPHEMERAL));
    if everything || !chosen {
        return None;
    }
    let message = "connections that chose one of these ports for their answers get none";
    Some(NACL_07.at(&rule.path, message).hint(
        "guard a port above 1023 with security groups, which keep state; or accept that connections fail now and then",
    ))
}

fn without_effect(rule: &Traffic, denied: &[Traffic]) -> Option<Diagnostic> {
    let Peer::Range(range) = rule.peer else { return None };
    let all = |deny: &&Traffic| {
        let Peer::Range(outer) = deny.peer else { return false };
        let protocol = deny.protocol == Protocol::All || deny.protocol == rule.protocol;
        let ports = match (deny.ports, rule.ports) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((from, to)), Some((first, last))) => from <= first && last <= to,
        };
        outer.contains(&range) && protocol && ports
    };
    let deny = denied.iter().find(all)?;
    Some(
        NACL_08
            .at(&rule.path, "rules that deny are judged first, and one of them covers this")
            .also(&deny.path, "denied here")
            .hint("remove the rule, or deny the ranges around it"),
    )
}

const IPV6: IpNet = IpNet::V6(ipnet::Ipv6Net::new_assert(std::net::Ipv6Addr::UNSPECIFIED, 0));

fn overlap(one: IpNet, other: IpNet) -> bool {
    one.contains(&other) || other.contains(&one)
}

/// Whether a rule is about one of these ports.
fn has(rule: &Traffic, protocol: Protocol, (first, last): (u16, u16)) -> bool {
    let ports = rule.ports.is_none_or(|(from, to)| from <= last && first <= to);
    rule.protocol == Protocol::All || rule.protocol == protocol && ports
}
