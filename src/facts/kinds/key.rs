//! What must be unique among resources that exist at the same time. CloudFormation creates first and deletes last: a resource whose key
//! another one holds fails, or the clean-up deletes what both stand for.

/// The key of a type.
#[derive(Debug)]
pub enum Key {
    /// AWS tells two of them apart by ids of its own.
    None,
    /// A key of these parts; no key where one of them is absent.
    Of(&'static [Part]),
    /// A key for each public address (allocation id) in these properties, however deep.
    EachAddress(&'static [&'static str]),
    /// The rule's direction; the rest of the key is the rule's (group, protocol, ports, peer).
    Rule(&'static str),
    /// The keys of the rules in the group's own lists.
    RulesOf,
    /// A key of these parts, and that of an association for each service account of the add-on: EKS keeps one for an account, whoever
    /// asked for it.
    AddonOf(&'static [Part]),
}

impl Key {
    /// Properties that the key is made of; of a rule none, because it is told apart by everything that it says.
    pub fn properties(&self) -> impl Iterator<Item = &'static str> {
        let parts = match self {
            Key::Of(parts) | Key::AddonOf(parts) => *parts,
            Key::None | Key::EachAddress(_) | Key::Rule(_) | Key::RulesOf => &[],
        };
        parts.iter().flat_map(Part::names).copied()
    }
}

/// A part of a key, out of the first of several properties that is set.
#[derive(Debug)]
pub enum Part {
    Of(&'static [&'static str]),
    /// Two CIDRs that overlap are the same.
    Range(&'static [&'static str]),
    /// The property's name, and not its value.
    Which(&'static [&'static str]),
}

impl Part {
    fn names(&self) -> &'static [&'static str] {
        match self {
            Part::Of(names) | Part::Range(names) | Part::Which(names) => names,
        }
    }
}

/// Where a rule's ports and peer are; a port that is not set is every port.
pub const RULE_PORTS: &[&str] = &["FromPort", "ToPort"];
pub const RULE_PEERS: &[&str] = &[
    "CidrIp",
    "CidrIpv6",
    "SourcePrefixListId",
    "DestinationPrefixListId",
    "SourceSecurityGroupId",
    "DestinationSecurityGroupId",
];
/// (list in a security group, direction)
pub const RULE_LISTS: &[(&str, &str)] =
    &[("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")];
