//! Nodes have no route to what they need: routes, gateways, endpoints, names.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::facts::endpoints::{Caller, PORT, SERVICES, Service};
use crate::facts::ports::EVERYBODY;
use crate::observed::Unread;
use crate::observed::survey::{NatGateway, Route, RouteTable, Subnet, Survey, VpcEndpoint};
use crate::rules::Severity;
use crate::survey::{Passage, Side, Way, allows, items};

use super::cast::{
    CLUSTER, SECURITY, SUBNETS, TABLES, all_named, by_table, closed, cluster, named, node_subnets,
    told, way,
};
use super::verdict::{Judged, Proof, Sick, known};

pub const NATS: &str = "ec2:DescribeNatGateways";
pub const ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";

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
    let closed = closed(survey)?;
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let proof = Proof {
        read: CLUSTER,
        resource: found.name.clone(),
        field: "resourcesVpcConfig.endpointPrivateAccess",
        seen: "false".into(),
        wanted: "true, or a route to the internet".into(),
    };
    let cause = format!(
        "nodes in {} cannot reach the API: its private endpoint is off, and no route leads out",
        all_named(&closed)
    );
    let command = format!(
        "aws eks update-cluster-config --name {} --resources-vpc-config endpointPrivateAccess=true",
        found.name
    );
    let fix = "set `cluster.endpointAccess.private: true`";
    let mut one = Sick::proven(cause, proof, fix).or(command);
    for (_, subnets) in by_table(survey, closed) {
        let first = subnets.first().map_or("", |subnet| subnet.id.as_str());
        one.add(route(survey, first, "nat-…, tgw-… or igw-…")?);
    }
    Ok(vec![one])
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
    let outside = |text: &&String| {
        let address: Option<Ipv4Addr> = text.parse().ok();
        address.is_some_and(|one| !admitted.iter().any(|cidr| cidr.contains(&one)))
    };
    let (mut ids, mut addresses): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
    for nat in nats_of(survey, nats)? {
        let shown = nat.addresses.iter().filter_map(|address| address.public.as_ref());
        let own: Vec<String> = shown.filter(outside).map(|one| format!("{one}/32")).collect();
        ids.extend(own.first().map(|_| nat.id.as_str()));
        addresses.extend(own);
    }
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, missing, present) =
        (ids.join(", "), addresses.join(", "), found.public_cidrs.join(", "));
    let proof = Proof {
        read: CLUSTER,
        resource: found.name.clone(),
        field: "resourcesVpcConfig.publicAccessCidrs",
        seen: present,
        wanted: format!("{missing} beside them, of {ids}"),
    };
    let cause = format!("the API refuses the nodes behind {ids}: {missing} is not admitted");
    let fix =
        format!("add {missing} to `cluster.endpointAccess.publicCidrs`, or set `private: true`");
    // The call replaces the list: all of them in one call.
    let all = [found.public_cidrs.join(","), addresses.join(",")].join(",");
    let command = format!(
        "aws eks update-cluster-config --name {} --resources-vpc-config publicAccessCidrs={all}",
        found.name
    );
    Ok(vec![Sick::proven(cause, proof, fix).or(command)])
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
        let fix = "associate the route table of the other node subnets of the zone";
        let one = Sick::proven(cause, proof, fix);
        let others = open.iter().filter(|other| explicit(other));
        let open = |other: &&&Subnet| way(survey, &other.id).is_ok_and(|way| way.is_open());
        let like = others.filter(open).min_by_key(|other| other.zone_id != subnet.zone_id);
        let table = like.and_then(|other| survey.vpc.table_of(&other.id));
        let command = table.map(|table| {
            format!(
                "aws ec2 associate-route-table --route-table-id {} --subnet-id {}",
                table.id, subnet.id
            )
        });
        Ok(command.into_iter().fold(one, Sick::or).and(route(
            survey,
            &subnet.id,
            "an egress path, as the other node subnets have",
        )?))
    };
    closed(survey)?.iter().filter(|subnet| !explicit(subnet)).map(sick).collect()
}

/// NJ-04
pub fn dead_default_route(survey: &Survey) -> Judged {
    let nats = known(&survey.vpc.nat_gateways, NATS)?;
    let mut sick = Vec::new();
    for (table, subnets) in by_table(survey, node_subnets(survey)?) {
        let Some(first) = subnets.first() else { continue };
        let found = way(survey, &first.id)?;
        let failed = |id: &String| nats.iter().find(|nat| nat.id == *id && is_dead(nat));
        let subnets = all_named(&subnets);
        let cause = match &found {
            Way::Blackhole(_) => format!(
                "the default route of {subnets} is a blackhole: its target no longer exists"
            ),
            Way::Nat(id) if failed(id).is_some() => {
                format!("the default route of {subnets} leads to {id}, which does not work")
            }
            _ => continue,
        };
        let proof = route(survey, &first.id, "active, to a gateway that is available")?;
        let one = Sick::proven(cause, proof, "create another NAT gateway and route to it");
        let command = table.and_then(|table| rerouted(survey, (table, first), nats));
        let one = command.into_iter().fold(one, Sick::or);
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

/// The command that leads a table's default route to another gateway that works, of the same zone where there is one.
fn rerouted(
    survey: &Survey,
    (table, subnet): (&RouteTable, &Subnet),
    nats: &[NatGateway],
) -> Option<String> {
    let written = |route: &Route| route.destination == EVERYBODY && !route.propagated;
    table.routes.iter().find(|route| written(route))?;
    let works = |nat: &&NatGateway| {
        let gate = nat.subnet.as_deref().map(|id| way(survey, id));
        let leaves = gate.is_none_or(|way| matches!(way, Ok(Way::InternetGateway(_))));
        nat.state == "available" && !nat.private && leaves
    };
    let zone = |nat: &NatGateway| survey.vpc.subnet(nat.subnet.as_ref()?).map(|one| &one.zone_id);
    let other = nats.iter().filter(works).min_by_key(|nat| zone(nat) != Some(&subnet.zone_id))?;
    Some(format!(
        "aws ec2 replace-route --route-table-id {} --destination-cidr-block {EVERYBODY} --nat-gateway-id {}",
        table.id, other.id
    ))
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

/// Whether endpoints serve everything that a node calls before it is ready.
pub fn are_reached_inside(survey: &Survey) -> Result<bool, Unread> {
    let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
    let mut needed = SERVICES.iter().filter(|service| is_needed(service));
    Ok(needed.all(|service| endpoints.iter().any(|one| serves(one, service))))
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
    let closed = closed(survey)?;
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
    known(&survey.vpc.security_groups, SECURITY)?;
    let needed = |one: &&VpcEndpoint| {
        let mut services = SERVICES.iter().filter(|service| is_needed(service));
        !one.groups.is_empty() && services.any(|service| serves(one, service))
    };
    let refuses = |endpoint: &VpcEndpoint, subnet: &Subnet| {
        let from = Side { address: subnet.cidr.map(inside), ..own_groups(survey, subnet) };
        let to = Side { groups: endpoint.groups.clone(), ..Side::default() };
        matches!(allows(&survey.vpc, &from, &to, ("tcp", PORT)), Passage::NotIn(_))
    };
    // Endpoints that share their groups share the fix.
    let mut shut: Vec<(&Vec<String>, Vec<&VpcEndpoint>, Vec<&Subnet>)> = Vec::new();
    for endpoint in endpoints.iter().filter(needed) {
        let refused: Vec<&Subnet> =
            closed.iter().copied().filter(|subnet| refuses(endpoint, subnet)).collect();
        if refused.is_empty() {
            continue;
        }
        let same = |(groups, _, _): &&mut (&Vec<String>, _, _)| **groups == endpoint.groups;
        match shut.iter_mut().find(same) {
            Some((_, others, _)) => others.push(endpoint),
            None => shut.push((&endpoint.groups, vec![endpoint], refused)),
        }
    }
    Ok(shut.iter().map(not_admitted).collect())
}

fn not_admitted(
    (groups, endpoints, subnets): &(&Vec<String>, Vec<&VpcEndpoint>, Vec<&Subnet>),
) -> Sick {
    let (groups, subnets) = (groups.join(", "), all_named(subnets));
    let proof = Proof {
        read: SECURITY,
        resource: groups.clone(),
        field: "IpPermissions",
        seen: format!("no rule for tcp {PORT} from {subnets}"),
        wanted: format!("tcp {PORT} from the ranges of nodes and pods"),
    };
    let endpoints: Vec<String> =
        endpoints.iter().map(|one| format!("{} ({})", one.id, one.service)).collect();
    let cause = format!("the nodes of {subnets} are not admitted by {}", endpoints.join(", "));
    Sick::proven(cause, proof, format!("admit tcp {PORT} from the VPC's ranges in {groups}"))
}

/// Groups of the nodes that run in a subnet.
fn own_groups(survey: &Survey, subnet: &Subnet) -> Side {
    let mut here = items(&survey.eks.instances).iter().filter(|one| one.subnet == subnet.id);
    let groups = here.next().map(|one| one.groups.clone()).unwrap_or_default();
    Side { groups, ..Side::default() }
}

/// An address that a node of the subnet may have.
pub fn inside(cidr: Ipv4Net) -> Ipv4Addr {
    cidr.hosts().nth(5).unwrap_or(cidr.network())
}

/// NJ-09
pub fn s3_not_associated(survey: &Survey) -> Judged {
    let mut sick = Vec::new();
    for (table, subnets) in by_table(survey, closed(survey)?) {
        let endpoints = known(&survey.vpc.endpoints, ENDPOINTS)?;
        let s3 = |one: &&VpcEndpoint| one.service.ends_with(".s3") && is_available(one);
        if endpoints.iter().filter(s3).any(|one| one.kind == "Interface") {
            continue;
        }
        let table = table.map(|table| table.id.clone());
        let of = |one: &VpcEndpoint| table.as_ref().is_some_and(|id| one.route_tables.contains(id));
        let gateways: Vec<&VpcEndpoint> = endpoints.iter().filter(s3).collect();
        let Some(first) = gateways.first().filter(|_| !gateways.iter().any(|one| of(one))) else {
            continue;
        };
        let table = table.unwrap_or_default();
        let proof = Proof {
            read: ENDPOINTS,
            resource: first.id.clone(),
            field: "RouteTableIds",
            seen: first.route_tables.join(", "),
            wanted: table.clone(),
        };
        let subnets = all_named(&subnets);
        let cause = format!("the gateway endpoint of S3 is not in the route table of {subnets}");
        let command = format!(
            "aws ec2 modify-vpc-endpoint --vpc-endpoint-id {} --add-route-table-ids {table}",
            first.id
        );
        let fix = format!("associate {} with {table}", first.id);
        sick.push(Sick::proven(cause, proof, fix).or(command));
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
