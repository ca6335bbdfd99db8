//! What helps against each obstacle: a resource changes in two steps, or one step waits for another.

use serde_json::{Value, json};

use crate::facts::eks::NODES_ROLL_FOR;
use crate::graph::{AWS_NODE_SETTINGS, VPC_CNI, references};
use crate::render::keys;

use super::draft::{Draft, End, Step};
use crate::preview::{
    Change, ChangeKind, Obstacle, Preview, aws_node, control_plane, kinds_of_update, rights,
};
use crate::template::Template;

/// Types that may be gone for the length of a part; what is on them, or behind them, survives it.
const MAY_GO: &[&str] = &[
    "AWS::EC2::FlowLog",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetCidrReservation",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayRoute",
    "AWS::EC2::TransitGatewayRouteTableAssociation",
    "AWS::EC2::VPCEndpoint",
    "AWS::EKS::AccessEntry",
    "AWS::EKS::FargateProfile",
    "AWS::EKS::PodIdentityAssociation",
    "AWS::CloudWatch::Alarm",
];
/// Types that go with what they lead to.
const GO_ALONG: &[&str] = &[
    "AWS::EC2::Route",
    "AWS::EC2::TransitGatewayRoute",
    "AWS::EC2::TransitGatewayRouteTableAssociation",
];
const AUTO_BLOCKS: &[&str] =
    &["/ComputeConfig", "/StorageConfig", "/KubernetesNetworkConfig/ElasticLoadBalancing"];
const HOMES: &[&str] = &["AWS::EKS::Nodegroup", "AWS::EKS::FargateProfile"];

/// Whether there may be one.
pub fn is_known(obstacle: &Obstacle) -> bool {
    !matches!(obstacle, Obstacle::NodesCutOff { .. } | Obstacle::Protected { .. })
}

/// Tells one remedy from another.
pub fn name(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::KeyHeld { id, key, .. } => format!("key {id} {key}"),
        Obstacle::QuotaPassed { most, .. } => format!("quota {}", most.kind),
        Obstacle::NoNodesBetween { auto } => format!("auto {auto}"),
        Obstacle::TransitTableMoved { id, .. } => format!("table {id}"),
        Obstacle::ZonesExchanged { id, .. } => format!("zones {id}"),
        Obstacle::NodeGroupMixed { group, .. } => format!("mixed {group}"),
        Obstacle::UpgradeBeside { .. } => "upgrade".to_string(),
        Obstacle::RightsEarly { role, .. } => format!("rights {role}"),
        Obstacle::CallersEarly { cluster, .. } => format!("callers {cluster}"),
        Obstacle::ProtectedEarly { cluster } => format!("protection {cluster}"),
        Obstacle::NodesCutOff { group, .. } => format!("cut off {group}"),
        Obstacle::Protected { id } => format!("protected {id}"),
    }
}

/// `level` counts parts from 0.
pub fn apply(
    draft: &mut Draft<'_>,
    obstacle: &Obstacle,
    (level, step): (usize, &Preview),
) -> Option<()> {
    match obstacle {
        Obstacle::UpgradeBeside { cluster, back, .. } => upgrade(draft, cluster, *back),
        Obstacle::NodeGroupMixed { .. } => node_groups(draft, step),
        Obstacle::RightsEarly { role, users, .. } => rights_last(draft, role, users),
        Obstacle::CallersEarly { cluster, .. } => callers_last(draft, cluster),
        Obstacle::ProtectedEarly { cluster } => {
            let new = draft.courses.get(cluster)?.states.last()?.clone()?;
            draft.stop_at(cluster, Some(control_plane::unprotected(&new))).map(|_| ())
        }
        Obstacle::NoNodesBetween { auto: true } => auto_on(draft),
        Obstacle::NoNodesBetween { auto: false } => auto_off(draft),
        Obstacle::TransitTableMoved { id, .. } => away_and_back(draft, id),
        Obstacle::KeyHeld { id, holder, .. } if id == holder => away_and_back(draft, id),
        Obstacle::KeyHeld { id, holder, key, held, .. } => {
            let has = |id: &str, key: &keys::Key, state: &Option<Value>| {
                state.as_ref().is_some_and(|own| keys::of(id, own).contains(key))
            };
            let let_go = turning(draft, holder, |one, next| {
                has(holder, held, one) && !has(holder, held, next)
            })?;
            let taken = turning(draft, id, |one, next| !has(id, key, one) && has(id, key, next))?;
            draft.apart.push((let_go, taken));
            Some(())
        }
        Obstacle::ZonesExchanged { id, zones, .. } => zone_by_zone(draft, id, zones),
        Obstacle::QuotaPassed { late, .. } => {
            for id in late {
                let step = draft.turns(id, true).or_else(|| draft.last(id))?;
                draft.earliest.insert(step, level + 2);
            }
            (!late.is_empty()).then_some(())
        }
        Obstacle::NodesCutOff { .. } | Obstacle::Protected { .. } => None,
    }
}

/// New node groups of a cluster that others made, where its aws-node is to be set up for their nodes first: a node that came earlier would
/// keep the old mode.
pub fn nodes_that_wait(before: &Template, after: &Template) -> Vec<String> {
    let settings = after.resource(AWS_NODE_SETTINGS).is_some();
    let stops = waits_for_cni(before, after) || settings && aws_node::changes_mode(before, after);
    if !stops {
        return Vec::new();
    }
    let is_new = |(id, own): &(&String, &Value)| {
        own["Type"] == "AWS::EKS::Nodegroup" && before.resource(id).is_none()
    };
    after.resources().filter(is_new).map(|(id, _)| id.clone()).collect()
}

/// Whether a cluster is new that gets its CNI from somebody else: until it runs no node is Ready, and EKS gives a node group up that has none.
pub fn waits_for_cni(before: &Template, after: &Template) -> bool {
    let own = |template: &'_ Template| {
        let mut all = template.resources();
        all.find(|(_, own)| own["Type"] == "AWS::EKS::Cluster").map(|(_, own)| own.clone())
    };
    let Some(cluster) = own(after).filter(|_| own(before).is_none()) else { return false };
    let properties = &cluster["Properties"];
    let aws_node = properties["BootstrapSelfManagedAddons"] != false
        || after.resource(VPC_CNI).is_some()
        || !cluster["Metadata"]["AwsNode"].is_null();
    !aws_node && properties["ComputeConfig"]["Enabled"] != true
}

pub fn wait_for_settings(draft: &mut Draft<'_>) {
    let cluster = cluster(draft).filter(|_| waits_for_cni(draft.before, draft.after));
    let set = draft.last(AWS_NODE_SETTINGS).or(cluster.and_then(|id| draft.last(&id)));
    let Some(set) = set else { return };
    let groups = nodes_that_wait(draft.before, draft.after);
    let steps: Vec<Step> = groups.iter().filter_map(|id| draft.last(id)).collect();
    draft.apart.extend(steps.into_iter().map(|step| (set, step)));
}

/// The step between two states of a resource that `is_it`.
fn turning(
    draft: &Draft<'_>,
    id: &str,
    is_it: impl Fn(&Option<Value>, &Option<Value>) -> bool,
) -> Option<Step> {
    let course = draft.courses.get(id)?;
    let at = course.states.windows(2).position(|pair| is_it(&pair[0], &pair[1]))?;
    course.steps.get(at).copied()
}

fn upgrade(draft: &mut Draft<'_>, cluster: &str, back: bool) -> Option<()> {
    let (old, new) = draft.ends(cluster)?;
    let (mut between, version) = match back {
        true => (new.clone(), &old),
        false => (old.clone(), &new),
    };
    between["Properties"]["Version"] = version["Properties"]["Version"].clone();
    let last = draft.last(cluster)?;
    let stop = (between != old && between != new).then(|| draft.stop_at(cluster, Some(between)));
    draft.alone = Some(match (back, stop.flatten()) {
        (true, _) => (last, End::Last),
        (false, stop) => (stop.unwrap_or(last), End::First),
    });
    Some(())
}

/// With the callers of both sides until the routes have changed.
fn callers_last(draft: &mut Draft<'_>, cluster: &str) -> Option<()> {
    let (old, new) = draft.ends(cluster)?;
    let both = control_plane::with_all_callers(&old, &new)?;
    draft.stop_at(cluster, Some(both)).map(|_| ())
}

/// Everything else of the groups first, then all exchanges of nodes together.
fn node_groups(draft: &mut Draft<'_>, step: &Preview) -> Option<()> {
    let rolling: Vec<&Change> = step
        .changes
        .iter()
        .filter(|change| change.kind == "AWS::EKS::Nodegroup")
        .filter(|change| change.change_kind() == ChangeKind::Modify)
        .filter(|change| change.because.iter().any(kinds_of_update::rolls))
        .collect();
    let mut first = Vec::new();
    let mut rolls = Vec::new();
    for change in rolling {
        if !change.because.iter().all(kinds_of_update::rolls) {
            let (old, new) = draft.ends(&change.id)?;
            let mut rest = new;
            for name in NODES_ROLL_FOR {
                as_in(&old, &mut rest, &format!("/{name}"));
            }
            first.push(draft.stop_at(&change.id, Some(rest))?);
        }
        rolls.extend(triggers(draft, change, step, 0));
    }
    let together = *rolls.first()?;
    for roll in &rolls {
        draft.together(together, *roll);
    }
    draft.apart.extend(first.into_iter().map(|rest| (rest, together)));
    Some(())
}

/// Nodes of another version come after what else changes of the cluster.
pub fn nodes_after_cluster(draft: &mut Draft<'_>, whole: &Preview) {
    let Some(edited) = cluster(draft).and_then(|id| draft.last(&id)) else { return };
    for group in kinds_of_update::beside_cluster(&whole.changes) {
        let steps = triggers(draft, group, whole, 0);
        draft.apart.extend(steps.into_iter().map(|step| (edited, step)));
    }
}

/// The steps that make a change: its own, and of a property that follows, those of what it follows.
fn triggers(draft: &Draft<'_>, change: &Change, step: &Preview, depth: usize) -> Vec<Step> {
    let mut found: Vec<Step> = draft.last(&change.id).into_iter().collect();
    let wanted = |one: &&crate::preview::PropertyChange| 0 < depth || kinds_of_update::rolls(one);
    let causes = change.because.iter().filter(wanted).filter_map(|one| one.cause.as_deref());
    for cause in causes.filter_map(|id| step.change(id)) {
        if depth < 8 {
            found.extend(triggers(draft, cause, step, depth + 1));
        }
    }
    found
}

/// A property of `other` as it is in `one`.
fn as_in(one: &Value, other: &mut Value, path: &str) {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let value = one["Properties"].pointer(path).cloned();
    let Some(map) = other["Properties"].pointer_mut(parent).and_then(Value::as_object_mut) else {
        return;
    };
    match value {
        Some(value) => _ = map.insert(name.to_string(), value),
        None => _ = map.remove(name),
    }
}

fn rights_last(draft: &mut Draft<'_>, role: &str, users: &[String]) -> Option<()> {
    let (old, new) = draft.ends(role)?;
    let both = rights::both(&old, &new);
    if both != old {
        draft.stop_at(role, Some(both))?;
    }
    let last = draft.last(role)?;
    let steps: Vec<Step> = users
        .iter()
        .filter_map(|id| draft.courses.get(id))
        .flat_map(|course| course.steps.clone())
        .collect();
    draft.apart.extend(steps.iter().map(|step| (*step, last)));
    (!steps.is_empty()).then_some(())
}

/// The ids of courses of some types that begin (`comes`) or end.
fn passing(draft: &Draft<'_>, kinds: &[&str], comes: bool) -> Vec<String> {
    let one = |(id, course): (&String, &super::draft::Course)| {
        let (first, last) = (course.states.first()?.as_ref(), course.states.last()?.as_ref());
        let (there, other) = if comes { (last, first) } else { (first, last) };
        let kind = there?["Type"].as_str().unwrap_or_default();
        let wanted = kinds.is_empty() || kinds.contains(&kind);
        (wanted && other.is_none()).then(|| id.clone())
    };
    draft.courses.iter().filter_map(one).collect()
}

fn cluster(draft: &Draft<'_>) -> Option<String> {
    let mut all = draft.after.resources();
    all.find(|(_, own)| own["Type"] == "AWS::EKS::Cluster").map(|(id, _)| id.clone())
}

/// Node groups first, then Auto Mode off, and nothing goes before that.
fn auto_off(draft: &mut Draft<'_>) -> Option<()> {
    let cluster = cluster(draft)?;
    let (old, new) = draft.ends(&cluster)?;
    let mut on = new.clone();
    AUTO_BLOCKS.iter().for_each(|path| as_in(&old, &mut on, path));
    if on != old {
        draft.stop_at(&cluster, Some(on))?;
    }
    let off = draft.last(&cluster)?;
    let homes = passing(draft, HOMES, true);
    let come: Vec<Step> = homes.iter().filter_map(|id| draft.turns(id, true)).collect();
    draft.apart.extend(come.iter().map(|step| (*step, off)));
    let gone = passing(draft, &[], false);
    let gone: Vec<Step> = gone.iter().filter_map(|id| draft.turns(id, false)).collect();
    draft.not_after.extend(gone.into_iter().map(|step| (off, step)));
    (!come.is_empty()).then_some(())
}

/// Auto Mode first, then the node groups away. CoreDNS goes after the nodes whose pods it serves, and not before as it came.
fn auto_on(draft: &mut Draft<'_>) -> Option<()> {
    let on = draft.last(&cluster(draft)?)?;
    let homes = passing(draft, HOMES, false);
    for id in &homes {
        let gone = draft.turns(id, false)?;
        draft.apart.push((on, gone));
    }
    let waits =
        |own: &Value| -> Vec<Value> { own["DependsOn"].as_array().cloned().unwrap_or_default() };
    let mut served = Vec::new();
    for id in passing(draft, &["AWS::EKS::Addon"], false) {
        let mut own = draft.before.resource(&id)?.clone();
        let (on_homes, others): (Vec<Value>, Vec<Value>) =
            waits(&own).into_iter().partition(|one| homes.iter().any(|home| one == home.as_str()));
        let refers = references(&own["Properties"]).iter().any(|id| homes.contains(id));
        if !on_homes.is_empty() && !refers {
            own["DependsOn"] = json!(others);
            let step = draft.stop_at(&id, Some(own))?;
            draft.together(step, on);
            served.push(id);
        }
    }
    for id in homes.iter().filter(|_| !served.is_empty()) {
        let mut own = draft.before.resource(id)?.clone();
        let mut all = waits(&own);
        all.extend(served.iter().map(|id| json!(id)));
        own["DependsOn"] = json!(all);
        let step = draft.stop_at(id, Some(own))?;
        draft.together(step, on);
    }
    Some(())
}

/// Gone for a part, with what leads to it.
fn away_and_back(draft: &mut Draft<'_>, id: &str) -> Option<()> {
    let (old, _) = draft.ends(id)?;
    let kind = |own: &Value, kinds: &[&str]| kinds.iter().any(|name| own["Type"] == *name);
    if !kind(&old, MAY_GO) {
        return None;
    }
    let gone = draft.stop_at(id, None)?;
    let along: Vec<String> = draft
        .after
        .resources()
        .filter(|(_, own)| kind(own, GO_ALONG) && references(own).contains(id))
        .filter(|(other, _)| {
            draft.before.resource(other).is_some_and(|own| references(own).contains(id))
        })
        .map(|(other, _)| other.clone())
        .collect();
    for other in along {
        if !draft.courses.contains_key(&other) {
            draft.hold(&other);
        }
        let step = draft.stop_at(&other, None)?;
        draft.together(step, gone);
    }
    Some(())
}

/// Where one zone keeps its subnet, the others exchange theirs around it; else one zone is exchanged last.
fn zone_by_zone(draft: &mut Draft<'_>, id: &str, zones: &[String]) -> Option<()> {
    let (old, new) = draft.ends(id)?;
    let list = |own: &Value| own["Properties"]["SubnetIds"].as_array().cloned().unwrap_or_default();
    let zone = |subnet: &Value, draft: &Draft<'_>| -> Option<String> {
        let id = subnet["Ref"].as_str()?;
        let own = draft.before.resource(id).or(draft.after.resource(id))?;
        let own = &own["Properties"];
        let name = own["AvailabilityZone"].as_str().or(own["AvailabilityZoneId"].as_str())?;
        Some(name.to_string())
    };
    let within = |list: Vec<Value>, wanted: &dyn Fn(&str) -> bool| -> Vec<Value> {
        let kept =
            list.into_iter().filter(|one| zone(one, draft).is_some_and(|name| wanted(&name)));
        kept.collect()
    };
    let exchanged = |name: &str| zones.iter().any(|zone| zone == name);
    let stays = within(list(&old), &|name| !exchanged(name));
    let with = |own: &Value, subnets: Vec<Value>| {
        let mut own = own.clone();
        own["Properties"]["SubnetIds"] = json!(subnets);
        Some(own)
    };
    let comes = within(list(&new), &|name| !exchanged(name));
    if let Some(one) = [stays, comes].into_iter().find(|subnets| !subnets.is_empty()) {
        return draft.stop_at(id, with(&new, one)).map(|_| ());
    }
    let last = zones.last().filter(|_| 1 < zones.len())?;
    let one = within(list(&old), &|name| name == last);
    let others = within(list(&new), &|name| name != last);
    let (one, others) = (with(&new, one), with(&new, others));
    draft.stop_at(id, one)?;
    draft.stop_at(id, others)?;
    Some(())
}
