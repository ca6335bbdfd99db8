//! What proves that pods of a cluster that others made take addresses of their new tier: an ENIConfig for every zone with nodes before
//! aws-node is told; then, on nodes that come after it, pods inside the tier and no more of them than fit; and a control plane that reaches
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::Value;

use crate::aws::Connected;
use crate::aws::port::{Answer, Kubernetes, Probe, Probed};
use crate::demand;
use crate::diagnostic::Failure;
use crate::facts::kubernetes::{API_SERVICE, ENDPOINT_SLICE, ENI_CONFIG, NODE, NODE_GROUP, POD};
use crate::graph;
use crate::intent::Cluster;
use crate::line::Compiled;
use crate::render::kubernetes::Manifest;

use super::super::setting::Proven;
use super::super::{Clock, Decide, Deployment, Event, Note, Stage};
use super::moved::placed;
use super::objects;

const ZONE: &str = "topology.kubernetes.io/zone";
const COMPUTE: &str = "eks.amazonaws.com/compute-type";
/// Nodes that do not run aws-node.
const WITHOUT: [&str; 3] = ["fargate", "auto", "hybrid"];
/// The label by which a slice names its service.
const SERVICE: &str = "kubernetes.io/service-name";
/// Pods and nodes that are named.
const SHOWN: usize = 5;
/// Pods that are asked before they count as not reached: a security group may refuse one.
const ASKED: usize = 3;

/// Whose new nodes are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The stack's: they come after the settings, whatever happens.
    Stack,
    /// Also nodes of others that are younger than the ENIConfig of their zone.
    All,
}

/// The cluster of others whose pods are moved.
fn moving(compiled: &Compiled) -> Option<&Cluster> {
    let cluster = compiled.intent.cluster.as_ref()?;
    let moves = cluster.existing.is_some() && cluster.aws_node.custom_networking.is_some();
    Some(cluster).filter(|cluster| moves && cluster.sets_aws_node())
}

/// An ENIConfig for each zone that has nodes, those of `coming` included: without one a node stays NotReady.
pub(super) async fn zones(
    api: &impl Kubernetes,
    compiled: &Compiled,
    coming: &[Manifest],
) -> Result<(), Failure> {
    if moving(compiled).is_none() {
        return Ok(());
    }
    let unread = |refusal| {
        Failure::new("aws-node is as it was: the zones of the nodes are not known")
            .because(refusal)
            .hint(super::REACH)
    };
    let (nodes, configs) = (api.list(&NODE).await, api.list(&ENI_CONFIG).await);
    let (nodes, configs) = (nodes.map_err(unread)?, configs.map_err(unread)?);
    let coming = coming.iter().filter(|one| one.kind == ENI_CONFIG).map(|one| &one.value);
    let there: BTreeSet<&str> = configs.iter().chain(coming).filter_map(name).collect();
    let without = nodes.iter().filter(|node| runs_aws_node(node)).find_map(|node| {
        let zone = node["metadata"]["labels"][ZONE].as_str()?;
        (!there.contains(zone)).then(|| (name(node).unwrap_or_default(), zone))
    });
    let Some((node, zone)) = without else { return Ok(()) };
    let failure = Failure::new(format!(
        "aws-node is as it was: the node {node} is in {zone}, and no ENIConfig is for that zone"
    ));
    Err(failure.hint(
        "add the zone under `zones`, or drain the node: with custom networking a node without an ENIConfig for its zone stays NotReady",
    ))
}

fn runs_aws_node(node: &Value) -> bool {
    let compute = node["metadata"]["labels"][COMPUTE].as_str();
    compute.is_none_or(|kind| !WITHOUT.contains(&kind))
}

fn name(object: &Value) -> Option<&str> {
    object["metadata"]["name"].as_str()
}

/// What there is to prove; `None` where the blueprint moves no pods of others, or no new node is there.
pub async fn proven(
    world: &impl Connected,
    compiled: &Compiled,
    whose: Whose,
) -> Answer<Option<Proven>> {
    let Some(cluster) = moving(compiled) else { return Ok(None) };
    let own = own_groups(world, compiled, cluster).await?;
    if own.is_empty() && whose == Whose::Stack {
        return Ok(None);
    }
    let Some(api) = objects::open(world, &compiled.intent).await? else { return Ok(None) };
    let (nodes, configs) = (api.list(&NODE).await?, api.list(&ENI_CONFIG).await?);
    let new: BTreeMap<&str, Option<u64>> = nodes
        .iter()
        .filter(|node| runs_aws_node(node))
        .filter_map(|node| {
            let fits = node["metadata"]["labels"][NODE_GROUP].as_str().and_then(|of| own.get(of));
            let young = whose == Whose::All && is_younger(node, &configs);
            (fits.is_some() || young).then_some((name(node)?, fits.copied()))
        })
        .collect();
    if new.is_empty() {
        return Ok(None);
    }
    let mut found = Proven { nodes: new.len() as u64, ..Proven::default() };
    found.crowded = nodes.iter().filter_map(|node| crowded(node, &new)).collect();
    let inside = within(compiled, cluster);
    let mut probes = BTreeSet::new();
    for pod in api.list(&POD).await? {
        let Some((node, address)) = placed(&pod).filter(|(node, _)| new.contains_key(&**node))
        else {
            continue;
        };
        if inside(&address) {
            found.pods += 1;
            probes.extend(probe_of(&pod));
        } else {
            let meta = &pod["metadata"];
            let space = meta["namespace"].as_str().unwrap_or_default();
            let pod = name(&pod).unwrap_or_default();
            found.astray.push(format!("{space}/{pod} on {node} has {address}"));
        }
    }
    reach(&api, &inside, &mut found).await?;
    ask(&api, &probes, &mut found).await;
    Ok(Some(found))
}

/// By EKS's names of the stack's own groups, the pods that fit on one of their nodes.
async fn own_groups(
    world: &impl Connected,
    compiled: &Compiled,
    cluster: &Cluster,
) -> Answer<BTreeMap<String, u64>> {
    let stack = compiled.intent.stack();
    let resources = match world.describe(&stack).await? {
        Some(_) => world.resources(&stack).await?,
        None => Vec::new(),
    };
    let made = resources.iter().filter(|one| one.kind == "AWS::EKS::Nodegroup");
    let group = |id: &str| {
        let own = cluster.node_groups.iter().filter(|group| !group.existing);
        own.into_iter()
            .find(|group| graph::node_group_ids(group, &compiled.plan).iter().any(|one| one == id))
    };
    let fits = made.filter_map(|one| {
        let name = one.physical_id.rsplit(['/', '|']).next()?.to_string();
        Some((name, demand::max_pods(group(&one.id)?, &cluster.aws_node)))
    });
    Ok(fits.collect())
}

/// Whether a node came after the ENIConfig of its zone, which is there before aws-node is told.
fn is_younger(node: &Value, configs: &[Value]) -> bool {
    let made =
        |object: &Value| object["metadata"]["creationTimestamp"].as_str().map(str::to_string);
    let zone = node["metadata"]["labels"][ZONE].as_str();
    let config = configs.iter().find(|one| name(one).is_some() && name(one) == zone);
    let since = config.and_then(made);
    since.is_some_and(|since| made(node).is_some_and(|node| since < node))
}

fn crowded(node: &Value, new: &BTreeMap<&str, Option<u64>>) -> Option<String> {
    let (own, fits) = (name(node)?, new.get(name(node)?).copied().flatten()?);
    let accepts: u64 = node["status"]["allocatable"]["pods"].as_str()?.parse().ok()?;
    (fits < accepts).then(|| format!("{own} accepts {accepts} pods, and {fits} fit"))
}

/// Whether an address is of the tiers that pods move to.
fn within<'c>(compiled: &'c Compiled, cluster: &Cluster) -> impl Fn(&Ipv4Addr) -> bool + use<'c> {
    let tiers: Vec<String> = cluster.pod_tiers().iter().map(ToString::to_string).collect();
    let all = compiled.plan.subnets.iter();
    let cidrs: Vec<_> = all.filter(|one| tiers.contains(&one.tier)).map(|one| one.cidr).collect();
    move |address| cidrs.iter().any(|cidr| cidr.contains(address))
}

/// The aggregator connects to the pods of an API service: those in the new range prove that the control plane has learned it.
async fn reach(
    api: &impl Kubernetes,
    inside: &impl Fn(&Ipv4Addr) -> bool,
    found: &mut Proven,
) -> Answer<()> {
    let slices = api.list(&ENDPOINT_SLICE).await?;
    let behind = |space: &str, service: &str| {
        let own = slices.iter().filter(|slice| {
            let meta = &slice["metadata"];
            meta["namespace"] == space && meta["labels"][SERVICE] == service
        });
        let ends = own.flat_map(|slice| slice["endpoints"].as_array().into_iter().flatten());
        let all = ends.flat_map(|end| end["addresses"].as_array().into_iter().flatten());
        all.filter_map(|own| own.as_str()?.parse::<Ipv4Addr>().ok()).any(|own| inside(&own))
    };
    for service in api.list(&API_SERVICE).await? {
        let of = &service["spec"]["service"];
        let (Some(space), Some(own)) = (of["namespace"].as_str(), of["name"].as_str()) else {
            continue;
        };
        if !behind(space, own) {
            continue;
        }
        let mut states = service["status"]["conditions"].as_array().into_iter().flatten();
        let state = states.find(|one| one["type"] == "Available");
        let name = name(&service).unwrap_or_default();
        match state {
            Some(state) if state["status"] == "True" => found.reached.push(name.to_string()),
            state => {
                let why = state.and_then(|one| one["message"].as_str()).unwrap_or("no state");
                found.unreached.push(format!("{name}: {why}"));
            }
        }
    }
    Ok(())
}

/// The HTTP probe of a pod that is ready: the kubelet sends the same, so that it changes nothing.
fn probe_of(pod: &Value) -> Option<Probe> {
    let mut states = pod["status"]["conditions"].as_array()?.iter();
    states.find(|one| one["type"] == "Ready" && one["status"] == "True")?;
    pod["spec"]["containers"].as_array()?.iter().find_map(|container| {
        let kinds = ["readinessProbe", "livenessProbe"].iter();
        let http = kinds.map(|kind| &container[kind]["httpGet"]).find(|get| get.is_object())?;
        let port = &http["port"];
        let mut ports = container["ports"].as_array().into_iter().flatten();
        let port = port
            .as_u64()
            .or_else(|| ports.find(|one| one["name"] == *port)?["containerPort"].as_u64())?;
        let path = http["path"].as_str().unwrap_or("/").trim_start_matches('/');
        // Nothing that would lead the API server elsewhere.
        let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || b"/-_.~=&?".contains(&letter);
        (!path.contains("..") && path.bytes().all(is_plain)).then_some(())?;
        Some(Probe {
            namespace: pod["metadata"]["namespace"].as_str()?.to_string(),
            pod: name(pod)?.to_string(),
            https: http["scheme"] == "HTTPS",
            port,
            path: format!("/{path}"),
        })
    })
}

/// The API server passes a request on to pods of the new range as it calls webhooks. One that answers is proof enough.
async fn ask(api: &impl Kubernetes, probes: &BTreeSet<Probe>, found: &mut Proven) {
    let mut silent = Vec::new();
    for probe in probes.iter().take(ASKED) {
        let pod = format!("{}/{}", probe.namespace, probe.pod);
        match api.probe(probe).await {
            Ok(Probed::Answers) => {
                found.reached.push(pod);
                return;
            }
            Ok(Probed::Silent(why)) => silent.push(format!("{pod}: {why}")),
            // Whoever may not ask has no proof: the note says so.
            Err(_) => return,
        }
    }
    found.unreached.extend(silent);
}

/// Proves it once the stack's own nodes are there. What is otherwise is a failure: whoever goes on would move pods into trouble.
pub async fn prove<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
) -> Result<(), Failure> {
    let found = match proven(stage.world, deployment.compiled, Whose::Stack).await {
        Ok(None) => return Ok(()),
        Ok(Some(found)) => found,
        Err(refusal) => {
            let what = "whether pods of new nodes have addresses of the new range was not read";
            let (what, why) = (what.to_string(), refusal.to_string());
            stage.tell(Event::Note(Note::Warning { what, why }));
            return Ok(());
        }
    };
    let wrong = [found.astray.as_slice(), &found.crowded].concat();
    if wrong.is_empty() {
        stage.tell(Event::Note(Note::NewNodesProven(found)));
        return Ok(());
    }
    let shown: Vec<&str> = wrong.iter().take(SHOWN).map(String::as_str).collect();
    let more = match wrong.len() {
        count if SHOWN < count => format!("; and {} more", count - SHOWN),
        _ => String::new(),
    };
    let failure = Failure::new("new nodes do not run as the blueprint says: replace no others yet");
    Err(failure.because(format!("{}{more}", shown.join("; "))).hint(
        "see `kubectl get eniconfigs`, and the kubelet's `maxPods` of the group's launch template; the pods of the other nodes are where they were",
    ))
}
