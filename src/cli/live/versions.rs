//! The vpc-cni version of a deployment: `default` and `latest` are looked up through EKS, and what was found is pinned in the template and
//! in a saved plan.

use crate::aws::port::AddonVersions;
use crate::aws::{Account, Accounts};
use crate::facts::eks;
use crate::intent::aws_node::Wish;
use crate::render::Template;

use super::super::Common;
use super::super::line::Resolved;
use super::super::output::{self, Stop};
use super::aws_node;

/// Pins the version. `default` moves only with the Kubernetes version: a deployment of something else is no upgrade of the CNI.
pub async fn pin(
    common: &Common,
    account: &Account,
    wanted: &mut Resolved,
    before: &Template,
) -> Result<(), Stop> {
    wanted.keep_standing(before)?;
    aws_node::pin_own_version(common, account, wanted, before).await?;
    let Some(cluster) =
        wanted.intent.cluster.as_ref().filter(|cluster| cluster.aws_node.is_addon())
    else {
        return Ok(());
    };
    let (node, kubernetes) = (&cluster.aws_node, cluster.version.clone());
    if node.wish == Wish::Exact || (node.wish == Wish::Default && node.version.is_some()) {
        return Ok(());
    }
    match account.addon_versions(eks::VPC_CNI, &kubernetes).await {
        Ok(versions) => match chosen(node.wish, versions) {
            Some(version) => {
                output::note(
                    common,
                    &format!(
                        "vpc-cni {version}: {} for Kubernetes {kubernetes}",
                        if node.wish == Wish::Latest { "the newest" } else { "EKS's default" }
                    ),
                );
                wanted.pin_version(version)
            }
            None => Ok(()),
        },
        Err(refusal) => {
            output::note(
                common,
                &format!(
                    "the version of vpc-cni is left to EKS, because it could not be looked up: {refusal}"
                ),
            );
            Ok(())
        }
    }
}

fn chosen(wish: Wish, versions: AddonVersions) -> Option<String> {
    let newest = versions.newest_first.first().cloned();
    if wish == Wish::Latest { newest } else { versions.default.or(newest) }
}
