//! An exhausted network: how full it is, and the ways to more addresses in order of cost, each with what it gains, what restarts, how
//! long it takes and what stands in its way. Pure functions of a survey; and the blueprint that names what exists.

mod allowed;
mod cluster;
pub mod edit;
mod ladder;
mod other;
pub mod starter;
pub mod written;

use serde::Serialize;

use crate::observed::Survey;
use crate::observed::survey::VpcSurvey;
use crate::survey::{free_addresses, prefix_map};

pub use cluster::Facts;
pub use ladder::{Rung, Step, free_range as range};
pub use other::of_another;

/// What `eksnet rescue` says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rescue {
    /// 1
    pub schema_version: u32,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// `vpc-…`
    pub vpc: String,
    /// When the survey was made.
    pub read: String,
    /// The subnets of nodes and pods, by zone.
    pub subnets: Vec<Fill>,
    /// Nodes that run, the most that the groups may have, and pods a node.
    pub demand: Demand,
    /// In order of cost.
    pub rungs: Vec<Step>,
    /// Node groups whose update does not fit.
    pub surge: Vec<Surge>,
    /// Ids of interfaces that nobody uses any more.
    pub leaked: Vec<String>,
    /// What could not be read, and what follows from it.
    pub unread: Vec<String>,
}

/// How full a subnet is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fill {
    /// Such as `euw1-az1`.
    pub zone: String,
    /// Such as `eu-west-1a`.
    pub zone_name: String,
    /// `subnet-…`
    pub id: String,
    /// Its range.
    pub cidr: String,
    /// Free addresses, reserved ones for prefixes counted.
    pub free: u64,
    /// Whole /28s that an interface could get; unknown where interfaces were not read.
    pub free_blocks: Option<u64>,
    /// Nodes in it; unknown where instances were not read.
    pub nodes: Option<u64>,
    /// Addresses that its nodes and their pods hold; unknown where interfaces or instances were not read.
    pub held_by_nodes: Option<u64>,
}

/// What the cluster asks for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Demand {
    /// That run; unknown where instances were not read.
    pub nodes: Option<u64>,
    /// All node groups at their most.
    pub nodes_at_most: u64,
    /// That are wanted: as asked, else the groups' most.
    pub wanted: u64,
    /// On one node, on average.
    pub pods_per_node: u64,
    /// Addresses that the missing nodes would take with today's settings; unknown where it is not known how many run.
    pub addresses_missing: Option<u64>,
}

/// A node group whose update starts nodes that find no address.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Surge {
    /// Its name.
    pub node_group: String,
    /// Nodes that an update starts before it terminates others.
    pub nodes: u64,
    /// Addresses that each takes as it starts.
    pub boot: u64,
    /// What the fullest of its subnets has.
    pub free: u64,
    /// In words.
    pub advice: String,
}

impl Surge {
    /// Rungs that touch no node and give addresses back come first.
    fn after(self, rungs: &[Step]) -> Self {
        let quiet = [Rung::LeakedInterfaces, Rung::WarmPool];
        let gives =
            |step: &&Step| step.blocked.is_empty() && step.gain.is_some_and(|gain| 0 < gain);
        let first = rungs.iter().filter(|step| quiet.contains(&step.rung)).filter(gives);
        let first: Vec<String> = first.map(|step| step.number.to_string()).collect();
        if first.is_empty() {
            return self;
        }
        let advice = format!("{}; or apply rung {} first", self.advice, first.join(" and "));
        Self { advice, ..self }
    }
}

/// How many nodes, or pods, are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub nodes: Option<u64>,
    pub pods: Option<u64>,
}

/// The ladder of a survey.
pub fn of(survey: &Survey, wanted: Wanted) -> Rescue {
    let facts = Facts::of(survey);
    let demand = facts.demand(wanted);
    let unread = survey.unread();
    let rungs = ladder::rungs(survey, &facts, &demand);
    let surge = facts.surge(survey).into_iter().map(|one| one.after(&rungs)).collect();
    Rescue {
        schema_version: 1,
        cluster: survey.header.cluster.clone(),
        vpc: survey.header.vpc.clone(),
        read: survey.header.read.clone(),
        subnets: facts.subnets.iter().filter_map(|id| fill(&survey.vpc, &facts, id)).collect(),
        rungs,
        surge,
        leaked: facts.leaked.iter().map(|one| one.id.clone()).collect(),
        demand,
        unread: unread.into_iter().map(ToString::to_string).collect(),
    }
}

fn fill(vpc: &VpcSurvey, facts: &Facts<'_>, id: &str) -> Option<Fill> {
    let subnet = vpc.subnet(id)?;
    Some(Fill {
        zone: subnet.zone_id.clone(),
        zone_name: subnet.zone_name.clone(),
        id: subnet.id.clone(),
        cidr: subnet.cidr?.to_string(),
        free: free_addresses(vpc, subnet).total(),
        free_blocks: prefix_map(vpc, subnet).map(|map| map.usable()),
        nodes: facts.nodes_in(id),
        held_by_nodes: facts.held_where(|one| one.subnet == id),
    })
}
