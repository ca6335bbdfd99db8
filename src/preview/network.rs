//! The change in a network engineer's words: subnets, addresses, routes, gateways, tags.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::facts::subnets as bounds;
use crate::template::Template;

use super::properties;

/// What came and went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    pub subnets: Vec<SubnetChange>,
    pub routes: Vec<Difference>,
    pub nat_gateways: Counts,
    pub route_tables: Counts,
    pub vpc_cidrs: Counts,
    pub endpoints: Counts,
    /// Usable IPv4 addresses of all subnets.
    pub addresses: Counts,
    /// Tags that came, went or changed on resources that stay.
    pub tags: Vec<TagChange>,
}

/// One tag, and on how many resources it changes so.
#[derive(Clone, Debug, PartialEq)]
pub struct TagChange {
    pub key: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub resources: usize,
}

/// A subnet that comes, goes, or is replaced by one with other addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct SubnetChange {
    pub id: String,
    pub zone: String,
    /// CIDR before and after; `None` where the subnet does not exist.
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub id: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// How many before and after the change; of addresses, those that something can use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub before: usize,
    pub after: usize,
}

impl Network {
    /// What is counted, in words.
    pub fn counted(&self) -> [(&'static str, Counts); 5] {
        [
            ("addresses", self.addresses),
            ("NAT gateways", self.nat_gateways),
            ("route tables", self.route_tables),
            ("secondary CIDRs", self.vpc_cidrs),
            ("VPC endpoints", self.endpoints),
        ]
    }

    /// By the two templates alone: what a change set says is not in it.
    pub fn between(before: &Template, after: &Template) -> Self {
        Self {
            subnets: subnets(before, after),
            routes: routes(before, after),
            nat_gateways: counts("AWS::EC2::NatGateway", before, after),
            route_tables: counts("AWS::EC2::RouteTable", before, after),
            vpc_cidrs: Counts { before: secondary(before), after: secondary(after) },
            endpoints: counts("AWS::EC2::VPCEndpoint", before, after),
            addresses: Counts { before: addresses(before), after: addresses(after) },
            tags: tags(before, after),
        }
    }
}

fn of_type<'t>(
    template: &'t Template,
    kind: &'t str,
) -> impl Iterator<Item = (&'t String, &'t Value)> {
    template.resources().filter(move |(_, resource)| resource["Type"] == kind)
}

fn counts(kind: &str, before: &Template, after: &Template) -> Counts {
    Counts { before: of_type(before, kind).count(), after: of_type(after, kind).count() }
}

/// IPv4 ranges beside the primary one: an IPv6 block is associated by a resource of the same type.
fn secondary(template: &Template) -> usize {
    let is_ipv6 = |resource: &Value| {
        let own = &resource["Properties"];
        let words = ["AmazonProvidedIpv6CidrBlock", "Ipv6Pool", "Ipv6IpamPoolId", "Ipv6CidrBlock"];
        words.iter().any(|word| !own[*word].is_null())
    };
    of_type(template, "AWS::EC2::VPCCidrBlock").filter(|(_, one)| !is_ipv6(one)).count()
}

fn addresses(template: &Template) -> usize {
    let cidrs = of_type(template, "AWS::EC2::Subnet").filter_map(|(_, subnet)| {
        subnet["Properties"]["CidrBlock"].as_str()?.parse::<ipnet::Ipv4Net>().ok()
    });
    cidrs.map(|cidr| usize::try_from(bounds::usable(cidr.prefix_len())).unwrap_or(usize::MAX)).sum()
}

fn tags(before: &Template, after: &Template) -> Vec<TagChange> {
    let mut found: BTreeMap<(String, Option<String>, Option<String>), usize> = BTreeMap::new();
    for (id, new) in after.resources() {
        let Some(old) = before.resource(id) else {
            continue;
        };
        for one in properties::differences(&old["Properties"]["Tags"], &new["Properties"]["Tags"]) {
            let text = |side: &Option<Value>| {
                side.as_ref().map(|value| value.as_str().map_or(value.to_string(), str::to_string))
            };
            *found.entry((one.property, text(&one.before), text(&one.after))).or_default() += 1;
        }
    }
    found
        .into_iter()
        .map(|((key, before, after), resources)| TagChange { key, before, after, resources })
        .collect()
}

fn subnets(before: &Template, after: &Template) -> Vec<SubnetChange> {
    let changes = differences("AWS::EC2::Subnet", before, after, |subnet| {
        subnet["Properties"]["CidrBlock"].as_str().map(str::to_string)
    });
    let zone = |id: &str| {
        let properties = |template: &Template| {
            template.resource(id).map(|resource| resource["Properties"].clone())
        };
        let properties = properties(after).or_else(|| properties(before)).unwrap_or_default();
        ["AvailabilityZone", "AvailabilityZoneId"]
            .iter()
            .find_map(|key| properties[*key].as_str())
            .unwrap_or_default()
            .to_string()
    };
    changes
        .into_iter()
        .map(|change| SubnetChange {
            zone: zone(&change.id),
            id: change.id,
            before: change.before,
            after: change.after,
        })
        .collect()
}

const DESTINATIONS: [&str; 3] =
    ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];
const TARGETS: [&str; 7] = [
    "GatewayId",
    "NatGatewayId",
    "EgressOnlyInternetGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "VpcEndpointId",
];

fn routes(before: &Template, after: &Template) -> Vec<Difference> {
    differences("AWS::EC2::Route", before, after, |route| {
        let properties = &route["Properties"];
        let destination =
            DESTINATIONS.iter().find_map(|key| properties[*key].as_str()).unwrap_or_default();
        let target = TARGETS
            .iter()
            .find_map(|key| properties[*key]["Ref"].as_str().or(properties[*key].as_str()))
            .unwrap_or("elsewhere");
        Some(format!("{destination} → {target}"))
    })
}

fn differences(
    kind: &str,
    before: &Template,
    after: &Template,
    word: impl Fn(&Value) -> Option<String>,
) -> Vec<Difference> {
    let mut ids: Vec<&String> =
        of_type(before, kind).chain(of_type(after, kind)).map(|(id, _)| id).collect();
    ids.sort();
    ids.dedup();
    let value = |template: &Template, id: &str| {
        template.resource(id).filter(|resource| resource["Type"] == kind).and_then(&word)
    };
    let differences = ids.into_iter().map(|id| Difference {
        id: id.clone(),
        before: value(before, id),
        after: value(after, id),
    });
    differences.filter(|difference| difference.before != difference.after).collect()
}
