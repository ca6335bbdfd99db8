//! What a change of aws-node's settings means for nodes that run, and which orders strand their pods.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::facts::cni::{self, Effect};
use crate::graph::{VPC_CNI as ADDON, references};
use crate::render::Template;

use super::{Action, Because, Change, Sort};

/// Where the settings stand: of the add-on, and of a self-managed aws-node.
const VALUES: &str = "ConfigurationValues";
const KEPT: &str = "Metadata/AwsNode";

/// The settings of aws-node in a template, whoever manages it.
fn settings(template: &Template) -> Value {
    let addon = template.resource(ADDON).map(|addon| addon["Properties"][VALUES].clone());
    addon.or_else(|| template.resource("Cluster").map(|cluster| cluster["Metadata"]["AwsNode"].clone())).unwrap_or_default()
}

/// Whether settings changed here, and not the add-on's version or a property of the cluster.
fn of_settings(change: &Change, because: &Because) -> bool {
    change.id == ADDON || because.property.starts_with(KEPT)
}

fn words(effect: Effect) -> &'static str {
    match effect {
        Effect::AtOnce => "takes effect at once, as aws-node restarts on one node after the other",
        Effect::NewPods => "for pods that start afterwards: restart the others when it suits",
        Effect::NewInterfaces => "for interfaces attached afterwards: those that nodes have stay as they are",
        Effect::NewNodes => "running nodes keep the old mode: replace the node groups after this, one after the other",
    }
}

/// In words, setting by setting; nothing for a change of something else than vpc-cni.
pub fn impact(change: &Change) -> Option<String> {
    let found = effects(change);
    let one = |(effect, settings): (Effect, BTreeSet<String>)| format!("{}: {}", settings.into_iter().collect::<Vec<_>>().join(", "), words(effect));
    (!found.is_empty()).then(|| found.into_iter().map(one).collect::<Vec<_>>().join("; "))
}

/// Whether running nodes keep what they have.
pub fn for_new_nodes(change: &Change) -> bool {
    effects(change).contains_key(&Effect::NewNodes)
}

fn effects(change: &Change) -> BTreeMap<Effect, BTreeSet<String>> {
    let mut found: BTreeMap<Effect, BTreeSet<String>> = BTreeMap::new();
    for because in change.because.iter().filter(|because| change.action == Action::Modify && of_settings(change, because)) {
        let (setting, effect) = effect(because);
        found.entry(effect).or_default().insert(setting);
    }
    found
}

fn effect(because: &Because) -> (String, Effect) {
    let Some(place) = because.property.strip_prefix(VALUES).or_else(|| because.property.strip_prefix(KEPT)) else {
        return (because.property.clone(), Effect::AtOnce);
    };
    let parts: Vec<&str> = place.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        // The pods' subnets are others, though the text is the same.
        [] => ("eniConfig".to_string(), Effect::NewNodes),
        ["env", name] | ["init", "env", name] => (name.to_string(), cni::find(name).map_or(Effect::AtOnce, |setting| setting.effect)),
        ["eniConfig", .., "securityGroups"] => ("eniConfig.securityGroups".to_string(), Effect::NewInterfaces),
        ["eniConfig", ..] => ("eniConfig".to_string(), Effect::NewNodes),
        [first, ..] => (first.to_string(), Effect::AtOnce),
    }
}

/// Node groups whose nodes are the same before and after: EKS neither makes them anew nor rolls them.
pub fn staying(changes: &[Change], before: &Template, after: &Template) -> Vec<String> {
    let group = |template: &Template, id: &str| template.resource(id).is_some_and(|resource| resource["Type"] == "AWS::EKS::Nodegroup");
    let both = before.resources().map(|(id, _)| id).filter(|id| group(before, id) && group(after, id));
    both.filter(|id| !changes.iter().any(|change| change.id == **id && change.rolls_nodes())).cloned().collect()
}

/// Orders that leave running pods without addresses (rules CN-06, PD-03).
pub fn stranded(changes: &[Change], before: &Template, after: &Template) -> Vec<Diagnostic> {
    let unnamed = unnamed(before, after);
    let staying = staying(changes, before, after);
    if staying.is_empty() {
        return unnamed.into_iter().collect();
    }
    let nodes = staying.join(", ");
    let gone = |id: &String| changes.iter().any(|change| change.id == *id && matches!(change.sort(), Sort::Remove | Sort::Replace));
    let subnets: Vec<String> = references(&settings(before)).into_iter().filter(gone).collect();
    let used = (!subnets.is_empty()).then(|| {
        let message = format!("{} would go while pods on {nodes} have their addresses there", subnets.join(", "));
        Diagnostic::error("CN-06", "awsNode.customNetworking", message)
            .hint("deploy the new pod tier beside the old one first, exchange the nodes, and take the old tier away in a later deployment")
    });
    let prefixes =
        |template: &Template| super::properties::inside(&settings(template)).is_some_and(|values| values["env"]["ENABLE_PREFIX_DELEGATION"] == "true");
    let taken = (prefixes(before) && !prefixes(after) && !settings(after).is_null()).then(|| {
        let message = format!("{nodes} took as many pods as prefixes have room for, and get no prefix any more: new pods would wait for addresses for ever");
        Diagnostic::error("PD-03", "awsNode.prefixDelegation", message)
            .hint("let new node groups take their place in the same deployment: give them other names")
    });
    unnamed.into_iter().chain(used).chain(taken).chain(gone_with_the_addon(before, after, &nodes)).collect()
}

/// Nodes whose aws-node would go with the add-on, where nothing said to keep it (rule SELF-03).
fn gone_with_the_addon(before: &Template, after: &Template, nodes: &str) -> Option<Diagnostic> {
    let addon = before.resource(ADDON).filter(|_| after.resource(ADDON).is_none())?;
    let stays = addon["Properties"]["PreserveOnDelete"] == true;
    (!stays && !settings(after).is_null()).then(|| {
        let message = format!("aws-node would go with the add-on, and {nodes} would have no network for new pods");
        Diagnostic::error("SELF-03", "awsNode.management", message)
            .hint("deploy once with `management: addon`, which has EKS keep the software, and then with `selfManaged`")
    })
}

/// Running nodes without the label that is about to be read: aws-node restarts there, finds no ENIConfig, and the node is not ready, however
/// soon it is to be replaced (rule CN-12).
fn unnamed(before: &Template, after: &Template) -> Option<Diagnostic> {
    let values = |template: &Template| super::properties::inside(&settings(template)).unwrap_or_default();
    let label = |values: &Value| values["env"]["ENI_CONFIG_LABEL_DEF"].as_str().map(str::to_string);
    let (old, new) = (values(before), label(&values(after))?);
    let custom = old["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] == "true";
    let bare = |group: &Value| group["Properties"]["Labels"].get(cni::ENI_CONFIG_GROUP_LABEL).is_none();
    let mut groups = before.resources().filter(|(_, resource)| resource["Type"] == "AWS::EKS::Nodegroup" && bare(resource));
    let (id, _) = groups.next().filter(|_| custom && new == cni::ENI_CONFIG_GROUP_LABEL && label(&old).as_ref() != Some(&new))?;
    let message = format!("nodes of {id} have no label `{new}` yet: aws-node would restart on them and find no ENIConfig");
    let hint = "deploy `awsNode: { customNetworking: { labelGroups: true } }` without a `podTier` first: it exchanges the nodes for labelled ones";
    Some(Diagnostic::error("CN-12", "awsNode.customNetworking", message).hint(hint))
}
