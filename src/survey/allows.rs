//! Whether packets pass from one place of the VPC to another: security groups on both sides, and the network ACLs between them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::observed::survey::{AclEntry, NetworkAcl, SecurityRule, VpcSurvey};

use super::items;

/// Somebody in the VPC, or outside of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// Of the interface.
    pub address: Option<Ipv4Addr>,
    /// Of the interface.
    pub ipv6: Option<Ipv6Addr>,
    /// On the interface; empty: somebody whose groups do not count, such as a peer.
    pub groups: Vec<String>,
    /// `subnet-…`; its network ACL counts.
    pub subnet: Option<String>,
}

impl Side {
    /// Whoever has a security group.
    pub fn group(id: &str) -> Self {
        Self { groups: vec![id.to_string()], ..Self::default() }
    }
}

/// What comes of a packet.
#[derive(Clone, Debug, PartialEq)]
pub enum Passage {
    /// It passes, and so does the answer.
    Open,
    /// Nothing lets it out: these groups.
    NotOut(Vec<String>),
    /// Nothing lets it in: these groups.
    NotIn(Vec<String>),
    /// A network ACL refuses it or its answer.
    Acl(String),
    /// What decides was not read.
    Unknown,
}

/// First and last port of answers.
const EPHEMERAL: (u16, u16) = (1024, 65535);

/// A protocol (`tcp`, `udp`) and a port.
pub type PortOf<'p> = (&'p str, u16);

/// Whether `to` can be reached from `from` at a port.
pub fn allows(vpc: &VpcSurvey, from: &Side, to: &Side, port: PortOf<'_>) -> Passage {
    if vpc.security_groups.read().is_none() {
        return Passage::Unknown;
    }
    let (from, to) = (&facing(from, to), &facing(to, from));
    let out = granted(vpc, (from, to), port, true);
    let into = granted(vpc, (to, from), port, false);
    match (out, into) {
        (Named::No, _) => Passage::NotOut(from.groups.clone()),
        (_, Named::No) => Passage::NotIn(to.groups.clone()),
        (Named::Maybe, _) | (_, Named::Maybe) => Passage::Unknown,
        (Named::Yes, Named::Yes) => between(vpc, from, to, port),
    }
}

/// Who is called by IPv6 alone is called from an IPv6 address, whatever else the caller has.
fn facing(side: &Side, peer: &Side) -> Side {
    let sixes = peer.address.is_none() && peer.ipv6.is_some() && side.ipv6.is_some();
    Side { address: side.address.filter(|_| !sixes), ..side.clone() }
}

/// Whether any rule of `of`'s groups is for `peer` at some port, going out or coming in; true where that is not known.
pub fn knows(vpc: &VpcSurvey, of: &Side, peer: &Side, egress: bool) -> bool {
    let (of, peer) = (&facing(of, peer), &facing(peer, of));
    let groups = items(&vpc.security_groups).iter().filter(|group| of.groups.contains(&group.id));
    let mut rules = groups.flat_map(|group| &group.rules).filter(|rule| rule.egress == egress);
    rules.any(|rule| names(vpc, rule, peer) != Named::No)
}

/// Whether a rule is for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    No,
    /// It may be: an address or the entries of a list are not known.
    Maybe,
    Yes,
}

impl Named {
    fn of(yes: bool) -> Self {
        if yes { Named::Yes } else { Named::No }
    }
}

/// What the rules of `of`'s groups say of `peer`, going out or coming in.
fn granted(vpc: &VpcSurvey, (of, peer): (&Side, &Side), port: PortOf<'_>, egress: bool) -> Named {
    if of.groups.is_empty() {
        return Named::Yes;
    }
    let groups = items(&vpc.security_groups).iter().filter(|group| of.groups.contains(&group.id));
    let rules = groups.flat_map(|group| &group.rules).filter(|rule| rule.egress == egress);
    let own = rules.filter(|rule| is_of(&rule.protocol, rule.ports, port));
    own.map(|rule| names(vpc, rule, peer)).max().unwrap_or(Named::No)
}

/// Whether a rule's other side is `peer`.
fn names(vpc: &VpcSurvey, rule: &SecurityRule, peer: &Side) -> Named {
    let by_group = rule.group.as_ref().is_some_and(|group| peer.groups.contains(group));
    // Who is known by one family only has no address of the other.
    let unknown = match (peer.address, peer.ipv6) {
        (None, None) => Named::Maybe,
        _ => Named::No,
    };
    let ipv4 = rule.cidr.map_or(Named::No, |cidr| match peer.address {
        _ if cidr.prefix_len() == 0 => Named::Yes,
        Some(address) => Named::of(cidr.contains(&address)),
        None => unknown,
    });
    let ipv6 = rule.ipv6_cidr.map_or(Named::No, |cidr| match peer.ipv6 {
        Some(address) => Named::of(cidr.contains(&address)),
        None => unknown,
    });
    let list = rule.prefix_list.as_ref().map_or(Named::No, |list| in_list(vpc, list, peer));
    Named::of(by_group).max(ipv4).max(ipv6).max(list)
}

fn in_list(vpc: &VpcSurvey, id: &str, peer: &Side) -> Named {
    let list = items(&vpc.prefix_lists).iter().find(|list| list.id == id);
    let Some(entries) = list.and_then(|list| list.entries.read()) else { return Named::Maybe };
    let own = [peer.address.map(IpAddr::V4), peer.ipv6.map(IpAddr::V6)];
    let mut known = own.iter().flatten().peekable();
    if known.peek().is_none() && !entries.is_empty() {
        return Named::Maybe;
    }
    Named::of(known.any(|address| entries.iter().any(|entry| entry.cidr.contains(address))))
}

/// Whether a rule is for a protocol and a port.
pub fn is_of(protocol: &str, ports: Option<(u16, u16)>, (wanted, port): PortOf<'_>) -> bool {
    let number = |word: &str| match word {
        "tcp" => "6".to_string(),
        "udp" => "17".to_string(),
        other => other.to_string(),
    };
    protocol == "-1"
        || number(protocol) == number(wanted)
            && ports.is_none_or(|(first, last)| first <= port && port <= last)
}

fn between(vpc: &VpcSurvey, from: &Side, to: &Side, port: PortOf<'_>) -> Passage {
    let (Some(here), Some(there)) = (&from.subnet, &to.subnet) else { return Passage::Open };
    if here == there {
        return Passage::Open;
    }
    let Some(acls) = vpc.network_acls.read() else { return Passage::Unknown };
    let of = |subnet: &String| acls.iter().find(|acl| acl.subnets.contains(subnet));
    let asked = [(of(here), true, to), (of(there), false, from)];
    let answered = [(of(there), true, from), (of(here), false, to)];
    let (protocol, port) = port;
    let refusing = |(acl, egress, peer): &(Option<&NetworkAcl>, bool, &Side), ports| {
        acl.filter(|acl| !passes(acl, *egress, (peer, protocol, ports))).map(|acl| acl.id.clone())
    };
    let first = asked.iter().find_map(|one| refusing(one, (port, port)));
    let refused = first.or_else(|| answered.iter().find_map(|one| refusing(one, EPHEMERAL)));
    refused.map_or(Passage::Open, Passage::Acl)
}

/// The lowest entry that matches decides; for a range of ports every part of it has to pass.
pub fn passes(acl: &NetworkAcl, egress: bool, what: (&Side, &str, (u16, u16))) -> bool {
    let (peer, protocol, (first, last)) = what;
    let own = peer.address.map(IpAddr::V4).or(peer.ipv6.map(IpAddr::V6));
    let Some(address) = own else { return true };
    let holds = |entry: &AclEntry| match address {
        IpAddr::V4(own) => entry.cidr.is_some_and(|cidr| cidr.contains(&own)),
        IpAddr::V6(own) => entry.ipv6_cidr.is_some_and(|cidr| cidr.contains(&own)),
    };
    let mut entries: Vec<&AclEntry> =
        acl.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.number);
    let decides = |entry: &&&AclEntry, port: u16| {
        holds(entry) && is_of(&entry.protocol, entry.ports, (protocol, port))
    };
    let edges = entries
        .iter()
        .filter_map(|entry| entry.ports)
        .flat_map(|(low, high)| [low, high, high.saturating_add(1), low.saturating_sub(1)]);
    let probes = edges.filter(|port| first <= *port && *port <= last).chain([first, last]);
    let ports: std::collections::BTreeSet<u16> = probes.collect();
    ports.iter().all(|port| {
        entries.iter().find(|entry| decides(entry, *port)).is_some_and(|entry| entry.allow)
    })
}
