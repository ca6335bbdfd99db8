//! Preflight: what only the account tells, read before a change set is made. All reads at once; what may not be read is named, and
//! the rest is judged all the same.

use std::collections::BTreeSet;

use crate::aws::observe::{self, Scope};
use crate::aws::{Account, Connected};
use crate::check;
use crate::check::account::{AccountState, Deployment};
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::quotas::QUOTAS;
use crate::intent::Intent;
use crate::observed::{Observed, Stack, StackDescription};
use crate::template::Template;

use super::super::Common;
use super::super::line::{self, Line};
use super::super::output::{self, Stop};
use super::{connect, unread, versions};

/// Findings in their places.
pub async fn run(
    common: &Common,
    account: &Account,
    line: &Line,
    (stack, before): (Option<&StackDescription>, &Template),
) -> Vec<Diagnostic> {
    let vpc = stack.and_then(StackDescription::vpc).map(str::to_string);
    let observed = observe::observe(account, &scope(line, vpc)).await;
    for what in observed.unread() {
        output::note(
            common,
            &format!("preflight: not checked, because it could not be read: {what}"),
        );
    }
    let (deployed, rendered) = (Stack::of(before), Stack::of(&line.template));
    let state = AccountState::of(&observed, &deployed).with_misfits(
        &observed,
        &rendered,
        line.intent.region.name,
    );
    let stands = |id: &str| before.resource(id).is_some();
    let deployment =
        Deployment { intent: &line.intent, plan: &line.plan, graph: &line.graph, stands: &stands };
    let findings = check::account::check(&deployment, &state);
    check::judged(&line.document, findings, &common.profiles(), false)
}

/// The same for a blueprint that stands by itself (`check --online`), with what the stack tells of it.
pub fn of_file(common: &Common, file: &str) -> Result<Vec<Diagnostic>, Stop> {
    let opened = line::open(file, common)?;
    let intent = opened.draft(common, &Observed::default())?;
    super::block_on_reading(async {
        let account = connect(common, &intent).await?;
        account
            .identity()
            .await
            .map_err(|refusal| unread("who the credentials belong to", refusal))?;
        let observed = versions::observe(common, &account, &opened).await?;
        let before = observed.deployed_template();
        let stack =
            observed.stack.read().and_then(Option::as_ref).map(|one| one.description.clone());
        let line = opened.compile(common, observed)?;
        Ok(run(common, &account, &line, (stack.as_ref(), &before)).await)
    })
}

/// What concerns this blueprint.
fn scope(line: &Line, vpc: Option<String>) -> Scope {
    let intent = &line.intent;
    let used = |template| line.graph.resources.values().any(|one| one.template == template);
    let rendered = Stack::of(&line.template);
    let pinned = rendered.vpc_cni().and_then(|addon| addon.version.clone());
    Scope {
        zones: true,
        instance_types: instance_types(intent),
        quotas: QUOTAS.iter().filter(|quota| used(quota.template)).collect(),
        public_access: true,
        addons: addons(intent),
        kubernetes: intent.cluster.as_ref().map_or(String::new(), |one| one.version.clone()),
        schemas: pinned.map(|version| (eks::VPC_CNI.to_string(), version)).into_iter().collect(),
        addresses: !intent.nat.own.is_empty(),
        cluster: intent.cluster.as_ref().filter(|_| vpc.is_some()).map(|_| intent.name.clone()),
        vpc,
    }
}

fn instance_types(intent: &Intent) -> Vec<String> {
    let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let types: BTreeSet<String> = groups
        .flat_map(|group| &group.instances)
        .map(|instance| instance.name.to_string())
        .collect();
    types.into_iter().collect()
}

fn addons(intent: &Intent) -> Vec<String> {
    let Some(cluster) = &intent.cluster else { return Vec::new() };
    let own = cluster.aws_node.is_addon().then(|| eks::VPC_CNI.to_string());
    own.into_iter().chain(cluster.addons.iter().map(|addon| addon.name.clone())).collect()
}
