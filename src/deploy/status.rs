//! What is deployed, beside what the blueprint plans.

use std::collections::BTreeSet;

use crate::address::AddressPlan;
use crate::aws::Connected;
use crate::aws::port::{Answer, StackResource};
use crate::diagnostic::Failure;
use crate::facts::subnets;
use crate::line::Compiled;
use crate::observed::{Drift, LiveAddon, LiveCluster, LiveNodeGroup, LiveSubnet, StackDescription};
use crate::preview::KubernetesChanges;
use crate::template::Template;

use super::aws_node::{Moved, Whose, moved, proven, run as aws_node};
use super::setting::Proven;
use super::{Clock, Condition, condition, drift, stopped};

/// Everything `eksnet status` reads. What could not be read is named in `unread`.
#[derive(Clone, Debug)]
pub struct Status {
    pub stack: StackDescription,
    pub cluster: Option<LiveCluster>,
    pub addons: Vec<LiveAddon>,
    pub node_groups: Vec<LiveNodeGroup>,
    /// The stack has a cluster, and EKS has none of its name.
    pub cluster_gone: bool,
    pub subnets: Vec<SubnetStatus>,
    /// Subnets of the plan that are not there, and the other way round.
    pub drift: Vec<SubnetDrift>,
    /// The same of an edit that no deployment has made yet.
    pub undeployed: Vec<SubnetDrift>,
    /// What CloudFormation finds changed by hand; `None` where it was not asked.
    pub by_hand: Option<Vec<Drift>>,
    /// What of a self-managed aws-node is otherwise than the blueprint says; `None` where there is none.
    pub aws_node: Option<KubernetesChanges>,
    /// How far the pods of a cluster that others made have moved to their new tier.
    pub moved: Option<Moved>,
    /// What nodes show that came after the settings.
    pub proven: Option<Proven>,
    pub unread: Vec<String>,
}

impl Status {
    /// Whether something is otherwise than it was deployed.
    pub fn is_changed(&self) -> bool {
        let by_hand = self.by_hand.as_ref().is_some_and(|found| !found.is_empty());
        let otherwise = self.aws_node.as_ref().is_some_and(|node| !node.differs.is_empty());
        !self.drift.is_empty() || by_hand || otherwise
    }
}

/// A subnet of the plan and the one that stands for it.
#[derive(Clone, Debug)]
pub struct SubnetStatus {
    pub tier: String,
    /// As the plan has it: `layout` and `status` name one zone in one way.
    pub zone: String,
    pub usable: u64,
    pub live: LiveSubnet,
}

/// A subnet that only the plan or only the VPC has.
#[derive(Clone, Debug, PartialEq)]
pub enum SubnetDrift {
    Missing { cidr: String, tier: String, zone: String },
    Unplanned { cidr: String, id: String },
}

/// Whether CloudFormation is asked what was changed by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Asked,
    Left,
}

/// All that can be read; what cannot be is named, and does not fail the rest.
pub async fn read<W: Connected, C: Clock>(
    (world, clock): (&W, &C),
    line: &Compiled,
    (stack, before): (StackDescription, &Template),
    drift_wanted: Wanted,
) -> Result<Status, Failure> {
    let unreadable = |refusal| stopped("cannot read the stack's resources", refusal);
    let resources = world.resources(&stack.name).await.map_err(unreadable)?;
    let exists = !matches!(condition(Some(&stack)), Condition::Absent | Condition::Failed);
    let compared = async {
        match drift_wanted {
            Wanted::Asked if exists => {
                Some(drift::detect(world, clock, &stack.name, &mut |_| {}).await)
            }
            _ => None,
        }
    };
    let (subnets, cluster, addons, groups, compared) = tokio::join!(
        world.subnets(vpc_id(line, &resources)),
        world.cluster(line.intent.cluster_name()),
        world.addons(line.intent.cluster_name()),
        world.node_groups(line.intent.cluster_name()),
        compared
    );
    let mut unread = Vec::new();
    let mut keep = |what: &str, refusal: String| unread.push(format!("{what}: {refusal}"));
    let subnets = subnets.unwrap_or_else(|refusal| {
        keep("subnets", refusal.to_string());
        Vec::new()
    });
    let cluster_gone = made_cluster(&resources) && matches!(&cluster, Ok(None));
    let cluster = cluster.unwrap_or_else(|refusal| {
        keep("cluster", refusal.to_string());
        None
    });
    let node_groups = of_cluster(cluster.is_some(), groups, |why| keep("node groups", why));
    let addons = of_cluster(cluster.is_some(), addons, |why| keep("add-ons", why));
    let by_hand = compared
        .and_then(|compared| compared.map_err(|failure| keep("drift", failure.chain())).ok());
    let (subnets, apart) = matched(&line.plan, subnets);
    let (undeployed, drift) = told(apart, line, (before, exists));
    let aws_node = aws_node::differing(world, line, before).await;
    let (moved, proven) = of_pods(world, line, &mut unread).await;
    Ok(Status {
        stack,
        cluster,
        addons,
        node_groups,
        cluster_gone,
        subnets,
        drift,
        undeployed,
        by_hand,
        aws_node,
        moved,
        proven,
        unread,
    })
}

/// What is told of subnets that one side lacks, of edits and of drift: nothing is missing of a stack that was never made, and what others have
/// in their VPC was never planned here.
fn told(
    mut apart: Vec<SubnetDrift>,
    line: &Compiled,
    (before, exists): (&Template, bool),
) -> (Vec<SubnetDrift>, Vec<SubnetDrift>) {
    let is_own = line.intent.vpc.existing.is_none();
    apart.retain(|one| match one {
        SubnetDrift::Missing { .. } => exists,
        SubnetDrift::Unplanned { .. } => is_own,
    });
    apart.into_iter().partition(edited(before))
}

/// Whether the stack was deployed as the VPC is: then the blueprint alone differs.
fn edited(deployed: &Template) -> impl Fn(&SubnetDrift) -> bool {
    let subnets = deployed.resources().filter(|(_, one)| one["Type"] == "AWS::EC2::Subnet");
    let ranges = subnets.filter_map(|(_, one)| one["Properties"]["CidrBlock"].as_str());
    let ranges: BTreeSet<String> = ranges.map(str::to_string).collect();
    move |apart| match apart {
        SubnetDrift::Missing { cidr, .. } => !ranges.contains(cidr),
        SubnetDrift::Unplanned { cidr, .. } => ranges.contains(cidr),
    }
}

/// How far pods of others have moved, and what shows that they do; a refusal once.
async fn of_pods(
    world: &impl Connected,
    line: &Compiled,
    unread: &mut Vec<String>,
) -> (Option<Moved>, Option<Proven>) {
    let moved = moved(world, line).await;
    let proven = match moved {
        Ok(_) => proven(world, line, Whose::All).await,
        Err(_) => Ok(None),
    };
    let mut keep = |refusal: crate::aws::Refusal| unread.push(format!("pods: {refusal}"));
    (moved.map_err(&mut keep).ok().flatten(), proven.map_err(&mut keep).ok().flatten())
}

/// The VPC that holds the subnets: that of others, or the stack's own.
fn vpc_id<'v>(line: &'v Compiled, resources: &'v [StackResource]) -> &'v str {
    let made = resources.iter().find(|resource| resource.kind == "AWS::EC2::VPC");
    let made = made.map_or("", |resource| resource.physical_id.as_str());
    line.intent.vpc.existing.as_ref().map_or(made, |vpc| vpc.id.as_str())
}

/// Whether the stack made a cluster, and has not deleted it.
fn made_cluster(resources: &[StackResource]) -> bool {
    let made = |one: &StackResource| {
        one.kind == "AWS::EKS::Cluster"
            && matches!(one.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE")
    };
    resources.iter().any(made)
}

/// What EKS lists of a cluster; where there is none, nobody asked for it.
fn of_cluster<T>(exists: bool, answer: Answer<Vec<T>>, keep: impl FnOnce(String)) -> Vec<T> {
    let refused = |refusal: crate::aws::Refusal| {
        if exists {
            keep(refusal.to_string());
        }
        Vec::new()
    };
    answer.unwrap_or_else(refused)
}

/// Each planned subnet with the one that stands for it, and what has no counterpart.
fn matched(plan: &AddressPlan, mut live: Vec<LiveSubnet>) -> (Vec<SubnetStatus>, Vec<SubnetDrift>) {
    let mut rows = Vec::new();
    let mut drift = Vec::new();
    for subnet in &plan.subnets {
        let cidr = subnet.cidr.to_string();
        match live.iter().position(|one| one.cidr == cidr) {
            Some(at) => rows.push(SubnetStatus {
                tier: subnet.tier.clone(),
                zone: subnet.zone.word().to_string(),
                usable: subnets::usable(subnet.cidr.prefix_len()),
                live: live.swap_remove(at),
            }),
            None => drift.push(SubnetDrift::Missing {
                cidr,
                tier: subnet.tier.clone(),
                zone: subnet.zone.word().to_string(),
            }),
        }
    }
    live.sort_by(|one, other| one.cidr.cmp(&other.cidr));
    let unplanned = |one: LiveSubnet| SubnetDrift::Unplanned { cidr: one.cidr, id: one.id };
    drift.extend(live.into_iter().map(unplanned));
    (rows, drift)
}
