//! The add-on aws-node of a cluster that others made. It is told what the blueprint sets and nothing else; ENIConfigs are there before it
//! is told, and what runs in the end is read back from the DaemonSet.

use std::time::Duration;

use serde_json::Value;

use crate::aws::port::{AddonState, AddonUpdate, Answer, Apply, Kubernetes};
use crate::aws::{Connected, Refusal};
use crate::diagnostic::Failure;
use crate::facts::aws_node;
use crate::facts::eks::VPC_CNI;
use crate::facts::kubernetes::{AWS_NODE, DAEMON_SET, EKS_MANAGER, ENI_CONFIG};
use crate::intent::{Cluster, Intent};
use crate::ledger::{KeptSettings, settings};
use crate::line::Compiled;
use crate::observed::Stack;
use crate::preview::standing::{self, differing, foreign};
use crate::preview::{AddonChange, Differs, KubernetesChanges};
use crate::render::kubernetes::Manifest;
use crate::template::Template;

use super::super::{Clock, Decide, Deployment, Event, Note, Stage};
use super::{Difference, Live, Settled, review, settle};
use super::{objects, proofs};

/// How often and how long EKS and the nodes are waited for.
const EVERY: Duration = Duration::from_secs(5);
const LOOKS: u32 = 180;
/// How long the DaemonSet may come after the add-on.
const LATE: u32 = 12;
/// How long nothing may move while nodes are not ready.
const STILL: u32 = 60;

/// The cluster, if its add-on is told through EKS.
pub(super) fn of(intent: &Intent) -> Option<&Cluster> {
    let cluster = intent.cluster.as_ref()?;
    Some(cluster).filter(|cluster| cluster.sets_aws_node() && cluster.aws_node.is_addon())
}

/// What the last deployment set, and what was there before.
pub(super) fn deployed(before: &Template) -> Option<KeptSettings> {
    Stack::of(before).kept_settings()
}

/// What the add-on is told, and what it is to be told.
struct Values {
    now: Value,
    then: Value,
}

impl Values {
    fn of(
        state: &AddonState,
        before: Option<&KeptSettings>,
        own: Option<&KeptSettings>,
    ) -> Answer<Self> {
        let unreadable =
            || Refusal::new("", "the add-on's configuration values are neither JSON nor YAML");
        let text = state.values.as_deref().unwrap_or_default();
        let now = settings::parse(text).ok_or_else(unreadable)?;
        let base = before.map_or_else(|| now.clone(), |before| before.without(&now));
        let then = own.map_or_else(|| base.clone(), |own| settings::over(&base, &own.wanted()));
        Ok(Self { now, then })
    }

    fn differ(&self) -> bool {
        self.now != self.then
    }
}

/// What a deployment would change: of the add-on's values, of ENIConfigs, and of settings that others made in the cluster.
pub(super) async fn changes(
    world: &impl Connected,
    compiled: &Compiled,
    cluster: &Cluster,
    before: &Template,
) -> Answer<KubernetesChanges> {
    let name = compiled.intent.cluster_name();
    let Some(state) = world.addon(name, VPC_CNI).await? else {
        return Ok(KubernetesChanges { unread: Some(ABSENT.to_string()), ..Default::default() });
    };
    let own = compiled.plan.ledger.kept.aws_node.as_ref();
    let values = Values::of(&state, deployed(before).as_ref(), own)?;
    let mut differs = differing("", &values.now, &values.then);
    let told = standing::changes(&values.now, &values.then);
    let mut takes_over = false;
    let found = objects::differences(world, compiled, cluster, before).await;
    let needed = cluster.aws_node.custom_networking.is_some();
    let unread = match found {
        Ok(Some(found)) => {
            let beside: Vec<Difference> = found.into_iter().filter(is_beside).collect();
            takes_over = beside.iter().any(objects::theirs);
            differs.extend(beside.iter().map(Difference::told));
            None
        }
        Ok(None) => Some("the cluster has no aws-node".to_string()),
        // Without ENIConfigs EKS alone is told.
        Err(refusal) => needed.then(|| objects::unread(&refusal)),
    };
    let addon = values.differ().then(|| AddonChange {
        name: VPC_CNI.to_string(),
        kept: foreign("", &values.then, &own.map(KeptSettings::wanted).unwrap_or_default()),
        before: values.now,
        after: values.then,
    });
    Ok(KubernetesChanges { differs, takes_over, unread, addon, ..told })
}

const ABSENT: &str =
    "the cluster has no add-on vpc-cni: set `awsNode: { management: selfManaged }`";

/// Whether EKS does not do it by itself: ENIConfigs, and variables that others hold.
fn is_beside(one: &Difference) -> bool {
    let by_eks = one.manager.as_deref().is_none_or(|manager| manager == EKS_MANAGER);
    one.object.starts_with(ENI_CONFIG.kind) || !by_eks && !one.unchosen
}

/// ENIConfigs first, then the add-on, then what runs. It may be done again at any moment.
pub(super) async fn set_up<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    take_over: bool,
) -> Result<(), Failure> {
    let compiled = deployment.compiled;
    let Some(cluster) = of(&compiled.intent) else { return Ok(()) };
    let own = compiled.plan.ledger.kept.aws_node.as_ref();
    let reached = objects::ready(stage.world, compiled, cluster).await;
    let api = match reached {
        Ok((api, manifests)) => {
            let kind = |one: &Manifest| one.kind == ENI_CONFIG;
            Some((api, manifests.into_iter().filter(kind).collect::<Vec<_>>()))
        }
        Err(failure) if cluster.aws_node.custom_networking.is_some() => return Err(failure),
        Err(failure) => {
            let what = "aws-node is not read back from the DaemonSet".to_string();
            stage.tell(Event::Note(Note::Warning { what, why: failure.chain() }));
            None
        }
    };
    if let Some((api, configs)) = &api {
        make(api, configs, take_over).await?;
        proofs::zones(api, compiled, configs).await?;
    }
    let name = compiled.intent.cluster_name();
    let values = Told { before: deployed(deployment.before), own: own.cloned() };
    let part = deployment.part.map_or(0, |place| place.number);
    let token = format!("eksnet-{}-{VPC_CNI}-{part}", deployment.options.nonce);
    let changed = told(stage, name, &values, (take_over, token)).await?;
    changed.iter().for_each(|one| stage.tell(Event::Note(Note::AddonValue(one.clone()))));
    let Some((api, configs)) = api else { return Ok(()) };
    let live = read_back(stage, &api, own.map(KeptSettings::wanted).unwrap_or_default()).await?;
    if let Settled::Done { left, .. } =
        settle(&api, &configs, &Default::default(), take_over).await?
    {
        left.into_iter().for_each(|name| stage.tell(Event::Note(Note::EniConfigStays { name })));
    }
    let (nodes, settings) = (live.nodes(), for_new_nodes(&changed));
    if 0 < nodes.all && !settings.is_empty() {
        stage.tell(Event::Note(Note::OldNodes { settings }));
    }
    stage.tell(Event::Note(Note::AwsNodeReadBack { changed: changed.len(), nodes }));
    Ok(())
}

/// Variables that changed and that running nodes do not take up.
fn for_new_nodes(changed: &[Differs]) -> Vec<String> {
    let begins = format!("{VPC_CNI} env.");
    let names = changed.iter().filter_map(|one| one.what.strip_prefix(&begins));
    let late = names.filter(|name| {
        aws_node::find(name).is_some_and(|setting| setting.effect == aws_node::Effect::NewNodes)
    });
    late.map(str::to_string).collect()
}

/// ENIConfigs, where nobody is in the way.
async fn make(api: &impl Kubernetes, configs: &[Manifest], take_over: bool) -> Result<(), Failure> {
    let refused = |refusal| Failure::new("ENIConfigs were not created").because(refusal);
    let live = Live::read(api).await.map_err(refused)?.ok_or_else(super::absent)?;
    let found = review(api, &live, configs, &Default::default()).await.map_err(refused)?;
    let theirs: Vec<String> = found
        .differences
        .iter()
        .filter(|one| objects::theirs(one))
        .map(|one| one.told().to_string())
        .collect();
    if !theirs.is_empty() && !take_over {
        let failure =
            Failure::new("aws-node is as it was: ENIConfigs of these names are another manager's");
        return Err(failure
            .because(theirs.join("; "))
            .hint("remove them if nothing needs them, or deploy again with `--take-over`"));
    }
    for config in configs {
        let how = Apply { force: take_over, dry_run: false };
        api.apply(&config.kind, &config.value, how).await.map_err(refused)?;
    }
    Ok(())
}

/// What was set, and what is to be set.
struct Told {
    before: Option<KeptSettings>,
    own: Option<KeptSettings>,
}

/// Gives the add-on its values, if it does not have them; what changed.
async fn told<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    name: &str,
    told: &Told,
    (overwrite, token): (bool, String),
) -> Result<Vec<Differs>, Failure> {
    let state = at_rest(stage, name).await?;
    let values = Values::of(&state, told.before.as_ref(), told.own.as_ref())
        .map_err(|refusal| Failure::new("the add-on vpc-cni was not changed").because(refusal))?;
    if !values.differ() {
        return Ok(Vec::new());
    }
    let (addon, json) = (VPC_CNI.to_string(), values.then.to_string());
    let update = AddonUpdate { addon, values: json, overwrite, token };
    stage.world.configure_addon(name, &update).await.map_err(|refusal| {
        Failure::new(format!("EKS did not accept the values of the add-on vpc-cni of `{name}`"))
            .because(refusal)
            .hint("deploy again: only aws-node remains")
    })?;
    let then = at_rest(stage, name).await?;
    if then.status.ends_with("FAILED") {
        let failure = Failure::new(format!("the add-on vpc-cni of `{name}` is in {}", then.status));
        return Err(failure
            .because(then.issues.join("; "))
            .hint("deploy again once the cause is fixed: only aws-node remains"));
    }
    Ok(differing("", &values.now, &values.then))
}

/// The add-on once nothing is done to it.
async fn at_rest<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    name: &str,
) -> Result<AddonState, Failure> {
    for look in 1..=LOOKS {
        let read = stage.world.addon(name, VPC_CNI).await;
        let read = read.map_err(|refusal| {
            Failure::new(format!("cannot read the add-on vpc-cni of `{name}`")).because(refusal)
        })?;
        let state = read.ok_or_else(|| Failure::new(ABSENT))?;
        if state.status != "UPDATING" && state.status != "CREATING" {
            return Ok(state);
        }
        if look % 6 == 0 {
            let what = format!("EKS updates the add-on vpc-cni of `{name}`");
            stage.tell(Event::Still { what });
        }
        stage.clock.sleep(EVERY).await;
    }
    Err(Failure::new(format!("the add-on vpc-cni of `{name}` is still being updated"))
        .hint("deploy again in a few minutes: only aws-node remains"))
}

/// The DaemonSet once it has what was set and its nodes run it: values that EKS accepts are not always applied.
async fn read_back<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    api: &W::Api,
    wanted: Value,
) -> Result<Live, Failure> {
    let (mut reached, mut since) = ((0, u64::MAX), 0);
    for look in 1..=LOOKS {
        let unread = |refusal| Failure::new("aws-node could not be read again").because(refusal);
        let live = Live::read(api).await.map_err(unread)?.ok_or_else(super::absent)?;
        let wrong = misses(&live, &wanted["env"]);
        if !wrong.is_empty() && LATE <= look {
            let failure = Failure::new(format!(
                "{} {AWS_NODE} does not run as the blueprint says, although EKS accepted the values",
                DAEMON_SET.kind
            ));
            return Err(failure.because(wrong.join("; ")).hint(
                "another field manager owns them: `--take-over` takes ownership, or look for an admission webhook",
            ));
        }
        let (nodes, unready) = (live.nodes(), live.unready());
        let all = nodes.updated == nodes.all && unready == 0;
        if wrong.is_empty() && (all || look == LOOKS) {
            return Ok(live);
        }
        since = if reached == (nodes.updated, unready) { since + 1 } else { 0 };
        reached = (nodes.updated, unready);
        if wrong.is_empty() && 0 < unready && STILL <= since {
            return Err(never_ready(unready));
        }
        if look % 6 == 0 {
            let what = format!("aws-node restarts: {} of {} nodes", nodes.updated, nodes.all);
            stage.tell(Event::Still { what });
        }
        stage.clock.sleep(EVERY).await;
    }
    unreachable!("the last look returns")
}

/// Settings that nodes cannot run with: no more of them may come.
fn never_ready(nodes: u64) -> Failure {
    let failure = Failure::new(format!(
        "aws-node does not become ready on {nodes} nodes with the new settings"
    ));
    failure.hint(
        "`kubectl -n kube-system logs daemonset/aws-node -c aws-node` says why; a deployment without them restores the former settings",
    )
}

/// Variables of the DaemonSet that are not as they were set.
fn misses(live: &Live, env: &Value) -> Vec<String> {
    let there = live.variables();
    let of = |name: &str| there.get(&(AWS_NODE.to_string(), name.to_string())).cloned();
    let wanted = env.as_object().into_iter().flatten();
    let wrong = wanted.filter(|(name, value)| of(name).as_deref() != value.as_str());
    wrong
        .map(|(name, _)| format!("{name} is {}", of(name).unwrap_or_else(|| "unset".to_string())))
        .collect()
}

/// The former values come back: what others changed since stays.
pub(super) async fn give_back<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    (name, nonce): (&str, &str),
    former: KeptSettings,
) -> Result<Vec<Differs>, Failure> {
    let read = stage.world.addon(name, VPC_CNI).await;
    let read = read.map_err(|refusal| {
        Failure::new(format!("cannot read the add-on vpc-cni of `{name}`")).because(refusal)
    })?;
    if read.is_none() {
        return Ok(Vec::new());
    }
    let values = Told { before: Some(former), own: None };
    told(stage, name, &values, (false, format!("eksnet-{nonce}-{VPC_CNI}-back"))).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_told_leaf_by_leaf_and_foreign_keys_are_named() {
        let now = json!({ "env": { "A": "1", "B": "2" }, "tolerations": [1] });
        let then =
            json!({ "env": { "A": "3" }, "tolerations": [1], "init": { "env": { "C": "4" } } });
        assert_eq!(
            differing("", &now, &then).iter().map(Differs::to_string).collect::<Vec<_>>(),
            ["vpc-cni env.A: 1 → 3", "vpc-cni env.B: 2 → unset", "vpc-cni init.env.C: unset → 4"]
        );
        assert_eq!(foreign("", &then, &json!({ "env": { "A": "3" } })), ["init", "tolerations"]);
    }
}
