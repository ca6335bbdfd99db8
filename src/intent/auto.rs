//! EKS Auto Mode with every default filled in.

use crate::blueprint::Blueprint;
use crate::blueprint::model::{AutoMode, AutoPolicy, AutoPool, AutoSnat, Use};
use crate::diagnostic::Diagnostic;

use super::{Choices, Tier};
use crate::rules::AUTO_01;

/// EKS Auto Mode, which is switched on; words such as `snat` are those of a NodeClass.
#[derive(Clone, Debug)]
pub struct Auto {
    /// EKS's own node pools; their nodes are in the cluster's own subnets.
    pub pools: Vec<&'static str>,
    pub tier: String,
    pub pod_tier: Option<String>,
    pub snat: &'static str,
    pub network_policy: &'static str,
    /// Whether the author wrote it.
    pub network_policy_written: bool,
    pub prefixes: bool,
    /// Something asks for a NodeClass of its own.
    pub own_class: bool,
}

/// `None` without `cluster.autoMode`. Rule AUTO-01: settings of aws-node beside it need node groups.
pub fn resolve(
    blueprint: &Blueprint,
    tiers: &[Tier],
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Option<Auto> {
    let written = blueprint.cluster.as_ref()?.auto_mode.as_ref()?;
    if blueprint.aws_node.is_some() && blueprint.node_groups.as_ref().is_none_or(Vec::is_empty) {
        let finding = AUTO_01
            .at("awsNode", "settings of aws-node with Auto Mode, whose nodes have none")
            .on_key();
        findings.push(
            finding
                .also("cluster.autoMode", "here")
                .hint("remove `awsNode`; settings of Auto Mode are under `cluster.autoMode`"),
        );
    }
    let own_class = own_class(written);
    Some(Auto {
        pools: pools(written, own_class, choices),
        tier: written.tier.clone().unwrap_or_else(|| {
            let name = tiers
                .iter()
                .find(|tier| tier.serves(Use::Nodes))
                .map(|tier| tier.name.clone())
                .unwrap_or_default();
            choices.note("cluster.autoMode.tier", &name, "the first tier that serves nodes");
            name
        }),
        pod_tier: written.pod_tier.clone(),
        snat: match written.snat {
            Some(AutoSnat::Disabled) => "Disabled",
            Some(AutoSnat::Random) | None => "Random",
        },
        network_policy: match written.network_policy {
            Some(AutoPolicy::DefaultDeny) => "DefaultDeny",
            Some(AutoPolicy::DefaultAllow) | None => "DefaultAllow",
        },
        network_policy_written: written.network_policy.is_some(),
        prefixes: written.prefixes.unwrap_or(true),
        own_class,
    })
}

fn own_class(written: &AutoMode) -> bool {
    written.pod_tier.is_some()
        || written.snat.is_some()
        || written.network_policy.is_some()
        || written.prefixes == Some(false)
}

/// Whether EKS's own pools put nodes into the cluster's subnets.
pub fn shares_subnets(blueprint: &Blueprint) -> bool {
    let written = blueprint.cluster.as_ref().and_then(|cluster| cluster.auto_mode.as_ref());
    written.is_some_and(|written| {
        written.node_pools.as_ref().map_or(!own_class(written), |pools| !pools.is_empty())
    })
}

fn pools(written: &AutoMode, own_class: bool, choices: &mut Choices) -> Vec<&'static str> {
    let named = |pool: &AutoPool| match pool {
        AutoPool::GeneralPurpose => "general-purpose",
        AutoPool::System => "system",
    };
    match (&written.node_pools, own_class) {
        (Some(pools), _) => pools.iter().map(named).collect(),
        (None, true) => {
            choices.note("cluster.autoMode.nodePools", "none", "EKS's own pools follow no NodeClass: apply kubernetes/node-class.yaml and node-pool.yaml");
            Vec::new()
        }
        (None, false) => {
            choices.note(
                "cluster.autoMode.nodePools",
                "general-purpose, system",
                "EKS's own; their nodes are in the cluster's subnets",
            );
            vec!["general-purpose", "system"]
        }
    }
}
