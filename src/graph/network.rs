//! The VPC, its CIDRs and the subnets.

use serde::Serialize;

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{TierEgress, Use};
use crate::facts::subnets;
use crate::facts::vpc::{self, Class};
use crate::spec::{Spec, Tags, Tier};

use super::value::{Ref, Tag, tags};
use super::{Graph, Kind, id};

#[derive(Serialize)]
struct Vpc {
    cidr: String,
    tags: Vec<Tag>,
}

impl Kind for Vpc {
    const TEMPLATE: &'static str = "ec2/vpc";
}

#[derive(Serialize)]
struct VpcCidrBlock {
    vpc: Ref,
    cidr: String,
    depends_on: Vec<String>,
}

impl Kind for VpcCidrBlock {
    const TEMPLATE: &'static str = "ec2/vpc-cidr-block";
}

#[derive(Serialize)]
struct SubnetFacts {
    vpc: Ref,
    cidr: String,
    zone_id: Option<String>,
    zone_name: Option<String>,
    public_addresses: bool,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for SubnetFacts {
    const TEMPLATE: &'static str = "ec2/subnet";
}

pub fn vpc(spec: &Spec, graph: &mut Graph) {
    graph.add("Vpc", "vpc.cidr", &Vpc { cidr: spec.vpc.cidr.to_string(), tags: tags(spec, "vpc", &Tags::new()) });
    graph.output("VpcId", "The VPC", Ref("Vpc".into()));
    let mut previous = None;
    let mut secondary: Vec<_> = spec.vpc.secondary.iter().collect();
    secondary.sort_by_key(|written| (matches!(vpc::class(written.cidr), Class::CarrierGrade | Class::Public), written.cidr));
    for written in secondary {
        // One after the other, private ranges first: after 100.64/10 AWS takes no private range any more (rule VPC-23).
        let id = id::vpc_cidr(written.cidr);
        let depends_on = previous.replace(id.clone()).into_iter().collect();
        graph.add(id, &written.path, &VpcCidrBlock { vpc: Ref("Vpc".into()), cidr: written.cidr.to_string(), depends_on });
    }
}

pub fn subnets(spec: &Spec, plan: &AddressPlan, graph: &mut Graph) {
    for subnet in &plan.subnets {
        let Some(tier) = spec.tier(&subnet.tier) else { continue };
        let named = subnet.zone.name.clone();
        let facts = SubnetFacts {
            vpc: Ref("Vpc".into()),
            cidr: subnet.cidr.to_string(),
            zone_id: named.is_none().then(|| subnet.zone.id.clone()),
            zone_name: named,
            // Nodes in a public subnet need a public address to be reached by nothing else than their own packets (rule NODE-01).
            public_addresses: tier.egress == TierEgress::Internet && tier.serves(Use::Nodes),
            tags: tags(spec, &format!("{}-{}", tier.name, subnet.zone.id), &subnet_tags(tier)),
            depends_on: (subnet.pool != spec.vpc.cidr).then(|| id::vpc_cidr(subnet.pool)).into_iter().collect(),
        };
        graph.add(id::subnet(subnet), &subnet.path, &facts);
    }
    for tier in &spec.tiers {
        let refs = references(plan.of_tier(&tier.name));
        let join = serde_json::json!({ "Fn::Join": [",", refs] });
        graph.output(format!("Subnets{}", id::pascal(&tier.name)), "Subnets of a tier, with commas between them", join);
    }
}

/// The tags by which controllers find a subnet, and the tier's own.
pub fn subnet_tags(tier: &Tier) -> Tags {
    let found_by = tier.serves.iter().filter_map(|one| subnets::of(*one).tag);
    let mut tags: Tags = found_by.map(|(key, value)| (key.to_string(), value.to_string())).collect();
    tags.extend(tier.tags.clone());
    tags
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
