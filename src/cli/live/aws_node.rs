//! aws-node through the Kubernetes API: a self-managed one is reviewed, set up and read back, and what the add-on would overwrite of it is shown
//! before EKS adopts it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::aws::port::Answer;
use crate::aws::{Account, ClusterApi, Clusters, Networks, Refusal, Stacks};
use crate::deploy::aws_node::{self, Difference, Live, Settled};
use crate::deploy::{Clock, Event};
use crate::diagnostic::Failure;
use crate::facts::aws_node::{Effect, find as setting};
use crate::facts::kubernetes::ENI_CONFIG;
use crate::graph;
use crate::intent::{Cluster, Intent};
use crate::observed::{AwsNode, Part, Stack};
use crate::preview::{self, KubernetesChanges};
use crate::render::kubernetes::{self, Manifest};
use crate::template::Template;

use super::super::line::Line;
use super::super::output::Stop;
use super::watch::Viewer;
use super::{clock, watch};

const FLAG: &str = "--take-over";

/// How often and how long a new cluster's API is asked: its name, its access entries and their rights come a little later than the cluster.
const EVERY: Duration = Duration::from_secs(5);
const TIMES: u32 = 24;

async fn open(account: &Account, intent: &Intent) -> Answer<Option<ClusterApi>> {
    match account.cluster(&intent.name).await? {
        Some(cluster) => account.kubernetes(&intent.name, &cluster).await.map(Some),
        None => Ok(None),
    }
}

/// The cluster, if its aws-node is set up through its own API.
fn own(intent: &Intent) -> Option<&Cluster> {
    intent
        .cluster
        .as_ref()
        .filter(|cluster| cluster.aws_node.self_managed && cluster.aws_node.runs())
}

/// The cluster, if EKS is about to take over an aws-node that it does not manage yet.
fn adopting<'s>(intent: &'s Intent, before: &Template) -> Option<&'s Cluster> {
    let stands =
        before.resource("Cluster").filter(|_| before.resource(graph::VPC_CNI).is_none())?;
    // A cluster that was made without one has none, as with Auto Mode or another CNI.
    let has_one = stands["Properties"]["BootstrapSelfManagedAddons"] == true
        || !stands["Metadata"]["AwsNode"].is_null();
    intent.cluster.as_ref().filter(|cluster| cluster.aws_node.is_addon() && has_one)
}

/// Whether a deployment over `before` has anything to do with the cluster's own API.
pub fn concerned(intent: &Intent, before: &Template) -> bool {
    before.resource("Cluster").is_some() && own(intent).is_some()
        || adopting(intent, before).is_some()
}

/// The aws-node that runs, if it is set up through the cluster's own API and its version is open.
pub async fn running(account: &Account, intent: &Intent, stack: &Stack) -> Part<Option<AwsNode>> {
    let open = own(intent).is_some_and(|cluster| cluster.aws_node.version.is_none());
    if !open || stack.cluster.is_none() {
        return Part::Unasked;
    }
    let read = live(account, intent).await;
    Part::of(
        "daemonsets/aws-node",
        read.map(|found| found.map(|(_, live)| AwsNode { version: live.version() })),
    )
}

async fn live(account: &Account, intent: &Intent) -> Answer<Option<(ClusterApi, Live)>> {
    let Some(api) = open(account, intent).await? else {
        return Ok(None);
    };
    Ok(Live::read(&api).await?.map(|live| (api, live)))
}

/// What a deployment changes through the Kubernetes API, and what of somebody else's it would take over.
pub async fn beside(account: &Account, line: &Line, before: &Template) -> KubernetesChanges {
    let found = match (own(&line.intent), adopting(&line.intent, before)) {
        (Some(cluster), _) if before.resource("Cluster").is_some() => {
            reviewed(account, line, cluster, before).await
        }
        (None, Some(cluster)) => lost(account, &line.intent, cluster).await,
        _ => Ok(KubernetesChanges::default()),
    };
    found.unwrap_or_else(|refusal| KubernetesChanges {
        unread: Some(format!("aws-node as it runs could not be read: {refusal}")),
        ..KubernetesChanges::default()
    })
}

/// How a self-managed aws-node runs otherwise than the blueprint says; `None` where there is none.
pub async fn standing(
    account: &Account,
    line: &Line,
    before: &Template,
) -> Option<KubernetesChanges> {
    own(&line.intent).filter(|_| before.resource("Cluster").is_some())?;
    Some(beside(account, line, before).await)
}

async fn reviewed(
    account: &Account,
    line: &Line,
    cluster: &Cluster,
    before: &Template,
) -> Answer<KubernetesChanges> {
    let Some((api, live)) = live(account, &line.intent).await? else {
        return Ok(KubernetesChanges {
            unread: Some("the cluster has no aws-node".to_string()),
            ..KubernetesChanges::default()
        });
    };
    let values = values(account, line).await?;
    let manifests = manifests(line, cluster)?;
    // Subnets that this deployment makes have no ids yet.
    let known: Vec<Manifest> = manifests
        .iter()
        .filter_map(|manifest| aws_node::filled(manifest, &|name| values.get(name).cloned()))
        .collect();
    let found = aws_node::review(&api, &live, &known, &preview::aws_node_variables(before))
        .await?
        .differences;
    // While names are not known yet, nobody can say which ENIConfigs go.
    let whole = known.len() == manifests.len();
    let stays = |one: &&Difference| {
        whole || one.wanted.is_some() || !one.object.starts_with(ENI_CONFIG.kind)
    };
    Ok(KubernetesChanges {
        lines: found.iter().filter(stays).map(words).collect(),
        takes_over: found.iter().any(theirs),
        unread: None,
    })
}

async fn lost(account: &Account, intent: &Intent, cluster: &Cluster) -> Answer<KubernetesChanges> {
    let Some((_, live)) = live(account, intent).await? else {
        return Ok(KubernetesChanges::default());
    };
    let lost = live.lost(&cluster.aws_node);
    Ok(KubernetesChanges {
        lines: lost.iter().map(|one| format!("the add-on overwrites {}", words(one))).collect(),
        takes_over: !lost.is_empty(),
        unread: None,
    })
}

fn theirs(one: &Difference) -> bool {
    one.manager.is_some() && !one.unchosen
}

/// `WARM_IP_TARGET: 5 → 2 (kubectl-edit set it)`
fn words(one: &Difference) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or("unset".to_string());
    let by = match &one.manager {
        Some(manager) if one.unchosen => format!(" ({manager} holds it, and nobody chose it)"),
        Some(manager) => format!(" ({manager} set it)"),
        None => String::new(),
    };
    format!("{}: {} → {}{by}", one.what, value(&one.live), value(&one.wanted))
}

/// Whether a deployment may take settings over. Stops one that would do so unasked, and one that would find the cluster shut in the end.
pub async fn gate(
    line: &Line,
    beside: &KubernetesChanges,
    take_over: bool,
    may_ask: bool,
) -> Result<bool, Stop> {
    if let Some(why) = &beside.unread {
        let failure = Failure::new("nothing was changed, because aws-node has to be set up too")
            .because(why.clone());
        match own(&line.intent) {
            Some(_) => return Err(failure.hint(aws_node::REACH).into()),
            None if take_over => return Ok(true),
            None => {
                let failure = Failure::new(
                    "EKS would adopt aws-node, and nobody knows what it would overwrite",
                )
                .because(why.clone());
                return Err(failure.hint(format!("deploy from where the Kubernetes API answers, or let whatever is there go with `{FLAG}`")).into());
            }
        }
    }
    if !beside.takes_over || take_over {
        return Ok(take_over);
    }
    if may_ask
        && watch::confirmed("take these settings of aws-node over from whoever made them?", FLAG)
            .await?
    {
        return Ok(true);
    }
    let failure = Failure::new(
        "aws-node has settings that somebody else made, and this deployment would take them over",
    );
    Err(failure
        .because(beside.lines.join("; "))
        .hint(format!("write them into the blueprint, or let them go with `{FLAG}`"))
        .into())
}

/// The role that a self-managed aws-node took from its service account goes before EKS adopts it: the add-on brings its own.
pub async fn release(account: &Account, line: &Line, before: &Template) -> Result<(), Failure> {
    if adopting(&line.intent, before).is_none() {
        return Ok(());
    }
    let unread = |refusal: Refusal| {
        Failure::new("aws-node's service account was not given back")
            .because(refusal)
            .hint(aws_node::REACH)
    };
    match open(account, &line.intent).await.map_err(unread)? {
        Some(api) => aws_node::release(&api).await.map_err(unread),
        None => Ok(()),
    }
}

fn manifests(line: &Line, cluster: &Cluster) -> Answer<Vec<Manifest>> {
    kubernetes::aws_node(&line.intent, cluster, &line.plan)
        .map_err(|failure| Refusal::new("", failure.chain()))
}

/// What the stack has made so far, by the names that manifests have for it.
async fn values(account: &Account, line: &Line) -> Answer<BTreeMap<String, String>> {
    let resources = account.resources(&line.intent.stack()).await?;
    let made = |kind: &'static str| {
        resources.iter().filter(move |one| {
            one.kind == kind && one.status.ends_with("_COMPLETE") && !one.physical_id.is_empty()
        })
    };
    let mut values = BTreeMap::new();
    let zones = match made("AWS::EC2::VPC").next() {
        Some(vpc) => account.subnets(&vpc.physical_id).await?,
        None => Vec::new(),
    };
    for subnet in made("AWS::EC2::Subnet") {
        values.insert(subnet.id.clone(), subnet.physical_id.clone());
        let zone =
            zones.iter().find(|one| one.id == subnet.physical_id).map(|one| one.zone_name.clone());
        values.extend(zone.map(|zone| (format!("{}.AvailabilityZone", subnet.id), zone)));
    }
    values.extend(
        made("AWS::EC2::SecurityGroup").map(|group| (group.id.clone(), group.physical_id.clone())),
    );
    let [.., role] = graph::iam_role_ids();
    if let Some(role) = made("AWS::IAM::Role").find(|one| one.id == role) {
        let arn = format!(
            "arn:{}:iam::{}:role/{}",
            line.intent.region.partition(),
            account.identity().await?,
            role.physical_id
        );
        values.insert(format!("{}.Arn", role.id), arn);
    }
    Ok(values)
}

/// Sets a self-managed aws-node up, once what it needs is there, and says what it did. It may be done again.
pub async fn set_up(
    (account, line, before): (&Account, &Line, &Template),
    take_over: bool,
    say: &dyn Fn(&str),
) -> Result<(), Failure> {
    let Some(cluster) = own(&line.intent) else {
        return Ok(());
    };
    let (api, ready) = ready(account, line, cluster).await?;
    match aws_node::settle(&api, &ready, &preview::aws_node_variables(before), take_over).await? {
        Settled::Contested(found) => {
            let failure = Failure::new(
                "the stack stands, but somebody else manages what the blueprint sets of aws-node",
            );
            let all =
                found.iter().filter(|one| theirs(one)).map(words).collect::<Vec<_>>().join("; ");
            Err(failure.because(all).hint(format!(
                "write it into the blueprint as it is, or deploy again with `{FLAG}`"
            )))
        }
        Settled::Done { changed, left, nodes } => {
            changed.iter().for_each(|one| say(&format!("aws-node: {}", words(one))));
            left.iter().for_each(|name| say(&format!("ENIConfig {name} goes in the next deployment, when all nodes have the new settings")));
            let late: Vec<&str> = changed
                .iter()
                .filter(|_| 0 < nodes.all)
                .filter(|one| is_for_new_nodes(one))
                .map(|one| one.what.as_str())
                .collect();
            if !late.is_empty() {
                say(&format!(
                    "warning: nodes that are there already keep the old mode of {}: recycle their node groups",
                    late.join(", ")
                ));
            }
            let as_wanted =
                if changed.is_empty() { "runs as the blueprint says" } else { "set up" };
            let rolled = if nodes.all == 0 {
                String::new()
            } else {
                format!(", {} of {} nodes have its settings", nodes.updated, nodes.all)
            };
            say(&format!("aws-node: {as_wanted}, read back through the Kubernetes API{rolled}"));
            Ok(())
        }
    }
}

fn is_for_new_nodes(one: &Difference) -> bool {
    setting(one.what.trim_start_matches("init "))
        .is_some_and(|setting| setting.effect == Effect::NewNodes)
}

/// The cluster's API, and the manifests with what the stack has made.
async fn ready(
    account: &Account,
    line: &Line,
    cluster: &Cluster,
) -> Result<(ClusterApi, Vec<Manifest>), Failure> {
    let unread = |refusal: Refusal| {
        Failure::new("aws-node was not set up")
            .because(refusal)
            .hint("deploy again: only this is left to do")
    };
    let api = open(account, &line.intent)
        .await
        .map_err(unread)?
        .ok_or_else(|| Failure::new("EKS knows no cluster to set aws-node up in"))?;
    let values = values(account, line).await.map_err(unread)?;
    let mut ready = Vec::new();
    for manifest in manifests(line, cluster).map_err(unread)? {
        let filled = aws_node::filled(&manifest, &|name| values.get(name).cloned());
        ready.push(filled.ok_or_else(|| {
            Failure::new(format!("{} names something that the stack has not made", manifest.file))
        })?);
    }
    Ok((api, ready))
}

/// What new nodes need is there before they come: in a new cluster aws-node is set up while its stack is still being made, in one that stands
/// the ENIConfigs of new subnets are.
pub struct Early<'e> {
    viewer: &'e Viewer<'e>,
    ground: (&'e Account, &'e Line, &'e Template),
    take_over: bool,
    /// Logical ids that have to be there first; `None`: there is nothing to do early.
    missing: RefCell<Option<BTreeSet<String>>>,
}

impl<'e> Early<'e> {
    pub fn new(
        viewer: &'e Viewer<'e>,
        ground: (&'e Account, &'e Line, &'e Template),
        take_over: bool,
    ) -> Self {
        let (_, line, before) = ground;
        let missing = own(&line.intent).map(|cluster| {
            let entries = line
                .template
                .resources()
                .filter(|(_, resource)| resource["Type"] == "AWS::EKS::AccessEntry")
                .map(|(id, _)| id.clone());
            let named = manifests(line, cluster)
                .map(|manifests| aws_node::needs(&manifests))
                .unwrap_or_default();
            let needed = named.into_iter().chain(entries).chain(["Cluster".to_string()]);
            needed.filter(|id| before.resource(id).is_none()).collect::<BTreeSet<_>>()
        });
        Self {
            viewer,
            ground,
            take_over,
            missing: RefCell::new(missing.filter(|missing| !missing.is_empty())),
        }
    }

    pub fn see(&self, event: &Event) {
        let Event::Resource { id, status, .. } = event else {
            return;
        };
        if let Some(missing) =
            self.missing.borrow_mut().as_mut().filter(|_| status.ends_with("_COMPLETE"))
        {
            missing.remove(id);
        }
    }

    /// Waits until everything is there, and does its part. What does not work here is left to the end of the deployment.
    pub async fn run(&self) {
        if self.missing.borrow().is_none() {
            return;
        }
        while self.missing.borrow().as_ref().is_some_and(|missing| !missing.is_empty()) {
            clock().sleep(Duration::from_millis(500)).await;
        }
        for time in 1..=TIMES {
            match self.part().await {
                Ok(()) => return,
                Err(failure) if time == TIMES => {
                    self.viewer.say(&format!(
                        "warning: aws-node is not ready for the nodes that come: {}",
                        failure.chain()
                    ));
                }
                Err(_) => clock().sleep(EVERY).await,
            }
        }
    }

    async fn part(&self) -> Result<(), Failure> {
        let (account, line, before) = self.ground;
        if before.resource("Cluster").is_none() {
            return set_up(self.ground, self.take_over, &|text| self.viewer.say(text)).await;
        }
        let Some(cluster) = own(&line.intent) else {
            return Ok(());
        };
        let (api, ready) = ready(account, line, cluster).await?;
        aws_node::prepare(&api, &ready).await.map_err(|refusal| {
            Failure::new("ENIConfigs of new subnets were not made").because(refusal)
        })
    }
}
