//! What a change of aws-node's settings means for nodes that run, and which orders strand their pods.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::{self, Effect};
use crate::facts::kinds::{self, Replacement};
use crate::facts::subnets::DISCOVERY_TAG;
use crate::graph::{AWS_NODE_IDENTITY, AWS_NODE_SETTINGS, VPC_CNI as ADDON, references};
use crate::template::Template;

use super::named::Names;
use super::notice::Effects;
use super::{Action, Change, ChangeKind, PropertyChange};
use crate::rules::{CN_06, CN_12, PD_03, SELF_03, SELF_05, SELF_06};

/// Where the settings stand: of the add-on, and of a self-managed aws-node.
const VALUES: &str = "ConfigurationValues";
pub(super) const KEPT: &str = "Metadata/AwsNode";

/// The settings of aws-node in a template, whoever manages it.
fn settings(template: &Template) -> Value {
    let addon = template.resource(ADDON).map(|addon| addon["Properties"][VALUES].clone());
    let kept = |id: &str| template.resource(id).map(|one| one["Metadata"]["AwsNode"].clone());
    addon.or_else(|| kept("Cluster")).or_else(|| kept(AWS_NODE_SETTINGS)).unwrap_or_default()
}

/// The variables that a deployed template gives to aws-node, as `review` names them.
pub fn variables(template: &Template) -> BTreeMap<String, String> {
    let values = super::properties::inside(&settings(template)).unwrap_or_default();
    let of = |map: &Value, prefix: &str| -> Vec<(String, String)> {
        let entries = map.as_object().into_iter().flatten();
        entries
            .filter_map(|(name, value)| {
                Some((format!("{prefix}{name}"), value.as_str()?.to_string()))
            })
            .collect()
    };
    of(&values["env"], "").into_iter().chain(of(&values["init"]["env"], "init ")).collect()
}

/// Whether settings changed here, and not the add-on's version or a property of the cluster.
fn of_settings(change: &Change, because: &PropertyChange) -> bool {
    // Where they stand as a whole is not what they say: `switched` compares the two places.
    let moved = because.property == KEPT && (because.before.is_none() || because.after.is_none());
    !moved && (change.id == ADDON || because.property.starts_with(KEPT))
}

/// Whether settings change that only new nodes get.
pub fn changes_mode(before: &Template, after: &Template) -> bool {
    let values = |template| {
        super::properties::inside(&settings(template)).unwrap_or_else(|| serde_json::json!({}))
    };
    let found = super::properties::differences(&values(before), &values(after));
    let named = found
        .into_iter()
        .map(|one| PropertyChange { property: format!("{VALUES}/{}", one.property), ..one });
    named.into_iter().any(|one| effect(&one).1 == Effect::NewNodes)
}

/// Whether running nodes keep what they have.
pub fn for_new_nodes(change: &Change) -> bool {
    effects(change).contains_key(&Effect::NewNodes)
}

/// Of settings that a change touches; nothing for a change of something else than aws-node.
pub fn effects(change: &Change) -> Effects {
    let mut found = Effects::new();
    if change.action != Action::Modify {
        return found;
    }
    if change
        .because
        .iter()
        .any(|because| because.property == format!("Labels/{}", aws_node::ENI_CONFIG_GROUP_LABEL))
    {
        found.entry(Effect::NewInterfaces).or_default().insert("podTier".to_string());
    }
    let settings = change.because.iter().filter(|because| of_settings(change, because));
    for because in settings.filter(|because| !kinds::is_tag(&because.property)) {
        let (setting, effect) = effect(because);
        found.entry(effect).or_default().insert(setting);
    }
    found
}

fn effect(because: &PropertyChange) -> (String, Effect) {
    let Some(place) =
        because.property.strip_prefix(VALUES).or_else(|| because.property.strip_prefix(KEPT))
    else {
        return (because.property.clone(), Effect::AtOnce);
    };
    let parts: Vec<&str> = place.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        // The pods' subnets are others, though the text is the same.
        [] => ("eniConfig".to_string(), Effect::NewNodes),
        ["env", name] | ["init", "env", name] => (
            name.to_string(),
            aws_node::find(name).map_or(Effect::AtOnce, |setting| setting.effect),
        ),
        ["eniConfig", .., "securityGroups"] => {
            ("eniConfig.securityGroups".to_string(), Effect::NewInterfaces)
        }
        // A further subnet is nobody's yet; another one under the same name is for what is attached from then on.
        ["eniConfig", "subnets", _] if because.before.is_none() => {
            ("eniConfig".to_string(), Effect::AtOnce)
        }
        ["eniConfig", "subnets", _, "id"] => ("eniConfig".to_string(), Effect::NewInterfaces),
        ["eniConfig", ..] => ("eniConfig".to_string(), Effect::NewNodes),
        [first, ..] => (first.to_string(), Effect::AtOnce),
    }
}

/// Node groups whose nodes are the same before and after: EKS neither makes them anew nor rolls them.
pub fn staying(changes: &[Change], before: &Template, after: &Template) -> Vec<String> {
    let group = |template: &Template, id: &str| {
        template.resource(id).is_some_and(|resource| resource["Type"] == "AWS::EKS::Nodegroup")
    };
    let both =
        before.resources().map(|(id, _)| id).filter(|id| group(before, id) && group(after, id));
    both.filter(|id| !changes.iter().any(|change| change.id == **id && change.rolls_nodes()))
        .cloned()
        .collect()
}

/// The change of settings where aws-node goes from the add-on to its own management, or back: no single resource shows it.
pub fn switched(before: &Template, after: &Template) -> Option<Change> {
    let by_addon = |template: &Template| template.resource(ADDON).is_some();
    let (old, new) = (
        super::properties::inside(&settings(before))?,
        super::properties::inside(&settings(after))?,
    );
    if by_addon(before) == by_addon(after) {
        return None;
    }
    let found = super::properties::differences(&old, &new).into_iter();
    let because = found
        .map(|one| PropertyChange { property: format!("{VALUES}/{}", one.property), ..one })
        .collect();
    let change = Change {
        id: ADDON.into(),
        kind: "AWS::EKS::Addon".into(),
        action: Action::Modify,
        replacement: Replacement::Never,
        because,
        impact: super::Notice::default(),
        path: String::new(),
    };
    Some(change)
}

/// Orders that leave running pods without addresses (rules CN-06, CN-12, PD-03, SELF-03, SELF-05, SELF-06).
pub fn stranded(changes: &[Change], before: &Template, after: &Template) -> Vec<Diagnostic> {
    let whole = [
        unnamed(before, after),
        gone_with_the_addon(before, after),
        two_associations(before, after),
        left_behind(before, after),
    ];
    let gone = |id: &String| {
        changes.iter().any(|change| {
            change.id == *id
                && matches!(change.change_kind(), ChangeKind::Remove | ChangeKind::Replace)
        })
    };
    let subnets: Vec<String> = pod_subnets(before).into_iter().filter(gone).collect();
    // CloudFormation removes the subnets' routes at once, while nodes that go in the same deployment still drain.
    let names = Names { after, before };
    let groups = names.all(&node_groups(before));
    let others = before.resource(AWS_NODE_SETTINGS).map(|_| "the cluster's own nodes".to_string());
    let running: Vec<String> =
        Some(groups).filter(|groups| !groups.is_empty()).into_iter().chain(others).collect();
    let used = (!subnets.is_empty() && !running.is_empty()).then(|| {
        let message = format!("{} would be deleted while pods on {} have their addresses there", names.tiers(&subnets), running.join(", "));
        CN_06.at("awsNode", message)
            .hint("deploy the new pod tier beside the old one first, replace the nodes, and remove the old tier in a later deployment")
    });
    whole.into_iter().flatten().chain(used).chain(shrunk(changes, before, after)).collect()
}

/// Nodes that EKS replaces because fewer pods fit without prefixes: until then the old ones take as many as before. Groups whose max pods
/// stay keep their prefixes, and get single addresses beside them (rule PD-03).
fn shrunk(changes: &[Change], before: &Template, after: &Template) -> Option<Diagnostic> {
    let prefixes = |template: &Template| {
        super::properties::inside(&settings(template))
            .is_some_and(|values| values["env"]["ENABLE_PREFIX_DELEGATION"] == "true")
    };
    let taken = prefixes(before) && !prefixes(after) && !settings(after).is_null();
    let (old, staying) = (node_groups(before), staying(changes, before, after));
    let rolled: Vec<String> = node_groups(after)
        .into_iter()
        .filter(|id| taken && old.contains(id) && !staying.contains(id))
        .collect();
    (!rolled.is_empty()).then(|| {
        let message = format!(
            "while EKS replaces the nodes of {}, the old ones accept as many pods as prefixes have room for, and get no further prefix",
            Names { after, before }.all(&rolled)
        );
        PD_03.at("awsNode.prefixDelegation", message)
            .hint("replace them by new node groups in the same deployment: use other names")
    })
}

/// Subnets made for pods: those of ENIConfigs, or those that aws-node finds by their tag.
fn pod_subnets(template: &Template) -> Vec<String> {
    let configured = references(&settings(template));
    if !configured.is_empty() {
        return configured.into_iter().collect();
    }
    let tagged = |resource: &Value| {
        let tags = resource["Properties"]["Tags"].as_array().into_iter().flatten();
        tags.filter(|tag| tag["Key"] == DISCOVERY_TAG).any(|tag| tag["Value"] != "0")
    };
    let subnets = template
        .resources()
        .filter(|(_, resource)| resource["Type"] == "AWS::EC2::Subnet" && tagged(resource));
    subnets.map(|(id, _)| id.clone()).collect()
}

fn node_groups(template: &Template) -> Vec<String> {
    template
        .resources()
        .filter(|(_, resource)| resource["Type"] == "AWS::EKS::Nodegroup")
        .map(|(id, _)| id.clone())
        .collect()
}

/// Nodes whose aws-node would go with the add-on, where nothing said to keep it (rule SELF-03).
fn gone_with_the_addon(before: &Template, after: &Template) -> Option<Diagnostic> {
    let addon = before.resource(ADDON).filter(|_| after.resource(ADDON).is_none())?;
    let stays = addon["Properties"]["PreserveOnDelete"] == true;
    let nodes = node_groups(after);
    (!stays && !settings(after).is_null() && !nodes.is_empty()).then(|| {
        let message = format!("aws-node would be deleted with the add-on, and {} would have no network for new pods", Names { after, before }.all(&nodes));
        SELF_03.at("awsNode.management", message)
            .hint("deploy once with `management: addon`, which has EKS keep the software, and then with `selfManaged`")
    })
}

/// EKS keeps one association for a service account, and CloudFormation makes the new one before the old one goes (rule SELF-05).
fn two_associations(before: &Template, after: &Template) -> Option<Diagnostic> {
    let of_addon = |template: &Template| {
        let associations = template
            .resource(ADDON)
            .and_then(|addon| addon["Properties"]["PodIdentityAssociations"].as_array());
        associations.is_some_and(|associations| !associations.is_empty())
    };
    let own = |template: &Template| template.resource(AWS_NODE_IDENTITY).is_some();
    let clash = of_addon(before) && own(after) || own(before) && of_addon(after);
    clash.then(|| {
        let message = "aws-node's role is associated with its service account already, and EKS accepts no second association beside it";
        SELF_05.at("awsNode.management", message)
            .hint("deploy `role: irsa` first, then the other `management`; `role: podIdentity` can be set again after that")
    })
}

/// An aws-node that nobody manages any more runs on beside the other CNI (rule SELF-06).
fn left_behind(before: &Template, after: &Template) -> Option<Diagnostic> {
    let left =
        !settings(before).is_null() && settings(after).is_null() && !node_groups(after).is_empty();
    left.then(|| {
        let message = "aws-node stays in the cluster, without its role: it would configure nodes beside the other CNI";
        SELF_06.at("awsNode.management", message).hint(
            "delete it when the other CNI runs (`kubectl -n kube-system delete daemonset aws-node`), and replace the nodes, one group after the other",
        )
    })
}

/// Running nodes whose label names no ENIConfig that is there: aws-node restarts on them, finds none, and the node is not ready, however soon
/// it is to be replaced (rule CN-12).
fn unnamed(before: &Template, after: &Template) -> Option<Diagnostic> {
    let values =
        |template: &Template| super::properties::inside(&settings(template)).unwrap_or_default();
    let (old, new) = (values(before), values(after));
    // What is read now, where anything is.
    let label_of = |values: &Value| {
        let on = values["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] == "true";
        values["env"]["ENI_CONFIG_LABEL_DEF"]
            .as_str()
            .filter(|_| on)
            .unwrap_or_default()
            .to_string()
    };
    let read = Some(label_of(&new))
        .filter(|label| label == aws_node::ENI_CONFIG_GROUP_LABEL && *label != label_of(&old))?;
    let named = |group: &Value| {
        let name = group["Properties"]["Labels"].get(&read).and_then(Value::as_str);
        name.is_some_and(|name| new["eniConfig"]["subnets"].get(name).is_some())
    };
    let bare: Vec<String> = before
        .resources()
        .filter(|(_, resource)| resource["Type"] == "AWS::EKS::Nodegroup" && !named(resource))
        .map(|(id, _)| id.clone())
        .collect();
    (!bare.is_empty()).then(|| {
        let message = format!("nodes of {} have no label `{read}` that names their ENIConfig: aws-node would restart on them and find none", Names { after, before }.all(&bare));
        let hint = "deploy `awsNode: { customNetworking: { labelGroups: true } }` without a `podTier` first: it replaces the nodes by labeled ones";
        CN_12.at("awsNode.customNetworking", message).hint(hint)
    })
}
