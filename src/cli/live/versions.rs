//! Versions that the blueprint leaves open are looked up before the line: of add-ons through EKS, of a self-managed aws-node in the
//! cluster. The line pins them.

use crate::aws::observe::{self, Scope};
use crate::aws::{Account, World};
use crate::deploy::aws_node::run as aws_node;
use crate::facts::eks;
use crate::intent::Intent;
use crate::intent::aws_node::Version;
use crate::observed::{Observed, Part, Stack};

use super::super::Common;
use super::super::line::Opened;
use super::super::output::{self, Stop};
use super::deployed;

/// Everything that decides what the blueprint means.
pub async fn observe(
    common: &Common,
    account: &Account,
    opened: &Opened,
) -> Result<Observed, Stop> {
    let observed = deployed(account, &opened.stack()).await?;
    let observed = with_subnets(account, opened, observed).await;
    let observed = observed.and(super::survey::of_blueprint(account, opened).await?);
    let intent = opened.draft(&observed)?;
    let observed = observed.and(offered(account, &intent).await);
    let stack = Stack::of(&observed.deployed_template());
    let (name, template) = (opened.stack(), observed.deployed_template());
    let (running, sizes) = tokio::join!(
        aws_node::running(account, &intent, &stack),
        observe::sizes(account, &name, &template)
    );
    let observed = Observed { aws_node: running, sizes, ..observed };
    tell(common, &intent, &observed);
    Ok(observed)
}

/// With the VPC's subnets, where some that the stack gave up may still be there, or where others may be in the place of new ones.
async fn with_subnets(world: &impl World, opened: &Opened, observed: Observed) -> Observed {
    let stack = observed.stack.read().and_then(Option::as_ref);
    let vpc = stack.and_then(|stack| stack.description.vpc()).map(str::to_string);
    let vpc = vpc.filter(|_| opened.has_tombstones() || opened.adds_subnets(&observed));
    let Some(vpc) = vpc else { return observed };
    let scope = Scope { vpc: Some(vpc), ..Scope::default() };
    observed.and(observe::observe(world, &scope).await)
}

/// What EKS offers of the add-ons whose versions are open.
async fn offered(world: &impl World, intent: &Intent) -> Observed {
    let Some(cluster) = &intent.cluster else { return Observed::default() };
    let node = &cluster.aws_node;
    let open = node.is_addon() && node.version.is_open();
    let own = open.then(|| eks::VPC_CNI.to_string());
    let others = cluster.addons.iter().filter(|addon| addon.version.is_open());
    let addons = own.into_iter().chain(others.map(|addon| addon.name.clone())).collect();
    let scope = Scope { addons, kubernetes: cluster.version.clone(), ..Scope::default() };
    observe::observe(world, &scope).await
}

fn tell(common: &Common, intent: &Intent, observed: &Observed) {
    let Some(cluster) = &intent.cluster else { return };
    match observed.account.addons.get(eks::VPC_CNI) {
        Some(Part::Read(offered)) => {
            let (version, which) = match cluster.aws_node.version {
                Version::Latest(_) => (offered.newest_first.first(), "the newest"),
                _ => (offered.default.as_ref().or(offered.newest_first.first()), "EKS's default"),
            };
            if let Some(version) = version {
                let text = format!("vpc-cni {version}: {which} for Kubernetes {}", cluster.version);
                output::note(common, &text);
            }
        }
        Some(Part::Unread(why)) => output::note(
            common,
            &format!(
                "the version of vpc-cni is left to EKS, because it could not be looked up: {why}"
            ),
        ),
        _ => {}
    }
    if let Part::Unread(why) = &observed.sizes {
        let text = format!(
            "the sizes of the node groups were not read, so a change of one sends the size of its last deployment: {why}"
        );
        output::note(common, &text);
    }
    let count = cluster.aws_node.settings.names().count();
    match &observed.aws_node {
        Part::Read(Some(running)) if running.version.is_none() => output::note(
            common,
            "aws-node's image says no version: its settings are not held against one",
        ),
        Part::Unread(why) => output::note(
            common,
            &format!(
                "aws-node's version was not read, so {count} settings are not held against it: {}",
                why.why
            ),
        ),
        _ => {}
    }
}
