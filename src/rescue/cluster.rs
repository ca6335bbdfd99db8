//! What of a survey the ladder is computed from: nodes, pods, settings of aws-node, interfaces that nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::demand::WarmPool;
use crate::facts::instances::{self, Instance};
use crate::intent::aws_node::Warm;
use crate::observed::Survey;
use crate::observed::survey::{Interface, NodeGroupSurvey};
use crate::survey::{found, free_addresses, items, leaked};

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

    pub fn is_node(&self, instance: &str) -> bool {
        items(&self.survey.eks.instances).iter().any(|one| one.id == instance)
    }

    /// That run; unknown where instances were not read.
    pub fn nodes(&self) -> Option<u64> {
        Some(self.survey.eks.instances.read()?.len() as u64)
    }

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

    pub fn pods_per_node(&self) -> u64 {
        let all: u64 = self.pods.values().sum();
        if self.pods.is_empty() { USUAL_PODS } else { all.div_ceil(self.pods.len() as u64) }
    }

    /// Addresses that a node holds with its pods under some targets, its interfaces' own counted.
    pub fn held(&self, (kind, pods): (&Instance, u64), warm: Warm) -> u64 {
        let slots = kind.addresses - 1;
        let most = kind.pods_by_eks();
        let pool = WarmPool::over(warm, (slots, kind.interfaces), most).addresses(pods);
        pool + pool.div_ceil(slots.max(1)).max(1)
    }

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

    /// Groups whose update starts nodes before it ends others, and finds no addresses for them.
    pub fn surge(&self, survey: &Survey) -> Vec<Surge> {
        let groups = items(&survey.eks.node_groups).iter();
        groups.filter_map(|group| self.surge_of(survey, group)).collect()
    }

    fn surge_of(&self, survey: &Survey, group: &NodeGroupSurvey) -> Option<Surge> {
        if group.update_strategy.as_deref() == Some("MINIMAL") {
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
        let subnets = group.subnets.iter().filter_map(|id| survey.vpc.subnet(id));
        let free = subnets.map(|one| free_addresses(&survey.vpc, one).total()).min()?;
        let per_zone = nodes.div_ceil(group.subnets.len().max(1) as u64);
        (free < per_zone * boot).then(|| Surge {
            node_group: group.name.clone(),
            nodes,
            boot,
            free,
            advice: format!(
                "an exhausted subnet cannot surge: `{}` starts {nodes} before it ends others, each takes {boot} addresses, and one of its subnets has {free}: set the update strategy MINIMAL, or make a new group where there is room",
                group.name
            ),
        })
    }
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
