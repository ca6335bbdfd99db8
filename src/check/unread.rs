//! What a survey could not read, wherever a plan would use it: what was not read is not known to be absent.

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::intent::unread::unread;
use crate::intent::{Cluster, Intent, Tier};
use crate::ledger::HeldUnread;
use crate::rules::{EXI_19, EXI_20};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(occupied) = &intent.occupied else { return Vec::new() };
    let used = Uses { intent };
    let cluster = intent.cluster.as_ref().filter(|cluster| cluster.existing.is_some());
    let parts = occupied.unread.iter();
    parts
        .filter_map(|part| used.of_network(part).or_else(|| used.of_cluster(cluster?, part)))
        .collect()
}

struct Uses<'i> {
    intent: &'i Intent,
}

impl Uses<'_> {
    fn made(&self) -> impl Iterator<Item = &Tier> {
        self.intent.tiers.iter().filter(|tier| tier.existing.is_none())
    }

    fn of_network(&self, part: &HeldUnread) -> Option<Diagnostic> {
        match part.part.as_str() {
            "vpc.peerings" => {
                let range = self.intent.vpc.added().next()?;
                let what = format!("whether a peer has addresses of `{}`", range.cidr);
                Some(unread(&EXI_19, &range.path, &what, part))
            }
            "vpc.internetGateways" => {
                let tier = self.made().find(|tier| tier.egress == TierEgress::Internet)?;
                let what = "whether the VPC has an internet gateway";
                Some(unread(&EXI_19, &key(&tier.path, "egress"), what, part))
            }
            "vpc.endpoints" => {
                let is_used = !self.intent.endpoints.services.is_empty();
                let what = "which endpoints the VPC has";
                is_used.then(|| unread(&EXI_19, "endpoints", what, part))
            }
            "vpc.securityGroups" | "vpc.networkAcls" | "vpc.prefixLists" => {
                let tier = self.moved_to()?;
                let what = format!("who admits the nodes' range and not `{}`", tier.pool);
                Some(unread(&EXI_20, &key(&tier.path, "from"), &what, part))
            }
            "vpc.reservations" | "vpc.interfaces" => {
                let tier = self.intent.tiers.iter().find(|tier| tier.existing.is_some())?;
                let what = format!("how full the subnets of `{}` are", tier.name);
                Some(unread(&EXI_20, &key(&tier.path, "existing"), &what, part))
            }
            _ => None,
        }
    }

    /// A new tier of pods in a range that the stack adds.
    fn moved_to(&self) -> Option<&Tier> {
        self.intent.cluster.as_ref()?;
        let added =
            |tier: &&Tier| self.intent.vpc.secondary.iter().any(|one| one.cidr == tier.pool);
        self.made().filter(|tier| tier.serves(Use::Pods)).find(added)
    }

    fn of_cluster(&self, cluster: &Cluster, part: &HeldUnread) -> Option<Diagnostic> {
        let custom = cluster.aws_node.custom_networking.as_ref();
        let makes_groups = cluster.node_groups.iter().any(|group| !group.existing);
        let error = |place: &str, what: &str| Some(unread(&EXI_19, place, what, part));
        match part.part.as_str() {
            "eks.nodeGroups" if makes_groups => {
                error("nodeGroups", "which node groups the cluster has")
            }
            "eks.nodeGroups" | "eks.instances" if custom.is_some() => {
                error("awsNode.customNetworking", "which zones have nodes")
            }
            "eks.nodeGroups" | "eks.instances" => {
                let what = "how many addresses the cluster's nodes use";
                Some(unread(&EXI_20, "cluster.existing", what, part))
            }
            "eks.fargateProfiles" if !cluster.fargate.is_empty() => {
                error("fargate", "which Fargate profiles the cluster has")
            }
            "eks.addons" if !cluster.addons.is_empty() => {
                error("addons", "which add-ons the cluster has")
            }
            "eks.addons" if cluster.sets_aws_node() => {
                error("cluster.existing", "how vpc-cni is configured")
            }
            "eks.accessEntries" if !cluster.access.is_empty() => {
                error("cluster.access", "which access entries the cluster has")
            }
            // Planned as if it had none.
            "eks.podIdentities" if makes_groups => {
                Some(unread(&EXI_20, "nodeGroups", "whether aws-node has a role of its own", part))
            }
            // Planned as the add-on was told.
            "kubernetes.awsNode" => {
                Some(unread(&EXI_20, "cluster.existing", "how aws-node runs", part))
            }
            _ => None,
        }
    }
}
