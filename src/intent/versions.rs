//! Versions and create-only choices that the blueprint leaves open: kept ones first, then what AWS offers.

use crate::facts::eks;
use crate::observed::Part;

use super::aws_node::{AwsNode, Cni, Version};
use super::{Choices, Cluster, Known};

impl Known<'_> {
    /// Fills in what is kept or offered.
    pub fn settle(&self, mut cluster: Cluster, choices: &mut Choices) -> Cluster {
        if let Some(bootstrap) = self.kept.bootstrap_self_managed_addons {
            cluster.bootstrap = bootstrap;
        }
        if !cluster.endpoint.public && !cluster.endpoint.public_listed {
            cluster.endpoint.former_cidrs = self.kept.public_cidrs.clone();
        }
        cluster.auto_off = cluster.auto.is_none() && self.kept.auto_mode == Some(true);
        let kubernetes = cluster.version.clone();
        for addon in &mut cluster.addons {
            let chosen = self.chosen(&addon.version, &addon.name, &kubernetes);
            addon.version = std::mem::take(&mut addon.version).came_to(chosen);
        }
        let node = &mut cluster.aws_node;
        let chosen = match node.cni {
            Cni::Addon | Cni::External => self.chosen(&node.version, eks::VPC_CNI, &kubernetes),
            Cni::SelfManaged => self.running(),
            Cni::Other(_) | Cni::AutoMode => None,
        };
        if let Some((version, why)) = chosen.as_ref().zip(why(node)) {
            choices.note("awsNode.version", version, why);
        }
        node.version = std::mem::take(&mut node.version).came_to(chosen);
        cluster
    }

    /// What a wish comes to.
    fn chosen(&self, version: &Version, name: &str, kubernetes: &str) -> Option<String> {
        match version {
            Version::Default(_) => self.default_version(name, kubernetes),
            Version::Latest(_) => self.newest(name),
            Version::Exact(_) => None,
        }
    }

    /// The version of the aws-node that runs.
    fn running(&self) -> Option<String> {
        let running = self.observed.aws_node.read().and_then(Option::as_ref);
        running.and_then(|running| running.version.clone())
    }

    /// An add-on moves with the Kubernetes version and not before; one that was left to EKS stays so until then.
    fn default_version(&self, name: &str, kubernetes: &str) -> Option<String> {
        if let Some(kept) = self.kept.addons.get(name).filter(|kept| kept.kubernetes == kubernetes)
        {
            return kept.version.clone();
        }
        let offered = self.observed.account.addons.get(name).and_then(Part::read)?;
        offered.default.clone().or_else(|| offered.newest_first.first().cloned())
    }

    fn newest(&self, name: &str) -> Option<String> {
        self.observed.account.addons.get(name)?.read()?.newest_first.first().cloned()
    }
}

/// Why an add-on has the version that it came to; nothing where nothing was chosen.
fn why(node: &AwsNode) -> Option<&'static str> {
    match node.version {
        _ if !node.is_addon() => None,
        Version::Latest(_) => Some("the newest for the Kubernetes version"),
        Version::Default(_) => {
            Some("EKS's default for the Kubernetes version, kept until that changes")
        }
        Version::Exact(_) => None,
    }
}
