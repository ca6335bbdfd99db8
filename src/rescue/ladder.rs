//! The rungs, from what disturbs nobody to what replaces every node.

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::facts::eks;
use crate::facts::subnets::ADDRESSES_PER_PREFIX;
use crate::facts::vpc::{self, overlap};
use crate::intent::aws_node::Warm;
use crate::observed::survey::Interface;
use crate::observed::{Part, Survey};
use crate::survey::{admits, items, prefix_map, unexplained};

use super::{Demand, Facts};

/// One way to more addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Rung {
    /// Interfaces that nobody uses are deleted.
    LeakedInterfaces,
    /// aws-node keeps fewer addresses ready.
    WarmPool,
    /// New interfaces go to new subnets, by tag.
    SubnetDiscovery,
    /// Nodes take /28s in the subnets that there are.
    PrefixDelegation,
    /// Pods move to subnets of a secondary range.
    CustomNetworking,
    /// Nodes and pods move to subnets of a secondary range.
    NodesInNewSubnets,
    /// IPv6, or another cluster.
    NewCluster,
}

impl Rung {
    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Rung::LeakedInterfaces => "leakedInterfaces",
            Rung::WarmPool => "warmPool",
            Rung::SubnetDiscovery => "subnetDiscovery",
            Rung::PrefixDelegation => "prefixDelegation",
            Rung::CustomNetworking => "customNetworking",
            Rung::NodesInNewSubnets => "nodesInNewSubnets",
            Rung::NewCluster => "newCluster",
        }
    }
}

/// A rung with this cluster's numbers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// From 1.
    pub number: u32,
    /// Which one.
    pub rung: Rung,
    /// What is done.
    pub what: String,
    /// Addresses that become free, or are added; unknown where what it is counted from was not read.
    pub gain: Option<u64>,
    /// How the gain is made up.
    pub how: String,
    /// What restarts.
    pub restarts: String,
    /// Minutes, roughly.
    pub minutes: u64,
    /// Whether it can be taken back without replacing anything once more.
    pub reversible: bool,
    /// What stands in its way; empty: nothing that the survey knows of.
    pub blocked: Vec<String>,
    /// Whether it is enough for the demand by itself.
    pub enough: bool,
}

/// A node that is replaced: drained, ended, started, joined.
const MINUTES_PER_NODE: u64 = 5;

/// Addresses that are kept ready by the second rung.
const SPARE: u64 = 2;

struct Base<'a> {
    survey: &'a Survey,
    facts: &'a Facts<'a>,
    demand: &'a Demand,
}

/// All rungs, in order of cost.
pub fn rungs(survey: &Survey, facts: &Facts<'_>, demand: &Demand) -> Vec<Step> {
    let base = Base { survey, facts, demand };
    let steps = [
        base.leaked(),
        base.warm(),
        base.discovery(),
        base.prefixes(),
        base.custom(),
        base.new_subnets(),
        base.new_cluster(),
    ];
    let numbered = steps.into_iter().zip(1..).map(|(step, number)| Step {
        number,
        enough: step.blocked.is_empty() && is_enough(step.gain, demand.addresses_missing),
        ..step
    });
    numbered.collect()
}

fn is_enough(gain: Option<u64>, missing: Option<u64>) -> bool {
    gain.zip(missing).is_some_and(|(gain, missing)| missing <= gain && 0 < gain)
}

/// What is not known because of a part that was not read, with the action that was refused.
fn unread<T>(part: &Part<T>, what: &str) -> Option<String> {
    match part {
        Part::Read(_) => None,
        Part::Unread(refusal) => Some(format!("{what} were not read ({refusal})")),
        Part::Unasked => Some(format!("{what} were not read")),
    }
}

fn or_unknown(count: Option<u64>) -> String {
    count.map_or("an unknown number".to_string(), grouped)
}

/// `49,137`
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if 0 < at && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Step {
    fn of(rung: Rung, what: &str) -> Self {
        Self {
            number: 0,
            rung,
            what: what.to_string(),
            gain: Some(0),
            how: String::new(),
            restarts: "nothing".to_string(),
            minutes: 1,
            reversible: true,
            blocked: Vec::new(),
            enough: false,
        }
    }
}

impl Base<'_> {
    fn leaked(&self) -> Step {
        let leaked = &self.facts.leaked;
        let gain: u64 = leaked.iter().map(|one: &&Interface| one.held()).sum();
        let unread = unread(&self.survey.vpc.interfaces, "interfaces");
        let none = || leaked.is_empty().then(|| "none was left behind".to_string());
        let count = match leaked.len() {
            _ if unread.is_some() => "interfaces".to_string(),
            1 => "1 interface".to_string(),
            count => format!("{count} interfaces"),
        };
        let blocked: Vec<String> = unread.or_else(none).into_iter().collect();
        Step {
            gain: self.survey.vpc.interfaces.read().map(|_| gain),
            how: format!("{count} that aws-node left behind"),
            reversible: false,
            blocked,
            ..Step::of(Rung::LeakedInterfaces, "delete unused interfaces")
        }
    }

    fn warm(&self) -> Step {
        let prefixes = self.facts.is_on("ENABLE_PREFIX_DELEGATION");
        let now = self.facts.warm();
        let then =
            Warm { ips: Some(SPARE), enis: now.enis, prefixes: now.prefixes, minimum_ips: None };
        let machines = self.facts.machines();
        let sum =
            |warm: Warm| -> u64 { machines.iter().map(|one| self.facts.held(*one, warm)).sum() };
        // As it was read, as everywhere else; what nodes would hold is a formula.
        let read = self.held().filter(|held| 0 < *held);
        let before = read.unwrap_or_else(|| sum(now));
        let after = sum(then);
        let hold = if read.is_some() { "hold" } else { "should hold, by formula," };
        let mut blocked = Vec::new();
        if prefixes {
            blocked.push("nodes hold /28 prefixes and release whole ones only".to_string());
        }
        if now.by_ips() {
            blocked.push("targets of addresses are set already".to_string());
        }
        if machines.is_empty() {
            let unread = unread(&self.survey.eks.instances, "instances");
            blocked.push(unread.unwrap_or_else(|| "no running node is known".to_string()));
        }
        Step {
            gain: self.facts.nodes().map(|_| before.saturating_sub(after)),
            how: format!(
                "{} nodes {hold} {before} addresses and would hold {after} with WARM_IP_TARGET {SPARE}",
                machines.len()
            ),
            restarts: "aws-node, node by node; pods run on".to_string(),
            minutes: 5,
            blocked,
            ..Step::of(Rung::WarmPool, "keep fewer addresses ready (`awsNode.warm.ips`)")
        }
    }

    fn range(&self) -> Option<Ipv4Net> {
        free(self.survey)
    }

    /// Addresses of one subnet a zone in such a range.
    fn room(&self) -> u64 {
        const EACH: u64 = (1 << 14) - 5;
        self.zones() * EACH
    }

    fn zones(&self) -> u64 {
        let subnets = self.facts.subnets.iter().filter_map(|id| self.survey.vpc.subnet(id));
        let zones: std::collections::BTreeSet<&String> = subnets.map(|one| &one.zone_id).collect();
        zones.len().clamp(1, 4) as u64
    }

    fn no_range(&self) -> Vec<String> {
        let full = self.survey.vpc.cidrs().len() >= vpc::CIDRS;
        let none = self
            .range()
            .is_none()
            .then(|| "no range of 100.64.0.0/10 is free of peers, routes and services".to_string());
        let network = &self.survey.vpc;
        let beyond = unread(&network.peerings, "peers")
            .into_iter()
            .chain(unread(&network.route_tables, "route tables"))
            .chain(unread(&network.subnets, "subnets"));
        let quota = full.then(|| "the VPC has 5 ranges: raise the quota L-83CA0A9D".to_string());
        none.into_iter().chain(quota).chain(beyond).collect()
    }

    fn discovery(&self) -> Step {
        let range = self.range().map(|cidr| cidr.to_string()).unwrap_or_default();
        let mut blocked = self.no_range();
        if self.facts.is_custom() {
            blocked.push("custom networking is on, which decides the pods' subnets".to_string());
        }
        if self.facts.env.get("ENABLE_SUBNET_DISCOVERY").is_some_and(|value| value == "false") {
            blocked.push("ENABLE_SUBNET_DISCOVERY is off".to_string());
        }
        Step {
            gain: Some(self.room()),
            how: format!(
                "a /18 in each of {} zones of {range}, tagged kubernetes.io/role/cni",
                self.zones()
            ),
            restarts: "nothing; only new interfaces go there".to_string(),
            minutes: 5,
            blocked,
            ..Step::of(Rung::SubnetDiscovery, "new subnets that aws-node finds by tag")
        }
    }

    fn prefixes(&self) -> Step {
        let vpc = &self.survey.vpc;
        let maps: Vec<_> =
            self.facts.pod_subnets().filter_map(|one| prefix_map(vpc, one)).collect();
        let blocks: u64 = maps.iter().map(|map| map.usable()).sum();
        let machines = self.facts.machines();
        let mut blocked = Vec::new();
        if self.facts.is_on("ENABLE_PREFIX_DELEGATION") {
            blocked.push("prefix delegation is on already".to_string());
        }
        let apart = self.facts.pod_subnets().find_map(|one| Some((one, unexplained(vpc, one)?)));
        let apart = apart.map(|(subnet, (seen, left))| {
            format!(
                "EC2 counts {seen} free addresses in {}, and the interfaces that were read leave {left}",
                subnet.id
            )
        });
        let unread = unread(&vpc.interfaces, "interfaces").or(apart);
        if let Some(unread) = &unread {
            blocked.push(unread.clone());
        } else if blocks == 0 {
            blocked.push("no whole /28 is free in the subnets of pods".to_string());
        }
        let known = unread.is_none().then_some(blocks);
        if let Some((kind, _)) = machines.iter().find(|(kind, _)| !kind.prefixes) {
            blocked.push(format!("{} does not support prefixes", kind.name));
        }
        Step {
            gain: known.map(|blocks| blocks * ADDRESSES_PER_PREFIX),
            how: format!("{} whole /28s are free; each holds 16 pods", or_unknown(known)),
            restarts: "nodes, in new node groups: a node with both kinds advertises too many pods"
                .to_string(),
            minutes: self.rolling(),
            blocked,
            ..Step::of(Rung::PrefixDelegation, "prefix delegation in the subnets that there are")
        }
    }

    fn rolling(&self) -> u64 {
        self.demand.nodes.unwrap_or(self.demand.nodes_at_most).max(1) * MINUTES_PER_NODE
    }

    /// Addresses that nodes and their pods hold in the subnets of today.
    fn held(&self) -> Option<u64> {
        self.facts.held_where(|_| true)
    }

    /// What the addresses that nodes hold are counted from.
    fn uncounted(&self) -> impl Iterator<Item = String> {
        let interfaces = unread(&self.survey.vpc.interfaces, "interfaces");
        interfaces.into_iter().chain(unread(&self.survey.eks.instances, "instances"))
    }

    /// What refuses nodes to leave, and who does not know the new range.
    fn in_the_way(&self) -> Vec<String> {
        let mut blocked = self.no_range();
        let vpc = &self.survey.vpc;
        blocked.extend(unread(&vpc.security_groups, "security groups"));
        blocked.extend(unread(&vpc.network_acls, "network ACLs"));
        blocked.extend(unread(&vpc.prefix_lists, "prefix lists"));
        blocked.extend(unread(&self.survey.kubernetes.disruption_budgets, "disruption budgets"));
        let shut = items(&self.survey.kubernetes.disruption_budgets).iter();
        let shut: Vec<String> = shut
            .filter(|budget| budget.allowed <= 0 && 0 < budget.expected)
            .map(|budget| format!("{}/{}", budget.namespace, budget.name))
            .collect();
        if !shut.is_empty() {
            blocked.push(format!("budgets that allow no eviction: {}", shut.join(", ")));
        }
        let old: Vec<Ipv4Net> =
            self.facts.subnets.iter().filter_map(|id| self.survey.vpc.subnet(id)?.cidr).collect();
        let new: Vec<Ipv4Net> = self.range().into_iter().collect();
        let missing = admits::only_old(&self.survey.vpc, &old, &new);
        blocked.extend(missing.iter().map(|one| {
            let name = if one.name.is_empty() { String::new() } else { format!("{}, ", one.name) };
            format!(
                "{} ({name}{}) admits the nodes and not the new range: add {}",
                one.resource, one.owner, one.missing
            )
        }));
        blocked
    }

    /// Addresses that nodes and their pods hold in the subnets of ENIConfigs.
    fn held_by_pods(&self) -> Option<u64> {
        let own: Vec<&String> = self.facts.pod_subnets().map(|subnet| &subnet.id).collect();
        self.facts.held_where(|one| own.contains(&&one.subnet))
    }

    fn custom(&self) -> Step {
        let (held, on) = (self.held(), self.facts.is_custom());
        let (freed, whose) = match on {
            true => (self.held_by_pods(), "the pods' current subnets"),
            false => (
                held.zip(self.demand.nodes).map(|(held, nodes)| held.saturating_sub(nodes)),
                "the nodes' subnets",
            ),
        };
        let mut blocked = self.in_the_way();
        blocked.extend(self.uncounted());
        if self.survey.eks.found().is_some_and(|found| found.auto_mode.is_some()) {
            blocked.push(
                "EKS Auto Mode does not support ENIConfigs: use a NodeClass with podSubnetSelectorTerms"
                    .to_string(),
            );
        }
        Step {
            gain: freed.map(|freed| freed + self.room()),
            how: format!(
                "{} of {} addresses in {whose} are freed, {} are new{}",
                or_unknown(freed),
                or_unknown(held),
                grouped(self.room()),
                self.lost().unwrap_or_default()
            ),
            restarts: "all nodes".to_string(),
            minutes: 10 + self.rolling(),
            reversible: false,
            blocked,
            ..Step::of(Rung::CustomNetworking, "pods in subnets of a secondary range")
        }
    }

    /// The pods that a node has no addresses for any more once its first interface has none.
    fn lost(&self) -> Option<String> {
        let machines = self.facts.machines();
        let (kind, _) = machines.first().filter(|_| !self.facts.is_custom())?;
        let each = if self.facts.takes_prefixes(kind) { ADDRESSES_PER_PREFIX } else { 1 };
        let pods = (kind.interfaces - 1) * (kind.addresses - 1) * each + eks::HOST_NETWORK_PODS;
        let most =
            if each == 1 { kind.pods_by_eks() } else { kind.pods_by_eks().max(eks::POD_CAP) };
        (pods < most)
            .then(|| format!("; {} holds {pods} pods without its first interface", kind.name))
    }

    fn new_subnets(&self) -> Step {
        let held = self.held();
        let mut blocked: Vec<String> =
            self.in_the_way().into_iter().chain(self.uncounted()).collect();
        if self.facts.is_custom() {
            let why = "custom networking is on: pods stay in the subnets of their ENIConfigs";
            blocked.push(why.to_string());
        }
        Step {
            gain: held.map(|held| held + self.room()),
            how: format!(
                "{} addresses are freed, {} are new",
                or_unknown(held),
                grouped(self.room())
            ),
            restarts: "all nodes".to_string(),
            minutes: 10 + self.rolling(),
            reversible: false,
            blocked,
            ..Step::of(Rung::NodesInNewSubnets, "node groups in subnets of a secondary range")
        }
    }

    fn new_cluster(&self) -> Step {
        Step {
            how: "the IP family of a cluster never changes: this is another cluster, not a rescue"
                .to_string(),
            restarts: "everything".to_string(),
            minutes: 24 * 60,
            reversible: false,
            blocked: vec!["not a rescue".to_string()],
            ..Step::of(Rung::NewCluster, "IPv6, in a new cluster")
        }
    }
}

/// The first range of carrier-grade space that AWS lets the VPC add.
pub fn free_range(survey: &Survey) -> Option<String> {
    free(survey).map(|cidr| cidr.to_string())
}

fn free(survey: &Survey) -> Option<Ipv4Net> {
    let network = &survey.vpc;
    let id = &survey.header.vpc;
    let peers = items(&network.peerings).iter().flat_map(|one| one.other(id).cidrs.clone());
    let routes = items(&network.route_tables).iter().flat_map(|table| &table.routes);
    let routes = routes.filter(|route| route.target != "local");
    let routes = routes.filter_map(|route| route.destination.parse::<Ipv4Net>().ok());
    let services = survey.eks.found().and_then(|found| found.service_cidr);
    let taken: Vec<Ipv4Net> = network
        .cidrs()
        .into_iter()
        .chain(peers)
        .chain(routes.filter(|range| 1 < range.prefix_len()))
        .chain(services)
        .collect();
    let mut candidates = vpc::net(vpc::CARRIER_GRADE).subnets(vpc::LARGEST).ok()?;
    candidates.find(|cidr| !taken.iter().any(|own| overlap(*own, *cidr)))
}
