//! Network ACLs, one for each tier. They keep no state: what goes out needs a way back in, and the other way round.
//! What the author denies comes first and everything after it allows, so that the order of rules of one kind means nothing; a rule keeps
//! its number while others come and go.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{Protocol, TierEgress, Use};
use crate::facts::endpoints::Kind as EndpointKind;
use crate::facts::ports::{
    EPHEMERAL, EVERYBODY, EVERYBODY_IPV6, HTTP, HTTPS, ICMP_TOO_BIG_IPV6, ICMP_UNREACHABLE,
};
use crate::intent::security::{Peer, Rules, Traffic};
use crate::intent::transit::Destination;
use crate::intent::{Intent, Tags, Tier};
use crate::ledger::acl_rules;

use super::value::{GetAtt, Ref, Tag, tags};
use super::{Graph, Kind, id, network};

const PATH: &str = "networkAcls";

#[derive(Serialize)]
struct Acl {
    vpc: Ref,
    tags: Vec<Tag>,
}

impl Kind for Acl {
    const TEMPLATE: &'static str = "ec2/network-acl";
}

#[derive(Serialize)]
struct Entry {
    acl: Ref,
    egress: bool,
    number: usize,
    action: &'static str,
    protocol: i32,
    cidr: Option<String>,
    ipv6_cidr: Option<Value>,
    ports: Option<Ports>,
    icmp: Option<Icmp>,
    depends_on: Vec<String>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ports {
    from: u16,
    to: u16,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Icmp {
    r#type: i32,
    code: i32,
}

impl Entry {
    /// As the template has it.
    fn said(&self) -> Value {
        json!({
            "RuleNumber": self.number,
            "Egress": self.egress,
            "Protocol": self.protocol,
            "CidrBlock": self.cidr,
            "Ipv6CidrBlock": self.ipv6_cidr,
            "PortRange": self.ports,
            "Icmp": self.icmp,
        })
    }
}

impl Kind for Entry {
    const TEMPLATE: &'static str = "ec2/network-acl-entry";
}

#[derive(Serialize)]
struct Association {
    acl: Ref,
    subnet: Ref,
    depends_on: Vec<String>,
}

impl Kind for Association {
    const TEMPLATE: &'static str = "ec2/network-acl-association";
}

/// Where a rule applies.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    Range(IpNet),
    /// The VPC's IPv6 block, which only AWS knows.
    OwnIpv6,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Everything,
    Tcp(u16, u16),
    Udp(u16, u16),
    /// All of it.
    Icmp,
    /// Answers that a packet was too large.
    TooLarge,
}

pub fn build(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    let made = intent.tiers.iter().filter(|tier| tier.existing.is_none());
    for tier in made.filter(|_| intent.security.acls) {
        let stem = stem(intent, plan, tier);
        let acl = format!("NetworkAcl{stem}");
        graph.add(
            &acl,
            PATH,
            &Acl { vpc: network::vpc_ref(intent), tags: tags(intent, &tier.name, &Tags::new()) },
        );
        let mut entries = Vec::new();
        for (egress, word) in [(false, "In"), (true, "Out")] {
            let kept = plan.ledger.kept.acl_rules.get(&acl);
            for facts in numbered(&acl, egress, &bands(intent, tier, egress), kept) {
                let entry = format!("NetworkAclRule{word}{}{stem}", facts.number);
                graph.add(&entry, PATH, &facts);
                entries.push(entry);
            }
        }
        // An ACL without rules shuts its subnets off: the first comes under it once it is whole, and the others after the first.
        let mut first: Option<String> = None;
        let mut subnets: Vec<&Subnet> = plan.of_tier(&tier.name).collect();
        subnets.sort_by_key(|subnet| association(subnet));
        for subnet in subnets {
            let id = association(subnet);
            let facts = Association {
                acl: Ref(acl.clone()),
                subnet: network::reference(subnet),
                depends_on: first.clone().map_or_else(|| entries.clone(), |first| vec![first]),
            };
            first.get_or_insert(id.clone());
            graph.add(id, PATH, &facts);
        }
    }
}

fn association(subnet: &Subnet) -> String {
    format!("{}NetworkAcl", id::subnet(subnet))
}

/// What puts a subnet under its tier's ACL, for those who must wait for it.
pub fn association_of(intent: &Intent, subnet: &Subnet) -> Option<String> {
    intent.security.acls.then(|| association(subnet))
}

/// The name that the tier had first, as its subnets go by it: a new name changes nothing under them. With the new one where another tier
/// has the first one by now.
fn stem(intent: &Intent, plan: &AddressPlan, tier: &Tier) -> String {
    let of = |tier: &Tier| {
        let first = plan.of_tier(&tier.name).next();
        id::pascal(first.map_or(tier.name.as_str(), |subnet| &subnet.stem))
    };
    let (own, name) = (of(tier), id::pascal(&tier.name));
    let shared = intent.tiers.iter().any(|other| other.name != tier.name && of(other) == own);
    if shared && own != name { format!("{own}{name}") } else { own }
}

/// How many rules a tier's ACL has in its fuller direction.
pub fn rules_of(intent: &Intent, tier: &Tier) -> usize {
    let count = |egress| bands(intent, tier, egress).iter().map(Vec::len).sum::<usize>();
    count(false).max(count(true))
}

type Band = Vec<(Place, What)>;

/// A thousand numbers for each purpose, but for the first, which lacks the 0 that EC2 does not accept; and in them the number that a rule
/// has, or one by what it says, not by where it is written: a rule that is added or taken away leaves the others as they are.
fn numbered(
    acl: &str,
    egress: bool,
    bands: &[Band],
    kept: Option<&BTreeMap<String, usize>>,
) -> Vec<Entry> {
    let rule =
        |number: usize, (place, what): &(Place, What)| facts(acl, egress, number, (place, *what));
    let known =
        |rule: &Entry| kept.and_then(|kept| kept.get(&acl_rules::word(&rule.said()))).copied();
    // What a rule has that goes is free for others only afterwards.
    let mut taken: BTreeSet<usize> = kept.into_iter().flat_map(BTreeMap::values).copied().collect();
    let mut given = BTreeSet::new();
    let mut entries = Vec::new();
    let mut fresh = Vec::new();
    for (band, rules) in bands.iter().enumerate() {
        let first = (band * SLOTS).max(1);
        for own in rules {
            match known(&rule(first, own)).filter(|number| given.insert(*number)) {
                Some(number) => entries.push(rule(number, own)),
                None => fresh.push((first, (band + 1) * SLOTS - first, own)),
            }
        }
    }
    fresh.sort_by_cached_key(|(first, _, own)| acl_rules::word(&rule(*first, own).said()));
    for (first, slots, own) in fresh {
        let (place, what) = own;
        let digest = Sha256::digest(format!("{place:?} {what:?}").as_bytes());
        let slot = usize::from(u16::from_be_bytes([digest[0], digest[1]])) % slots;
        let free = (0..slots).map(|more| first + (slot + more) % slots);
        if let Some(number) = free.into_iter().find(|number| !taken.contains(number)) {
            taken.insert(number);
            entries.push(rule(number, own));
        }
    }
    entries.sort_by_key(|entry| entry.number);
    entries
}

const SLOTS: usize = acl_rules::BAND;
fn bands(intent: &Intent, tier: &Tier, egress: bool) -> Vec<Band> {
    let of = |rules: &Rules| -> Band {
        let rules = if egress { &rules.egress } else { &rules.ingress };
        rules.iter().filter_map(authored).collect()
    };
    let connected = connected(intent, tier)
        .into_iter()
        .map(|range| (Place::Range(range), What::Everything))
        .collect();
    let (visitors, internet) = if egress {
        (Vec::new(), leaving(intent, tier))
    } else {
        (visitors(intent, tier), answers(intent, tier))
    };
    vec![of(&tier.acl.denied), inside(intent), connected, of(&tier.acl.allowed), visitors, internet]
}

/// The VPC itself: security groups guard what is inside.
fn inside(intent: &Intent) -> Band {
    let ranges = intent.vpc.cidrs().map(|cidr| (Place::Range(cidr.into()), What::Everything));
    ranges.chain(intent.vpc.ipv6.iter().map(|_| (Place::OwnIpv6, What::Everything))).collect()
}

/// Other networks: what the transit gateway and the tier's own routes lead to, and hybrid nodes.
fn connected(intent: &Intent, tier: &Tier) -> Vec<IpNet> {
    let behind = intent
        .transit
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.destinations)
        .map(|to| IpNet::V4(*to));
    let routes = tier.routes.iter().filter_map(|route| match route.to {
        Destination::Range(range) => Some(range),
        Destination::PrefixList(_) => None,
    });
    let remote = intent.cluster.iter().flat_map(|cluster| cluster.remote.all()).map(IpNet::V4);
    let own_default =
        |range: &IpNet| matches!(range, IpNet::V6(_)) && tier.egress == TierEgress::None;
    let mut ranges: Vec<IpNet> = behind
        .chain(routes)
        .chain(remote)
        .filter(|range| 0 < range.prefix_len() || own_default(range))
        .collect();
    ranges.sort();
    ranges.dedup();
    ranges
}

fn families(intent: &Intent) -> Vec<Place> {
    let texts = [Some(EVERYBODY), intent.vpc.ipv6.as_ref().map(|_| EVERYBODY_IPV6)];
    texts
        .into_iter()
        .flatten()
        .map(|text| Place::Range(text.parse().expect("a range written in the facts")))
        .collect()
}

/// Whoever comes to load balancers from the internet.
fn visitors(intent: &Intent, tier: &Tier) -> Band {
    let open = tier.egress == TierEgress::Internet && tier.serves(Use::ExternalLoadBalancers);
    let ports = [HTTP, HTTPS].map(|port| What::Tcp(port, port));
    families(intent)
        .into_iter()
        .filter(|_| open)
        .flat_map(|place| ports.map(|what| (place.clone(), what)))
        .collect()
}

/// Answers to what left for the internet, or for S3 through its gateway endpoint, whose addresses are public too.
fn answers(intent: &Intent, tier: &Tier) -> Band {
    let (from, to) = EPHEMERAL;
    let whole = [What::Tcp(from, to), What::Udp(from, to), What::TooLarge];
    let of: &[What] = match (intent.has_way_out(tier), has_gateway_endpoint(intent)) {
        (true, _) => &whole,
        (false, true) => &whole[..1],
        (false, false) => &[],
    };
    families(intent)
        .into_iter()
        .flat_map(|place| of.iter().map(move |what| (place.clone(), *what)))
        .collect()
}

fn leaving(intent: &Intent, tier: &Tier) -> Band {
    let (from, to) = EPHEMERAL;
    // Network load balancers may keep the visitors' addresses, and whoever answers needs no route for it.
    let visited = [Use::Nodes, Use::Pods].iter().any(|one| tier.serves(*one))
        && intent.tiers.iter().any(|other| other.serves(Use::ExternalLoadBalancers));
    let https = has_gateway_endpoint(intent).then_some(What::Tcp(HTTPS, HTTPS));
    let whats: Vec<What> = match intent.has_way_out(tier) {
        true => vec![What::Everything],
        false => https
            .into_iter()
            .chain(visited.then_some(What::Tcp(from, to)))
            .chain(visited.then_some(What::Udp(from, to)))
            .collect(),
    };
    families(intent)
        .into_iter()
        .flat_map(|place| whats.iter().map(move |what| (place.clone(), *what)).collect::<Band>())
        .collect()
}

fn has_gateway_endpoint(intent: &Intent) -> bool {
    intent.endpoints.of(EndpointKind::Gateway).next().is_some()
}

fn authored(rule: &Traffic) -> Option<(Place, What)> {
    let Peer::Range(range) = rule.peer else {
        return None;
    };
    let (from, to) = rule.ports.unwrap_or((0, u16::MAX));
    let what = match rule.protocol {
        Protocol::All => What::Everything,
        Protocol::Tcp => What::Tcp(from, to),
        Protocol::Udp => What::Udp(from, to),
        Protocol::Icmp => What::Icmp,
    };
    Some((Place::Range(range), what))
}

fn facts(acl: &str, egress: bool, number: usize, (place, what): (&Place, What)) -> Entry {
    // Numbers of IANA; -1 is all of them.
    let (protocol, ports, icmp) = match (what, place) {
        (What::Everything, _) => (-1, None, None),
        (What::Tcp(from, to), _) => (6, Some(Ports { from, to }), None),
        (What::Udp(from, to), _) => (17, Some(Ports { from, to }), None),
        (What::Icmp, Place::Range(IpNet::V6(_))) => (58, None, Some(Icmp { r#type: -1, code: -1 })),
        (What::Icmp, _) => (1, None, Some(Icmp { r#type: -1, code: -1 })),
        (What::TooLarge, Place::Range(IpNet::V6(_))) => {
            (58, None, Some(Icmp { r#type: ICMP_TOO_BIG_IPV6, code: -1 }))
        }
        (What::TooLarge, _) => (1, None, Some(Icmp { r#type: ICMP_UNREACHABLE, code: -1 })),
    };
    let (cidr, ipv6_cidr) = match place {
        Place::Range(IpNet::V4(range)) => (Some(range.to_string()), None),
        Place::Range(IpNet::V6(range)) => (None, Some(json!(range.to_string()))),
        Place::OwnIpv6 => {
            (None, Some(json!({ "Fn::Select": [0, GetAtt("Vpc".into(), "Ipv6CidrBlocks")] })))
        }
    };
    // The VPC's block is an attribute only once it is there.
    let depends_on =
        (*place == Place::OwnIpv6).then(|| network::IPV6.to_string()).into_iter().collect();
    Entry {
        acl: Ref(acl.into()),
        egress,
        number,
        action: if number < SLOTS { "deny" } else { "allow" },
        protocol,
        cidr,
        ipv6_cidr,
        ports,
        icmp,
        depends_on,
    }
}
