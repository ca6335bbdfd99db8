//! Nodes have no route to what they need: routes, gateways, endpoints, names.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::facts::endpoints::{Caller, PORT, SERVICES, Service};
use crate::facts::ports::EVERYBODY;
use crate::observed::Unread;
use crate::observed::survey::{NatGateway, Subnet, Survey, VpcEndpoint};
use crate::rules::Severity;
use crate::survey::{Passage, Side, Way, allows, items};

use super::cast::{
    CLUSTER, SECURITY, SUBNETS, TABLES, closed, cluster, named, node_subnets, told, way,
};
use super::verdict::{Judged, Proof, Sick, known};

const NATS: &str = "ec2:DescribeNatGateways";
const ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";

fn route(survey: &Survey, subnet: &str, wanted: &str) -> Result<Proof, Unread> {
    let table = survey.vpc.table_of(subnet).map_or("no table", |table| table.id.as_str());
    let seen = told(&way(survey, subnet)?);
    let resource = format!("{table} of {subnet}");
    Ok(Proof { read: TABLES, resource, field: "Routes, default", seen, wanted: wanted.into() })
}

/// NJ-01
pub fn no_way_to_the_api(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    if found.endpoint_private {
        return Ok(Vec::new());
    }
    let sick = |subnet: &&Subnet| {
        let proof = Proof {
            read: CLUSTER,
            resource: found.name.clone(),
            field: "resourcesVpcConfig.endpointPrivateAccess",
            seen: "false".into(),
            wanted: "true, or a route to the internet".into(),
        };
        let cause = format!(
            "nodes in {} cannot reach the API: its private endpoint is off, and no route leads out",
            named(subnet)
        );
        Ok(Sick::proven(cause, proof, "set `cluster.endpointAccess.private: true`").or(format!("aws eks update-cluster-config --name {} --resources-vpc-config endpointPrivateAccess=true", found.name)).and(route(
            survey,
            &subnet.id,
            "nat-…, tgw-… or igw-…",
        )?))
    };
    closed(survey)?.iter().map(sick).collect()
}

/// NJ-02
pub fn nat_address_not_admitted(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    let everybody = found.public_cidrs.iter().any(|cidr| cidr == EVERYBODY);
    if found.endpoint_private || !found.endpoint_public || everybody {
        return Ok(Vec::new());
    }
    let admitted: Vec<Ipv4Net> =
        found.public_cidrs.iter().filter_map(|one| one.parse().ok()).collect();
    let nats = known(&survey.vpc.nat_gateways, NATS)?;
    let mut sick = Vec::new();
    for nat in nats_of(survey, nats)? {
        let shown = nat.addresses.iter().filter_map(|address| address.public.as_ref());
        let outside = |text: &&String| {
            let address: Option<Ipv4Addr> = text.parse().ok();
            address.is_some_and(|one| !admitted.iter().any(|cidr| cidr.contains(&one)))
        };
        for address in shown.filter(outside) {
            let proof = Proof {
                read: CLUSTER,
                resource: found.name.clone(),
                field: "resourcesVpcConfig.publicAccessCidrs",
                seen: found.public_cidrs.join(", "),
                wanted: format!("{address}/32, the address of {}", nat.id),
            };
            let cause =
                format!("the API refuses the nodes behind {}: {address} is not admitted", nat.id);
            sick.push(Sick::proven(
                cause,
                proof,
                format!("add {address}/32 to `cluster.endpointAccess.publicCidrs`, or set `private: true`"),
            ).or(format!("aws eks update-cluster-config --name {} --resources-vpc-config publicAccessCidrs={},{address}/32", found.name, found.public_cidrs.join(","))));
        }
    }
    Ok(sick)
}

/// NAT gateways that node subnets route to, each once.
fn nats_of<'s>(survey: &'s Survey, nats: &'s [NatGateway]) -> Result<Vec<&'s NatGateway>, Unread> {
    let mut used = Vec::new();
    for subnet in node_subnets(survey)? {
        if let Way::Nat(id) = way(survey, &subnet.id)? {
            used.push(id);
        }
    }
    Ok(nats.iter().filter(|nat| used.contains(&nat.id)).collect())
}

/// NJ-03
pub fn main_table_rules(survey: &Survey) -> Judged {
    let tables = known(&survey.vpc.route_tables, TABLES)?;
    let open: Vec<&Subnet> = node_subnets(survey)?;
    let mut ways = open.iter().map(|subnet| way(survey, &subnet.id));
    // A network without egress anywhere is meant to be one.
    if !ways.any(|one| one.is_ok_and(|way| way.is_open())) {
        return Ok(Vec::new());
    }
    let explicit = |subnet: &Subnet| tables.iter().any(|table| table.subnets.contains(&subnet.id));
    let sick = |subnet: &&Subnet| {
        let proof = Proof {
            read: TABLES,
            resource: subnet.id.clone(),
            field: "Associations",
            seen: "none: the main route table".into(),
            wanted: "a route table of its own".into(),
        };
        let cause = format!("{} is associated with no route table", named(subnet));
        Ok(Sick::proven(
            cause,
            proof,
            "associate the route table of the other node subnets of the zone",
        )
        .and(route(survey, &subnet.id, "an egress path, as the other node subnets have")?))
    };
    closed(survey)?.iter().filter(|subnet| !explicit(subnet)).map(sick).collect()
}

/// NJ-04
pub fn dead_default_route(survey: &Survey) -> Judged {
    let nats = known(&survey.vpc.nat_gateways, NATS)?;
    let mut sick = Vec::new();
    for subnet in node_subnets(survey)? {
        let found = way(survey, &subnet.id)?;
        let failed = |id: &String| nats.iter().find(|nat| nat.id == *id && is_dead(nat));
        let cause = match &found {
            Way::Blackhole(_) => {
                format!("the default route of {} has lost its target", named(subnet))
            }
            Way::Nat(id) if failed(id).is_some() => {
                format!("the default route of {} leads to {id}, which does not work", named(subnet))
            }
            _ => continue,
        };
        let proof = route(survey, &subnet.id, "active, to a gateway that is available")?;
        let one = Sick::proven(cause, proof, "create a NAT gateway in its place and route to it");
        let nat = if let Way::Nat(id) = &found { failed(id) } else { None };
        sick.push(match nat {
            Some(nat) => one.and(Proof {
                read: NATS,
                resource: nat.id.clone(),
                field: "State, FailureCode",
                seen: [nat.state.as_str(), nat.failure.as_deref().unwrap_or_default()].join(" "),
                wanted: "available".into(),
            }),
            None => one,
        });
    }
    Ok(sick)
}

fn is_dead(nat: &NatGateway) -> bool {
    matches!(nat.state.as_str(), "failed" | "deleting" | "deleted")
}

/// NJ-05
pub fn nat_without_internet(survey: &Survey) -> Judged {
    let nats = known(&survey.vpc.nat_gateways, NATS)?;
    let mut sick = Vec::new();
    for nat in nats_of(survey, nats)?.into_iter().filter(|nat| !nat.private && !is_dead(nat)) {
        let Some(subnet) = &nat.subnet else { continue };
        if matches!(way(survey, subnet)?, Way::InternetGateway(_) | Way::Elsewhere(_)) {
            continue;
        }
        let cause = format!("{} is in {subnet}, which has no route to an internet gateway", nat.id);
        let fix =
            "route 0.0.0.0/0 of its subnet to the internet gateway, or move it to a public subnet";
        sick.push(Sick::proven(cause, route(survey, subnet, "igw-…")?, fix));
    }
    Ok(sick)
}

/// NJ-07
pub fn endpoint_missing(survey: &Survey) -> Judged {
    let closed = closed(survey)?;
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
    let needed = SERVICES.iter().filter(|service| is_needed(service));
    let missing = needed.filter(|service| !endpoints.iter().any(|one| serves(one, service)));
    let sick = |service: &Service| {
        let seen =
            endpoints.iter().find(|one| one.service.ends_with(&format!(".{}", service.name)));
        let proof = Proof {
            read: ENDPOINTS,
            resource: format!("com.amazonaws.{}.{}", survey.header.region, service.name),
            field: "State, PrivateDnsEnabled",
            seen: seen.map_or("no endpoint".into(), |one| {
                format!("{}, private DNS {}", one.state, if one.private_dns { "on" } else { "off" })
            }),
            wanted: "available, private DNS on".into(),
        };
        let cause = format!(
            "nodes in {} cannot reach {}: no route out and no endpoint that works",
            closed.iter().map(|subnet| named(subnet)).collect::<Vec<_>>().join(", "),
            service.name
        );
        let command = format!(
            "aws ec2 create-vpc-endpoint --vpc-id {} --vpc-endpoint-type Interface --private-dns-enabled --service-name com.amazonaws.{}.{}",
            survey.header.vpc, survey.header.region, service.name
        );
        Sick::proven(cause, proof, "set `endpoints: auto`, or create the endpoint with private DNS")
            .or(command)
    };
    Ok(missing.map(sick).collect())
}

/// What a node calls before it is ready.
fn is_needed(service: &Service) -> bool {
    let refused = service.rule.is_some_and(|rule| rule.severity() == Severity::Error);
    service.callers.contains(&Caller::Nodes) && refused
}

fn serves(endpoint: &VpcEndpoint, service: &Service) -> bool {
    let named = endpoint.service.ends_with(&format!(".{}", service.name));
    let answers = endpoint.private_dns || endpoint.kind == "Gateway";
    named && is_available(endpoint) && answers
}

/// EC2 lists endpoints that were deleted for a while.
pub fn is_available(endpoint: &VpcEndpoint) -> bool {
    endpoint.state.eq_ignore_ascii_case("available")
}

/// NJ-08
pub fn endpoint_refuses(survey: &Survey) -> Judged {
    let mut sick = Vec::new();
    for subnet in closed(survey)? {
        let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
        let needed = |one: &&VpcEndpoint| {
            let mut services = SERVICES.iter().filter(|service| is_needed(service));
            !one.groups.is_empty() && services.any(|service| serves(one, service))
        };
        for endpoint in endpoints.iter().filter(needed) {
            known(&survey.vpc.security_groups, SECURITY)?;
            let from = Side { address: subnet.cidr.map(inside), ..own_groups(survey, subnet) };
            let to = Side { groups: endpoint.groups.clone(), ..Side::default() };
            let Passage::NotIn(groups) = allows(&survey.vpc, &from, &to, ("tcp", PORT)) else {
                continue;
            };
            let proof = Proof {
                read: SECURITY,
                resource: groups.join(", "),
                field: "IpPermissions",
                seen: format!("nothing for tcp {PORT} from {}", named(subnet)),
                wanted: format!("tcp {PORT} from the ranges of nodes and pods"),
            };
            let cause = format!(
                "{} ({}) does not admit the nodes of {}",
                endpoint.id,
                endpoint.service,
                named(subnet)
            );
            sick.push(Sick::proven(
                cause,
                proof,
                format!("admit tcp {PORT} from the VPC's ranges in {}", groups.join(", ")),
            ));
        }
    }
    Ok(sick)
}

/// Groups of the nodes that run in a subnet.
fn own_groups(survey: &Survey, subnet: &Subnet) -> Side {
    let mut here = items(&survey.eks.instances).iter().filter(|one| one.subnet == subnet.id);
    let groups = here.next().map(|one| one.groups.clone()).unwrap_or_default();
    Side { groups, ..Side::default() }
}

/// An address that a node of the subnet may have.
fn inside(cidr: Ipv4Net) -> Ipv4Addr {
    cidr.hosts().nth(5).unwrap_or(cidr.network())
}

/// NJ-09
pub fn s3_not_associated(survey: &Survey) -> Judged {
    let mut sick = Vec::new();
    for subnet in closed(survey)? {
        let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
        let s3 = |one: &&VpcEndpoint| one.service.ends_with(".s3") && is_available(one);
        if endpoints.iter().filter(s3).any(|one| one.kind == "Interface") {
            continue;
        }
        let table = survey.vpc.table_of(subnet.id.as_str()).map(|table| table.id.clone());
        let of = |one: &VpcEndpoint| table.as_ref().is_some_and(|id| one.route_tables.contains(id));
        let gateways: Vec<&VpcEndpoint> = endpoints.iter().filter(s3).collect();
        let Some(first) = gateways.first().filter(|_| !gateways.iter().any(|one| of(one))) else {
            continue;
        };
        let proof = Proof {
            read: ENDPOINTS,
            resource: first.id.clone(),
            field: "RouteTableIds",
            seen: first.route_tables.join(", "),
            wanted: table.clone().unwrap_or_default(),
        };
        let cause =
            format!("the gateway endpoint of S3 is not in the route table of {}", named(subnet));
        let fix = format!("associate {} with {}", first.id, table.unwrap_or_default());
        sick.push(Sick::proven(cause, proof, fix));
    }
    Ok(sick)
}

/// NJ-10
pub fn names_off(survey: &Survey) -> Judged {
    let found = known(&survey.vpc.attributes, "ec2:DescribeVpcAttribute")?;
    let fields = [
        ("enableDnsSupport", "--enable-dns-support", found.dns_support),
        ("enableDnsHostnames", "--enable-dns-hostnames", found.dns_hostnames),
    ];
    let off = fields.into_iter().filter(|(_, _, on)| !on);
    let sick = off.map(|(field, option, _)| {
        let proof = Proof {
            read: "ec2:DescribeVpcAttribute",
            resource: survey.header.vpc.clone(),
            field,
            seen: "false".into(),
            wanted: "true".into(),
        };
        Sick::proven(
            format!("`{field}` of the VPC is off: private names do not resolve"),
            proof,
            format!(
                "aws ec2 modify-vpc-attribute --vpc-id {} {option} Value=true",
                survey.header.vpc
            ),
        )
    });
    Ok(sick.collect())
}

/// NJ-16
pub fn no_ipv6_address(survey: &Survey) -> Judged {
    if cluster(survey)?.is_none_or(|one| one.ip_family != "ipv6") {
        return Ok(Vec::new());
    }
    let without = node_subnets(survey)?.into_iter().filter(|subnet| !subnet.assign_ipv6);
    let sick = without.map(|subnet| {
        let proof = Proof {
            read: SUBNETS,
            resource: subnet.id.clone(),
            field: "AssignIpv6AddressOnCreation",
            seen: "false".into(),
            wanted: "true".into(),
        };
        let fix = format!(
            "aws ec2 modify-subnet-attribute --subnet-id {} --assign-ipv6-address-on-creation",
            subnet.id
        );
        Sick::proven(format!("nodes in {} get no IPv6 address", named(subnet)), proof, fix)
    });
    Ok(sick.collect())
}
