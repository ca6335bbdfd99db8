//! What `resolve` knows beside the blueprint, and what follows from it for what the blueprint leaves open.

use crate::blueprint::Blueprint;
use crate::facts::eks;
use crate::ledger::Kept;
use crate::observed::Observed;

use super::Choices;

/// What is known beside the blueprint.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    pub observed: &'k Observed,
    pub kept: &'k Kept,
}

impl Known<'_> {
    /// The Kubernetes version: written, else the one the cluster was created with, else this eksnet's own.
    pub fn kubernetes(&self, blueprint: &Blueprint, choices: &mut Choices) -> String {
        let written = blueprint.cluster.as_ref().and_then(|cluster| cluster.version.clone());
        written.unwrap_or_else(|| {
            let kept = self.kept.kubernetes_version.clone();
            let why = match kept {
                Some(_) => "as before: upgrades are asked for",
                None => "in standard support when this version of eksnet was released",
            };
            let version = kept.unwrap_or_else(|| eks::KUBERNETES.to_string());
            choices.note("cluster.version", &version, why);
            version
        })
    }

    /// The AMI type of a group that the blueprint leaves open: EKS replaces the group for another one, so the one it has stays as long as
    /// its architecture is that of the instance types.
    pub fn ami_type(&self, group: &str, default: &str) -> String {
        let is_arm = |ami: &str| ami.to_ascii_uppercase().contains("ARM");
        let kept = self.kept.node_groups.get(group).and_then(|kept| kept.ami_type.clone());
        kept.filter(|kept| is_arm(kept) == is_arm(default)).unwrap_or_else(|| default.to_string())
    }
}
