//! Kubernetes goes back last, after everything else of an edit: whether EKS takes it back is asked before any of that begins.

use crate::aws::port::{Clusters, Upgrade};
use crate::diagnostic::Failure;
use crate::facts::eks::ROLLBACK_DAYS;
use crate::preview::{Preview, minor};
use crate::rules::VER_02;

use super::Deployment;

const CLUSTER: &str = "AWS::EKS::Cluster";

/// Fails where EKS would refuse the version.
pub async fn refused(
    clusters: &impl Clusters,
    deployment: &Deployment<'_>,
    whole: &Preview,
) -> Result<(), Failure> {
    let Some(from) = lowered(whole) else { return Ok(()) };
    let cluster = deployment.compiled.intent.cluster_name();
    let place = deployment.compiled.place("cluster.version");
    let place = place.map_or(String::new(), |place| format!(" ({place})"));
    let upgrades = clusters.upgrades(cluster).await.map_err(|refusal| {
        Failure::new(format!("it is not known whether EKS rolls Kubernetes {from} back{place}: nothing was changed [{VER_02}]"))
            .because(refusal)
            .hint(format!("allow `eks:ListUpdates` and `eks:DescribeUpdate`, or leave `version: \"{from}\"`"))
    })?;
    let Some(why) = why_not(upgrades.first(), &from) else { return Ok(()) };
    let failure =
        format!("EKS does not roll Kubernetes {from} back{place}: nothing was changed [{VER_02}]");
    Err(Failure::new(failure).because(why).hint(format!("leave `version: \"{from}\"`")))
}

/// The version that the cluster has, where it is to get a lower one.
fn lowered(preview: &Preview) -> Option<String> {
    let clusters = preview.changes.iter().filter(|change| change.kind == CLUSTER);
    let mut versions = clusters.flat_map(|change| &change.because);
    let own = versions.find(|one| one.property == "Version")?;
    let lower = minor(&own.after)? < minor(&own.before)?;
    Some(own.before.as_ref().filter(|_| lower)?.as_str()?.to_string())
}

/// Why the last change of the version cannot be taken back.
fn why_not(last: Option<&Upgrade>, from: &str) -> Option<String> {
    match last {
        Some(last) if last.is_back => {
            Some("its last change of version was a rollback, and EKS rolls back only once".into())
        }
        Some(last) if last.to != from => Some(created_with(from)),
        Some(last) if ROLLBACK_DAYS <= last.days => Some(format!(
            "the upgrade to {from} was {} days ago, and EKS rolls one back within {ROLLBACK_DAYS}",
            last.days
        )),
        Some(_) => None,
        None => Some(created_with(from)),
    }
}

fn created_with(version: &str) -> String {
    format!(
        "the cluster has no upgrade to {version}: it was created with it, and has no earlier version"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_of_the_version_decides() {
        let last = |to: &str, days, is_back| Upgrade { to: to.into(), days, is_back };
        let says = |last: Option<Upgrade>| why_not(last.as_ref(), "1.35").unwrap_or_default();
        assert_eq!(says(Some(last("1.35", 6, false))), "");
        assert!(says(Some(last("1.35", 7, false))).contains("7 days ago"));
        assert!(says(Some(last("1.35", 1, true))).contains("rollback"));
        assert!(says(Some(last("1.34", 1, false))).contains("created with it"));
        assert!(says(None).contains("created with it"));
    }
}
