//! What of a survey the ladder is computed from: nodes, pods, settings of aws-node, interfaces that nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::demand::WarmPool;
use crate::facts::eks;
use crate::facts::instances::{self, Instance};
use crate::facts::subnets::ADDRESSES_PER_PREFIX;
use crate::intent::aws_node::Warm;
use crate::observed::Survey;
use crate::observed::survey::{Interface, NodeGroupSurvey, Subnet};
use crate::survey::{found, free_addresses, items, leaked, prefix_map};

use super::{Demand, Surge, Wanted};

/// What the ladder is computed from.
pub struct Facts<'s> {
    survey: &'s Survey,
    /// Subnets of nodes and pods, by zone and id.
    pub subnets: Vec<String>,
    /// aws-node's variables.
    pub env: BTreeMap<String, String>,
    /// Interfaces that nobody uses any more.
    pub leaked: Vec<&'s Interface>,
    /// By instance id, the pods with addresses of their own; an average where pods were not read.
    pods: BTreeMap<String, u64>,
}

/// Pods that a node is taken to have where nobody read them.
const USUAL_PODS: u64 = 20;

impl<'s> Facts<'s> {
    /// What a survey could not read counts as empty here, and as unknown where a function says so.
    pub fn of(survey: &'s Survey) -> Self {
        let groups = items(&survey.eks.node_groups).iter().flat_map(|group| &group.subnets);
        let running = items(&survey.eks.instances).iter().map(|one| &one.subnet);
        let configured = items(&survey.kubernetes.eni_configs).iter().map(|one| &one.subnet);
        let ids: BTreeSet<&String> = groups.chain(running).chain(configured).collect();
        let zone = |id: &str| survey.vpc.subnet(id).map(|one| one.zone_id.clone());
        let mut subnets: Vec<String> = ids.into_iter().cloned().collect();
        subnets.sort_by_key(|id| (zone(id), id.clone()));
        Self {
            survey,
            subnets,
            env: found::settings(survey),
            leaked: leaked(survey),
            pods: pods(survey),
        }
    }

    /// Whether an instance is a node of the cluster; `false` as well where instances were not read.
    pub fn is_node(&self, instance: &str) -> bool {
        items(&self.survey.eks.instances).iter().any(|one| one.id == instance)
    }

    /// That run; unknown where instances were not read.
    pub fn nodes(&self) -> Option<u64> {
        Some(self.survey.eks.instances.read()?.len() as u64)
    }

    /// Nodes whose primary interface is in a subnet; unknown where instances were not read.
    pub fn nodes_in(&self, subnet: &str) -> Option<u64> {
        let here = self.survey.eks.instances.read()?.iter().filter(|one| one.subnet == subnet);
        Some(here.count() as u64)
    }

    /// Addresses that nodes and their pods hold on some interfaces; unknown where interfaces or instances were not read.
    pub fn held_where(&self, is: impl Fn(&Interface) -> bool) -> Option<u64> {
        self.survey.eks.instances.read()?;
        let interfaces = self.survey.vpc.interfaces.read()?.iter().filter(|one| is(one));
        let own = interfaces.filter(|one| one.instance().is_some_and(|id| self.is_node(id)));
        Some(own.map(|one| one.held()).sum())
    }

    /// Whether a variable of aws-node is `true`; one that is not set is off, whatever its default.
    pub fn is_on(&self, name: &str) -> bool {
        self.env.get(name).is_some_and(|value| value == "true")
    }

    /// The targets that are set now.
    pub fn warm(&self) -> Warm {
        let number = |name: &str| self.env.get(name).and_then(|value| value.parse().ok());
        Warm {
            enis: number("WARM_ENI_TARGET"),
            prefixes: number("WARM_PREFIX_TARGET"),
            ips: number("WARM_IP_TARGET"),
            minimum_ips: number("MINIMUM_IP_TARGET"),
        }
    }

    /// Each running node with its type, as far as the type is known, and its pods.
    pub fn machines(&self) -> Vec<(&'static Instance, u64)> {
        let nodes = items(&self.survey.eks.instances).iter();
        let known = nodes.filter_map(|one| {
            let pods = self.pods.get(&one.id).copied().unwrap_or_else(|| self.pods_per_node());
            Some((instances::find(&one.instance_type)?, pods))
        });
        known.collect()
    }

    /// On average, rounded up; 20 where no pods were read.
    pub fn pods_per_node(&self) -> u64 {
        let all: u64 = self.pods.values().sum();
        if self.pods.is_empty() { USUAL_PODS } else { all.div_ceil(self.pods.len() as u64) }
    }

    /// Whether the first interface of nodes carries no pods: those of the others are in the subnets of ENIConfigs.
    pub fn is_custom(&self) -> bool {
        self.is_on("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG")
    }

    /// Whether nodes of a type take prefixes.
    pub fn takes_prefixes(&self, kind: &Instance) -> bool {
        self.is_on("ENABLE_PREFIX_DELEGATION") && kind.prefixes
    }

    /// Subnets where pods get their addresses.
    pub fn pod_subnets(&self) -> impl Iterator<Item = &'s Subnet> {
        let configs = items(&self.survey.kubernetes.eni_configs);
        let custom = self.is_custom();
        let own = move |id: &&String| !custom || configs.iter().any(|one| one.subnet == **id);
        let ids: Vec<String> = self.subnets.iter().filter(own).cloned().collect();
        let vpc = &self.survey.vpc;
        ids.into_iter().filter_map(|id| vpc.subnet(&id))
    }

    /// Addresses that a node holds with its pods under some targets, its interfaces' own counted.
    pub fn held(&self, one: (&Instance, u64), warm: Warm) -> u64 {
        self.of_pods(one, warm) + u64::from(self.is_custom())
    }

    /// The same in the subnets of pods: with custom networking the node's own address is not there.
    fn of_pods(&self, (kind, pods): (&Instance, u64), warm: Warm) -> u64 {
        let slots = kind.addresses - 1;
        let interfaces = kind.interfaces - u64::from(self.is_custom());
        let most = kind.pods_by_eks();
        if self.takes_prefixes(kind) {
            let most = most.max(eks::POD_CAP);
            let prefixes = WarmPool::over(warm, (slots, interfaces), most).prefixes(pods);
            return prefixes * ADDRESSES_PER_PREFIX + prefixes.div_ceil(slots.max(1)).max(1);
        }
        let pool = WarmPool::over(warm, (slots, interfaces), most).addresses(pods);
        pool + pool.div_ceil(slots.max(1)).max(1)
    }

    /// What `wanted` asks for beyond what runs; pods become nodes at today's average, and without either the groups' most counts.
    pub fn demand(&self, wanted: Wanted) -> Demand {
        let groups = items(&self.survey.eks.node_groups).iter();
        let at_most: u64 = groups.map(|group| u64::from(group.max)).sum();
        let pods = self.pods_per_node();
        let by_pods = wanted.pods.map(|all| all.div_ceil(pods.max(1)));
        let all = wanted.nodes.or(by_pods).unwrap_or(at_most.max(self.nodes().unwrap_or(0)));
        let each = self.each(self.warm());
        Demand {
            nodes: self.nodes(),
            nodes_at_most: at_most,
            wanted: all,
            pods_per_node: pods,
            addresses_missing: self.nodes().map(|nodes| all.saturating_sub(nodes) * each),
        }
    }

    /// Addresses of an average node.
    pub fn each(&self, warm: Warm) -> u64 {
        let machines = self.machines();
        let all: u64 = machines.iter().map(|one| self.held(*one, warm)).sum();
        if machines.is_empty() {
            self.pods_per_node() + 1
        } else {
            all.div_ceil(machines.len() as u64)
        }
    }

    /// Groups whose update starts nodes before it terminates others, and finds no addresses for them.
    pub fn surge(&self, survey: &Survey) -> Vec<Surge> {
        let groups = items(&survey.eks.node_groups).iter();
        groups.filter_map(|group| self.surge_of(survey, group)).collect()
    }

    fn surge_of(&self, survey: &Survey, group: &NodeGroupSurvey) -> Option<Surge> {
        // A group without nodes has none to replace.
        if group.update_strategy.as_deref() == Some("MINIMAL") || group.desired == 0 {
            return None;
        }
        let nodes = match group.max_unavailable.as_deref() {
            Some(share) if share.ends_with('%') => {
                let share: u64 = share.trim_end_matches('%').parse().unwrap_or(0);
                (u64::from(group.desired) * share).div_ceil(100).max(1)
            }
            Some(number) => number.parse().unwrap_or(1),
            None => 1,
        };
        let kind = group.instance_types.iter().find_map(|name| instances::find(name))?;
        let boot = self.held((kind, 0), self.warm());
        let per_zone = nodes.div_ceil(group.subnets.len().max(1) as u64);
        let free = self.fullest(survey, group, kind)?;
        let own = match self.takes_prefixes(kind) {
            true => boot / ADDRESSES_PER_PREFIX * ADDRESSES_PER_PREFIX,
            false => boot - u64::from(self.is_custom()),
        };
        let (room, what) = match free {
            Free { nodes, .. } if nodes < per_zone => (nodes, "one of its subnets"),
            Free { pods, .. } if pods < per_zone * own && self.is_custom() => {
                (pods, "a pod subnet of its zones")
            }
            Free { pods, .. } if pods < per_zone * own => (pods, "one of its subnets"),
            _ => return None,
        };
        let whole = if self.takes_prefixes(kind) { " in whole /28s" } else { "" };
        Some(Surge {
            node_group: group.name.clone(),
            nodes,
            boot,
            free: room,
            advice: format!(
                "an exhausted subnet cannot surge: `{}` starts {nodes} before it terminates others, each takes {boot} addresses, and {what} has {room}{whole}: set the update strategy MINIMAL, or create another group where there is room",
                group.name
            ),
        })
    }

    /// What the fullest of a group's subnets have for nodes, and the fullest of the subnets of their pods.
    fn fullest(&self, survey: &Survey, group: &NodeGroupSurvey, kind: &Instance) -> Option<Free> {
        let vpc = &survey.vpc;
        let own: Vec<&Subnet> = group.subnets.iter().filter_map(|id| vpc.subnet(id)).collect();
        let zones: BTreeSet<&String> = own.iter().map(|one| &one.zone_id).collect();
        let nodes = own.iter().map(|one| free_addresses(vpc, one).available).min()?;
        let pods: Vec<&Subnet> = match self.is_custom() {
            true => self.pod_subnets().filter(|one| zones.contains(&one.zone_id)).collect(),
            false => own,
        };
        // A prefix is a whole block, whatever is free beside it; reservations may hold it.
        let of = |one: &&Subnet| match prefix_map(vpc, one).filter(|_| self.takes_prefixes(kind)) {
            Some(map) => map.usable() * ADDRESSES_PER_PREFIX,
            None => free_addresses(vpc, one).total(),
        };
        // Where ENIConfigs were not read nobody knows of the pods.
        Some(Free { nodes, pods: pods.iter().map(of).min().unwrap_or(u64::MAX) })
    }
}

/// Free addresses of a node group's zones.
struct Free {
    nodes: u64,
    pods: u64,
}

fn pods(survey: &Survey) -> BTreeMap<String, u64> {
    let nodes = items(&survey.kubernetes.nodes).iter();
    let by_name: BTreeMap<&String, &String> =
        nodes.filter_map(|node| Some((&node.name, node.instance.as_ref()?))).collect();
    let mut pods: BTreeMap<String, u64> = BTreeMap::new();
    for pod in items(&survey.kubernetes.pods).iter().filter(|pod| !pod.host_network) {
        if let Some(instance) = pod.node.as_ref().and_then(|node| by_name.get(node)) {
            *pods.entry(instance.to_string()).or_default() += 1;
        }
    }
    pods
}
