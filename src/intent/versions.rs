//! Versions and create-only choices that the blueprint leaves open: kept ones first, then what AWS offers.

use crate::facts::eks;
use crate::observed::Part;

use super::aws_node::Wish;
use super::{Choices, Cluster, Known};

impl Known<'_> {
    /// Fills in what is kept or offered.
    pub fn settle(&self, mut cluster: Cluster, choices: &mut Choices) -> Cluster {
        if let Some(bootstrap) = self.kept.bootstrap_self_managed_addons {
            cluster.bootstrap = bootstrap;
        }
        cluster.auto_off = cluster.auto.is_none() && self.kept.auto_mode == Some(true);
        let kubernetes = cluster.version.clone();
        for addon in cluster.addons.iter_mut().filter(|addon| addon.version.is_none()) {
            addon.version = match addon.wish {
                Wish::Latest => self.newest(&addon.name),
                _ => self.default_version(&addon.name, &kubernetes),
            };
        }
        let (is_addon, node) = (cluster.aws_node.is_addon(), &mut cluster.aws_node);
        if node.version.is_none() && node.self_managed && node.runs() {
            let running = self.observed.aws_node.read().and_then(Option::as_ref);
            node.version = running.and_then(|running| running.version.clone());
        } else if is_addon && node.wish != Wish::Exact {
            let chosen = match node.wish {
                Wish::Latest => self.newest(eks::VPC_CNI),
                _ => self.default_version(eks::VPC_CNI, &kubernetes),
            };
            if let Some(version) = &chosen {
                choices.note("awsNode.version", version, why(node.wish));
            }
            node.version = chosen.or(node.version.take());
        }
        cluster
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

fn why(wish: Wish) -> &'static str {
    match wish {
        Wish::Latest => "the newest for the Kubernetes version",
        _ => "EKS's default for the Kubernetes version, kept until that changes",
    }
}
