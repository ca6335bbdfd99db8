//! The VPC, its CIDRs and the subnets.

use ipnet::Ipv4Net;
use serde::Serialize;
use serde_json::{Value, json};

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{Allocation, TierEgress, Use};
use crate::facts::vpc::{self, Class};
use crate::facts::{regions, subnets};
use crate::intent::{Giver, Intent, Ipv6, Ipv6From, Tags, Tier, placeholders};

use super::value::{GetAtt, Ref, Tag, tags};
use super::{Graph, Kind, id};

pub const IPV6: &str = "VpcIpv6";
pub const ATTACHMENT: &str = "InternetGatewayAttachment";

#[derive(Serialize)]
struct Vpc {
    cidr: Option<String>,
    ipam_pool: Option<String>,
    netmask: Option<u8>,
    tags: Vec<Tag>,
}

impl Kind for Vpc {
    const TEMPLATE: &'static str = "ec2/vpc";
}

#[derive(Serialize)]
struct VpcCidrBlock {
    vpc: Ref,
    cidr: Option<String>,
    ipam_pool: Option<String>,
    netmask: Option<u8>,
    depends_on: Vec<String>,
}

impl Kind for VpcCidrBlock {
    const TEMPLATE: &'static str = "ec2/vpc-cidr-block";
}

#[derive(Serialize)]
struct VpcIpv6 {
    vpc: Ref,
    amazon: Option<bool>,
    pool: Option<String>,
    cidr: Option<String>,
    ipam_pool: Option<String>,
    netmask: Option<u8>,
}

impl Kind for VpcIpv6 {
    const TEMPLATE: &'static str = "ec2/vpc-ipv6";
}

#[derive(Serialize)]
struct SubnetFacts {
    /// What is kept for prefixes, where eksnet keeps it itself: CloudFormation remembers it, and previews what changes.
    reservation: Option<String>,
    vpc: Ref,
    cidr: String,
    ipv6_cidr: Option<Value>,
    ipv6_addresses: Option<bool>,
    zone_id: Option<String>,
    zone_name: Option<String>,
    public_addresses: bool,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for SubnetFacts {
    const TEMPLATE: &'static str = "ec2/subnet";
}

/// The stack's VPC, or the one that exists.
pub fn vpc_ref(intent: &Intent) -> Ref {
    Ref(intent.vpc.id().unwrap_or("Vpc").to_string())
}

pub fn vpc(intent: &Intent, graph: &mut Graph) {
    if intent.vpc.existing.is_none() {
        let Asked { cidr, ipam_pool, netmask } = Asked::of(intent, intent.vpc.cidr);
        let tags = tags(intent, "vpc", &Tags::new());
        graph.add("Vpc", "vpc.cidr", &Vpc { cidr, ipam_pool, netmask, tags });
    }
    graph.output("VpcId", None, vpc_ref(intent));
    if let Some(ipv6) = &intent.vpc.ipv6 {
        graph.add(IPV6, "vpc.ipv6", &vpc_ipv6(ipv6));
    }
    let mut previous = None;
    let mut secondary: Vec<_> = intent.vpc.added().collect();
    secondary.sort_by_key(|written| {
        (matches!(vpc::class(written.cidr), Class::CarrierGrade | Class::Public), written.cidr)
    });
    for written in secondary {
        // One after the other, private ranges first: after 100.64/10 AWS takes no private range any more (rule VPC-23).
        let id = cidr_id(intent, written.cidr);
        let depends_on = previous.replace(id.clone()).into_iter().collect();
        let Asked { cidr, ipam_pool, netmask } = Asked::of(intent, written.cidr);
        let block = VpcCidrBlock { vpc: vpc_ref(intent), cidr, ipam_pool, netmask, depends_on };
        graph.add(id, &written.path, &block);
    }
}

/// How EC2 is asked for a range of the VPC: by the range, or by a pool that the VPC takes it from. The pool stays in the template for
/// good, since all three are create-only.
#[derive(Default)]
struct Asked {
    cidr: Option<String>,
    ipam_pool: Option<String>,
    netmask: Option<u8>,
}

impl Asked {
    fn of(intent: &Intent, cidr: Ipv4Net) -> Self {
        match intent.vpc.giver(cidr) {
            Some(Giver::Pool { id, len, allocation: Allocation::Vpc }) => {
                Self { ipam_pool: Some(id.clone()), netmask: Some(*len), ..Self::default() }
            }
            _ => Self { cidr: Some(cidr.to_string()), ..Self::default() },
        }
    }
}

/// The logical id of a further range: by its name where it has one, since its address may not be known yet.
fn cidr_id(intent: &Intent, cidr: Ipv4Net) -> String {
    let named = intent.vpc.given.iter().find(|given| given.cidr == cidr);
    named.map_or_else(|| id::vpc_cidr(cidr), |given| id::named_vpc_cidr(&given.name))
}

fn vpc_ipv6(ipv6: &Ipv6) -> VpcIpv6 {
    let mut block = VpcIpv6 {
        vpc: Ref("Vpc".into()),
        amazon: None,
        pool: None,
        cidr: None,
        ipam_pool: None,
        netmask: None,
    };
    match &ipv6.from {
        Ipv6From::Amazon => block.amazon = Some(true),
        Ipv6From::Pool { id, cidr } => {
            (block.pool, block.cidr) = (Some(id.clone()), Some(cidr.to_string()))
        }
        Ipv6From::Ipam { id } => {
            (block.ipam_pool, block.netmask) = (Some(id.clone()), Some(ipv6.len))
        }
    }
    block
}

/// The subnet's /64: as text where the block is known, else cut out of it by number once AWS has picked it.
fn ipv6_cidr(intent: &Intent, subnet: &Subnet) -> Option<Value> {
    let (ipv6, slot) = (intent.vpc.ipv6.as_ref()?, subnet.ipv6_slot?);
    if let Ipv6From::Pool { cidr, .. } = &ipv6.from {
        let start = u128::from(cidr.network()) + (u128::from(slot) << (128 - vpc::IPV6_SUBNET));
        return Some(json!(format!("{}/{}", std::net::Ipv6Addr::from(start), vpc::IPV6_SUBNET)));
    }
    let block = json!({ "Fn::Select": [0, GetAtt("Vpc".into(), "Ipv6CidrBlocks")] });
    let cut = json!({ "Fn::Cidr": [block, 1u32 << ipv6.slot_bits(), vpc::IPV6_SUBNET] });
    Some(json!({ "Fn::Select": [slot, cut] }))
}

#[derive(Serialize)]
struct SubnetReservation {
    subnet: Ref,
    cidr: String,
    description: &'static str,
    tags: Vec<Tag>,
}

impl Kind for SubnetReservation {
    const TEMPLATE: &'static str = "ec2/subnet-reservation";
}

/// The parts of subnets that are kept for prefixes, where CloudFormation knows them.
pub fn reservations(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    for subnet in plan.made() {
        let (Some(id), Some(reserved)) = (reservation_id(intent, subnet), subnet.reserved) else {
            continue;
        };
        let name = tags(intent, &format!("{}-{}", subnet.tier, subnet.zone.id), &Tags::new());
        let facts = SubnetReservation {
            subnet: reference(subnet),
            cidr: reserved.to_string(),
            description: subnets::RESERVED_BY,
            tags: name,
        };
        graph.add(id, &subnet.path, &facts);
    }
}

/// The reservation of a subnet, for those who must wait for it; none where CloudFormation does not know the type.
pub fn reservation_id(intent: &Intent, subnet: &Subnet) -> Option<String> {
    let known = regions::WITH_RESERVATIONS.contains(&intent.region.name);
    (known && subnet.reserved.is_some()).then(|| format!("{}Prefixes", id::subnet(subnet)))
}

pub fn subnets(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    for subnet in plan.made() {
        let Some(tier) = intent.tier(&subnet.tier) else {
            continue;
        };
        let named = subnet.zone.name.clone();
        let facts = SubnetFacts {
            reservation: subnet
                .reserved
                .filter(|_| reservation_id(intent, subnet).is_none())
                .map(|cidr| cidr.to_string()),
            vpc: vpc_ref(intent),
            cidr: subnet.cidr.to_string(),
            ipv6_cidr: ipv6_cidr(intent, subnet),
            // Off by default, and then no node joins an IPv6 cluster.
            ipv6_addresses: subnet.ipv6_slot.map(|_| true),
            zone_id: named.is_none().then(|| subnet.zone.id.clone()),
            zone_name: named,
            // EKS makes no managed nodes in a public subnet that gives them no public address.
            public_addresses: tier
                .public_addresses
                .unwrap_or(tier.egress == TierEgress::Internet && tier.serves(Use::Nodes)),
            tags: tags(
                intent,
                &format!("{}-{}", tier.name, subnet.zone.id),
                &placeholders::of_zone(&subnet_tags(tier), subnet.zone.word()),
            ),
            depends_on: intent
                .vpc
                .added()
                .any(|written| written.cidr == subnet.pool)
                .then(|| cidr_id(intent, subnet.pool))
                .into_iter()
                .chain(subnet.ipv6_slot.map(|_| IPV6.to_string()))
                .collect(),
        };
        graph.add(id::subnet(subnet), &subnet.path, &facts);
    }
    for tier in &intent.tiers {
        let refs = references(plan.of_tier(&tier.name));
        let join = json!({ "Fn::Join": [",", refs] });
        graph.output(
            format!("Subnets{}", id::pascal(&tier.name)),
            "Subnets of a tier, with commas between them",
            join,
        );
    }
}

/// The tags by which controllers find a subnet, and the tier's own.
pub fn subnet_tags(tier: &Tier) -> Tags {
    let found_by = tier.serves.iter().filter_map(|one| subnets::of(*one).tag);
    let mut tags: Tags =
        found_by.map(|(key, value)| (key.to_string(), value.to_string())).collect();
    tags.extend(tier.tags.clone());
    tags
}

pub fn egress_of(intent: &Intent, subnet: &Subnet) -> TierEgress {
    intent.tier(&subnet.tier).map_or(TierEgress::None, |tier| tier.egress)
}

/// In the order of their logical ids: the order of zones in the file has no say.
pub fn references<'s>(subnets: impl IntoIterator<Item = &'s Subnet>) -> Vec<Ref> {
    let mut ids: Vec<String> = subnets.into_iter().map(id::subnet).collect();
    ids.sort();
    ids.into_iter().map(Ref).collect()
}

pub fn reference(subnet: &Subnet) -> Ref {
    Ref(id::subnet(subnet))
}
