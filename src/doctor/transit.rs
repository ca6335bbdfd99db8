//! Ways back to pods through transit gateways. Nothing tells what networks behind a virtual private gateway know, and nothing is said of them.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::{IpNet, Ipv4Net};

use crate::facts::aws_node::names::{EXCLUDE_SNAT_CIDRS, EXTERNAL_SNAT};
use crate::observed::survey::{
    Route, RouteState, RouteTable, Subnet, Survey, Tags, TransitRouteTable,
};
use crate::observed::{Part, Unread};
use crate::survey::{is_to_gateway, items};

use super::cast::{
    AWS_NODE, TABLES, all_named, cluster, is_on, node_subnets, pod_subnets, settings,
};
use super::verdict::{Judged, NOT_SHOWN, Proof, Sick, known};

const TRANSIT_TABLES: &str = "ec2:DescribeTransitGatewayRouteTables";
const SEARCH: &str = "ec2:SearchTransitGatewayRoutes";
const LISTS: &str = "ec2:DescribeManagedPrefixLists";
const ENTRIES: &str = "ec2:GetManagedPrefixListEntries";

/// Destinations that pods reach with their own address; those inside the VPC are left out.
enum Unmasked {
    /// aws-node translates nothing.
    Everything,
    /// Ranges that it leaves out of SNAT.
    To(Vec<Ipv4Net>),
}

impl Unmasked {
    fn of(env: Option<&Tags>) -> Self {
        if is_on(env, EXTERNAL_SNAT) {
            return Unmasked::Everything;
        }
        let list = env.and_then(|env| env.get(EXCLUDE_SNAT_CIDRS)).map_or("", String::as_str);
        // aws-node skips what is no range; SN-04 tells a list of everything.
        let ranges = list.split(',').filter_map(|one| one.trim().parse::<Ipv4Net>().ok());
        Unmasked::To(
            ranges.map(|range| range.trunc()).filter(|one| one.prefix_len() != 0).collect(),
        )
    }

    fn ranges(&self) -> Vec<Ipv4Net> {
        match self {
            Unmasked::Everything => vec![Ipv4Net::default()],
            Unmasked::To(ranges) => ranges.clone(),
        }
    }
}

/// Packets of pods that leave to a transit gateway with the pod's own address.
struct Leaving<'s> {
    subnet: &'s Subnet,
    cidr: Ipv4Net,
    table: &'s RouteTable,
    route: &'s Route,
    /// Of the ranges that are not masked, those that the route is for.
    ranges: Vec<Ipv4Net>,
}

/// SN-03
pub fn no_way_back(survey: &Survey) -> Judged {
    let env = settings(survey)?;
    let unmasked = Unmasked::of(env);
    // Pods with IPv6 are never masked.
    let is_ipv6 = cluster(survey)?.is_none_or(|found| found.ip_family == "ipv6");
    if is_ipv6 || env.is_none() || unmasked.ranges().is_empty() {
        return Ok(Vec::new());
    }
    let (mut sick, mut unknown) = (Vec::new(), None);
    for (gateway, leaving) in leaving(survey, &unmasked.ranges())? {
        match lost(survey, gateway, leaving) {
            Ok(None) => {}
            Ok(Some(lost)) => sick.push(lost.told(survey, &unmasked)),
            Err(unread) => unknown = unknown.or(Some(unread)),
        }
    }
    match unknown.filter(|_| sick.is_empty()) {
        Some(unread) => Err(unread),
        None => Ok(sick),
    }
}

/// What leaves unmasked, by the gateway that it leaves to.
fn leaving<'s>(
    survey: &'s Survey,
    unmasked: &[Ipv4Net],
) -> Result<BTreeMap<&'s str, Vec<Leaving<'s>>>, Unread> {
    known(&survey.vpc.route_tables, TABLES)?;
    known(&survey.vpc.vpc, "ec2:DescribeVpcs")?;
    let mut found: BTreeMap<&str, Vec<Leaving>> = BTreeMap::new();
    for subnet in pod_subnets(survey)? {
        let (Some(cidr), Some(table)) = (subnet.cidr, survey.vpc.table_of(&subnet.id)) else {
            continue;
        };
        let leads =
            |route: &&Route| route.target.starts_with("tgw-") && route.state == RouteState::Active;
        for route in table.routes.iter().filter(leads) {
            let ranges = carried(survey, table, route, unmasked)?;
            if !ranges.is_empty() {
                let one = Leaving { subnet, cidr, table, route, ranges };
                found.entry(&route.target).or_default().push(one);
            }
        }
    }
    Ok(found)
}

/// Of these ranges, those of which a route carries something: inside the VPC, and where a longer prefix leads elsewhere, it does not.
fn carried(
    survey: &Survey,
    table: &RouteTable,
    route: &Route,
    ranges: &[Ipv4Net],
) -> Result<Vec<Ipv4Net>, Unread> {
    // A written range comes before the same one of a prefix list.
    let rank = |route: &Route, range: &Ipv4Net| (range.prefix_len(), !is_list(route));
    let mut others: Vec<(Ipv4Net, (u8, bool))> = Vec::new();
    for other in table.routes.iter().filter(|other| *other != route) {
        let found = destinations(survey, other)?;
        others.extend(found.into_iter().map(|range| (range, rank(other, &range))));
    }
    let mut carried = BTreeSet::new();
    for to in destinations(survey, route)? {
        let own = rank(route, &to);
        let before = others.iter().filter(|(_, other)| own < *other).map(|(range, _)| *range);
        let taken: Vec<Ipv4Net> = before.chain(survey.vpc.cidrs()).collect();
        let both = ranges.iter().filter_map(|range| Some((range, common(*range, to)?)));
        carried.extend(both.filter(|(_, own)| !covered(*own, &taken)).map(|(range, _)| *range));
    }
    Ok(carried.into_iter().collect())
}

fn is_list(route: &Route) -> bool {
    route.destination.starts_with("pl-")
}

/// IPv4 ranges that a route is for. AWS's own lists are of its services and are not read.
fn destinations(survey: &Survey, route: &Route) -> Result<Vec<Ipv4Net>, Unread> {
    if !is_list(route) {
        return Ok(v4(route.destination.parse().ok()).into_iter().collect());
    }
    if is_to_gateway(route, items(&survey.vpc.endpoints)) {
        return Ok(Vec::new());
    }
    let lists = known(&survey.vpc.prefix_lists, LISTS)?;
    let Some(list) = lists.iter().find(|list| list.id == route.destination) else {
        let why = format!("the survey has no prefix list {}", route.destination);
        return Err(Unread { action: LISTS.into(), why });
    };
    if list.entries == Part::Unasked {
        return Ok(Vec::new());
    }
    let entries = known(&list.entries, ENTRIES)?;
    Ok(entries.iter().filter_map(|entry| v4(Some(entry.cidr))).collect())
}

fn v4(range: Option<IpNet>) -> Option<Ipv4Net> {
    if let Some(IpNet::V4(range)) = range { Some(range.trunc()) } else { None }
}

/// What two ranges have in common: the smaller one, or nothing.
fn common(one: Ipv4Net, other: Ipv4Net) -> Option<Ipv4Net> {
    match (one.contains(&other), other.contains(&one)) {
        (true, _) => Some(other),
        (_, true) => Some(one),
        _ => None,
    }
}

/// Whether all of a range is in others.
fn covered(range: Ipv4Net, by: &[Ipv4Net]) -> bool {
    if by.iter().any(|other| other.contains(&range)) {
        return true;
    }
    let inside: Vec<Ipv4Net> = by.iter().filter(|other| range.contains(*other)).copied().collect();
    let halves = range.subnets(range.prefix_len() + 1);
    !inside.is_empty() && halves.is_ok_and(|mut halves| halves.all(|half| covered(half, &inside)))
}

/// Pods that a gateway knows no way back to.
struct Lost<'s> {
    gateway: &'s str,
    tables: &'s [TransitRouteTable],
    leaving: Vec<Leaving<'s>>,
}

fn lost<'s>(
    survey: &'s Survey,
    gateway: &'s str,
    leaving: Vec<Leaving<'s>>,
) -> Result<Option<Lost<'s>>, Unread> {
    let found = known(&survey.vpc.transit_gateways, TRANSIT_TABLES)?;
    let Some(found) = found.iter().find(|one| one.id == gateway) else {
        let why = format!("the survey has no transit gateway {gateway}");
        return Err(Unread { action: TRANSIT_TABLES.into(), why });
    };
    let tables = known(&found.route_tables, TRANSIT_TABLES)?;
    if tables.is_empty() {
        let why = format!("{NOT_SHOWN} {gateway}: another account may own it");
        return Err(Unread { action: TRANSIT_TABLES.into(), why });
    }
    let mut own = Vec::new();
    for one in leaving {
        if !leads_back(tables, one.cidr)? {
            own.push(one);
        }
    }
    Ok((!own.is_empty()).then_some(Lost { gateway, tables, leaving: own }))
}

/// Whether any table has a route for a part of the range, to whomever: only where none has is it sure that no answer arrives.
fn leads_back(tables: &[TransitRouteTable], range: Ipv4Net) -> Result<bool, Unread> {
    let routes = || tables.iter().flat_map(|table| &table.routes);
    let parsed = |destination: &str| destination.parse::<IpNet>();
    let meets = |other: IpNet| v4(Some(other)).is_some_and(|other| common(range, other).is_some());
    if routes().any(|route| parsed(&route.destination).is_ok_and(meets)) {
        return Ok(true);
    }
    match routes().find(|route| parsed(&route.destination).is_err()) {
        Some(_) => Err(Unread {
            action: SEARCH.into(),
            why: "a route of the transit gateway names a prefix list whose entries were not read"
                .into(),
        }),
        None => Ok(false),
    }
}

impl Lost<'_> {
    fn told(&self, survey: &Survey, unmasked: &Unmasked) -> Sick {
        let gateway = self.gateway;
        let mut subnets: Vec<&Subnet> = self.leaving.iter().map(|one| one.subnet).collect();
        subnets.dedup();
        let ranges = joined(self.leaving.iter().map(|one| one.cidr));
        let tables: Vec<&str> = self.tables.iter().map(|table| table.id.as_str()).collect();
        let proof = Proof {
            read: SEARCH,
            resource: gateway.to_string(),
            field: "Routes, active",
            seen: format!("none for {ranges} in {}", tables.join(", ")),
            wanted: format!("a route to {ranges}"),
        };
        let cause = format!(
            "pods in {} leave to {gateway} with their own address, and it has no route back to them",
            all_named(&subnets)
        );
        let route = format!("add a route to {ranges} in the route tables of {gateway}");
        let mut sick = match self.mask(survey, unmasked) {
            Some((words, command)) => {
                Sick::proven(cause, proof, format!("{words}, or {route}")).or(command)
            }
            None => Sick::proven(cause, proof, route),
        };
        for one in &self.leaving {
            sick.add(Proof {
                read: TABLES,
                resource: one.table.id.clone(),
                field: "Routes",
                seen: format!("{} to {gateway}", one.route.destination),
                wanted: "SNAT by the nodes, or a route back".into(),
            });
        }
        sick.and(Proof {
            read: AWS_NODE,
            resource: "kube-system/aws-node".into(),
            field: "env",
            seen: match unmasked {
                Unmasked::Everything => format!("{EXTERNAL_SNAT}=true"),
                Unmasked::To(ranges) => {
                    format!("{EXCLUDE_SNAT_CIDRS}={}", joined(ranges.iter().copied()))
                }
            },
            wanted: match unmasked {
                Unmasked::Everything => "false, or a route back".into(),
                Unmasked::To(_) => format!("without {}", joined(self.excluded())),
            },
        })
    }

    /// Ranges of the exclude list that packets leave to.
    fn excluded(&self) -> impl Iterator<Item = Ipv4Net> {
        self.leaving.iter().flat_map(|one| one.ranges.iter().copied())
    }

    /// The line of a blueprint and the command that let nodes mask the pods. It helps where the gateway knows a way back to the nodes.
    fn mask(&self, survey: &Survey, unmasked: &Unmasked) -> Option<(String, String)> {
        let back = |node: &&Subnet| {
            node.cidr.is_some_and(|cidr| leads_back(self.tables, cidr).unwrap_or(false))
        };
        let nodes = node_subnets(survey).ok().filter(|nodes| nodes.iter().all(back))?;
        let set = "kubectl -n kube-system set env daemonset/aws-node";
        match unmasked {
            _ if nodes.is_empty() => None,
            Unmasked::Everything => Some((
                "set `awsNode.snat.external: false`".into(),
                format!("{set} {EXTERNAL_SNAT}=false"),
            )),
            Unmasked::To(all) => {
                let taken: BTreeSet<Ipv4Net> = self.excluded().collect();
                let rest = joined(all.iter().copied().filter(|one| !taken.contains(one)));
                let value = if rest.is_empty() { "-".into() } else { format!("={rest}") };
                let taken = joined(taken.into_iter()).replace(',', ", ");
                let words = format!("remove {taken} from `awsNode.snat.excludeCidrs`");
                Some((words, format!("{set} {EXCLUDE_SNAT_CIDRS}{value}")))
            }
        }
    }
}

/// As aws-node writes a list, each once.
fn joined(ranges: impl Iterator<Item = Ipv4Net>) -> String {
    let all: BTreeSet<Ipv4Net> = ranges.collect();
    all.iter().map(Ipv4Net::to_string).collect::<Vec<_>>().join(",")
}
