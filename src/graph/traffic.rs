//! What security groups let through, as EC2 writes it: rows within a group, and rules of their own between groups.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::blueprint::model::Protocol;
use crate::intent::security::{Peer, Traffic};

use super::Kind;
use super::value::{Ref, Tag};

#[derive(Serialize)]
pub struct SecurityGroup {
    pub vpc: Ref,
    pub description: &'static str,
    pub ingress: Vec<Value>,
    pub egress: Vec<Value>,
    pub tags: Vec<Tag>,
}

impl Kind for SecurityGroup {
    const TEMPLATE: &'static str = "ec2/security-group";
}

#[derive(Serialize)]
pub struct Ingress {
    group: Value,
    protocol: &'static str,
    from_port: Option<i32>,
    to_port: Option<i32>,
    cidr: Option<String>,
    ipv6_cidr: Option<String>,
    source_group: Option<Value>,
    prefix_list: Option<String>,
    description: String,
}

impl Kind for Ingress {
    const TEMPLATE: &'static str = "ec2/security-group-ingress";
}

impl Ingress {
    /// From another group of the stack.
    pub fn from_group(
        group: Value,
        source: Value,
        (protocol, port): (&'static str, Option<u16>),
        description: &str,
    ) -> Self {
        let port = port.map(i32::from);
        let (cidr, ipv6_cidr, prefix_list) = (None, None, None);
        let (source_group, description) = (Some(source), description.to_string());
        Self {
            group,
            protocol,
            from_port: port,
            to_port: port,
            cidr,
            ipv6_cidr,
            source_group,
            prefix_list,
            description,
        }
    }

    /// As the author wrote it.
    pub fn written(group: Value, rule: &Traffic, description: &str) -> Self {
        let (protocol, from_port, to_port) = numbers(rule);
        let description = if rule.why.is_empty() { description } else { &rule.why }.to_string();
        let (cidr, ipv6_cidr, source_group, prefix_list) = match &rule.peer {
            Peer::Range(ipnet::IpNet::V4(range)) => (Some(range.to_string()), None, None, None),
            Peer::Range(ipnet::IpNet::V6(range)) => (None, Some(range.to_string()), None, None),
            Peer::Group(group) => (None, None, Some(json!(group)), None),
            Peer::PrefixList(list) => (None, None, None, Some(list.clone())),
        };
        Self {
            group,
            protocol,
            from_port,
            to_port,
            cidr,
            ipv6_cidr,
            source_group,
            prefix_list,
            description,
        }
    }
}

#[derive(Serialize)]
pub struct Egress {
    group: Value,
    protocol: &'static str,
    from_port: Option<i32>,
    to_port: Option<i32>,
    destination_group: Value,
    description: String,
}

impl Kind for Egress {
    const TEMPLATE: &'static str = "ec2/security-group-egress";
}

impl Egress {
    /// Everything to another group of the stack.
    pub fn to_group(group: Value, destination_group: Value, description: &str) -> Self {
        Self {
            group,
            protocol: "-1",
            from_port: None,
            to_port: None,
            destination_group,
            description: description.to_string(),
        }
    }
}

/// (protocol, first port, last port) as EC2 wants them.
fn numbers(rule: &Traffic) -> (&'static str, Option<i32>, Option<i32>) {
    let (from, to) = rule.ports.unwrap_or((0, u16::MAX));
    match rule.protocol {
        Protocol::All => ("-1", None, None),
        Protocol::Icmp if matches!(rule.peer, Peer::Range(ipnet::IpNet::V6(_))) => {
            ("icmpv6", Some(-1), Some(-1))
        }
        Protocol::Icmp => ("icmp", Some(-1), Some(-1)),
        Protocol::Tcp => ("tcp", Some(from.into()), Some(to.into())),
        Protocol::Udp => ("udp", Some(from.into()), Some(to.into())),
    }
}

/// One name for one rule: `10.0.0.0/8tcp443x443`.
pub fn word(rule: &Traffic) -> String {
    let (protocol, from, to) = numbers(rule);
    let peer = match &rule.peer {
        Peer::Range(range) => range.to_string(),
        Peer::Group(id) | Peer::PrefixList(id) => id.clone(),
    };
    let ports = from.zip(to).map_or(String::new(), |(from, to)| format!("{from}x{to}"));
    format!("{peer}{}{ports}", protocol.replace("-1", "all"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Ingress,
    Egress,
}

/// A rule inside a group.
pub fn row(rule: &Traffic, side: Side) -> Value {
    let (protocol, from, to) = numbers(rule);
    let mut row = Map::from_iter([("IpProtocol".to_string(), json!(protocol))]);
    row.extend(from.map(|port| ("FromPort".to_string(), json!(port))));
    row.extend(to.map(|port| ("ToPort".to_string(), json!(port))));
    let (key, value) = match (&rule.peer, side) {
        (Peer::Range(ipnet::IpNet::V4(range)), _) => ("CidrIp", range.to_string()),
        (Peer::Range(ipnet::IpNet::V6(range)), _) => ("CidrIpv6", range.to_string()),
        (Peer::Group(group), Side::Ingress) => ("SourceSecurityGroupId", group.clone()),
        (Peer::Group(group), Side::Egress) => ("DestinationSecurityGroupId", group.clone()),
        (Peer::PrefixList(list), Side::Ingress) => ("SourcePrefixListId", list.clone()),
        (Peer::PrefixList(list), Side::Egress) => ("DestinationPrefixListId", list.clone()),
    };
    row.insert(key.to_string(), json!(value));
    row.extend((!rule.why.is_empty()).then(|| ("Description".to_string(), json!(rule.why))));
    Value::Object(row)
}
